%% Maps of all sizes: instructions, BIFs, iteration, order, errors.
-module(maps_basic).
-export([run/0]).

run() ->
    sizes(),
    updates(),
    patterns(),
    bifs(),
    errors(),
    order(),
    iterate().

m(N) -> maps:from_list([{I, I * I} || I <- lists:seq(1, N)]).

sizes() ->
    [show({size, N, map_size(m(N)), lists:sum(maps:values(m(N))), lists:sum(maps:keys(m(N)))})
     || N <- [0, 1, 2, 31, 32, 33, 34, 100, 1000]],
    M = m(33),
    show({remove, map_size(maps:remove(7, M)), maps:keys(maps:remove(7, M))}),
    show({remove_all, lists:foldl(fun maps:remove/2, M, lists:seq(1, 33))}),
    show(lists:foldl(fun(I, A) -> A#{I => x} end, #{}, lists:seq(1, 40)) =:=
             maps:from_keys(lists:seq(40, 1, -1), x)).

updates() ->
    M0 = #{a => 1, b => 2, "c" => 3, 1.0 => float, 1 => int, {t} => tuple},
    show(M0),
    show(M0#{a := 10, "c" := 30}),
    show(M0#{a := 10, z => 26}),
    K = id(b),
    show(M0#{K := 20, id(q) => 5}),
    Big = m(50),
    Big2 = Big#{3 := three, 51 => new, 52 => newer},
    show({maps:get(3, Big2), maps:get(51, Big2), maps:get(52, Big2), map_size(Big2), maps:get(3, Big)}),
    show(maps:put(a, 1, M0) =:= M0).

patterns() ->
    [show(pattern(M)) || M <- [#{}, #{a => 1}, #{a => 1, b => 2}, maps:put(b, 2, maps:put(a, 1, m(40))), not_map]].

pattern(#{a := A, b := B}) -> {both, A, B};
pattern(#{a := A}) -> {a, A};
pattern(M) when is_map_key(zz, M) -> zz;
pattern(#{}) -> map;
pattern(_) -> other.

bifs() ->
    M = #{a => 1, b => 2},
    show([maps:find(a, M), maps:find(c, M), maps:is_key(b, M), maps:is_key(c, M), maps:get(c, M, default)]),
    show([maps:take(a, M), maps:take(c, M), maps:without([a], M), maps:with([a, c], M)]),
    show(maps:merge(M, #{b => 3, c => 4})),
    show(maps:merge(m(20), m(40)) =:= m(40)),
    show(maps:merge(m(40), #{1 => x}) =:= (m(40))#{1 := x}),
    show(maps:merge(#{1 => x, y => z}, m(40)) =:= (m(40))#{y => z}),
    show(map_size(maps:merge(m(500), maps:from_keys(lists:seq(400, 1000), k)))),
    show(maps:from_list([{a, 1}, {b, 2}, {a, 3}])),
    show(maps:from_keys([a, b, a], [])),
    show(maps:map(fun(K, V) -> {K, V} end, M)),
    show(maps:filter(fun(_, V) -> V > 1 end, M)),
    show(maps:fold(fun(K, V, A) -> [{K, V} | A] end, [], M)),
    show(maps:update_with(a, fun(X) -> X + 1 end, M)),
    show(maps:groups_from_list(fun(X) -> X rem 3 end, lists:seq(1, 10))),
    show(lists:sort(maps:to_list(m(100))) =:= [{I, I * I} || I <- lists:seq(1, 100)]).

errors() ->
    [show(catch_it(F)) || F <- [
        fun() -> (id(x))#{a => 1} end,
        fun() -> (id(#{}))#{a := 1} end,
        fun() -> (m(40))#{a := 1} end,
        fun() -> maps:get(a, #{}) end,
        fun() -> maps:get(a, x) end,
        fun() -> map_get(id(a), m(40)) end,
        fun() -> maps:update(a, 1, #{}) end,
        fun() -> map_size(id(x)) end,
        fun() -> maps:from_list([a]) end,
        fun() -> maps:from_list([{a, 1} | b]) end,
        fun() -> maps:from_list(id(x)) end,
        fun() -> maps:keys(id(x)) end,
        fun() -> maps:merge(id(x), #{}) end,
        fun() -> maps:merge(#{}, id(x)) end,
        fun() -> maps:take(a, id(x)) end,
        fun() -> maps:remove(a, id(x)) end,
        fun() -> maps:from_keys([a | b], 1) end,
        fun() -> is_map_key(a, id(x)) end]].

order() ->
    show(lists:sort([#{a => 1}, #{}, #{b => 0}, #{a => 1, b => 2}, #{a => 0}, #{1 => 1}, #{1.0 => 1}, m(40), m(39)])
             =:= [#{}, #{1 => 1}, #{1.0 => 1}, #{a => 0}, #{a => 1}, #{b => 0}, #{a => 1, b => 2}, m(39), m(40)]),
    show([#{1 => 1} == #{1 => 1.0}, #{1 => 1} =:= #{1 => 1.0}, #{1 => 1} == #{1.0 => 1}]),
    show([(m(40))#{40 := 1600.0} == m(40), (m(40))#{40 := 1600.0} =:= m(40)]),
    show(maps:keys(#{{} => 1, [] => 1, "a" => 1, <<"b">> => 1, c => 1, 1.5 => 1, 1 => 1, 1 bsl 70 => 1})).

iterate() ->
    show(walk(maps:next(maps:iterator(#{a => 1, b => 2})))),
    show(lists:sort(walk(maps:next(maps:iterator(m(100))))) =:= lists:sort(maps:to_list(m(100)))),
    show(lists:sort(walk(maps:next(maps:iterator(m(32))))) =:= lists:sort(maps:to_list(m(32)))),
    show(maps:next(maps:iterator(#{}))),
    show([K || {K, _} <- maps:to_list(m(100))] -- maps:keys(m(100))).

walk(none) -> [];
walk({K, V, I}) -> [{K, V} | walk(maps:next(I))].

catch_it(F) ->
    try F() of V -> {value, V} catch C:R -> {C, R} end.

id(X) -> X.

show(X) -> erlang:display(X).
