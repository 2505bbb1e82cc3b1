%% Texts: printf of the kernel (Documentation/core-api/printk-formats.rst), and functions of strings
%% and numbers (linux/string.h, linux/kstrtox.h).
-module(vbeam_linuxkpi_text).
-compile(nowarn_export_all).
-compile(export_all).
-export_type([arguments/0]).

%% What a function of variable arguments was called with: the registers that are left, then the
%% stack; or a va_list in memory.
-type arguments() ::
    {registers, [non_neg_integer()], NextOnStack :: non_neg_integer()}
    | {list, non_neg_integer()}.

-define(PAGE, 4096).
-define(EINVAL, 22).
-define(ERANGE, 34).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"snprintf">>, <<"scnprintf">>, <<"sprintf">>, <<"vsnprintf">>, <<"vscnprintf">>,
            <<"vsprintf">>, <<"kasprintf">>, <<"kvasprintf">>, <<"sysfs_emit">>,
            <<"sysfs_emit_at">>, <<"strscpy">>, <<"strscpy_pad">>, <<"strlcpy">>, <<"strlcat">>,
            <<"strncpy">>, <<"strcat">>, <<"strncat">>, <<"strrchr">>, <<"strstr">>, <<"strnstr">>,
            <<"strsep">>, <<"strim">>, <<"skip_spaces">>, <<"strcasecmp">>, <<"strncasecmp">>,
            <<"strspn">>, <<"strcspn">>, <<"strpbrk">>, <<"strnchr">>, <<"strreplace">>,
            <<"memchr">>, <<"memchr_inv">>, <<"memscan">>, <<"sysfs_streq">>, <<"match_string">>,
            <<"kstrtoint">>, <<"kstrtouint">>, <<"kstrtoull">>, <<"kstrtoll">>, <<"kstrtou8">>,
            <<"kstrtou16">>, <<"kstrtos16">>, <<"kstrtos8">>, <<"kstrtobool">>,
            <<"simple_strtoul">>, <<"simple_strtol">>, <<"simple_strtoull">>, <<"hex_to_bin">>,
            <<"hex2bin">>, <<"bin2hex">>, <<"hex_dump_to_buffer">>
        ]
    ].

%% --- arguments -------------------------------------------------------------------------------

%% Those behind the first Count, which the prototype names.
-spec arguments([non_neg_integer()], non_neg_integer()) -> arguments().
arguments(Registers, _Count) -> {registers, Registers, vbeam_ko_machine:stack_pointer() + 8}.

next({registers, [Value | More], Stack}) ->
    {Value, {registers, More, Stack}};
next({registers, [], Stack}) ->
    {vbeam_ko_memory:read_u64(Stack), {registers, [], Stack + 8}};
next({list, List}) ->
    %% va_list: offset into the saved registers, another, stack, saved registers.
    <<Offset:32/little, _:32, Stack:64/little, Saved:64/little>> = vbeam_ko_memory:read(List, 24),
    case Offset < 48 of
        true ->
            vbeam_ko_memory:write_u32(List, Offset + 8),
            {vbeam_ko_memory:read_u64(Saved + Offset), {list, List}};
        false ->
            vbeam_ko_memory:write_u64(List + 8, Stack + 8),
            {vbeam_ko_memory:read_u64(Stack), {list, List}}
    end.

%% --- printf ----------------------------------------------------------------------------------

-spec format(non_neg_integer(), arguments()) -> binary().
format(Format, Arguments) ->
    iolist_to_binary(formatted(vbeam_ko_memory:string(Format), Arguments, [])).

formatted(Format, Arguments, Done) ->
    case binary:split(Format, <<"%">>) of
        [Text] ->
            lists:reverse(Done, [Text]);
        [Text, Rest] ->
            {Directive, Left} = directive(Rest),
            {Piece, More} = converted(Directive, Arguments),
            {Suffix, Behind} = suffix(Directive, Left),
            {Shown, Later} = case Suffix of none -> {Piece, More};
                _ -> pointer(Suffix, Directive, Arguments) end,
            formatted(Behind, Later, [Shown, Text | Done])
    end.

%% {Flags, Width, Precision, Length, Conversion}
directive(Text) ->
    {Flags, R1} = flags(Text, []),
    {Width, R2} = number(R1),
    {Precision, R3} = case R2 of
        <<".", R/binary>> -> case number(R) of {none, Q} -> {0, Q}; Found -> Found end;
        _ -> {none, R2}
    end,
    {Length, R4} = width_of(R3),
    case R4 of
        <<Conversion, Rest/binary>> -> {{Flags, Width, Precision, Length, Conversion}, Rest};
        <<>> -> {{[], none, none, 4, $%}, <<>>}
    end.

