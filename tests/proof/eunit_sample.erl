%% Tests of all kinds that EUnit knows: they pass, fail, are cancelled and time out.
-module(eunit_sample).
-include_lib("eunit/include/eunit.hrl").
add_test() -> ?assertEqual(4, 2 + 2).

bad_test() -> ?assertEqual(5, 2 + 2).

match_test_() ->
    [?_assertMatch({ok, _}, {ok, 1}),
     ?_assertError(badarith, 1 / length([])),
     ?_assertThrow(x, throw(y))].

fix_test_() ->
    {setup, fun() -> ets:new(t, [public]) end, fun(T) -> ets:delete(T) end,
     fun(T) ->
         [{"insert", ?_assert(ets:insert(T, {a, 1}))},
          {timeout, 5, ?_assertEqual([{a, 1}], ets:lookup(T, a))}]
     end}.

gen_test_() ->
    {inparallel, [{integer_to_list(I), fun() -> ?assert(I > 1) end} || I <- lists:seq(1, 3)]}.

foreach_test_() ->
    {foreach, fun() -> 1 end, fun(_) -> ok end,
     [fun(X) -> ?_assertEqual(1, X) end, fun(X) -> {"two", ?_assertEqual(2, X)} end]}.

timeout_test_() -> {timeout, 0.2, fun() -> timer:sleep(1000) end}.

out_test() -> io:format("some output~n").

skip_test_() -> {setup, fun() -> error(nosetup) end, [?_test(ok)]}.
