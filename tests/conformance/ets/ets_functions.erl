%% Every function of ets on tables of all types, with good and bad arguments.
-module(ets_functions).
-export([cases/0, fill/1]).
-include("../runner/case.hrl").

-define(TYPES, [set, ordered_set, bag, duplicate_bag]).

cases() ->
    per_type() ++ updates() ++ infos() ++ errors() ++ lives().

fill(Type) ->
    T = ets:new(table, [Type, public]),
    true = ets:insert(T, [{K, V} || K <- [1, 2, 3, 4.0, a, "s", <<"b">>, {t, 1}, [], #{}], V <- [x, y]] ++ [{1, z, 3}, {2.0, w}]),
    T.

%% 2 and 2.0 are equal for lists:sort/1.
sorted(L) when is_list(L) -> lists:sort(fun(A, B) -> term_to_binary(A) =< term_to_binary(B) end, L);
sorted(X) -> X.

per_type() ->
    [{lists:flatten(io_lib:format("~s ~s", [Type, Name])), fun() -> F(fill(Type)) end} || Type <- ?TYPES, {Name, F} <- functions()].

functions() ->
    [{"size", fun(T) -> ets:info(T, size) end},
     {"tab2list", fun(T) -> sorted(ets:tab2list(T)) end},
     {"lookup 1", fun(T) -> ets:lookup(T, 1) end},
     {"lookup 1.0", fun(T) -> ets:lookup(T, 1.0) end},
     {"lookup 2", fun(T) -> ets:lookup(T, 2) end},
     {"lookup none", fun(T) -> ets:lookup(T, none) end},
     {"lookup_element", fun(T) -> ets:lookup_element(T, 1, 2) end},
     {"lookup_element 3", fun(T) -> ets:lookup_element(T, 1, 3) end},
     {"lookup_element none", fun(T) -> ets:lookup_element(T, none, 2) end},
     {"member", fun(T) -> [ets:member(T, K) || K <- [1, 1.0, 4, 4.0, a, "s", nope]] end},
     {"insert one", fun(T) -> {ets:insert(T, {1, new}), sorted(ets:lookup(T, 1))} end},
     {"insert many", fun(T) -> {ets:insert(T, [{1, n1}, {1, n2}, {q, 1}]), sorted(ets:lookup(T, 1)), ets:lookup(T, q)} end},
     {"insert none", fun(T) -> ets:insert(T, []) end},
     {"insert same", fun(T) -> {ets:insert(T, {1, x}), ets:lookup(T, 1)} end},
     {"insert_new old", fun(T) -> {ets:insert_new(T, {1, n}), ets:insert_new(T, [{p, 1}, {1, 2}]), ets:member(T, p)} end},
     {"insert_new new", fun(T) -> {ets:insert_new(T, {n, n}), ets:insert_new(T, [{p, 1}, {p, 2}]), ets:lookup(T, p)} end},
     {"delete key", fun(T) -> {ets:delete(T, 1), ets:delete(T, none), ets:lookup(T, 1), ets:info(T, size)} end},
     {"delete_object", fun(T) -> {ets:delete_object(T, {1, x}), ets:delete_object(T, {2.0, x}), sorted(ets:lookup(T, 1)), ets:info(T, size)} end},
     {"delete_all_objects", fun(T) -> {ets:delete_all_objects(T), ets:info(T, size), ets:tab2list(T)} end},
     {"take", fun(T) -> {sorted(ets:take(T, 1)), ets:take(T, 1), ets:info(T, size)} end},
     {"first last of empty", fun(T) -> ets:delete_all_objects(T), {ets:first(T), ets:last(T)} end},
     {"walk", fun(T) -> sorted(walk(T, ets:first(T))) end},
     {"walk back", fun(T) -> sorted(back(T, ets:last(T))) end},
     {"next of none", fun(T) -> ets:next(T, none) end},
     {"prev of none", fun(T) -> ets:prev(T, none) end},
     {"next of 2.5", fun(T) -> ets:next(T, 2.5) end},
     {"match all", fun(T) -> sorted(ets:match(T, '$1')) end},
     {"match values", fun(T) -> sorted(ets:match(T, {1, '$1'})) end},
     {"match_object", fun(T) -> sorted(ets:match_object(T, {'_', x})) end},
     {"match with a bound variable twice", fun(T) -> ets:insert(T, {s, s}), ets:match(T, {'$1', '$1'}) end},
     {"match limit", fun(T) -> gather(T, ets:match(T, {'$1', '$2'}, 3), fun ets:match/1) end},
     {"match_object limit", fun(T) -> gather(T, ets:match_object(T, {'_', '_'}, 4), fun ets:match_object/1) end},
     {"select limit 1", fun(T) -> gather(T, ets:select(T, [{{'$1', '$2'}, [], ['$$']}], 1), fun ets:select/1) end},
     {"select limit 100", fun(T) -> gather(T, ets:select(T, [{'$1', [], ['$_']}], 100), fun ets:select/1) end},
     {"select_reverse", fun(T) -> sorted(ets:select_reverse(T, [{{'$1', x}, [], ['$1']}])) end},
     {"select_reverse limit", fun(T) -> gather(T, ets:select_reverse(T, [{'$1', [], ['$_']}], 2), fun ets:select_reverse/1) end},
     {"select_count", fun(T) -> ets:select_count(T, [{{'$1', '_'}, [{is_atom, '$1'}], [true]}]) end},
     {"select_delete", fun(T) -> {ets:select_delete(T, [{{'$1', '_'}, [{is_number, '$1'}], [true]}]), ets:info(T, size)} end},
     {"select_replace", fun(T) -> {catch ets:select_replace(T, [{{'$1', x}, [], [{{'$1', xx}}]}]), sorted(ets:tab2list(T))} end},
     {"match_delete", fun(T) -> {ets:match_delete(T, {'_', x}), ets:info(T, size)} end},
     {"foldl", fun(T) -> ets:foldl(fun(O, N) -> N + tuple_size(O) end, 0, T) end},
     {"foldr", fun(T) -> ets:foldr(fun(O, N) -> N + tuple_size(O) end, 0, T) end},
     {"safe_fixtable", fun(T) -> ets:safe_fixtable(T, true), K = ets:first(T), ets:delete(T, K), X = (catch ets:next(T, K)), ets:safe_fixtable(T, false), {X =/= K, ets:info(T, safe_fixed)} end},
     {"rename", fun(T) -> {ets:rename(T, renamed), ets:info(T, name), ets:info(T, named_table)} end},
     {"setopts", fun(T) -> {ets:setopts(T, {heir, self(), data}), ets:info(T, heir) =:= self(), ets:setopts(T, [{heir, none}]), ets:info(T, heir)} end},
     {"info", fun(T) -> [{I, V} || {I, V} <- ets:info(T), lists:member(I, [type, keypos, protection, named_table, size, compressed, read_concurrency, write_concurrency, decentralized_counters])] end},
     {"update_element", fun(T) -> {ets:update_element(T, a, {2, new}), ets:update_element(T, none, {2, new}), ets:lookup(T, a)} end},
     {"update_counter", fun(T) -> ets:insert(T, {c, 5, 6}), {ets:update_counter(T, c, 3), ets:update_counter(T, c, [{2, 1}, {3, -10, 0, 99}]), ets:lookup(T, c)} end},
     {"slot", fun(T) -> sorted(slots(T, 0)) end},
     {"tab2file needs a name", fun(T) -> catch ets:tab2file(T, 17) end},
     {"test_ms", fun(_) -> ets:test_ms({1, 2}, [{{'$1', '$2'}, [{'<', '$1', '$2'}], ['$2']}]) end},
     {"init_table", fun(T) -> Self = self(), Self ! more, ets:init_table(T, fun(read) -> receive more -> {[{i, 1}, {i, 2}], fun(read) -> end_of_input end} after 0 -> end_of_input end; (close) -> ok end), sorted(ets:tab2list(T)) end},
     {"to_dets is none", fun(T) -> catch ets:to_dets(T, no_such_dets) end},
     {"from_dets is none", fun(T) -> element(1, element(2, catch ets:from_dets(T, no_such_dets))) end},
     {"repair_continuation", fun(T) -> MS = [{'$1', [], ['$_']}], {_, C} = ets:select(T, MS, 2), {More, _} = ets:select(ets:repair_continuation(C, MS)), length(More) end},
     {"is_compiled_ms", fun(_) -> C = ets:match_spec_compile([{'$1', [], ['$1']}]), {ets:is_compiled_ms(C), ets:is_compiled_ms(x), ets:match_spec_run([1, {2}], C)} end},
     {"deleted table", fun(T) -> ets:delete(T), {ets:info(T), ets:info(T, size), catch ets:lookup(T, 1)} end}].

walk(_, '$end_of_table') -> [];
walk(T, K) -> [K | walk(T, ets:next(T, K))].
back(_, '$end_of_table') -> [];
back(T, K) -> [K | back(T, ets:prev(T, K))].
slots(T, N) -> case ets:slot(T, N) of '$end_of_table' -> []; Os -> Os ++ slots(T, N + 1) end.

gather(T, First, More) ->
    ets:safe_fixtable(T, true),
    All = gather(First, More),
    ets:safe_fixtable(T, false),
    sorted(All).
gather('$end_of_table', _) -> [];
gather({Found, Continuation}, More) -> Found ++ gather(More(Continuation), More).

counter(Op) -> counter(Op, {k, 10, 20, x, -5}).
counter(Op, Object) ->
    T = ets:new(t, []),
    ets:insert(T, Object),
    R = try ets:update_counter(T, k, Op) catch C:E -> {C, E} end,
    {R, ets:lookup(T, k)}.

updates() ->
    [{label("update_counter", Op), fun() -> counter(Op) end}
     || Op <- [1, -1, 0, 1 bsl 70, {2, 5}, {3, -100}, {2, 5, 12, 0}, {2, 1, 12, 0}, {2, -5, 7, 100}, {2, -5, 3, 100}, [], [{2, 1}], [{2, 1}, {2, 1}, {3, 1}],
               [{2, 1}, {4, 1}], {1, 1}, {4, 1}, {5, 1}, {6, 1}, {0, 1}, {a, 1}, {2, a}, {2, 1.5}, a, 1.5, {2, 1, a, 0}, {2, 1, 5, a}, {2, 1, 5}, [{2, 1} | x], {2, 1 bsl 64}, {2, 0, 5, 7}]]
    ++ [{label("update_counter with default", {K, Op, D}), fun() -> T = ets:new(t, [ordered_set]), R = (catch element(1, {ets:update_counter(T, K, Op, D)})), {case R of {'EXIT', {E, _}} -> E; _ -> R end, ets:tab2list(T)} end}
        || {K, Op, D} <- [{k, 1, {k, 0}}, {k, {2, 5}, {x, 10}}, {k, {3, 5}, {x, 10}}, {k, [{2, 1}, {3, 2}], {k, 0, 0}}, {k, 1, x}, {k, 1, {}}, {{a, 1}, 7, {n, 1}}]]
    ++ [{label("update_element", {Key, Op}), fun() -> T = ets:new(t, []), ets:insert(T, {k, 1, 2, 3}), R = try ets:update_element(T, Key, Op) catch C:E -> {C, E} end, {R, ets:lookup(T, k)} end}
        || Key <- [k, none], Op <- [{2, new}, {4, new}, [{2, a}, {3, b}], [], {1, k}, {5, x}, {0, x}, {a, x}, x, [{2, a}, {9, b}], [{2, a} | b]]]
    ++ [{label("keypos", {P, O}), fun() -> T = ets:new(t, [{keypos, P}]), R = try ets:insert(T, O) catch C:E -> {C, E} end, {R, ets:tab2list(T), ets:info(T, keypos)} end}
        || P <- [1, 2, 5], O <- [{1}, {1, 2}, {1, 2, 3, 4, 5, 6}, {}, x, [{1, 2}, {3}]]].

label(What, X) -> lists:flatten(io_lib:format("~s ~0p", [What, X])).

infos() ->
    [{label("new", O), fun() -> T = ets:new(some, O), {ets:info(T, type), ets:info(T, protection), ets:info(T, named_table), ets:info(T, keypos), ets:info(T, compressed), is_reference(T), ets:info(T, name)} end}
     || O <- [[], [bag], [ordered_set, named_table], [protected], [private], [public, named_table], [compressed], [set, bag, duplicate_bag], [{keypos, 3}], [{read_concurrency, true}], [{write_concurrency, true}], [{write_concurrency, auto}],
              [{decentralized_counters, true}], [{heir, none}], [named_table, {keypos, 2}, public, {read_concurrency, false}]]]
    ++ [{label("info item", I), fun() -> T = ets:new(some, [named_table, public]), V = (catch ets:info(T, I)), case I of memory -> is_integer(V); owner -> V =:= self(); id -> is_reference(V); node -> V; _ -> V end end}
        || I <- [memory, owner, heir, name, size, node, named_table, type, keypos, protection, compressed, id, read_concurrency, write_concurrency, decentralized_counters, fixed, safe_fixed, safe_fixed_monotonic_time, stats, binary, nope, 1]].

errors() ->
    [{label("new is refused", O), fun() -> ets:new(n, O) end} || O <- [[x], x, [{keypos, 0}], [{keypos, a}], [{heir, x}], [{heir, a, b}], [{read_concurrency, x}], [named_table | x], [{write_concurrency, 1}], [{a, b, c}]]]
    ++ [?C(ets:new("name", [])), ?C(ets:new(1, [])), ?C(ets:lookup(no_such, 1)), ?C(ets:insert(no_such, {1})), ?C(ets:info(no_such)), ?C(ets:info(no_such, size)), ?C(ets:info(1)), ?C(ets:info(a, 1)),
        ?C(ets:delete(no_such)), ?C(ets:rename(no_such, x)), ?C(ets:first(no_such)), ?C(ets:tab2list(no_such)), ?C(ets:whereis(no_such)), ?C(ets:whereis(1)), ?C(ets:all() =:= lists:usort(ets:all()) orelse is_list(ets:all())),
        ?C(begin ets:new(twice, [named_table]), ets:new(twice, [named_table]) end), ?C(begin T = ets:new(t, []), ets:insert(T, {1, 2}), ets:insert(T, [{1}, x]) end),
        ?C(begin ets:new(nm, [named_table]), X = ets:whereis(nm), {is_reference(X), ets:info(X, name), ets:insert(X, {1}), ets:lookup(nm, 1)} end),
        ?C(begin T = ets:new(t, []), ets:select(T, x) end), ?C(begin T = ets:new(t, []), ets:select(T, [{x}]) end), ?C(begin T = ets:new(t, []), ets:select(T, [{'_', [], []}]) end), ?C(begin T = ets:new(t, []), ets:select(T, [{'_', [x], ['$_']}]) end),
        ?C(begin T = ets:new(t, []), ets:select(T, [{'_', [], ['$_']}], 0) end), ?C(begin T = ets:new(t, []), ets:select(T, [{'_', [], ['$_']}], a) end), ?C(ets:select(x)), ?C(ets:match('$end_of_table')), ?C(ets:select('$end_of_table')), ?C(ets:match({a, b})),
        ?C(begin T = ets:new(t, []), ets:select_replace(T, [{{'$1', '$2'}, [], [{{'$2', '$1'}}]}]) end), ?C(begin T = ets:new(t, [bag]), ets:select_replace(T, [{{'$1', '$2'}, [], [{{'$1', 1}}]}]) end),
        ?C(begin T = ets:new(t, [bag]), ets:update_counter(T, a, 1) end), ?C(begin T = ets:new(t, [bag]), ets:update_element(T, a, {2, 1}) end), ?C(begin T = ets:new(t, []), ets:safe_fixtable(T, maybe) end), ?C(begin T = ets:new(t, []), ets:slot(T, -1) end), ?C(begin T = ets:new(t, []), ets:slot(T, 1000000) end),
        ?C(begin T = ets:new(t, []), ets:setopts(T, x) end), ?C(begin T = ets:new(t, []), ets:give_away(T, self(), x) end), ?C(begin T = ets:new(t, []), ets:give_away(T, x, x) end), ?C(ets:match_spec_compile(x)), ?C(ets:match_spec_run([1], x)), ?C(ets:test_ms({1}, [{'$1', [], [{foo}]}])), ?C(ets:test_ms(1, []))].

%% Owners, heirs and protection.
lives() ->
    [?C(begin Me = self(), P = spawn(fun() -> T = ets:new(t, [{heir, Me, gift}]), ets:insert(T, {1}), Me ! {table, T} end), receive {table, T} -> ok end, receive {'ETS-TRANSFER', T, P, gift} -> {ets:info(T, owner) =:= self(), ets:lookup(T, 1)} after 1000 -> nothing end end),
     ?C(begin Me = self(), P = spawn(fun() -> receive {'ETS-TRANSFER', T, Me, data} -> Me ! {got, ets:info(T, owner) =:= self(), ets:lookup(T, a)} end end), T = ets:new(t, [private]), ets:insert(T, {a, 1}), ets:give_away(T, P, data), receive {got, A, B} -> {A, B, catch ets:lookup(T, a)} end end),
     ?C(begin Me = self(), spawn(fun() -> Me ! ets:new(t, [public]) end), receive T -> timer:sleep(20), ets:info(T) end end),
     ?C(begin T = ets:new(t, [protected]), Me = self(), spawn(fun() -> Me ! {catch ets:insert(T, {1}), catch ets:lookup(T, 1)} end), receive {{'EXIT', {E, [{M, F, _, _} | _]}}, L} -> {E, M, F, L} end end),
     ?C(begin T = ets:new(t, [private]), Me = self(), spawn(fun() -> Me ! {catch ets:lookup(T, 1), ets:info(T, size)} end), receive {{'EXIT', {E, _}}, S} -> {E, S} end end),
     ?C(begin T = ets:new(t, [public]), Me = self(), spawn(fun() -> ets:safe_fixtable(T, true), Me ! ets:info(T, fixed) end), receive X -> timer:sleep(20), {X, ets:info(T, fixed)} end end),
     ?C(begin T = ets:new(t, [public]), ets:safe_fixtable(T, true), ets:safe_fixtable(T, true), {_, [{P, N}]} = ets:info(T, safe_fixed), {P =:= self(), N} end),
     ?C(begin T = ets:new(t, []), [ets:insert(T, {I, I}) || I <- lists:seq(1, 5000)], [ets:delete(T, I) || I <- lists:seq(1, 4990)], {ets:info(T, size), lists:sort(ets:tab2list(T))} end),
     ?C(begin T = ets:new(t, [ordered_set]), [ets:insert(T, {I rem 97, I}) || I <- lists:seq(1, 1000)], {ets:info(T, size), ets:first(T), ets:last(T), ets:next(T, 50), ets:prev(T, 50), hd(ets:tab2list(T))} end),
     ?C(begin T = ets:new(t, [set]), [ets:insert(T, {I}) || I <- lists:seq(1, 1000)], {ets:select_count(T, [{{'$1'}, [{'=:=', {'rem', '$1', 7}, 0}], [true]}]), ets:select_delete(T, [{{'$1'}, [{'>', '$1', 500}], [true]}]), ets:info(T, size)} end),
     ?C(begin T = ets:new(t, [ordered_set]), ets:insert(T, [{1, a}, {1.0, b}, {2, c}]), {ets:tab2list(T), ets:lookup(T, 1), ets:lookup(T, 1.0), ets:member(T, 2.0)} end),
     ?C(begin T = ets:new(t, [compressed]), B = binary:copy(<<"abc">>, 1000), ets:insert(T, {k, B, [1, 2, 3]}), {ets:lookup(T, k) =:= [{k, B, [1, 2, 3]}], ets:update_counter(T, k, {4, 1}, {k, B, [], 0})} end)].
