%% How long a driver or service takes from the signal that ends it until its next incarnation has
%% served a request: each is ended again and again, first with nothing else to do, then while eight
%% processes compute. Prints a line for each:
%%
%%   {recovery, Load, driver | service, Name, Kills, [Median, 99th percentile, Maximum]}    in ns
%%
%% Drivers are what the supervisors of drivers have, whichever they are; one without a row in
%% request/1 is asked for its status. A disk with a file system on it is added, so that there is a
%% block driver.
-module(recovery).
-export([run/2, main/0]).

-define(DISK, recovery_disk).
-define(DISK_BYTES, 1048576).
-define(FOLDER, "/recovery").
-define(PAUSE_MS, 3).
-define(COMPUTING, 8).
-define(SUPERVISORS, [
    {driver, [vbeam_hal_sup, vbeam_block_sup]},
    {service, [vbeam_service_sup, vbeam_filesystem_sup]}
]).
%% What was not served then is not going to be.
-define(GIVE_UP_MS, 20000).

main() ->
    run(20, [idle, busy]).

-spec run(Kills :: pos_integer(), Loads :: [idle | busy]) -> ok.
run(Kills, Loads) ->
    %% Told by whoever is ended, on the line whose driver is ended.
    ok = logger:set_primary_config(level, none),
    ok = vbeam_ram_disk:create(?DISK, ?DISK_BYTES),
    ok = vbeam_ext2_format:format(?DISK),
    ok = file:make_dir(?FOLDER),
    ok = vbeam_vfs:mount({ext2, ?DISK}, ?FOLDER, []),
    ok = file:write_file(?FOLDER ++ "/file", <<"here">>),
    receive after 500 -> ok end,
    lists:foreach(fun(Load) -> measure(Load, Kills) end, Loads).

measure(Load, Kills) ->
    Busy = load(Load),
    _ = [
        begin
            _ = [kill(Name, Load) || _ <- [1, 2]],
            Times = lists:sort([kill(Name, Load) || _ <- lists:seq(1, Kills)]),
            At = fun(Share) -> lists:nth(max(1, ceil(Share * Kills)), Times) end,
            Row = {recovery, Load, Kind, Name, Kills, [At(0.5), At(0.99), At(1)]},
            io:format("~0p.~n", [Row])
        end
     || {Kind, Supervisors} <- ?SUPERVISORS,
        Supervisor <- Supervisors,
        Name <- workers(Supervisor)
    ],
    [exit(Pid, kill) || Pid <- Busy],
    ok.

workers(Supervisor) ->
    [Name || {Name, Pid, worker, _} <- lists:reverse(supervisor:which_children(Supervisor)),
        is_pid(Pid), whereis(Name) =:= Pid].

%% ---- one end, and what follows

kill(Name, Load) ->
    receive after ?PAUSE_MS -> ok end,
    Pid = whereis(Name),
    Begin = erlang:monotonic_time(nanosecond),
    exit(Pid, kill),
    served(Name, Pid, Load, Begin + ?GIVE_UP_MS * 1000000),
    erlang:monotonic_time(nanosecond) - Begin.

served(Name, Old, Load, Deadline) ->
    case whereis(Name) of
        Pid when is_pid(Pid), Pid =/= Old ->
            try request(Name) of
                _ -> ok
            catch
                exit:_ -> again(Name, Old, Load, Deadline)
            end;
        _ ->
            again(Name, Old, Load, Deadline)
    end.

again(Name, Old, Load, Deadline) ->
    erlang:monotonic_time(nanosecond) < Deadline orelse exit({not_served, Name}),
    look_later(Load),
    served(Name, Old, Load, Deadline).

%% Among processes that compute, this one would wait for its own turn: it is told by a timer.
look_later(idle) -> erlang:yield();
look_later(busy) -> receive after 1 -> ok end.

%% What its users ask for.
request(vbeam_serial) -> vbeam_serial:status();
request(vbeam_watchdog) -> vbeam_watchdog:status();
request(vbeam_pci) -> vbeam_pci:owner({0, 0, 0});
request(?DISK) -> {ok, _} = vbeam_block:read(?DISK, 0, 1);
request(vbeam_log) -> vbeam_log:life();
request(vbeam_scheduler) -> vbeam_scheduler:stats();
request(vbeam_vfs) -> {error, _} = vbeam_vfs:unmount("/not_mounted", []);
request(Name) ->
    case atom_to_list(Name) of
        "edu@" ++ _ -> 120 = edu:factorial(Name, 5);
        "vbeam_filesystem_" ++ _ -> {ok, <<"here">>} = file:read_file(?FOLDER ++ "/file");
        _ -> sys:get_status(Name)
    end.

%% ---- what else the machine does

load(idle) ->
    [];
load(busy) ->
    process_flag(priority, max),
    [spawn(fun() -> compute(1) end) || _ <- lists:seq(1, ?COMPUTING)].

compute(N) -> compute((N * 7 + 3) rem 1000003).
