%% What may be made to fail: everything below vbeam_root, found by asking the supervisors, and the
%% processes of OTP's shell.
%%
%% Spared are vbeam_root and vbeam_keeper, above which there is nothing: they have no reason to end,
%% and may only be flooded with messages. OTP's own processes below its kernel are not in the tree;
%% when one of them ends, the node ends by OTP's design.
%%
%% The system promises to survive failures up to a rate: so many restarts of a supervisor in its
%% period, the steps of vbeam_ladder, three restarts a minute of what is below vbeam_root. A fault
%% beyond that is not injected (allowed/3).
-module(vbeam_chaos_tree).
-export([shape/0, walk/0, targets/1, name/1, pid/1]).
-export([allowed/3, remember/3, no_history/0]).
-export_type([shape/0, node_of_tree/0, history/0]).

-define(ROOT, vbeam_root).
-define(KEEPER, vbeam_keeper).
-define(ANSWER_MS, 400).
-define(WINDOW_MS, 61000).
-define(ROOT_RESTARTS, 2).
%% In a history, the times of what is directly below vbeam_root.
-define(TOPS, {below, ?ROOT}).
%% Positions in the state of OTP's supervisors.
-define(INTENSITY, 6).
-define(PERIOD, 7).
-define(RESTARTS, 8).

-type node_of_tree() :: #{
    name := term(),
    pid := pid() | undefined,
    kind := worker | supervisor | shell | keeper,
    above := pid() | undefined,
    above_name := term()
}.
-type shape() :: [{Above :: term(), Name :: term()}].
-opaque history() :: #{term() => integer()}.

