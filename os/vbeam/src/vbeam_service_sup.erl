%% Services on top of the drivers: each restarts alone, drivers keep running.
-module(vbeam_service_sup).
-behaviour(supervisor).
-export([start_link/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    vbeam_hw:system_process(),
    vbeam_boot:phase(<<"child vbeam_service_sup: started">>),
    Services = [
        vbeam_power
        | [Name || Name <- [vbeam_console, vbeam_guardian], not vbeam_boot:is_program()]
    ],
    Children = [#{id => Name, start => {Name, start_link, []}} || Name <- Services],
    {ok, {#{strategy => one_for_one, intensity => 10, period => 10}, Children}}.
