%% Functions of V's math module where Erlang's own raise: V gives infinities and NaN instead.
-module(v_math).

-export([sqrt/1, cbrt/1, exp/1, log/1, log2/1, log10/1, asin/1, acos/1, round/1, trunc/1, fmod/2]).
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
