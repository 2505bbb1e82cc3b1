%% The module that is purged in the scenario of that name of bench/latency/pauses.erl: it has funs,
%% literals, and a function in which a process waits.
-module(pauses_purged).
-export([wait/1, constant/0, adder/1]).

wait(Parent) ->
    Parent ! {self(), ready},
    receive stop -> ok end,
    back.

constant() -> {literal, [1, 2, 3], "of a module"}.

adder(N) -> fun(X) -> X + N end.
