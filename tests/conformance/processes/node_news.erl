%% Subscriptions to news of nodes are counted, for each set of options on its own.
-module(node_news).
-export([cases/0]).

cases() ->
    [{"on and off", fun() -> flags([{monitor_nodes, V} || V <- [true, true, true, false, false, true, false]]) end},
     {"sets of options", fun() -> [flags([{{monitor_nodes, O}, true}, {{monitor_nodes, O}, true}]) || O <- options()] end},
     {"the same set", fun() -> flags([{monitor_nodes, true}, {{monitor_nodes, []}, true}, {{monitor_nodes, #{list => true}}, true}, {{monitor_nodes, #{}}, true}, {{monitor_nodes, #{nodedown_reason => false}}, true}, {monitor_nodes, false}, {{monitor_nodes, #{connection_id => false}}, false}]) end},
     {"each process has its own", fun() -> process_flag(monitor_nodes, true), {P, R} = spawn_monitor(fun() -> exit(process_flag(monitor_nodes, true)) end), receive {'DOWN', R, _, P, X} -> {X, process_flag(monitor_nodes, false)} end end},
     {"net_kernel's function", fun() -> [net_kernel:monitor_nodes(V, O) || V <- [true, false, x], O <- [[], [nodedown_reason], [{node_type, hidden}], [connection_id], [foo]]] end},
     {"no aliases", fun() -> process_flag(monitor_nodes, true), A = alias(), A ! a, X = process_info(self(), monitors), process_flag(monitor_nodes, false), {X, unalias(A)} end}] ++
    [{lists:flatten(io_lib:format("~w ~w", [F, V])), fun() -> process_flag(F, V) end} ||
        {F, V} <- [{monitor_nodes, x}, {monitor_nodes, 1}, {{monitor_nodes, foo}, true}, {{monitor_nodes, [foo]}, true}, {{monitor_nodes, #{}}, x}, {{monitor_nodes, #{foo => true}}, true}, {{monitor_nodes, #{list => false}}, true}, {{monitor_nodes, #{node_type => x}}, true}, {{monitor_nodes, #{nodedown_reason => x}}, true}, {{monitor_nodes, #{connection_id => x}}, true}, {{monitor_nodes, #{}, x}, true}, {{monitor_nodes}, true}]].

flags(Settings) -> [process_flag(F, V) || {F, V} <- Settings].
options() -> [#{list => true}, #{}, #{node_type => visible}, #{node_type => hidden}, #{node_type => all}, #{nodedown_reason => true}, #{connection_id => true, nodedown_reason => true, node_type => all}].
