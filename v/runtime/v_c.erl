%% What V code that calls C functions needs around `vbeam_linux_syscall:dispatch/2`: memory from V's
%% values and back, and C's way to tell errors.
-module(v_c).

-export([returned/1, errno/0, set_errno/1, bytes/2, overwritten/4, struct/3, filled/3, memory/2]).

%% C's functions return -1 and leave the reason in errno.
returned({Number, _}) -> returned(Number);
returned(Number) when Number < 0, Number > -4096 ->
    put('$errno', -Number),
    -1;
returned(Number) ->
    Number.

errno() ->
    case get('$errno') of
        undefined -> 0;
        Number -> Number
    end.

set_errno(Number) ->
    put('$errno', Number),
    ok.

%% The memory that a call has written, the I-th from 0; none when it failed.
memory({_, Memory}, I) when I < length(Memory) -> lists:nth(I + 1, Memory);
memory(_, _) -> <<>>.

%% Arrays of integers as memory, so many bytes each.
bytes(Array, Size) ->
    << <<X:(Size * 8)/little>> || X <- v_array:to_list(Array) >>.

%% The array with its beginning replaced by what a call has written.
overwritten(Array, Bytes, Size, unsigned) ->
    overwrite(Array, [X || <<X:(Size * 8)/little>> <= Bytes]);
overwritten(Array, Bytes, Size, signed) ->
    overwrite(Array, [X || <<X:(Size * 8)/little-signed>> <= Bytes]).

overwrite(Array, Values) ->
    List = v_array:to_list(Array),
    Kept = lists:nthtail(min(length(Values), length(List)), List),
    v_array:from_list(lists:sublist(Values, length(List)) ++ Kept).

%% A struct as memory; Fields = [{Index, Offset, Bytes}] of those that V code has declared.
struct(Struct, Size, Fields) ->
    lists:foldl(
        fun({Index, Offset, Bytes}, Memory) ->
            <<Before:Offset/binary, _:Bytes/binary, After/binary>> = Memory,
            Value = element(Index + 2, Struct),
            <<Before/binary, Value:(Bytes * 8)/little, After/binary>>
        end,
        <<0:(Size * 8)>>,
        Fields
    ).

filled(Struct, Memory, Fields) ->
    lists:foldl(
        fun
            ({Index, Offset, Bytes}, S) when Offset + Bytes =< byte_size(Memory) ->
                <<_:Offset/binary, Value:(Bytes * 8)/little-signed, _/binary>> = Memory,
                setelement(Index + 2, S, Value);
            (_, S) ->
                S
        end,
        Struct,
        Fields
    ).
