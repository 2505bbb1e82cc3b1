%% References: cells in the process dictionary. `nil` is the atom `nil`.
-module(v_ref).

-export([new/1, get/1, put/2, equal/3]).

new(Value) ->
    Id =
        case erlang:get(v_next_cell) of
            undefined -> 1;
            N -> N
        end,
    erlang:put(v_next_cell, Id + 1),
    erlang:put({v_cell, Id}, Value),
    {ref, Id}.

%% A cell that is not there belongs to another thread: references cannot leave theirs.
get({ref, Id}) ->
    case erlang:get({v_cell, Id}) of
        undefined -> v_rt:panic(<<"reference of another thread">>);
        Value -> Value
    end;
get(nil) ->
    v_rt:panic(<<"nil dereference">>).

put({ref, Id}, Value) ->
    erlang:put({v_cell, Id}, Value),
    ok;
put(nil, _) ->
    v_rt:panic(<<"nil dereference">>).

%% References are equal when they lead to the same cell or to equal values.
equal(A, A, _) -> true;
equal({ref, _} = A, {ref, _} = B, Equal) -> Equal(?MODULE:get(A), ?MODULE:get(B));
equal(_, _, _) -> false.
