%% Ordered sets with keys of parts: patterns that name the first parts of a key, in both directions
%% and in chunks.
-module(ets_ranges).
-export([run/0]).

run() ->
    T = ets:new(t, [ordered_set]),
    [ets:insert(T, {{A, B, C}, A * 100 + B * 10 + C}) || A <- lists:seq(1, 9), B <- lists:seq(1, 9), C <- lists:seq(1, 9)],
    [ets:insert(T, {[A, B | C], list}) || A <- [1, 2, 3], B <- [1, 2.0, 3], C <- [[], [1], x]],
    [ets:insert(T, {{{A, x}, B}, nested}) || A <- [1, 2, 3], B <- [1, 2, 3]],
    [ets:insert(T, {K, other}) || K <- [1, 1.5, a, {}, {1}, {1, 2}, [], <<"b">>, #{a => 1}, #{a => 1, b => 2}, {m, #{a => 1}, 1}]],
    Patterns = [{1, '_', '_'}, {1, 2, '$1'}, {'$1', 2, 3}, {1, '$1', 3}, {10, '_', '_'}, {0, '_', '_'}, {1.0, 2, '_'},
                [1 | '$1'], [1, 2 | '_'], [3, '$1'], ['_' | x], {{1, x}, '_'}, {{1, '_'}, 2}, {{2, x}, 3}, {{'_', x}, 3},
                #{a => 1}, #{a => '$1'}, {m, #{}, '_'}, {m, '_', 1}, '$1', '_', {'_', '_'}, {1, 2}, [], {}],
    [begin
         P1 = {P, '$2'},
         show({P, summary(ets:match_object(T, P1))}),
         show(lists:reverse(ets:select_reverse(T, [{P1, [], ['$_']}])) =:= ets:match_object(T, P1)),
         show(chunks(ets:match_object(T, P1, 4)) =:= ets:match_object(T, P1)),
         show(chunks(ets:select_reverse(T, [{P1, [], ['$_']}], 3)) =:= ets:select_reverse(T, [{P1, [], ['$_']}])),
         show(ets:select_count(T, [{P1, [], [true]}]))
     end || P <- Patterns],
    show(ets:select_delete(T, [{{{3, '_', '_'}, '_'}, [], [true]}])),
    show(ets:select_delete(T, [{{{'_', 4, '_'}, '$1'}, [{'>', '$1', 500}], [true]}])),
    show(ets:select_replace(T, [{{{5, 5, '$1'}, '_'}, [], [{{{{5, 5, '$1'}}, new}}]}])),
    show(ets:match_object(T, {{5, 5, '_'}, '_'})),
    show({ets:info(T, size), erlang:phash2(ets:tab2list(T))}).

chunks('$end_of_table') -> [];
chunks({L, C}) -> L ++ chunks(ets:select(C)).

summary(L) when length(L) < 10 -> L;
summary(L) -> {length(L), erlang:phash2(L)}.

show(X) -> erlang:display(X).
