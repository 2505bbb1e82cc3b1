%% From a path of a program to what it names. A path is walked name by name (path_resolution(7)):
%% from the group's root or folder, or that of a descriptor, through links, and into the trees of
%% vbeam_linux_tree. What comes out is a path without links from the system's root, and its place:
%%
%%     vfs                the VFS knows it, or it is not there and its folder is
%%     {Module, Node}     a node of a tree
%%     {object, Object}   what a link of /proc/PID/fd stands for
%%
%% The group's root and folder are such paths too: rows {root, Path} and {folder, Path} of its
%% table.
-module(vbeam_linux_names).
-include_lib("kernel/include/file.hrl").
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([resolve/3, program/1, string/1, root/0, folder/0, set_root/1, set_folder/1, seen/1]).
-export([stat/1, stat_path/1, entries/1, list/1, is_folder/1, vfs/1]).
-export([change/2, change_path/2, change_file/2, read_link/1]).
-export_type([name/0, changes/0]).

-type place() :: vfs | vbeam_linux_tree:tree_node() | {object, vbeam_linux_object:object()}.
-type name() :: #{
    path := binary(),
    place := place(),
    %% The last name is a link, which was not to be followed; or nothing is there.
    kind := link | missing | there,
    %% A slash follows the last name.
    slash := boolean(),
    %% The last name was `.` or `..` or `/`, or there was none.
    dots := dot | dotdot | root | false
}.
%% mode, user, group: numbers; accessed, modified: nanoseconds.
-type changes() :: #{mode | user | group | accessed | modified => integer()}.

-define(AT_FDCWD, -100).
-define(PATH_MAX, 4096).
-define(NAME_MAX, 255).
-define(LINKS_MAX, 40).
-define(SECOND, 1000000000).

%% --- where a group is --------------------------------------------------------------------------

-spec root() -> binary().
root() -> row(root, <<"/">>).

-spec folder() -> binary().
folder() ->
    case row(folder, <<"/">>) of
        erlang -> erlang_folder();
        Folder -> Folder
    end.

%% Of programs that are Erlang's, the folder is Erlang's, too: {folder, erlang}.
erlang_folder() ->
    {ok, Folder} = file:get_cwd(),
    vfs_name(Folder).

row(Key, Otherwise) ->
    case ets:lookup(vbeam_linux_group:table(), Key) of
        [{_, Path}] -> Path;
        [] -> Otherwise
    end.

-spec set_root(binary()) -> ok.
set_root(Path) -> set(root, Path).

-spec set_folder(binary()) -> ok.
set_folder(Path) ->
    case row(folder, <<"/">>) of
        erlang -> vbeam_linux_object:done(file:set_cwd(Path));
        _ -> set(folder, Path)
    end.

set(Key, Path) ->
    true = ets:insert(vbeam_linux_group:table(), {Key, Path}),
    ok.

%% A path as the group sees it from its root.
-spec seen(binary()) -> {ok, binary()} | unreachable.
seen(Path) ->
    case root() of
        <<"/">> ->
            {ok, Path};
        Path ->
            {ok, <<"/">>};
        Root ->
            Bytes = byte_size(Root),
            case Path of
                <<Root:Bytes/binary, $/, _/binary>> ->
                    {ok, binary:part(Path, Bytes, byte_size(Path) - Bytes)};
                _ ->
                    unreachable
            end
    end.

%% --- resolving ---------------------------------------------------------------------------------

%% A path in the caller's memory.
-spec string(vbeam_linux_memory:pointer()) -> binary().
string(Pointer) ->
    vbeam_linux_memory:string(Pointer, ?PATH_MAX).

%% At: AT_FDCWD or a descriptor. `follow`: through a link that is the last name, too; `empty`: an
%% empty path is what the descriptor stands for. A slash behind the last name makes a link be
%% followed, too, except with `entry`: it is the name itself that is to be made, removed or changed.
-spec resolve(integer(), binary(), [follow | empty | entry]) -> name().
resolve(At, <<>>, Options) ->
    _ = lists:member(empty, Options) orelse throw({errno, ?ENOENT}),
    of_descriptor(At);
resolve(_At, <<"/", _/binary>> = Path, Options) ->
    walk(root(), Path, Options);
resolve(?AT_FDCWD, Path, Options) ->
    walk(folder(), Path, Options);
