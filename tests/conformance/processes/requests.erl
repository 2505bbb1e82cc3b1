%% What one process asks of another, and what it does besides running: collections, system tasks,
%% hibernation, sizes of heaps, long waits in native work.
-module(requests).
-export([cases/0, waiting/1, hibernates/1, first/0, second/1, third/0, count/2]).

cases() ->
    [{"a waiting process is collected when somebody asks", fun waiting_is_collected/0},
     {"a suspended process is collected", fun suspended_is_collected/0},
     {"the answers of asynchronous requests", fun asynchronous/0},
     {"requests to processes that are gone", fun to_the_dead/0},
     {"requests are carried out in the order of their priorities", fun order/0},
     {"tasks of the running process itself", fun to_itself/0},
     {"bad requests", fun bad_requests/0},
     {"a process that ends answers false", fun ended/0},
     {"old code is found in waiting processes", fun old_code/0},
     {"a hibernating process has no free room", fun hibernated/0},
     {"a woken process has its least heap again", fun woken/0},
     {"hibernate refuses", fun refused_hibernation/0},
     {"messages in the queue end hibernation at once", fun queued_hibernation/0},
     {"calls with many arguments", fun many_arguments/0},
     {"least sizes of heaps", fun least_sizes/0},
     {"messages count for max_heap_size", fun messages_count/0},
     {"messages off the heap do not count", fun messages_off_heap/0},
     {"max_heap_size that does not kill", fun not_killed/0},
     {"yielding costs nothing", fun yielding/0},
     {"work that is native elsewhere", fun native/0},
     {"a process in native work", fun in_native_work/0},
     {"a process is looked at while it collects", fun looked_at/0},
     {"limits of timers", fun timers/0},
     {"the last calls", fun last_calls/0},
     {"the last calls while calls are traced", fun traced_calls/0},
     {"the last calls of a sensitive process", fun sensitive_calls/0},
     {"the last calls in a long run", fun many_calls/0}].

waiting(Parent) ->
    Garbage = lists:seq(1, 200000),
    Parent ! {self(), length(Garbage)},
    receive stop -> ok end.

big(Pid) ->
    {total_heap_size, Words} = process_info(Pid, total_heap_size),
    Words > 50000.

start() ->
    Pid = spawn(?MODULE, waiting, [self()]),
    receive {Pid, 200000} -> ok end,
    wait_until(fun() -> {status, waiting} =:= process_info(Pid, status) end),
    Pid.

wait_until(Fun) ->
    case Fun() of
        true -> ok;
        false -> receive after 1 -> wait_until(Fun) end
    end.

waiting_is_collected() ->
    Pid = start(),
    Before = big(Pid),
    Result = garbage_collect(Pid),
    After = {big(Pid), process_info(Pid, status), process_info(Pid, message_queue_len)},
    Pid ! stop,
    {Before, Result, After}.

suspended_is_collected() ->
    Pid = start(),
    true = erlang:suspend_process(Pid),
    Result = garbage_collect(Pid),
    Small = big(Pid),
    Pid ! stop,
    Status = process_info(Pid, status),
    Reference = monitor(process, Pid),
    true = erlang:resume_process(Pid),
    receive {'DOWN', Reference, _, _, Reason} -> {Result, Small, Status, Reason} end.

asynchronous() ->
    Pid = start(),
    async = garbage_collect(Pid, [{async, {my, id}}]),
    async = garbage_collect(Pid, [{async, 2}, {type, minor}]),
    async = erlang:check_process_code(Pid, lists, [{async, three}]),
    Answers = [receive {Kind, Id, Value} -> {Kind, Id, Value} end || _ <- [1, 2, 3]],
    Pid ! stop,
    lists:sort(Answers).

to_the_dead() ->
    {Pid, Reference} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Reference, _, _, _} -> ok end,
    async = garbage_collect(Pid, [{async, a}]),
    async = erlang:check_process_code(Pid, lists, [{async, b}]),
    [garbage_collect(Pid), erlang:check_process_code(Pid, lists),
     receive {garbage_collect, a, A} -> A end, receive {check_process_code, b, B} -> B end].

request(Pid, Priority, Id) ->
    erts_internal:request_system_task(Pid, Priority, {system_task_test, Id}).

