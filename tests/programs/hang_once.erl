%% Hangs the VM on purpose, unless a watchdog has reset the machine before: then it says so.
-module(hang_once).
-export([main/0]).

main() ->
    case vbeam_watchdog:status() of
        #{was_reset := true, device := Device} ->
            Before = [Line || {1, _, Line} <- vbeam_log:lines(), is_before_the_hang(Line)],
            io:format("the log has ~b line of the life before~n", [length(Before)]),
            io:format("reset by ~p, and back~n", [Device]);
        #{device := none} ->
            io:format("no watchdog~n");
        #{device := Device} ->
            ok = vbeam_watchdog:set_timeout(20),
            ok = fed(3),
            io:format("fed by the guardian, now ~p is to bite~n", [Device]),
            logger:error("before the hang"),
            erts_debug:set_internal_state(available_internal_state, true),
            erts_debug:set_internal_state(block, 3600000)
    end.

is_before_the_hang(Line) ->
    string:find(Line, "before the hang") =/= nomatch.

%% Waits until the guardian has fed the watchdog so many times.
fed(Times) ->
    case vbeam_watchdog:status() of
        #{feedings := Fed, armed := true} when Fed >= Times ->
            ok;
        _ ->
            receive
            after 1000 -> fed(Times)
            end
    end.
