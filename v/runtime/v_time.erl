%% Clocks and sleeping; durations are nanoseconds.
-module(v_time).

-export([sleep/1, monotonic/0, ticks/0]).

sleep(Nanoseconds) when Nanoseconds =< 0 -> ok;
sleep(Nanoseconds) -> timer:sleep((Nanoseconds + 999999) div 1000000).

%% Nanoseconds since some moment before the program began; never negative.
monotonic() ->
    erlang:monotonic_time(nanosecond) - erlang:system_info(start_time) * unit().

unit() -> 1000000000 div erlang:convert_time_unit(1, second, native).

ticks() -> erlang:monotonic_time(millisecond).
