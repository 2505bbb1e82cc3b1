%% One application: a process that runs a function. vbeam_system is told of every start, so that it
%% knows the end from a restart.
-module(vbeam_app).
-export([start_link/1, init/2]).

-spec start_link({module(), atom(), [term()]}) -> {ok, pid()} | {error, term()}.
start_link(Call) ->
    proc_lib:start_link(?MODULE, init, [self(), Call]).

init(Parent, {Module, Function, Arguments}) ->
    _ = group_leader(whereis(user), self()),
    vbeam_system ! {application_started, self()},
    proc_lib:init_ack(Parent, {ok, self()}),
    apply(Module, Function, Arguments).
