%% Runs the cases of conformance modules twice, and looks whether more memory is in use after the
%% second time: then something is left behind for good. The first time loads code, makes atoms and
%% enlarges tables. What the process of a case leaves on its heap is checked before it ends, and
%% whatever it leaves behind besides is ended. Prints
%%
%%   {grows, Module, Case, Name, [{Blocks, Bytes}]}
%%                                      in use after each of some runs of this case alone
%%   {unsound, Module, Case, What}      a heap, a block or freed memory is not sound
%%   {checked, Module, Cases}
%%
%% Blocks are counted, since bytes depend on which free block was found first. Bytes count from
%% ?BYTES on, for blocks that grow.
-module(memory_of_cases).
-export([main/0]).

-define(CASE_MS, 60000).
-define(CASES_MAX, 100).
-define(BYTES, 4096).
-define(QUIET_MS, 500).
%% In each of them a case must need more than before to count as one that leaves something behind.
-define(RUNS, 4).

main() ->
    ok = logger:set_primary_config(level, none),
    %% What cases start has this group leader, too, which passes on what they ask of it.
    Real = group_leader(),
    Leader = spawn(fun() -> pass_on(Real) end),
    [module(M, Leader) || M <- conformance_list:modules()],
    ok.

pass_on(Real) ->
    receive Request -> Real ! Request end,
    pass_on(Real).

module(Module, Leader) ->
    Cases = some(Module:cases()),
    Round = fun() -> [one(Module, Case, Leader) || Case <- Cases], used() end,
    First = Round(),
    Grown = case more(First, Round()) of
        true -> [grows(Module, Case, Leader) || Case <- Cases];
        false -> []
    end,
    [io:format("~0tp~n", [Each]) || Each = {grows, _, _, _, _} <- Grown],
    sound(Module, all, vbeam_internal:check_memory(all)),
    sound(Module, all, vbeam_internal:check_memory(freed)),
    io:format("~0tp~n", [{checked, Module, length(Cases)}]).

%% Numbered; of very many, which are alike, only some.
some(Cases) ->
    Step = 1 + length(Cases) div ?CASES_MAX,
    [Case || Case = {N, _} <- lists:zip(lists:seq(1, length(Cases)), Cases), N rem Step =:= 0].

one(Module, {Number, {_, Fun}}, Leader) ->
    Parent = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        group_leader(Leader, self()),
        Result = (catch Fun()),
        Parent ! {done, self()},
        receive never -> Result end
    end),
    receive
        {done, Pid} ->
            sound(Module, Number, vbeam_internal:check_memory(Pid)),
            ended([{Pid, Ref}]);
        {'DOWN', Ref, process, Pid, _} ->
            ok
    after ?CASE_MS ->
        ended([{Pid, Ref}])
    end,
    Others = [P || P <- processes(), process_info(P, group_leader) =:= {group_leader, Leader}],
    ended([{P, monitor(process, P)} || P <- Others]).

sound(_, _, ok) -> ok;
sound(Module, Case, Fault) -> io:format("~0tp~n", [{unsound, Module, Case, Fault}]).

ended(Pids) ->
    [exit(Pid, kill) || {Pid, _} <- Pids],
    [receive {'DOWN', Ref, process, Pid, _} -> ok end || {Pid, Ref} <- Pids].

grows(Module, Case = {Number, {Name, _}}, Leader) ->
    Used = [begin one(Module, Case, Leader), used() end || _ <- lists:seq(1, ?RUNS)],
    ascends(Used) andalso {grows, Module, Number, Name, Used}.

ascends([A, B | Rest]) -> more(A, B) andalso ascends([B | Rest]);
ascends([_]) -> true.

more({Blocks, Bytes}, {MoreBlocks, MoreBytes}) ->
    MoreBlocks > Blocks orelse MoreBytes >= Bytes + ?BYTES.

%% What was printed must have left, and what is freed little by little must be free: that happens
%% while nothing else does. Blocks, and bytes without those of heaps, which grow and shrink as they
%% like.
used() ->
    receive after ?QUIET_MS -> ok end,
    [erlang:garbage_collect(P) || _ <- [1, 2], P <- processes()],
    Heaps = lists:sum([Bytes || P <- processes(), {memory, Bytes} <- [process_info(P, memory)]]),
    Blocks = vbeam_internal:check_memory(count),
    {Blocks, element(1, vbeam_internal:memory()) - Heaps}.
