%% Watches over the tree, and feeds the hardware watchdog as long as the system is healthy. Every
%% PERIOD_MS it looks
%%
%%   whether each driver answers: one that loops is ended, and starts again;
%%   whether each driver and service that is not degraded is there, and starts what is missing;
%%   whether a process of low priority has its turn, and the supervisors answer.
%%
%% When one of these fails for good, or the system has lost something that it cannot do without, the
%% watchdog starves, and the machine is reset.
-module(vbeam_guardian).
-export([start_link/0]).
-export([init/0]).

-define(PERIOD_MS, 5000).
-define(ANSWER_MS, 20000).
-define(DRIVER_MS, 500).
%% Without them nobody reaches the machine.
-define(ESSENTIAL, [vbeam_serial, vbeam_console]).

-spec start_link() -> {ok, pid()}.
start_link() ->
    proc_lib:start_link(?MODULE, init, []).

%% At the highest priority: a driver that loops at high priority is not to keep it from looking.
init() ->
    vbeam_hw:system_process(),
    register(?MODULE, self()),
    process_flag(priority, max),
    vbeam_boot:phase(<<"child vbeam_guardian: started">>),
    proc_lib:init_ack({ok, self()}),
    watch().

watch() ->
    receive
    after ?PERIOD_MS -> ok
    end,
    _ = [
        end_looping(Name)
     || {Name, #{supervisor := vbeam_hal_sup}} <- vbeam_ladder:status()
    ],
    _ = [start_missing(Supervisor) || Supervisor <- [vbeam_hal_sup, vbeam_service_sup]],
    case has_turns() andalso is_whole() of
        true -> feed();
        false -> ok
    end,
    watch().

feed() ->
    try
        vbeam_watchdog:feed()
    catch
        %% It is being started again, or the machine has none that works.
        exit:_ -> ok
    end.

end_looping(Name) ->
    case whereis(Name) of
        Pid when is_pid(Pid) ->
            case vbeam_driver:answers(Name, ?DRIVER_MS) orelse not is_process_alive(Pid) of
                true ->
                    ok;
                false ->
                    vbeam_boot:phase([atom_to_binary(Name), <<" does not answer: it is ended">>]),
                    vbeam_ladder:failed(Name, no_answer),
                    exit(Pid, kill)
            end;
        undefined ->
            ok
    end.

%% What should run and does not: whoever was to start it was ended meanwhile.
start_missing(Supervisor) ->
    Degraded = vbeam_ladder:degraded(),
    try gen_server:call(Supervisor, which_children, ?ANSWER_MS) of
        Children ->
            [
                supervisor:restart_child(Supervisor, Name)
             || {Name, undefined, _, _} <- Children, not lists:member(Name, Degraded)
            ]
    catch
        exit:_ -> []
    end.

%% A process of low priority comes to its end.
has_turns() ->
    {Pid, Monitor} = spawn_opt(fun() -> ok end, [monitor, {priority, low}]),
    receive
        {'DOWN', Monitor, process, Pid, normal} -> true
    after ?ANSWER_MS ->
        demonitor(Monitor, [flush]),
        false
    end.

%% The supervisors are there, and nothing is lost that is needed.
is_whole() ->
    lists:all(fun answers/1, [vbeam_kernel_sup, vbeam_hal_sup, vbeam_service_sup]) andalso
        not lists:any(fun(Name) -> lists:member(Name, ?ESSENTIAL) end, vbeam_ladder:degraded()).

answers(Supervisor) ->
    try
        is_list(gen_server:call(Supervisor, which_children, ?ANSWER_MS))
    catch
        exit:_ -> false
    end.
