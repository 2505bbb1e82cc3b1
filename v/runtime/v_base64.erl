%% Base64 as V's library reads and writes it (RFC 4648, section 4): what is no digit counts as
%% zero when it is read, and text of other than whole groups of four is nothing.
-module(v_base64).

-export([encode/1, decode/1]).

encode(Bytes) -> base64:encode(Bytes).

decode(Text) when byte_size(Text) < 4; byte_size(Text) rem 4 =/= 0 ->
    <<>>;
decode(Text) ->
    Padding = padding(binary:last(Text), binary:at(Text, byte_size(Text) - 2)),
    Bytes = << <<(digit(C)):6>> || <<C>> <= Text >>,
    binary:part(Bytes, 0, byte_size(Bytes) - Padding).

padding($=, $=) -> 2;
padding($=, _) -> 1;
padding(_, _) -> 0.

digit(C) when C >= $A, C =< $Z -> C - $A;
digit(C) when C >= $a, C =< $z -> C - $a + 26;
digit(C) when C >= $0, C =< $9 -> C - $0 + 52;
digit(C) when C =:= $+; C =:= $- -> 62;
digit(C) when C =:= $/; C =:= $_ -> 63;
digit(_) -> 0.
