%% Maps too large for one slice: building, merging, listing and walking them while another process
%% runs.
-module(maps_large).
-export([run/0]).

run() ->
    N = 60000,
    Self = self(),
    Ticker = spawn(fun() -> tick(Self, 0) end),
    L = [{{key, I}, I} || I <- lists:seq(1, N)],
    M = maps:from_list(L),
    show(map_size(M)),
    show(lists:sum(maps:values(M))),
    show(lists:sort(maps:keys(M)) =:= [K || {K, _} <- L]),
    show(lists:sort(maps:to_list(M)) =:= L),
    show(maps:fold(fun(_, V, A) -> V + A end, 0, M)),
    Half = maps:from_keys([{key, I} || I <- lists:seq(1, 2 * N, 2)], other),
    Merged = maps:merge(M, Half),
    show({map_size(Merged), maps:get({key, 1}, Merged), maps:get({key, 2}, Merged)}),
    Merged2 = maps:merge(Half, M),
    show({map_size(Merged2), maps:get({key, 1}, Merged2), maps:get({key, N + 1}, Merged2)}),
    show(Merged =:= maps:merge(Half, maps:merge(M, Half))),
    show(try maps:from_list(L ++ [bad]) catch C:R -> {C, R} end),
    Small = lists:foldl(fun(I, A) -> maps:remove({key, I}, A) end, M, lists:seq(21, N)),
    show(Small =:= maps:from_list(lists:sublist(L, 20))),
    Ticker ! {stop, self()},
    receive {ticks, T} -> show(T > 0) end.

tick(Self, N) ->
    receive
        {stop, Self} -> Self ! {ticks, N}
    after 0 -> tick(Self, N + 1)
    end.

show(X) -> erlang:display(X).
