%% erlang:memory/0,1: which figures there are, how they add up, and that each follows what it
%% counts; sizes of heaps as process_info/2 and process_flag/2 tell them.
-module(memory_figures).
-export([cases/0]).

kinds() -> [total, processes, processes_used, system, atom, atom_used, binary, code, ets].

%% What a figure grows by while Fun's value is held.
growth(Kind, Fun) ->
    erlang:garbage_collect(),
    Before = erlang:memory(Kind),
    Held = Fun(),
    After = erlang:memory(Kind),
    {Held, After - Before}.

%% The growth is at least Least, and less than twice that.
about(Least, {_, Grown}) when Grown >= Least, Grown < 2 * Least -> about;
about(Least, {_, Grown}) -> {Least, Grown}.

raised(Fun) ->
    try Fun() of
        Value -> Value
    catch
        Class:Reason:Trace -> {Class, Reason, [{M, F, A} || {M, F, A, _} <- Trace, M =:= erlang, is_list(A)]}
    end.

holder(Words) ->
    Self = self(),
    Pid = spawn_link(fun() -> L = lists:seq(1, Words div 2), Self ! made, receive stop -> length(L) end end),
    receive made -> Pid end.

figures() ->
    [{"names, in order", fun() -> [K || {K, _} <- erlang:memory()] end},
     {"all are positive", fun() -> [K || {K, N} <- erlang:memory(), not is_integer(N) orelse N =< 0] end},
     {"system is what no process has",
      fun() -> M = erlang:memory(), [T, P, S] = [proplists:get_value(K, M) || K <- [total, processes, system]], T - P - S end},
     {"used is at most what there is",
      fun() -> M = erlang:memory(), [proplists:get_value(A, M) =< proplists:get_value(B, M) || {A, B} <- [{atom_used, atom}, {processes_used, processes}, {binary, system}, {ets, system}]] end},
     {"a list of kinds", fun() -> [K || {K, _} <- erlang:memory([ets, total, ets])] end},
     {"no kinds", fun() -> erlang:memory([]) end},
     {"one kind after the other", fun() -> [K || K <- kinds(), not is_integer(erlang:memory(K))] end},
     %% Larger than asked for by more than what the system frees meanwhile.
     {"a binary", fun() -> about(8000000, growth(binary, fun() -> binary:copy(<<1>>, 8200000) end)) end},
     {"rows of a table",
      fun() ->
          T = ets:new(t, []),
          R = about(8 * 8 * 20000, growth(ets, fun() -> [ets:insert(T, {N, N, N, N}) || N <- lists:seq(1, 20000)] end)),
          ets:delete(T),
          R
      end},
     {"a process with a long list",
      fun() -> {Pid, Grown} = growth(processes, fun() -> holder(200000) end), unlink(Pid), exit(Pid, kill), Grown > 200000 * 8 end},
     {"wrong kinds", fun() -> [raised(fun() -> erlang:memory(K) end) || K <- [foo, 1, {ets}, "ets", [ets, foo], <<"ets">>]] end}].

heaps() ->
    [{"min_heap_size of a started process",
      fun() ->
          [begin
               P = spawn_opt(fun() -> receive stop -> ok end end, [link, {min_heap_size, N}]),
               {heap_size, H} = process_info(P, heap_size),
               {garbage_collection, G} = process_info(P, garbage_collection),
               P ! stop,
               {H, proplists:get_value(min_heap_size, G)}
           end || N <- [234, 1000, 10000, 100000, 1000000]]
      end},
     {"min_heap_size as a flag",
      fun() ->
          Old = process_flag(min_heap_size, 5000),
          Sizes = [process_flag(min_heap_size, N) || N <- [10000, 300, 6772, 1000]],
          process_flag(min_heap_size, Old),
          Sizes
      end},
     {"items of garbage_collection_info",
      fun() -> {_, L} = process_info(self(), garbage_collection_info), [{K, is_integer(V)} || {K, V} <- L] end},
     {"the parts of a heap",
      fun() ->
          {_, L} = process_info(self(), garbage_collection_info),
          [Block, Used, Stack, Recent] = [proplists:get_value(K, L) || K <- [heap_block_size, heap_size, stack_size, recent_size]],
          {Used > 0, Stack > 0, Block >= Used + Stack, Recent =< Used}
      end}].

cases() -> figures() ++ heaps().
