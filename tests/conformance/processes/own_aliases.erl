%% Messages that a process sends itself through an alias: what becomes of them when the alias ends
%% before they are fetched, and what fetches them.
-module(own_aliases).
-export([cases/0, w/0, echo/0]).

w() -> receive stop -> ok end.
echo() -> receive {From, X} -> From ! {self(), X} end.

flush() -> receive M -> [M | flush()] after 30 -> [] end.

monitored(Mode, F) ->
    P = spawn(?MODULE, w, []),
    R = monitor(process, P, [{alias, Mode}]),
    X = F(R),
    exit(P, kill),
    {X, [M || M <- flush(), not is_tuple(M)]}.

cases() -> ends() ++ fetched() ++ order().

ends() ->
    [{"unalias", fun() -> A = alias(), A ! a, {unalias(A), flush()} end},
     {"unalias, twice", fun() -> A = alias(), A ! a, {unalias(A), unalias(A), flush()} end},
     {"unalias of another alias", fun() -> A = alias(), B = alias(), A ! a, B ! b, {unalias(A), flush(), unalias(B)} end},
     {"a large message", fun() -> A = alias(), A ! lists:seq(1, 20000), {unalias(A), flush()} end},
     {"a binary", fun() -> A = alias(), A ! binary:copy(<<1>>, 100000), {unalias(A), flush()} end},
     {"reply", fun() -> A = alias([reply]), A ! a, A ! b, {unalias(A), flush()} end},
     {"reply, received", fun() -> A = alias([reply]), A ! a, A ! b, M = receive X -> X end, {M, unalias(A), flush()} end},
     {"demonitor", fun() -> monitored(demonitor, fun(R) -> R ! a, demonitor(R) end) end},
     {"demonitor, info", fun() -> monitored(demonitor, fun(R) -> R ! a, demonitor(R, [info]) end) end},
     {"demonitor, flush", fun() -> monitored(demonitor, fun(R) -> R ! a, demonitor(R, [flush, info]) end) end},
     {"demonitor of an explicit one", fun() -> monitored(explicit_unalias, fun(R) -> R ! a, X = demonitor(R), {X, flush(), unalias(R)} end) end},
     {"reply_demonitor", fun() -> monitored(reply_demonitor, fun(R) -> R ! a, R ! b, demonitor(R, [info]) end) end},
     {"reply_demonitor, received", fun() -> monitored(reply_demonitor, fun(R) -> R ! a, R ! b, receive a -> ok end, {demonitor(R, [info]), unalias(R)} end) end},
     {"an exit with messages that wait", fun() -> {P, R} = spawn_monitor(fun() -> A = alias(), A ! a, A ! [b], self() ! c, exit(done) end), receive {'DOWN', R, process, P, X} -> X end end},
     {"an error with messages that wait", fun() -> {P, R} = spawn_monitor(fun() -> A = alias(), A ! a, A ! [b], throw(x) end), receive {'DOWN', R, process, P, {X, _}} -> X end end}].

fetched() ->
    Lives = fun(F) -> fun() -> A = alias(), A ! a, X = F(), {X, unalias(A), flush()} end end,
    [{"message_queue_len", Lives(fun() -> process_info(self(), message_queue_len) end)},
     {"messages", Lives(fun() -> process_info(self(), messages) end)},
     {"a list of items", Lives(fun() -> process_info(self(), [trap_exit, message_queue_len]) end)},
     {"another item", Lives(fun() -> process_info(self(), trap_exit) end)},
     {"the queue of another", Lives(fun() -> P = spawn(?MODULE, w, []), X = process_info(P, message_queue_len), exit(P, kill), X end)},
     {"process_info/1", Lives(fun() -> length(process_info(self())) > 0 end)},
     {"is_process_alive of another", Lives(fun() -> P = spawn(?MODULE, w, []), X = is_process_alive(P), exit(P, kill), X end)},
     {"is_process_alive of oneself", Lives(fun() -> is_process_alive(self()) end)},
     {"flags", Lives(fun() -> process_flag(trap_exit, true) end)},
     {"a receive that finds nothing", Lives(fun() -> receive nothing -> ok after 0 -> none end end)},
     {"a receive without patterns", Lives(fun() -> receive after 5 -> none end end)},
     {"yield", Lives(fun() -> erlang:yield() end)},
     {"a message sent behind", Lives(fun() -> self() ! b, receive b -> ok end end)},
     {"garbage_collect", Lives(fun() -> erlang:garbage_collect() end)},
     {"flush of another monitor", Lives(fun() -> demonitor(make_ref(), [flush]) end)},
     {"register", Lives(fun() -> register(own_alias_name, self()), unregister(own_alias_name) end)},
     {"a message sent before", fun() -> A = alias(), self() ! x, A ! a, receive x -> ok end, {unalias(A), flush()} end},
     {"a message fetched before", fun() -> A = alias(), self() ! x, self() ! y, _ = process_info(self(), message_queue_len), A ! a, receive x -> ok end, {unalias(A), flush()} end},
     {"one of each", fun() -> A = alias(), self() ! x, _ = process_info(self(), message_queue_len), self() ! y, A ! a, receive y -> ok end, {unalias(A), flush()} end},
     {"a message of another", fun() -> A = alias(), S = self(), spawn(fun() -> A ! hello, S ! done end), receive done -> ok end, {unalias(A), flush()} end},
     {"hibernate", fun() -> S = self(), P = spawn(fun() -> A = alias(), A ! {S, x}, erlang:hibernate(?MODULE, echo, []) end), receive {P, X} -> X after 1000 -> exit(P, kill), none end end}].

order() ->
    [{"plain and alias", fun() -> A = alias(), self() ! 1, A ! 2, self() ! 3, A ! 4, X = flush(), unalias(A), X end},
     {"those of an alias that has ended fall out", fun() -> A = alias(), B = alias(), self() ! 1, A ! 2, self() ! 3, B ! 4, A ! 5, [6] = (self() ! [6]), unalias(A), X = flush(), unalias(B), X end},
     {"100 messages", fun() -> A = alias(), B = alias(), [begin A ! I, B ! -I, self() ! {I} end || I <- lists:seq(1, 100)], unalias(B), X = flush(), unalias(A), X end},
     {"a marked receive", fun() -> A = alias(), A ! a, R = make_ref(), A ! {R, b}, X = receive {R, Y} -> Y end, {X, unalias(A), flush()} end},
     {"a tail that outlives its alias", fun() -> A = alias(), A ! a, unalias(A), B = alias(), B ! b, self() ! c, X = flush(), unalias(B), X end},
     {"sent with send/3", fun() -> A = alias(), erlang:send(A, a, [nosuspend]), {unalias(A), flush()} end},
     {"a monitor that fires behind", fun() -> A = alias(), A ! a, R = monitor(process, no_such_name), receive {'DOWN', R, _, _, X} -> ok end, {X, unalias(A), flush()} end}].
