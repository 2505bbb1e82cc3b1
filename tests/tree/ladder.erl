%% A driver that fails as it is told climbs the ladder of vbeam_ladder. Prints each step.
-module(ladder).
-behaviour(vbeam_driver).
-export([main/0, start_link/0]).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2]).

main() ->
    ok = supervisor_has(ladder),
    io:format("started: ~p~n", [step()]),
    [crash() || _ <- lists:seq(1, 5)],
    io:format("after five failures: ~p, kept ~p~n", [step(), kept()]),
    Others = [whereis(vbeam_serial), whereis(vbeam_watchdog)],
    crash(),
    io:format("after six: ~p, kept ~p~n", [step(), kept()]),
    io:format("others started again: ~p~n", [
        [whereis(vbeam_serial), whereis(vbeam_watchdog)] =/= Others
    ]),
    _ = [ets:insert(vbeam_keeper:table(ladder, Key), {one}) || Key <- tables()],
    crash(),
    io:format("after seven: ~p, kept ~p, ~p~n", [step(), kept(), [rows(Key) || Key <- tables()]]),
    crash(),
    io:format("after eight: ~p, running ~p~n", [step(), whereis(ladder)]),
    io:format("degraded: ~p~n", [vbeam_ladder:degraded()]),
    {ok, _} = vbeam:revive(ladder),
    io:format("revived: ~p, kept ~p~n", [step(), [rows(Key) || Key <- tables()]]),
    [kill() || _ <- lists:seq(1, 50)],
    io:format("after fifty kills: ~p~n", [step()]),
    gen_server:cast(ladder, loop),
    Looping = whereis(ladder),
    wait(fun() -> is_pid(whereis(ladder)) andalso whereis(ladder) =/= Looping end),
    io:format("one that looped was ended: ~p~n", [step()]),
    vbeam_keeper:put(?MODULE, broken, true),
    persistent_term:put(broken, true),
    kill_only(),
    wait(fun() -> step() =:= degraded end),
    io:format("one whose init fails: ~p~n", [step()]),
    persistent_term:put(broken, false),
    {ok, _} = vbeam:revive(ladder),
    io:format("and again: ~p~n", [step()]).

%% Below vbeam_hal_sup, where drivers are; again when all of them have started anew.
supervisor_has(Name) ->
    case supervisor:start_child(vbeam_hal_sup, vbeam_ladder:child(Name)) of
        {ok, _} -> ok;
        {error, {already_started, _}} -> ok;
        {error, already_present} -> ok
    end.

step() ->
    #{step := Step} = proplists:get_value(ladder, vbeam_ladder:status()),
    Step.

kept() ->
    vbeam_keeper:get(ladder, number, none).

%% One that may be forgotten, and one that others rely on.
tables() ->
    [lost, {acknowledged, safe}].

rows(Key) ->
    ets:info(vbeam_keeper:table(ladder, Key), size).

crash() ->
    Pid = whereis(ladder),
    vbeam_keeper:put(ladder, number, 17),
    Supervisor = whereis(vbeam_hal_sup),
    Before = step(),
    gen_server:cast(ladder, crash),
    wait(fun() ->
        case {step(), Before} of
            {degraded, _} -> true;
            {subtree, restart} -> is_new(Supervisor, vbeam_hal_sup) andalso running(Pid);
            _ -> running(Pid)
        end
    end).

is_new(Old, Name) ->
    is_pid(whereis(Name)) andalso whereis(Name) =/= Old.

%% After its supervisor's restart the driver is started by this program: it was added by it.
running(Old) ->
    _ = whereis(ladder) =:= undefined andalso (catch supervisor_has(ladder)),
    is_new(Old, ladder).

kill() ->
    Pid = whereis(ladder),
    exit(Pid, kill),
    wait(fun() -> is_new(Pid, ladder) end).

kill_only() ->
    exit(whereis(ladder), kill).

wait(Condition) ->
    case Condition() of
        true -> ok;
        false -> receive after 5 -> wait(Condition) end
    end.

%% ---- the driver

start_link() ->
    vbeam_driver:start_link(?MODULE, ?MODULE, []).

init(_) ->
    case persistent_term:get(broken, false) of
        true -> {stop, broken};
        false -> {ok, none}
    end.

handle_interrupt(_Vector, _Data, State) -> {noreply, State}.
handle_call(_Request, _From, State) -> {reply, ok, State}.
handle_cast(crash, _State) -> error(as_told);
handle_cast(loop, State) -> handle_cast(loop, State).
