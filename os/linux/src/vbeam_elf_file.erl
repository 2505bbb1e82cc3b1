%% ELF files for x86-64 as Erlang terms: System V ABI, "Object Files", and its AMD64 supplement.
%%
%% Every number that the file controls is checked before it is used, and no work is done that is not
%% in proportion to the bytes of the file, so that any binary gives a description or one error
%% {Where, Reason}: Where is `header`, {segment, Index}, {section, Name}, {symbol, Section, Index}
%% or {relocation, Section, Index}. format_error/1 makes a sentence of it.
-module(vbeam_elf_file).
-export([parse/1, program/1, section/2, bytes/1, format_error/1, reason/1, printed/1]).
-export_type([elf/0, segment/0, section/0, symbol/0, relocation/0, access/0, error/0]).

-type access() :: [read | write | execute].
-type segment() :: #{
    index := non_neg_integer(),
    type := load | dynamic | interpreter | note | headers | tls | stack | relro | non_neg_integer(),
    access := access(),
    %% Place and size in the file, place and size in memory.
    offset := non_neg_integer(),
    bytes := non_neg_integer(),
    address := non_neg_integer(),
    memory_bytes := non_neg_integer(),
    align := non_neg_integer()
}.
-type section() :: #{
    index := non_neg_integer(),
    name := binary(),
    type := non_neg_integer(),
    %% Which of SHF_ALLOC, SHF_WRITE and SHF_EXECINSTR are set.
    allocated := boolean(),
    access := access(),
    flags := non_neg_integer(),
    address := non_neg_integer(),
    size := non_neg_integer(),
    %% Nothing for a section without contents.
    data := binary(),
    link := non_neg_integer(),
    info := non_neg_integer(),
    align := pos_integer(),
    entry_bytes := non_neg_integer()
}.
%% Where a symbol lies: its section, or the section's special meaning.
-type symbol() :: #{
    name := binary(),
    value := non_neg_integer(),
    size := non_neg_integer(),
    binding := local | global | weak | non_neg_integer(),
    type := none | object | function | section | file | common | tls | non_neg_integer(),
    section := undefined | absolute | common | pos_integer()
}.
%% {Offset in the section, type, index of the symbol, addend}
-type relocation() :: {non_neg_integer(), non_neg_integer(), non_neg_integer(), integer()}.
-type elf() :: #{
    type := relocatable | executable | shared,
    entry := non_neg_integer(),
    %% Where the table of program headers lies in the file, and its entries: AT_PHDR, AT_PHNUM.
    headers_offset := non_neg_integer(),
    segments := [segment()],
    sections => tuple(),
    %% Empty when the file has no table of symbols.
    symbols => tuple(),
    %% Of each section that is changed when it is loaded, sorted by offset.
    relocations => [{Target :: pos_integer(), Section :: pos_integer(), [relocation()]}]
}.
-type where() ::
    header
    | {segment, non_neg_integer()}
    | {section, binary() | non_neg_integer()}
    | {symbol, binary() | non_neg_integer(), non_neg_integer()}
    | {relocation, binary() | non_neg_integer(), non_neg_integer()}.
-type error() :: {where(), atom() | {atom(), term()}}.

