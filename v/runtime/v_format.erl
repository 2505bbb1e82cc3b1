%% Interpolation with a format: `${x:08.3f}`. Options are {Left, Plus, Zero, Width, Precision,
%% Letter}; a precision of
%% -1 and a letter of 0 mean that none was given.
-module(v_format).

-export([int/3, float/2, text/2, char/2]).

int(Value, {Left, Plus, Zero, Width, _, Letter}, Bits) ->
    Unsigned = case Value < 0 andalso Letter =/= $d andalso Letter =/= 0 of
        true -> Value band ((1 bsl Bits) - 1);
        false -> Value
    end,
    Digits = digits(abs(Unsigned), Letter),
    Sign = sign(Unsigned < 0, Plus),
    pad(Sign, Digits, Left, Zero, Width).

digits(V, $x) -> string:lowercase(integer_to_binary(V, 16));
digits(V, $X) -> integer_to_binary(V, 16);
digits(V, $p) -> string:lowercase(integer_to_binary(V, 16));
digits(V, $o) -> integer_to_binary(V, 8);
digits(V, $b) -> integer_to_binary(V, 2);
digits(V, $B) -> integer_to_binary(V, 2);
digits(V, _) -> integer_to_binary(V).

sign(true, _) -> <<"-">>;
sign(false, true) -> <<"+">>;
sign(false, false) -> <<>>.

float(Value, Options) when is_integer(Value) ->
    float(erlang:float(Value), Options);
float(Value, {Left, Plus, _, Width, _, _}) when is_atom(Value) ->
    Text = v_float:str(Value),
    pad(sign(false, Plus andalso Value =:= nan), Text, Left, false, Width);
float(Value, {Left, Plus, Zero, Width, Precision, Letter}) ->
    <<S:1, _:63>> = <<Value/float>>,
    Body = magnitude(abs(Value), Precision, Letter),
    Text = case Letter of
        $F -> string:uppercase(Body);
        $G -> string:uppercase(Body);
        $E -> string:uppercase(Body);
        _ -> Body
    end,
    pad(sign(S =:= 1, Plus), Text, Left, Zero, Width).

%% Without a letter a precision means `f`; without both the value prints as `str()` does.
magnitude(V, -1, 0) -> v_float:str(V);
magnitude(V, P, 0) -> plain(trim(fixed(V, P)));
magnitude(V, P, L) when L =:= $f; L =:= $F -> fixed(V, default(P, 6));
magnitude(V, P, L) when L =:= $e; L =:= $E -> exponent(V, default(P, 6));
magnitude(V, -1, _) -> v_float:str(V);
magnitude(V, P, _) -> general(V, max(P, 1)).

default(-1, D) -> D;
default(P, _) -> P.

%% Rounds the shortest digits that identify the float, half away from zero, as V does: `2.675` is
%% 2.68 with `.2f`.
fixed(V, Precision) ->
    {_, Digits, E} = v_float:digits(V),
    Number = binary_to_integer(Digits),
    %% V = Number * 10^(E - length + 1); wanted is V * 10^Precision, rounded.
    Power = E - byte_size(Digits) + 1 + Precision,
    Scaled =
        case Power >= 0 of
            true -> Number * pow10(Power);
            false -> (Number + 5 * pow10(-Power - 1)) div pow10(-Power)
        end,
    Text = integer_to_binary(Scaled),
    case Precision of
        0 ->
            Text;
        _ ->
            Padded = left_zeros(Text, Precision + 1),
            Whole = byte_size(Padded) - Precision,
            <<W:Whole/binary, F/binary>> = Padded,
            <<W/binary, ".", F/binary>>
    end.

left_zeros(Text, Length) when byte_size(Text) >= Length -> Text;
left_zeros(Text, Length) ->
    Zeros = binary:copy(<<"0">>, Length - byte_size(Text)),
    <<Zeros/binary, Text/binary>>.

pow10(N) -> pow10(N, 1).
pow10(0, R) -> R;
pow10(N, R) -> pow10(N - 1, R * 10).

exponent(V, Precision) ->
    Text = float_to_binary(V, [{scientific, Precision}]),
    Text.

general(V, Precision) ->
    case V == 0 orelse (V >= 0.0001 andalso V < pow10(Precision)) of
        true -> trim(fixed(V, max(0, Precision - 1 - exponent_of(V))));
        false -> v_float:str(V)
    end.

%% Without a letter trailing zeros go, but one digit stays after the point.
plain(Text) ->
    case binary:match(Text, <<".">>) of
        nomatch -> Text;
        _ -> Text
    end.

exponent_of(V) when V == 0 -> 0;
exponent_of(V) ->
    {_, _, E} = v_float:digits(V),
    E.

trim(Text) ->
    case binary:match(Text, <<".">>) of
        nomatch -> Text;
        _ -> string:trim(string:trim(Text, trailing, "0"), trailing, ".")
    end.

text(Text, {Left, _, _, Width, Precision, Letter}) ->
    Cut = case Precision of
        -1 -> Text;
        _ -> binary:part(Text, 0, min(Precision, byte_size(Text)))
    end,
    Cased = case Letter of
        $S -> string:uppercase(Cut);
        $R -> string:uppercase(Cut);
        _ -> Cut
    end,
    Repeated = case Letter =:= $r orelse Letter =:= $R of
        true when Width > 0 -> binary:copy(Cased, Width);
        _ -> undefined
    end,
    case Repeated of
        undefined -> pad(<<>>, Cased, Left, false, Width);
        _ -> Repeated
    end.

char(Code, {Left, _, _, Width, _, _}) ->
    pad(<<>>, v_string:from_rune(Code), Left, false, Width).

%% Widths count characters, not bytes.
pad(Sign, Body, Left, Zero, Width) ->
    Missing = Width - byte_size(Sign) - v_string:rune_count(Body),
    if
        Missing =< 0 -> <<Sign/binary, Body/binary>>;
        Left andalso Zero -> <<Sign/binary, Body/binary, (binary:copy(<<"0">>, Missing))/binary>>;
        Left -> <<Sign/binary, Body/binary, (binary:copy(<<" ">>, Missing))/binary>>;
        Zero -> <<Sign/binary, (binary:copy(<<"0">>, Missing))/binary, Body/binary>>;
        true -> <<(binary:copy(<<" ">>, Missing))/binary, Sign/binary, Body/binary>>
    end.
