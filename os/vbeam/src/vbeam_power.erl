%% Switching the machine off, and on again: erlang:halt/0,1,2 hand over to this process, which lets
%% the serial line drain first. The clean halt of init:reboot/0 resets the machine: init has left
%% its heart alone then (vbeam_heart), which it ends before any other halt of its own.
-module(vbeam_power).
-behaviour(gen_server).
-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    vbeam_hw:system_process(),
    process_flag(priority, max),
    vbeam_boot:phase(<<"child vbeam_power: started">>),
    {ok, none}.

handle_call(_Request, _From, State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

%% Sent by the VM for halt(Status) of process Pid. Waiting for devices takes a while, in which this
%% process answers, and may be ended like any other.
handle_info({halt, Status, Pid}, State) ->
    _ = spawn(fun() ->
        vbeam_hw:system_process(),
        process_flag(priority, max),
        leave(Status, Pid)
    end),
    {noreply, State};
handle_info(_Other, State) ->
    {noreply, State}.

leave(Status, Pid) ->
    %% What was given to a port before this message is in its driver's mailbox.
    Drivers = try supervisor:which_children(vbeam_port_driver_sup) catch exit:_ -> [] end,
    _ = [catch gen_server:call(Driver, flush, 5000) || {_, Driver, _, _} <- Drivers],
    case vbeam_boot:is_program() of
        true ->
            leave_streams(),
            vbeam_hw:power_off(Status);
        false when Status =:= 0 ->
            Reboots = Pid =:= whereis(init) andalso vbeam_heart:beats(),
            leave_machine(Reboots);
        false ->
            drain_serial(<<"power off\n">>),
            vbeam_hw:power_off(Status)
    end.

leave_machine(true) ->
    drain_serial(<<"reset\n">>),
    vbeam_hw:reset();
leave_machine(false) ->
    drain_serial(<<"power off\n">>),
    vbeam_hw:power_off(0).

%% Whoever reads what was written has it, and the terminal is as it was.
leave_streams() ->
    _ = catch vbeam_streams:drain(),
    _ = catch vbeam_streams:terminal_mode(0, found),
    true.

drain_serial(Line) ->
    _ = catch vbeam_serial:write(Line),
    _ = catch vbeam_serial:drain(),
    true.
