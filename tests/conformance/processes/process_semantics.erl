%% What processes do to each other: exit reasons in all combinations, links, monitors in all forms,
%% aliases, names, group leaders, flags, suspending, spawning with options.
-module(process_semantics).
-export([cases/0, w/0, ex/1, echo/0]).

w() -> receive stop -> ok end.
ex(Reason) -> exit(Reason).
echo() -> receive {From, X} -> From ! {self(), X}, echo() end.

flush() -> receive M -> [M | flush()] after 30 -> [] end.

%% How a process that is sent an exit signal takes it: the reason of its end, or what it received.
struck(Trap, Hit) ->
    S = self(),
    {P, R} = spawn_monitor(fun() ->
        process_flag(trap_exit, Trap),
        S ! ready,
        receive M -> exit({got, shape(M)}) after 100 -> exit(survived) end
    end),
    receive ready -> ok end,
    Hit(P),
    receive {'DOWN', R, process, P, Reason} -> Reason end.

shape({'EXIT', P, Reason}) when is_pid(P) -> {'EXIT', pid, Reason};
shape(M) -> M.

reasons() -> [normal, kill, killed, shutdown, {shutdown, x}, other, {bad, [1, 2]}, noproc].

exit_signals() ->
    [{lists:flatten(io_lib:format("exit/2 ~w, trap_exit ~w", [Reason, Trap])),
      fun() -> struck(Trap, fun(P) -> exit(P, Reason) end) end} || Reason <- reasons(), Trap <- [true, false]] ++
    [{lists:flatten(io_lib:format("a linked process exits ~w, trap_exit ~w", [Reason, Trap])),
      fun() -> struck(Trap, fun(P) -> spawn(fun() -> link(P), exit(Reason) end) end) end} || Reason <- reasons(), Trap <- [true, false]] ++
    [{lists:flatten(io_lib:format("exit/2 to oneself ~w, trap_exit ~w", [Reason, Trap])),
      fun() -> ended(fun() -> process_flag(trap_exit, Trap), exit(self(), Reason), receive M -> exit({got, shape(M)}) after 50 -> exit(survived) end end) end} || Reason <- reasons(), Trap <- [true, false]] ++
    [{lists:flatten(io_lib:format("exit/1 ~w seen by a link and a monitor", [Reason])),
      fun() -> process_flag(trap_exit, true), {P, R} = spawn_opt(?MODULE, ex, [Reason], [link, monitor]), A = receive {'EXIT', P, X} -> X end, B = receive {'DOWN', R, process, P, Y} -> Y end, {A, B} end} || Reason <- reasons()] ++
    [{lists:flatten(io_lib:format("error ~w without a catch", [Class])), fun() -> element(1, ended(F)) end} ||
        {Class, F} <- [{error, fun() -> error(x) end}, {badmatch, fun() -> 1 = hd([2]) end}, {undef, fun() -> nomod:f() end}, {badarg, fun() -> atom_to_list(hd([1])) end}, {throw, fun() -> throw(x) end}]] ++
    [{"exit/2 of no pid", fun() -> exit(foo, x) end},
     {"exit/2 of a dead process", fun() -> exit(dead(), x) end},
     {"kill goes through links as killed", fun() -> process_flag(trap_exit, true), P = spawn_link(?MODULE, w, []), exit(P, kill), receive {'EXIT', P, R} -> R end end},
     {"a chain of links", fun() -> ended(fun() -> spawn_link(fun() -> spawn_link(fun() -> exit(deep) end), w() end), w() end) end},
     {"normal ends do not travel", fun() -> ended(fun() -> spawn_link(fun() -> ok end), receive after 20 -> exit(lived) end end) end}].

ended(F) ->
    {P, R} = spawn_monitor(F),
    receive {'DOWN', R, process, P, Reason} -> Reason end.
dead() ->
    {P, R} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', R, process, P, _} -> P end.

