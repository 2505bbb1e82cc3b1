%% Owners that end and heirs: who gets a table, when a name is free, what turns ending takes.
-module(owners).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C(begin
            {Dead, M} = spawn_monitor(fun() -> ok end),
            receive {'DOWN', M, _, _, _} -> ok end,
            T = ets:new(t, [{heir, Dead, data}]),
            A = ets:info(T, heir),
            ets:setopts(T, {heir, self(), data}),
            B = ets:info(T, heir) =:= self(),
            ets:setopts(T, {heir, Dead, data}),
            {A, B, ets:info(T, heir)}
        end),
     ?C(begin
            {Heir, M} = spawn_monitor(fun() -> receive stop -> ok end end),
            T = ets:new(t, [{heir, Heir, data}]),
            Heir ! stop,
            receive {'DOWN', M, _, _, _} -> ok end,
            ets:info(T, heir) =:= Heir
        end),
     %% The heir's pid is somebody else's when the owner ends.
     ?C(begin
            erts_debug:set_internal_state(available_internal_state, true),
            reused(100)
        end),
     %% As long as a name is taken, the tables of its holder are there; then they are gone.
     ?C(lists:usort([named() || _ <- lists:seq(1, 20)])),
     ?C(begin
            {P, M} = spawn_monitor(fun() ->
                                           [ets:new(t, []) || _ <- lists:seq(1, 3000)],
                                           receive stop -> exit(stopped) end
                                   end),
            timer:sleep(50),
            1 = erlang:trace(P, true, [exiting]),
            P ! stop,
            receive {'DOWN', M, _, _, Reason} -> ok end,
            Events = events(P),
            {Reason, lists:last(Events), paired(lists:droplast(Events)), length(Events) > 6}
        end),
     ?C(begin
            {P, M} = spawn_monitor(fun() ->
                                           [ets:new(t, []) || _ <- lists:seq(1, 3000)],
                                           receive stop -> exit(stopped) end
                                   end),
            timer:sleep(50),
            1 = erlang:trace(P, true, [exiting]),
            exit(P, bang),
            receive {'DOWN', M, _, _, Reason} -> ok end,
            Events = events(P),
            %% Who ends it may begin with that itself.
            {Reason, lists:last(Events), length(Events) > 6}
        end),
     %% A binary is let go with the objects that refer to it.
     ?C(begin
            T = ets:new(t, []),
            B = binary:copy(<<"x">>, 1000),
            Before = references(B),
            ets:insert(T, [{I, B} || I <- lists:seq(1, 10)]),
            Within = references(B),
            ets:delete_all_objects(T),
            After = references(B),
            ets:insert(T, {1, B}),
            ets:delete(T),
            {Within - Before, After - Before, references(B) - Before}
        end),
     ?C([kept(Type) || Type <- [set, bag, duplicate_bag]]),
     ?C([begin
             T = ets:new(t, [{keypos, 2}]),
             ets:insert(T, {1, {k, 1}, 2}),
             Spec = [{{'_', Key, '_'}, [], [{const, New}]}],
             {catch element(1, {ets:select_replace(T, Spec)}), ets:tab2list(T)}
         end =:= {1, [New]}
         || {Key, New} <- [{{k, 1}, {9, {k, 1}}}, {{k, 1}, {9, {k, 1}, 3, 4}}, {{k, 1}, {{k, 1}}},
                           {{k, 1}, {9, {k, 2}}}, {'$1', {9, '$1'}}, {{k, '$1'}, {9, {k, '$1'}}},
                           {{k, 1}, [9, {k, 1}]}]]),
     %% Keys that a replacement may not make.
     ?C([begin
             T = ets:new(t, []),
             catch ets:select_replace(T, [{{Key, '$2'}, [], [{{Made, '$2'}}]}])
         end =:= 0
         || {Key, Made} <- [{'$_', '$_'}, {'$$', '$$'}, {'$1', '$1'}, {a, a}, {{a}, {{a}}},
                            {{'$_'}, {{'$_'}}}, {{'$_'}, {const, {'$_'}}}, {'_', '_'}]])].

reused(0) -> failed;
reused(N) ->
    Next = erts_debug:get_internal_state(next_pid),
    Owner = spawn(fun() -> receive {go, H} -> ets:new(heirloom, [named_table, {heir, H, x}]) end,
                           receive stop -> ok end end),
    Owned = monitor(process, Owner),
    {Heir, M} = spawn_monitor(fun() -> receive stop -> ok end end),
    Owner ! {go, Heir},
    timer:sleep(20),
    Heir ! stop,
    receive {'DOWN', M, _, _, _} -> ok end,
    erts_debug:set_internal_state(next_pid, Next),
    Others = [spawn(fun() -> receive stop -> ok end end) || _ <- lists:seq(1, 20)],
    Again = lists:member(Heir, Others),
    Owner ! stop,
    receive {'DOWN', Owned, _, _, _} -> ok end,
    Left = ets:info(heirloom),
    [P ! stop || P <- Others],
    case Again of
        true -> Left;
        false -> reused(N - 1)
    end.

named() ->
    Me = self(),
    {_, M} = spawn_monitor(fun() ->
                                   register(holder, self()),
                                   ets:new(holder, [named_table]),
                                   [ets:new(t, []) || _ <- lists:seq(1, 100)],
                                   Me ! made,
                                   receive stop -> ok end
                           end),
    receive made -> holder ! stop end,
    free(),
    T = ets:new(holder, [named_table]),
    ets:delete(T),
    receive {'DOWN', M, _, _, Reason} -> Reason end.
free() ->
    case whereis(holder) of
        undefined -> ok;
        _ -> erlang:yield(), free()
    end.

events(P) ->
    receive
        {trace, P, Event, Place} -> [{Event, Place} | events(P)]
    after 200 -> []
    end.
paired([]) -> true;
paired([{out_exiting, 0}, {in_exiting, 0} | Rest]) -> paired(Rest);
paired(Rest) -> Rest.

references(B) ->
    garbage_collect(),
    Size = byte_size(B),
    {binary, All} = process_info(self(), binary),
    [Count] = lists:usort([Count || {_, Bytes, Count} <- All, Bytes =:= Size]),
    Count.

kept(Type) ->
    T = ets:new(t, [Type]),
    ets:insert(T, [{I} || I <- lists:seq(1, 100)]),
    ets:safe_fixtable(T, true),
    [ets:delete(T, I) || I <- lists:seq(1, 50)],
    Fixed = element(7, ets:info(T, stats)),
    ets:safe_fixtable(T, false),
    {Fixed, element(7, ets:info(T, stats)), ets:info(T, size)}.