-define(HEADER_BYTES, 64).
-define(SEGMENT_BYTES, 56).
-define(SECTION_BYTES, 64).
-define(SYMBOL_BYTES, 24).
-define(RELOCATION_BYTES, 24).
-define(ET_REL, 1).
-define(ET_EXEC, 2).
-define(ET_DYN, 3).
-define(EM_X86_64, 62).
-define(SHT_SYMTAB, 2).
-define(SHT_RELA, 4).
-define(SHT_NOBITS, 8).
-define(SHT_REL, 9).
-define(SHT_SYMTAB_SHNDX, 18).
-define(SHF_ALLOC, 2).
%% Many symbols may lie in the same long text.
-define(NAME_BYTES_MAX, 4096).
-define(SHN_LORESERVE, 16#ff00).
-define(SHN_ABS, 16#fff1).
-define(SHN_COMMON, 16#fff2).
-define(ADDRESS_BITS, 64).
%% As Linux limits the table of program headers to 64 KiB.
-define(SEGMENTS_MAX, 65536 div ?SEGMENT_BYTES).

%% Headers, segments, sections, symbols and relocations.
-spec parse(binary()) -> {ok, elf()} | {error, error()}.
parse(File) ->
    try
        Header = header(File),
        Sections = sections(File, Header),
        Elf = #{
            type => maps:get(type, Header),
            entry => maps:get(entry, Header),
            headers_offset => maps:get(segments_offset, Header),
            segments => segments(File, Header),
            sections => Sections,
            symbols => symbols(Sections)
        },
        {ok, Elf#{relocations => relocations(Elf)}}
    catch
        throw:{elf, Where, Reason} -> {error, {Where, Reason}}
    end.

%% What executing a program needs: its header and its segments; Linux looks at nothing else, and
%% programs without sections run.
-spec program(binary()) -> {ok, elf()} | {error, error()}.
program(File) ->
    try
        Header = #{type := Type} = header(File),
        _ = Type =:= relocatable andalso wrong(header, no_program),
        Segments = segments(File, Header),
        _ = Segments =:= [] andalso wrong(header, no_segments),
        {ok, #{
            type => Type,
            entry => maps:get(entry, Header),
            headers_offset => maps:get(segments_offset, Header),
            segments => Segments
        }}
    catch
        throw:{elf, Where, Reason} -> {error, {Where, Reason}}
    end.

%% The first section of this name.
-spec section(binary(), elf()) -> {ok, section()} | none.
section(Name, #{sections := Sections}) ->
    case [Section || Section = #{name := Each} <- tuple_to_list(Sections), Each =:= Name] of
        [First | _] -> {ok, First};
        [] -> none
    end.

%% What a section holds in memory.
%% A hostile size is the caller's to refuse.
-spec bytes(section()) -> binary().
bytes(#{type := ?SHT_NOBITS, size := Size}) -> <<0:Size/unit:8>>;
bytes(#{data := Data}) -> Data.

-spec format_error(error()) -> string().
format_error({Where, Reason}) ->
    lists:flatten(io_lib:format("~ts: ~ts", [where(Where), reason(Reason)])).

%% --- header ----------------------------------------------------------------------------------

header(<<16#7f, "ELF", Class, Order, Version, _:9/binary, Rest/binary>>) ->
    _ = Class =:= 2 orelse wrong(header, {not_64_bit, Class}),
    _ = Order =:= 1 orelse wrong(header, {not_little_endian, Order}),
    _ = Version =:= 1 orelse wrong(header, {unknown_version, Version}),
    header_fields(Rest);
header(<<16#7f, "ELF", _/binary>>) ->
    wrong(header, truncated);
header(_) ->
    wrong(header, no_elf_file).

header_fields(
    <<Type:16/little, Machine:16/little, _Version:32/little, Entry:64/little, Segments:64/little,
        Sections:64/little, _Flags:32/little, _HeaderBytes:16/little, SegmentBytes:16/little,
        SegmentCount:16/little, SectionBytes:16/little, SectionCount:16/little,
        NamesIndex:16/little, _/binary>>
) ->
    _ = Machine =:= ?EM_X86_64 orelse wrong(header, {unsupported_machine, Machine}),
    #{
        type => file_type(Type),
        entry => Entry,
        segments_offset => Segments,
        segment_bytes => SegmentBytes,
        segment_count => SegmentCount,
        sections_offset => Sections,
        section_bytes => SectionBytes,
        section_count => SectionCount,
        names_index => NamesIndex
    };
header_fields(_) ->
    wrong(header, truncated).

file_type(?ET_REL) -> relocatable;
file_type(?ET_EXEC) -> executable;
file_type(?ET_DYN) -> shared;
file_type(Type) -> wrong(header, {unsupported_type, Type}).

%% --- segments --------------------------------------------------------------------------------

segments(_File, #{segment_count := 0}) ->
    [];
segments(File, #{segment_count := Count, segment_bytes := Bytes, segments_offset := Offset}) ->
    _ = Bytes =:= ?SEGMENT_BYTES orelse wrong(header, {segment_bytes, Bytes}),
    _ = Count =< ?SEGMENTS_MAX orelse wrong(header, {too_many_segments, Count}),
    Table = part(File, Offset, Count * Bytes, header, segments_outside_file),
    Rows = [Row || <<Row:?SEGMENT_BYTES/binary>> <= Table],
    [segment(File, Index, Row) || {Index, Row} <- lists:enumerate(0, Rows)].

segment(File, Index, Row) ->
    <<Type:32/little, Flags:32/little, Offset:64/little, Address:64/little, _Physical:64/little,
        Bytes:64/little, MemoryBytes:64/little, Align:64/little>> = Row,
    Where = {segment, Index},
    _ = Offset + Bytes =< byte_size(File) orelse Bytes =:= 0 orelse wrong(Where, outside_file),
    _ = segment_type(Type) =/= load orelse load_segment(Where, Address, Bytes, MemoryBytes, Align),
    #{
        index => Index,
        type => segment_type(Type),
        access => access([{read, 4}, {write, 2}, {execute, 1}], Flags),
        offset => Offset,
        bytes => Bytes,
        address => Address,
        memory_bytes => MemoryBytes,
        align => Align
    }.

load_segment(Where, Address, Bytes, MemoryBytes, Align) ->
    _ = Bytes =< MemoryBytes orelse wrong(Where, {larger_in_file_than_in_memory, Bytes}),
    _ = Address + MemoryBytes =< 1 bsl ?ADDRESS_BITS orelse wrong(Where, {address, Address}),
    Align =:= 0 orelse is_power(Align) orelse wrong(Where, {align, Align}).

segment_type(1) -> load;
segment_type(2) -> dynamic;
segment_type(3) -> interpreter;
segment_type(4) -> note;
segment_type(6) -> headers;
segment_type(7) -> tls;
segment_type(16#6474e551) -> stack;
segment_type(16#6474e552) -> relro;
segment_type(Type) -> Type.

access(Names, Flags) -> [Name || {Name, Bit} <- Names, Flags band Bit =/= 0].

%% --- sections --------------------------------------------------------------------------------

%% More than 65,279 sections are numbered in the first one, which is otherwise empty.
sections(_File, #{sections_offset := 0}) ->
    {};
sections(File, #{sections_offset := Offset, section_bytes := Bytes} = Header) ->
    _ = Bytes =:= ?SECTION_BYTES orelse wrong(header, {section_bytes, Bytes}),
    First = part(File, Offset, Bytes, header, sections_outside_file),
    <<_:32/binary, More:64/little, NamesMore:32/little, _/binary>> = First,
    Count = case Header of #{section_count := 0} -> More; #{section_count := Some} -> Some end,
    NamesIndex = case Header of
        #{names_index := 16#ffff} -> NamesMore;
        #{names_index := Index} -> Index
    end,
    _ = Count > 0 orelse wrong(header, no_sections),
    Table = part(File, Offset, Count * Bytes, header, sections_outside_file),
    Rows = [Row || <<Row:?SECTION_BYTES/binary>> <= Table],
    Names = names(File, Rows, NamesIndex),
    list_to_tuple([section(File, I, Row, Names) || {I, Row} <- lists:enumerate(0, Rows)]).

names(_File, _Rows, 0) ->
    none;
names(_File, Rows, Index) when Index >= length(Rows) ->
    wrong(header, {no_section_of_names, Index});
names(File, Rows, Index) ->
    Row = lists:nth(Index + 1, Rows),
    maps:get(data, section(File, Index, Row, none)).

section(_File, 0, _Row, _Names) ->
    %% The first one means "none", and its fields belong to the header.
    section_map(0, <<>>, <<0:?SECTION_BYTES/unit:8>>, <<>>);
section(File, Index, Row, Names) ->
    <<NameAt:32/little, Type:32/little, _Flags:64/little, _:64, Offset:64/little, Size:64/little,
        _Link:32/little, _Info:32/little, Align:64/little, _/binary>> = Row,
    Name = name(Names, NameAt, {section, Index}),
    Where = {section, case Name of <<>> -> Index; _ -> Name end},
    _ = Align =:= 0 orelse is_power(Align) orelse wrong(Where, {align, Align}),
    Data = case Type of
        0 -> <<>>;
        ?SHT_NOBITS -> <<>>;
        _ -> part(File, Offset, Size, Where, outside_file)
    end,
    section_map(Index, Name, Row, Data).

section_map(Index, Name, Row, Data) ->
    <<_:32, Type:32/little, Flags:64/little, Address:64/little, _Offset:64/little, Size:64/little,
        Link:32/little, Info:32/little, Align:64/little, EntryBytes:64/little>> = Row,
    #{
        index => Index,
        name => Name,
        type => Type,
        allocated => Flags band ?SHF_ALLOC =/= 0,
        access => [read | access([{write, 1}, {execute, 4}], Flags)],
        flags => Flags,
        address => Address,
        size => Size,
        data => Data,
        link => Link,
        info => Info,
        align => max(1, Align),
        entry_bytes => EntryBytes
    }.

name(none, _At, _Where) ->
    <<>>;
name(_Names, 0, _Where) ->
    <<>>;
name(Names, At, Where) when At < byte_size(Names) ->
    Scope = {At, min(?NAME_BYTES_MAX, byte_size(Names) - At)},
    case binary:match(Names, <<0>>, [{scope, Scope}]) of
        {End, 1} -> binary_part(Names, At, End - At);
        nomatch -> wrong(Where, {name_does_not_end, At})
    end;
name(_Names, At, Where) ->
    wrong(Where, {name_outside_names, At}).

%% --- symbols ---------------------------------------------------------------------------------

symbols(Sections) ->
    case [Section || Section = #{type := ?SHT_SYMTAB} <- tuple_to_list(Sections)] of
        [] -> {};
        [Table] -> symbols(Table, Sections);
        [_, Second | _] -> wrong(where_of(Second), second_table_of_symbols)
    end.

symbols(Table, Sections) ->
    #{data := Data, link := Link, entry_bytes := EntryBytes} = Table,
    Where = where_of(Table),
    _ = EntryBytes =:= ?SYMBOL_BYTES orelse wrong(Where, {entry_bytes, EntryBytes}),
    _ = byte_size(Data) rem ?SYMBOL_BYTES =:= 0 orelse wrong(Where, {size, byte_size(Data)}),
    #{data := Names} = section_at(Link, Sections, Where),
    More = indices(Table, Sections),
    Rows = [Row || <<Row:?SYMBOL_BYTES/binary>> <= Data],
    Count = tuple_size(Sections),
    list_to_tuple([
        symbol(Row, Names, {symbol, element(2, Where), I}, Count, I, More)
     || {I, Row} <- lists:enumerate(0, Rows)
    ]).

%% The section that holds the indices of sections that a symbol has no room for.
indices(#{index := Index}, Sections) ->
    Tables = [
        Data
     || #{type := ?SHT_SYMTAB_SHNDX, link := Link, data := Data} <- tuple_to_list(Sections),
        Link =:= Index
    ],
    case Tables of [Data | _] -> Data; [] -> <<>> end.

symbol(Row, Names, Where, Sections, Index, More) ->
    <<NameAt:32/little, Binding:4, Type:4, _Other, Section:16/little, Value:64/little,
        Size:64/little>> = Row,
    #{
        name => name(Names, NameAt, Where),
        value => Value,
        size => Size,
        binding => binding(Binding),
        type => symbol_type(Type),
        section => symbol_section(Section, Where, Sections, Index, More)
    }.

binding(0) -> local;
binding(1) -> global;
binding(2) -> weak;
binding(Other) -> Other.

symbol_type(0) -> none;
symbol_type(1) -> object;
symbol_type(2) -> function;
symbol_type(3) -> section;
symbol_type(4) -> file;
symbol_type(5) -> common;
symbol_type(6) -> tls;
symbol_type(Other) -> Other.

symbol_section(0, _Where, _Sections, _Index, _More) ->
    undefined;
symbol_section(?SHN_ABS, _Where, _Sections, _Index, _More) ->
    absolute;
symbol_section(?SHN_COMMON, _Where, _Sections, _Index, _More) ->
    common;
symbol_section(16#ffff, Where, Sections, Index, More) ->
    Bits = Index * 32,
    case More of
        <<_:Bits, Section:32/little, _/binary>> when Section > 0, Section < Sections -> Section;
        _ -> wrong(Where, no_section)
    end;
symbol_section(Section, _Where, Sections, _Index, _More) when
    Section < ?SHN_LORESERVE, Section < Sections
->
    Section;
symbol_section(Section, Where, _Sections, _Index, _More) ->
    wrong(Where, {no_section, Section}).

%% --- relocations -----------------------------------------------------------------------------

relocations(#{type := relocatable, sections := Sections, symbols := Symbols}) ->
    lists:append([
        relocations(Section, Sections, tuple_size(Symbols))
     || Section = #{type := Type} <- tuple_to_list(Sections),
        Type =:= ?SHT_RELA orelse Type =:= ?SHT_REL
    ]);
relocations(_) ->
    %% Those of programs and libraries are the dynamic linker's.
    [].

relocations(#{type := Type, info := Info, data := Data} = Section, Sections, Symbols) ->
    Where = where_of(Section),
    #{allocated := Allocated, index := Target, size := Size} = section_at(Info, Sections, Where),
    #{entry_bytes := EntryBytes, link := Link, index := Index} = Section,
    #{type := Linked} = section_at(Link, Sections, Where),
    _ = Type =:= ?SHT_RELA orelse not Allocated orelse wrong(Where, relocations_without_addends),
    case Allocated of
        false ->
            [];
        true ->
            _ = EntryBytes =:= ?RELOCATION_BYTES orelse wrong(Where, {entry_bytes, EntryBytes}),
            _ = byte_size(Data) rem EntryBytes =:= 0 orelse wrong(Where, {size, byte_size(Data)}),
            _ = Linked =:= ?SHT_SYMTAB orelse wrong(Where, {no_table_of_symbols, Link}),
            Rows = relocation_rows(Data, 0, {Symbols, Size, element(2, Where)}, []),
            [{Target, Index, lists:keysort(1, Rows)}]
    end.

relocation_rows(<<>>, _Index, _Limits, Rows) ->
    Rows;
relocation_rows(
    <<Offset:64/little, Type:32/little, Symbol:32/little, Addend:64/signed-little, Rest/binary>>,
    Index,
    {Symbols, Size, Name} = Limits,
    Rows
) ->
    Where = {relocation, Name, Index},
    _ = Symbol < Symbols orelse wrong(Where, {no_symbol, Symbol}),
    _ = Offset =< Size orelse wrong(Where, {outside_section, Offset}),
    relocation_rows(Rest, Index + 1, Limits, [{Offset, Type, Symbol, Addend} | Rows]).

%% --- checks ----------------------------------------------------------------------------------

section_at(Index, Sections, _Where) when Index > 0, Index < tuple_size(Sections) ->
    element(Index + 1, Sections);
section_at(Index, _Sections, Where) ->
    wrong(Where, {no_section, Index}).

where_of(#{name := <<>>, index := Index}) -> {section, Index};
where_of(#{name := Name}) -> {section, Name}.

part(File, Offset, Bytes, _Where, _Reason) when Offset + Bytes =< byte_size(File) ->
    binary_part(File, Offset, Bytes);
part(_File, _Offset, _Bytes, Where, Reason) ->
    wrong(Where, Reason).

is_power(N) -> N band (N - 1) =:= 0.

-spec wrong(where(), atom() | {atom(), term()}) -> no_return().
wrong(Where, Reason) -> throw({elf, Where, Reason}).

where(header) -> "header";
where({segment, Index}) -> io_lib:format("segment ~b", [Index]);
where({section, Name}) -> ["section ", named(Name)];
where({symbol, Section, Index}) ->
    ["section ", named(Section), io_lib:format(", symbol ~b", [Index])];
where({relocation, Section, Index}) ->
    ["section ", named(Section), io_lib:format(", relocation ~b", [Index])].

named(Index) when is_integer(Index) -> integer_to_list(Index);
named(Name) -> printed(Name).

%% A name may be any bytes.
-spec printed(binary()) -> string().
printed(Name) -> [case C >= 32 andalso C < 127 of true -> C; false -> $? end || <<C>> <= Name].

-spec reason(atom() | {atom(), term()}) -> iolist().
reason({Reason, Value}) when is_integer(Value), Value >= 0 ->
    io_lib:format("~ts (~b, 0x~.16b)", [reason(Reason), Value, Value]);
reason({Reason, Value}) ->
    io_lib:format("~ts (~tp)", [reason(Reason), Value]);
reason(Reason) ->
    [case C of $_ -> $\s; _ -> C end || C <- atom_to_list(Reason)].
