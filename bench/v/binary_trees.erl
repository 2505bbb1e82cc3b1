-module(binary_trees).
-export([main/0]).

build(0) -> leaf;
build(Depth) -> {node, build(Depth - 1), build(Depth - 1)}.

count(leaf) -> 1;
count({node, Left, Right}) -> 1 + count(Left) + count(Right).

sum(0, _, Sum) -> Sum;
sum(Rounds, Depth, Sum) -> sum(Rounds - 1, Depth, Sum + count(build(Depth))).

main() ->
    Max = 14,
    io:format("stretch ~b~n", [count(build(Max + 1))]),
    Long = build(Max),
    [
        begin
            Rounds = 1 bsl (Max - Depth + 4),
            Sum = sum(Rounds, Depth, 0),
            io:format("~b trees of depth ~b: ~b~n", [Rounds, Depth, Sum])
        end
     || Depth <- lists:seq(4, Max, 2)
    ],
    io:format("long ~b~n", [count(Long)]).
