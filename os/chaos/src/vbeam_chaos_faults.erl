%% The faults: what each does, how often it is chosen, whom it strikes.
-module(vbeam_chaos_faults).
-export([choose/2, effect/1, inject/3]).

-type kind() :: atom().
-type tell() :: fun((io:format(), [term()]) -> ok).

%% {Kind, how often, what it does to its target, who may be the target, machines}.
%% `simulated` faults are done by the machine to what its devices say; on others they are left out.
%% `asked` ones nothing can heal: they show that the campaign notices, when they are asked for.
-define(FAULTS, [
    %% exit(Pid, kill)
    {kill, 160, ends, [worker], all},
    {kill_supervisor, 30, ends, [supervisor], all},
    {kill_shell, 40, ends, [shell], all},
    %% exit(Pid, Reason), and the end of a process linked to it
    {exit, 60, fails, [worker], all},
    {link, 50, fails, [worker], all},
    %% Its state becomes garbage, or one field of it.
    {corrupt, 80, fails, [worker], all},
    {corrupt_field, 120, fails, [worker], all},
    {corrupt_supervisor, 15, fails, [supervisor], all},
    %% What is kept for it becomes garbage, then it is ended.
    {corrupt_kept, 40, fails, [worker], all},
    %% A driver does not get its next interrupts, or gets them twice, or some that nobody sent.
    {eat_interrupt, 40, harmless, [driver], all},
    {double_interrupt, 30, harmless, [driver], all},
    {made_up_interrupt, 30, harmless, [driver], all},
    %% The same, done by the machine: an interrupt of the line is lost, comes twice, or comes from
    %% nowhere, also for vectors that nobody has claimed.
    {lose_interrupt, 60, harmless, [none], simulated},
    {repeat_interrupt, 40, harmless, [none], simulated},
    {spurious_interrupt, 40, harmless, [none], simulated},
    %% 100,000 messages.
    {flood, 15, ends, [worker, supervisor, keeper], all},
    %% It uses all memory that there is.
    {hog, 8, ends, [worker], all},
    %% It loops for ever.
    {loop, 6, fails, [driver], all},
    %% It is suspended, by sys or by the VM.
    {sys_suspend, 8, fails, [service, supervisor], all},
    {suspend, 8, fails, [service, supervisor], all},
    %% Random bytes on the serial line; ^C many times.
    {garbage, 50, harmless, [none], all},
    {interrupt_keys, 15, harmless, [none], all},
    {end_keeper, 1, harmless, [keeper], asked},
    %% Bytes on the serial line that its driver does not know of.
    {forge_line, 1, harmless, [none], asked}
]).

