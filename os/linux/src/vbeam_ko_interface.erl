%% The interface of the Linux kernel that modules are built for, of the process that runs one: sizes
%% of structures and places of their fields, arguments of functions, values of constants, checksums
%% of exports. It is a file of terms that image/linux_kernel.ts makes from the kernel itself, so no
%% number of it stands in this system's sources.
-module(vbeam_ko_interface).
-export([read/1, use/1, release/0, size/1, offset/2, field/2, constant/1, prototype/1, version/1]).
-export([versions/0]).
-export_type([interface/0, passed/0]).

-type passed() :: u8 | u16 | u32 | u64 | s8 | s16 | s32 | s64 | pointer | memory | void | variadic.
-type field() :: {BitOffset :: non_neg_integer(), Bits :: non_neg_integer(), Struct :: atom()}.
-type interface() :: #{
    release := binary(),
    structs := #{atom() => {Bytes :: non_neg_integer(), #{atom() => field()}}},
    functions := #{binary() => {[passed()], passed()}},
    constants := #{atom() => integer()},
    versions := #{binary() => non_neg_integer()}
}.

-spec read(file:name_all()) -> {ok, interface()} | {error, term()}.
read(File) ->
    %% The same file is read once: it is large, and all modules of a kernel need it.
    Key = {?MODULE, File, filelib:last_modified(File), filelib:file_size(File)},
    case persistent_term:get(Key, none) of
        none -> consult(File, Key);
        Interface -> {ok, Interface}
    end.

consult(File, Key) ->
    case file:consult(File) of
        {ok, [#{release := _, structs := _, functions := _} = Interface]} ->
            persistent_term:put(Key, Interface),
            {ok, Interface};
        {ok, _} -> {error, {File, no_interface}};
        {error, Reason} -> {error, {File, Reason}}
    end.

%% From now on, what the calling process asks for is this kernel's.
-spec use(interface()) -> ok.
use(Interface) ->
    put(?MODULE, Interface),
    ok.

-spec release() -> binary().
release() -> maps:get(release, get(?MODULE)).

-spec size(atom()) -> non_neg_integer().
size(Struct) -> element(1, struct(Struct)).

%% Of a field, or of a field of a field and so on, in bytes.
-spec offset(atom(), atom() | [atom()]) -> non_neg_integer().
offset(Struct, Path) -> element(1, field(Struct, Path)) div 8.

-spec field(atom(), atom() | [atom()]) -> field().
field(Struct, Name) when is_atom(Name) ->
    {_, Fields} = struct(Struct),
    case Fields of
        #{Name := Field} -> Field;
        #{} -> error({no_field, Struct, Name})
    end;
field(Struct, [Name]) ->
    field(Struct, Name);
field(Struct, [Name | Path]) ->
    {Outer, _, Inner} = field(Struct, Name),
    {Bits, Width, Type} = field(Inner, Path),
    {Outer + Bits, Width, Type}.

struct(Name) ->
    case get(?MODULE) of
        #{structs := #{Name := Struct}} -> Struct;
        #{} -> error({no_struct, Name})
    end.

-spec constant(atom()) -> integer().
constant(Name) -> maps:get(Name, maps:get(constants, get(?MODULE))).

-spec prototype(binary()) -> {[passed()], passed()} | none.
prototype(Function) -> maps:get(Function, maps:get(functions, get(?MODULE)), none).

-spec version(binary()) -> non_neg_integer() | none.
version(Symbol) -> maps:get(Symbol, versions(), none).

-spec versions() -> #{binary() => non_neg_integer()}.
versions() -> maps:get(versions, get(?MODULE)).
