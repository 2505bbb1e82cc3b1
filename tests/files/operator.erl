%% What docs/operating.md shows of files and disks: the same on the simulated PC and in QEMU.
-module(operator).
-export([main/0]).

main() ->
    show("/boot", lists:sort(element(2, file:list_dir("/boot")))),
    show("read-only", [file:write_file("/boot/x", "x"), file:delete("/boot/otp")]),
    show("same", file:read_file("/boot/boot") =:= {ok, vbeam_hw:boot_file(<<"boot">>)}),
    show("create", vbeam_ram_disk:create(disk, 8388608)),
    show("format", vbeam_ext2_format:format(disk)),
    show("devices", vbeam_block:devices()),
    show("folder", file:make_dir("/data")),
    show("mount", vbeam_vfs:mount({ext2, disk}, "/data", [])),
    show("again", vbeam_vfs:mount(ram, "/data", [])),
    {ok, Log} = file:open("/data/log", [append, raw]),
    show("write", file:write(Log, "one\n")),
    _ = [exit(whereis(Name), kill) || Name <- [vbeam_vfs, file_system(), disk]],
    show("write after kills", file:write(Log, "two\n")),
    show("read", file:read_file("/data/log")),
    show("full", full("/data/full", 0)),
    show("delete", file:delete("/data/full")),
    show("busy", vbeam_vfs:unmount("/data")),
    show("close", file:close(Log)),
    show("link", [file:make_symlink("/data/log", "/tmp/l"), file:read_file("/tmp/l")]),
    show("link back", [file:make_symlink("../tmp/l", "/data/m"), file:read_file("/data/m")]),
    show("loop", [file:make_symlink("/tmp/b", "/data/a"), file:make_symlink("/data/a", "/tmp/b"),
        file:read_file("/data/a")]),
    show("across", [file:rename("/data/log", "/tmp/log"), file:make_link("/tmp/l", "/data/k"),
        file:rename("/tmp/none", "/data/x"), file:rename("/data/none/y", "/tmp/x")]),
    show("folders", [file:set_cwd("/data/.."), file:get_cwd(), file:make_dir("/data/sub"),
        file:set_cwd("/data/sub"), file:get_cwd(), file:read_file("../log"), file:set_cwd("../.."),
        file:get_cwd()]),
    show("mount point", [file:del_dir("/data"), file:rename("/data", "/other")]),
    show("sync", vbeam_vfs:sync()),
    show("unmount", vbeam_vfs:unmount("/data")),
    show("hidden", file:read_file("/data/log")),
    show("mount read-only", vbeam_vfs:mount({ext2, disk}, "/data", [read_only])),
    show("kept", file:read_file("/data/log")),
    show("refused", [file:write_file("/data/x", "x"), file:delete("/data/log"),
        file:open("/data/log", [read, write]), file:make_dir("/data/y"), file:del_dir("/data/sub"),
        file:rename("/data/log", "/data/z"), file:change_mode("/data/log", 8#600)]),
    {ok, Open} = file:open("/data/log", [read, raw]),
    show("forced", vbeam_vfs:unmount("/data", [force])),
    show("and then", [file:read(Open, 3), file:close(Open)]),
    show("no file system", [vbeam_block:write(disk, 0, <<0:(8192 * 8)>>),
        vbeam_vfs:mount({ext2, disk}, "/data", []), vbeam_vfs:mount({ext2, none}, "/data", []),
        vbeam_vfs:mount({no_module, x}, "/data", []), vbeam_vfs:mount(ram, "/none", []),
        vbeam_vfs:mount(ram, "relative", []), vbeam_vfs:mount(ram, "/data", [wrong]),
        vbeam_vfs:unmount("/"), vbeam_vfs:unmount("/boot")]),
    limit(),
    show("destroy", vbeam_ram_disk:destroy(disk)).

show(What, Value) ->
    io:format("~s: ~0p~n", [What, Value]).

file_system() ->
    [Name] = [
        vbeam_filesystem:name(System)
     || #{where := <<"/data">>, system := System} <- vbeam_vfs:mounts()
    ],
    Name.

%% Write until there is no room.
full(Path, Megabytes) ->
    {ok, File} = file:open(Path, [append, raw]),
    Result = file:write(File, binary:copy(<<0>>, 1000000)),
    ok = file:close(File),
    case Result of
        ok -> full(Path, Megabytes + 1);
        Error -> {Megabytes, Error}
    end.

%% A full RAM file system hurts nobody, and is as before when its files are gone.
limit() ->
    ok = file:make_dir("/small"),
    show("limit", vbeam_vfs:mount(ram, "/small", [{size, 1000000}])),
    Names = ["/small/" ++ integer_to_list(Each) || Each <- lists:seq(1, 400)],
    Results = [file:write_file(Name, binary:copy(<<"x">>, 9000)) || Name <- Names],
    show("written", length([ok || ok <- Results])),
    show("others", lists:usort(Results)),
    show("elsewhere", [file:write_file("/tmp/y", "y"), file:delete("/tmp/y")]),
    _ = [file:delete(Name) || Name <- Names],
    receive after 100 -> ok end,
    show("written again", length([ok || Name <- Names,
        ok <- [file:write_file(Name, binary:copy(<<"x">>, 9000))]])),
    show("gone", [vbeam_vfs:unmount("/small"), file:list_dir("/small"), file:del_dir("/small")]).
