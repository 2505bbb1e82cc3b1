%% supervisor: strategies, restart types, intensity, shutdown, dynamic children.
-module(supervisors).
-behaviour(supervisor).
-export([cases/0, init/1, start_worker/1, start_worker/2, start_bad/1]).
-include("../runner/case.hrl").

cases() ->
    [?C(begin {ok, S} = sup(one_for_one, [w(a), w(b)]), shape(S) end),
     ?C(restarted(one_for_one)), ?C(restarted(one_for_all)), ?C(restarted(rest_for_one)),
     ?C(restart_type(permanent, normal)), ?C(restart_type(permanent, crash)), ?C(restart_type(transient, normal)), ?C(restart_type(transient, crash)), ?C(restart_type(transient, shutdown)), ?C(restart_type(temporary, crash)),
     ?C(intensity(3, 2)), ?C(intensity(3, 3)), ?C(intensity(3, 4)),
     ?C(begin {ok, S} = sup(one_for_one, []), [element(1, supervisor:start_child(S, w(x))), shape(S), supervisor:terminate_child(S, x), shape(S), element(1, supervisor:restart_child(S, x)), supervisor:terminate_child(S, x), supervisor:delete_child(S, x), shape(S)] end),
     ?C(begin {ok, S} = sup(one_for_one, [w(a)]), element(1, element(2, supervisor:start_child(S, w(a)))) end),
     ?C(begin {ok, S} = sup(one_for_one, [w(a)]), [supervisor:delete_child(S, a), supervisor:delete_child(S, zz), supervisor:terminate_child(S, zz), supervisor:restart_child(S, a)] end),
     ?C(begin {ok, S} = sup(one_for_one, [w(a), w(b)]), supervisor:count_children(S) end),
     ?C(begin {ok, S} = sup(one_for_one, [w(a)]), {ok, Spec} = supervisor:get_childspec(S, a), maps:without([start], Spec) end),
     ?C(begin {ok, S} = simple(), [element(1, supervisor:start_child(S, [N])) || N <- [1, 2, 3]], supervisor:count_children(S) end),
     ?C(begin {ok, S} = simple(), {ok, P} = supervisor:start_child(S, [1]), [supervisor:terminate_child(S, P), supervisor:count_children(S), supervisor:delete_child(S, P)] end),
     ?C(begin process_flag(trap_exit, true), sup(one_for_one, [w(a), bad(stop)]) end),
     ?C(begin process_flag(trap_exit, true), sup(one_for_one, [w(a), bad(crash)]) end),
     ?C(begin process_flag(trap_exit, true), {ok, S} = sup(one_for_one, [w(a), bad(ignore)]), shape(S) end),
     ?C(begin process_flag(trap_exit, true), supervisor:start_link(?MODULE, nonsense) end),
     ?C(begin process_flag(trap_exit, true), supervisor:start_link(?MODULE, {ok, {#{strategy => wrong}, []}}) end),
     ?C(begin process_flag(trap_exit, true), supervisor:start_link(?MODULE, ignore) end),
     ?C(supervisor:check_childspecs([w(a)])), ?C(supervisor:check_childspecs([#{id => a}])), ?C(supervisor:check_childspecs([w(a), w(a)])),
     ?C(shutdown_order()),
     ?C(shutdown_kind(brutal_kill)), ?C(shutdown_kind(1000)), ?C(shutdown_kind(10)),
     ?C(begin {ok, S} = sup(one_for_one, [sub(inner, [w(x), w(y)])]), [{_, I, supervisor, _}] = supervisor:which_children(S), shape(I) end),
     ?C(nested_failure()),
     ?C(begin {ok, B} = supervisor_bridge_like(), is_pid(B) end),
     ?C(significant())].

init(Result) -> Result.

sup(Strategy, Children) -> sup(Strategy, 10, Children).
sup(Strategy, Intensity, Children) ->
    supervisor:start_link(?MODULE, {ok, {#{strategy => Strategy, intensity => Intensity, period => 60}, Children}}).

simple() ->
    Child = #{id => any, start => {?MODULE, start_worker, []}, restart => temporary},
    supervisor:start_link(?MODULE, {ok, {#{strategy => simple_one_for_one}, [Child]}}).

w(Id) -> #{id => Id, start => {?MODULE, start_worker, [Id]}}.
sub(Id, Children) ->
    Init = {ok, {#{strategy => one_for_all, intensity => 1, period => 60}, Children}},
    #{id => Id, start => {supervisor, start_link, [?MODULE, Init]}, type => supervisor}.
bad(How) -> #{id => bad, start => {?MODULE, start_bad, [How]}}.

start_worker(Name) -> start_worker(Name, none).
start_worker(Name, Report) ->
    {ok, proc_lib:spawn_link(fun() -> process_flag(trap_exit, Report =/= none), worker(Name, Report) end)}.

worker(Name, Report) ->
    receive
        crash -> exit(crash);
        {exit, Reason} -> exit(Reason);
        {'EXIT', _, shutdown} when is_pid(Report) -> Report ! {ended, Name};
        {'EXIT', _, shutdown} when Report =:= stubborn -> worker(Name, Report)
    end.

start_bad(stop) -> {error, cannot};
start_bad(crash) -> error(start_crash);
start_bad(ignore) -> ignore.

shape(S) -> [{Id, is_pid(P) orelse P, T} || {Id, P, T, _} <- supervisor:which_children(S)].

pids(S) -> [{Id, P} || {Id, P, _, _} <- supervisor:which_children(S)].

%% Which of three children have new pids after the second has crashed.
restarted(Strategy) ->
    {ok, S} = sup(Strategy, [w(a), w(b), w(c)]),
    Old = pids(S),
    {b, B} = lists:keyfind(b, 1, Old),
    kill(B, crash),
    New = pids(S),
    [{Id, lists:keyfind(Id, 1, Old) =/= lists:keyfind(Id, 1, New)} || Id <- [a, b, c]].

kill(P, How) ->
    R = monitor(process, P),
    P ! {exit, How},
    receive {'DOWN', R, process, P, _} -> timer:sleep(5) end.

restart_type(Type, How) ->
    {ok, S} = sup(one_for_one, [(w(a))#{restart => Type}]),
    [{a, P}] = pids(S),
    kill(P, case How of crash -> boom; Other -> Other end),
    [{Id, Q =:= undefined orelse Q =/= P} || {Id, Q} <- pids(S)].

%% Does a supervisor that allows Max restarts survive so many crashes?
intensity(Max, Crashes) ->
    process_flag(trap_exit, true),
    {ok, S} = sup(one_for_one, Max, [w(a)]),
    [case is_process_alive(S) of
         true -> [{a, P}] = pids(S), kill(P, boom);
         false -> ok
     end || _ <- lists:seq(1, Crashes)],
    receive {'EXIT', S, Reason} -> {ended, Reason} after 20 -> lives end.

shutdown_order() ->
    process_flag(trap_exit, true),
    Self = self(),
    Child = fun(Id) -> #{id => Id, start => {?MODULE, start_worker, [Id, Self]}, shutdown => 1000} end,
    {ok, S} = sup(one_for_one, [Child(I) || I <- [a, b, c]]),
    unlink(S),
    exit(S, shutdown),
    [receive {ended, Id} -> Id after 1000 -> none end || _ <- [1, 2, 3]].

shutdown_kind(Kind) ->
    process_flag(trap_exit, true),
    Child = #{id => a, start => {?MODULE, start_worker, [a, stubborn]}, shutdown => Kind},
    {ok, S} = sup(one_for_one, [Child]),
    [{a, P}] = pids(S),
    R = monitor(process, P),
    spawn(fun() -> timer:sleep(50), P ! {exit, finally} end),
    supervisor:terminate_child(S, a),
    receive {'DOWN', R, process, P, Reason} -> Reason after 3000 -> none end.

nested_failure() ->
    process_flag(trap_exit, true),
    {ok, S} = sup(one_for_one, [sub(inner, [w(x), w(y)])]),
    [{inner, I}] = pids(S),
    [begin [{_, P} | _] = pids(element(2, hd(pids(S)))), kill(P, boom) end || _ <- [1, 2]],
    [{inner, J}] = pids(S),
    {I =/= J, shape(J)}.

supervisor_bridge_like() -> sup(one_for_one, []).

significant() ->
    process_flag(trap_exit, true),
    Child = (w(a))#{restart => transient, significant => true},
    {ok, S} = supervisor:start_link(?MODULE, {ok, {#{strategy => one_for_one, auto_shutdown => any_significant}, [Child]}}),
    [{a, P}] = pids(S),
    kill(P, normal),
    receive {'EXIT', S, Reason} -> Reason after 1000 -> lives end.
