%% Module zlib: what it makes of data, bit by bit, at all levels and in all forms; streams in
%% pieces; dictionaries; wrong data and wrong use.
-module(zlib_streams).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    levels() ++ forms() ++ pieces() ++ flushes() ++ dictionaries() ++ inflating() ++ wrong_data() ++ wrong_use() ++ big().

data() ->
    [{"empty", <<>>}, {"one", <<"x">>}, {"words", words(3000)}, {"zeros", <<0:40000>>}, {"random", random(9000)},
     {"text", iolist_to_binary([io_lib:format("line ~p of some text, ~p~n", [I, I * I]) || I <- lists:seq(1, 900)])},
     {"periods", << <<(I rem 7), (I rem 251), (I bsr 5)>> || I <- lists:seq(1, 12000) >>}].

next(X0) ->
    X1 = (X0 bxor (X0 bsl 13)) band 16#ffffffff,
    X2 = X1 bxor (X1 bsr 17),
    (X2 bxor (X2 bsl 5)) band 16#ffffffff.

random(N) -> random(N, 88172645, []).
random(0, _, Acc) -> list_to_binary(Acc);
random(N, X, Acc) -> random(N - 1, next(X), [(X bsr 9) band 255 | Acc]).

words(N) -> words(N, 12345, []).
words(0, _, Acc) -> iolist_to_binary(Acc);
words(N, X, Acc) ->
    Word = element(X rem 12 + 1, {"the ", "quick ", "brown ", "fox ", "jumps ", "over ", "a ", "lazy ", "dog ", "and ", "runs\n", "away "}),
    words(N - 1, next(X), [Word | Acc]).

%% Size and hash say enough: the bytes are to be the same.
seen(IoData) ->
    Binary = iolist_to_binary(IoData),
    {byte_size(Binary), erlang:md5(Binary)}.

deflated(Data, Level, WindowBits, MemLevel, Strategy) ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z, Level, deflated, WindowBits, MemLevel, Strategy),
    Result = seen(zlib:deflate(Z, Data, finish)),
    ok = zlib:deflateEnd(Z),
    zlib:close(Z),
    Result.

levels() ->
    [{lists:concat([Name, " level ", L, " ", S]), fun() -> deflated(D, L, 15, 8, S) end}
     || {Name, D} <- data(), L <- [1, 2, 3, 4, 6, 8, 9, default, best_speed],
        S <- [default, filtered, huffman_only, rle]] ++
    %% Where stored blocks begin and end depends on how the output comes; the data are what counts.
    [{"stored " ++ Name, fun() -> zlib:unzip(stored(D)) =:= D end} || {Name, D} <- data()].

stored(D) ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z, none, deflated, -15, 8, default),
    Out = iolist_to_binary(zlib:deflate(Z, D, finish)),
    zlib:close(Z),
    Out.

forms() ->
    [{lists:concat([Name, " window ", W, " memory ", M]), fun() -> deflated(D, 6, W, M, default) end}
     || {Name, D} <- data(), W <- [9, 12, -9, -15, 31, 25], M <- [1, 5, 9]] ++
    [{lists:concat([F, " ", Name]), fun() -> seen(zlib:F(D)) end} || {Name, D} <- data(), F <- [compress, zip, gzip]] ++
    [{"back " ++ Name, fun() -> D =:= zlib:uncompress(zlib:compress(D)) andalso D =:= zlib:unzip(zlib:zip(D)) andalso D =:= zlib:gunzip(zlib:gzip(D)) end}
     || {Name, D} <- data()].

%% Input in pieces of many sizes, as iolists.
pieces() ->
    [{lists:concat(["pieces of ", N, " ", Name]), fun() -> in_pieces(D, N) end} || {Name, D} <- data(), N <- [777, 70000]].

in_pieces(D, N) ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z),
    Parts = [zlib:deflate(Z, [P, []]) || P <- cut(D, N)],
    Last = zlib:deflate(Z, [], finish),
    ok = zlib:deflateEnd(Z),
    Out = iolist_to_binary([Parts, Last]),
    ok = zlib:inflateInit(Z),
    In = [zlib:inflate(Z, [P]) || P <- cut(Out, N div 7 + 1)],
    ok = zlib:inflateEnd(Z),
    zlib:close(Z),
    {seen(Out), iolist_to_binary(In) =:= D}.

