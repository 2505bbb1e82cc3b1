%% Tables too large for one slice, walks with deletions under fixation, owners and heirs.
-module(ets_large).
-export([run/0]).

run() ->
    [large(T) || T <- [set, ordered_set, bag, duplicate_bag]],
    fixation(),
    walks(),
    owners(),
    mixed().

large(Type) ->
    N = 20000,
    T = ets:new(t, [Type, public]),
    true = ets:insert(T, [{I, I rem 7, {<<"some binary">>, I}} || I <- lists:seq(1, N)]),
    show({Type, ets:info(T, size)}),
    show(length(ets:tab2list(T))),
    show(lists:sort(ets:select(T, [{{'$1', 3, '_'}, [], ['$1']}])) =:= [I || I <- lists:seq(1, N), I rem 7 == 3]),
    show(ets:select_count(T, [{{'$1', '$2', '_'}, [{'>', '$1', 100}, {'=:=', '$2', 0}], [true]}])),
    show(lists:sort(chunks(ets:select(T, [{{'$1', 5, '_'}, [], ['$1']}], 100), [])) =:=
             [I || I <- lists:seq(1, N), I rem 7 == 5]),
    show(ets:foldl(fun({I, _, _}, A) -> A + I end, 0, T)),
    show(ets:select_delete(T, [{{'$1', '_', '_'}, [{'>', '$1', N div 2}], [true]}])),
    show(ets:info(T, size)),
    show(lists:sort([K || {K, _, _} <- ets:tab2list(T)]) =:= lists:seq(1, N div 2)),
    [ets:delete(T, I) || I <- lists:seq(1, N div 2, 2)],
    show(ets:info(T, size)),
    show(ets:lookup(T, 4)),
    show([ets:member(T, 3), ets:member(T, 4)]),
    show([ets:delete_all_objects(T), ets:info(T, size), ets:insert(T, {1, 2, 3}), ets:tab2list(T)]),
    [ets:insert(T, {I, x, "list"}) || I <- lists:seq(1, 5000)],
    show(ets:info(T, size)),
    show(ets:delete(T)),
    show(ets:info(T)).

chunks('$end_of_table', Acc) -> Acc;
chunks({L, C}, Acc) -> chunks(ets:select(C), L ++ Acc).

fixation() ->
    T = ets:new(t, [set, public]),
    ets:insert(T, [{I, I} || I <- lists:seq(1, 1000)]),
    ets:safe_fixtable(T, true),
    show({fixed, ets:info(T, fixed)}),
    Seen = walk_deleting(T, ets:first(T), []),
    show(lists:sort(Seen) =:= lists:seq(1, 1000)),
    show({size, ets:info(T, size)}),
    ets:insert(T, {5, again}),
    show(ets:lookup(T, 5)),
    ets:safe_fixtable(T, false),
    show({fixed, ets:info(T, fixed), ets:tab2list(T)}),
    [ets:insert(T, {I, I}) || I <- lists:seq(1, 3000)],
    [ets:delete(T, I) || I <- lists:seq(1, 2990)],
    show(lists:sort(ets:tab2list(T))).

walk_deleting(_, '$end_of_table', Seen) -> Seen;
walk_deleting(T, K, Seen) ->
    ets:delete(T, K),
    walk_deleting(T, ets:next(T, K), [K | Seen]).

