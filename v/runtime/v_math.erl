%% Functions of V's math module where Erlang's own raise: V gives infinities and NaN instead.
-module(v_math).

-export([sqrt/1, cbrt/1, exp/1, log/1, log2/1, log10/1, asin/1, acos/1, round/1, trunc/1, fmod/2]).
-export([sin/1, cos/1, tan/1, atan/1, atan2/2, sinh/1, cosh/1, tanh/1, floor/1, ceil/1]).
-export([is_nan/1, is_inf/2]).

sqrt(X) when is_float(X), X >= 0 -> math:sqrt(X);
sqrt(inf) -> inf;
sqrt(_) -> nan.

cbrt(X) when is_float(X), X < 0 -> -math:pow(-X, 1 / 3);
cbrt(X) when is_float(X) -> whole(math:pow(X, 1 / 3), X);
cbrt(X) -> X.

%% The cube root of a cube is exact.
whole(Root, X) ->
    Near = float(erlang:round(Root)),
    case Near * Near * Near == X of
        true -> Near;
        false -> Root
    end.

exp(X) when is_float(X) ->
    try
        math:exp(X)
    catch
        error:badarith -> inf
    end;
exp('-inf') -> 0.0;
exp(X) -> X.

log(X) -> logarithm(X, fun math:log/1).
log2(X) -> logarithm(X, fun math:log2/1).
log10(X) -> logarithm(X, fun math:log10/1).

logarithm(X, Log) when is_float(X), X > 0 -> Log(X);
logarithm(X, _) when is_float(X), X == 0 -> '-inf';
logarithm(inf, _) -> inf;
logarithm(_, _) -> nan.

asin(X) when is_float(X), X >= -1, X =< 1 -> math:asin(X);
asin(_) -> nan.

acos(X) when is_float(X), X >= -1, X =< 1 -> math:acos(X);
acos(_) -> nan.

%% Without a limit there is no number.
sin(X) when is_float(X) -> math:sin(X);
sin(_) -> nan.

cos(X) when is_float(X) -> math:cos(X);
cos(_) -> nan.

tan(X) when is_float(X) -> math:tan(X);
tan(_) -> nan.

atan(X) when is_float(X) -> math:atan(X);
atan(inf) -> math:pi() / 2;
atan('-inf') -> -math:pi() / 2;
atan(nan) -> nan.

atan2(Y, X) when is_float(Y), is_float(X) -> math:atan2(Y, X);
atan2(Y, X) when Y =:= nan; X =:= nan -> nan;
atan2(Y, inf) when is_float(Y) -> signed(Y, 0.0);
atan2(Y, '-inf') when is_float(Y) -> signed(Y, math:pi());
atan2(Y, inf) -> signed(Y, math:pi() / 4);
atan2(Y, '-inf') -> signed(Y, math:pi() * 3 / 4);
atan2(Y, _) -> signed(Y, math:pi() / 2).

%% The magnitude with the sign of another number; that of zero counts.
signed('-inf', Magnitude) -> -Magnitude;
signed(inf, Magnitude) -> Magnitude;
signed(Sign, Magnitude) ->
    case <<Sign/float>> of
        <<1:1, _/bitstring>> -> -Magnitude;
        _ -> Magnitude
    end.

sinh(X) when is_float(X) -> unlimited(fun math:sinh/1, X, signed(X, 1.0));
sinh(X) -> X.

cosh(X) when is_float(X) -> unlimited(fun math:cosh/1, X, 1.0);
cosh('-inf') -> inf;
cosh(X) -> X.

unlimited(Fun, X, Sign) ->
    try
        Fun(X)
    catch
        error:badarith when Sign > 0 -> inf;
        error:badarith -> '-inf'
    end.

tanh(X) when is_float(X) -> math:tanh(X);
tanh(inf) -> 1.0;
tanh('-inf') -> -1.0;
tanh(nan) -> nan.

floor(X) when is_float(X) -> math:floor(X);
floor(X) -> X.

ceil(X) when is_float(X) -> math:ceil(X);
ceil(X) -> X.

round(X) when is_float(X) -> float(erlang:round(X));
round(X) -> X.

trunc(X) when is_float(X) -> float(erlang:trunc(X));
trunc(X) -> X.

fmod(X, Y) when is_float(X), is_float(Y), Y /= 0 -> math:fmod(X, Y);
fmod(X, Y) when is_float(X), Y =:= inf; is_float(X), Y =:= '-inf' -> X;
fmod(_, _) -> nan.

is_nan(X) -> X =:= nan.

is_inf(inf, Sign) -> Sign >= 0;
is_inf('-inf', Sign) -> Sign =< 0;
is_inf(_, _) -> false.
