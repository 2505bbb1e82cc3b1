%% V strings: binaries of bytes, by convention UTF-8.
-module(v_string).

-export([len/1, with_length/2, hex_8/1, hex_16/1, hex_32/1, hex_64/1]).
-export([find_slice/3, find_slice_from/2, find_slice_gated/3, find_slice_gated_from/2]).
-export([
    at/2, find_at/2, slice/3, slice_from/2, slice_gated/3, slice_gated_from/2, margin/1,
    from_rune/1, quoted_rune/1
]).
-export([
    flags/3, flag_all/2, flag_within/2, rune_count/1, contains/2, contains_any/2, starts_with/2,
    ends_with/2
]).
-export([
    ascii_upper/1, ascii_lower/1, to_upper/1, to_lower/1, capitalize/1, uncapitalize/1,
    title/1, is_upper/1, is_lower/1,
    is_capital/1, is_blank/1
]).
-export([
    trim_space/1, trim_space_left/1, trim_space_right/1, trim/2, trim_left/2, trim_right/2,
    trim_prefix/2, trim_suffix/2
]).
-export([
    split/2, split_any/2, split_nth/3, split_into_lines/1, fields/1, words/1, replace/3,
    replace_once/3,
    index_u8/2, last_index_u8/2, replace_each/2, index_or_none/2, index_any/2
]).
-export([
    index/2, index_after/3, last_index/2, count/2, repeat/2, reverse/1, limit/2, all_before/2,
    all_before_last/2
]).
-export([
    all_after/2, all_after_first/2, all_after_last/2, find_between/3, bytes/1, runes/1, hash/1,
    equal/2, compare/2
]).
-export([
    to_i8/1, to_i16/1, to_i32/1, to_i64/1, to_u8/1, to_u16/1, to_u32/1, to_u64/1, to_f64/1,
    to_f32/1, to_bool/1
]).
-export([
    is_int/1, is_hex/1, is_ascii/1, indent_width/1, utf32_code/1, hex/1, hex2/1
]).
-export([
    hex_full_8/1, hex_full_16/1, hex_full_32/1, hex_full_64/1, byte_is_digit/1,
    byte_is_letter/1, byte_is_alnum/1
]).
-export([
    byte_is_space/1, byte_is_upper/1, byte_is_hex/1, byte_is_oct/1, byte_is_bin/1, byte_upper/1,
    byte_lower/1
]).
-export([
    trim_indent/1, split_once/2, parse_int/3, parse_uint/3, from_byte/1, repeat_byte/2,
    rune_bytes/1, repeat_rune/2, rune_length/1
]).

%% --- index and slice -------------------------------------------------------------------------

at(S, I) when I >= 0, I < byte_size(S) -> binary:at(S, I);
at(S, I) ->
    Format = "string index out of range(idx,s.len):~b, ~b",
    v_rt:panic(io_lib:format(Format, [I, byte_size(S)])).

find_at(S, I) when I >= 0, I < byte_size(S) -> {some, binary:at(S, I)};
find_at(_, _) -> none.

slice_from(S, From) -> slice(S, From, byte_size(S)).

slice(S, From, To) when From >= 0, From =< To, To =< byte_size(S) ->
    binary:part(S, From, To - From);
slice(S, From, To) ->
    Format = "substr(~b, ~b) out of bounds (len=~b) s=",
    v_rt:panic([io_lib:format(Format, [From, To, byte_size(S)]), S]).

%% `unsafe { s.len = n }`: a text can be cut short so.
len(S) -> byte_size(S).
with_length(S, N) -> slice(S, 0, N).

find_slice_from(S, From) -> find_slice(S, From, byte_size(S)).
find_slice(S, From, To) -> v_words:substr_checked(S, From, To).
find_slice_gated_from(S, From) -> {ok, slice_gated_from(S, From)}.
find_slice_gated(S, From, To) -> {ok, slice_gated(S, From, To)}.

slice_gated_from(S, From) -> slice_gated(S, From, byte_size(S)).

