%% How long an interrupt takes from the device to the process that handles it, on the bare VM in an
%% emulator whose clock counts instructions: one is a nanosecond. The device is timer 0 of the HPET,
%% set to fire once, some 100 to 300 microseconds ahead; the handler reads the HPET's counter first
%% of all. A tick is 10 ns. The handler runs at high priority, as drivers do. With the load
%% `partitions` it is in one whose share others use up, so that it runs on the critical budget.
-module(interrupts).
-export([run/2]).

-define(HPET, 16#fed00000).
-define(CONFIGURATION, 16#10).
-define(COUNTER, 16#f0).
-define(TIMER, 16#100).
-define(COMPARATOR, 16#108).
-define(ENABLE, 1).
-define(TIMER_INTERRUPT, 4).

run(Count, Loads) ->
    lists:foreach(fun(Load) -> measure(Load, Count) end, Loads),
    erlang:display(done).

measure(Load, Count) ->
    erlang:display({begins, Load}),
    Busy = load(Load),
    Self = self(),
    {Pid, Monitor} = spawn_opt(
        fun() ->
            receive begins -> ok end,
            Self ! {self(), handler(Count)}
        end,
        [monitor, {priority, high}]
    ),
    place(Load, Pid),
    Pid ! begins,
    receive
        {Pid, {Ticks, Nanoseconds}} ->
            Sorted = list_to_tuple(lists:sort(Ticks)),
            At = fun(Share) -> element(max(1, ceil(Share * Count)), Sorted) * 10 end,
            Values = [At(0.5), At(0.99), At(0.999), At(1)],
            erlang:display({latency, Load, Count, Values, Nanoseconds div 1000000, length(Busy)});
        {'DOWN', Monitor, process, Pid, Reason} ->
            erlang:display({failed, Load, Reason})
    end,
    [exit(Process, kill) || Process <- Busy].

%% ---- the handler

handler(Count) ->
    Hpet = vbeam_hw:claim_memory(?HPET, 1024),
    Routes = vbeam_hw:read(Hpet, ?TIMER + 4, 32),
    {Line, Vector} = claim_line([L || L <- lists:seq(0, 31), Routes band (1 bsl L) =/= 0]),
    Gsi = Vector - 48,
    vbeam_hw:write(Hpet, ?CONFIGURATION, 64, ?ENABLE),
    vbeam_hw:write(Hpet, ?TIMER, 32, ?TIMER_INTERRUPT bor (Gsi bsl 9)),
    Began = erlang:monotonic_time(nanosecond),
    Ticks = take(Count, Hpet, Line, Vector, 1, []),
    Took = erlang:monotonic_time(nanosecond) - Began,
    vbeam_hw:write(Hpet, ?TIMER, 32, 0),
    {Ticks, Took}.

%% The first line that nobody has.
claim_line([Line | Rest]) ->
    try vbeam_hw:claim_interrupt(Line)
    catch error:_ -> claim_line(Rest)
    end.

take(0, _Hpet, _Line, _Vector, _Random, Ticks) ->
    Ticks;
take(Count, Hpet, Line, Vector, Random, Ticks) ->
    %% Knuth's MMIX generator: the same moments in every run.
    Next = (Random * 6364136223846793005 + 1442695040888963407) band (1 bsl 64 - 1),
    Due = vbeam_hw:read(Hpet, ?COUNTER, 64) + 10000 + (Next bsr 32) rem 20000,
    vbeam_hw:write(Hpet, ?COMPARATOR, 64, Due),
    receive
        {interrupt, Vector, _} ->
            Now = vbeam_hw:read(Hpet, ?COUNTER, 64),
            vbeam_hw:acknowledge(Line),
            take(Count - 1, Hpet, Line, Vector, Next, [Now - Due | Ticks])
    after 1000 ->
        exit({lost, Count})
    end.

place(partitions, Pid) ->
    ok = vbeam_shares:join(get(handle), Pid, drivers);
place(_, _) ->
    ok.

%% ---- what else the machine does

load(idle) ->
    [];
load(partitions) ->
    Handle = vbeam_shares:claim(),
    put(handle, Handle),
    ok = vbeam_shares:set(Handle, large, 70, 0),
    ok = vbeam_shares:set(Handle, drivers, 20, 20000000),
    Busy = [_Collector, _Printer | Computing] = load(busy),
    {InLarge, InDrivers} = lists:split(length(Computing) div 2, Computing),
    [ok = vbeam_shares:join(Handle, Process, large) || Process <- InLarge],
    [ok = vbeam_shares:join(Handle, Process, drivers) || Process <- InDrivers],
    Busy;
load(busy) ->
    Ready = self(),
    Works = [fun print/1 | lists:duplicate(8, fun compute/1)],
    %% A heap that is large from the beginning is filled without collections.
    Collector = spawn_opt(fun() -> collect(Ready) end, [{min_heap_size, 40 * 1024 * 1024}]),
    Pids = [Collector | [spawn(fun() -> Work(Ready) end) || Work <- Works]],
    [receive {Pid, ready} -> ok end || Pid <- Pids],
    Pids.

compute(Ready) ->
    Ready ! {self(), ready},
    compute_on(1).
compute_on(N) -> compute_on((N * 7 + 3) rem 1000003).

%% A heap of 256 MB of live data, collected again and again.
collect(Ready) ->
    Kept = lists:seq(1, 16 * 1024 * 1024),
    Ready ! {self(), ready},
    collect_on(Kept).
collect_on(Kept) ->
    erlang:garbage_collect(),
    collect_on(Kept).

print(Ready) ->
    Term = [{N, [N], <<N:32>>} || N <- lists:seq(1, 100000)],
    %% The modules for it are loaded before: that is measured elsewhere (pauses: load_module).
    _ = io_lib:format("~p", [hd(Term)]),
    Ready ! {self(), ready},
    print_on(Term).
print_on(Term) ->
    _ = io_lib:format("~p", [Term]),
    print_on(Term).
