%% What OTP builds on files: dets, disk_log, ets:tab2file, erl_tar in memory of its own, file
%% copies.
-module(files_stores).
-export([cases/0]).

cases() ->
    [{Name, fun() -> conformance_cases:in_folder(Name, F) end} || {Name, F} <- [
        {"dets basics", fun dets_basics/1}, {"dets many", fun dets_many/1}, {"dets types", fun dets_types/1},
        {"dets reopened", fun dets_reopened/1}, {"dets errors", fun dets_errors/1}, {"dets not closed", fun dets_repair/1},
        {"disk_log", fun log/1}, {"disk_log wrap", fun log_wrap/1}, {"disk_log external", fun log_external/1},
        {"disk_log repair", fun log_repair/1}, {"ets tab2file", fun tab2file/1}, {"tar", fun tar/1}
    ]].

dets_basics(D) ->
    {ok, T} = dets:open_file(t, [{file, D ++ "/t.dets"}]),
    R = [dets:insert(T, [{I, I * I} || I <- lists:seq(1, 50)]), dets:lookup(T, 7), dets:lookup(T, 70), dets:delete(T, 7),
         dets:lookup(T, 7), dets:member(T, 8), dets:info(T, size), lists:sort(dets:match(T, {'$1', 4})),
         lists:sort(dets:select(T, [{{'$1', '$2'}, [{'>', '$2', 2000}], ['$1']}])), dets:update_counter(T, 3, 5),
         dets:foldl(fun({_, V}, S) -> S + V end, 0, T), dets:match_delete(T, {'_', 25}), dets:info(T, no_objects),
         dets:delete_all_objects(T), dets:info(T, size), dets:info(T, type), dets:close(T)],
    R ++ [dets:info(t, size), catch dets:lookup(t, 1)].

dets_many(D) ->
    {ok, T} = dets:open_file(t, [{file, D ++ "/t.dets"}, {auto_save, infinity}]),
    [ok = dets:insert(T, {I, lists:duplicate(I rem 50, I)}) || I <- lists:seq(1, 3000)],
    [ok = dets:delete(T, I) || I <- lists:seq(1, 3000, 3)],
    ok = dets:sync(T),
    R = [dets:info(T, size), dets:lookup(T, 2999), dets:lookup(T, 2998), length(dets:match_object(T, '_'))],
    ok = dets:close(T),
    {ok, T} = dets:open_file(t, [{file, D ++ "/t.dets"}, {access, read}]),
    R2 = [dets:info(T, size), lists:sum([length(dets:lookup(T, I)) || I <- lists:seq(1, 3000)]), dets:insert(T, {x, y}),
          dets:close(T)],
    R ++ R2.

dets_types(D) ->
    [begin
         {ok, T} = dets:open_file(t, [{file, D ++ "/" ++ atom_to_list(Type)}, {type, Type}, {keypos, 2}]),
         ok = dets:insert(T, [{a, 1}, {b, 1}, {a, 1}, {c, 2}]),
         R = [lists:sort(dets:lookup(T, 1)), dets:info(T, size), dets:info(T, keypos), dets:insert_new(T, {z, 1}),
              dets:delete_object(T, {b, 1}), lists:sort(dets:lookup(T, 1)),
              dets:traverse(T, fun({c, 2}) -> {done, found}; (_) -> continue end)],
         ok = dets:close(T), R
     end || Type <- [set, bag, duplicate_bag]].

