%% Any term can arrive in any BIF: each of them with all kinds of terms in all places. One line for
%% each first argument.
-module(any_terms).
-export([run/0]).
-include("show.hrl").

run() ->
    [one(MFA) || MFA <- bifs()],
    ok.

bifs() ->
    [{erlang, byte_size, 1}, {erlang, bit_size, 1}, {erlang, size, 1}, {erlang, binary_part, 2}, {erlang, binary_part, 3},
     {erlang, split_binary, 2}, {erlang, binary_to_list, 1}, {erlang, binary_to_list, 3}, {erlang, list_to_binary, 1},
     {erlang, list_to_bitstring, 1}, {erlang, bitstring_to_list, 1}, {erlang, iolist_to_binary, 1}, {erlang, iolist_size, 1},
     {erlang, iolist_to_iovec, 1}, {erlang, crc32, 1}, {erlang, crc32, 2}, {erlang, crc32_combine, 3}, {erlang, adler32, 1},
     {erlang, adler32, 2}, {erlang, adler32_combine, 3}, {erlang, md5, 1}, {erlang, md5_final, 1},
     {erlang, atom_to_list, 1}, {erlang, atom_to_binary, 2}, {erlang, list_to_atom, 1}, {erlang, list_to_existing_atom, 1},
     {erlang, binary_to_atom, 2}, {erlang, binary_to_existing_atom, 2},
     {binary, at, 2}, {binary, first, 1}, {binary, last, 1}, {binary, copy, 1}, {binary, copy, 2}, {binary, part, 2}, {binary, part, 3},
     {binary, match, 2}, {binary, match, 3}, {binary, matches, 2}, {binary, matches, 3}, {binary, split, 2}, {binary, split, 3},
     {binary, compile_pattern, 1}, {binary, longest_common_prefix, 1}, {binary, longest_common_suffix, 1},
     {binary, decode_unsigned, 1}, {binary, decode_unsigned, 2}, {binary, encode_unsigned, 1}, {binary, encode_unsigned, 2},
     {binary, list_to_bin, 1}, {unicode, characters_to_binary, 2}, {unicode, characters_to_list, 2}, {unicode, bin_is_7bit, 1}].

one({M, F, 1} = MFA) ->
    line(MFA, 0, [call(M, F, [A]) || A <- terms()]);
one({M, F, 2} = MFA) ->
    [line(MFA, I, [call(M, F, [A, B]) || B <- terms()]) || {I, A} <- numbered()];
one({M, F, 3} = MFA) ->
    [line(MFA, I, [call(M, F, [A, B, C]) || B <- terms(), C <- terms()]) || {I, A} <- numbered()].

line(MFA, Index, Results) ->
    Count = length([ok || {ok, _} <- Results]),
    erlang:display({MFA, Index, Count, erlang:phash2(Results)}).

call(M, F, Args) ->
    try {ok, plain(apply(M, F, Args))}
    catch Class:Reason -> {Class, plain(Reason)}
    end.

numbered() -> lists:zip(lists:seq(1, length(terms())), terms()).

terms() ->
    <<_:3, Odd:40/bits, _/bits>> = <<"odd bytes">>,
    [0, 1, 2, 17, 255, 256, -1, 1025, 1 bsl 70, -(1 bsl 70), 1.5, a, '', latin1, utf8, big, little, global,
     <<>>, <<"abc">>, <<"b">>, <<5:3>>, Odd, binary:part(binary:copy(<<"long binary ">>, 20), 3, 200),
     <<(binary:copy(<<"b">>, 100))/binary, 1:1>>, binary:copy(<<0>>, 88),
     [], "abc", [<<"abc">>, "de", [<<"f">>]], [<<"a">>, <<"bc">>], [1 | <<"t">>], [1 | 2], [a], [256, 955], [<<1:1>>], [[[[]]]],
     [{scope, {0, 2}}], [global, trim], [{scope, {1, -1}}, trim_all], {}, {0, 1}, {2, -1}, {bm, a}, {0, 1, 2}, #{}, #{a => 1},
     fun lists:map/2, self(), make_ref()].
