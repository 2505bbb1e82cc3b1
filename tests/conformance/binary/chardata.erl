%% The native functions of module unicode: valid, invalid and incomplete data in every shape.
-module(chardata).
-export([run/0]).
-include("show.hrl").

run() ->
    [both(Data, Encoding) || {Data, Encoding} <- cases()],
    ?T([unicode:bin_is_7bit(B) || B <- [<<>>, <<1, 2, 127>>, <<1, 128>>, a, <<1:1>>]]),
    ?T(unicode:bin_is_7bit(list_to_binary(lists:duplicate(100000, $x)))),
    ?T([unicode:bin_is_7bit(<<0:Lead, (binary:copy(<<"7bit">>, 500000))/binary, Last, 0:Tail>>) ||
           Lead <- [0, 8], Last <- [127, 128], Tail <- [0, 40]]),
    ?T(unicode:bin_is_7bit(odd(<<(binary:copy(<<"7bit">>, 3))/binary, 128>>))),
    ?T(length(unicode:characters_to_list(long(), utf8))),
    ?T(erlang:md5(unicode:characters_to_binary(long(), utf8))),
    ?T(erlang:md5(unicode:characters_to_binary([binary(X) || X <- long()], latin1))),
    ?T(element(1, unicode:characters_to_list([long(), 16#d800, <<"x">>], utf8))),
    ?T(element(3, unicode:characters_to_list([long(), [[16#d800], <<"x">>], 5], utf8))),
    ok.

binary(X) when X > 255 -> <<X>>;
binary(X) -> X.

%% Long enough for every stage to be interrupted.
long() ->
    [C || I <- lists:seq(1, 60000), (C = I * 7 rem 16#d000) > 0].

both(Data, Encoding) ->
    show("characters_to_binary", fun() -> unicode:characters_to_binary(Data, Encoding) end),
    show("characters_to_list", fun() -> unicode:characters_to_list(Data, Encoding) end).

odd(Bytes) ->
    Size = byte_size(Bytes),
    <<_:3, Odd:Size/binary, _/bits>> = <<5:3, Bytes/binary, 1:5>>,
    Odd.

cases() ->
    [{D, utf8} || D <- utf8()] ++
    [{D, latin1} || D <- latin1()] ++
    [{"abc", foo}, {"abc", 17}, {<<>>, utf16}, {<<0, 65>>, utf16}, {<<65, 0>>, {utf16, little}}, {<<65:32>>, utf32}].

latin1() ->
    [[1, 256, 300, <<200>>], <<200, 201>>, [200], [16#10ffff], [<<200>> | <<201>>], odd(<<1, 226, 130, 255>>),
     [<<200:9>>], [a]].

utf8() ->
    [<<"abc", 255, "def">>, [<<"abc", 255, "def">>], [<<"abc">>, <<255>>, "x"], [<<"abc">>, <<255, 1>> | <<"x">>],
     [<<"abc">>, [<<255, 1>>], 1, [2, [3, <<4>>]]], [<<"abc">>, [[[<<255, 1>>, 7]], 9], 1, [2, [3, <<4>>]]],
     <<226, 130>>, [<<226, 130>>, <<172>>], [<<226>>, <<130>>, [<<172>>]], [<<226>>, <<130>>, [65]],
     [<<226>>, <<130>>, 66, 67], [<<226>>, <<130>>, <<65>>], [<<226>>, <<130>>, <<255>>, 3], [<<226>>, [<<130>>]],
     [1, <<226>>, [<<>>], []], [16#d800], [1, 16#d800, 3], [1, 16#110000, 3], [1, -1, 3],
     [a], [1, a], [1 | a], [1 | 2], a, 1, [<<1:3>>], <<1:3>>, [1, <<1:9>>], [1.0], [1, [2, [3 | x]]],
     [], <<>>, [[], []], [<<"ab">>, <<195>>, <<40>>], [<<"ab", 195>>, [], <<40, 41>>],
     [<<"ab", 195>>, [[] | <<40, 41>>], 5], [<<"ab", 240>>, <<144>>, <<40, 41>>, 7],
     [<<240, 144>>, <<144>>], [<<240, 144>>, <<144>>, []], [a, <<"abc">>], [<<"abc", 255>>, a], [<<"abc", 255>> | a],
     [<<"abc", 226>> | a], [<<226>>, <<130, 255>>], [<<226>>, <<130>>, <<130, 255>>], [<<226>>, <<130>>, <<172, 226>>, 1],
     [<<226>>, <<>>, <<255>>, 1], [<<237>>, <<160>>, <<128>>], [<<237>>, <<160, 128>>], [<<237, 160>>], [<<244, 144>>],
     [<<192>>, <<128>>], [<<224>>, <<128>>], [<<224, 128>>], [<<240, 128>>], [<<226, 65>>], <<226, 65>>, <<226, 65, 66>>,
     <<192, 128>>, <<193, 191>>, <<224, 159, 191>>, <<237, 160, 128>>, <<240, 143, 191, 191>>, <<244, 144, 128, 128>>,
     <<245, 128, 128, 128>>, <<248, 128, 128, 128>>, [[<<"a", 255>>]], [<<226>>, <<65>>], [<<240, 65>>, <<144>>], [<<240, 65>>, <<144, 144>>], [<<240, 65>>, 1],  [<<"a", 255>> | <<>>], [<<"a", 255>>, []], [<<240, 144, 65>>], [<<240, 65>>], <<128>>, <<194, 128>>, <<239, 191, 191>>, <<244, 143, 191, 191>>,
     [<<"a", 224, 160>>, [[]], [<<1>> | <<2>>]], [[[[<<"a", 224, 160>>]]], [[[1]]]], [[[[<<"a", 224, 160>>]], 55], [[[1]]]],
     [[[[]]], [[], [[[-1], 3]]]], odd(<<226, 130, 172>>), odd(<<226, 65, 172>>), [odd(<<226, 65, 172>>)],
     [odd(<<"grüße"/utf8>>), 1, odd(<<195>>), odd(<<188>>)], "åäö", [955, [960 | <<"x">>]], [16#10ffff, 16#ffff, 16#fffe],
     lists:foldl(fun(X, Acc) -> [Acc, X] end, [], "deep to the left"),
     lists:foldl(fun(X, Acc) -> [X | [Acc]] end, <<"t", 195>>, "deep to the right")].
