%% Starts and ends the drivers of PCI devices below vbeam_hal_sup: a process beside vbeam_pci, which
%% must not wait for the supervisor, since the supervisor waits for drivers that ask vbeam_pci. It
%% is linked to vbeam_pci, and does one thing after the other.
-module(vbeam_pci_drivers).
-export([start_link/1, devices/2, stop/3, add/2, name/2]).
-export([init/1, serve/2, start_driver/3]).

-define(SUPERVISOR, vbeam_hal_sup).

%% Registered name of the driver of a device.
-spec name(module(), vbeam_pci_config:address()) -> atom().
name(Module, Address) ->
    list_to_atom(atom_to_list(Module) ++ "@" ++ vbeam_pci_config:slot_text(Address)).

-spec start_link(Pci :: pid()) -> pid().
start_link(Pci) ->
    spawn_link(?MODULE, init, [Pci]).

%% Each of these devices gets the driver that fits it, if it has none yet.
-spec devices(pid(), [vbeam_pci_scan:device()]) -> ok.
devices(Process, Devices) ->
    Process ! {devices, Devices},
    ok.

%% The device has gone or is about to: its driver ends, and its name is told when it has.
-spec stop(pid(), vbeam_pci_config:address(), Reason :: term()) -> ok.
stop(Process, Address, Reason) ->
    Process ! {stop, Address, Reason},
    ok.

%% One more module to ask.
-spec add(pid(), vbeam_pci_match:driver()) -> ok.
add(Process, Driver) ->
    Process ! {add, Driver},
    ok.

-spec init(Pci :: pid()) -> no_return().
init(Pci) ->
    vbeam_hw:system_process(),
    Added = vbeam_keeper:get(?MODULE, added, []),
    ?MODULE:serve(Pci, lists:usort(Added ++ vbeam_pci_match:drivers())).

%% The newest code goes on.
-spec serve(Pci :: pid(), [vbeam_pci_match:driver()]) -> no_return().
serve(Pci, Drivers) ->
    receive
        {devices, Devices} ->
            lists:foreach(fun(Device) -> start(Device, Drivers) end, Devices),
            ?MODULE:serve(Pci, Drivers);
        {stop, Address, Reason} ->
            stop(Address, Reason),
            Pci ! {stopped, Address},
            ?MODULE:serve(Pci, Drivers);
        {add, {Module, _} = Driver} ->
            Others = lists:keydelete(Module, 1, vbeam_keeper:get(?MODULE, added, [])),
            vbeam_keeper:put(?MODULE, added, [Driver | Others]),
            ?MODULE:serve(Pci, lists:usort([Driver | lists:keydelete(Module, 1, Drivers)]));
        _Other ->
            ?MODULE:serve(Pci, Drivers)
    end.

%% What was started for an address is kept: the next process knows what to end.
start(#{address := Address} = Device, Drivers) ->
    case vbeam_pci_match:best(Device, Drivers) of
        none ->
            ok;
        Module ->
            Name = name(Module, Address),
            vbeam_keeper:put(?MODULE, {started, Address}, Name),
            Call = {?MODULE, start_driver, [Name, Module, Device]},
            Spec = #{
                id => Name,
                start => {vbeam_ladder, start, [Name, Call]},
                %% One that has ended in peace, as when its device went, is not started again.
                restart => transient,
                shutdown => 5000,
                modules => [Module]
            },
            _ = supervisor:start_child(?SUPERVISOR, Spec),
            ok
    end.

-spec start_driver(atom(), module(), vbeam_pci_scan:device()) -> gen_server:start_ret().
start_driver(Name, Module, Device) ->
    vbeam_driver:start_link(Name, Module, Device).

stop(Address, Reason) ->
    case vbeam_keeper:get(?MODULE, {started, Address}, none) of
        none ->
            ok;
        Name ->
            Pid = whereis(Name),
            _ = is_pid(Pid) andalso exit(Pid, Reason),
            _ = supervisor:terminate_child(?SUPERVISOR, Name),
            _ = supervisor:delete_child(?SUPERVISOR, Name),
            vbeam_keeper:erase(?MODULE, {started, Address}),
            vbeam_ladder:gone(Name)
    end.
