%% The BIFs between numbers and text, and module math, with arguments of all kinds: one digest of
%% results and reasons for each.
-module(text_arguments).
-export([run/0]).

run() ->
    [erlang:display({M, F, A, digest(M, F, A)}) || {M, F, A} <- bifs()],
    [erlang:display({F, digest_float_options(F)}) || F <- [float_to_list, float_to_binary]],
    erlang:display([catch_value(math, F, [V]) || F <- [floor, ceil, sqrt], V <- numbers()]),
    ok.

bifs() ->
    [{erlang, F, 1} || F <- [integer_to_list, integer_to_binary, list_to_integer, binary_to_integer, float_to_list,
                             float_to_binary, list_to_float, binary_to_float]] ++
    [{erlang, F, 2} || F <- [integer_to_list, integer_to_binary, list_to_integer, binary_to_integer]] ++
    [{string, list_to_integer, 1}, {string, list_to_float, 1}].

numbers() -> [0, 1, -1, 255, 1 bsl 64, -(1 bsl 200), 0.0, 1.5, -2.25, 1.0e100].

values() ->
    Text = ["", "1", "-12", "+7", "1.5", "-1.5e10", "1e5", "1.0e400", "ff", "zz", "12 ", " 12", "1_000", "12345678901234567890123",
            "1,5", ".5", "5.", "1.5x", "-", "+", "--1", "0.1e-400", "1.0E+3", "0000000000000000000000000000000000000012"],
    Text ++ [list_to_binary(T) || T <- Text] ++ numbers() ++
        [a, {}, [a], [$1, a], [$1 | $2], [$1 | a], [[$1]], <<1:3>>, <<$1, 1:1>>, #{}, 2, 10, 16, 36, 37, [$1, 1000000]].

digest(M, F, 1) -> erlang:phash2([catch_value(M, F, [V]) || V <- values()]);
digest(M, F, 2) -> erlang:phash2([catch_value(M, F, [V, B]) || V <- values(), B <- [10, 16, 2, 36, 1, 37, 0, a, 10.0, 1 bsl 70]]).

digest_float_options(F) ->
    Options = [[], [short], [compact], [{decimals, 0}], [{decimals, 3}], [{decimals, 20}], [{decimals, 253}], [{decimals, 254}],
               [{decimals, -1}], [{scientific, 0}], [{scientific, 5}], [{scientific, 249}], [{scientific, 250}],
               [{decimals, 5}, compact], [{decimals, 20}, compact], [short, {decimals, 2}], [{decimals, a}], [{foo, 1}], foo,
               [compact | foo], [{decimals, 1, 2}], "ab"],
    erlang:phash2([catch_value(erlang, F, [V, O]) || V <- [0.0, -0.0, 1.0, 0.1, -123.456, 1.0e22, 5.0e-324, 1.0e300, 99.9995, 1],
                                                     O <- Options]).

catch_value(M, F, Arguments) ->
    try apply(M, F, Arguments) of
        V when is_float(V) -> <<V/float>>;
        {V, Rest} when is_float(V) -> {<<V/float>>, Rest};
        V -> V
    catch Class:Reason -> {Class, Reason}
    end.
