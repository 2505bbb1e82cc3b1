%% Runs Linux programs of /programs on the system, one after the other: its arguments are their
%% names. Prints what they print between lines that name them and say how they ended.
-module(run_programs).
-export([main/0]).

main() ->
    lists:foreach(fun run/1, init:get_plain_arguments()),
    io:format("left: ~0p ~0p~n", [vbeam_linux:programs(), vbeam_task:frames()]),
    io:format("missing: ~0p~n", [vbeam_linux:missing()]).

run(Name) ->
    io:format("PROGRAM ~ts~n", [Name]),
    Ended = vbeam_linux:run("/programs/" ++ Name, [Name]),
    io:format("ENDED ~0p~n", [Ended]).
