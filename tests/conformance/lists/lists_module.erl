%% Modules of stdlib that work on lists and trees.
-module(lists_module).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    L = [5, 3, 8, 1, 9, 2, 7],
    P = [{b, 2}, {a, 1}, {c, 3}, {a, 4}],
    [?C(lists:sort(L)), ?C(lists:sort(fun(A, B) -> A > B end, L)), ?C(lists:usort([3, 1, 2, 3, 1, 1.0])), ?C(lists:keysort(1, P)), ?C(lists:ukeysort(1, P)),
     ?C(lists:merge([1, 3, 5], [2, 4])), ?C(lists:umerge([[1, 3], [1, 2], [3]])), ?C(lists:merge3([1], [2], [3])), ?C(lists:keymerge(1, [{a, 1}], [{b, 2}])),
     ?C(lists:map(fun(X) -> X * X end, L)), ?C(lists:filter(fun(X) -> X > 4 end, L)), ?C(lists:foldl(fun(X, A) -> X - A end, 0, L)), ?C(lists:foldr(fun(X, A) -> X - A end, 0, L)),
     ?C(lists:mapfoldl(fun(X, A) -> {X + A, X} end, 0, L)), ?C(lists:mapfoldr(fun(X, A) -> {X + A, X} end, 0, L)), ?C(lists:flatmap(fun(X) -> [X, X] end, [1, 2])),
     ?C(lists:partition(fun(X) -> X > 4 end, L)), ?C(lists:takewhile(fun(X) -> X > 2 end, L)), ?C(lists:dropwhile(fun(X) -> X > 2 end, L)), ?C(lists:splitwith(fun(X) -> X > 2 end, L)),
     ?C(lists:split(3, L)), ?C(lists:split(30, L)), ?C(lists:sublist(L, 3)), ?C(lists:sublist(L, 3, 2)), ?C(lists:nth(3, L)), ?C(lists:nthtail(3, L)), ?C(lists:last(L)), ?C(lists:droplast(L)),
     ?C(lists:reverse(L)), ?C(lists:reverse([1, 2], [3])), ?C(lists:append([[1], [2, 3], []])), ?C(lists:duplicate(3, x)), ?C(lists:seq(1, 10, 3)), ?C(lists:seq(10, 1, -4)), ?C(lists:seq(1, 0)), ?C(lists:seq(2, 0)),
     ?C(lists:sum(L)), ?C(lists:max(L)), ?C(lists:min(L)), ?C(lists:member(3, L)), ?C(lists:delete(3, L)), ?C(lists:subtract(L, [3, 5])), ?C(lists:search(fun(X) -> X > 5 end, L)),
     ?C(lists:any(fun(X) -> X > 8 end, L)), ?C(lists:all(fun(X) -> X > 8 end, L)), ?C(lists:zip([1, 2], [a, b])), ?C(lists:zip([1, 2], [a])), ?C(lists:zip3([1], [a], [x])), ?C(lists:unzip([{1, a}, {2, b}])), ?C(lists:zipwith(fun(A, B) -> A + B end, [1, 2], [3, 4])),
     ?C(lists:keyfind(a, 1, P)), ?C(lists:keymember(z, 1, P)), ?C(lists:keydelete(a, 1, P)), ?C(lists:keyreplace(a, 1, P, {a, x})), ?C(lists:keystore(z, 1, P, {z, 9})), ?C(lists:keytake(a, 1, P)), ?C(lists:keysearch(c, 1, P)), ?C(lists:keymap(fun(X) -> X * 2 end, 2, P)),
     ?C(lists:flatten([1, [2, [3, []]], [[4]]])), ?C(lists:flatlength([1, [2, [3]]])), ?C(lists:filtermap(fun(X) when X > 5 -> {true, X * 10}; (X) -> X > 2 end, L)), ?C(lists:join(x, [a, b, c])), ?C(lists:enumerate([a, b])), ?C(lists:uniq([1, 2, 1, 3, 2])), ?C(lists:foreach(fun(_) -> ok end, L)),
     ?C(lists:sort(big(5000)) =:= lists:sort(lists:reverse(big(5000)))), ?C(erlang:phash2(lists:sort(big(20000)))), ?C(length(lists:usort(big(20000)))), ?C(erlang:phash2(lists:foldl(fun(X, A) -> [X | A] end, [], big(100000)))),
     ?C(orddict:to_list(orddict:store(b, 2, orddict:from_list([{c, 3}, {a, 1}])))), ?C(dict:fetch(a, dict:from_list(P))), ?C(lists:sort(dict:to_list(dict:update_counter(a, 5, dict:from_list([{a, 1}, {b, 2}]))))),
     ?C(gb_trees:to_list(gb_trees:insert(d, 4, gb_trees:from_orddict([{a, 1}, {b, 2}])))), ?C(gb_trees:lookup(x, gb_trees:empty())), ?C(gb_trees:take_smallest(gb_trees:from_orddict([{a, 1}, {b, 2}]))), ?C(gb_trees:balance(lists:foldl(fun(N, T) -> gb_trees:enter(N, x, T) end, gb_trees:empty(), lists:seq(1, 10)))),
     ?C(gb_sets:to_list(gb_sets:union(gb_sets:from_list([1, 3]), gb_sets:from_list([2, 3])))), ?C(lists:sort(sets:to_list(sets:intersection(sets:from_list([1, 2, 3]), sets:from_list([2, 3, 4]))))), ?C(sets:is_subset(sets:from_list([1]), sets:from_list([1, 2]))), ?C(ordsets:subtract([1, 2, 3], [2])),
     ?C(queue:to_list(queue:in(3, queue:from_list([1, 2])))), ?C(queue:out(queue:from_list([1, 2]))), ?C(queue:len(queue:join(queue:from_list([1]), queue:from_list([2])))), ?C(queue:peek_r(queue:from_list([1, 2]))),
     ?C(array:to_list(array:set(3, x, array:new({default, 0})))), ?C(array:get(10, array:from_list([a, b]))), ?C(array:foldl(fun(I, V, A) -> [{I, V} | A] end, [], array:from_list([a, b]))), ?C(array:size(array:resize(100, array:new()))),
     ?C(sofs:to_external(sofs:converse(sofs:relation([{1, a}, {2, b}])))), ?C(begin G = digraph:new(), [digraph:add_vertex(G, V) || V <- [a, b, c]], digraph:add_edge(G, a, b), digraph:add_edge(G, b, c), {digraph:get_path(G, a, c), digraph_utils:topsort(G), digraph:info(G) =/= []} end),
     ?C(rand:uniform() < 1.0), ?C(begin rand:seed(exsss, {1, 2, 3}), [rand:uniform(100) || _ <- lists:seq(1, 10)] end), ?C(begin rand:seed(exro928ss, 42), [rand:uniform(1000) || _ <- lists:seq(1, 5)] end), ?C(begin rand:seed(exsp, 7), [rand:normal() || _ <- lists:seq(1, 3)] end)].

%% Numbers without order from a linear congruence.
big(N) -> big(N, 12345, []).
big(0, _, L) -> L;
big(N, X, L) -> big(N - 1, (X * 1103515245 + 12345) rem 2147483648, [X rem 10007 | L]).
