%% Files are written, renamed, read and deleted, on a RAM file system and on ext2, while vbeam_vfs
%% is ended 1,000 times, and the processes of the file system and of its disk now and then, at any
%% moment. No operation fails, none is carried out twice or lost.
-module(file_kills).
-export([main/0]).

-define(KILLS, 1000).
-define(WORKERS, [
    {append, "/d/append"}, {append, "/tmp/append"}, {names, "/d/names"}, {names, "/tmp/names"},
    {cooked, "/d/cooked"}, {places, "/d/places"}
]).

main() ->
    ok = logger:set_primary_config(level, none),
    ok = vbeam_ram_disk:create(disk, 16 bsl 20),
    ok = vbeam_ext2_format:format(disk, #{block_bytes => 1024}),
    ok = file:make_dir("/d"),
    ok = vbeam_vfs:mount({ext2, disk}, "/d", []),
    [FileSystem] = [
        vbeam_filesystem:name(System)
     || #{where := <<"/d">>, system := System} <- vbeam_vfs:mounts()
    ],
    Self = self(),
    Workers = [
        spawn_link(fun() -> work(Kind, Path, Self) end)
     || {Kind, Path} <- ?WORKERS
    ],
    rand:seed(exsss, 1),
    kill(?KILLS, FileSystem),
    Counts = [
        begin
            Worker ! stop,
            receive
                {Worker, Count} -> Count
            end
        end
     || Worker <- Workers
    ],
    true = lists:all(fun(Count) -> Count > 50 end, Counts),
    io:format("killed ~b times, operations ~p~n", [?KILLS, lists:sum(Counts)]),
    io:format("open files: ~b~n", [length(vbeam_handles:owners())]),
    Ends = [Name || {Name, #{step := Step}} <- vbeam_ladder:status(), Step =/= restart],
    io:format("failed: ~p~n", [Ends]),
    ok = vbeam_vfs:sync(),
    block_cases:copy_device(disk, "/host/kills.img").

kill(0, _FileSystem) ->
    ok;
kill(Left, FileSystem) ->
    end_process(vbeam_vfs),
    _ = Left rem 3 =:= 0 andalso end_process(FileSystem),
    _ = Left rem 5 =:= 0 andalso end_process(disk),
    receive after rand:uniform(4) - 1 -> ok end,
    kill(Left - 1, FileSystem).

%% At any moment: it has done an arbitrary part of what it was asked for.
end_process(Name) ->
    case whereis(Name) of
        undefined -> ok;
        Pid -> exit(Pid, kill)
    end.

work(Kind, Path, Parent) ->
    try
        ok = file:make_dir(Path),
        work(Kind, Path, 0, Parent)
    catch
        Class:Reason:Trace ->
            io:format("~p in ~s: ~0p~n", [Kind, Path, {Class, Reason, hd(Trace)}]),
            halt(1)
    end.

work(Kind, Path, Count, Parent) ->
    receive
        stop ->
            check(Kind, Path, Count),
            Parent ! {self(), Count}
    after 0 ->
        operation(Kind, Path, Count),
        work(Kind, Path, Count + 1, Parent)
    end.

operation(append, Path, Count) ->
    File =
        case get(file) of
            undefined ->
                {ok, Opened} = file:open(Path ++ "/lines", [append, raw, binary]),
                put(file, Opened),
                Opened;
            Known ->
                Known
        end,
    ok = file:write(File, line(Count)),
    receive after 1 -> ok end;
operation(names, Path, Count) ->
    Name = Path ++ "/" ++ integer_to_list(Count rem 7),
    Other = Path ++ "/other",
    Text = integer_to_binary(Count),
    ok = file:write_file(Name, Text, [exclusive]),
    ok = file:make_link(Name, Name ++ "l"),
    ok = file:rename(Name, Other),
    {ok, Text} = file:read_file(Other),
    ok = file:make_dir(Name),
    {error, eexist} = file:make_dir(Name),
    ok = file:del_dir(Name),
    ok = file:delete(Other),
    {error, enoent} = file:delete(Other),
    {ok, Text} = file:read_file(Name ++ "l"),
    ok = file:delete(Name ++ "l");
operation(cooked, Path, Count) ->
    {ok, File} = file:open(Path ++ "/text", [read, write, {delayed_write, 100, 10}]),
    ok = file:truncate(File),
    ok = io:format(File, "~b~n~b~n", [Count, Count + 1]),
    {ok, 0} = file:position(File, 0),
    {ok, [Count]} = io:fread(File, "", "~d"),
    ok = file:close(File);
operation(places, Path, Count) ->
    {ok, File} = file:open(Path ++ "/places", [read, write, raw, binary]),
    At = Count * 7919 rem 200000,
    Bytes = binary:copy(integer_to_binary(Count), 500),
    ok = file:pwrite(File, At, Bytes),
    {ok, Bytes} = file:pread(File, At, byte_size(Bytes)),
    ok = file:close(File).

check(append, Path, Count) ->
    ok = file:close(get(file)),
    Wanted = iolist_to_binary([line(Each) || Each <- lists:seq(0, Count - 1)]),
    {ok, Found} = file:read_file(Path ++ "/lines"),
    Same = binary:longest_common_prefix([Wanted, Found]),
    {Same, Same} = {byte_size(Wanted), byte_size(Found)};
check(names, Path, _Count) ->
    {ok, []} = file:list_dir(Path);
check(_, _Path, _Count) ->
    ok.

line(Count) ->
    [integer_to_list(Count), " abcdefghijklmnopqrstuvwxyz\n"].
