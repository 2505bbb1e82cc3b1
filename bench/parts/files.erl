%% A file of 16 MB written and read on the RAM file system and on ext2 on a RAM disk: the best of
%% three, in MB/s, as one line {TmpWrite, TmpRead, BlockWrite, BlockRead}.
-module(files).
-export([main/0]).

-define(BYTES, 16000000).

main() ->
    ok = vbeam_ram_disk:create(disk, 40 bsl 20),
    ok = vbeam_ext2_format:format(disk),
    ok = file:make_dir("/block"),
    ok = vbeam_vfs:mount({ext2, disk}, "/block", []),
    Bytes = binary:copy(<<"0123456789abcdef">>, ?BYTES div 16),
    {TmpWrite, TmpRead} = best([once("/tmp/file", Bytes) || _ <- "three"]),
    {BlockWrite, BlockRead} = best([once("/block/file", Bytes) || _ <- "three"]),
    io:format("{~b,~b,~b,~b}~n", [TmpWrite, TmpRead, BlockWrite, BlockRead]).

once(Path, Bytes) ->
    {WriteUs, ok} = timer:tc(file, write_file, [Path, Bytes]),
    {ReadUs, {ok, Bytes}} = timer:tc(file, read_file, [Path]),
    ok = file:delete(Path),
    {WriteUs, ReadUs}.

best(Times) ->
    {Writes, Reads} = lists:unzip(Times),
    {?BYTES div lists:min(Writes), ?BYTES div lists:min(Reads)}.
