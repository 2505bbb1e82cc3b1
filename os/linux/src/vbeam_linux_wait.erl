%% Waiting inside a system call. A thread of a program waits for an answer {Reference, Answer}, for
%% a deadline, or until a signal for it is to be handled: then its group has sent `$linux_signal`,
%% which is kept for the thread's loop (vbeam_linux_thread), and the call ends with one of
%%
%%     throw({errno, 4})              EINTR in any case
%%     throw(restart)                 again after a handler with SA_RESTART, else EINTR
%%     throw(restart_no_handler)      EINTR after any handler; again when there was none
%%     throw({restart, Fun})          the same, and Fun() is what is done again
%%
%% which are Linux's EINTR, ERESTARTSYS, ERESTARTNOHAND and ERESTART_RESTARTBLOCK (signal(7)).
-module(vbeam_linux_wait).
-export([message/2, until/1, signalled/0, deadline/1, now/0]).
-export_type([deadline/0]).
-compile({no_auto_import, [now/0]}).

%% Nanoseconds of Erlang's monotonic time.
-type deadline() :: infinity | integer().

-define(SIGNALLED, '$linux_signalled').
%% A receive waits no longer than that at once.
-define(MILLISECONDS_MOST, 16#7fffffff).

%% The answer is {error, eio} when the reference is that of a monitor of a process that has ended.
-spec message(reference(), deadline()) -> {ok, term()} | timeout | interrupted.
message(Reference, Deadline) ->
    case get(?SIGNALLED) of
        undefined -> await(Reference, Deadline);
        true -> answered(Reference)
    end.

await(Reference, Deadline) ->
    receive
        {Reference, Answer} ->
            {ok, Answer};
        {'DOWN', Reference, process, _, _} ->
            {ok, {error, eio}};
        '$linux_signal' ->
            _ = put(?SIGNALLED, true),
            answered(Reference)
    after milliseconds(Deadline) ->
        case Deadline =:= infinity orelse now() < Deadline of
            true -> await(Reference, Deadline);
            false -> timeout
        end
    end.

%% What is there already counts more than a signal.
answered(Reference) ->
    receive
        {Reference, Answer} -> {ok, Answer}
    after 0 -> interrupted
    end.

%% Until a deadline or a signal.
-spec until(deadline()) -> timeout | interrupted.
until(Deadline) -> message(make_ref(), Deadline).

%% Whether a signal may have to be handled; asking forgets it.
-spec signalled() -> boolean().
signalled() ->
    Noted = erase(?SIGNALLED) =:= true,
    receive
        '$linux_signal' -> signalled() orelse true
    after 0 -> Noted
    end.

-spec now() -> integer().
now() -> erlang:monotonic_time(nanosecond).

-spec deadline(Nanoseconds :: non_neg_integer() | infinity) -> deadline().
deadline(infinity) -> infinity;
deadline(Nanoseconds) -> now() + Nanoseconds.

milliseconds(infinity) ->
    infinity;
milliseconds(Deadline) ->
    max(0, min(?MILLISECONDS_MOST, (Deadline - now() + 999999) div 1000000)).
