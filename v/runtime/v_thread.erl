%% V threads: one Erlang process each. A thread is linked to the one that started it, so a panic
%% anywhere ends the whole program, as in V; under a supervisor the program is what restarts.
-module(v_thread).

-export([start/1, detach/1, wait/1, wait_all/1]).

%% Starts a thread whose result somebody will wait for.
start(Fun) ->
    Owner = self(),
    Ref = make_ref(),
    Pid = spawn_link(fun() -> Owner ! {v_result, Ref, run(Fun)} end),
    {thread, Pid, Ref}.

%% Starts a thread that nobody waits for.
detach(Fun) ->
    spawn_link(fun() -> run(Fun) end),
    ok.

%% An exception becomes an exit reason that carries what the launcher prints.
run(Fun) ->
    try
        Fun()
    catch
        throw:{v_exit, Code} -> exit({v_exit, Code});
        error:Reason:Trace -> exit({v_failed, Reason, Trace})
    end.

wait({thread, _, Ref}) ->
    receive
        {v_result, Ref, Value} -> Value
    end.

wait_all(Threads) ->
    v_array:map(Threads, fun wait/1).
