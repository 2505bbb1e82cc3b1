%% Parameters of modules (linux/moduleparam.h): tables of functions that read a text into a
%% variable, and write it. A kernel_param has the variable's address in `arg`; its table is a
%% kernel_param_ops.
-module(vbeam_linuxkpi_parameters).
-compile(nowarn_export_all).
-compile(export_all).

-define(EINVAL, 22).
-define(PAGE, 4096).
-define(TYPES, [
    {byte, 8, unsigned}, {short, 16, signed}, {ushort, 16, unsigned}, {int, 32, signed},
    {uint, 32, unsigned}, {long, 64, signed}, {ulong, 64, unsigned}, {ullong, 64, unsigned},
    {hexint, 32, unsigned}
]).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    Names = [Type || {Type, _, _} <- ?TYPES] ++ [bool, charp, invbool, copystring],
    Functions = lists:append([[setter(Name), getter(Name)] || Name <- Names]),
    [{Name, {call, ?MODULE, {[pointer, pointer], s32}}} || Name <- Functions] ++
        [
            {iolist_to_binary(["param_ops_", atom_to_list(Name)]), {data, 32, fun(Addresses) ->
                functions(Addresses, Name)
            end}}
         || Name <- Names -- [copystring]
        ] ++
        [
            {<<"param_ops_bool_enable_only">>, {data, 32, fun(A) -> functions(A, bool) end}},
            {<<"param_ops_string">>, {data, 32, fun(A) -> functions(A, copystring) end}}
        ].

setter(Name) -> iolist_to_binary(["param_set_", atom_to_list(Name)]).
getter(copystring) -> <<"param_get_string">>;
getter(Name) -> iolist_to_binary(["param_get_", atom_to_list(Name)]).

functions(Addresses, Name) ->
    Size = vbeam_ko_interface:size(kernel_param_ops),
    Set = maps:get(setter(Name), Addresses),
    Get = maps:get(getter(Name), Addresses),
    {SetAt, _, _} = vbeam_ko_interface:field(kernel_param_ops, set),
    {GetAt, _, _} = vbeam_ko_interface:field(kernel_param_ops, get),
    <<((Set bsl SetAt) bor (Get bsl GetAt)):(Size * 8)/little>>.

param_set_byte(Text, Parameter) -> number(byte, Text, Parameter).
param_set_short(Text, Parameter) -> number(short, Text, Parameter).
param_set_ushort(Text, Parameter) -> number(ushort, Text, Parameter).
param_set_int(Text, Parameter) -> number(int, Text, Parameter).
param_set_uint(Text, Parameter) -> number(uint, Text, Parameter).
param_set_long(Text, Parameter) -> number(long, Text, Parameter).
param_set_ulong(Text, Parameter) -> number(ulong, Text, Parameter).
param_set_ullong(Text, Parameter) -> number(ullong, Text, Parameter).
param_set_hexint(Text, Parameter) -> number(hexint, Text, Parameter).
param_get_byte(Buffer, Parameter) -> text(byte, Buffer, Parameter).
param_get_short(Buffer, Parameter) -> text(short, Buffer, Parameter).
param_get_ushort(Buffer, Parameter) -> text(ushort, Buffer, Parameter).
param_get_int(Buffer, Parameter) -> text(int, Buffer, Parameter).
param_get_uint(Buffer, Parameter) -> text(uint, Buffer, Parameter).
param_get_long(Buffer, Parameter) -> text(long, Buffer, Parameter).
param_get_ulong(Buffer, Parameter) -> text(ulong, Buffer, Parameter).
param_get_ullong(Buffer, Parameter) -> text(ullong, Buffer, Parameter).
param_get_hexint(Buffer, Parameter) -> text(hexint, Buffer, Parameter).

param_set_bool(0, Parameter) ->
    %% The name alone means yes.
    vbeam_ko_memory:write_u8(variable(Parameter), 1),
    0;
param_set_bool(Text, Parameter) ->
    vbeam_linuxkpi_text:kstrtobool(Text, variable(Parameter)).
param_get_bool(Buffer, Parameter) ->
    Letter = case vbeam_ko_memory:read_u8(variable(Parameter)) of 0 -> $N; _ -> $Y end,
    written(Buffer, [Letter]).
param_set_invbool(Text, Parameter) ->
    case param_set_bool(Text, Parameter) of
        0 ->
            Old = vbeam_ko_memory:read_u8(variable(Parameter)),
            vbeam_ko_memory:write_u8(variable(Parameter), 1 - Old),
            0;
        Error ->
            Error
    end.
param_get_invbool(Buffer, Parameter) ->
    Letter = case vbeam_ko_memory:read_u8(variable(Parameter)) of 0 -> $Y; _ -> $N end,
    written(Buffer, [Letter]).

param_set_charp(Text, Parameter) ->
    vbeam_ko_memory:write_u64(variable(Parameter), vbeam_linuxkpi_heap:kstrdup(Text, 0)),
    0.
param_get_charp(Buffer, Parameter) ->
    case vbeam_ko_memory:read_u64(variable(Parameter)) of
        0 -> written(Buffer, "(null)");
        Text -> written(Buffer, vbeam_ko_memory:string(Text))
    end.
%% A kparam_string: room, and where.
param_set_copystring(Text, Parameter) ->
    <<Most:32/little, _:32, To:64/little>> = vbeam_ko_memory:read(variable(Parameter), 16),
    String = vbeam_ko_memory:string(Text),
    case byte_size(String) < Most of
        true -> vbeam_ko_memory:write(To, [String, 0]), 0;
        false -> -28
    end.
param_get_string(Buffer, Parameter) ->
    <<_:64, From:64/little>> = vbeam_ko_memory:read(variable(Parameter), 16),
    written(Buffer, vbeam_ko_memory:string(From)).

number(_Type, 0, _Parameter) ->
    -?EINVAL;
number(Type, Text, Parameter) ->
    {_, Bits, Kind} = lists:keyfind(Type, 1, ?TYPES),
    vbeam_linuxkpi_text:parsed(Text, 0, variable(Parameter), Bits, Kind).

text(Type, Buffer, Parameter) ->
    {_, Bits, Kind} = lists:keyfind(Type, 1, ?TYPES),
    Bytes = vbeam_ko_memory:read(variable(Parameter), Bits div 8),
    Value = case Kind of
        signed -> <<V:Bits/little-signed>> = Bytes, V;
        unsigned -> binary:decode_unsigned(Bytes, little)
    end,
    written(Buffer, case Type of hexint -> io_lib:format("~.16b", [Value]);
        _ -> integer_to_list(Value) end).

written(Buffer, Text) ->
    vbeam_ko_memory:write(Buffer, [Text, $\n, 0]),
    iolist_size(Text) + 1.

variable(Parameter) -> vbeam_ko_memory:get(Parameter, kernel_param, arg).
