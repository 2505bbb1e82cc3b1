%% Drivers: each restarts alone, and what keeps failing climbs the ladder of vbeam_ladder. The
%% intensity is far above what an operator or a test that kills drivers does; it stops what fails
%% faster than the ladder counts.
-module(vbeam_hal_sup).
-behaviour(supervisor).
-export([start_link/0, names/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% What is started with the system; vbeam_pci starts those of the devices that it finds.
-spec names() -> [atom()].
names() ->
    case vbeam_boot:is_program() of
        true -> [vbeam_streams];
        false -> [vbeam_serial, vbeam_pci, vbeam_watchdog, vbeam_block_sup]
    end.

init([]) ->
    vbeam_hw:system_process(),
    process_flag(priority, high),
    vbeam_boot:phase(<<"child vbeam_hal_sup: started">>),
    Children = [child(Name) || Name <- names()],
    {ok, {#{strategy => one_for_one, intensity => 5000, period => 1}, Children}}.

child(vbeam_block_sup = Name) -> vbeam_ladder:child(Name, supervisor);
child(Name) -> vbeam_ladder:child(Name).
