%% What there is once for all Linux programs: the table of process numbers, names of the machine,
%% the time of the start, and counts of calls that nobody answers. Programs end when this process
%% does, since their numbers are gone with it.
%%
%% It cleans up behind thread groups that were ended from outside: their number goes to the parent
%% as that of one that SIGKILL has ended, and their children get no parent.
-module(vbeam_linux_compat).
-behaviour(gen_server).
-export([start_link/0, ensure/0, group_started/2, new_number/0]).
-export([group_of/1, missing/1, missing/0, name/1, set_name/2, started/0, kept/1, keep/2]).
-export([wall_offset/0, set_wall_offset/1]).
-export([find/1, groups/0, in_process_group/1, in_session/1, insert/1, update/2, forget/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-include("vbeam_linux.hrl").

-define(PIDS, vbeam_linux_pids).
-define(FACTS, vbeam_linux_facts).
-define(NUMBER_MAX, 4194303).
-define(NUMBER_FIRST, 300).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% Its process, which is started when it is needed first: below the system's supervisor, where there
%% is one.
-spec ensure() -> pid().
ensure() ->
    case whereis(?MODULE) of
        undefined ->
            case vbeam_linux_sup:ensure() of
                ok ->
                    %% It may be between its end and its next start.
                    erlang:yield(),
                    ensure();
                none ->
                    case gen_server:start({local, ?MODULE}, ?MODULE, [], []) of
                        {ok, Pid} -> Pid;
                        {error, {already_started, Pid}} -> Pid
                    end
            end;
        Pid ->
            Pid
    end.

-spec group_started(pid(), Number :: pos_integer()) -> ok.
group_started(Group, Number) ->
    gen_server:cast(?MODULE, {group, Group, Number}).

%% The group of an Erlang process that is a program (vbeam_linux_group:use_program/0).
-spec group_of(pid()) -> {pos_integer(), ets:table()}.
group_of(Program) -> gen_server:call(?MODULE, {group_of, Program}, infinity).

%% --- process numbers -----------------------------------------------------------------------

-spec new_number() -> pos_integer().
new_number() ->
    Step = {2, 1, ?NUMBER_MAX, ?NUMBER_FIRST},
    Number = ets:update_counter(?FACTS, next_number, Step, {next_number, ?NUMBER_FIRST}),
    case ets:member(?PIDS, Number) of
        true -> new_number();
        false -> Number
    end.

%% Nobody is there while this process is not.
-spec find(integer()) -> #linux_pid{} | none.
find(Number) ->
    try ets:lookup(?PIDS, Number) of
        [#linux_pid{} = Row] -> Row;
        [] -> none
    catch
        error:badarg -> none
    end.

-spec insert(#linux_pid{}) -> ok.
insert(Row) ->
    true = ets:insert(?PIDS, Row),
    ok.

%% [{Field, Value}] of a row that is there.
-spec update(pos_integer(), [{pos_integer(), term()}]) -> boolean().
update(Number, Changes) -> ets:update_element(?PIDS, Number, Changes).

-spec forget(pos_integer()) -> ok.
forget(Number) ->
    try ets:delete(?PIDS, Number) of
        true -> ok
    catch
        error:badarg -> ok
    end.

-spec groups() -> [#linux_pid{}].
groups() -> ets:match_object(?PIDS, any_group()).

-spec in_process_group(integer()) -> [#linux_pid{}].
in_process_group(ProcessGroup) ->
    Pattern = any_group(),
    ets:match_object(?PIDS, Pattern#linux_pid{process_group = ProcessGroup}).

-spec in_session(integer()) -> [#linux_pid{}].
in_session(Session) ->
    Pattern = any_group(),
    ets:match_object(?PIDS, Pattern#linux_pid{session = Session}).

any_group() ->
    #linux_pid{
        number = '_', kind = group, process = '_', table = '_', parent = '_',
        process_group = '_', session = '_', state = '_'
    }.

%% --- facts ---------------------------------------------------------------------------------

-spec missing(Name :: atom()) -> ok.
missing(Name) ->
    _ = ensure(),
    _ = ets:update_counter(?FACTS, {missing, Name}, 1, {{missing, Name}, 0}),
    ok.

%% Calls that nobody answered, with how often programs have made them.
-spec missing() -> [{Name :: atom(), pos_integer()}].
missing() ->
    lists:sort([{Name, Count} || {{missing, Name}, Count} <- ets:tab2list(?FACTS)]).

-spec name(hostname | domainname) -> binary().
name(Which) -> ets:lookup_element(?FACTS, Which, 2).

-spec set_name(hostname | domainname, binary()) -> ok.
set_name(Which, Name) ->
    true = ets:insert(?FACTS, {Which, Name}),
    ok.

%% Nanoseconds between the wall clock of Linux programs, which these may set, and Erlang's.
-spec wall_offset() -> integer().
wall_offset() -> ets:lookup_element(?FACTS, wall_offset, 2).

-spec set_wall_offset(integer()) -> ok.
set_wall_offset(Offset) ->
    true = ets:insert(?FACTS, {wall_offset, Offset}),
    ok.

%% Something that a program file's path leads to, as long as this process lives.
-spec kept(binary()) -> term() | none.
kept(Path) ->
    case ets:lookup(?FACTS, {file, Path}) of
        [{_, Value}] -> Value;
        [] -> none
    end.

-spec keep(binary(), term()) -> ok.
keep(Path, Value) ->
    true = ets:insert(?FACTS, {{file, Path}, Value}),
    ok.

%% When programs could start first, as Erlang's monotonic time in nanoseconds.
-spec started() -> integer().
started() -> ets:lookup_element(?FACTS, started, 2).

%% --- the process ---------------------------------------------------------------------------

init([]) ->
    _ = whereis(vbeam_linux_sup) =/= undefined andalso vbeam_hw:system_process(),
    ok = vbeam_linux_futex:new_table(),
    ?PIDS = ets:new(?PIDS, [named_table, public, {keypos, #linux_pid.number}]),
    ?FACTS = ets:new(?FACTS, [named_table, public]),
    true = ets:insert(?FACTS, [
        {hostname, <<"vbeam">>},
        {domainname, <<"(none)">>},
        {wall_offset, 0},
        {started, erlang:monotonic_time(nanosecond)}
    ]),
    {ok, #{}}.

handle_call({group_of, Program}, _, Groups) ->
    case ets:lookup(?FACTS, {program, Program}) of
        [{_, Known, _}] ->
            {reply, Known, Groups};
        [] ->
            Group = spawn(vbeam_linux_group, borrowed, [Program, self()]),
            Monitor = monitor(process, Group),
            receive
                {Group, {Number, _} = Known} ->
                    true = ets:insert(?FACTS, {{program, Program}, Known, Monitor}),
                    {reply, Known, Groups#{Monitor => Number}};
                {'DOWN', Monitor, process, _, Reason} ->
                    {stop, Reason, Groups}
            end
    end;
handle_call(_, _, Groups) -> {reply, {error, unknown}, Groups}.

%% Groups: #{Monitor => Number}
handle_cast({group, Group, Number}, Groups) ->
    {noreply, Groups#{monitor(process, Group) => Number}}.

handle_info({'DOWN', Monitor, process, Group, _}, Groups) when is_map_key(Monitor, Groups) ->
    {Number, Rest} = maps:take(Monitor, Groups),
    ok = ended(find(Number), Group),
    ok = orphaned(Number),
    true = ets:match_delete(?FACTS, {{program, '_'}, '_', Monitor}),
    {noreply, Rest};
handle_info(_, Groups) ->
    {noreply, Groups}.

ended(#linux_pid{state = running, process = Group} = Row, Group) ->
    _ = [forget(Thread) || #linux_pid{number = Thread} <- threads_of(Group)],
    Used = vbeam_linux_usage:none(),
    vbeam_linux_group:tell_parent(Row, {killed, ?SIGKILL, false}, Used);
ended(#linux_pid{parent = 0, number = Number}, _) ->
    forget(Number);
ended(_, _) ->
    ok.

threads_of(Group) ->
    Pattern = any_group(),
    ets:match_object(?PIDS, Pattern#linux_pid{kind = thread, process = Group}).

%% Nobody will ask for the children of a group that has ended.
orphaned(Parent) ->
    Pattern = any_group(),
    Children = ets:match_object(?PIDS, Pattern#linux_pid{parent = Parent}),
    _ = [orphan(Child) || Child <- Children],
    ok.

orphan(#linux_pid{number = Number, state = {zombie, _}}) -> forget(Number);
orphan(#linux_pid{number = Number, table = Table}) ->
    true = update(Number, [{#linux_pid.parent, 0}]),
    ok = parent_died(Number, Table),
    vbeam_linux_session:left_alone(Number).

%% PR_SET_PDEATHSIG
parent_died(Number, Table) ->
    try ets:lookup(Table, parent_death_signal) of
        [{_, Signal}] when Signal > 0 ->
            vbeam_linux_signal:send(Number, Signal, vbeam_linux_signal:of_kernel());
        _ ->
            ok
    catch
        error:badarg -> ok
    end.
