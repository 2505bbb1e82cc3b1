%% Operators on integers so large that they take many slices: in bodies and guards, applied, in
%% several processes at once, with other values alive, ended by exit signals; and large integers as
%% text.
-module(large_numbers).
-export([run/0, work/2]).

run() ->
    A = number(3, 1200),
    B = number(7, 700),
    show(body, {A * B, A div B, A rem B}),
    show(mixed, mixed(A, B, {a, "list", 1.5}, [1, 2, 3])),
    show(guards, [guard(Op, A, B) || Op <- [times, 'div', 'rem', wrong]]),
    show(applied, [apply(erlang, Op, [A, B]) || Op <- ['*', 'div', 'rem']]),
    show(funs, [F(A, B) || F <- [fun erlang:'*'/2, fun erlang:'div'/2, fun(X, Y) -> X rem Y end]]),
    show(signs, [{X * Y, X div Y, X rem Y} || X <- [A, -A], Y <- [B, -B]]),
    show(text, {integer_to_list(A), integer_to_binary(B, 7), list_to_integer(integer_to_list(A)) =:= A,
                binary_to_integer(integer_to_binary(B, 36), 36) =:= B}),
    show(match_spec, ets:match_spec_run([{A, B}], ets:match_spec_compile([{{'$1', '$2'}, [], [{'*', '$1', '$2'}]}]))),
    show(failed, [catch_reason(fun() -> (A * B) div zero(A) end), catch_reason(fun() -> A * B * not_a_number(A) end)]),
    processes(A, B),
    killed(A),
    ok.

%% A multiplier with a period too long to matter here.
number(Seed, Digits) -> number(Digits, Seed, 0).
number(0, _, N) -> N;
number(K, S, N) ->
    Next = (S * 6364136223846793005 + 1442695040888963407) band 16#ffffffffffffffff,
    number(K - 1, Next, (N bsl 64) bor Next).

show(What, Value) -> erlang:display({What, erlang:phash2(Value)}).

mixed(A, B, T, [X | Y]) ->
    P = A * B,
    Q = P div (A + X),
    R = P rem (B - X),
    {T, Y, P, Q, R, X, P * Q - R}.

guard(times, A, B) when A * B > A, A * B rem 2 >= 0 -> {times, A + B};
guard('div', A, B) when A div B > 1 -> {'div', A - B};
guard('rem', A, B) when A rem B < B -> {'rem', B};
guard(wrong, A, B) when A * B < 0; A div B < 0 -> negative;
guard(_, _, _) -> otherwise.

zero(X) -> X - X.
not_a_number(_) -> atom.

catch_reason(F) -> try F() catch error:Reason -> Reason end.

processes(A, B) ->
    Pids = [spawn_monitor(?MODULE, work, [A + I, B + I]) || I <- lists:seq(1, 8)],
    erlang:display({processes, [receive {'DOWN', Ref, process, Pid, Reason} -> Reason end || {Pid, Ref} <- Pids]}).
work(A, B) ->
    P = A * B,
    true = P div B =:= A,
    exit({done, erlang:phash2({P, P rem (A + 1)})}).

killed(A) ->
    Endless = fun F(X) -> F((X * X) rem (A + 1)) end,
    {Pid, Ref} = spawn_monitor(fun() -> Endless(A) end),
    receive after 20 -> ok end,
    exit(Pid, enough),
    receive {'DOWN', Ref, process, Pid, Reason} -> erlang:display({killed, Reason}) end.