slice_gated(S, From, To) ->
    Length = byte_size(S),
    F = min(max(from_end(From, Length), 0), Length),
    T = min(max(from_end(To, Length), 0), Length),
    binary:part(S, F, max(T - F, 0)).

from_end(I, Length) when I < 0 -> Length + I;
from_end(I, _) -> I.

margin(Indent) -> binary:copy(<<"    ">>, Indent).

%% --- runes -----------------------------------------------------------------------------------

%% The UTF-8 bytes of a code point; what is none (a surrogate) still gets the bytes the scheme gives
%% it.
from_rune(R) when R < 16#80 -> <<R>>;
from_rune(R) when R < 16#800 -> <<2#110:3, (R bsr 6):5, 2#10:2, R:6>>;
from_rune(R) when R < 16#10000 -> <<2#1110:4, (R bsr 12):4, 2#10:2, (R bsr 6):6, 2#10:2, R:6>>;
from_rune(R) when R < 16#110000 ->
    <<2#11110:5, (R bsr 18):3, 2#10:2, (R bsr 12):6, 2#10:2, (R bsr 6):6, 2#10:2, R:6>>;
from_rune(_) -> <<>>.

quoted_rune(R) ->
    Bytes = from_rune(R),
    <<"`", Bytes/binary, "`">>.

%% Splits into characters; a byte that begins none counts as one.
runes_of(<<>>) -> [];
runes_of(<<C/utf8, Rest/binary>>) -> [C | runes_of(Rest)];
runes_of(<<B, Rest/binary>>) -> [B | runes_of(Rest)].

runes(S) -> v_array:from_list(runes_of(S)).
rune_count(S) -> length(runes_of(S)).
rune_bytes(R) -> bytes(from_rune(R)).
rune_length(R) when R >= 16#D800, R =< 16#DFFF; R > 16#10FFFF -> -1;
rune_length(R) -> byte_size(from_rune(R)).
repeat_rune(R, N) -> repeat(from_rune(R), N).
bytes(S) -> v_array:from_list(binary_to_list(S)).

%% The code point that a text of up to four bytes begins with.
utf32_code(S) when byte_size(S) > 4 -> 0;
utf32_code(S) ->
    case runes_of(S) of
        [C | _] -> C;
        [] -> 0
    end.

%% --- flag enums --------------------------------------------------------------------------------

flags(Name, Value, Rows) ->
    Set = [[$., Text] || {Bit, Text} <- Rows, Value band Bit =/= 0],
    iolist_to_binary([Name, $\{, lists:join(<<" | ">>, Set), $\}]).

flag_all(Value, Mask) -> Value band Mask =:= Mask.
flag_within(Value, All) -> Value band bnot All =:= 0.

%% --- tests -------------------------------------------------------------------------------------

contains(_, <<>>) -> true;
contains(S, Part) -> binary:match(S, Part) =/= nomatch.

contains_any(S, Chars) -> lists:any(among(Chars), binary_to_list(S)).

starts_with(S, Part) ->
    byte_size(Part) =< byte_size(S) andalso binary:part(S, 0, byte_size(Part)) =:= Part.

ends_with(S, Part) ->
    byte_size(Part) =< byte_size(S) andalso
        binary:part(S, byte_size(S) - byte_size(Part), byte_size(Part)) =:= Part.

is_upper(S) -> S =/= <<>> andalso ascii_upper(S) =:= S andalso ascii_lower(S) =/= S.
is_lower(S) -> S =/= <<>> andalso ascii_lower(S) =:= S andalso ascii_upper(S) =/= S.
is_capital(<<C, Rest/binary>>) -> byte_is_upper(C) andalso ascii_lower(Rest) =:= Rest;
is_capital(_) -> false.
is_blank(S) -> trim_space(S) =:= <<>>.
is_ascii(S) -> lists:all(fun(B) -> B < 128 end, binary_to_list(S)).
is_int(S) ->
    {_, Digits} = sign_of(S),
    Digits =/= <<>> andalso lists:all(fun byte_is_digit/1, binary_to_list(Digits)).
