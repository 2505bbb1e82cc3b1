%% erts_debug:get_internal_state(node_and_dist_references): who refers to another node.
-module(referrers).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C(begin
            T = ets:new(t, []),
            ets:insert(T, [{a, pid(1), port(1)}, {b, pid(1)}, {c, reference(1), pid(2)}]),
            A = seen(1),
            ets:delete(T, a),
            B = seen(1),
            ets:delete_all_objects(T),
            {A, B, seen(1), seen(2)}
        end),
     ?C(begin
            T = ets:new(t, [ordered_set]),
            ets:insert(T, [{N, pid(3), [port(3), {reference(3)}]} || N <- lists:seq(1, 100)]),
            A = seen(3),
            ets:delete(T),
            {A, seen(3)}
        end),
     ?C(begin
            P = spawn(fun() -> receive stop -> ok end end),
            erlang:start_timer(100000, P, {pid(4), port(4), reference(4)}),
            Timer = erlang:send_after(100000, not_there, [pid(4)]),
            A = seen(4),
            {_, M} = {P, monitor(process, P)},
            P ! stop,
            receive {'DOWN', M, _, _, _} -> ok end,
            B = seen(4),
            erlang:cancel_timer(Timer),
            {A, B, seen(4)}
        end),
     ?C(begin
            T = ets:new(t, []),
            ets:insert(T, [{N, 1} || N <- lists:seq(1, 100)]),
            {_, C} = ets:select(T, [{{'$1', '_'}, [{'=/=', '$1', {const, pid(5)}}], ['$1']},
                                    {{'$1', port(5), pid(5)}, [], ['$1']}], 1),
            A = seen(5),
            ets:select(C),
            garbage_collect(),
            {A, seen(5)}
        end),
     ?C(begin
            Me = self(),
            P = spawn(fun() -> Held = [pid(6), port(6)], Me ! ready, receive stop -> Held end end),
            receive ready -> ok end,
            Count = heap(6, P),
            P ! stop,
            Count >= 2
        end)].

pid(Creation) -> binary_to_term(<<131, 88, 119, 1, "a", 9:32, 77:32, Creation:32>>).
port(Creation) -> binary_to_term(<<131, 89, 119, 1, "a", 9:32, Creation:32>>).
reference(Creation) ->
    binary_to_term(<<131, 90, 3:16, 119, 1, "a", Creation:32, 1:32, 2:32, 3:32>>).

rows(Creation) ->
    Before = (catch erts_debug:get_internal_state(available_internal_state)),
    erts_debug:set_internal_state(available_internal_state, true),
    {{node_references, Rows}, {dist_references, _}} =
        erts_debug:get_internal_state(node_and_dist_references),
    Before =:= true orelse erts_debug:set_internal_state(available_internal_state, false),
    case lists:keyfind({a, Creation}, 1, Rows) of
        {_, _, Referrers} -> Referrers;
        false -> []
    end.

%% What is on heaps depends on when they are collected.
seen(Creation) ->
    Counts = [Count || {_, All} <- rows(Creation), Count <- All],
    [{Kind, lists:sum([N || {K, N} <- Counts, K =:= Kind])} || Kind <- [ets, timer, binary]].
heap(Creation, Pid) ->
    lists:sum([N || {{process, P}, All} <- rows(Creation), P =:= Pid, {heap, N} <- All]).
