%% Links, monitors, exit signals and trapping them.
-module(links_and_monitors).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C(trapped(fun() -> ok end)),
     ?C(trapped(fun() -> exit(normal) end)),
     ?C(trapped(fun() -> exit(reason) end)),
     ?C(trapped(fun() -> exit(kill) end)),
     ?C(trapped(fun() -> exit({shutdown, x}) end)),
     ?C(element(1, element(2, trapped(fun() -> error(bad) end)))),
     ?C(element(1, element(2, trapped(fun() -> throw(bad) end)))),
     ?C(trapped(fun() -> exit(self(), kill), receive after infinity -> ok end end)),
     ?C(trapped(fun() -> exit(self(), normal), receive after 10 -> exit(survived) end end)),
     ?C(trapped(fun() -> exit(self(), stop), receive after 1000 -> exit(survived) end end)),
     ?C(signal(normal, false)),
     ?C(signal(normal, true)),
     ?C(signal(reason, false)),
     ?C(signal(reason, true)),
     ?C(signal(kill, false)),
     ?C(signal(kill, true)),
     ?C(signal(shutdown, true)),
     ?C(signal(killed, true)),
     ?C(chain(5, boom)),
     ?C(chain(5, normal)),
     ?C(chain(5, kill)),
     ?C(chain(50, {shutdown, why})),
     ?C(link(self())),
     ?C(unlink(self())),
     ?C(link(not_a_pid)),
     ?C(begin process_flag(trap_exit, true), P = dead(), true = link(P), receive {'EXIT', P, R} -> R after 1000 -> none end end),
     ?C(begin P = dead(), catch link(P), receive after 100 -> not_killed end end),
     ?C(begin process_flag(trap_exit, true), P = waiting(), link(P), link(P), unlink(P), exit(P, x), receive M -> M after 20 -> nothing end end),
     ?C(begin process_flag(trap_exit, true), P = spawn_link(fun() -> exit(now) end), down(P), unlink(P), receive {'EXIT', P, R} -> R after 20 -> nothing end end),
     ?C(begin process_flag(trap_exit, true), P = waiting(), link(P), {links, L} = process_info(self(), links), L =:= [P] end),
     ?C(begin P = waiting(), R = monitor(process, P), exit(P, why), receive {'DOWN', R, process, P, X} -> X end end),
     ?C(begin P = dead(), R = monitor(process, P), receive {'DOWN', R, process, P, X} -> X end end),
     ?C(begin R = monitor(process, no_such_name), receive {'DOWN', R, process, O, X} -> {O =:= {no_such_name, node()}, X} end end),
     ?C(begin P = waiting(), register(monitored, P), R = monitor(process, monitored), exit(P, kill), receive {'DOWN', R, process, O, X} -> {O =:= {monitored, node()}, X} end end),
     ?C(begin P = waiting(), R = monitor(process, P), [demonitor(R), exit(P, kill), receive M -> M after 20 -> nothing end] end),
     ?C(begin P = dead(), R = monitor(process, P), timer:sleep(5), [demonitor(R, [flush]), receive M -> M after 5 -> nothing end] end),
     ?C(begin P = dead(), R = monitor(process, P), timer:sleep(5), [demonitor(R, [info]), demonitor(R, [info, flush]), receive _ -> m after 5 -> nothing end] end),
     ?C(begin P = waiting(), R = monitor(process, P), [demonitor(R, [info]), demonitor(R, [info])] end),
     ?C(demonitor(make_ref())),
     ?C(demonitor(not_a_ref)),
     ?C(demonitor(make_ref(), [wrong])),
     ?C(monitor(process, 17)),
     ?C(monitor(nonsense, self())),
     ?C(begin P = waiting(), Rs = [monitor(process, P) || _ <- lists:seq(1, 5)], exit(P, kill), length([X || R <- Rs, X <- [receive {'DOWN', R, _, _, killed} -> R end]]) end),
     ?C(begin P = waiting(), monitor(process, P), monitor(process, P), length(element(2, process_info(self(), monitors))) end),
     ?C(begin P = waiting(), monitor(process, P), element(2, process_info(P, monitored_by)) =:= [self()] end),
     ?C(begin R = monitor(process, self()), receive {'DOWN', R, _, _, X} -> X after 10 -> nothing end end),
     ?C(begin A = alias(), A ! hello, R = receive hello -> got after 50 -> nothing end, [R, unalias(A), begin A ! again, receive again -> got after 20 -> nothing end end] end),
     ?C(begin A = alias([reply]), A ! 1, A ! 2, [receive 1 -> one after 20 -> none end, receive 2 -> two after 20 -> none end] end),
     ?C(begin P = waiting(), R = monitor(process, P, [{alias, demonitor}]), R ! via_alias, receive via_alias -> got after 50 -> nothing end end),
     ?C(begin P = waiting(), R = monitor(process, P, [{tag, my_tag}]), exit(P, kill), receive {my_tag, R, process, P, X} -> X end end),
     ?C(exit(self(), reason)),
     ?C(exit(not_a_pid, reason)),
     ?C(begin P = waiting(), [exit(P, a), exit(P, b), down(P)] end),
     ?C(begin process_flag(trap_exit, true), exit(self(), hello), receive {'EXIT', P, X} -> {P =:= self(), X} after 50 -> nothing end end),
     ?C(begin process_flag(trap_exit, true), exit(self(), normal), receive {'EXIT', P, X} -> {P =:= self(), X} after 50 -> nothing end end),
     ?C(linked_group(10)),
     ?C(mutual())].