is_hex(S) -> re:run(S, <<"^[-+]?0x[0-9A-Fa-f]+$">>, [dollar_endonly]) =/= nomatch.
equal(A, B) -> A =:= B.
compare(A, B) when A < B -> -1;
compare(A, B) when A > B -> 1;
compare(_, _) -> 0.

%% --- case ----------------------------------------------------------------------------------------

ascii_upper(S) -> << <<(byte_upper(C))>> || <<C>> <= S >>.
ascii_lower(S) -> << <<(byte_lower(C))>> || <<C>> <= S >>.

to_upper(S) -> cased(S, fun ascii_upper/1, fun v_words:rune_upper/1).
to_lower(S) -> cased(S, fun ascii_lower/1, fun v_words:rune_lower/1).

cased(S, Ascii, Rune) ->
    case is_ascii(S) of
        true -> Ascii(S);
        false -> of_runes([Rune(R) || R <- runes_of(S)])
    end.

capitalize(S) -> first_cased(S, fun v_words:rune_upper/1).
uncapitalize(S) -> first_cased(S, fun v_words:rune_lower/1).

first_cased(<<R/utf8, Rest/binary>>, Change) ->
    First = from_rune(Change(R)),
    <<First/binary, Rest/binary>>;
first_cased(S, _) ->
    S.
title(S) ->
    Words = binary:split(S, <<" ">>, [global]),
    iolist_to_binary(lists:join(<<" ">>, [capitalize(W) || W <- Words])).

byte_upper(C) when C >= $a, C =< $z -> C - 32;
byte_upper(C) -> C.
byte_lower(C) when C >= $A, C =< $Z -> C + 32;
byte_lower(C) -> C.

%% --- trimming ------------------------------------------------------------------------------------

space(C) -> C =:= $\s orelse (C >= 9 andalso C =< 13).

trim_space(S) -> trim_space_left(trim_space_right(S)).
trim_space_left(S) -> drop_while(S, fun space/1).
trim_space_right(S) -> drop_end(S, fun space/1).
trim(S, Set) -> trim_left(trim_right(S, Set), Set).
%% A set with other than ASCII characters is one of characters, not of bytes.
trim_left(S, Set) ->
    case is_ascii(Set) of
        true -> drop_while(S, among(Set));
        false -> of_runes(lists:dropwhile(among_runes(Set), runes_of(S)))
    end.

trim_right(S, Set) ->
    case is_ascii(Set) of
        true -> drop_end(S, among(Set));
        false -> of_runes(drop_last_while(among_runes(Set), runes_of(S)))
    end.

among_runes(Set) ->
    Runes = runes_of(Set),
    fun(R) -> lists:member(R, Runes) end.

drop_last_while(Drop, Runes) -> lists:reverse(lists:dropwhile(Drop, lists:reverse(Runes))).

of_runes(Runes) -> iolist_to_binary([from_rune(R) || R <- Runes]).

among(Set) ->
    Chars = binary_to_list(Set),
    fun(C) -> lists:member(C, Chars) end.

drop_while(<<C, Rest/binary>> = S, Drop) ->
    case Drop(C) of
        true -> drop_while(Rest, Drop);
        false -> S
    end;
drop_while(<<>>, _) ->
    <<>>.

drop_end(<<>>, _) -> <<>>;
drop_end(S, Drop) ->
    Size = byte_size(S) - 1,
    case Drop(binary:at(S, Size)) of
        true -> drop_end(binary:part(S, 0, Size), Drop);
        false -> S
    end.

trim_prefix(S, Part) ->
    case starts_with(S, Part) of
        true -> slice_from(S, byte_size(Part));
        false -> S
    end.

trim_suffix(S, Part) ->
    case ends_with(S, Part) of
        true -> binary:part(S, 0, byte_size(S) - byte_size(Part));
        false -> S
    end.

%% --- splitting and joining -----------------------------------------------------------------------

