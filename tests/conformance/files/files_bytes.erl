%% Bytes of files: opening in all modes, reading, writing, positions, holes, cutting off; through
%% raw handles and through file servers. Each case works in a folder of its own below /tmp.
-module(files_bytes).
-export([cases/0]).

cases() ->
    [{"modes " ++ lists:flatten(io_lib:format("~p", [M])), fun() -> conformance_cases:in_folder("modes", fun(D) -> modes(D, M) end) end}
     || M <- mode_lists()] ++
    [{Name, fun() -> conformance_cases:in_folder(Name, F) end} || {Name, F} <- [
        {"read", fun read/1}, {"pread", fun pread/1}, {"write", fun write/1}, {"pwrite", fun pwrite/1},
        {"append", fun append/1}, {"seek", fun seek/1}, {"truncate", fun truncate/1}, {"holes", fun holes/1},
        {"allocate", fun allocate/1}, {"advise", fun advise/1}, {"sync", fun sync/1}, {"closed", fun closed/1},
        {"owner", fun owner/1}, {"not the owner", fun not_owner/1}, {"raw options", fun raw_options/1},
        {"read_line", fun read_line/1}, {"bad sizes", fun bad_sizes/1}, {"vectors", fun vectors/1}, {"large", fun large/1}, {"ipread", fun ipread/1}, {"io server", fun io_server/1},
        {"io server unicode", fun io_unicode/1}, {"io server positions", fun io_positions/1},
        {"consult and script", fun consult/1}, {"two handles", fun two_handles/1}, {"delayed write", fun delayed/1},
        {"read ahead", fun read_ahead/1}, {"grow and shrink", fun grow/1},
        {"path_open", fun path_open/1}, {"write_file modes", fun write_file/1}, {"random", fun random/1}
    ]].

mode_lists() ->
    [[], [read], [write], [read, write], [append], [read, append], [exclusive], [write, exclusive], [read, exclusive],
     [directory], [read, directory], [write, directory], [sync, write], [skip_type_check], [read, skip_type_check],
     [foo], [read, foo]].

modes(D, Modes) ->
    ok = file:write_file(D ++ "/old", "0123456789"),
    ok = file:make_dir(D ++ "/d"),
    [try_mode(D ++ "/" ++ P, Modes) || P <- ["old", "new", "d", "none/x", "old/x", "new/"]].

try_mode(P, Modes) ->
    case prim_file:open(P, Modes) of
        {ok, F} ->
            R = [prim_file:read(F, 3), prim_file:write(F, "abc"), prim_file:position(F, cur), prim_file:pread(F, 0, 4),
                 prim_file:pwrite(F, 1, "Z"), prim_file:position(F, cur), prim_file:position(F, {bof, 0}), prim_file:read(F, 20),
                 prim_file:write(F, []), prim_file:truncate(F), prim_file:close(F)],
            {R, prim_file:read_file(P)};
        Error -> {Error, prim_file:read_file(P)}
    end.

raw(D, Text, Modes) ->
    ok = file:write_file(D ++ "/f", Text),
    {ok, F} = file:open(D ++ "/f", [raw, binary | Modes]),
    F.

read(D) ->
    F = raw(D, "0123456789", [read]),
    [file:read(F, N) || N <- [0, 1, 3, 0, 100, 1, 0]] ++ [file:write(F, "x"), file:write(F, []), file:close(F)].

pread(D) ->
    F = raw(D, "0123456789", [read]),
    [file:pread(F, O, N) || {O, N} <- [{0, 3}, {8, 5}, {10, 1}, {11, 1}, {0, 0}, {1 bsl 40, 4}, {-1, 2}, {3, -1}]]
        ++ [file:pread(F, [{0, 2}, {9, 5}, {20, 1}]), file:pread(F, []), file:pread(F, [{a, b}]), file:position(F, cur),
            file:pread(F, {bof, 3}, 2), file:pread(F, {eof, -2}, 5), file:pread(F, cur, 2)].

write(D) ->
    F = raw(D, "old", [write]),
    [file:write(F, "abc"), file:write(F, [<<"d">>, [$e, "f"], []]), file:read(F, 1), file:position(F, cur),
     file:read_file(D ++ "/f"), file:write(F, foo), file:write(F, [300]), file:write(F, [1.0]), file:write(F, <<1:3>>),
     file:close(F), file:read_file(D ++ "/f")].

