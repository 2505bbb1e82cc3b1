%% Stack traces of applications in tail position, with and without a frame: functions that raise
%% belong to the function that applies them, others do not; arguments that are none.
-module(applied).
-export([cases/0, target/1]).

cases() ->
    [{lists:flatten(io_lib:format("~w of ~w, ~w", [Name, What, Depth])),
      fun() -> trace(fun() -> deep(Depth, Fun, What) end) end}
     || {Name, Fun} <- ways(), What <- applied(), Depth <- [0, 2, 12]].

ways() ->
    [{only, fun only/1}, {last, fun last/1}, {body, fun body/1}, {named_only, fun named_only/1},
     {named_last, fun named_last/1}, {named_body, fun named_body/1}, {fun_only, fun fun_only/1},
     {fun_last, fun fun_last/1}, {fun_body, fun fun_body/1}].

applied() ->
    [{erlang, error, [why]}, {erlang, error, [why, [a]]}, {erlang, error, [why, none]},
     {erlang, error, [why, a]}, {erlang, error, [why, [a | b]]},
     {erlang, error, [why, [a], [{error_info, #{cause => x}}]]}, {erlang, error, [why, [a], b]},
     {erlang, exit, [why]}, {erlang, throw, [why]}, {erlang, raise, [error, why, []]},
     {erlang, raise, [error, why, [{m, f, 1, []}]]}, {erlang, raise, [a, why, []]},
     {erlang, nif_error, [why]}, {erlang, nif_error, [why, [a]]}, {lists, reverse, [a]},
     {erlang, atom_to_list, [1]}, {erlang, hd, [a]}, {erlang, exit, [a, b]}, {lists, append, [a, b]},
     {?MODULE, target, [1]}, {?MODULE, none, [1]}, {no_such_module, f, []}, {a, b, c},
     {a, b, [c | d]}, {1, b, []}, {a, 1, []}, {erlang, error, lists:seq(1, 300)}].

target(X) -> [target | X] ++ a, ok.

deep(0, Fun, What) -> Fun(What);
deep(N, Fun, What) -> [deep(N - 1, Fun, What) | N].

only({M, F, A}) -> apply(M, F, A).
last({M, F, A}) -> used(A), apply(M, F, A).
body({M, F, A}) -> [apply(M, F, A)].

named_only({M, F, [A]}) -> M:F(A);
named_only({M, F, [A, B]}) -> M:F(A, B);
named_only({M, F, [A, B, C]}) -> M:F(A, B, C);
named_only(_) -> left_out.
named_last({M, F, [A]}) -> used(A), M:F(A);
named_last({M, F, [A, B]}) -> used(A), M:F(A, B);
named_last({M, F, [A, B, C]}) -> used(A), M:F(A, B, C);
named_last(_) -> left_out.
named_body({M, F, [A]}) -> [M:F(A)];
named_body({M, F, [A, B]}) -> [M:F(A, B)];
named_body({M, F, [A, B, C]}) -> [M:F(A, B, C)];
named_body(_) -> left_out.

fun_only({M, F, A}) -> apply(made(M, F, A), A).
fun_last({M, F, A}) -> Fun = made(M, F, A), used(A), apply(Fun, A).
fun_body({M, F, A}) -> [apply(made(M, F, A), A)].

made(M, F, A) ->
    try erlang:make_fun(M, F, length(A))
    catch error:_ -> {M, F}
    end.

used(Term) -> put(used, Term).

trace(Fun) ->
    try Fun() of
        Value -> {value, Value}
    catch
        Class:Reason:Trace -> {Class, Reason, once([shown(Entry) || Entry <- Trace])}
    end.

%% OTP's compiled code names the caller of apply/2 twice when what it applies is no function.
once([Entry, Entry | Rest]) -> once([Entry | Rest]);
once([Entry | Rest]) -> [Entry | once(Rest)];
once([]) -> [].

shown({M, F, A, Info}) -> {M, F, A, proplists:get_value(line, Info), [I || I = {error_info, _} <- Info]}.