split(S, <<>>) -> v_array:from_list([<<C>> || <<C>> <= S]);
split(S, Separator) -> v_array:from_list(binary:split(S, Separator, [global])).

split_any(S, <<>>) -> split(S, <<>>);
split_any(S, Chars) ->
    Parts = binary:split(S, [<<C>> || <<C>> <= Chars], [global]),
    v_array:from_list(drop_last_empty(Parts)).

drop_last_empty(Parts) ->
    case lists:reverse(Parts) of
        [<<>> | Rest] -> lists:reverse(Rest);
        _ -> Parts
    end.

split_nth(S, Separator, N) when N =< 0 -> split(S, Separator);
split_nth(S, <<>>, N) when N =< byte_size(S) ->
    <<Head:(N - 1)/binary, Rest/binary>> = S,
    v_array:from_list([<<C>> || <<C>> <= Head] ++ [Rest]);
split_nth(S, <<>>, _) -> split(S, <<>>);
split_nth(S, Separator, N) -> v_array:from_list(split_n(S, Separator, N)).

split_n(S, <<>>, _) -> [S];
split_n(S, _, 1) -> [S];
split_n(S, Separator, N) ->
    case binary:split(S, Separator) of
        [First, Rest] -> [First | split_n(Rest, Separator, N - 1)];
        One -> One
    end.

split_into_lines(<<>>) -> v_array:from_list([]);
split_into_lines(S) ->
    Parts = binary:split(S, [<<"\r\n">>, <<"\n">>, <<"\r">>], [global]),
    v_array:from_list(drop_last_empty(Parts)).

%% Words between blanks, tabs and line feeds; words/1 knows all white space.
fields(S) -> words(S, [<<" ">>, <<"\t">>, <<"\n">>]).
words(S) -> words(S, [<<" ">>, <<"\t">>, <<"\n">>, <<"\r">>, <<"\v">>, <<"\f">>]).

words(S, Separators) ->
    Parts = binary:split(S, Separators, [global]),
    v_array:from_list([P || P <- Parts, P =/= <<>>]).

replace(S, <<>>, _) -> S;
replace(S, Old, New) -> iolist_to_binary(lists:join(New, binary:split(S, Old, [global]))).

replace_once(S, <<>>, _) -> S;
replace_once(S, Old, New) -> iolist_to_binary(lists:join(New, binary:split(S, Old))).

repeat(_, N) when N < 0 -> <<>>;
repeat(S, N) -> binary:copy(S, N).

repeat_byte(B, N) -> repeat(<<B>>, N).
from_byte(B) -> <<B>>.

reverse(S) -> list_to_binary(lists:reverse(binary_to_list(S))).

limit(S, Max) ->
    Runes = runes_of(S),
    iolist_to_binary([from_rune(R) || R <- lists:sublist(Runes, max(0, Max))]).

%% --- searching -----------------------------------------------------------------------------------

index(S, Part) ->
    case position(S, Part, 0) of
        -1 -> none;
        I -> {some, I}
    end.

position(_, <<>>, _) -> -1;
position(S, _, From) when From >= byte_size(S) -> -1;
position(S, Part, From) ->
    case binary:match(S, Part, [{scope, {From, byte_size(S) - From}}]) of
        {I, _} -> I;
        nomatch -> -1
    end.

index_after(S, Part, From) ->
    case position(S, Part, max(From, 0)) of
        -1 -> none;
        I -> {some, I}
    end.

last_index(_, <<>>) -> none;
last_index(S, Part) ->
    case binary:matches(S, Part) of
        [] -> none;
        _ -> last_from(S, Part, byte_size(S) - byte_size(Part))
    end.

last_from(S, Part, I) ->
    case binary:part(S, I, byte_size(Part)) of
        Part -> {some, I};
        _ -> last_from(S, Part, I - 1)
    end.

%% -1 when it is not there.
index_or_none(S, Text) ->
    case index(S, Text) of
        {some, At} -> At;
        none -> -1
    end.

