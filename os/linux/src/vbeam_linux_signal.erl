%% Signals as signal(7) describes them: what a group does with each, which are blocked, which are
%% pending. They are rows of the group table; a signal arrives in the group's process, which tells a
%% thread that may have it, and that thread takes it when it is about to go on in the program.
%%
%% Information is {Code, Rest}: si_code, and what follows the three common fields of siginfo_t.
-module(vbeam_linux_signal).
-export([send/3, kill/4, raise/1, raise/2, arrived/4]).
-export([action/2, set_action/3, mask/0, mask/2, set_mask/1, bit/1, members/1, blocked_always/1]).
-export([next/2, take/3, pending/2, awaiting/3, clear_pending/2, handled_reset/1]).
-export([of_user/0, of_user/1, of_queue/2, of_child/2, of_fault/2, of_timer/3, of_kernel/0]).
-export([ignored/1, default/1, is_ignored_or_blocked/1, siginfo/2]).
-export_type([information/0, target/0, action/0]).

-include("vbeam_linux.hrl").

-type information() :: {Code :: integer(), Rest :: binary()}.
-type target() :: group | {thread, pos_integer()}.
-type action() :: {
    Handler :: non_neg_integer(), Flags :: non_neg_integer(), Restorer :: non_neg_integer(),
    Mask :: non_neg_integer()
}.

