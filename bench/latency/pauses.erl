%% Scenarios for the longest pause: each does something large while the VM notes how long it goes
%% at most without looking whether another process should run (vm/pauses.ts). This module runs on
%% the bare VM, in an emulator whose clock counts instructions. A scenario prepares what it needs,
%% and gives a fun that is measured. The scale of all sizes is the argument, in thousands.
-module(pauses).
-export([run/2, names/0, scenario/3]).

run(Scale, Names) ->
    N = Scale * 1000,
    % This one must find its module as a fresh system has it.
    {First, Rest} = lists:partition(fun(Name) -> Name =:= load_module end, Names),
    lists:foreach(fun(Name) -> report(Name, N) end, First),
    load_modules(),
    lists:foreach(fun(Name) -> report(Name, N) end, Rest),
    erlang:display({done, length(Names)}).

%% Loading a module is a scenario of its own: the others find theirs loaded.
load_modules() ->
    io_lib:format("~w", [[1, "b", <<1>>, #{}, 1.5]]),
    spawn_opt(fun() -> erlang:hibernate(erlang, length, [[]]) end, []),
    maps:map(fun(_, V) -> V end, #{a => b}),
    lists:sort([2, 1]),
    catch binary:split(<<"a b">>, <<" ">>, [global]),
    catch unicode:characters_to_list(<<"a">>),
    catch ets:match_delete(none, none).

%% Every scenario in a process of its own, so that its garbage is gone before the next.
report(Name, N) ->
    erlang:display({begins, Name}),
    Options = [monitor | options(Name, N)],
    {Pid, Monitor} = spawn_opt(?MODULE, scenario, [self(), Name, N], Options),
    receive
        {Pid, {Longest, Count, Where}} -> erlang:display({pause, Name, Longest, Count, Where});
        {'DOWN', Monitor, process, Pid, Reason} -> erlang:display({failed, Name, Reason})
    end,
    receive {'DOWN', Monitor, process, Pid, _} -> ok after 0 -> ok end.

%% A heap that is large from the beginning is filled without collections, which take long here.
options(collection, N) -> [{min_heap_size, 11 * 6 * N + 1000000}];
options(_, _) -> [].

scenario(Parent, Name, N) ->
    Action = prepare(Name, N),
    erlang:display({prepared, Name}),
    vbeam_pauses:start(),
    Action(),
    Parent ! {self(), vbeam_pauses:stop()}.

names() ->
    [load_module, nothing, spawn_and_send, collection, print, print_to_list, exit_with_links,
     exit_with_monitors, drop_table, drop_ordered_table, purge, move_literals, send, term_to_binary,
     binary_to_term, compare, equal, exit_with_messages, exit_with_heap, list_to_tuple,
     tuple_to_list, reverse, append, subtract,
     member, length, maps_from_list, maps_keys, maps_merge, ets_insert, ets_lookup, ets_select,
     ets_tab2list, phash2, md5, list_to_binary, iolist_to_binary, binary_to_list, binary_copy,
     binary_match, binary_split, atom_table, put_many, load_binary, spawn_arguments,
     flat_size, multiply, integer_to_list, timers, hibernate, process_list, exit_with_timers,
     setelement, selective_receive, append_binary, unicode, sort, unwind].

list(N) -> lists:seq(1, N).
nested(N) -> [{I, [I], <<I:32>>} || I <- lists:seq(1, N)].
%% A list of N elements, made where its garbage does not stay.
finish(Pid) ->
    Monitor = monitor(process, Pid),
    Pid ! go,
    receive {'DOWN', Monitor, process, Pid, _} -> ok end.
%% A process that holds what Prepare makes and ends when it is told to.
holder(Prepare) -> holder(Prepare, fun(_) -> ok end).
holder(Prepare, End) ->
    Self = self(),
    Pid = spawn(fun() -> X = Prepare(), Self ! {self(), ready}, receive go -> End(X) end end),
    receive {Pid, ready} -> Pid end.
idle() -> spawn(fun idle_loop/0).
idle_loop() -> receive stop -> ok end.
%% As nested, by a loop that leaves nothing else on the heap.
fill(0, L) -> L;
fill(N, L) -> fill(N - 1, [{N, [N], <<N:32>>} | L]).
%% The result of F, called N calls deep.
deeply(0, F) -> F();
deeply(N, F) -> wrapped(deeply(N - 1, F)).
wrapped(X) -> X.
deep_process(N, F) ->
    Self = self(),
    Pid = spawn(fun() -> L = nested(N), deeply(N, fun() -> F(Self) end), length(L) end),
    receive {Pid, ready} -> Pid end.
ready(Parent) ->
    Parent ! {self(), ready},
    receive stop -> ok end,
    back.
%% A process that, when it is told to, fails with a deep stack above the only catch.
unwinding(N, Fail) ->
    Self = self(),
    Deep = fun() -> Self ! {self(), ready}, receive go -> Fail() end end,
    Pid = spawn(fun() -> try deeply(N, Deep) catch _:_:Trace -> length(Trace) end end),
    receive {Pid, ready} -> Pid end.
uses_old_code(Pid) ->
    Id = make_ref(),
    erts_internal:request_system_task(Pid, normal, {check_process_code, Id, pauses_purged}),
    receive {check_process_code, Id, Uses} -> Uses end.
repeat(0, _) -> ok;
repeat(N, F) -> F(N), repeat(N - 1, F).

prepare(nothing, _) -> fun() -> repeat(1000, fun(X) -> X end) end;
prepare(spawn_and_send, _) ->
    fun() -> repeat(1000, fun(_) -> finish(spawn(fun() -> receive go -> ok end end)) end) end;
prepare(collection, N) ->
    % Eleven words an element: two cells, a tuple of three, a binary. With N = 1,000,000: 528 MB.
    L = fill(N * 6, []),
    fun() -> garbage_collect(), L end;
prepare(print, N) ->
    L = list(N),
    fun() -> erlang:display(L) end;
prepare(print_to_list, N) ->
    L = list(N),
    fun() -> io_lib:format("~w", [L]) end;
prepare(exit_with_links, N) ->
    Pid = holder(fun() -> [spawn_link(fun idle_loop/0) || _ <- lists:seq(1, N div 10)] end,
                 fun(_) -> exit(shutdown) end),
    fun() -> finish(Pid) end;
prepare(exit_with_monitors, N) ->
    Pid = holder(fun() -> P = idle(), [monitor(process, P) || _ <- lists:seq(1, N)] end),
    fun() -> finish(Pid) end;
prepare(drop_table, N) ->
    T = ets:new(t, [set, public]),
    repeat(N, fun(I) -> ets:insert(T, {I, I, [I]}) end),
    fun() -> ets:delete(T), repeat(N, fun(X) -> X end) end;
prepare(drop_ordered_table, N) ->
    T = ets:new(t, [ordered_set, public]),
    repeat(N, fun(I) -> ets:insert(T, {I, I, [I]}) end),
    fun() -> ets:delete(T), repeat(N, fun(X) -> X end) end;
prepare(purge, N) ->
    % Only this name may purge.
    register(erts_code_purger, self()),
    {ok, Code} = prim_file:read_file("/program/pauses_purged.beam"),
    pauses_purged:constant(),
    % Both have a deep stack and a large heap, and one waits in code that will be old.
    User = deep_process(N, fun(Parent) -> pauses_purged:wait(Parent) end),
    {module, _} = erlang:load_module(pauses_purged, Code),
    Other = deep_process(N, fun ready/1),
    fun() ->
        true = erts_internal:purge_module(pauses_purged, prepare),
        true = uses_old_code(User),
        false = uses_old_code(Other),
        false = erts_internal:check_process_code(pauses_purged),
        false = erts_internal:purge_module(pauses_purged, abort),
        exit(User, kill),
        true = purge(pauses_purged)
    end;
prepare(move_literals, N) ->
    persistent_term:put(pauses, nested(N)),
    L = persistent_term:get(pauses),
    Pid = holder(fun() -> fill(N, [L]) end),
    repeat(N, fun(I) -> Pid ! {I, [I]} end),
    Pid ! [L],
    fun() ->
        % Whoever asks first is the collector here. Nothing refers to what other scenarios retired.
        free_literals(),
        persistent_term:erase(pauses),
        true = erts_literal_area_collector:release_area_switch(),
        ok = erts_literal_area_collector:send_copy_request(Pid, pauses, need_gc),
        receive {copy_literals, {pauses, need_gc, Pid}, ok} -> ok end,
        ok = erts_literal_area_collector:send_copy_request(self(), pauses, need_gc),
        receive {copy_literals, {pauses, need_gc, _}, ok} -> ok end,
        false = erts_literal_area_collector:release_area_switch(),
        true = erts_debug:size_shared(L) > 0
    end;
prepare(send, N) ->
    P = idle(),
    L = nested(N),
    fun() -> P ! L end;
prepare(term_to_binary, N) ->
    L = nested(N),
    fun() -> term_to_binary(L) end;
prepare(binary_to_term, N) ->
    B = term_to_binary(nested(N)),
    fun() -> binary_to_term(B) end;
prepare(compare, N) ->
    A = nested(N),
    B = nested(N),
    fun() -> A < B end;
prepare(equal, N) ->
    A = nested(N),
    B = nested(N),
    fun() -> A == B, A =:= B end;
prepare(exit_with_messages, N) ->
    Pid = holder(fun() -> ok end, fun(_) -> ok end),
    Other = spawn(fun() -> receive never -> ok end end),
    repeat(N, fun(I) -> Other ! {I, [I]} end),
    finish(Pid),
    fun() ->
        M = monitor(process, Other),
        exit(Other, kill),
        receive {'DOWN', M, _, _, _} -> ok end
    end;
prepare(exit_with_heap, N) ->
    Pid = holder(fun() -> [binary:copy(<<"0123456789">>, 10) || _ <- lists:seq(1, N)] end),
    fun() -> finish(Pid) end;
prepare(list_to_tuple, N) ->
    L = list(N),
    fun() -> list_to_tuple(L) end;
prepare(tuple_to_list, N) ->
    T = list_to_tuple(list(N)),
    fun() -> tuple_to_list(T) end;
prepare(reverse, N) ->
    L = list(N),
    fun() -> lists:reverse(L) end;
prepare(append, N) ->
    L = list(N),
    fun() -> L ++ [x] end;
prepare(subtract, N) ->
    L = list(N),
    fun() -> L -- lists:reverse(L) end;
prepare(member, N) ->
    L = list(N),
    fun() -> lists:member(x, L), lists:keyfind(x, 1, L) end;
prepare(length, N) ->
    L = list(N),
    fun() -> length(L) end;
prepare(maps_from_list, N) ->
    L = [{I, I} || I <- list(N)],
    fun() -> maps:from_list(L) end;
prepare(maps_keys, N) ->
    M = maps:from_list([{I, I} || I <- list(N)]),
    fun() -> {maps:keys(M), maps:values(M), maps:to_list(M), maps:map(fun(_, V) -> V end, M)} end;
prepare(maps_merge, N) ->
    M = maps:from_list([{I, I} || I <- list(N)]),
    K = maps:from_list([{{I}, I} || I <- list(N)]),
    fun() -> maps:merge(M, K) end;
prepare(ets_insert, N) ->
    L = [{I, I} || I <- list(N)],
    T = ets:new(t, [set, public]),
    fun() -> ets:insert(T, L) end;
prepare(ets_lookup, N) ->
    T = ets:new(t, [bag, public]),
    L = nested(N),
    ets:insert(T, {key, L}),
    fun() -> ets:lookup(T, key) end;
prepare(ets_select, N) ->
    T = ets:new(t, [set, public]),
    repeat(N, fun(I) -> ets:insert(T, {I, I}) end),
    fun() -> ets:select(T, [{{'$1', '_'}, [], ['$1']}]), ets:match_delete(T, {'_', '_'}) end;
prepare(ets_tab2list, N) ->
    T = ets:new(t, [ordered_set, public]),
    repeat(N, fun(I) -> ets:insert(T, {I, I}) end),
    fun() -> ets:tab2list(T), ets:delete_all_objects(T) end;
prepare(phash2, N) ->
    L = nested(N),
    fun() -> erlang:phash2(L) end;
prepare(md5, N) ->
    B = binary:copy(<<"0123456789">>, N),
    fun() -> erlang:md5(B), erlang:crc32(B), erlang:adler32(B) end;
prepare(list_to_binary, N) ->
    L = [I band 255 || I <- list(N)],
    fun() -> list_to_binary(L) end;
prepare(iolist_to_binary, N) ->
    L = [[I band 255, <<"text">>] || I <- list(N)],
    fun() -> iolist_size(L), iolist_to_binary(L) end;
prepare(binary_to_list, N) ->
    B = binary:copy(<<"0123456789">>, N div 10),
    fun() -> binary_to_list(B) end;
prepare(binary_copy, N) ->
    fun() -> binary:copy(<<"0123456789">>, N) end;
prepare(binary_match, N) ->
    B = binary:copy(<<"0123456789">>, N),
    fun() -> binary:match(B, <<"a9">>), binary:matches(B, [<<"90a">>, <<"b">>]) end;
prepare(binary_split, N) ->
    B = binary:copy(<<"01234567 9">>, N div 10),
    fun() -> binary:split(B, <<" ">>, [global]) end;
prepare(atom_table, N) ->
    fun() -> repeat(N div 10, fun(I) -> list_to_atom("pause_" ++ integer_to_list(I)) end) end;
prepare(put_many, N) ->
    fun() -> repeat(N, fun(I) -> put(I, I) end), get(), erase() end;
prepare(load_module, _) ->
    fun() -> 5 = string:length("hello") end;
prepare(load_binary, _) ->
    {ok, Code} = code(),
    fun() -> erlang:load_module(unicode_util, Code) end;
prepare(spawn_arguments, N) ->
    L = nested(N),
    fun() -> spawn(erlang, length, [L]) end;
prepare(flat_size, N) ->
    L = nested(N),
    fun() -> erts_debug:flat_size(L) end;
prepare(multiply, N) ->
    A = (1 bsl N) - 1,
    fun() -> A * A, (A * 3) div 7, A + A, A bsr 3, A band (A - 1) end;
prepare(integer_to_list, N) ->
    A = (1 bsl (N div 10)) - 1,
    fun() -> list_to_integer(integer_to_list(A)) end;
prepare(timers, N) ->
    fun() ->
        repeat(N, fun(_) -> erlang:send_after(1, self(), x) end),
        receive after 100 -> ok end
    end;
prepare(hibernate, N) ->
    Self = self(),
    Pid = holder(fun() -> nested(N) end, fun(_) -> proc_lib_hibernate(Self) end),
    fun() -> Pid ! go, receive after 1000 -> ok end end;
prepare(process_list, N) ->
    [idle() || _ <- lists:seq(1, N div 10)],
    fun() -> processes(), registered() end;
prepare(exit_with_timers, N) ->
    Start = fun(_) -> erlang:send_after(1000000, self(), x) end,
    Pid = holder(fun() -> repeat(N div 10, Start) end),
    fun() -> finish(Pid) end;
prepare(setelement, N) ->
    T = list_to_tuple(list(N)),
    fun() -> setelement(1, T, x), erlang:append_element(T, x), element(N, T) end;
prepare(selective_receive, N) ->
    repeat(N, fun(I) -> self() ! I end),
    fun() -> self() ! last, receive last -> ok end end;
prepare(append_binary, N) ->
    L = list(N),
    fun() -> << <<I:32>> || I <- L >> end;
prepare(unicode, N) ->
    L = list(N div 10),
    fun() -> unicode:characters_to_list(unicode:characters_to_binary(L)) end;
prepare(sort, N) ->
    L = [erlang:phash2(I) || I <- list(N)],
    fun() -> lists:sort(L) end;
prepare(unwind, N) ->
    Fails = [fun() -> throw(x) end, fun() -> error(x) end, fun() -> hd([]) end],
    Pids = [unwinding(N, Fail) || Fail <- Fails],
    fun() -> lists:foreach(fun finish/1, Pids) end;
prepare(Name, N) -> pauses_terms:prepare(Name, N).

purge(Module) ->
    case erts_internal:purge_module(Module, prepare) of
        true -> erts_internal:purge_module(Module, complete);
        false -> false
    end.

free_literals() -> erts_literal_area_collector:release_area_switch() andalso free_literals().

proc_lib_hibernate(_) -> erlang:hibernate(erlang, length, [[]]).

%% The largest module of stdlib, from the boot archive.
code() ->
    {ok, Folders} = prim_file:list_dir("/otp/lib"),
    [Stdlib] = [Folder || "stdlib-" ++ _ = Folder <- Folders],
    prim_file:read_file("/otp/lib/" ++ Stdlib ++ "/ebin/unicode_util.beam").
