%% Loads the file `victim` of the boot archive, runs it in a process of its own for a while, and
%% then shows that the system still works. Marks as in fuzz_runner: r refused, d ended, k killed.
-module(fuzz_host).
-export([run/0]).

run() ->
    Canary = fuzz_canary:start(),
    Known = processes(),
    Code = vbeam_hw:boot_file(<<"victim">>),
    Outcome = case erlang:prepare_loading(victim, Code) of
                  {error, _} -> $r;
                  Prepared -> loaded(erlang:finish_loading([Prepared]))
              end,
    check_memory(),
    fuzz_runner:kill_others(Known),
    check_memory(),
    fuzz_canary:check(Canary),
    fuzz_runner:outcome(Outcome),
    vbeam_hw:power_off(0).

loaded(ok) ->
    Pid = spawn(fun() -> victim:run(), receive never -> ok end end),
    Ref = monitor(process, Pid),
    receive
        {'DOWN', Ref, process, Pid, _} -> $d
    after 100 ->
        case process_info(Pid, current_function) of
            {current_function, {fuzz_host, _, _}} -> $d;
            _ -> $k
        end
    end.

check_memory() ->
    case vbeam_internal:check_memory(all) of
        ok -> ok;
        unchecked -> ok;
        Fault -> fuzz_runner:failed({memory, Fault})
    end.