links() ->
    [{"link to oneself", fun() -> {link(self()), element(2, process_info(self(), links))} end},
     {"link twice", fun() -> P = spawn(?MODULE, w, []), link(P), link(P), L = length(element(2, process_info(P, links))), unlink(P), {L, process_info(P, links)} end},
     {"link to a dead process", fun() -> ended(fun() -> link(dead()), receive after 20 -> survived end end) end},
     {"link to a dead process, trapping", fun() -> process_flag(trap_exit, true), D = dead(), true = link(D), receive {'EXIT', D, R} -> R end end},
     {"unlink takes back", fun() -> process_flag(trap_exit, true), P = spawn_link(?MODULE, w, []), unlink(P), exit(P, boom), flush() end},
     {"unlink of a dead process", fun() -> unlink(dead()) end},
     {"link of no pid", fun() -> link(foo) end},
     {"unlink of no pid", fun() -> unlink(foo) end},
     {"both linked, both die", fun() -> S = self(), {A, R} = spawn_monitor(fun() -> B = spawn_link(fun() -> w() end), S ! {b, B}, w() end), B = receive {b, X} -> X end, R2 = monitor(process, B), exit(A, out), [receive {'DOWN', Ref, _, _, Why} -> Why end || Ref <- [R, R2]] end},
     {"100 links", fun() -> process_flag(trap_exit, true), Ps = [spawn_link(?MODULE, ex, [I]) || I <- lists:seq(1, 100)], lists:sum([receive {'EXIT', P, I} -> I end || P <- Ps]) end}].

monitors() ->
    D = fun(R) -> receive {'DOWN', R, T, O, Why} -> {T, O, Why} end end,
    [{"monitor a pid", fun() -> P = spawn(?MODULE, w, []), R = monitor(process, P), P ! stop, D(R) end},
     {"monitor a name", fun() -> P = spawn(?MODULE, w, []), register(mon_name, P), R = monitor(process, mon_name), P ! stop, D(R) end},
     {"monitor a name here", fun() -> P = spawn(?MODULE, w, []), register(mon_name, P), R = monitor(process, {mon_name, node()}), P ! stop, D(R) end},
     {"monitor no name", fun() -> D(monitor(process, no_such_name)) end},
     {"monitor no name here", fun() -> D(monitor(process, {no_such_name, node()})) end},
     {"monitor another node", fun() -> catch monitor(process, {x, 'a@b'}) end},
     {"monitor a dead process", fun() -> D(monitor(process, dead())) end},
     {"monitor oneself", fun() -> R = monitor(process, self()), {is_reference(R), flush()} end},
     {"monitor twice", fun() -> P = spawn(?MODULE, w, []), R1 = monitor(process, P), R2 = monitor(process, P), P ! stop, {R1 =:= R2, D(R1), D(R2)} end},
     {"demonitor", fun() -> P = spawn(?MODULE, w, []), R = monitor(process, P), X = demonitor(R), P ! stop, {X, flush()} end},
     {"demonitor flush", fun() -> R = monitor(process, dead()), receive after 10 -> ok end, {demonitor(R, [flush]), flush()} end},
     {"demonitor info", fun() -> P = spawn(?MODULE, w, []), R = monitor(process, P), A = demonitor(R, [info]), B = demonitor(R, [info]), exit(P, kill), {A, B} end},
     {"demonitor flush and info", fun() -> R = monitor(process, dead()), receive after 10 -> ok end, {demonitor(R, [flush, info]), flush()} end},
     {"demonitor of no reference", fun() -> demonitor(x) end},
     {"demonitor of any reference", fun() -> demonitor(make_ref()) end},
     {"demonitor with a bad option", fun() -> demonitor(make_ref(), [foo]) end},
     {"monitor with a tag", fun() -> R = monitor(process, dead(), [{tag, {my, tag}}]), receive {{my, tag}, R, T, _, Why} -> {T, Why} end end},
     {"monitor with options that are none", fun() -> monitor(process, self(), [foo]) end},
     {"monitor with a bad alias mode", fun() -> monitor(process, self(), [{alias, foo}]) end},
     {"monitor of something else", fun() -> monitor(foo, self()) end},
     {"monitor of no process", fun() -> monitor(process, 17) end},
     {"monitors in process_info", fun() -> P = spawn(?MODULE, w, []), R = monitor(process, P), A = process_info(self(), monitors), B = process_info(P, monitored_by), demonitor(R), exit(P, kill), {A, B} end},
     {"alias explicit_unalias", fun() -> alias_life(explicit_unalias) end},
     {"alias demonitor", fun() -> alias_life(demonitor) end},
     {"alias reply_demonitor", fun() -> alias_life(reply_demonitor) end},
     {"alias ends with the monitored process", fun() -> P = spawn(?MODULE, w, []), R = monitor(process, P, [{alias, demonitor}]), P ! stop, D(R), R ! late, flush() end},
     {"explicit alias outlives the process", fun() -> P = spawn(?MODULE, w, []), R = monitor(process, P, [{alias, explicit_unalias}]), P ! stop, D(R), R ! late, X = flush(), unalias(R), X end},
     {"alias/0", fun() -> R = alias(), R ! a, R ! b, X = flush(), {X, unalias(R), unalias(R)} end},
     {"alias reply", fun() -> R = alias([reply]), R ! a, R ! b, flush() end},
     {"alias with a bad option", fun() -> alias([foo]) end},
     {"unalias of another's alias", fun() -> R = alias(), S = self(), spawn(fun() -> S ! {u, catch unalias(R)} end), X = receive {u, Y} -> Y end, R ! still, Z = flush(), {X, Z} end},
     {"alias from another process", fun() -> R = alias(), spawn(fun() -> R ! hello end), receive hello -> unalias(R) end end}].

