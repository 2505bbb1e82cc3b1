%% Random operations on tables of all types; a digest of every result, so that a difference shows
%% which step caused it.
-module(ets_random).
-export([run/0]).

-define(STEPS, 4000).

run() ->
    [show({Type, KeyPos, Seed, steps(Type, KeyPos, Seed)})
     || Type <- [set, ordered_set, bag, duplicate_bag], KeyPos <- [1, 2], Seed <- [1, 2]],
    ok.

steps(Type, KeyPos, Seed) ->
    T = ets:new(t, [Type, public, {keypos, KeyPos}]),
    put(seed, Seed * 7919 + KeyPos),
    D = digest(T, Type, ?STEPS, 0, []),
    ets:delete(T),
    D.

%% A digest for every 500 steps.
digest(_, _, 0, _, Digests) -> lists:reverse(Digests);
digest(T, Type, N, Hash, Digests) ->
    R = try step(T, Type, random(24)) catch error:E -> {error, E} end,
    Hash1 = erlang:phash2({Hash, R}),
    case N rem 500 of
        1 -> digest(T, Type, N - 1, Hash1, [{Hash1, ets:info(T, size)} | Digests]);
        _ -> digest(T, Type, N - 1, Hash1, Digests)
    end.

step(T, _, 0) -> ets:insert(T, object());
step(T, _, 1) -> ets:insert(T, object());
step(T, _, 2) -> ets:insert(T, object());
step(T, _, 3) -> ets:insert(T, [object() || _ <- lists:seq(1, random(6))]);
step(T, _, 4) -> ets:insert_new(T, object());
step(T, _, 5) -> ets:insert_new(T, [object() || _ <- lists:seq(1, random(3))]);
step(T, _, 6) -> ets:lookup(T, key());
step(T, _, 7) -> ets:delete(T, key());
step(T, _, 8) -> ets:delete_object(T, object());
step(T, _, 9) -> ets:member(T, key());
step(T, _, 10) -> ets:lookup_element(T, key(), random(5));
step(T, _, 11) -> ets:update_counter(T, key(), counter_op());
step(T, _, 12) -> ets:update_counter(T, key(), counter_op(), object());
step(T, _, 13) -> ets:update_element(T, key(), {random(5), value()});
step(T, _, 14) -> ets:take(T, key());
step(T, Type, 15) -> order(Type, ets:select(T, spec()));
step(T, Type, 16) -> order(Type, ets:match(T, pattern()));
step(T, Type, 17) -> order(Type, ets:match_object(T, pattern()));
step(T, _, 18) -> ets:select_count(T, count_spec());
step(T, _, 19) ->
    case random(10) of
        0 -> ets:select_delete(T, count_spec());
        _ -> ets:info(T, size)
    end;
step(T, _, 20) -> sort(chunks(ets:select(T, spec(), 1 + random(8)), []));
step(T, ordered_set, 21) ->
    K = key(),
    [ets:first(T), ets:last(T), ets:next(T, K), ets:prev(T, K), ets:tab2list(T), ets:select_reverse(T, spec())];
step(T, _, 21) -> sort(ets:tab2list(T));
step(T, _, 22) ->
    case random(4) of
        0 -> ets:select_replace(T, [{{'$1', '$2', '$3'}, [{is_integer, '$3'}], [{{'$1', '$2', {'+', '$3', 1}}}]}]);
        _ -> sort(walk(T, ets:first(T)))
    end;
step(T, _, 23) ->
    case random(40) of
        0 -> ets:delete_all_objects(T);
        1 -> ets:match_delete(T, pattern());
        _ -> sort(fixed_walk(T))
    end.

%% Keys that are equal but not the same, and others that are neither.
key() ->
    case random(6) of
        0 -> random(30);
        1 -> float(random(30));
        2 -> {k, random(10)};
        3 -> [random(4) | value()];
        4 -> list_to_atom([$a + random(8)]);
        5 -> list_to_binary(lists:duplicate(random(100), $x))
    end.

value() ->
    case random(7) of
        0 -> random(1000) - 500;
        1 -> (1 bsl 66) + random(10);
        2 -> "text";
        3 -> #{a => random(3), random(3) => b};
        4 -> <<"a binary that lies outside of the heap because it is long enough for that, some eighty bytes">>;
        5 -> random(5) / 2;
        6 -> {random(2), [x, random(2)]}
    end.

object() ->
    case random(8) of
        0 -> {key(), key()};
        1 -> {key(), key(), value(), value()};
        2 -> {key(), random(5), random(5)};
        _ -> {key(), key(), value()}
    end.

counter_op() ->
    case random(5) of
        0 -> random(10) - 5;
        1 -> {1 + random(4), random(10)};
        2 -> {3, 1 bsl 62};
        3 -> [{3, 1}, {3, -2, -10, 10}];
        4 -> {3, random(20), 100, 0}
    end.

part() ->
    case random(6) of
        0 -> '_';
        1 -> '$1';
        2 -> '$2';
        3 -> key();
        4 -> value();
        5 -> {k, '$1'}
    end.

pattern() ->
    case random(6) of
        0 -> '_';
        1 -> '$1';
        2 -> {part(), part()};
        _ -> {part(), part(), part()}
    end.

guard() ->
    case random(7) of
        0 -> {is_integer, '$1'};
        1 -> {'>', '$1', random(20)};
        2 -> {'orelse', {is_atom, '$1'}, {'=:=', {element, 1, '$_'}, key_constant()}};
        3 -> {'not', {is_binary, '$1'}};
        4 -> {'==', '$1', random(20) * 1.0};
        5 -> {'and', true, {is_tuple, '$_'}, {'<', {tuple_size, '$_'}, 4}};
        6 -> {'=/=', {hd, '$1'}, 1}
    end.

key_constant() -> {const, key()}.

spec() ->
    [{setelement(1 + random(2), {'_', '_', part()}, '$1'),
      [G || G <- [guard()], random(3) > 0],
      [case random(5) of
           0 -> '$_';
           1 -> '$$';
           2 -> '$1';
           3 -> {{'$1', [x | '$1'], {const, {a, b}}}};
           4 -> #{key => '$1'}
       end]}
     || _ <- lists:seq(0, random(3))].

count_spec() ->
    [{setelement(1 + random(2), {'_', '_', '_'}, '$1'), [guard(), guard()], [true]}].

order(ordered_set, L) -> L;
order(_, L) -> sort(L).

%% Results that are equal but not the same must come out in one order.
sort(L) -> lists:sort(fun(A, B) -> {A, erlang:phash2(A)} =< {B, erlang:phash2(B)} end, L).

chunks('$end_of_table', Acc) -> Acc;
chunks({L, C}, Acc) -> chunks(ets:select(C), L ++ Acc).

walk(_, '$end_of_table') -> [];
walk(T, K) -> [K | walk(T, ets:next(T, K))].

%% Delete some keys on the way.
fixed_walk(T) ->
    ets:safe_fixtable(T, true),
    Keys = fixed_walk(T, ets:first(T)),
    ets:safe_fixtable(T, false),
    Keys.

fixed_walk(_, '$end_of_table') -> [];
fixed_walk(T, K) ->
    case erlang:phash2(K, 7) of
        0 -> ets:delete(T, K);
        _ -> ok
    end,
    [K | fixed_walk(T, ets:next(T, K))].

random(N) when N > 0 ->
    Next = (get(seed) * 1103515245 + 12345) rem 2147483648,
    put(seed, Next),
    (Next div 65536) rem N.

show(X) -> erlang:display(X).