resolve(At, Path, Options) ->
    case vbeam_linux_object:path(vbeam_linux_descriptors:any(At)) of
        {ok, Folder} ->
            _ = is_folder(Folder) orelse throw({errno, ?ENOTDIR}),
            walk(Folder, Path, Options);
        none ->
            throw({errno, ?ENOTDIR})
    end.

%% The path of the VFS that a program is read from.
-spec program(binary()) -> binary().
program(Path) ->
    case resolve(?AT_FDCWD, Path, [follow]) of
        #{kind := missing} ->
            throw({errno, ?ENOENT});
        #{place := vfs, slash := false, path := Real} ->
            Real;
        #{place := {object, Object}} ->
            case vbeam_linux_object:path(Object) of
                {ok, Real} -> Real;
                none -> throw({errno, ?EACCES})
            end;
        _ ->
            throw({errno, ?EACCES})
    end.

of_descriptor(?AT_FDCWD) ->
    found(vfs_or_tree(folder()), folder(), there, false, dot);
of_descriptor(At) ->
    Object = vbeam_linux_descriptors:any(At),
    Path =
        case vbeam_linux_object:path(Object) of
            {ok, Known} -> Known;
            none -> <<>>
        end,
    found({object, Object}, Path, there, false, false).

found(Place, Path, Kind, Slash, Dots) ->
    #{path => Path, place => Place, kind => Kind, slash => Slash, dots => Dots}.

vfs_or_tree(Path) ->
    case vbeam_linux_tree:at(Path) of
        none -> vfs;
        {error, Reason} -> throw({errno, vbeam_linux_errno:number(Reason)});
        Node -> Node
    end.

walk(Start, Path, Options) ->
    Follow = lists:member(follow, Options),
    Slash = binary:last(Path) =:= $/,
    Names = names(Path),
    Root = root(),
    Found = step(Names, {Start, vfs_or_tree(Start)}, #{
        root => Root, links => 0, dots => start(Path),
        follow => Follow orelse (Slash andalso not lists:member(entry, Options))
    }),
    Found#{slash := Slash}.

start(<<"/", _/binary>>) -> root;
start(_) -> dot.

names(Path) ->
    [Name || Name <- binary:split(Path, <<"/">>, [global]), Name =/= <<>>].

