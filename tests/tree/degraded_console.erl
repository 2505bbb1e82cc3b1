%% The console fails until it is degraded. Nobody reaches the machine then, so the watchdog starves
%% and resets it; the next boot says that it is one.
-module(degraded_console).
-export([main/0]).

main() ->
    case vbeam_watchdog:status() of
        #{was_reset := true} ->
            io:format("reset, and the console is ~p~n", [step()]);
        _ ->
            spawn(fun() -> fail() end),
            receive after infinity -> ok end
    end.

step() ->
    #{step := Step} = proplists:get_value(vbeam_console, vbeam_ladder:status()),
    Step.

fail() ->
    case {step(), whereis(vbeam_console)} of
        {degraded, _} ->
            vbeam_boot:phase(<<"the console is degraded">>);
        {_, Pid} when is_pid(Pid) ->
            exit(Pid, broken),
            receive after 20 -> fail() end;
        _ ->
            receive after 5 -> fail() end
    end.
