%% Matching of bitstrings: all segment types, sizes, units, endiannesses, at every offset;
%% positions; what does not match.
-module(match).
-export([run/0]).
-include("show.hrl").

run() ->
    integers(), floats(), binaries(), characters(), strings(), tails(), clauses(), contexts(), sizes(), large(), ok.

shift(Lead, Bits) -> <<0:Lead, Bits/bits>>.

-define(M(Pattern, Subject, Result), ?T(case Subject of Pattern -> {yes, Result}; _ -> no end)).

integers() ->
    Source = <<16#f123456789abcdef0123456789abcdef:128, 16#8091a2b3c4d5e6f7:64>>,
    [?M(<<_:Lead, X:Size, Rest/bits>>, shift(Lead, Source), {X, bit_size(Rest)}) || Lead <- [0, 1, 7, 8], Size <- [0, 1, 7, 8, 9, 31, 32, 59, 60, 61, 63, 64, 65, 100, 128, 192, 193]],
    [?M(<<_:Lead, X:Size/little, _/bits>>, shift(Lead, Source), X) || Lead <- [0, 3], Size <- [0, 1, 7, 8, 9, 31, 32, 59, 60, 61, 63, 64, 65, 100, 128, 192]],
    [?M(<<_:Lead, X:Size/signed, _/bits>>, shift(Lead, Source), X) || Lead <- [0, 3], Size <- [0, 1, 7, 8, 9, 31, 32, 59, 60, 61, 63, 64, 65, 100, 128, 192]],
    [?M(<<_:Lead, X:Size/signed-little, _/bits>>, shift(Lead, Source), X) || Lead <- [0, 3], Size <- [0, 1, 7, 8, 9, 31, 32, 59, 60, 61, 63, 64, 65, 100, 128, 192]],
    [?M(<<X:N/unit:7, Y:N/native-unit:8, _/bits>>, Source, {X, Y}) || N <- [0, 1, 5, 12, 13, 100]],
    [?M(<<X:64/signed>>, <<V:64>>, X) || V <- [0, -1, -(1 bsl 63), 1 bsl 63 - 1, -(1 bsl 59), -(1 bsl 59) - 1, 1 bsl 59]],
    [?M(<<X:128/signed>>, <<V:128>>, X) || V <- [0, -1, -(1 bsl 127), -(1 bsl 64), -(1 bsl 64) + 1, 1 bsl 127 - 1, -(1 bsl 59)]],
    ?M(<<1, 2, X>>, id(<<1, 2, 3>>), X),
    ?M(<<1, 2, X>>, id(<<1, 3, 3>>), X),
    ?M(<<300:16, -1:8/signed, 5:3, 7:5/little>>, id(<<300:16, 255, 5:3, 7:5>>), ok),
    ?M(<<-1:8>>, id(<<255>>), ok),
    ?M(<<X:8, X:8>>, id(<<9, 9>>), X),
    ?M(<<X:8, X:8>>, id(<<9, 8>>), X),
    ok.

floats() ->
    [?M(<<_:Lead, F:Size/float, R/bits>>, <<0:Lead, B:Size, 1:1>>, {F, R}) || Lead <- [0, 3], {Size, B} <- words()],
    [?M(<<_:Lead, F:Size/float-little, R/bits>>, <<0:Lead, B:Size/little, 1:1>>, {F, R}) || Lead <- [0, 3], {Size, B} <- words()],
    [?M(<<F:Size/float>>, <<0:Size>>, F) || Size <- [8, 24, 63, 128]],
    [?M(<<F:Size/float>>, id(<<>>), F) || Size <- [0]],
    ?M(<<1.5/float, X>>, id(<<1.5/float, 7>>), X),
    ?M(<<F:1/float-unit:32, G:2/float-unit:16>>, id(<<2.5:32/float, -0.125:32/float>>), {F, G}),
    ok.
