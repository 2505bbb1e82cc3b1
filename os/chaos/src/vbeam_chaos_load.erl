%% What the system does while faults are injected, and what it is promised. Each process notes what
%% was lost (lost/0): then the promise is broken.
%%
%%   lines     numbered lines on the serial line, always some of them in the queue: whoever reads
%%             the line checks that each comes once and in order
%%   files     files in memory are written, read and deleted
%%   timers    none comes early, each comes
%%   spawns    processes start, exit, and are told of
%%
%% Besides, what is given to vbeam_keeper for each fault must be there after it (note/1, problem/1).
-module(vbeam_chaos_load).
-export([start/0, pause/1, go/1, stop/1, note/1, problem/1, lost/0]).

-define(TABLE, vbeam_chaos_lost).
-define(NAME, vbeam_chaos).
%% With more bytes of lines waiting than these nothing more is written.
-define(WAITING_MAX, 400).
-define(RETRY_MS, 3).
-define(FILE_BYTES, 3000).
-define(LATE_MS, 30000).

-spec start() -> pid().
start() ->
    ?TABLE = ets:new(?TABLE, [named_table, public, ordered_set]),
    Self = self(),
    spawn(fun() ->
        vbeam_hw:system_process(),
        process_flag(trap_exit, true),
        Works = [fun line/1, fun file/1, fun timer/1, fun spawns/1],
        Pids = [spawn_link(fun() -> work(Work, 1) end) || Work <- Works],
        manage(Self, Pids)
    end).

%% The processes rest from then on, and have come to the end of what they did.
-spec pause(pid()) -> ok.
pause(Load) -> request(Load, pause).

-spec go(pid()) -> ok.
go(Load) -> request(Load, go).

%% The number of the last line.
-spec stop(pid()) -> non_neg_integer().
stop(Load) -> request(Load, stop).

request(Load, Request) ->
    Monitor = monitor(process, Load),
    Load ! {Request, self(), Monitor},
    receive
        {Monitor, Answer} ->
            demonitor(Monitor, [flush]),
            Answer
    end.

manage(Campaign, [Lines | _] = Pids) ->
    receive
        {stop, From, Reference} ->
            Count = ask(Lines, pause),
            From ! {Reference, Count};
        {'EXIT', _, Reason} ->
            lose({load_ended, Reason}),
            manage(Campaign, Pids);
        {Request, From, Reference} ->
            _ = [ask(Pid, Request) || Pid <- Pids],
            From ! {Reference, ok},
            manage(Campaign, Pids)
    end.

ask(Pid, Request) ->
    Reference = make_ref(),
    Pid ! {Request, self(), Reference},
    receive
        {Reference, Number} -> Number
    after ?LATE_MS ->
        lose({load_does_not_answer, erlang:process_info(Pid, current_stacktrace)}),
        0
    end.

%% Work is done again and again, and gets the number of the next piece of it.
work(Work, Number) ->
    receive
        {go, From, Reference} ->
            From ! {Reference, Number - 1},
            work(Work, Number);
        {pause, From, Reference} ->
            From ! {Reference, Number - 1},
            paused(Work, Number)
    after 0 ->
        work(Work, Work(Number))
    end.

paused(Work, Number) ->
    receive
        {go, From, Reference} ->
            From ! {Reference, Number - 1},
            work(Work, Number);
        {_, From, Reference} ->
            From ! {Reference, Number - 1},
            paused(Work, Number)
    end.

-spec lost() -> [term()].
lost() ->
    [What || {_, What} <- ets:tab2list(?TABLE)].

lose(What) ->
    true = ets:insert(?TABLE, {ets:info(?TABLE, size), What}),
    ok.

%% ---- lines

line(Number) ->
    try vbeam_serial:status() of
        #{queued := Queued} when Queued < ?WAITING_MAX ->
            Line = io_lib:format("\^B~8..0b abcdefghijklmnopqrstuvwxyz\^C\r\n", [Number]),
            written(vbeam_serial:write(iolist_to_binary(Line)), Number);
        _ ->
            wait(Number)
    catch
        %% The driver was ended; or the line was not taken, and is written again.
        exit:_ -> wait(Number)
    end.

written(ok, Number) -> Number + 1;
written({error, _}, Number) -> wait(Number).

wait(Number) ->
    receive after ?RETRY_MS -> ok end,
    Number.

%% ---- files

file(Number) ->
    receive after 7 -> ok end,
    Name = "/tmp/chaos_" ++ integer_to_list(Number rem 8),
    Bytes = binary:copy(integer_to_binary(Number), ?FILE_BYTES),
    case {file:write_file(Name, Bytes), file:read_file(Name), file:delete(Name)} of
        {ok, {ok, Bytes}, ok} -> ok;
        {Written, _, Deleted} -> lose({file, Number, Written, Deleted})
    end,
    Number + 1.

%% ---- timers

timer(Number) ->
    Due = Number rem 17,
    Begin = erlang:monotonic_time(millisecond),
    Timer = erlang:start_timer(Due, self(), chaos),
    receive
        {timeout, Timer, chaos} ->
            Late = erlang:monotonic_time(millisecond) - Begin - Due,
            Late >= 0 orelse lose({timer_early, Number, Late})
    after ?LATE_MS ->
        lose({timer, Number})
    end,
    Number + 1.

%% ---- processes

spawns(Number) ->
    receive after 11 -> ok end,
    Started = [spawn_monitor(fun() -> exit({chaos, Number, Each}) end) || Each <- [1, 2, 3]],
    _ = [ended(Number, Each, Pid) || {Each, Pid} <- lists:zip([1, 2, 3], Started)],
    Number + 1.

ended(Number, Each, {Pid, Monitor}) ->
    receive
        {'DOWN', Monitor, process, Pid, {chaos, Number, Each}} -> ok;
        {'DOWN', Monitor, process, Pid, Other} -> lose({spawned, Number, Other})
    after ?LATE_MS ->
        lose({spawned, Number, no_end})
    end.

%% ---- what is kept

-spec note(Fault :: pos_integer()) -> ok.
note(Fault) ->
    true = ets:insert(vbeam_keeper:table(?NAME, notes), {Fault, Fault * Fault}),
    vbeam_keeper:put(?NAME, last, Fault).

-spec problem(Fault :: pos_integer()) -> ok | term().
problem(Fault) ->
    Table = vbeam_keeper:table(?NAME, notes),
    case {lost(), ets:info(Table, size), vbeam_keeper:get(?NAME, last, none)} of
        {[], Fault, Fault} -> ok;
        {[], Size, Last} -> {kept, Size, Last, Fault};
        {[Lost | _], _, _} -> {lost, Lost}
    end.
