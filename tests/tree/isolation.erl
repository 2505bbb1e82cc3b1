%% What a crash is kept away from: a line for each sentence of docs/isolation.md, which this program
%% shows to be true, or false.
-module(isolation).
-export([main/0, application/1]).

-define(WAIT_MS, 5).

main() ->
    spawn(fun check/0),
    receive after infinity -> ok end.

check() ->
    group_leader(whereis(user), self()),
    driver(),
    service(),
    application(),
    halt(0).

say(Sentence, Holds) ->
    io:format("~s: ~p~n", [Sentence, Holds]).

pids(Names) ->
    [{Name, whereis(Name)} || Name <- Names].

crash(Name) ->
    Pid = whereis(Name),
    exit(Pid, crashed_on_purpose),
    exit(Pid, kill),
    wait(fun() -> is_pid(whereis(Name)) andalso whereis(Name) =/= Pid end),
    Pid.

wait(Condition) ->
    case Condition() of
        true -> ok;
        false -> receive after ?WAIT_MS -> wait(Condition) end
    end.

drivers() ->
    [Name || {Name, _, _, _} <- supervisor:which_children(vbeam_hal_sup)].
services() ->
    [Name || {Name, _, _, _} <- supervisor:which_children(vbeam_service_sup)].

driver() ->
    Supervisors = [vbeam_hal_sup, vbeam_service_sup, vbeam_app_sup],
    Others = pids((drivers() -- [vbeam_watchdog]) ++ services()),
    Above = pids(Supervisors),
    crash(vbeam_watchdog),
    say("driver: just that one restarts", pids(Supervisors) =:= Above),
    say("driver: others are unaffected", pids([Name || {Name, _} <- Others]) =:= Others),
    Services = pids(services()),
    Before = maps:get(sent, vbeam_serial:status()),
    crash(vbeam_serial),
    ok = vbeam_console:write(<<"through the new driver\n">>),
    vbeam_serial:drain(),
    say("driver: services have it back", pids(services()) =:= Services andalso
        maps:get(sent, vbeam_serial:status()) > Before).

service() ->
    Drivers = pids(drivers()),
    Supervisor = whereis(vbeam_service_sup),
    Sent = maps:get(sent, vbeam_serial:status()),
    {Application, _} = start(),
    Application ! {link, whereis(vbeam_console), self()},
    receive linked -> ok end,
    Console = crash(vbeam_console),
    say("service: its supervisor restarts it", whereis(vbeam_service_sup) =:= Supervisor),
    say("service: drivers keep running", pids(drivers()) =:= Drivers),
    say("service: what the hardware has is preserved",
        maps:get(sent, vbeam_serial:status()) >= Sent),
    Application ! {told, self()},
    say("service: applications are told", receive {told, Told} -> Told =:= Console end),
    say("service: and go on", is_process_alive(Application)),
    stop(Application).

application() ->
    {First, Name} = start(),
    {Second, _} = start(),
    Second ! {count, self()},
    Before = receive {count, Count} -> Count end,
    Below = pids(drivers() ++ services() ++ [vbeam_hal_sup, vbeam_service_sup, vbeam_app_sup]),
    crash(Name),
    say("application: its supervisor restarts it", whereis(Name) =/= First),
    say("application: drivers and services are unaffected",
        pids([Each || {Each, _} <- Below]) =:= Below),
    Second ! {count, self()},
    say("application: others are unaffected", receive {count, Now} -> Now =:= Before + 1 end),
    stop(whereis(Name)),
    stop(Second).

%% ---- an application

start() ->
    Name = list_to_atom("application_" ++ integer_to_list(erlang:unique_integer([positive]))),
    {ok, Pid} = supervisor:start_child(vbeam_app_sup, [{?MODULE, application, [Name]}]),
    wait(fun() -> whereis(Name) =:= Pid end),
    {Pid, Name}.

stop(Pid) ->
    ok = supervisor:terminate_child(vbeam_app_sup, Pid).

application(Name) ->
    register(Name, self()),
    application(0, none).

application(Count, Told) ->
    receive
        {link, Pid, From} ->
            process_flag(trap_exit, true),
            link(Pid),
            From ! linked,
            application(Count, Told);
        {'EXIT', Pid, shutdown} when Told =/= none, Pid =/= Told ->
            ok;
        {'EXIT', Pid, _} ->
            application(Count, Pid);
        {told, From} ->
            From ! {told, Told},
            application(Count, Told);
        {count, From} ->
            From ! {count, Count},
            application(Count + 1, Told)
    end.