order() ->
    Priority = process_flag(priority, high),
    Pid = spawn(fun() -> receive after infinity -> ok end end),
    erlang:suspend_process(Pid),
    %% With one scheduler nothing happens before this process waits.
    [request(Pid, low, {low, N}) || N <- lists:seq(0, 1)],
    [request(Pid, normal, {normal, N}) || N <- lists:seq(0, 20)],
    Normal = [receive {system_task_test, {normal, N}, R} -> {N, R} end || N <- lists:seq(0, 20)],
    Low = [receive {system_task_test, {low, N}, R} -> {N, R} end || N <- lists:seq(0, 1)],
    process_flag(priority, Priority),
    exit(Pid, kill),
    {Normal, Low}.

to_itself() ->
    [request(self(), P, P) || P <- [low, normal, high, max, inherit]],
    [receive {system_task_test, P, R} -> R end || P <- [low, normal, high, max, inherit]].

bad_requests() ->
    Ask = fun erts_internal:request_system_task/3,
    [try Ask(P, Q, T) catch error:R -> R end
     || {P, Q, T} <- [{self(), normal, {no_such_task, 1}}, {self(), urgent, {system_task_test, 1}},
                      {self(), normal, {garbage_collect, 1}},
                      {self(), normal, {garbage_collect, 1, some}},
                      {self(), normal, {check_process_code, 1, "x"}},
                      {self(), normal, {system_task_test}}, {self(), normal, a},
                      {a, normal, {system_task_test, 1}}]].

ended() ->
    Pid = spawn(fun() -> receive after infinity -> ok end end),
    exit(Pid, kill),
    async = garbage_collect(Pid, [{async, x}]),
    receive {garbage_collect, x, R} -> R end.

forms() ->
    Line = erl_anno:new(1),
    [{attribute, Line, module, requests_old}, {attribute, Line, export, [{wait, 0}]},
     {function, Line, wait, 0,
      [{clause, Line, [], [],
        [{'receive', Line, [{clause, Line, [{atom, Line, go}], [], [{atom, Line, ok}]}]},
         {call, Line, {remote, Line, {atom, Line, erlang}, {atom, Line, self}}, []}]}]}].

old_code() ->
    {ok, requests_old, Code} = compile:forms(forms()),
    {module, _} = erlang:load_module(requests_old, Code),
    Pid = spawn(requests_old, wait, []),
    wait_until(fun() -> {status, waiting} =:= process_info(Pid, status) end),
    A = erlang:check_process_code(Pid, requests_old),
    {module, _} = erlang:load_module(requests_old, Code),
    B = erlang:check_process_code(Pid, requests_old),
    Other = erlang:check_process_code(self(), requests_old),
    Reference = monitor(process, Pid),
    Purged = erlang:purge_module(requests_old),
    Reason = receive {'DOWN', Reference, _, _, R} -> R end,
    erlang:delete_module(requests_old),
    erlang:purge_module(requests_old),
    {A, B, Other, Purged, Reason}.

hibernates({Parent, Data}) ->
    receive
        {size, From} ->
            From ! {self(), lists:sum(Data)},
            hibernates({Parent, Data});
        sleep ->
            _ = lists:seq(1, 10000),
            erlang:hibernate(?MODULE, hibernates, [{Parent, Data}])
    end.

hibernating(Pid) ->
    Pid ! sleep,
    wait_until(fun() ->
                   {current_function, {erlang, hibernate, 3}} =:=
                       process_info(Pid, current_function)
               end).

hibernated() ->
    Argument = {self(), lists:seq(1, 300)},
    Pid = spawn(?MODULE, hibernates, [Argument]),
    Most = erts_debug:size([Argument]) + 8,
    [begin
         hibernating(Pid),
         Items = process_info(Pid, [heap_size, status, message_queue_len]),
         [{heap_size, Size} | Rest] = Items,
         true = garbage_collect(Pid),
         Pid ! {size, self()},
         {Size =< Most, Rest, receive {Pid, Sum} -> Sum end}
     end || _ <- [1, 2, 3]].

woken() ->
    Pid = spawn_opt(?MODULE, hibernates, [{self(), []}], [{min_heap_size, 15000}]),
    hibernating(Pid),
    {heap_size, Small} = process_info(Pid, heap_size),
    Pid ! {size, self()},
    receive {Pid, 0} -> ok end,
    {heap_size, Large} = process_info(Pid, heap_size),
    exit(Pid, kill),
    {Small =< 20, Large >= 15000}.

