%% Shows the log, and what was damaged of it, however it was found.
-module(log_show).
-export([main/0]).

main() ->
    ok = vbeam_log:say("written in this life"),
    vbeam:log(),
    io:format("life ~b, damaged ~b, lines ~b~n", [
        vbeam_log:life(), vbeam_log:damaged(), length(vbeam_log:lines())
    ]).
