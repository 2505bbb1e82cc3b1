%% The line on which a terminal's cursor stands: what it shows, where the cursor is, and the bytes
%% that change it. Characters are counted, columns are drawn: a control character is shown as ^X, a
%% tab goes to the next multiple of eight, wide characters take two columns and combining ones none.
%% A line longer than the terminal is wide goes on below; the terminal wraps by itself.
%%
%% Sequences: ECMA-48, 8.3.18 to 8.3.22 (cursor movements) and 8.3.39 (erase in page).
-module(vbeam_tty_line).
-export([new/0, put/3, insert/3, move/3, delete/3]).
-export_type([line/0]).

-define(TAB, 8).
%% Characters of a line that are kept for editing: output without a newline has no end.
-define(KEPT_MAX, 65536).

-record(line, {
    %% Characters before the cursor, last first, each with the column where it begins.
    before = [] :: [{char(), non_neg_integer()}],
    count = 0 :: non_neg_integer(),
    %% Characters from the cursor on.
    behind = [] :: string(),
    %% Column of the cursor, counted from the first row of the line.
    column = 0 :: non_neg_integer()
}).
-opaque line() :: #line{}.

-spec new() -> line().
new() ->
    #line{}.

%% Write over what stands at the cursor; after a newline there is a new line.
-spec put(binary(), Columns :: pos_integer(), line()) -> {iodata(), line()}.
put(Text, Columns, #line{behind = []} = Line) ->
    %% Whole lines need no account of their columns.
    {Whole, Rest} = whole_lines(Text),
    case Whole of
        <<>> ->
            characters(string_of(Rest), [], Columns, Line);
        _ ->
            {Out, Next} = characters(string_of(Rest), [], Columns, new()),
            {[Whole, Out], Next}
    end;
put(Text, Columns, Line) ->
    characters(string_of(Text), [], Columns, Line).

%% Complete lines at the front of a text, if the terminal shows them as they are.
whole_lines(Text) ->
    case binary:matches(Text, <<"\n">>) of
        [] ->
            {<<>>, Text};
        Found ->
            {Last, 1} = lists:last(Found),
            <<Whole:(Last + 1)/binary, Rest/binary>> = Text,
            case plain(Whole) of
                true -> {Whole, Rest};
                false -> {<<>>, Text}
            end
    end.

plain(<<Byte, Rest/binary>>) when Byte >= 32, Byte =/= 127; Byte =:= $\n -> plain(Rest);
plain(Rest) -> Rest =:= <<>>.

%% What is no UTF-8 is taken byte by byte.
string_of(Text) ->
    case unicode:characters_to_list(Text) of
        Characters when is_list(Characters) -> Characters;
        _ -> binary_to_list(Text)
    end.

characters([], Out, _, Line) ->
    {lists:reverse(Out), Line};
characters([$\n | Rest], Out, Columns, #line{behind = Behind} = Line) ->
    %% What stands behind the cursor stays on the screen, above.
    {Down, _} = move(length(Behind), Columns, Line),
    characters(Rest, [<<"\n">>, Down | Out], Columns, new());
characters([$\r | Rest], Out, Columns, #line{count = Count} = Line) ->
    {Left, Next} = move(-Count, Columns, Line),
    characters(Rest, [Left | Out], Columns, Next);
characters([Character | Rest], Out, Columns, #line{column = Column, behind = Behind} = Line) ->
    Next = right(Character, Line#line{behind = tail(Behind)}),
    Shown = [shown(Character, Column) | margin(Next, Columns)],
    characters(Rest, [Shown | Out], Columns, Next).

%% Write before what stands at the cursor, which moves on.
-spec insert(binary(), Columns :: pos_integer(), line()) -> {iodata(), line()}.
insert(Text, Columns, #line{behind = Behind} = Line) ->
    {New, Next} = characters(string_of(Text), [], Columns, Line#line{behind = []}),
    case Behind of
        [] ->
            {New, Next};
        _ ->
            {Out, Drawn} = redraw(Columns, Next#line{behind = Behind}),
            {[New, Out], Drawn}
    end.

%% Move by characters, to the left when `Count` is negative.
-spec move(integer(), Columns :: pos_integer(), line()) -> {iodata(), line()}.
move(Count, Columns, #line{column = From} = Line) ->
    #line{column = To} = Next = step(Count, Line),
    {go(From, To, Columns), Next}.

%% Delete behind the cursor, or before it when `Count` is negative.
-spec delete(integer(), Columns :: pos_integer(), line()) -> {iodata(), line()}.
delete(Count, Columns, #line{count = Before} = Line) when Count < 0 ->
    {Left, #line{count = After} = Moved} = move(Count, Columns, Line),
    {Out, Next} = delete(Before - After, Columns, Moved),
    {[Left, Out], Next};
delete(0, _, Line) ->
    {[], Line};
delete(Count, Columns, #line{behind = Behind} = Line) ->
    redraw(Columns, Line#line{behind = drop(Count, Behind)}).

%% Draw what stands behind the cursor, erase what stood there, and come back.
redraw(Columns, #line{column = Column, behind = Behind} = Line) ->
    {Text, #line{column = End}} = characters(Behind, [], Columns, Line#line{behind = []}),
    {[Text, <<"\e[J">>, go(End, Column, Columns)], Line}.

step(Count, #line{before = [{Last, Column} | Before]} = Line) when Count < 0 ->
    Behind = [Last | Line#line.behind],
    Moved = Line#line{
        before = Before, count = Line#line.count - 1, behind = Behind, column = Column
    },
    step(Count + 1, Moved);
step(Count, #line{behind = [Next | Behind]} = Line) when Count > 0 ->
    step(Count - 1, right(Next, Line#line{behind = Behind}));
step(_, Line) ->
    Line.

%% The cursor behind one more character.
right(Character, #line{count = Count, before = Before} = Line) when Count > 2 * ?KEPT_MAX ->
    Kept = lists:sublist(Before, ?KEPT_MAX),
    right(Character, Line#line{before = Kept, count = ?KEPT_MAX});
right(Character, #line{before = Before, count = Count, column = Column} = Line) ->
    Line#line{
        before = [{Character, Column} | Before],
        count = Count + 1,
        column = Column + width(Character, Column)
    }.

drop(Count, [_ | Rest]) when Count > 0 -> drop(Count - 1, Rest);
drop(_, Rest) -> Rest.

tail([]) -> [];
tail([_ | Rest]) -> Rest.

%% ---- columns

width($\t, Column) -> ?TAB - Column rem ?TAB;
width(Control, _) when Control < 32; Control =:= 127 -> 2;
width(Character, _) when Character < 16#300 -> 1;
width(Character, _) -> vbeam_tty_width:of_character(Character).

shown($\t, Column) -> lists:duplicate(width($\t, Column), $\s);
shown(127, _) -> <<"^?">>;
shown(Control, _) when Control < 32 -> [$^, Control + $@];
shown(Character, _) -> <<Character/utf8>>.

%% At the right margin a terminal waits for the next character before it wraps: give it one.
margin(#line{column = Column}, Columns) ->
    case Column rem Columns of
        0 -> <<" \b">>;
        _ -> []
    end.

%% From one column of a line to another, across the rows that it takes.
go(From, To, Columns) ->
    [rows(To div Columns - From div Columns), columns(To rem Columns - From rem Columns)].

rows(0) -> [];
rows(Down) when Down > 0 -> sequence(Down, $B);
rows(Up) -> sequence(-Up, $A).

columns(0) -> [];
columns(-1) -> <<"\b">>;
columns(Right) when Right > 0 -> sequence(Right, $C);
columns(Left) -> sequence(-Left, $D).

sequence(1, Final) -> [<<"\e[">>, Final];
sequence(Count, Final) -> [<<"\e[">>, integer_to_list(Count), Final].
