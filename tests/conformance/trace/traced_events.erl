%% Tracing of everything but calls: sends, receives, links, starts, ends, names, scheduling,
%% collections; inheritance of flags; settings and their errors; system monitor and profile.
-module(traced_events).
-export([cases/0, worker/0, w/0, ex/1]).

w() -> receive x -> ok end.
ex(Reason) -> exit(Reason).

worker() ->
    receive
        {run, From, F} ->
            _ = (catch F()),
            From ! {ran, self()},
            worker()
    end.

start() ->
    Worker = spawn(?MODULE, worker, []),
    run_in(Worker, fun() -> ok end),
    Worker.
run_in(Worker, F) ->
    Worker ! {run, self(), F},
    receive {ran, Worker} -> ok end.

%% The worker comes and goes in turn.
in_turn([in, out | Rest]) -> in_turn(Rest);
in_turn([in]) -> yes;
in_turn([]) -> yes;
in_turn(Other) -> {no, lists:sublist(Other, 4)}.

%% What a worker tells while it runs F.
told(Flags, F) ->
    Worker = start(),
    1 = erlang:trace(Worker, true, Flags),
    run_in(Worker, F),
    erlang:trace(Worker, false, [all]),
    exit(Worker, kill),
    names(collect(Worker, erlang:trace_delivered(Worker))).

collect(Worker, Reference) ->
    receive
        {trace_delivered, Worker, Reference} -> [];
        {trace, _, 'receive', {run, _, _}} -> collect(Worker, Reference);
        {trace, _, send, {ran, _}, _} -> collect(Worker, Reference);
        Message -> [Message | collect(Worker, Reference)]
    end.

%% Pids by the order in which they appear: who is who shows.
names(Term) ->
    {Named, _} = name(Term, []),
    Named.
name(Pid, Known) when is_pid(Pid) ->
    case lists:keyfind(Pid, 1, Known) of
        {_, N} -> {{pid, N}, Known};
        false -> N = length(Known), {{pid, N}, [{Pid, N} | Known]}
    end;
name([H | T], Known) ->
    {H1, Known1} = name(H, Known),
    {T1, Known2} = name(T, Known1),
    {[H1 | T1], Known2};
name(Tuple, Known) when is_tuple(Tuple) ->
    {List, Known1} = name(tuple_to_list(Tuple), Known),
    {list_to_tuple(List), Known1};
name(Term, Known) -> {Term, Known}.

flush() -> receive M -> [M | flush()] after 100 -> [] end.

sends() ->
    [{"send to a pid", fun() -> told([send], fun() -> self() ! hello end) end},
     {"send to a name", fun() -> told([send], fun() -> register(me, self()), me ! hello, unregister(me) end) end},
     {"send to a name here", fun() -> told([send], fun() -> register(me, self()), {me, node()} ! hello, unregister(me) end) end},
     {"send to no name", fun() -> told([send], fun() -> catch (nobody ! x), {nobody, node()} ! y end) end},
     {"send/2,3", fun() -> told([send], fun() -> erlang:send(self(), a), erlang:send(self(), b, [noconnect]) end) end},
     {"send to a dead process", fun() -> told([send], fun() -> {P, R} = spawn_monitor(fun() -> ok end), receive {'DOWN', R, _, _, _} -> ok end, P ! dead end) end},
     {"send to an alias", fun() -> told([send], fun() -> R = alias(), R ! z, unalias(R) end) end},
     {"receive", fun() -> told(['receive'], fun() -> self() ! a, receive a -> ok end end) end},
     {"receive by timeout", fun() -> told(['receive'], fun() -> receive nope -> ok after 1 -> ok end end) end},
     {"receive after 0", fun() -> told(['receive'], fun() -> receive nope -> ok after 0 -> ok end end) end},
     {"receive from a timer", fun() -> told(['receive'], fun() -> erlang:send_after(1, self(), tm), receive tm -> ok end end) end},
     {"receive DOWN and EXIT", fun() -> told(['receive'], fun() -> process_flag(trap_exit, true), P = spawn_link(fun() -> exit(foo) end), receive {'EXIT', P, _} -> ok end, {Q, R} = spawn_monitor(fun() -> exit(bar) end), receive {'DOWN', R, _, Q, _} -> ok end end) end},
     {"match specification of sends", fun() -> erlang:trace_pattern(send, [{['$1', '$2'], [{'=:=', '$2', y}], [{message, {{msg, '$2', {is_pid, '$1'}}}}]}], []), M = told([send], fun() -> self() ! x, self() ! y end), erlang:trace_pattern(send, true, []), M end},
     {"no sends", fun() -> erlang:trace_pattern(send, false, []), M = told([send], fun() -> self() ! x end), erlang:trace_pattern(send, true, []), M end},
     {"match specification of receives", fun() -> erlang:trace_pattern('receive', [{['$1', '$2', a], [], [{message, {{'$1', {is_pid, '$2'}}}}]}], []), S = self(), M = told(['receive'], fun() -> S ! go, receive a -> ok after 50 -> ok end end), erlang:trace_pattern('receive', true, []), flush(), M end},
     {"info of both", fun() -> A = [erlang:trace_info(E, match_spec) || E <- [send, 'receive']], erlang:trace_pattern(send, [{'_', [], [{message, x}]}], []), erlang:trace_pattern('receive', false, []), B = [erlang:trace_info(E, match_spec) || E <- [send, 'receive']], erlang:trace_pattern(send, true, []), erlang:trace_pattern('receive', true, []), {A, B} end}].