last_index_u8(S, C) ->
    case binary:matches(S, <<C>>) of
        [] -> -1;
        Found -> element(1, lists:last(Found))
    end.

%% Replaces by pairs of old and new; at each place the first old text that stands there counts.
replace_each(S, Pairs) ->
    case pairs(v_array:to_list(Pairs)) of
        [] ->
            S;
        Rows ->
            Pattern = binary:compile_pattern([Old || {Old, _} <- Rows]),
            iolist_to_binary(replaced(S, Pattern, Rows))
    end.

pairs([Old, New | Rest]) when Old =/= <<>> -> [{Old, New} | pairs(Rest)];
pairs([_, _ | Rest]) -> pairs(Rest);
pairs(_) -> [].

replaced(S, Pattern, Rows) ->
    case binary:match(S, Pattern) of
        nomatch ->
            S;
        {At, _} ->
            <<Before:At/binary, Here/binary>> = S,
            {Old, New} = hd([Row || {Old, _} = Row <- Rows, starts_with(Here, Old)]),
            Rest = binary:part(Here, byte_size(Old), byte_size(Here) - byte_size(Old)),
            [Before, New | replaced(Rest, Pattern, Rows)]
    end.

index_u8(S, C) ->
    case binary:match(S, <<C>>) of
        {I, _} -> I;
        nomatch -> -1
    end.

index_any(_, <<>>) -> -1;
index_any(S, Chars) ->
    case binary:match(S, [<<C>> || <<C>> <= Chars]) of
        {I, _} -> I;
        nomatch -> -1
    end.

count(_, <<>>) -> 0;
count(S, Part) -> length(binary:matches(S, Part)).

all_before(S, Part) -> hd(split_n(S, Part, 2)).

all_before_last(S, Part) ->
    case last_index(S, Part) of
        {some, I} -> binary:part(S, 0, I);
        none -> S
    end.

all_after(S, Part) -> all_after_first(S, Part).

all_after_first(S, Part) ->
    case split_n(S, Part, 2) of
        [_, Rest] -> Rest;
        _ -> S
    end.

all_after_last(S, Part) ->
    case last_index(S, Part) of
        {some, I} -> slice_from(S, I + byte_size(Part));
        none -> S
    end.

find_between(S, Start, End) ->
    case split_n(S, Start, 2) of
        [_, Rest] ->
            case split_n(Rest, End, 2) of
                [Inside, _] -> Inside;
                _ -> <<>>
            end;
        _ ->
            <<>>
    end.

