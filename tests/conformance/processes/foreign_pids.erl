%% Pids, ports and references of other nodes, and of former lives of this one (its name with another
%% creation): nobody answers to them, and functions tell them from those of this node.
-module(foreign_pids).
-export([cases/0]).

pid(Node, Creation) -> binary_to_term(<<131, 88, 119, (byte_size(Node)), Node/binary, 40:32, 0:32, Creation:32>>).
port(Node, Creation) -> binary_to_term(<<131, 89, 119, (byte_size(Node)), Node/binary, 5:32, Creation:32>>).
reference(Node, Creation) -> binary_to_term(<<131, 90, 3:16, 119, (byte_size(Node)), Node/binary, Creation:32, 5:32, 6:32, 7:32>>).
old_pid(Node, Creation) -> binary_to_term(<<131, 103, 119, (byte_size(Node)), Node/binary, 40:32, 0:32, Creation>>).
old_reference(Node, Creation) -> binary_to_term(<<131, 101, 119, (byte_size(Node)), Node/binary, 5:32, Creation>>).

%% The same identifier with another creation.
other(P) when is_pid(P) ->
    Bytes = term_to_binary(P),
    Length = byte_size(Bytes) - 4,
    <<Start:Length/binary, Creation:32>> = Bytes,
    binary_to_term(<<Start/binary, (Creation bxor 1):32>>);
other(R) when is_reference(R) ->
    <<131, 90, N:16, 100, L:16, Name:L/binary, Creation:32, Ids/binary>> = term_to_binary(R),
    binary_to_term(<<131, 90, N:16, 100, L:16, Name/binary, (Creation bxor 1):32, Ids/binary>>).

flush() -> receive M -> [shape(M) | flush()] after 30 -> [] end.
shape({T, R, K, _, Why}) when is_reference(R) -> {T, K, Why};
shape({'EXIT', P, Why}) -> {'EXIT', is_pid(P), Why};
shape(M) -> M.

cases() -> own() ++ [{Name ++ " of " ++ Whose, fun() -> process_flag(trap_exit, true), X = F(N, C), {X, flush()} end} ||
    {Whose, N, C} <- [{"a former life", <<"nonode@nohost">>, 77}, {"another node", <<"a@b">>, 3}],
    {Name, F} <- asks()].

own() ->
    [{"equal", fun() -> [{other(X) =:= X, other(X) == X, other(other(X)) =:= X} || X <- [self(), make_ref()]] end},
     {"ordered", fun() -> lists:sort([other(self()), self()]) =:= [self(), other(self())] end},
     {"node", fun() -> [node(other(X)) || X <- [self(), make_ref()]] end},
     {"sent to", fun() -> {other(self()) ! x, flush()} end},
     {"an alias", fun() -> A = alias(), other(A) ! x, {flush(), unalias(other(A)), unalias(A)} end},
     {"a monitor", fun() -> R = monitor(process, whereis(init)), {demonitor(other(R), [info]), demonitor(R, [info])} end},
     {"a timer", fun() -> R = erlang:send_after(10000, self(), x), {erlang:cancel_timer(other(R)), is_integer(erlang:cancel_timer(R))} end},
     {"killed", fun() -> {exit(other(self()), kill), flush()} end},
     {"of old forms", fun() -> [{old_pid(<<"nonode@nohost">>, C) =:= old_pid(<<"nonode@nohost">>, 0), old_reference(<<"nonode@nohost">>, C) =:= old_reference(<<"nonode@nohost">>, 0)} || C <- [0, 1, 3]] end},
     {"a key of a map", fun() -> S = self(), O = other(S), #{O := X} = #{S => mine, O => other}, X end}].

asks() ->
    [{"kinds", fun(N, C) -> {is_pid(pid(N, C)), is_port(port(N, C)), is_reference(reference(N, C)), is_pid(old_pid(N, 2))} end},
     {"node", fun(N, C) -> {node(pid(N, C)), node(port(N, C)), node(reference(N, C))} end},
     {"bytes", fun(N, C) -> [begin B = term_to_binary(X), {B, binary_to_term(B) =:= X} end || X <- [pid(N, C), port(N, C), reference(N, C), old_pid(N, 2), old_reference(N, 3)]] end},
     {"monitor", fun(N, C) -> is_reference(monitor(process, pid(N, C))) end},
     {"monitor with a tag", fun(N, C) -> is_reference(monitor(process, pid(N, C), [{tag, gone}])) end},
     {"monitor with an alias", fun(N, C) -> R = monitor(process, pid(N, C), [{alias, explicit_unalias}]), R ! a, _ = process_info(self(), status), unalias(R) end},
     {"monitor a port", fun(N, C) -> is_reference(monitor(port, port(N, C))) end},
     {"link", fun(N, C) -> link(pid(N, C)) end},
     {"link, not trapping", fun(N, C) -> {P, R} = spawn_monitor(fun() -> link(pid(N, C)), receive after 100 -> ok end end), receive {'DOWN', R, process, P, X} -> X end end},
     {"link a port", fun(N, C) -> link(port(N, C)) end},
     {"unlink", fun(N, C) -> unlink(pid(N, C)) end},
     {"unlink a port", fun(N, C) -> unlink(port(N, C)) end},
     {"exit", fun(N, C) -> exit(pid(N, C), x) end},
     {"exit of a port", fun(N, C) -> exit(port(N, C), x) end},
     {"send", fun(N, C) -> pid(N, C) ! a end},
     {"send to a port", fun(N, C) -> port(N, C) ! a end},
     {"send/3 to a port", fun(N, C) -> erlang:send(port(N, C), a, []) end},
     {"send to an alias", fun(N, C) -> reference(N, C) ! a end},
     {"is_process_alive", fun(N, C) -> is_process_alive(pid(N, C)) end},
     {"process_info/1", fun(N, C) -> process_info(pid(N, C)) end},
     {"process_info/2", fun(N, C) -> process_info(pid(N, C), status) end},
     {"suspend_process", fun(N, C) -> erlang:suspend_process(pid(N, C)) end},
     {"resume_process", fun(N, C) -> erlang:resume_process(pid(N, C)) end},
     {"demonitor", fun(N, C) -> demonitor(reference(N, C), [info]) end},
     {"unalias", fun(N, C) -> unalias(reference(N, C)) end},
     {"port_close", fun(N, C) -> port_close(port(N, C)) end},
     {"port_info", fun(N, C) -> erlang:port_info(port(N, C)) end},
     {"port_info of an item", fun(N, C) -> erlang:port_info(port(N, C), id) end},
     {"register", fun(N, C) -> register(foreign_name, pid(N, C)) end},
     {"register a port", fun(N, C) -> register(foreign_name, port(N, C)) end},
     {"cancel_timer", fun(N, C) -> erlang:cancel_timer(reference(N, C)) end},
     {"read_timer", fun(N, C) -> erlang:read_timer(reference(N, C)) end},
     {"garbage_collect", fun(N, C) -> garbage_collect(pid(N, C)) end},
     {"check_process_code", fun(N, C) -> check_process_code(pid(N, C), lists) end},
     {"spawn_request_abandon", fun(N, C) -> spawn_request_abandon(reference(N, C)) end},
     {"trace", fun(N, C) -> erlang:trace(pid(N, C), true, [send]) end}].
