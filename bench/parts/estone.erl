%% OTP's estone benchmark, whose module the user names: all parts but the one that needs an external
%% program. Shows {estone, MicrosecondsOfAll, [{Title, Microseconds}]}.
-module(estone).
-export([run/0]).

run() ->
    Parts = [Part || Part <- estone_SUITE:micros(), element(2, Part) =/= port_io],
    Times = [time(Part) || Part <- Parts],
    {estone, lists:sum([T || {_, T} <- Times]), Times}.

time(Part) ->
    Pid = spawn(estone_SUITE, run_micro, [self(), Part, "."]),
    Result = receive {Pid, Reply} -> Reply end,
    {proplists:get_value(title, Result), proplists:get_value(microsecs, Result)}.
