%% Every operator on every pair of interesting numbers, through each way to reach it: the
%% instruction in a body, in a guard, with a constant operand, erlang:Op/2 by apply, and a fun. One
%% digest of results and reasons for each operator and route.
-module(arithmetic_routes).
-export([run/0]).

run() ->
    [erlang:display({Op, Route, digest(fun(A, B) -> binary(Route, Op, A, B) end, pairs())})
     || Op <- ['+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor', 'bsl', 'bsr'], Route <- [body, guard, apply, 'fun']],
    [erlang:display({Op, Route, digest(fun(A) -> unary(Route, Op, A) end, [{V} || V <- values()])})
     || Op <- ['+', '-', 'bnot', abs, float, trunc, round, floor, ceil], Route <- [body, guard, apply, 'fun']],
    [erlang:display({Op, digest(fun(A, B) -> compare(Op, A, B) end, pairs())})
     || Op <- ['<', '>', '=<', '>=', '==', '/=', '=:=', '=/=', max, min]],
    erlang:display({constants, digest(fun constants/1, [{V} || V <- values()])}),
    ok.

values() ->
    Powers = [1 bsl B || B <- [0, 1, 31, 32, 58, 59, 60, 63, 64, 100, 127, 128, 200, 1023, 1024]],
    Integers = lists:usort([S * (P + D) || P <- Powers, D <- [-1, 0, 1], S <- [1, -1]]),
    Floats = [0.0, -0.0, 1.0, -1.5, 0.5, 2.5, 3.0, 5.0e-324, 1.7976931348623157e308, 576460752303423488.0,
              -576460752303423489.0, 9223372036854775808.0, 1.8446744073709552e19, 1.0e22, 1.0e300],
    Integers ++ Floats ++ [a, [], {1}].

pairs() ->
    Values = values(),
    Second = [0, 1, -1, 2, 3, 7, 59, 60, 64, -64, 100, -1 bsl 59, (1 bsl 59) - 1, 1 bsl 59, (1 bsl 64) + 1, -(1 bsl 130), 0.0,
              -0.0, 2.0, 1.5e300, 9007199254740993.0, b],
    [{A, B} || A <- Values, B <- Second] ++ [{B, A} || A <- Values, B <- [0, 1, -3, 1 bsl 70, 1.5, -0.0]].

digest(Fun, Arguments) ->
    erlang:phash2([try apply(Fun, tuple_to_list(A)) of
                       V when is_float(V) -> <<V/float>>;
                       V -> V
                   catch Class:Reason -> {Class, Reason}
                   end || A <- Arguments]).

%% Large shifts to the left are system_limit or use much memory: both sides keep to small ones.
binary(Route, 'bsl', A, B) when B > 100000; B < -100000 -> {Route, A, B};
binary(Route, 'bsr', A, B) when B > 100000; B < -100000 -> {Route, A, B};
binary(body, Op, A, B) -> body(Op, A, B);
binary(guard, Op, A, B) -> guard(Op, A, B);
binary(apply, Op, A, B) -> apply(erlang, Op, [A, B]);
binary('fun', Op, A, B) -> F = erlang:make_fun(erlang, Op, 2), F(A, B).

body('+', A, B) -> A + B;
body('-', A, B) -> A - B;
body('*', A, B) -> A * B;
body('/', A, B) -> A / B;
body('div', A, B) -> A div B;
body('rem', A, B) -> A rem B;
body('band', A, B) -> A band B;
body('bor', A, B) -> A bor B;
body('bxor', A, B) -> A bxor B;
body('bsl', A, B) -> A bsl B;
body('bsr', A, B) -> A bsr B.

guard('+', A, B) when A + B > 0 -> positive;
guard('-', A, B) when A - B > 0 -> positive;
guard('*', A, B) when A * B > 0 -> positive;
guard('/', A, B) when A / B > 0 -> positive;
guard('div', A, B) when A div B > 0 -> positive;
guard('rem', A, B) when A rem B > 0 -> positive;
guard('band', A, B) when A band B > 0 -> positive;
guard('bor', A, B) when A bor B > 0 -> positive;
guard('bxor', A, B) when A bxor B > 0 -> positive;
guard('bsl', A, B) when A bsl B > 0 -> positive;
guard('bsr', A, B) when A bsr B > 0 -> positive;
guard(_, _, _) -> otherwise.

unary(body, Op, A) ->
    case Op of
        '+' -> +A;
        '-' -> -A;
        'bnot' -> bnot A;
        abs -> abs(A);
        float -> float(A);
        trunc -> trunc(A);
        round -> round(A);
        floor -> floor(A);
        ceil -> ceil(A)
    end;
unary(guard, '+', A) when +A > 1 -> more;
unary(guard, '-', A) when -A > 1 -> more;
unary(guard, 'bnot', A) when bnot A > 1 -> more;
unary(guard, abs, A) when abs(A) > 1 -> more;
unary(guard, float, A) when float(A) > 1 -> more;
unary(guard, trunc, A) when trunc(A) > 1 -> more;
unary(guard, round, A) when round(A) > 1 -> more;
unary(guard, floor, A) when floor(A) > 1 -> more;
unary(guard, ceil, A) when ceil(A) > 1 -> more;
unary(guard, _, _) -> otherwise;
%% Applied, erlang:'+'/1 leaves -0.0 as it is; as an instruction it makes 0.0 of it.
unary(Route, '+', A) when A == 0, is_float(A), Route =/= body -> 0.0;
unary(apply, Op, A) -> apply(erlang, Op, [A]);
unary('fun', Op, A) -> F = erlang:make_fun(erlang, Op, 1), F(A).

compare('<', A, B) -> A < B;
compare('>', A, B) -> A > B;
compare('=<', A, B) -> A =< B;
compare('>=', A, B) -> A >= B;
compare('==', A, B) -> A == B;
compare('/=', A, B) -> A /= B;
compare('=:=', A, B) -> A =:= B;
compare('=/=', A, B) -> A =/= B;
compare(max, A, B) -> max(A, B);
compare(min, A, B) -> min(A, B).

constants(V) ->
    [catch_value(F, V) || F <- [fun(X) -> X + 1 end, fun(X) -> X - 1 end, fun(X) -> 1 - X end, fun(X) -> X * 3 end,
                                fun(X) -> X * 16#123456789abcdef0123 end, fun(X) -> X div 10 end, fun(X) -> X rem 10 end,
                                fun(X) -> X band 16#ffff end, fun(X) -> X bor 1 end, fun(X) -> X bsl 5 end,
                                fun(X) -> X bsr 5 end, fun(X) -> X / 3 end, fun(X) -> X + 1.5 end, fun(X) -> 2.0 * X end,
                                fun(X) -> (X + 0.25) * (X - 0.5) / 3.0 - X end, fun(X) -> -X + 0.0 end]].

catch_value(F, V) ->
    try F(V) of
        R when is_float(R) -> <<R/float>>;
        R -> R
    catch error:Reason -> Reason
    end.
