%% Functions of the emulator that only OTP's own tools use, on a node without distribution, without
%% drivers in C and without lock counting.
-module(internal_bifs).
-export([cases/0]).

cases() ->
    [{lists:flatten(io_lib:format("~w:~w/~b", [M, F, length(A)])), fun() -> apply(M, F, A) end} || {M, F, A} <- calls()] ++
    [{"is_process_alive/2", fun() -> R = make_ref(), ok = erts_internal:is_process_alive(self(), R), receive {R, X} -> X end end},
     {"is_process_alive/2 of a dead one", fun() -> R = make_ref(), ok = erts_internal:is_process_alive(dead(), R), receive {R, X} -> X end end},
     {"process_display of a dead one", fun() -> {erts_internal:process_display(dead(), backtrace), catch erlang:process_display(dead(), backtrace)} end},
     {"process_display of something else", fun() -> {erts_internal:process_display(self(), foo), catch erlang:process_display(self(), foo)} end},
     {"driver monitor", fun() -> R = erl_ddll:monitor(driver, {"nodrv", loaded}), receive {'DOWN', R, driver, Name, What} -> {Name, What} end end},
     {"a super user reads private tables", fun private/0},
     {"raw first and next", fun() -> T = ets:new(t, [ordered_set]), ets:insert(T, [{1, a}, {2, b}]), {erts_internal:ets_raw_first(T), erts_internal:ets_raw_next(T, 1), erts_internal:ets_raw_next(T, 2)} end},
     {"binaries of an object", fun() -> T = ets:new(t, []), ets:insert(T, [{a, 1}, {b, <<1:800>>}]), {[{is_integer(I), S, C} || {I, S, C} <- erts_internal:ets_lookup_binary_info(T, b)], erts_internal:ets_lookup_binary_info(T, a), erts_internal:ets_lookup_binary_info(T, c)} end},
     {"instructions have names", fun() -> L = erts_debug:instructions(), {length(L) > 100, lists:all(fun is_list/1, L)} end},
     {"dist_spawn_request", fun() -> R = erts_internal:dist_spawn_request('a@b', {lists, seq, [1, 2]}, [], spawn_request), receive {spawn_reply, R, A, B} -> {A, B} end end},
     {"new_connection", fun() -> {A, B} = erts_internal:new_connection('a@b'), {is_integer(A), is_reference(B)} end}].

calls() ->
    [{erlang, setnode, ['a@b', 1]}, {erlang, setnode, [foo, 1]}, {erlang, setnode, [1, 1]},
     {erlang, dist_ctrl_get_data, [x]}, {erlang, dist_ctrl_get_data_notification, [x]}, {erlang, dist_ctrl_get_opt, [x, get_size]},
     {erlang, dist_ctrl_input_handler, [x, y]}, {erlang, dist_ctrl_put_data, [x, []]}, {erlang, dist_ctrl_set_opt, [x, get_size, true]}, {erlang, dist_get_stat, [x]},
     {erlang, dt_append_vm_tag_data, [<<"x">>]}, {erlang, dt_prepend_vm_tag_data, [<<"x">>]}, {erlang, dt_get_tag, []}, {erlang, dt_get_tag_data, []},
     {erlang, dt_put_tag, [<<"x">>]}, {erlang, dt_put_tag, [1]}, {erlang, dt_spread_tag, [true]}, {erlang, dt_restore_tag, [true]},
     {erts_debug, disassemble, [{lists, seq, 2}]}, {erts_debug, disassemble, [x]},
     {erts_debug, copy_shared, [{a, [1, 2]}, []]}, {erts_debug, copy_shared, [{a, [1, 2]}, foo]}, {erts_debug, size_shared, [[{a}, {b}]]},
     {erts_debug, map_info, [#{a => 1}]}, {erts_debug, map_info, [a]}, {erts_debug, dist_ext_to_term, [{x}, 1]}, {erts_debug, dist_ext_to_term, [x, 1]},
     {erts_debug, interpreter_size, []}, {erts_debug, lcnt_clear, []}, {erts_debug, lcnt_collect, []}, {erts_debug, lcnt_control, [mask]},
     {erl_ddll, info, ["nodrv", processes]}, {erl_ddll, info, ["nodrv"]},
     {erl_ddll, format_error_int, [x]}, {erl_ddll, try_load, ["/nopath", "nodrv", []]}, {erl_ddll, try_load, [1, 2, []]}, {erl_ddll, try_unload, ["nodrv", []]}, {erl_ddll, try_unload, ["nodrv", foo]},
     {erl_ddll, load, ["/nopath", "nodrv"]}, {erl_ddll, unload, ["nodrv"]}, {erl_ddll, monitor, [foo, 1]}, {erl_ddll, demonitor, [make_ref()]}, {erl_ddll, demonitor, [1]}] ++
    [{erl_ddll, format_error, [E]} || E <- [inconsistent, linked_in_driver, permanent, not_loaded, not_loaded_by_this_process, not_pending, already_loaded]] ++
    [{erts_internal, abort_pending_connection, ['a@b', make_ref()]}, {erts_internal, get_dflags, []}, {erts_internal, new_connection, [1]}, {erts_internal, ets_super_user, [foo]},
     {erts_internal, check_dirty_process_code, [x, lists]}, {erts_internal, create_dist_channel, ['a@b', x, {1, 2, 3}]},
     {erts_internal, is_process_alive, [a, b]}, {erts_internal, system_check, [schedulers]}, {erts_internal, system_check, [foo]},
     {erts_internal, scheduler_wall_time, [true]}, {erts_internal, scheduler_wall_time, [false]}, {erts_internal, scheduler_wall_time, [foo]}].

dead() ->
    {P, R} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', R, _, _, _} -> P end.

private() ->
    S = self(),
    P = spawn(fun() -> T = ets:new(t, [private]), ets:insert(T, {1, a}), S ! {table, T}, receive stop -> ok end end),
    T = receive {table, X} -> X end,
    A = (catch ets:lookup(T, 1)),
    ok = erts_internal:ets_super_user(true),
    B = (catch ets:lookup(T, 1)),
    ok = erts_internal:ets_super_user(false),
    C = (catch ets:lookup(T, 1)),
    P ! stop,
    {element(1, A), B, element(1, C)}.
