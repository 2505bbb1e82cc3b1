%% What an operator of the system types: the tree, who is busy, and a second chance for what is
%% degraded. docs/operating.md shows each with what it prints.
-module(vbeam).
-export([help/0, tree/0, top/0, top/1, revive/1, pci/0, partitions/0, log/0, log/1]).
-export([upgrade/1, upgrade/2, rollback/1]).
-export([nodes_of_tree/0]).

-define(TOP_ROWS, 20).
-define(TOP_MS, 1000).
-define(LOG_LINES, 100).

-type node_of_tree() :: #{
    depth := non_neg_integer(),
    name := term(),
    pid := pid() | degraded | undefined,
    kind := supervisor | worker
}.

%% What there is to type, beside OTP's help().
-define(HELP, [
    {"vbeam:tree()", "the supervision tree, with restarts, queues, memory, reductions"},
    {"vbeam:top()", "who is busy, again and again until a key"},
    {"vbeam:revive(Name)", "another chance for a driver or service that is degraded"},
    {"vbeam:pci()", "what is on the PCI buses"},
    {"vbeam:partitions()", "shares of the processor's time: vbeam_scheduler:create(Name, Percent)"},
    {"vbeam:log()", "what was logged, by the life before a reset, too"},
    {"vbeam:upgrade(Module)", "another version of a module that runs; vbeam:rollback(Module)"},
    {"vbeam_vfs:mounts()", "file systems: vbeam_vfs:mount({ext2, Device}, Folder, [])"},
    {"vbeam_block:devices()", "disks: vbeam_ram_disk:create(Name, Bytes)"},
    {"halt()", "switch off; init:reboot() resets"}
]).

-spec help() -> ok.
help() ->
    _ = [io:format("~-26s~s~n", [Call, What]) || {Call, What} <- ?HELP],
    ok.

%% Print the supervision tree as it is now.
-spec tree() -> ok.
tree() ->
    Starts = maps:from_list(vbeam_ladder:status()),
    row("", "pid", "restarts", "messages", "bytes", "reductions", ""),
    lists:foreach(fun(Node) -> tree_row(Node, Starts) end, nodes_of_tree()).

