%% The parent of the root supervisor and of that of ports. When one of them ends, it is started
%% again, RESTARTS times in RESTARTS_MS. After that the machine is switched off with a status that
%% tells of a failure.
-module(vbeam_root).
-export([start/0, supervisors/0, run/1, say/2]).

-define(RESTARTS, 3).
-define(RESTARTS_MS, 60000).
%% In the order of starting. Ports stay when the root supervisor ends: OTP's shell reads from one.
-define(SUPERVISORS, [vbeam_port_sup, vbeam_kernel_sup]).
%% What is below a supervisor that was killed ends on its own, but not at once.
-define(GRACE_MS, 5000).
-define(STEP_MS, 10).
%% Of a reason, which may hold the state of whoever ended, so much is said.
-define(REASON_DEPTH, 40).
%% Status of the machine when it cannot go on.
-define(FAILED, 1).

%% Names of the supervisors below it.
-spec supervisors() -> [atom()].
supervisors() ->
    ?SUPERVISORS.

%% Start the tree, and wait until it stands.
-spec start() -> ok.
start() ->
    Root = erts_internal:spawn_system_process(?MODULE, run, [self()]),
    Monitor = erlang:monitor(process, Root),
    receive
        {Root, started} ->
            erlang:demonitor(Monitor, [flush]),
            ok;
        {'DOWN', Monitor, process, _, Reason} ->
            exit(Reason)
    end.

-spec run(Starter :: pid()) -> no_return().
run(Starter) ->
    process_flag(trap_exit, true),
    process_flag(priority, high),
    true = register(?MODULE, self()),
    Supervisors = maps:from_list([{pid(Name:start_link()), Name} || Name <- ?SUPERVISORS]),
    Starter ! {self(), started},
    serve(Supervisors, []).

pid({ok, Pid}) -> Pid;
pid({error, Reason}) -> exit(Reason).

serve(Supervisors, Restarts) ->
    receive
        {'EXIT', Pid, Reason} when is_map_key(Pid, Supervisors) ->
            {Name, Others} = maps:take(Pid, Supervisors),
            restart(Name, Reason, Others, Restarts);
        _Other ->
            serve(Supervisors, Restarts)
    end.

%% What was below a supervisor that has ended is waited for, and all of it starts anew.
restart(Name, Reason, Others, Before) ->
    Now = erlang:monotonic_time(millisecond),
    Recent = [Time || Time <- Before, Now - Time < ?RESTARTS_MS],
    case length(Recent) < ?RESTARTS of
        true ->
            _ = spawn(?MODULE, say, [Name, Reason]),
            wait_for_end(Name:below(), ?GRACE_MS div ?STEP_MS),
            started(Name:start_link(), Name, Others, [Now | Recent]);
        false ->
            vbeam_hw:emergency_write(<<"VBEAM: ", (atom_to_binary(Name))/binary, " ended: ">>),
            erlang:display(Reason),
            vbeam_hw:power_off(?FAILED)
    end.

%% A line among others. In a process of its own: what the reason costs is not this one's affair.
-spec say(atom(), Reason :: term()) -> ok.
say(Name, Reason) ->
    Text = io_lib:format("VBEAM: ~s ended: ~0tP", [Name, Reason, ?REASON_DEPTH]),
    vbeam_boot:phase(unicode:characters_to_binary(Text)).

wait_for_end(Names, Steps) ->
    case [Pid || Name <- Names, Pid <- [whereis(Name)], is_pid(Pid)] of
        [] ->
            ok;
        Pids ->
            _ = Steps =:= 0 andalso [exit(Pid, kill) || Pid <- Pids],
            receive after ?STEP_MS -> ok end,
            wait_for_end(Names, max(0, Steps - 1))
    end.

started({ok, Pid}, Name, Others, Restarts) ->
    serve(Others#{Pid => Name}, Restarts);
started({error, Reason}, Name, Others, Restarts) ->
    restart(Name, Reason, Others, Restarts).
