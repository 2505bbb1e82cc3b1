%% List and tuple BIFs, short and long lists, errors.
-module(lists_bifs).
-export([run/0]).

run() ->
    short(),
    tuples(),
    errors(),
    long().

short() ->
    show([lists:member(a, [b, a]), lists:member(1.0, [1]), lists:member("x", ["y", "x"]), lists:member(a, [])]),
    show([lists:reverse([1, 2, 3]), lists:reverse([1, 2], [3]), lists:reverse([], x), lists:reverse([1], x)]),
    L = [{a, 1}, b, {c}, {1, one}, {1.5, x, y}, {"s", 2}],
    show([lists:keyfind(a, 1, L), lists:keyfind(1.0, 1, L), lists:keyfind("s", 1, L), lists:keyfind(z, 1, L)]),
    show([lists:keymember(x, 2, L), lists:keymember(y, 3, L), lists:keysearch(c, 1, L), lists:keysearch(q, 1, L)]),
    show([[1, 2] ++ [3], [] ++ x, [1] ++ x, [1, 2] ++ []]),
    show([[1, 2, 1, 3, 1] -- [1, 1], [1, 2] -- [], [] -- [1], [1.0, 1] -- [1], "hello" -- "l", [a, b] -- [c, d, b]]),
    show(lists:seq(1, 100) -- lists:seq(2, 100, 2)),
    show([1, 2, 1, 3] -- (lists:seq(5, 40) ++ [1])),
    show([length([]), length([a, b]), hd([a]), tl([a])]).

tuples() ->
    T = {a, b, c},
    show([element(2, T), setelement(3, T, z), tuple_size(T), tuple_size({}), tuple_to_list(T), tuple_to_list({})]),
    show([list_to_tuple([]), list_to_tuple([1, 2]), erlang:make_tuple(3, x), erlang:make_tuple(0, x),
          erlang:make_tuple(4, x, [{2, two}, {4, four}, {2, zwei}])]),
    show([erlang:append_element(T, d), erlang:append_element({}, d), erlang:insert_element(1, T, z),
          erlang:insert_element(4, T, z), erlang:delete_element(1, T), erlang:delete_element(1, {x})]),
    Big = erlang:make_tuple(100000, e),
    show([tuple_size(Big), element(99999, setelement(99999, Big, f)), length(tuple_to_list(Big)),
          tuple_size(list_to_tuple(tuple_to_list(Big)))]).

errors() ->
    [show(catch_it(F)) || F <- [
        fun() -> lists:member(a, [b | c]) end,
        fun() -> lists:member(a, id(c)) end,
        fun() -> lists:reverse(id([a | b]), c) end,
        fun() -> lists:keyfind(a, 0, []) end,
        fun() -> lists:keyfind(a, 1, [{b} | x]) end,
        fun() -> lists:keymember(a, x, []) end,
        fun() -> id([b | c]) ++ a end,
        fun() -> id([b | c]) -- [] end,
        fun() -> [b] -- id([a | b]) end,
        fun() -> id(a) ++ [] end,
        fun() -> length(id([a | b])) end,
        fun() -> hd(id([])) end,
        fun() -> tl(id([])) end,
        fun() -> element(id(4), {a, b, c}) end,
        fun() -> element(id(0), {a, b, c}) end,
        fun() -> element(1, id([])) end,
        fun() -> setelement(id(4), {a}, b) end,
        fun() -> erlang:make_tuple(id(-1), a) end,
        fun() -> erlang:make_tuple(id(1 bsl 30), a) end,
        fun() -> erlang:make_tuple(3, a, [{4, b}]) end,
        fun() -> erlang:make_tuple(3, a, [{1, b} | c]) end,
        fun() -> erlang:insert_element(id(5), {a, b, c}, d) end,
        fun() -> erlang:delete_element(id(4), {a, b, c}) end,
        fun() -> list_to_tuple(id([a | b])) end,
        fun() -> tuple_to_list(id(a)) end]].

long() ->
    N = 100000,
    L = lists:seq(1, N),
    R = lists:reverse(L),
    show([hd(R), lists:last(R), length(R)]),
    show(lists:reverse(R) =:= L),
    show(length(L ++ R)),
    show(L ++ R =:= lists:append([L, R])),
    show([lists:member(N, L), lists:member(0, L), lists:keyfind(N, 1, [{I} || I <- L]), lists:keyfind(0, 1, [{I} || I <- L])]),
    show(L -- R),
    show((L ++ L) -- R =:= L),
    show(L -- [50, N, 1] =:= lists:seq(2, 49) ++ lists:seq(51, N - 1)),
    show(L -- lists:seq(1, N, 2) =:= lists:seq(2, N, 2)),
    show([[7, 0, 7, 5, 7.0, "a"] -- (L ++ [7, "a"]), [0, -1] -- L, [] -- L, [1, 2, 1] -- L]),
    show([lists:seq(-K, 1) -- L =:= lists:seq(-K, 0) || K <- lists:seq(10, 20)]),
    show([catch_it(fun() -> S -- T end) || S <- [[a], [1], [], [a | b], L ++ x], T <- [L ++ x, [1 | x]]]),
    show([catch_it(fun() -> S -- L end) || S <- [[a | b], [1 | 2], x]]),
    show(catch_it(fun() -> lists:member(0, L ++ x) end)),
    show(catch_it(fun() -> lists:reverse(L ++ x) end)),
    show(catch_it(fun() -> (L ++ x) ++ y end)).

catch_it(F) ->
    try F() of V -> {value, V} catch C:E -> {C, E} end.

id(X) -> X.

show(X) -> erlang:display(X).
