%% System calls of family `time`: clocks, sleeping, timers.
-module(vbeam_linux_sys_time).

-export([nanosleep/2, clock_nanosleep/4, gettimeofday/2, settimeofday/2, time/1]).
-export([clock_gettime/2, clock_getres/2, clock_settime/2, clock_adjtime/2, adjtimex/1]).
-export([alarm/1, getitimer/2, setitimer/3]).
-export([timer_create/3, timer_settime/4, timer_gettime/2, timer_getoverrun/1, timer_delete/1]).

-include("vbeam_linux.hrl").

-define(SECOND, 1000000000).
-define(TIMER_ABSTIME, 1).

%% --- clocks --------------------------------------------------------------------------------

clock_gettime(Clock, At) ->
    vbeam_linux_clock:is_known(Clock) orelse throw({errno, ?EINVAL}),
    Time = vbeam_linux_clock:timespec(vbeam_linux_clock:now(Clock)),
    ok = vbeam_linux_memory:write(At, Time),
    0.

%% Clocks are as fine as nanoseconds, the coarse ones are said to be as in Linux with 250 ticks.
clock_getres(Clock, At) ->
    vbeam_linux_clock:is_known(Clock) orelse throw({errno, ?EINVAL}),
    Fine = case Clock of 5 -> 4000000; 6 -> 4000000; _ -> 1 end,
    ok = vbeam_linux_clock:write(At, vbeam_linux_clock:timespec(Fine)),
    0.

clock_settime(Clock, At) ->
    Clock =:= 0 orelse throw({errno, ?EINVAL}),
    vbeam_linux_clock:set(Clock, vbeam_linux_clock:read_timespec(At)).

gettimeofday(At, ZoneAt) ->
    Now = vbeam_linux_clock:now(0),
    ok = vbeam_linux_clock:write(At, vbeam_linux_clock:timeval(Now)),
    ok = vbeam_linux_clock:write(ZoneAt, <<0:64>>),
    0.

settimeofday(0, _) -> 0;
settimeofday(At, _) -> vbeam_linux_clock:set(0, vbeam_linux_clock:read_timeval(At)).

time(At) ->
    Seconds = vbeam_linux_clock:now(0) div ?SECOND,
    ok = vbeam_linux_clock:write(At, <<Seconds:64/little>>),
    Seconds.

clock_adjtime(0, At) -> adjtimex(At);
clock_adjtime(_, _) -> throw({errno, ?EINVAL}).

%% struct timex is read only: no offset, no error, and the time. TIME_ERROR (5): nothing keeps the
%% clock synchronous to another one.
adjtimex(At) ->
    <<Modes:32/little, _/binary>> = vbeam_linux_memory:read(At, 208),
    Modes =:= 0 orelse throw({errno, ?EOPNOTSUPP}),
    Now = vbeam_linux_clock:timeval(vbeam_linux_clock:now(0)),
    ok = vbeam_linux_memory:write(At, [
        <<0:64, 0:64, 0:64, 16000000:64/little, 16000000:64/little, 16#40:32/little, 0:32>>,
        <<2:64/little, 1:64/little, 32768000:64/little>>, Now, <<10000:64/little, 0:(104 * 8)>>
    ]),
    5.

%% --- sleeping ------------------------------------------------------------------------------

nanosleep(At, LeftAt) ->
    Time = vbeam_linux_clock:read_timespec(At),
    slept(vbeam_linux_wait:deadline(Time), LeftAt).

clock_nanosleep(Clock, Flags, At, LeftAt) ->
    lists:member(Clock, [0, 1, 2, 7, 8, 9, 11]) orelse throw({errno, ?EINVAL}),
    Time = vbeam_linux_clock:read_timespec(At),
    case Flags band ?TIMER_ABSTIME of
        0 when Clock =:= 2 -> own_time(vbeam_linux_clock:now(2) + Time);
        _ when Clock =:= 2 -> own_time(Time);
        0 -> slept(vbeam_linux_wait:deadline(Time), LeftAt);
        _ -> slept(vbeam_linux_clock:deadline(Clock, Time), none)
    end.

%% Other threads of the group have to use up the time.
own_time(Time) ->
    case Time - vbeam_linux_clock:now(2) of
        Left when Left =< 0 ->
            0;
        Left ->
            case vbeam_linux_wait:until(vbeam_linux_wait:deadline(Left)) of
                timeout -> own_time(Time);
                interrupted -> throw(restart_no_handler)
            end
    end.

