%% What a signal handler finds on its stack, and rt_sigreturn takes from there: struct rt_sigframe
%% of x86-64 (arch/x86/include/asm/sigframe.h, uapi/asm/sigcontext.h, asm-generic/ucontext.h).
%%
%%     +0     address of the restorer, where the handler returns to
%%     +8     ucontext: flags, link, stack (ss_sp, ss_flags, ss_size)
%%     +48    sigcontext: r8 to r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, flags,
%%            cs gs fs ss, err, trapno, oldmask, cr2, address of the floating point state
%%     +304   signals that were blocked
%%     +312   siginfo, 128 bytes
%%     above, at a multiple of 64: 512 bytes of FXSAVE
-module(vbeam_linux_frame).
-export([push/5, pop/0]).

-include("vbeam_linux.hrl").

-define(FRAME_BYTES, 440).
-define(FPU_BYTES, 512).
-define(RED_ZONE, 128).
-define(CONTEXT, 48).
-define(SA_RESTORER, 16#04000000).
-define(SA_ONSTACK, 16#08000000).
-define(SS_ONSTACK, 1).
-define(SS_DISABLE, 2).
-define(SS_AUTODISARM, 16#80000000).
-define(USER_CS, 16#33).
-define(USER_DS, 16#2b).
%% Flags of the processor that a program may have changed: sigcontext's FIX_EFLAGS.
-define(FLAGS, 16#50dd5).
-define(ADDRESS_END, 16#7ffffffff000).

-define(SAVED, [
    r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags
]).

%% Fault = {Vector, Code, Address} of the exception, or none.
-spec push(
    1..64, vbeam_linux_signal:information(), vbeam_linux_signal:action(),
    Mask :: non_neg_integer(), none | {0..31, non_neg_integer(), non_neg_integer()}
) -> ok | {error, efault}.
push(Signal, Information, {Handler, Flags, Restorer, _}, Mask, Fault) ->
    Task = vbeam_linux_memory:task(),
    #{rsp := Stack} = Registers = vbeam_task:registers(Task),
    {Start, Disabled, Size} = Alternate = vbeam_linux_thread:alternate(),
    Top = top(Stack, Flags, Alternate),
    FpuAt = (Top - ?FPU_BYTES) band bnot 63,
    At = ((FpuAt - ?FRAME_BYTES) band bnot 15) - 8,
    Bytes = [
        <<Restorer:64/little, 0:64, 0:64>>,
        <<Start:64/little, (stack_flags(Stack, Alternate)):32/little, 0:32, Size:64/little>>,
        context(Registers, Fault, Mask, FpuAt),
        <<Mask:64/little>>,
        vbeam_linux_signal:siginfo(Signal, Information)
    ],
    Usable = Flags band ?SA_RESTORER =/= 0 andalso At > 0 andalso Handler < ?ADDRESS_END,
    try Usable orelse throw({errno, ?EFAULT}) of
        true ->
            ok = vbeam_linux_memory:write(FpuAt, vbeam_task:fpu(Task)),
            ok = vbeam_linux_memory:write(At, Bytes),
            _ = Disabled band ?SS_AUTODISARM =/= 0 andalso
                vbeam_linux_thread:set_alternate({0, ?SS_DISABLE, 0}),
            vbeam_task:set_registers(Task, #{
                rip => Handler, rsp => At, rdi => Signal, rsi => At + 312, rdx => At + 8,
                rax => 0, rflags => maps:get(rflags, Registers) band bnot 16#10500
            })
    catch
        throw:{errno, _} -> {error, efault}
    end.

top(Stack, Flags, {Start, Disabled, Size} = Alternate) ->
    case Flags band ?SA_ONSTACK =/= 0 andalso Disabled band ?SS_DISABLE =:= 0 of
        true ->
            case on_alternate(Stack, Alternate) of
                true -> Stack - ?RED_ZONE;
                false -> Start + Size
            end;
        false ->
            Stack - ?RED_ZONE
    end.

on_alternate(Stack, {Start, Flags, Size}) ->
    Flags band ?SS_AUTODISARM =:= 0 andalso Stack > Start andalso Stack =< Start + Size.

stack_flags(_, {_, ?SS_DISABLE, _}) -> ?SS_DISABLE;
stack_flags(Stack, {_, Flags, _} = Alternate) ->
    case on_alternate(Stack, Alternate) of
        true -> Flags bor ?SS_ONSTACK;
        false -> Flags
    end.

context(Registers, Fault, Mask, FpuAt) ->
    {Vector, Code, Address} =
        case Fault of
            none -> {0, 0, 0};
            _ -> Fault
        end,
    [
        << <<(maps:get(Name, Registers)):64/little>> || Name <- ?SAVED >>,
        <<?USER_CS:16/little, 0:16, 0:16, ?USER_DS:16/little>>,
        <<Code:64/little, Vector:64/little, Mask:64/little, Address:64/little, FpuAt:64/little>>,
        <<0:512>>
    ].

%% Registers, blocked signals and the alternate stack as the frame has them; the handler has
%% returned to the restorer, so the stack pointer is behind its first word.
-spec pop() -> ok.
pop() ->
    Task = vbeam_linux_memory:task(),
    #{rsp := Stack} = vbeam_task:registers(Task),
    <<_:16/binary, Start:64/little, StackFlags:32/little, _:32, Size:64/little,
        Context:256/binary, Mask:64/little>> = vbeam_linux_memory:read(Stack, 304),
    <<Values:144/binary, _:40/binary, FpuAt:64/little, _/binary>> = Context,
    Saved = lists:zip(?SAVED, [Value || <<Value:64/little>> <= Values]),
    #{rflags := Flags} = Registers = maps:from_list(Saved),
    ok =
        case FpuAt of
            0 -> ok;
            _ -> set_fpu(Task, vbeam_linux_memory:read(FpuAt, ?FPU_BYTES))
        end,
    case vbeam_task:set_registers(Task, Registers#{rflags => Flags band ?FLAGS bor 16#202}) of
        ok -> ok;
        {error, einval} -> throw({errno, ?EFAULT})
    end,
    ok = vbeam_linux_signal:set_mask(Mask),
    restored(Start, StackFlags band bnot ?SS_ONSTACK, Size).

set_fpu(Task, Image) ->
    case vbeam_task:set_fpu(Task, Image) of
        ok -> ok;
        {error, _} -> throw({errno, ?EFAULT})
    end.

restored(_, ?SS_DISABLE, _) -> vbeam_linux_thread:set_alternate({0, ?SS_DISABLE, 0});
restored(Start, Flags, Size) -> vbeam_linux_thread:set_alternate({Start, Flags, Size}).
