%% System calls on names of files: what they are, links, folders, access, owners and times, and
%% where a group is. Man pages of section 2 by the names of the functions.
-module(vbeam_linux_sys_names).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([stat/2, lstat/2, fstat/2, newfstatat/4, statx/5, access/2, faccessat/3, faccessat2/4]).
-export([mkdir/2, mkdirat/3, rmdir/1, unlink/1, unlinkat/3, rename/2, renameat/4, renameat2/5]).
-export([link/2, linkat/5, symlink/2, symlinkat/3, readlink/3, readlinkat/4]).
-export([mknod/3, mknodat/4, truncate/2, getdents/3, getdents64/3]).
-export([chmod/2, fchmod/2, fchmodat/3, fchmodat2/4]).
-export([chown/3, lchown/3, fchown/3, fchownat/5]).
-export([utime/2, utimes/2, futimesat/3, utimensat/4]).
-export([getcwd/2, chdir/1, fchdir/1, chroot/1, umask/1]).
-export([statfs/2, fstatfs/2, mount/5, umount2/2]).
-export([setxattr/5, lsetxattr/5, fsetxattr/5, getxattr/4, lgetxattr/4, fgetxattr/4]).
-export([listxattr/3, llistxattr/3, flistxattr/3, removexattr/2, lremovexattr/2, fremovexattr/2]).

