%% Tables of characters (linux/nls.h): modules register them by name, others ask for them.
-module(vbeam_linuxkpi_nls).
-compile(nowarn_export_all).
-compile(export_all).

-define(CHARACTERS_MAX, 4).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [<<"__register_nls">>, <<"unregister_nls">>, <<"load_nls">>, <<"unload_nls">>,
            <<"utf32_to_utf8">>, <<"utf8_to_utf32">>]
    ].

'__register_nls'(Table, _Owner) ->
    Name = charset(Table),
    case lists:keymember(Name, 1, tables()) of
        true ->
            -16;
        false ->
            put(?MODULE, [{Name, Table} | tables()]),
            0
    end.

unregister_nls(Table) ->
    put(?MODULE, lists:keydelete(Table, 2, tables())),
    0.

load_nls(Name) -> find(vbeam_ko_memory:string(Name), request).

%% A table that is not there is in a module of its name.
find(Charset, Then) ->
    case lists:keyfind(Charset, 1, tables()) of
        {_, Table} ->
            Table;
        false when Then =:= request ->
            _ = vbeam_ko_module:request(<<"nls_", Charset/binary>>),
            find(Charset, give_up);
        false ->
            0
    end.

unload_nls(_Table) -> ok.

%% One character; -1 for what is none or does not fit.
utf32_to_utf8(_Character, 0, _Most) ->
    0;
utf32_to_utf8(Character, To, Most) ->
    case unicode:characters_to_binary([Character]) of
        Bytes when is_binary(Bytes), byte_size(Bytes) =< Most ->
            vbeam_ko_memory:write(To, Bytes),
            byte_size(Bytes);
        _ ->
            -1
    end.
utf8_to_utf32(From, Bytes, To) ->
    case vbeam_ko_memory:read(From, min(4, max(0, Bytes))) of
        <<Character/utf8, Rest/binary>> ->
            vbeam_ko_memory:write_u32(To, Character),
            min(4, Bytes) - byte_size(Rest);
        _ ->
            -1
    end.

tables() -> case get(?MODULE) of undefined -> []; List -> List end.

charset(Table) -> vbeam_ko_memory:string(vbeam_ko_memory:get(Table, nls_table, charset)).

-spec names() -> [binary()].
names() -> [Name || {Name, _} <- tables()].

%% A character of the charset, as code point.
-spec to_unicode(binary(), binary()) -> {ok, char(), Bytes :: pos_integer()} | {error, integer()}.
to_unicode(Name, Bytes) ->
    Function = function(Name, char2uni),
    vbeam_ko_memory:with(Bytes, fun(From) ->
        vbeam_ko_memory:with(<<0:32>>, fun(To) ->
            case result(vbeam_ko_machine:call(Function, [From, byte_size(Bytes), To])) of
                Used when Used > 0 -> {ok, vbeam_ko_memory:read_u16(To), Used};
                Error -> {error, Error}
            end
        end)
    end).

-spec from_unicode(binary(), char()) -> {ok, binary()} | {error, integer()}.
from_unicode(Name, Character) ->
    Function = function(Name, uni2char),
    vbeam_ko_memory:with(<<0:(?CHARACTERS_MAX * 8)>>, fun(To) ->
        case result(vbeam_ko_machine:call(Function, [Character, To, ?CHARACTERS_MAX])) of
            Used when Used > 0 -> {ok, vbeam_ko_memory:read(To, Used)};
            Error -> {error, Error}
        end
    end).

function(Name, Field) ->
    {_, Table} = lists:keyfind(Name, 1, tables()),
    vbeam_ko_memory:get(Table, nls_table, Field).

result(Value) ->
    <<Signed:32/signed>> = <<Value:32>>,
    Signed.
