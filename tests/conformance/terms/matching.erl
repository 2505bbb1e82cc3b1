%% Terms of all types: order, equality, pattern matching, guards, maps, binaries, comprehensions.
-module(matching).
-export([cases/0]).
-include("../runner/case.hrl").
-record(r, {a = 1, b = two, c}).

cases() ->
    [?C(lists:sort([{}, [], a, 1, 1.5, <<"x">>, #{}, "s", {a, 1}, [1], fun lists:map/2, <<1:1>>])),
     ?C([A < B || A <- terms(), B <- terms()]),
     ?C([A == B || A <- terms(), B <- terms()]),
     ?C([A =:= B || A <- terms(), B <- terms()]),
     ?C([erlang:phash2(T) || T <- terms()]),
     ?C([erts_debug:flat_size(T) || T <- [a, 1, 1.5, [1, 2, 3], {a, b}, 1 bsl 70, "hello"]]),
     ?C([kind(T) || T <- terms()]),
     ?C([{T, guard(T)} || T <- terms()]),
     ?C(begin {a, [B | _], #{k := V}} = {a, [1, 2], #{k => v, l => w}}, {B, V} end),
     ?C(begin <<A:3, B:5, C/binary>> = <<16#ab, 1, 2>>, {A, B, C} end),
     ?C(begin <<N:16/little, F:32/float, S:4/signed, _:4, R/bits>> = <<1, 2, 1.5:32/float, 16#f0, 5:3>>, {N, F, S, R} end),
     ?C(begin <<L, D:L/binary, _/binary>> = <<3, "abcdef">>, D end),
     ?C([X || <<X:4>> <= <<16#12, 16#34>>]),
     ?C(<< <<(X * 2):8>> || <<X:4>> <= <<16#12, 16#34>> >>),
     ?C(<< <<X/utf8>> || X <- [97, 228, 8364, 128512] >>),
     ?C([C || <<C/utf8>> <= <<"aä€😀"/utf8>>]),
     ?C([C || <<C/utf16>> <= <<"aä😀"/utf16>>]),
     ?C(case <<255, 255>> of <<C/utf8, _/binary>> -> C; Other -> {no, Other} end),
     ?C(case <<1, 2, 3>> of <<1, X:16>> -> X end),
     ?C(case <<1, 2, 3>> of <<2, _/binary>> -> no; <<1, _:7, _/bits>> -> yes end),
     ?C([{X, Y} || X <- [1, 2, 3], Y <- [a, b], X =/= 2]),
     ?C([X || {ok, X} <- [{ok, 1}, error, {ok, 2}]]),
     ?C(#{a => 1, b => 2, 1 => c, 1.0 => d, "s" => <<"t">>}),
     ?C((#{a => 1})#{a := 2, b => 3}),
     ?C(maps:to_list(#{c => 3, a => 1, b => 2})),
     ?C(begin M = maps:from_list([{N, N * N} || N <- lists:seq(1, 100)]), {maps:get(50, M), map_size(M), maps:is_key(101, M)} end),
     ?C(begin M = maps:from_list([{N, N} || N <- lists:seq(1, 100)]), #{7 := A, 99 := B} = M, {A, B} end),
     ?C(lists:sort(maps:keys(maps:from_list([{{N, "k"}, N} || N <- lists:seq(1, 40)]))) =:= [{N, "k"} || N <- lists:seq(1, 40)]),
     ?C(#{a => 1} == #{a => 1.0}),
     ?C(#{1 => a} == #{1.0 => a}),
     ?C(#{a => 1} < #{a => 2}),
     ?C(#{a => 1, b => 1} > #{c => 100}),
     ?C(maps:fold(fun(K, V, A) -> [{K, V} | A] end, [], #{a => 1, b => 2})),
     ?C(maps:merge(#{a => 1, b => 2}, #{b => 3, c => 4})),
     ?C(maps:merge_with(fun(_, A, B) -> A + B end, #{a => 1, b => 2}, #{b => 3, c => 4})),
     ?C(maps:groups_from_list(fun(X) -> X rem 3 end, lists:seq(1, 10))),
     ?C(maps:filtermap(fun(_, V) when V > 1 -> {true, V * 2}; (_, _) -> false end, #{a => 1, b => 2})),
     ?C(maps:update_with(a, fun(X) -> X + 1 end, #{a => 1})),
     ?C(maps:update_with(z, fun(X) -> X + 1 end, #{a => 1})),
     ?C(maps:take(a, #{a => 1, b => 2})),
     ?C(maps:iterator(#{})),
     ?C(maps:next(maps:iterator(#{a => 1}))),
     ?C(maps:with([a, z], #{a => 1, b => 2})),
     ?C(maps:without([a, z], #{a => 1, b => 2})),
     ?C(maps:intersect(#{a => 1, b => 2}, #{b => 3})),
     ?C(#r{}),
     ?C((#r{a = x})#r.b),
     ?C((#r{})#r{c = y}),
     ?C(is_record({r, 1, 2, 3}, r)),
     ?C(record_info(fields, r)),
     ?C([element(2, {a, b}), setelement(1, {a, b}, c), erlang:append_element({a}, b), erlang:delete_element(1, {a, b})]),
     ?C([tuple_to_list({a, b}), list_to_tuple([a, b]), erlang:make_tuple(3, x), erlang:make_tuple(3, x, [{2, y}]), erlang:insert_element(1, {b}, a)]),
     ?C(term_to_binary({a, 1, "x", <<"y">>, #{k => 1.5}, [1 | 2], 1 bsl 80})),
     ?C([binary_to_term(term_to_binary(T)) =:= T || T <- terms()]),
     ?C(binary_to_term(term_to_binary(lists:seq(1, 1000), [compressed])) =:= lists:seq(1, 1000)),
     ?C(binary_to_term(<<131, 100, 0, 1, $a>>, [safe])),
     ?C(binary_to_term(<<131, 97, 7, 1, 2>>, [used])),
     ?C(erlang:external_size({a, [1, 2, 3]})),
     ?C([split_binary(<<1, 2, 3>>, 1), binary_part(<<1, 2, 3>>, 1, 2), byte_size(<<1:9>>), bit_size(<<1:9>>)]),
     ?C([list_to_binary([1, [<<2, 3>>], 4]), iolist_size([1, [<<2, 3>>]]), list_to_bitstring([<<1:4>>, <<2:4>>])]),
     ?C(iolist_to_binary([a])),
     ?C([binary_to_list(<<"abc">>), binary_to_list(<<"abcd">>, 2, 3), bitstring_to_list(<<1, 2:4>>)]),
     ?C([atom_to_binary('ä€'), binary_to_atom(<<"x y">>), atom_to_list('A b'), list_to_atom("ä")]),
     ?C(binary_to_existing_atom(<<"no such atom anywhere 12345">>)),
     ?C([is_function(fun lists:map/2, 2), is_function(fun() -> 1 end, 1), is_boolean(true), is_bitstring(<<1:1>>), is_binary(<<1:1>>)]),
     ?C(lists:foldl(fun(X, Acc) -> <<Acc/binary, X>> end, <<>>, lists:seq(1, 300))),
     ?C(binary:match(<<"hello world">>, [<<"wor">>, <<"o">>])),
     ?C(binary:matches(<<"abcabc">>, <<"bc">>)),
     ?C(binary:split(<<"a,b,,c">>, <<",">>, [global, trim_all])),
     ?C(binary:replace(<<"aXbXc">>, <<"X">>, <<"--">>, [global])),
     ?C([binary:first(<<5, 6>>), binary:last(<<5, 6>>), binary:at(<<5, 6>>, 1), binary:copy(<<1, 2>>, 3)]),
     ?C([binary:longest_common_prefix([<<"abc">>, <<"abd">>]), binary:longest_common_suffix([<<"xbc">>, <<"ybc">>])]),
     ?C([binary:encode_hex(<<1, 171>>), binary:decode_hex(<<"01AB">>)]),
     ?C([apply(fun(A, B) -> A - B end, [5, 3]), (fun lists:sum/1)([1, 2]), apply(erlang, '+', [1, 2])]),
     ?C(begin F = fun G(0) -> []; G(N) -> [N | G(N - 1)] end, F(5) end),
     ?C(begin A = 1, F = fun(B) -> fun(C) -> {A, B, C} end end, (F(2))(3) end),
     ?C([erlang:fun_info(fun lists:map/2, T) || T <- [module, name, arity, type]]),
     ?C(erlang:fun_info(fun(_, _) -> ok end, arity)),
     ?C(fun lists:map/2 =:= fun lists:map/2),
     ?C(erlang:fun_to_list(fun lists:map/2))].

terms() ->
    [1, 1.0, -5, 1 bsl 70, a, b, {}, {a}, {1, 2}, [], [a], [a | b], "str", <<>>, <<"bin">>, <<1:3>>,
     #{}, #{a => 1}, #{b => 0, a => 9}].

kind(X) when is_integer(X) -> integer;
kind(X) when is_float(X) -> float;
kind(X) when is_atom(X) -> atom;
kind(X) when is_tuple(X) -> {tuple, tuple_size(X)};
kind([]) -> nil;
kind([_ | T]) when is_list(T) -> list;
kind(X) when is_list(X) -> improper;
kind(X) when is_binary(X) -> {binary, byte_size(X)};
kind(X) when is_bitstring(X) -> {bits, bit_size(X)};
kind(X) when is_map(X) -> {map, map_size(X)}.

guard(X) when hd(X) =:= a; X =:= 1 -> head_or_one;
guard(X) when element(1, X) =:= a orelse tuple_size(X) > 1 -> tuple;
guard(X) when map_get(a, X) > 5 -> big_map;
guard(X) when is_map_key(a, X), map_get(a, X) =:= 1 -> small_map;
guard(X) when abs(X) > 4, X rem 2 =/= 0 -> odd;
guard(X) when byte_size(X) > 2 -> long;
guard(X) when X > 1.5, not is_atom(X) -> greater;
guard(_) -> none.
