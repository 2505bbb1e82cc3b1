%% Integer operations that are too long to inline.
-module(v_int).

-export([power/3, shift_left/3, shift_right/3, shift_right_logical/3, wymum/2]).

%% Base to an exponent, reduced modulo 2^Bits on the way so that the numbers stay small.
power(_, Exponent, _) when Exponent < 0 -> 0;
power(Base, Exponent, Bits) -> power(Base, Exponent, (1 bsl Bits) - 1, 1).

power(_, 0, _, Result) -> Result;
power(Base, Exponent, Mask, Result) ->
    Next = case Exponent band 1 of
        1 -> (Result * Base) band Mask;
        0 -> Result
    end,
    power((Base * Base) band Mask, Exponent bsr 1, Mask, Next).

%% A count of the width or more (or a negative one) shifts everything out; huge counts must not
%% build huge numbers.
shift_left(Value, Count, Width) when Count >= 0, Count < Width -> Value bsl Count;
shift_left(_, _, _) -> 0.

shift_right(Value, Count, Width) when Count >= 0, Count < Width -> Value bsr Count;
shift_right(Value, _, _) when Value < 0 -> -1;
shift_right(_, _, _) -> 0.

shift_right_logical(Value, Count, Width) when Count >= 0, Count < Width ->
    (Value band ((1 bsl Width) - 1)) bsr Count;
shift_right_logical(_, _, _) ->
    0.

%% Both halves of the product of two u64, combined.
wymum(A, B) ->
    Product = A * B,
    (Product bsr 64) bxor (Product band 16#ffffffffffffffff).