%% The rest is written in case a handler runs; without one the sleep goes on.
slept(Deadline, LeftAt) ->
    case vbeam_linux_wait:until(Deadline) of
        timeout ->
            0;
        interrupted when LeftAt =:= none ->
            throw({restart, fun() -> slept(Deadline, none) end});
        interrupted ->
            Left = max(0, Deadline - vbeam_linux_wait:now()),
            ok = vbeam_linux_clock:write(LeftAt, vbeam_linux_clock:timespec(Left)),
            throw({restart, fun() -> slept(Deadline, LeftAt) end})
    end.

%% --- timers --------------------------------------------------------------------------------

%% What was left is rounded up, so that it is not taken for none.
alarm(Seconds) ->
    {Left, _} =
        vbeam_linux_timers:set(vbeam_linux_group:table(), real, {in, Seconds * ?SECOND}, 0),
    (Left + ?SECOND - 1) div ?SECOND.

interval_timer(0) -> real;
interval_timer(1) -> virtual;
interval_timer(2) -> profile;
interval_timer(_) -> throw({errno, ?EINVAL}).

getitimer(Which, At) ->
    Left = vbeam_linux_timers:get(vbeam_linux_group:table(), interval_timer(Which)),
    ok = vbeam_linux_memory:write(At, itimerval(Left)),
    0.

setitimer(Which, NewAt, OldAt) ->
    Id = interval_timer(Which),
    {Interval, Time} =
        case NewAt of
            0 -> {0, 0};
            _ ->
                {vbeam_linux_clock:read_timeval(NewAt), vbeam_linux_clock:read_timeval(NewAt + 16)}
        end,
    Old = vbeam_linux_timers:set(vbeam_linux_group:table(), Id, {in, Time}, Interval),
    _ = OldAt =/= 0 andalso vbeam_linux_memory:write(OldAt, itimerval(Old)),
    0.

itimerval({Left, Interval}) ->
    [vbeam_linux_clock:timeval(Interval), vbeam_linux_clock:timeval(rounded(Left))].

%% A timer that runs does not show 0.
rounded(0) -> 0;
rounded(Left) -> max(Left, 1000).

-define(SIGEV_SIGNAL, 0).
-define(SIGEV_NONE, 1).
-define(SIGEV_THREAD_ID, 4).

timer_create(Clock, EventAt, IdAt) ->
    (vbeam_linux_clock:is_known(Clock) andalso not lists:member(Clock, [4, 5, 6])) orelse
        throw({errno, ?EINVAL}),
    Signal =
        case EventAt of
            0 -> fun(Id) -> {group, ?SIGALRM, Id} end;
            _ -> event(vbeam_linux_memory:read(EventAt, 64))
        end,
    case vbeam_linux_timers:create(vbeam_linux_group:table(), Clock, Signal) of
        none ->
            throw({errno, ?EAGAIN});
        Id ->
            ok = vbeam_linux_memory:write_u32(IdAt, Id),
            0
    end.

%% struct sigevent
event(<<Value:64/little, Signal:32/little, How:32/little, Thread:32/little, _/binary>>) ->
    Valid = Signal >= 1 andalso Signal =< ?SIGNALS_MAX,
    case How of
        ?SIGEV_NONE -> fun(_) -> none end;
        ?SIGEV_SIGNAL when Valid -> fun(_) -> {group, Signal, Value} end;
        ?SIGEV_THREAD_ID when Valid ->
            Own = vbeam_linux_group:number(),
            case vbeam_linux_session:member(Thread) of
                #linux_pid{number = Own} -> fun(_) -> {{thread, Thread}, Signal, Value} end;
                _ -> throw({errno, ?EINVAL})
            end;
        _ -> throw({errno, ?EINVAL})
    end.

timer_settime(Id, Flags, NewAt, OldAt) ->
    Interval = vbeam_linux_clock:read_timespec(NewAt),
    Time = vbeam_linux_clock:read_timespec(NewAt + 16),
    When = case Flags band ?TIMER_ABSTIME of 0 -> {in, Time}; _ -> {at, Time} end,
    Old = numbered(vbeam_linux_timers:set(vbeam_linux_group:table(), Id, When, Interval)),
    _ = OldAt =/= 0 andalso vbeam_linux_memory:write(OldAt, itimerspec(Old)),
    0.

timer_gettime(Id, At) ->
    Left = numbered(vbeam_linux_timers:get(vbeam_linux_group:table(), Id)),
    ok = vbeam_linux_memory:write(At, itimerspec(Left)),
    0.

itimerspec({Left, Interval}) ->
    [vbeam_linux_clock:timespec(Interval), vbeam_linux_clock:timespec(Left)].

timer_getoverrun(Id) ->
    numbered(vbeam_linux_timers:overrun(vbeam_linux_group:table(), Id)).

timer_delete(Id) ->
    ok = numbered(vbeam_linux_timers:delete(vbeam_linux_group:table(), Id)),
    0.

numbered(none) -> throw({errno, ?EINVAL});
numbered(Found) -> Found.
