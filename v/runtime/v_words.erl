%% The less common methods of V strings; v_string has the others.
-module(v_words).

-export([
    replace_each/2, format/2, replace_char/4, expand_tabs/2, u8_array/1, rsplit_any/2, rsplit/2,
    rsplit_nth/3, rsplit_once/2, substr_or/4, substr_checked/3, index/2, index_from/3,
    last_index_u8/2
]).
-export([
    contains_u8/2, contains_only/2, contains_any_substr/2, starts_with_capital/1, is_title/1,
    trim_indexes/2, is_oct/1, is_bin/1, after_char/2, strip_margin/1, strip_margin/2, match_glob/2,
    is_identifier/1, camel_to_snake/1, snake_to_camel/1, wrap/3, hex/1
]).
-export([
    graphemes/1, escaped_byte/1, char_length/1, visible_length/1, rune_upper/1, rune_title/1,
    rune_lower/1
]).

%% --- replacing -----------------------------------------------------------------------------------

%% `[from, to, from, to …]`: an earlier pair wins where two would replace the same bytes.
replace_each(S, Pairs) ->
    case v_array:len(Pairs) rem 2 of
        1 ->
            v_rt:eprintln(<<"string.replace_each(): odd number of strings">>),
            S;
        0 ->
            each(pairs(v_array:to_list(Pairs)), [{text, S}])
    end.

pairs([From, To | Rest]) -> [{From, To} | pairs(Rest)];
pairs([]) -> [].

each([], Pieces) -> iolist_to_binary([Text || {_, Text} <- Pieces]);
each([{<<>>, _} | Rest], Pieces) -> each(Rest, Pieces);
each([{From, To} | Rest], Pieces) -> each(Rest, lists:flatmap(split_piece(From, To), Pieces)).

split_piece(From, To) ->
    fun
        ({text, Text}) ->
            Parts = [{text, P} || P <- binary:split(Text, From, [global])],
            lists:join({done, To}, Parts);
        (Done) ->
            [Done]
    end.

%% `'{0} of {1}'.format(a, b)`; a number without an argument stays as it is.
format(S, Args) -> iolist_to_binary(fill(S, v_array:to_list(Args))).

