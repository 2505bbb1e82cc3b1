%% Processes: spawning, registration, flags, dictionaries, information.
-module(spawning).
-export([cases/0, echo/1, echo_loop/0]).
-include("../runner/case.hrl").

cases() ->
    [?C(ask(spawn(fun echo_loop/0), hello)),
     ?C(ask(spawn(?MODULE, echo_loop, []), hello)),
     ?C(ask(spawn_link(fun echo_loop/0), hello)),
     ?C(begin {P, R} = spawn_monitor(?MODULE, echo, [self()]), receive X -> {is_pid(P), is_reference(R), X} end end),
     ?C(begin P = spawn_opt(fun echo_loop/0, [{priority, high}, {min_heap_size, 1000}]), process_info(P, priority) end),
     ?C(begin P = spawn_opt(fun echo_loop/0, [link, monitor]), element(1, P) =/= self() end),
     ?C(spawn(not_a_fun)),
     ?C(spawn(fun(_) -> ok end)),
     ?C(spawn(lists, reverse, not_a_list)),
     ?C(spawn_opt(fun() -> ok end, [bad_option])),
     ?C(down(spawn(no_such_module, f, [1, 2]))),
     ?C(down(spawn(lists, no_such_function, [1]))),
     ?C(down(spawn(fun() -> exit(bye) end))),
     ?C(down(spawn(fun() -> ok end))),
     ?C(down(spawn(fun() -> throw(ball) end))),
     ?C(element(1, down(spawn(fun() -> error(oops) end)))),
     ?C(begin true = register(echo_name, spawn(fun echo_loop/0)), R = ask(echo_name, 1), unregister(echo_name), R end),
     ?C(register(echo_name2, not_a_pid)),
     ?C(register(undefined, self())),
     ?C(begin register(me_a, self()), register(me_b, self()) end),
     ?C(begin register(me_c, self()), register(me_c, spawn(fun echo_loop/0)) end),
     ?C(unregister(nobody_has_this)),
     ?C(whereis(nobody_has_this)),
     ?C(whereis("not an atom")),
     ?C(nobody_has_this ! message),
     ?C(begin register(me_d, self()), me_d ! x, receive x -> whereis(me_d) =:= self() end end),
     ?C(begin P = spawn(fun() -> register(short_life, self()) end), down(P), timer:sleep(1), whereis(short_life) end),
     ?C(begin register(me_e, self()), process_info(self(), registered_name) end),
     ?C(process_info(self(), registered_name)),
     ?C({nobody, node()} ! message),
     ?C(begin register(me_f, self()), {me_f, node()} ! m, receive m -> got end end),
     ?C(not_a_destination_but_17 =:= (catch 17 ! m)),
     ?C(catch 17 ! m),
     ?C(erlang:send(self(), m, [noconnect])),
     ?C(erlang:send(nobody_has_this, m, [])),
     ?C([put(a, 1), put(a, 2), get(a), get(b), erase(a), get(a), erase(a)]),
     ?C(begin put(a, 1), put(b, 1), put(c, 2), {lists:sort(get()), lists:sort(get_keys()), lists:sort(get_keys(1))} end),
     ?C(begin put(a, 1), put({b, 2}, [c]), lists:sort(erase()) end),
     ?C(begin [put(N, N * N) || N <- lists:seq(1, 500)], [erase(N) || N <- lists:seq(1, 500, 2)], {length(get()), get(250), get(251)} end),
     ?C(process_flag(trap_exit, true)),
     ?C([process_flag(trap_exit, true), process_flag(trap_exit, false)]),
     ?C(process_flag(trap_exit, maybe)),
     ?C(process_flag(no_such_flag, true)),
     ?C([process_flag(priority, high), process_flag(priority, normal)]),
     ?C(process_flag(priority, very_high)),
     ?C(process_info(self(), [trap_exit, priority, message_queue_len, messages, links, dictionary])),
     ?C(begin self() ! a, self() ! b, process_info(self(), [messages, message_queue_len]) end),
     ?C(process_info(self(), nonsense)),
     ?C(process_info(not_a_pid)),
     ?C(begin P = spawn(fun() -> ok end), down(P), [process_info(P), process_info(P, links), is_process_alive(P)] end),
     ?C(is_process_alive(self())),
     ?C(is_process_alive(foo)),
     ?C(process_info(spawn(fun echo_loop/0), initial_call)),
     ?C(begin P = spawn(fun echo_loop/0), ask(P, x), erlang:yield(), process_info(P, [status, current_function]) end),
     ?C(begin S = self(), P = spawn(fun() -> erlang:hibernate(?MODULE, echo, [S]) end), timer:sleep(5), {process_info(P, current_function), P ! wake, receive X -> X end} end),
     ?C(erlang:system_info(wordsize)),
     ?C(erlang:suspend_process(self())),
     ?C(begin P = spawn(fun echo_loop/0), true = erlang:suspend_process(P), P ! {self(), x}, R = receive {P, x} -> early after 20 -> suspended end, erlang:resume_process(P), {R, receive {P, x} -> resumed end} end),
     ?C(group_leader() =:= element(2, process_info(self(), group_leader))),
     ?C(length(lists:usort([spawn(fun echo_loop/0) || _ <- lists:seq(1, 1000)]))),
     ?C(ring(200, 20)),
     ?C(pid_to_list(self()) =:= pid_to_list(list_to_pid(pid_to_list(self())))),
     ?C(list_to_pid("nonsense")),
     ?C(node()),
     ?C(nodes()),
     ?C(is_alive()),
     ?C([is_pid(self()), self() =:= self(), self() < {}, make_ref() =/= make_ref()])].

echo(To) -> To ! {echoed, To =/= self()}.

echo_loop() ->
    receive {From, Message} -> From ! {self(), Message}, echo_loop() end.

ask(Server, Message) ->
    Server ! {self(), Message},
    receive {_, Reply} -> Reply after 1000 -> no_reply end.

down(Pid) ->
    Monitor = monitor(process, Pid),
    receive {'DOWN', Monitor, process, Pid, Reason} -> settle(Reason) end.

%% The process may be gone before it is monitored.
settle(noproc) -> gone;
settle(_) -> gone.

ring(Processes, Rounds) ->
    Self = self(),
    First = lists:foldl(fun(_, Next) -> spawn(fun() -> forward(Next) end) end, Self, lists:seq(1, Processes)),
    [begin First ! {token, N}, receive {token, M} -> M end end || N <- lists:seq(1, Rounds)].

forward(Next) -> receive M -> Next ! M, forward(Next) end.
