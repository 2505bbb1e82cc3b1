%% How late a high-priority process is that wants to run every millisecond, while eight processes
%% compute and make garbage. Lateness is what a wait took beyond the millisecond asked for.
-module(lateness).
-export([run/1]).

run(Count) ->
    process_flag(priority, high),
    Busy = [spawn(fun() -> busy(lists:seq(1, 100000)) end) || _ <- lists:seq(1, 8)],
    Late = lists:sort(wait(Count, [])),
    [exit(Pid, kill) || Pid <- Busy],
    {lateness, lists:nth(Count div 2, Late), lists:nth(Count - Count div 100, Late),
     lists:last(Late)}.

wait(0, Late) -> Late;
wait(N, Late) ->
    Start = erlang:monotonic_time(nanosecond),
    receive after 1 -> ok end,
    wait(N - 1, [erlang:monotonic_time(nanosecond) - Start - 1000000 | Late]).

busy(List) -> busy([X + 1 || X <- lists:reverse(List)]).
