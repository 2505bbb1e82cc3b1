%% Clocks of Linux, clock_gettime(2), on Erlang's: monotonic time begins when programs could start
%% first. struct timespec and timeval are read and written here.
-module(vbeam_linux_clock).
-export([now/1, deadline/2, after_pointer/1, at_pointer/2, write/2, read_timespec/1]).
-export([read_timeval/1, timespec/1, timeval/1, is_known/1, set/2]).
-compile({no_auto_import, [now/1]}).

-include("vbeam_linux.hrl").

-define(SECOND, 1000000000).

%% CLOCK_ numbers; negative ones are those of processes and threads.
-spec is_known(integer()) -> boolean().
is_known(Clock) ->
    (Clock >= 0 andalso Clock =< 9) orelse Clock =:= 11 orelse
        (Clock < 0 andalso lists:member(Clock band 7, [2, 6])).

-spec now(integer()) -> integer().
now(Clock) when Clock =:= 0; Clock =:= 5; Clock =:= 8 ->
    erlang:system_time(nanosecond) + vbeam_linux_compat:wall_offset();
now(11) ->
    now(0) + 37 * ?SECOND;
now(Clock) when Clock =:= 1; Clock =:= 4; Clock =:= 6; Clock =:= 7; Clock =:= 9 ->
    vbeam_linux_wait:now() - vbeam_linux_compat:started();
now(Clock) when Clock =:= 2; Clock =:= 3 ->
    used(vbeam_linux_group:table());
now(Clock) when Clock < 0, Clock band 7 =:= 2; Clock < 0, Clock band 7 =:= 6 ->
    #linux_pid{table = Table} = vbeam_linux_session:member(bnot (Clock bsr 3)),
    used(Table);
now(_) ->
    throw({errno, ?EINVAL}).

used(Table) ->
    {User, System} = vbeam_linux_usage:own(Table),
    User + System.

%% Time of one of the clocks that go on by themselves, as a deadline.
-spec deadline(integer(), At :: integer()) -> integer().
deadline(Clock, At) -> vbeam_linux_wait:now() + max(0, At - now(Clock)).

%% Of an optional timespec: from now on.
-spec after_pointer(non_neg_integer()) -> vbeam_linux_wait:deadline().
after_pointer(0) -> infinity;
after_pointer(Pointer) -> vbeam_linux_wait:deadline(read_timespec(Pointer)).

%% The same as a time of a clock.
-spec at_pointer(non_neg_integer(), Realtime :: boolean()) -> vbeam_linux_wait:deadline().
at_pointer(0, _) -> infinity;
at_pointer(Pointer, true) -> deadline(0, read_timespec(Pointer));
at_pointer(Pointer, false) -> deadline(1, read_timespec(Pointer)).

-spec read_timespec(non_neg_integer()) -> non_neg_integer().
read_timespec(Pointer) ->
    case vbeam_linux_memory:read(Pointer, 16) of
        <<Seconds:64/little-signed, Nanoseconds:64/little-signed>> when
            Seconds >= 0, Nanoseconds >= 0, Nanoseconds < ?SECOND
        ->
            Seconds * ?SECOND + Nanoseconds;
        _ ->
            throw({errno, ?EINVAL})
    end.

-spec read_timeval(non_neg_integer()) -> non_neg_integer().
read_timeval(Pointer) ->
    case vbeam_linux_memory:read(Pointer, 16) of
        <<Seconds:64/little-signed, Microseconds:64/little-signed>> when
            Seconds >= 0, Microseconds >= 0, Microseconds < 1000000
        ->
            Seconds * ?SECOND + Microseconds * 1000;
        _ ->
            throw({errno, ?EINVAL})
    end.

-spec timespec(non_neg_integer()) -> binary().
timespec(Time) -> <<(Time div ?SECOND):64/little, (Time rem ?SECOND):64/little>>.

-spec timeval(non_neg_integer()) -> binary().
timeval(Time) -> <<(Time div ?SECOND):64/little, (Time rem ?SECOND div 1000):64/little>>.

%% Where the pointer is not NULL.
-spec write(non_neg_integer(), binary()) -> ok.
write(0, _) -> ok;
write(Pointer, Bytes) -> vbeam_linux_memory:write(Pointer, Bytes).

%% The wall clock of Linux programs alone.
-spec set(integer(), integer()) -> 0.
set(0, Time) ->
    ok = vbeam_linux_compat:set_wall_offset(Time - erlang:system_time(nanosecond)),
    0;
set(_, _) ->
    throw({errno, ?EINVAL}).