alias_life(Mode) ->
    P = spawn(?MODULE, echo, []),
    R = monitor(process, P, [{alias, Mode}]),
    R ! one,
    A = flush(),
    R ! two,
    B = flush(),
    X = demonitor(R, [info]),
    R ! three,
    C = flush(),
    Y = unalias(R),
    R ! four,
    exit(P, kill),
    {A, B, X, C, Y, flush()}.

names() ->
    [{"register, whereis, unregister", fun() -> P = spawn(?MODULE, w, []), A = register(n1, P), B = whereis(n1) =:= P, C = lists:member(n1, registered()), D = process_info(P, registered_name), E = unregister(n1), F = {whereis(n1), process_info(P, registered_name)}, exit(P, kill), {A, B, C, D, E, F} end},
     {"register twice", fun() -> P = spawn(?MODULE, w, []), register(n1, P), X = (catch register(n2, P)), unregister(n1), exit(P, kill), element(1, X) end},
     {"a name that is taken", fun() -> P = spawn(?MODULE, w, []), Q = spawn(?MODULE, w, []), register(n1, P), X = (catch register(n1, Q)), exit(P, kill), exit(Q, kill), element(1, X) end},
     {"a dead process", fun() -> register(n1, dead()) end},
     {"undefined is no name", fun() -> register(undefined, self()) end},
     {"true is a name", fun() -> register(true, self()), X = whereis(true) =:= self(), unregister(true), X end},
     {"no atom", fun() -> register("x", self()) end},
     {"no pid", fun() -> register(n1, x) end},
     {"unregister of no name", fun() -> unregister(no_such_name) end},
     {"whereis of no atom", fun() -> whereis(1) end},
     {"a name ends with its process", fun() -> {P, R} = spawn_monitor(?MODULE, w, []), register(n1, P), P ! stop, receive {'DOWN', R, _, _, _} -> whereis(n1) end end},
     {"send to no name", fun() -> no_such_name ! x end},
     {"send to no name here", fun() -> {no_such_name, node()} ! x end},
     {"send to nothing", fun() -> 17 ! x end},
     {"send to a bad tuple", fun() -> {1, 2} ! x end},
     {"send returns the message", fun() -> {self() ! {a, b}, flush()} end},
     {"send/3", fun() -> {erlang:send(self(), x, [noconnect, nosuspend]), flush()} end},
     {"send/3 bad option", fun() -> erlang:send(self(), x, [foo]) end},
     {"order of messages from one sender", fun() -> S = self(), spawn(fun() -> [S ! I || I <- lists:seq(1, 50)], S ! done end), receive done -> ok end, flush() =:= lists:seq(1, 50) end},
     {"a message before an exit", fun() -> process_flag(trap_exit, true), S = self(), P = spawn_link(fun() -> S ! first, exit(second) end), receive after 20 -> ok end, [case M of {'EXIT', P, X} -> X; X -> X end || M <- flush()] end}].

