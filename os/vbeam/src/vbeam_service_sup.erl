%% Services on top of the drivers: each restarts alone, drivers keep running. Intensity and ladder
%% are those of vbeam_hal_sup.
-module(vbeam_service_sup).
-behaviour(supervisor).
-export([start_link/0, names/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% What is started with the system.
-spec names() -> [atom()].
names() ->
    case vbeam_boot:is_program() of
        true -> [vbeam_power];
        false ->
            [
                vbeam_log, vbeam_power, vbeam_console, vbeam_shell, vbeam_guardian,
                vbeam_filesystem_sup, vbeam_vfs, vbeam_scheduler
            ]
    end.

init([]) ->
    vbeam_hw:system_process(),
    process_flag(priority, high),
    vbeam_boot:phase(<<"child vbeam_service_sup: started">>),
    Children = [child(Name) || Name <- names()],
    {ok, {#{strategy => one_for_one, intensity => 5000, period => 1}, Children}}.

child(vbeam_filesystem_sup = Name) -> vbeam_ladder:child(Name, supervisor);
child(Name) -> vbeam_ladder:child(Name).
