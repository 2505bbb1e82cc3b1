%% What native tasks and Linux programs cost on a machine whose clock counts instructions. Prints
%% {task, Name, Nanoseconds} a line, each of one round:
%%
%%     step      vbeam_task:step/2 to the next system call
%%     faults    a write to a page that has to be copied, after a fork
%%     fork      fork, a process that is given the child and runs it to its system call, its end
%%     call      getpid of a Linux program
%%     wait      fork, _exit and wait4 of a Linux program
%%
%% The last two are programs of their own, run with few rounds and with many.
-module(tasks).
-export([main/0]).

-define(CODE, 16#400000).
-define(DATA, 16#600000).
-define(PAGE, 4096).
-define(DATA_PAGES, 64).

main() ->
    tell(step, fun steps/1, 20000),
    tell(faults, fun faults/1, ?DATA_PAGES),
    tell(fork, fun forks/1, 200),
    linux(call, <<16#b8, 39:32/little, 16#0f, 16#05>>, 100, 5100),
    linux(wait, fork_and_wait(), 10, 210).

%% The best of three.
tell(Name, Function, Rounds) ->
    Times = [Function(Rounds) || _ <- [1, 2, 3]],
    io:format("{task,~p,~p}.~n", [Name, lists:min(Times) div Rounds]).

timed(Function) ->
    Begin = erlang:monotonic_time(nanosecond),
    Function(),
    erlang:monotonic_time(nanosecond) - Begin.

loaded(Code) ->
    {ok, Task} = vbeam_task:create(),
    ok = vbeam_task:map(Task, ?CODE, ?PAGE, [read, execute]),
    ok = vbeam_task:map(Task, ?DATA, ?DATA_PAGES * ?PAGE, [read, write]),
    ok = vbeam_task:write(Task, ?CODE, Code),
    ok = vbeam_task:set_registers(Task, #{rip => ?CODE, rsi => ?DATA}),
    Task.

%% syscall; jmp to the beginning
steps(Rounds) ->
    Task = loaded(<<16#0f, 16#05, 16#eb, 16#fc>>),
    Time = timed(fun() -> step(Task, none, Rounds) end),
    ok = vbeam_task:destroy(Task),
    Time.

step(_Task, _Result, 0) ->
    ok;
step(Task, Result, Rounds) ->
    case vbeam_task:step(Task, Result) of
        interrupted -> step(Task, none, Rounds);
        {system_call, _, _, _, _, _, _, _} -> step(Task, 0, Rounds - 1)
    end.

%% mov [rsi], rsi; add rsi, 4096; dec rax; jne to the beginning; syscall
faults(Rounds) ->
    Code = <<16#48, 16#89, 16#36, 16#48, 16#81, 16#c6, ?PAGE:32/little, 16#48, 16#ff, 16#c8,
        16#75, 16#f1, 16#0f, 16#05>>,
    Task = loaded(Code),
    {ok, Child} = vbeam_task:fork(Task),
    Time = timed(fun() -> step(Task, Rounds, 1) end),
    ok = vbeam_task:destroy(Child),
    ok = vbeam_task:destroy(Task),
    Time.

forks(Rounds) ->
    Task = loaded(<<16#48, 16#89, 16#36, 16#0f, 16#05>>),
    Time = timed(fun() -> fork(Task, Rounds) end),
    ok = vbeam_task:destroy(Task),
    Time.

fork(_Task, 0) ->
    ok;
fork(Task, Rounds) ->
    {ok, Child} = vbeam_task:fork(Task),
    {Pid, Monitor} = spawn_monitor(fun() ->
        receive {run, Given} -> step(Given, none, 1) end
    end),
    ok = vbeam_task:give(Child, Pid),
    Pid ! {run, Child},
    receive {'DOWN', Monitor, process, Pid, normal} -> ok end,
    fork(Task, Rounds - 1).

%% mov eax, 57; syscall; test eax, eax; jne over; mov eax, 231; xor edi, edi; syscall;
%% over: mov eax, 61; mov rdi, -1; xor esi, esi; xor edx, edx; xor r10d, r10d; syscall
fork_and_wait() ->
    <<16#b8, 57:32/little, 16#0f, 16#05, 16#85, 16#c0, 16#75, 9,
        16#b8, 231:32/little, 16#31, 16#ff, 16#0f, 16#05,
        16#b8, 61:32/little, 16#48, 16#c7, 16#c7, -1:32/little, 16#31, 16#f6, 16#31, 16#d2,
        16#45, 16#31, 16#d2, 16#0f, 16#05>>.

linux(Name, Body, Few, Many) ->
    Short = lists:min([program(Body, Few) || _ <- [1, 2, 3]]),
    Long = lists:min([program(Body, Many) || _ <- [1, 2, 3]]),
    io:format("{task,~p,~p}.~n", [Name, (Long - Short) div (Many - Few)]).

%% A static ELF executable: mov r12d, Rounds; Body; dec r12d; jne back; exit_group(0).
program(Body, Rounds) ->
    Back = -(byte_size(Body) + 9),
    Code = <<16#41, 16#bc, Rounds:32/little, Body/binary, 16#41, 16#ff, 16#cc,
        16#0f, 16#85, Back:32/little, 16#b8, 231:32/little, 16#31, 16#ff, 16#0f, 16#05>>,
    Bytes = 120 + byte_size(Code),
    Header = <<127, "ELF", 2, 1, 1, 0:72, 2:16/little, 62:16/little, 1:32/little,
        (?CODE + 120):64/little, 64:64/little, 0:64, 0:32, 64:16/little, 56:16/little, 1:16/little,
        0:48>>,
    Segment = <<1:32/little, 5:32/little, 0:64, ?CODE:64/little, ?CODE:64/little, Bytes:64/little,
        Bytes:64/little, ?PAGE:64/little>>,
    ok = file:write_file("/rounds", [Header, Segment, Code]),
    ok = file:change_mode("/rounds", 8#755),
    timed(fun() -> {exit_status, 0} = vbeam_linux:run("/rounds", ["rounds"]) end).
