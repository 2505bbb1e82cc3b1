%% Adaptive partitions: named parts of the system, each with a guaranteed share of the processor's
%% time over a sliding window. The VM's scheduler enforces them (vm/partitions.ts says by which
%% rules); this service is the one process that may change them. What it has set lives in the VM,
%% so it can be ended at any time, and goes on holding meanwhile. Who is told of bankruptcies is
%% kept by vbeam_keeper.
%%
%% Partition `system` has everybody who is in no other, and what the others leave of the time, at
%% least one per cent.
-module(vbeam_scheduler).
-behaviour(gen_server).
-export([start_link/0]).
-export([create/2, modify/2, delete/1, join/1, join/2, partition/1, critical/2]).
-export([window/0, window/1, stats/0, subscribe/0, unsubscribe/0]).
-export([child/1, start/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).
-export_type([options/0, error/0]).

-define(NS_PER_MS, 1000000).
-define(WINDOW_MS_MIN, 10).
-define(WINDOW_MS_MAX, 400).
%% Bankruptcies of one partition are logged so often at most.
-define(LOG_MS, 10000).
%% Between two looks whether a partition that goes is empty.
-define(REMOVE_MS, 1).

%% share: guaranteed per cent; critical: milliseconds of each window beyond it for critical
%% processes.
-type options() :: #{share => 1..99, critical => non_neg_integer()} | 1..99.
-type error() ::
    {error,
        exists | not_found | busy | noproc | system_limit
        | {not_enough, Most :: integer()}
        | {bad_name, term()}
        | {bad_options, term()}
        | {bad_window, term()}
        | {bad_pid, term()}
        | {bad_flag, term()}}.
-type stats() :: #{
    name := atom(),
    share := 0..100,
    used := float(),
    used_1s := float(),
    used_10s := float(),
    used_ns := non_neg_integer(),
    critical_ms := non_neg_integer(),
    critical_used := float(),
    critical_ns := non_neg_integer(),
    bankruptcies := non_neg_integer(),
    runnable := non_neg_integer(),
    processes := non_neg_integer()
}.

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% A new partition; its share is taken from that of `system`.
-spec create(Name :: atom(), options()) -> ok | error().
create(Name, Options) ->
    call({create, Name, Options}).

%% Another share or critical budget; of `system`, a critical budget.
-spec modify(Name :: atom(), options()) -> ok | error().
modify(Name, Options) ->
    call({modify, Name, Options}).

%% Its processes go to `system`, and so does its share.
-spec delete(Name :: atom()) -> ok | error().
delete(Name) ->
    call({delete, Name}).

%% The process belongs to a partition from now on, and so do those that it starts from now on.
-spec join(Name :: atom()) -> ok | error().
join(Name) ->
    join(self(), Name).

-spec join(pid(), Name :: atom()) -> ok | error().
join(Pid, Name) ->
    call({join, Pid, Name}).

%% Where a process is, and whether it may use the critical budget.
-spec partition(pid()) -> {Name :: atom(), Critical :: boolean()} | undefined.
partition(Pid) ->
    case vbeam_shares:'of'(Pid) of
        {Name, _, Critical} -> {Name, Critical};
        undefined -> undefined
    end.

%% Processes that have claimed an interrupt are critical from then on.
-spec critical(pid(), boolean()) -> ok | error().
critical(Pid, Flag) ->
    call({critical, Pid, Flag}).

%% The length of the sliding window in milliseconds.
-spec window() -> pos_integer().
window() ->
    {_, WindowNs, _, _} = vbeam_shares:read(),
    WindowNs div ?NS_PER_MS.

-spec window(?WINDOW_MS_MIN..?WINDOW_MS_MAX) -> ok | error().
window(Milliseconds) ->
    call({window, Milliseconds}).

%% What each partition has and uses: used, used_1s and used_10s in per cent of the time of the
%% window, of the last second and of the last ten; used_ns since it was made. critical_used is what
%% of the window went to critical processes beyond the share, critical_ns the same since then.
-spec stats() -> [stats()].
stats() ->
    {_, _, Spans, Rows} = vbeam_shares:read(),
    [stats(Row, Spans) || Row <- Rows].

