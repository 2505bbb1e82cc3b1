%% Integers small and big, floats, conversions, comparison between them.
-module(arithmetic).
-export([cases/0]).
-include("../runner/case.hrl").
-define(SMALL_MAX, ((1 bsl 59) - 1)).
-define(SMALL_MIN, (-(1 bsl 59))).

cases() ->
    [?C(id(?SMALL_MAX) + 1),
     ?C(id(?SMALL_MIN) - 1),
     ?C(id(?SMALL_MAX) * id(?SMALL_MAX)),
     ?C(id(?SMALL_MIN) * id(-1)),
     ?C(-id(?SMALL_MIN)),
     ?C(abs(id(?SMALL_MIN))),
     ?C(id(1 bsl 64) - id((1 bsl 64) - 1)),
     ?C(id(1 bsl 200) div id(1 bsl 190)),
     ?C([A div B || A <- [7, -7], B <- [2, -2]]),
     ?C([A rem B || A <- [7, -7], B <- [2, -2]]),
     ?C([A div B || A <- [1 bsl 100, -(1 bsl 100)], B <- [3, -3, (1 bsl 70) + 1]]),
     ?C([A rem B || A <- [1 bsl 100, -(1 bsl 100)], B <- [3, -3, (1 bsl 70) + 1]]),
     ?C(fact(60)),
     ?C(fact(300) rem 1000000007),
     ?C(fact(200) div fact(197)),
     ?C(fib(300)),
     ?C(pow(3, 333)),
     ?C(pow(-7, 101) bsr 13),
     ?C([pow(2, N) || N <- [58, 59, 60, 63, 64, 65, 127, 128]]),
     ?C([-(1 bsl N) || N <- [58, 59, 60, 63, 64, 65, 127, 128]]),
     ?C([id(-5) bsr N || N <- [0, 1, 2, 3, 100]]),
     ?C([X bsr N || X <- [id(1000), id(-1000)], N <- [1, 9, 10, 59, 60, 61, 63, 64, 65, 127, 128, 1 bsl 70, -1, -9, -60, -64, -65]]),
     ?C([id(5) bsl N || N <- [0, 1, 60, 64, -1, -100]]),
     ?C([id(1 bsl 70) bsr N || N <- [1, 10, 70, 71, -3]]),
     ?C([A band B || A <- [-1, 5, 1 bsl 80, -(1 bsl 80) + 7], B <- [255, -256, (1 bsl 81) - 1]]),
     ?C([A bor B || A <- [-1, 5, 1 bsl 80, -(1 bsl 80) + 7], B <- [255, -256, (1 bsl 81) - 1]]),
     ?C([A bxor B || A <- [-1, 5, 1 bsl 80, -(1 bsl 80) + 7], B <- [255, -256, (1 bsl 81) - 1]]),
     ?C([bnot A || A <- [0, -1, 1 bsl 59, 1 bsl 80, -(1 bsl 80)]]),
     ?C(integer_to_list(pow(10, 50) + 7)),
     ?C(list_to_integer("-123456789012345678901234567890")),
     ?C([integer_to_list(255, B) || B <- [2, 8, 16, 36]]),
     ?C(integer_to_list(-pow(36, 30), 36)),
     ?C(list_to_integer("zz", 36)),
     ?C(list_to_integer("-ff", 16)),
     ?C(binary_to_integer(<<"+17">>)),
     ?C([catch list_to_integer(S) || S <- ["", "-", "1.0", " 1", "1_000"]]  =/= []),
     ?C(string:to_integer("123abc")),
     ?C(string:to_float("1.5e3xyz")),
     ?C([float(N) || N <- [1, -1, 1 bsl 53, (1 bsl 53) + 1, (1 bsl 100)]]),
     ?C([trunc(F) || F <- [1.9, -1.9, 1.0e20, -1.0e20, 0.0, 1.0e300]]),
     ?C([round(F) || F <- [0.5, 1.5, 2.5, -0.5, -1.5, 0.49999999999999994, 1.0e22]]),
     ?C([ceil(F) || F <- [0.1, -0.1, 2.0, 1.0e20]]),
     ?C([floor(F) || F <- [0.1, -0.1, 2.0, 1.0e20]]),
     ?C([1.0, 0.1, 1.0e22, 1.0e23, 1.0e-7, 123456789.125, 5.0e-324, 1.7976931348623157e308, -0.0]),
     ?C([float_to_list(F) || F <- [1.0, 0.1, -3.14, 1.0e100]]),
     ?C([float_to_list(F, [{decimals, 2}]) || F <- [1.005, 2.5, -0.001, 1.0e10]]),
     ?C([float_to_list(F, [{decimals, 6}, compact]) || F <- [1.5, 2.0, 0.1]]),
     ?C([float_to_list(F, [{scientific, 3}]) || F <- [1.5, 12345.678, 1.0e-10]]),
     ?C([float_to_list(F, [short]) || F <- [0.3, 0.1 + 0.2, 1.0e21, 100.0]]),
     ?C([float_to_binary(F, [short]) || F <- [0.3, 1.0e-5]]),
     ?C([list_to_float(S) || S <- ["1.0", "-1.5e10", "1.0E-3", "123456789.987654321"]]),
     ?C(list_to_float("1")),
     ?C(list_to_float("1.0e999")),
     ?C(1.0e308 * 10),
     ?C(id(1.0) / id(3)),
     ?C(id(10) / id(5)),
     ?C(id(1 bsl 100) / id(1 bsl 98)),
     ?C(id(1 bsl 2000) / 1),
     ?C([math:sqrt(2), math:pi(), math:exp(1), math:log(10), math:sin(1), math:pow(2, 0.5)]),
     ?C([math:floor(1.5), math:ceil(1.5), math:fmod(7.5, 2), math:log2(8), math:log10(1000)]),
     ?C(math:sqrt(-1)),
     ?C(math:log(0)),
     ?C([1 == 1.0, 1 =:= 1.0, 1 < 1.5, (1 bsl 53) + 1 == float(1 bsl 53), (1 bsl 53) + 1 > float(1 bsl 53)]),
     ?C([(1 bsl 1100) > 1.0e308, -(1 bsl 1100) < -1.0e308, 1.0e308 < (1 bsl 1024)]),
     ?C(lists:sort([3, 1.5, 1, 2.0, 1.0, 2, 1 bsl 70, -1.0e10, -(1 bsl 70)])),
     ?C([0.0 == -0.0, 0.0 =:= -0.0, max(1, 1.0), max(1.0, 1), min(1, 1.0), min(1.0, 1)]),
     ?C([erlang:phash2(N) || N <- [0, 1, -1, 1 bsl 40, 1 bsl 64, 1.5]]),
     ?C(gcd(fact(30), pow(6, 50))),
     ?C(lists:sum([1 bsl N || N <- lists:seq(0, 200)])),
     ?C([is_integer(1 bsl 70), is_float(1.0), is_number(1 bsl 70), is_integer(1.0)]),
     ?C(digits(fact(100), 0)),
     ?C([N || N <- lists:seq(2, 60), prime(N)]),
     ?C(isqrt(pow(10, 60))),
     ?C([binary:decode_unsigned(<<1:80>>), binary:encode_unsigned(1 bsl 70)]),
     ?C(<<(1 bsl 70):80>>),
     ?C(<<(-(1 bsl 70)):80/little>>),
     ?C(rand_sum(17))].

id(X) -> X.

fact(0) -> 1;
fact(N) -> N * fact(N - 1).

fib(N) -> fib(N, 0, 1).
fib(0, A, _) -> A;
fib(N, A, B) -> fib(N - 1, B, A + B).

pow(_, 0) -> 1;
pow(B, N) when N rem 2 =:= 0 -> pow(B * B, N div 2);
pow(B, N) -> B * pow(B, N - 1).

gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).

digits(0, S) -> S;
digits(N, S) -> digits(N div 10, S + N rem 10).

prime(N) -> lists:all(fun(D) -> N rem D =/= 0 end, lists:seq(2, trunc(math:sqrt(N)))).

isqrt(N) -> isqrt(N, N).
isqrt(N, X) ->
    case (X + N div X) div 2 of
        Y when Y >= X -> X;
        Y -> isqrt(N, Y)
    end.

rand_sum(Seed) ->
    S = rand:seed_s(exsss, Seed),
    {L, _} = lists:mapfoldl(fun(_, A) -> rand:uniform_s(1000000, A) end, S, lists:seq(1, 20)),
    {F, _} = rand:uniform_s(S),
    {L, F}.
