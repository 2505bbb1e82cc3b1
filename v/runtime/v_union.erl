%% Unions: {Tag, Bytes} of plain data, laid out as C does on x86-64. In others each field stands by
%% itself, and the last element is the position of the one that was written last.
-module(v_union).

-export([empty/2, field/2, set_field/3]).

empty(Tag, Size) -> {Tag, <<0:(Size * 8)>>}.

field(Union, {kept, Index}) ->
    case element(tuple_size(Union), Union) of
        Last when Last =:= Index; Last =:= 0 -> element(Index, Union);
        _ -> v_rt:panic(<<"a field of a union is read that is not the one written last">>)
    end;
field({_, Bytes}, Schema) ->
    read(Bytes, Schema).

set_field(Union, {kept, Index}, Value) ->
    setelement(tuple_size(Union), setelement(Index, Union, Value), Index);
set_field({Tag, Bytes}, Schema, Value) ->
    New = write(Schema, Value),
    <<_:(byte_size(New))/binary, Rest/binary>> = Bytes,
    {Tag, <<New/binary, Rest/binary>>}.

%% The value at the beginning of the bytes.
read(Bytes, {signed, Bits}) ->
    <<N:Bits/little-signed, _/binary>> = Bytes,
    N;
read(Bytes, {unsigned, Bits}) ->
    <<N:Bits/little, _/binary>> = Bytes,
    N;
read(<<Byte, _/binary>>, bool) ->
    Byte =/= 0;
read(Bytes, {float, Bits}) ->
    float_of(binary:part(Bytes, 0, Bits div 8), Bits);
read(Bytes, {array, Count, Schema, Size}) ->
    v_array:from_list([read(from(Bytes, I * Size), Schema) || I <- lists:seq(0, Count - 1)]);
read(Bytes, {struct, Tag, Fields}) ->
    list_to_tuple([Tag | [read(from(Bytes, At), Schema) || {At, Schema} <- Fields]]);
read(Bytes, {union, Tag, Size}) ->
    {Tag, binary:part(Bytes, 0, Size)}.

from(Bytes, At) -> binary:part(Bytes, At, byte_size(Bytes) - At).

float_of(Bytes, Bits) ->
    case Bytes of
        <<F:Bits/float-little>> ->
            F;
        _ ->
            <<N:Bits/little>> = Bytes,
            special(N, (1 bsl (Bits - 1)) - 1, infinity(Bits))
    end.

%% IEEE 754: an exponent of ones is infinite with a fraction of zero, else no number.
special(N, Unsigned, Infinity) ->
    case N band Unsigned of
        Infinity when N =:= Infinity -> inf;
        Infinity -> '-inf';
        _ -> nan
    end.

infinity(32) -> 16#7f800000;
infinity(64) -> 16#7ff0000000000000.

write({signed, Bits}, N) -> <<N:Bits/little>>;
write({unsigned, Bits}, N) -> <<N:Bits/little>>;
write(bool, true) -> <<1>>;
write(bool, false) -> <<0>>;
write({float, Bits}, F) when is_float(F) -> <<F:Bits/float-little>>;
write({float, Bits}, inf) -> <<(infinity(Bits)):Bits/little>>;
write({float, Bits}, '-inf') -> <<(infinity(Bits) bor (1 bsl (Bits - 1))):Bits/little>>;
write({float, Bits}, nan) -> <<(infinity(Bits) bor (infinity(Bits) bsr 1)):Bits/little>>;
write({array, _, Schema, _}, Array) ->
    << <<(write(Schema, E))/binary>> || E <- v_array:to_list(Array) >>;
write({struct, _, Fields}, Struct) ->
    [_ | Values] = tuple_to_list(Struct),
    lists:foldl(
        fun({{At, Schema}, Value}, Before) ->
            Gap = At - byte_size(Before),
            <<Before/binary, 0:(Gap * 8), (write(Schema, Value))/binary>>
        end,
        <<>>,
        lists:zip(Fields, Values)
    );
write({union, _, _}, {_, Bytes}) -> Bytes.
