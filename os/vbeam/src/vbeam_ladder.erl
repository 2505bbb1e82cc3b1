%% What happens to a driver or service that keeps failing. A failure is an end with any reason but
%% normal, shutdown, and killed, by which others end it. Failures less than WINDOW_MS apart lead one
%% step further:
%%
%%   restart     its supervisor starts it again, RESTARTS times
%%   subtree     all children of its supervisor end, and start again
%%   sanitised   it starts without the state that was kept for it, which may be what makes it fail,
%%               but for what others were promised (vbeam_keeper:sanitise/1)
%%   degraded    it is not started any more; the others go on. vbeam:revive/1 tries once more.
%%
%% When the system cannot do without a degraded one, vbeam_guardian starves the hardware watchdog,
%% which resets the machine. A start that fails is tried INIT_TRIES times at once, the last time
%% without kept state, and is degraded then: one broken driver does not keep a machine from booting.
%% Perhaps it only lacked another one that was failing, too: vbeam_guardian has it tried AGAIN_TRIES
%% times more, one every time it looks.
%%
%% One whose start exits with {shutdown, later} needs another that is being started itself: it has
%% not failed, and is started a little later, after LATER_MS at first, then twice as long each time.
%%
%% What is known of each name is kept by vbeam_keeper, so that it outlives the supervisors, too.
-module(vbeam_ladder).
-export([child/1, child/2, start/2, failed/2, gone/1, revive/1, try_again/0, status/0]).
-export([degraded/0, reason/1, restart_subtree/1, start_later/3]).

-define(WINDOW_MS, 60000).
-define(RESTARTS, 5).
-define(INIT_TRIES, 3).
-define(AGAIN_TRIES, 5).
-define(LATER_MS, 1).
-define(LATER_MS_MAX, 64).

-record(record, {
    supervisor :: atom(),
    step = restart :: restart | subtree | sanitised | degraded,
    %% Times of failures, the last first, and why it failed last.
    failures = [] :: [integer()],
    reason :: term(),
    starts = 0 :: non_neg_integer(),
    %% The process of the supervisor that started it last.
    under :: pid() | undefined,
    %% How often it is tried again, when it is degraded because it did not start.
    again = ?AGAIN_TRIES :: non_neg_integer(),
    unstarted = false :: boolean(),
    %% How long it waits when it needs another that is not there.
    later = ?LATER_MS :: pos_integer()
}).
-type status() :: #{
    supervisor := atom(),
    step := restart | subtree | sanitised | degraded,
    starts := non_neg_integer(),
    reason := term()
}.

%% The child specification for a module's start_link/0.
-spec child(module()) -> supervisor:child_spec().
child(Module) ->
    Start = {?MODULE, start, [Module, {Module, start_link, []}]},
    #{id => Module, start => Start, shutdown => 5000, modules => [Module]}.

%% The same for a supervisor below another one, and for a process with a name of its own.
-spec child(atom(), supervisor | {module(), atom(), [term()]}) -> supervisor:child_spec().
child(Module, supervisor) ->
    (child(Module))#{type => supervisor, shutdown => infinity};
child(Name, Call) ->
    #{id => Name, start => {?MODULE, start, [Name, Call]}, shutdown => 5000}.

