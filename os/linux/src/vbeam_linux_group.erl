%% A thread group of Linux, which is what `getpid` names: one Erlang process that knows its threads,
%% its children and what becomes of them, and owns the *group table*, a public ordered_set that its
%% threads share and fork copies:
%%
%%     {number, Number}                       {process, Pid of this process}
%%     {{thread, Number}, Pid, Mask, Awaited} signals that are blocked, and that it waits for
%%     {{action, Signal}, Handler, Flags, Restorer, Mask}
%%     {{pending, group | Thread, Signal, Order}, Information}
%%     {space, Space}                         its memory (vbeam_linux_space)
%%     {{fd, N}, Object, Flags}               descriptors (vbeam_linux_descriptors)
%%     {folder, _}, {root, _}, {umask, _}     names (vbeam_linux_names)
%%     {credentials, #{}}, {limits, #{}}      vbeam_linux_credentials, vbeam_linux_limits
%%     {executable, Path}, {arguments, [_]}, {environment, [_]}, {name, Name}
%%     {stopped, Signal}                      while it is stopped
%%     {{usage, What}, Nanoseconds}           vbeam_linux_usage
%%
%% Others see its row of vbeam_linux_pids (vbeam_linux_compat). It ends with its last thread, when a
%% thread says so, or by an exit signal; then threads end with their tasks, descriptors are closed,
%% and the parent is told. Reasons of programs that Erlang started: normal, {exit_status, Status},
%% {signal, Number}.
-module(vbeam_linux_group).
-export([start/1, start_link/1, use/2, use_program/0, table/0, number/0, process/0, get/2, put/2]).
-export([request/1, request/2, fork/2, thread/1, thread_ended/1, exit_group/1]).
-export([tell_parent/3, process_group/0, session/0]).
-export([program/2, forked/4, borrowed/2]).
-export_type([status/0]).
-compile({no_auto_import, [put/2]}).

-include("vbeam_linux.hrl").

-type status() ::
    {exited, 0..255} | {killed, Signal :: 1..64, CoreDumped :: boolean()}
    | {stopped, Signal :: 1..64} | continued.

-define(TABLE, '$linux_group').

-record(state, {
    number :: pos_integer(),
    table :: ets:table(),
    %% Pid => number of the thread
    threads = #{} :: #{pid() => pos_integer()},
    children = vbeam_linux_children:new(),
    %% Who is told when it has left the memory that it borrowed (vfork): {Pid, Reference}.
    borrowed = none :: none | {pid(), reference()},
    status = {exited, 0} :: status(),
    %% Of a program that Erlang started: who did, whose exit ends it, with the same reason.
    starter = none :: none | pid() | {ended, term()}
}).

%% --- the calling thread's group ------------------------------------------------------------

%% Says which group the calling process belongs to.
-spec use(ets:table(), Thread :: pos_integer()) -> ok.
use(Table, Thread) ->
    _ = erlang:put(?TABLE, Table),
    _ = erlang:put('$linux_thread', Thread),
    ok.

-spec table() -> ets:table().
table() -> erlang:get(?TABLE).

-spec number() -> pos_integer().
number() -> get(number, 0).

-spec process() -> pid().
process() -> ets:lookup_element(table(), process, 2).

-spec get(Key :: term(), Default) -> term() | Default.
get(Key, Default) ->
    case ets:lookup(table(), Key) of
        [{Key, Value}] -> Value;
        [] -> Default
    end.

-spec put(Key :: term(), Value :: term()) -> ok.
put(Key, Value) ->
    true = ets:insert(table(), {Key, Value}),
    ok.

-spec process_group() -> pos_integer().
process_group() ->
    #linux_pid{process_group = Group} = vbeam_linux_compat:find(number()),
    Group.

-spec session() -> pos_integer().
session() ->
    #linux_pid{session = Session} = vbeam_linux_compat:find(number()),
    Session.

%% A request to the group of the calling thread, or to another one's process; `gone` when that has
%% ended.
-spec request(term()) -> term() | gone.
request(Request) -> request(process(), Request).

-spec request(pid(), term()) -> term() | gone.
request(Process, Request) ->
    Reference = monitor(process, Process),
    Process ! {Request, self(), Reference},
    receive
        {Reference, Answer} ->
            demonitor(Reference, [flush]),
            Answer;
        {'DOWN', Reference, process, _, _} ->
            gone
    end.

%% A child whose only thread waits for {task, Task, Space} from the calling thread; it runs with
%% this mask. Borrowed = {Pid, Reference}: who gets {Reference, left} when it needs its memory no
%% more.
-spec fork(Mask :: non_neg_integer(), Borrowed :: none | {pid(), reference()}) ->
    {Number :: pos_integer(), Thread :: pid()}.
fork(Mask, Borrowed) ->
    request({fork, Mask, Borrowed}).

%% Another thread, which waits for {task, Task, Space}, too.
-spec thread(Mask :: non_neg_integer()) -> {Number :: pos_integer(), Thread :: pid()}.
thread(Mask) -> request({thread, Mask}).

%% The calling thread has ended with a status, which counts when it is the last.
-spec thread_ended(status()) -> no_return().
thread_ended(Status) ->
    process() ! {thread_ended, self(), Status},
    exit(normal).

%% All threads end, the calling one among them.
-spec exit_group(status()) -> no_return().
exit_group(Status) ->
    process() ! {exit_group, Status},
    receive
        '$linux_never' -> exit(normal)
    end.

%% --- ways to start -------------------------------------------------------------------------

%% A program without a parent: vbeam_linux:child/2 has what Options are.
-spec start_link(map()) -> {ok, pid()} | {error, term()}.
start_link(Options) -> begun(spawn_opt(?MODULE, program, [self(), Options], [link, monitor])).

-spec start(map()) -> {ok, pid()} | {error, term()}.
start(Options) -> begun(spawn_monitor(?MODULE, program, [self(), Options])).

%% Not a process of proc_lib: that a program gives an exit status is no crash to report.
begun({Process, Monitor}) ->
    receive
        {Process, Answer} ->
            demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, process, Process, Reason} ->
            {error, Reason}
    end.