step([], {Path, Place}, #{dots := Dots}) ->
    found(Place, Path, there, false, Dots);
step([<<".">> | Rest], Here, Walk) ->
    ok = passable(Here),
    step(Rest, Here, Walk#{dots := dot});
step([<<"..">> | Rest], {Path, _} = Here, #{root := Root} = Walk) ->
    ok = passable(Here),
    case Path =:= Root orelse Path =:= <<"/">> of
        true ->
            step(Rest, Here, Walk#{dots := dotdot});
        false ->
            Above = above(Path),
            step(Rest, {Above, vfs_or_tree(Above)}, Walk#{dots := dotdot})
    end;
step([Name | _], _, _) when byte_size(Name) > ?NAME_MAX ->
    throw({errno, ?ENAMETOOLONG});
step([Name | Rest], {Path, Place}, Walk) ->
    Next = below(Path, Name),
    named(child(Place, Next, Name), Rest, {Path, Place}, Next, Walk#{dots := false}).

%% The last name, or one in the middle, which must lead on.
named({link, Text, _}, Rest, Here, Next, #{follow := Follow} = Walk) when Rest =/= []; Follow ->
    through(Text, Rest, Here, Next, Walk);
named({link, _, Place}, [], _, Next, _) ->
    found(Place, Next, link, false, false);
named({there, Place}, Rest, _, Next, Walk) ->
    step(Rest, {Next, Place}, Walk);
named(missing, [], {_, Place}, Next, _) ->
    found(Place, Next, missing, false, false);
named(missing, _, _, _, _) ->
    throw({errno, ?ENOENT}).

through(_, _, _, _, #{links := ?LINKS_MAX}) ->
    throw({errno, ?ELOOP});
through({object, Object}, Rest, _, Next, #{links := Links} = Walk) ->
    case vbeam_linux_object:path(Object) of
        {ok, Path} when Rest =/= [] ->
            step(Rest, {Path, vfs_or_tree(Path)}, Walk#{links := Links + 1});
        none when Rest =/= [] ->
            throw({errno, ?ENOTDIR});
        _ ->
            found({object, Object}, Next, there, false, false)
    end;
through(<<>>, _, _, _, _) ->
    throw({errno, ?ENOENT});
through(<<"/", _/binary>> = Text, Rest, _, _, #{root := Root, links := Links} = Walk) ->
    Names = names(Text),
    step(Names ++ Rest, {Root, vfs_or_tree(Root)}, Walk#{links := Links + 1, dots := root});
through(Text, Rest, Here, _, #{links := Links} = Walk) ->
    step(names(Text) ++ Rest, Here, Walk#{links := Links + 1}).

below(<<"/">>, Name) -> <<"/", Name/binary>>;
below(Path, Name) -> <<Path/binary, "/", Name/binary>>.

above(Path) ->
    case filename:dirname(Path) of
        <<>> -> <<"/">>;
        Above -> Above
    end.

%% What a name in a folder is: {link, Text, Place}, {there, Place} or missing.
child(vfs, Path, _) ->
    case vbeam_linux_tree:root(Path) of
        none -> vfs_child(prim_file:read_link_all(Path));
        Node -> {there, Node}
    end;
child({object, _}, _, _) ->
    throw({errno, ?ENOTDIR});
child({Module, Node}, _, Name) ->
    case Module:lookup(Node, Name) of
        {ok, Child} ->
            case Module:link(Child) of
                none -> {there, {Module, Child}};
                {text, Text} -> {link, Text, {Module, Child}};
                {object, Object} -> {link, {object, Object}, {Module, Child}}
            end;
        {error, enoent} ->
            missing;
        {error, Reason} ->
            throw({errno, vbeam_linux_errno:number(Reason)})
    end.

vfs_child({ok, Text}) -> {link, vfs_name(Text), vfs};
vfs_child({error, einval}) -> {there, vfs};
vfs_child({error, enoent}) -> missing;
vfs_child({error, Reason}) -> throw({errno, vbeam_linux_errno:number(Reason)}).

%% A name as prim_file gives it, as bytes.
vfs_name(Name) when is_binary(Name) ->
    Name;
vfs_name(Name) ->
    case unicode:characters_to_binary(Name, unicode, file:native_name_encoding()) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> unicode:characters_to_binary(Name)
    end.

passable({Path, Place}) ->
    case is_folder(Path, Place) of
        true -> ok;
        false -> throw({errno, ?ENOTDIR})
    end.

%% --- what names lead to ------------------------------------------------------------------------

%% The path of something that is in the VFS, or is to be made there.
-spec vfs(name()) -> binary().
vfs(#{place := vfs, path := Path}) -> Path;
vfs(#{kind := missing}) -> throw({errno, ?EACCES});
vfs(_) -> throw({errno, ?EPERM}).

-spec is_folder(binary()) -> boolean().
is_folder(Path) -> is_folder(Path, vfs_or_tree(Path)).

is_folder(Path, vfs) ->
    case prim_file:read_file_info(Path, [{time, posix}]) of
        {ok, #file_info{type = directory}} -> true;
        _ -> false
    end;
is_folder(_, {object, _}) ->
    false;
is_folder(_, {Module, Node}) ->
    case Module:stat(Node) of
        {ok, #stat{mode = Mode}} -> Mode band ?S_IFMT =:= ?S_IFDIR;
        _ -> false
    end.

%% Of a name that is there.
-spec stat(name()) -> vbeam_linux_stat:stat().
stat(#{kind := missing}) ->
    throw({errno, ?ENOENT});
stat(#{place := {object, Object}} = Name) ->
    slash(Name, vbeam_linux_object:stat(Object));
stat(#{place := vfs, path := Path} = Name) ->
    slash(Name, vbeam_linux_object:done(stat_vfs(Path)));
stat(#{place := {Module, Node}} = Name) ->
    slash(Name, vbeam_linux_object:done(Module:stat(Node))).

slash(#{slash := true}, #stat{mode = Mode}) when Mode band ?S_IFMT =/= ?S_IFDIR ->
    throw({errno, ?ENOTDIR});
slash(_, Stat) ->
    Stat.

stat_vfs(Path) ->
    case prim_file:read_link_info(Path, [{time, posix}]) of
        {ok, Info} -> {ok, vbeam_linux_stat:of_info(Info)};
        Error -> Error
    end.

%% Of a path without links.
-spec stat_path(binary()) -> {ok, vbeam_linux_stat:stat()} | {error, term()}.
stat_path(Path) ->
    case vbeam_linux_tree:at(Path) of
        none -> stat_vfs(Path);
        {error, _} = Error -> Error;
        {Module, Node} -> Module:stat(Node)
    end.

-spec read_link(name()) -> {ok, binary()} | {error, term()}.
read_link(#{kind := missing}) ->
    {error, enoent};
read_link(#{place := vfs, path := Path}) ->
    case prim_file:read_link_all(Path) of
        {ok, Text} -> {ok, vfs_name(Text)};
        Error -> Error
    end;
read_link(#{place := {object, _}}) ->
    {error, einval};
read_link(#{place := {Module, Node}}) ->
    case Module:link(Node) of
        {text, Text} -> {ok, Text};
        {object, Object} -> {ok, vbeam_linux_object:name(Object)};
        none -> {error, einval}
    end.

%% Entries of a folder with `.` and `..`.
-spec entries(binary()) -> {ok, [vbeam_linux_tree:entry()]} | {error, term()}.
entries(Path) ->
    case stat_path(Path) of
        {ok, #stat{inode = Inode}} ->
            Dots = [{<<".">>, 4, Inode}, {<<"..">>, 4, Inode}],
            case list(Path) of
                {ok, Entries} -> {ok, Dots ++ Entries};
                Error -> Error
            end;
        Error ->
            Error
    end.

-spec list(binary()) -> {ok, [vbeam_linux_tree:entry()]} | {error, term()}.
list(Path) ->
    case vbeam_linux_tree:at(Path) of
        none -> list_vfs(Path);
        {error, _} = Error -> Error;
        {Module, Node} -> Module:list(Node)
    end.

list_vfs(Path) ->
    case prim_file:list_dir_all(Path) of
        {ok, Names} ->
            Sorted = lists:sort([vfs_name(Name) || Name <- Names]),
            {ok, [entry(Path, Name) || Name <- with_trees(Path, Sorted)]};
        Error ->
            Error
    end.

with_trees(<<"/">>, Names) ->
    lists:usort([Root || {<<"/", Root/binary>>, _} <- vbeam_linux_tree:roots()] ++ Names);
with_trees(_, Names) ->
    Names.

entry(Folder, Name) ->
    case stat_path(below(Folder, Name)) of
        {ok, #stat{mode = Mode, inode = Inode}} ->
            {Name, vbeam_linux_stat:entry_type(Mode), Inode};
        _ ->
            {Name, 0, 1}
    end.

%% --- changes -----------------------------------------------------------------------------------

-spec change(name(), changes()) -> ok.
change(#{kind := missing}, _) ->
    throw({errno, ?ENOENT});
change(#{place := {object, Object}}, Changes) ->
    _ = vbeam_linux_object:change(Object, Changes),
    ok;
%% OTP has no way to change a link, and nobody asks for a link's mode.
change(#{place := vfs, kind := link}, _) ->
    ok;
change(#{place := vfs, path := Path}, Changes) ->
    vbeam_linux_object:done(change_file(Path, Changes));
change(_, _) ->
    ok.

-spec change_path(binary(), changes()) -> ok | {error, term()}.
change_path(Path, Changes) ->
    case vbeam_linux_tree:at(Path) of
        none -> change_file(Path, Changes);
        {error, _} = Error -> Error;
        _ -> ok
    end.

-spec change_file(binary(), changes()) -> ok | {error, term()}.
change_file(Path, Changes) ->
    Seconds = fun
        (none) -> undefined;
        (Nanoseconds) -> Nanoseconds div ?SECOND
    end,
    Info = #file_info{
        mode = maps:get(mode, Changes, undefined),
        uid = maps:get(user, Changes, undefined),
        gid = maps:get(group, Changes, undefined),
        atime = Seconds(maps:get(accessed, Changes, none)),
        mtime = Seconds(maps:get(modified, Changes, none))
    },
    prim_file:write_file_info(Path, with_both_times(Path, Info), [{time, posix}]).

%% OTP sets both times at once.
with_both_times(Path, #file_info{atime = Accessed, mtime = Modified} = Info) when
    (Accessed =:= undefined) =/= (Modified =:= undefined)
->
    case prim_file:read_file_info(Path, [{time, posix}]) of
        {ok, #file_info{atime = A, mtime = M}} ->
            Info#file_info{
                atime = hd([T || T <- [Accessed, A], T =/= undefined]),
                mtime = hd([T || T <- [Modified, M], T =/= undefined])
            };
        _ ->
            Info
    end;
with_both_times(_, Info) ->
    Info.
