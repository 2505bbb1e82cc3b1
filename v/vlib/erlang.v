// Module erlang: terms, processes and OTP from V. docs/v_on_beam.md describes how V's types travel.

// Any Erlang term. V cannot look into one but by asking for a type: `erlang.decode[T](term)`.
@[erlang_term: 'any']
pub struct erlang.Term {}

@[erlang_term: 'pid']
pub struct erlang.Pid {}

@[erlang_term: 'reference']
pub struct erlang.Ref {}

@[erlang_term: 'atom']
pub struct erlang.Atom {}

@[erlang: 'v_term:shown']
pub fn (t erlang.Term) str() string

@[erlang: 'v_term:shown']
pub fn (p erlang.Pid) str() string

@[erlang: 'v_term:shown']
pub fn (r erlang.Ref) str() string

@[erlang: 'erlang:atom_to_binary']
pub fn (a erlang.Atom) str() string

@[erlang: 'erlang:=:=']
pub fn (a erlang.Term) == (b erlang.Term) bool

@[erlang: 'erlang:=:=']
pub fn (a erlang.Pid) == (b erlang.Pid) bool

@[erlang: 'erlang:=:=']
pub fn (a erlang.Ref) == (b erlang.Ref) bool

@[erlang: 'erlang:=:=']
pub fn (a erlang.Atom) == (b erlang.Atom) bool

// --- terms and values --------------------------------------------------------------------------

// The term of a value.
@[erlang]
pub fn erlang.term[T](value T) erlang.Term

// The value of a term, or an error that says what does not fit.
@[erlang]
pub fn erlang.decode[T](term erlang.Term) !T

@[erlang: 'erlang:binary_to_atom']
pub fn erlang.atom(name string) erlang.Atom

// A tuple of terms of any types.
@[erlang: 'erlang:list_to_tuple']
pub fn erlang.tuple(elements []erlang.Term) erlang.Term

// The elements of a tuple.
@[erlang: 'erlang:tuple_to_list']
pub fn (t erlang.Term) elements() ![]erlang.Term

// Text from what Erlang calls chardata: binaries and lists of characters, however nested.
@[erlang: 'unicode:characters_to_binary']
pub fn (t erlang.Term) text() !string

@[erlang: 'erlang:binary_to_term']
pub fn erlang.from_external(bytes string) !erlang.Term

@[erlang: 'erlang:term_to_binary']
pub fn (t erlang.Term) external() string

// --- calls -------------------------------------------------------------------------------------

// Calls a function that is known only at run time; `error` and exceptions of all kinds are errors.
@[erlang: 'erlang:apply']
pub fn erlang.apply(mod erlang.Atom, function erlang.Atom, args []erlang.Term) !erlang.Term

// The same with names as text.
pub fn erlang.call(mod string, function string, args []erlang.Term) !erlang.Term {
	return erlang.apply(erlang.atom(mod), erlang.atom(function), args)
}

// --- processes ---------------------------------------------------------------------------------

@[erlang: 'erlang:self']
pub fn erlang.self() erlang.Pid

@[erlang: 'erlang:send']
pub fn erlang.send[T](to erlang.Pid, message T)

// To a registered process; an error when there is none.
@[erlang: 'erlang:send']
pub fn erlang.send_named[T](to erlang.Atom, message T) !

// Waits for the first message that looks like a T; others stay in the mailbox.
@[erlang_receive]
pub fn erlang.receive[T]() !T

// The same for so many milliseconds; after them the error is `timeout`.
@[erlang_receive]
pub fn erlang.receive_for[T](milliseconds i64) !T

@[erlang: 'erlang:spawn']
pub fn erlang.spawn(f fn ()) erlang.Pid

@[erlang: 'erlang:spawn_link']
pub fn erlang.spawn_link(f fn ()) erlang.Pid

@[erlang: 'erlang:spawn_monitor']
pub fn erlang.spawn_monitor(f fn ()) (erlang.Pid, erlang.Ref)

@[erlang: 'erlang:link']
pub fn erlang.link(pid erlang.Pid)

@[erlang: 'erlang:unlink']
pub fn erlang.unlink(pid erlang.Pid)

// What a monitor sends when its process has ended.
@[record: 'DOWN']
pub struct erlang.Down {
pub:
	monitor erlang.Ref
	kind    erlang.Atom
	process erlang.Term
	reason  erlang.Term
}

// What a link sends to a process that traps exits.
@[record: 'EXIT']
pub struct erlang.Exit {
pub:
	process erlang.Pid
	reason  erlang.Term
}

@[erlang: 'erlang:monitor']
fn erlang.monitor_kind(kind erlang.Atom, process erlang.Pid) erlang.Ref

