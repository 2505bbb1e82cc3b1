%% gen_server, gen_event, gen_statem, sys, proc_lib and their behaviour when things fail.
-module(servers).
-behaviour(gen_server).
-export([cases/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2]).
-export([code_change/3, format_status/1, loop_init/1, loop/2, system_continue/3, system_terminate/4]).
-export([system_code_change/4, system_get_state/1]).
-include("../runner/case.hrl").

cases() ->
    [?C(begin {ok, S} = start(7), [gen_server:call(S, get), gen_server:call(S, {add, 3}), gen_server:call(S, get)] end),
     ?C(begin {ok, S} = start(7), gen_server:cast(S, {set, 1}), gen_server:call(S, get) end),
     ?C(begin {ok, S} = start(7), S ! {info, 5}, gen_server:call(S, get) end),
     ?C(begin {ok, S} = start(7), gen_server:call(S, later) end),
     ?C(begin {ok, S} = start(7), gen_server:call(S, continue) end),
     ?C(begin {ok, S} = start(7), catch gen_server:call(S, never, 10) end),
     ?C(begin {ok, S} = start(7), gen_server:call(S, never, 10) end),
     ?C(begin {ok, S} = start(7), gen_server:call(S, timeout_reply) end),
     ?C(begin {ok, S} = start(7), Ref = monitor(process, S), [gen_server:call(S, {stop, why}), down(Ref)] end),
     ?C(begin {ok, S} = start(7), gen_server:call(S, crash) end),
     ?C(begin {ok, S} = start(7), element(1, element(1, element(2, (catch gen_server:call(S, crash))))) end),
     ?C(begin {ok, S} = start(7), gen_server:call(S, bad_return) end),
     ?C(begin {ok, S} = start(7), gen_server:call(S, exit_normal) end),
     ?C(begin {ok, S} = start(7), gen_server:call(S, throw_reply) end),
     ?C(begin {ok, S} = start(7), [gen_server:stop(S), is_process_alive(S)] end),
     ?C(begin {ok, S} = start(7), gen_server:stop(S, shutdown, 1000) end),
     ?C(start(ignore)), ?C(start({stop, reason})), ?C(start(crash)), ?C(start(exit)), ?C(start(bad)),
     ?C(begin process_flag(trap_exit, true), R = gen_server:start_link(?MODULE, {stop, reason}, []), {R, receive {'EXIT', _, X} -> X after 100 -> none end} end),
     ?C(begin {ok, S} = gen_server:start({local, my_server}, ?MODULE, 1, []), [whereis(my_server) =:= S, gen_server:call(my_server, get), element(1, gen_server:start({local, my_server}, ?MODULE, 1, []))] end),
     ?C(gen_server:call(nobody, get)), ?C(gen_server:cast(nobody, get)),
     ?C(begin {ok, _} = gen_server:start({global, g_server}, ?MODULE, 3, []), gen_server:call({global, g_server}, get) end),
     ?C(begin {ok, S} = start(9), sys:get_state(S) end),
     ?C(begin {ok, S} = start(9), sys:replace_state(S, fun(X) -> X * 2 end), gen_server:call(S, get) end),
     ?C(begin {ok, S} = start(9), sys:suspend(S), R = (catch gen_server:call(S, get, 10)), sys:resume(S), {element(1, R), gen_server:call(S, get)} end),
     ?C(begin {ok, S} = start(9), {status, S, {module, gen_server}, L} = sys:get_status(S), length(L) end),
     ?C(begin {ok, S} = start(9), sys:change_code(S, ?MODULE, old, extra) end),
     ?C(begin {ok, S} = start(9), sys:statistics(S, true), gen_server:call(S, get), {ok, St} = sys:statistics(S, get), proplists:get_value(messages_in, St) end),
     ?C(begin {ok, S} = start(9), sys:log(S, true), gen_server:call(S, get), {ok, L} = sys:log(S, get), length(L) end),
     ?C(begin {ok, S} = start(9), sys:terminate(S, normal), is_process_alive(S) end),
     ?C(begin {ok, S} = start(5), R1 = gen_server:send_request(S, get), gen_server:wait_response(R1, 1000) end),
     ?C(begin {ok, S} = start(5), R1 = gen_server:send_request(S, crash), element(1, gen_server:receive_response(R1, 1000)) end),
     ?C(begin {ok, A} = start(1), {ok, B} = start(2), gen_server:multi_call([node()], unregistered, get), [gen_server:call(A, get), gen_server:call(B, get)] end),
     ?C(begin {ok, S} = proc_lib:start_link(?MODULE, loop_init, [self()]), S ! {self(), ping}, receive pong -> ok end end),
     ?C(begin {ok, S} = proc_lib:start_link(?MODULE, loop_init, [self()]), sys:get_state(S) end),
     ?C(proc_lib:start(?MODULE, loop_init, [fail])),
     ?C(proc_lib:start(?MODULE, loop_init, [crash])),
     ?C(proc_lib:start(?MODULE, loop_init, [hang], 20)),
     ?C(begin P = proc_lib:spawn(fun() -> receive stop -> ok end end), proc_lib:initial_call(P) =/= undefined end),
     ?C(begin P = proc_lib:spawn_link(fun() -> receive stop -> ok end end), proc_lib:translate_initial_call(P) end),
     ?C(begin P = proc_lib:spawn(fun() -> receive after infinity -> ok end end), proc_lib:stop(P, shutdown, 1000) end),
     ?C(begin {P, R} = proc_lib:spawn_opt(fun() -> error(inside) end, [monitor]), receive {'DOWN', R, process, P, {X, _}} -> X end end),
     ?C(pool(50)),
     ?C(begin {ok, S} = start(0), [spawn(fun() -> gen_server:call(S, {add, 1}) end) || _ <- lists:seq(1, 200)], wait_for(S, 200) end)].