-define(AT_FDCWD, -100).
-define(AT_SYMLINK_NOFOLLOW, 16#100).
-define(AT_REMOVEDIR, 16#200).
-define(AT_EACCESS, 16#200).
-define(AT_SYMLINK_FOLLOW, 16#400).
-define(AT_NO_AUTOMOUNT, 16#800).
-define(AT_EMPTY_PATH, 16#1000).
-define(AT_STATX, 16#6000).
-define(PATH_MAX, 4096).

%% --- what files are ----------------------------------------------------------------------------

stat(Path, Pointer) -> newfstatat(?AT_FDCWD, Path, Pointer, 0).
lstat(Path, Pointer) -> newfstatat(?AT_FDCWD, Path, Pointer, ?AT_SYMLINK_NOFOLLOW).

fstat(Fd, Pointer) ->
    Stat = vbeam_linux_object:stat(vbeam_linux_descriptors:any(Fd)),
    told(Pointer, vbeam_linux_stat:bytes(Stat)).

newfstatat(At, Path, Pointer, Flags) when
    Flags band bnot (?AT_SYMLINK_NOFOLLOW bor ?AT_NO_AUTOMOUNT bor ?AT_EMPTY_PATH) =:= 0
->
    told(Pointer, vbeam_linux_stat:bytes(vbeam_linux_names:stat(found(At, Path, Flags))));
newfstatat(_, _, _, _) ->
    throw({errno, ?EINVAL}).

statx(_, _, _, Mask, _) when Mask band 16#80000000 =/= 0 ->
    throw({errno, ?EINVAL});
statx(At, Path, Flags, _Mask, Pointer) when
    Flags band
        bnot (?AT_SYMLINK_NOFOLLOW bor ?AT_NO_AUTOMOUNT bor ?AT_EMPTY_PATH bor ?AT_STATX) =:= 0
->
    told(Pointer, vbeam_linux_stat:extended(vbeam_linux_names:stat(found(At, Path, Flags))));
statx(_, _, _, _, _) ->
    throw({errno, ?EINVAL}).

told(Pointer, Bytes) ->
    ok = vbeam_linux_memory:write(Pointer, Bytes),
    0.

%% The name that a path and AT_ flags mean.
found(At, Path, Flags) ->
    Follow = [follow || Flags band ?AT_SYMLINK_NOFOLLOW =:= 0],
    Empty = [empty || Flags band ?AT_EMPTY_PATH =/= 0],
    vbeam_linux_names:resolve(At, vbeam_linux_names:string(Path), Follow ++ Empty).

access(Path, Mode) -> faccessat2(?AT_FDCWD, Path, Mode, 0).
faccessat(At, Path, Mode) -> faccessat2(At, Path, Mode, 0).

%% Programs are root, who may all but execute what nobody may.
faccessat2(At, Path, Mode, Flags) when
    Mode >= 0, Mode =< 7,
    Flags band bnot (?AT_EACCESS bor ?AT_SYMLINK_NOFOLLOW bor ?AT_EMPTY_PATH) =:= 0
->
    Name = found(At, Path, Flags band bnot ?AT_EACCESS),
    #stat{mode = Access} = vbeam_linux_names:stat(Name),
    Folder = Access band ?S_IFMT =:= ?S_IFDIR,
    case Mode band 1 =/= 0 andalso not Folder andalso Access band 8#111 =:= 0 of
        true -> throw({errno, ?EACCES});
        false -> writable(Mode, Name)
    end;
faccessat2(_, _, _, _) ->
    throw({errno, ?EINVAL}).

%% Where a file system cannot be written.
writable(Mode, #{place := vfs, path := Path}) when Mode band 2 =/= 0 ->
    case vbeam_linux_mounts:is_read_only(Path) of
        true -> throw({errno, ?EROFS});
        false -> 0
    end;
writable(_, _) ->
    0.

%% --- making and removing -----------------------------------------------------------------------

mkdir(Path, Mode) -> mkdirat(?AT_FDCWD, Path, Mode).

mkdirat(At, Path, Mode) ->
    Folder = new(At, Path),
    ok = done(prim_file:make_dir(Folder)),
    ok = done(vbeam_linux_names:change_file(Folder, #{mode => masked(Mode band 8#1777)})),
    0.

masked(Mode) -> Mode band bnot vbeam_linux_group:get(umask, 8#022).

%% The path of what is not there yet; a slash may follow the name of a folder.
new(At, Path) ->
    case vbeam_linux_names:resolve(At, vbeam_linux_names:string(Path), [entry]) of
        #{kind := missing} = Name -> vbeam_linux_names:vfs(Name);
        _ -> throw({errno, ?EEXIST})
    end.

rmdir(Path) -> unlinkat(?AT_FDCWD, Path, ?AT_REMOVEDIR).
unlink(Path) -> unlinkat(?AT_FDCWD, Path, 0).

unlinkat(At, Path, 0) ->
    Name = there(At, Path),
    case Name of
        #{dots := Dots} when Dots =/= false -> throw({errno, ?EISDIR});
        _ -> ok
    end,
    #stat{mode = Mode, links = Links} = Stat = vbeam_linux_names:stat(Name),
    _ = Mode band ?S_IFMT =:= ?S_IFDIR andalso throw({errno, ?EISDIR}),
    ok = done(prim_file:delete(vbeam_linux_names:vfs(Name))),
    _ = Links =< 1 andalso vbeam_linux_registry:forget(Stat#stat.device, Stat#stat.inode),
    0;
unlinkat(At, Path, ?AT_REMOVEDIR) ->
    Name = there(At, Path),
    case Name of
        #{dots := dot} -> throw({errno, ?EINVAL});
        #{dots := dotdot} -> throw({errno, ?ENOTEMPTY});
        #{dots := root} -> throw({errno, ?EBUSY});
        _ -> ok
    end,
    folder_removed(prim_file:del_dir(vbeam_linux_names:vfs(Name))),
    0;
unlinkat(_, _, _) ->
    throw({errno, ?EINVAL}).

%% OTP says eexist of a folder that is not empty.
folder_removed({error, eexist}) -> throw({errno, ?ENOTEMPTY});
folder_removed(Result) -> done(Result).

there(At, Path) ->
    case vbeam_linux_names:resolve(At, vbeam_linux_names:string(Path), [entry]) of
        #{kind := missing} -> throw({errno, ?ENOENT});
        Name -> Name
    end.

rename(From, To) -> renameat2(?AT_FDCWD, From, ?AT_FDCWD, To, 0).
renameat(FromAt, From, ToAt, To) -> renameat2(FromAt, From, ToAt, To, 0).

%% RENAME_NOREPLACE is 1, RENAME_EXCHANGE 2.
renameat2(FromAt, From, ToAt, To, Flags) when Flags =< 2 ->
    Old = there(FromAt, From),
    New = vbeam_linux_names:resolve(ToAt, vbeam_linux_names:string(To), [entry]),
    _ = [throw({errno, ?EBUSY}) || #{dots := Dots} <- [Old, New], Dots =/= false],
    _ = Flags =:= 1 andalso maps:get(kind, New) =/= missing andalso throw({errno, ?EEXIST}),
    _ = Flags =:= 2 andalso maps:get(kind, New) =:= missing andalso throw({errno, ?ENOENT}),
    renamed(Flags, Old, New),
    0;
renameat2(_, _, _, _, _) ->
    throw({errno, ?EINVAL}).

renamed(2, Old, New) ->
    One = vbeam_linux_names:vfs(Old),
    Other = vbeam_linux_names:vfs(New),
    Unique = integer_to_binary(erlang:unique_integer([positive])),
    Aside = <<One/binary, ".exchange-", Unique/binary>>,
    done(prim_file:rename(One, Aside)),
    case prim_file:rename(Other, One) of
        ok ->
            done(prim_file:rename(Aside, Other));
        Error ->
            _ = prim_file:rename(Aside, One),
            done(Error)
    end;
renamed(_, Old, New) ->
    One = vbeam_linux_names:vfs(Old),
    Other = vbeam_linux_names:vfs(New),
    OldStat = vbeam_linux_names:stat(Old),
    Replaced =
        case New of
            #{kind := missing} -> none;
            _ -> vbeam_linux_names:stat(New)
        end,
    ok = may_replace(OldStat, Replaced, New),
    case prim_file:rename(One, Other) of
        {error, eexist} -> throw({errno, ?ENOTEMPTY});
        Result -> done(Result)
    end,
    gone(Replaced, OldStat).

may_replace(#stat{mode = Mode}, none, #{slash := true}) when Mode band ?S_IFMT =/= ?S_IFDIR ->
    throw({errno, ?ENOTDIR});
may_replace(_, none, _) ->
    ok;
may_replace(#stat{mode = Old}, #stat{mode = New}, _) ->
    case {Old band ?S_IFMT =:= ?S_IFDIR, New band ?S_IFMT =:= ?S_IFDIR} of
        {true, false} -> throw({errno, ?ENOTDIR});
        {false, true} -> throw({errno, ?EISDIR});
        _ -> ok
    end.

gone(#stat{device = Device, inode = Inode, links = Links}, Other) when
    Links =< 1, {Device, Inode} =/= {Other#stat.device, Other#stat.inode}
->
    vbeam_linux_registry:forget(Device, Inode);
gone(_, _) ->
    ok.

link(From, To) -> linkat(?AT_FDCWD, From, ?AT_FDCWD, To, 0).

linkat(FromAt, From, ToAt, To, Flags) when
    Flags band bnot (?AT_SYMLINK_FOLLOW bor ?AT_EMPTY_PATH) =:= 0
->
    Follow = [follow || Flags band ?AT_SYMLINK_FOLLOW =/= 0],
    Empty = [empty || Flags band ?AT_EMPTY_PATH =/= 0],
    Path = vbeam_linux_names:string(From),
    Old = vbeam_linux_names:resolve(FromAt, Path, Follow ++ Empty),
    #stat{mode = Mode} = vbeam_linux_names:stat(Old),
    New = new(ToAt, To),
    _ = Mode band ?S_IFMT =:= ?S_IFDIR andalso throw({errno, ?EPERM}),
    case Old of
        #{place := {object, _}} -> throw({errno, ?EXDEV});
        #{place := {_, _}} -> throw({errno, ?EXDEV});
        #{path := OldPath} -> done(prim_file:make_link(OldPath, New))
    end,
    0;
linkat(_, _, _, _, _) ->
    throw({errno, ?EINVAL}).

symlink(Text, Path) -> symlinkat(Text, ?AT_FDCWD, Path).

symlinkat(Text, At, Path) ->
    Target = vbeam_linux_names:string(Text),
    _ = Target =:= <<>> andalso throw({errno, ?ENOENT}),
    ok = done(prim_file:make_symlink(Target, new(At, Path))),
    0.

readlink(Path, Pointer, Size) -> readlinkat(?AT_FDCWD, Path, Pointer, Size).

readlinkat(_, _, _, Size) when Size =< 0 ->
    throw({errno, ?EINVAL});
readlinkat(At, Path, Pointer, Size) ->
    Name = vbeam_linux_names:resolve(At, vbeam_linux_names:string(Path), [empty]),
    {ok, Text} = checked(vbeam_linux_names:read_link(Name)),
    Part = binary:part(Text, 0, min(Size, byte_size(Text))),
    ok = vbeam_linux_memory:write(Pointer, Part),
    byte_size(Part).

mknod(Path, Mode, Device) -> mknodat(?AT_FDCWD, Path, Mode, Device).

%% The VFS has regular files only; that this one is more is kept beside (vbeam_linux_registry).
mknodat(At, Path, Mode, Device) ->
    Format =
        case Mode band ?S_IFMT of
            0 -> ?S_IFREG;
            ?S_IFDIR -> throw({errno, ?EPERM});
            Known when
                Known =:= ?S_IFREG; Known =:= ?S_IFIFO; Known =:= ?S_IFSOCK;
                Known =:= ?S_IFCHR; Known =:= ?S_IFBLK
            ->
                Known;
            _ ->
                throw({errno, ?EINVAL})
        end,
    vbeam_linux_special:make(new(At, Path), Format, masked(Mode band 8#7777), Device),
    0.

truncate(_, Size) when Size < 0 ->
    throw({errno, ?EINVAL});
truncate(Path, Size) ->
    Name = found(?AT_FDCWD, Path, 0),
    #stat{mode = Mode} = vbeam_linux_names:stat(Name),
    case Mode band ?S_IFMT of
        ?S_IFDIR -> throw({errno, ?EISDIR});
        ?S_IFREG -> ok;
        _ -> throw({errno, ?EINVAL})
    end,
    Object = vbeam_linux_open:name(Name, ?O_WRONLY, 0),
    try
        _ = vbeam_linux_object:truncate(Object, Size),
        0
    after
        vbeam_linux_object:release(Object, vbeam_linux_group:process())
    end.

%% --- folders -----------------------------------------------------------------------------------

getdents64(Fd, Pointer, Size) -> entries(Fd, Pointer, Size, fun entry64/1).
getdents(Fd, Pointer, Size) -> entries(Fd, Pointer, Size, fun entry/1).

entries(Fd, Pointer, Size, Format) ->
    Object = vbeam_linux_descriptors:find(Fd),
    Take = fun(Entry, Taken) ->
        Bytes = Format(Entry),
        case iolist_size(Taken) + byte_size(Bytes) =< Size of
            true -> Bytes;
            false -> false
        end
    end,
    case vbeam_linux_object:list(Object, Take) of
        [] ->
            %% The end, unless the next one is too long.
            Any = fun(_, Taken) -> case Taken of [] -> <<>>; _ -> false end end,
            case vbeam_linux_object:list(Object, Any) of
                [] -> 0;
                _ -> throw({errno, ?EINVAL})
            end;
        Taken ->
            ok = vbeam_linux_memory:write(Pointer, Taken),
            iolist_size(Taken)
    end.

%% struct linux_dirent64 and the older one, whose type comes last.
entry64({Name, Type, Inode, Next}) ->
    Length = (19 + byte_size(Name) + 1 + 7) band bnot 7,
    Rest = (Length - 19 - byte_size(Name)) * 8,
    <<Inode:64/little, Next:64/little, Length:16/little, Type:8, Name/binary, 0:Rest>>.

entry({Name, Type, Inode, Next}) ->
    Length = (18 + byte_size(Name) + 2 + 7) band bnot 7,
    Rest = (Length - 19 - byte_size(Name)) * 8,
    <<Inode:64/little, Next:64/little, Length:16/little, Name/binary, 0:Rest, Type:8>>.

%% --- access, owners, times ---------------------------------------------------------------------

chmod(Path, Mode) -> fchmodat2(?AT_FDCWD, Path, Mode, 0).
fchmodat(At, Path, Mode) -> fchmodat2(At, Path, Mode, 0).

fchmodat2(At, Path, Mode, Flags) when
    Flags band bnot (?AT_SYMLINK_NOFOLLOW bor ?AT_EMPTY_PATH) =:= 0
->
    case found(At, Path, Flags) of
        #{kind := link} -> throw({errno, ?EOPNOTSUPP});
        Name -> changed(Name, #{mode => Mode band 8#7777})
    end;
fchmodat2(_, _, _, _) ->
    throw({errno, ?EINVAL}).

fchmod(Fd, Mode) ->
    _ = vbeam_linux_object:change(vbeam_linux_descriptors:find(Fd), #{mode => Mode band 8#7777}),
    0.

chown(Path, User, Group) -> fchownat(?AT_FDCWD, Path, User, Group, 0).
lchown(Path, User, Group) -> fchownat(?AT_FDCWD, Path, User, Group, ?AT_SYMLINK_NOFOLLOW).

fchownat(At, Path, User, Group, Flags) when
    Flags band bnot (?AT_SYMLINK_NOFOLLOW bor ?AT_EMPTY_PATH) =:= 0
->
    changed(found(At, Path, Flags), owner(User, Group));
fchownat(_, _, _, _, _) ->
    throw({errno, ?EINVAL}).

fchown(Fd, User, Group) ->
    _ = vbeam_linux_object:change(vbeam_linux_descriptors:find(Fd), owner(User, Group)),
    0.

owner(User, Group) ->
    maps:from_list(
        [{user, User} || User =/= 16#ffffffff] ++ [{group, Group} || Group =/= 16#ffffffff]
    ).

changed(Name, Changes) ->
    ok = vbeam_linux_names:change(Name, Changes),
    0.

%% struct utimbuf
utime(Path, 0) ->
    changed(found(?AT_FDCWD, Path, 0), present());
utime(Path, Pointer) ->
    <<Accessed:64/little-signed, Modified:64/little-signed>> = vbeam_linux_memory:read(Pointer, 16),
    Times = #{accessed => Accessed * 1000000000, modified => Modified * 1000000000},
    changed(found(?AT_FDCWD, Path, 0), Times).

utimes(Path, Pointer) -> futimesat(?AT_FDCWD, Path, Pointer).

%% Two struct timeval
futimesat(At, Path, 0) ->
    changed(found(At, Path, 0), present());
futimesat(At, Path, Pointer) ->
    <<A:64/little-signed, AMicro:64/little, M:64/little-signed, MMicro:64/little>> =
        vbeam_linux_memory:read(Pointer, 32),
    _ = (AMicro < 1000000 andalso MMicro < 1000000) orelse throw({errno, ?EINVAL}),
    Times = #{
        accessed => A * 1000000000 + AMicro * 1000, modified => M * 1000000000 + MMicro * 1000
    },
    changed(found(At, Path, 0), Times).

%% Two struct timespec. Without a path it is the descriptor's file.
utimensat(At, Path, Pointer, Flags) when
    Flags band bnot (?AT_SYMLINK_NOFOLLOW bor ?AT_EMPTY_PATH) =:= 0
->
    Times = times(Pointer),
    case Path of
        0 when At =:= ?AT_FDCWD ->
            throw({errno, ?EFAULT});
        0 ->
            _ = vbeam_linux_object:change(vbeam_linux_descriptors:any(At), Times),
            0;
        _ when map_size(Times) =:= 0 ->
            _ = vbeam_linux_names:stat(found(At, Path, Flags)),
            0;
        _ ->
            changed(found(At, Path, Flags), Times)
    end;
utimensat(_, _, _, _) ->
    throw({errno, ?EINVAL}).

times(0) ->
    present();
times(Pointer) ->
    <<A:64/little-signed, ANano:64/little, M:64/little-signed, MNano:64/little>> =
        vbeam_linux_memory:read(Pointer, 32),
    maps:from_list(time(accessed, A, ANano) ++ time(modified, M, MNano)).

%% UTIME_NOW and UTIME_OMIT
time(Which, _, 16#3fffffff) -> [{Which, erlang:system_time(nanosecond)}];
time(_, _, 16#3ffffffe) -> [];
time(Which, Seconds, Nano) when Nano < 1000000000 -> [{Which, Seconds * 1000000000 + Nano}];
time(_, _, _) -> throw({errno, ?EINVAL}).

present() ->
    Now = erlang:system_time(nanosecond),
    #{accessed => Now, modified => Now}.

%% --- where a group is --------------------------------------------------------------------------

getcwd(Pointer, Size) ->
    Seen =
        case vbeam_linux_names:seen(vbeam_linux_names:folder()) of
            {ok, Path} -> Path;
            unreachable -> <<"(unreachable)", (vbeam_linux_names:folder())/binary>>
        end,
    _ = vbeam_linux_names:is_folder(vbeam_linux_names:folder()) orelse throw({errno, ?ENOENT}),
    Bytes = <<Seen/binary, 0>>,
    _ = byte_size(Bytes) =< Size orelse throw({errno, ?ERANGE}),
    ok = vbeam_linux_memory:write(Pointer, Bytes),
    byte_size(Bytes).

chdir(Path) ->
    ok = vbeam_linux_names:set_folder(folder(found(?AT_FDCWD, Path, 0))),
    0.

fchdir(Fd) ->
    Object = vbeam_linux_descriptors:any(Fd),
    case vbeam_linux_object:path(Object) of
        {ok, Path} ->
            _ = vbeam_linux_names:is_folder(Path) orelse throw({errno, ?ENOTDIR}),
            ok = vbeam_linux_names:set_folder(Path),
            0;
        none ->
            throw({errno, ?ENOTDIR})
    end.

chroot(Path) ->
    ok = vbeam_linux_names:set_root(folder(found(?AT_FDCWD, Path, 0))),
    0.

folder(Name) ->
    case vbeam_linux_names:stat(Name) of
        #stat{mode = Mode} when Mode band ?S_IFMT =:= ?S_IFDIR -> maps:get(path, Name);
        _ -> throw({errno, ?ENOTDIR})
    end.

umask(Mask) ->
    Before = vbeam_linux_group:get(umask, 8#022),
    ok = vbeam_linux_group:put(umask, Mask band 8#777),
    Before.

%% --- file systems ------------------------------------------------------------------------------

statfs(Path, Pointer) ->
    Name = found(?AT_FDCWD, Path, 0),
    _ = vbeam_linux_names:stat(Name),
    told(Pointer, vbeam_linux_stat:file_system(vbeam_linux_mounts:usage(maps:get(path, Name)))).

fstatfs(Fd, Pointer) ->
    Path =
        case vbeam_linux_object:path(vbeam_linux_descriptors:any(Fd)) of
            {ok, Known} -> Known;
            none -> <<"/">>
        end,
    told(Pointer, vbeam_linux_stat:file_system(vbeam_linux_mounts:usage(Path))).

mount(_, Target, Type, _Flags, _Data) ->
    Name = found(?AT_FDCWD, Target, 0),
    Where = folder(Name),
    Kind = case Type of 0 -> <<>>; _ -> vbeam_linux_memory:string(Type, ?PATH_MAX) end,
    done(vbeam_linux_mounts:mount(Kind, Where)),
    0.

%% MNT_FORCE 1, MNT_DETACH 2, MNT_EXPIRE 4, UMOUNT_NOFOLLOW 8.
umount2(Target, Flags) when Flags band bnot 15 =:= 0 ->
    Follow = case Flags band 8 of 0 -> 0; _ -> ?AT_SYMLINK_NOFOLLOW end,
    Name = found(?AT_FDCWD, Target, Follow),
    _ = vbeam_linux_names:stat(Name),
    done(vbeam_linux_mounts:unmount(maps:get(path, Name), Flags band 3 =/= 0)),
    0;
umount2(_, _) ->
    throw({errno, ?EINVAL}).

%% No file system here keeps extended attributes.
setxattr(Path, _, _, _, _) -> no_attributes(found(?AT_FDCWD, Path, 0)).
lsetxattr(Path, _, _, _, _) -> no_attributes(found(?AT_FDCWD, Path, ?AT_SYMLINK_NOFOLLOW)).
fsetxattr(Fd, _, _, _, _) -> no_attributes(Fd).
getxattr(Path, _, _, _) -> no_attributes(found(?AT_FDCWD, Path, 0)).
lgetxattr(Path, _, _, _) -> no_attributes(found(?AT_FDCWD, Path, ?AT_SYMLINK_NOFOLLOW)).
fgetxattr(Fd, _, _, _) -> no_attributes(Fd).
listxattr(Path, _, _) -> no_attributes(found(?AT_FDCWD, Path, 0)).
llistxattr(Path, _, _) -> no_attributes(found(?AT_FDCWD, Path, ?AT_SYMLINK_NOFOLLOW)).
flistxattr(Fd, _, _) -> no_attributes(Fd).
removexattr(Path, _) -> no_attributes(found(?AT_FDCWD, Path, 0)).
lremovexattr(Path, _) -> no_attributes(found(?AT_FDCWD, Path, ?AT_SYMLINK_NOFOLLOW)).
fremovexattr(Fd, _) -> no_attributes(Fd).

-spec no_attributes(vbeam_linux_names:name() | integer()) -> no_return().
no_attributes(#{} = Name) ->
    _ = vbeam_linux_names:stat(Name),
    throw({errno, ?EOPNOTSUPP});
no_attributes(Fd) ->
    _ = vbeam_linux_descriptors:find(Fd),
    throw({errno, ?EOPNOTSUPP}).

checked({error, Reason}) -> throw({errno, vbeam_linux_errno:number(Reason)});
checked(Result) -> Result.

done(Result) -> vbeam_linux_object:done(Result).
