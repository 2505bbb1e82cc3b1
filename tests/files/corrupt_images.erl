%% Broken file systems: seeds decide which bytes of an ext2 image are changed. Each is mounted, all
%% of it is walked and read, files are made, written, renamed and deleted. Whatever comes is a
%% result or an error, in bounded time, and nobody else notices.
-module(corrupt_images).
-export([main/2]).

-define(DISK_BYTES, 262144).
-define(ENTRIES_MAX, 40).
-define(TABLES_BYTES, 16384).
-define(SEED_MS, 60000).

-spec main(First :: atom(), Count :: atom()) -> ok.
main(FirstText, CountText) ->
    [First, Count] = [list_to_integer(atom_to_list(Each)) || Each <- [FirstText, CountText]],
    ok = logger:set_primary_config(level, none),
    ok = vbeam_ram_disk:create(disk, ?DISK_BYTES),
    ok = vbeam_ext2_format:format(disk, #{block_bytes => 1024}),
    ok = file:make_dir("/d"),
    populate(),
    {ok, Image} = vbeam_block:read(disk, 0, ?DISK_BYTES div 512),
    Vfs = whereis(vbeam_vfs),
    Places = places(Image),
    Outcomes = [seed(Seed, Image, Places) || Seed <- lists:seq(First, First + Count - 1)],
    Vfs = whereis(vbeam_vfs),
    Kinds = [
        {Kind, length([ok || Each <- Outcomes, Each =:= Kind])}
     || Kind <- lists:usort(Outcomes)
    ],
    io:format("corrupt images: ~p~n", [Kinds]),
    Ends = [Name || {Name, #{step := Step}} <- vbeam_ladder:status(), Step =/= restart],
    io:format("failed: ~p~n", [Ends]).

populate() ->
    ok = vbeam_vfs:mount({ext2, disk}, "/d", []),
    ok = file:make_dir("/d/folder"),
    ok = file:write_file("/d/folder/large", binary:copy(<<"large file ">>, 3000)),
    _ = [
        ok = file:write_file("/d/folder/" ++ integer_to_list(Each), integer_to_list(Each))
     || Each <- lists:seq(1, 10)
    ],
    ok = file:make_symlink("folder/large", "/d/link"),
    ok = file:make_symlink(lists:duplicate(100, $x), "/d/long"),
    ok = file:make_link("/d/folder/1", "/d/one"),
    ok = vbeam_vfs:unmount("/d").

%% Where something is written in the first blocks: tables, bitmaps, and folders.
places(Image) ->
    Bytes = binary_to_list(binary_part(Image, 0, ?TABLES_BYTES)),
    Numbered = lists:zip(lists:seq(0, ?TABLES_BYTES - 1), Bytes),
    list_to_tuple([At || {At, Byte} <- Numbered, Byte =/= 0, Byte =/= 255]).

seed(Seed, Image, Places) ->
    rand:seed(exsss, Seed),
    ok = vbeam_block:discard(disk, 0, ?DISK_BYTES div 512),
    ok = vbeam_block:write(disk, 0, changed(rand:uniform(12), Image, Places)),
    case vbeam_vfs:mount({ext2, disk}, "/d", []) of
        ok ->
            {Pid, Monitor} = spawn_monitor(fun() -> exit({done, use()}) end),
            receive
                {'DOWN', Monitor, process, Pid, {done, Outcome}} -> ok;
                {'DOWN', Monitor, process, Pid, Reason} -> Outcome = {crashed, Seed, Reason}
            after ?SEED_MS ->
                exit(Pid, kill),
                Outcome = {hangs, Seed}
            end,
            ok = vbeam_vfs:unmount("/d", [force]),
            Outcome;
        {error, Reason} when is_atom(Reason) ->
            refused
    end.

%% One change in four is anywhere.
changed(0, Image, _Places) ->
    Image;
changed(Left, Image, Places) ->
    At =
        case rand:uniform(4) of
            1 -> rand:uniform(byte_size(Image)) - 1;
            _ -> element(rand:uniform(tuple_size(Places)), Places)
        end,
    <<Front:At/binary, Old, Behind/binary>> = Image,
    New =
        case rand:uniform(3) of
            1 -> Old bxor (1 bsl (rand:uniform(8) - 1));
            2 -> rand:uniform(256) - 1;
            3 -> 255
        end,
    changed(Left - 1, <<Front/binary, New, Behind/binary>>, Places).

use() ->
    Paths = walk(["/d"], ?ENTRIES_MAX, []),
    Results = [
        [
            short(read(Path)), short(file:read_link(Path)),
            short(file:read_file_info(Path)), short(file:list_dir(Path))
        ]
     || Path <- Paths
    ],
    Changes = [
        file:make_dir("/d/new"), file:write_file("/d/new/a", binary:copy(<<"x">>, 20000)),
        file:rename("/d/new/a", "/d/folder/b"), file:make_symlink("new", "/d/s"),
        file:make_link("/d/folder/2", "/d/new/two"), file:change_mode("/d/folder", 8#700),
        cut("/d/folder/large"), file:delete("/d/one"), file:delete("/d/long"),
        empty("/d/folder"), vbeam_vfs:sync()
    ],
    %% Nothing but results and errors with atoms.
    case [Each || Each <- lists:append([Changes | Results]), not is_result(Each)] of
        [] ->
            case [error || {error, Reason} <- Changes, Reason =:= eio orelse Reason =:= estale] of
                [] -> used;
                _ -> errors
            end;
        [Odd | _] ->
            {odd, Odd}
    end.

%% Folders in circles would be walked for ever by file:del_dir_r/1.
empty(Folder) ->
    case file:list_dir_all(Folder) of
        {ok, Names} ->
            _ = [file:delete(filename:join(Folder, Name)) || Name <- lists:sublist(Names, 40)],
            short(file:del_dir(Folder));
        Error ->
            Error
    end.

%% A broken size may be gigabytes, all of them holes.
read(Path) ->
    case file:open(Path, [read, raw, binary]) of
        {ok, File} ->
            Result = [file:pread(File, At, 40000) || At <- [0, 1 bsl 24, 1 bsl 31]],
            ok = file:close(File),
            hd([Error || {error, _} = Error <- Result] ++ [ok]);
        Error ->
            Error
    end.

cut(Path) ->
    case file:open(Path, [read, write, raw]) of
        {ok, File} ->
            Result = [
                file:pread(File, 1 bsl 20, 10), file:position(File, 100), file:truncate(File),
                file:pwrite(File, 5000, "x")
            ],
            ok = file:close(File),
            case [Each || {error, _} = Each <- Result] of
                [] -> ok;
                [Error | _] -> Error
            end;
        Error ->
            Error
    end.

walk([], _Left, Found) ->
    Found;
walk(_, 0, Found) ->
    Found;
walk([Path | Others], Left, Found) ->
    Below =
        case file:read_link_info(Path) of
            {ok, Info} when element(3, Info) =:= directory ->
                case file:list_dir_all(Path) of
                    {ok, Names} -> [filename:join(Path, Name) || Name <- Names];
                    {error, _} -> []
                end;
            _ ->
                []
        end,
    walk(Below ++ Others, Left - 1, [Path | Found]).

short({ok, _}) -> ok;
short(Other) -> Other.

is_result(ok) -> true;
is_result({error, Reason}) -> is_atom(Reason);
is_result(_) -> false.
