%% Random operations on maps of all sizes; a digest of every result, so that a difference shows
%% which phase caused it. Nothing here depends on the order in which large maps are walked.
-module(maps_random).
-export([run/0]).

-define(STEPS, 3000).

run() ->
    [erlang:display({Range, Seed, run(Range, Seed)}) || Range <- [10, 50, 400], Seed <- [1, 2, 3]],
    ok.

run(Range, Seed) ->
    put(seed, Seed * 104729 + Range),
    steps(?STEPS, Range, {#{}, #{}}, 0, []).

%% Two maps, so that they can be merged and compared.
steps(0, _, _, _, Digests) -> lists:reverse(Digests);
steps(N, Range, {A, B}, Hash, Digests) ->
    {Result, Maps} = step(random(22), Range, A, B),
    Hash1 = erlang:phash2({Hash, Result}),
    {A1, B1} = limit(Maps),
    case N rem 500 of
        1 -> steps(N - 1, Range, {A1, B1}, Hash1,
                   [{Hash1, map_size(A1), erlang:phash2(A1)} | Digests]);
        _ -> steps(N - 1, Range, {A1, B1}, Hash1, Digests)
    end.

limit({A, B}) when map_size(A) > 600 -> {B, #{}};
limit(Maps) -> Maps.

step(N, R, A, B) when N < 5 -> K = key(R), {K, {A#{K => value(R)}, B}};
step(5, R, A, B) -> K = key(R), {maps:find(K, A), {maps:remove(K, A), B}};
step(6, R, A, B) -> K = key(R), {ok, {maps:without([K, key(R), key(R)], A), B}};
step(7, R, A, B) -> try A#{key(R) := value(R)} of A1 -> {ok, {A1, B}} catch error:E -> {E, {A, B}} end;
step(8, R, A, B) -> {maps:take(key(R), A), {A, B}};
step(9, R, A, B) -> {maps:get(key(R), A, none), {A, B}};
step(10, R, A, B) -> {is_map_key(key(R), A), {A, B}};
step(11, _, A, B) -> {map_size(A), {maps:merge(A, B), A}};
step(12, _, A, B) -> {map_size(B), {maps:merge(B, A), A}};
step(13, R, A, B) ->
    L = [{key(R), value(R)} || _ <- lists:seq(1, random(60))],
    {maps:from_list(L), {A, maps:from_list(L ++ sorted(B))}};
step(14, _, A, B) -> {[A == B, A =:= B, A < B, B < A, {A} =< {B}], {A, B}};
step(15, _, A, B) -> {sorted(A), {A, B}};
step(16, _, A, B) -> {sorted(maps:from_keys(maps:keys(A), k)), {B, A}};
step(17, _, A, B) ->
    {binary_to_term(term_to_binary(A)) =:= A, {binary_to_term(term_to_binary(B)), A}};
step(18, R, A, B) ->
    %% The same map by another way is the same.
    C = lists:foldl(fun(K, M) -> maps:remove(K, M) end, A#{new => 1, {new} => 2}, [new, {new}]),
    D = maps:from_list(lists:reverse(sorted(C))),
    {[C =:= maps:without([new, {new}], A), C =:= D, erlang:phash2(C) =:= erlang:phash2(D), key(R)],
     {C, B}};
step(19, R, A, B) ->
    V = value(R),
    {maps:fold(fun(_, W, N) -> case W == V of true -> N + 1; false -> N end end, 0, A),
     {maps:filter(fun(_, W) -> W /= V end, A), B}};
step(20, R, A, B) ->
    K = key(R),
    {match(K, A), {maps:update_with(K, fun(V) -> [V] end, first, A), B}};
step(21, R, A, B) ->
    [K1, K2, K3] = [key(R), key(R), key(R)],
    {ok, {A#{K1 => 1, K2 => 2, K3 => 3, a => 4, "b" => 5}, B}}.

match(K, M) ->
    case M of
        #{K := V, a := W} -> {both, V, W};
        #{K := V} -> {one, V};
        #{} -> none
    end.

%% Keys that are equal but not the same need an order of their own.
sorted(M) ->
    lists:sort(fun({A, _}, {B, _}) -> {A, erlang:phash2(A)} =< {B, erlang:phash2(B)} end,
               maps:to_list(M)).

key(R) ->
    case random(8) of
        0 -> random(R);
        1 -> float(random(R));
        2 -> {k, random(R)};
        3 -> [random(R), x];
        4 -> list_to_atom("k" ++ integer_to_list(random(R)));
        5 -> integer_to_binary(random(R) * 7919);
        6 -> #{random(R) => random(2)};
        7 -> (1 bsl 64) + random(R)
    end.

value(R) ->
    case random(4) of
        0 -> random(R);
        1 -> random(R) / 4;
        2 -> #{random(5) => [random(5)]};
        3 -> {random(2), "v"}
    end.

random(N) ->
    Next = (get(seed) * 1103515245 + 12345) rem 2147483648,
    put(seed, Next),
    (Next div 65536) rem N.