pwrite(D) ->
    F = raw(D, "0123456789", [read, write]),
    [file:pwrite(F, 3, "abc"), file:pwrite(F, 9, "xyz"), file:pwrite(F, 15, "end"), file:pwrite(F, -1, "x"),
     file:pwrite(F, [{0, "A"}, {1, ["B"]}]), file:pwrite(F, [{0, "A"}, {-5, "B"}]), file:position(F, cur),
     file:pwrite(F, eof, "more"), file:pwrite(F, {bof, 2}, "CC"), file:close(F), file:read_file(D ++ "/f")].

append(D) ->
    F = raw(D, "012345", [append]),
    G = raw2(D, [read, append]),
    [file:write(F, "a"), file:position(F, cur), file:position(F, 0), file:write(F, "b"), file:position(F, cur),
     file:read(F, 1), file:read(G, 3), file:write(G, "c"), file:position(G, cur), file:pwrite(G, 1, "P"),
     file:position(G, cur), file:read_file(D ++ "/f"), file:truncate(F), file:close(F), file:close(G), file:read_file(D ++ "/f")].
raw2(D, Modes) -> {ok, F} = file:open(D ++ "/f", [raw, binary | Modes]), F.

seek(D) ->
    F = raw(D, "0123456789", [read, write]),
    [{P, file:position(F, P), file:read(F, 2)}
     || P <- [0, 5, bof, cur, eof, {bof, 3}, {cur, 1}, {cur, -3}, {eof, -2}, {eof, 5}, {bof, -1}, {cur, -100}, -1, 1 bsl 40,
              1 bsl 62, 1 bsl 63, 1 bsl 70, foo, {foo, 1}, {bof, a}, {bof, 1.0}]]
        ++ [file:position(F, {bof, 9223372036854775807}), file:position(F, {cur, 1})].

truncate(D) ->
    F = raw(D, "0123456789", [read, write]),
    R = raw2(D, [read]),
    [file:position(F, 4), file:truncate(F), file:read_file(D ++ "/f"), file:position(F, 8), file:truncate(F),
     file:read_file(D ++ "/f"), file:position(F, 0), file:truncate(F), file:read_file(D ++ "/f"), file:truncate(R),
     file:close(F), file:close(R)].

holes(D) ->
    F = raw(D, "", [read, write]),
    Zeros = fun({ok, B}) -> {byte_size(B), B =:= <<0:(byte_size(B))/unit:8>>}; (E) -> E end,
    [file:pwrite(F, 10000, "end"), Zeros(file:pread(F, 0, 10000)), file:pread(F, 9998, 10), filelib:file_size(D ++ "/f"),
     file:pwrite(F, 5000, "mid"), Zeros(file:pread(F, 0, 5000)), file:pread(F, 4998, 7), file:position(F, 5001),
     file:truncate(F), file:position(F, 12000), file:truncate(F), Zeros(file:pread(F, 5001, 7000)), file:pread(F, 4999, 4),
     file:close(F)].

allocate(D) ->
    F = raw(D, "abc", [read, write]),
    R = raw2(D, [read]),
    [file:allocate(F, 0, 10), filelib:file_size(D ++ "/f"), file:allocate(F, 5, 5), filelib:file_size(D ++ "/f"),
     file:allocate(F, 100, 1), filelib:file_size(D ++ "/f"), file:allocate(F, 0, 0), file:allocate(F, -1, 5), file:allocate(F, 0, -1),
     file:allocate(F, foo, 1), file:allocate(R, 0, 1), file:pread(F, 0, 4)].

advise(D) ->
    F = raw(D, "abc", [read]),
    [file:advise(F, O, L, A) || {O, L, A} <- [{0, 0, normal}, {0, 10, random}, {1, 1, sequential}, {0, 3, will_need}, {0, 3, dont_need},
                                              {0, 3, no_reuse}, {0, 3, foo}, {-1, 3, normal}, {0, -3, normal}, {a, 3, normal}, {0, 3, 17}]].

sync(D) ->
    F = raw(D, "abc", [write]),
    G = raw2(D, [read]),
    [file:sync(F), file:datasync(F), file:sync(G), file:close(F), file:sync(F), file:datasync(F)].

