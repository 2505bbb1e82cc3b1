%% V floats: Erlang floats, and the atoms inf, '-inf' and nan for what Erlang has no float for.
-module(v_float).

-export([
    least/2, greatest/2, magnitude/1, compute/3, compare/3, negate/1, power/2, round32/1, to_int/3,
    str/1, str32/1, strsci/2,
    strlong/1, eq_epsilon/2, digits/1
]).

%% An operation of a run of which one had an operand that is no number, or a result that is none.
compute(Op, A, B) ->
    try
        case Op of
            '+' -> A + B;
            '-' -> A - B;
            '*' -> A * B;
            '/' -> A / B
        end
    catch
        error:badarith -> arith(Op, A, B)
    end.

%% An operand is no number, or the result has none.
arith(Op, A, B) ->
    case {class(A), class(B)} of
        {nan, _} -> nan;
        {_, nan} -> nan;
        _ -> special(Op, A, B)
    end.

class(nan) -> nan;
class(inf) -> inf;
class('-inf') -> inf;
class(_) -> number.

sign(inf) -> 1;
sign('-inf') -> -1;
sign(F) ->
    <<S:1, _:63>> = <<F/float>>,
    case S of 0 -> 1; 1 -> -1 end.

infinity(1) -> inf;
infinity(-1) -> '-inf'.

special('+', A, B) when is_float(A), is_float(B) -> infinity(sign(A));
special('+', A, B) when is_atom(A), is_atom(B) -> same(A, B);
special('+', A, B) -> case is_atom(A) of true -> A; false -> B end;
special('-', A, B) -> arith_minus(A, B);
special('*', A, B) when A == 0; B == 0 -> nan;
special('*', A, B) -> infinity(sign(A) * sign(B));
special('/', A, B) when is_atom(A), is_atom(B) -> nan;
special('/', A, B) when is_atom(A) -> infinity(sign(A) * sign(B));
special('/', A, B) when is_atom(B) -> 0.0 * sign(A) * sign(B);
special('/', A, B) when A == 0, B == 0 -> nan;
special('/', A, B) -> infinity(sign(A) * sign(B)).

arith_minus(A, B) when is_float(A), is_float(B) -> infinity(sign(A));
arith_minus(A, B) when A =:= B -> nan;
arith_minus(A, _) when is_atom(A) -> A;
arith_minus(_, B) -> negate(B).

same(A, A) -> A;
same(_, _) -> nan.

negate(nan) -> nan;
negate(inf) -> '-inf';
negate('-inf') -> inf;
negate(F) -> -F.

least(A, B) -> case compare('<', B, A) of true -> B; false -> A end.
greatest(A, B) -> case compare('>', B, A) of true -> B; false -> A end.

magnitude(A) -> case compare('<', A, 0.0) of true -> negate(A); false -> A end.

compare('!=', nan, _) -> true;
compare('!=', _, nan) -> true;
compare(_, nan, _) -> false;
compare(_, _, nan) -> false;
compare(Op, A, B) ->
    X = rank(A),
    Y = rank(B),
    case Op of
        '==' -> X == Y;
        '!=' -> X /= Y;
        '<' -> X < Y;
        '<=' -> X =< Y;
        '>' -> X > Y;
        '>=' -> X >= Y
    end.

%% Numbers compare by value between the infinities.
rank('-inf') -> {-1, 0};
rank(inf) -> {1, 0};
rank(F) -> {0, F}.

power(A, B) ->
    try
        math:pow(A, B)
    catch
        error:_ when A == 0 -> inf;
        error:_ when is_float(A), A < 0, is_float(B), B /= trunc(B) -> nan;
        error:_ -> inf
    end.

%% The nearest 32-bit float, as a 64-bit one.
round32(F) when is_float(F) ->
    try <<F:32/float>> of
        <<R:32/float>> -> R;
        _ -> infinity(sign(F))
    catch
        error:_ -> infinity(sign(F))
    end;
round32(Special) ->
    Special.

%% Conversion to an integer type truncates; what does not fit becomes the nearest limit, and nan
%% becomes 0.
to_int(nan, _, _) -> 0;
to_int(F, Bits, Signed) ->
    {Low, High} =
        case Signed of
            signed -> {-(1 bsl (Bits - 1)), (1 bsl (Bits - 1)) - 1};
            unsigned -> {0, (1 bsl Bits) - 1}
        end,
    case F of
        inf -> High;
        '-inf' -> Low;
        _ -> max(Low, min(High, trunc(F)))
    end.