trapped(F) ->
    process_flag(trap_exit, true),
    P = spawn_link(F),
    receive {'EXIT', P, Reason} -> {exit, Reason} after 2000 -> nothing end.

%% What a process that traps or not sees of a signal from another.
signal(Reason, Traps) ->
    Self = self(),
    P = spawn(fun() ->
        process_flag(trap_exit, Traps),
        Self ! ready,
        receive {'EXIT', From, R} -> exit({saw, From =:= Self, R}) after 50 -> exit(saw_nothing) end
    end),
    receive ready -> ok end,
    R = monitor(process, P),
    exit(P, Reason),
    receive {'DOWN', R, process, P, X} -> X end.

%% A chain of links: the first ends, who of the others does?
chain(Length, Reason) ->
    process_flag(trap_exit, true),
    P = build(Length, Reason),
    receive {'EXIT', P, X} -> X after 50 -> lives end.

build(0, Reason) -> spawn_link(fun() -> exit(Reason) end);
build(N, Reason) ->
    spawn_link(fun() -> build(N - 1, Reason), receive after infinity -> ok end end).

%% When one of many linked processes fails all do.
linked_group(N) ->
    Self = self(),
    Hub = spawn(fun() ->
        Members = [spawn_link(fun() -> receive after infinity -> ok end end) || _ <- lists:seq(1, N)],
        Self ! {members, Members},
        receive after infinity -> ok end
    end),
    Members = receive {members, L} -> L end,
    Refs = [monitor(process, P) || P <- [Hub | Members]],
    exit(hd(Members), poison),
    [receive {'DOWN', R, process, _, X} -> X end || R <- Refs].

mutual() ->
    Self = self(),
    A = spawn(fun() -> receive {link, B} -> link(B), Self ! linked, receive after infinity -> ok end end end),
    B = spawn(fun() -> process_flag(trap_exit, true), receive M -> Self ! {b, element(1, M), element(3, M)} end end),
    A ! {link, B},
    receive linked -> ok end,
    exit(A, gone),
    receive {b, T, R} -> {T, R} after 1000 -> nothing end.

waiting() -> spawn(fun() -> receive after infinity -> ok end end).

dead() ->
    {P, R} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', R, _, _, _} -> P end.

down(P) ->
    R = monitor(process, P),
    receive {'DOWN', R, process, P, X} -> X end.
