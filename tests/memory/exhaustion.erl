%% Processes that use up all memory, each in its own way: it is they who are killed.
-module(exhaustion).
-export([run/0]).

run() ->
    [begin
         {P, M} = spawn_monitor(F),
         receive {'DOWN', M, process, P, R} -> erlang:display({Name, R}) end
     end || {Name, F} <- greedy()],
    erlang:display({tables, ets:all()}).

greedy() ->
    [{set, fun() -> fill(ets:new(t, []), 0) end},
     {ordered_set, fun() -> fill(ets:new(t, [ordered_set]), 0) end},
     {duplicate_bag, fun() -> fill_bag(ets:new(t, [duplicate_bag]), 0) end},
     {map, fun() -> map(#{}, 0) end},
     {from_list, fun() -> pairs(1000) end},
     {dictionary, fun() -> dictionary(0) end},
     {list, fun() -> double([1]) end},
     {reverse, fun() -> reverse([1]) end},
     {atomics, fun() -> arrays([]) end},
     {tuple, fun() -> tuple({}) end},
     {tab2list, fun() -> copies(table(20000), []) end},
     {select, fun() -> selections(table(20000), []) end},
     {modest, fun() -> 20000 = map_size(maps:from_list(ets:tab2list(table(20000)))) end},
     {persistent_term, fun() -> terms(0) end},
     {still_fine, fun() -> 1000 = ets:info(table(1000), size) end}].

table(N) ->
    T = ets:new(t, []),
    [ets:insert(T, {I, a}) || I <- lists:seq(1, N)],
    T.

fill(T, N) ->
    ets:insert(T, {N, "some text that takes room", <<0:800>>}),
    fill(T, N + 1).

fill_bag(T, N) ->
    ets:insert(T, {N rem 1000, N}),
    fill_bag(T, N + 1).

map(M, N) -> map(M#{N => [N]}, N + 1).

pairs(N) ->
    maps:from_list([{I, [I, I, I]} || I <- lists:seq(1, N)]),
    pairs(N * 2).

dictionary(N) ->
    put(N, [N]),
    dictionary(N + 1).

double(L) -> double(L ++ L).

reverse(L) -> reverse(lists:reverse(L, L)).

tuple(T) -> tuple(list_to_tuple([T | tuple_to_list(T)] ++ tuple_to_list(T))).

arrays(L) -> arrays([atomics:new(10000, []) | L]).

copies(T, L) -> copies(T, [ets:tab2list(T) | L]).

selections(T, L) -> selections(T, [ets:select(T, [{'_', [], [['$_', '$$', {{'$_'}}]]}]) | L]).

terms(N) ->
    persistent_term:put({N}, lists:seq(1, 10000)),
    terms(N + 1).