-define(SIG_DFL, 0).
-define(SIG_IGN, 1).
-define(SI_USER, 0).
-define(SI_KERNEL, 16#80).
-define(SI_QUEUE, -1).
-define(SI_TIMER, -2).
%% Real-time signals of a group that are pending at most; sigqueue gives EAGAIN then.
-define(QUEUED_MAX, 1024).

%% --- sending -------------------------------------------------------------------------------

%% Without waiting: to a process number, {group, ProcessGroup}, or {session, Session}. What is not
%% there gets nothing.
-spec send(
    pos_integer() | {group, pos_integer()} | {session, pos_integer()}, 1..64, information()
) -> ok.
send(Number, Signal, Information) when is_integer(Number) ->
    sent(vbeam_linux_compat:find(Number), Signal, Information);
send({group, Group}, Signal, Information) ->
    Rows = vbeam_linux_compat:in_process_group(Group),
    lists:foreach(fun(Row) -> sent(Row, Signal, Information) end, Rows);
send({session, Session}, Signal, Information) ->
    Rows = vbeam_linux_compat:in_session(Session),
    lists:foreach(fun(Row) -> sent(Row, Signal, Information) end, Rows).

sent(#linux_pid{process = Process}, Signal, Information) ->
    Process ! {send_signal, group, Signal, Information},
    ok;
sent(none, _, _) ->
    ok.

%% The signal has arrived when this returns; signal 0 only asks.
-spec kill(#linux_pid{}, target(), 0..64, information()) -> ok | {error, pos_integer()}.
kill(#linux_pid{state = {zombie, _}}, _, _, _) ->
    ok;
kill(#linux_pid{}, _, 0, _) ->
    ok;
kill(#linux_pid{process = Process}, Target, Signal, Information) ->
    case vbeam_linux_group:request(Process, {signal, Target, Signal, Information}) of
        gone -> ok;
        Answer -> Answer
    end.

%% To the calling thread.
-spec raise(1..64) -> ok.
raise(Signal) -> raise(Signal, of_kernel()).

-spec raise(1..64, information()) -> ok.
raise(Signal, Information) ->
    Target = {thread, vbeam_linux_thread:number()},
    _ = vbeam_linux_group:request({signal, Target, Signal, Information}),
    ok.

%% --- arriving, in the group's process ------------------------------------------------------

-spec arrived(ets:table(), target(), 1..64, information()) ->
    ok | continued | killed | {error, pos_integer()}.
arrived(Table, Target, Signal, Information) ->
    case Target =:= group orelse ets:member(Table, Target) of
        false -> {error, ?ESRCH};
        true when Signal =:= ?SIGKILL -> killed;
        true -> arrived_there(Table, Target, Signal, Information)
    end.

arrived_there(Table, Target, ?SIGCONT, Information) ->
    _ = [clear_pending(Table, Stop) || Stop <- [?SIGSTOP, ?SIGTSTP, ?SIGTTIN, ?SIGTTOU]],
    Was = ets:take(Table, stopped),
    _ = noted(Table, Target, ?SIGCONT, Information),
    case Was of
        [] -> ok;
        [_] -> continued
    end;
arrived_there(Table, Target, Signal, Information) ->
    _ = default(Signal) =:= stop andalso clear_pending(Table, ?SIGCONT),
    noted(Table, Target, Signal, Information).

noted(Table, Target, Signal, Information) ->
    Threads = threads(Table, Target),
    Blocked = lists:all(fun({_, _, Mask, _}) -> Mask band bit(Signal) =/= 0 end, Threads),
    case Blocked orelse not ignored(Table, Signal) of
        true -> pending_now(Table, Target, Threads, Signal, Information);
        false -> ok
    end.

pending_now(Table, Target, Threads, Signal, Information) when Signal < ?SIGRTMIN ->
    _ = ets:insert_new(Table, {{pending, scope(Target), Signal, 0}, Information}),
    tell(Threads, Signal);
pending_now(Table, Target, Threads, Signal, Information) ->
    case ets:select_count(Table, [{{{pending, '_', '_', '_'}, '_'}, [], [true]}]) of
        Many when Many >= ?QUEUED_MAX ->
            {error, ?EAGAIN};
        _ ->
            Order = erlang:unique_integer([monotonic]),
            true = ets:insert(Table, {{pending, scope(Target), Signal, Order}, Information}),
            tell(Threads, Signal)
    end.

scope(group) -> group;
scope({thread, Number}) -> Number.

%% A thread that may have it is told; that of the group's number rather than others.
tell([], _) ->
    ok;
tell([{_, Pid, Mask, Awaited} | Rest], Signal) ->
    case (Mask band bnot Awaited) band bit(Signal) of
        0 ->
            Pid ! '$linux_signal',
            ok;
        _ ->
            tell(Rest, Signal)
    end.

threads(Table, group) ->
    Number = ets:lookup_element(Table, number, 2),
    Rows = ets:match_object(Table, {{thread, '_'}, '_', '_', '_'}),
    case lists:keytake({thread, Number}, 1, Rows) of
        {value, First, Others} -> [First | Others];
        false -> Rows
    end;
threads(Table, Target) ->
    ets:lookup(Table, Target).

-spec clear_pending(ets:table(), 1..64) -> ok.
clear_pending(Table, Signal) ->
    true = ets:match_delete(Table, {{pending, '_', Signal, '_'}, '_'}),
    ok.

%% --- taking, in a thread -------------------------------------------------------------------

%% The next signal that the thread is to handle: its own before those of the group, low numbers
%% first.
-spec next(ets:table(), pos_integer()) -> {1..64, information()} | none.
next(Table, Thread) -> take(Table, Thread, bnot mask(Table, Thread)).

%% One of a set that is pending.
-spec take(ets:table(), pos_integer(), Set :: integer()) -> {1..64, information()} | none.
take(Table, Thread, Set) ->
    Own = keys(Table, Thread) ++ keys(Table, group),
    take_first([Key || {_, _, Signal, _} = Key <- Own, Set band bit(Signal) =/= 0], Table).

take_first([], _) ->
    none;
take_first([Key | Keys], Table) ->
    case ets:take(Table, Key) of
        [{{pending, _, Signal, _}, Information}] -> {Signal, Information};
        [] -> take_first(Keys, Table)
    end.

keys(Table, Scope) ->
    Pattern = {{pending, Scope, '$1', '$2'}, '_'},
    ets:select(Table, [{Pattern, [], [{{pending, Scope, '$1', '$2'}}]}]).

%% As a set.
-spec pending(ets:table(), pos_integer()) -> non_neg_integer().
pending(Table, Thread) ->
    Keys = keys(Table, Thread) ++ keys(Table, group),
    lists:foldl(fun({_, _, Signal, _}, Set) -> Set bor bit(Signal) end, 0, Keys).

%% While a thread waits for signals that it has blocked; 0 afterwards.
-spec awaiting(ets:table(), pos_integer(), Set :: non_neg_integer()) -> ok.
awaiting(Table, Thread, Set) ->
    true = ets:update_element(Table, {thread, Thread}, {4, Set}),
    ok.

%% --- actions and masks ---------------------------------------------------------------------

-spec action(ets:table(), 1..64) -> action().
action(Table, Signal) ->
    case ets:lookup(Table, {action, Signal}) of
        [{_, Handler, Flags, Restorer, Mask}] -> {Handler, Flags, Restorer, Mask};
        [] -> {?SIG_DFL, 0, 0, 0}
    end.

-spec set_action(ets:table(), 1..64, action()) -> ok.
set_action(Table, Signal, {Handler, Flags, Restorer, Mask}) ->
    Row = {{action, Signal}, Handler, Flags, Restorer, Mask band bnot blocked_always(0)},
    true = ets:insert(Table, Row),
    _ = ignored(Table, Signal) andalso clear_pending(Table, Signal),
    ok.

%% As execve does: what had a handler has the default action again.
-spec handled_reset(ets:table()) -> ok.
handled_reset(Table) ->
    Rows = ets:match_object(Table, {{action, '_'}, '_', '_', '_', '_'}),
    _ = [ets:delete(Table, Key) || {Key, Handler, _, _, _} <- Rows, Handler =/= ?SIG_IGN],
    ok.

%% Blocked signals of the calling thread.
-spec mask() -> non_neg_integer().
mask() -> mask(vbeam_linux_group:table(), vbeam_linux_thread:number()).

-spec mask(ets:table(), pos_integer()) -> non_neg_integer().
mask(Table, Thread) -> ets:lookup_element(Table, {thread, Thread}, 3).

%% What this unblocks and is pending is handled before the thread goes on in the program.
-spec set_mask(non_neg_integer()) -> ok.
set_mask(Mask) ->
    Table = vbeam_linux_group:table(),
    Thread = vbeam_linux_thread:number(),
    New = Mask band bnot blocked_always(0),
    true = ets:update_element(Table, {thread, Thread}, {3, New}),
    case pending(Table, Thread) band bnot New of
        0 -> ok;
        _ -> vbeam_linux_thread:signalled()
    end.

%% A set with SIGKILL and SIGSTOP, which nothing blocks.
-spec blocked_always(non_neg_integer()) -> non_neg_integer().
blocked_always(Set) -> Set bor bit(?SIGKILL) bor bit(?SIGSTOP).

-spec bit(1..64) -> pos_integer().
bit(Signal) -> 1 bsl (Signal - 1).

-spec members(non_neg_integer()) -> [1..64].
members(Set) -> [Signal || Signal <- lists:seq(1, ?SIGNALS_MAX), Set band bit(Signal) =/= 0].

%% Whether nothing would happen if the group got it.
-spec ignored(1..64) -> boolean().
ignored(Signal) -> ignored(vbeam_linux_group:table(), Signal).

ignored(Table, Signal) ->
    case action(Table, Signal) of
        {?SIG_IGN, _, _, _} -> true;
        {?SIG_DFL, _, _, _} -> default(Signal) =:= ignore;
        _ -> false
    end.

%% As a terminal asks before it stops those in the background.
-spec is_ignored_or_blocked(1..64) -> boolean().
is_ignored_or_blocked(Signal) -> ignored(Signal) orelse mask() band bit(Signal) =/= 0.

-spec default(1..64) -> terminate | core | stop | ignore.
default(Signal) when
    Signal =:= ?SIGCHLD; Signal =:= ?SIGCONT; Signal =:= ?SIGURG; Signal =:= ?SIGWINCH
->
    ignore;
default(Signal) when Signal >= ?SIGSTOP, Signal =< ?SIGTTOU -> stop;
default(Signal) ->
    case lists:member(Signal, [3, ?SIGILL, ?SIGTRAP, 6, ?SIGBUS, ?SIGFPE, ?SIGSEGV, 24, 25, 31]) of
        true -> core;
        false -> terminate
    end.

%% --- information ---------------------------------------------------------------------------

%% siginfo_t (asm-generic/siginfo.h).
-spec siginfo(1..64, information()) -> binary().
siginfo(Signal, {Code, Rest}) ->
    Padding = 112 - byte_size(Rest),
    <<Signal:32/little, 0:32, Code:32/little, 0:32, Rest/binary, 0:(Padding * 8)>>.

-spec of_kernel() -> information().
of_kernel() -> {?SI_KERNEL, <<>>}.

%% From the calling thread's group, as kill(2) sends it.
-spec of_user() -> information().
of_user() -> of_user(?SI_USER).

-spec of_user(Code :: integer()) -> information().
of_user(Code) -> {Code, sender()}.

-spec of_queue(Code :: integer() | default, Value :: non_neg_integer()) -> information().
of_queue(default, Value) -> of_queue(?SI_QUEUE, Value);
of_queue(Code, Value) -> {Code, <<(sender())/binary, Value:64/little>>}.

sender() ->
    #{user := {User, _, _}} = vbeam_linux_credentials:get(),
    <<(vbeam_linux_group:number()):32/little, User:32/little>>.

-spec of_timer(Timer :: integer(), Overrun :: integer(), Value :: non_neg_integer()) ->
    information().
of_timer(Timer, Overrun, Value) ->
    {?SI_TIMER, <<Timer:32/little, Overrun:32/little, Value:64/little>>}.

-spec of_fault(Code :: integer(), Address :: non_neg_integer()) -> information().
of_fault(Code, Address) -> {Code, <<Address:64/little>>}.

-spec of_child(pos_integer(), vbeam_linux_group:status()) -> information().
of_child(Number, Status) ->
    {Code, Value} =
        case Status of
            {exited, Exit} -> {1, Exit};
            {killed, Signal, false} -> {2, Signal};
            {killed, Signal, true} -> {3, Signal};
            {stopped, Signal} -> {5, Signal};
            continued -> {6, ?SIGCONT}
        end,
    {Code, <<Number:32/little, 0:32, Value:32/little, 0:32, 0:128>>}.
