-module(spectral_norm).
-export([main/0]).

a(I, J) -> 1.0 / ((I + J) * (I + J + 1) div 2 + I + 1).

times(N, U) -> [row(I, 0, U, 0.0) || I <- lists:seq(0, N - 1)].

row(_, _, [], Sum) -> Sum;
row(I, J, [X | U], Sum) -> row(I, J + 1, U, Sum + a(I, J) * X).

times_transposed(N, U) -> [column(I, 0, U, 0.0) || I <- lists:seq(0, N - 1)].

column(_, _, [], Sum) -> Sum;
column(I, J, [X | U], Sum) -> column(I, J + 1, U, Sum + a(J, I) * X).

run(0, _, U, V) ->
    {U, V};
run(Rounds, N, U, _) ->
    V = times_transposed(N, times(N, U)),
    run(Rounds - 1, N, times_transposed(N, times(N, V)), V).

dot(U, V) -> lists:sum([A * B || {A, B} <- lists:zip(U, V)]).

main() ->
    N = 200,
    {U, V} = run(10, N, lists:duplicate(N, 1.0), []),
    io:format("~.9f~n", [math:sqrt(dot(U, V) / dot(V, V))]).
