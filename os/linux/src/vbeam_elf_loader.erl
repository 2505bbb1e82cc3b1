%% Loads relocatable ELF files, which kernel modules are: where each section comes to lie, what each
%% symbol is worth, and the bytes of each section with its relocations applied. System V ABI, AMD64
%% supplement, section 4.4 "Relocation".
%%
%%     {ok, Elf} = vbeam_elf_loader:parse(File),
%%     {ok, Placed} = vbeam_elf_loader:place(Elf, 16#1000000, #{}),
%%     {ok, Values} = vbeam_elf_loader:resolve_symbols(Placed, #{<<"memcpy">> => 16#10000}),
%%     {ok, Pieces} = vbeam_elf_loader:apply_relocations(Placed, Values)
%%
%% Nothing is written anywhere: a piece is {Name, Address, Access, Bytes}, for the caller to map. An
%% error names section, offset and symbol; format_error/1 makes a sentence of it. Programs need
%% parse_program/1 and nothing else of this.
-module(vbeam_elf_loader).
-export([parse/1, parse_program/1, place/3, resolve_symbols/2, apply_relocations/2]).
-export([undefined_symbols/1, exported_symbols/2, information/1, versions/1, check_versions/2]).
-export([format_error/1]).
-export_type([placed/0, values/0, piece/0, error/0]).

-type placed() :: #{
    elf := vbeam_elf_file:elf(),
    %% Of loaded sections, by index.
    addresses := #{pos_integer() => non_neg_integer()},
    %% The first address behind them.
    behind := non_neg_integer()
}.
%% What symbols are worth, by index; those that cannot be used have an atom that says why.
-type values() :: tuple().
-type piece() :: {
    Section :: binary(),
    Address :: non_neg_integer(),
    vbeam_elf_file:access(),
    binary()
}.
-type place() :: {place, Section :: binary(), Offset :: non_neg_integer(), Symbol :: binary()}.
-type error() ::
    vbeam_elf_file:error()
    | {place(), atom() | {atom(), term()}}
    | {unresolved, [binary()]}
    | {versions, [{binary(), Has :: non_neg_integer(), Needs :: non_neg_integer()}]}.

-define(PAGE, 4096).
-define(PLACED_BYTES_MAX, 16#4000000).

%% Sections that the kernel's own loader, its tracers and its unwinder read and no code of a module:
%% they are not loaded, and their relocations are not applied.
-define(NOT_LOADED, [
    <<".modinfo">>, <<"__versions">>, <<".orc_unwind">>, <<".orc_unwind_ip">>, <<".return_sites">>,
    <<".retpoline_sites">>, <<".call_sites">>, <<".ibt_endbr_seal">>, <<"__mcount_loc">>,
    <<".smp_locks">>, <<".note.gnu.build-id">>, <<".note.Linux">>, <<".note.gnu.property">>
]).

-spec parse(binary()) -> {ok, vbeam_elf_file:elf()} | {error, error()}.
parse(File) -> vbeam_elf_file:parse(File).

%% The header and the segments of a program.
-spec parse_program(binary()) -> {ok, vbeam_elf_file:elf()} | {error, error()}.
parse_program(File) -> vbeam_elf_file:program(File).

%% --- places ----------------------------------------------------------------------------------

%% Code first, then what is read, then what is written, each from a page on. Sections that the map
%% names get the address that it gives and are left out of the row.
-spec place(vbeam_elf_file:elf(), non_neg_integer(), #{binary() => non_neg_integer()}) ->
    {ok, placed()} | {error, error()}.
place(#{type := relocatable, sections := Sections} = Elf, Base, Elsewhere) ->
    try
        Loaded = [
            Section
         || Section = #{allocated := true, name := Name} <- tuple_to_list(Sections),
            not lists:member(Name, ?NOT_LOADED)
        ],
        {Away, Here} = lists:partition(
            fun(#{name := Name}) -> is_map_key(Name, Elsewhere) end, Loaded
        ),
        Given = maps:from_list([{I, maps:get(N, Elsewhere)} || #{index := I, name := N} <- Away]),
        {Addresses, Behind} = lists:foldl(
            fun(Access, {Places, At}) -> place_all(Access, Here, Places, pages(At), Base) end,
            {Given, Base},
            [[read, execute], [read], [read, write]]
        ),
        [
            wrong({section, Name}, written_and_executed)
         || #{name := Name, access := [read, write, execute]} <- Loaded
        ],
        {ok, #{elf => Elf, addresses => Addresses, behind => pages(Behind)}}
    catch
        throw:{elf, Where, Reason} -> {error, {Where, Reason}}
    end;
place(#{type := Type}, _Base, _Elsewhere) ->
    {error, {header, {not_relocatable, Type}}}.

place_all(Access, Sections, Places, At, Base) ->
    lists:foldl(
        fun(#{index := Index, align := Align, size := Size, name := Name}, {Map, Free}) ->
            _ = Align =< ?PAGE orelse wrong({section, Name}, {align, Align}),
            Address = (Free + Align - 1) band bnot (Align - 1),
            _ = Address + Size - Base =< ?PLACED_BYTES_MAX orelse
                wrong({section, Name}, {larger_than_memory, Size}),
            {Map#{Index => Address}, Address + Size}
        end,
        {Places, At},
        [Section || Section = #{access := Each} <- Sections, Each =:= Access]
    ).

pages(Address) -> (Address + ?PAGE - 1) band bnot (?PAGE - 1).

%% --- symbols ---------------------------------------------------------------------------------

-spec undefined_symbols(vbeam_elf_file:elf()) -> [binary()].
undefined_symbols(#{symbols := Symbols}) ->
    lists:usort([
        Name
     || #{section := undefined, name := Name} <- tuple_to_list(Symbols), Name =/= <<>>
    ]).

%% The value of every symbol. Those that the file does not define are in the map; all that are not
%% are in one error.
-spec resolve_symbols(placed(), #{binary() => non_neg_integer()}) ->
    {ok, values()} | {error, error()}.
resolve_symbols(#{elf := #{symbols := Symbols}, addresses := Addresses}, Known) ->
    Values = [value(Symbol, Addresses, Known) || Symbol <- tuple_to_list(Symbols)],
    case lists:usort([Name || {unresolved, Name} <- Values]) of
        [] -> {ok, list_to_tuple(Values)};
        Missing -> {error, {unresolved, Missing}}
    end.

value(#{section := undefined, name := <<>>}, _Addresses, _Known) ->
    0;
value(#{section := undefined, name := Name, binding := Binding}, _Addresses, Known) ->
    case Known of
        #{Name := Value} -> Value;
        #{} when Binding =:= weak -> 0;
        #{} -> {unresolved, Name}
    end;
value(#{section := absolute, value := Value}, _Addresses, _Known) ->
    Value;
value(#{section := common}, _Addresses, _Known) ->
    common_symbol;
value(#{section := Section, value := Value}, Addresses, _Known) ->
    case Addresses of
        #{Section := Address} -> Address + Value;
        #{} -> section_is_not_loaded
    end.

%% What the file offers to modules that need it, by name: the symbols that its tables of exports
%% name, as entries __ksymtab_NAME do.
-spec exported_symbols(vbeam_elf_file:elf(), values()) -> #{binary() => non_neg_integer()}.
exported_symbols(#{symbols := Symbols}, Values) ->
    Rows = lists:zip(tuple_to_list(Symbols), tuple_to_list(Values)),
    Exported = maps:from_list([
        {Name, true}
     || {#{name := <<"__ksymtab_", Name/binary>>}, _} <- Rows
    ]),
    maps:from_list([
        {Name, Value}
     || {#{name := Name, section := Section, binding := global}, Value} <- Rows,
        Section =/= undefined,
        is_integer(Value),
        is_map_key(Name, Exported)
    ]).

%% --- relocations -----------------------------------------------------------------------------

%% All loaded sections with what they hold in memory.
-spec apply_relocations(placed(), values()) -> {ok, [piece()]} | {error, error()}.
apply_relocations(#{elf := Elf, addresses := Addresses}, Values) ->
    #{sections := Sections, relocations := Tables} = Elf,
    Places = lists:keysort(2, maps:to_list(Addresses)),
    try
        {ok, [
            piece(element(Index + 1, Sections), Address, Tables, {Elf, Values})
         || {Index, Address} <- Places
        ]}
    catch
        throw:{elf, Where, Reason} -> {error, {Where, Reason}}
    end.

piece(#{index := Index, name := Name, access := Access} = Section, Address, Tables, Symbols) ->
    Data = vbeam_elf_file:bytes(Section),
    Rows = lists:keysort(1, lists:append([Rows || {Target, _, Rows} <- Tables, Target =:= Index])),
    Bytes = applied(Rows, Data, 0, {Name, Address, Symbols}, []),
    {Name, Address, Access, iolist_to_binary(Bytes)}.

%% Pieces of the section between the fields that relocations fill, backwards.
applied([], Data, At, _Context, Done) ->
    lists:reverse(Done, [binary_part(Data, At, byte_size(Data) - At)]);
applied([{Offset, Type, Symbol, Addend} | Rows], Data, At, Context, Done) ->
    {Name, Address, {#{symbols := Symbols}, Values}} = Context,
    Where = {place, Name, Offset, symbol_name(element(Symbol + 1, Symbols))},
    Value = case element(Symbol + 1, Values) of
        Reason when is_atom(Reason) -> wrong(Where, Reason);
        Number -> Number
    end,
    case field(Type, Value + Addend, Address + Offset, Where) of
        <<>> ->
            applied(Rows, Data, At, Context, Done);
        Field ->
            Bytes = byte_size(Field),
            _ = Offset >= At orelse wrong(Where, overlaps_another_relocation),
            _ = Offset + Bytes =< byte_size(Data) orelse wrong(Where, outside_section),
            %% As Linux checks it: relocations with addends have nothing to add there.
            _ = binary_part(Data, Offset, Bytes) =:= <<0:Bytes/unit:8>> orelse
                wrong(Where, field_is_not_zero),
            Before = binary_part(Data, At, Offset - At),
            applied(Rows, Data, Offset + Bytes, Context, [Field, Before | Done])
    end.

%% The types of relocations: R_X86_64_NONE, 64, PC32, PLT32, 32, 32S, PC64. A jump through a table
%% is a jump to the function itself, since all lie within 2 GiB.
field(0, _Value, _Place, _Where) -> <<>>;
field(1, Value, _Place, _Where) -> <<Value:64/little>>;
field(2, Value, Place, Where) -> signed_32(Value - Place, Where);
field(4, Value, Place, Where) -> signed_32(Value - Place, Where);
field(10, Value, _Place, _Where) when Value >= 0, Value < 1 bsl 32 -> <<Value:32/little>>;
field(10, Value, _Place, Where) -> wrong(Where, {out_of_range, Value});
field(11, Value, _Place, Where) -> signed_32(signed_64(Value), Where);
field(24, Value, Place, _Where) -> <<(Value - Place):64/little>>;
field(Type, _Value, _Place, Where) -> wrong(Where, {unknown_relocation_type, Type}).

signed_32(Value, _Where) when Value >= -(1 bsl 31), Value < 1 bsl 31 -> <<Value:32/little>>;
signed_32(Value, Where) -> wrong(Where, {out_of_range, Value}).

signed_64(Value) ->
    <<Signed:64/signed>> = <<Value:64>>,
    Signed.

symbol_name(#{name := <<>>, section := Section}) when is_integer(Section) ->
    <<"section ", (integer_to_binary(Section))/binary>>;
symbol_name(#{name := Name}) ->
    Name.

%% --- what a kernel module says of itself -----------------------------------------------------

%% The pairs of .modinfo, in order: name, license, depends, vermagic, parm and others.
-spec information(vbeam_elf_file:elf()) -> [{binary(), binary()}].
information(Elf) ->
    case vbeam_elf_file:section(<<".modinfo">>, Elf) of
        {ok, #{data := Data}} ->
            [
                {Key, Value}
             || Line <- binary:split(Data, <<0>>, [global]),
                [Key, Value] <- [binary:split(Line, <<"=">>)]
            ];
        none ->
            []
    end.

%% The checksums of the interfaces that it was built against.
-spec versions(vbeam_elf_file:elf()) -> [{binary(), non_neg_integer()}].
versions(Elf) ->
    case vbeam_elf_file:section(<<"__versions">>, Elf) of
        {ok, #{data := Data}} ->
            [
                {hd(binary:split(Name, <<0>>)), Crc}
             || <<Crc:64/little, Name:56/binary>> <= Data
            ];
        none ->
            []
    end.

%% Every interface that the map knows must be the one that the module was built against.
-spec check_versions(vbeam_elf_file:elf(), #{binary() => non_neg_integer()}) ->
    ok | {error, error()}.
check_versions(Elf, Known) ->
    Wrong = [
        {Name, Crc, maps:get(Name, Known)}
     || {Name, Crc} <- versions(Elf), maps:get(Name, Known, Crc) =/= Crc
    ],
    case Wrong of [] -> ok; _ -> {error, {versions, Wrong}} end.

-spec format_error(error()) -> string().
format_error({unresolved, Names}) ->
    lists:flatten(["no such symbol: ", lists:join(", ", [printed(Name) || Name <- Names])]);
format_error({versions, Rows}) ->
    Texts = [
        io_lib:format("~s has 0x~8.16.0b, needs 0x~8.16.0b", [printed(Name), Has, Needs])
     || {Name, Needs, Has} <- Rows
    ],
    lists:flatten(["built for another kernel: ", lists:join(", ", Texts)]);
format_error({{place, Section, Offset, Symbol}, Reason}) ->
    Where = io_lib:format("~s, offset 0x~.16b, symbol ~s", [
        printed(Section), Offset, printed(Symbol)
    ]),
    lists:flatten(["section ", Where, ": ", vbeam_elf_file:reason(Reason)]);
format_error(Error) ->
    vbeam_elf_file:format_error(Error).

printed(Name) -> vbeam_elf_file:printed(Name).

-spec wrong(term(), term()) -> no_return().
wrong(Where, Reason) -> throw({elf, Where, Reason}).
