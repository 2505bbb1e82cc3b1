%% Drivers: each restarts alone.
-module(vbeam_hal_sup).
-behaviour(supervisor).
-export([start_link/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    vbeam_hw:system_process(),
    vbeam_boot:phase(<<"child vbeam_hal_sup: started">>),
    Drivers =
        case vbeam_boot:is_program() of
            true -> [vbeam_streams];
            false -> [vbeam_serial, vbeam_watchdog]
        end,
    Children = [
        #{id => Name, start => {Name, start_link, []}, shutdown => 5000}
     || Name <- Drivers
    ],
    {ok, {#{strategy => one_for_one, intensity => 10, period => 10}, Children}}.
