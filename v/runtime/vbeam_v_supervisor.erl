%% A supervisor whose flags and children V code gives when it starts it.
-module(vbeam_v_supervisor).
-behaviour(supervisor).

-export([start_link/2, start_link/3, init/1]).

start_link(Flags, Children) -> supervisor:start_link(?MODULE, {Flags, Children}).

start_link(Name, Flags, Children) ->
    supervisor:start_link({local, Name}, ?MODULE, {Flags, Children}).

init(Start) -> {ok, Start}.