procs() ->
    [{"register and unregister", fun() -> told([procs], fun() -> register(foo, self()), unregister(foo) end) end},
     {"spawn", fun() -> told([procs], fun() -> P = spawn(?MODULE, w, []), exit(P, kill) end) end},
     {"spawn of a fun", fun() -> [{trace, P, spawn, Q, {M, F, [A, B]}} | _] = told([procs], fun() -> spawn(fun() -> ok end) end), {P, Q, M, F, is_function(A), B} end},
     {"spawn_link", fun() -> told([procs], fun() -> P = spawn_link(?MODULE, w, []), unlink(P), exit(P, kill) end) end},
     {"spawn_monitor", fun() -> told([procs], fun() -> {P, _} = spawn_monitor(?MODULE, w, []), exit(P, kill) end) end},
     {"link and unlink", fun() -> S = self(), told([procs], fun() -> link(S), unlink(S) end) end},
     {"link twice, unlink twice", fun() -> S = self(), told([procs], fun() -> link(S), link(S), unlink(S), unlink(S) end) end},
     {"unlink without a link", fun() -> S = self(), told([procs], fun() -> unlink(S) end) end},
     {"getting linked and unlinked", fun() -> W = start(), erlang:trace(W, true, [procs]), link(W), unlink(W), run_in(W, fun() -> ok end), M = collect(W, erlang:trace_delivered(W)), exit(W, kill), names(M) end},
     {"a linked process exits", fun() -> told([procs], fun() -> process_flag(trap_exit, true), X = spawn_link(?MODULE, ex, [foo]), receive {'EXIT', X, _} -> ok end end) end},
     {"exit", fun() -> ended(fun() -> exit(why) end) end},
     {"normal exit", fun() -> ended(fun() -> exit(normal) end) end},
     {"exit with a name", fun() -> ended(fun() -> register(named, self()), exit(why) end) end},
     {"killed", fun() -> ended(fun() -> exit(self(), kill) end) end}].

%% {trace, Pid, exit, Reason} of a process that ends by itself.
ended(F) ->
    P = spawn(fun() -> receive go -> F() end end),
    erlang:trace(P, true, [procs]),
    R = monitor(process, P),
    P ! go,
    receive {'DOWN', R, _, _, _} -> ok end,
    names(collect(P, erlang:trace_delivered(P))).

