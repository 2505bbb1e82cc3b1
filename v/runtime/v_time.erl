%% Clocks, sleeping and the calendar; durations are nanoseconds.
-module(v_time).

-export([sleep/1, monotonic/0, ticks/0, system/0, zone/1, date/1, days/3, strftime/5]).

sleep(Nanoseconds) when Nanoseconds =< 0 -> ok;
sleep(Nanoseconds) -> timer:sleep((Nanoseconds + 999999) div 1000000).

%% Nanoseconds since some moment before the program began; never negative.
monotonic() ->
    erlang:monotonic_time(nanosecond) - erlang:system_info(start_time) * unit().

unit() -> 1000000000 div erlang:convert_time_unit(1, second, native).

%% Milliseconds since 1970.
ticks() -> erlang:system_time(millisecond).

%% Nanoseconds since 1970.
system() -> erlang:system_time(nanosecond).

%% How many seconds local time is ahead at a moment given in seconds since 1970.
zone(Unix) ->
    try
        Universal = calendar:system_time_to_universal_time(Unix, second),
        Local = erlang:universaltime_to_localtime(Universal),
        calendar:datetime_to_gregorian_seconds(Local) -
            calendar:datetime_to_gregorian_seconds(Universal)
    catch
        error:_ -> 0
    end.

%% Days since 1970-01-01 to a date and back, for any year: calendar knows none before 0. Years begin
%% in March here, so that the leap day is a year's last; 400 years have 146097 days.
date(Days) ->
    Shifted = Days + 719468,
    Era = floor_div(Shifted, 146097),
    Day = Shifted - Era * 146097,
    Year = (Day - Day div 1460 + Day div 36524 - Day div 146096) div 365,
    OfYear = Day - (365 * Year + Year div 4 - Year div 100),
    March = (5 * OfYear + 2) div 153,
    Month =
        if
            March < 10 -> March + 3;
            true -> March - 9
        end,
    Later =
        if
            Month =< 2 -> 1;
            true -> 0
        end,
    {Year + Era * 400 + Later, Month, OfYear - (153 * March + 2) div 5 + 1}.

days(Year0, Month, Day) ->
    Year =
        if
            Month =< 2 -> Year0 - 1;
            true -> Year0
        end,
    Era = floor_div(Year, 400),
    OfEra = Year - Era * 400,
    OfYear = (153 * ((Month + 9) rem 12) + 2) div 5 + Day - 1,
    Era * 146097 + OfEra * 365 + OfEra div 4 - OfEra div 100 + OfYear - 719468.

floor_div(A, B) when A >= 0 -> A div B;
floor_div(A, B) -> -((B - 1 - A) div B).

%% The conversions of C's strftime in the C locale.
strftime(Format, Y, M, D, Clock) ->
    [H, Min, S] = v_array:to_list(Clock),
    iolist_to_binary(fields(Format, {{Y, M, D}, {H, Min, S}})).

fields(<<$%, C, Rest/binary>>, T) -> [field(C, T) | fields(Rest, T)];
fields(<<C, Rest/binary>>, T) -> [C | fields(Rest, T)];
fields(<<>>, _) -> [].

field($Y, {{Y, _, _}, _}) -> integer_to_list(Y);
field($y, {{Y, _, _}, _}) -> pad(Y rem 100);
field($C, {{Y, _, _}, _}) -> pad(Y div 100);
field($m, {{_, M, _}, _}) -> pad(M);
field($d, {{_, _, D}, _}) -> pad(D);
field($e, {{_, _, D}, _}) -> io_lib:format("~2b", [D]);
field($H, {_, {H, _, _}}) -> pad(H);
field($I, {_, {H, _, _}}) -> pad((H + 11) rem 12 + 1);
field($M, {_, {_, M, _}}) -> pad(M);
field($S, {_, {_, _, S}}) -> pad(S);
field($p, {_, {H, _, _}}) when H < 12 -> "AM";
field($p, _) -> "PM";
field($a, T) -> lists:sublist(weekday(T), 3);
field($A, T) -> weekday(T);
field($b, T) -> lists:sublist(month(T), 3);
field($h, T) -> field($b, T);
field($B, T) -> month(T);
field($j, {{Y, _, _} = Date, _}) -> io_lib:format("~3..0b", [day_of(Date) - days(Y, 1, 1) + 1]);
field($u, {Date, _}) -> integer_to_list(weekday_number(Date));
field($w, {Date, _}) -> integer_to_list(weekday_number(Date) rem 7);
field($s, {Date, {H, M, S}}) -> integer_to_list(day_of(Date) * 86400 + H * 3600 + M * 60 + S);
field($D, T) -> combined("%m/%d/%y", T);
field($F, T) -> combined("%Y-%m-%d", T);
field($T, T) -> combined("%H:%M:%S", T);
field($R, T) -> combined("%H:%M", T);
field($r, T) -> combined("%I:%M:%S %p", T);
field($c, T) -> combined("%a %b %e %H:%M:%S %Y", T);
field($x, T) -> combined("%m/%d/%y", T);
field($X, T) -> combined("%H:%M:%S", T);
field($z, _) -> "+0000";
field($Z, _) -> "GMT";
field($n, _) -> "\n";
field($t, _) -> "\t";
field($%, _) -> "%";
field(C, _) -> [$%, C].

combined(Format, T) -> fields(list_to_binary(Format), T).

pad(N) -> io_lib:format("~2..0b", [N]).

day_of({Y, M, D}) -> days(Y, M, D).

%% 1 is Monday.
weekday_number(Date) -> (day_of(Date) rem 7 + 10) rem 7 + 1.

weekday({Date, _}) ->
    element(
        weekday_number(Date),
        {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
    ).

month({{_, M, _}, _}) ->
    element(
        M,
        {"January", "February", "March", "April", "May", "June", "July", "August", "September",
            "October", "November", "December"}
    ).