closed(D) ->
    F = raw(D, "abc", [read, write]),
    [file:close(F), file:close(F), file:read(F, 1), file:pread(F, 0, 1), file:write(F, "x"), file:pwrite(F, 0, "x"), file:position(F, 0),
     file:truncate(F), file:sync(F), file:advise(F, 0, 0, normal), file:allocate(F, 0, 1), file:read_line(F),
     prim_file:get_handle(F), prim_file:read_handle_info(F)].

owner(D) ->
    Me = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
        F = raw(D, "abc", [read]), Me ! {file, F, file:read(F, 1)}, receive stop -> ok end end),
    receive {file, F, R} -> ok end,
    A = reason(fun() -> file:read(F, 1) end),
    Pid ! stop,
    receive {'DOWN', Ref, process, Pid, _} -> ok end,
    [R, A, reason(fun() -> file:close(F) end)].

reason(F) -> try F() catch C:R -> {C, R} end.

not_owner(D) ->
    F = raw(D, "abc", [read]),
    Me = self(),
    spawn(fun() -> Me ! {results, [file:read(F, 1), file:position(F, 0), file:close(F)]} end),
    receive {results, R} -> R end ++ [file:read(F, 2), file:close(F)].

raw_options(D) ->
    ok = file:write_file(D ++ "/f", "text\nmore\n"),
    [begin
         case file:open(D ++ "/f", O) of
             {ok, F} -> R = [file:read(F, 3), file:read_line(F), file:position(F, cur), file:close(F)], R;
             E -> E
         end
     end || O <- [[raw], [raw, binary], [raw, read_ahead], [raw, {read_ahead, 5}], [raw, binary, {read_ahead, 3}],
                  [raw, delayed_write], [raw, read, {delayed_write, 10, 10}], [raw, {encoding, utf8}], [raw, compressed],
                  [raw, bad_option], [{encoding, utf8}], [binary, {encoding, latin1}], [{read_ahead, 0}], foo, [read | write]]].

read_line(D) ->
    F = raw(D, "one\ntwo\r\nthree\n\nno end", [read]),
    L = raw(D, "one\ntwo\r\n" ++ lists:duplicate(1000, $x) ++ "\nlast", [read, {read_ahead, 10}]),
    [file:read_line(F) || _ <- lists:seq(1, 7)] ++ [file:read_line(L), file:position(L, cur), file:read(L, 2), file:read_line(L),
        file:read_line(L), file:read_line(L), file:read_line(L)].

bad_sizes(D) ->
    F = raw(D, "0123456789", [read]),
    [file:read(F, N) || N <- [-1, foo, 1.5, [], 1 bsl 62, 1 bsl 64, 5]] ++ [file:pread(F, 0, N) || N <- [-1, foo, 1.5, 1 bsl 64]]
        ++ [file:read(foo, 1), file:close(foo)].

vectors(D) ->
    F = raw(D, "", [write]),
    Many = [<<(I rem 256)>> || I <- lists:seq(1, 1000)],
    [file:write(F, Many), file:write(F, [binary:copy(<<"x">>, 100) || _ <- Many]), filelib:file_size(D ++ "/f"),
     file:pwrite(F, 5, [binary:copy(<<"y">>, 70) || _ <- Many]), filelib:file_size(D ++ "/f"),
     begin <<_:3, B:100/binary, _/bits>> = <<5:3, (binary:copy(<<170>>, 101))/binary>>, file:pwrite(F, 0, B) end,
     erlang:md5(element(2, file:read_file(D ++ "/f")))].

large(D) ->
    Data = << <<I:32>> || I <- lists:seq(1, 400000) >>,
    [file:write_file(D ++ "/f", Data), file:read_file(D ++ "/f") =:= {ok, Data},
     begin {ok, F} = file:open(D ++ "/f", [raw, read, binary]), R = file:read(F, byte_size(Data) + 10), file:close(F), R =:= {ok, Data} end,
     begin {ok, F} = file:open(D ++ "/f", [raw, read, binary]), {ok, B} = file:pread(F, 100001, 1300000), file:close(F),
           B =:= binary:part(Data, 100001, 1300000) end,
     file:write_file(D ++ "/g", [Data, Data]), filelib:file_size(D ++ "/g"), file:delete(D ++ "/g"), file:delete(D ++ "/f")].