cut(<<>>, _) -> [];
cut(D, N) when byte_size(D) =< N -> [D];
cut(D, N) -> <<P:N/binary, Rest/binary>> = D, [P | cut(Rest, N)].

flushes() ->
    [{lists:concat(["flush ", F, " level ", L]), fun() -> flushed(F, L) end} || F <- [none, sync, full], L <- [1, 6, 9]] ++
    [?C(parameters()), ?C(reset()), ?C(iolist_size(zlib_empty_flush()))].

flushed(F, L) ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z, L),
    Out = [seen(zlib:deflate(Z, words(N), F)) || N <- [10, 100, 0, 1000]],
    End = seen(zlib:deflate(Z, "end", finish)),
    {Out, End, zlib:deflateEnd(Z), zlib:close(Z)}.

zlib_empty_flush() ->
    Z = zlib:open(),
    zlib:deflateInit(Z),
    [zlib:deflate(Z, <<>>, sync), zlib:deflate(Z, <<>>, sync), zlib:deflate(Z, <<>>, full), zlib:deflate(Z, <<>>, finish)].

parameters() ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z, 1),
    A = zlib:deflate(Z, words(500)),
    ok = zlib:deflateParams(Z, 9, default),
    B = zlib:deflate(Z, words(500)),
    ok = zlib:deflateParams(Z, 6, huffman_only),
    C = zlib:deflate(Z, words(500), finish),
    Out = iolist_to_binary([A, B, C]),
    {seen(Out), zlib:uncompress(Out) =:= iolist_to_binary(lists:duplicate(3, words(500)))}.

reset() ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z),
    A = seen(zlib:deflate(Z, words(100), finish)),
    ok = zlib:deflateReset(Z),
    B = seen(zlib:deflate(Z, words(100), finish)),
    {A =:= B, A, zlib:crc32(Z)}.

dictionaries() ->
    [?C(with_dictionary(<<"the quick brown fox">>, 15)), ?C(with_dictionary(<<"the quick brown fox">>, -15)),
     ?C(with_dictionary(words(9000), 15)), ?C(with_dictionary(<<>>, 15)), ?C(asked_for_dictionary()), ?C(wrong_dictionary()),
     ?C(got_dictionary())].

with_dictionary(Dictionary, WindowBits) ->
    Z = zlib:open(),
    ok = zlib:deflateInit(Z, default, deflated, WindowBits, 8, default),
    Sum = zlib:deflateSetDictionary(Z, Dictionary),
    Out = iolist_to_binary(zlib:deflate(Z, words(50), finish)),
    zlib:close(Z),
    I = zlib:open(),
    ok = zlib:inflateInit(I, WindowBits),
    First = case WindowBits < 0 of
                true -> ok = zlib:inflateSetDictionary(I, Dictionary), zlib:inflate(I, Out);
                false when Dictionary =:= <<>> -> zlib:inflate(I, Out);
                false ->
                    {'EXIT', {{need_dictionary, Sum}, _}} = (catch zlib:inflate(I, Out)),
                    ok = zlib:inflateSetDictionary(I, Dictionary),
                    zlib:inflate(I, [])
            end,
    {Sum, seen(Out), iolist_to_binary(First) =:= words(50)}.

asked_for_dictionary() ->
    Z = zlib:open(),
    zlib:deflateInit(Z),
    zlib:deflateSetDictionary(Z, "abcdef"),
    Out = zlib:deflate(Z, "abcdefabcdef", finish),
    I = zlib:open(),
    zlib:inflateInit(I),
    Asked = zlib:inflate(I, Out, [{exception_on_need_dict, false}]),
    zlib:inflateSetDictionary(I, "abcdef"),
    Again = [reason(fun() -> zlib:inflateSetDictionary(I, D) end) || D <- ["other", "abcdef"]],
    {Asked, Again, iolist_to_binary(zlib:inflate(I, [])), zlib:inflateEnd(I)}.

