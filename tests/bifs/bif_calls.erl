%% Calls every function of bif_list:functions() with atoms that mean nothing, each in a process of
%% its own, and prints {Function, Outcome}: `undef` when the function called does not exist, else
%% `called`. What else the call does (raise badarg, exit, wait) does not matter here.
-module(bif_calls).
-export([run/0]).

-define(WAIT_MS, 200).

run() ->
    process_flag(trap_exit, true),
    %% As in OTP, the functions about the emulator's state are undefined before this call.
    erts_debug:set_internal_state(available_internal_state, true),
    [erlang:display({Function, outcome(Function)}) || Function <- bif_list:functions()],
    erlang:display(ended).

outcome({M, F, A}) ->
    Arguments = lists:duplicate(A, '$nothing'),
    {Pid, Monitor} = spawn_monitor(fun() -> exit({outcome, call(M, F, Arguments)}) end),
    receive
        {'DOWN', Monitor, process, Pid, {outcome, Outcome}} -> Outcome;
        {'DOWN', Monitor, process, Pid, _} -> called
    after ?WAIT_MS ->
        exit(Pid, kill),
        called
    end.

call(M, F, Arguments) ->
    try apply(M, F, Arguments) of
        _ -> called
    catch
        error:Reason:Trace -> failure(M, F, Reason, Trace);
        _:_ -> called
    end.

%% The stubs in OTP's modules raise errors of their own, by erlang:nif_error/1,2.
failure(M, F, undef, [{M, F, _, _} | _]) -> undef;
failure(M, F, undefined, [{M, F, _, _} | _]) -> undef;
failure(M, F, {not_loaded, _}, [{M, F, _, _} | _]) -> undef;
failure(M, F, Reason, [{erlang, nif_error, _, _}, {M, F, _, _} | _]) -> {undef, Reason};
failure(_, _, _, _) -> called.
