%% erlang:display/1 of terms of all kinds.
-module(display).
-export([run/0]).

run() ->
    [erlang:display(X) || X <- [
        <<"a\"b">>, <<"a\nb">>, <<>>, <<"a\\b">>, <<255>>, <<"ab", 1:3>>, <<1:1>>, <<"ab", 0>>, <<" ~">>, <<"\t">>,
        part(<<7:3, "shifted", 0:5>>), part(<<7:3, 1, 2, 0:5>>),
        "a\"b", "a\nb", "a\\b", [127], [7], "", [a | b], [1, 2 | c], {}, {a}, {a, {b, "c"}}, [[]], [[], []],
        #{}, #{a => 1}, #{a => #{b => c}, "x" => [y | z]}, #{1 => {2, 3}, [] => <<"b">>},
        'hello world', 'Atom', 'it\'s', '', 'a\nb\t\e\0', 'back\\slash', 'ä', 'é Ω', '\x{85}\x{9f}\x{a0}\x7f', true, 0, -1, 1 bsl 59, -(1 bsl 70), 1.5, -0.0, 1.0e100, 1.0e-5]],
    ok.

part(<<_:3, B/bitstring>>) ->
    Size = bit_size(B) - 5,
    <<C:Size/bitstring, _:5>> = B,
    C.
