%% Partitions of 70, 20 and 10 per cent under load that saturates them all, on the bare VM: what
%% each uses over a second, with three kinds of load that change places, and what becomes of the
%% time of one that is idle. Prints a line for each measurement:
%%
%%   {shares, What, Milliseconds, [{Name, Share, Used}, ...]}      Used in hundredths of a per cent
%%
%% 10 per cent are what is left to `system`, where the process that measures is, too.
-module(partition_shares).
-export([run/1]).

-define(WARM_MS, 300).
-define(MEASURE_MS, 1000).

run(Whats) ->
    Handle = vbeam_shares:claim(),
    ok = vbeam_shares:set(Handle, large, 70, 0),
    ok = vbeam_shares:set(Handle, middle, 20, 0),
    %% It wakes in time whatever the load.
    process_flag(priority, max),
    lists:foreach(fun(What) -> measure(What, Handle, loads(What)) end, Whats),
    gone = removed(Handle, [large, middle]),
    erlang:display({done, length(Whats)}).

%% Which load is in which partition, and with which priority.
loads(computing_sending_collecting) ->
    [{large, compute, normal}, {middle, send, normal}, {system, collect, normal}];
loads(sending_collecting_computing) ->
    [{large, send, normal}, {middle, collect, normal}, {system, compute, normal}];
loads(collecting_computing_sending) ->
    [{large, collect, normal}, {middle, compute, normal}, {system, send, normal}];
%% The time of the idle one goes to the others in the ratio of their shares.
loads(middle_idle) ->
    [{large, compute, normal}, {system, send, normal}];
%% It goes to the more urgent.
loads(middle_idle_system_high) ->
    [{large, compute, normal}, {system, compute, high}];
%% A high priority is no way to more than the share.
loads(middle_high) ->
    [{large, compute, normal}, {middle, compute, high}, {system, send, low}];
loads(only_small) ->
    [{system, compute, normal}];
loads(many_against_one) ->
    [{large, compute_once, normal}, {middle, many, normal}, {system, spawn_and_end, normal}].

measure(What, Handle, Loads) ->
    Pids = lists:append([start(Handle, Name, Load, Priority) || {Name, Load, Priority} <- Loads]),
    receive after ?WARM_MS -> ok end,
    {Began, _, _, Before} = vbeam_shares:read(),
    receive after ?MEASURE_MS -> ok end,
    {Ended, _, _, After} = vbeam_shares:read(),
    Used = [
        {element(1, B), element(2, B), 10000 * (element(7, A) - element(7, B)) div (Ended - Began)}
     || {B, A} <- lists:zip(Before, After)
    ],
    erlang:display({shares, What, (Ended - Began) div 1000000, Used}),
    [exit(Pid, kill) || Pid <- Pids],
    lists:foreach(fun(Pid) -> await_end(Pid) end, Pids).

await_end(Pid) ->
    Monitor = monitor(process, Pid),
    receive {'DOWN', Monitor, process, Pid, _} -> ok end.

removed(_Handle, []) ->
    gone;
removed(Handle, [Name | Rest]) ->
    case vbeam_shares:remove(Handle, Name) of
        true -> removed(Handle, Rest);
        false -> receive after 1 -> removed(Handle, [Name | Rest]) end
    end.

%% ---- loads: those that a load starts are in its partition, too

start(Handle, Name, Load, Priority) ->
    Self = self(),
    Pids = [
        spawn_opt(
            fun() ->
                receive go -> ok end,
                work(Work, Self)
            end,
            [{priority, Priority}]
        )
     || Work <- processes_of(Load)
    ],
    [ok = vbeam_shares:join(Handle, Pid, Name) || Pid <- Pids],
    [Pid ! go || Pid <- Pids],
    Pids.

processes_of(compute) -> [compute, compute, compute];
processes_of(compute_once) -> [compute];
processes_of(send) -> lists:duplicate(4, send);
processes_of(collect) -> [collect, collect_large];
processes_of(many) -> lists:duplicate(300, compute);
processes_of(spawn_and_end) -> [spawn_and_end, spawn_and_end].

work(compute, _) -> compute(1);
work(send, _) -> send(spawn_link(fun answer/0));
work(collect, _) -> collect([]);
work(collect_large, _) -> collect_large(lists:seq(1, 200000));
work(spawn_and_end, _) -> spawn_and_end().

compute(N) -> compute((N * 7 + 3) rem 1000003).

%% Every message is waited for.
send(Other) ->
    Other ! {self(), [1, two, <<"three">>]},
    receive {answer, _} -> send(Other) end.
answer() ->
    receive {From, Term} -> From ! {answer, Term}, answer() end.

%% Garbage, and a live list that grows and goes.
collect(Kept) when length(Kept) > 2000 -> collect([]);
collect(Kept) -> collect([lists:seq(1, 20) | Kept]).

%% Most of the time goes into collections, in turns of their own.
collect_large(Kept) ->
    erlang:garbage_collect(),
    collect_large(Kept).

spawn_and_end() ->
    {Pid, Monitor} = spawn_monitor(fun() -> lists:seq(1, 100) end),
    receive {'DOWN', Monitor, process, Pid, _} -> spawn_and_end() end.
