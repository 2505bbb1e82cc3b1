%% Why functions of ets refuse their arguments: the reason and the cause in error_info.
-module(causes).
-export([cases/0]).

cases() ->
    [{lists:flatten(io_lib:format("~w ~w ~w ~w", [Type, Key, Operation, Default])),
      fun() -> counter(Type, Key, Operation, Default) end}
     || Type <- [set, ordered_set, bag], Key <- [one, none], Operation <- operations(),
        Default <- [no, {x, y}]]
        ++ [{lists:flatten(io_lib:format("element ~w ~w ~w", [Type, Key, Operation])),
             fun() -> element_of(Type, Key, Operation) end}
            || Type <- [set, bag], Key <- [one, none], Operation <- operations()]
        ++ [{lists:flatten(io_lib:format("~w, ~w, ~w", [Who, Protection, To])),
             fun() -> given(Who, Protection, To) end}
            || Who <- [owner, other], Protection <- [private, protected, public],
               To <- [self, living, dead, no_pid]]
        ++ [{lists:flatten(io_lib:format("setopts ~w, ~w, ~w", [Who, Protection, Options])),
             fun() -> options(Who, Protection, Options) end}
            || Who <- [owner, other], Protection <- [private, protected, public],
               Options <- [{heir, none}, [{heir, none}], bad, [{protection, public}], [x]]].

%% Without lists that fail: OTP's VM may not survive them.
operations() ->
    [1, a, 1 bsl 70, {2, 1}, {1, 1}, {0, 1}, {-1, 1}, {3, 1}, {4, 1}, {4, a}, {1, a}, {0, a}, {a, 1},
     {1 bsl 70, 1}, {2, a}, {3, a}, {2}, {2, 1, 1}, {2, 1, 5, 0}, {2, 1, a, 0}, {2, 1, 5, a},
     {3, 1, 5, 0}, {1, 1, 5, 0}, {4, 1, 5, 0}, {4, 1, a, 0}, {4, 1, 5, a}, {2, 1, 1, 1, 1},
     {2, 2}].

counter(Type, Key, Operation, Default) ->
    Table = table(Type),
    Arguments = [Table, Key, Operation | [Default || Default =/= no]],
    [cause(fun() -> apply(ets, update_counter, Arguments) end), lists:sort(ets:tab2list(Table))].

element_of(Type, Key, Operation) ->
    Table = table(Type),
    [cause(fun() -> ets:update_element(Table, Key, Operation) end), lists:sort(ets:tab2list(Table))].

given(Who, Protection, To) ->
    by(Who, Protection, fun(Table) -> ets:give_away(Table, pid(To), gift) end).

options(Who, Protection, Options) ->
    by(Who, Protection, fun(Table) -> ets:setopts(Table, Options) end).

%% Call Fun with a table that this process owns or another one.
by(owner, Protection, Fun) ->
    Table = ets:new(table, [Protection]),
    cause(fun() -> Fun(Table) end);
by(other, Protection, Fun) ->
    Self = self(),
    {Pid, Monitor} =
        spawn_monitor(fun() ->
                          Self ! {table, ets:new(table, [Protection])},
                          receive stop -> ok end
                      end),
    Result = receive {table, Table} -> cause(fun() -> Fun(Table) end) end,
    Pid ! stop,
    receive {'DOWN', Monitor, _, _, _} -> Result end.

pid(self) -> self();
%% It ends with what it was given, or soon.
pid(living) -> spawn(fun() -> receive _ -> ok after 20 -> ok end end);
pid(no_pid) -> no_pid;
pid(dead) ->
    {Pid, Monitor} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, _, _, _} -> Pid end.

table(Type) ->
    Table = ets:new(table, [Type]),
    true = ets:insert(Table, {one, 1, text}),
    Table.

cause(Fun) ->
    try Fun() of
        Value -> Value
    catch
        error:Reason:Trace ->
            [{M, F, A, Info} | _] = Trace,
            {Reason, M, F, length(A), maps:get(cause, proplists:get_value(error_info, Info), none)}
    end.
