%% Work that a module has done later (linux/workqueue.h, linux/interrupt.h, linux/hrtimer.h):
%% queues, tasklets, timers of high resolution. Each is a message to the process of the module,
%% which then calls the module. Structures: work_struct, delayed_work, tasklet_struct, hrtimer,
%% timerqueue_node.
-module(vbeam_linuxkpi_work).
-compile(nowarn_export_all).
-compile(export_all).

-define(PENDING, 1).
-define(HZ, 250).
-define(RESTART, 1).
-define(MODE_RELATIVE, 1).
-define(STATE_ENQUEUED, 1).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    Functions = [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"queue_work_on">>, <<"queue_delayed_work_on">>, <<"mod_delayed_work_on">>,
            <<"cancel_work_sync">>, <<"cancel_delayed_work">>, <<"cancel_delayed_work_sync">>,
            <<"flush_work">>, <<"flush_delayed_work">>, <<"alloc_workqueue">>,
            <<"destroy_workqueue">>, <<"__flush_workqueue">>, <<"drain_workqueue">>,
            <<"delayed_work_timer_fn">>, <<"tasklet_setup">>, <<"tasklet_init">>,
            <<"__tasklet_schedule">>, <<"__tasklet_hi_schedule">>, <<"tasklet_kill">>,
            <<"hrtimer_init">>, <<"hrtimer_start_range_ns">>, <<"hrtimer_cancel">>,
            <<"hrtimer_try_to_cancel">>, <<"hrtimer_active">>, <<"hrtimer_forward">>
        ]
    ],
    Queues = [
        {Name, {data, 8, <<1:64/little>>}}
     || Name <- [
            <<"system_wq">>, <<"system_long_wq">>, <<"system_highpri_wq">>,
            <<"system_unbound_wq">>, <<"system_power_efficient_wq">>, <<"system_freezable_wq">>
        ]
    ],
    Functions ++ Queues.

%% What waits to be done, by address: a reference that its message has, too.
waiting() -> case get(?MODULE) of undefined -> #{}; Map -> Map end.

later(Key, Milliseconds) ->
    Reference = make_ref(),
    Timer = erlang:send_after(Milliseconds, self(), {work, Key, Reference}),
    put(?MODULE, maps:put(Key, {Reference, Timer}, waiting())).

cancelled(Key) ->
    case maps:take(Key, waiting()) of
        {{_, Timer}, Rest} ->
            _ = erlang:cancel_timer(Timer),
            put(?MODULE, Rest),
            true;
        error ->
            false
    end.

%% A message has arrived; what was cancelled or asked for anew means nothing.
-spec due({atom(), non_neg_integer()}, reference()) -> ok.
due(Key, Reference) ->
    case waiting() of
        #{Key := {Reference, _}} ->
            put(?MODULE, maps:remove(Key, waiting())),
            run(Key);
        #{} ->
            ok
    end.

run({work, Work}) ->
    set_pending(Work, false),
    _ = vbeam_ko_machine:call(vbeam_ko_memory:get(Work, work_struct, func), [Work]),
    ok;
run({tasklet, Tasklet}) ->
    vbeam_ko_memory:set(Tasklet, tasklet_struct, state, 0),
    Function = vbeam_ko_memory:get(Tasklet, tasklet_struct, callback),
    Argument = case vbeam_ko_memory:get(Tasklet, tasklet_struct, use_callback) of
        0 -> vbeam_ko_memory:get(Tasklet, tasklet_struct, data);
        _ -> Tasklet
    end,
    _ = vbeam_ko_machine:call(Function, [Argument]),
    ok;
run({hrtimer, Timer}) ->
    vbeam_ko_memory:set(Timer, hrtimer, state, 0),
    Function = vbeam_ko_memory:get(Timer, hrtimer, function),
    case vbeam_ko_machine:call(Function, [Timer]) band 16#ffffffff of
        ?RESTART -> started(Timer, expires(Timer));
        _ -> ok
    end.

%% --- queues of work --------------------------------------------------------------------------

queue_work_on(_Processor, _Queue, Work) -> queued(Work, 0).
queue_delayed_work_on(_Processor, _Queue, Delayed, Jiffies) ->
    queued(work_of(Delayed), Jiffies * 1000 div ?HZ).
mod_delayed_work_on(_Processor, _Queue, Delayed, Jiffies) ->
    Was = cancelled({work, work_of(Delayed)}),
    set_pending(work_of(Delayed), false),
    _ = queued(work_of(Delayed), Jiffies * 1000 div ?HZ),
    Was.

queued(Work, Milliseconds) ->
    case is_map_key({work, Work}, waiting()) of
        true ->
            false;
        false ->
            set_pending(Work, true),
            later({work, Work}, Milliseconds),
            true
    end.