dets_reopened(D) ->
    F = D ++ "/t.dets",
    {ok, t} = dets:open_file(t, [{file, F}]),
    ok = dets:insert(t, [{k, "value"}, {1.5, #{a => b}}, {<<1, 2>>, [x]}]),
    ok = dets:close(t),
    {ok, B} = dets:open_file(F),
    R = [dets:lookup(B, k), dets:lookup(B, 1.5), dets:lookup(B, <<1, 2>>), lists:sort(dets:match_object(B, '_')), dets:close(B)],
    R ++ [dets:is_dets_file(F), dets:is_dets_file(D ++ "/none"), file:write_file(D ++ "/x", "text"), dets:is_dets_file(D ++ "/x")].

dets_errors(D) ->
    ok = file:write_file(D ++ "/text", "no dets file at all, but long enough to be read as one"),
    Short = fun({error, {Reason, _}}) when is_atom(Reason) -> {error, Reason}; (X) -> X end,
    [Short(dets:open_file(t, [{file, D ++ "/text"}])), Short(dets:open_file(t, [{file, D ++ "/none/t"}])),
     Short(dets:open_file(D ++ "/none")), catch dets:open_file(t, [bad]), Short(dets:open_file(t, [{file, D}]))].

dets_repair(D) ->
    F = D ++ "/t.dets",
    {P, R} = spawn_monitor(fun() ->
        {ok, t} = dets:open_file(t, [{file, F}]), ok = dets:insert(t, [{I, I} || I <- lists:seq(1, 20)]), ok = dets:sync(t),
        ok = file:copy(F, F ++ ".copy") =/= x andalso ok end),
    receive {'DOWN', R, process, P, _} -> ok end,
    {ok, _} = {ok, file:copy(F, F ++ ".2")},
    {ok, u} = dets:open_file(u, [{file, F ++ ".copy"}, {repair, force}]),
    Result = [dets:info(u, size), lists:sort(dets:match_object(u, {'_', '_'})) =:= [{I, I} || I <- lists:seq(1, 20)]],
    ok = dets:close(u),
    Result.

log(D) ->
    {ok, L} = disk_log:open([{name, l}, {file, D ++ "/l"}]),
    R = [disk_log:log(L, {term, 1}), disk_log:log_terms(L, [a, b, #{c => d}]), disk_log:alog(L, last), disk_log:sync(L),
         begin {C, Terms} = disk_log:chunk(L, start), {Terms, disk_log:chunk(L, C)} end, proplists:get_value(status, disk_log:info(L)),
         disk_log:close(L)],
    {ok, L} = disk_log:open([{name, l}, {file, D ++ "/l"}, {mode, read_only}]),
    {_, T2} = disk_log:chunk(L, start),
    R ++ [T2, disk_log:log(L, x), disk_log:close(L), element(1, disk_log:chunk(L, start)),
          disk_log:open([{name, m}, {file, D ++ "/none/l"}])].

log_wrap(D) ->
    {ok, L} = disk_log:open([{name, w}, {file, D ++ "/w"}, {type, wrap}, {size, {1000, 3}}]),
    [ok = disk_log:log(L, {I, lists:duplicate(20, I)}) || I <- lists:seq(1, 60)],
    All = chunks(L, start),
    R = [length(All), hd(All), lists:last(All), lists:sort([filename:basename(F) || F <- filelib:wildcard(D ++ "/*")]),
         disk_log:inc_wrap_file(L), disk_log:log(L, after_inc), lists:last(chunks(L, start)), disk_log:close(L)],
    R.

chunks(L, C) ->
    case disk_log:chunk(L, C) of
        eof -> [];
        {C2, Terms} -> Terms ++ chunks(L, C2)
    end.

log_external(D) ->
    {ok, L} = disk_log:open([{name, e}, {file, D ++ "/e"}, {format, external}]),
    [disk_log:blog(L, "bytes\n"), disk_log:blog_terms(L, [<<"more\n">>, ["and ", "more\n"]]), disk_log:sync(L), file:read_file(D ++ "/e"),
     disk_log:truncate(L), disk_log:blog(L, "new"), disk_log:close(L), file:read_file(D ++ "/e")].

log_repair(D) ->
    {ok, L} = disk_log:open([{name, r}, {file, D ++ "/r"}]),
    [ok = disk_log:log(L, {entry, I}) || I <- lists:seq(1, 10)],
    ok = disk_log:sync(L),
    {ok, Bytes} = file:read_file(D ++ "/r"),
    ok = disk_log:close(L),
    ok = file:write_file(D ++ "/cut", binary:part(Bytes, 0, byte_size(Bytes) - 3)),
    {repaired, cut, A, B} = disk_log:open([{name, cut}, {file, D ++ "/cut"}]),
    R = [A, B, length(chunks(cut, start)), disk_log:close(cut)],
    ok = file:write_file(D ++ "/bad", "something else"),
    R ++ [disk_log:open([{name, bad}, {file, D ++ "/bad"}])].

tab2file(D) ->
    T = ets:new(t, [ordered_set, {keypos, 1}]),
    true = ets:insert(T, [{I, lists:seq(1, I rem 7)} || I <- lists:seq(1, 500)]),
    R = [ets:tab2file(T, D ++ "/tab"), ets:tab2file(T, D ++ "/tab2", [{extended_info, [object_count]}, {sync, true}])],
    {ok, U} = ets:file2tab(D ++ "/tab", [{verify, true}]),
    R ++ [ets:tab2list(U) =:= ets:tab2list(T), proplists:get_value(size, element(2, ets:tabfile_info(D ++ "/tab2"))),
          element(1, ets:file2tab(D ++ "/none"))].

tar(D) ->
    ok = file:write_file(D ++ "/one", "1111"), ok = file:make_dir(D ++ "/sub"), ok = file:write_file(D ++ "/sub/two", "2222"),
    {ok, Old} = file:get_cwd(),
    ok = file:set_cwd(D),
    try
        R = [erl_tar:create("t.tar", ["one", "sub"]), erl_tar:table("t.tar"), erl_tar:extract("t.tar", [{cwd, D ++ "/out"}]),
             file:read_file("out/sub/two"), erl_tar:extract("t.tar", [memory]), erl_tar:add(x, "y", []) =:= ok],
        R
    catch C:E -> {C, E}
    after file:set_cwd(Old)
    end.
