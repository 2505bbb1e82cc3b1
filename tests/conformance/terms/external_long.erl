%% The external term format of what takes several turns: lists that turn out to be strings or none,
%% deep terms, large maps, compressed terms, also when they are damaged.
-module(external_long).
-export([cases/0]).

cases() ->
    [{"string of " ++ integer_to_list(N) ++ " and " ++ Name, fun() -> shown(lists:duplicate(N, $s) ++ End) end}
        || N <- [1, 31, 32, 33, 63, 64, 65, 1000, 65503, 65504, 65534, 65535, 65536, 70000],
           {Name, End} <- [{"nothing", []}, {"a byte", [255]}, {"a number", [256]}, {"an atom", [a]},
                           {"an improper tail", x}, {"a float", [1.5, 2]}]]
    ++ [{"strings in a list", fun() -> shown([lists:duplicate(I, I band 255) || I <- lists:seq(0, 300)]) end},
        {"strings in tuples, maps and tails", fun() ->
            shown({text(500), #{text(100) => text(200)}, [text(300) | text(400)], [[[text(50)]]]}) end},
        {"size of strings", fun() -> [erlang:external_size(X) || X <- [text(500), text(70000), text(500) ++ [a], [text(40) | x]]] end},
        {"strings in old forms", fun() ->
            [erlang:md5(term_to_binary(text(500), O)) || O <- [[{minor_version, 0}], [deterministic], [{minor_version, 2}]]] end},
        {"deep lists", fun() -> shown(nested(20000, fun(X) -> [X] end)) end},
        {"a million lists, one in the other", fun() -> shown(nested(1000000, fun(X) -> [X] end)) end},
        {"deterministic, deep and large", fun() ->
            M = maps:from_list([{{I, J}, [J]} || I <- lists:seq(1, 50), J <- lists:seq(1, 50)]),
            T = nested(2000, fun(X) -> [X, text(20)] end),
            D = [term_to_binary(X, [deterministic | O]) || X <- [M, {M, [M | T]}, #{M => T}], O <- [[], [{minor_version, 2}], [compressed]]],
            {[byte_size(B) || B <- D], [erlang:md5(B) || B <- D], [term_to_binary(binary_to_term(B), [deterministic]) =:= B || B <- D]} end},
        {"deep tuples", fun() -> shown(nested(20000, fun(X) -> {X, 1} end)) end},
        {"deep strings", fun() -> shown(nested(3000, fun(X) -> [$a, $b, X, $c] end)) end},
        {"deep on the left", fun() -> shown(nested(5000, fun(X) -> [X, text(40), 1.5] end)) end}]
    ++ [{"map of " ++ integer_to_list(N) ++ " " ++ Name, fun() -> round_trip(maps:from_list([{K(I), [I]} || I <- lists:seq(1, N)])) end}
        || N <- [32, 33, 34, 100, 1000, 20000], {Name, K} <- key_kinds()]
    ++ [{"maps in maps", fun() -> round_trip(maps:from_list([{I, maps:from_list([{{I, J}, J} || J <- lists:seq(1, 40)])} || I <- lists:seq(1, 200)])) end},
        {"a large map with a key twice", fun() -> [refused(twice(N)) || N <- [2, 33, 34, 1000, 5000]] end}]
    ++ [{"compressed at " ++ integer_to_list(L), fun() -> compressed(L) end} || L <- [1, 6, 9]]
    ++ [{"damaged compressed terms", fun() -> damaged() end},
        {"compressed prefixes", fun() -> B = term_to_binary(text(3000), [compressed]),
            lists:usort([refused(binary:part(B, 0, N)) || N <- lists:seq(1, byte_size(B) - 1)]) end},
        {"compressed, and bytes behind", fun() ->
            T = lists:seq(1, 30000), B = term_to_binary(T, [compressed]),
            {U, Used} = binary_to_term(<<B/binary, "rest">>, [used]), {U =:= T, Used =:= byte_size(B)} end},
        {"small binaries in turns", fun() -> [begin B = term_to_binary(lists:duplicate(29, [])), binary_to_term(B) end || _ <- lists:seq(1, 300)] =:= lists:duplicate(300, lists:duplicate(29, [])) end}].

text(N) -> [(I rem 26) + $a || I <- lists:seq(1, N)].
nested(N, F) -> lists:foldl(fun(_, X) -> F(X) end, [], lists:seq(1, N)).
key_kinds() ->
    [{"numbers", fun(I) -> I end}, {"binaries", fun(I) -> <<I:64>> end}, {"tuples", fun(I) -> {I, -I} end},
     {"texts", fun(I) -> integer_to_list(I) end}].
shown(T) ->
    B = term_to_binary(T),
    {byte_size(B), erlang:md5(B), binary_to_term(B) =:= T, erlang:external_size(T)}.
round_trip(M) ->
    N = binary_to_term(term_to_binary(M)),
    {M =:= N, map_size(N), erlang:phash2(N), maps:fold(fun(_, [I], S) -> S + I; (_, V, S) -> S + map_size(V) end, 0, N),
     erlang:md5(term_to_binary(maps:keys(N)))}.
twice(N) ->
    Keys = [<<98, I:32, 106>> || I <- lists:seq(1, N - 1)],
    iolist_to_binary([<<131, 116, N:32>>, Keys, <<98, 1:32, 106>>]).
refused(B) -> try binary_to_term(B), fine catch error:R -> R end.
compressed(L) ->
    [begin
         B = term_to_binary(T, [{compressed, L}]),
         {binary:at(B, 1), binary_to_term(B) =:= T, binary_to_term(B, [safe]) =:= T}
     end || T <- [text(50), text(100000), lists:seq(1, 20000), [rand(I) || I <- lists:seq(1, 20000)],
                  binary:copy(<<"abcdefgh">>, 100000), << <<(rand(I)):32>> || I <- lists:seq(1, 20000) >>]].
rand(I) -> erlang:phash2({I, x}, 16#ffffffff).
damaged() ->
    B = term_to_binary(lists:seq(1, 5000), [compressed]),
    [refused(damage(B, At)) || At <- [2, 5, 6, 7, 8, 20, 500, byte_size(B) - 5, byte_size(B) - 1]].
damage(B, At) ->
    <<Before:At/binary, Byte, Rest/binary>> = B,
    <<Before/binary, (Byte bxor 255), Rest/binary>>.
