%% A module whose literals memory_literals.erl loads, uses and purges.
-module(literal_victim).
-export([all/0, list/0, text/0, big/0, table/0, nested/0]).

all() -> [list(), text(), big(), table(), nested()].

list() -> [{one, [1.5, <<"two">>]}, "three", #{four => {5, "six"}}].

%% More than a heap binary holds: the area refers to it.
text() ->
    <<"0123456789012345678901234567890123456789012345678901234567890123456789"
      "0123456789012345678901234567890123456789012345678901234567890123456789">>.

%% The code itself holds it, not the table of literals.
big() -> 16#123456789abcdef0123456789abcdef0123456789abcdef.

table() ->
    #{a1 => 1, a2 => 2, a3 => 3, a4 => 4, a5 => 5, a6 => 6, a7 => 7, a8 => 8, a9 => 9, b1 => 1,
      b2 => 2, b3 => 3, b4 => 4, b5 => 5, b6 => 6, b7 => 7, b8 => 8, b9 => 9, c1 => 1, c2 => 2,
      c3 => 3, c4 => 4, c5 => 5, c6 => 6, c7 => 7, c8 => 8, c9 => 9, d1 => 1, d2 => 2, d3 => 3}.

nested() -> {{{{{{{{[[[[[[[["deep", <<1:3>>]]]]]]]]}}}}}}}}.
