%% What the error_info of failing table operations says.
-module(ets_errors).
-export([run/0]).

run() ->
    Set = ets:new(t, [set, private]),
    Gone = ets:new(t, []),
    ets:delete(Gone),
    Self = self(),
    spawn(fun() -> Self ! {tables, private_table(), protected_table()}, receive after infinity -> ok end end),
    {Private, Protected} = receive {tables, P1, P2} -> {P1, P2} end,
    [show(info(F)) || F <- [
        fun() -> ets:lookup(no_table, a) end,
        fun() -> ets:lookup(Gone, a) end,
        fun() -> ets:lookup(Private, a) end,
        fun() -> ets:lookup(17, a) end,
        fun() -> ets:lookup(make_ref(), a) end,
        fun() -> ets:insert(Protected, {a}) end,
        fun() -> ets:insert(Set, a) end,
        fun() -> ets:insert(no_table, {a}) end,
        fun() -> ets:insert_new(no_table, {a}) end,
        fun() -> ets:delete(no_table) end,
        fun() -> ets:delete(no_table, a) end,
        fun() -> ets:delete_object(no_table, {a}) end,
        fun() -> ets:member(no_table, a) end,
        fun() -> ets:first(no_table) end,
        fun() -> ets:next(Set, a) end,
        fun() -> ets:select(no_table, [{'_', [], ['$_']}]) end,
        fun() -> ets:select(Set, foo) end,
        fun() -> ets:match(no_table, '_') end,
        fun() -> ets:lookup_element(Gone, a, 1) end,
        fun() -> ets:take(Gone, a) end,
        fun() -> ets:new(t, foo) end,
        fun() -> ets:new(t, [foo]) end,
        fun() -> ets:give_away(no_table, self(), x) end,
        fun() -> ets:safe_fixtable(no_table, true) end,
        fun() -> ets:slot(no_table, 1) end,
        fun() -> ets:update_element(no_table, a, {1, 2}) end,
        fun() -> ets:info(17) end,
        fun() -> ets:info(17, size) end]].

private_table() -> ets:new(p, [private]).
protected_table() -> ets:new(p, [protected]).

info(F) ->
    try F() of
        V -> {value, V}
    catch
        C:R:S ->
            [{M, Fn, A, Location} | _] = S,
            {C, R, M, Fn, arity(A), lists:keyfind(error_info, 1, Location)}
    end.

arity(A) when is_list(A) -> length(A);
arity(A) -> A.

show(X) -> erlang:display(X).
