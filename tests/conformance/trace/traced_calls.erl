%% Tracing of calls: what a traced process tells about the calls of local and global functions, of
%% BIFs and funs, about returns and exceptions; counters and times of calls; match specifications.
-module(traced_calls).
-export([cases/0, g/1, h/1, worker/0]).
-compile(nowarn_unused_function).

g(X) -> X + 1.
h(X) -> R = ?MODULE:g(X), {R}.
l(0) -> 0;
l(X) -> l(X - 1).
f(X) -> g(X).
bad(X) -> Y = hd(X), {Y}.
x(X) -> Y = y(X), {Y}.
y(X) -> try z(X) after ok end.
z(X) -> error(X).
t(X) -> throw(X).
len(L) -> Y = length(L), Z = erlang:phash2(L), {Y, Z}.
sort(L) -> lists:reverse(L).
many(A, B, C, D, E, F, G, H) -> {A, B, C, D, E, F, G, H}.
big(X) -> [X || _ <- lists:seq(1, 1000)].
wait() -> receive go -> gone end.
closure(X) -> F = fun(Y) -> X + Y end, F(1) + F(2).

worker() ->
    receive
        {run, From, F} ->
            Outcome = (catch F()),
            From ! {ran, self(), shape(Outcome)},
            worker()
    end.

shape({'EXIT', {Reason, [_ | _]}}) -> {'EXIT', Reason};
shape(X) -> X.

%% What the traced process tells while it runs Fun; functions named in Patterns have breakpoints.
told(Flags, Patterns, Fun) ->
    {Messages, _} = run(Flags, Patterns, fun(_) -> ok end, [Fun]),
    Messages.

run(Flags, Patterns, Look, Funs) ->
    Worker = spawn(?MODULE, worker, []),
    run_in(Worker, fun() -> ok end),
    [erlang:trace_pattern(MFA, Spec, Options) || {MFA, Spec, Options} <- Patterns],
    Flags =:= [] orelse erlang:trace(Worker, true, Flags),
    [run_in(Worker, F) || F <- Funs],
    Looked = Look(Worker),
    Flags =:= [] orelse erlang:trace(Worker, false, [all]),
    Reference = erlang:trace_delivered(Worker),
    Messages = collect(Worker, Reference),
    [erlang:trace_pattern(MFA, false, options(Options)) || {MFA, _, Options} <- Patterns],
    exit(Worker, kill),
    {Messages, Looked}.

options(Options) -> [case O of {meta, _} -> meta; _ -> O end || O <- Options].

run_in(Worker, F) ->
    Worker ! {run, self(), F},
    receive {ran, Worker, _} -> ok end.

collect(Worker, Reference) ->
    receive
        {trace_delivered, Worker, Reference} -> [];
        Message -> [simple(Message) | collect(Worker, Reference)]
    end.

%% Times and the worker's own calls are left out.
simple({trace_ts, Pid, A, B, _}) -> {ts, Pid, A, B};
simple({trace_ts, Pid, A, B, C, _}) -> {ts, Pid, A, B, C};
simple(Message) -> Message.

all(Spec) -> [{{?MODULE, '_', '_'}, Spec, [local]}].
one(Name, Arity, Spec) -> [{{?MODULE, Name, Arity}, Spec, [local]}].

spec(Body) -> [{'_', [], Body}].

