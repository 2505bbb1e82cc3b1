%% Keys that are deleted from a table while it is fixed: places to go on from until it is not fixed.
-module(deleted_keys).
-export([cases/0]).

cases() ->
    [{lists:flatten(io_lib:format("~w ~w ~w", [Type, Delete, Walk])),
      fun() -> walk(Type, Delete, Walk) end}
     || Type <- [set, bag, duplicate_bag, ordered_set], Delete <- [delete, object, match, all],
        Walk <- [next, prev]].

walk(Type, Delete, Walk) ->
    Table = ets:new(t, [Type]),
    ets:insert(Table, [{a, 1}, {a, 2}, {b, 1}]),
    ets:safe_fixtable(Table, true),
    delete(Delete, Table),
    Fixed = [step(Table, Walk, Key) || Key <- [a, b, c]],
    ets:insert(Table, {b, 3}),
    Again = [step(Table, Walk, Key) || Key <- [a, b, c]],
    ets:delete(Table, b),
    ets:safe_fixtable(Table, false),
    {Fixed, Again, [step(Table, Walk, Key) || Key <- [a, b, c]], lists:sort(ets:tab2list(Table))}.

delete(delete, Table) -> ets:delete(Table, b);
delete(object, Table) -> ets:delete_object(Table, {b, 1});
delete(match, Table) -> ets:match_delete(Table, {b, '_'});
delete(all, Table) -> ets:delete_all_objects(Table).

%% A table of two keys: what lies behind a key depends on its order in the table.
step(Table, Walk, Key) ->
    try ets:Walk(Table, Key) of
        Next -> {next, Next =:= Key}
    catch
        Class:Reason -> {Class, Reason}
    end.