ipread(D) ->
    F = raw(D, <<0:32, 5:32, 16:32, "0123", 4:32, 8:32, "abcdefgh">>, [read]),
    [prim_file:ipread_s32bu_p32bu(F, O, M) || {O, M} <- [{0, 100}, {4, 100}, {4, 4}, {4, 5}, {8, 1000000000}, {16, 4}, {30, 10}, {100, 1}, {28, 10}, {16, -1}]].

io_server(D) ->
    {ok, F} = file:open(D ++ "/f", [read, write]),
    [io:format(F, "~p ~s~n", [[a, b], "text"]), io:put_chars(F, "second line\nthird"), file:position(F, bof),
     io:get_line(F, ''), io:get_chars(F, '', 6), io:get_line(F, ''), io:get_line(F, ''), io:get_line(F, ''), file:position(F, 0),
     io:read(F, ''), io:fread(F, '', "~s"), file:read(F, 3), file:read_line(F), file:close(F), catch io:get_line(F, ''), file:read(F, 1)].

io_unicode(D) ->
    {ok, F} = file:open(D ++ "/f", [write, {encoding, utf8}]),
    W = [io:put_chars(F, "äöü 日本\n"), io:format(F, "~ts", [[16#1F600, $\n]]), file:close(F)],
    {ok, G} = file:open(D ++ "/f", [read, {encoding, utf8}]),
    R = [io:get_line(G, ''), io:getopts(G), io:get_line(G, ''), io:get_line(G, ''), file:close(G), file:read_file(D ++ "/f")],
    {ok, H} = file:open(D ++ "/f", [read, binary, {encoding, utf8}]),
    R2 = [io:get_line(H, ''), io:setopts(H, [{encoding, latin1}]), io:get_line(H, ''), file:close(H)],
    {ok, L} = file:open(D ++ "/g", [write]),
    W ++ R ++ R2 ++ [catch io:put_chars(L, [256]), io:put_chars(L, [255]), file:close(L), file:read_file(D ++ "/g"),
                     [begin {ok, X} = file:open(D ++ "/" ++ atom_to_list(E), [write, {encoding, {E, big}}]), io:put_chars(X, "aä"), file:close(X),
                            file:read_file(D ++ "/" ++ atom_to_list(E)) end || E <- [utf16, utf32]]].

io_positions(D) ->
    ok = file:write_file(D ++ "/f", "0123456789\nabcdefghij\n"),
    {ok, F} = file:open(D ++ "/f", [read, write, binary]),
    [file:read(F, 2), file:position(F, cur), file:pread(F, 5, 3), file:position(F, {cur, 3}), file:read_line(F), file:position(F, {eof, -3}),
     file:read(F, 10), file:pwrite(F, 0, "XY"), file:position(F, 0), file:read(F, 4), file:write(F, "zz"), file:position(F, 1), file:truncate(F),
     file:position(F, 0), file:read(F, 10), file:read(F, 10), file:datasync(F), file:sync(F), file:advise(F, 0, 0, normal), file:allocate(F, 0, 4),
     file:position(F, {foo, 1}), file:pread(F, -1, 2), file:close(F), file:read_file(D ++ "/f")].

consult(D) ->
    ok = file:write_file(D ++ "/terms", "{a, 1}.\n[b, \"two\"].\n#{x => <<1,2>>}.\n"),
    ok = file:write_file(D ++ "/bad", "{a, 1}.\n[b,, c].\n"),
    ok = file:write_file(D ++ "/script", "A = 1, B = A + X, B * 2.\n"),
    [file:consult(D ++ "/terms"), file:consult(D ++ "/bad"), file:consult(D ++ "/none"), file:path_consult([D, "/"], "terms"),
     file:script(D ++ "/script", [{'X', 5}]), element(1, file:script(D ++ "/script")), file:eval(D ++ "/terms"),
     file:path_consult([D], "none"), file:path_script([D], "script", [{'X', 1}])].

two_handles(D) ->
    F = raw(D, "0123456789", [read, write]),
    G = raw2(D, [read, write]),
    [file:write(F, "AB"), file:read(G, 5), file:write(G, "CD"), file:position(F, cur), file:read(F, 8), file:truncate(G), file:read(F, 8),
     file:position(F, 0), file:read(F, 20), file:close(F), file:read(G, 1), file:close(G)].

delayed(D) ->
    {ok, F} = file:open(D ++ "/f", [raw, write, {delayed_write, 100, 60000}]),
    A = [file:write(F, "abc"), file:read_file(D ++ "/f"), file:write(F, binary:copy(<<"x">>, 200)), filelib:file_size(D ++ "/f"),
         file:write(F, "tail"), file:position(F, cur), file:sync(F), filelib:file_size(D ++ "/f"), file:close(F), file:close(F)],
    {ok, G} = file:open(D ++ "/g", [write, delayed_write]),
    A ++ [file:write(G, "one"), io:put_chars(G, "two"), file:close(G), file:read_file(D ++ "/g")].

read_ahead(D) ->
    F = raw(D, lists:seq($a, $z), [read, write, {read_ahead, 8}]),
    [file:read(F, 2), file:position(F, cur), file:read(F, 20), file:position(F, {cur, -5}), file:read(F, 3), file:write(F, "!!"), file:position(F, cur),
     file:pwrite(F, 0, "##"), file:position(F, 0), file:read(F, 50), file:close(F)].

grow(D) ->
    F = raw(D, "", [read, write]),
    Sizes = [1, 4095, 4096, 4097, 70000, 300000, 8191, 3, 0, 12288, 5],
    [begin {ok, _} = file:position(F, S), ok = file:truncate(F), ok = file:pwrite(F, max(S - 1, 0), "e"),
           {ok, B} = file:pread(F, 0, 1000000), {byte_size(B), erlang:crc32(B)} end || S <- Sizes] ++ [file:close(F)].

path_open(D) ->
    ok = file:make_dir(D ++ "/a"), ok = file:make_dir(D ++ "/b"), ok = file:write_file(D ++ "/b/f", "in b"),
    {ok, F, Full} = file:path_open([D ++ "/a", D ++ "/b"], "f", [read, binary]),
    [file:read(F, 10), lists:nthtail(length(D), Full), file:close(F), file:path_open([D ++ "/a"], "f", [read])].

write_file(D) ->
    P = D ++ "/f",
    [file:write_file(P, "one"), file:write_file(P, "two", [append]), file:read_file(P), file:write_file(P, "x", [exclusive]),
     file:write_file(P, "three", [raw]), file:read_file(P), file:write_file(P, foo), file:read_file(P), file:write_file(P, "x", [bad]),
     file:write_file(D, "x"), file:write_file(P, [1, [<<2, 3>> | <<4>>]]), file:read_file(P), file:write_file(P, <<1:4>>)].

%% Random operations on one file, beside a binary that stands for it.
random(D) ->
    rand:seed(exsss, {1, 2, 3}),
    F = raw(D, "", [read, write]),
    {Result, _} = lists:foldl(fun(I, {ok, Model}) -> step(F, I, Model); (_, Bad) -> Bad end, {ok, <<>>}, lists:seq(1, 200)),
    Result.

step(F, I, Model) ->
    Size = byte_size(Model),
    At = rand:uniform(20000) - 1,
    N = rand:uniform(9000) - 1,
    New = case rand:uniform(3) of
        1 ->
            Data = binary:copy(<<I:16>>, N div 2),
            ok = file:pwrite(F, At, Data),
            put_bytes(Model, At, Data);
        2 ->
            {ok, At} = file:position(F, At),
            ok = file:truncate(F),
            resize(Model, At);
        3 -> Model
    end,
    Want = if At >= byte_size(New); N =:= 0 -> eof; true -> {ok, binary:part(New, At, min(N, byte_size(New) - At))} end,
    case file:pread(F, At, N) of
        Want -> {ok, New};
        Got -> {{bad, I, Size, At, N, Got =:= eof}, New}
    end.

put_bytes(Model, _, <<>>) -> Model;
put_bytes(Model, At, Data) ->
    End = At + byte_size(Data),
    Front = resize(Model, At),
    Back = if byte_size(Model) > End -> binary:part(Model, End, byte_size(Model) - End); true -> <<>> end,
    <<Front/binary, Data/binary, Back/binary>>.
resize(Model, At) when byte_size(Model) >= At -> binary:part(Model, 0, At);
resize(Model, At) -> <<Model/binary, 0:(At - byte_size(Model))/unit:8>>.
