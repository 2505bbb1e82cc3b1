%% Native tasks: address spaces of ring 3 that a process owns, fills, and runs until they make a
%% system call, fault or are interrupted; what that means is decided in Erlang. A task works only
%% for the process that created it or was given it, and ends with it. Machine code of a task reaches
%% nothing but its own pages.
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
-export([fork/1, thread/1, give/2, share/6, move/4, limit/2, fpu/1, set_fpu/2]).
-export([create_task/0, destroy_some/1, map_pages/4, unmap_pages/3, protect_pages/4]).
-export([read_bytes/3, write_bytes/3, fetch_bytes/3, store_bytes/3, string_bytes/3]).
-export([get_registers/1, set_registers_list/2, thread_task/1, fork_task/1, fork_pages/3]).
-export([share_pages/6, move_pages/4, give_task/2, get_fpu/1, put_fpu/2]).
-export_type([task/0, address/0, access/0, reason/0, step/0]).

-opaque task() :: reference().
-type address() :: non_neg_integer().
%% `shared`: written in place whoever has the page, too, children after fork/1 among them; for
%% share/6 `private`: a write makes a copy. No access at all: the page keeps its contents.
-type access() :: [read | write | execute | shared | private].
%% A fault: the vector of the exception, its error code, and the address for a page fault.
-type reason() ::
    system_call | interrupted | {fault, Vector :: 0..31, ErrorCode :: non_neg_integer(), address()}.
%% The number of the call and its arguments, in the registers that Linux uses for them.
-type step() ::
    {system_call, Number :: u64(), u64(), u64(), u64(), u64(), u64(), u64()}
    | reason()
    | enomem.
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

%% A task with the same registers and an address space of its own, in which the same pages are:
%% those that are not `shared` are copied when one of the two writes. Both keep running meanwhile:
%% what another thread maps or unmaps before fork/1 is done may be in the child or not.
-spec fork(task()) -> {ok, task()} | {error, emfile | enomem}.
fork(Task) ->
    case fork_task(Task) of
        Child when is_reference(Child) -> fork(Task, Child, 0);
        Reason -> {error, Reason}
    end.

fork(Task, Child, Address) ->
    case fork_pages(Task, Child, Address) of
        0 ->
            {ok, Child};
        Next when is_integer(Next) ->
            fork(Task, Child, Next);
        Reason ->
            ok = destroy(Child),
            {error, Reason}
    end.

%% A task with the same registers in the same address space, which ends with the last of its tasks.
-spec thread(task()) -> {ok, task()} | {error, emfile | enomem}.
thread(Task) ->
    case thread_task(Task) of
        Thread when is_reference(Thread) -> {ok, Thread};
        Reason -> {error, Reason}
    end.

%% The task is the other process's from now on, and ends with it; esrch: it has ended already, and
%% the task stays the caller's.
-spec give(task(), pid()) -> ok | {error, esrch}.
give(Task, Pid) ->
    case give_task(Task, Pid) of
        ok -> ok;
        Reason -> {error, Reason}
    end.

%% New pages of zeros, all of them or none.
-spec map(task(), address(), Bytes :: non_neg_integer(), access()) ->
    ok | {error, enomem | eexist | efault | einval}.
map(Task, Address, Bytes, Access) ->
    Bits = bits(Access),
    Call = fun(Done, Count) -> map_pages(Task, Address + Done * ?PAGE, Count, Bits) end,
    all_or_none(Call, pages(Bytes), 0, fun(Done) -> unmap(Task, Address, Done * ?PAGE) end).

-spec unmap(task(), address(), Bytes :: non_neg_integer()) -> ok | {error, efault | einval}.
unmap(Task, Address, Bytes) ->
    each_call(Address, pages(Bytes), fun(At, Count) -> unmap_pages(Task, At, Count) end).

-spec protect(task(), address(), Bytes :: non_neg_integer(), access()) ->
    ok | {error, efault | einval}.
protect(Task, Address, Bytes, Access) ->
    Bits = bits(Access),
    each_call(Address, pages(Bytes), fun(At, Count) -> protect_pages(Task, At, Count, Bits) end).

