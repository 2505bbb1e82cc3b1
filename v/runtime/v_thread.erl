%% V threads: one Erlang process each. A thread is linked to the process its program began as, so a
%% panic anywhere ends the whole program, as in V; under a supervisor the program is what restarts.
%% It has the table of the program's shared cells, too.
-module(v_thread).

-export([start/1, detach/1, wait/2, wait_all/2, wait_each/2, owned/1]).

%% Starts a thread whose result somebody will wait for: it stays to tell it, once.
start(Fun) ->
    {thread, launch(fun() -> tell(run(Fun)) end)}.

tell(Result) ->
    receive
        {v_wait, From, Ref} -> From ! {v_result, Ref, Result}
    end.

%% Starts a thread that nobody waits for.
detach(Fun) ->
    launch(fun() -> run(Fun) end),
    ok.

launch(Work) ->
    Program = program(),
    Heap = v_ref:heap(),
    spawn(fun() ->
        link(Program),
        put('$task', Program),
        v_ref:inherit(Heap),
        Work()
    end).

%% The process that the program began as; open files are its, too (vbeam_linux_group).
program() ->
    case get('$task') of
        undefined -> self();
        Program -> Program
    end.

%% A process that lasts as long as the program.
owned(Fun) ->
    Program = program(),
    spawn(fun() ->
        link(Program),
        Fun()
    end).

%% An exception becomes an exit reason that carries what the launcher prints.
run(Fun) ->
    try
        Fun()
    catch
        throw:{v_exit, Code} -> exit({v_exit, Code});
        error:Reason:Trace -> exit({v_failed, Reason, Trace})
    end.

%% A thread that was never started gives the zero value. One that panicked takes the program with
%% it, and so whoever waits.
wait({thread, Pid}, _) ->
    Ref = erlang:monitor(process, Pid),
    Pid ! {v_wait, self(), Ref},
    receive
        {v_result, Ref, Value} ->
            erlang:demonitor(Ref, [flush]),
            Value;
        {'DOWN', Ref, process, Pid, Reason} when Reason =:= noproc; Reason =:= normal ->
            v_rt:panic(<<"unable to join thread">>)
    end;
wait(nil, Zero) ->
    Zero.

wait_all(Threads, Zero) ->
    v_array:map(Threads, fun(Thread) -> wait(Thread, Zero) end).

%% All payloads, packed as one is; the first result without a payload instead.
wait_each(Threads, Zero) ->
    Results = [wait(T, Zero) || T <- v_array:to_list(Threads)],
    case [R || R <- Results, R =:= none orelse element(1, R) =:= err] of
        [Failed | _] -> Failed;
        [] -> packed(Results, Zero)
    end.

packed([{Tag, _} | _] = Results, _) -> {Tag, v_array:from_list([V || {_, V} <- Results])};
packed([], {Tag, _}) -> {Tag, v_array:from_list([])};
packed([], none) -> {some, v_array:from_list([])}.
