%% Runs the cases of conformance modules again and again, and looks whether more memory is in use
%% after each round: then something is left behind for good. The first round loads code, makes atoms
%% and enlarges tables. What the heaps of processes take, which live on, is not counted; processes
%% that a case leaves behind are ended. Prints
%%
%%   {grows, Module, Case, [Bytes]}       in use after each round
%%   {unsound, Module, What}              heaps or blocks are not sound after the cases
%%   {checked, Module, Cases}
-module(memory_of_cases).
-export([main/0]).

-define(CASE_MS, 60000).
-define(CASES_MAX, 500).
%% In each of them a case must need more than before to count as one that leaves something behind.
-define(ROUNDS, 5).

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
    Round = fun() -> [one(Case, Leader) || Case <- Cases], used() end,
    First = Round(),
    %% Which one it is.
    Round() > First andalso [grows(Module, Case, Leader) || Case <- Cases],
    case vbeam_internal:check_memory(all) of
        ok -> ok;
        Fault -> io:format("~0tp~n", [{unsound, Module, Fault}])
    end,
    io:format("~0tp~n", [{checked, Module, length(Cases)}]).

%% Numbered; of very many, which are alike, only some.
some(Cases) ->
    Step = 1 + length(Cases) div ?CASES_MAX,
    [Case || Case = {N, _} <- lists:zip(lists:seq(1, length(Cases)), Cases), N rem Step =:= 0].

one({_, {_, Fun}}, Leader) ->
    {Pid, Ref} = spawn_monitor(fun() -> group_leader(Leader, self()), catch Fun() end),
    receive
        {'DOWN', Ref, process, Pid, _} -> ok
    after ?CASE_MS ->
        ended([{Pid, Ref}])
    end,
    Others = [P || P <- processes(), process_info(P, group_leader) =:= {group_leader, Leader}],
    ended([{P, monitor(process, P)} || P <- Others]).

ended(Pids) ->
    [exit(Pid, kill) || {Pid, _} <- Pids],
    [receive {'DOWN', Ref, process, Pid, _} -> ok end || {Pid, Ref} <- Pids].

grows(Module, Case = {Number, _}, Leader) ->
    Used = [begin one(Case, Leader), used() end || _ <- lists:seq(1, ?ROUNDS)],
    ascends(Used) andalso io:format("~0tp~n", [{grows, Module, Number, Used}]).

ascends([A, B | Rest]) -> A < B andalso ascends([B | Rest]);
ascends([_]) -> true.

%% Tables that are gone are freed little by little, with operations on others.
used() -> settled(now_used()).

settled(Used) ->
    [ets:delete(ets:new(settled, [])) || _ <- lists:seq(1, 100)],
    case now_used() of
        Less when Less < Used -> settled(Less);
        _ -> Used
    end.

now_used() ->
    [erlang:garbage_collect(P) || _ <- [1, 2], P <- processes()],
    Heaps = lists:sum([Bytes || P <- processes(), {memory, Bytes} <- [process_info(P, memory)]]),
    element(1, vbeam_internal:memory()) - Heaps.