start(Argument) -> gen_server:start(?MODULE, Argument, []).

down(Ref) -> receive {'DOWN', Ref, process, _, R} -> R after 1000 -> none end.

wait_for(S, N) ->
    case gen_server:call(S, get) of
        N -> N;
        _ -> timer:sleep(1), wait_for(S, N)
    end.

pool(N) ->
    Servers = [begin {ok, S} = start(I), S end || I <- lists:seq(1, N)],
    lists:sum([gen_server:call(S, get) || S <- Servers]).

init(ignore) -> ignore;
init({stop, Reason}) -> {stop, Reason};
init(crash) -> error(init_crash);
init(exit) -> exit(init_exit);
init(bad) -> bad_return;
init(N) -> {ok, N}.

handle_call(get, _, N) -> {reply, N, N};
handle_call({add, M}, _, N) -> {reply, N + M, N + M};
handle_call(later, From, N) -> self() ! {reply_to, From}, {noreply, N};
handle_call(continue, From, N) -> {noreply, N, {continue, From}};
handle_call(never, _, N) -> {noreply, N};
handle_call(timeout_reply, From, N) -> put(from, From), {noreply, N, 5};
handle_call({stop, Reason}, _, N) -> {stop, Reason, stopping, N};
handle_call(crash, _, N) -> {reply, N + atom_not_number(), N};
handle_call(bad_return, _, _) -> nonsense;
handle_call(exit_normal, _, _) -> exit(normal);
handle_call(throw_reply, _, N) -> throw({reply, thrown, N}).

atom_not_number() -> list_to_atom("x").

handle_cast({set, M}, _) -> {noreply, M}.

handle_info({info, M}, N) -> {noreply, N * M};
handle_info({reply_to, From}, N) -> gen_server:reply(From, replied_later), {noreply, N};
handle_info(timeout, N) -> gen_server:reply(get(from), timed_out), {noreply, N}.

handle_continue(From, N) -> gen_server:reply(From, continued), {noreply, N}.

terminate(_, _) -> ok.
code_change(_, N, _) -> {ok, N}.
format_status(S) -> S.

loop_init(fail) -> proc_lib:init_ack({error, failed}), exit(normal);
loop_init(crash) -> error(before_ack);
loop_init(hang) -> receive after infinity -> ok end;
loop_init(Parent) -> proc_lib:init_ack(Parent, {ok, self()}), loop(Parent, 0).

loop(Parent, N) ->
    receive
        {From, ping} -> From ! pong, loop(Parent, N + 1);
        {system, From, Request} -> sys:handle_system_msg(Request, From, Parent, ?MODULE, [], {Parent, N})
    end.

system_continue(Parent, _, {_, N}) -> loop(Parent, N).
system_terminate(Reason, _, _, _) -> exit(Reason).
system_code_change(S, _, _, _) -> {ok, S}.
system_get_state({_, N}) -> {ok, {count, N}}.
