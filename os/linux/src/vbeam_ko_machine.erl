%% Runs the code of a kernel module in the task of the calling process: calls a function of it, does
%% what the functions promise that it calls (vbeam_linuxkpi), which may call the module again, and
%% decides what a fault means.
%%
%% A module ends its process by exit({Kind, Where}): `bug` for BUG(), the name of a fault such as
%% page_fault or general_protection, `time_limit` for a call that does not come back. WARN() is a
%% line of the log, and exceptions that the module has a fix-up for go on there.
-module(vbeam_ko_machine).
-export([start/2, call/2, argument/1, symbols/1, add_code/1, add_faults/1, where/1]).
-export([stack_pointer/0, jiffies/0, log/2]).

-define(DEPTH_MAX, 32).
-define(RED_ZONE, 256).
-define(U64, 16#ffffffffffffffff).
-define(ARGUMENTS, [rdi, rsi, rdx, rcx, r8, r9]).
-define(HZ, 250).
%% Where the kernel's clock begins, so that overflows show early.
-define(FIRST_JIFFIES, 16#fffb6c20).
-define(BUGFLAG_WARNING, 1).
-define(INVALID_OPCODE, 6).
-define(PAGE_FAULT, 14).
-define(GENERAL_PROTECTION, 13).
-define(BREAKPOINT, 3).

%% The name of the module that runs here, for the log, and how long a call from outside may take.
%% The space is there already.
-spec start(binary(), pos_integer()) -> ok.
start(Name, Milliseconds) ->
    put({?MODULE, name}, Name),
    put({?MODULE, time}, Milliseconds),
    put({?MODULE, begun}, erlang:monotonic_time(millisecond)),
    put({?MODULE, depth}, 0),
    put({?MODULE, code}, []),
    put({?MODULE, faults}, #{}),
    {Stubs, Data} = vbeam_linuxkpi:build(),
    put({?MODULE, symbols}, maps:merge(Stubs, Data)),
    tick().

%% What modules may name: functions and data of the kernel, by name.
symbols(More) -> maps:merge(get({?MODULE, symbols}), More).

%% Ranges of code {From, Behind, Module, [{Address, Symbol}]}, for where/1.
add_code(Range) -> put({?MODULE, code}, [Range | get({?MODULE, code})]).

%% What the tables of a module say of addresses where it faults: {bug, Flags, File, Line} or
%% {fix, Address, Type}.
add_faults(Map) -> put({?MODULE, faults}, maps:merge(get({?MODULE, faults}), Map)).

%% The result is what rax holds. Within a call that the module makes, it goes on on the same stack.
-spec call(non_neg_integer(), [integer()]) -> non_neg_integer().
call(Address, Arguments) ->
    Task = vbeam_ko_memory:task(),
    Depth = get({?MODULE, depth}),
    Deadline = deadline(Depth),
    {Saved, Stack} = case Depth of
        0 -> {none, vbeam_ko_memory:stack() - 64};
        _ -> Before = vbeam_task:registers(Task), {Before, maps:get(rsp, Before) - ?RED_ZONE}
    end,
    _ = Depth < ?DEPTH_MAX orelse exit({calls_too_deep, where(Address)}),
    put({?MODULE, depth}, Depth + 1),
    {Fast, Slow} = lists:split(min(6, length(Arguments)), Arguments),
    More = << <<(Each band ?U64):64/little>> || Each <- Slow >>,
    %% At the entry of a function the stack is 8 bytes off a multiple of 16.
    Sp = ((Stack - byte_size(More)) band bnot 15) - 8,
    vbeam_ko_memory:write(Sp, [<<(vbeam_linuxkpi:return_stub()):64/little>>, More]),
    Pairs = lists:zip(lists:sublist(?ARGUMENTS, length(Fast)), [A band ?U64 || A <- Fast]),
    Registers = maps:merge(
        maps:from_list(Pairs),
        #{rip => Address, rsp => Sp, rax => 0, rflags => 16#202, fs_base => 0,
            gs_base => vbeam_ko_memory:per_cpu()}
    ),
    ok = vbeam_task:set_registers(Task, Registers),
    put({?MODULE, deadline}, Deadline),
    Depth =:= 0 andalso tick(),
    Result = run(Task, none, Deadline),
    put({?MODULE, depth}, Depth),
    Depth =:= 0 orelse (ok = vbeam_task:set_registers(Task, Saved)),
    Result.

deadline(0) -> erlang:monotonic_time(millisecond) + get({?MODULE, time});
deadline(_Depth) -> get({?MODULE, deadline}).

%% Where the stack of the call in progress ends.
stack_pointer() -> maps:get(rsp, vbeam_task:registers(vbeam_ko_memory:task())).

%% The Nth argument, from 0, of the call in progress: what has no register lies behind the return
%% address.
argument(Index) ->
    vbeam_ko_memory:read_u64(stack_pointer() + 8 * (Index - length(?ARGUMENTS) + 1)).

run(Task, Result, Deadline) ->
    case vbeam_task:step(Task, Result) of
        {system_call, Number, A, B, C, D, E, F} ->
            case vbeam_linuxkpi:upcall(Number, [A, B, C, D, E, F]) of
                {return, Value} -> Value;
                Value -> run(Task, Value band ?U64, Deadline)
            end;
        interrupted ->
            tick(),
            _ = erlang:monotonic_time(millisecond) < Deadline orelse exit({time_limit, here(Task)}),
            run(Task, none, Deadline);
        {fault, Vector, Code, Address} ->
            fault(Task, Vector, Code, Address),
            run(Task, none, Deadline)
    end.

%% --- faults ----------------------------------------------------------------------------------

fault(Task, Vector, _Code, Address) ->
    #{rip := Rip} = Registers = vbeam_task:registers(Task),
    case maps:get(Rip, get({?MODULE, faults}), none) of
        {bug, Flags, File, Line} when Vector =:= ?INVALID_OPCODE ->
            case Flags band ?BUGFLAG_WARNING of
                0 ->
                    exit({bug, {File, Line, where(Rip)}});
                _ ->
                    log("WARNING: ~ts:~b at ~ts", [File, Line, where(Rip)]),
                    %% Behind the instruction ud2.
                    ok = vbeam_task:set_registers(Task, #{rip => Rip + 2})
            end;
        {fix, To, Type} when Vector =:= ?PAGE_FAULT; Vector =:= ?GENERAL_PROTECTION ->
            ok = vbeam_task:set_registers(Task, fixed(Type, Vector, To, Registers));
        _ when Vector =:= ?PAGE_FAULT ->
            exit({page_fault, {Address, where(Rip)}});
        _ ->
            exit({vbeam_task:fault_name(Vector), where(Rip)})
    end.

%% The kinds of fix-ups (asm/extable_fixup_types.h): some put a number into a register.
fixed(Type, Vector, To, Registers) ->
    Name = lists:nth(
        (Type bsr 8) band 15 + 1,
        [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15]
    ),
    <<Immediate:16/signed>> = <<(Type bsr 16):16>>,
    case Type band 255 of
        2 -> #{rip => To, rax => Vector};
        17 -> #{rip => To, Name => Immediate band ?U64};
        18 -> #{rip => To, Name => 0, rsp => maps:get(rsp, Registers)};
        _ -> #{rip => To}
    end.

here(Task) -> where(maps:get(rip, vbeam_task:registers(Task))).

%% An address as MODULE:SYMBOL+OFFSET.
-spec where(non_neg_integer()) -> binary().
where(Address) ->
    case [Range || Range = {From, To, _, _} <- get({?MODULE, code}), Address >= From,
        Address < To] of
        [{_, _, Module, Symbols} | _] ->
            case [Symbol || Symbol = {At, _} <- Symbols, At =< Address] of
                [] -> iolist_to_binary(io_lib:format("~s+0x~.16b", [Module, Address]));
                Below ->
                    {At, Name} = lists:last(Below),
                    Text = io_lib:format("~s:~s+0x~.16b", [Module, Name, Address - At]),
                    iolist_to_binary(Text)
            end;
        [] ->
            iolist_to_binary(io_lib:format("0x~.16b", [Address]))
    end.

%% --- clock and log ---------------------------------------------------------------------------

jiffies() ->
    Passed = erlang:monotonic_time(millisecond) - get({?MODULE, begun}),
    (?FIRST_JIFFIES + Passed * ?HZ div 1000) band ?U64.

%% The variable that modules read.
tick() ->
    vbeam_ko_memory:write_u64(maps:get(<<"jiffies">>, get({?MODULE, symbols})), jiffies()).

log(Format, Arguments) ->
    vbeam_linuxkpi_log:line(io_lib:format("~ts: ", [get({?MODULE, name})]), Format, Arguments).
