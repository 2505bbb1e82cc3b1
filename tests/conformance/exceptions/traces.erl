%% How long stack traces are and which frames they have: deep recursion, funs called last, the
%% backtrace depth.
-module(traces).
-export([cases/0, inner/2]).
-include("../runner/case.hrl").

cases() ->
    [{Name, fun() -> trace_of(Fun) end} || {Name, Fun} <- failing()] ++
        [?C(with_depth(Depth, fun() -> deep(20, fun() -> error(x) end) end))
         || Depth <- [0, 1, 2, 3, 64, 65]] ++
        [?C(with_depth(1, fun() -> element(id(3), {a}) end)),
         ?C(erlang:system_flag(backtrace_depth, -1)),
         ?C(erlang:system_flag(backtrace_depth, a)),
         ?C(erlang:system_info(backtrace_depth)),
         ?C(waiting()),
         ?C(loop_through_fun(100000)),
         ?C(loop_through_named_fun(100000)),
         ?C(loop_through_export(100000)),
         ?C(fails_in_handler())].

failing() ->
    [{"error", fun() -> error(x) end},
     {"throw", fun() -> throw(x) end},
     {"exit", fun() -> exit(x) end},
     {"badmatch", fun() -> 1 = id(2) end},
     {"function_clause", fun() -> only_one(id(2)) end},
     {"BIF called last", fun() -> atom_to_list(id(1)) end},
     {"BIF", fun() -> atom_to_list(id(1)), ok end},
     {"arithmetic", fun() -> id(1) + id(a) end},
     {"error with arguments", fun() -> error(x, [1]) end},
     {"undef", fun() -> no_module:f(), ok end},
     {"badfun", fun() -> (id(a))(), ok end},
     {"badfun last", fun() -> (id(a))() end},
     {"badarity", fun() -> (id(fun(X) -> X end))(), ok end},
     {"guard BIF", fun() -> hd(id([])), ok end},
     {"case_clause", fun() -> case id(1) of 2 -> ok end end},
     {"raise with a long trace",
      fun() -> erlang:raise(error, x, [{m, f, N, []} || N <- lists:seq(1, 12)]) end}].

%% The frames of this module and of the BIF, without the rest of the stack below.
trace_of(Fun) ->
    Trace = deep(20, Fun),
    {length(Trace), [{F, arity(A), proplists:get_value(line, L)} || {M, F, A, L} <- Trace,
                                                                   M =/= conformance_cases]}.

arity(A) when is_list(A) -> {arguments, length(A)};
arity(A) -> A.

with_depth(Depth, Fun) ->
    Old = erlang:system_flag(backtrace_depth, Depth),
    try Fun() of
        Value -> Value
    catch
        _:_:Trace -> Trace
    after
        erlang:system_flag(backtrace_depth, Old)
    end.

deep(N, Fun) ->
    try inner(N, Fun) catch _:_:Trace -> Trace end.

inner(0, Fun) -> Fun();
inner(N, Fun) ->
    Result = inner(N - 1, Fun),
    id({Result}).

id(X) -> X.

only_one(1) -> ok.

%% The handler's trace has nothing of the function that it handles the failure of.
fails_in_handler() ->
    try
        try without_frame(id(1)) of _ -> ok catch _:Reason -> {element(1, Reason), kept} end
    catch
        _:_:Trace -> [{F, arity(A)} || {traces, F, A, _} <- Trace]
    end.

without_frame(N) -> {N, calls_leaf(N)}.

calls_leaf(N) -> [only_one(N + 1)].

waiting() ->
    Self = self(),
    Wait = fun() -> Self ! {self(), ready}, receive never -> ok end end,
    Pid = spawn(fun() -> deep(20, Wait) end),
    receive {Pid, ready} -> ok end,
    wait_until_waiting(Pid),
    {current_stacktrace, Trace} = process_info(Pid, current_stacktrace),
    exit(Pid, kill),
    [{F, A} || {_, F, A, _} <- Trace].

wait_until_waiting(Pid) ->
    case process_info(Pid, status) of
        {status, waiting} -> ok;
        _ -> erlang:yield(), wait_until_waiting(Pid)
    end.

%% Loops whose only call is that of a fun: they need no stack.
loop_through_fun(Count) ->
    Loop = fun(Self, N) when N > 0 -> Self(Self, N - 1); (_, 0) -> stack_is_small() end,
    Loop(Loop, Count).

loop_through_named_fun(Count) ->
    Loop = fun Again(N) when N > 0 -> Again(N - 1); Again(0) -> stack_is_small() end,
    Loop(Count).

loop_through_export(Count) ->
    inner_loop(fun ?MODULE:inner/2, Count).

inner_loop(_, 0) -> stack_is_small();
inner_loop(Fun, N) ->
    Fun(0, fun() -> inner_loop(Fun, N - 1) end).

stack_is_small() ->
    {stack_size, Words} = process_info(self(), stack_size),
    Words < 1000.
