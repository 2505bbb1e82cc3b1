%% Native tasks from Erlang: the programs of nucleus/testing/task_programs.ts, which the test writes
%% into task_code.hrl as programs/0, and what happens to a task whose owner goes.
-module(native_tasks).
-export([main/0]).

-include("task_code.hrl").

-define(CODE, 16#400000).
-define(DATA, 16#600000).
-define(DATA_BYTES, 16384).
-define(CYCLES, 10000).

main() ->
    [
        io:format("~s: ~s~n", [Name, text(owned(fun() -> run(Code, patience(Name)) end))])
     || {Name, Code} <- programs()
    ],
    {_, Loop} = lists:keyfind("loops for ever", 1, programs()),
    {_, Computes} = lists:keyfind("computes", 1, programs()),
    Memory = [fun foreign/1, fun wrong/1, fun contents/1, fun strings/1, fun steps/1],
    Shared = [fun forks/1, fun threads/1, fun shares/1, fun moves/1, fun limits/1],
    [io:format("~0p~n", [owned(fun() -> F(Computes) end)]) || F <- Memory ++ Shared],
    io:format("beside a loop: ~p~n", [beside(Loop)]),
    io:format("fault is an exit: ~p~n", [fault_exit()]),
    io:format("large: ~p~n", [large()]),
    io:format("cycles: ~p~n", [owned(fun() -> cycles(Computes, ?CYCLES) end)]),
    io:format("frames: ~p~n", [vbeam_task:frames()]).

%% The result of a function in a process of its own.
owned(Function) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({result, Function()}) end),
    receive
        {'DOWN', Monitor, process, Pid, {result, Result}} -> Result;
        {'DOWN', Monitor, process, Pid, Reason} -> Reason
    end.

loaded(Code) ->
    {ok, Task} = vbeam_task:create(),
    ok = vbeam_task:map(Task, ?CODE, byte_size(Code), [read, execute]),
    ok = vbeam_task:map(Task, ?DATA, ?DATA_BYTES, [read, write]),
    ok = vbeam_task:write(Task, ?CODE, Code),
    Registers = #{rip => ?CODE, rsp => ?DATA + ?DATA_BYTES, fs_base => ?DATA},
    ok = vbeam_task:set_registers(Task, Registers),
    Task.

patience("loops for ever") -> 100;
patience(_) -> 60000.

run(Code, Milliseconds) ->
    Task = loaded(Code),
    case vbeam_task:run(Task, Milliseconds) of
        system_call -> {system_call, maps:get(rax, vbeam_task:registers(Task))};
        Reason -> Reason
    end.

text({system_call, Number}) -> io_lib:format("system call ~b", [Number]);
text({fault, 14, Code, Address}) -> io_lib:format("fault 14 ~b 0x~.16b", [Code, Address]);
text({fault, Vector, Code, _}) -> io_lib:format("fault ~b ~b", [Vector, Code]);
text(Other) -> io_lib:format("~p", [Other]).

%% Nobody but the owner may use a task.
foreign(Code) ->
    Task = loaded(Code),
    Results = [
        owned(fun() -> catch Use(Task) end)
     || Use <- [
            fun vbeam_task:run/1,
            fun vbeam_task:destroy/1,
            fun(T) -> vbeam_task:read(T, ?CODE, 1) end,
            fun(T) -> vbeam_task:map(T, 16#800000, 1, [read]) end
        ]
    ],
    ok = vbeam_task:destroy(Task),
    Gone = catch vbeam_task:run(Task),
    {foreign, [Reason || {'EXIT', {Reason, _}} <- [Gone | Results]]}.

wrong(Code) ->
    Task = loaded(Code),
    {wrong, [
        vbeam_task:map(Task, 0, 4096, [read]),
        vbeam_task:map(Task, ?DATA - 4096, 3 * 4096, [read]),
        vbeam_task:read(Task, ?DATA - 4096, 1),
        vbeam_task:read(Task, ?DATA, ?DATA_BYTES + 1),
        vbeam_task:write(Task, 1 bsl 63, <<1>>),
        vbeam_task:set_registers(Task, #{rip => 1 bsl 47}),
        element(1, catch vbeam_task:map(Task, -1, 1, [])),
        element(1, catch vbeam_task:set_registers(Task, #{cr3 => 1}))
    ]}.

contents(Code) ->
    Task = loaded(Code),
    Data = some_bytes(100000, <<>>),
    ok = vbeam_task:map(Task, 16#10000000, 1 bsl 20, [read, write]),
    ok = vbeam_task:write(Task, 16#10000000 + 5, Data),
    {ok, Read} = vbeam_task:read(Task, 16#10000000 + 5, byte_size(Data)),
    {ok, Zero} = vbeam_task:read(Task, 16#10000000 + 5 + byte_size(Data), 100),
    ok = vbeam_task:unmap(Task, 16#10000000, 1 bsl 20),
    {contents, Read =:= Data, Zero =:= <<0:800>>, vbeam_task:read(Task, 16#10000000, 1)}.

%% Texts end at a zero that the task itself could read.
strings(Code) ->
    Task = loaded(Code),
    Long = binary:copy(<<"text">>, 2500),
    ok = vbeam_task:store(Task, ?DATA + 100, [Long, 0]),
    {ok, Long} = vbeam_task:string(Task, ?DATA + 100, 20000),
    {ok, Long} = vbeam_task:string(Task, ?DATA + 100, 10001),
    {ok, Code} = vbeam_task:fetch(Task, ?CODE, byte_size(Code)),
    {strings, [
        vbeam_task:string(Task, ?DATA + 100 + 9996, 5),
        vbeam_task:string(Task, ?DATA + 100 + 9996, 4),
        vbeam_task:string(Task, ?DATA + 100, 10000),
        vbeam_task:string(Task, ?DATA + 100 + 10000, 1),
        vbeam_task:string(Task, ?DATA + ?DATA_BYTES, 1),
        vbeam_task:store(Task, ?CODE, <<1>>),
        vbeam_task:string(Task, ?DATA, 0)
    ]}.

%% A program that gives back what it is given, as the result of one call and arguments of the next.
steps(_) ->
    Echo = <<
        %% syscall; mov rdi, rax; inc rsi; mov rdx, rsp; jmp to the beginning
        (16#0f), 16#05, 16#48, 16#89, 16#c7, 16#48, 16#ff, 16#c6, 16#48, 16#89, 16#e2, 16#eb, 16#f3
    >>,
    Task = loaded(Echo),
    Values = [0, 1, -1, -38, 1 bsl 59, -(1 bsl 63), 1 bsl 63, (1 bsl 64) - 1],
    {system_call, 0, 0, 0, 0, 0, 0, 0} = step(Task, none),
    Stack = ?DATA + ?DATA_BYTES,
    Seen = [
        case step(Task, Value) of
            {system_call, Got, Got, Calls, Stack, 0, 0, 0} ->
                <<Unsigned:64>> = <<Value:64>>,
                {Got =:= Unsigned, Calls}
        end
     || Value <- Values
    ],
    Bad = [element(1, element(2, catch vbeam_task:step(Task, V))) || V <- [1 bsl 64, x, 1.0]],
    {steps, lists:usort([Right || {Right, _} <- Seen]), element(2, lists:last(Seen)), Bad}.

%% mov [rdi], rsi; mov rax, [rdi]; syscall
-define(STORES, <<16#48, 16#89, 16#37, 16#48, 16#8b, 16#07, 16#0f, 16#05>>).

stores(Task, Address, Value) ->
    ok = vbeam_task:set_registers(Task, #{rip => ?CODE, rdi => Address, rsi => Value}),
    case step(Task, none) of
        {system_call, Value, Address, Value, _, _, _, _} -> ok;
        Other -> Other
    end.

word(Task, Address) ->
    {ok, <<Word:64/little>>} = vbeam_task:read(Task, Address, 8),
    Word.

%% Pages are the parent's and the child's until one of them writes; shared ones stay so. Registers
%% are copied, too, and nothing is lost whoever ends first.
forks(_) ->
    Task = loaded(?STORES),
    ok = vbeam_task:map(Task, 16#700000, 4096, [read, write, shared]),
    ok = vbeam_task:map(Task, 16#7f0000000000, 3 bsl 20, [read, write]),
    ok = stores(Task, ?DATA, 1),
    Before = vbeam_task:frames(),
    {ok, Child} = vbeam_task:fork(Task),
    Added = vbeam_task:frames() - Before,
    Same = vbeam_task:registers(Task) =:= vbeam_task:registers(Child),
    ok = stores(Child, ?DATA, 2),
    ok = stores(Task, ?DATA + 4096, 3),
    ok = vbeam_task:write(Child, ?DATA + 8192, <<4:64/little>>),
    ok = stores(Child, 16#700000, 5),
    {ok, Grandchild} = vbeam_task:fork(Child),
    ok = vbeam_task:destroy(Child),
    ok = stores(Grandchild, ?DATA + 8192, 6),
    Denied = stores(Grandchild, ?CODE, 7),
    Words = [[word(T, ?DATA + 4096 * N) || N <- [0, 1, 2]] || T <- [Task, Grandchild]],
    %% Ten tables: of the top, then three, one and one for code and data, three and two above.
    Given = owned(fun() -> given(Task) end),
    {forks, Added < 16, Same, Words, word(Task, 16#700000), Denied, Given}.

%% A task that is given away works for the other process, and only for that one.
given(_) ->
    Self = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        receive {task, Task} -> Self ! {ok, stores(Task, ?DATA, 8)} end
    end),
    Task = loaded(?STORES),
    ok = vbeam_task:give(Task, Pid),
    {'EXIT', {not_owner, _}} = (catch vbeam_task:run(Task)),
    Pid ! {task, Task},
    receive {ok, ok} -> ok end,
    receive {'DOWN', Monitor, process, Pid, normal} -> ok end,
    Other = loaded(?STORES),
    {error, esrch} = vbeam_task:give(Other, Pid),
    {ok, stores(Other, ?DATA, 9)}.

%% Two tasks in one address space, which is there until both have ended.
threads(_) ->
    Task = loaded(?STORES),
    {ok, Thread} = vbeam_task:thread(Task),
    ok = stores(Thread, ?DATA, 310),
    ok = vbeam_task:map(Thread, 16#900000, 4096, [read, write]),
    ok = stores(Task, 16#900000, 311),
    Frames = vbeam_task:frames(Task) - vbeam_task:frames(Thread),
    ok = vbeam_task:destroy(Task),
    ok = stores(Thread, ?DATA + 8, 312),
    {threads, Frames, [word(Thread, A) || A <- [?DATA, ?DATA + 8, 16#900000]]}.

%% Pages of one task in another one, which the source's end leaves there.
shares(_) ->
    Source = loaded(?STORES),
    Task = loaded(?STORES),
    ok = vbeam_task:share(Task, 16#900000, Source, ?DATA, ?DATA_BYTES, [read, write]),
    ok = vbeam_task:share(Task, 16#a00000, Source, ?DATA, 4096, [read, write, private]),
    ok = stores(Task, 16#900000, 13),
    Private = word(Task, 16#a00000),
    ok = stores(Task, 16#a00000, 14),
    ok = stores(Source, ?DATA + 8, 15),
    Bad = [
        vbeam_task:share(Task, 16#b00000, Source, ?DATA, ?DATA_BYTES + 4096, [read]),
        vbeam_task:share(Task, 16#900000, Source, ?DATA, 4096, [read])
    ],
    ok = vbeam_task:destroy(Source),
    Words = [word(Task, A) || A <- [16#900000, 16#900008, 16#a00000, 16#a00008]],
    {shares, Private, Words, Bad, vbeam_task:read(Task, 16#b00000, 1)}.

moves(_) ->
    Task = loaded(?STORES),
    [ok = stores(Task, ?DATA + 4096 * N, N) || N <- [0, 1, 2, 3]],
    ok = vbeam_task:unmap(Task, ?DATA + 4096, 4096),
    ok = vbeam_task:map(Task, 16#907000, 4096, [read]),
    Bad = [
        vbeam_task:move(Task, ?DATA, 16#904000, ?DATA_BYTES),
        vbeam_task:move(Task, ?DATA, ?DATA + 4096, ?DATA_BYTES)
    ],
    0 = word(Task, ?DATA),
    ok = vbeam_task:move(Task, ?DATA, 16#900000, ?DATA_BYTES),
    ok = vbeam_task:protect(Task, 16#902000, 4096, []),
    Hidden = vbeam_task:fetch(Task, 16#902000, 8),
    ok = vbeam_task:protect(Task, 16#902000, 4096, [read]),
    Words = [word(Task, 16#900000 + 4096 * N) || N <- [0, 2, 3]],
    Holes = [vbeam_task:read(Task, A, 1) || A <- [?DATA, 16#901000]],
    {moves, Bad, Words, Holes, Hidden, stores(Task, 16#902000, 1)}.

limits(_) ->
    Task = loaded(?STORES),
    Frames = vbeam_task:frames(Task),
    ok = vbeam_task:limit(Task, Frames + 2),
    No = vbeam_task:map(Task, ?DATA + ?DATA_BYTES, 3 * 4096, [read]),
    ok = vbeam_task:map(Task, ?DATA + ?DATA_BYTES, 2 * 4096, [read]),
    Forked = element(1, vbeam_task:fork(Task)),
    Fpu = vbeam_task:fpu(Task),
    <<Begin:24/binary, Mxcsr:32/little, Rest/binary>> = Fpu,
    NoBit = <<Begin/binary, (Mxcsr bor 16#80000000):32/little, Rest/binary>>,
    Wrong = vbeam_task:set_fpu(Task, NoBit),
    Other = <<Begin/binary, (Mxcsr bxor 16#2000):32/little, Rest/binary>>,
    ok = vbeam_task:set_fpu(Task, Other),
    ok = stores(Task, ?DATA, 1),
    <<_:24/binary, Kept:32/little, _/binary>> = vbeam_task:fpu(Task),
    {limits, No, Forked, byte_size(Fpu), Wrong, Kept =:= Mxcsr bxor 16#2000}.

step(Task, Result) ->
    case vbeam_task:step(Task, Result) of
        interrupted -> step(Task, none);
        Step -> Step
    end.

some_bytes(0, Bytes) -> Bytes;
some_bytes(N, Bytes) -> some_bytes(N - 1, <<Bytes/binary, (N * 7)>>).

%% While a task loops, a timer of 5 ms fires 40 times: nobody waits for the task.
beside(Loop) ->
    {Pid, Monitor} = spawn_monitor(fun() -> vbeam_task:run(loaded(Loop), infinity) end),
    Ticks = [receive after 5 -> tick end || _ <- lists:seq(1, 40)],
    Alive = is_process_alive(Pid),
    exit(Pid, kill),
    receive {'DOWN', Monitor, process, Pid, Reason} -> ok end,
    {length(Ticks), Alive, Reason, vbeam_task:frames()}.

%% What a server of tasks does with a fault.
fault_exit() ->
    {_, Writes} = lists:keyfind("writes to kernel memory", 1, programs()),
    {Pid, Monitor} = spawn_monitor(fun() ->
        {fault, Vector, _, _} = run(Writes, 60000),
        exit(vbeam_task:fault_name(Vector))
    end),
    receive {'DOWN', Monitor, process, Pid, Reason} -> Reason end.

%% Memory until there is none; the owner is killed, and all frames come back.
large() ->
    Self = self(),
    {Pid, Monitor} = spawn_monitor(fun() ->
        {ok, Task} = vbeam_task:create(),
        Self ! {more(Task, 16#10000000, 0), vbeam_task:frames(Task)},
        receive never -> Task end
    end),
    {{Reason, Some}, Frames} = receive Answer -> Answer end,
    exit(Pid, kill),
    receive {'DOWN', Monitor, process, Pid, killed} -> ok end,
    {Reason, Some > 1, Frames > 100, vbeam_task:frames()}.

more(Task, Address, Count) ->
    case vbeam_task:map(Task, Address, 1 bsl 18, [read, write]) of
        ok -> more(Task, Address + (1 bsl 18), Count + 1);
        {error, Reason} -> {Reason, Count}
    end.

cycles(_Code, 0) ->
    vbeam_task:frames();
cycles(Code, N) ->
    Task = loaded(Code),
    case N rem 100 of
        0 -> system_call = vbeam_task:run(Task, 1000);
        _ -> ok
    end,
    ok = vbeam_task:destroy(Task),
    cycles(Code, N - 1).
