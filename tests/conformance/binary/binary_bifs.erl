%% BIFs on binaries, iolists and atoms of module erlang.
-module(binary_bifs).
-export([run/0]).
-include("show.hrl").

run() ->
    sizes(), lists_and_binaries(), iolists(), iovecs(), checksums(), atoms(), long(), deep(), ok.

odd(Bytes) ->
    Size = byte_size(Bytes),
    <<_:3, Odd:Size/binary, _/bits>> = <<5:3, Bytes/binary, 1:5>>,
    Odd.

sizes() ->
    [?T({byte_size(id(B)), bit_size(id(B)), size(id(B)), is_binary(B), is_bitstring(B)}) ||
        B <- [<<>>, <<1:1>>, <<1:9>>, <<"abc">>, binary:copy(<<1>>, 100), <<(binary:copy(<<1>>, 100))/binary, 1:3>>]],
    [?T(byte_size(id(X))) || X <- [a, 1, [], {}]],
    [?T(bit_size(id(X))) || X <- [a, 1, [], {}]],
    [?T(size(id(X))) || X <- [a, 1, [], {}, {1, 2}]],
    [?T(binary_part(id(B), id(S), id(L))) ||
        {B, S, L} <- [{<<1, 2, 3>>, 0, 3}, {<<1, 2, 3>>, 3, -3}, {<<1, 2, 3>>, 3, 1}, {<<1, 2, 3>>, -1, 1}, {<<1:17>>, 0, 1},
                      {<<1>>, a, 1}, {<<1>>, 0, 1.0}, {a, 0, 1}, {odd(<<1, 2, 3>>), 1, 2}, {<<1>>, 1 bsl 64, 0}]],
    [?T(binary_part(id(<<1, 2, 3>>), id(P))) || P <- [{1, 2}, {1, 2, 3}, {2, 2}, x]],
    [?T(split_binary(id(B), id(N))) || {B, N} <- [{<<1:9>>, 1}, {<<1:9>>, 2}, {<<1, 2, 3>>, 0}, {<<1, 2, 3>>, 3}, {<<1>>, -1}, {a, 1},
                                                  {odd(<<1, 2, 3>>), 1}, {<<1>>, a}]].

lists_and_binaries() ->
    [?T(binary_to_list(id(B))) || B <- [<<>>, <<"abc">>, <<1:9>>, odd(<<"abc">>), a]],
    [?T(binary_to_list(id(B), id(F), id(T))) ||
        {B, F, T} <- [{<<1, 2, 3>>, 2, 3}, {<<1, 2, 3>>, 4, 3}, {<<1, 2, 3>>, 3, 2}, {<<1, 2, 3>>, 1, 0}, {<<>>, 1, 0},
                      {<<1:17>>, 1, 2}, {<<1:17>>, 1, 3}, {<<1>>, 0, 1}, {odd(<<1, 2, 3>>), 1, 2}, {<<1>>, a, 1}, {a, 1, 1}]],
    [?T(bitstring_to_list(id(B))) || B <- [<<>>, <<1:17>>, <<1:7>>, <<"abc">>, odd(<<"abc">>), a]],
    [?T({list_to_binary(id(L)), list_to_bitstring(id(L)), iolist_to_binary(id(L)), iolist_size(id(L))}) || L <- data()],
    [?T(list_to_bitstring(id(L))) || L <- data()],
    [?T(iolist_to_binary(id(L))) || L <- data()],
    [?T(iolist_size(id(L))) || L <- data()].

data() ->
    [[], <<>>, <<1>>, <<1:1>>, [1 | <<2>>], [1 | 2], [[[1], 2], 3 | <<4>>], [<<1:1>>], [<<1:1>>, 1, [<<3:7>>] | <<1:3>>], [256], [-1],
     [a], [1.0], a, [[] | []], [[[[[[]]]]], <<>>, []], [odd(<<"odd">>), "text", [odd(<<"x">>) | odd(<<"tail">>)]],
     [1, [2 | 3]], [[1 | x], 2], [1 bsl 70], [<<"a">> | b], [{1}], [binary:copy(<<"x">>, 70), 1]].

iolists() ->
    ?T([iolist_to_binary([binary:copy(<<N>>, N) || N <- lists:seq(1, 70)])]),
    ?T(iolist_to_binary(lists:foldl(fun(N, Acc) -> [Acc, N rem 256] end, [], lists:seq(1, 1000)))),
    ?T(iolist_to_binary(lists:foldl(fun(N, Acc) -> [N rem 256 | [Acc]] end, [], lists:seq(1, 1000)))).

iovecs() ->
    [?T(erlang:iolist_to_iovec(id(L))) || L <- data()],
    B = fun(N) -> binary:copy(<<N>>, N) end,
    ?T([byte_size(X) || X <- erlang:iolist_to_iovec([B(300), 1, B(200), B(64), B(256), B(257), 7])]),
    ?T(iolist_size(erlang:iolist_to_iovec([lists:duplicate(10000, 1), B(300), lists:duplicate(10000, 1)]))),
    ?T(erlang:md5(erlang:iolist_to_iovec([lists:duplicate(10000, 1), B(300), [lists:duplicate(10000, 1)]]))).