hash(S) ->
    Sum = lists:foldl(fun(C, H) -> (H * 31 + C) band 16#ffffffff end, 0, binary_to_list(S)),
    <<Hash:32/signed>> = <<Sum:32>>,
    Hash.

%% --- numbers -------------------------------------------------------------------------------------

to_i8(S) -> signed(S, 8).
to_i16(S) -> signed(S, 16).
to_i32(S) -> signed(S, 32).
to_i64(S) -> signed(S, 64).
to_u8(S) -> number(S) band 16#ff.
to_u16(S) -> number(S) band 16#ffff.
to_u32(S) -> number(S) band 16#ffffffff.
to_u64(S) -> number(S) band 16#ffffffffffffffff.

signed(S, Bits) ->
    Low = -(1 bsl (Bits - 1)),
    max(Low, min(-Low - 1, number(S))).

%% The number a text begins with; 0 when it begins with none. Underscores may stand between digits.
number(S) ->
    case trim_space(S) of
        <<"-", Rest/binary>> -> -natural(Rest);
        <<"+", Rest/binary>> -> natural(Rest);
        Rest -> natural(Rest)
    end.

natural(<<"0x", Rest/binary>>) -> natural(Rest, 16, 0);
natural(<<"0X", Rest/binary>>) -> natural(Rest, 16, 0);
natural(<<"0b", Rest/binary>>) -> natural(Rest, 2, 0);
natural(<<"0o", Rest/binary>>) -> natural(Rest, 8, 0);
natural(S) -> natural(S, 10, 0).

natural(<<$_, Rest/binary>>, Base, N) -> natural(Rest, Base, N);
natural(<<C, Rest/binary>>, Base, N) ->
    case digit(C) of
        D when D < Base -> natural(Rest, Base, N * Base + D);
        _ -> N
    end;
natural(<<>>, _, N) -> N.

digit(C) when C >= $0, C =< $9 -> C - $0;
digit(C) when C >= $a, C =< $z -> C - $a + 10;
digit(C) when C >= $A, C =< $Z -> C - $A + 10;
digit(_) -> 99.

%% The float a text begins with: [sign] digits [. digits] [e [sign] digits].
to_f64(S) ->
    {Sign, Text} = sign_of(trim_space(S)),
    {Whole, AfterWhole} = digits_of(Text),
    {Fraction, Rest} =
        case AfterWhole of
            <<".", More/binary>> -> digits_of(More);
            _ -> {<<>>, AfterWhole}
        end,
    case {Whole, Fraction} of
        {<<>>, <<>>} -> 0.0;
        _ -> make_float(Sign, Whole, Fraction, exponent_of(Rest))
    end.

sign_of(<<"-", Rest/binary>>) -> {-1, Rest};
sign_of(<<"+", Rest/binary>>) -> {1, Rest};
sign_of(S) -> {1, S}.

digits_of(S) -> digits_of(S, 0).

digits_of(S, N) when N < byte_size(S) ->
    case byte_is_digit(binary:at(S, N)) of
        true -> digits_of(S, N + 1);
        false -> split_at(S, N)
    end;
digits_of(S, N) ->
    split_at(S, N).

split_at(S, N) ->
    <<Before:N/binary, After/binary>> = S,
    {Before, After}.

exponent_of(<<E, Rest/binary>>) when E =:= $e; E =:= $E ->
    {Sign, Text} = sign_of(Rest),
    case digits_of(Text) of
        {<<>>, _} -> <<"0">>;
        {Digits, _} when Sign < 0 -> <<"-", Digits/binary>>;
        {Digits, _} -> Digits
    end;
exponent_of(_) ->
    <<"0">>.

make_float(Sign, Whole, Fraction, Exponent) ->
    Text = [or_zero(Whole), $., or_zero(Fraction), $e, Exponent],
    Value =
        try
            binary_to_float(iolist_to_binary(Text))
        catch
            error:_ -> inf
        end,
    case Sign of
        -1 -> v_float:negate(Value);
        1 -> Value
    end.

or_zero(<<>>) -> <<"0">>;
or_zero(S) -> S.

to_f32(S) -> v_float:round32(to_f64(S)).

to_bool(S) -> S =:= <<"true">> orelse S =:= <<"t">>.

hex(N) -> string:lowercase(integer_to_binary(unsigned(N), 16)).
hex2(N) -> iolist_to_binary(io_lib:format("~2.16.0b", [unsigned(N)])).

unsigned(N) when N < 0, N >= -16#80000000 -> N band 16#ffffffff;
unsigned(N) when N < 0 -> N band 16#ffffffffffffffff;
unsigned(N) -> N.

%% The digits of a number of so many bits; two of them always where there are no more.
hex_8(N) -> padded_hex(N, 8).
hex_16(N) -> hex(N band 16#ffff).
hex_32(N) -> hex(N band 16#ffffffff).
hex_64(N) -> hex(N band 16#ffffffffffffffff).

hex_full_8(N) -> padded_hex(N, 8).
hex_full_16(N) -> padded_hex(N, 16).
hex_full_32(N) -> padded_hex(N, 32).
hex_full_64(N) -> padded_hex(N, 64).

padded_hex(N, Bits) ->
    Digits = string:lowercase(integer_to_binary(N band ((1 bsl Bits) - 1), 16)),
    Zeros = binary:copy(<<"0">>, Bits div 4 - byte_size(Digits)),
    <<Zeros/binary, Digits/binary>>.

%% --- layout --------------------------------------------------------------------------------------

%% Removes the indentation that all lines share, and blank first and last lines.
trim_indent(S) ->
    Lines = v_array:to_list(split_into_lines(S)),
    Widths = [indent_width(L) || L <- Lines, not is_blank(L)],
    Width = case Widths of [] -> 0; _ -> lists:min(Widths) end,
    Inner = drop_blank_end(drop_blank_start(Lines)),
    iolist_to_binary(lists:join(<<"\n">>, [unindented(L, Width) || L <- Inner])).

unindented(Line, Width) ->
    case is_blank(Line) of
        true -> Line;
        false -> slice_from(Line, Width)
    end.

drop_blank_start([L | Rest] = Lines) ->
    case is_blank(L) of true -> Rest; false -> Lines end;
drop_blank_start([]) -> [].

drop_blank_end(Lines) -> lists:reverse(drop_blank_start(lists:reverse(Lines))).

split_once(S, Separator) ->
    case binary:split(S, Separator) of
        [A, B] -> {some, {A, B}};
        _ -> none
    end.

%% strconv's parse_int and parse_uint: the whole text must be a number of the base that fits the
%% bits.
parse_int(S, Base, Bits) ->
    {Sign, Digits} = case S of
        <<"-", R/binary>> -> {-1, R};
        <<"+", R/binary>> -> {1, R};
        _ -> {1, S}
    end,
    Size = case Bits of 0 -> 64; _ -> Bits end,
    Limit = 1 bsl (Size - 1),
    case parse_digits(Digits, Base) of
        {ok, N} when Sign * N < Limit, Sign * N >= -Limit -> {ok, Sign * N};
        {ok, _} -> number_error(<<"parse_int">>, S, <<"value out of range">>);
        error -> number_error(<<"parse_int">>, S, <<"syntax error">>)
    end.

parse_uint(S, Base, Bits) ->
    Size = case Bits of 0 -> 64; _ -> Bits end,
    case parse_digits(S, Base) of
        {ok, N} when N < 1 bsl Size -> {ok, N};
        {ok, _} -> number_error(<<"parse_uint">>, S, <<"value out of range">>);
        error -> number_error(<<"parse_uint">>, S, <<"syntax error">>)
    end.

parse_digits(<<"0x", R/binary>>, Base) when Base =:= 0; Base =:= 16 -> all_digits(R, 16);
parse_digits(<<"0b", R/binary>>, Base) when Base =:= 0; Base =:= 2 -> all_digits(R, 2);
parse_digits(<<"0o", R/binary>>, Base) when Base =:= 0; Base =:= 8 -> all_digits(R, 8);
parse_digits(S, 0) -> all_digits(S, 10);
parse_digits(S, Base) -> all_digits(S, Base).

all_digits(<<>>, _) -> error;
all_digits(S, Base) ->
    case lists:all(fun(C) -> C =:= $_ orelse digit(C) < Base end, binary_to_list(S)) of
        true -> {ok, natural(S, Base, 0)};
        false -> error
    end.

number_error(Function, S, Why) ->
    Text = <<"strconv.", Function/binary, ": parsing \"", S/binary, "\": ", Why/binary>>,
    {err, {'MessageError', {'MessageError', Text, 0}}}.

indent_width(S) -> byte_size(S) - byte_size(trim_space_left(S)).

%% --- bytes ---------------------------------------------------------------------------------------

byte_is_digit(C) -> C >= $0 andalso C =< $9.
byte_is_letter(C) -> (C >= $a andalso C =< $z) orelse (C >= $A andalso C =< $Z).
byte_is_alnum(C) -> byte_is_digit(C) orelse byte_is_letter(C).
byte_is_space(C) -> space(C).
byte_is_upper(C) -> C >= $A andalso C =< $Z.
byte_is_hex(C) -> digit(C) < 16.
byte_is_oct(C) -> digit(C) < 8.
byte_is_bin(C) -> C =:= $0 orelse C =:= $1.
