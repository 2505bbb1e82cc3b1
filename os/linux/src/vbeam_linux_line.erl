%% The line discipline of terminals, termios(3): what becomes of bytes that are typed (lines that
%% are edited, echo, signals, stop and go) and of bytes that programs write. Values only; the
%% process that has one is vbeam_linux_terminal.
-module(vbeam_linux_line).
-include("vbeam_linux_termios.hrl").
-export([new/0, new/1, termios/1, set_termios/2, input/2, output/2, end_of_input/1]).
-export([read/2, available/1, flush_input/1, encode/1, decode/1, encode2/1, decode2/1]).
-export([local/2, character/2, is_stopped/1, set_stopped/2, generation/1]).
-export_type([line/0, signal/0]).

-type signal() :: interrupt | quit | suspend.

%% Bytes that a line may have, the newline among them.
-define(LINE_MOST, 4096).

-record(line, {
    termios = #termios{},
    %% What may be read, oldest first: lines while lines are read (an empty one is an end of file),
    %% else pieces. Those behind, newest first.
    ready = [] :: [binary()],
    behind = [] :: [binary()],
    %% The line that is typed, newest byte first, and its length.
    typed = [] :: [byte()],
    length = 0 :: non_neg_integer(),
    %% The next byte is taken as it is (VLNEXT).
    literal = false :: boolean(),
    stopped = false :: boolean(),
    %% Column of the cursor, and where the line that is typed began.
    column = 0 :: non_neg_integer(),
    begun = 0 :: non_neg_integer(),
    %% Grows with all that becomes ready.
    generation = 0 :: non_neg_integer()
}).
-opaque line() :: #line{}.

-spec new() -> line().
new() -> #line{}.

-spec new(utf8) -> line().
new(utf8) ->
    Termios = #termios{input = Flags} = #termios{},
    #line{termios = Termios#termios{input = Flags bor ?IUTF8}}.