inherited() ->
    Spawning = fun() -> A = spawn(?MODULE, w, []), B = spawn(?MODULE, w, []), A ! x, B ! x end,
    Linking = fun() -> A = spawn_link(?MODULE, w, []), B = spawn_link(?MODULE, w, []), unlink(A), unlink(B) end,
    [{"set_on_spawn", fun() -> starts([procs, set_on_spawn], Spawning) end},
     {"set_on_first_spawn", fun() -> starts([procs, set_on_first_spawn], Spawning) end},
     {"set_on_link", fun() -> starts([procs, set_on_link], Linking) end},
     {"set_on_first_link", fun() -> starts([procs, set_on_first_link], Linking) end},
     {"flags of a child", fun() -> child([send, procs, set_on_spawn], fun() -> spawn(?MODULE, w, []) end) end},
     {"flags of a first child", fun() -> child([send, procs, set_on_first_spawn], fun() -> spawn(?MODULE, w, []) end) end},
     {"flags of a linked child", fun() -> child([send, procs, set_on_link], fun() -> spawn_link(?MODULE, w, []) end) end},
     {"flags by link/1", fun() -> child([send, procs, set_on_link], fun() -> P = spawn(?MODULE, w, []), link(P), P end) end},
     {"new processes", fun() -> erlang:trace(new, true, [send]), A = erlang:trace_info(new, flags), P = spawn(?MODULE, w, []), B = erlang:trace_info(P, flags), erlang:trace(new, false, [all]), Q = spawn(?MODULE, w, []), [exit(X, kill) || X <- [P, Q]], {A, B, erlang:trace_info(Q, flags), erlang:trace_info(new, flags)} end}].

%% Only what is sure to be told before the worker goes on.
starts(Flags, F) ->
    [M || M <- told(Flags, F), element(3, M) =/= exit, element(3, M) =/= getting_unlinked].

child(Flags, F) ->
    W = start(),
    S = self(),
    erlang:trace(W, true, Flags),
    run_in(W, fun() -> S ! {child, F()} end),
    receive {child, C} -> ok end,
    receive after 20 -> ok end,
    Info = {erlang:trace_info(W, flags), erlang:trace_info(C, flags), erlang:trace_info(C, tracer) =:= {tracer, self()}},
    [exit(P, kill) || P <- [W, C]],
    flush(),
    Info.

settings() ->
    Names = [send, 'receive', call, procs, running, running_procs, running_ports, garbage_collection, exiting, ports, set_on_spawn, set_on_first_spawn, set_on_link, set_on_first_link, arity, return_to, silent, timestamp, monotonic_timestamp, strict_monotonic_timestamp],
    [{"each flag", fun() -> P = spawn(?MODULE, w, []), R = [begin erlang:trace(P, true, [F]), I = erlang:trace_info(P, flags), erlang:trace(P, false, [all]), I end || F <- Names], exit(P, kill), R end},
     {"all flags", fun() -> P = spawn(?MODULE, w, []), erlang:trace(P, true, [all]), I = erlang:trace_info(P, flags), erlang:trace(P, false, [all]), exit(P, kill), flush(), {I, erlang:trace_info(self(), flags)} end},
     {"some flags off", fun() -> P = spawn(?MODULE, w, []), erlang:trace(P, true, [send, call, procs]), erlang:trace(P, false, [call]), I = erlang:trace_info(P, flags), exit(P, kill), flush(), I end},
     {"not traced", fun() -> {erlang:trace_info(self(), flags), erlang:trace_info(self(), tracer)} end},
     {"dead process", fun() -> P = dead(), {erlang:trace_info(P, flags), erlang:trace_info(P, tracer)} end},
     {"the tracer dies", fun() -> P = spawn(?MODULE, w, []), T = spawn(?MODULE, w, []), erlang:trace(P, true, [call, {tracer, T}]), R = monitor(process, T), exit(T, kill), receive {'DOWN', R, _, _, _} -> ok end, I = {erlang:trace_info(P, flags), erlang:trace_info(P, tracer)}, exit(P, kill), I end},
     {"another tracer", fun() -> P = spawn(?MODULE, w, []), T = spawn(?MODULE, w, []), 1 = erlang:trace(P, true, [call, {tracer, T}]), E = (catch erlang:trace(P, true, [send])), [exit(X, kill) || X <- [P, T]], {E, erlang:trace_info(P, flags)} end},
     {"tracing oneself", fun() -> N = erlang:trace(self(), true, [send]), self() ! x, I = erlang:trace_info(self(), flags), erlang:trace(self(), false, [all]), {N, I, flush()} end},
     {"counts", fun() -> N = length(processes()), A = erlang:trace(processes, true, [call]), B = erlang:trace(existing, false, [call]), {A - N, B - N, erlang:trace(new, false, [call]), erlang:trace(new_ports, true, [ports]), erlang:trace(new_ports, false, [all])} end},
     {"trace_delivered", fun() -> R = erlang:trace_delivered(all), receive {trace_delivered, all, R} -> ok end end}] ++
    [{"trace error", fun() -> apply(erlang, trace, Args) end} || Args <- [[foo, true, []], [dead(), true, [call]], [self(), maybe, []], [self(), true, [foo]], [self(), true, foo], [self(), true, [call | foo]], [self(), true, [{tracer, foo}]], [self(), true, [{tracer, lists, []}]], [new, true, [cpu_timestamp]], [self(), true, [cpu_timestamp]]]] ++
    [{"trace_delivered error", fun() -> erlang:trace_delivered(foo) end}].