flags(<<C, Rest/binary>>, Flags) when C =:= $-; C =:= $+; C =:= $\s; C =:= $#; C =:= $0 ->
    flags(Rest, [C | Flags]);
flags(Rest, Flags) ->
    {Flags, Rest}.

number(<<"*", Rest/binary>>) -> {argument, Rest};
number(Text) -> number(Text, none).
number(<<C, Rest/binary>>, none) when C >= $0, C =< $9 -> number(Rest, C - $0);
number(<<C, Rest/binary>>, N) when C >= $0, C =< $9 -> number(Rest, N * 10 + C - $0);
number(Rest, N) -> {N, Rest}.

width_of(<<"hh", Rest/binary>>) -> {1, Rest};
width_of(<<"h", Rest/binary>>) -> {2, Rest};
width_of(<<"ll", Rest/binary>>) -> {8, Rest};
width_of(<<C, Rest/binary>>) when C =:= $l; C =:= $L; C =:= $z; C =:= $Z; C =:= $t -> {8, Rest};
width_of(Rest) -> {4, Rest}.

converted({Flags, argument, Precision, Length, C}, Arguments) ->
    {Value, More} = next(Arguments),
    case signed(Value, 4) of
        Width when Width < 0 -> converted({[$- | Flags], -Width, Precision, Length, C}, More);
        Width -> converted({Flags, Width, Precision, Length, C}, More)
    end;
converted({Flags, Width, argument, Length, C}, Arguments) ->
    {Value, More} = next(Arguments),
    Precision = case signed(Value, 4) of N when N < 0 -> none; N -> N end,
    converted({Flags, Width, Precision, Length, C}, More);
converted({_, _, _, _, $%}, Arguments) ->
    {"%", Arguments};
converted({Flags, Width, Precision, Length, C}, Arguments) ->
    {Value, More} = next(Arguments),
    {padded(conversion(C, Value, Flags, Precision, Length), Flags, Width), More}.

conversion($s, 0, _Flags, _Precision, _Length) -> <<"(null)">>;
conversion($s, Value, _Flags, none, _Length) -> vbeam_ko_memory:string(Value);
conversion($s, Value, _Flags, Precision, _Length) -> bounded(Value, Precision);
conversion($c, Value, _Flags, _Precision, _Length) -> <<Value:8>>;
conversion($d, Value, Flags, Precision, Length) ->
    integer(signed(Value, Length), 10, Flags, Precision);
conversion($i, Value, Flags, Precision, Length) ->
    integer(signed(Value, Length), 10, Flags, Precision);
conversion($u, Value, _Flags, Precision, Length) ->
    integer(unsigned(Value, Length), 10, [], Precision);
conversion($x, Value, Flags, Precision, Length) ->
    [prefix(Flags, "0x"), integer(unsigned(Value, Length), 16, [], Precision)];
conversion($X, Value, Flags, Precision, Length) ->
    [prefix(Flags, "0X"), string:uppercase(integer(unsigned(Value, Length), 16, [], Precision))];
conversion($o, Value, Flags, Precision, Length) ->
    [prefix(Flags, "0"), integer(unsigned(Value, Length), 8, [], Precision)];
conversion($p, Value, _Flags, _Precision, _Length) -> io_lib:format("~16.16.0b", [Value]);
conversion(C, _Value, _Flags, _Precision, _Length) -> [$%, C].

integer(Value, Base, Flags, Precision) ->
    Digits = string:lowercase(integer_to_list(abs(Value), Base)),
    Zeros = case Precision of none -> 0; _ -> max(0, Precision - length(Digits)) end,
    Sign = case Value < 0 of
        true -> "-";
        false -> case {lists:member($+, Flags), lists:member($\s, Flags)} of
            {true, _} -> "+"; {_, true} -> " "; _ -> "" end
    end,
    Sign ++ lists:duplicate(Zeros, $0) ++ Digits.