wrong_dictionary() ->
    Z = zlib:open(),
    zlib:deflateInit(Z),
    zlib:deflateSetDictionary(Z, "abcdef"),
    Out = zlib:deflate(Z, "abcdefabcdef", finish),
    I = zlib:open(),
    zlib:inflateInit(I),
    {reason(fun() -> zlib:inflateSetDictionary(I, "abcdef") end), reason(fun() -> zlib:inflate(I, Out) end),
     reason(fun() -> zlib:inflateSetDictionary(I, "other") end), reason(fun() -> zlib:deflateSetDictionary(Z, "x") end)}.

got_dictionary() ->
    I = zlib:open(),
    zlib:inflateInit(I),
    zlib:inflate(I, zlib:compress(words(100))),
    {zlib:inflateGetDictionary(I) =:= words(100), zlib:inflateEnd(I)}.

inflating() ->
    C = zlib:compress(words(20000)),
    G = zlib:gzip("first"),
    [?C(safe(C)), ?C(chunks(C)), ?C(zlib:gunzip([G, zlib:gzip("second")])), ?C(after_end(C, cut)), ?C(after_end(C, reset)), ?C(after_end(C, error)),
     ?C(zlib:gunzip(<<31, 139, 8, 28, 1, 2, 3, 4, 0, 3, 3, 0, "abc", "name", 0, "comment", 0, (binary:part(G, 10, byte_size(G) - 10))/binary>>)),
     ?C(reason(fun() -> zlib:gunzip(<<31, 139, 8, 2, 1, 2, 3, 4, 0, 3, 0, 0, (binary:part(G, 10, byte_size(G) - 10))/binary>>) end)),
     ?C(both(C)), ?C(both(G)), ?C(buffer_size()), ?C(small_window())].

safe(C) ->
    Z = zlib:open(),
    zlib:inflateInit(Z),
    safe(Z, zlib:safeInflate(Z, C), []).
safe(Z, {continue, Out}, Acc) -> safe(Z, zlib:safeInflate(Z, []), [Acc | Out]);
safe(Z, {finished, Out}, Acc) -> {seen([Acc | Out]), zlib:inflateEnd(Z)}.

chunks(C) ->
    Z = zlib:open(),
    zlib:inflateInit(Z),
    zlib:setBufSize(Z, 1000),
    chunks(Z, zlib:inflateChunk(Z, C), []).
chunks(Z, {more, Out}, Acc) -> chunks(Z, zlib:inflateChunk(Z), [Acc | Out]);
chunks(_, Out, Acc) -> seen([Acc | Out]).

after_end(C, What) ->
    Z = zlib:open(),
    zlib:inflateInit(Z, 15, What),
    A = reason(fun() -> seen(zlib:inflate(Z, [C, C])) end),
    B = reason(fun() -> seen(zlib:inflate(Z, [])) end),
    {A, B, reason(fun() -> zlib:inflateEnd(Z) end)}.

both(C) ->
    Z = zlib:open(),
    zlib:inflateInit(Z, 47),
    {seen(zlib:inflate(Z, C)), zlib:inflateEnd(Z)}.

small_window() ->
    Z = zlib:open(),
    zlib:deflateInit(Z, 6, deflated, 9, 8, default),
    Out = zlib:deflate(Z, words(2000), finish),
    I = zlib:open(),
    zlib:inflateInit(I, 9),
    J = zlib:open(),
    zlib:inflateInit(J, 9),
    {iolist_to_binary(zlib:inflate(I, Out)) =:= words(2000), reason(fun() -> zlib:inflate(J, zlib:compress(words(2000))) end)}.

buffer_size() ->
    Z = zlib:open(),
    {zlib:getBufSize(Z), zlib:setBufSize(Z, 100), zlib:getBufSize(Z), reason(fun() -> zlib:setBufSize(Z, 5) end)}.

reason(F) ->
    try F() of Value -> {ok, Value}
    catch Class:Reason -> {Class, Reason}
    end.