dead() ->
    {P, R} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', R, _, _, _} -> P end.

patterns() ->
    G = {?MODULE, w, 0},
    Info = fun() -> erlang:trace_info(G, all) end,
    Off = fun() -> erlang:trace_pattern(G, false, [local, meta, call_count, call_time]), erlang:trace_pattern(G, false, [global]) end,
    Set = fun(Steps) -> fun() -> R = [begin erlang:trace_pattern(G, Spec, Flags), Info() end || {Spec, Flags} <- Steps], Off(), R end end,
    [{"nothing", Set([{false, [local]}])},
     {"local, then global, then local", Set([{true, [local]}, {true, [global]}, {true, [local]}, {false, [global]}, {false, [local]}])},
     {"count, then global, then count", Set([{true, [call_count]}, {true, [global]}, {true, [call_count]}])},
     {"specifications", Set([{[{'_', [], [{return_trace}]}], [local]}, {[], [local]}, {true, []}])},
     {"pause of nothing", Set([{pause, [call_count]}, {restart, [call_count]}])},
     {"items", fun() -> erlang:trace_pattern(G, true, [local]), R = [catch_error(fun() -> erlang:trace_info(G, I) end) || I <- [traced, match_spec, meta, meta_match_spec, call_count, call_time, all, bogus]], Off(), R end},
     {"items of nothing", fun() -> [erlang:trace_info(G, I) || I <- [traced, match_spec, meta, meta_match_spec, call_count, call_time, all, bogus]] end},
     {"unknown functions", fun() -> [{erlang:trace_info(F, traced), erlang:trace_info(F, all)} || F <- [{?MODULE, nope, 0}, {nope, f, 1}, {?MODULE, w, 300}]] end},
     {"number of functions", fun() -> N = [erlang:trace_pattern({?MODULE, F, A}, true, [local]) || {F, A} <- [{w, 0}, {nope, 0}, {w, '_'}]], Off(), N end},
     {"on_load", fun() -> erlang:trace_pattern(on_load, true, [local]), R = [erlang:trace_info(on_load, I) || I <- [traced, match_spec, meta, meta_match_spec, call_count, call_time, all]], erlang:trace_pattern(on_load, false, [local]), {R, erlang:trace_info(on_load, all)} end},
     {"a loaded module gets on_load's pattern", fun loaded/0},
     {"a reloaded module has no breakpoints", fun reloaded/0}] ++
    [{"trace_pattern", fun() -> R = apply(erlang, trace_pattern, Args), Off(), R end} || Args <- [[{?MODULE, '_', 1}, true, []], [{'_', w, 0}, true, []], [G, maybe, []], [G, [x], []], [G, true, [foo]], [G, true, foo], [{?MODULE, w, -1}, true, []], [foo, true, []], [G, true, [global, local]], [G, true, [global, call_count]], [G, [{'_', [], []}], [call_count]], [G, [{'_', [], []}], [call_time]], [G, true, [{meta, foo}]], [on_load, false, []], [send, true, []], ['receive', true, [local]], [send, x, []], [G, pause, []], [G, true], [{w, 0}, true, []]]] ++
    [{"trace_info error", fun() -> erlang:trace_info(A, B) end} || {A, B} <- [{foo, flags}, {self(), foo}, {self(), all}, {new, match_spec}, {send, flags}, {{a, b}, traced}, {{a, b, c}, traced}, {1, flags}]].

catch_error(F) -> try F() catch C:R -> {C, R} end.

%% The code of a small module that nothing here uses.
with_code(F) ->
    {M, B, _} = code:get_object_code(orddict),
    catch erlang:purge_module(M),
    R = F(M, B),
    catch erlang:purge_module(M),
    R.
loaded() ->
    with_code(fun(M, B) ->
        erlang:trace_pattern(on_load, true, [local]),
        {module, M} = erlang:load_module(M, B),
        erlang:trace_pattern(on_load, false, [local]),
        erlang:trace_info({M, new, 0}, traced)
    end).
