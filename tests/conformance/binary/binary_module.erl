%% Module binary: searching, splitting, parts, numbers.
-module(binary_module).
-export([run/0]).
-include("show.hrl").

run() ->
    compile(),
    [find(Subject, Pattern) || {Subject, Pattern} <- finds()],
    [?T(binary:match(<<"abcabc">>, <<"b">>, Options)) || Options <- scopes()],
    [?T(binary:matches(<<"abcabc">>, [<<"b">>, <<"ca">>], Options)) || Options <- scopes()],
    [?T(binary:split(Subject, Pattern, Options)) || {Subject, Pattern, Options} <- splits()],
    parts(),
    numbers(),
    long(),
    random(),
    ok.

compile() ->
    [?T(binary:compile_pattern(Pattern)) ||
        Pattern <- [[<<"a">>, <<"bc">>], <<"a">>, [<<"a">>], [], <<>>, [<<"a">>, <<>>], <<1:1>>, [<<"a">> | b], a]].

find(Subject, Pattern) ->
    ?T(binary:match(Subject, Pattern)),
    ?T(binary:matches(Subject, Pattern)),
    ?T(binary:split(Subject, Pattern)),
    ?T(binary:split(Subject, Pattern, [global])).

odd(Bytes) ->
    Size = byte_size(Bytes),
    <<_:3, Odd:Size/binary, _/bits>> = <<5:3, Bytes/binary, 1:5>>,
    Odd.

finds() ->
    [{<<"abcabc">>, <<"b">>}, {<<"abcabc">>, [<<"b">>, <<"bc">>]}, {<<"abcabc">>, [<<"bc">>, <<"abcd">>, <<"ab">>]},
     {<<"aaaaa">>, <<"aa">>}, {<<>>, <<"aa">>}, {<<"xyz">>, <<"aa">>},
     {<<"abcde">>, [<<"abcd">>, <<"bc">>, <<"de">>, <<"cde">>]}, {<<"abc">>, []}, {<<"abc">>, <<>>}, {abc, <<"a">>},
     {<<1:1>>, <<"a">>}, {<<"abc">>, {bm, make_ref()}}, {<<"abc">>, {bm, foo}}, {<<"abc">>, "abc"},
     {<<"abc">>, [<<"a">>, <<"a">>]}, {<<"foobarbaz">>, binary:compile_pattern([<<"ba">>, <<"foob">>])},
     {<<"foobarbaz">>, binary:compile_pattern(<<"ba">>)}, {odd(<<"foobarbaz">>), odd(<<"ba">>)},
     {odd(<<"foobarbaz">>), [odd(<<"ba">>), <<"oo">>]}, {<<"abababac">>, <<"ababac">>},
     {<<"abcd">>, [<<"bcx">>, <<"abcy">>, <<"c">>]}, {<<"ushers">>, [<<"he">>, <<"she">>, <<"his">>, <<"hers">>]},
     {<<"ab">>, [<<"abc">>, <<"b">>]}, {<<0, 255, 0>>, <<255>>}, {<<"aXbYc">>, [<<"X">>, <<"Y">>]}].

scopes() ->
    [[{scope, {2, 4}}], [{scope, {6, -4}}], [{scope, {2, 5}}], [{scope, {7, 0}}], [{scope, {6, 0}}], [foo],
     [{scope, {2, 1}}, {scope, {0, 3}}], [{scope, {2, 1}}], [{scope, {-1, 2}}], [{scope, {0, -1}}], [{scope, 1}],
     [{scope, {1 bsl 70, 0}}], [{scope, {0, 3}} | x], x, [global]].

splits() ->
    C = <<",">>,
    [{S, C, O} || S <- [<<"a,b,,c,">>, <<",a,b,,c,,">>, <<",a,b">>, <<"a,">>, <<>>, <<",">>, <<",,">>, <<"a">>, <<"a,,b">>,
                        <<",,b">>, odd(<<"a,,b,">>)],
                  O <- [[], [global], [trim], [trim_all], [global, trim], [global, trim_all]]] ++
    [{<<"a,b,c,d">>, C, O} || O <- [[{scope, {2, 3}}], [global, {scope, {2, 3}}], [global, {scope, {7, -3}}], [global, foo],
                                    global, [trim | x]]].