calls() ->
    [{"local calls", fun() -> told([call], all(true), fun() -> f(1), h(2) end) end},
     {"global calls", fun() -> told([call], [{{?MODULE, '_', '_'}, true, []}], fun() -> f(1), h(2), g(3) end) end},
     {"one function", fun() -> told([call], one(g, 1, true), fun() -> f(1), h(2) end) end},
     {"a loop", fun() -> told([call], one(l, 1, true), fun() -> l(3) end) end},
     {"arity instead of arguments", fun() -> told([call, arity], all(true), fun() -> f(1), h(2) end) end},
     {"eight arguments", fun() -> told([call], one(many, 8, true), fun() -> many(1, 2, 3, 4, 5, 6, 7, 8) end) end},
     {"apply", fun() -> told([call], one(g, 1, true), fun() -> apply(?MODULE, g, [4]), ?MODULE:g(2) end) end},
     {"external fun", fun() -> told([call], one(g, 1, true), fun() -> F = fun ?MODULE:g/1, F(7) end) end},
     {"local fun", fun() -> told([call], one(g, 1, true), fun() -> F = fun g/1, F(3), lists:map(F, [1, 2]) end) end},
     {"fun with free variables", fun() -> told([call], all(true), fun() -> closure(5) end) end},
     {"global: apply and funs", fun() -> told([call], [{{?MODULE, g, 1}, true, []}], fun() -> g(9), apply(?MODULE, g, [4]), (fun ?MODULE:g/1)(7) end) end},
     {"a BIF", fun() -> told([call], [{{erlang, phash2, 1}, true, [local]}], fun() -> len([1, 2]), erlang:phash2(x) end) end},
     {"a BIF, global", fun() -> told([call], [{{erlang, phash2, 1}, true, []}], fun() -> len([1, 2]), apply(erlang, phash2, [x]) end) end},
     {"a BIF of lists", fun() -> told([call], [{{lists, reverse, 2}, true, [global]}], fun() -> sort([1, 2, 3]), lists:reverse([1], [2]) end) end},
     {"guard BIFs are instructions", fun() -> told([call], [{{erlang, length, 1}, true, [local]}], fun() -> len([1, 2]), apply(erlang, length, [[1]]) end) end},
     {"a BIF that yields", fun() -> told([call], [{{erlang, term_to_binary, 1}, spec([{return_trace}]), [local]}], fun() -> byte_size(term_to_binary(lists:seq(1, 3))) end) end},
     {"a large argument", fun() -> [{trace, _, call, {M, F, [L]}}] = told([call], one(sort, 1, true), fun() -> sort(lists:seq(1, 10000)) end), {M, F, length(L)} end},
     {"not the flag call", fun() -> told([send], one(g, 1, true), fun() -> f(1) end) end},
     {"nothing after false", fun() -> erlang:trace_pattern({?MODULE, g, 1}, true, [local]), erlang:trace_pattern({?MODULE, g, 1}, false, [local]), told([call], [], fun() -> f(1) end) end},
     {"silent", fun() -> told([call, silent], all(true), fun() -> f(1) end) end},
     {"collections between", fun() -> length(told([call], one(big, 1, true), fun() -> [length(big(I)) || I <- lists:seq(1, 100)] end)) end},
     {"receive in a traced function", fun() -> told([call], one(wait, 0, spec([{return_trace}])), fun() -> S = self(), spawn(fun() -> S ! go end), wait() end) end},
     {"timestamp", fun() -> told([call, timestamp], one(g, 1, true), fun() -> f(1) end) end},
     {"monotonic timestamp", fun() -> told([call, monotonic_timestamp], one(g, 1, true), fun() -> f(1) end) end}].

returns() ->
    R = spec([{return_trace}]),
    E = spec([{exception_trace}]),
    [{"return_trace", fun() -> told([call], all(R), fun() -> f(1), h(2) end) end},
     {"return_trace of a tail call", fun() -> told([call], one(f, 1, R) ++ one(g, 1, R), fun() -> f(1) end) end},
     {"return_trace of a loop", fun() -> told([call], one(l, 1, R), fun() -> l(3) end) end},
     {"return_trace global", fun() -> told([call], [{{?MODULE, g, 1}, R, []}], fun() -> h(1) end) end},
     {"return_trace of a BIF", fun() -> told([call], [{{erlang, phash2, 1}, R, [local]}], fun() -> len([1]), erlang:phash2(2) end) end},
     {"return_trace and an exception", fun() -> told([call], one(bad, 1, R), fun() -> catch bad(3) end) end},
     {"exception_trace", fun() -> told([call], one(bad, 1, E), fun() -> catch bad(3) end) end},
     {"exception_trace and a return", fun() -> told([call], one(bad, 1, E), fun() -> bad([1]) end) end},
     {"exception_trace through three", fun() -> told([call], all(E), fun() -> catch x(3) end) end},
     {"exception_trace of throw", fun() -> told([call], one(t, 1, E), fun() -> catch t(3) end) end},
     {"exception_trace of exit", fun() -> told([call], [{{erlang, exit, 1}, E, [local]}], fun() -> catch exit(3) end) end},
     {"exception_trace of a BIF", fun() -> told([call], [{{erlang, atom_to_list, 1}, E, [local]}], fun() -> catch atom_to_list(hd([3])) end) end},
     {"return_to", fun() -> told([call, return_to], all(true), fun() -> f(1), h(2), ok end) end},
     {"return_to and an exception", fun() -> told([call, return_to], all(true), fun() -> catch bad(3), ok end) end},
     {"return_to and catches", fun() -> told([call, return_to], all(true), fun() -> catch x(3), ok end) end},
     {"return_to global says nothing", fun() -> told([call, return_to], [{{?MODULE, g, 1}, true, []}], fun() -> h(2), ok end) end},
     {"return_to and return_trace", fun() -> told([call, return_to], all(R), fun() -> h(2), ok end) end},
     {"uncaught exception", fun() -> uncaught() end},
     {"deep recursion with return_trace", fun() -> length(told([call, arity], one(l, 1, R), fun() -> l(5000) end)) end}].