stats(
    {Name, Share, CriticalNs, Processes, Queued, Bankruptcies, Used, Critical, InWindow,
        CriticalInWindow, InSecond, InTen},
    {Window, Second, Ten}
) ->
    #{
        name => Name,
        share => Share,
        used => per_cent(InWindow, Window),
        used_1s => per_cent(InSecond, Second),
        used_10s => per_cent(InTen, Ten),
        used_ns => Used,
        critical_ms => CriticalNs div ?NS_PER_MS,
        critical_used => per_cent(CriticalInWindow, Window),
        critical_ns => Critical,
        bankruptcies => Bankruptcies,
        runnable => Queued,
        processes => Processes
    }.

per_cent(_Used, 0) -> 0.0;
per_cent(Used, Of) -> 100 * Used / Of.

%% The caller gets {vbeam_scheduler, bankrupt, Name} when critical processes of a partition want
%% more than its critical budget, once a window at most.
-spec subscribe() -> ok.
subscribe() ->
    call({subscribe, self()}).

-spec unsubscribe() -> ok.
unsubscribe() ->
    call({unsubscribe, self()}).

%% ---- child specifications

%% A child specification as OTP's supervisor takes it, of one that may have `partition => Name`: the
%% child begins in that partition. OTP's supervisor alone would ignore the key.
-spec child(map()) -> supervisor:child_spec().
child(#{partition := Name, start := Call} = Child) ->
    (maps:remove(partition, Child))#{start := {?MODULE, start, [Name, Call]}};
child(Child) ->
    Child.

%% Called by the supervisor, instead of the function that starts the child. The supervisor itself
%% stays where it is.
-spec start(Name :: atom(), {module(), atom(), [term()]}) -> term().
start(Name, {Module, Function, Arguments}) ->
    case call({heirs, self(), Name}) of
        {ok, Before} ->
            try
                apply(Module, Function, Arguments)
            after
                call({heirs, self(), Before})
            end;
        {error, Reason} ->
            {error, {partition, Name, Reason}}
    end.

call(Request) ->
    gen_server:call(?MODULE, Request, infinity).

%% ---- the process

-record(state, {
    handle :: vbeam_shares:handle(),
    %% When a bankruptcy of a partition was last logged.
    logged = #{} :: #{atom() => integer()}
}).

init([]) ->
    vbeam_hw:system_process(),
    process_flag(priority, high),
    Handle = vbeam_shares:claim(),
    ok = vbeam_shares:events(Handle, true),
    _ = [monitor(process, Pid) || Pid <- subscribers()],
    {_, _, _, Rows} = vbeam_shares:read(),
    %% One that was about to go when the last process of this service ended.
    _ = [self() ! {remove, element(1, Row), nobody} || Row <- Rows, element(2, Row) =:= 0],
    vbeam_boot:phase(<<"child vbeam_scheduler: started">>),
    {ok, #state{handle = Handle}}.

handle_call({delete, Name}, From, #state{handle = Handle} = State) ->
    case find(Name) of
        {ok, _} when Name =/= system ->
            remove(Name, From, Handle),
            {noreply, State};
        {ok, _} ->
            {reply, {error, {bad_name, Name}}, State};
        Error ->
            {reply, Error, State}
    end;
handle_call(Request, _From, #state{handle = Handle} = State) ->
    {reply, answer(Request, Handle), State}.

handle_cast(_Request, #state{} = State) ->
    {noreply, State}.

handle_info({partition_bankrupt, Name}, #state{} = State) ->
    _ = [Pid ! {?MODULE, bankrupt, Name} || Pid <- subscribers()],
    {noreply, log_bankruptcy(Name, State)};
handle_info({remove, Name, From}, #state{handle = Handle} = State) ->
    remove(Name, From, Handle),
    {noreply, State};
handle_info({'DOWN', _, process, Pid, _}, #state{} = State) ->
    keep_subscribers(lists:delete(Pid, subscribers())),
    {noreply, State};
handle_info(_Other, #state{} = State) ->
    {noreply, State}.

log_bankruptcy(Name, #state{logged = Logged} = State) ->
    Now = erlang:monotonic_time(millisecond),
    case Logged of
        #{Name := Last} when Now - Last < ?LOG_MS ->
            State;
        _ ->
            logger:warning("partition ~tp: its critical budget is used up", [Name]),
            State#state{logged = Logged#{Name => Now}}
    end.

answer({create, Name, Options}, Handle) ->
    case find(Name) of
        {error, not_found} -> set(Name, options(Options, #{critical => 0}), Handle);
        {ok, _} -> {error, exists};
        Error -> Error
    end;
answer({modify, Name, Options}, Handle) ->
    case find(Name) of
        {ok, Known} -> set(Name, options(Options, Known), Handle);
        Error -> Error
    end;
answer({window, Ms}, Handle) when is_integer(Ms), Ms >= ?WINDOW_MS_MIN, Ms =< ?WINDOW_MS_MAX ->
    vbeam_shares:window(Handle, Ms * ?NS_PER_MS);
answer({window, Ms}, _Handle) ->
    {error, {bad_window, Ms}};
answer({subscribe, Pid}, _Handle) ->
    monitor(process, Pid),
    keep_subscribers(lists:usort([Pid | subscribers()]));
answer({unsubscribe, Pid}, _Handle) ->
    keep_subscribers(lists:delete(Pid, subscribers()));
answer({_, Pid, _}, _Handle) when not is_pid(Pid); node(Pid) =/= node() ->
    {error, {bad_pid, Pid}};
answer({critical, Pid, Flag}, Handle) when is_boolean(Flag) ->
    outcome(vbeam_shares:critical(Handle, Pid, Flag));
answer({critical, _, Flag}, _Handle) ->
    {error, {bad_flag, Flag}};
answer({_, _, Name}, _Handle) when not is_atom(Name) ->
    {error, {bad_name, Name}};
answer({join, Pid, Name}, Handle) ->
    outcome(vbeam_shares:join(Handle, Pid, Name));
answer({heirs, Pid, Name}, Handle) ->
    outcome(vbeam_shares:heirs(Handle, Pid, Name));
answer(_Request, _Handle) ->
    {error, unknown_request}.

outcome(ok) -> ok;
outcome({ok, _} = Done) -> Done;
outcome({share, Most}) -> {error, {not_enough, Most}};
outcome(Reason) -> {error, Reason}.

%% Share and critical budget of a partition.
find(Name) when is_atom(Name) ->
    {_, _, _, Rows} = vbeam_shares:read(),
    case lists:keyfind(Name, 1, Rows) of
        false -> {error, not_found};
        Row -> {ok, #{share => element(2, Row), critical => element(3, Row) div ?NS_PER_MS}}
    end;
find(Name) ->
    {error, {bad_name, Name}}.

options(Share, Known) when is_integer(Share) ->
    Known#{share => Share};
options(Options, Known) when is_map(Options) ->
    case maps:without([share, critical], Options) of
        Unknown when map_size(Unknown) =:= 0 -> maps:merge(Known, Options);
        _ -> {error, {bad_options, Options}}
    end;
options(Options, _Known) ->
    {error, {bad_options, Options}}.

set(Name, #{share := Share, critical := Ms} = Options, Handle) when
    is_integer(Share), is_integer(Ms), Share >= 1, Share =< 100, Ms >= 0
->
    {_, WindowNs, _, Rows} = vbeam_shares:read(),
    %% `system` has what the others leave.
    IsOther = Name =:= system andalso Share =/= element(2, lists:keyfind(system, 1, Rows)),
    case Ms * ?NS_PER_MS =< WindowNs andalso not IsOther of
        true -> outcome(vbeam_shares:set(Handle, Name, Share, Ms * ?NS_PER_MS));
        false -> {error, {bad_options, Options}}
    end;
set(_Name, {error, _} = Error, _Handle) ->
    Error;
set(_Name, Options, _Handle) ->
    {error, {bad_options, Options}}.

%% Nobody begins in it after the first call; those that are there, or will start some there, are
%% moved. Whoever has ended meanwhile is none of them.
remove(Name, From, Handle) ->
    case vbeam_shares:remove(Handle, Name) of
        true ->
            _ = From =/= nobody andalso gen_server:reply(From, ok),
            ok;
        false ->
            _ = [
                vbeam_shares:join(Handle, Pid, system)
             || Pid <- processes(), is_in(Name, vbeam_shares:'of'(Pid))
            ],
            _ = erlang:send_after(?REMOVE_MS, self(), {remove, Name, From}),
            ok
    end.

is_in(Name, {Name, _, _}) -> true;
is_in(Name, {_, Name, _}) -> true;
is_in(_, _) -> false.

subscribers() ->
    case vbeam_keeper:get(?MODULE, subscribers, []) of
        Pids when is_list(Pids) -> [Pid || Pid <- Pids, is_pid(Pid)];
        _ -> []
    end.

keep_subscribers(Pids) ->
    vbeam_keeper:put(?MODULE, subscribers, Pids).
