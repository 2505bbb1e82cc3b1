%% An Erlang program for the bare VM: no supervision tree, no libraries; erlang:display/1 writes to
%% the emergency console.
-module(hello).
-export([main/0]).

main() ->
    erlang:display('Hello from Erlang!'),
    erlang:display({factorial, 20, factorial(20)}).

factorial(0) -> 1;
factorial(N) when N > 0 -> N * factorial(N - 1).
