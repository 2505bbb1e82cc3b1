%% The cases of conformance on a file system that is on a block device: what is /tmp there is ext2
%% on a RAM disk. At the end the device is copied to the host, for a checker.
-module(block_cases).
-export([main/0, copy_device/2]).

-define(DISK_BYTES, 64 bsl 20).
-define(PART_BYTES, 262144).

main() ->
    ok = vbeam_ram_disk:create(disk, ?DISK_BYTES),
    ok = vbeam_ext2_format:format(disk),
    ok = vbeam_vfs:unmount("/tmp"),
    ok = vbeam_vfs:mount({ext2, disk}, "/tmp", []),
    conformance_cases:main(),
    [#{faults := Faults}] = [Mount || #{where := <<"/tmp">>} = Mount <- vbeam_vfs:mounts()],
    io:format("faults: ~b~n", [Faults]),
    io:format("open files: ~b~n", [length(vbeam_handles:owners())]),
    ok = vbeam_vfs:sync(),
    copy_device(disk, "/host/disk.img").

copy_device(Device, Path) ->
    {ok, #{blocks := Blocks, block_bytes := BlockBytes}} = vbeam_block:info(Device),
    {ok, File} = file:open(Path, [write, raw, binary]),
    copy(Device, File, 0, Blocks, ?PART_BYTES div BlockBytes),
    ok = file:close(File).

copy(_Device, _File, Blocks, Blocks, _Step) ->
    ok;
copy(Device, File, At, Blocks, Step) ->
    Count = min(Step, Blocks - At),
    {ok, Bytes} = vbeam_block:read(Device, At, Count),
    ok = file:write(File, Bytes),
    copy(Device, File, At + Count, Blocks, Step).