fill(<<"{{", Rest/binary>>, Args) -> [${ | fill(Rest, Args)];
fill(<<"}}", Rest/binary>>, Args) -> [$} | fill(Rest, Args)];
fill(<<"{", Rest/binary>>, Args) ->
    case re:run(Rest, <<"^(\\d{1,9})\\}">>, [{capture, all_but_first, binary}]) of
        {match, [Digits]} ->
            Size = byte_size(Digits) + 1,
            <<_:Size/binary, After/binary>> = Rest,
            Index = binary_to_integer(Digits),
            case Index < length(Args) of
                true -> [lists:nth(Index + 1, Args) | fill(After, Args)];
                false -> [${, Digits, $} | fill(After, Args)]
            end;
        nomatch ->
            [${ | fill(Rest, Args)]
    end;
fill(<<C, Rest/binary>>, Args) -> [C | fill(Rest, Args)];
fill(<<>>, _) -> [].

replace_char(_, _, _, Count) when Count =< 0 ->
    v_rt:panic(<<"string.replace_char(): tab length too short">>);
replace_char(S, From, To, Count) ->
    binary:replace(S, <<From>>, binary:copy(<<To>>, Count), [global]).

%% Tab stops are every N characters of a line.
expand_tabs(S, N) when N =< 0 -> S;
expand_tabs(S, N) -> iolist_to_binary(tabs(v_array:to_list(v_string:runes(S)), N, 0)).

tabs([], _, _) ->
    [];
tabs([$\t | Rest], N, Column) ->
    Spaces = N - Column rem N,
    [binary:copy(<<" ">>, Spaces) | tabs(Rest, N, Column + Spaces)];
tabs([C | Rest], N, _) when C =:= $\n; C =:= $\r ->
    [C | tabs(Rest, N, 0)];
tabs([C | Rest], N, Column) ->
    [v_string:from_rune(C) | tabs(Rest, N, Column + 1)].

%% --- splitting -----------------------------------------------------------------------------------

rsplit_any(S, <<>>) ->
    rsplit(S, <<>>);
rsplit_any(S, Chars) ->
    Parts = lists:reverse(binary:split(S, [<<C>> || <<C>> <= Chars], [global])),
    v_array:from_list(drop_last_empty(Parts)).

drop_last_empty(Parts) ->
    case lists:last(Parts) of
        <<>> -> lists:droplast(Parts);
        _ -> Parts
    end.

rsplit(S, Separator) -> rsplit_nth(S, Separator, 0).

rsplit_nth(S, Separator, N) ->
    v_array:from_list(lists:reverse(from_right(S, Separator, N, 0, byte_size(S), []))).

%% Pieces from the right, at most N of them when N is positive.
from_right(S, <<>>, N, Count, End, Pieces) when End > 0 ->
    case N > 0 andalso Count =:= N - 1 of
        true ->
            [binary:part(S, 0, End) | Pieces];
        false ->
            Piece = binary:part(S, End - 1, 1),
            from_right(S, <<>>, N, Count + 1, End - 1, [Piece | Pieces])
    end;
from_right(_, <<>>, _, _, _, Pieces) ->
    Pieces;
from_right(S, Separator, N, Count, End, Pieces) ->
    Head = binary:part(S, 0, End),
    Found = v_string:last_index(Head, Separator),
    case Found of
        {some, I} when N < 1; Count < N - 1 ->
            Start = I + byte_size(Separator),
            Piece = binary:part(S, Start, End - Start),
            from_right(S, Separator, N, Count + 1, I, [Piece | Pieces]);
        _ ->
            [Head | Pieces]
    end.

rsplit_once(S, Separator) ->
    case v_string:last_index(S, Separator) of
        {some, I} ->
            Start = I + byte_size(Separator),
            {some, {binary:part(S, 0, I), binary:part(S, Start, byte_size(S) - Start)}};
        none ->
            none
    end.

substr_or(S, From, To, _) when From >= 0, From =< To, To =< byte_size(S) ->
    binary:part(S, From, To - From);
substr_or(_, _, _, Fallback) ->
    Fallback.

substr_checked(S, From, To) when From >= 0, From =< To, To =< byte_size(S) ->
    {ok, binary:part(S, From, To - From)};
substr_checked(S, From, To) ->
    Format = "substr(~b, ~b) out of bounds (len=~b) s=",
    Text = iolist_to_binary([io_lib:format(Format, [From, To, byte_size(S)]), S]),
    {err, {'MessageError', {'MessageError', Text, 0}}}.

%% --- searching -----------------------------------------------------------------------------------

index(S, Part) -> plain(v_string:index(S, Part)).
index_from(S, Part, From) -> plain(v_string:index_after(S, Part, From)).
last_index_u8(S, C) -> plain(v_string:last_index(S, <<C>>)).

plain({some, I}) -> I;
plain(none) -> -1.

contains_u8(S, C) -> v_string:index_u8(S, C) >= 0.

contains_only(S, Chars) ->
    Set = binary_to_list(Chars),
    Set =/= [] andalso lists:all(fun(C) -> lists:member(C, Set) end, binary_to_list(S)).

contains_any_substr(S, Parts) ->
    List = v_array:to_list(Parts),
    List =:= [] orelse lists:any(fun(P) -> v_string:contains(S, P) end, List).

starts_with_capital(<<C, _/binary>>) -> v_string:byte_is_upper(C);
starts_with_capital(<<>>) -> false.

is_title(S) -> lists:all(fun v_string:is_capital/1, binary:split(S, <<" ">>, [global])).

%% Where the text without the cut characters begins and ends.
trim_indexes(S, Chars) ->
    Left = byte_size(S) - byte_size(v_string:trim_left(S, Chars)),
    case Left =:= byte_size(S) of
        true -> {0, 0};
        false -> {Left, byte_size(v_string:trim_right(S, Chars))}
    end.

is_oct(S) -> re:run(S, <<"^[-+]?0o[0-7]+$">>, [dollar_endonly]) =/= nomatch.
is_bin(S) -> re:run(S, <<"^[-+]?0b[01]+$">>, [dollar_endonly]) =/= nomatch.
is_identifier(S) -> re:run(S, <<"^[A-Za-z_][A-Za-z0-9_]*$">>, [dollar_endonly]) =/= nomatch.

after_char(S, C) -> v_string:all_after_first(S, <<C>>).

%% `?` is one byte, `*` any number of them, `[ab]` one of a set and `[^ab]` none of it.
match_glob(Name, Pattern) -> glob(Name, Pattern, none).

%% Retry is where to go on when the last `*` has to take one byte more.
glob(<<>>, <<>>, _) ->
    true;
glob(Name, <<"*", Pattern/binary>>, _) ->
    glob(Name, Pattern, {Name, Pattern});
glob(<<_, Name/binary>>, <<"?", Pattern/binary>>, Retry) ->
    glob(Name, Pattern, Retry);
glob(<<C, Name/binary>> = All, <<"[", Set/binary>>, Retry) ->
    case in_set(C, Set) of
        {true, Pattern} -> glob(Name, Pattern, Retry);
        false -> again(All, Retry)
    end;
glob(<<C, Name/binary>>, <<C, Pattern/binary>>, Retry) when C =/= $? ->
    glob(Name, Pattern, Retry);
glob(Name, _, Retry) ->
    again(Name, Retry).

again(_, {<<_, Name/binary>>, Pattern}) -> glob(Name, Pattern, {Name, Pattern});
again(_, _) -> false.

in_set(C, <<"^", Set/binary>>) -> in_set(C, Set, false);
in_set(C, Set) -> in_set(C, Set, true).

in_set(C, Set, Wanted) ->
    case binary:split(Set, <<"]">>) of
        [Members, Pattern] ->
            case (binary:match(Members, <<C>>) =/= nomatch) =:= Wanted of
                true -> {true, Pattern};
                false -> false
            end;
        _ ->
            false
    end.

%% --- u8 arrays and layout ------------------------------------------------------------------------

%% The bytes of a number written in hexadecimal or binary.
u8_array(S) ->
    Text = v_string:ascii_lower(v_string:replace(S, <<"_">>, <<>>)),
    case Text of
        <<"0x", Digits/binary>> -> number_bytes(Digits, 16, 2);
        <<"0b", Digits/binary>> -> number_bytes(Digits, 2, 8);
        _ -> v_array:new()
    end.

number_bytes(<<>>, _, _) ->
    v_array:new();
number_bytes(Digits, Base, PerByte) ->
    Count = (byte_size(Digits) + PerByte - 1) div PerByte,
    try binary_to_integer(<<"0", Digits/binary>>, Base) of
        N -> v_string:bytes(<<N:(Count * 8)>>)
    catch
        error:badarg -> v_array:new()
    end.

%% Each line but the first loses everything up to and with the delimiter.
strip_margin(S) -> margin(S, $|, []).

strip_margin(S, Delimiter) ->
    case v_string:byte_is_space(Delimiter) of
        true ->
            v_rt:println(<<"Warning: `strip_margin` cannot use white-space as a delimiter">>),
            v_rt:println(<<"    Defaulting to `|`">>),
            margin(S, $|, []);
        false ->
            margin(S, Delimiter, [])
    end.

margin(<<"\r\n", Rest/binary>>, D, Out) -> margin(past(Rest, D), D, ["\r\n" | Out]);
margin(<<C, Rest/binary>>, D, Out) when C =:= $\n; C =:= $\r -> margin(past(Rest, D), D, [C | Out]);
margin(<<C, Rest/binary>>, D, Out) -> margin(Rest, D, [C | Out]);
margin(<<>>, _, Out) -> iolist_to_binary(lists:reverse(Out)).

past(S, Delimiter) ->
    case binary:split(S, <<Delimiter>>) of
        [_, Rest] -> Rest;
        _ -> <<>>
    end.

wrap(_, Width, _) when Width =< 0 -> <<>>;
wrap(S, Width, End) ->
    case v_array:to_list(v_string:fields(S)) of
        [] -> <<>>;
        [First | Rest] -> iolist_to_binary([First | lines(Rest, Width, End, Width - byte_size(First))])
    end.

lines([], _, _, _) ->
    [];
lines([Word | Rest], Width, End, Left) when byte_size(Word) + 1 > Left ->
    [End, Word | lines(Rest, Width, End, Width - byte_size(Word))];
lines([Word | Rest], Width, End, Left) ->
    [$\s, Word | lines(Rest, Width, End, Left - 1 - byte_size(Word))].

hex(S) -> v_array:hex(v_string:bytes(S)).

snake_to_camel(S) when byte_size(S) < 2 -> S;
snake_to_camel(S) ->
    Words = binary:split(S, <<"_">>, [global]),
    iolist_to_binary([v_string:capitalize(W) || W <- Words]).

%% A boundary stands before a capital after a small letter, before the last capital of a run that
%% begins a word, and after a run of capitals.
camel_to_snake(S) when byte_size(S) < 2 -> v_string:ascii_lower(S);
camel_to_snake(<<A, B, Rest/binary>> = S) ->
    Upper = fun v_string:byte_is_upper/1,
    Third = case Rest of <<C, _/binary>> -> C; _ -> none end,
    Splits = not Upper(A) andalso Upper(B) andalso A =/= $_ andalso Third =/= none andalso
        not Upper(Third),
    Start =
        case Splits of
            true -> [v_string:byte_lower(B), $_, v_string:byte_lower(A)];
            false -> [v_string:byte_lower(B), v_string:byte_lower(A)]
        end,
    snake(S, 2, Upper(B), false, Start).

snake(S, I, _, _, Out) when I >= byte_size(S) ->
    list_to_binary(lists:reverse(Out));
snake(S, I, BeforeUpper, Inserted, Out) ->
    C = binary:at(S, I),
    Upper = v_string:byte_is_upper(C),
    RunBefore = BeforeUpper andalso v_string:byte_is_upper(binary:at(S, I - 2)),
    Next = small_at(S, I + 1),
    Digit = v_string:byte_is_digit(C) andalso BeforeUpper andalso not Next andalso
        small_at(S, I + 2),
    LastOfRun = Upper andalso RunBefore andalso Next,
    Starts = Upper andalso not BeforeUpper,
    AfterRun = not Upper andalso RunBefore andalso not Inserted andalso not Digit,
    Bounded =
        case (LastOfRun orelse Starts orelse AfterRun) andalso C =/= $_ andalso hd(Out) =/= $_ of
            true -> [$_ | Out];
            false -> Out
        end,
    snake(S, I + 1, Upper, LastOfRun, [v_string:byte_lower(C) | Bounded]).

small_at(S, I) ->
    I < byte_size(S) andalso v_string:byte_is_letter(binary:at(S, I)) andalso
        not v_string:byte_is_upper(binary:at(S, I)).

%% --- runes and bytes -----------------------------------------------------------------------------

escaped_byte(B) ->
    case lists:keyfind(B, 1, escapes()) of
        {_, Text} -> Text;
        false when B >= 32, B =< 126 -> <<B>>;
        false -> iolist_to_binary(io_lib:format("0x~2.16.0b", [B]))
    end.

escapes() ->
    [
        {0, <<"`\\0`">>}, {7, <<"`\\a`">>}, {8, <<"`\\b`">>}, {9, <<"`\\t`">>}, {10, <<"`\\n`">>},
        {11, <<"`\\v`">>}, {12, <<"`\\f`">>}, {13, <<"`\\r`">>}, {27, <<"`\\e`">>}
    ].

%% The characters as a reader counts them.
graphemes(S) ->
    Clusters = string:to_graphemes(v_array:to_list(v_string:runes(S))),
    v_array:from_list([cluster(C) || C <- Clusters]).

cluster(C) when is_integer(C) -> v_string:from_rune(C);
cluster(Cs) -> iolist_to_binary([v_string:from_rune(C) || C <- Cs]).

%% Bytes of the character that this byte begins.
char_length(B) when B >= 16#f0 -> 4;
char_length(B) when B >= 16#e0 -> 3;
char_length(B) when B >= 16#c0 -> 2;
char_length(_) -> 1.

%% Columns a text takes on a terminal.
visible_length(S) ->
    lists:sum([width(C) || C <- v_array:to_list(v_string:runes(S))]).

width(C) when C >= 16#300, C =< 16#36f -> 0;
width(C) when C >= 16#1100, C =< 16#115f; C >= 16#2e80, C =< 16#a4cf -> 2;
width(C) when C >= 16#ac00, C =< 16#d7a3; C >= 16#f900, C =< 16#faff -> 2;
width(C) when C >= 16#fe30, C =< 16#fe6f; C >= 16#ff00, C =< 16#ff60 -> 2;
width(C) when C >= 16#1f300, C =< 16#1faff; C >= 16#20000, C =< 16#3fffd -> 2;
width(_) -> 1.

rune_upper(R) -> one_rune(string:uppercase([R]), R).
rune_title(R) -> one_rune(string:titlecase([R]), R).
rune_lower(R) -> one_rune(string:lowercase([R]), R).

one_rune([C], _) when is_integer(C) -> C;
one_rune(_, R) -> R.
