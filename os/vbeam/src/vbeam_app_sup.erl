%% Applications: each is restarted when it crashes and left alone when it ends normally.
-module(vbeam_app_sup).
-behaviour(supervisor).
-export([start_link/0, start_application/1]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

-spec start_application({module(), atom(), [term()]}) -> supervisor:startchild_ret().
start_application(Call) ->
    supervisor:start_child(?MODULE, [Call]).

init([]) ->
    vbeam_boot:phase(<<"child vbeam_app_sup: started">>),
    Child = #{
        id => application,
        start => {vbeam_app, start_link, []},
        restart => transient,
        shutdown => 5000
    },
    {ok, {#{strategy => simple_one_for_one, intensity => 3, period => 10}, [Child]}}.