checksums() ->
    Inputs = [[], <<>>, <<"abc">>, [<<"abc">>, "def"], abc, <<1:1>>, [odd(<<"abc">>) | <<"def">>], lists:seq(0, 255), [256],
              binary:copy(<<"0123456789">>, 10000), [[<<"x">> | lists:duplicate(5000, [])] || _ <- lists:seq(1, 40)]],
    [?T({erlang:crc32(id(X)), erlang:adler32(id(X)), erlang:md5(id(X))}) || X <- Inputs],
    [?T({erlang:crc32(id(Old), "abc"), erlang:adler32(id(Old), "abc")}) || Old <- [0, 17, 16#ffffffff, 1 bsl 32, -1, a, 1 bsl 70]],
    [?T(erlang:crc32_combine(id(A), id(B), id(N))) || {A, B, N} <- combinations()],
    [?T(erlang:adler32_combine(id(A), id(B), id(N))) || {A, B, N} <- combinations()],
    ?T(erlang:crc32_combine(erlang:crc32("abc"), erlang:crc32("defg"), 4) =:= erlang:crc32("abcdefg")),
    ?T(erlang:adler32_combine(erlang:adler32("abc"), erlang:adler32("defg"), 4) =:= erlang:adler32("abcdefg")),
    Update = fun(X, C) -> erlang:md5_update(C, X) end,
    Parts = [<<"abc">>, lists:seq(1, 100), [], binary:copy(<<"z">>, 1000), odd(<<"end">>)],
    ?T(erlang:md5_final(lists:foldl(Update, erlang:md5_init(), Parts))),
    ?T(erlang:md5(Parts)),
    ?T(begin C = erlang:md5_update(erlang:md5_init(), "a"), {erlang:md5_final(C), erlang:md5_final(Update("b", C)), erlang:md5_final(C)} end),
    [?T(erlang:md5_update(id(C), "abc")) || C <- [<<1>>, a]],
    ?T(erlang:md5_update(erlang:md5_init(), abc)),
    ?T(erlang:md5_final(id(<<1>>))).

combinations() ->
    [{1, 2, 0}, {1, 2, 7}, {16#ffffffff, 1, 1000000}, {5, 16#80000000, 16#ffffffff}, {1, 2, 1 bsl 40}, {1, 2, 1 bsl 65}, {1, 2, -1},
     {-1, 2, 1}, {1, 1 bsl 32, 1}, {a, 1, 1}, {1, 1, a}].

atoms() ->
    [?T(atom_to_list(id(A))) || A <- ['', abc, 'åäö', 'λμ', '\x{10ffff}x', 1, "abc"]],
    [?T(atom_to_binary(id(A), id(E))) || A <- ['', abc, 'åäö', 'åλ', 1], E <- [latin1, unicode, utf8, foo]],
    Texts = [<<>>, <<"abc">>, <<255>>, <<"å"/utf8>>, <<"λ"/utf8>>, <<1:1>>, "abc", a, odd(<<"odd">>), <<237, 160, 128>>, <<"ab", 195>>,
             binary:copy(<<"a">>, 255), binary:copy(<<"a">>, 256), binary:copy(<<"λ"/utf8>>, 255), binary:copy(<<"λ"/utf8>>, 256),
             <<(binary:copy(<<"a">>, 256))/binary, 255>>, <<255, (binary:copy(<<"a">>, 256))/binary>>],
    [?T(binary_to_atom(id(T), id(E))) || T <- Texts, E <- [latin1, utf8, unicode, foo]],
    [?T(binary_to_existing_atom(id(T), id(E))) || T <- [<<"nobody made this ", "atom">> | Texts], E <- [latin1, utf8]],
    Lists = [[], "abc", [955, 960], [a], [1 | 2], [16#d800], [16#110000], [-1], [1 bsl 70], lists:duplicate(256, $a),
             lists:duplicate(256, $a) ++ [x], lists:duplicate(255, 16#10ffff), lists:duplicate(10, 200) ++ [x], a],
    [?T(list_to_atom(id(L))) || L <- Lists],
    [?T(list_to_existing_atom(id(L))) || L <- ["nor was " "this one" | Lists]].

%% More than one slice.
long() ->
    Bytes = [I * 31 rem 256 || I <- lists:seq(1, 200000)],
    Binary = list_to_binary(Bytes),
    ?T(erlang:md5(Binary)),
    ?T(erlang:md5(Bytes) =:= erlang:md5(Binary)),
    ?T({erlang:crc32(Bytes), erlang:adler32(Bytes), erlang:crc32(Binary), erlang:adler32(Binary)}),
    ?T(binary_to_list(Binary) =:= Bytes),
    ?T(binary_to_list(odd(Binary)) =:= Bytes),
    ?T(iolist_size([Bytes, [Binary | Binary], Bytes])),
    ?T(erlang:md5(iolist_to_binary([Bytes, [[Binary, 1], 2 | Binary], Bytes]))),
    ?T(erlang:md5(list_to_bitstring([Bytes, [[Binary, 1], 2 | Binary], <<1:3>>, Bytes, <<1:5>>]))),
    ?T(list_to_binary([Bytes, x])),
    ?T(list_to_binary([Bytes, [Bytes | 1]])),
    ?T(erlang:crc32([Bytes, x])),
    ?T(iolist_size([Bytes | x])),
    ?T(erlang:md5(bitstring_to_list(<<Binary/binary>>))).

deep() ->
    Left = lists:foldl(fun(N, Acc) -> [Acc, N rem 256] end, [], lists:seq(1, 100000)),
    Right = lists:foldl(fun(N, Acc) -> [N rem 256 | [Acc]] end, <<"end">>, lists:seq(1, 100000)),
    ?T(erlang:md5(iolist_to_binary([Left, Right]))),
    ?T(erlang:md5([Left, Right])),
    ?T(iolist_size([Left, Right])).
