%% The address space of a kernel module: a native task of the process that runs it, in the low 2
%% GiB, because the code of modules holds addresses as signed 32 bits.
%%
%%     16#10000     stubs            what modules call; read and executed
%%     16#40000     data of the kernel that modules read and write by name
%%     16#80000     per-CPU area     GS base; per-CPU symbols are offsets into it
%%     16#1000000   modules
%%     16#f000000   stack            grows down; the page below it is not there
%%     16#10000000  page structures  one for each page of the heap, as the kernel's vmemmap
%%     16#20000000  heap             kmalloc, pages; "physical memory" begins here
%%
%% The heap: up to half a page from free lists by size, larger in whole pages. What is freed twice
%% or was never allocated ends the module. All that is asked for comes from one budget.
-module(vbeam_ko_memory).
-export([start/1, task/0, map/3, protect/3, read/2, write/2, peek/2, poke/3, string/1]).
-export([read_u8/1, read_u16/1, read_u32/1, read_s32/1, read_u64/1]).
-export([write_u8/2, write_u16/2, write_u32/2, write_u64/2]).
-export([get/3, set/4, allocate/1, zeroed/1, free/1, size/1, copy/2, used/0]).
-export([allocate_pages/1, page_of/1, address_of/1, with/2]).
-export([stubs/0, data/0, per_cpu/0, per_cpu_bytes/0, modules/0, stack/0, page_structures/0,
    heap/0]).

