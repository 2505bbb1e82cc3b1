-module(sudoku).
-export([main/0]).

puzzle() -> "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79".
hard() -> "..............3.85..1.2.......5.7.....4...1...9.......5......73..2.1........4...9".

%% A tuple of nine tuples.
new_grid(Text) -> rows([case C of $. -> 0; _ -> C - $0 end || C <- Text], []).

rows([], Rows) ->
    list_to_tuple(lists:reverse(Rows));
rows(Cells, Rows) ->
    {Row, Rest} = lists:split(9, Cells),
    rows(Rest, [list_to_tuple(Row) | Rows]).

cell(Grid, Row, Column) -> element(Column + 1, element(Row + 1, Grid)).

put_cell(Grid, Row, Column, Digit) ->
    setelement(Row + 1, Grid, setelement(Column + 1, element(Row + 1, Grid), Digit)).

allows(Grid, Row, Column, Digit) ->
    lines_allow(Grid, Row, Column, Digit, 0) andalso
        box_allows(Grid, Row div 3 * 3, Column div 3 * 3, Digit, 0, 0).

lines_allow(_, _, _, _, 9) ->
    true;
lines_allow(Grid, Row, Column, Digit, I) ->
    cell(Grid, Row, I) =/= Digit andalso cell(Grid, I, Column) =/= Digit andalso
        lines_allow(Grid, Row, Column, Digit, I + 1).

box_allows(_, _, _, _, 3, _) ->
    true;
box_allows(Grid, Top, Left, Digit, I, 3) ->
    box_allows(Grid, Top, Left, Digit, I + 1, 0);
box_allows(Grid, Top, Left, Digit, I, J) ->
    cell(Grid, Top + I, Left + J) =/= Digit andalso
        box_allows(Grid, Top, Left, Digit, I, J + 1).

next_empty(_, 81) -> 81;
next_empty(Grid, At) ->
    case cell(Grid, At div 9, At rem 9) of
        0 -> At;
        _ -> next_empty(Grid, At + 1)
    end.

solve(Grid, From, Tries, Max) ->
    case next_empty(Grid, From) of
        81 -> {true, Grid, Tries};
        _ when Tries + 1 > Max -> {false, Grid, Tries + 1};
        At -> try_digits(Grid, At, 1, Tries + 1, Max)
    end.

try_digits(Grid, _, 10, Tries, _) ->
    {false, Grid, Tries};
try_digits(Grid, At, Digit, Tries, Max) ->
    Row = At div 9,
    Column = At rem 9,
    case allows(Grid, Row, Column, Digit) of
        true ->
            case solve(put_cell(Grid, Row, Column, Digit), At + 1, Tries, Max) of
                {true, _, _} = Solved -> Solved;
                {false, _, More} -> try_digits(Grid, At, Digit + 1, More, Max)
            end;
        false ->
            try_digits(Grid, At, Digit + 1, Tries, Max)
    end.

main() ->
    {Solved, Grid, _} = solve(new_grid(puzzle()), 0, 0, 1000000),
    io:format("~p~n", [Solved]),
    [
        io:format("[~s]~n", [lists:join(", ", [integer_to_list(D) || D <- tuple_to_list(Row)])])
     || Row <- tuple_to_list(Grid)
    ],
    {Hard, _, Tries} = solve(new_grid(hard()), 0, 0, 40000),
    io:format("~p~n~b~n", [Hard, Tries]).
