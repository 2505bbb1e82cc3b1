%% Feeds the hardware watchdog as long as the system is healthy: every PERIOD_MS it asks whether a
%% process of low priority has its turn, and whether the root supervisor and those below it answer
%% and have all their children. It runs at normal priority itself, so a system in which only drivers
%% have turns is not healthy either. When something does not answer, the watchdog starves, and the
%% machine is reset.
-module(vbeam_guardian).
-export([start_link/0]).
-export([init/0]).

-define(PERIOD_MS, 5000).
-define(ANSWER_MS, 20000).

-spec start_link() -> {ok, pid()}.
start_link() ->
    proc_lib:start_link(?MODULE, init, []).

init() ->
    vbeam_hw:system_process(),
    register(?MODULE, self()),
    vbeam_boot:phase(<<"child vbeam_guardian: started">>),
    proc_lib:init_ack({ok, self()}),
    watch().

watch() ->
    receive
    after ?PERIOD_MS -> ok
    end,
    case has_turns() andalso is_whole(vbeam_kernel_sup) of
        true -> vbeam_watchdog:feed();
        false -> ok
    end,
    watch().

%% A process of low priority comes to its end.
has_turns() ->
    {Pid, Monitor} = spawn_opt(fun() -> ok end, [monitor, {priority, low}]),
    receive
        {'DOWN', Monitor, process, Pid, normal} -> true
    after ?ANSWER_MS ->
        demonitor(Monitor, [flush]),
        false
    end.

%% The supervisor answers, its children are there, and so it is with the supervisors among them.
is_whole(Supervisor) ->
    try gen_server:call(Supervisor, which_children, ?ANSWER_MS) of
        Children ->
            lists:all(
                fun
                    ({vbeam_app_sup, Child, supervisor, _}) -> is_pid(Child);
                    ({_, Child, supervisor, _}) -> is_pid(Child) andalso is_whole(Child);
                    ({_, Child, worker, _}) -> is_pid(Child)
                end,
                Children
            )
    catch
        exit:_ -> false
    end.
