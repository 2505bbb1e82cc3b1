%% The owner of state that outlives a driver or service: tables, atomics and values of its own for
%% each name. It does nothing else, so it has no reason to die; the tree beside it may, and finds
%% here what it had. It also remembers why the last process of a name ended, for vbeam_ladder.
-module(vbeam_keeper).
-export([start/0, table/2, atomics/3, put/3, get/3, values/1, erase/2, forget/1, sanitise/1]).
-export([bytes/1, watch/2, ending/1]).
-export([run/1]).

%% Who has heard of an end asks for its reason, perhaps before this process has heard of it.
-define(ENDING_MS, 1000).

-type name() :: atom().
%% {acknowledged, _}: others were told that it is safe.
-type key() :: term().

-spec start() -> ok.
start() ->
    Keeper = erts_internal:spawn_system_process(?MODULE, run, [self()]),
    receive
        {Keeper, started} -> ok
    end.

%% The table of a driver or service: an ordered set that anybody may write to, empty at first.
-spec table(name(), key()) -> ets:tid().
table(Name, Key) ->
    kept({Name, {table, Key}}, table).

%% Signed atomics, 0 at first.
-spec atomics(name(), key(), pos_integer()) -> atomics:atomics_ref().
atomics(Name, Key, Count) ->
    kept({Name, {atomics, Key}}, {atomics, Count}).

%% A value that replaces the one before.
-spec put(name(), key(), term()) -> ok.
put(Name, Key, Value) ->
    true = ets:insert(?MODULE, {{Name, {value, Key}}, Value}),
    ok.

-spec get(name(), key(), Default) -> term() | Default.
get(Name, Key, Default) ->
    case ets:lookup(?MODULE, {Name, {value, Key}}) of
        [{_, Value}] -> Value;
        [] -> Default
    end.

-spec erase(name(), key()) -> ok.
erase(Name, Key) ->
    true = ets:delete(?MODULE, {Name, {value, Key}}),
    ok.

%% All values of a name.
-spec values(name()) -> [{key(), term()}].
values(Name) ->
    ets:select(?MODULE, [{{{Name, {value, '$1'}}, '$2'}, [], [{{'$1', '$2'}}]}]).

%% Everything that was kept for a name is gone: it may be what makes its driver crash.
-spec forget(name()) -> ok.
forget(Name) ->
    request({forget, Name}).

%% The same, but for tables and atomics with a key {acknowledged, _}: they are the only copy of what
%% others have been promised. Their driver looks at each entry before it relies on it.
-spec sanitise(name()) -> ok.
sanitise(Name) ->
    request({sanitise, Name}).

%% Bytes of memory that a name's tables take.
-spec bytes(name()) -> non_neg_integer().
bytes(Name) ->
    Tables = ets:select(?MODULE, [{{{Name, {table, '_'}}, '$1'}, [], ['$1']}]),
    WordBytes = erlang:system_info(wordsize),
    Sizes = [ets:info(Table, memory) || Table <- Tables],
    lists:sum([Words * WordBytes || Words <- Sizes, is_integer(Words)]).

%% The process that goes by a name from now on.
-spec watch(name(), pid()) -> ok.
watch(Name, Pid) ->
    request({watch, Name, Pid}).

%% Why the last process of a name ended; `none` when there was none, or its end was asked for here
%% before; `running` when it has not.
-spec ending(name()) -> none | running | {ended, Reason :: term()}.
ending(Name) ->
    request({ending, Name}).

kept(Key, What) ->
    case ets:lookup(?MODULE, Key) of
        [{_, Kept}] -> Kept;
        [] -> request({keep, Key, What})
    end.

request(Request) ->
    Reference = erlang:monitor(process, ?MODULE),
    ?MODULE ! {Request, self(), Reference},
    receive
        {Reference, Answer} ->
            erlang:demonitor(Reference, [flush]),
            Answer;
        {'DOWN', Reference, process, _, Reason} ->
            exit({Reason, ?MODULE})
    end.

%% ---- the process

-spec run(Starter :: pid()) -> no_return().
run(Starter) ->
    process_flag(priority, high),
    true = register(?MODULE, self()),
    ?MODULE = ets:new(?MODULE, [named_table, public, ordered_set]),
    Starter ! {self(), started},
    serve().

serve() ->
    receive
        {Request, From, Reference} when is_pid(From), is_reference(Reference) ->
            From ! {Reference, answer(Request)};
        {'DOWN', Monitor, process, _, Reason} ->
            ended(Monitor, Reason);
        _Other ->
            ok
    end,
    serve().

answer({keep, Key, What}) ->
    %% Two may have asked at the same time.
    case ets:lookup(?MODULE, Key) of
        [{_, Kept}] ->
            Kept;
        [] ->
            Kept = new(What),
            true = ets:insert(?MODULE, {Key, Kept}),
            Kept
    end;
answer({watch, Name, Pid}) ->
    put(?MODULE, {watched, Name}, erlang:monitor(process, Pid));
answer({ending, Name}) ->
    case get(?MODULE, {watched, Name}, none) of
        none -> none;
        Monitor when is_reference(Monitor) -> await_end(Name, Monitor);
        {ended, _} = Ended -> forget_ending(Name), Ended
    end;
answer({forget, Name}) ->
    drop(fun(_) -> true end, Name);
answer({sanitise, Name}) ->
    drop(fun(Entry) -> not is_acknowledged(Entry) end, Name);
answer(_) ->
    {error, unknown_request}.

drop(Which, Name) ->
    Dropped = [Entry || Entry <- ets:match_object(?MODULE, {{Name, '_'}, '_'}), Which(Entry)],
    _ = [true = ets:delete(?MODULE, Key) || {Key, _} <- Dropped],
    _ = [catch ets:delete(Table) || {{_, {table, _}}, Table} <- Dropped],
    ok.

is_acknowledged({{_, {table, {acknowledged, _}}}, Table}) ->
    is_reference(Table) andalso ets:info(Table, size) =/= undefined;
is_acknowledged({{_, {atomics, {acknowledged, _}}}, _}) -> true;
is_acknowledged(_) -> false.

await_end(Name, Monitor) ->
    receive
        {'DOWN', Monitor, process, _, Reason} ->
            forget_ending(Name),
            {ended, Reason}
    after ?ENDING_MS ->
        running
    end.

ended(Monitor, Reason) ->
    _ = [
        put(?MODULE, Key, {ended, Reason})
     || {{watched, _} = Key, Watched} <- values(?MODULE), Watched =:= Monitor
    ],
    ok.

forget_ending(Name) ->
    true = ets:delete(?MODULE, {?MODULE, {value, {watched, Name}}}).

new(table) -> ets:new(kept, [public, ordered_set]);
new({atomics, Count}) -> atomics:new(Count, []).
