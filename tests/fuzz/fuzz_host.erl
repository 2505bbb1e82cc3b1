%% Loads the file `victim` of the boot archive, runs it in a process of its own for a while, and
%% then shows that the system still works.
-module(fuzz_host).
-export([run/0]).

run() ->
    Code = vbeam_hw:boot_file(<<"victim">>),
    case erlang:prepare_loading(victim, Code) of
        {error, _} -> erlang:display(refused);
        Prepared -> loaded(erlang:finish_loading([Prepared]))
    end,
    erlang:display(alive(lists:seq(1, 200))),
    vbeam_hw:power_off(0).

loaded(ok) ->
    {Pid, Ref} = spawn_monitor(victim, run, []),
    receive
        {'DOWN', Ref, process, Pid, _} -> erlang:display(ended)
    after 300 ->
        erlang:display(killed)
    end,
    kill_others();
loaded(Other) ->
    erlang:display(Other).

kill_others() ->
    case [P || P <- processes(), P =/= self()] of
        [] -> ok;
        Others -> [exit(P, kill) || P <- Others], erlang:yield(), kill_others()
    end.

alive(L) ->
    M = maps:from_list([{I, {I, <<I:16>>, [I * 1.5]}} || I <- L]),
    M = binary_to_term(term_to_binary(M)),
    L = lists:sort(lists:reverse(L)),
    Big = lists:foldl(fun(I, A) -> A * I end, 1, L),
    true = Big rem 199 =:= 0,
    erlang:garbage_collect(),
    {Pid, Ref} = spawn_monitor(fun() -> exit({done, maps:get(77, M)}) end),
    receive
        {'DOWN', Ref, process, Pid, {done, {77, <<0, 77>>, [115.5]}}} -> alive
    end.
