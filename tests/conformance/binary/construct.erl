%% Construction of bitstrings: all segment types, sizes, units, endiannesses, at every offset; and
%% what fails.
-module(construct).
-export([run/0]).
-include("show.hrl").

run() ->
    integers(), big_integers(), floats(), binaries(), characters(), strings(), sizes(), failures(), appends(),
    comprehensions(), large(), order(), ok.

integers() ->
    [?T(<<0:Lead, V:Size, 1:1>>) || Lead <- [0, 1, 7, 8, 13], V <- [0, 1, -1, 16#123456789abcdef], Size <- [0, 1, 7, 8, 9, 16, 63, 64, 65, 100]],
    [?T(<<0:Lead, V:Size/little, 1:1>>) || Lead <- [0, 3], V <- [0, 1, -1, 16#123456789abcdef], Size <- [0, 1, 7, 8, 9, 16, 63, 64, 65, 100]],
    [?T(<<V:Size/native-signed, V:Size/unit:8, V:1/unit:13>>) || V <- [5, -5, 1000], Size <- [1, 2, 3]],
    [?T(<<V, V:16, V:24/little, V:32/signed-little>>) || V <- [0, 255, 256, -1, -128, 16#7fffffff]],
    ok.

big_integers() ->
    Bigs = [1 bsl 64, (1 bsl 64) - 1, -(1 bsl 64), (1 bsl 200) + 12345678901234567890, -(1 bsl 127) - 1, -(1 bsl 63), 1 bsl 59, -(1 bsl 59) - 1],
    [?T(<<0:Lead, V:Size, 2:3>>) || Lead <- [0, 5], V <- Bigs, Size <- [0, 1, 8, 60, 64, 65, 128, 200, 260]],
    [?T(<<0:Lead, V:Size/little, 2:3>>) || Lead <- [0, 5], V <- Bigs, Size <- [0, 1, 8, 60, 64, 65, 128, 200, 260]],
    ok.

floats() ->
    Values = [0.0, -0.0, 1.0, -1.5, 3.14159, 1.0e300, 1.0e-300, 65504.0, 65519.9, 65520.0, 1.0e-7, 5.9604644775390625e-8, 2.98e-8,
              6.0975e-5, 3.4028235677973366e38, 1.401298464324817e-45, 7.0e-46, 2049.0, 2051.0, 0.1, 1, -7, 1 bsl 53 + 1, 1 bsl 200],
    [?T(<<0:Lead, V:Size/float, 1:1>>) || Lead <- [0, 3], V <- Values, Size <- [16, 32, 64]],
    [?T(<<0:Lead, V:Size/float-little, 1:1>>) || Lead <- [0, 3], V <- Values, Size <- [16, 32, 64]],
    [?T(<<V/float, V/float-native, V:1/float-unit:32, V:2/float-unit:8>>) || V <- [1.5, 2]],
    [?T(<<V:Size/float>>) || {V, Size} <- [{1.0, 0}, {1.0, 8}, {1.0, 63}, {1.0, 128}, {a, 64}, {<<1>>, 32}, {1 bsl 2000, 64}, {1.0, -64}]],
    ok.

binaries() ->
    B = <<"binary">>,
    Odd = <<5:3, "bits", 1:6>>,
    <<_:5, Shifted:21/bits, _/bits>> = <<"shifted">>,
    [?T(<<0:Lead, X/bits, 1:1>>) || Lead <- [0, 1, 8, 11], X <- [B, Odd, Shifted, <<>>, <<1:1>>]],
    [?T(<<0:Lead, X:N/binary, 1:1>>) || Lead <- [0, 3], X <- [B, Odd, Shifted], N <- [0, 1, 2, 6, 7]],
    [?T(<<X:N/bits>>) || X <- [B, Odd, Shifted], N <- [0, 1, 9, 21, 48, 49, -1]],
    [?T(<<X:N/binary-unit:3, X:N/binary-unit:7>>) || X <- [B, Odd, Shifted], N <- [0, 1, 3, 7]],
    [?T(<<X/binary>>) || X <- [B, Odd, Shifted, a, 1, [1], 1.0]],
    [?T(<<X/binary-unit:3>>) || X <- [B, Odd, Shifted, <<1:3>>]],
    ok.

characters() ->
    Points = [0, 127, 128, 2047, 2048, 16#d7ff, 16#e000, 16#ffff, 16#10000, 16#10ffff],
    [?T(<<0:Lead, P/utf8, P/utf16, P/utf32, P/utf16-little, P/utf32-little, 1:1>>) || Lead <- [0, 3], P <- Points],
    Bad = [-1, 16#d800, 16#dfff, 16#110000, 1 bsl 70, a, 1.0, <<"x">>],
    [?T(<<P/utf8>>) || P <- Bad],
    [?T(<<P/utf16>>) || P <- Bad],
    [?T(<<P/utf32>>) || P <- Bad],
    ?T(<<"grüße λ 𝄞"/utf8, "grüße λ 𝄞"/utf16-little, "grüße"/utf32>>),
    ok.

strings() ->
    N = id(3),
    ?T(<<N:N, "a string constant", N:5, "another">>),
    ?T(<<1:1, "unaligned", N:2, "strings">>),
    ?T(<<"abc":16, "de":N, "f"/little-signed>>),
    ok.

sizes() ->
    [?T(<<1:S>>) || S <- [1 bsl 70, 1 bsl 62, 1 bsl 60, -1, -(1 bsl 70), a, 1.0, <<>>]],
    [?T(<<1:S/unit:256>>) || S <- [1 bsl 58, 1 bsl 70, -1, a, 0, 2]],
    [?T(<<<<1, 2, 3>>:S/binary>>) || S <- [1 bsl 70, 1 bsl 60, -1, a, 1.0, 4, 3]],
    ok.

failures() ->
    [?T(<<X>>) || X <- [a, 1.0, <<>>, [], {}]],
    [?T(<<X:8, 1:S>>) || {X, S} <- [{a, 8}, {1, a}, {1, -1}, {a, -1}]],
    [?T(catch_in_guard(X)) || X <- [1, 2, a, <<1>>]],
    ok.
catch_in_guard(X) when <<X:8>> =:= <<1>> -> one;
catch_in_guard(X) when <<X/binary>> =:= <<1>> -> binary_one;
catch_in_guard(_) -> no.

%% Appending: what was there before stays what it was, whoever holds it.
appends() ->
    A = id(<<"start">>),
    B = <<A/binary, 1>>,
    C = <<B/binary, 2>>,
    D = <<B/binary, 3>>,
    E = <<C/binary, 4, (binary:copy(<<5>>, 300))/binary>>,
    F = <<C/binary, 6>>,
    ?T({A, B, C, D, E, F}),
    G = lists:foldl(fun(N, Acc) -> <<Acc/bits, N:(N rem 11)>> end, <<>>, lists:seq(1, 400)),
    ?T(G),
    Steps = lists:foldl(fun(N, [Last | _] = All) -> [<<Last/binary, N:24>> | All] end, [<<>>], lists:seq(1, 60)),
    ?T(erlang:md5(Steps)),
    ?T(<<G/binary, 1>>),
    ?T(<<(id(<<1:4>>))/bits, 15:4>>),
    ?T(<<(id(A))/binary, A/binary, A/binary>>),
    Self = self(),
    spawn(fun() -> Self ! {appended, <<E/binary, "there">>} end),
    There = receive {appended, X} -> X end,
    Here = <<E/binary, "here">>,
    ?T({There, Here, E}),
    ?T(begin Bin = <<E/binary, 9>>, <<_:2/binary, Rest/binary>> = Bin, Bin2 = <<Bin/binary, Rest/binary>>, {Bin, Rest, Bin2} end),
    ok.

comprehensions() ->
    ?T(<< <<X:5>> || X <- lists:seq(1, 50) >>),
    ?T(<< <<X:3, Y/bits>> || <<X:3, Y:2/bits>> <= <<"some source bits">>, X > 2 >>),
    ?T([X || <<X:7>> <= <<"some source bits">>]),
    ?T([{X, Y} || <<X:4, Y/utf8>> <= << <<C:4, (C * 97)/utf8>> || C <- lists:seq(0, 30) >>]),
    ?T(<< <<(byte_size(B)), B/binary>> || B <- [<<"a">>, <<>>, <<"ccc">>] >>),
    ?T(<< <<B/binary>> || B <- [<<"a">>, <<1:1>>] >>),
    ?T(erlang:md5(<< <<X:16, (X * X):3/little-unit:8, X/float>> || X <- lists:seq(1, 3000), X rem 3 =/= 0 >>)),
    ?T(<< <<X>> || X <- [1 | 2] >>),
    ?T(<< <<X>> || X <- [1, a] >>),
    ?T(<< <<X>> || X <- lists:seq(1, 0) >>),
    ok.

large() ->
    Big = binary:copy(<<"0123456789abcdef">>, 20000),
    ?T(erlang:md5(<<1:4, Big/binary, 2:4>>)),
    ?T(erlang:md5(<<Big/binary, Big/binary>>)),
    <<_:3, Part:100000/binary, _/bits>> = Big,
    ?T(erlang:md5(<<Part/binary, 7>>)),
    ?T(erlang:md5(<<5:5, Part/binary, 7:3>>)),
    ?T(erlang:md5(<<(1 bsl 99999):100000>>)),
    ?T(erlang:md5(<<(-(1 bsl 99999) - 17):100000/little, 1>>)),
    ?T(byte_size(<<0:8000000>>)),
    ok.

%% What fails first decides.
order() ->
    [?T(<<A:S1, B:S2>>) || {A, S1, B, S2} <- [{a, 8, 1, 1 bsl 70}, {1, -1, 1, 1 bsl 70}, {1, 1 bsl 70, 1, -1}, {1, 1 bsl 70, a, 8},
                                              {1, a, 1, 1 bsl 70}, {1, 1 bsl 70, 1, a}]],
    [?T(<<(A)/binary, B:S2>>) || {A, B, S2} <- [{a, 1, 1 bsl 70}, {<<1>>, 1, 1 bsl 70}, {a, 1, -1}]],
    [?T(<<A/utf8, B:S2>>) || {A, B, S2} <- [{a, 1, 1 bsl 70}, {65, 1, 1 bsl 70}, {a, 1, -1}]],
    ok.
