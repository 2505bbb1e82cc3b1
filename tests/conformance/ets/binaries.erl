%% ets:info(Table, binary): the binaries beyond 64 bytes that objects of a table have.
-module(binaries).
-export([cases/0]).

cases() ->
    [{lists:flatten(io_lib:format("~w ~w", [Options, Name])), fun() -> Fun(Options) end}
     || Options <- [[set], [bag], [duplicate_bag], [ordered_set], [set, compressed],
                    [ordered_set, compressed]],
        {Name, Fun} <- kinds()].

kinds() ->
    [{empty, fun(Options) -> rows(ets:new(t, Options)) end},
     {small, fun(Options) -> rows(table(Options, [{1, <<1>>, binary:copy(<<2>>, 64)}])) end},
     {shared, fun shared/1},
     {key, fun(Options) -> rows(table(Options, [{large(100), 1}, {large(200), 2}])) end},
     {part, fun part/1},
     {replaced, fun replaced/1},
     {deleted, fun deleted/1},
     {marked, fun marked/1},
     {many, fun many/1},
     {others, fun(Options) -> others([private | Options]) end}].

%% Twice in one object, and in another one.
shared(Options) ->
    Binary = large(100),
    Table = table(Options, [{1, Binary, [Binary]}, {2, #{key => Binary}}, {3, make_ref()}]),
    {rows(Table), length(lists:usort([At || {At, _, _} <- ets:info(Table, binary)]))}.

part(Options) ->
    <<_:10/binary, Part:80/binary, _/binary>> = large(1000),
    rows(table(Options, [{1, Part}])).

replaced(Options) ->
    Table = table(Options, [{1, large(100)}]),
    ets:insert(Table, {1, large(300)}),
    rows(Table).

deleted(Options) ->
    Table = table(Options, [{N, large(100 + N)} || N <- lists:seq(1, 10)]),
    ets:delete(Table, 3),
    Before = rows(Table),
    ets:delete_all_objects(Table),
    {Before, rows(Table)}.

%% What is deleted from a hash table while it is fixed stays until the table is not fixed any more.
marked(Options) ->
    Table = table(Options, [{N, large(100 + N)} || N <- lists:seq(1, 10)]),
    ets:safe_fixtable(Table, true),
    ets:delete(Table, 3),
    Before = rows(Table),
    ets:safe_fixtable(Table, false),
    {Before, rows(Table)}.

%% More than is looked at without a pause; the table is as free as it was afterwards.
many(Options) ->
    Binary = large(500),
    Table = table(Options, [{N, Binary} || N <- lists:seq(1, 20000)]),
    Rows = ets:info(Table, binary),
    {length(Rows), length(lists:usort([{At, Bytes} || {At, Bytes, _} <- Rows])), ets:info(Table, fixed)}.

others(Options) ->
    Parent = self(),
    Owner = spawn(fun() ->
                      Parent ! {self(), table(Options, [{1, large(100)}])},
                      receive stop -> ok end
                  end),
    receive
        {Owner, Table} ->
            Rows = rows(Table),
            Owner ! stop,
            Rows
    end.

table(Options, Objects) ->
    Table = ets:new(t, Options),
    ets:insert(Table, Objects),
    Table.

large(Bytes) -> list_to_binary(lists:duplicate(Bytes, 7)).

rows(Table) -> lists:sort([Bytes || {_, Bytes, _} <- ets:info(Table, binary)]).
