%% BIFs of maps, lists, tuples, tables and the like with arguments of all kinds: one digest of
%% results and reasons for each BIF.
-module(odd_arguments).
-export([run/0]).

run() ->
    [show({M, F, A, digest(M, F, A)}) || {M, F, A} <- bifs()],
    ok.

bifs() ->
    [{maps, F, A} || {F, A} <- [{get, 2}, {find, 2}, {is_key, 2}, {put, 3}, {update, 3}, {remove, 2}, {take, 2}, {keys, 1},
                                {values, 1}, {merge, 2}, {from_list, 1}, {from_keys, 2}, {to_list, 1}]] ++
    [{erlang, F, A} || {F, A} <- [{map_get, 2}, {is_map_key, 2}, {map_size, 1}, {hd, 1}, {tl, 1}, {length, 1}, {element, 2},
                                  {setelement, 3}, {tuple_size, 1}, {make_tuple, 3}, {append_element, 2},
                                  {insert_element, 3}, {delete_element, 2}, {tuple_to_list, 1}, {list_to_tuple, 1},
                                  {'++', 2}, {'--', 2}, {match_spec_test, 3}]] ++
    [{lists, F, A} || {F, A} <- [{member, 2}, {reverse, 2}, {keyfind, 3}, {keymember, 3}, {keysearch, 3}]] ++
    [{erts_internal, F, A} || {F, A} <- [{map_to_tuple_keys, 1}, {atomics_new, 2}, {counters_new, 1},
                                         {counters_get, 2}, {counters_add, 3}, {counters_put, 3}, {counters_info, 1}]] ++
    [{atomics, F, A} || {F, A} <- [{get, 2}, {put, 3}, {add, 3}, {exchange, 3}, {info, 1}]] ++
    [{persistent_term, F, A} || {F, A} <- [{get, 1}, {get, 2}, {put, 2}, {erase, 1}]] ++
    [{ets, F, A} || {F, A} <- [{insert, 2}, {insert_new, 2}, {lookup, 2}, {lookup_element, 3}, {member, 2}, {delete, 2},
                               {delete_object, 2}, {take, 2}, {first, 1}, {last, 1}, {next, 2}, {prev, 2}, {select, 1},
                               {select, 2}, {select, 3}, {select_reverse, 2}, {select_reverse, 3}, {select_count, 2},
                               {select_replace, 2}, {match, 1}, {match, 2}, {match, 3}, {match_object, 1}, {match_object, 2},
                               {match_object, 3}, {internal_select_delete, 2}, {match_spec_compile, 1}, {is_compiled_ms, 1},
                               {match_spec_run_r, 3}, {update_counter, 3}, {update_element, 3}, {info, 2}, {whereis, 1},
                               {rename, 2}, {give_away, 3}, {setopts, 2}, {safe_fixtable, 2}]].

%% Refilled before each call, since calls change them.
values() ->
    [a, 0, 1, -1, 1 bsl 64, 1.0, "ab", [], [x | y], {}, {a, 1}, {1, a, 2}, <<"bin">>, <<1:3>>, #{}, #{a => 1},
     maps:from_list([{I, I} || I <- lists:seq(1, 40)]), fun erlang:self/0, make_ref(), self(),
     [{'_', [], ['$_']}], [{{'$1', '$2'}, [], [{{'$1', '$2'}}]}], {'$1', '_'}, '_', [{a, 1}, {b, 2}], true,
     '$end_of_table', odd_set, odd_bag, odd_tree, {heir, none}, [{2, z}]].

tables() ->
    [catch ets:delete(T) || T <- [odd_set, odd_bag, odd_tree]],
    Objects = [{a, 1}, {1, a, 2}, {"ab", #{a => 1}}, {#{a => 1}, x}, {1.0, y}, {{}, {}}],
    [begin
         ets:new(Name, [Type, named_table, public]),
         ets:insert(Name, Objects)
     end || {Name, Type} <- [{odd_set, set}, {odd_bag, bag}, {odd_tree, ordered_set}]].

digest(M, F, A) ->
    Values = values(),
    all(M, F, A, Values, [], 0).

all(M, F, 0, _, Args, Hash) ->
    M =:= ets andalso tables(),
    R = try apply(M, F, Args) of
            V -> {value, mask(order(M, F, Args, V))}
        catch
            C:E -> {C, mask(E)}
        end,
    erlang:phash2({Hash, R});
all(M, F, A, Values, Args, Hash) ->
    lists:foldl(fun(V, H) -> all(M, F, A - 1, Values, [V | Args], H) end, Hash, few(A, Values)).

%% The order of large maps and of hash tables is not defined.
order(erts_internal, map_next, [_, M, _], _) when map_size(M) > 32 -> some_order;
order(_, F, [T | _], V) when F =:= first; F =:= last; F =:= next; F =:= prev ->
    case T of
        odd_tree -> V;
        _ -> some_order
    end;
order(M, _, _, V) when is_list(V), M =:= maps orelse M =:= ets, length(V) > 1 ->
    lists:sort(fun(A, B) -> {A, erlang:phash2(A)} =< {B, erlang:phash2(B)} end, V);
order(_, _, _, V) -> V.

%% Of three arguments the first two run over every third value only.
few(3, Values) -> every_third(Values);
few(_, Values) -> Values.

every_third([A, _, _ | T]) -> [A | every_third(T)];
every_third([A | _]) -> [A];
every_third([]) -> [].

mask(T) when is_reference(T); is_pid(T); is_function(T) -> opaque;
mask(T) when is_tuple(T), tuple_size(T) >= 6, is_reference(element(1, T)) -> continuation;
mask(T) when is_tuple(T) -> list_to_tuple(mask(tuple_to_list(T)));
mask(T) when is_map(T) -> {map, mask(lists:sort(maps:to_list(T)))};
mask([H | T]) -> [mask(H) | mask(T)];
mask(T) -> T.

show(X) -> erlang:display(X).
