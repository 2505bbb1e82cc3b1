%% V threads: one Erlang process each. A thread is linked to the one that started it, so a panic
%% anywhere ends the whole program, as in V; under a supervisor the program is what restarts.
-module(v_thread).

-export([start/1, detach/1, wait/1, wait_all/1]).

%% Starts a thread whose result somebody will wait for.
start(Fun) ->
    Owner = self(),
    Ref = make_ref(),
    Task = task(),
    Pid = spawn_link(fun() -> Owner ! {v_result, Ref, run(Fun, Task)} end),
    {thread, Pid, Ref}.

%% Starts a thread that nobody waits for.
detach(Fun) ->
    Task = task(),
    spawn_link(fun() -> run(Fun, Task) end),
    ok.

%% The program that the thread belongs to; open files are the program's (vbeam_linux_files).
task() ->
    case get('$task') of
        undefined -> self();
        Task -> Task
    end.

%% An exception becomes an exit reason that carries what the launcher prints.
run(Fun, Task) ->
    put('$task', Task),
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