refused_hibernation() ->
    [try erlang:hibernate(M, F, A) catch error:R -> R end
     || {M, F, A} <- [{1, f, []}, {m, "f", []}, {m, f, a}, {m, f, [a | b]},
                      {m, f, lists:duplicate(1500, x)}, {m, f, lists:duplicate(5000, x)}]].

queued_hibernation() ->
    Self = self(),
    Pid = spawn(fun() ->
                    receive go -> ok end,
                    erlang:hibernate(erlang, send, [Self, woken])
                end),
    Pid ! kept,
    Pid ! go,
    receive woken -> ok end.

many_arguments() ->
    Ends = fun(Count) ->
               {_, Reference} = spawn_monitor(fun() ->
                                    try apply(requests_none, f, lists:duplicate(Count, x))
                                    catch error:R:T ->
                                        {M, F, A, _} = hd(T),
                                        exit({R, M, F, is_list(A) andalso length(A)})
                                    end
                                end),
               receive {'DOWN', Reference, _, _, Reason} -> Reason end
           end,
    Spawned = fun(Count) ->
                  {_, Reference} = spawn_monitor(erlang, exit, lists:duplicate(Count, 1)),
                  receive {'DOWN', Reference, _, _, {R, _}} -> R;
                          {'DOWN', Reference, _, _, R} -> R
                  end
              end,
    process_flag(trap_exit, true),
    {[Ends(N) || N <- [255, 256, 1000, 1023, 1024, 3000]], Spawned(1)}.

least_sizes() ->
    Flags = [begin
                 _ = process_flag(Flag, Size),
                 {Flag, Size, process_info(self(), Flag)}
             end || Flag <- [min_heap_size, min_bin_vheap_size],
                    Size <- [0, 12, 233, 234, 1000, 46422, 46423, 318187]],
    Pid = spawn_opt(fun() -> receive after infinity -> ok end end,
                    [{min_heap_size, 987}, {min_bin_vheap_size, 50000}]),
    Started = process_info(Pid, [min_heap_size, min_bin_vheap_size]),
    Default = spawn(fun() -> receive after infinity -> ok end end),
    Usual = process_info(Default, [min_heap_size, min_bin_vheap_size, max_heap_size]),
    [exit(P, kill) || P <- [Pid, Default]],
    {Flags, Started, Usual}.

