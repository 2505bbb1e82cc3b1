%% Native tasks for tests on plain Erlang: the interface of the system's vbeam_task over a program
%% (task_host.c) that holds a Linux process under ptrace. VBEAM_TASK_HOST names the program.
-module(vbeam_task).
-export([create/0, destroy/1, map/4, unmap/3, protect/4, read/3, write/3, string/3]).
-export([registers/1, set_registers/2, run/1, run/2, step/2, frames/0, frames/1, fault_name/1]).

-define(PAGE, 4096).
-define(SLICE, 10).
%% In the order of struct user_regs_struct.
-define(ORDER, [
    r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs,
    rflags, rsp, ss, fs_base, gs_base, ds, es, fs, gs
]).
-define(HIDDEN, [orig_rax, cs, ss, ds, es, fs, gs]).

create() ->
    Port = open_port({spawn_executable, os:getenv("VBEAM_TASK_HOST")}, [{packet, 4}, binary]),
    {ok, Port}.

destroy(Task) ->
    true = port_close(Task),
    ok.

map(Task, Address, Bytes, Access) ->
    Size = pages(Bytes),
    case ask(Task, <<$m, Address:64/little, Size:64/little, (bits(Access)):32/little>>) of
        {0, _} -> ok;
        {-17, _} -> {error, eexist};
        {-12, _} -> {error, enomem};
        {_, _} -> {error, einval}
    end.

unmap(Task, Address, Bytes) ->
    done(ask(Task, <<$u, Address:64/little, (pages(Bytes)):64/little, 0:32>>)).

protect(Task, Address, Bytes, Access) ->
    done(ask(Task, <<$p, Address:64/little, (pages(Bytes)):64/little, (bits(Access)):32/little>>)).

done({0, _}) -> ok;
done({_, _}) -> {error, efault}.

read(_Task, _Address, 0) ->
    {ok, <<>>};
read(Task, Address, Bytes) ->
    case ask(Task, <<$r, Address:64/little, Bytes:64/little, 0:32>>) of
        {Bytes, Data} -> {ok, Data};
        {_, _} -> {error, efault}
    end.

write(Task, Address, Data) ->
    case iolist_size(Data) of
        0 -> ok;
        Bytes -> written(ask(Task, [<<$w, Address:64/little>>, Data]), Bytes)
    end.

written({Bytes, _}, Bytes) -> ok;
written({_, _}, _) -> {error, efault}.

string(Task, Address, Max) -> string(Task, Address, Max, []).

string(_Task, _Address, 0, _Done) ->
    {error, enametoolong};
string(Task, Address, Max, Done) ->
    Count = min(Max, ?PAGE - Address rem ?PAGE),
    case read(Task, Address, Count) of
        {error, Reason} ->
            {error, Reason};
        {ok, Bytes} ->
            case binary:split(Bytes, <<0>>) of
                [Text, _] -> {ok, iolist_to_binary(lists:reverse(Done, [Text]))};
                [_] -> string(Task, Address + Count, Max - Count, [Bytes | Done])
            end
    end.

registers(Task) -> maps:without(?HIDDEN, all_registers(Task)).

all_registers(Task) ->
    {0, Data} = ask(Task, <<$g>>),
    maps:from_list(lists:zip(?ORDER, [V || <<V:64/little>> <= Data])).

set_registers(Task, New) ->
    All = maps:merge(all_registers(Task), New),
    {0, _} = ask(Task, [$s, [<<(maps:get(Name, All)):64/little>> || Name <- ?ORDER]]),
    ok.

step(Task, none) ->
    stepped(Task, run(Task));
step(Task, Result) ->
    ok = set_registers(Task, #{rax => Result band 16#ffffffffffffffff}),
    stepped(Task, run(Task)).

stepped(Task, system_call) ->
    #{rax := N, rdi := A, rsi := B, rdx := C, r10 := D, r8 := E, r9 := F} = registers(Task),
    {system_call, N, A, B, C, D, E, F};
stepped(_Task, Reason) ->
    Reason.

run(Task) -> run(Task, ?SLICE).

run(Task, infinity) ->
    case run(Task) of
        interrupted -> run(Task, infinity);
        Reason -> Reason
    end;
run(Task, Milliseconds) ->
    case ask(Task, <<$x, Milliseconds:64/little>>) of
        {0, _} -> interrupted;
        {1, _} -> system_call;
        {2, <<Vector:64/little, Address:64/little>>} -> {fault, Vector, 4, Address}
    end.

frames() -> 0.
frames(_Task) -> 0.

fault_name(0) -> divide_error;
fault_name(3) -> breakpoint;
fault_name(6) -> invalid_opcode;
fault_name(13) -> general_protection;
fault_name(14) -> page_fault;
fault_name(16) -> floating_point;
fault_name(17) -> alignment_check;
fault_name(_) -> fault.

ask(Task, Request) ->
    true = port_command(Task, Request),
    receive
        {Task, {data, <<Result:64/little-signed, Data/binary>>}} -> {Result, Data}
    end.

pages(Bytes) -> (Bytes + ?PAGE - 1) div ?PAGE * ?PAGE.

bits(Access) ->
    lists:sum([case Each of read -> 1; write -> 2; execute -> 4 end || Each <- Access]).
