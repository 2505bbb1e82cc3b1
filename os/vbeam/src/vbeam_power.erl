%% Switching the machine off: erlang:halt/0,1,2 hand over to this process, which lets the serial
%% line drain first.
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

%% Sent by the VM for halt(Status).
handle_info({halt, Status}, _State) ->
    %% What was given to a port before this message is in its driver's mailbox.
    Drivers = try supervisor:which_children(vbeam_port_driver_sup) catch exit:_ -> [] end,
    _ = [catch gen_server:call(Driver, flush, 5000) || {_, Driver, _, _} <- Drivers],
    case vbeam_boot:is_program() of
        true -> leave_streams();
        false -> drain_serial()
    end,
    vbeam_hw:power_off(Status);
handle_info(_Other, State) ->
    {noreply, State}.

%% Whoever reads what was written has it, and the terminal is as it was.
leave_streams() ->
    _ = catch vbeam_streams:drain(),
    _ = catch vbeam_streams:terminal_mode(0, found),
    true.

drain_serial() ->
    _ = catch vbeam_serial:write(<<"power off\n">>),
    _ = catch vbeam_serial:drain(),
    true.
