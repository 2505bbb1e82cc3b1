// Module erlang: terms, processes and OTP from V. docs/v_on_beam.md describes how V's types travel.
module erlang

// Any Erlang term. V cannot look into one but by asking for a type: `erlang.decode[T](term)`.
@[erlang_term: 'any']
pub struct Term {}

@[erlang_term: 'pid']
pub struct Pid {}

@[erlang_term: 'reference']
pub struct Ref {}

@[erlang_term: 'atom']
pub struct Atom {}

@[erlang: 'v_term:shown']
pub fn (t Term) str() string

@[erlang: 'v_term:shown']
pub fn (p Pid) str() string

@[erlang: 'v_term:shown']
pub fn (r Ref) str() string

@[erlang: 'erlang:atom_to_binary']
pub fn (a Atom) str() string

@[erlang: 'erlang:=:=']
pub fn (a Term) == (b Term) bool

@[erlang: 'erlang:=:=']
pub fn (a Pid) == (b Pid) bool

@[erlang: 'erlang:=:=']
pub fn (a Ref) == (b Ref) bool

@[erlang: 'erlang:=:=']
pub fn (a Atom) == (b Atom) bool

// --- terms and values --------------------------------------------------------------------------

// The term of a value.
@[erlang]
pub fn term[T](value T) Term

// The value of a term, or an error that says what does not fit.
@[erlang]
pub fn decode[T](term Term) !T

@[erlang: 'erlang:binary_to_atom']
pub fn atom(name string) Atom

// A tuple of terms of any types.
@[erlang: 'erlang:list_to_tuple']
pub fn tuple(elements []Term) Term

// The elements of a tuple.
@[erlang: 'erlang:tuple_to_list']
pub fn (t Term) elements() ![]Term

// Text from what Erlang calls chardata: binaries and lists of characters, however nested.
@[erlang: 'unicode:characters_to_binary']
pub fn (t Term) text() !string

@[erlang: 'erlang:binary_to_term']
pub fn from_external(bytes string) !Term

@[erlang: 'erlang:term_to_binary']
pub fn (t Term) external() string

// --- calls -------------------------------------------------------------------------------------

// Calls a function that is known only at run time; `error` and exceptions of all kinds are errors.
@[erlang: 'erlang:apply']
pub fn apply(mod Atom, function Atom, args []Term) !Term

// The same with names as text.
pub fn call(mod string, function string, args []Term) !Term {
	return apply(atom(mod), atom(function), args)
}

// --- processes ---------------------------------------------------------------------------------

@[erlang: 'erlang:self']
pub fn self() Pid

@[erlang: 'erlang:send']
pub fn send[T](to Pid, message T)

// To a registered process; an error when there is none.
@[erlang: 'erlang:send']
pub fn send_named[T](to Atom, message T) !

// Waits for the first message that looks like a T; others stay in the mailbox.
@[erlang_receive]
pub fn receive[T]() !T

// The same for so many milliseconds; after them the error is `timeout`.
@[erlang_receive]
pub fn receive_for[T](milliseconds i64) !T

@[erlang: 'erlang:spawn']
pub fn spawn(f fn ()) Pid

@[erlang: 'erlang:spawn_link']
pub fn spawn_link(f fn ()) Pid

@[erlang: 'erlang:spawn_monitor']
pub fn spawn_monitor(f fn ()) (Pid, Ref)

@[erlang: 'erlang:link']
pub fn link(pid Pid)

@[erlang: 'erlang:unlink']
pub fn unlink(pid Pid)

// What a monitor sends when its process has ended.
@[record: 'DOWN']
pub struct Down {
pub:
	monitor Ref
	kind    Atom
	process Term
	reason  Term
}

// What a link sends to a process that traps exits.
@[record: 'EXIT']
pub struct Exit {
pub:
	process Pid
	reason  Term
}

@[erlang: 'erlang:monitor']
fn monitor_kind(kind Atom, process Pid) Ref

pub fn monitor(process Pid) Ref {
	return monitor_kind(atom('process'), process)
}

@[erlang: 'erlang:demonitor']
fn demonitor_with(monitor Ref, options []Atom) bool

// Ends a monitor, and forgets what it has sent.
pub fn demonitor(monitor Ref) {
	demonitor_with(monitor, [atom('flush')])
}

@[erlang: 'erlang:process_flag']
fn process_flag(flag Atom, value bool) Term

// Whether exits of linked processes come as messages (`erlang.Exit`).
pub fn trap_exit(on bool) {
	process_flag(atom('trap_exit'), on)
}

@[erlang: 'erlang:exit']
pub fn exit_process[T](process Pid, reason T)

@[erlang: 'erlang:is_process_alive']
pub fn (p Pid) is_alive() bool

@[erlang: 'erlang:register']
pub fn register(name Atom, process Pid) !

@[erlang: 'erlang:unregister']
pub fn unregister(name Atom) !

@[erlang: 'erlang:whereis']
pub fn whereis(name Atom) ?Pid

@[erlang: 'erlang:make_ref']
pub fn make_ref() Ref

// --- servers -----------------------------------------------------------------------------------

// Who a call comes from.
@[erlang_term: 'any']
pub struct From {}

// Answers a call whose handler has not.
@[erlang: 'gen_server:reply']
pub fn reply[T](to From, answer T)

// Asks a server by its name; its exits and a timeout are errors.
@[erlang: 'gen_server:call']
pub fn ask[T, R](server Atom, request T) !R

@[erlang: 'gen_server:call']
pub fn ask_for[T, R](server Atom, request T, milliseconds int) !R

@[erlang: 'gen_server:cast']
pub fn cast[T](server Atom, message T)

// What the handler that runs decides about its server: to end after it …
@[erlang: 'v_server:stop']
pub fn stop(reason Term)

// … or to get the message `timeout` when nothing else has come for so long.
@[erlang: 'v_server:timeout']
pub fn timeout(milliseconds int)

// --- supervision -------------------------------------------------------------------------------

pub enum Restart {
	permanent
	transient
	temporary
}

pub enum ChildKind {
	worker
	supervisor
}

@[tuple]
pub struct Mfa {
pub:
	mod      Atom
	function Atom
	args     []Term
}

pub struct ChildSpec {
pub:
	id       Atom
	start    Mfa
	restart  Restart
	shutdown ?int
	kind     ChildKind @[erlang: 'type']
}

pub enum Strategy {
	one_for_one
	one_for_all
	rest_for_one
	simple_one_for_one
}

pub struct SupFlags {
pub:
	strategy  Strategy
	intensity int = 1
	period    int = 5
}

// Starts a supervisor that is linked to the caller.
@[erlang: 'vbeam_v_supervisor:start_link']
pub fn start_supervisor(flags SupFlags, children []ChildSpec) !Pid

@[erlang: 'vbeam_v_supervisor:start_link']
pub fn start_named_supervisor(name Atom, flags SupFlags, children []ChildSpec) !Pid

@[erlang: 'supervisor:start_child']
pub fn start_child(supervisor Atom, spec ChildSpec) !Pid

@[erlang: 'supervisor:terminate_child']
pub fn terminate_child(supervisor Atom, id Atom) !

// The start function of a server in V: `mod` is its module, `name` what it is registered as.
pub fn server_start(name string, mod string, arg Term) Mfa {
	local := tuple([term(atom('local')), term(atom(name))])
	args := [local, term(atom(mod)), arg, term([]Term{})]
	return Mfa{
		mod:      atom('gen_server')
		function: atom('start_link')
		args:     args
	}
}