reloaded() ->
    with_code(fun(M, B) ->
        {module, M} = erlang:load_module(M, B),
        erlang:trace_pattern({M, new, 0}, true, [local]),
        Before = erlang:trace_info({M, new, 0}, traced),
        catch erlang:purge_module(M),
        {module, M} = erlang:load_module(M, B),
        {Before, erlang:trace_info({M, new, 0}, traced)}
    end).

other() ->
    [{"running", fun() -> Ms = told([running], fun() -> receive after 1 -> ok end end), lists:usort([element(3, M) || M <- Ms]) end},
     {"running, while a BIF works and heaps are collected",
      fun() ->
          L = lists:seq(1, 50000),
          Ms = told([running], fun() -> M = maps:from_keys(L, ok), _ = lists:sort(maps:keys(M)) end),
          in_turn([element(3, M) || M <- Ms])
      end},
     {"yield", fun() -> Ms = told([running], fun() -> erlang:yield() end), lists:usort([element(3, M) || M <- Ms]) end},
     {"garbage_collection", fun() -> Ms = told([garbage_collection], fun() -> erlang:garbage_collect() end), [{E, [K || {K, N} <- L, is_integer(N)]} || {trace, _, E, L} <- Ms] end},
     {"sensitive processes", fun() -> told([send, procs], fun() -> process_flag(sensitive, true), self() ! x, register(foo, self()), unregister(foo), process_flag(sensitive, false), self() ! y end) end},
     {"timestamps", fun() -> Kind = fun(F) -> W = start(), erlang:trace(W, true, [procs, F]), run_in(W, fun() -> register(foo, self()) end), exit(W, kill), receive {trace_ts, _, register, foo, T} -> shape(T) end end, [begin R = Kind(F), flush(), R end || F <- [timestamp, monotonic_timestamp, strict_monotonic_timestamp]] end},
     {"system_monitor", fun() -> A = erlang:system_monitor(self(), [{large_heap, 10}]), B = erlang:system_monitor(self(), [{large_heap, 20000}, {long_gc, 0}, busy_port, busy_dist_port, {long_schedule, 50}]), C = erlang:system_monitor(), D = erlang:system_monitor(undefined), {A, pidless(B), pidless(C), pidless(D), erlang:system_monitor()} end},
     {"large_heap", fun() -> erlang:system_monitor(self(), [{large_heap, 20000}]), spawn(fun() -> L = lists:seq(1, 100000), receive after 1 -> ok end, length(L) end), R = receive {monitor, P, large_heap, Info} when is_pid(P) -> [K || {K, N} <- Info, is_integer(N)] end, erlang:system_monitor(undefined), flush(), R end},
     {"system_profile", fun() -> A = erlang:system_profile(self(), [runnable_procs]), B = erlang:system_profile(), C = erlang:system_profile(undefined, []), flush(), {A, pidless(B), pidless(C), erlang:system_profile()} end},
     {"profiled process", fun() -> erlang:system_profile(self(), [runnable_procs]), {P, R} = spawn_monitor(fun() -> receive after 1 -> ok end end), receive {'DOWN', R, _, _, _} -> ok end, timer:sleep(100), erlang:system_profile(undefined, []), lists:sublist([{A, F =:= 0} || {profile, Q, A, F, {_, _, _}} <- flush(), Q =:= P], 2) end}] ++
    [{"system_monitor error", fun() -> apply(erlang, system_monitor, A) end} || A <- [[self(), [large_heap]], [self(), [foo]], [foo, [busy_port]], [dead(), [busy_port]], [self(), [{long_gc, -1}]], [self(), [{long_gc, a}]], [foo], [{self(), [foo]}], [self(), foo]]] ++
    [{"system_profile error", fun() -> apply(erlang, system_profile, A) end} || A <- [[self(), [foo]], [foo, [runnable_procs]], [dead(), [runnable_procs]]]].

shape(T) when is_integer(T) -> integer;
shape(T) when is_tuple(T) -> [shape(E) || E <- tuple_to_list(T)].
pidless({P, L}) when P =:= self() -> {me, L};
pidless(X) -> X.

cases() -> sends() ++ procs() ++ inherited() ++ settings() ++ patterns() ++ other().
