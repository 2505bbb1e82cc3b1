%% Ports: the processes that drive them, and the one that finds a driver for a new port. It stands
%% beside the root supervisor: a shell's terminal outlives drivers and services.
-module(vbeam_port_sup).
-behaviour(supervisor).
-export([start_link/0, below/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% Registered names of this tree.
-spec below() -> [atom()].
below() ->
    [vbeam_port_driver_sup, vbeam_port_server, ?MODULE].

init([]) ->
    vbeam_hw:system_process(),
    vbeam_boot:phase(<<"child vbeam_port_sup: started">>),
    Children = [
        #{id => vbeam_port_driver_sup, start => {vbeam_port_driver_sup, start_link, []},
          type => supervisor, shutdown => infinity},
        #{id => vbeam_port_server, start => {vbeam_port_server, start_link, []}}
    ],
    {ok, {#{strategy => one_for_one, intensity => 10, period => 10}, Children}}.