wrong_data() ->
    C = zlib:compress(words(30)),
    Z = zlib:zip(words(30)),
    G = zlib:gzip(words(30)),
    [{lists:concat(["uncompress ", I]), fun() -> reason(fun() -> seen(zlib:uncompress(changed(C, I))) end) end} || I <- lists:seq(0, byte_size(C) - 1, 3)] ++
    [{lists:concat(["unzip ", I]), fun() -> reason(fun() -> seen(zlib:unzip(changed(Z, I))) end) end} || I <- lists:seq(0, byte_size(Z) - 1, 3)] ++
    [{lists:concat(["gunzip ", I]), fun() -> reason(fun() -> seen(zlib:gunzip(changed(G, I))) end) end} || I <- lists:seq(0, byte_size(G) - 1, 3)] ++
    [{lists:concat(["cut off ", N]), fun() -> [reason(fun() -> zlib:F(binary:part(B, 0, N)) end) || {F, B} <- [{uncompress, C}, {unzip, Z}, {gunzip, G}]] end}
     || N <- lists:seq(0, 40, 5)] ++
    [{lists:concat(["noise ", Seed]), fun() -> reason(fun() -> seen(zlib:unzip(noise(Seed))) end) end} || Seed <- lists:seq(1, 200)].

changed(B, I) ->
    <<X:I/binary, Byte, Y/binary>> = B,
    <<X/binary, (Byte bxor 16#55), Y/binary>>.

noise(Seed) -> random(40, Seed * 7919, []).

wrong_use() ->
    [?C(reason(fun() -> zlib:close(make_ref()) end)), ?C(reason(fun() -> zlib:close(x) end)), ?C(reason(fun() -> Z = zlib:open(), zlib:close(Z), zlib:close(Z) end)),
     ?C(reason(fun() -> zlib:deflate(zlib:open(), "x") end)), ?C(reason(fun() -> zlib:inflate(zlib:open(), "x") end)),
     ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z), zlib:deflateInit(Z) end)), ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z), zlib:inflate(Z, "x") end)),
     ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z), zlib:deflate(Z, "x"), zlib:deflateEnd(Z) end)),
     ?C(reason(fun() -> Z = zlib:open(), zlib:inflateInit(Z), zlib:inflateEnd(Z) end)),
     ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z, 10) end)), ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z, 6, deflated, 7, 8, default) end)),
     ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z, 6, deflated, -8, 8, default) end)), ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z, 6, deflated, 8, 8, default) end)),
     ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z, 6, deflated, 40, 8, default) end)), ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z, 6, x, 15, 8, default) end)),
     ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z), zlib:deflate(Z, [a]) end)), ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z), zlib:deflate(Z, "x", foo) end)),
     ?C(reason(fun() -> Z = zlib:open(), zlib:deflateInit(Z), zlib:deflate(Z, "x", finish), zlib:deflate(Z, "y") end)),
     ?C(other_process()), ?C(handed_over()), ?C(reason(fun() -> zlib:crc32(zlib:open()) end)), ?C(zlib:crc32(zlib:open(), "abc")), ?C(zlib:adler32(zlib:open(), "abc")),
     ?C(zlib:crc32_combine(zlib:open(), 1, 2, 3)), ?C(raw_sums()), ?C(reason(fun() -> zlib:uncompress("x") end)), ?C(reason(fun() -> zlib:set_controlling_process(zlib:open(), x) end))].

raw_sums() ->
    Z = zlib:open(),
    zlib:deflateInit(Z, 6, deflated, -15, 8, default),
    zlib:deflate(Z, "hello"),
    A = zlib:crc32(Z),
    I = zlib:open(),
    zlib:inflateInit(I, -15),
    zlib:inflate(I, zlib:zip("hello")),
    {A, zlib:crc32(I), erlang:crc32("hello")}.

other_process() ->
    Z = zlib:open(),
    Self = self(),
    spawn(fun() -> Self ! reason(fun() -> zlib:deflateInit(Z) end) end),
    receive Result -> Result end.

handed_over() ->
    Z = zlib:open(),
    zlib:deflateInit(Z),
    Self = self(),
    Pid = spawn(fun() -> receive go -> Self ! reason(fun() -> seen(zlib:deflate(Z, "abc", finish)) end) end end),
    zlib:set_controlling_process(Z, Pid),
    Pid ! go,
    receive Result -> {Result, reason(fun() -> zlib:close(Z) end)} end.

big() ->
    D = binary:copy(words(5000), 4),
    [?C(seen(zlib:compress(D))), ?C(zlib:uncompress(zlib:compress(D)) =:= D), ?C(byte_size(zlib:uncompress(zlib:compress(<<0:4000000>>)))),
     ?C(seen(zlib:gzip(random(30000)))), ?C(seen(zlib:compress(lists:duplicate(30000, "ab"))))].
