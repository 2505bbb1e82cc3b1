%% Objects inserted as lists, long and short, and large objects looked up, alone and beside others
%% that use the table at the same time.
-module(ets_lists).
-export([cases/0]).

cases() ->
    [{lists:flatten(io_lib:format("~s ~s", [Type, Name])), fun() -> Fun(Type) end}
     || {Name, Fun} <- per_type(), Type <- [set, ordered_set, bag, duplicate_bag]] ++
        [{atom_to_list(Name), Fun} || {Name, Fun} <- others()].

per_type() ->
    [{long_list, fun long_list/1},
     {repeated_keys, fun repeated_keys/1},
     {improper, fun(T) -> failing(T, [{I, I} || I <- lists:seq(1, 3000)] ++ {x, y}) end},
     {no_tuple_at_the_end, fun(T) -> failing(T, [{I} || I <- lists:seq(1, 3000)] ++ [x]) end},
     {too_small_tuple, fun(T) -> failing(T, [{1}, {}]) end},
     {insert_new, fun insert_new/1},
     {large_objects, fun large_objects/1},
     {seen_at_once, fun seen_at_once/1}].

others() ->
    [{order_in_bag, fun() -> in_order(bag, 400) end},
     {order_in_duplicate_bag, fun() -> in_order(duplicate_bag, 400) end},
     {order_of_few, fun() -> in_order(bag, 5) end},
     {many_of_one_key, fun many_of_one_key/0},
     {deleted_while_looked_up, fun deleted_while_looked_up/0},
     {table_deleted_while_inserting, fun table_deleted/0},
     {inserter_killed, fun inserter_killed/0}].

content(T) -> erlang:phash2(lists:sort(ets:tab2list(T))).

long_list(Type) ->
    T = ets:new(t, [Type]),
    true = ets:insert(T, [{I, I rem 7} || I <- lists:seq(1, 10000)]),
    {ets:info(T, size), content(T), ets:lookup(T, 17)}.

repeated_keys(Type) ->
    T = ets:new(t, [Type, {keypos, 2}]),
    true = ets:insert(T, [{a, k}, {b, k}, {a, k}, {c, k}, {a, 1}, {a, 1.0}]),
    {ets:lookup(T, k), content(T)}.

failing(Type, List) ->
    T = ets:new(t, [Type]),
    ets:insert(T, {old}),
    {catch_all(fun() -> ets:insert(T, List) end), catch_all(fun() -> ets:insert_new(T, List) end),
     ets:tab2list(T)}.

catch_all(F) ->
    try F()
    catch C:R:Trace ->
        [{M, N, A, Info} | _] = Trace,
        {C, R, M, N, length(A), lists:keymember(error_info, 1, Info)}
    end.

insert_new(Type) ->
    T = ets:new(t, [Type]),
    L = [{I, I} || I <- lists:seq(1, 5000)],
    {ets:insert_new(T, L), ets:insert_new(T, [{6000, x}, {5000, y}]), ets:lookup(T, 6000),
     ets:insert_new(T, [{7000, x}, {7000, y}]), ets:lookup(T, 7000), ets:insert_new(T, []),
     ets:info(T, size)}.

large_objects(Type) ->
    T = ets:new(t, [Type]),
    Large = {large, [{I, <<I:32>>, [I]} || I <- lists:seq(1, 20000)]},
    Binaries = {binaries, [binary:copy(<<I:16>>, 100) || I <- lists:seq(1, 2000)]},
    ets:insert(T, [Large, {small}, Binaries]),
    ets:insert(T, list_to_tuple([wide | lists:seq(1, 30000)])),
    [Wide] = ets:lookup(T, wide),
    {[Large] =:= ets:lookup(T, large), [Binaries] =:= ets:lookup(T, binaries), tuple_size(Wide)}.

%% Whoever looks sees nothing or all of a list.
seen_at_once(Type) ->
    T = ets:new(t, [Type, public]),
    L = [{I, I} || I <- lists:seq(1, 20000)],
    Pid = spawn_link(fun() -> receive go -> ets:insert(T, L) end, receive stop -> ok end end),
    Pid ! go,
    Sizes = watch(T, []),
    [0, 20000] = lists:usort([0 | Sizes]),
    {ets:info(T, size), content(T)}.

%% The list may come between two looks: then the later ones see all of it.
watch(T, Sizes) ->
    case [ets:member(T, I) || I <- [1, 7777, 20000]] of
        [true, true, true] -> [ets:info(T, size) | Sizes];
        [false, true, true] -> watch(T, Sizes);
        [false, false, true] -> watch(T, Sizes);
        [false, false, false] -> watch(T, [0])
    end.

in_order(Type, N) ->
    T = ets:new(t, [Type]),
    ets:insert(T, [{k, I} || I <- lists:seq(1, N)]),
    erlang:phash2(ets:lookup(T, k)).

many_of_one_key() ->
    T = ets:new(t, [duplicate_bag]),
    [ets:insert(T, {K, I, [I]}) || I <- lists:seq(1, 3000), K <- [a, b]],
    {length(ets:lookup(T, a)), erlang:phash2(ets:lookup(T, b)),
     length(ets:lookup_element(T, a, 2))}.

deleted_while_looked_up() ->
    T = ets:new(t, [set, public]),
    Large = {k, [{I, [I]} || I <- lists:seq(1, 50000)]},
    ets:insert(T, Large),
    Self = self(),
    Read = fun() -> Self ! {self(), ets:lookup(T, k)} end,
    Pids = [spawn_link(Read) || _ <- lists:seq(1, 5)],
    erlang:yield(),
    ets:delete(T, k),
    Found = [receive {Pid, L} -> L end || Pid <- Pids],
    lists:usort([L =:= [] orelse L =:= [Large] || L <- Found]).

table_deleted() ->
    T = ets:new(t, [set, public]),
    L = [{I, I} || I <- lists:seq(1, 50000)],
    {Pid, M} = spawn_monitor(fun() -> exit(catch ets:insert(T, L)) end),
    erlang:yield(),
    ets:delete(T),
    receive
        {'DOWN', M, process, Pid, true} -> ok;
        {'DOWN', M, process, Pid, {'EXIT', {badarg, _}}} -> ok
    end.

inserter_killed() ->
    Rounds = [inserter_killed(Yields) || Yields <- lists:seq(1, 20)],
    lists:usort(Rounds) -- [0, 20000].

inserter_killed(Yields) ->
    T = ets:new(t, [set, public]),
    L = [{I, I} || I <- lists:seq(1, 20000)],
    Pid = spawn(fun() -> ets:insert(T, L) end),
    [erlang:yield() || _ <- lists:seq(1, Yields)],
    exit(Pid, kill),
    Size = length(ets:tab2list(T)),
    ets:delete(T),
    Size.
