%% Numbers to text and back, with all options and bases.
-module(number_texts).
-export([cases/0]).

cases() ->
    Integers = [0, 1, -1, 35, 255, -256, 1 bsl 59, -(1 bsl 59), 1 bsl 64, (1 bsl 200) - 1, -(1 bsl 333)],
    Floats = [0.0, -0.0, 1.0, -1.0, 0.1, 1.5, 100.0, 123456.789, 1.0e10, 1.0e15, 1.0e16, 1.0e21, 1.0e22, 1.0e23, 1.0e-5, 1.0e-7, 2.5e-10,
              3.141592653589793, 1.7976931348623157e308, 2.2250738585072014e-308, 5.0e-324, 9007199254740991.0, 0.30000000000000004,
              4.35, 0.5, 2.675, 1.005, 999999999999999.9, 12345678901234567890.0, 1.0e100],
    [{label("integer", [N]), fun() -> [{integer_to_list(N, B), integer_to_binary(N, B)} || B <- [2, 3, 8, 10, 16, 32, 36]] ++ [integer_to_list(N), integer_to_binary(N)] end} || N <- Integers]
    ++ [{label("integer back", [N]), fun() -> [list_to_integer(integer_to_list(N, B), B) =:= N andalso binary_to_integer(integer_to_binary(N, B), B) =:= N || B <- lists:seq(2, 36)] end} || N <- Integers]
    ++ [{label("float", [F]), fun() -> [float_to_list(F), float_to_binary(F), float_to_list(F, [short]), float_to_binary(F, [short])] end} || F <- Floats]
    ++ [{label("float decimals", [F]), fun() -> [safe(fun() -> float_to_list(F, [{decimals, D} | C]) end) || D <- [0, 1, 2, 5, 10, 20, 253], C <- [[], [compact]]] end} || F <- Floats]
    ++ [{label("float scientific", [F]), fun() -> [safe(fun() -> float_to_binary(F, [{scientific, D}]) end) || D <- [0, 1, 2, 5, 10, 17, 20, 249, 250]] end} || F <- Floats]
    ++ [{label("float formats", [F]), fun() -> [lists:flatten(safe(fun() -> io_lib:format(S, [F]) end)) || S <- ["~w", "~p", "~f", "~.1f", "~.3f", "~10.2f", "~e", "~.3e", "~12.4e", "~g", "~.3g", "~15.6g", "~-10.1f|", "~10.10.*f"]] end} || F <- Floats]
    ++ [{label("float back", [F]), fun() -> [list_to_float(float_to_list(F)) =:= F, binary_to_float(float_to_binary(F, [short])) =:= F, list_to_float(float_to_list(F, [{scientific, 17}])) =:= F] end} || F <- Floats]
    ++ [{label("read float", [T]), fun() -> [safe(fun() -> list_to_float(T) end), safe(fun() -> binary_to_float(list_to_binary(T)) end), string:to_float(T), io_lib:fread("~f", T)] end} || T <- float_texts()]
    ++ [{label("read integer", [T]), fun() -> [safe(fun() -> list_to_integer(T) end), safe(fun() -> binary_to_integer(list_to_binary(T)) end), safe(fun() -> list_to_integer(T, 16) end), string:to_integer(T), io_lib:fread("~d", T)] end} || T <- integer_texts()]
    ++ [{label("bad option", [O]), fun() -> [safe(fun() -> float_to_list(1.5, O) end), safe(fun() -> float_to_binary(1.5, O) end)] end}
        || O <- [[{decimals, -1}], [{decimals, 254}], [{scientific, 250}], [{scientific, -1}], [x], x, [compact], [short, {decimals, 2}], [{decimals, 2}, short], [{decimals, a}], [{decimals, 2} | x], []]]
    ++ [{label("bad base", [B]), fun() -> [safe(fun() -> integer_to_list(5, B) end), safe(fun() -> list_to_integer("5", B) end), safe(fun() -> binary_to_integer(<<"5">>, B) end)] end} || B <- [0, 1, 37, -2, a, 2.0, 1 bsl 70]]
    ++ [{label("integer format", [S, N]), fun() -> lists:flatten(safe(fun() -> io_lib:format(S, [N]) end)) end} || S <- ["~b", "~B", "~.16b", "~.16B", "~.2b", "~10b", "~-10b|", "~10.8b", "~5..0b", "~8.16.0b", "~.16#", "~.36+", "~w", "~4w", "~c", "~5c"], N <- [0, 97, -255, 1 bsl 70]]
    ++ [{label("arithmetic of floats", [F]), fun() -> [safe(fun() -> G(F) end) || G <- [fun(X) -> X * 1.0e308 end, fun(X) -> X + X end, fun(X) -> X / 3 end, fun erlang:trunc/1, fun erlang:round/1, fun erlang:ceil/1, fun erlang:floor/1, fun erlang:abs/1, fun(X) -> <<X/float>> end, fun(X) -> <<X:32/float>> end, fun(X) -> <<X:16/float>> end, fun math:sqrt/1, fun math:log2/1, fun math:floor/1, fun math:ceil/1, fun(X) -> math:fmod(X, 7) end]] end} || F <- Floats].

label(What, Arguments) -> lists:flatten(io_lib:format("~s ~0p", [What, Arguments])).

safe(F) -> try F() catch Class:Reason -> atom_to_list(Class) ++ lists:flatten(io_lib:format(":~0p", [Reason])) end.

float_texts() ->
    ["1.0", "1", "1.", ".5", "1.5e3", "1.5E+3", "1.5e-3", "1.5e", "1e5", "-1.5", "+1.5", " 1.5", "1.5 ", "1.5x", "", "nan", "inf", "1.0e400", "1.0e-400", "00001.5", "1.50000000000000000000000000000001",
     "123456789012345678901234567890.0", "0x1.0", "1_0.0", "1.0_0", "-0.0", "4.9e-324", "2.4703282292062327e-324", "1.7976931348623159e308", "9007199254740993.0", "1,5"].

integer_texts() ->
    ["0", "-0", "+5", "-5", "12345678901234567890123", "ff", "FF", "0x10", " 5", "5 ", "5x", "", "+", "-", "--5", "1_000", "12.5", "08", "g", "-ffffffffffffffffffff"].
