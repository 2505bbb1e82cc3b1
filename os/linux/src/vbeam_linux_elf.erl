%% Programs in ELF files (System V ABI, chapters 4 and 5, and its supplement for AMD64): what of
%% them goes where in memory. Every field is checked before it is used; the reason that a file is
%% refused names the field.
-module(vbeam_linux_elf).
-export([parse/1]).
-export_type([program/0, segment/0]).

-type segment() :: #{
    address := non_neg_integer(),
    memory_bytes := pos_integer(),
    offset := non_neg_integer(),
    file_bytes := non_neg_integer(),
    %% PROT_ bits: 1 read, 2 write, 4 execute.
    protection := 0..7
}.
-type program() :: #{
    %% Whether it can be at any address.
    movable := boolean(),
    entry := non_neg_integer(),
    headers := non_neg_integer(),
    header_count := pos_integer(),
    segments := [segment()],
    interpreter := none | binary(),
    executable_stack := boolean()
}.

-define(EM_X86_64, 62).
-define(ET_EXEC, 2).
-define(ET_DYN, 3).
-define(PT_LOAD, 1).
-define(PT_INTERP, 3).
-define(PT_GNU_STACK, 16#6474e551).
-define(HEADER_BYTES, 56).
%% As Linux: program headers fill no more than 64 KiB.
-define(HEADERS_MAX, 1170).
-define(PATH_MAX, 4096).
-define(PAGE, 4096).
-define(ADDRESS_END, 16#7ffffffff000).

-spec parse(binary()) -> {ok, program()} | {error, Reason :: string()}.
parse(<<16#7f, "ELF", Class, Data, _:10/binary, _/binary>> = File) ->
    try
        Class =:= 2 orelse refuse("class ~b is not that of 64 bits", [Class]),
        Data =:= 1 orelse refuse("data encoding ~b is not little-endian", [Data]),
        {ok, header(File)}
    catch
        throw:{refused, Text} -> {error, Text}
    end;
parse(<<16#7f, "ELF", _/binary>>) ->
    {error, "the header is cut off"};
parse(_) ->
    {error, "no ELF file"}.

header(
    <<_:16/binary, Type:16/little, Machine:16/little, _:32, Entry:64/little, At:64/little, _:64,
        _:32, _:16, Bytes:16/little, Count:16/little, _/binary>> = File
) ->
    Machine =:= ?EM_X86_64 orelse refuse("machine ~b is not x86-64", [Machine]),
    lists:member(Type, [?ET_EXEC, ?ET_DYN]) orelse refuse("type ~b is no program", [Type]),
    Bytes =:= ?HEADER_BYTES orelse refuse("program headers have ~b bytes", [Bytes]),
    Count > 0 orelse refuse("no program headers", []),
    Count =< ?HEADERS_MAX orelse refuse("~b program headers are too many", [Count]),
    At + Count * ?HEADER_BYTES =< byte_size(File) orelse
        refuse("program headers at ~b are beyond the end of the file", [At]),
    Headers = headers(binary:part(File, At, Count * ?HEADER_BYTES), 0),
    program(File, Type, Entry, {At, Count}, Headers);
header(_) ->
    refuse("the header is cut off", []).

%% {Index, Type, Flags, Offset, Address, FileBytes, MemoryBytes}
headers(
    <<Type:32/little, Flags:32/little, Offset:64/little, Address:64/little, _:64,
        FileBytes:64/little, MemoryBytes:64/little, _:64, Rest/binary>>,
    Index
) ->
    [{Index, Type, Flags, Offset, Address, FileBytes, MemoryBytes} | headers(Rest, Index + 1)];
headers(<<>>, _) ->
    [].

program(File, Type, Entry, {At, Count}, Headers) ->
    Loads = [Header || {_, ?PT_LOAD, _, _, _, _, Bytes} = Header <- Headers, Bytes > 0],
    Loads =/= [] orelse refuse("nothing to load", []),
    Segments = [segment(Header, byte_size(File)) || Header <- Loads],
    ok = ascending(Segments),
    Entry < ?ADDRESS_END orelse refuse("entry 0x~.16b is out of range", [Entry]),
    #{
        movable => Type =:= ?ET_DYN,
        entry => Entry,
        headers => headers_address(At, Headers, Segments),
        header_count => Count,
        segments => Segments,
        interpreter => interpreter(File, Headers),
        executable_stack => executable_stack(Headers)
    }.

segment({Index, _, Flags, Offset, Address, FileBytes, MemoryBytes}, Size) ->
    Named = "program header ~b: ",
    FileBytes =< MemoryBytes orelse
        refuse(Named ++ "~b bytes in the file, ~b in memory", [Index, FileBytes, MemoryBytes]),
    Offset + FileBytes =< Size orelse
        refuse(Named ++ "offset ~b is beyond the end of the file", [Index, Offset]),
    Address + MemoryBytes =< ?ADDRESS_END orelse
        refuse(Named ++ "address 0x~.16b is out of range", [Index, Address]),
    (Offset - Address) rem ?PAGE =:= 0 orelse
        refuse(Named ++ "offset ~b does not fit address 0x~.16b", [Index, Offset, Address]),
    #{
        address => Address,
        memory_bytes => MemoryBytes,
        offset => Offset,
        file_bytes => FileBytes,
        %% PF_X 1, PF_W 2, PF_R 4
        protection => (Flags band 2) bor ((Flags bsr 2) band 1) bor ((Flags band 1) bsl 2)
    }.

ascending([#{address := A} | [#{address := B} | _]]) when B < A ->
    refuse("segments are not in the order of their addresses", []);
ascending([#{address := A, memory_bytes := Bytes} | [#{address := B} | _]]) when A + Bytes > B ->
    refuse("segments at 0x~.16b and 0x~.16b overlap", [A, B]);
ascending([_ | Rest]) ->
    ascending(Rest);
ascending([]) ->
    ok.

%% Where the program headers are in memory, 0 when no segment has them.
headers_address(At, _, Segments) ->
    Places = [
        Address + At - Offset
     || #{address := Address, offset := Offset, file_bytes := Bytes} <- Segments,
        At >= Offset,
        At < Offset + Bytes
    ],
    case Places of
        [Place | _] -> Place;
        [] -> 0
    end.

interpreter(File, Headers) ->
    case lists:keyfind(?PT_INTERP, 2, Headers) of
        {Index, _, _, Offset, _, Bytes, _} ->
            (Bytes > 1 andalso Bytes =< ?PATH_MAX andalso Offset + Bytes =< byte_size(File)) orelse
                refuse("program header ~b: the interpreter's name is not in the file", [Index]),
            case binary:split(binary:part(File, Offset, Bytes), <<0>>) of
                [Path, <<>>] -> Path;
                _ -> refuse("program header ~b: the interpreter's name has no end", [Index])
            end;
        false ->
            none
    end.

%% Without the header as with it: old programs ran code there, those of 64 bits never did.
executable_stack(Headers) ->
    case lists:keyfind(?PT_GNU_STACK, 2, Headers) of
        {_, _, Flags, _, _, _, _} -> Flags band 1 =/= 0;
        false -> false
    end.

-spec refuse(string(), [term()]) -> no_return().
refuse(Format, Arguments) ->
    throw({refused, lists:flatten(io_lib:format(Format, Arguments))}).
