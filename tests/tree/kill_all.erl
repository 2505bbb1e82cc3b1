%% Everything in the tree is ended once, from the leaves to the supervisors, and comes back.
-module(kill_all).
-export([main/0]).

main() ->
    Names = [
        vbeam_serial, vbeam_pci, vbeam_watchdog, vbeam_block_sup, vbeam_power, vbeam_console,
        vbeam_guardian, vbeam_filesystem_sup, vbeam_vfs, vbeam_scheduler, vbeam_log,
        vbeam_hal_sup, vbeam_service_sup, vbeam_kernel_sup
    ],
    %% The application itself ends with the last three, so a process of its own does it.
    Pid = spawn(fun() -> kill_each(Names) end),
    case persistent_term:get(?MODULE, first) of
        first ->
            persistent_term:put(?MODULE, again),
            Pid ! go,
            receive after infinity -> ok end;
        again ->
            receive after infinity -> ok end
    end.

kill_each(Names) ->
    receive go -> ok end,
    group_leader(whereis(user), self()),
    lists:foreach(fun kill/1, Names),
    vbeam:tree(),
    halt(0).

kill(Name) ->
    Pid = whereis(Name),
    exit(Pid, kill),
    wait(fun() -> is_pid(whereis(Name)) andalso whereis(Name) =/= Pid end),
    wait(fun is_whole/0),
    io:format("~p came back~n", [Name]).

is_whole() ->
    try
        Nodes = vbeam:nodes_of_tree(),
        lists:all(fun(#{pid := Pid}) -> is_pid(Pid) end, Nodes) andalso
            lists:all(
                fun(Name) -> lists:any(fun(#{name := Each}) -> Each =:= Name end, Nodes) end,
                [vbeam_serial, vbeam_console, vbeam_guardian, vbeam_app_sup]
            )
    catch
        _:_ -> false
    end.

wait(Condition) ->
    case Condition() of
        true -> ok;
        false -> receive after 5 -> wait(Condition) end
    end.