pub fn erlang.monitor(process erlang.Pid) erlang.Ref {
	return erlang.monitor_kind(erlang.atom('process'), process)
}

@[erlang: 'erlang:demonitor']
fn erlang.demonitor_with(monitor erlang.Ref, options []erlang.Atom) bool

// Ends a monitor, and forgets what it has sent.
pub fn erlang.demonitor(monitor erlang.Ref) {
	erlang.demonitor_with(monitor, [erlang.atom('flush')])
}

@[erlang: 'erlang:process_flag']
fn erlang.process_flag(flag erlang.Atom, value bool) erlang.Term

// Whether exits of linked processes come as messages (`erlang.Exit`).
pub fn erlang.trap_exit(on bool) {
	erlang.process_flag(erlang.atom('trap_exit'), on)
}

@[erlang: 'erlang:exit']
pub fn erlang.exit_process[T](process erlang.Pid, reason T)

@[erlang: 'erlang:is_process_alive']
pub fn (p erlang.Pid) is_alive() bool

@[erlang: 'erlang:register']
pub fn erlang.register(name erlang.Atom, process erlang.Pid) !

@[erlang: 'erlang:unregister']
pub fn erlang.unregister(name erlang.Atom) !

@[erlang: 'erlang:whereis']
pub fn erlang.whereis(name erlang.Atom) ?erlang.Pid

@[erlang: 'erlang:make_ref']
pub fn erlang.make_ref() erlang.Ref

// --- servers -----------------------------------------------------------------------------------

// Who a call comes from.
@[erlang_term: 'any']
pub struct erlang.From {}

// Answers a call whose handler has not.
@[erlang: 'gen_server:reply']
pub fn erlang.reply[T](to erlang.From, answer T)

// Asks a server by its name; its exits and a timeout are errors.
@[erlang: 'gen_server:call']
pub fn erlang.ask[T, R](server erlang.Atom, request T) !R

@[erlang: 'gen_server:call']
pub fn erlang.ask_for[T, R](server erlang.Atom, request T, milliseconds int) !R

@[erlang: 'gen_server:cast']
pub fn erlang.cast[T](server erlang.Atom, message T)

// What the handler that runs decides about its server: to end after it …
@[erlang: 'v_server:stop']
pub fn erlang.stop(reason erlang.Term)

// … or to get the message `timeout` when nothing else has come for so long.
@[erlang: 'v_server:timeout']
pub fn erlang.timeout(milliseconds int)

// --- supervision -------------------------------------------------------------------------------

pub enum erlang.Restart {
	permanent
	transient
	temporary
}

pub enum erlang.ChildKind {
	worker
	supervisor
}

@[tuple]
pub struct erlang.Mfa {
pub:
	mod      erlang.Atom
	function erlang.Atom
	args     []erlang.Term
}

pub struct erlang.ChildSpec {
pub:
	id       erlang.Atom
	start    erlang.Mfa
	restart  erlang.Restart
	shutdown ?int
	kind     erlang.ChildKind @[erlang: 'type']
}

pub enum erlang.Strategy {
	one_for_one
	one_for_all
	rest_for_one
	simple_one_for_one
}

pub struct erlang.SupFlags {
pub:
	strategy  erlang.Strategy
	intensity int = 1
	period    int = 5
}

// Starts a supervisor that is linked to the caller.
@[erlang: 'vbeam_v_supervisor:start_link']
pub fn erlang.start_supervisor(flags erlang.SupFlags, children []erlang.ChildSpec) !erlang.Pid

@[erlang: 'vbeam_v_supervisor:start_link']
pub fn erlang.start_named_supervisor(name erlang.Atom, flags erlang.SupFlags, children []erlang.ChildSpec) !erlang.Pid

@[erlang: 'supervisor:start_child']
pub fn erlang.start_child(supervisor erlang.Atom, spec erlang.ChildSpec) !erlang.Pid

@[erlang: 'supervisor:terminate_child']
pub fn erlang.terminate_child(supervisor erlang.Atom, id erlang.Atom) !

// The start function of a server in V: `mod` is its module, `name` what it is registered as.
pub fn erlang.server_start(name string, mod string, arg erlang.Term) erlang.Mfa {
	local := erlang.tuple([erlang.term(erlang.atom('local')), erlang.term(erlang.atom(name))])
	args := [local, erlang.term(erlang.atom(mod)), arg, erlang.term([]erlang.Term{})]
	return erlang.Mfa{
		mod:      erlang.atom('gen_server')
		function: erlang.atom('start_link')
		args:     args
	}
}