uncaught() ->
    Pid = spawn(fun() -> receive go -> t(away) end end),
    erlang:trace_pattern({?MODULE, t, 1}, spec([{exception_trace}]), [local]),
    erlang:trace(Pid, true, [call]),
    Monitor = monitor(process, Pid),
    Pid ! go,
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    Messages = collect(Pid, erlang:trace_delivered(Pid)),
    erlang:trace_pattern({?MODULE, t, 1}, false, [local]),
    Messages.

specifications() ->
    T = fun(Spec) -> fun() -> told([call], one(g, 1, Spec), fun() -> h(7) end) end end,
    [{"a pattern that does not match", T([{[8], [], []}])},
     {"a pattern that matches", T([{[7], [], []}])},
     {"a guard", T([{['$1'], [{'>', '$1', 8}], []}])},
     {"two clauses", T([{['$1'], [{'>', '$1', 8}], [{message, big}]}, {['$1'], [], [{message, {{small, '$1'}}}]}])},
     {"message true", T([{'_', [], [{message, true}]}])},
     {"message false", T([{'_', [], [{message, false}]}])},
     {"message false with return_trace", T([{'_', [], [{message, false}, {return_trace}]}])},
     {"message of a term", T([{['$1'], [], [{message, {{'$1', {self}, '$_', '$$'}}}]}])},
     {"caller", T(spec([{message, {caller}}]))},
     {"caller_line", T(spec([{message, {caller_line}}]))},
     {"caller of a tail call", fun() -> told([call], one(g, 1, spec([{message, {caller}}])), fun() -> f(1), ok end) end},
     {"caller of a BIF's tail call", fun() -> told([call], [{{lists, reverse, 2}, spec([{message, {caller}}]), [local]}], fun() -> sort([1, 2, 3]), ok end) end},
     {"caller of a BIF", fun() -> told([call], [{{erlang, phash2, 1}, spec([{message, {caller}}]), [local]}], fun() -> len([1]), ok end) end},
     {"set_tcw and get_tcw", T(spec([{set_tcw, 17}, {message, {get_tcw}}]))},
     {"set_tcw has the old value", fun() -> erlang:system_flag(trace_control_word, 3), told([call], one(g, 1, spec([{message, {set_tcw, 4}}])), fun() -> h(1), h(2) end) end},
     {"is_seq_trace", T(spec([{message, {is_seq_trace}}]))},
     {"get_seq_token", T(spec([{message, {get_seq_token}}]))},
     {"values of actions", T(spec([{message, {{{silent, false}, {enable_trace, foo}, {return_trace}, {exception_trace}}}}]))},
     {"a failing call in a body", T(spec([{message, {{{hd, x}, after_it}}}]))},
     {"a failing call in a guard", T([{'_', [{hd, x}], []}])},
     {"process_dump is a binary", fun() -> [{trace, _, call, _, B} | _] = told([call], one(g, 1, spec([{message, {process_dump}}])), fun() -> h(1) end), {is_binary(B), binary:part(B, 0, 6)} end},
     {"silent on", fun() -> told([call], one(g, 1, spec([{silent, true}])), fun() -> h(1), h(2) end) end},
     {"silent off", fun() -> told([call, silent], one(g, 1, spec([{silent, false}])), fun() -> h(1), h(2) end) end},
     {"enable_trace", fun() -> flags_after([call], spec([{enable_trace, send}])) end},
     {"disable_trace", fun() -> flags_after([call, send], spec([{disable_trace, send}])) end},
     {"trace/2", fun() -> flags_after([call, send], spec([{trace, [send], ['receive', procs]}])) end},
     {"trace/3", fun() -> flags_after([call, send], spec([{trace, {self}, [send], [procs]}])) end},
     {"disable call", fun() -> flags_after([call], spec([{disable_trace, call}])) end},
     {"variables in tuples and maps", fun() -> told([call], one(sort, 1, [{[['$1' | '$2']], [{is_integer, '$1'}], [{message, {{'$1', '$2'}}}]}]), fun() -> sort([1, 2]), sort([a]) end) end}].