work_of(Delayed) -> Delayed + vbeam_ko_interface:offset(delayed_work, work).

%% work_pending() of the module looks at the first bit.
set_pending(Work, true) ->
    Data = vbeam_ko_memory:get(Work, work_struct, data),
    vbeam_ko_memory:set(Work, work_struct, data, Data bor ?PENDING);
set_pending(Work, false) ->
    Data = vbeam_ko_memory:get(Work, work_struct, data),
    vbeam_ko_memory:set(Work, work_struct, data, Data band bnot ?PENDING).

cancel_work_sync(Work) ->
    set_pending(Work, false),
    cancelled({work, Work}).
cancel_delayed_work(Delayed) -> cancel_work_sync(work_of(Delayed)).
cancel_delayed_work_sync(Delayed) -> cancel_work_sync(work_of(Delayed)).

%% What is waiting is done at once.
flush_work(Work) ->
    case cancelled({work, Work}) of
        true -> run({work, Work}), true;
        false -> false
    end.
flush_delayed_work(Delayed) -> flush_work(work_of(Delayed)).
'__flush_workqueue'(_Queue) -> [flush_work(Work) || {work, Work} <- maps:keys(waiting())], ok.
drain_workqueue(Queue) -> '__flush_workqueue'(Queue).
%% There is one queue, whatever it is called.
alloc_workqueue(_Format, _Flags, _Most, _Arguments) -> vbeam_ko_memory:zeroed(64).
destroy_workqueue(Queue) ->
    '__flush_workqueue'(Queue),
    vbeam_ko_memory:free(Queue).
delayed_work_timer_fn(_Timer) -> ok.

%% --- tasklets --------------------------------------------------------------------------------

tasklet_setup(Tasklet, Callback) -> prepared(Tasklet, Callback, 1, 0).
tasklet_init(Tasklet, Function, Data) -> prepared(Tasklet, Function, 0, Data).

prepared(Tasklet, Function, UseCallback, Data) ->
    vbeam_ko_memory:write(Tasklet, <<0:(vbeam_ko_interface:size(tasklet_struct))/unit:8>>),
    vbeam_ko_memory:set(Tasklet, tasklet_struct, callback, Function),
    vbeam_ko_memory:set(Tasklet, tasklet_struct, use_callback, UseCallback),
    vbeam_ko_memory:set(Tasklet, tasklet_struct, data, Data).

'__tasklet_schedule'(Tasklet) ->
    case is_map_key({tasklet, Tasklet}, waiting()) of
        true -> ok;
        false -> later({tasklet, Tasklet}, 0)
    end,
    ok.
'__tasklet_hi_schedule'(Tasklet) -> '__tasklet_schedule'(Tasklet).
tasklet_kill(Tasklet) ->
    case cancelled({tasklet, Tasklet}) of
        true -> run({tasklet, Tasklet});
        false -> ok
    end.

%% --- timers of high resolution ---------------------------------------------------------------

hrtimer_init(Timer, _Clock, _Mode) ->
    vbeam_ko_memory:write(Timer, <<0:(vbeam_ko_interface:size(hrtimer))/unit:8>>).
hrtimer_start_range_ns(Timer, Time, _Slack, Mode) ->
    Expires = case Mode band ?MODE_RELATIVE of
        0 -> Time;
        _ -> vbeam_linuxkpi_time:ktime_get() + Time
    end,
    _ = cancelled({hrtimer, Timer}),
    started(Timer, Expires).
started(Timer, Expires) ->
    vbeam_ko_memory:set(Timer, hrtimer, [node, expires], Expires),
    vbeam_ko_memory:set(Timer, hrtimer, '_softexpires', Expires),
    vbeam_ko_memory:set(Timer, hrtimer, state, ?STATE_ENQUEUED),
    Milliseconds = max(0, Expires - vbeam_linuxkpi_time:ktime_get()) div 1_000_000,
    later({hrtimer, Timer}, min(Milliseconds, 16#ffffffff)),
    ok.
hrtimer_cancel(Timer) ->
    vbeam_ko_memory:set(Timer, hrtimer, state, 0),
    cancelled({hrtimer, Timer}).
hrtimer_try_to_cancel(Timer) -> hrtimer_cancel(Timer).
hrtimer_active(Timer) -> is_map_key({hrtimer, Timer}, waiting()).

%% By whole intervals beyond a time; how many.
hrtimer_forward(Timer, Now, Interval) ->
    case Now - expires(Timer) of
        Behind when Behind < 0 ->
            0;
        Behind ->
            Count = Behind div max(1, Interval) + 1,
            vbeam_ko_memory:set(Timer, hrtimer, [node, expires], expires(Timer) + Count * Interval),
            Count
    end.

expires(Timer) -> vbeam_ko_memory:get(Timer, hrtimer, [node, expires]).
