%% The shell below a supervisor of its own: one that dies again and again takes nothing with it.
-module(vbeam_shell_sup).
-behaviour(supervisor).
-export([start_link/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    vbeam_boot:phase(<<"child vbeam_shell_sup: started">>),
    Children = [#{id => vbeam_shell, start => {vbeam_shell, start_link, []}}],
    {ok, {#{strategy => one_for_one, intensity => 10, period => 10}, Children}}.