leaders() ->
    [{"group leader is inherited", fun() -> P = spawn(?MODULE, w, []), spawn_with(P) end},
     {"group_leader/2", fun() -> P = spawn(?MODULE, w, []), L = spawn(?MODULE, w, []), A = group_leader(L, P), B = process_info(P, group_leader) =:= {group_leader, L}, [exit(X, kill) || X <- [P, L]], {A, B} end},
     {"group_leader of a dead process", fun() -> group_leader(self(), dead()) end},
     {"group_leader no pid", fun() -> group_leader(foo, self()) end},
     {"group_leader no process", fun() -> group_leader(self(), foo) end}].
spawn_with(P) ->
    L = group_leader(),
    group_leader(P, self()),
    S = self(),
    spawn(fun() -> S ! {leader, group_leader()} end),
    R = receive {leader, X} -> X =:= P end,
    group_leader(L, self()),
    exit(P, kill),
    R.

flags() ->
    Flag = fun(F, V) -> fun() -> A = process_flag(F, V), B = process_flag(F, V), {A, B} end end,
    [{"trap_exit", Flag(trap_exit, true)}, {"priority high", Flag(priority, high)}, {"priority low", Flag(priority, low)}, {"priority max", Flag(priority, max)},
     {"message_queue_data", Flag(message_queue_data, off_heap)}, {"fullsweep_after", Flag(fullsweep_after, 10)}, {"max_heap_size", Flag(max_heap_size, 1000000)},
     {"max_heap_size map", Flag(max_heap_size, #{size => 1000000, kill => false})}, {"error_handler", Flag(error_handler, my_handler)}, {"sensitive", Flag(sensitive, true)},
     {"save_calls", Flag(save_calls, 10)}, {"async_dist", Flag(async_dist, true)}, {"min_bin_vheap_size", fun() -> is_integer(process_flag(min_bin_vheap_size, 100000)) end}] ++
    [{lists:flatten(io_lib:format("process_flag ~p", [A])), fun() -> apply(erlang, process_flag, A) end} ||
        A <- [[trap_exit, foo], [priority, foo], [message_queue_data, foo], [fullsweep_after, -1], [fullsweep_after, a], [min_heap_size, -1], [min_heap_size, a], [max_heap_size, -1], [max_heap_size, 5], [max_heap_size, #{}], [max_heap_size, #{size => a}], [max_heap_size, #{size => 100000, kill => maybe}], [error_handler, 1], [sensitive, 1], [save_calls, -1], [save_calls, a], [save_calls, 10001], [async_dist, 1], [foo, true], [1, true]]] ++
    [{"process_flag/3 save_calls", fun() -> {process_flag(self(), save_calls, 5), process_flag(self(), save_calls, 0)} end},
     {"process_flag/3 something else", fun() -> process_flag(self(), trap_exit, true) end},
     {"process_flag/3 dead", fun() -> process_flag(dead(), save_calls, 5) end}].

infos() ->
    Items = [registered_name, status, message_queue_len, messages, links, monitors, monitored_by, trap_exit, error_handler, priority, message_queue_data, catchlevel, sequential_trace_token, suspending, dictionary, initial_call, parent, max_heap_size, fullsweep_after, trace, last_calls],
    [{lists:flatten(io_lib:format("process_info ~w of a waiting process", [I])), fun() -> info(I) end} || I <- Items] ++
    [{"kinds of the other items", fun() -> P = spawn(?MODULE, w, []), R = [{I, kind(element(2, process_info(P, I)))} || I <- [current_function, current_location, current_stacktrace, group_leader, total_heap_size, heap_size, stack_size, reductions, memory, garbage_collection, binary, backtrace, min_heap_size, min_bin_vheap_size, garbage_collection_info]], exit(P, kill), R end},
     {"process_info/1 keys", fun() -> P = spawn(?MODULE, w, []), register(pi, P), K = [element(1, X) || X <- process_info(P)], exit(P, kill), K end},
     {"process_info of a list", fun() -> P = spawn(?MODULE, w, []), X = process_info(P, [message_queue_len, status, message_queue_len, registered_name]), exit(P, kill), X end},
     {"process_info of an empty list", fun() -> process_info(self(), []) end},
     {"process_info of a dead process", fun() -> {process_info(dead()), process_info(dead(), status), process_info(dead(), [status])} end},
     {"process_info bad item", fun() -> process_info(self(), foo) end},
     {"process_info bad item in a list", fun() -> process_info(self(), [status, foo]) end},
     {"process_info of no pid", fun() -> process_info(foo, status) end},
     {"process_info of no pid, /1", fun() -> process_info(foo) end},
     {"dictionary of another", fun() -> S = self(), P = spawn(fun() -> put(a, 1), put(b, [2]), S ! ok, w() end), receive ok -> ok end, {dictionary, D} = process_info(P, dictionary), exit(P, kill), lists:sort(D) end},
     {"messages of another", fun() -> P = spawn(fun() -> receive never -> ok end end), P ! a, P ! {b, <<1:800>>}, receive after 10 -> ok end, X = process_info(P, [messages, message_queue_len]), exit(P, kill), X end},
     {"current_function", fun() -> P = spawn(?MODULE, w, []), receive after 10 -> ok end, X = process_info(P, current_function), exit(P, kill), X end},
     {"current_stacktrace", fun() -> P = spawn(?MODULE, w, []), receive after 10 -> ok end, {_, [{M, F, A, _} | _]} = process_info(P, current_stacktrace), exit(P, kill), {M, F, A} end},
     {"is_process_alive", fun() -> {is_process_alive(self()), is_process_alive(dead())} end},
     {"is_process_alive of no pid", fun() -> is_process_alive(foo) end}].
info(I) ->
    P = spawn(?MODULE, w, []),
    receive after 5 -> ok end,
    X = process_info(P, I),
    exit(P, kill),
    X.
kind(X) when is_integer(X) -> integer;
kind(X) when is_list(X) -> list;
kind(X) when is_pid(X) -> pid;
kind(X) when is_binary(X) -> binary;
kind(X) when is_tuple(X) -> {tuple, tuple_size(X)};
kind(X) -> X.

suspending() ->
    [{"suspend and resume", fun() -> P = spawn(?MODULE, echo, []), true = erlang:suspend_process(P), S = process_info(P, status), P ! {self(), x}, A = flush(), true = erlang:resume_process(P), B = flush(), exit(P, kill), {S, A, B} end},
     {"suspend counts", fun() -> P = spawn(?MODULE, echo, []), erlang:suspend_process(P), erlang:suspend_process(P), erlang:resume_process(P), A = process_info(P, status), erlang:resume_process(P), receive after 5 -> ok end, B = process_info(P, status), exit(P, kill), {A, B} end},
     {"unless_suspending", fun() -> P = spawn(?MODULE, echo, []), A = erlang:suspend_process(P, [unless_suspending]), B = erlang:suspend_process(P, [unless_suspending]), erlang:resume_process(P), receive after 5 -> ok end, C = process_info(P, status), exit(P, kill), {A, B, C} end},
     {"suspending in process_info", fun() -> P = spawn(?MODULE, echo, []), erlang:suspend_process(P), A = process_info(self(), suspending), erlang:resume_process(P), B = process_info(self(), suspending), exit(P, kill), {A, B} end},
     {"a suspender that ends resumes", fun() -> P = spawn(?MODULE, echo, []), {Q, R} = spawn_monitor(fun() -> erlang:suspend_process(P) end), receive {'DOWN', R, _, Q, _} -> ok end, P ! {self(), x}, X = receive {P, Y} -> Y after 1000 -> none end, exit(P, kill), X end},
     {"suspended processes can be killed", fun() -> {P, R} = spawn_monitor(?MODULE, w, []), erlang:suspend_process(P), exit(P, kill), receive {'DOWN', R, _, _, X} -> X after 1000 -> none end end},
     {"resume without suspend", fun() -> P = spawn(?MODULE, w, []), X = (catch erlang:resume_process(P)), exit(P, kill), element(1, X) end},
     {"suspend oneself", fun() -> erlang:suspend_process(self()) end},
     {"suspend a dead process", fun() -> erlang:suspend_process(dead()) end},
     {"suspend bad option", fun() -> erlang:suspend_process(self(), [foo]) end}].

spawning() ->
    Opt = fun(Options) -> fun() -> case spawn_opt(fun() -> ok end, Options) of P when is_pid(P) -> pid; {P, R} when is_pid(P), is_reference(R) -> {pid, reference} end end end,
    [{lists:flatten(io_lib:format("spawn_opt ~p", [O])), Opt(O)} || O <- [[], [link], [monitor], [{monitor, []}], [{monitor, [{alias, demonitor}]}], [{priority, high}], [{fullsweep_after, 0}], [{min_heap_size, 1000}], [{min_bin_vheap_size, 1000}], [{max_heap_size, 100000}], [{max_heap_size, #{size => 0}}], [{message_queue_data, off_heap}], [{async_dist, true}], [foo], [{foo, bar}], [{priority, foo}], [{fullsweep_after, -1}], [{min_heap_size, a}], [{max_heap_size, 5}], [{max_heap_size, a}], [{message_queue_data, foo}], [{monitor, foo}], [{monitor, [foo]}], [link | foo], foo]] ++
    [{"options show", fun() -> P = spawn_opt(?MODULE, w, [], [{priority, low}, {fullsweep_after, 7}, {message_queue_data, off_heap}, {max_heap_size, #{size => 100000, kill => false, error_logger => false}}]), X = [process_info(P, I) || I <- [priority, fullsweep_after, message_queue_data, max_heap_size]], exit(P, kill), X end},
     {"parent", fun() -> P = spawn(?MODULE, w, []), X = process_info(P, parent) =:= {parent, self()}, exit(P, kill), X end},
     {"initial_call", fun() -> P = spawn(?MODULE, w, []), X = process_info(P, initial_call), exit(P, kill), X end},
     {"initial_call of a fun", fun() -> P = spawn(fun() -> w() end), X = process_info(P, initial_call), exit(P, kill), X end},
     {"spawn of an undefined function", fun() -> {P, R} = spawn_monitor(nomod, f, []), receive {'DOWN', R, _, P, {X, _}} -> X end end},
     {"spawn bad arguments", fun() -> spawn(m, f, foo) end}, {"spawn bad function", fun() -> spawn(m, 1, []) end}, {"spawn bad fun", fun() -> spawn(foo) end}, {"spawn fun with arguments", fun() -> {P, R} = spawn_monitor(fun(X) -> X end), receive {'DOWN', R, _, P, {X, _}} -> element(1, X) end end},
     {"spawn_link improper arguments", fun() -> spawn_link(m, f, [a | b]) end},
     {"spawn_request", fun() -> R = spawn_request(?MODULE, w, []), receive {spawn_reply, R, ok, P} when is_pid(P) -> exit(P, kill) end end},
     {"spawn_request no reply", fun() -> R = spawn_request(?MODULE, w, [], [{reply, no}]), {is_reference(R), flush()} end},
     {"spawn_request error_only", fun() -> R = spawn_request(?MODULE, w, [], [{reply, error_only}]), {is_reference(R), flush()} end},
     {"spawn_request tag", fun() -> R = spawn_request(?MODULE, w, [], [{reply_tag, {my, tag}}]), receive {{my, tag}, R, ok, P} -> exit(P, kill) end end},
     {"spawn_request monitor", fun() -> R = spawn_request(?MODULE, ex, [why], [monitor]), receive {spawn_reply, R, ok, P} -> receive {'DOWN', R, process, P, X} -> X end end end},
     {"spawn_request bad option", fun() -> spawn_request(?MODULE, w, [], [foo]) end},
     {"spawn_request bad reply", fun() -> spawn_request(?MODULE, w, [], [{reply, foo}]) end},
     {"spawn_request_abandon", fun() -> R = spawn_request(?MODULE, w, []), receive after 5 -> ok end, X = spawn_request_abandon(R), {X, length(flush())} end},
     {"spawn_request_abandon of no reference", fun() -> spawn_request_abandon(foo) end},
     {"max_heap_size kills", fun() -> {P, R} = spawn_opt(fun() -> lists:seq(1, 1000000) end, [monitor, {max_heap_size, #{size => 10000, kill => true, error_logger => false}}]), receive {'DOWN', R, _, P, X} -> X end end},
     {"hibernate", fun() -> S = self(), P = spawn(fun() -> erlang:hibernate(?MODULE, echo, []) end), P ! {S, x}, X = receive {P, Y} -> Y end, exit(P, kill), X end},
     {"hibernate bad arguments", fun() -> erlang:hibernate(?MODULE, echo, foo) end}].

cases() -> exit_signals() ++ links() ++ monitors() ++ names() ++ leaders() ++ flags() ++ infos() ++ suspending() ++ spawning().