program(Starter, Options) ->
    process_flag(trap_exit, true),
    %% What it starts belongs to its partition, too.
    _ = [ok = vbeam_scheduler:join(Name) || #{partition := Name} <- [Options]],
    _ = vbeam_linux_compat:ensure(),
    Number = vbeam_linux_compat:new_number(),
    Table = new_table(Number),
    true = ets:insert(Table, first_rows(Options)),
    registered(Number, Table, 0, Number, Number),
    ok = vbeam_linux_descriptors:standard(Table, Options),
    Alone = (state(Number, Table))#state{starter = Starter},
    {_, State} = new_thread(Number, {program, Options}, 0, Alone),
    loop(State).

first_rows(Options) ->
    [
        {folder, maps:get(folder, Options, <<"/">>)},
        {root, maps:get(root, Options, <<"/">>)},
        {umask, 8#022},
        {credentials, vbeam_linux_credentials:root()},
        {limits, maps:merge(vbeam_linux_limits:usual(), maps:get(limits, Options, #{}))}
    ].

new_table(Number) ->
    Table = ets:new(?MODULE, [ordered_set, public]),
    true = ets:insert(Table, [{number, Number}, {process, self()}]),
    Table.

registered(Number, Table, Parent, ProcessGroup, Session) ->
    ok = vbeam_linux_compat:insert(#linux_pid{
        number = Number, kind = group, process = self(), table = Table, parent = Parent,
        process_group = ProcessGroup, session = Session, state = running
    }),
    _ = monitor(process, vbeam_linux_compat),
    vbeam_linux_compat:group_started(self(), Number).

state(Number, Table) -> #state{number = Number, table = Table}.

%% A child of the group that spawned this process.
forked(Number, Parent, Mask, Borrowed) ->
    process_flag(trap_exit, true),
    {Starter, #linux_pid{table = From} = Row} = Parent,
    Table = new_table(Number),
    true = ets:insert(Table, inherited(ets:tab2list(From))),
    #linux_pid{number = ParentNumber, process_group = Group, session = Session} = Row,
    registered(Number, Table, ParentNumber, Group, Session),
    ok = vbeam_linux_descriptors:inherited(From, Table),
    State = (state(Number, Table))#state{borrowed = Borrowed},
    {Thread, Started} = new_thread(Number, {task_from, element(1, Starter)}, Mask, State),
    answer(Starter, {Number, Thread}),
    loop(Started).

%% What a child has of its parent; descriptors follow for themselves.
inherited(Rows) -> [Row || Row <- Rows, is_inherited(element(1, Row))].

is_inherited({action, _}) -> true;
is_inherited(Key) when is_tuple(Key) -> false;
is_inherited(Key) -> not lists:member(Key, [number, process, space, stopped, has_executed]).

%% --- programs that are Erlang processes ----------------------------------------------------

%% The group of the program that the calling process belongs to, for callers without a task.
-spec use_program() -> ok.
use_program() ->
    case erlang:get(?TABLE) of
        undefined ->
            Program =
                case erlang:get('$task') of
                    undefined -> self();
                    Pid -> Pid
                end,
            _ = vbeam_linux_compat:ensure(),
            {Number, Table} = vbeam_linux_compat:group_of(Program),
            use(Table, Number);
        _ ->
            ok
    end.

%% The process of such a group: it ends with the program's process.
borrowed(Program, Starter) ->
    process_flag(trap_exit, true),
    Monitor = monitor(process, Program),
    Number = vbeam_linux_compat:new_number(),
    Table = new_table(Number),
    true = ets:insert(Table, first_rows(#{})),
    registered(Number, Table, 0, Number, Number),
    ok = vbeam_linux_descriptors:standard(Table, #{program => Program}),
    Starter ! {self(), {Number, Table}},
    borrowed_loop(Monitor, state(Number, Table)).

borrowed_loop(Monitor, State) ->
    receive
        {'DOWN', Monitor, process, _, _} -> clean_up(State);
        {'DOWN', _, process, {vbeam_linux_compat, _}, _} -> clean_up(State);
        {Request, From, Reference} when is_pid(From), is_reference(Reference) ->
            borrowed_loop(Monitor, handle(Request, {From, Reference}, State));
        _ -> borrowed_loop(Monitor, State)
    end.

%% --- the process ---------------------------------------------------------------------------

loop(#state{threads = Threads} = State) when map_size(Threads) =:= 0 ->
    finish(State);
loop(#state{} = State) ->
    receive
        Message ->
            case message(Message, State) of
                #state{} = Next -> loop(Next);
                {finish, Next} -> finish(Next)
            end
    end.

message({Request, From, Reference}, State) when is_pid(From), is_reference(Reference) ->
    handle(Request, {From, Reference}, State);
message({thread_ended, Pid, Status}, #state{number = Number, table = Table} = State) ->
    #state{threads = Threads} = State,
    {Thread, Rest} = maps:take(Pid, Threads),
    true = ets:delete(Table, {thread, Thread}),
    _ = Thread =/= Number andalso vbeam_linux_compat:forget(Thread),
    State#state{threads = Rest, status = Status};
message({executed, ok}, #state{starter = Starter} = State) ->
    Starter ! {self(), {ok, self()}},
    State;
message({executed, {error, _} = Error}, #state{starter = Starter} = State) ->
    ok = clean_up(State),
    Starter ! {self(), Error},
    unlink(Starter),
    exit(normal);
message({exit_group, Status}, State) ->
    {finish, State#state{status = Status}};
message({child, Number, Status, Usage}, #state{children = Children, table = Table} = State) ->
    Next = vbeam_linux_children:changed(Number, {Status, Usage}, Table, Children),
    self() ! {send_signal, group, ?SIGCHLD, vbeam_linux_signal:of_child(Number, Status)},
    State#state{children = Next};
message({timeout, Reference, {linux, Id}}, #state{table = Table} = State) ->
    ok = vbeam_linux_timers:fired(Table, {Reference, Id}),
    State;
message({send_signal, Target, Signal, Information}, State) ->
    {_, Next} = signal(Target, Signal, Information, State),
    Next;
message({'EXIT', Pid, Reason}, #state{starter = Pid} = State) ->
    {finish, State#state{status = {killed, ?SIGKILL, false}, starter = {ended, Reason}}};
message({'EXIT', Pid, Reason}, #state{threads = Threads} = State) ->
    case Threads of
        #{Pid := _} when Reason =:= normal -> State#state{threads = maps:remove(Pid, Threads)};
        #{Pid := _} -> {finish, State#state{status = {killed, ?SIGKILL, false}}};
        _ when Reason =:= normal -> State;
        _ -> {finish, State#state{status = {killed, ?SIGKILL, false}}}
    end;
message({'DOWN', _, process, {vbeam_linux_compat, _}, _}, State) ->
    {finish, State#state{status = {killed, ?SIGKILL, false}}};
message(left_memory, State) ->
    left_memory(State);
message(_, State) ->
    State.

handle({fork, Mask, Borrowed}, From, #state{number = Number, children = Children} = State) ->
    Child = vbeam_linux_compat:new_number(),
    Row = vbeam_linux_compat:find(Number),
    _ = spawn(?MODULE, forked, [Child, {From, Row}, Mask, Borrowed]),
    State#state{children = vbeam_linux_children:added(Child, Children)};
handle({thread, Mask}, {Caller, _} = From, State) ->
    Number = vbeam_linux_compat:new_number(),
    {Thread, Next} = new_thread(Number, {task_from, Caller}, Mask, State),
    ok = vbeam_linux_compat:insert(#linux_pid{
        number = Number, kind = thread, process = self(), table = State#state.table,
        parent = State#state.number, process_group = 1, session = 1, state = running
    }),
    answer(From, {Number, Thread}),
    Next;
handle({wait, Which, Options}, From, #state{children = Children, table = Table} = State) ->
    State#state{children = vbeam_linux_children:wait(Which, Options, From, Table, Children)};
handle({cancel_wait, Reference}, From, #state{children = Children} = State) ->
    answer(From, ok),
    State#state{children = vbeam_linux_children:cancel(Reference, Children)};
handle({signal, Target, Signal, Information}, From, State) ->
    {Answer, Next} = signal(Target, Signal, Information, State),
    answer(From, Answer),
    Next;
handle({stop, Signal}, From, #state{table = Table, number = Number} = State) ->
    true = ets:insert(Table, {stopped, Signal}),
    ok = tell_parent(vbeam_linux_compat:find(Number), {stopped, Signal}, usage(State)),
    wake_threads(State),
    answer(From, ok),
    State;
%% Of several threads only the calling one stays, with the group's number.
handle({execute, Caller}, From, #state{threads = Threads, number = Number} = State) ->
    Others = maps:remove(Caller, Threads),
    ok = end_threads(maps:keys(Others)),
    #state{table = Table} = Next = left_memory(State),
    Row = ets:lookup(Table, {thread, maps:get(Caller, Threads)}),
    _ = [ets:delete(Table, {thread, Each}) || Each <- maps:values(Threads)],
    _ = [vbeam_linux_compat:forget(Each) || Each <- maps:values(Threads), Each =/= Number],
    true = ets:insert(Table, [setelement(1, Each, {thread, Number}) || Each <- Row]),
    answer(From, ok),
    Next#state{threads = #{Caller => Number}};
handle({call, Function}, From, #state{table = Table} = State) ->
    answer(From, Function(Table)),
    State;
handle(_, From, State) ->
    answer(From, {error, unknown}),
    State.

answer({Pid, Reference}, Answer) ->
    Pid ! {Reference, Answer},
    ok.

new_thread(Number, Start, Mask, #state{table = Table, threads = Threads} = State) ->
    Thread = spawn_link(vbeam_linux_thread, init, [Table, Number, Start]),
    true = ets:insert(Table, {{thread, Number}, Thread, Mask, 0}),
    {Thread, State#state{threads = Threads#{Thread => Number}}}.

%% Signals that need no thread to be handled are handled here.
signal(Target, Signal, Information, #state{table = Table, number = Number} = State) ->
    case vbeam_linux_signal:arrived(Table, Target, Signal, Information) of
        ok ->
            {ok, State};
        continued ->
            ok = tell_parent(vbeam_linux_compat:find(Number), continued, usage(State)),
            wake_threads(State),
            {ok, State};
        killed ->
            self() ! {exit_group, {killed, ?SIGKILL, false}},
            {ok, State};
        {error, _} = Error ->
            {Error, State}
    end.

wake_threads(#state{threads = Threads}) ->
    _ = [Thread ! '$linux_signal' || Thread <- maps:keys(Threads)],
    ok.

left_memory(#state{borrowed = none} = State) ->
    State;
left_memory(#state{borrowed = {Pid, Reference}} = State) ->
    Pid ! {Reference, left},
    State#state{borrowed = none}.

%% --- the end -------------------------------------------------------------------------------

finish(#state{status = Status, number = Number, starter = Starter} = State) ->
    Row = vbeam_linux_compat:find(Number),
    Usage = usage(State),
    ok = clean_up(left_memory(State)),
    ok = tell_parent(Row, Status, Usage),
    case Starter of
        {ended, Reason} -> exit(Reason);
        _ -> exit(reason(Status))
    end.

usage(#state{table = Table}) -> vbeam_linux_usage:of_group(Table).

clean_up(#state{table = Table, threads = Threads, number = Number}) ->
    ok = end_threads(maps:keys(Threads)),
    _ = [vbeam_linux_compat:forget(Each) || Each <- maps:values(Threads), Each =/= Number],
    ok = vbeam_linux_descriptors:closed(Table),
    _ = [vbeam_linux_mapping:released(Space, self()) || {_, Space} <- ets:lookup(Table, space)],
    case vbeam_linux_compat:find(Number) of
        #linux_pid{parent = 0} -> vbeam_linux_compat:forget(Number);
        _ -> ok
    end.

end_threads(Threads) ->
    _ = [exit(Thread, kill) || Thread <- Threads],
    _ = [receive {'EXIT', Thread, _} -> ok end || Thread <- Threads],
    vbeam_linux_futex:forget(Threads).

reason({exited, 0}) -> normal;
reason({exited, Status}) -> {exit_status, Status};
reason({killed, Signal, _}) -> {signal, Signal}.

%% A group's parent is told what has become of it, and what it has used of the processor.
-spec tell_parent(#linux_pid{} | none, status(), vbeam_linux_usage:usage()) -> ok.
tell_parent(none, _, _) ->
    ok;
tell_parent(#linux_pid{parent = Parent, number = Number}, Status, Usage) ->
    case vbeam_linux_compat:find(Parent) of
        #linux_pid{process = Process, state = running} ->
            Zombie = [{#linux_pid.state, {zombie, Status}}],
            _ = is_end(Status) andalso vbeam_linux_compat:update(Number, Zombie),
            Process ! {child, Number, Status, Usage};
        _ ->
            _ = is_end(Status) andalso vbeam_linux_compat:forget(Number)
    end,
    ok.

is_end({exited, _}) -> true;
is_end({killed, _, _}) -> true;
is_end(_) -> false.
