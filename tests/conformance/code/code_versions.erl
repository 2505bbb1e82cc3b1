%% Two versions of a module, processes and funs in the old one, purging, deleting, on_load.
-module(code_versions).
-export([run/0]).
-include("code_modules.hrl").

run() ->
    start_purger(),
    versions(),
    purging(),
    deleting(),
    on_load().

show(T) -> erlang:display(T).

try_it(F) ->
    try F()
    catch
        C:{R, _} -> {C, R};
        C:R -> {C, R}
    end.

%% On OTP the system has started it already.
start_purger() ->
    case whereis(erts_code_purger) of
        undefined -> spawn(erts_code_purger, start, []), wait_for(erts_code_purger);
        _ -> ok
    end.
wait_for(Name) ->
    case whereis(Name) of
        undefined -> erlang:yield(), wait_for(Name);
        Pid -> Pid
    end.

%% The process has taken its messages and waits.
settle(Pid) ->
    case erlang:process_info(Pid, [message_queue_len, status]) of
        [{_, 0}, {_, waiting}] -> ok;
        _ -> erlang:yield(), settle(Pid)
    end.

load(N) ->
    case erlang:prepare_loading(vv, vv(N)) of
        {error, _} = E -> E;
        P -> erlang:finish_loading([P])
    end.

versions() ->
    show({before, erlang:module_loaded(vv), try_it(fun() -> vv:v() end)}),
    show({load, load(1), vv:v(), erlang:check_old_code(vv)}),
    F1 = vv:f(a),
    Old = spawn_link(vv, loop, [self()]),
    Old ! stay,
    settle(Old),
    show({load, load(2), vv:v(), erlang:check_old_code(vv)}),
    show({third, load(3), vv:v()}),
    F2 = vv:f(b),
    show({funs, F1(x), F2(x), erlang:fun_info(F1, module), erlang:fun_info(F1, type)}),
    show({in_old_code, erlang:check_process_code(Old, vv), erlang:check_process_code(self(), vv)}),
    Old ! next,
    Old ! stop,
    show(receive N -> {stopped, N} end),
    show({exported, erlang:function_exported(vv, v, 0), erlang:function_exported(vv, w, 0)}),
    put(funs, {F1, F2}).

purging() ->
    {F1, F2} = get(funs),
    show({soft, erts_code_purger:soft_purge(vv), erlang:check_old_code(vv)}),
    show({gone, try_it(fun() -> F1(x) end), F2(x)}),
    show({load, load(3), vv:v(), F2(y)}),
    show({soft, erts_code_purger:soft_purge(vv)}),
    {Pid, Ref} = spawn_monitor(vv, loop, [self()]),
    Pid ! stay,
    settle(Pid),
    show({load, load(1), vv:v()}),
    show({in_old_code, erlang:check_process_code(Pid, vv)}),
    show({soft, erts_code_purger:soft_purge(vv), erlang:check_old_code(vv), is_process_alive(Pid)}),
    show({hard, erts_code_purger:purge(vv), erlang:check_old_code(vv)}),
    show(receive {'DOWN', Ref, process, Pid, R} -> {down, R} end),
    show({again, erts_code_purger:purge(vv), erts_code_purger:soft_purge(vv)}).

deleting() ->
    F = fun vv:v/0,
    show({call, F()}),
    show({delete, erlang:delete_module(vv), erlang:module_loaded(vv), erlang:check_old_code(vv)}),
    show({delete, try_it(fun() -> erlang:delete_module(vv) end), erlang:function_exported(vv, v, 0)}),
    show({call, try_it(F)}),
    show({purge, erts_code_purger:purge(vv)}),
    show({load, load(2), F()}),
    show(try_it(fun() -> erts_internal:purge_module(vv, prepare) end)).

on_load() ->
    show({loaded, erlang:module_loaded(vol)}),
    P = erlang:prepare_loading(vol, vol()),
    show({has, erlang:has_prepared_code_on_load(P)}),
    show({finish, erlang:finish_loading([P])}),
    show({not_yet, erlang:module_loaded(vol)}),
    show({ran, erlang:call_on_load_function(vol)}),
    show({kept, erts_code_purger:finish_after_on_load(vol, true), vol:ready()}),
    put(vol, false),
    P2 = erlang:prepare_loading(vol, vol()),
    show({finish, erlang:finish_loading([P2])}),
    show({ran, erlang:call_on_load_function(vol)}),
    show({dropped, erts_code_purger:finish_after_on_load(vol, false), vol:ready()}),
    show({old, erlang:check_old_code(vol)}),
    show(try_it(fun() -> erlang:call_on_load_function(vol) end)),
    show(try_it(fun() -> erlang:finish_after_on_load(vol, true) end)).
