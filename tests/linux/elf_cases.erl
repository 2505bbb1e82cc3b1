%% The loader of ELF files beside the linker of the machine, and with files that lie. The test gives
%% an object file, the program that the linker made of it, and the values of symbols outside.
-module(elf_cases).
-export([main/1, mutate/2, mutated/3]).

-define(OUTSIDE, #{<<"outside">> => 16#1234560, <<"small">> => 16#800}).

main([Object, Linked]) ->
    {ok, File} = file:read_file(Object),
    {ok, Program} = file:read_file(Linked),
    {ok, Elf} = vbeam_elf_loader:parse(File),
    linked_equal(Elf, Program),
    broken(File, Elf),
    io:format("mutated: ~p~n", [mutated(File, 1, 2000)]).

%% Placed where the linker has placed them, all sections have the linker's bytes.
linked_equal(Elf, Program) ->
    {ok, #{sections := Sections, type := executable, entry := Entry}} =
        vbeam_elf_loader:parse(Program),
    {ok, #{entry := Entry, segments := [_ | _]}} = vbeam_elf_loader:parse_program(Program),
    Linked = [{N, A, vbeam_elf_file:bytes(S)}
        || S = #{name := N, allocated := true, address := A} <- tuple_to_list(Sections)],
    Places = maps:from_list([{N, A} || {N, A, _} <- Linked]),
    {ok, Placed} = vbeam_elf_loader:place(Elf, 16#10000, Places),
    {ok, Values} = vbeam_elf_loader:resolve_symbols(Placed, ?OUTSIDE),
    {ok, Pieces} = vbeam_elf_loader:apply_relocations(Placed, Values),
    [io:format("~s ~p ~p~n", [N, Access, binary_part(B, 0, byte_size(P)) =:= P])
        || {N, A, B} <- Linked, {PN, PA, Access, P} <- Pieces, PN =:= N, PA =:= A],
    ok.

broken(File, Elf) ->
    #{sections := Sections} = Elf,
    io:format("undefined: ~p~n", [vbeam_elf_loader:undefined_symbols(Elf)]),
    {ok, Placed} = vbeam_elf_loader:place(Elf, 16#10000, #{}),
    shown(vbeam_elf_loader:resolve_symbols(Placed, #{})),
    {ok, Far} = vbeam_elf_loader:resolve_symbols(Placed, ?OUTSIDE#{<<"outside">> := 1 bsl 40}),
    shown(vbeam_elf_loader:apply_relocations(Placed, Far)),
    {ok, High} = vbeam_elf_loader:place(Elf, 16#fffff000, #{}),
    {ok, HighValues} = vbeam_elf_loader:resolve_symbols(High, ?OUTSIDE),
    shown(vbeam_elf_loader:apply_relocations(High, HighValues)),
    shown(vbeam_elf_loader:place(Elf#{type => executable}, 0, #{})),
    <<Offset:64/little>> = binary_part(File, 40, 8),
    Patch = fun(At, Bytes) ->
        Size = byte_size(Bytes),
        <<Before:At/binary, _:Size/binary, After/binary>> = File,
        shown(vbeam_elf_loader:parse(<<Before/binary, Bytes/binary, After/binary>>))
    end,
    [Patch(At, Bytes) || {At, Bytes} <- [
        {0, <<"text">>}, {4, <<1>>}, {5, <<2>>}, {16, <<4:16/little>>}, {18, <<3:16/little>>},
        {40, <<16#ffffffffffffff00:64/little>>}, {58, <<63:16/little>>},
        {60, <<16#feff:16/little>>}, {62, <<16#fefe:16/little>>}
    ]],
    [shown(vbeam_elf_loader:parse(binary_part(File, 0, Bytes)))
        || Bytes <- [0, 15, 63, 64, byte_size(File) - 1]],
    [Patch(Offset + Index * 64 + Field, Bytes)
        || {Name, Field, Bytes} <- [
            {<<".text">>, 0, <<16#ffffff:32/little>>}, {<<".text">>, 24, <<(1 bsl 60):64/little>>},
            {<<".text">>, 32, <<(1 bsl 63):64/little>>}, {<<".data">>, 48, <<3:64/little>>},
            {<<".rela.text">>, 44, <<999:32/little>>}, {<<".rela.text">>, 56, <<8:64/little>>},
            {<<".rela.text">>, 40, <<1:32/little>>}, {<<".symtab">>, 40, <<77:32/little>>},
            {<<".symtab">>, 56, <<0:64>>}, {<<".rela.data">>, 32, <<25:64/little>>}
        ],
        #{index := Index, name := Each} <- tuple_to_list(Sections), Each =:= Name],
    shown(vbeam_elf_loader:parse_program(File)).

shown({error, Error}) -> io:format("~ts~n", [vbeam_elf_loader:format_error(Error)]);
shown({ok, _}) -> io:format("accepted~n").

%% Files with some bytes changed, cut off or repeated; how many were loaded and how many refused.
mutated(File, Seed, Count) ->
    Results = [load(mutate(File, rand:seed_s(exsss, Seed + I))) || I <- lists:seq(1, Count)],
    {lists:sum([1 || ok <- Results]) > 0, lists:sum([1 || error <- Results]) > 0,
        length(Results)}.

load(File) ->
    case vbeam_elf_loader:parse(File) of
        {ok, #{type := relocatable} = Elf} ->
            placed(Elf, vbeam_elf_loader:place(Elf, 16#10000, #{}));
        {ok, _} -> error;
        {error, Error} -> text(Error)
    end.

placed(Elf, {ok, Placed}) ->
    Names = vbeam_elf_loader:undefined_symbols(Elf),
    Known = maps:from_list([{Name, 16#5000} || Name <- Names]),
    {ok, Values} = vbeam_elf_loader:resolve_symbols(Placed, Known),
    _ = vbeam_elf_loader:information(Elf),
    _ = vbeam_elf_loader:check_versions(Elf, Known),
    _ = vbeam_elf_loader:exported_symbols(Elf, Values),
    case vbeam_elf_loader:apply_relocations(Placed, Values) of
        {ok, _} -> ok;
        {error, Error} -> text(Error)
    end;
placed(_Elf, {error, Error}) ->
    text(Error).

text(Error) ->
    true = io_lib:printable_latin1_list(vbeam_elf_loader:format_error(Error)),
    error.

mutate(File, Random) ->
    {Changes, Next} = rand:uniform_s(8, Random),
    mutate(File, Changes, Next).

mutate(File, 0, _Random) ->
    File;
mutate(<<>>, _Changes, _Random) ->
    <<>>;
mutate(File, Changes, Random) ->
    {Kind, R1} = rand:uniform_s(20, Random),
    {At, R2} = rand:uniform_s(byte_size(File), R1),
    {Byte, R3} = rand:uniform_s(256, R2),
    <<Before:(At - 1)/binary, Old, After/binary>> = File,
    New = case Kind of
        1 -> Before;
        2 -> <<Before/binary, After/binary>>;
        3 -> <<Before/binary, Old, Old, After/binary>>;
        4 -> <<Before/binary, 255, After/binary>>;
        _ -> <<Before/binary, (Byte - 1), After/binary>>
    end,
    mutate(New, Changes - 1, R3).
