%% erlang:garbage_collect/1,2 of other processes: what they leave behind, and that whoever waits
%% goes on waiting.
-module(collected_by_others).
-export([cases/0, woken/1]).

cases() ->
    [{"a process that waits", fun() ->
        P = waiting(),
        {memory, Before} = process_info(P, memory),
        Result = garbage_collect(P),
        {memory, After} = process_info(P, memory),
        {Result, Before > 1_000_000, After < 100_000, process_info(P, [status, message_queue_len])}
     end},
     {"its messages come", fun() ->
        P = waiting(),
        [begin P ! {self(), N}, garbage_collect(P) end || N <- [1, 2, 3]],
        [receive {P, N} -> N end || N <- [1, 2, 3]]
     end},
     {"a process that hibernates", fun() ->
        Self = self(),
        P = spawn(fun() -> erlang:hibernate(?MODULE, woken, [Self]) end),
        receive after 20 -> ok end,
        Results = [garbage_collect(P) || _ <- [1, 2]],
        Early = receive {awake, P} -> woken after 20 -> asleep end,
        P ! wake,
        {Results, Early, receive {woken, P} -> woken after 1000 -> asleep end}
     end},
     {"a time limit goes on", fun() ->
        Self = self(),
        P = spawn(fun() -> receive never -> ok after 60 -> Self ! {over, self()} end end),
        Results = [begin receive after 5 -> ok end, garbage_collect(P) end || _ <- [1, 2, 3]],
        Over = receive {over, P} -> over after 1000 -> nothing end,
        {Results, Over, receive {over, P} -> again after 100 -> once end}
     end},
     {"asynchronous", fun() ->
        P = waiting(),
        Id = {make_ref(), [an, id]},
        First = garbage_collect(P, [{async, Id}]),
        {First, receive {garbage_collect, Id, Result} -> Result after 1000 -> nothing end}
     end},
     {"minor", fun() -> P = waiting(), [garbage_collect(P, [{type, Type}]) || Type <- [minor, major]] end},
     {"itself, asynchronously", fun() ->
        First = garbage_collect(self(), [{async, x}]),
        {First, receive {garbage_collect, x, Result} -> Result after 1000 -> nothing end}
     end},
     {"a process that is gone", fun() ->
        {P, Ref} = spawn_monitor(fun() -> ok end),
        receive {'DOWN', Ref, process, P, _} -> ok end,
        {garbage_collect(P), garbage_collect(P, [{async, 7}]),
         receive {garbage_collect, 7, Result} -> Result after 1000 -> nothing end}
     end},
     {"a process that runs", fun() ->
        Self = self(),
        P = spawn(fun() -> busy(Self, 0) end),
        Results = [garbage_collect(P) || _ <- lists:seq(1, 20)],
        P ! stop,
        {lists:usort(Results), receive {P, N} -> N > 0 after 5000 -> nothing end}
     end},
     {"a process that is suspended", fun() ->
        P = waiting(),
        erlang:suspend_process(P),
        Result = garbage_collect(P),
        P ! {self(), x},
        Early = receive {P, x} -> early after 20 -> suspended end,
        erlang:resume_process(P),
        {Result, Early, receive {P, x} -> x after 1000 -> nothing end}
     end},
     {"many", fun() ->
        Ps = [waiting() || _ <- lists:seq(1, 20)],
        [garbage_collect(P, [{async, P}]) || P <- Ps],
        length([receive {garbage_collect, P, true} -> P after 1000 -> nothing end || P <- Ps])
     end},
     {"of no process", fun() -> garbage_collect(none) end},
     {"with wrong options", fun() -> garbage_collect(self(), [none]) end},
     {"each other", fun() ->
        Self = self(),
        Ps = [spawn(fun() -> others(Self) end) || _ <- "abc"],
        [P ! {others, Ps -- [P]} || P <- Ps],
        [receive {P, Results} -> Results after 5000 -> nothing end || P <- Ps]
     end}].

%% It has a large heap, nearly all of it garbage, and sends back what it gets.
waiting() ->
    Self = self(),
    P = spawn(fun() -> Self ! {self(), lists:sum(lists:seq(1, 100_000))}, echo() end),
    receive {P, _} -> ok end,
    receive after 5 -> ok end,
    P.

echo() -> receive {From, Message} -> From ! {self(), Message}, echo() end.

woken(Self) -> Self ! {awake, self()}, receive wake -> Self ! {woken, self()} end.

busy(Self, N) ->
    receive stop -> Self ! {self(), N}
    after 0 -> busy(Self, N + length(lists:seq(1, 100)))
    end.

others(Self) ->
    receive {others, Ps} -> Self ! {self(), [garbage_collect(P) || P <- Ps, _ <- "ab"]} end,
    receive never -> ok end.
