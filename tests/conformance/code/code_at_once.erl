%% Modules loaded by several processes at the same time, by processes that are killed meanwhile, and
%% damaged ones beside sound ones.
-module(code_at_once).
-export([cases/0]).

cases() ->
    [{"several at once", fun several/0},
     {"the same module", fun same/0},
     {"killed while loading", fun killed/0},
     {"damaged beside sound", fun damaged/0},
     {"prepared and dropped", fun dropped/0},
     {"other priorities", fun priorities/0}].

%% A module with many functions, literals, atoms and lines.
code(Name, N) ->
    Function = fun(I) ->
        F = list_to_atom("f" ++ integer_to_list(I)),
        [{function, I, F, 1,
          [{clause, I, [{integer, I, I}], [], [erl_parse:abstract({F, [I, <<I:800>>], #{I => I}}, I)]},
           {clause, I, [{var, I, 'X'}], [], [{tuple, I, [{atom, I, F}, {var, I, 'X'}]}]}]}]
    end,
    Forms = [{attribute, 1, module, Name}, {attribute, 1, compile, export_all}
             | lists:append([Function(I) || I <- lists:seq(1, N)])],
    {ok, Name, Code} = compile:forms(Forms, []),
    Code.

names() -> [at_once_a, at_once_b, at_once_c, at_once_d].
results(Name, N) ->
    [F1, FN] = [list_to_atom("f" ++ integer_to_list(I)) || I <- [1, N]],
    {Name:F1(1), Name:F1(x), Name:FN(N), length(Name:module_info(exports)),
     byte_size(Name:module_info(md5))}.

load(Name, Code) -> {module, Name} = erlang:load_module(Name, Code).
unload(Name) -> erlang:delete_module(Name), erlang:purge_module(Name).

several() ->
    Codes = [{Name, code(Name, 150)} || Name <- names()],
    Loaders = [spawn_monitor(fun() -> exit(catch load(Name, Code)) end) || {Name, Code} <- Codes],
    Ends = [receive {'DOWN', M, process, P, Reason} -> Reason end || {P, M} <- Loaders],
    R = {Ends, [results(Name, 150) || Name <- names()]},
    [unload(Name) || Name <- names()],
    R.

same() ->
    Code = code(at_once_e, 150),
    Prepare = fun() -> exit(is_reference(erlang:prepare_loading(at_once_e, Code))) end,
    Loaders = [spawn_monitor(Prepare) || _ <- lists:seq(1, 4)],
    Ends = [receive {'DOWN', M, process, P, Reason} -> Reason end || {P, M} <- Loaders],
    load(at_once_e, Code),
    R = {Ends, results(at_once_e, 150)},
    unload(at_once_e),
    R.

killed() ->
    Code = code(at_once_f, 150),
    Other = code(at_once_g, 10),
    [begin
         P = spawn(fun() -> erlang:prepare_loading(at_once_f, Code) end),
         [erlang:yield() || _ <- lists:seq(1, Yields)],
         exit(P, kill),
         load(at_once_g, Other),
         unload(at_once_g)
     end || Yields <- lists:seq(1, 30)],
    load(at_once_f, Code),
    R = results(at_once_f, 150),
    unload(at_once_f),
    R.

damaged() ->
    Code = code(at_once_h, 120),
    Cut = binary:part(Code, 0, byte_size(Code) - 200),
    Prepare = fun(C) -> fun() -> exit(kind(erlang:prepare_loading(at_once_h, C))) end end,
    Loaders = [spawn_monitor(Prepare(C)) || C <- [Cut, Code, <<>>, Cut, Code]],
    [receive {'DOWN', M, process, P, Reason} -> Reason end || {P, M} <- Loaders].

kind(R) when is_reference(R) -> prepared;
kind(Other) -> Other.

dropped() ->
    Code = code(at_once_i, 50),
    [erlang:prepare_loading(at_once_i, Code) || _ <- lists:seq(1, 20)],
    garbage_collect(),
    erlang:module_loaded(at_once_i).

%% Whoever is more important does not wait for the turn of the others.
priorities() ->
    Code = code(at_once_j, 150),
    Other = code(at_once_k, 150),
    spawn_opt(fun() -> load(at_once_j, Code) end, [{priority, low}]),
    [erlang:yield() || _ <- lists:seq(1, 5)],
    {P, M} = spawn_opt(fun() -> load(at_once_k, Other), exit(results(at_once_k, 150)) end,
                       [{priority, high}, monitor]),
    R = receive {'DOWN', M, process, P, Reason} -> Reason end,
    wait_for(at_once_j),
    [unload(Name) || Name <- [at_once_j, at_once_k]],
    R.

wait_for(Name) ->
    case erlang:module_loaded(Name) of
        true -> ok;
        false -> receive after 1 -> wait_for(Name) end
    end.
