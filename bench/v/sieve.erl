-module(sieve).
-export([main/0]).

sieve(I, N, _, Count) when I > N -> Count;
sieve(I, N, Composite, Count) ->
    case array:get(I, Composite) of
        true -> sieve(I + 1, N, Composite, Count);
        false when I =< N div I -> sieve(I + 1, N, strike(I * I, I, N, Composite), Count + 1);
        false -> sieve(I + 1, N, Composite, Count + 1)
    end.

strike(J, _, N, Composite) when J > N -> Composite;
strike(J, I, N, Composite) -> strike(J + I, I, N, array:set(J, true, Composite)).

main() ->
    N = 500000,
    io:format("~b~n", [sieve(2, N, array:new(N + 1, [{default, false}]), 0)]).
