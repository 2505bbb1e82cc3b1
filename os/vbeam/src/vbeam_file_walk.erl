%% From a path to an inode of a file system, as POSIX resolves paths: links are followed, a missing
%% last name is no error. A path that leads out of the file system, by a link with an absolute text
%% or by `..` at the root, is thrown as {leaves, Text}; other errors as {posix, Reason}.
-module(vbeam_file_walk).
-export([walk/4, walk_existing/4, attributes/2, type/2, lookup/3, folder_path/2]).
-export_type([place/0]).

-define(LINKS_MAX, 40).
-define(NAME_BYTES_MAX, 255).
-define(DEPTH_MAX, 2048).

%% inode: where it leads to, `none` when the last name is missing; folder and name: the last name.
-type place() :: #{
    inode := pos_integer() | none,
    folder := pos_integer() | none,
    name := binary(),
    %% The last name is `.` or `..`, or there is none.
    dots := boolean(),
    %% The last name is `..`.
    up := boolean(),
    %% The path ends in a slash.
    slash := boolean(),
    %% The last name is a link that was followed only because of the slash behind it.
    link := boolean()
}.

%% `From` is 0 for the root; `Follow`: also through a link that is the last name.
-spec walk(From :: non_neg_integer(), Path :: binary(), Follow :: boolean(),
    vbeam_filesystem:fs()) -> place().
walk(From, Path, Follow, #{root := Root} = Fs) ->
    Start = case From of 0 -> Root; _ -> From end,
    Slash = Path =/= <<>> andalso binary:last(Path) =:= $/,
    Place = #{
        inode => Start, folder => none, name => <<>>, dots => true, up => false, slash => Slash,
        link => false
    },
    Found = #{inode := Inode} = step(Start, strip(Path), Place, Follow, 0, Fs),
    _ = Slash andalso Inode =/= none andalso folder(Inode, Fs),
    Found.

-spec walk_existing(non_neg_integer(), binary(), boolean(), vbeam_filesystem:fs()) -> place().
walk_existing(From, Path, Follow, Fs) ->
    case walk(From, Path, Follow, Fs) of
        #{inode := none} -> throw({posix, enoent});
        Place -> Place
    end.

step(Node, <<>>, Place, _Follow, _Links, _Fs) ->
    Place#{inode := Node};
step(Node, Path, Place, Follow, Links, Fs) ->
    Removed = folder(Node, Fs),
    case binary:split(Path, <<"/">>) of
        [Name] -> step(Node, Name, <<>>, Removed, Place, Follow, Links, Fs);
        [Name, Rest] -> step(Node, Name, strip(Rest), Removed, Place, Follow, Links, Fs)
    end.

step(Node, <<".">>, Rest, _Removed, Place, Follow, Links, Fs) ->
    step(Node, Rest, Place#{dots := true, up := false}, Follow, Links, Fs);
step(_Node, <<"..">>, _Rest, true, _Place, _Follow, _Links, _Fs) ->
    throw({posix, enoent});
step(Node, <<"..">>, Rest, false, Place, Follow, Links, #{root := Root} = Fs) ->
    _ = Node =:= Root andalso throw({leaves, leaving(<<"..">>, Rest, Place)}),
    Above = existing(Node, <<"..">>, Fs),
    step(Above, Rest, Place#{dots := true, up := true}, Follow, Links, Fs);
step(_Node, Name, _Rest, _Removed, _Place, _Follow, _Links, _Fs)
    when byte_size(Name) > ?NAME_BYTES_MAX
->
    throw({posix, enametoolong});
step(Node, Name, Rest, Removed, Place, Follow, Links, Fs) ->
    Named = Place#{folder := Node, name := Name, dots := false, up := false},
    case lookup(Node, Name, Fs) of
        error when Rest =:= <<>>, not Removed ->
            Named#{inode := none};
        error ->
            throw({posix, enoent});
        {ok, Child} ->
            #{slash := Slash} = Named,
            case Rest =/= <<>> orelse Follow orelse Slash of
                true -> through(Node, Child, Rest, Named, Follow, Links, Fs);
                false -> Named#{inode := Child}
            end
    end.

%% Through a link, if it is one.
through(Node, Child, Rest, Place, Follow, Links, Fs) ->
    case type(Child, Fs) of
        symlink ->
            _ = Links >= ?LINKS_MAX andalso throw({posix, eloop}),
            #{module := Module, state := State} = Fs,
            Text = Module:read_link(Child, State),
            _ = Text =:= <<>> andalso throw({posix, enoent}),
            Only = Rest =:= <<>> andalso not Follow,
            Next = Place#{dots := true, link := Only},
            case Text of
                <<$/, _/binary>> -> throw({leaves, leaving(Text, Rest, Place)});
                _ -> step(Node, strip(joined(Text, Rest)), Next, Follow, Links + 1, Fs)
            end;
        _ ->
            step(Child, Rest, Place, Follow, Links, Fs)
    end.

joined(Text, <<>>) -> Text;
joined(Text, Rest) -> <<Text/binary, "/", Rest/binary>>.

leaving(Text, <<>>, #{slash := true}) -> <<Text/binary, "/">>;
leaving(Text, Rest, _Place) -> joined(Text, Rest).

strip(<<"/", Rest/binary>>) -> strip(Rest);
strip(Path) -> Path.

%% Whether it is a folder that has no name any more; no folder at all is enotdir.
folder(Node, Fs) ->
    case attributes(Node, Fs) of
        #{type := directory, links := Links} -> Links =:= 0;
        _ -> throw({posix, enotdir})
    end.

existing(Folder, Name, Fs) ->
    case lookup(Folder, Name, Fs) of
        {ok, Inode} -> Inode;
        error -> throw({posix, enoent})
    end.

-spec lookup(pos_integer(), binary(), vbeam_filesystem:fs()) -> {ok, pos_integer()} | error.
lookup(Folder, Name, #{module := Module, state := State}) ->
    Module:lookup(Folder, Name, State).

-spec attributes(pos_integer(), vbeam_filesystem:fs()) -> vbeam_filesystem:attributes().
attributes(Inode, #{module := Module, state := State}) ->
    Module:attributes(Inode, State).

-spec type(pos_integer(), vbeam_filesystem:fs()) -> regular | directory | symlink | other.
type(Inode, Fs) ->
    maps:get(type, attributes(Inode, Fs)).

%% The path of a folder from the root of the file system on; <<>> for the root.
-spec folder_path(pos_integer(), vbeam_filesystem:fs()) -> binary().
folder_path(Inode, Fs) ->
    folder_path(Inode, <<>>, ?DEPTH_MAX, Fs).

folder_path(_Inode, _Path, 0, _Fs) ->
    throw({posix, enametoolong});
folder_path(Root, Path, _Left, #{root := Root}) ->
    Path;
folder_path(Inode, Path, Left, Fs) ->
    _ = folder(Inode, Fs) andalso throw({posix, enoent}),
    Above = existing(Inode, <<"..">>, Fs),
    Name = name_of(Inode, Above, 0, Fs),
    folder_path(Above, <<"/", Name/binary, Path/binary>>, Left - 1, Fs).

name_of(Inode, Above, Cookie, #{module := Module, state := State} = Fs) ->
    {Names, Next} = Module:list(Above, Cookie, State),
    case [Name || Name <- Names, Module:lookup(Above, Name, State) =:= {ok, Inode}] of
        [Name | _] -> Name;
        [] when Next =:= done -> throw({posix, enoent});
        [] -> name_of(Inode, Above, Next, Fs)
    end.