walks() ->
    T = ets:new(t, [ordered_set]),
    ets:insert(T, [{I} || I <- [5, 3, 9, 1, 7, 2.5, 10.0, a, "s", {t}]]),
    show([ets:first(T), ets:last(T), ets:next(T, 3), ets:prev(T, 3), ets:next(T, 4), ets:prev(T, 4), ets:next(T, "s"),
          ets:prev(T, 1), ets:next(T, 10)]),
    show(ets:tab2list(T)),
    ets:insert(T, {3.0, float}),
    show(ets:lookup(T, 3)),
    ets:delete(T, 9.0),
    show(ets:tab2list(T)),
    show(ets:select_reverse(T, [{{'$1'}, [{is_number, '$1'}], ['$1']}])),
    show(ets:select_reverse(T, [{'_', [], ['$_']}], 3) =:= ok),
    B = ets:new(b, [bag]),
    [ets:insert(B, {a, I}) || I <- [1, 2, 1, 3]],
    show([ets:lookup(B, a), ets:delete_object(B, {a, 2}), ets:lookup(B, a), ets:lookup_element(B, a, 2)]),
    D = ets:new(b, [duplicate_bag]),
    [ets:insert(D, {a, I}) || I <- [1, 2, 1, 3]],
    show([ets:lookup(D, a), ets:delete_object(D, {a, 1}), ets:lookup(D, a), ets:take(D, a), ets:lookup(D, a)]),
    K = ets:new(k, [{keypos, 2}]),
    ets:insert(K, [{x, 1}, {y, 2}, {z, 1}]),
    show(lists:sort(ets:tab2list(K))),
    show(catch_it(fun() -> ets:insert(K, {x}) end)),
    show(catch_it(fun() -> ets:next(K, 99) end)),
    show(catch_it(fun() -> ets:new(k, [{keypos, 0}]) end)),
    show(catch_it(fun() -> ets:new("k", []) end)),
    show(catch_it(fun() -> ets:new(k, [foo]) end)),
    show(catch_it(fun() -> ets:lookup(none, 1) end)).

owners() ->
    Self = self(),
    named = ets:new(named, [named_table, private]),
    show(catch_it(fun() -> ets:new(named, [named_table]) end)),
    show([ets:whereis(named) =/= undefined, ets:whereis(nobody), ets:info(named, name), ets:info(named, owner) == Self]),
    spawn(fun() -> Self ! {read, catch_it(fun() -> ets:lookup(named, a) end)} end),
    receive {read, R} -> show(R) end,
    show([ets:rename(named, other), ets:insert(other, {a, 1}), ets:lookup(other, a)]),
    spawn(fun() ->
                  T = ets:new(given, [{heir, Self, {heirs, data}}]),
                  ets:insert(T, {k, v}),
                  Self ! {table, T}
          end),
    T = receive {table, T0} -> T0 end,
    receive {'ETS-TRANSFER', T, _, Data} -> show({inherited, Data, ets:lookup(T, k), ets:info(T, owner) == Self}) end,
    P = spawn(fun() ->
                      receive {'ETS-TRANSFER', G, Self, gift} -> Self ! {got, ets:lookup(G, k)} end,
                      receive stop -> ok end
              end),
    show(ets:give_away(T, P, gift)),
    receive {got, Got} -> show(Got) end,
    show(catch_it(fun() -> ets:insert(T, {a, b}) end)),
    M = monitor(process, P),
    P ! stop,
    receive {'DOWN', M, process, P, _} -> ok end,
    show(ets:info(T, owner) == Self),
    Tabs = [ets:new(x, []) || _ <- lists:seq(1, 50)],
    show(Tabs -- ets:all()),
    [ets:delete(X) || X <- Tabs],
    show([X || X <- Tabs, lists:member(X, ets:all())]).

%% Random operations on two tables that must stay alike, against a map.
mixed() ->
    S = ets:new(s, [set]),
    O = ets:new(o, [ordered_set]),
    M = mix(20000, 12345, S, O, #{}),
    L = lists:sort(maps:to_list(M)),
    show({length(L), lists:sort(ets:tab2list(S)) =:= L, ets:tab2list(O) =:= L}).

mix(0, _, _, _, M) -> M;
mix(N, Seed, S, O, M) ->
    Next = (Seed * 1103515245 + 12345) rem 2147483648,
    K = {key, (Next div 65536) rem 800},
    M1 = case Next rem 5 of
             R when R < 3 ->
                 ets:insert(S, {K, N}), ets:insert(O, {K, N}), M#{K => N};
             _ ->
                 ets:delete(S, K), ets:delete(O, K), maps:remove(K, M)
         end,
    mix(N - 1, Next, S, O, M1).

catch_it(F) ->
    try F() of V -> {value, V} catch C:R -> {C, R} end.

show(X) -> erlang:display(X).