%% Pages of the source, which may be any process's, are also in the task: all of them or none.
%% Shared they are written in place; with `private` in Access the first write makes a copy, and
%% until then the task sees what those write who share the page.
-spec share(task(), address(), Source :: task(), address(), Bytes :: non_neg_integer(), access()) ->
    ok | {error, efault | eexist | enomem | einval}.
share(Task, Address, Source, SourceAddress, Bytes, Access) ->
    Bits =
        case lists:member(private, Access) of
            true -> bits(Access -- [private, shared]);
            false -> bits([shared | Access -- [shared]])
        end,
    Call = fun(Done, Count) ->
        At = Address + Done * ?PAGE,
        share_pages(Task, At, Source, SourceAddress + Done * ?PAGE, Count, Bits)
    end,
    all_or_none(Call, pages(Bytes), 0, fun(Done) -> unmap(Task, Address, Done * ?PAGE) end).

%% The pages from one address on are from another one on afterwards, with their contents; where
%% there are none, there are none afterwards. All of them are moved or none.
-spec move(task(), From :: address(), To :: address(), Bytes :: non_neg_integer()) ->
    ok | {error, efault | eexist | enomem | einval}.
move(_Task, From, To, Bytes) when From < To + Bytes, To < From + Bytes ->
    {error, einval};
move(Task, From, To, Bytes) ->
    Call = fun(Done, Count) ->
        move_pages(Task, From + Done * ?PAGE, To + Done * ?PAGE, Count)
    end,
    all_or_none(Call, pages(Bytes), 0, fun(Done) -> move(Task, To, From, Done * ?PAGE) end).

%% Call(Done, Count) until all pages are done, Undo(Done) when one cannot be.
all_or_none(_Call, Pages, Pages, _Undo) ->
    ok;
all_or_none(Call, Pages, Done, Undo) ->
    case Call(Done, min(?PAGES_PER_CALL, Pages - Done)) of
        Some when is_integer(Some) ->
            %% When it was not all, the next page says why.
            all_or_none(Call, Pages, Done + Some, Undo);
        Reason ->
            ok = Undo(Done),
            {error, Reason}
    end.

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

%% The x87 and SSE registers, 512 bytes as FXSAVE stores them; einval for bits of MXCSR that the
%% processor does not have.
-spec fpu(task()) -> binary().
fpu(Task) -> get_fpu(Task).

-spec set_fpu(task(), binary()) -> ok | {error, einval}.
set_fpu(Task, Binary) ->
    case put_fpu(Task, Binary) of
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
            (execute, Bits) -> Bits bor 4;
            (shared, Bits) -> Bits bor 16
        end,
        0,
        Access
    ).

%% Until the next interrupt, of which the timer makes one every millisecond.
-spec run(task()) -> reason().
run(_Task) -> erlang:nif_error(not_loaded).

%% As run/1, after putting a result into rax; `none` in the beginning, after `interrupted`, and when
%% set_registers/2 has said all. `enomem`: there is no frame for the copy of a page that the task
%% writes to.
-spec step(task(), Result :: integer() | none) -> step().
step(_Task, _Result) -> erlang:nif_error(not_loaded).

%% No more frames than this, page tables among them, are mapped in the address space by what comes,
%% and in those that are forked from it: enomem.
-spec limit(task(), Frames :: non_neg_integer()) -> ok.
limit(_Task, _Frames) -> erlang:nif_error(not_loaded).

%% Frames of 4 KiB, page tables among them, that are mapped in a task's address space; or how many
%% frames all tasks have, where one that is mapped more than once counts once.
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
thread_task(_Task) -> erlang:nif_error(not_loaded).
fork_task(_Task) -> erlang:nif_error(not_loaded).
fork_pages(_Task, _Child, _Address) -> erlang:nif_error(not_loaded).
share_pages(_Task, _Address, _Source, _From, _Pages, _Bits) -> erlang:nif_error(not_loaded).
move_pages(_Task, _From, _To, _Pages) -> erlang:nif_error(not_loaded).
give_task(_Task, _Pid) -> erlang:nif_error(not_loaded).
get_fpu(_Task) -> erlang:nif_error(not_loaded).
put_fpu(_Task, _Binary) -> erlang:nif_error(not_loaded).
get_registers(_Task) -> erlang:nif_error(not_loaded).
set_registers_list(_Task, _Values) -> erlang:nif_error(not_loaded).
