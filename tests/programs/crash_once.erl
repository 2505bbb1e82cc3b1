%% Crashes when it runs first, and ends well when its supervisor starts it again.
-module(crash_once).
-export([main/0]).

main() ->
    case persistent_term:get(crashed_before, false) of
        false ->
            persistent_term:put(crashed_before, true),
            io:format("about to crash~n"),
            error(crash_for_the_test);
        true ->
            io:format("running again~n")
    end.
