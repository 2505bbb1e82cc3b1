%% Searching of texts by algorithms of modules (linux/textsearch.h): ts_kmp, ts_bm, ts_fsm. An
%% algorithm asks for the text piece by piece. Structures: ts_config, ts_ops, ts_state.
-module(vbeam_linuxkpi_search).
-export([table/0, find/3, 'block of the text'/4]).

%% struct ts_state: where it is, and room of its own.
-define(STATE_BYTES, 64).
-define(NONE, 16#ffffffff).

%% The function that gives the text is none of the kernel's: its name is no symbol of C.
-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    Prototype = {[u32, pointer, pointer, pointer], u32},
    [{<<"block of the text">>, {call, ?MODULE, Prototype}}].

%% Where the pattern begins in the text.
-spec find(binary(), binary(), binary()) -> {ok, non_neg_integer() | none} | {error, term()}.
find(Algorithm, Pattern, Text) ->
    case vbeam_linuxkpi_registry:find(ts_ops, Algorithm) of
        none -> {error, enoent};
        Operations -> prepared(Operations, Pattern, Text)
    end.

prepared(Operations, Pattern, Text) ->
    Function = fun(Name) -> vbeam_ko_memory:get(Operations, ts_ops, Name) end,
    Prepared = vbeam_ko_memory:with(Pattern, fun(At) ->
        <<Signed:64/signed>> =
            <<(vbeam_ko_machine:call(Function(init), [At, byte_size(Pattern), 0, 0])):64>>,
        Signed
    end),
    case Prepared > 0 of
        true ->
            Result = searched(Prepared, Operations, Text),
            _ = Function(destroy) =:= 0 orelse
                vbeam_ko_machine:call(Function(destroy), [Prepared]),
            vbeam_ko_memory:free(Prepared),
            {ok, Result};
        false ->
            {error, Prepared}
    end.

searched(Configuration, Operations, Text) ->
    Next = maps:get(<<"block of the text">>, vbeam_ko_machine:symbols(#{})),
    vbeam_ko_memory:set(Configuration, ts_config, ops, Operations),
    vbeam_ko_memory:set(Configuration, ts_config, get_next_block, Next),
    Place = vbeam_ko_memory:copy(Text, 1),
    put(?MODULE, {Place, byte_size(Text)}),
    State = vbeam_ko_memory:zeroed(?STATE_BYTES),
    Find = vbeam_ko_memory:get(Operations, ts_ops, find),
    Position = vbeam_ko_machine:call(Find, [Configuration, State]) band ?NONE,
    [vbeam_ko_memory:free(Each) || Each <- [Place, State]],
    case Position of ?NONE -> none; _ -> Position end.

%% All of the text at first, then nothing.
'block of the text'(Consumed, To, _Configuration, _State) ->
    {Place, Bytes} = get(?MODULE),
    case Consumed < Bytes of
        true -> vbeam_ko_memory:write_u64(To, Place + Consumed), Bytes - Consumed;
        false -> 0
    end.
