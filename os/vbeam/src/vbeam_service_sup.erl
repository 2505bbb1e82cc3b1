%% Services on top of the drivers: each restarts alone, drivers keep running.
-module(vbeam_service_sup).
-behaviour(supervisor).
-export([start_link/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    vbeam_boot:phase(<<"child vbeam_service_sup: started">>),
    Children = [
        #{id => vbeam_power, start => {vbeam_power, start_link, []}},
        #{id => vbeam_console, start => {vbeam_console, start_link, []}},
        #{id => user, start => {vbeam_user, start_link, [user]}},
        #{id => standard_error, start => {vbeam_user, start_link, [standard_error]}},
        #{id => logger_sup, start => {logger_sup, start_link, []}, type => supervisor,
          shutdown => infinity}
    ],
    {ok, {#{strategy => one_for_one, intensity => 10, period => 10}, Children}}.