limited(Where) ->
    {Pid, Reference} =
        spawn_opt(fun() -> receive stop -> ok end end,
                  [monitor, {message_queue_data, Where},
                   {max_heap_size, #{size => 1024, kill => true, error_logger => false}}]),
    true = erlang:suspend_process(Pid),
    [Pid ! lists:duplicate(I, I) || I <- lists:seq(1, 100)],
    {messages, _} = process_info(Pid, messages),
    {Pid, Reference}.

messages_count() ->
    {Pid, Reference} = limited(on_heap),
    garbage_collect(Pid),
    receive {'DOWN', Reference, _, _, Reason} -> Reason end.

messages_off_heap() ->
    {Pid, Reference} = limited(off_heap),
    true = garbage_collect(Pid),
    exit(Pid, stopped),
    receive {'DOWN', Reference, _, _, Reason} -> Reason end.

not_killed() ->
    {Pid, Reference} =
        spawn_opt(fun() -> L = lists:seq(1, 5000), garbage_collect(), exit({sum, lists:sum(L)}) end,
                  [monitor, {max_heap_size,
                             #{size => 1024, kill => false, error_logger => false}}]),
    receive {'DOWN', Reference, process, Pid, Reason} -> Reason end.

yielding() ->
    {reductions, A} = process_info(self(), reductions),
    [true = erlang:yield() || _ <- [1, 2, 3]],
    {reductions, B} = process_info(self(), reductions),
    B - A < 100.

native() ->
    Try = fun(F) -> try F() catch error:R:T -> {M, N, A, _} = hd(T), {R, M, N, A} end end,
    [Try(F) || F <- [fun() -> erts_debug:dirty_cpu(scheduler, type) end,
                     fun() -> erts_debug:dirty_io(scheduler, type) end,
                     fun() -> erts_debug:dirty(normal, scheduler, type) end,
                     fun() -> erts_debug:dirty_io(reschedule, 100) end,
                     fun() -> erts_debug:dirty(normal, reschedule, 101) end,
                     fun() -> erts_debug:dirty_cpu(error, badarith) end,
                     fun() -> erts_debug:dirty(dirty_io, error, {any, term}) end,
                     fun() -> erts_debug:dirty_io(wait, 10) end,
                     fun() -> erts_debug:dirty_cpu(wait, -1) end,
                     fun() -> erts_debug:dirty_cpu(no_such_thing, 1) end]].

in_native_work() ->
    Self = self(),
    {Pid, Reference} = spawn_monitor(fun() ->
                                         Self ! {at_work, self()},
                                         erts_debug:dirty_io(wait, 4000),
                                         exit(done)
                                     end),
    receive {at_work, Pid} -> ok end,
    receive after 100 -> ok end,
    Pid ! message,
    At = process_info(Pid, [status, current_function, message_queue_len]),
    receive {'DOWN', Reference, _, _, Reason} -> {At, Reason} end.

looked_at() ->
    Pid = spawn(fun() -> put(data, lists:seq(1, 50000)), allocate(0) end),
    Expected = lists:sum(lists:seq(1, 50000)),
    wait_until(fun() -> {dictionary, []} =/= process_info(Pid, dictionary) end),
    Same = [begin
                [{dictionary, [{data, L}]}, {messages, M}] =
                    process_info(Pid, [dictionary, messages]),
                Pid ! {N, lists:seq(1, 100)},
                lists:sum(L) =:= Expected andalso
                    lists:all(fun({_, S}) -> length(S) =:= 100 end, M)
            end || N <- lists:seq(1, 50)],
    exit(Pid, kill),
    lists:usort(Same).

allocate(N) ->
    put(more, {N, lists:seq(1, 3000)}),
    erase(more),
    allocate(N + 1).

timers() ->
    Start = fun(T, O) ->
                try erlang:send_after(T, self(), never, O) of
                    R -> is_integer(erlang:cancel_timer(R))
                catch error:E -> E
                end
            end,
    [Start(T, O) || O <- [[], [{abs, true}]], T <- [1 bsl 32, 429496729500, 1 bsl 50, 1 bsl 62]].

first() ->
    second(0),
    self() ! message,
    ?MODULE:second(0),
    second(3),
    F = fun ?MODULE:third/0,
    F(),
    apply(?MODULE, third, []).

second(Time) ->
    receive X -> X after Time -> ok end.

third() -> lists:reverse([a, b]).

own(Calls) -> [C || C <- Calls, not is_tuple(C) orelse element(1, C) =:= ?MODULE].

saved(Fun) ->
    {Pid, Reference} = spawn_monitor(fun() ->
                                         process_flag(save_calls, 12),
                                         Fun(),
                                         {last_calls, Calls} = process_info(self(), last_calls),
                                         exit(Calls)
                                     end),
    receive {'DOWN', Reference, _, Pid, Calls} -> Calls end.

last_calls() ->
    Calls = saved(fun() -> ?MODULE:first() end),
    Whole = saved(fun() -> ?MODULE:third(), ?MODULE:third() end),
    {own(Calls), Whole}.

traced_calls() ->
    1 = erlang:trace_pattern({?MODULE, second, 1}, true, [local]),
    Tracer = spawn(fun() -> receive after infinity -> ok end end),
    Calls = saved(fun() ->
                      1 = erlang:trace(self(), true, [call, {tracer, Tracer}]),
                      ?MODULE:first()
                  end),
    1 = erlang:trace_pattern({?MODULE, second, 1}, false, [local]),
    {message_queue_len, Traced} = process_info(Tracer, message_queue_len),
    exit(Tracer, kill),
    {own(Calls), Traced}.

sensitive_calls() ->
    own(saved(fun() ->
                  process_flag(sensitive, true),
                  ?MODULE:first(),
                  process_flag(sensitive, false)
              end)).

%% It saves calls over many slices, while it collects and traps.
count(0, Sum) -> Sum;
count(N, Sum) -> ?MODULE:count(N - 1, Sum + length(lists:reverse(lists:seq(1, N rem 50)))).

many_calls() ->
    Calls = saved(fun() ->
                      Sum = ?MODULE:count(30000, 0),
                      L = lists:seq(1, 100000),
                      put(result, {Sum, length(lists:reverse(L, [])), erlang:phash2(L)})
                  end),
    {Pid, Reference} = spawn_monitor(fun() ->
                                         process_flag(save_calls, 3),
                                         exit(?MODULE:count(20000, 0))
                                     end),
    receive {'DOWN', Reference, _, Pid, Sum} -> {length(Calls), Sum} end.
