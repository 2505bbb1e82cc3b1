%% What Linux's system calls do with paths and open files, over the callbacks of vbeam_filesystem:
%% which errors come, and which of them first. Results are those of prim_file's functions, as far as
%% these do not need the handle, which vbeam_file_calls makes.
-module(vbeam_file_operations).
-include_lib("kernel/include/file.hrl").
-export([run/2]).

-import(vbeam_file_walk, [walk/4, walk_existing/4, attributes/2, type/2]).

-define(UMASK, 8#22).
-define(LINK_BYTES_MAX, 4095).
-define(DEPTH_MAX, 2048).
%% Bits of a mode that show the type of a file (struct stat).
-define(TYPES, #{regular => 8#100000, directory => 8#040000, symlink => 8#120000, other => 0}).

-spec run(Operation :: term(), vbeam_filesystem:fs()) -> term().
run({path, Operation, From, Rest, Argument}, Fs) ->
    path(Operation, From, Rest, Argument, Fs);
run({two_paths, rename, From, To}, Fs) ->
    rename(From, To, Fs);
run({two_paths, link, Existing, New}, Fs) ->
    link(Existing, New, Fs);
run({inode, {Inode, Generation}, Operation}, Fs) ->
    case attributes(Inode, Fs) of
        #{generation := Generation} = Attributes -> inode(Operation, Inode, Attributes, Fs);
        _ -> {error, estale}
    end;
run({list_more, Folder, Cookie}, #{module := Module, state := State}) ->
    {Names, Next} = Module:list(Folder, Cookie, State),
    {ok, Names, Next};
run({folder_path, Inode}, Fs) ->
    {ok, vbeam_file_walk:folder_path(Inode, Fs)};
run({release, Inode}, #{module := Module, state := State, system := System} = Fs) ->
    _ = attributes(Inode, Fs),
    _ = vbeam_handles:is_open(System, Inode) orelse Module:release(Inode, State),
    ok;
run({close, Number}, Fs) ->
    close(Number, Fs);
run(sync, Fs) ->
    sync(Fs);
run(usage, #{module := Module, state := State, faults := Faults}) ->
    {ok, (Module:usage(State))#{faults => Faults}}.

%% ---- paths

path(info, From, Rest, Follow, Fs) ->
    #{inode := Inode} = walk_existing(From, Rest, Follow, Fs),
    case attributes(Inode, Fs) of
        #{type := symlink} = Attributes ->
            link_info(From, Rest, file_info(Inode, Attributes, Fs), Fs);
        Attributes ->
            file_info(Inode, Attributes, Fs)
    end;
path(exists, From, Rest, _, Fs) ->
    _ = walk_existing(From, Rest, false, Fs),
    ok;
path(find, From, Rest, _, Fs) ->
    _ = walk(From, Rest, false, Fs),
    ok;
path(enter, From, Rest, _, #{system := System} = Fs) ->
    #{inode := Inode} = walk_existing(From, Rest, true, Fs),
    directory = of_type(directory, Inode, enotdir, Fs),
    vbeam_handles:hold_working(System, Inode),
    {ok, Inode};
path(read_link, From, Rest, _, #{module := Module, state := State} = Fs) ->
    #{inode := Inode} = walk_existing(From, Rest, false, Fs),
    symlink = of_type(symlink, Inode, einval, Fs),
    {ok, Module:read_link(Inode, State)};
path(list_folder, From, Rest, _, #{module := Module, state := State} = Fs) ->
    #{inode := Inode} = walk_existing(From, Rest, true, Fs),
    directory = of_type(directory, Inode, enotdir, Fs),
    {Names, Next} = Module:list(Inode, 0, State),
    {ok, Inode, Names, Next};
path(open, From, Rest, {Modes, Owner}, Fs) ->
    open(From, Rest, Modes, Owner, Fs);
path(make_folder, From, Rest, _, Fs) ->
    try walk(From, Rest, false, Fs) of
        #{inode := none} = Place -> made(create(Place, {directory, 8#777 band bnot ?UMASK}, Fs));
        _ -> {error, eexist}
    catch
        throw:{posix, enotdir} ->
            {error, case ends_in_file(From, Rest, Fs) of true -> eexist; false -> enotdir end}
    end;
path(make_link, _From, _Rest, <<>>, _Fs) ->
    {error, enoent};
path(make_link, _From, _Rest, Text, _Fs) when byte_size(Text) > ?LINK_BYTES_MAX ->
    {error, enametoolong};
path(make_link, From, Rest, Text, Fs) ->
    case walk(From, Rest, false, Fs) of
        #{inode := none, slash := true} -> {error, enoent};
        #{inode := none} = Place -> made(create(Place, {symlink, Text}, Fs));
        _ -> {error, eexist}
    end;
path(remove_file, From, Rest, _, Fs) ->
    remove_file(walk(From, Rest, false, Fs), Fs);
path(remove_folder, From, Rest, _, Fs) ->
    remove_folder(walk(From, Rest, false, Fs), Fs);
path(permissions, From, Rest, Mode, Fs) ->
    change(From, Rest, #{mode => Mode}, Fs);
path(owner, From, Rest, {User, Group}, Fs) ->
    Changes = maps:from_list([{user, User} || User =/= -1] ++ [{group, Group} || Group =/= -1]),
    change(From, Rest, Changes, Fs);
path(set_times, From, Rest, {Accessed, Modified}, Fs) ->
    change(From, Rest, #{accessed => Accessed, modified => Modified}, Fs).

made({ok, _Inode}) -> ok.

change(From, Rest, Changes, #{module := Module, state := State} = Fs) ->
    #{inode := Inode} = walk_existing(From, Rest, true, Fs),
    writable(Fs),
    Module:change(Inode, Changes, State).

of_type(Type, Inode, Problem, Fs) ->
    case type(Inode, Fs) of
        Type -> Type;
        _ -> throw({posix, Problem})
    end.

writable(#{read_only := true}) -> throw({posix, erofs});
writable(_) -> ok.

create(#{folder := Folder, name := Name}, What, #{module := Module, state := State} = Fs) ->
    writable(Fs),
    Module:create(Folder, Name, What, State).

file_info(Inode, Attributes, #{read_only := ReadOnly, system := System}) ->
    #{
        type := Type, mode := Mode, links := Links, user := User, group := Group, size := Size,
        accessed := Accessed, modified := Modified, changed := Changed
    } = Attributes,
    #file_info{
        size = Size, type = Type, mode = maps:get(Type, ?TYPES) bor Mode, links = Links,
        access = case ReadOnly of true -> read; false -> read_write end,
        atime = Accessed, mtime = Modified, ctime = Changed,
        major_device = System, minor_device = 0, inode = Inode, uid = User, gid = Group
    }.

%% What may be done with a link is asked of what it leads to.
link_info(From, Rest, Info, Fs) ->
    try
        #{inode := Inode} = walk_existing(From, Rest, true, Fs),
        #file_info{access = Access} = file_info(Inode, attributes(Inode, Fs), Fs),
        Info#file_info{access = Access}
    catch
        throw:{posix, _} -> Info#file_info{access = none};
        throw:{leaves, Text} -> {link, Info, Text}
    end.

%% ---- opening

open(From, Rest, ModeList, Owner, #{module := Module, state := State} = Fs) ->
    Modes = vbeam_handles:modes(ModeList),
    Writes = lists:member(write, Modes),
    Exclusive = lists:member(exclusive, ModeList),
    Folder = lists:member(directory, ModeList),
    _ = Folder andalso Writes andalso throw({posix, einval}),
    case walk_to_open(From, Rest, not Exclusive, Writes, Fs) of
        #{inode := none} when not Writes ->
            {error, enoent};
        #{inode := none} = Place ->
            {ok, Inode} = create(Place, {regular, 8#666 band bnot ?UMASK}, Fs),
            opened(Inode, Modes, Owner, Fs);
        #{inode := _} when Exclusive ->
            {error, eexist};
        #{inode := Inode} ->
            Type = type(Inode, Fs),
            Any = Folder orelse lists:member(skip_type_check, ModeList),
            may_open(Type, Writes, Any, Folder),
            _ = Writes andalso writable(Fs),
            Cuts = Writes andalso not lists:member(read, Modes) andalso
                not lists:member(append, Modes),
            _ = Cuts andalso Module:truncate(Inode, 0, State),
            opened(Inode, Modes, Owner, Fs)
    end.

%% A path that ends in a slash is no place for a file.
walk_to_open(From, Rest, Follow, Writes, Fs) ->
    try walk(From, Rest, Follow, Fs) of
        #{slash := true} when Writes -> throw({posix, eisdir});
        Place -> Place
    catch
        throw:{posix, enotdir} when Writes ->
            %% The last name is a file: the slash behind it is what is wrong.
            case ends_in_file(From, Rest, Fs) of
                true -> throw({posix, eisdir});
                false -> throw({posix, enotdir})
            end
    end.

ends_in_file(From, Rest, Fs) ->
    Bare = string:trim(Rest, trailing, "/"),
    Bare =/= Rest andalso
        try
            walk(From, Bare, true, Fs),
            true
        catch
            throw:{posix, _} -> false
        end.

may_open(directory, true, _Any, _Folder) -> throw({posix, eisdir});
may_open(directory, false, false, _Folder) -> throw({posix, eisdir});
may_open(directory, false, true, _Folder) -> ok;
may_open(_Type, _Writes, _Any, true) -> throw({posix, enotdir});
may_open(regular, _Writes, _Any, false) -> ok;
may_open(symlink, _Writes, _Any, false) -> throw({posix, eloop});
may_open(other, _Writes, _Any, false) -> throw({posix, enxio}).

opened(Inode, Modes, Owner, #{system := System} = Fs) ->
    #{generation := Generation} = attributes(Inode, Fs),
    Number = vbeam_handles:open(System, {Inode, Generation}, Modes, Owner),
    %% It is closed when its owner ends, which may be now.
    vbeam_vfs:opened(Owner),
    {ok, Number}.

%% The last one who has an inode open lets go of it.
close(Number, #{module := Module, state := State, system := System} = Fs) ->
    case vbeam_handles:find(Number) of
        {ok, Handle} ->
            {Inode, Generation} = vbeam_handles:inode(Handle),
            vbeam_handles:delete(Number),
            case attributes(Inode, Fs) of
                #{generation := Generation} ->
                    _ = vbeam_handles:is_open(System, Inode) orelse Module:release(Inode, State),
                    ok;
                _ ->
                    ok
            end;
        error ->
            ok
    end.

%% ---- open files

inode({read, _At, _Count}, _Inode, #{type := directory}, _Fs) ->
    {error, eisdir};
inode({read, At, _Count}, _Inode, #{size := Size}, _Fs) when At >= Size ->
    {ok, <<>>};
inode({read, At, Count}, Inode, _Attributes, #{module := Module, state := State}) ->
    {ok, Module:read(Inode, At, Count, State)};
inode({write, append, Bytes}, Inode, #{size := Size} = Attributes, Fs) ->
    inode({write, Size, Bytes}, Inode, Attributes, Fs);
inode({write, At, Bytes}, Inode, _Attributes, #{module := Module, state := State} = Fs) ->
    writable(Fs),
    ok = Module:write(Inode, At, Bytes, State),
    {ok, At + byte_size(Bytes)};
inode({truncate, Size}, Inode, _Attributes, #{module := Module, state := State} = Fs) ->
    writable(Fs),
    Module:truncate(Inode, Size, State);
inode({grow, Size}, _Inode, #{size := Now}, _Fs) when Size =< Now ->
    ok;
inode({grow, Size}, Inode, _Attributes, #{module := Module, state := State} = Fs) ->
    writable(Fs),
    Module:truncate(Inode, Size, State);
inode(size, _Inode, #{type := directory}, _Fs) ->
    {ok, 0};
inode(size, _Inode, #{size := Size}, _Fs) ->
    {ok, Size};
inode(info, Inode, Attributes, Fs) ->
    file_info(Inode, Attributes, Fs);
inode(sync, _Inode, _Attributes, Fs) ->
    sync(Fs).

sync(#{module := Module, state := State}) ->
    Module:sync(State).

%% ---- removing

remove_file(#{dots := true}, _Fs) ->
    {error, eperm};
remove_file(#{inode := none}, _Fs) ->
    {error, enoent};
remove_file(#{inode := Inode} = Place, Fs) ->
    case type(Inode, Fs) of
        directory -> {error, eperm};
        _ -> unlink(Place, Fs)
    end.

unlink(#{inode := Inode, folder := Folder, name := Name}, Fs) ->
    #{module := Module, state := State, system := System} = Fs,
    writable(Fs),
    Module:unlink(Folder, Name, Inode, vbeam_handles:is_open(System, Inode), State).

remove_folder(#{dots := true, folder := none, up := false, inode := Root}, #{root := Root}) ->
    {error, ebusy};
remove_folder(#{dots := true, up := true}, _Fs) ->
    {error, eexist};
remove_folder(#{dots := true}, _Fs) ->
    {error, einval};
remove_folder(#{inode := none}, _Fs) ->
    {error, enoent};
remove_folder(#{link := true}, _Fs) ->
    {error, enotdir};
remove_folder(#{inode := Inode} = Place, #{module := Module, state := State} = Fs) ->
    directory = of_type(directory, Inode, enotdir, Fs),
    case Module:is_empty(Inode, State) of
        true -> unlink(Place, Fs);
        false -> {error, full_folder(Inode, Fs)}
    end.

%% OTP says so of the working folder.
full_folder(Inode, #{system := System}) ->
    case vbeam_handles:is_working(System, Inode) of
        true -> einval;
        false -> eexist
    end.

%% ---- two paths

link({From, Rest}, {OtherFrom, OtherRest}, #{module := Module, state := State} = Fs) ->
    #{inode := Inode} = tagged(first, fun() -> walk_existing(From, Rest, false, Fs) end),
    case tagged(second, fun() -> walk(OtherFrom, OtherRest, false, Fs) end) of
        #{inode := none} = Place ->
            _ = type(Inode, Fs) =:= directory andalso throw({posix, eperm}),
            writable(Fs),
            case Place of
                #{slash := true} -> {error, enoent};
                #{folder := Folder, name := Name} -> Module:link(Folder, Name, Inode, State)
            end;
        _ ->
            {error, eexist}
    end.

%% Which path leads out of the file system.
tagged(Which, Walk) ->
    try
        Walk()
    catch
        throw:{leaves, Text} -> throw({leaves, Which, Text})
    end.

rename({From, Rest}, {OtherFrom, OtherRest}, Fs) ->
    Old = tagged(first, fun() -> walk(From, Rest, false, Fs) end),
    _ = maps:get(link, Old) andalso throw({posix, enotdir}),
    New = tagged(second, fun() -> walk(OtherFrom, OtherRest, false, Fs) end),
    rename_places(Old, New, Fs).

rename_places(#{dots := true}, _New, _Fs) ->
    {error, ebusy};
rename_places(_Old, #{dots := true}, _Fs) ->
    {error, ebusy};
rename_places(#{inode := none}, _New, _Fs) ->
    {error, enoent};
rename_places(#{inode := Inode}, #{inode := Inode, folder := Above} = _New, Fs) ->
    case type(Inode, Fs) =:= directory andalso is_above(Inode, Above, Fs) of
        true -> {error, einval};
        false -> ok
    end;
rename_places(#{inode := Inode, folder := Folder, name := Name}, New, Fs) ->
    #{module := Module, state := State, system := System} = Fs,
    #{folder := OtherFolder, name := OtherName, inode := Replaced} = New,
    writable(Fs),
    IsFolder = type(Inode, Fs) =:= directory,
    _ = IsFolder andalso is_above(Inode, OtherFolder, Fs) andalso throw({posix, einval}),
    may_replace(IsFolder, Folder, New, Fs),
    Held =
        case Replaced of
            none -> none;
            _ -> {Replaced, vbeam_handles:is_open(System, Replaced)}
        end,
    Module:rename({Folder, Name}, {OtherFolder, OtherName}, Inode, Held, State).

may_replace(IsFolder, _Folder, #{inode := none, slash := Slash}, _Fs) ->
    _ = Slash andalso not IsFolder andalso throw({posix, enotdir}),
    ok;
may_replace(IsFolder, Folder, #{inode := Replaced}, #{module := Module, state := State} = Fs) ->
    IsAlso = type(Replaced, Fs) =:= directory,
    _ = IsAlso andalso is_above(Replaced, Folder, Fs) andalso throw({posix, eexist}),
    _ = IsAlso andalso not IsFolder andalso throw({posix, eisdir}),
    _ = IsFolder andalso not IsAlso andalso throw({posix, enotdir}),
    _ = IsAlso andalso not Module:is_empty(Replaced, State) andalso throw({posix, eexist}),
    ok.

%% `Inode` is the folder `Folder` or above it.
is_above(Inode, Folder, Fs) ->
    is_above(Inode, Folder, ?DEPTH_MAX, Fs).

is_above(_Inode, _Folder, 0, _Fs) ->
    throw({posix, eio});
is_above(Inode, Inode, _Left, _Fs) ->
    true;
is_above(_Inode, Root, _Left, #{root := Root}) ->
    false;
is_above(Inode, Folder, Left, Fs) ->
    case vbeam_file_walk:lookup(Folder, <<"..">>, Fs) of
        {ok, Above} -> is_above(Inode, Above, Left - 1, Fs);
        error -> throw({posix, eio})
    end.