str(nan) -> <<"nan">>;
str(inf) -> <<"+inf">>;
str('-inf') -> <<"-inf">>;
str(F) -> text(F, digits(F)).

str32(F) when is_float(F) -> text(F, digits32(F));
str32(Special) -> str(Special).

%% Sign, shortest digits D1D2D3… and exponent E: the value is D1.D2D3… * 10^E.
digits(F) ->
    {S, Magnitude} = split(F),
    parse(S, float_to_binary(Magnitude, [short])).

%% abs(-0.0) is still -0.0, so the sign is taken off the bits.
split(F) ->
    <<S:1, Rest:63>> = <<F/float>>,
    <<Magnitude/float>> = <<0:1, Rest:63>>,
    {S, Magnitude}.

%% The shortest digits that give the same 32-bit float.
digits32(F) ->
    {S, Magnitude} = split(F),
    shortest32(S, Magnitude, 1).

shortest32(S, F, N) when N < 10 ->
    Text = float_to_binary(F, [{scientific, N - 1}]),
    case round32(binary_to_float(fix(Text, N))) =:= F of
        true -> parse(S, fix(Text, N));
        false -> shortest32(S, F, N + 1)
    end;
shortest32(S, F, _) ->
    parse(S, float_to_binary(F, [short])).

%% `5e+00` needs a fraction to be read back.
fix(Text, 1) ->
    [Mantissa, Exponent] = binary:split(Text, <<"e">>),
    <<Mantissa/binary, ".0e", Exponent/binary>>;
fix(Text, _) ->
    Text.

parse(S, Text) ->
    {Mantissa, Exponent} =
        case binary:split(Text, <<"e">>) of
            [M, E] -> {M, binary_to_integer(E)};
            [M] -> {M, 0}
        end,
    [Whole, Fraction] = binary:split(Mantissa, <<".">>),
    All = <<Whole/binary, Fraction/binary>>,
    Stripped = string:trim(All, leading, "0"),
    Zeros = byte_size(All) - byte_size(Stripped),
    case string:trim(Stripped, trailing, "0") of
        <<>> -> {S, <<"0">>, 0};
        Digits -> {S, Digits, byte_size(Whole) - Zeros - 1 + Exponent}
    end.

text(F, {S, Digits, E}) ->
    A = abs(F),
    Body =
        case A == 0 orelse (A >= 0.0001 andalso A < 1.0e6) of
            true -> plain(Digits, E);
            false -> scientific(Digits, E)
        end,
    signed(S, Body).

signed(1, Body) -> <<"-", Body/binary>>;
signed(0, Body) -> Body.

plain(Digits, E) when E < 0 ->
    Zeros = binary:copy(<<"0">>, -E - 1),
    <<"0.", Zeros/binary, Digits/binary>>;
plain(Digits, E) when byte_size(Digits) =< E + 1 ->
    Zeros = binary:copy(<<"0">>, E + 1 - byte_size(Digits)),
    <<Digits/binary, Zeros/binary, ".0">>;
plain(Digits, E) ->
    <<Whole:(E + 1)/binary, Fraction/binary>> = Digits,
    <<Whole/binary, ".", Fraction/binary>>.

scientific(<<First, Rest/binary>>, E) ->
    Mantissa = case Rest of
        <<>> -> <<First>>;
        _ -> <<First, ".", Rest/binary>>
    end,
    Sign = case E < 0 of true -> $-; false -> $+ end,
    Exponent = string:pad(integer_to_list(abs(E)), 2, leading, $0),
    iolist_to_binary([Mantissa, $e, Sign, Exponent]).

strsci(F, Digits) when is_float(F) ->
    float_to_binary(F, [{scientific, max(1, min(17, Digits))}]);
strsci(F, _) ->
    str(F).

strlong(F) when is_float(F) ->
    {S, Digits, E} = digits(F),
    signed(S, plain(Digits, E));
strlong(F) ->
    str(F).

%% Equal up to the rounding of one operation.
eq_epsilon(A, B) when is_float(A), is_float(B) ->
    Larger = max(abs(A), abs(B)),
    abs(A - B) =< max(2.220446049250313e-16, Larger * 2.220446049250313e-16 * 4);
eq_epsilon(A, B) ->
    A =:= B.
