%% Exceptions of all classes with their stack traces: functions, arities, lines.
-module(raising).
-export([cases/0, deep/2, tail/1, cause/1]).
-include("../runner/case.hrl").
-record(point, {x, y}).

cases() ->
    [?C(deep(3, fun() -> error(bottom) end)),
     ?C(deep(3, fun() -> throw(bottom) end)),
     ?C(deep(3, fun() -> exit(bottom) end)),
     ?C(deep(20, fun() -> error(bottom) end)),
     ?C(tail(100)),
     ?C(error({with, arguments}, [a, b])),
     ?C(error(simple, none)),
     ?C(error(with_options, [1], [{error_info, #{cause => why}}])),
     ?C(erlang:raise(error, reason, [{m, f, 1, []}])),
     ?C(erlang:raise(throw, ball, [])),
     ?C(erlang:raise(wrong, ball, [])),
     ?C(erlang:raise(error, ball, not_a_trace)),
     ?C(cause(badmatch)),
     ?C(cause(case_clause)),
     ?C(cause(if_clause)),
     ?C(cause(function_clause)),
     ?C(cause(badarith)),
     ?C(cause(badarg)),
     ?C(cause(badfun)),
     ?C(cause(badarity)),
     ?C(cause(undef)),
     ?C(cause(undef_module)),
     ?C(cause(badkey)),
     ?C(cause(badmap)),
     ?C(cause(badrecord)),
     ?C(cause(try_clause)),
     ?C(cause(noproc)),
     ?C(cause(system_limit)),
     ?C(cause(in_fun)),
     ?C(cause(in_list_comprehension)),
     ?C(cause(in_binary_comprehension)),
     ?C(cause(bad_filter)),
     ?C(cause(bad_generator)),
     ?C(cause(bs_construct)),
     ?C(cause(bs_size)),
     ?C(cause(element)),
     ?C(cause(nested_after)),
     ?C(cause(rethrow)),
     ?C(cause(rethrow_kept)),
     ?C(try throw(a) catch a -> caught end),
     ?C(try throw(a) catch b -> caught end),
     ?C(try error(a) catch error:a -> caught end),
     ?C(try exit(a) catch exit:a -> caught end),
     ?C(try exit(a) catch error:a -> caught end),
     ?C(try throw(a) catch _:X -> X after put(done, 1) end),
     ?C(begin catch try throw(a) after put(done, yes) end, get(done) end),
     ?C(try ok of ok -> throw(from_of) catch from_of -> wrong end),
     ?C(try try throw(inner) catch throw:inner -> error(outer) end catch C:R -> {C, R} end),
     ?C(catch throw(x)),
     ?C(catch exit(x)),
     ?C(element(1, element(2, catch error(x)))),
     ?C(catch 1 + 1),
     ?C((catch throw(1)) + (catch throw(2))),
     ?C(try lists:map(fun(X) -> 10 div X end, [5, 2, 0]) catch error:E:S -> {E, [{F, A} || {_, F, A, _} <- S]} end),
     ?C(try try error(one) after error(two) end catch error:E -> E end),
     ?C(catches(1000)),
     ?C([class(F) || F <- [fun() -> error(e) end, fun() -> exit(e) end, fun() -> throw(e) end, fun() -> 1 end]]),
     ?C(atom_to_list(1)),
     ?C(list_to_atom([a])),
     ?C(list_to_integer("12x")),
     ?C(integer_to_list(10, 99)),
     ?C(binary_to_term(<<1, 2>>)),
     ?C(element(5, {a})),
     ?C(setelement(0, {a}, b)),
     ?C(hd([])),
     ?C(tl(a)),
     ?C(length([a | b])),
     ?C(tuple_size([])),
     ?C(map_size([])),
     ?C(maps:get(x, #{})),
     ?C(maps:put(x, 1, [])),
     ?C(lists:nth(5, [1])),
     ?C(lists:sublist([1], -1)),
     ?C(lists:keyfind(a, 0, [])),
     ?C(apply(lists, reverse, [a, b, c])),
     ?C(apply(fun(X) -> X end, [1, 2])),
     ?C((fun(1) -> ok end)(2)),
     ?C((begin self() end)(2)),
     ?C(#{} = list()),
     ?C(1 bsl (1 bsl 70)),
     ?C(1 / 0),
     ?C(1 div 0),
     ?C(1.0 rem 2),
     ?C(a + 1),
     ?C(-a),
     ?C(not 1),
     ?C(1 and true),
     ?C(true andalso 7),
     ?C(7 andalso true),
     ?C(float(1 bsl 2000)),
     ?C(round(a)),
     ?C([1 | 2] ++ [3]),
     ?C([1, 2] -- [a | b]),
     ?C(error(no_arguments, none, [{error_info, #{module => explainer}}]))].

list() -> [].

deep(0, F) -> F(), ok;
deep(N, F) -> deep(N - 1, F), ok.

tail(0) -> error(end_of_tail);
tail(N) -> tail(N - 1).

catches(0) -> done;
catches(N) ->
    try throw(N) catch N -> catches(N - 1) end.

class(F) ->
    try F() of V -> {value, V} catch C:_ -> C end.

only_one(1) -> ok.

cause(badmatch) -> {a, _} = identity({b, 1}), ok;
cause(case_clause) -> case identity(x) of y -> ok end;
cause(if_clause) -> X = identity(1), if X > 1 -> ok end;
cause(function_clause) -> only_one(identity(2)), ok;
cause(badarith) -> identity(a) + 1;
cause(badarg) -> list_to_atom(identity(7));
cause(badfun) -> (identity(nofun))(1);
cause(badarity) -> (identity(fun() -> ok end))(1);
cause(undef) -> lists:no_such_function(1, 2);
cause(undef_module) -> no_such_module:f([]);
cause(badkey) -> (identity(#{}))#{k := 1};
cause(badmap) -> (identity([]))#{k => 1};
cause(badrecord) -> (identity({other, 1, 2}))#point.x;
cause(try_clause) -> try identity(x) of y -> ok catch _ -> caught end;
cause(noproc) -> gen_server:call(no_such_server, hello);
cause(system_limit) -> list_to_atom(lists:duplicate(identity(300), $a));
cause(in_fun) -> F = fun(X) -> X + identity(a) end, F(1);
cause(in_list_comprehension) -> [X + identity(a) || X <- [1, 2]];
cause(in_binary_comprehension) -> << <<(identity(X))>> || X <- [1, a] >>;
cause(bad_filter) -> [X || X <- [1, 2], identity(X)];
cause(bad_generator) -> [X || X <- identity(not_a_list)];
cause(bs_construct) -> <<(identity(a)):8>>;
cause(bs_size) -> <<1:(identity(-1))>>;
cause(element) -> element(identity(3), {a, b});
cause(nested_after) -> try only_one(identity(2)) after identity(ok) end;
cause(rethrow) -> try only_one(identity(2)) catch C:R -> erlang:raise(C, R, []) end;
cause(rethrow_kept) -> try only_one(identity(2)) catch C:R:S -> erlang:raise(C, R, S) end.

identity(X) -> X.
