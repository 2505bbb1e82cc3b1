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
    process_flag(priority, max),
    vbeam_boot:phase(<<"child vbeam_power: started">>),
    {ok, none}.

handle_call(_Request, _From, State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

%% Sent by the VM for halt(Status).
handle_info({halt, Status}, _State) ->
    %% Whoever still has something to print gets its turn: requests in the console's mailbox come
    %% before this one.
    _ = catch gen_server:call(vbeam_console, flush, 5000),
    _ = catch vbeam_serial:write(<<"power off\n">>),
    _ = catch vbeam_serial:drain(),
    vbeam_hw:power_off(Status);
handle_info(_Other, State) ->
    {noreply, State}.