flags_after(Flags, Spec) ->
    run(Flags, one(g, 1, Spec), fun(Worker) -> erlang:trace_info(Worker, flags) end, [fun() -> h(1), self() ! x, receive x -> ok end end]).

counters() ->
    [{"call_count", fun() -> counted(call_count, fun(_) -> [erlang:trace_info({?MODULE, F, 1}, call_count) || F <- [f, g, h, bad, l]] end) end},
     {"call_count of a BIF", fun() -> element(2, run([], [{{erlang, phash2, 1}, true, [call_count]}], fun(_) -> erlang:trace_info({erlang, phash2, 1}, call_count) end, [fun() -> len([1]), erlang:phash2(1) end])) end},
     {"call_count pauses", fun() -> counted(call_count, fun(W) -> erlang:trace_pattern({?MODULE, g, 1}, pause, [call_count]), run_in(W, fun() -> g(1) end), A = erlang:trace_info({?MODULE, g, 1}, call_count), erlang:trace_pattern({?MODULE, g, 1}, restart, [call_count]), run_in(W, fun() -> g(1) end), {A, erlang:trace_info({?MODULE, g, 1}, call_count)} end) end},
     {"call_time", fun() -> element(2, run([call], [{{?MODULE, '_', '_'}, true, [call_time]}], fun(_) -> [times({?MODULE, F, 1}) || F <- [f, g, h, bad, l]] end, [fun() -> f(1), h(2), h(3), catch bad(x), l(3) end])) end},
     {"call_time of an untraced process", fun() -> element(2, run([], [{{?MODULE, '_', '_'}, true, [call_time]}], fun(_) -> [times({?MODULE, F, 1}) || F <- [f, g]] end, [fun() -> f(1) end])) end},
     {"call_count and call_time and local", fun() -> run([call], [{{?MODULE, g, 1}, true, [local, call_count, call_time]}], fun(_) -> {erlang:trace_info({?MODULE, g, 1}, call_count), times({?MODULE, g, 1}), erlang:trace_info({?MODULE, g, 1}, traced)} end, [fun() -> f(1), h(2) end]) end}].

counted(Kind, Look) ->
    element(2, run([], [{{?MODULE, '_', '_'}, true, [Kind]}], Look, [fun() -> f(1), h(2), h(3), catch bad(x), l(3) end])).

times(MFA) ->
    case erlang:trace_info(MFA, call_time) of
        {call_time, Rows} when is_list(Rows) -> [{Calls, is_integer(S + Us)} || {_, Calls, S, Us} <- Rows];
        Other -> Other
    end.

meta() ->
    M = fun(Spec) -> fun() -> told([], [{{?MODULE, g, 1}, Spec, [{meta, self()}]}], fun() -> f(1), h(2) end) end end,
    [{"meta", M(true)},
     {"meta return_trace", M(spec([{return_trace}]))},
     {"meta message", M([{['$1'], [], [{message, {{m, '$1'}}}]}])},
     {"meta exception_trace", fun() -> told([], [{{?MODULE, bad, 1}, spec([{exception_trace}]), [{meta, self()}]}], fun() -> catch bad(2) end) end},
     {"meta and local", fun() -> told([call], [{{?MODULE, g, 1}, true, [{meta, self()}]}, {{?MODULE, g, 1}, spec([{message, own}]), [local]}], fun() -> f(1) end) end},
     {"meta of a BIF", fun() -> told([], [{{erlang, phash2, 1}, true, [{meta, self()}]}], fun() -> len([1]) end) end},
     {"meta without its process", fun() -> told([], [{{?MODULE, g, 1}, true, [meta]}], fun() -> f(1) end) end}].

cases() -> calls() ++ returns() ++ specifications() ++ counters() ++ meta().
