%% System calls of Linux for x86-64, answered by Erlang.
%%
%% vbeam_linux_calls says which calls there are, with the types of their arguments and a family. The
%% function vbeam_linux_sys_FAMILY:NAME with as many arguments answers; it runs in the process of
%% the thread that calls. It gets numbers converted to their types (pointers and strings as
%% pointers: vbeam_linux_memory) and returns an integer that is not negative, or throws {errno,
%% Number}, or one of the ways to be interrupted of vbeam_linux_wait. A call without such a function
%% is counted by its name (vbeam_linux_compat) and gives ENOSYS.
%%
%% dispatch/2 is for callers that are no Linux programs, the C calls of V: an argument is an integer
%% or the bytes that the caller points to, and {Answer, Memory} has what was written, a binary for
%% each argument that the call writes.
-module(vbeam_linux_syscall).
-export([call/2, attempt/1, dispatch/2, table/0, module/1, answered/1]).
-export_type([result/0]).

-type result() ::
    integer() | restart | restart_no_handler | {restart, fun(() -> integer())} | return.

-define(EINTR, 4).
-define(ENOSYS, 38).

%% The answer as the program gets it, errors as negative numbers; or how the call was interrupted;
%% or `return` when the registers are set already (rt_sigreturn, execve).
-spec call(non_neg_integer(), [non_neg_integer()]) -> result().
call(Number, Args) ->
    case vbeam_linux_calls:call(Number) of
        {Name, Types, _, Family} -> apply_call(Name, converted(Types, Args), Family);
        none -> -?ENOSYS
    end.

apply_call(Name, Args, Family) ->
    Module = module(Family),
    try
        attempt(fun() -> apply(Module, Name, Args) end)
    catch
        error:undef:Trace ->
            case Trace of
                [{Module, Name, Args, _} | _] -> missing(Name);
                _ -> erlang:raise(error, undef, Trace)
            end
    end.

%% What a function that may end as handlers do gives.
-spec attempt(fun(() -> integer())) -> result().
attempt(Function) ->
    try
        Function()
    catch
        throw:{errno, Errno} -> -Errno;
        throw:restart -> restart;
        throw:restart_no_handler -> restart_no_handler;
        throw:{restart, Again} -> {restart, Again};
        throw:return -> return
    end.

missing(Name) ->
    ok = vbeam_linux_compat:missing(Name),
    -?ENOSYS.

converted([], _) -> [];
converted([int | Types], [Value | Args]) -> [signed(Value, 32) | converted(Types, Args)];
converted([uint | Types], [Value | Args]) -> [Value band 16#ffffffff | converted(Types, Args)];
converted([long | Types], [Value | Args]) -> [signed(Value, 64) | converted(Types, Args)];
converted([_ | Types], [Value | Args]) when Value >= 0 -> [Value | converted(Types, Args)];
converted([_ | Types], [Value | Args]) ->
    [Value band 16#ffffffffffffffff | converted(Types, Args)].

signed(Value, 32) ->
    case Value band 16#ffffffff of
        Low when Low < 16#80000000 -> Low;
        Low -> Low - 16#100000000
    end;
signed(Value, 64) when Value < 16#8000000000000000 -> Value;
signed(Value, 64) -> Value - 16#10000000000000000.

%% The module of a family.
-spec module(vbeam_linux_calls:family()) -> module().
module(io) -> vbeam_linux_sys_io;
module(names) -> vbeam_linux_sys_names;
module(poll) -> vbeam_linux_sys_poll;
module(sockets) -> vbeam_linux_sys_sockets;
module(memory) -> vbeam_linux_sys_memory;
module(process) -> vbeam_linux_sys_process;
module(signal) -> vbeam_linux_sys_signal;
module(time) -> vbeam_linux_sys_time;
module(system) -> vbeam_linux_sys_system;
module(ipc) -> vbeam_linux_sys_ipc;
module(other) -> vbeam_linux_sys_other.

%% Whether there is a function for a call.
-spec answered(non_neg_integer()) -> boolean().
answered(Number) ->
    case vbeam_linux_calls:call(Number) of
        {Name, Types, _, Family} ->
            Module = module(Family),
            code:ensure_loaded(Module) =:= {module, Module} andalso
                erlang:function_exported(Module, Name, length(Types));
        none ->
            false
    end.

%% --- callers without memory of their own ---------------------------------------------------

%% Calls with their number of arguments that C functions of V use.
-spec table() -> [{non_neg_integer(), atom(), non_neg_integer()}].
table() -> vbeam_linux_c_calls:table().

-spec dispatch(non_neg_integer(), [integer() | binary()]) -> integer() | {integer(), [binary()]}.
dispatch(Number, Args) ->
    case answered(Number) of
        true -> with_buffers(Number, Args);
        false -> vbeam_linux_c_calls:answer(Number, Args)
    end.

with_buffers(Number, Args) ->
    ok = vbeam_linux_group:use_program(),
    Pointers = vbeam_linux_memory:use_buffers([Bytes || Bytes <- Args, is_binary(Bytes)]),
    case uninterrupted(Number, pointed(Args, Pointers)) of
        Answer when Answer < 0 ->
            Answer;
        Answer ->
            Written = vbeam_linux_memory:written(),
            Buffers = [I || {I, Bytes} <- lists:enumerate(Args), is_binary(Bytes)],
            Places = maps:from_list(lists:zip(Buffers, Written)),
            case out_arguments(Number) of
                [] -> Answer;
                Outs -> {Answer, [maps:get(Out, Places, <<>>) || Out <- Outs]}
            end
    end.

%% There are no signals.
uninterrupted(Number, Args) ->
    case call(Number, Args) of
        Answer when is_integer(Answer) -> Answer;
        {restart, Again} -> Again();
        _ -> -?EINTR
    end.

pointed([Bytes | Args], [Pointer | Pointers]) when is_binary(Bytes) ->
    [Pointer | pointed(Args, Pointers)];
pointed([Number | Args], Pointers) ->
    [Number | pointed(Args, Pointers)];
pointed([], []) ->
    [].

%% The arguments of a C function that are written, from 1 on (tables/linux_syscalls.ts).
out_arguments(0) -> [2];
out_arguments(4) -> [2];
out_arguments(5) -> [2];
out_arguments(6) -> [2];
out_arguments(17) -> [2];
out_arguments(22) -> [1];
out_arguments(35) -> [2];
out_arguments(79) -> [1];
out_arguments(89) -> [2];
out_arguments(96) -> [1];
out_arguments(228) -> [2];
out_arguments(318) -> [1];
out_arguments(_) -> [].
