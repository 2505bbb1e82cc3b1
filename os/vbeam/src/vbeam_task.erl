%% Native tasks: address spaces of ring 3 that a process owns, fills, and runs until they make a
%% system call, fault or are interrupted; what that means is decided in Erlang. A task works only
%% for the process that created it, and ends with it. Machine code of a task reaches nothing but its
%% own pages.
%%
%%     {ok, Task} = vbeam_task:create(),
%%     ok = vbeam_task:map(Task, 16#400000, 4096, [read, execute]),
%%     ok = vbeam_task:write(Task, 16#400000, Code),
%%     ok = vbeam_task:set_registers(Task, #{rip => 16#400000}),
%%     system_call = vbeam_task:run(Task, infinity),
%%     #{rax := Number} = vbeam_task:registers(Task)
%%
%% Addresses lie between 16#1000 and 16#7ffffffff000. Where the system has no ring 3 to offer, which
%% is the case on the simulated PC and as a program of Linux, create/0 gives {error, enosys}.
%% The functions without a body of their own are BIFs of the VM (vm/bif/tasks.ts).
-module(vbeam_task).
-export([create/0, destroy/1, map/4, unmap/3, protect/4]).
-export([read/3, write/3, fetch/3, store/3, string/3, step/2]).
-export([registers/1, set_registers/2, run/1, run/2, frames/0, frames/1, fault_name/1]).
-export([create_task/0, destroy_some/1, map_pages/4, unmap_pages/3, protect_pages/4]).
-export([read_bytes/3, write_bytes/3, fetch_bytes/3, store_bytes/3, string_bytes/3]).
-export([get_registers/1, set_registers_list/2]).
-export_type([task/0, address/0, access/0, reason/0, step/0]).

-opaque task() :: reference().
-type address() :: non_neg_integer().
-type access() :: [read | write | execute].
%% A fault: the vector of the exception, its error code, and the address for a page fault.
-type reason() ::
    system_call | interrupted | {fault, Vector :: 0..31, ErrorCode :: non_neg_integer(), address()}.
%% The number of the call and its arguments, in the registers that Linux uses for them.
-type step() ::
    {system_call, Number :: u64(), u64(), u64(), u64(), u64(), u64(), u64()}
    | interrupted
    | {fault, Vector :: 0..31, ErrorCode :: non_neg_integer(), address()}.
-type u64() :: non_neg_integer().

-define(PAGE, 4096).
-define(PAGES_PER_CALL, 64).
-define(BYTES_PER_CALL, 65536).
-define(TEXT_PER_CALL, 4096).
-define(REGISTERS, [
    rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15,
    rip, rflags, fs_base, gs_base
]).

-spec create() -> {ok, task()} | {error, emfile | enomem | enosys}.
create() ->
    case create_task() of
        Task when is_reference(Task) -> {ok, Task};
        Reason -> {error, Reason}
    end.

-spec destroy(task()) -> ok.
destroy(Task) ->
    case destroy_some(Task) of
        more -> destroy(Task);
        ok -> ok
    end.

%% New pages of zeros, all of them or none.
-spec map(task(), address(), Bytes :: non_neg_integer(), access()) ->
    ok | {error, enomem | eexist | efault | einval}.
map(Task, Address, Bytes, Access) ->
    map(Task, Address, pages(Bytes), bits(Access), 0).

map(_Task, _Address, Pages, _Bits, Pages) ->
    ok;
map(Task, Address, Pages, Bits, Done) ->
    Count = min(?PAGES_PER_CALL, Pages - Done),
    case map_pages(Task, Address + Done * ?PAGE, Count, Bits) of
        Count ->
            map(Task, Address, Pages, Bits, Done + Count);
        Some when is_integer(Some) ->
            %% The next page says what is in the way.
            map(Task, Address, Pages, Bits, Done + Some);
        Reason ->
            ok = unmap(Task, Address, Done * ?PAGE),
            {error, Reason}
    end.

-spec unmap(task(), address(), Bytes :: non_neg_integer()) -> ok | {error, efault | einval}.
unmap(Task, Address, Bytes) ->
    each_call(Address, pages(Bytes), fun(At, Count) -> unmap_pages(Task, At, Count) end).

-spec protect(task(), address(), Bytes :: non_neg_integer(), access()) ->
    ok | {error, efault | einval}.
protect(Task, Address, Bytes, Access) ->
    Bits = bits(Access),
    each_call(Address, pages(Bytes), fun(At, Count) -> protect_pages(Task, At, Count, Bits) end).

each_call(_Address, 0, _Call) ->
    ok;
each_call(Address, Pages, Call) ->
    Count = min(?PAGES_PER_CALL, Pages),
    case Call(Address, Count) of
        Done when is_integer(Done) -> each_call(Address + Count * ?PAGE, Pages - Count, Call);
        Reason -> {error, Reason}
    end.

%% Memory of the task, whatever its access; all of it must be there.
-spec read(task(), address(), Bytes :: non_neg_integer()) -> {ok, binary()} | {error, efault}.
read(Task, Address, Bytes) ->
    pieces(fun read_bytes/3, Task, Address, Bytes, []).

%% As read/3, but only what the task itself might read.
-spec fetch(task(), address(), Bytes :: non_neg_integer()) -> {ok, binary()} | {error, efault}.
fetch(Task, Address, Bytes) ->
    pieces(fun fetch_bytes/3, Task, Address, Bytes, []).

pieces(Read, Task, Address, Bytes, []) when Bytes =< ?BYTES_PER_CALL ->
    case Read(Task, Address, Bytes) of
        Data when byte_size(Data) =:= Bytes -> {ok, Data};
        _ -> {error, efault}
    end;
pieces(_Read, _Task, _Address, 0, Done) ->
    {ok, iolist_to_binary(lists:reverse(Done))};
pieces(Read, Task, Address, Bytes, Done) ->
    Count = min(?BYTES_PER_CALL, Bytes),
    case Read(Task, Address, Count) of
        Data when byte_size(Data) =:= Count ->
            pieces(Read, Task, Address + Count, Bytes - Count, [Data | Done]);
        _ ->
            {error, efault}
    end.

%% What comes before a missing page is written.
-spec write(task(), address(), iodata()) -> ok | {error, efault}.
write(Task, Address, Data) ->
    write_all(fun write_bytes/3, Task, Address, iolist_to_binary(Data)).

%% As write/3, but only where the task itself might write.
-spec store(task(), address(), iodata()) -> ok | {error, efault}.
store(Task, Address, Data) ->
    write_all(fun store_bytes/3, Task, Address, iolist_to_binary(Data)).

write_all(_Write, _Task, _Address, <<>>) ->
    ok;
write_all(Write, Task, Address, Data) ->
    Count = min(?BYTES_PER_CALL, byte_size(Data)),
    <<Piece:Count/binary, Rest/binary>> = Data,
    case Write(Task, Address, Piece) of
        Count -> write_all(Write, Task, Address + Count, Rest);
        _ -> {error, efault}
    end.

%% The bytes before a zero that is among the first Max bytes, which the task itself might read.
-spec string(task(), address(), Max :: non_neg_integer()) ->
    {ok, binary()} | {error, efault | enametoolong}.
string(Task, Address, Max) ->
    string(Task, Address, Max, []).

string(Task, Address, Max, Before) ->
    Count = min(?TEXT_PER_CALL, Max),
    case string_bytes(Task, Address, Count) of
        Last when is_binary(Last), Before =:= [] ->
            {ok, Last};
        Last when is_binary(Last) ->
            {ok, iolist_to_binary(lists:reverse(Before, [Last]))};
        enametoolong when Count < Max ->
            case fetch(Task, Address, Count) of
                {ok, Piece} -> string(Task, Address + Count, Max - Count, [Piece | Before]);
                Error -> Error
            end;
        Reason ->
            {error, Reason}
    end.

-spec registers(task()) -> #{atom() => non_neg_integer()}.
registers(Task) ->
    maps:from_list(lists:zip(?REGISTERS, get_registers(Task))).

%% Those that the map does not name stay as they are. Of rflags only what ring 3 may set is taken;
%% rip and the bases must lie in the lower half of the address space.
-spec set_registers(task(), #{atom() => non_neg_integer()}) -> ok | {error, einval}.
set_registers(Task, New) ->
    [] = maps:keys(maps:without(?REGISTERS, New)),
    Old = registers(Task),
    Values = [maps:get(Name, New, maps:get(Name, Old)) || Name <- ?REGISTERS],
    case set_registers_list(Task, Values) of
        0 -> ok;
        Reason -> {error, Reason}
    end.

%% Runs until something but an interrupt ends it, or for so many milliseconds; other processes have
%% their turns meanwhile.
-spec run(task(), Milliseconds :: non_neg_integer() | infinity) -> reason().
run(Task, infinity) ->
    case run(Task) of
        interrupted -> run(Task, infinity);
        Reason -> Reason
    end;
run(Task, Milliseconds) ->
    run_until(Task, erlang:monotonic_time(millisecond) + Milliseconds).

run_until(Task, Deadline) ->
    case run(Task) of
        interrupted ->
            case erlang:monotonic_time(millisecond) < Deadline of
                true -> run_until(Task, Deadline);
                false -> interrupted
            end;
        Reason ->
            Reason
    end.

%% A fault's vector as a word.
-spec fault_name(0..31) -> atom().
fault_name(0) -> divide_error;
fault_name(1) -> debug;
fault_name(3) -> breakpoint;
fault_name(4) -> overflow;
fault_name(5) -> bound_range;
fault_name(6) -> invalid_opcode;
fault_name(7) -> device_not_available;
fault_name(12) -> stack_fault;
fault_name(13) -> general_protection;
fault_name(14) -> page_fault;
fault_name(16) -> floating_point;
fault_name(17) -> alignment_check;
fault_name(19) -> simd_floating_point;
fault_name(_) -> fault.

pages(Bytes) when is_integer(Bytes), Bytes >= 0 -> (Bytes + ?PAGE - 1) div ?PAGE.

bits(Access) ->
    lists:foldl(
        fun
            (read, Bits) -> Bits bor 1;
            (write, Bits) -> Bits bor 2;
            (execute, Bits) -> Bits bor 4
        end,
        0,
        Access
    ).

%% Until the next interrupt, of which the timer makes one every millisecond.
-spec run(task()) -> reason().
run(_Task) -> erlang:nif_error(not_loaded).

%% As run/1, after putting a result into rax; `none` in the beginning, after `interrupted`, and when
%% set_registers/2 has said all.
-spec step(task(), Result :: integer() | none) -> step().
step(_Task, _Result) -> erlang:nif_error(not_loaded).

%% Frames of 4 KiB, page tables among them, that a task has, or all tasks.
-spec frames(task()) -> non_neg_integer().
frames(_Task) -> erlang:nif_error(not_loaded).
-spec frames() -> non_neg_integer() | enosys.
frames() -> erlang:nif_error(not_loaded).

%% What the functions above are made of.
create_task() -> erlang:nif_error(not_loaded).
destroy_some(_Task) -> erlang:nif_error(not_loaded).
map_pages(_Task, _Address, _Pages, _Bits) -> erlang:nif_error(not_loaded).
unmap_pages(_Task, _Address, _Pages) -> erlang:nif_error(not_loaded).
protect_pages(_Task, _Address, _Pages, _Bits) -> erlang:nif_error(not_loaded).
read_bytes(_Task, _Address, _Bytes) -> erlang:nif_error(not_loaded).
write_bytes(_Task, _Address, _Data) -> erlang:nif_error(not_loaded).
fetch_bytes(_Task, _Address, _Bytes) -> erlang:nif_error(not_loaded).
store_bytes(_Task, _Address, _Data) -> erlang:nif_error(not_loaded).
string_bytes(_Task, _Address, _Bytes) -> erlang:nif_error(not_loaded).
get_registers(_Task) -> erlang:nif_error(not_loaded).
set_registers_list(_Task, _Values) -> erlang:nif_error(not_loaded).