words() ->
    [{16, W} || W <- [0, 1, 16#3ff, 16#400, 16#3c00, 16#7bff, 16#7c00, 16#7c01, 16#fc00, 16#8000, 16#c123]] ++
    [{32, W} || W <- [0, 1, 16#7fffff, 16#3f800000, 16#7f7fffff, 16#7f800000, 16#7fc00000, 16#ff800000, 16#80000000]] ++
    [{64, W} || W <- [0, 1, 16#3ff0000000000000, 16#7fefffffffffffff, 16#7ff0000000000000, 16#7ff8000000000000, 16#8000000000000000]].

binaries() ->
    Source = <<"the quick brown fox jumps over the lazy dog, and then some more text to be long">>,
    [?M(<<_:Lead, X:N/binary, Y/bits>>, shift(Lead, Source), {X, byte_size(Y)}) || Lead <- [0, 1, 8], N <- [0, 1, 63, 64, 65, 78, 79, 80]],
    [?M(<<_:Lead, X:N/bits, Y/bits>>, shift(Lead, Source), {X, bit_size(Y)}) || Lead <- [0, 3], N <- [0, 1, 9, 511, 512, 513, 600]],
    [?M(<<X:N/binary-unit:5, Y/binary>>, id(<<"abcdefgh">>), {X, Y}) || N <- [0, 1, 7, 8, 12, 13]],
    [?M(<<X/binary-unit:3>>, <<0:N>>, X) || N <- [0, 1, 2, 3, 9]],
    [?M(<<A:3, X/binary-unit:16>>, <<5:3, 0:N>>, {A, X}) || N <- [0, 1, 8, 16, 48]],
    ?M(<<X:2/binary, X:2/binary>>, id(<<"abab">>), X),
    ?M(<<X:2/binary, X:2/binary>>, id(<<"abac">>), X),
    ok.

characters() ->
    Valid = <<"aé€𝄞z"/utf8>>,
    ?M(<<A/utf8, B/utf8, C/utf8, D/utf8, E/utf8>>, id(Valid), [A, B, C, D, E]),
    ?M(<<1:3, A/utf8, B/utf8, _/utf8, D/utf8, E/utf8>>, id(<<1:3, Valid/bits>>), [A, B, D, E]),
    [?M(<<A/utf8, R/bits>>, B, {A, R}) || B <- [<<192, 128>>, <<193, 191>>, <<224, 159, 191>>, <<237, 160, 128>>, <<240, 143, 191, 191>>,
        <<244, 144, 128, 128>>, <<245, 128, 128, 128>>, <<128>>, <<255>>, <<195>>, <<226, 130>>, <<240, 144, 128>>, <<195, 65>>,
        <<226, 130, 65>>, <<239, 191, 191>>, <<244, 143, 191, 191>>, <<>>, <<65:7>>, <<195, 169, 1:1>>]],
    [?M(<<A/utf16, R/bits>>, B, {A, R}) || B <- [<<16#d834:16, 16#dd1e:16, 1>>, <<16#d834:16>>, <<16#dd1e:16>>, <<16#d834:16, 65:16>>, <<65:16>>, <<65>>, <<>>]],
    [?M(<<A/utf16-little, R/bits>>, B, {A, R}) || B <- [<<16#d834:16/little, 16#dd1e:16/little>>, <<65, 0, 7>>, <<0, 16#d8>>]],
    [?M(<<A/utf32, R/bits>>, B, {A, R}) || B <- [<<65:32>>, <<16#10ffff:32, 1:3>>, <<16#110000:32>>, <<16#d800:32>>, <<65:31>>, <<-1:32>>]],
    [?M(<<A/utf32-little, R/bits>>, B, {A, R}) || B <- [<<65:32/little>>, <<65:32>>]],
    [?M(<<_/utf8, R/bits>>, B, R) || B <- [Valid, <<255>>, <<195>>]],
    [?M(<<_/utf16, R/bits>>, B, R) || B <- [<<65:16, 1>>, <<16#d834:16, 16#dd1e:16, 1>>, <<16#d800:16>>]],
    [?M(<<_/utf32, R/bits>>, B, R) || B <- [<<65:32, 1>>, <<16#d800:32>>]],
    ?M(<<"é€"/utf8, R/bits>>, id(<<"é€x"/utf8>>), R),
    ok.

strings() ->
    [?M(<<"abc", R/bits>>, B, R) || B <- [<<"abcd">>, <<"abc">>, <<"ab">>, <<"abd">>, <<"abc", 1:3>>]],
    [?M(<<_:Lead, "a longer string", R/bits>>, shift(Lead, B), R) || Lead <- [0, 1, 9], B <- [<<"a longer string!">>, <<"a longer strinG">>, <<"a longer">>]],
    [?T(word(B)) || B <- [<<"one two">>, <<"two one">>, <<"three">>, <<"tw">>, <<>>, <<"one", 1:1>>]],
    ok.
word(<<"one", R/binary>>) -> {one, R};
word(<<"two", R/binary>>) -> {two, R};
word(<<"three">>) -> three;
word(<<_, R/binary>>) -> {other, R};
word(<<>>) -> empty;
word(B) when is_bitstring(B) -> bits.

tails() ->
    [?M(<<_:3, R/binary>>, B, R) || B <- [<<1:3>>, <<1:11>>, <<1:12>>, <<1:2>>]],
    [?M(<<_:3, R/bits>>, B, R) || B <- [<<1:3>>, <<1:11>>, <<1:12>>, <<1:2>>]],
    [?M(<<_/binary>>, B, yes) || B <- [<<1:3>>, <<1:8>>, a, 7]],
    [?M(<<_/bits>>, B, yes) || B <- [<<1:3>>, <<1:8>>, a, [1]]],
    [?M(<<>>, B, yes) || B <- [<<>>, <<1:1>>, a]],
    ok.

%% Several clauses over one context, going back between them.
clauses() ->
    [?T(parse(B)) || B <- [<<1, 5, "hello", "rest">>, <<2, 3:16/little, "abc">>, <<3, 1.5/float>>, <<4, 1:4, 2:4, 3:4>>, <<5>>, <<1, 9, "short">>, <<4, 1:4>>, <<>>]],
    ?T(count(<<"a,b;c,,d">>, 0, 0)),
    ?T(tokens(<<"alpha beta  gamma">>, <<>>, [])),
    ok.
parse(<<1, N, S:N/binary, R/binary>>) -> {string, S, R};
parse(<<2, N:16/little, S:N/binary>>) -> {long, S};
parse(<<3, F/float>>) -> {float, F};
parse(<<4, A:4, B:4, C:4>>) -> {nibbles, A, B, C};
parse(<<T, R/bits>>) -> {unknown, T, R};
parse(<<>>) -> nothing.
count(<<$,, R/binary>>, C, S) -> count(R, C + 1, S);
count(<<$;, R/binary>>, C, S) -> count(R, C, S + 1);
count(<<_, R/binary>>, C, S) -> count(R, C, S);
count(<<>>, C, S) -> {C, S}.
tokens(<<$\s, R/binary>>, <<>>, Acc) -> tokens(R, <<>>, Acc);
tokens(<<$\s, R/binary>>, T, Acc) -> tokens(R, <<>>, [T | Acc]);
tokens(<<C, R/binary>>, T, Acc) -> tokens(R, <<T/binary, C>>, Acc);
tokens(<<>>, T, Acc) -> lists:reverse([T | Acc]).

%% A context that is used again, kept as a binary, and outlives collections and other processes'
%% runs.
contexts() ->
    B = binary:copy(<<"0123456789">>, 30),
    ?T(twice(B)),
    ?T(walk(B, 0)),
    ?T(element(1, slow(list_to_binary(lists:seq(0, 60)), []))),
    ?T(erlang:md5(element(2, slow(list_to_binary([lists:seq(0, 255), lists:seq(0, 255)]), [])))),
    ok.
twice(<<A, R/binary>> = B) -> {A, byte_size(R), byte_size(B), hd(binary_to_list(B))}.
walk(<<X, R/binary>>, N) when X rem 2 =:= 0 -> walk(R, N + X);
walk(<<_, R/binary>> = B, N) -> walk(R, N + byte_size(B));
walk(<<>>, N) -> N.
slow(<<X, R/binary>>, Acc) ->
    %% Garbage, and a chance for others to run.
    _ = id(lists:seq(1, 200)),
    erlang:yield(),
    slow(R, [{X, byte_size(R)} | Acc]);
slow(<<>>, Acc) -> {length(Acc), [[A, B rem 256] || {A, B} <- Acc]}.

sizes() ->
    B = <<1, 2, 3, 4, 5, 6, 7, 8>>,
    Sizes = [0, 1, 3, 64, 65, -1, 1 bsl 40, 1 bsl 59, 1 bsl 64, -(1 bsl 64), a, 1.0, all],
    [?M(<<X:S, _/bits>>, B, X) || S <- Sizes],
    [?M(<<X:S/binary, _/bits>>, B, X) || S <- Sizes],
    [?M(<<_:S, X/bits>>, B, X) || S <- Sizes],
    [?M(<<_:S/unit:255, X/bits>>, B, X) || S <- Sizes],
    [?M(<<X:S/float, _/bits>>, B, X) || S <- Sizes],
    [?M(<<N, X:(N * 8 + K)/bits, R/bits>>, B, {X, R}) || K <- [-8, -9, 0, 1, 48, 49]],
    ok.

large() ->
    Big = << <<(X * X):32>> || X <- lists:seq(1, 20000) >>,
    ?M(<<_:7, X:8000, _/bits>>, Big, X rem 1000000007),
    ?M(<<X:79999/signed-little, _/bits>>, Big, X rem 1000000007),
    ?M(<<_:300001, X:50000/binary, _/bits>>, Big, erlang:md5(X)),
    ?T(sum(Big, 0)),
    ?M(<<_:16777216, X, _/bits>>, <<0:16777216, 77, 1>>, X),
    ok.
sum(<<X:32, R/bits>>, N) -> sum(R, (N + X) band 16#ffffffffffff);
sum(<<>>, N) -> N.