-define(PAGE, 4096).
-define(STUBS, 16#10000).
-define(DATA, 16#40000).
-define(PER_CPU, 16#80000).
-define(PER_CPU_BYTES, 16#10000).
-define(MODULES, 16#1000000).
-define(STACK, 16#f000000).
-define(STACK_BYTES, 16#10000).
-define(PAGE_STRUCTURES, 16#10000000).
-define(PAGE_STRUCTURE_BYTES, 64).
-define(HEAP, 16#20000000).
-define(HEAP_BYTES_MAX, 16#40000000).
-define(STRING_BYTES_MAX, 65536).
%% Sizes of small blocks, as the kernel's.
-define(CLASSES, [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048]).

-record(heap, {
    limit :: non_neg_integer(),
    %% The first address that was never given out.
    top = ?HEAP :: non_neg_integer(),
    used = 0 :: non_neg_integer(),
    %% Of blocks in use, what was asked for and what they take.
    blocks = #{} :: #{non_neg_integer() => {non_neg_integer(), non_neg_integer()}},
    free = #{} :: #{pos_integer() => [non_neg_integer()]},
    structures = #{} :: #{non_neg_integer() => true}
}).

stubs() -> ?STUBS.
data() -> ?DATA.
per_cpu() -> ?PER_CPU.
per_cpu_bytes() -> ?PER_CPU_BYTES.
modules() -> ?MODULES.
stack() -> ?STACK.
page_structures() -> ?PAGE_STRUCTURES.
heap() -> ?HEAP.

%% A new space for the calling process, whose heap may take so many bytes.
-spec start(Bytes :: pos_integer()) -> ok | {error, term()}.
start(Limit) ->
    case vbeam_task:create() of
        {ok, Task} ->
            put({?MODULE, task}, Task),
            put({?MODULE, heap}, #heap{limit = min(Limit, ?HEAP_BYTES_MAX)}),
            ok = map(?PER_CPU, ?PER_CPU_BYTES, [read, write]),
            map(?STACK - ?STACK_BYTES, ?STACK_BYTES, [read, write]);
        {error, Reason} ->
            {error, Reason}
    end.

task() -> erlang:get({?MODULE, task}).

map(Address, Bytes, Access) ->
    case vbeam_task:map(task(), Address, Bytes, Access) of
        ok -> ok;
        {error, Reason} -> exit({out_of_memory, {Address, Bytes, Reason}})
    end.

protect(Address, Bytes, Access) -> ok = vbeam_task:protect(task(), Address, Bytes, Access).

%% --- reading and writing ---------------------------------------------------------------------

%% A pointer that leads nowhere ends the module as its own access would.
-spec read(non_neg_integer(), non_neg_integer()) -> binary().
read(Address, Bytes) ->
    case vbeam_task:read(task(), Address, Bytes) of
        {ok, Data} -> Data;
        {error, _} -> exit({wild_pointer, Address})
    end.

-spec write(non_neg_integer(), iodata()) -> ok.
write(Address, Data) ->
    case vbeam_task:write(task(), Address, Data) of
        ok -> ok;
        {error, _} -> exit({wild_pointer, Address})
    end.

%% Like read/2, but a pointer that leads nowhere is no reason to end.
peek(Address, Bytes) -> vbeam_task:read(task(), Address, Bytes).
poke(Address, _Bytes, Data) -> vbeam_task:write(task(), Address, Data).

-spec string(non_neg_integer()) -> binary().
string(Address) -> string(Address, ?STRING_BYTES_MAX, []).

string(Address, Left, Done) ->
    Count = min(min(256, Left), ?PAGE - Address rem ?PAGE),
    case binary:split(read(Address, Count), <<0>>) of
        [Text, _] -> iolist_to_binary(lists:reverse(Done, [Text]));
        [_] when Count =:= Left -> exit({text_does_not_end, Address});
        [Text] -> string(Address + Count, Left - Count, [Text | Done])
    end.

read_u8(Address) -> binary:decode_unsigned(read(Address, 1), little).
read_u16(Address) -> binary:decode_unsigned(read(Address, 2), little).
read_u32(Address) -> binary:decode_unsigned(read(Address, 4), little).
read_u64(Address) -> binary:decode_unsigned(read(Address, 8), little).
read_s32(Address) ->
    <<Value:32/little-signed>> = read(Address, 4),
    Value.
write_u8(Address, Value) -> write(Address, <<Value:8>>).
write_u16(Address, Value) -> write(Address, <<Value:16/little>>).
write_u32(Address, Value) -> write(Address, <<Value:32/little>>).
write_u64(Address, Value) -> write(Address, <<Value:64/little>>).

%% A field of a structure, as an unsigned number.
-spec get(non_neg_integer(), atom(), atom() | [atom()]) -> non_neg_integer().
get(Address, Struct, Path) ->
    {Offset, Bits, _} = vbeam_ko_interface:field(Struct, Path),
    First = Offset div 8,
    Bytes = (Offset rem 8 + Bits + 7) div 8,
    Value = binary:decode_unsigned(read(Address + First, Bytes), little),
    (Value bsr (Offset rem 8)) band ((1 bsl Bits) - 1).

-spec set(non_neg_integer(), atom(), atom() | [atom()], integer()) -> ok.
set(Address, Struct, Path, Value) ->
    {Offset, Bits, _} = vbeam_ko_interface:field(Struct, Path),
    First = Offset div 8,
    Shift = Offset rem 8,
    Bytes = (Shift + Bits + 7) div 8,
    Old = binary:decode_unsigned(read(Address + First, Bytes), little),
    Mask = ((1 bsl Bits) - 1) bsl Shift,
    New = (Old band bnot Mask) bor ((Value bsl Shift) band Mask),
    write(Address + First, <<New:(Bytes * 8)/little>>).

%% --- heap ------------------------------------------------------------------------------------

%% 0 when there is no memory.
-spec allocate(non_neg_integer()) -> non_neg_integer().
allocate(0) ->
    %% The kernel's ZERO_SIZE_PTR.
    16;
allocate(Bytes) ->
    Taken = taken(Bytes),
    #heap{free = Free} = Heap = heap_state(),
    case Free of
        #{Taken := [Address | Rest]} ->
            given(Address, Bytes, Taken, Heap#heap{free = Free#{Taken := Rest}});
        #{} ->
            more(Bytes, Taken, Heap)
    end.

zeroed(Bytes) ->
    case allocate(Bytes) of
        Address when Address > 16 ->
            write(Address, <<0:Bytes/unit:8>>),
            Address;
        None ->
            None
    end.

%% Bytes in a block of their own.
copy(Data, Room) when not is_binary(Data) ->
    copy(iolist_to_binary(Data), Room);
copy(Data, Room) ->
    Address = allocate(max(Room, byte_size(Data))),
    _ = Address =:= 0 andalso exit(out_of_memory),
    write(Address, Data),
    Address.

%% Some bytes in memory while a function works with their address.
with(Data, Function) ->
    Address = copy(Data, 1),
    Result = Function(Address),
    ok = free(Address),
    Result.

taken(Bytes) ->
    case [Class || Class <- ?CLASSES, Class >= Bytes] of
        [Class | _] -> Class;
        [] -> (Bytes + ?PAGE - 1) band bnot (?PAGE - 1)
    end.

heap_state() -> erlang:get({?MODULE, heap}).
store(Heap) -> put({?MODULE, heap}, Heap).

given(Address, Bytes, Taken, #heap{blocks = Blocks, used = Used} = Heap) ->
    store(Heap#heap{blocks = Blocks#{Address => {Bytes, Taken}}, used = Used + Taken}),
    Address.

more(_Bytes, Taken, #heap{top = Top, limit = Limit}) when
    Top + Taken > ?HEAP + Limit; Top + ?PAGE > ?HEAP + Limit
->
    0;
more(Bytes, Taken, #heap{top = Top} = Heap) when Taken >= ?PAGE ->
    ok = map(Top, Taken, [read, write]),
    given(Top, Bytes, Taken, Heap#heap{top = Top + Taken});
more(Bytes, Taken, #heap{top = Top, free = Free} = Heap) ->
    ok = map(Top, ?PAGE, [read, write]),
    [First | Rest] = lists:seq(Top, Top + ?PAGE - Taken, Taken),
    given(First, Bytes, Taken, Heap#heap{top = Top + ?PAGE, free = Free#{Taken => Rest}}).

-spec free(non_neg_integer()) -> ok.
free(Address) when Address =< 16 ->
    ok;
free(Address) ->
    #heap{blocks = Blocks, free = Free, used = Used} = Heap = heap_state(),
    case maps:take(Address, Blocks) of
        {{_, Taken}, Rest} ->
            Same = maps:get(Taken, Free, []),
            New = Free#{Taken => [Address | Same]},
            store(Heap#heap{blocks = Rest, free = New, used = Used - Taken}),
            ok;
        error ->
            exit({not_allocated, Address})
    end.

%% What a block takes: ksize.
size(Address) ->
    case heap_state() of
        #heap{blocks = #{Address := {_, Taken}}} -> Taken;
        #heap{} -> 0
    end.

%% Bytes that are in use.
used() -> (heap_state())#heap.used.

%% --- pages -----------------------------------------------------------------------------------

%% 2^Order pages, aligned to their size; 0 when there is no memory.
allocate_pages(Order) when Order =< 10 ->
    Bytes = ?PAGE bsl Order,
    #heap{top = Top, free = Free} = Heap = heap_state(),
    case Free of
        #{Bytes := [Address | Rest]} when Address band (Bytes - 1) =:= 0 ->
            given(Address, Bytes, Bytes, Heap#heap{free = Free#{Bytes := Rest}});
        #{} ->
            Aligned = (Top + Bytes - 1) band bnot (Bytes - 1),
            more(Bytes, Bytes, Heap#heap{top = Aligned})
    end;
allocate_pages(_Order) ->
    0.

%% The structure that stands for the page of an address.
page_of(Address) ->
    Page = ?PAGE_STRUCTURES + ((Address - ?HEAP) div ?PAGE) * ?PAGE_STRUCTURE_BYTES,
    #heap{structures = Structures} = Heap = heap_state(),
    Place = Page band bnot (?PAGE - 1),
    case Structures of
        #{Place := true} ->
            Page;
        #{} ->
            ok = map(Place, ?PAGE, [read, write]),
            store(Heap#heap{structures = Structures#{Place => true}}),
            Page
    end.

address_of(Page) ->
    ?HEAP + ((Page - ?PAGE_STRUCTURES) div ?PAGE_STRUCTURE_BYTES) * ?PAGE.
