-module(quicksort).
-export([main/0]).

%% In place on OTP's arrays, as the V program does it.
quicksort(List, Low, High) when Low >= High -> List;
quicksort(List, Low, High) ->
    Pivot = array:get((Low + High) div 2, List),
    {Parted, I, J} = partition(List, Low, High, Pivot),
    quicksort(quicksort(Parted, Low, J), I, High).

partition(List, I, J, Pivot) when I =< J ->
    Up = up(List, I, Pivot),
    Down = down(List, J, Pivot),
    case Up =< Down of
        true ->
            A = array:get(Up, List),
            B = array:get(Down, List),
            partition(array:set(Down, A, array:set(Up, B, List)), Up + 1, Down - 1, Pivot);
        false ->
            partition(List, Up, Down, Pivot)
    end;
partition(List, I, J, _) ->
    {List, I, J}.

up(List, I, Pivot) ->
    case array:get(I, List) < Pivot of
        true -> up(List, I + 1, Pivot);
        false -> I
    end.

down(List, J, Pivot) ->
    case array:get(J, List) > Pivot of
        true -> down(List, J - 1, Pivot);
        false -> J
    end.

numbers(0, _) -> [];
numbers(N, Seed) ->
    Next = (Seed * 1664525 + 1013904223) band 16#ffffffff,
    [Next bsr 8 | numbers(N - 1, Next)].

sum([], _, Sum) -> Sum;
sum([X | Rest], I, Sum) -> sum(Rest, I + 1, Sum + I rem 7 * X).

main() ->
    N = 100000,
    Sorted = quicksort(array:from_list(numbers(N, 1)), 0, N - 1),
    io:format("~b~n", [sum(array:to_list(Sorted), 0, 0)]).
