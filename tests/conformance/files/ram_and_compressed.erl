%% Files in memory (file:open/2 with `ram`), in dets, too, and compressed files.
-module(ram_and_compressed).
-export([cases/0]).

-define(MODES, [[read], [write], [read, write], [read, write, binary], [binary], [ram]]).

cases() ->
    [{"ram " ++ lists:flatten(io_lib:format("~p", [Modes])), fun() -> ram([ram | Modes]) end}
     || Modes <- ?MODES] ++
    [{Name, fun() -> conformance_cases:in_folder(Name, F) end}
     || {Name, F} <- [{"ram_blocks", fun blocks/1}, {"dets_in_ram", fun dets_in_ram/1},
                      {"compressed", fun compressed/1}, {"compressed_modes", fun modes/1}]].

ram(Modes) ->
    {ok, F} = file:open("abcdefghij", Modes),
    [ram_file:get_size(F), file:read(F, 3), file:position(F, cur), file:write(F, "XY"),
     file:position(F, {bof, -1}), file:position(F, {eof, 2}), file:write(F, <<"Q">>),
     ram_file:get_file(F), file:pread(F, 8, 10), file:pread(F, 100, 1),
     file:pread(F, [{0, 2}, {4, 100}, {200, 1}]), file:pwrite(F, [{1, "a"}, {3, "b"}]),
     file:pwrite(F, 5000, "zz"), ram_file:get_size(F), file:position(F, 4998), file:read(F, 10),
     file:read(F, 10), file:read(F, 0), file:position(F, 7), file:truncate(F),
     ram_file:get_file(F), file:pwrite(F, 9, "e"), ram_file:get_file(F), file:sync(F),
     file:datasync(F), file:advise(F, 0, 10, normal), file:allocate(F, 0, 10),
     file:position(F, {cur, 1 bsl 31}), file:position(F, {cur, -100}), ram_file:get_file(F),
     file:close(F), file:read(F, 1), file:close(F)].

%% Writes and reads at all places near the borders of blocks.
blocks(_) ->
    {ok, F} = file:open(binary:copy(<<"0123456789">>, 2000), [ram, read, write, binary]),
    [begin
         ok = file:pwrite(F, At, binary:copy(<<At:16>>, Size)),
         {ok, Bytes} = file:pread(F, max(At - 5, 0), 2 * Size + 10),
         erlang:md5(Bytes)
     end || At <- [0, 1, 4094, 4095, 4096, 4097, 8190, 12287, 19998, 25000],
            Size <- [0, 1, 2, 3, 2048, 2049, 5000]] ++
    [begin
         {ok, At} = file:position(F, At),
         ok = file:truncate(F),
         ok = file:pwrite(F, At + 100, "end"),
         {ok, All} = ram_file:get_file(F),
         {byte_size(All), erlang:md5(All)}
     end || At <- [30000, 20000, 8193, 8192, 4095, 0]] ++ [file:close(F)].

dets_in_ram(Folder) ->
    File = filename:join(Folder, "table"),
    Open = fun() -> dets:open_file(?MODULE, [{file, File}, {ram_file, true}]) end,
    {ok, _} = Open(),
    ok = dets:insert(?MODULE, [{X, X * X} || X <- lists:seq(1, 500)]),
    ok = dets:delete(?MODULE, 7),
    Before = {filelib:is_regular(File), dets:info(?MODULE, size)},
    ok = dets:close(?MODULE),
    {ok, _} = Open(),
    After = {dets:info(?MODULE, size), dets:lookup(?MODULE, 20), dets:lookup(?MODULE, 7)},
    ok = dets:close(?MODULE),
    {Before, After, dets:is_dets_file(File)}.

compressed(Folder) ->
    File = filename:join(Folder, "text.gz"),
    {ok, Out} = file:open(File, [write, compressed]),
    Written = [file:write(Out, "hello hello hello\n"), file:write(Out, "world\n"),
               file:position(Out, 1), file:position(Out, 100), file:read(Out, 1),
               file:close(Out)],
    {ok, In} = file:open(File, [read, compressed, binary]),
    Read = [file:read(In, 10), file:position(In, 2), file:read_line(In), file:pread(In, 1, 3),
            file:position(In, {eof, 0}), file:position(In, {bof, 40}), file:position(In, 0),
            file:read(In, 200), file:read(In, 1), file:write(In, "a"), file:close(In)],
    {ok, Bytes} = file:read_file(File),
    {Written, Read, erlang:md5(Bytes), erlang:md5(zlib:gunzip(Bytes))}.

modes(Folder) ->
    Plain = filename:join(Folder, "plain"),
    Packed = filename:join(Folder, "packed"),
    ok = file:write_file(Plain, "plain text\n"),
    ok = file:write_file(Packed, "packed text\n", [compressed]),
    [case file:open(Name, Modes) of
         {ok, F} ->
             Found = [file:read(F, 5), file:position(F, cur), file:read(F, 100), file:read(F, 1)],
             {Modes, Found, file:close(F)};
         Error ->
             {Modes, Error}
     end || Name <- [Plain, Packed, filename:join(Folder, "none")],
            Modes <- [[read, compressed], [read, raw, compressed], [read, write, compressed],
                      [append, compressed], [read, compressed_one],
                      [read, compressed, raw, binary, {read_ahead, 4}]]].
