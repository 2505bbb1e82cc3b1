%% In its first life a process crashes and a line is logged, then the machine is reset; in the
%% second the log of both is shown.
-module(log_reboot).
-export([main/0, crash/1]).

main() ->
    case vbeam_log:life() of
        1 ->
            {Pid, Monitor} = proc_lib:spawn_opt(?MODULE, crash, [not_a_list], [monitor]),
            receive {'DOWN', Monitor, process, Pid, _} -> ok end,
            %% Whoever writes may be ended: the next one goes on behind what is there.
            exit(whereis(vbeam_log), kill),
            receive after 100 -> ok end,
            logger:error("last words"),
            init:reboot();
        2 ->
            logger:error("first words of the second life"),
            vbeam:log(),
            halt(7)
    end,
    receive after infinity -> ok end.

crash(Term) ->
    1 + length(Term).
