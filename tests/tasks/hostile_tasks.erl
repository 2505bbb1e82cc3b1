%% Native tasks that mean harm: machine code of random bytes and of instructions that ring 3 must
%% not execute or that switch something of the processor, with random registers, in address spaces
%% of random layout, that get random results for their system calls. main/0 runs a range of seeds,
%% each of which is a program, and says what became of them:
%%
%%     hostile tasks: [{faults,N},{calls,N},{loops,N}]    how they ended: by a fault, after so many
%%                                                        system calls, or interrupted too often
%%     failed: [{Seed, What}]
%%
%% A failure is a frame that is lost, or a change of what no program has: pages of another task,
%% pages that programs may read, or have copies of, and terms of this process.
-module(hostile_tasks).
-export([main/0]).

-define(PAGE, 4096).
-define(CANARY_PAGES, 4).
-define(CANARY, 16#5000000).
%% Events of a program, and interruptions among them.
-define(EVENTS, 12).
-define(INTERRUPTIONS, 3).
-define(FAILURES_MOST, 20).
%% Canaries are looked at after so many programs.
-define(PROGRAMS, 64).

main() ->
    [First, Count] = init:get_plain_arguments(),
    From = list_to_integer(First),
    To = From + list_to_integer(Count) - 1,
    Canary = canary(),
    Frames = vbeam_task:frames(),
    {Ends, Failures} = programs(From, To, Canary, Frames, #{}, []),
    io:format("hostile tasks: ~0p~n", [lists:sort(maps:to_list(Ends))]),
    io:format("failed: ~0p~n", [lists:reverse(Failures)]).

programs(Seed, To, _Canary, _Frames, Ends, Failures) when
    Seed > To; length(Failures) >= ?FAILURES_MOST
->
    {Ends, Failures};
programs(Seed, To, Canary, Frames, Ends, Failures) ->
    End = program(Seed, Canary),
    Wrong =
        case vbeam_task:frames() of
            Frames -> canaries(Seed, To, Canary);
            Other -> [{Seed, {frames, Other - Frames}}]
        end,
    More = Ends#{End => maps:get(End, Ends, 0) + 1},
    programs(Seed + 1, To, Canary, vbeam_task:frames(), More, Wrong ++ Failures).

%% --- what must stay ------------------------------------------------------------------------

canary() ->
    {ok, Task} = vbeam_task:create(),
    ok = vbeam_task:map(Task, ?CANARY, ?CANARY_PAGES * ?PAGE, [read, write, execute]),
    ok = vbeam_task:write(Task, ?CANARY, pattern()),
    ok = vbeam_task:set_registers(Task, #{rip => ?CANARY, rbx => 16#123456789}),
    %% Terms with a hash that was taken before.
    Terms = [{N, N * 1.5, <<N:256>>, integer_to_list(N)} || N <- lists:seq(1, 300)],
    {Task, Terms, erlang:phash2(Terms), vbeam_task:registers(Task)}.

pattern() ->
    <<<<(N * 16#9e3779b97f4a7c15):64>> || N <- lists:seq(1, ?CANARY_PAGES * ?PAGE div 8)>>.

canaries(Seed, To, {Task, Terms, Hash, Registers}) when Seed rem ?PROGRAMS =:= 0; Seed =:= To ->
    {ok, Pages} = vbeam_task:read(Task, ?CANARY, ?CANARY_PAGES * ?PAGE),
    [{Seed, pages} || Pages =/= pattern()] ++
        [{Seed, terms} || erlang:phash2(Terms) =/= Hash] ++
        [{Seed, registers} || vbeam_task:registers(Task) =/= Registers];
canaries(_Seed, _To, _Canary) ->
    [].

%% --- a program -----------------------------------------------------------------------------

program(Seed, {Canary, _, _, _}) ->
    _ = rand:seed(exsss, {Seed, 1, 2}),
    {ok, Task} = vbeam_task:create(),
    Code = one_of([16#1000, 16#400000, 16#7fffffffd000, 16#7f0000000000, 16#200000 - ?PAGE]),
    Data = one_of([16#3000, 16#600000, 16#7fffffffa000, 16#7ffffffff000 - 16#400000]),
    Address = fun() -> address([Code, Data, ?CANARY, 16#9000000]) end,
    ok = vbeam_task:map(Task, Code, 2 * ?PAGE, one_of([[execute], [read, write, execute]])),
    Kinds = [[read], [read, write], [read, write, shared]],
    _ = vbeam_task:map(Task, Data, 2 * ?PAGE, one_of(Kinds)),
    Bytes = iolist_to_binary([piece(Address) || _ <- lists:seq(1, 2 + rand:uniform(30))]),
    ok = vbeam_task:write(Task, Code + one_of([0, 16, ?PAGE - 40]), Bytes),
    %% A page of the canary, to read, or to write with a copy.
    Access = one_of([[read, execute, private], [read, write, private], [read]]),
    _ = vbeam_task:share(Task, ?CANARY, Canary, ?CANARY, ?PAGE, Access),
    ok = registers(Task, Code, Address),
    case rand:uniform(8) of
        1 ->
            {ok, Child} = vbeam_task:fork(Task),
            beside(Task, Child);
        2 ->
            {ok, Thread} = vbeam_task:thread(Task),
            beside(Task, Thread);
        _ ->
            ended(Task)
    end.

%% The two take turns; the one that runs second is destroyed first.
beside(Task, Other) ->
    _ = run(Other, none, ?EVENTS, 1),
    End = run(Task, none, ?EVENTS, ?INTERRUPTIONS),
    _ = run(Other, none, ?EVENTS, 1),
    ok = vbeam_task:destroy(Task),
    ok = vbeam_task:destroy(Other),
    End.

ended(Task) ->
    End = run(Task, none, ?EVENTS, ?INTERRUPTIONS),
    ok = vbeam_task:destroy(Task),
    End.

run(_Task, _Result, 0, _Interruptions) ->
    calls;
run(_Task, _Result, _Events, 0) ->
    loops;
run(Task, Result, Events, Interruptions) ->
    case vbeam_task:step(Task, Result) of
        interrupted ->
            run(Task, none, Events, Interruptions - 1);
        {system_call, _, _, _, _, _, _, _} ->
            run(Task, one_of([0, -1, -38, number()]), Events - 1, Interruptions);
        {fault, Vector, _, Where} when Events > 2, Vector =/= 1 ->
            %% On behind the instruction, or where it wanted to be.
            #{rip := Rip} = vbeam_task:registers(Task),
            _ = vbeam_task:map(Task, Where band -?PAGE, ?PAGE, [read, write, execute]),
            _ = vbeam_task:set_registers(Task, #{rip => Rip + rand:uniform(4) - 1}),
            run(Task, none, Events - 2, Interruptions);
        {fault, _, _, _} ->
            faults
    end.

registers(Task, Code, Address) ->
    Names = maps:keys(maps:without([rip, rflags, fs_base, gs_base], vbeam_task:registers(Task))),
    General = maps:from_list([{Name, one_of([Address(), number()])} || Name <- Names]),
    Rest = #{
        rip => one_of([Code, Code, Code, Code + 16, Address()]),
        rflags => number(),
        fs_base => Address(),
        gs_base => number()
    },
    case vbeam_task:set_registers(Task, maps:merge(General, Rest)) of
        ok -> ok;
        {error, einval} -> vbeam_task:set_registers(Task, General#{rip => Code})
    end.

%% --- machine code --------------------------------------------------------------------------

piece(Address) ->
    case rand:uniform(10) of
        N when N =< 3 -> rand:bytes(rand:uniform(12));
        4 -> <<16#0f, 16#05>>;
        5 -> <<16#48, (16#b8 + rand:uniform(8) - 1), (Address()):64/little>>;
        6 -> <<16#49, (16#b8 + rand:uniform(8) - 1), (number()):64/little>>;
        _ -> element(rand:uniform(tuple_size(instructions())), instructions())
    end.

%% Instructions that ring 3 must not have, and those that change how the processor works, by their
%% bytes (Intel SDM volume 2).
instructions() ->
    {
        %% hlt; cli; sti; in al, dx; out dx, al; insb; rep outsb; clts
        <<16#f4>>, <<16#fa>>, <<16#fb>>, <<16#ec>>, <<16#ee>>, <<16#6c>>, <<16#f3, 16#6e>>,
        <<16#0f, 16#06>>,
        %% wrmsr; rdmsr; rdpmc; sysenter; sysexit; sysretq; swapgs; invd; wbinvd; rsm
        <<16#0f, 16#30>>, <<16#0f, 16#32>>, <<16#0f, 16#33>>, <<16#0f, 16#34>>, <<16#0f, 16#35>>,
        <<16#48, 16#0f, 16#07>>, <<16#0f, 16#01, 16#f8>>, <<16#0f, 16#08>>, <<16#0f, 16#09>>,
        <<16#0f, 16#aa>>,
        %% mov cr0, rax; mov cr3, rax; mov cr4, rax; mov dr7, rax; mov rax, cr3; lmsw ax
        <<16#0f, 16#22, 16#c0>>, <<16#0f, 16#22, 16#d8>>, <<16#0f, 16#22, 16#e0>>,
        <<16#0f, 16#23, 16#f8>>, <<16#0f, 16#20, 16#d8>>, <<16#0f, 16#01, 16#f0>>,
        %% lgdt [rax]; lidt [rax]; sgdt [rax]; sidt [rax]; lldt ax; ltr ax; invlpg [rax]
        <<16#0f, 16#01, 16#10>>, <<16#0f, 16#01, 16#18>>, <<16#0f, 16#01, 16#00>>,
        <<16#0f, 16#01, 16#08>>, <<16#0f, 16#00, 16#d0>>, <<16#0f, 16#00, 16#d8>>,
        <<16#0f, 16#01, 16#38>>,
        %% mov ss, ax; mov ds, ax; mov fs, ax; mov gs, ax; pop fs; pop gs
        <<16#8e, 16#d0>>, <<16#8e, 16#d8>>, <<16#8e, 16#e0>>, <<16#8e, 16#e8>>, <<16#0f, 16#a1>>,
        <<16#0f, 16#a9>>,
        %% int3; int 0x80; int 32; int 8; int 2; int1; iretq; retfq; retf; jmp far [rax]
        <<16#cc>>, <<16#cd, 16#80>>, <<16#cd, 16#20>>, <<16#cd, 16#08>>, <<16#cd, 16#02>>,
        <<16#f1>>, <<16#48, 16#cf>>, <<16#48, 16#cb>>, <<16#cb>>, <<16#48, 16#ff, 16#28>>,
        %% iretq and retfq to code and data of the kernel, to addresses outside the lower half
        <<16#6a, 16#10, 16#54, 16#6a, 16#02, 16#6a, 16#08, 16#50, 16#48, 16#cf>>,
        <<16#6a, 16#08, 16#50, 16#48, 16#cb>>, <<16#6a, 16#33, 16#50, 16#48, 16#cb>>,
        <<16#ff, 16#e0>>, <<16#ff, 16#e4>>, <<16#c3>>,
        %% pushfq; popfq; push 0x44cd5, popfq; std; ud2; pushfq or NT, AC, TF
        <<16#9c>>, <<16#9d>>, <<16#68, 16#d5, 16#4c, 16#24, 16#00, 16#9d>>, <<16#fd>>,
        <<16#0f, 16#0b>>, <<16#9c, 16#81, 16#0c, 16#24, 16#00, 16#41, 16#04, 16#00, 16#9d>>,
        %% fxrstor [rdx]; ldmxcsr [rdx]; fldcw [rdx]; fld1, fldz, fdivp; fninit; frstor [rdx]; fwait
        <<16#0f, 16#ae, 16#0a>>, <<16#0f, 16#ae, 16#12>>, <<16#d9, 16#2a>>,
        <<16#d9, 16#e8, 16#d9, 16#ee, 16#de, 16#f9>>, <<16#db, 16#e3>>, <<16#dd, 16#22>>, <<16#9b>>,
        %% xsetbv; xrstor [rdx]; wrfsbase rax; wrgsbase rax; vzeroall; rdtscp; monitor; mwait
        <<16#0f, 16#01, 16#d1>>, <<16#0f, 16#ae, 16#2a>>, <<16#f3, 16#48, 16#0f, 16#ae, 16#d0>>,
        <<16#f3, 16#48, 16#0f, 16#ae, 16#d8>>, <<16#c5, 16#fc, 16#77>>, <<16#0f, 16#01, 16#f9>>,
        <<16#0f, 16#01, 16#c8>>, <<16#0f, 16#01, 16#c9>>,
        %% vmcall; vmlaunch; vmxon [rdx]; vmrun; clgi; stac; clac; cldemote; clflush [rdx]
        <<16#0f, 16#01, 16#c1>>, <<16#0f, 16#01, 16#c2>>, <<16#f3, 16#0f, 16#c7, 16#32>>,
        <<16#0f, 16#01, 16#d8>>, <<16#0f, 16#01, 16#dd>>, <<16#0f, 16#01, 16#cb>>,
        <<16#0f, 16#01, 16#ca>>, <<16#0f, 16#ae, 16#3a>>,
        %% rep movsb; rep stosq; lock cmpxchg16b [rdx]; push rsp, pop [rsp]; enter; leave; loop -2
        <<16#f3, 16#a4>>, <<16#f3, 16#48, 16#ab>>, <<16#f0, 16#48, 16#0f, 16#c7, 16#0a>>,
        <<16#54, 16#8f, 16#04, 16#24>>, <<16#c8, 16#ff, 16#ff, 16#1f>>, <<16#c9>>, <<16#e2, 16#fe>>,
        %% mov [rax], rbx; mov rax, [rax]; mov fs:[rax], rbx; mov gs:[rax], rbx; mov rax, gs:0
        <<16#48, 16#89, 16#18>>, <<16#48, 16#8b, 16#00>>, <<16#64, 16#48, 16#89, 16#18>>,
        <<16#65, 16#48, 16#89, 16#18>>, <<16#65, 16#48, 16#8b, 16#04, 16#25, 0, 0, 0, 0>>
    }.

%% Addresses of the task, of the kernel, and at borders.
address(Own) ->
    case rand:uniform(4) of
        1 -> one_of(borders());
        _ -> (one_of(Own) + rand:uniform(2 * ?PAGE) - 1) band (one_of([-1, -1, -8]))
    end.

borders() ->
    [
        0, 16#fff, 16#7fffffffeff8, 16#7ffffffff000, 16#7fffffffffff, 16#800000000000,
        16#ffff7fffffffffff, 16#ffff800000000000, 16#ffff800000100000, 16#ffffa00080000040,
        16#ffffa00080010000, 16#ffffffff80001000, 16#ffffffff80060000, 16#fffffffffffffff8
    ].

number() ->
    case rand:uniform(4) of
        1 -> one_of(borders());
        2 -> rand:uniform(16#ffff);
        _ -> rand:uniform(1 bsl 64) - 1
    end.

one_of(List) -> lists:nth(rand:uniform(length(List)), List).