tree_row(#{depth := Depth, name := Name, pid := Pid}, Starts) ->
    Label = lists:duplicate(2 * Depth, $\s) ++ io_lib:format("~tp", [Name]),
    Known = maps:get(Name, Starts, #{}),
    Restarts = integer_to_list(max(0, maps:get(starts, Known, 1) - 1)),
    Step = maps:get(step, Known, restart),
    case is_pid(Pid) andalso process_info(Pid, [message_queue_len, memory, reductions]) of
        [{_, Messages}, {_, Bytes}, {_, Reductions}] ->
            [M, B, R] = [integer_to_list(Value) || Value <- [Messages, Bytes, Reductions]],
            row(Label, pid_to_list(Pid), Restarts, M, B, R, note(Step));
        _ ->
            row(Label, "-", Restarts, "-", "-", "-", note(Step))
    end.

note(restart) -> "";
note(Step) -> atom_to_list(Step).

row(Label, Pid, Restarts, Messages, Bytes, Reductions, Note) ->
    io:format("~-32ts ~-12ts ~8ts ~8ts ~10ts ~12ts ~ts~n", [
        Label, Pid, Restarts, Messages, Bytes, Reductions, Note
    ]).

%% The tree, each node before what is below it.
-spec nodes_of_tree() -> [node_of_tree()].
nodes_of_tree() ->
    Own = [
        #{depth => 0, name => Name, pid => whereis(Name), kind => worker}
     || Name <- [vbeam_keeper, vbeam_root]
    ],
    Roots = [vbeam_port_sup, vbeam_kernel_sup],
    Own ++ lists:append([below(Root, whereis(Root), supervisor, 1) || Root <- Roots]).

below(Name, Pid, supervisor, Depth) when is_pid(Pid) ->
    Children =
        try
            gen_server:call(Pid, which_children)
        catch
            exit:_ -> []
        end,
    [
        #{depth => Depth, name => Name, pid => Pid, kind => supervisor}
        | lists:append([
            below(label(Child, ChildPid), ChildPid, Kind, Depth + 1)
         || {Child, ChildPid, Kind, _} <- lists:reverse(Children)
        ])
    ];
below(Name, Pid, Kind, Depth) ->
    [#{depth => Depth, name => Name, pid => Pid, kind => Kind}].

%% Children of a simple_one_for_one supervisor have no names.
label(undefined, Pid) when is_pid(Pid) ->
    case process_info(Pid, [registered_name, dictionary]) of
        [{registered_name, Name}, _] when is_atom(Name) -> Name;
        [_, {dictionary, Dictionary}] -> proplists:get_value('$initial_call', Dictionary, process);
        undefined -> process
    end;
label(Name, _Pid) ->
    Name.

%% The busiest processes of the last second, again and again until a key is pressed.
-spec top() -> ok.
top() ->
    top(infinity).

%% So many times.
-spec top(Times :: pos_integer() | infinity) -> ok.
top(Times) ->
    Self = self(),
    Reader = spawn(fun() -> Self ! {key, io:get_chars("", 1)} end),
    refresh(Times, sample(), Reader).

refresh(0, _Before, Reader) ->
    exit(Reader, kill),
    ok;
refresh(Times, Before, Reader) ->
    receive
        {key, _} -> ok
    after ?TOP_MS ->
        After = sample(),
        top_screen(Before, After),
        refresh(fewer(Times), After, Reader)
    end.

fewer(infinity) -> infinity;
fewer(Times) -> Times - 1.

sample() ->
    maps:from_list([
        {Pid, Reductions}
     || Pid <- processes(), {_, Reductions} <- [process_info(Pid, reductions)]
    ]).

top_screen(Before, After) ->
    Spent = [{Now - maps:get(Pid, Before, 0), Pid} || {Pid, Now} <- maps:to_list(After)],
    All = max(1, lists:sum([Reductions || {Reductions, _} <- Spent])),
    Busiest = lists:sublist(lists:reverse(lists:sort(Spent)), ?TOP_ROWS),
    %% ECMA-48: the cursor to the top left, and erase the page.
    io:format("\e[H\e[2J~b processes, ~b KiB in use; a key ends this~n", [
        length(Spent), erlang:memory(total) div 1024
    ]),
    io:format("~-12ts ~6ts ~12ts ~8ts ~10ts ~ts~n", [
        "pid", "%", "reductions", "messages", "bytes", "name"
    ]),
    lists:foreach(fun({Reductions, Pid}) -> top_row(Pid, Reductions, All) end, Busiest).

top_row(Pid, Reductions, All) ->
    case process_info(Pid, [message_queue_len, memory, registered_name, current_function]) of
        [{_, Messages}, {_, Bytes}, {_, Name}, {_, Function}] ->
            io:format("~-12ts ~6.1f ~12b ~8b ~10b ~0tp~n", [
                pid_to_list(Pid), 100 * Reductions / All, Reductions, Messages, Bytes,
                case Name of
                    [] -> Function;
                    _ -> Name
                end
            ]);
        undefined ->
            ok
    end.

%% The last lines of the log, of the life before the last reset and of this one.
-spec log() -> ok.
log() ->
    log(?LOG_LINES).

-spec log(Lines :: pos_integer()) -> ok.
log(Lines) ->
    This = vbeam_log:life(),
    {Now, Before} = lists:partition(fun({Life, _, _}) -> Life =:= This end, vbeam_log:lines()),
    Last = lists:max([0 | [Life || {Life, _, _} <- Before]]),
    log_lines("the life before", Lines, [Line || {Life, _, Line} <- Before, Life =:= Last]),
    case vbeam_log:damaged() of
        0 -> ok;
        Damaged -> io:format("--- ~b damaged~n", [Damaged])
    end,
    log_lines("this life", Lines, [Line || {_, _, Line} <- Now]).

log_lines(Title, Most, Lines) ->
    io:format("--- ~s~n", [Title]),
    Left = max(0, length(Lines) - Most),
    lists:foreach(fun(Line) -> io:format("~ts~n", [Line]) end, lists:nthtail(Left, Lines)).

%% What each partition has, and uses.
-spec partitions() -> ok.
partitions() ->
    io:format("~-16ts ~6ts ~8ts ~8ts ~8ts ~12ts ~8ts ~9ts ~9ts~n", [
        "partition", "share", "used", "1 s", "10 s", "critical ms", "bankrupt", "runnable",
        "processes"
    ]),
    lists:foreach(fun partition_row/1, vbeam_scheduler:stats()).

partition_row(#{name := Name, share := Share, critical_ms := Critical} = Partition) ->
    #{bankruptcies := Bankruptcies, runnable := Runnable, processes := Processes} = Partition,
    Used = [maps:get(Key, Partition) || Key <- [used, used_1s, used_10s]],
    Rest = [Critical, Bankruptcies, Runnable, Processes],
    io:format("~-16ts ~4b % ~6.1f % ~6.1f % ~6.1f % ~12b ~8b ~9b ~9b~n",
        [io_lib:format("~tp", [Name]), Share] ++ Used ++ Rest
    ).

%% A driver or service that is not started any more gets another chance, without its kept state.
-spec revive(atom()) -> {ok, pid()} | {error, term()}.
revive(Name) ->
    vbeam_ladder:revive(Name).

%% Print what is on the PCI buses, and who drives it.
-spec pci() -> ok.
pci() ->
    vbeam_pci_names:print([{Device, driver(Device)} || Device <- vbeam_pci:devices()]).

driver(#{address := Address}) ->
    Owner = vbeam_pci:owner(Address),
    case is_pid(Owner) andalso process_info(Owner, registered_name) of
        {registered_name, Name} -> Name;
        _ -> none
    end.

%% A new version of a driver's or service's module, without an end of its processes: a module, a
%% file or what is in one. Options: how long it is watched (window, in milliseconds), and what its
%% code_change/3 is given (extra).
-spec upgrade(module() | file:filename() | binary()) -> vbeam_upgrade:result().
upgrade(What) ->
    upgrade(What, #{}).

-spec upgrade(module() | file:filename() | binary(), vbeam_upgrade:options()) ->
    vbeam_upgrade:result().
upgrade(What, Options) ->
    vbeam_upgrade:upgrade(What, Options).

%% The version before the last upgrade.
-spec rollback(module()) -> vbeam_upgrade:result().
rollback(Module) ->
    vbeam_upgrade:rollback(Module).