-define(FLOOD, 100000).
-define(SUSPENDED_MS, 120000).
-define(EAT_MS, 30).
-define(GARBAGE, [garbage, -1, <<"garbage">>, [], {}, {garbage, 17}, #{}, 1.5, "garbage"]).

%% A kind and a target, as the random numbers of the calling process say.
-spec choose(Machine :: atom(), Only :: kind() | all) ->
    {kind(), vbeam_chaos_tree:node_of_tree() | none}.
choose(Machine, Only) ->
    Faults = [
        Row
     || {Kind, _, _, _, Where} = Row <- ?FAULTS,
        Kind =:= Only orelse (Only =:= all andalso (Where =:= all orelse Where =:= Machine))
    ],
    Faults =/= [] orelse exit({no_such_fault, Only}),
    All = lists:sum([Weight || {_, Weight, _, _, _} <- Faults]),
    {Kind, _, _, Targets, _} = pick(rand:uniform(All), Faults),
    case Targets of
        [none] -> {Kind, none};
        _ -> {Kind, any(vbeam_chaos_tree:targets(Targets))}
    end.

pick(Number, [{_, Weight, _, _, _} | Rest]) when Number > Weight -> pick(Number - Weight, Rest);
pick(_, [Row | _]) -> Row.

any(List) ->
    lists:nth(rand:uniform(length(List)), List).

-spec effect(kind()) -> harmless | ends | fails.
effect(Kind) ->
    {_, _, Effect, _, _} = lists:keyfind(Kind, 1, ?FAULTS),
    Effect.

-spec inject(kind(), vbeam_chaos_tree:node_of_tree() | none, tell()) -> term().
inject(Kind, none, Tell) ->
    machine(Kind, Tell);
inject(Kind, #{name := Name} = Target, _Tell) ->
    strike(Kind, vbeam_chaos_tree:pid(Target), Name).

%% ---- by the machine

machine(lose_interrupt, Tell) ->
    Tell("interrupts ~b 0 ~b", [rand:uniform(1000), rand:uniform(3)]);
machine(repeat_interrupt, Tell) ->
    Tell("interrupts ~b ~b ~b", [rand:uniform(1000), 1 + rand:uniform(3), rand:uniform(20)]);
machine(spurious_interrupt, Tell) ->
    Tell("spurious ~b ~b", [rand:uniform(256) - 1, rand:uniform(30)]);
machine(garbage, Tell) ->
    Tell("garbage ~b", [any([20, 200, 2000])]);
machine(forge_line, _) ->
    vbeam_serial:write(<<"\^B00000001 abcdefghijklmnopqrstuvwxyz\^C\r\n">>);
machine(interrupt_keys, Tell) ->
    Tell("keys ~b ~b", [3, rand:uniform(100)]).

%% ---- in the system

strike(kill, Pid, _) -> exit(Pid, kill);
strike(end_keeper, Pid, _) -> exit(Pid, kill);
strike(kill_supervisor, Pid, _) -> exit(Pid, kill);
strike(kill_shell, Pid, _) -> exit(Pid, kill);
strike(exit, Pid, _) -> exit(Pid, chaos);
strike(link, Pid, _) ->
    spawn(fun() ->
        link(Pid),
        exit(chaos)
    end);
strike(corrupt, Pid, _) ->
    Garbage = any(?GARBAGE),
    inside(Pid, fun(_) -> Garbage end);
strike(corrupt_supervisor, Pid, _) ->
    Garbage = any(?GARBAGE),
    inside(Pid, fun(_) -> Garbage end);
strike(corrupt_field, Pid, _) ->
    Garbage = any(?GARBAGE),
    [First, Second] = [rand:uniform(1000) || _ <- [1, 2]],
    inside(Pid, fun(State) -> spoil(State, First, Second, Garbage) end);
strike(corrupt_kept, Pid, Name) ->
    corrupt_kept(Name),
    exit(Pid, kill);
strike(eat_interrupt, Pid, _) ->
    inside(Pid, fun(State) ->
        receive
            {interrupt, _, _} -> State
        after ?EAT_MS -> State
        end
    end);
strike(double_interrupt, Pid, _) ->
    inside(Pid, fun(State) ->
        receive
            {interrupt, _, _} = Message ->
                self() ! Message,
                self() ! Message,
                State
        after ?EAT_MS -> State
        end
    end);
strike(made_up_interrupt, Pid, _) ->
    [Pid ! {interrupt, rand:uniform(256) - 1, 0} || _ <- lists:seq(1, rand:uniform(30))];
strike(flood, Pid, _) ->
    spawn_opt(fun() -> flood(Pid, ?FLOOD) end, [{priority, max}]);
strike(hog, Pid, _) ->
    inside(Pid, fun(_) -> hog([]) end);
strike(loop, Pid, _) ->
    inside(Pid, fun(State) -> loop(State) end);
strike(sys_suspend, Pid, _) ->
    apart(fun() -> sys:suspend(Pid, ?SUSPENDED_MS) end);
strike(suspend, Pid, _) ->
    spawn(fun() ->
        Monitor = monitor(process, Pid),
        true = erlang:suspend_process(Pid),
        receive
            {'DOWN', Monitor, _, _, _} -> ok
        after ?SUSPENDED_MS -> ok
        end
    end).

%% A function called in the process, as sys does for whoever debugs one; then a message, so that the
%% process meets what has become of it.
inside(Pid, Function) ->
    apart(fun() ->
        _ = sys:replace_state(Pid, Function, ?SUSPENDED_MS),
        gen_server:cast(Pid, chaos),
        Pid ! chaos
    end).

%% Whoever strikes may be hung up by what it has done.
apart(Function) ->
    spawn(fun() -> catch Function() end).

loop(State) -> loop(State).

hog(List) -> hog([lists:seq(1, 10000) | List]).

flood(_, 0) -> ok;
flood(Pid, Left) ->
    Pid ! {chaos, Left},
    flood(Pid, Left - 1).

%% One field of a record becomes garbage; of a record in it, if there is one.
spoil(State, First, Second, Garbage) when is_tuple(State), tuple_size(State) > 1 ->
    Index = 2 + First rem (tuple_size(State) - 1),
    Inner = [N || N <- lists:seq(2, tuple_size(State)), is_tuple(element(N, State))],
    case {Inner, Second rem 4} of
        {[N | _], Part} when Part > 0, tuple_size(element(N, State)) > 1 ->
            setelement(N, State, spoil(element(N, State), First, 0, Garbage));
        _ ->
            setelement(Index, State, Garbage)
    end;
spoil(State, First, _, Garbage) when is_map(State), map_size(State) > 0 ->
    Keys = lists:sort(maps:keys(State)),
    State#{lists:nth(1 + First rem length(Keys), Keys) := Garbage};
spoil(_, _, _, Garbage) ->
    Garbage.

%% A value that is kept for a name, or an entry more in a table: what any process of the system can
%% do to it. What the tables hold, which may be the only copy, stays.
corrupt_kept(Name) ->
    Values = [{value, Key} || {Key, _} <- lists:sort(vbeam_keeper:values(Name))],
    Tables = [
        {table, Table}
     || {{Each, {table, _}}, Table} <- ets:tab2list(vbeam_keeper), Each =:= Name
    ],
    Ladder = [ladder || proplists:is_defined(Name, vbeam_ladder:status())],
    case Values ++ Tables ++ Ladder of
        [] ->
            none;
        All ->
            Garbage = any(?GARBAGE),
            case any(All) of
                {value, Key} -> vbeam_keeper:put(Name, Key, Garbage);
                {table, Table} ->
                    ets:insert(Table, [{Garbage, 17}, {-1, Garbage}, {atom, Garbage}]);
                ladder -> vbeam_keeper:put(vbeam_ladder, Name, Garbage)
            end
    end.