prefix(Flags, Text) -> case lists:member($#, Flags) of true -> Text; false -> "" end.

padded(Text, _Flags, none) ->
    Text;
padded(Text, Flags, Width) ->
    Missing = max(0, Width - iolist_size(Text)),
    case {lists:member($-, Flags), lists:member($0, Flags)} of
        {true, _} -> [Text, lists:duplicate(Missing, $\s)];
        {false, true} -> zeros(iolist_to_binary(Text), Missing);
        {false, false} -> [lists:duplicate(Missing, $\s), Text]
    end.

zeros(<<Sign, Rest/binary>>, Missing) when Sign =:= $-; Sign =:= $+ ->
    [Sign, lists:duplicate(Missing, $0), Rest];
zeros(<<"0x", Rest/binary>>, Missing) -> ["0x", lists:duplicate(Missing, $0), Rest];
zeros(Text, Missing) -> [lists:duplicate(Missing, $0), Text].

unsigned(Value, Bytes) -> Value band ((1 bsl (Bytes * 8)) - 1).
signed(Value, Bytes) ->
    Bits = Bytes * 8,
    <<Signed:Bits/signed>> = <<Value:Bits>>,
    Signed.

%% --- what may follow %p ----------------------------------------------------------------------

suffix({_, _, _, _, $p}, <<"hD", Rest/binary>>) -> {hex, Rest};
suffix({_, _, _, _, $p}, <<"h", C, Rest/binary>>) when C =:= $C; C =:= $D; C =:= $N ->
    {{hex, C}, Rest};
suffix({_, argument, _, _, $p}, <<"h", Rest/binary>>) -> {{hex, $\s}, Rest};
suffix({_, Width, _, _, $p}, <<"h", Rest/binary>>) when is_integer(Width) -> {{hex, $\s}, Rest};
suffix({_, _, _, _, $p}, <<"V", Rest/binary>>) -> {nested, Rest};
suffix({_, _, _, _, $p}, <<"M", Rest/binary>>) -> {mac, Rest};
suffix({_, _, _, _, $p}, <<"m", Rest/binary>>) -> {mac_plain, Rest};
suffix({_, _, _, _, $p}, <<"e", Rest/binary>>) -> {error, Rest};
suffix({_, _, _, _, $p}, <<C,
    Rest/binary>>) when C =:= $S; C =:= $s; C =:= $B; C =:= $f; C =:= $F ->
    {symbol, Rest};
suffix({_, _, _, _, $p}, <<C, Rest/binary>>) when C =:= $K; C =:= $x -> {plain, Rest};
suffix(_Directive, Rest) -> {none, Rest}.

pointer({hex, Between}, {_, argument, _, _, _}, Arguments) ->
    {Bytes, More} = next(Arguments),
    {Value, Later} = next(More),
    {hex(Value, min(64, signed(Bytes, 4)), Between), Later};
pointer({hex, Between}, {_, Width, _, _, _}, Arguments) ->
    {Value, More} = next(Arguments),
    {hex(Value, case Width of none -> 1; _ -> min(64, Width) end, Between), More};
pointer(Kind, _Directive, Arguments) ->
    {Value, More} = next(Arguments),
    {pointer(Kind, Value), More}.

pointer(nested, Value) ->
    <<Format:64/little, List:64/little>> = vbeam_ko_memory:read(Value, 16),
    %% The caller may use its list again.
    Copy = vbeam_ko_memory:copy(vbeam_ko_memory:read(List, 24), 24),
    Text = format(Format, {list, Copy}),
    vbeam_ko_memory:free(Copy),
    Text;
pointer(mac, Value) -> hex(Value, 6, $C);
pointer(mac_plain, Value) -> hex(Value, 6, $N);
pointer(error, Value) -> integer_to_list(signed(Value, 8));
pointer(symbol, Value) -> vbeam_ko_machine:where(Value);
pointer(plain, Value) -> io_lib:format("~.16b", [Value]).

hex(Value, Bytes, Kind) ->
    Between = case Kind of $C -> ":"; $D -> "-"; $N -> ""; _ -> " " end,
    Texts = [io_lib:format("~2.16.0b", [B]) || <<B>> <= vbeam_ko_memory:read(Value, Bytes)],
    lists:join(Between, Texts).

%% --- printf into memory ----------------------------------------------------------------------

snprintf(Buffer, Size, Format, Arguments) -> into(Buffer, Size, format(Format, Arguments)).
vsnprintf(Buffer, Size, Format, List) -> into(Buffer, Size, format(Format, {list, List})).
scnprintf(Buffer, Size, Format, Arguments) ->
    fitted(snprintf(Buffer, Size, Format, Arguments), Size).
vscnprintf(Buffer, Size, Format, List) -> fitted(vsnprintf(Buffer, Size, Format, List), Size).
sprintf(Buffer, Format, Arguments) -> into(Buffer, 1 bsl 31, format(Format, Arguments)).
vsprintf(Buffer, Format, List) -> into(Buffer, 1 bsl 31, format(Format, {list, List})).
sysfs_emit(Buffer, Format, Arguments) -> scnprintf(Buffer, ?PAGE, Format, Arguments).
sysfs_emit_at(Buffer, At, Format, Arguments) ->
    scnprintf(Buffer + At, ?PAGE - At, Format, Arguments).
kasprintf(_Flags, Format, Arguments) -> allocated(format(Format, Arguments)).
kvasprintf(_Flags, Format, List) -> allocated(format(Format, {list, List})).

allocated(Text) ->
    case vbeam_ko_memory:allocate(byte_size(Text) + 1) of
        0 -> 0;
        Address -> vbeam_ko_memory:write(Address, [Text, 0]), Address
    end.

%% How long the text is, whatever fits.
into(_Buffer, 0, Text) ->
    byte_size(Text);
into(Buffer, Size, Text) ->
    Kept = min(Size - 1, byte_size(Text)),
    vbeam_ko_memory:write(Buffer, [binary_part(Text, 0, Kept), 0]),
    byte_size(Text).

fitted(Length, Size) when Length >= Size -> max(0, Size - 1);
fitted(Length, _Size) -> Length.

%% --- strings ---------------------------------------------------------------------------------

string(Address) -> vbeam_ko_memory:string(Address).

%% At most so many bytes; what lies behind is not touched.
bounded(Address, Max) -> bounded(Address, Max, []).
bounded(_Address, 0, Done) ->
    iolist_to_binary(lists:reverse(Done));
bounded(Address, Max, Done) ->
    Count = min(Max, ?PAGE - Address rem ?PAGE),
    case binary:split(vbeam_ko_memory:read(Address, Count), <<0>>) of
        [Text, _] -> iolist_to_binary(lists:reverse(Done, [Text]));
        [Text] -> bounded(Address + Count, Max - Count, [Text | Done])
    end.

%% -E2BIG when it was cut.
strscpy(_To, _From, 0) ->
    -7;
strscpy(To, From, Size) ->
    Text = bounded(From, Size),
    case byte_size(Text) < Size of
        true -> vbeam_ko_memory:write(To, [Text, 0]), byte_size(Text);
        false -> vbeam_ko_memory:write(To, [binary_part(Text, 0, Size - 1), 0]), -7
    end.
strscpy_pad(To, From, Size) ->
    case strscpy(To, From, Size) of
        Length when Length >= 0 ->
            vbeam_ko_memory:write(To + Length, <<0:(Size - Length)/unit:8>>),
            Length;
        Error ->
            Error
    end.
strlcpy(To, From, Size) -> into(To, Size, string(From)).
strlcat(To, From, Size) ->
    Old = bounded(To, Size),
    Text = string(From),
    _ = into(To + byte_size(Old), Size - byte_size(Old), Text),
    byte_size(Old) + byte_size(Text).
strncpy(To, From, Size) ->
    Text = bounded(From, Size),
    vbeam_ko_memory:write(To, [Text, <<0:(Size - byte_size(Text))/unit:8>>]),
    To.
strcat(To, From) ->
    vbeam_ko_memory:write(To + byte_size(string(To)), [string(From), 0]),
    To.
strncat(To, From, Count) ->
    vbeam_ko_memory:write(To + byte_size(string(To)), [bounded(From, Count), 0]),
    To.

found(_Address, nomatch) -> 0;
found(Address, {At, _}) -> Address + At.

strrchr(Address, Character) ->
    Text = <<(string(Address))/binary, 0>>,
    case binary:matches(Text, <<Character:8>>) of
        [] -> 0;
        Found -> found(Address, lists:last(Found))
    end.
strnchr(Address, Count, Character) ->
    found(Address, binary:match(bounded(Address, Count), <<Character:8>>)).
strstr(Address, Wanted) -> part(Address, string(Address), string(Wanted)).
strnstr(Address, Wanted, Count) -> part(Address, bounded(Address, Count), string(Wanted)).

part(Address, _Text, <<>>) -> Address;
part(Address, Text, Wanted) -> found(Address, binary:match(Text, Wanted)).

memchr(Address, Character, Bytes) ->
    found(Address, binary:match(vbeam_ko_memory:read(Address, Bytes), <<Character:8>>)).
memscan(Address, Character, Bytes) ->
    case memchr(Address, Character, Bytes) of 0 -> Address + Bytes; Found -> Found end.
memchr_inv(Address, Character, Bytes) ->
    Data = vbeam_ko_memory:read(Address, Bytes),
    Value = Character band 255,
    Same = length(lists:takewhile(fun(B) -> B =:= Value end, binary_to_list(Data))),
    case Same of Bytes -> 0; _ -> Address + Same end.

strsep(Place, Separators) ->
    case vbeam_ko_memory:read_u64(Place) of
        0 ->
            0;
        Text ->
            At = span(string(Text), string(Separators), false),
            case At =:= byte_size(string(Text)) of
                true -> vbeam_ko_memory:write_u64(Place, 0);
                false ->
                    vbeam_ko_memory:write_u8(Text + At, 0),
                    vbeam_ko_memory:write_u64(Place, Text + At + 1)
            end,
            Text
    end.

%% How many characters from the start are, or are not, in a set.
span(Text, Set, Wanted) ->
    Members = binary_to_list(Set),
    length(lists:takewhile(fun(C) -> lists:member(C, Members) =:= Wanted end,
        binary_to_list(Text))).

strspn(Address, Set) -> span(string(Address), string(Set), true).
strcspn(Address, Set) -> span(string(Address), string(Set), false).
strpbrk(Address, Set) ->
    Text = string(Address),
    case span(Text, string(Set), false) of
        Length when Length =:= byte_size(Text) -> 0;
        Length -> Address + Length
    end.
skip_spaces(Address) -> Address + span(string(Address), <<" \t\n\v\f\r">>, true).
strim(Address) ->
    Text = string(Address),
    Reversed = list_to_binary(lists:reverse(binary_to_list(Text))),
    Trailing = span(Reversed, <<" \t\n\v\f\r">>, true),
    vbeam_ko_memory:write_u8(Address + byte_size(Text) - Trailing, 0),
    skip_spaces(Address).
strreplace(Address, Old, New) ->
    Text = string(Address),
    Changed = << <<(case C =:= Old of true -> New; false -> C end):8>> || <<C>> <= Text >>,
    vbeam_ko_memory:write(Address, Changed),
    Address + byte_size(Text).

strcasecmp(A, B) -> compared(string:lowercase(string(A)), string:lowercase(string(B))).
strncasecmp(A, B, Count) ->
    compared(string:lowercase(bounded(A, Count)), string:lowercase(bounded(B, Count))).
compared(A, A) -> 0;
compared(A, B) when A < B -> -1;
compared(_, _) -> 1.

%% Equal but for a newline at the end.
sysfs_streq(A, B) -> without_newline(string(A)) =:= without_newline(string(B)).
without_newline(Text) ->
    case Text =/= <<>> andalso binary:last(Text) =:= $\n of
        true -> binary_part(Text, 0, byte_size(Text) - 1);
        false -> Text
    end.
match_string(Array, Count, Wanted) -> match_string(Array, Count, string(Wanted), 0).
match_string(_Array, Count, _Wanted, Count) -> -?EINVAL;
match_string(Array, Count, Wanted, At) ->
    case vbeam_ko_memory:read_u64(Array + 8 * At) of
        0 -> -?EINVAL;
        Text -> case string(Text) of Wanted -> At;
            _ -> match_string(Array, Count, Wanted, At + 1) end
    end.

%% --- numbers ---------------------------------------------------------------------------------

kstrtoint(Text, Base, To) -> parsed(Text, Base, To, 32, signed).
kstrtouint(Text, Base, To) -> parsed(Text, Base, To, 32, unsigned).
kstrtoull(Text, Base, To) -> parsed(Text, Base, To, 64, unsigned).
kstrtoll(Text, Base, To) -> parsed(Text, Base, To, 64, signed).
kstrtou16(Text, Base, To) -> parsed(Text, Base, To, 16, unsigned).
kstrtos16(Text, Base, To) -> parsed(Text, Base, To, 16, signed).
kstrtou8(Text, Base, To) -> parsed(Text, Base, To, 8, unsigned).
kstrtos8(Text, Base, To) -> parsed(Text, Base, To, 8, signed).

parsed(Text, Base, To, Bits, Kind) ->
    case number_of(without_newline(string(Text)), Base, Kind) of
        {ok, Value} ->
            {Least, Most} = case Kind of
                signed -> {-(1 bsl (Bits - 1)), (1 bsl (Bits - 1)) - 1};
                unsigned -> {0, (1 bsl Bits) - 1}
            end,
            case Value >= Least andalso Value =< Most of
                true -> vbeam_ko_memory:write(To, <<Value:Bits/little>>), 0;
                false -> -?ERANGE
            end;
        error ->
            -?EINVAL
    end.

number_of(<<"-", Digits/binary>>, Base, signed) ->
    case digits(Digits, Base) of {ok, Value, <<>>} -> {ok, -Value}; _ -> error end;
number_of(<<"+", Digits/binary>>, Base, _Kind) ->
    case digits(Digits, Base) of {ok, Value, <<>>} -> {ok, Value}; _ -> error end;
number_of(Digits, Base, _Kind) ->
    case digits(Digits, Base) of {ok, Value, <<>>} -> {ok, Value}; _ -> error end.

%% Base 0 is what the text begins with.
digits(<<"0", X, Rest/binary>>, Base) when X =:= $x orelse X =:= $X,
    Base =:= 0 orelse Base =:= 16 ->
    digits(Rest, 16, 0, 0);
digits(<<"0", Rest/binary>>, 0) -> digits(<<"0", Rest/binary>>, 8, 0, 0);
digits(Text, 0) -> digits(Text, 10, 0, 0);
digits(Text, Base) -> digits(Text, Base, 0, 0).

digits(<<C, Rest/binary>> = Text, Base, Value, Count) ->
    case digit(C) of
        Digit when Digit < Base -> digits(Rest, Base, Value * Base + Digit, Count + 1);
        _ -> counted(Value, Text, Count)
    end;
digits(<<>>, _Base, Value, Count) ->
    counted(Value, <<>>, Count).

counted(_Value, _Text, 0) -> error;
counted(Value, Text, _Count) -> {ok, Value, Text}.

digit(C) when C >= $0, C =< $9 -> C - $0;
digit(C) when C >= $a, C =< $z -> C - $a + 10;
digit(C) when C >= $A, C =< $Z -> C - $A + 10;
digit(_) -> 99.

simple_strtoul(Text, End, Base) -> simple(Text, End, Base).
simple_strtoull(Text, End, Base) -> simple(Text, End, Base).
simple_strtol(Text, End, Base) ->
    case string(Text) of
        <<"-", _/binary>> -> -simple(Text + 1, End, Base);
        _ -> simple(Text, End, Base)
    end.

simple(Address, End, Base) ->
    Text = string(Address),
    {Value, Left} = case digits(Text, Base) of
        {ok, Number, Rest} -> {Number, byte_size(Rest)};
        error -> {0, byte_size(Text)}
    end,
    _ = End =:= 0 orelse vbeam_ko_memory:write_u64(End, Address + byte_size(Text) - Left),
    Value band 16#ffffffffffffffff.

kstrtobool(0, _To) ->
    -?EINVAL;
kstrtobool(Text, To) ->
    Value = case string(Text) of
        <<C, _/binary>> when C =:= $y; C =:= $Y; C =:= $1; C =:= $t; C =:= $T -> 1;
        <<C, _/binary>> when C =:= $n; C =:= $N; C =:= $0; C =:= $f; C =:= $F -> 0;
        <<O, N, _/binary>> when O =:= $o orelse O =:= $O, N =:= $n orelse N =:= $N -> 1;
        <<O, F, _/binary>> when O =:= $o orelse O =:= $O, F =:= $f orelse F =:= $F -> 0;
        _ -> error
    end,
    case Value of
        error -> -?EINVAL;
        _ -> vbeam_ko_memory:write_u8(To, Value), 0
    end.

hex_to_bin(C) ->
    case digit(C band 255) of Digit when Digit < 16 -> Digit; _ -> -1 end.
hex2bin(To, From, Bytes) ->
    Text = vbeam_ko_memory:read(From, 2 * Bytes),
    Digits = [digit(C) || <<C>> <= Text],
    case lists:all(fun(D) -> D < 16 end, Digits) of
        true -> vbeam_ko_memory:write(To, << <<D:4>> || D <- Digits >>), 0;
        false -> -?EINVAL
    end.
bin2hex(To, From, Bytes) ->
    Text = [io_lib:format("~2.16.0b", [B]) || <<B>> <= vbeam_ko_memory:read(From, Bytes)],
    vbeam_ko_memory:write(To, Text),
    To + 2 * Bytes.
hex_dump_to_buffer(From, Bytes, _Row, _Group, To, Size, _Ascii) ->
    Data = vbeam_ko_memory:read(From, min(Bytes, 32)),
    Text = lists:join(" ", [io_lib:format("~2.16.0b", [B]) || <<B>> <= Data]),
    into(To, Size, iolist_to_binary(Text)).
