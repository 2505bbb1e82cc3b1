-module(dijkstra).
-export([main/0]).

%% The heap is OTP's ordered set, distances are a map.
shortest(Graph, From) -> step(gb_sets:singleton({0, From}), #{From => 0}, Graph).

step(Heap, Distances, Graph) ->
    case gb_sets:is_empty(Heap) of
        true ->
            Distances;
        false ->
            {{Distance, Node}, Rest} = gb_sets:take_smallest(Heap),
            case Distances of
                #{Node := Known} when Known < Distance ->
                    step(Rest, Distances, Graph);
                _ ->
                    Edges = element(Node + 1, Graph),
                    {Heap1, Distances1} = relax(Edges, Distance, Rest, Distances),
                    step(Heap1, Distances1, Graph)
            end
    end.

relax([], _, Heap, Distances) ->
    {Heap, Distances};
relax([{To, Length} | Edges], Distance, Heap, Distances) ->
    New = Distance + Length,
    case Distances of
        #{To := Known} when Known =< New ->
            relax(Edges, Distance, Heap, Distances);
        _ ->
            relax(Edges, Distance, gb_sets:add({New, To}, Heap), Distances#{To => New})
    end.

edges(0, Seed, _) -> {[], Seed};
edges(N, Seed, Nodes) ->
    Seed1 = next(Seed),
    Seed2 = next(Seed1),
    Edge = {(Seed1 bsr 8) rem Nodes, (Seed2 bsr 8) rem 100 + 1},
    {Edges, Last} = edges(N - 1, Seed2, Nodes),
    {[Edge | Edges], Last}.

next(Seed) -> (Seed * 1664525 + 1013904223) band 16#ffffffff.

main() ->
    Nodes = 10000,
    {Rows, _} = lists:mapfoldl(fun(_, Seed) -> edges(5, Seed, Nodes) end, 7, lists:seq(1, Nodes)),
    io:format("~b~n", [lists:sum(maps:values(shortest(list_to_tuple(Rows), 0)))]).
