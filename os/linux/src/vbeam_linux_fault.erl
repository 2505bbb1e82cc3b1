%% Signals for exceptions of the processor, as Linux's arch/x86/kernel/traps.c gives them.
-module(vbeam_linux_fault).
-export([signal/3]).

-include("vbeam_linux.hrl").

-define(SI_KERNEL, 16#80).

-spec signal(Vector :: 0..31, Code :: non_neg_integer(), vbeam_task:task()) ->
    {1..64, vbeam_linux_signal:information()}.
signal(0, _, Task) -> {?SIGFPE, at(1, Task)};
signal(1, _, Task) -> {?SIGTRAP, at(2, Task)};
signal(3, _, _) -> {?SIGTRAP, kernel()};
signal(6, _, Task) -> {?SIGILL, at(2, Task)};
signal(12, _, _) -> {?SIGBUS, kernel()};
%% `int3` is refused like every vector that ring 3 may not raise, with the vector in the code; the
%% program sees the instruction as done.
signal(13, Code, Task) ->
    case Code band 2 =/= 0 andalso lists:member(Code bsr 3, [3, 6]) of
        true ->
            #{rip := Rip} = vbeam_task:registers(Task),
            ok = vbeam_task:set_registers(Task, #{rip => Rip + 1}),
            {?SIGTRAP, kernel()};
        false ->
            {?SIGSEGV, kernel()}
    end;
signal(16, _, Task) -> {?SIGFPE, at(x87(vbeam_task:fpu(Task)), Task)};
signal(17, _, _) -> {?SIGBUS, vbeam_linux_signal:of_fault(1, 0)};
signal(19, _, Task) -> {?SIGFPE, at(simd(vbeam_task:fpu(Task)), Task)};
signal(_, _, _) -> {?SIGSEGV, kernel()}.

kernel() -> {?SI_KERNEL, <<>>}.

at(Code, Task) ->
    #{rip := Rip} = vbeam_task:registers(Task),
    vbeam_linux_signal:of_fault(Code, Rip).

%% Exceptions that are flagged and not masked, in the FXSAVE image.
x87(<<Control:16/little, Status:16/little, _/binary>>) -> code(Status band bnot Control band 16#3f).

simd(<<_:24/binary, Mxcsr:32/little, _/binary>>) ->
    code(Mxcsr band bnot (Mxcsr bsr 7) band 16#3f).

%% FPE_ codes: invalid 7, divide by zero 3, overflow 4, underflow 5, inexact 6.
code(Flags) when Flags band 1 =/= 0 -> 7;
code(Flags) when Flags band 4 =/= 0 -> 3;
code(Flags) when Flags band 8 =/= 0 -> 4;
code(Flags) when Flags band 18 =/= 0 -> 5;
code(Flags) when Flags band 32 =/= 0 -> 6;
code(_) -> 7.
