%% Files that are more than bytes: named pipes, sockets, devices. In the VFS each is a file with a
%% short text, and what it stands for is a row of vbeam_linux_registry, which is forgotten when the
%% system stops. A file of another size is no such file, though it may have got the inode of one
%% that was removed behind our back.
-module(vbeam_linux_special).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([make/4, bytes/0]).

-define(TEXT, <<"a special file of Linux programs in VBEAM\n">>).

%% Of the text.
-spec bytes() -> pos_integer().
bytes() -> byte_size(?TEXT).

%% At a path where nothing is.
-spec make(binary(), Format :: non_neg_integer(), Mode :: non_neg_integer(), non_neg_integer()) ->
    vbeam_linux_stat:stat().
make(Path, Format, Mode, Rdev) ->
    case prim_file:open(Path, [write, exclusive, raw, binary]) of
        {ok, Handle} ->
            _ = Format =/= ?S_IFREG andalso prim_file:write(Handle, ?TEXT),
            ok = prim_file:close(Handle),
            ok = vbeam_linux_object:done(vbeam_linux_names:change_file(Path, #{mode => Mode})),
            {ok, #stat{device = Device, inode = Inode}} = vbeam_linux_names:stat_path(Path),
            _ = Format =/= ?S_IFREG andalso
                vbeam_linux_registry:make_special(Device, Inode, Format, Rdev),
            {ok, Stat} = vbeam_linux_names:stat_path(Path),
            Stat;
        {error, Reason} ->
            throw({errno, vbeam_linux_errno:number(Reason)})
    end.
