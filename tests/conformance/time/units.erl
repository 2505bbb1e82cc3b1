%% Units of time of any size, and which years OTP converts.
-module(units).
-export([cases/0]).

cases() ->
    [{lists:concat([Name, " in units of 1/", U]), fun() -> between(F, G, U, 1000) end}
     || {Name, F, G} <- [{"monotonic time", fun erlang:monotonic_time/0, fun erlang:monotonic_time/1},
                         {"system time", fun erlang:system_time/0, fun erlang:system_time/1}],
        U <- [1, 7, 1000, 1024, 999999999, 1000000000, 1000000001, 1 bsl 33, 100000000000, 2333333333333, 5732678356789, 1000000000000000000]]
    ++ [{lists:concat(["year ", Y]), fun() -> converted({{Y, 12, 31}, {23, 59, 59}}) end}
        || Y <- [-1, 0, 1, 1599, 1600, 1899, 1900, 1901, 1902, 1969, 1970, 2038, 2500, 10000, 292277, 2147483646, 2147483647]].

%% The time in the unit lies between those that are converted from native ones.
between(_, _, _, 0) -> ok;
between(Native, InUnit, Unit, N) ->
    Before = erlang:convert_time_unit(Native(), native, Unit),
    Time = InUnit(Unit),
    After = erlang:convert_time_unit(Native(), native, Unit),
    if Before =< Time, Time =< After -> between(Native, InUnit, Unit, N - 1);
       true -> {Before, Time, After}
    end.

converted(DateTime) ->
    [try F() catch error:R -> R end
     || F <- [fun() -> erlang:universaltime_to_posixtime(DateTime) end, fun() -> is_tuple(erlang:universaltime_to_localtime(DateTime)) end,
              fun() -> is_tuple(erlang:localtime_to_universaltime(DateTime)) end, fun() -> is_tuple(erlang:localtime_to_universaltime(DateTime, undefined)) end]].
