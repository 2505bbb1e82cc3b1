%% Processes under OTP's supervisors that crash at random, and are all started again.
%%
%% SUPERVISORS supervisors (simple_one_for_one, as pools are) have the workers; some of them, chosen
%% by a seed, end by an error of their own, an exit, or a kill. After all of them every supervisor
%% must have as many workers as before, and each of those that crashed must have a successor.
-module(stress).
-behaviour(supervisor).
-export([main/0, run/2, init/1, start_worker/2, worker/2]).

-define(SUPERVISORS, 100).
-define(BATCH, 100).
-define(WAIT_MS, 60000).

main() ->
    run(100000, 10000).

-spec run(Workers :: pos_integer(), Crashes :: non_neg_integer()) -> ok.
run(Workers, Crashes) ->
    %% A report of each crash would be all that the serial line has time for.
    ok = logger:set_primary_config(level, none),
    Starts = atomics:new(Workers, []),
    Supervisors = list_to_tuple([
        element(2, {ok, _} = supervisor:start_link(?MODULE, Starts))
     || _ <- lists:seq(1, ?SUPERVISORS)
    ]),
    Begin = erlang:monotonic_time(nanosecond),
    Pids = [start(Number, Supervisors) || Number <- lists:seq(1, Workers)],
    Spawned = erlang:monotonic_time(nanosecond),
    Bytes = erlang:memory(total),
    rand:seed(exsss, 7),
    Table = list_to_tuple(Pids),
    Crashed = crash(Crashes, Table, Starts, #{}),
    Ended = erlang:monotonic_time(nanosecond),
    Living = lists:sum([
        proplists:get_value(active, supervisor:count_children(Supervisor))
     || Supervisor <- tuple_to_list(Supervisors)
    ]),
    Restarted = length([Number || Number <- maps:keys(Crashed), atomics:get(Starts, Number) =:= 2]),
    io:format("stress: ~b supervised processes, ~b crashes, ~b started again, ~b living~n", [
        Workers, maps:size(Crashed), Restarted, Living
    ]),
    io:format("stress: ~b KiB in use, ~b ns a process, ~b ns a crash~n", [
        Bytes div 1024,
        (Spawned - Begin) div Workers,
        (Ended - Spawned) div max(1, Crashes)
    ]),
    Living = Workers,
    Restarted = Crashes,
    ok.

start(Number, Supervisors) ->
    {ok, Pid} = supervisor:start_child(element(Number rem ?SUPERVISORS + 1, Supervisors), [Number]),
    Pid.

%% Crash workers that have not crashed yet, a batch at a time, and wait until all are back.
crash(0, _Table, _Starts, Crashed) ->
    Crashed;
crash(Left, Table, Starts, Crashed) ->
    Count = min(Left, ?BATCH),
    Batch = pick(Count, Table, Crashed, []),
    _ = [end_worker(Number, element(Number, Table)) || Number <- Batch],
    Deadline = erlang:monotonic_time(millisecond) + ?WAIT_MS,
    _ = [await(Number, Starts, Deadline) || Number <- Batch],
    Marked = maps:from_list([{Number, crashed} || Number <- Batch]),
    crash(Left - Count, Table, Starts, maps:merge(Crashed, Marked)).

pick(0, _Table, _Crashed, Batch) ->
    Batch;
pick(Count, Table, Crashed, Batch) ->
    Number = rand:uniform(tuple_size(Table)),
    case is_map_key(Number, Crashed) orelse lists:member(Number, Batch) of
        true -> pick(Count, Table, Crashed, Batch);
        false -> pick(Count - 1, Table, Crashed, [Number | Batch])
    end.

end_worker(Number, Pid) ->
    case Number rem 3 of
        0 -> exit(Pid, kill);
        1 -> Pid ! crash;
        2 -> Pid ! leave
    end.

await(Number, Starts, Deadline) ->
    case atomics:get(Starts, Number) of
        2 ->
            ok;
        _ ->
            erlang:monotonic_time(millisecond) < Deadline orelse exit({not_restarted, Number}),
            receive after 1 -> ok end,
            await(Number, Starts, Deadline)
    end.

%% ---- supervisor and workers

init(Starts) ->
    Child = #{id => worker, start => {?MODULE, start_worker, [Starts]}},
    {ok, {#{strategy => simple_one_for_one, intensity => 100000, period => 1}, [Child]}}.

start_worker(Starts, Number) ->
    {ok, spawn_link(?MODULE, worker, [Starts, Number])}.

worker(Starts, Number) ->
    atomics:add(Starts, Number, 1),
    receive
        crash -> error(as_told);
        leave -> exit(as_told)
    end.
