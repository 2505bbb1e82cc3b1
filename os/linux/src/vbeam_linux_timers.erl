%% Timers of a group: that of alarm(2) and setitimer(2), and those of timer_create(2). They are rows
%% {{posix_timer, Id}, Timer} of the group table, with Id `real`, `virtual`, `profile`, or a number;
%% the group's process gets a message when one that follows a clock is due. Those that count the
%% program's own time are looked at by its threads (vbeam_linux_usage).
-module(vbeam_linux_timers).
-export([set/4, get/2, create/3, delete/2, fired/2, overrun/2, used/3]).

-include("vbeam_linux.hrl").

-record(timer, {
    clock = 1 :: integer(),
    %% Nanoseconds of the timer's clock when it is due next; none when it is not armed.
    next = none :: none | integer(),
    interval = 0 :: non_neg_integer(),
    %% Erlang's timer, whose message has this reference.
    running = none :: none | reference(),
    signal :: none | {vbeam_linux_signal:target(), 1..64, Value :: non_neg_integer()},
    overrun = 0 :: non_neg_integer()
}).

-define(NUMBERED_MAX, 1024).
-define(OVERRUN_MAX, 16#7fffffff).

%% Arms for a time from now, or at a time of its clock, or disarms with {_, 0}; what was left of it
%% before, with its interval.
-spec set(ets:table(), Id :: term(), {in | at, non_neg_integer()}, non_neg_integer()) ->
    {Left :: non_neg_integer(), Interval :: non_neg_integer()} | none.
set(Table, Id, When, Interval) ->
    case found(Table, Id) of
        none ->
            none;
        Timer ->
            Before = left(Timer),
            ok = stop(Timer),
            Armed = arm(Table, Id, Timer#timer{overrun = 0}, When, Interval),
            true = ets:insert(Table, {{posix_timer, Id}, Armed}),
            Before
    end.

arm(_, _, Timer, {_, 0}, _) ->
    Timer#timer{next = none, running = none, interval = 0};
arm(Table, Id, #timer{clock = Clock} = Timer, {in, Time}, Interval) ->
    start(Table, Id, Timer#timer{next = vbeam_linux_clock:now(Clock) + Time, interval = Interval});
arm(Table, Id, Timer, {at, Time}, Interval) ->
    start(Table, Id, Timer#timer{next = Time, interval = Interval}).

start(Table, Id, #timer{clock = Clock, next = Next} = Timer) ->
    case follows(Clock) of
        true ->
            Process = ets:lookup_element(Table, process, 2),
            Left = max(0, Next - vbeam_linux_clock:now(Clock)),
            Milliseconds = min((Left + 999999) div 1000000, 16#7fffffff),
            Timer#timer{running = erlang:start_timer(Milliseconds, Process, {linux, Id})};
        false ->
            ok = vbeam_linux_usage:watch(Table),
            Timer#timer{running = none}
    end.

stop(#timer{running = none}) -> ok;
stop(#timer{running = Reference}) ->
    _ = erlang:cancel_timer(Reference, [{async, true}, {info, false}]),
    ok.

%% Clocks of processes and threads stand still while these do nothing.
follows(Clock) -> Clock >= 0 andalso Clock =/= 2 andalso Clock =/= 3.

found(Table, Id) ->
    case ets:lookup(Table, {posix_timer, Id}) of
        [{_, Timer}] -> Timer;
        [] when Id =:= real -> #timer{signal = {group, ?SIGALRM, 0}};
        [] when Id =:= virtual -> #timer{clock = 2, signal = {group, ?SIGVTALRM, 0}};
        [] when Id =:= profile -> #timer{clock = 2, signal = {group, ?SIGPROF, 0}};
        [] -> none
    end.

-spec get(ets:table(), term()) -> {non_neg_integer(), non_neg_integer()} | none.
get(Table, Id) ->
    case found(Table, Id) of
        none -> none;
        Timer -> left(Timer)
    end.

left(#timer{next = none, interval = Interval}) ->
    {0, Interval};
left(#timer{next = Next, clock = Clock, interval = Interval}) ->
    {max(1, Next - vbeam_linux_clock:now(Clock)), Interval}.

%% A new one with the lowest free number.
-spec create(ets:table(), Clock :: integer(), fun((Id :: non_neg_integer()) ->
    none | {vbeam_linux_signal:target(), 1..64, non_neg_integer()})) -> non_neg_integer() | none.
create(Table, Clock, Signal) ->
    Used = ets:select(Table, [{{{posix_timer, '$1'}, '_'}, [{is_integer, '$1'}], ['$1']}]),
    case lists:seq(0, min(length(Used), ?NUMBERED_MAX - 1)) -- Used of
        [Id | _] ->
            Timer = #timer{clock = Clock, signal = Signal(Id)},
            true = ets:insert(Table, {{posix_timer, Id}, Timer}),
            Id;
        [] ->
            none
    end.

-spec delete(ets:table(), non_neg_integer()) -> ok | none.
delete(Table, Id) ->
    case ets:take(Table, {posix_timer, Id}) of
        [{_, Timer}] -> stop(Timer);
        [] -> none
    end.

-spec overrun(ets:table(), non_neg_integer()) -> non_neg_integer() | none.
overrun(Table, Id) ->
    case found(Table, Id) of
        none -> none;
        #timer{overrun = Overrun} -> Overrun
    end.

%% In the group's process.
-spec fired(ets:table(), {reference(), Id :: term()}) -> ok.
fired(Table, {Reference, Id}) ->
    case ets:lookup(Table, {posix_timer, Id}) of
        [{_, #timer{running = Reference, clock = Clock, next = Next} = Timer}] ->
            case vbeam_linux_clock:now(Clock) of
                Now when Now < Next ->
                    true = ets:insert(Table, {{posix_timer, Id}, start(Table, Id, Timer)});
                Now ->
                    due(Table, Id, Timer, Now)
            end,
            ok;
        _ ->
            ok
    end.

due(Table, Id, #timer{next = Next, interval = Interval, signal = Signal} = Timer, Now) ->
    Again =
        case Interval of
            0 ->
                Timer#timer{next = none, running = none, overrun = 0};
            _ ->
                Missed = (Now - Next) div Interval,
                Following = Timer#timer{
                    next = Next + (Missed + 1) * Interval, overrun = min(Missed, ?OVERRUN_MAX)
                },
                start(Table, Id, Following)
        end,
    true = ets:insert(Table, {{posix_timer, Id}, Again}),
    send(Table, Id, Signal, Again#timer.overrun).

send(_, _, none, _) ->
    ok;
send(Table, Id, {Target, Signal, Value}, Overrun) ->
    Information =
        case is_integer(Id) of
            true -> vbeam_linux_signal:of_timer(Id, Overrun, Value);
            false -> vbeam_linux_signal:of_kernel()
        end,
    ets:lookup_element(Table, process, 2) ! {send_signal, Target, Signal, Information},
    ok.

%% Timers that count the program's own time, which is now so much; false when there are none.
-spec used(ets:table(), User :: non_neg_integer(), Both :: non_neg_integer()) -> boolean().
used(Table, User, Both) ->
    Rows = ets:match_object(Table, {{posix_timer, '_'}, '_'}),
    Counting = [
        {Id, Timer}
     || {{_, Id}, #timer{clock = Clock, next = Next} = Timer} <- Rows,
        Next =/= none,
        not follows(Clock)
    ],
    _ = [
        due(Table, Id, Timer, Now)
     || {Id, #timer{next = Next} = Timer} <- Counting,
        Now <- [case Id of virtual -> User; _ -> Both end],
        Now >= Next
    ],
    Counting =/= [].