-spec name(node_of_tree() | none) -> term().
name(none) -> none;
name(#{name := Name}) -> Name.

-spec pid(node_of_tree()) -> pid().
pid(#{pid := Pid}) -> Pid.

%% What must be there: who is below whom.
-spec shape() -> shape().
shape() ->
    case walk() of
        {ok, Nodes} ->
            lists:sort([
                {Above, Name}
             || #{name := Name, pid := Pid, above_name := Above} <- Nodes, is_pid(Pid),
                Above =/= vbeam_port_driver_sup
            ]);
        {error, _} ->
            []
    end.

%% The whole tree; an error when a supervisor does not answer.
-spec walk() -> {ok, [node_of_tree()]} | {error, term()}.
walk() ->
    case whereis(?ROOT) of
        undefined ->
            {error, {gone, ?ROOT}};
        Root ->
            {links, Links} = process_info(Root, links),
            Tops = lists:sort([{registered(Pid), Pid} || Pid <- Links, is_supervisor(Pid)]),
            try
                {ok, lists:append([
                    below(Name, Pid, Root, ?ROOT, supervisor)
                 || {Name, Pid} <- Tops
                ])}
            catch
                throw:Problem -> {error, Problem}
            end
    end.

below(Name, Pid, Above, AboveName, Kind) ->
    Node = #{name => Name, pid => Pid, above => Above, above_name => AboveName, kind => Kind},
    case Kind of
        supervisor when is_pid(Pid) -> [Node | children(Name, Pid)];
        _ -> [Node]
    end.

children(Name, Pid) ->
    Children =
        try
            gen_server:call(Pid, which_children, ?ANSWER_MS)
        catch
            exit:{Reason, _} -> throw({no_answer, Name, short(Reason)})
        end,
    lists:append([
        below(child_name(Id, Child), child_pid(Child), Pid, Name, Kind)
     || {Id, Child, Kind, _} <- lists:reverse(Children)
    ]).

short(Reason) when is_atom(Reason) -> Reason;
short(_) -> crashed.

child_pid(Pid) when is_pid(Pid) -> Pid;
child_pid(_) -> undefined.

%% Children of a simple_one_for_one supervisor have no names.
child_name(undefined, Pid) when is_pid(Pid) ->
    case process_info(Pid, dictionary) of
        {dictionary, Dictionary} ->
            {Module, _, _} = proplists:get_value('$initial_call', Dictionary, {process, x, 0}),
            Module;
        undefined ->
            process
    end;
child_name(Id, _) ->
    Id.

registered(Pid) ->
    case process_info(Pid, registered_name) of
        {registered_name, Name} -> Name;
        _ -> unnamed
    end.

is_supervisor(Pid) when is_pid(Pid) ->
    case process_info(Pid, dictionary) of
        {dictionary, Dictionary} ->
            case proplists:get_value('$initial_call', Dictionary) of
                {supervisor, _, 1} -> true;
                _ -> false
            end;
        undefined ->
            false
    end;
is_supervisor(_) ->
    false.

%% ---- targets

%% All processes of some kinds, in the order of the tree.
%% A `service` is a worker that is no program: the guardian leaves programs alone.
-spec targets([worker | service | driver | supervisor | shell | keeper]) -> [node_of_tree()].
targets(Kinds) ->
    Nodes =
        case walk() of
            {ok, Walked} -> Walked;
            {error, _} -> []
        end,
    [
        Node
     || #{pid := Pid} = Node <- Nodes ++ shells() ++ keepers(),
        is_pid(Pid),
        lists:any(fun(Kind) -> is_kind(Kind, Node) end, Kinds)
    ].

is_kind(driver, #{kind := worker, pid := Pid}) ->
    {dictionary, Dictionary} = process_info(Pid, dictionary),
    proplists:get_value('$initial_call', Dictionary) =:= {vbeam_driver, init, 1};
is_kind(service, #{kind := worker, above_name := Above}) ->
    Above =/= vbeam_app_sup;
is_kind(Kind, #{kind := Kind}) ->
    true;
is_kind(_, _) ->
    false.

keepers() ->
    [
        #{
            name => Name, pid => whereis(Name), kind => keeper,
            above => undefined, above_name => none
        }
     || Name <- [?KEEPER, ?ROOT]
    ].

%% What OTP's shell on the serial line is made of.
shells() ->
    Driver = whereis(user_drv),
    Group =
        case is_pid(Driver) andalso user_drv:interfaces(Driver) of
            [{current_group, Pid}] -> Pid;
            _ -> undefined
        end,
    Processes = [
        {user_drv, Driver}, {user, whereis(user)}, {group, Group}, {shell, shell_of(Group)}
    ],
    [
        #{name => Name, pid => Each, kind => shell, above => undefined, above_name => none}
     || {Name, Each} <- Processes, is_pid(Each)
    ].

shell_of(Group) when is_pid(Group) ->
    case process_info(Group, dictionary) of
        {dictionary, Dictionary} -> proplists:get_value(shell, Dictionary);
        undefined -> undefined
    end;
shell_of(_) ->
    undefined.

%% ---- what is promised

-spec no_history() -> history().
no_history() ->
    #{}.

-spec remember(node_of_tree() | none, Now :: integer(), history()) -> history().
remember(none, _Now, History) ->
    History;
remember(#{above_name := ?ROOT}, Now, History) ->
    Times = [Now | [Time || Time <- maps:get(?TOPS, History, []), Now - Time < ?WINDOW_MS]],
    History#{?TOPS => Times};
remember(#{name := Name}, Now, History) ->
    History#{Name => Now}.

%% A `harmless` fault ends nobody, `ends` ends the process from outside, `fails` counts as failure.
-spec allowed(harmless | ends | fails, node_of_tree() | none, history()) -> boolean().
allowed(harmless, _, _) ->
    true;
allowed(_, none, _) ->
    true;
allowed(_, #{above_name := ?ROOT}, History) ->
    Now = erlang:monotonic_time(millisecond),
    Recent = [Time || Time <- maps:get(?TOPS, History, []), Now - Time < ?WINDOW_MS],
    length(Recent) < ?ROOT_RESTARTS;
allowed(_, #{kind := Kind}, _) when Kind =:= shell; Kind =:= keeper ->
    true;
allowed(Effect, #{name := Name, above := Above}, History) ->
    has_restarts(Above) andalso (Effect =:= ends orelse may_fail(Name, History)).

has_restarts(Supervisor) ->
    State = sys:get_state(Supervisor, ?ANSWER_MS),
    Now = erlang:monotonic_time(1),
    Period = element(?PERIOD, State),
    Recent = [Time || Time <- element(?RESTARTS, State), Now - Time =< Period],
    length(Recent) + 1 < element(?INTENSITY, State).

%% The next failure does not lead to the last step.
may_fail(Name, History) ->
    case proplists:get_value(Name, vbeam_ladder:status()) of
        #{step := Step} when Step =:= sanitised; Step =:= degraded ->
            Now = erlang:monotonic_time(millisecond),
            Now - maps:get(Name, History, Now - ?WINDOW_MS) >= ?WINDOW_MS;
        _ ->
            true
    end.
