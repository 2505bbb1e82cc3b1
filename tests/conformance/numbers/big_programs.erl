%% Programs that live on large integers: factorials, Fibonacci numbers, powers, gcd, square roots,
%% digits of pi, primality.
-module(big_programs).
-export([run/0]).

run() ->
    erlang:display({factorial, erlang:phash2(factorial(1000)), factorial(30)}),
    erlang:display({fibonacci, erlang:phash2(fibonacci(5000, 0, 1)), fibonacci(300, 0, 1)}),
    erlang:display({power, erlang:phash2(power(7, 3001)), power(-3, 151)}),
    erlang:display({gcd, gcd(factorial(80), power(6, 90)), gcd(fibonacci(700, 0, 1), fibonacci(550, 0, 1))}),
    erlang:display({root, root(power(10, 120)), erlang:phash2(root(factorial(700)))}),
    erlang:display({pi, pi(300)}),
    erlang:display({primes, [N || N <- lists:seq((1 bsl 61) - 60, (1 bsl 61)), prime(N)]}),
    erlang:display({mersenne, [P || P <- [2, 3, 5, 7, 11, 13, 17, 19, 23, 31, 61, 89, 107, 127], lucas_lehmer(P)]}),
    erlang:display({text, erlang:phash2([integer_to_list(factorial(200), B) || B <- lists:seq(2, 36)])}),
    erlang:display({back, [factorial(150) =:= list_to_integer(integer_to_list(factorial(150), B), B) || B <- [2, 7, 10, 16, 36]]}),
    ok.

factorial(0) -> 1;
factorial(N) -> N * factorial(N - 1).

fibonacci(0, A, _) -> A;
fibonacci(N, A, B) -> fibonacci(N - 1, B, A + B).

power(_, 0) -> 1;
power(X, N) when N rem 2 =:= 0 -> H = power(X, N div 2), H * H;
power(X, N) -> X * power(X, N - 1).

gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).

root(N) -> root(N, N).
root(N, X) ->
    case (X + N div X) div 2 of
        Y when Y >= X -> X;
        Y -> root(N, Y)
    end.

%% Machin's formula in fixed point.
pi(Digits) ->
    One = power(10, Digits + 10),
    (16 * arctan(5, One) - 4 * arctan(239, One)) div power(10, 10).
arctan(N, One) -> arctan(N * N, One div N, 1, 0).
arctan(_, 0, _, Sum) -> Sum;
arctan(Square, Term, K, Sum) when K rem 4 =:= 1 -> arctan(Square, Term div Square, K + 2, Sum + Term div K);
arctan(Square, Term, K, Sum) -> arctan(Square, Term div Square, K + 2, Sum - Term div K).

prime(N) when N rem 2 =:= 0 -> false;
prime(N) -> lists:all(fun(A) -> strong(A, N) end, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]).
strong(A, N) ->
    {S, D} = split(N - 1, 0),
    case modular(A, D, N) of
        1 -> true;
        X -> witness(X, S, N)
    end.
split(D, S) when D band 1 =:= 0 -> split(D bsr 1, S + 1);
split(D, S) -> {S, D}.
witness(_, 0, _) -> false;
witness(X, _, N) when X =:= N - 1 -> true;
witness(X, S, N) -> witness(X * X rem N, S - 1, N).
modular(_, 0, _) -> 1;
modular(A, E, N) when E band 1 =:= 0 -> modular(A * A rem N, E bsr 1, N);
modular(A, E, N) -> A * modular(A, E - 1, N) rem N.

lucas_lehmer(2) -> true;
lucas_lehmer(P) -> M = (1 bsl P) - 1, lucas_lehmer(P - 2, 4, M) =:= 0.
lucas_lehmer(0, S, _) -> S;
lucas_lehmer(K, S, M) -> lucas_lehmer(K - 1, (S * S - 2) rem M, M).
