%% Stops the system with a status of its own.
-module(halt_three).
-export([main/0]).

main() ->
    io:format("halting~n"),
    halt(3).
