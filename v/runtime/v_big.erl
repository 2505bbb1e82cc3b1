%% Numbers of V's module math.big, arrays of digits of 60 bits with the lowest first, as Erlang's
%% integers.
-module(v_big).

-export([product/2, divided/2]).

-define(BITS, 60).

product(A, B) -> digits(number(A) * number(B)).

%% The whole quotient and the rest.
divided(A, B) ->
    {X, Y} = {number(A), number(B)},
    {digits(X div Y), digits(X rem Y)}.

number(Array) ->
    Digits = lists:reverse(v_array:to_list(Array)),
    Bytes = << <<D:?BITS>> || D <- Digits >>,
    Size = bit_size(Bytes),
    <<Number:Size>> = Bytes,
    Number.

%% Without zeros above the highest digit; none at all for zero.
digits(0) ->
    v_array:new();
digits(Number) ->
    %% The bytes of the number, padded to whole digits.
    Bits = bit_size(binary:encode_unsigned(Number)),
    Size = (Bits + ?BITS - 1) div ?BITS * ?BITS,
    All = [D || <<D:?BITS>> <= <<Number:Size>>],
    v_array:from_list(lists:reverse(lists:dropwhile(fun(D) -> D =:= 0 end, All))).
