%% A thread of a Linux program: an Erlang process that runs a native task until it makes a system
%% call, faults or is interrupted, and decides what comes next. System calls are answered here
%% (vbeam_linux_syscall), so one that waits keeps nobody else waiting. Before the program goes on,
%% signals that are pending are handled: the group has sent `$linux_signal` when there may be some.
%%
%% Entries of the process dictionary, all of them the thread's own:
%%
%%     $linux_thread       its number           $linux_clear_tid    address for set_tid_address
%%     $linux_alternate    {Start, Flags, Bytes} of sigaltstack
%%     $linux_saved_mask   what is blocked again after a call that blocked other signals meanwhile
%%     $linux_robust       head of the list of robust futexes
-module(vbeam_linux_thread).
-export([init/3, number/0, signalled/0, start/3, with_mask/2, release/0]).
-export([alternate/0, set_alternate/1, saved_mask/0]).

-include("vbeam_linux.hrl").

-define(NUMBER, '$linux_thread').
-define(SAVED_MASK, '$linux_saved_mask').
-define(ALTERNATE, '$linux_alternate').
-define(SIG_DFL, 0).
-define(SIG_IGN, 1).
-define(SA_RESTART, 16#10000000).
-define(SA_RESETHAND, 16#80000000).
-define(SA_NODEFER, 16#40000000).
-define(SS_DISABLE, 2).

-spec number() -> pos_integer().
number() -> get(?NUMBER).

%% Signals are looked for before the program goes on.
-spec signalled() -> ok.
signalled() ->
    self() ! '$linux_signal',
    ok.

%% Gives a new thread its task: Inherited are entries for its dictionary.
-spec start(pid(), {vbeam_task:task(), vbeam_linux_space:space()}, [{atom(), term()}]) -> ok.
start(Thread, {Task, Space}, Inherited) ->
    ok = vbeam_task:give(Task, Thread),
    Thread ! {task, self(), Task, Space, Inherited},
    ok.

-spec alternate() -> {non_neg_integer(), non_neg_integer(), non_neg_integer()}.
alternate() ->
    case get(?ALTERNATE) of
        undefined -> {0, ?SS_DISABLE, 0};
        Alternate -> Alternate
    end.

-spec set_alternate({non_neg_integer(), non_neg_integer(), non_neg_integer()}) -> ok.
set_alternate(Alternate) ->
    _ = put(?ALTERNATE, Alternate),
    ok.

%% A call during which other signals are blocked (ppoll, sigsuspend): when it ends by a signal, its
%% handler runs with them, and what was blocked before is blocked again after it.
-spec with_mask(non_neg_integer(), fun(() -> Result)) -> Result.
with_mask(Mask, Function) ->
    Before = vbeam_linux_signal:mask(),
    _ = put(?SAVED_MASK, Before),
    ok = vbeam_linux_signal:set_mask(Mask),
    try Function() of
        Result ->
            ok = vbeam_linux_signal:set_mask(Before),
            _ = erase(?SAVED_MASK),
            Result
    catch
        throw:{errno, Errno} when Errno =/= ?EINTR ->
            ok = vbeam_linux_signal:set_mask(Before),
            _ = erase(?SAVED_MASK),
            throw({errno, Errno})
    end.

%% What a signal frame says was blocked.
-spec saved_mask() -> non_neg_integer().
saved_mask() ->
    case erase(?SAVED_MASK) of
        undefined -> vbeam_linux_signal:mask();
        Mask -> Mask
    end.

%% Before the thread ends or executes another program: who waits for it in user space is told.
-spec release() -> ok.
release() ->
    _ = vbeam_linux_futex:release_robust(),
    case erase('$linux_clear_tid') of
        Address when is_integer(Address), Address =/= 0 ->
            try
                ok = vbeam_linux_memory:write_u32(Address, 0),
                _ = vbeam_linux_futex:wake(Address, 1),
                ok
            catch
                throw:{errno, _} -> ok
            end;
        _ ->
            ok
    end.

%% --- the process ---------------------------------------------------------------------------

-spec init(ets:table(), pos_integer(), {program, map()} | {task_from, pid()}) -> no_return().
init(Table, Number, Start) ->
    ok = vbeam_linux_group:use(Table, Number),
    begin_with(Start),
    loop(none).

begin_with({program, Options}) ->
    Group = vbeam_linux_group:process(),
    Folder = maps:get(folder, Options, <<"/">>),
    #{path := Path, arguments := Arguments, environment := Environment} = Options,
    case vbeam_linux_exec:begin_program(Folder, Path, Arguments, Environment) of
        ok ->
            Group ! {executed, ok};
        {error, _} = Error ->
            Group ! {executed, Error},
            receive
                '$linux_never' -> ok
            end
    end;
begin_with({task_from, Starter}) ->
    Monitor = monitor(process, Starter),
    receive
        {task, Starter, Task, Space, Inherited} ->
            demonitor(Monitor, [flush]),
            ok = vbeam_linux_memory:use_task(Task, Space),
            _ = [put(Key, Value) || {Key, Value} <- Inherited],
            ok;
        {'DOWN', Monitor, process, Starter, _} ->
            vbeam_linux_group:thread_ended({killed, ?SIGKILL, false})
    end.

loop(Result) ->
    Task = vbeam_linux_memory:task(),
    Before = vbeam_linux_wait:now(),
    Step = vbeam_task:step(Task, Result),
    After = vbeam_linux_wait:now(),
    Next = stepped(Step),
    ok = vbeam_linux_usage:add(vbeam_linux_group:table(), After - Before, 0),
    loop(Next).

%% What step/2 gets next.
stepped({system_call, Number, A1, A2, A3, A4, A5, A6}) ->
    called(Number, vbeam_linux_syscall:call(Number, [A1, A2, A3, A4, A5, A6]));
stepped(interrupted) ->
    case vbeam_linux_wait:signalled() of
        false -> none;
        true -> signals(none)
    end;
%% A page that it has written to could not be copied.
stepped(enomem) ->
    vbeam_linux_group:exit_group({killed, ?SIGKILL, false});
stepped({fault, 14, Code, Address}) ->
    Space = vbeam_linux_memory:space(),
    case vbeam_linux_space:fault(vbeam_linux_memory:task(), Space, Address, Code) of
        ok -> none;
        {signal, Signal, Information} -> forced(Signal, Information, {14, Code, Address})
    end;
stepped({fault, Vector, Code, Address}) ->
    {Signal, Information} = vbeam_linux_fault:signal(Vector, Code, vbeam_linux_memory:task()),
    forced(Signal, Information, {Vector, Code, Address}).

called(_, return) ->
    case vbeam_linux_wait:signalled() of
        false -> none;
        true -> signals(none)
    end;
called(_, Result) when is_integer(Result) ->
    case vbeam_linux_wait:signalled() of
        false -> Result;
        true -> signals({result, Result})
    end;
called(Number, Interrupted) ->
    _ = vbeam_linux_wait:signalled(),
    signals({interrupted, Number, Interrupted}).

%% A fault's signal cannot wait: when it is blocked or ignored, the program ends.
forced(Signal, Information, Fault) ->
    Table = vbeam_linux_group:table(),
    Blocked = vbeam_linux_signal:mask() band vbeam_linux_signal:bit(Signal) =/= 0,
    case vbeam_linux_signal:action(Table, Signal) of
        {Handler, _, _, _} = Action when not Blocked, Handler =/= ?SIG_IGN, Handler =/= ?SIG_DFL ->
            ok = handle(Signal, Information, Action, Fault),
            case vbeam_linux_wait:signalled() of
                false -> none;
                true -> signals(none)
            end;
        _ ->
            vbeam_linux_group:exit_group({killed, Signal, false})
    end.

%% --- signals -------------------------------------------------------------------------------

%% Handles all that are pending. The outcome of the system call, if there was one, becomes part of
%% the registers when the first handler's frame saves them.
signals(Outcome) ->
    ok = while_stopped(),
    Table = vbeam_linux_group:table(),
    case vbeam_linux_signal:next(Table, number()) of
        none -> without_handler(Outcome);
        {Signal, Information} ->
            Action = vbeam_linux_signal:action(Table, Signal),
            taken(Signal, Information, Action, Outcome)
    end.

taken(_, _, {?SIG_IGN, _, _, _}, Outcome) ->
    signals(Outcome);
taken(Signal, _, {?SIG_DFL, _, _, _}, Outcome) ->
    case vbeam_linux_signal:default(Signal) of
        ignore ->
            signals(Outcome);
        stop ->
            _ = stoppable(Signal) andalso vbeam_linux_group:request({stop, Signal}),
            signals(Outcome);
        _ ->
            vbeam_linux_group:exit_group({killed, Signal, false})
    end;
taken(Signal, Information, {_, Flags, _, _} = Action, Outcome) ->
    ok = settle(Outcome, Flags band ?SA_RESTART =/= 0),
    ok = handle(Signal, Information, Action, none),
    signals(none).

%% A terminal's stop does nothing to a process group that nobody could continue.
stoppable(?SIGSTOP) -> true;
stoppable(_) -> not vbeam_linux_session:orphaned(vbeam_linux_group:process_group()).

while_stopped() ->
    case vbeam_linux_group:get(stopped, 0) of
        0 ->
            ok;
        _ ->
            receive
                '$linux_signal' -> while_stopped()
            end
    end.

%% The call has ended without one.
without_handler(Outcome) ->
    case erase(?SAVED_MASK) of
        undefined -> ok;
        Mask -> ok = vbeam_linux_signal:set_mask(Mask)
    end,
    case Outcome of
        none -> none;
        {result, Result} -> Result;
        {interrupted, Number, {restart, Again}} -> again(Number, Again);
        {interrupted, Number, _} ->
            ok = repeat(Number),
            none
    end.

again(Number, Function) ->
    called(Number, vbeam_linux_syscall:attempt(Function)).

%% The registers as the program will have them behind the handler.
settle(none, _) ->
    ok;
settle({result, Result}, _) ->
    set_result(Result);
settle({interrupted, Number, restart}, true) ->
    repeat(Number);
settle({interrupted, _, _}, _) ->
    set_result(-?EINTR).

set_result(Result) ->
    Task = vbeam_linux_memory:task(),
    vbeam_task:set_registers(Task, #{rax => Result band 16#ffffffffffffffff}).

%% The instruction `syscall` has two bytes.
repeat(Number) ->
    Task = vbeam_linux_memory:task(),
    #{rip := Rip} = vbeam_task:registers(Task),
    vbeam_task:set_registers(Task, #{rip => Rip - 2, rax => Number}).

%% The handler is what runs next; what it blocks is blocked.
handle(Signal, Information, {_, Flags, _, Blocks} = Action, Fault) ->
    Table = vbeam_linux_group:table(),
    Mask = vbeam_linux_signal:mask(),
    case vbeam_linux_frame:push(Signal, Information, Action, saved_mask(), Fault) of
        ok ->
            Own =
                case Flags band ?SA_NODEFER of
                    0 -> vbeam_linux_signal:bit(Signal);
                    _ -> 0
                end,
            ok = vbeam_linux_signal:set_mask(Mask bor Blocks bor Own),
            _ = Flags band ?SA_RESETHAND =/= 0 andalso
                vbeam_linux_signal:set_action(Table, Signal, {?SIG_DFL, 0, 0, 0}),
            ok;
        {error, _} ->
            %% No stack to run it on.
            vbeam_linux_group:exit_group({killed, ?SIGSEGV, false})
    end.