-spec termios(line()) -> #termios{}.
termios(#line{termios = Termios}) -> Termios.

-spec generation(line()) -> term().
generation(#line{generation = Generation}) -> Generation.

%% Without lines, what was typed so far may be read at once.
-spec set_termios(#termios{}, line()) -> line().
set_termios(Termios, #line{} = Line) ->
    Next = Line#line{termios = Termios},
    case is_lines(Next) of
        true -> Next;
        false -> started(typed_ready(<<>>, Next))
    end.

%% Without IXON nothing stops output.
started(#line{termios = #termios{input = Input}} = Line) when Input band ?IXON =:= 0 ->
    Line#line{stopped = false};
started(Line) ->
    Line.

-spec is_stopped(line()) -> boolean().
is_stopped(#line{stopped = Stopped}) -> Stopped.

-spec set_stopped(boolean(), line()) -> line().
set_stopped(Stopped, Line) -> Line#line{stopped = Stopped}.

-spec local(non_neg_integer(), line()) -> boolean().
local(Flag, #line{termios = #termios{local = Local}}) -> Local band Flag =/= 0.

input_flag(Flag, #line{termios = #termios{input = Input}}) -> Input band Flag =/= 0.

-spec character(non_neg_integer(), line()) -> byte().
character(Index, #line{termios = #termios{characters = Characters}}) ->
    binary:at(Characters, Index).

%% 0 stands for no character (_POSIX_VDISABLE).
is(Byte, Index, Line) -> Byte =/= 0 andalso Byte =:= character(Index, Line).

is_lines(Line) -> local(?ICANON, Line).

%% --- typing ------------------------------------------------------------------------------------

%% Bytes from the terminal: the echo, as it is to be shown, and signals in their order.
-spec input(binary(), line()) -> {iodata(), [signal()], line()}.
input(Bytes, Line) -> input(Bytes, [], [], Line).

input(<<>>, Echo, Signals, Line) ->
    {lists:reverse(Echo), lists:reverse(Signals), Line};
input(<<Byte, Rest/binary>>, Echo, Signals, Line) ->
    case key(Byte, Line) of
        {signal, Signal, Shown, Next} ->
            input(Rest, [Shown | Echo], [Signal | Signals], Next);
        {Shown, Next} ->
            input(Rest, [Shown | Echo], Signals, Next)
    end.

key(Byte, #line{literal = true} = Line) ->
    plain(Byte, Line#line{literal = false});
key(Byte, Line) ->
    case mapped(Byte, Line) of
        ignored -> {[], Line};
        Mapped -> flow(Mapped, Line)
    end.

mapped(Byte, Line) ->
    Stripped = case input_flag(?ISTRIP, Line) of true -> Byte band 127; false -> Byte end,
    case Stripped of
        $\r ->
            case {input_flag(?IGNCR, Line), input_flag(?ICRNL, Line)} of
                {true, _} -> ignored;
                {_, true} -> $\n;
                _ -> $\r
            end;
        $\n ->
            case input_flag(?INLCR, Line) of true -> $\r; false -> $\n end;
        Upper when Upper >= $A, Upper =< $Z ->
            case input_flag(?IUCLC, Line) andalso local(?IEXTEN, Line) of
                true -> Upper + 32;
                false -> Upper
            end;
        Other ->
            Other
    end.

flow(Byte, Line) ->
    case input_flag(?IXON, Line) of
        true ->
            Start = is(Byte, ?VSTART, Line),
            Stop = is(Byte, ?VSTOP, Line),
            case {Start, Stop} of
                {true, _} ->
                    {[], Line#line{stopped = false}};
                {_, true} ->
                    {[], Line#line{stopped = true}};
                _ ->
                    Any = input_flag(?IXANY, Line) andalso Line#line.stopped,
                    signals(Byte, case Any of true -> Line#line{stopped = false}; _ -> Line end)
            end;
        false ->
            signals(Byte, Line)
    end.

signals(Byte, Line) ->
    Kinds = [{?VINTR, interrupt}, {?VQUIT, quit}, {?VSUSP, suspend}],
    case local(?ISIG, Line) andalso [Signal || {Index, Signal} <- Kinds, is(Byte, Index, Line)] of
        [Signal | _] ->
            Flushed =
                case local(?NOFLSH, Line) of
                    true -> Line;
                    false -> flush_input(Line)
                end,
            {Echo, Next} = shown(Byte, Flushed#line{stopped = false}),
            {signal, Signal, Echo, Next};
        _ ->
            case is_lines(Line) of
                true -> edited(Byte, Line);
                false -> plain(Byte, Line)
            end
    end.

edited(Byte, Line) ->
    Extended = local(?IEXTEN, Line),
    Keys = [
        {?VERASE, erase, true}, {?VKILL, kill, true}, {?VEOF, eof, true},
        {?VWERASE, word, Extended}, {?VREPRINT, reprint, Extended}, {?VLNEXT, literal, Extended},
        {?VEOL, eol, true}, {?VEOL2, eol, Extended}
    ],
    case [Key || {Index, Key, true} <- Keys, is(Byte, Index, Line)] of
        [Key | _] -> edit(Key, Byte, Line);
        [] when Byte =:= $\n -> edit(eol, Byte, Line);
        [] -> plain(Byte, Line)
    end.

edit(erase, _, #line{typed = []} = Line) ->
    {[], Line};
edit(erase, _, Line) ->
    erased(character_bytes(Line), Line);
edit(kill, Byte, Line) ->
    case local(?ECHOK, Line) andalso local(?ECHOKE, Line) andalso local(?ECHOE, Line) of
        true ->
            erased(Line#line.length, Line);
        false ->
            {Echo, Next} = shown(Byte, Line#line{typed = [], length = 0}),
            case local(?ECHO, Line) andalso local(?ECHOK, Line) of
                true -> also(Echo, written($\n, Next));
                false -> {Echo, Next}
            end
    end;
edit(word, _, Line) ->
    erased(word_bytes(Line), Line);
edit(eof, _, Line) ->
    {[], typed_ready(<<>>, Line, true)};
edit(reprint, Byte, #line{typed = Typed} = Line) ->
    {Echo, Next} = shown(Byte, Line),
    {End, Fresh} = also(Echo, written($\n, Next)),
    Begun = Fresh#line{begun = Fresh#line.column},
    lists:foldl(fun(Each, {Sofar, Now}) -> also(Sofar, shown(Each, Now)) end, {End, Begun},
        lists:reverse(Typed));
edit(literal, _, Line) ->
    Next = Line#line{literal = true},
    case local(?ECHO, Line) andalso local(?ECHOCTL, Line) of
        true -> {<<"^\b">>, Next};
        false -> {[], Next}
    end;
edit(eol, Byte, Line) ->
    {Echo, Next} =
        case local(?ECHO, Line) orelse (Byte =:= $\n andalso local(?ECHONL, Line)) of
            true when Byte =:= $\n -> written($\n, Line);
            true -> shown(Byte, Line);
            false -> {[], Line}
        end,
    {Echo, typed_ready(<<Byte>>, Next, true)}.

%% A byte of the line, or of what is read without lines.
plain(Byte, Line) ->
    case is_lines(Line) of
        true when Line#line.length >= ?LINE_MOST - 1 ->
            {case input_flag(?IMAXBEL, Line) of true -> <<7>>; false -> [] end, Line};
        true ->
            #line{typed = Typed, length = Length, begun = Begun, column = Column} = Line,
            Start = case Typed of [] -> Column; _ -> Begun end,
            shown(Byte, Line#line{typed = [Byte | Typed], length = Length + 1, begun = Start});
        false ->
            case available(Line) >= ?LINE_MOST - 1 of
                true ->
                    {case input_flag(?IMAXBEL, Line) of true -> <<7>>; false -> [] end, Line};
                false ->
                    {Echo, Next} = shown(Byte, Line),
                    {Echo, typed_ready(<<Byte>>, Next, false)}
            end
    end.

%% --- echo --------------------------------------------------------------------------------------

shown(Byte, Line) ->
    case local(?ECHO, Line) of
        false ->
            case Byte =:= $\n andalso local(?ECHONL, Line) andalso is_lines(Line) of
                true -> written($\n, Line);
                false -> {[], Line}
            end;
        true when Byte =:= $\n; Byte =:= $\t ->
            written(Byte, Line);
        true when Byte < 32; Byte =:= 127 ->
            case local(?ECHOCTL, Line) of
                true ->
                    also([], written_all(<<$^, (Byte bxor 64)>>, Line));
                false ->
                    written(Byte, Line)
            end;
        true ->
            written(Byte, Line)
    end.

also(Echo, {More, Line}) -> {[Echo, More], Line}.

%% Bytes of the last character that was typed.
character_bytes(#line{typed = Typed} = Line) ->
    case input_flag(?IUTF8, Line) of
        true -> 1 + length(lists:takewhile(fun is_continuation/1, Typed));
        false -> 1
    end.

is_continuation(Byte) -> Byte band 16#c0 =:= 16#80.

word_bytes(#line{typed = Typed}) ->
    {Behind, Rest} = lists:splitwith(fun(Byte) -> not is_word(Byte) end, Typed),
    length(Behind) + length(lists:takewhile(fun is_word/1, Rest)).

is_word(Byte) ->
    (Byte >= $0 andalso Byte =< $9) orelse (Byte >= $A andalso Byte =< $Z) orelse
        (Byte >= $a andalso Byte =< $z) orelse Byte =:= $_ orelse Byte >= 128.

erased(Count, #line{typed = Typed, length = Length, column = Column} = Line) ->
    Left = lists:nthtail(min(Count, Length), Typed),
    Next = Line#line{typed = Left, length = length(Left)},
    case {local(?ECHO, Line), local(?ECHOE, Line)} of
        {false, _} ->
            {[], Next};
        {true, false} ->
            shown(character(?VERASE, Line), Next);
        {true, true} ->
            To = typed_column(lists:reverse(Left), Line#line.begun, Line),
            Back = max(0, Column - To),
            Gone = [[<<"\b \b">> || _ <- lists:seq(1, Back)]],
            {Gone, Next#line{column = To}}
    end.

%% The column behind what was typed.
typed_column(Bytes, From, Line) ->
    Control = local(?ECHOCTL, Line),
    Utf8 = input_flag(?IUTF8, Line),
    lists:foldl(
        fun
            ($\t, Column) -> (Column bor 7) + 1;
            (Byte, Column) when Byte < 32; Byte =:= 127 ->
                case Control of true -> Column + 2; false -> Column end;
            (Byte, Column) when Utf8, Byte band 16#c0 =:= 16#80 -> Column;
            (_, Column) -> Column + 1
        end,
        From,
        Bytes
    ).

%% --- output ------------------------------------------------------------------------------------

%% Bytes of programs as the terminal gets them.
-spec output(binary(), line()) -> {iodata(), line()}.
output(Bytes, #line{termios = #termios{output = Output}} = Line) when Output band ?OPOST =:= 0 ->
    {Bytes, Line};
output(Bytes, #line{termios = #termios{output = Output}} = Line) ->
    case Output band (?OLCUC bor ?OCRNL bor ?ONOCR bor ?ONLRET bor ?XTABS) of
        0 -> usual(Bytes, Output, Line);
        _ -> written_all(Bytes, Line)
    end.

%% Only newlines change.
usual(Bytes, Output, Line) ->
    Shown =
        case Output band ?ONLCR of
            0 -> Bytes;
            _ -> binary:replace(Bytes, <<"\n">>, <<"\r\n">>, [global])
        end,
    {Shown, Line#line{column = column(Bytes, Line)}}.

%% Of the last of the lines.
column(Bytes, #line{column = Column} = Line) ->
    case binary:matches(Bytes, [<<"\n">>, <<"\r">>]) of
        [] ->
            columns(Bytes, Column, Line);
        Found ->
            {At, 1} = lists:last(Found),
            columns(binary:part(Bytes, At + 1, byte_size(Bytes) - At - 1), 0, Line)
    end.

columns(Bytes, From, Line) ->
    Utf8 = input_flag(?IUTF8, Line),
    lists:foldl(
        fun
            ($\t, Column) -> (Column bor 7) + 1;
            ($\b, Column) -> max(0, Column - 1);
            (Byte, Column) when Byte < 32 -> Column;
            (Byte, Column) when Utf8, Byte band 16#c0 =:= 16#80 -> Column;
            (_, Column) -> Column + 1
        end,
        From,
        binary_to_list(Bytes)
    ).

written_all(Bytes, Line) ->
    lists:foldl(
        fun(Byte, {Sofar, Now}) -> also(Sofar, written(Byte, Now)) end,
        {[], Line},
        binary_to_list(Bytes)
    ).

written(Byte, #line{termios = #termios{output = Output}} = Line) when Output band ?OPOST =:= 0 ->
    {<<Byte>>, Line};
written($\n, #line{termios = #termios{output = Output}} = Line) when Output band ?ONLCR =/= 0 ->
    {<<"\r\n">>, Line#line{column = 0}};
written($\n, #line{termios = #termios{output = Output}} = Line) when Output band ?ONLRET =/= 0 ->
    {<<"\n">>, Line#line{column = 0}};
written($\n, Line) ->
    {<<"\n">>, Line};
written($\r, #line{termios = #termios{output = Output}} = Line) when Output band ?OCRNL =/= 0 ->
    written($\n, Line#line{termios = (Line#line.termios)#termios{output = Output band bnot ?OCRNL}},
        Line);
written($\r, #line{termios = #termios{output = Output}, column = 0} = Line) when
    Output band ?ONOCR =/= 0
->
    {[], Line};
written($\r, Line) ->
    {<<"\r">>, Line#line{column = 0}};
written($\t, #line{termios = #termios{output = Output}, column = Column} = Line) ->
    Next = (Column bor 7) + 1,
    case Output band ?XTABS of
        ?XTABS -> {binary:copy(<<" ">>, Next - Column), Line#line{column = Next}};
        _ -> {<<"\t">>, Line#line{column = Next}}
    end;
written($\b, #line{column = Column} = Line) ->
    {<<"\b">>, Line#line{column = max(0, Column - 1)}};
written(Byte, #line{termios = #termios{output = Output}} = Line) when
    Byte >= $a, Byte =< $z, Output band ?OLCUC =/= 0
->
    {<<(Byte - 32)>>, Line#line{column = Line#line.column + 1}};
written(Byte, Line) ->
    {<<Byte>>, Line#line{column = columns(<<Byte>>, Line#line.column, Line)}}.

written(Byte, Changed, #line{termios = Termios}) ->
    {Echo, Next} = written(Byte, Changed),
    {Echo, Next#line{termios = Termios}}.

%% --- reading -----------------------------------------------------------------------------------

%% What was typed ends here: a line, or an end of file when nothing was typed.
typed_ready(End, Line, true) ->
    #line{typed = Typed, behind = Behind, generation = Generation} = Line,
    Whole = <<(list_to_binary(lists:reverse(Typed)))/binary, End/binary>>,
    Line#line{
        behind = [Whole | Behind], typed = [], length = 0, generation = Generation + 1
    };
typed_ready(End, Line, false) ->
    typed_ready(End, Line, true).

typed_ready(End, #line{typed = Typed} = Line) ->
    case <<(list_to_binary(lists:reverse(Typed)))/binary, End/binary>> of
        <<>> -> Line;
        _ -> typed_ready(End, Line, true)
    end.

%% The sender has nothing more.
-spec end_of_input(line()) -> line().
end_of_input(#line{typed = []} = Line) -> typed_ready(<<>>, Line, true);
end_of_input(Line) -> typed_ready(<<>>, typed_ready(<<>>, Line, true), true).

%% Bytes that could be read; lines count when they are whole.
-spec available(line()) -> non_neg_integer().
available(#line{ready = Ready, behind = Behind}) ->
    iolist_size(Ready) + iolist_size(Behind).

%% At most so many bytes: of one line when lines are read. `none`: there is nothing yet.
-spec read(non_neg_integer(), line()) -> {ok, binary(), line()} | none.
read(_, #line{ready = [], behind = []}) ->
    none;
read(Count, #line{ready = [], behind = Behind} = Line) ->
    read(Count, Line#line{ready = lists:reverse(Behind), behind = []});
read(Count, #line{ready = [First | Rest]} = Line) ->
    case is_lines(Line) of
        true ->
            case First of
                <<Now:Count/binary, Later/binary>> when Later =/= <<>> ->
                    {ok, Now, Line#line{ready = [Later | Rest]}};
                _ ->
                    {ok, First, Line#line{ready = Rest}}
            end;
        false ->
            raw(Count, [], Line)
    end.

raw(Count, Taken, #line{ready = [], behind = Behind} = Line) when Behind =/= [], Count > 0 ->
    raw(Count, Taken, Line#line{ready = lists:reverse(Behind), behind = []});
raw(Count, Taken, #line{ready = [First | Rest]} = Line) when Count > 0 ->
    case First of
        <<Now:Count/binary, Later/binary>> when Later =/= <<>> ->
            raw_taken([Now | Taken], Line#line{ready = [Later | Rest]});
        _ ->
            raw(Count - byte_size(First), [First | Taken], Line#line{ready = Rest})
    end;
raw(_, Taken, Line) ->
    raw_taken(Taken, Line).

raw_taken(Taken, Line) -> {ok, iolist_to_binary(lists:reverse(Taken)), Line}.

-spec flush_input(line()) -> line().
flush_input(Line) ->
    Line#line{ready = [], behind = [], typed = [], length = 0, literal = false}.

%% --- struct termios and termios2 ---------------------------------------------------------------

-spec encode(#termios{}) -> binary().
encode(#termios{} = T) ->
    <<(T#termios.input):32/little, (T#termios.output):32/little, (T#termios.control):32/little,
        (T#termios.local):32/little, (T#termios.discipline):8, (T#termios.characters)/binary>>.

-spec decode(binary()) -> #termios{}.
decode(<<Input:32/little, Output:32/little, Control:32/little, Local:32/little, Discipline:8,
    Characters:19/binary, _/binary>>) ->
    #termios{
        input = Input, output = Output, control = Control, local = Local,
        discipline = Discipline, characters = Characters
    }.

%% With the speeds in both directions: 38400 bits a second, whatever was asked for.
-spec encode2(#termios{}) -> binary().
encode2(Termios) -> <<(encode(Termios))/binary, 38400:32/little, 38400:32/little>>.

-spec decode2(binary()) -> #termios{}.
decode2(Bytes) -> decode(Bytes).
