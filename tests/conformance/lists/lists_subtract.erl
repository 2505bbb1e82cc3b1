%% `--` of short and long lists, of all kinds of terms, with duplicates, and its errors.
-module(lists_subtract).
-export([cases/0]).

cases() ->
    [{"random terms, " ++ integer_to_list(X) ++ " -- " ++ integer_to_list(Y), fun() -> same_as_naive(X, Y) end}
        || X <- [0, 1, 15, 16, 17, 100, 600], Y <- [0, 1, 16, 17, 18, 300, 1023, 1024, 1025, 4097]]
    ++ [{"many, " ++ Name, fun() -> sum(F(100000)) end} || {Name, F} <- many()]
    ++ [{"integers are no floats", fun() -> [L -- floats(L) || L <- [lists:seq(1, 3), lists:seq(1, 20)]] end},
        {"zeros", fun() -> Z = lists:duplicate(20, -0.0), {[0.0 | Z] -- [0, 1 | lists:duplicate(17, 0.0)], [0 | Z] -- Z} end},
        {"first ones go first", fun() -> [{K, lists:flatten(lists:duplicate(K, "abc")) -- lists:duplicate(K, $b)} || K <- [5, 17, 40]] end},
        {"large elements", fun() ->
            [large() ++ Rest -- large() || Rest <- [[], lists:seq(1, 16), lists:seq(1, 17), [a | large()]]] end},
        {"large elements that differ at their ends", fun() ->
            A = lists:seq(1, 50000), B = A ++ [x], S = lists:seq(1, 30),
            [[length(X) || X <- L, is_list(X)] || L <- [[A, B] -- [B], [A, B | S] -- [B | S], [A, A, B | S] -- [B, A | lists:seq(31, 60)]]] end}]
    ++ [{"improper lists", fun() -> [refused(A, B) || A <- improper(), B <- improper()] end},
        {"another process goes on", fun goes_on/0},
        {"while heaps are collected", fun() -> collected() end}].

many() ->
    [{"in order", fun(N) -> L = lists:seq(1, N), [0 | L ++ [N + 1]] -- L end},
     {"in reverse", fun(N) -> lists:seq(1, N) -- lists:seq(N, 2, -1) end},
     {"none in common", fun(N) -> lists:seq(1, N) -- lists:seq(N + 1, 2 * N) end},
     {"floats", fun(N) -> lists:seq(1, N) -- floats(lists:seq(1, N)) end},
     {"every third", fun(N) -> lists:seq(1, N) -- lists:seq(1, N, 3) end},
     {"few kinds", fun(N) -> L = [I rem 100 || I <- lists:seq(1, N)], (L ++ L) -- tl(L) end},
     {"one kind", fun(N) -> lists:duplicate(N, x) -- lists:duplicate(N - 5, x) end},
     {"one kind, absent", fun(N) -> lists:duplicate(N, x) -- lists:duplicate(N, y) end},
     {"tuples", fun(N) -> [{I, "text"} || I <- lists:seq(1, N)] -- [{I, "text"} || I <- lists:seq(N, 10, -1)] end},
     {"large integers", fun(N) -> B = 1 bsl 64, [B + I || I <- lists:seq(1, N)] -- [B + I || I <- lists:seq(5, N + 5)] end},
     {"binaries", fun(N) -> [<<I:32>> || I <- lists:seq(1, N)] -- [<<I:32>> || I <- lists:seq(N, 3, -2)] end}].

sum(L) -> {length(L), lists:sublist(L, 20), erlang:md5(term_to_binary(L))}.
floats(L) -> [X * 1.0 || X <- L].
large() -> [lists:seq(1, 20000), list_to_tuple(lists:seq(1, 20000)), maps:from_list([{I, I} || I <- lists:seq(1, 2000)])].
improper() -> [[], [a], [a | b], x, lists:seq(1, 30), lists:seq(1, 30) ++ x, lists:seq(1, 9000) ++ x].

refused(A, B) ->
    try length(A -- B)
    catch Class:Reason:Stack -> [{M, F, As, _} | _] = Stack, {Class, Reason, M, F, erlang:md5(term_to_binary(As))} end.

same_as_naive(X, Y) ->
    rand:seed(exsss, {X, Y, 7}),
    [begin
         A = [element_of(N) || _ <- lists:seq(1, X)],
         B = [element_of(N) || _ <- lists:seq(1, Y)],
         R = A -- B,
         {R =:= naive(A, B), length(R)}
     end || N <- [2, 40]].
naive(L, R) -> lists:foldl(fun delete/2, L, R).
delete(_, []) -> [];
delete(X, [Y | T]) when X =:= Y -> T;
delete(X, [Y | T]) -> [Y | delete(X, T)].

element_of(N) ->
    I = rand:uniform(N),
    element(rand:uniform(12), {I, I * 1.0, -0.0, 0.0, {I, a}, [I], #{I => I rem 3}, <<I:32>>, (1 bsl 70) + I, I rem 7 =:= 0,
                               fun erlang:abs/1, {[], I, "text"}}).

goes_on() ->
    Self = self(),
    L = lists:seq(1, 200000),
    spawn_link(fun() -> Self ! {self(), sum(L -- lists:reverse(L, [a]))} end),
    [begin erlang:yield(), ok end || _ <- lists:seq(1, 100)],
    receive {_, Sum} -> Sum end.

collected() ->
    L = [{I, [I]} || I <- lists:seq(1, 3000)],
    Pid = self(),
    [spawn_link(fun() -> process_flag(message_queue_data, off_heap), Pid ! {K, length((L -- lists:nthtail(K, L)) -- L)} end) || K <- [1, 20, 2000]],
    erlang:garbage_collect(),
    [receive {K, N} -> {K, N} end || K <- [1, 20, 2000]].
