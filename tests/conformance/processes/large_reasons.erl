%% Large exit reasons, on their way to links, monitors and exit/2, and large messages of timers:
%% they are copied in several turns, while those they are meant for come and go.
-module(large_reasons).
-export([cases/0]).

cases() ->
    [{"to one monitor", fun() -> {P, M} = spawn_monitor(fun() -> exit(reason()) end), same(down(P, M)) end},
     {"to many monitors", fun() ->
         P = spawn(fun() -> receive go -> exit(reason()) end end),
         Ms = [monitor(process, P) || _ <- lists:seq(1, 50)],
         P ! go,
         lists:usort([same(down(P, M)) || M <- Ms]) end},
     {"to links that trap and that do not", fun() ->
         Self = self(),
         P = spawn(fun() -> receive go -> exit(reason()) end end),
         Traps = [spawn(fun() -> process_flag(trap_exit, true), follow(P, Self) end) || _ <- lists:seq(1, 10)],
         Others = [spawn_monitor(fun() -> follow(P, Self) end) || _ <- lists:seq(1, 10)],
         [receive {Q, linked} -> ok end || Q <- Traps ++ [O || {O, _} <- Others]],
         P ! go,
         {lists:usort([receive {Q, got, R} -> same(R) end || Q <- Traps]),
          lists:usort([same(down(Q, M)) || {Q, M} <- Others])} end},
     {"monitors that go meanwhile", fun() ->
         Self = self(),
         P = spawn(fun() -> receive go -> exit(reason()) end end),
         Watchers = [spawn_monitor(fun() -> M = monitor(process, P), Self ! {self(), ready},
                                       receive {'DOWN', M, _, _, R} -> exit({got, same(R)}) after I -> exit(gone) end end)
                     || I <- lists:seq(0, 30)],
         [receive {Q, ready} -> ok end || {Q, _} <- Watchers],
         P ! go,
         lists:usort([lists:member(down(Q, M), [gone, {got, true}]) || {Q, M} <- Watchers]) end},
     {"exit/2", fun() ->
         {P, M} = spawn_monitor(fun() -> receive never -> ok end end),
         exit(P, reason()),
         same(down(P, M)) end},
     {"exit/2 to one that traps", fun() ->
         Self = self(),
         {P, M} = spawn_monitor(fun() -> process_flag(trap_exit, true), Self ! {self(), ready},
                                    receive {'EXIT', Self, R} -> exit({got, same(R)}) end end),
         receive {P, ready} -> ok end,
         exit(P, reason()),
         down(P, M) end},
     {"exit/2 to oneself", fun() ->
         {P, M} = spawn_monitor(fun() -> exit(self(), reason()), receive never -> ok end end),
         same(down(P, M)) end},
     {"exit/2 to one that is gone", fun() ->
         {P, M} = spawn_monitor(fun() -> ok end),
         down(P, M),
         exit(P, reason()) end},
     {"a tag that is large, too", fun() ->
         Tag = {tag, reason()},
         P = spawn(fun() -> receive go -> exit(reason()) end end),
         M = monitor(process, P, [{tag, Tag}]),
         P ! go,
         receive {{tag, T}, M, process, P, R} -> {same(T), same(R)} end end},
     {"by name", fun() ->
         P = spawn(fun() -> register(large_reasons_name, self()), receive go -> exit(reason()) end end),
         wait_for(large_reasons_name),
         M = monitor(process, large_reasons_name),
         P ! go,
         receive {'DOWN', M, process, {large_reasons_name, N}, R} -> {N =:= node(), same(R)} end end},
     {"send_after", fun() -> erlang:send_after(1, self(), {sent, reason()}), receive {sent, R} -> same(R) end end},
     {"start_timer", fun() -> T = erlang:start_timer(1, self(), reason()), receive {timeout, T, R} -> same(R) end end},
     {"timers cancelled and of others that are gone", fun() ->
         T = erlang:send_after(100000, self(), reason()),
         Left = erlang:cancel_timer(T),
         {P, M} = spawn_monitor(fun() -> ok end),
         down(P, M),
         U = erlang:start_timer(1, P, reason()),
         {is_integer(Left), is_reference(U), receive X -> X after 20 -> none end} end},
     {"many timers at once", fun() ->
         Ts = [erlang:start_timer(5, self(), I) || I <- lists:seq(1, 1000)],
         lists:sum([receive {timeout, T, I} -> I end || T <- Ts]) end}].

reason() -> [{I, [I], <<I:40>>, binary:copy(<<I>>, 70)} || I <- lists:seq(1, 4000)].
same(R) -> R =:= reason().
down(P, M) -> receive {'DOWN', M, process, P, R} -> R end.
follow(P, Parent) ->
    link(P),
    Parent ! {self(), linked},
    receive {'EXIT', P, R} -> Parent ! {self(), got, R} end.
wait_for(Name) ->
    case whereis(Name) of
        undefined -> receive after 1 -> wait_for(Name) end;
        _ -> ok
    end.
