%% What dialyzer should find.
-module(mistakes).
-export([adds_atom/1, never_matches/1, wrong_contract/1, no_return/0, bad_call/1, opaque/0,
         unmatched/1]).

adds_atom(X) when is_atom(X) -> X + 1.

never_matches(L) ->
    case length(L) of
        N when N < 0 -> negative;
        none -> none;
        _ -> some
    end.

-spec wrong_contract(integer()) -> binary().
wrong_contract(N) -> N * 2.

no_return() -> error(always).

bad_call(X) -> lists:map(X, fun(Y) -> Y end).

opaque() ->
    {set, Size} = gb_sets:new(),
    Size.

unmatched(X) ->
    ets:insert(table, {X}),
    file:close(X),
    ok.
