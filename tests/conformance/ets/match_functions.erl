%% Match specifications: every guard function, every form of body, patterns, and fun2ms's forms.
-module(match_functions).
-export([cases/0]).

cases() ->
    [{label("guard", G), fun() -> [run({'$1', '$2'}, [G], [true], O) || O <- objects()] end} || G <- guards()]
    ++ [{label("body", B), fun() -> [run({'$1', '$2'}, [], [B], O) || O <- objects()] end} || B <- bodies()]
    ++ [{label("pattern", P), fun() -> [run(P, [], ['$_'], O) || O <- objects() ++ [a, [1, 2], #{a => 1}, {1}, {{1, 2}, [3]}, {x, x}]] end} || P <- patterns()]
    ++ [{label("refused", S), fun() -> {err(fun() -> ets:match_spec_compile(S) end), err(fun() -> ets:test_ms({1, 2}, S) end)} end} || S <- bad()]
    ++ [{"several clauses", fun() -> [ets:match_spec_run([O], ets:match_spec_compile([{{1, '_'}, [], [one]}, {{'_', '$1'}, [{is_list, '$1'}], ['$1']}, {'_', [], [other]}])) || O <- objects()] end},
        {"body of several", fun() -> ets:match_spec_run([{1, 2}], ets:match_spec_compile([{{'$1', '$2'}, [], ['$1', '$2', {{'$2', '$1'}}]}])) end}].

label(What, X) -> lists:flatten(io_lib:format("~s ~0p", [What, X])).

err(F) -> try F() of _ -> accepted catch C:R -> {C, R} end.

run(Pattern, Guards, Body, Object) ->
    ets:match_spec_run([Object], ets:match_spec_compile([{Pattern, Guards, Body}])).

objects() -> [{1, 2}, {a, [1, 2]}, {2.5, <<1, 2, 3>>}, {{x, y}, #{k => 1}}, {[], 1 bsl 70}, {true, false}, {-7, 3}].

guards() ->
    [true, false, '$1', {is_atom, '$1'}, {is_float, '$1'}, {is_integer, '$1'}, {is_list, '$2'}, {is_number, '$1'}, {is_pid, '$1'}, {is_port, '$1'}, {is_reference, '$1'}, {is_tuple, '$1'}, {is_map, '$2'}, {is_binary, '$2'}, {is_bitstring, '$2'}, {is_boolean, '$1'},
     {is_function, '$1'}, {is_record, '$1', x, 2}, {is_map_key, k, '$2'}, {'not', '$1'}, {'and', '$1', true}, {'and', '$1', '$2', true}, {'or', '$1', '$2'}, {'andalso', '$1', {is_atom, '$2'}}, {'orelse', {is_atom, '$1'}, '$2'}, {'xor', '$1', '$2'},
     {'>', '$1', 1}, {'>=', '$1', 1}, {'<', '$1', 1}, {'=<', '$1', 1}, {'==', '$1', 1}, {'=:=', '$1', 1.0}, {'/=', '$1', 1}, {'=/=', '$1', 1}, {'>', {abs, '$1'}, 5}, {'>', {'+', '$1', 1}, 1}, {'>', {'-', '$1', 1}, 1}, {'<', {'-', '$1'}, 1}, {'==', {'*', '$1', 2}, 2}, {'==', {'/', '$1', 2}, 0.5},
     {'==', {'div', '$1', 2}, 0}, {'==', {'rem', '$1', 2}, 1}, {'==', {'band', '$1', 1}, 1}, {'==', {'bor', '$1', 1}, 1}, {'==', {'bxor', '$1', 1}, 0}, {'==', {'bnot', '$1'}, -2}, {'==', {'bsl', '$1', 2}, 4}, {'==', {'bsr', '$1', 1}, 0}, {'==', {element, 1, '$1'}, x}, {'==', {hd, '$2'}, 1}, {'==', {tl, '$2'}, [2]},
     {'==', {length, '$2'}, 2}, {'==', {size, '$2'}, 3}, {'==', {tuple_size, '$1'}, 2}, {'==', {byte_size, '$2'}, 3}, {'==', {bit_size, '$2'}, 24}, {'==', {map_size, '$2'}, 1}, {'==', {map_get, k, '$2'}, 1}, {'==', {round, '$1'}, 3}, {'==', {trunc, '$1'}, 2}, {'==', {ceil, '$1'}, 3}, {'==', {floor, '$1'}, 2}, {'==', {float, '$1'}, 1.0},
     {'==', {node}, nonode@nohost}, {is_pid, {self}}, {'==', {binary_part, '$2', 0, 1}, {const, <<1>>}}, {'==', '$1', {const, a}}, {'==', '$1', {{x, y}}}, {'==', '$2', [1, 2]}, {'==', '$2', #{k => 1}}, {'==', {min, '$1', 0}, 0}, {'==', {max, '$1', 3}, 3}, {'==', '$_', {{1, 2}}}, {'==', '$$', [1, 2]}].

bodies() ->
    ['$_', '$$', '$1', {{'$2', '$1'}}, ['$1' | '$2'], ['$1', '$2'], [[]], {const, '$1'}, {const, {a, 'b'}}, {{}}, #{'$1' => v}, #{k => '$2'}, {'+', '$1', 1}, {element, 2, '$_'}, {{'$1', {{'$2'}}}}, atom, 1.5, "text", <<"bin">>, {self}, {node}, {hd, '$2'}, {size, '$_'}, {tl, '$$'}, {length, '$$'}, [{const, x}], {'andalso', true, '$1'}, {is_atom, '$1'}, {map_get, k, '$2'}, {abs, '$1'}, {get_tcw}, {message, x}].

patterns() ->
    ['_', '$1', {'_', '_'}, {'$1', '$1'}, {1, '_'}, {1.0, '_'}, {a, ['$1' | '_']}, {a, [1, 2]}, {{x, '_'}, '_'}, {'_', #{}}, {'_', #{k => '_'}}, {'_', #{k => '$1'}}, {'_', #{nope => '_'}}, ['_' | '_'], [1 | '$1'], #{a => '$1'}, {}, {{'$1', '$2'}, ['$3']}, {'_', <<1, 2, 3>>}, {'_', 1 bsl 70}, {'$100', '$7'}, {'$a', '_'}, '$0', {true, false}].

bad() ->
    [x, [], [x], [{'_'}], [{'_', [], []}], [{'_', [], ['$1']}], [{'$1', [{foo, 1}], ['$1']}], [{'$1', [{'$1'}], ['$1']}], [{'$1', {}, ['$1']}], [{'$1', [], '$1'}], [{'$1', [{hd}], [x]}], [{'$1', [{'+', 1}], [x]}], [{'$1', [], [{'$1'}]}], [{'$1', [], [{message, x}]}], [{'_', [{'andalso'}], [x]}], [{'$1', [], [{trace, [], []}]}], [{'$1', [{const}], [x]}], [{'$1', [], [{{'$1'}}, {bad}]}]].
