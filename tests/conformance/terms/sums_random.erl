%% Hashes and checksums of random terms and data; binary and unicode functions on random arguments.
-module(sums_random).
-export([run/0]).

run() ->
    [erlang:display({S, sums(S)}) || S <- lists:seq(1, 300)],
    [erlang:display({S, hashes(S)}) || S <- lists:seq(1, 600)],
    [erlang:display({S, unicode(S)}) || S <- lists:seq(1, 500)],
    [erlang:display({S, binaries(S)}) || S <- lists:seq(1, 500)],
    ok.

start(Seed) -> put(state, (Seed * 2654435761 + 77) band 16#ffffffff), [pick(3) || _ <- [1, 2, 3]].

pick(N) ->
    X0 = get(state),
    X1 = (X0 bxor (X0 bsl 13)) band 16#ffffffff,
    X2 = X1 bxor (X1 bsr 17),
    X3 = (X2 bxor (X2 bsl 5)) band 16#ffffffff,
    put(state, X3),
    (X3 bsr 7) rem N.

one_of(List) -> lists:nth(pick(length(List)) + 1, List).

bytes(N) -> list_to_binary([pick(256) || _ <- lists:seq(1, N)]).

iodata(0) -> one_of([bytes(pick(20)), pick(256), []]);
iodata(Depth) -> [iodata(Depth - 1) || _ <- lists:seq(1, pick(5))].

data() ->
    case iodata(3) of
        X when is_integer(X) -> [X];
        X -> X
    end.

sums(Seed) ->
    start(Seed),
    A = data(),
    B = data(),
    Size = iolist_size(B),
    Context = erlang:md5_update(erlang:md5_update(erlang:md5_init(), A), B),
    {erlang:md5([A, B]) =:= erlang:md5_final(Context), erlang:md5(A), erlang:crc32(A), erlang:crc32(17, B), erlang:adler32(A), erlang:adler32(99, B),
     erlang:crc32_combine(erlang:crc32(A), erlang:crc32(B), Size) =:= erlang:crc32([A, B]),
     erlang:adler32_combine(erlang:adler32(A), erlang:adler32(B), Size) =:= erlang:adler32([A, B]),
     [tried(fun() -> erlang:crc32(X) end) || X <- [[a], [256], <<1:3>>, a, [-1]]]}.

term(0) -> one_of([pick(100), -pick(100000), pick(1000) * 1000000000000000, pick(100) / 7, one_of([a, b, 'long atom', '']), bytes(pick(30)), [], {}, <<5:3>>, -(1 bsl pick(200)), "str"]);
term(Depth) ->
    case pick(6) of
        0 -> [term(Depth - 1) || _ <- lists:seq(1, pick(5))];
        1 -> list_to_tuple([term(Depth - 1) || _ <- lists:seq(1, pick(5))]);
        2 -> maps:from_list([{term(0), term(Depth - 1)} || _ <- lists:seq(1, pick(5))]);
        3 -> [term(Depth - 1) | term(0)];
        4 -> <<(bytes(pick(10)))/binary, (pick(8)):(pick(8))>>;
        _ -> term(0)
    end.

hashes(Seed) ->
    start(Seed),
    T = term(3),
    {erlang:phash2(T), erlang:phash2(T, pick(1000) + 1), erlang:phash(T, 1 bsl 32), erlang:phash(T, pick(1000) + 1)}.

character() -> one_of([pick(128), pick(256), pick(16#800), pick(16#d800), 16#10000 + pick(16#100000), 16#e000 + pick(16#2000)]).

chardata(0) -> one_of([character(), unicode:characters_to_binary([character() || _ <- lists:seq(1, pick(4))]), bytes(pick(3)), []]);
chardata(Depth) -> [chardata(Depth - 1) || _ <- lists:seq(1, pick(4))].

unicode(Seed) ->
    start(Seed),
    D = case chardata(2) of C when is_integer(C) -> [C]; C -> C end,
    Encoding = one_of([utf8, utf8, latin1, utf16, {utf16, little}, utf32, {utf32, little}]),
    [hide(tried(F)) || F <- [fun() -> unicode:characters_to_list(D, Encoding) end, fun() -> unicode:characters_to_binary(D, Encoding) end,
                             fun() -> unicode:characters_to_binary(D, utf8, Encoding) end, fun() -> unicode:characters_to_list(D) end]].

tried(F) ->
    try F()
    catch Class:Reason -> {Class, Reason}
    end.

%% Only ASCII is printed in the same way everywhere.
hide(T) -> erlang:md5(term_to_binary(T)).

binaries(Seed) ->
    start(Seed),
    B = list_to_binary([one_of("aab") || _ <- lists:seq(1, pick(60))]),
    P = list_to_binary([one_of("aab") || _ <- lists:seq(1, 1 + pick(3))]),
    Q = list_to_binary([one_of("aab") || _ <- lists:seq(1, 1 + pick(3))]),
    {From, Length} = {pick(40), pick(40) - 20},
    N = pick(1 bsl 60) * pick(1 bsl 60) * pick(1000),
    [tried(F) || F <- [fun() -> binary:match(B, P) end, fun() -> binary:matches(B, [P, Q]) end, fun() -> binary:match(B, P, [{scope, {From, Length}}]) end,
        fun() -> binary:matches(B, binary:compile_pattern([P, Q])) end, fun() -> binary:split(B, P) end, fun() -> binary:split(B, [P, Q], [global, trim_all]) end,
        fun() -> binary:replace(B, P, <<"x">>, [global]) end, fun() -> binary:part(B, From, Length) end, fun() -> binary:at(B, From) end, fun() -> binary:first(B) end,
        fun() -> binary:last(B) end, fun() -> binary:copy(P, pick(5)) end, fun() -> binary:longest_common_prefix([B, P, Q]) end,
        fun() -> binary:longest_common_suffix([B, P, <<B/binary, P/binary>>]) end, fun() -> binary:encode_unsigned(N) end, fun() -> binary:encode_unsigned(N, little) end,
        fun() -> binary:decode_unsigned(binary:encode_unsigned(N)) =:= N end, fun() -> binary:decode_unsigned(B, little) end, fun() -> binary:bin_to_list(B, {From, Length}) end,
        fun() -> binary:list_to_bin([B, P]) end, fun() -> binary:encode_hex(P) end, fun() -> binary:decode_hex(binary:encode_hex(B)) =:= B end]].