parts() ->
    [?T(binary:at(B, N)) || {B, N} <- [{<<1, 2>>, 1}, {<<1, 2>>, 2}, {<<1:9>>, 0}, {<<1>>, -1}, {<<1>>, 1 bsl 70}, {a, 0},
                                       {odd(<<7, 8>>), 1}]],
    [?T({binary:first(B), binary:last(B)}) || B <- [<<>>, <<1, 2>>, odd(<<1, 2>>), <<1:9>>, a]],
    [?T(binary:copy(B, N)) || {B, N} <- [{<<1, 2>>, 0}, {<<1, 2>>, -1}, {<<>>, 1 bsl 40}, {<<1, 2, 3>>, 5}, {<<7>>, 100},
                                         {odd(<<1, 2>>), 3}, {<<1:1>>, 2}, {<<1>>, a}, {a, 1}]],
    ?T(binary:copy(odd(<<"copy">>))),
    ?T(binary:copy(<<1:1>>)),
    [?T({binary:part(B, P), binary:part(B, element(1, P), element(2, P))}) ||
        {B, P} <- [{<<1, 2, 3>>, {1, 2}}, {<<1, 2, 3>>, {3, -2}}, {<<1:17>>, {0, 1}}, {<<1>>, {1, 1}}, {<<1>>, {2, -1}},
                   {<<1>>, {0, -1}}, {odd(<<1, 2, 3>>), {1, 1}}, {<<1>>, {1 bsl 60, 0}}, {<<1>>, {0, 1 bsl 62}}]],
    Lists = [[<<"abcd">>, <<"abd">>], [<<"abcd">>, <<"acd">>, odd(<<"bcd">>)], [], [<<"abcd">>], [<<"abcd">>, a],
             [<<"abcd">>, <<>>], [<<"abcd">> | <<"a">>], [<<"x">>, <<"a">>, b], [<<1:1>>, <<"acd">>], a],
    [?T(binary:longest_common_prefix(L)) || L <- Lists],
    [?T(binary:longest_common_suffix(L)) || L <- Lists],
    ?T(binary:list_to_bin(<<1>>)),
    ?T(binary:list_to_bin([1, [2] | <<3>>])),
    ?T(binary:bin_to_list(<<1, 2, 3>>, 1, 2)),
    ?T(binary:bin_to_list(<<1, 2, 3>>, {3, -2})),
    ?T(binary:replace(<<"a-b-c">>, <<"-">>, <<"[]">>, [global, {insert_replaced, 1}])),
    ?T([binary:referenced_byte_size(B) || B <- [<<1:1>>, <<"abc">>, binary:copy(<<1>>, 100), binary:part(binary:copy(<<1>>, 200), 1, 90)]]),
    ?T(binary:referenced_byte_size(a)).

numbers() ->
    [?T({binary:decode_unsigned(B), binary:decode_unsigned(B, little), binary:decode_unsigned(B, big)}) ||
        B <- [<<>>, <<0>>, <<1, 2>>, <<0, 0, 1, 2, 3, 4, 5, 6, 7>>, <<255, 255, 255, 255, 255, 255, 255, 255>>,
              <<8, 0, 0, 0, 0, 0, 0, 0>>, odd(<<1, 2, 3>>), <<1:1>>, a]],
    ?T(binary:decode_unsigned(<<1>>, foo)),
    ?T(binary:encode_unsigned(binary:decode_unsigned(binary:copy(<<1, 2, 0>>, 100)))),
    [?T({binary:encode_unsigned(N), binary:encode_unsigned(N, little)}) ||
        N <- [0, 1, 255, 256, 258, 1 bsl 59, 1 bsl 63, 1 bsl 64, 1 bsl 70, 1 bsl 511 - 1, -1, -(1 bsl 80), a, 1.0]],
    ?T(binary:encode_unsigned(1, foo)).

%% Subjects that take more than one slice.
long() ->
    Line = <<"a line of text, with some words in it\n">>,
    Text = binary:copy(Line, 20000),
    ?T(length(binary:matches(Text, <<"\n">>))),
    ?T(length(binary:matches(Text, [<<"text">>, <<"words in">>, <<"not there">>]))),
    ?T(lists:last(binary:matches(Text, <<"it\na">>))),
    ?T(binary:match(Text, <<"no such text">>)),
    ?T(binary:match(Text, [<<"no such text">>, <<"nor this">>])),
    ?T(binary:match(<<Text/binary, "end">>, <<"\nend">>)),
    ?T(length(binary:split(Text, <<" ">>, [global]))),
    ?T(iolist_size(binary:split(Text, [<<" ">>, <<"\n">>], [global, trim_all]))),
    ?T(lists:usort(binary:split(Text, <<"\n">>, [global, trim]))),
    ?T(erlang:md5(binary:copy(<<"period">>, 1000001))),
    ?T(erlang:md5(binary:copy(binary:part(Text, 5, 300001), 21))),
    %% Periodic patterns must not take quadratic time.
    As = binary:copy(<<"a">>, 300000),
    ?T(binary:match(As, <<(binary:copy(<<"a">>, 5000))/binary, "b">>)),
    ?T(binary:matches(As, [<<(binary:copy(<<"a">>, 2000))/binary, "b">>, <<"aab">>])),
    ?T(length(binary:matches(As, binary:copy(<<"a">>, 7)))).

%% Small alphabets, so that patterns overlap each other in all ways; a plain search is the
%% reference.
random() ->
    ?T([case {binary:matches(S, Ps), plain(S, Ps, 0)} of
            {Same, Same} -> length(Same);
            Different -> {S, Ps, Different}
        end || I <- lists:seq(1, 300), {S, Ps} <- [instance(I)]]).

instance(I) ->
    {letters(I, 60, 2), [letters(I * 31 + K, 1 + (I * 7 + K) rem 5, 2) || K <- lists:seq(1, 1 + I rem 4)]}.

letters(Seed, Count, Letters) ->
    << <<($a + (((Seed * 7919 + I * I * 104729 + I * Seed) bsr 3) rem Letters))>> || I <- lists:seq(1, Count) >>.

plain(S, _, At) when At >= byte_size(S) -> [];
plain(S, Ps, At) ->
    <<_:At/binary, Rest/binary>> = S,
    case [byte_size(P) || P <- Ps, byte_size(P) =< byte_size(Rest), binary_part(Rest, 0, byte_size(P)) =:= P] of
        [] -> plain(S, Ps, At + 1);
        Lengths -> N = lists:max(Lengths), [{At, N} | plain(S, Ps, At + N)]
    end.