%% Called by the supervisor, instead of the function that starts the process.
-spec start(atom(), {module(), atom(), [term()]}) -> {ok, pid()} | ignore.
start(Name, Call) ->
    end_former(Name),
    Known = known(Name, #record{supervisor = supervisor()}),
    case climb(own_ending(ending(Name), Known), Known) of
        #record{step = degraded} = Record ->
            keep(Name, Record),
            _ = Known#record.step =/= degraded andalso report(Name, Record),
            ignore;
        Record when Record#record.step =:= Known#record.step ->
            start(Name, Call, Record, ?INIT_TRIES);
        #record{step = subtree, supervisor = Supervisor} = Record ->
            keep(Name, Record),
            report(Name, Record),
            _ = spawn(?MODULE, restart_subtree, [Supervisor]),
            ignore;
        #record{step = sanitised} = Record ->
            report(Name, Record),
            start(Name, Call, Record, 1);
        Record ->
            start(Name, Call, Record, ?INIT_TRIES)
    end.

%% A failure that is no end: whoever notices it ends the process, which is then no failure more.
-spec failed(atom(), Reason :: term()) -> ok.
failed(Name, Reason) ->
    vbeam_keeper:put(?MODULE, {failed, Name}, Reason).

%% What it was for is there no more: neither is what was known and kept of it.
-spec gone(atom()) -> ok.
gone(Name) ->
    vbeam_keeper:erase(?MODULE, Name),
    vbeam_keeper:forget(Name).

%% A degraded driver or service gets another chance, without kept state.
-spec revive(atom()) -> {ok, pid()} | {error, term()}.
revive(Name) ->
    case known(Name, none) of
        #record{supervisor = Supervisor} = Record ->
            keep(Name, Record#record{step = restart, failures = [], unstarted = false}),
            vbeam_keeper:forget(Name),
            case supervisor:restart_child(Supervisor, Name) of
                {ok, Pid} when is_pid(Pid) -> {ok, Pid};
                {ok, undefined} -> {error, degraded};
                {error, Reason} -> {error, Reason}
            end;
        none ->
            {error, not_found}
    end.

%% Why it failed last.
-spec reason(atom()) -> term().
reason(Name) ->
    case known(Name, none) of
        #record{reason = Reason} -> Reason;
        none -> none
    end.

%% Those that did not start may do so now.
-spec try_again() -> ok.
try_again() ->
    _ = [
        begin
            Fewer = Record#record{again = Again - 1},
            keep(Name, Fewer#record{step = restart}),
            case catch supervisor:restart_child(Supervisor, Name) of
                {ok, _} -> ok;
                _ -> keep(Name, Fewer)
            end
        end
     || {Name, #record{step = degraded, unstarted = true, again = Again} = Record} <-
            vbeam_keeper:values(?MODULE),
        Again > 0,
        Supervisor <- [Record#record.supervisor],
        is_pid(whereis(Supervisor))
    ],
    ok.

-spec degraded() -> [atom()].
degraded() ->
    [Name || {Name, #{step := degraded}} <- status()].

%% All drivers and services that were ever started.
-spec status() -> [{atom(), status()}].
status() ->
    [
        {Name, #{
            supervisor => Record#record.supervisor,
            step => Record#record.step,
            starts => Record#record.starts,
            reason => Record#record.reason
        }}
     || {Name, #record{} = Record} <- vbeam_keeper:values(?MODULE)
    ].

%% ---- steps

%% When its supervisor was ended, a process may not have heard of that yet, or be past hearing.
end_former(Name) ->
    case whereis(Name) of
        undefined ->
            ok;
        Pid ->
            Monitor = erlang:monitor(process, Pid),
            exit(Pid, kill),
            receive
                {'DOWN', Monitor, process, _, _} -> ok
            end
    end.

%% Anybody can write to what is kept; without a record a name begins anew.
known(Name, Default) ->
    case vbeam_keeper:get(?MODULE, Name, Default) of
        #record{} = Record -> Record;
        _ -> Default
    end.

ending(Name) ->
    Ending = vbeam_keeper:ending(Name),
    case vbeam_keeper:get(?MODULE, {failed, Name}, none) of
        none ->
            Ending;
        Reason ->
            vbeam_keeper:put(?MODULE, {failed, Name}, none),
            {ended, Reason}
    end.

%% Who ended with its supervisor has not failed.
own_ending(Ending, #record{under = Under}) when Under =:= undefined; Under =:= self() -> Ending;
own_ending(_, _) -> none.

%% The step to stand on after the last end.
climb({ended, Reason}, Record) when
    Reason =/= normal, Reason =/= shutdown, Reason =/= killed, Reason =/= noproc
->
    case Reason of
        {shutdown, _} -> Record;
        _ -> failed(Reason, erlang:monotonic_time(millisecond), Record)
    end;
climb(_, Record) ->
    Record.

failed(_Reason, _Now, #record{step = degraded} = Record) ->
    Record;
failed(Reason, Now, #record{failures = [Last | _]} = Record) when Now - Last > ?WINDOW_MS ->
    Record#record{failures = [Now], reason = Reason, step = restart};
failed(Reason, Now, #record{failures = Failures, step = Step} = Record) ->
    Recent = lists:sublist([Now | Failures], ?RESTARTS + 1),
    Record#record{failures = Recent, reason = Reason, step = next(Step, length(Recent))}.

next(restart, Failures) when Failures =< ?RESTARTS -> restart;
next(restart, _) -> subtree;
next(subtree, _) -> sanitised;
next(sanitised, _) -> degraded.

start(Name, _Call, #record{unstarted = Before} = Record, 0) ->
    Degraded = Record#record{step = degraded, unstarted = true},
    keep(Name, Degraded),
    _ = Before orelse report(Name, Degraded),
    ignore;
start(Name, {Module, Function, Arguments} = Call, Record, Tries) ->
    %% The last try has nothing that an earlier incarnation may have spoilt.
    _ = Tries =:= 1 andalso vbeam_keeper:sanitise(Name),
    try apply(Module, Function, Arguments) of
        {ok, Pid} ->
            vbeam_keeper:watch(Name, Pid),
            Starts = Record#record.starts + 1,
            Started = Record#record{starts = Starts, under = self(), unstarted = false},
            keep(Name, Started#record{again = ?AGAIN_TRIES, later = ?LATER_MS}),
            {ok, Pid};
        ignore ->
            ignore;
        {error, {shutdown, later}} ->
            #record{supervisor = Supervisor, later = Milliseconds} = Record,
            keep(Name, Record#record{later = min(?LATER_MS_MAX, 2 * Milliseconds)}),
            _ = spawn(?MODULE, start_later, [Supervisor, Name, Milliseconds]),
            ignore;
        {error, Reason} ->
            start(Name, Call, Record#record{reason = Reason}, Tries - 1)
    catch
        Class:Reason ->
            start(Name, Call, Record#record{reason = {Class, Reason}}, Tries - 1)
    end.

%% End what a supervisor supervises, and start all of it again.
-spec restart_subtree(atom()) -> ok.
restart_subtree(Supervisor) ->
    vbeam_hw:system_process(),
    Above = above(Supervisor),
    _ = supervisor:terminate_child(Above, Supervisor),
    _ = supervisor:restart_child(Above, Supervisor),
    ok.

above(vbeam_filesystem_sup) -> vbeam_service_sup;
above(vbeam_block_sup) -> vbeam_hal_sup;
above(_) -> vbeam_kernel_sup.

-spec start_later(atom(), atom(), pos_integer()) -> ok.
start_later(Supervisor, Name, Milliseconds) ->
    vbeam_hw:system_process(),
    receive after Milliseconds -> ok end,
    _ = supervisor:restart_child(Supervisor, Name),
    ok.

%% The name of the supervisor that is the calling process.
supervisor() ->
    case process_info(self(), registered_name) of
        {registered_name, Name} -> Name;
        _ -> undefined
    end.

keep(Name, Record) ->
    vbeam_keeper:put(?MODULE, Name, Record).

report(Name, #record{step = Step, reason = Reason}) ->
    Text = io_lib:format("~s keeps failing, ~s: ~0p", [Name, words(Step), Reason]),
    vbeam_boot:phase(unicode:characters_to_binary(Text)).

words(subtree) -> "so all of its supervisor start again";
words(sanitised) -> "so it starts without kept state";
words(degraded) -> "so it is not started any more".
