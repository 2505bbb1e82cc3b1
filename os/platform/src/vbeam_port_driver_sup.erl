%% The processes behind open ports. One that dies has closed its port: nobody could use the next.
-module(vbeam_port_driver_sup).
-behaviour(supervisor).
-export([start_link/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    vbeam_hw:system_process(),
    Child = #{
        id => driver,
        start => {vbeam_port_driver, start_link, []},
        restart => temporary,
        shutdown => 5000
    },
    {ok, {#{strategy => simple_one_for_one}, [Child]}}.
