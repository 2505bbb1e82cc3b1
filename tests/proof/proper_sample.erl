%% Properties for PropEr (github.com/proper-testing/proper), without its header file: random lists,
%% terms, maps, binaries; two of them fail, and their counterexamples are shrunk to the smallest.
%% The values are random in each run, what is printed is not.
-module(proper_sample).
-export([run/0]).

-define(TESTS, 300).

run() ->
    [check(Name, Property) || {Name, Property} <- properties()],
    ok.

check(Name, Property) ->
    Result = proper:quickcheck(Property, [quiet, {numtests, ?TESTS}]),
    io:format("~s: ~p~n", [Name, Result]),
    Result orelse io:format("counterexample: ~0p~n", [shape(proper:counterexample())]).

%% Of the smallest list with duplicates only its length is always the same.
shape([[_, _]]) -> two_elements;
shape(Other) -> Other.

properties() ->
    Integers = proper_types:list(proper_types:integer()),
    [{"reverse twice", for_all(Integers, fun(L) -> lists:reverse(lists:reverse(L)) =:= L end)},
     {"sort", for_all(Integers, fun is_sorted/1)},
     {"no duplicates (false)", for_all(Integers, fun(L) -> lists:usort(L) =:= lists:sort(L) end)},
     {"small (false)", for_all(proper_types:integer(), fun(N) -> N < 40 end)},
     {"external terms", for_all(proper_types:any(), fun survives/1)},
     {"bit strings", for_all(proper_types:bitstring(), fun survives/1)},
     {"floats", for_all(proper_types:float(), fun(F) ->
         list_to_float(float_to_list(F, [short])) =:= F end)},
     {"maps", for_all(proper_types:list({proper_types:any(), proper_types:any()}), fun(L) ->
         M = maps:from_list(L),
         maps:from_list(maps:to_list(M)) =:= M end)},
     {"trees", for_all(Integers, fun(L) ->
         gb_sets:to_list(gb_sets:from_list(L)) =:= lists:usort(L) end)},
     {"arithmetic", for_all({proper_types:integer(), proper_types:pos_integer()}, fun({A, B}) ->
         A * 1000000000000000000007 div B * B + A * 1000000000000000000007 rem B
             =:= A * 1000000000000000000007 end)},
     {"unicode", for_all(proper_types:string(), fun is_text/1)}].

for_all(Type, Fun) -> proper:forall(Type, Fun).

is_sorted(L) ->
    Sorted = lists:sort(L),
    length(Sorted) =:= length(L) andalso
        in_order(Sorted).

in_order([A, B | Rest]) -> A =< B andalso in_order([B | Rest]);
in_order(_) -> true.

survives(Term) -> binary_to_term(term_to_binary(Term)) =:= Term.

is_text(Text) ->
    case unicode:characters_to_binary(Text) of
        Binary when is_binary(Binary) -> unicode:characters_to_list(Binary) =:= Text;
        _ -> true
    end.
