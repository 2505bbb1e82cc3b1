-module(dbg_session).
-export([run/0, g/1, f/1]).
-include_lib("stdlib/include/ms_transform.hrl").
g(X) -> X + 1.
f(X) -> Y = ?MODULE:g(X), {Y}.
%% dbg as people use it: tracer, processes, patterns for global and local calls, match
%% specifications from funs, sends, receives and process events.
run() ->
    S = self(),
    {ok, _} = dbg:tracer(process, {fun(M, N) -> S ! {told, M}, N + 1 end, 0}),
    show(dbg:p(self(), [c])),
    show(dbg:tp(dbg_session, g, [{'_', [], [{return_trace}]}])),
    f(1),
    Big = dbg:fun2ms(fun([A]) when A > 1 -> message({big, A}), return_trace() end),
    show(dbg:tpl(dbg_session, f, 1, Big)),
    f(1), f(5),
    show(dbg:ctp(dbg_session, g)), show(dbg:ctpl(dbg_session)),
    f(7),
    show(dbg:p(self(), clear)),
    P = spawn(fun() -> receive {From, X} -> From ! X end end),
    show(dbg:p(P, [m, p])),
    P ! {self(), hello}, receive hello -> ok end,
    dbg:p(all, clear),
    dbg:stop(),
    flush().
show(X) -> erlang:display(mask(X)).
mask(P) when is_pid(P) -> pid;
mask(F) when is_function(F) -> 'fun';
mask([H|T]) -> [mask(H)|mask(T)];
mask(T) when is_tuple(T) -> list_to_tuple(mask(tuple_to_list(T)));
mask(X) -> X.
flush() -> receive {told, M} -> show(M), flush() after 300 -> ok end.
