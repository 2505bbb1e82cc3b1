%% Opening by name: open(2) and its relatives over the VFS, trees, and files that are more.
-module(vbeam_linux_open).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/4, name/3]).

%% A new descriptor.
-spec open(integer(), binary(), non_neg_integer(), non_neg_integer()) -> non_neg_integer().
open(At, Path, Flags, Mode) ->
    _ = Flags band ?O_TMPFILE =:= ?O_TMPFILE orelse checked(Flags),
    Object = name(vbeam_linux_names:resolve(At, Path, options(Flags)), Flags, Mode),
    vbeam_linux_descriptors:open(Object, Flags).

checked(Flags) when Flags band ?O_CREAT =/= 0, Flags band ?O_DIRECTORY =/= 0 ->
    throw({errno, ?EINVAL});
checked(_) ->
    ok.

options(Flags) when Flags band ?O_NOFOLLOW =/= 0 -> [];
options(Flags) when Flags band (?O_CREAT bor ?O_EXCL) =:= ?O_CREAT bor ?O_EXCL -> [];
options(_) -> [follow].

%% A new description of what a name stands for; the group of the calling thread holds it.
-spec name(vbeam_linux_names:name(), non_neg_integer(), non_neg_integer()) ->
    vbeam_linux_object:object().
name(Name, Flags, Mode) ->
    case vbeam_linux_object:done(opened(Name, Flags, Mode)) of
        #object{} = Object -> Object
    end.

opened(#{kind := missing}, Flags, _) when Flags band ?O_CREAT =:= 0 ->
    {error, ?ENOENT};
opened(#{kind := missing, slash := true}, _, _) ->
    {error, ?EISDIR};
opened(#{kind := missing, place := vfs} = Name, Flags, Mode) ->
    created(Name, Flags, Mode);
opened(#{kind := missing}, _, _) ->
    {error, ?EACCES};
opened(_, Flags, _) when Flags band (?O_CREAT bor ?O_EXCL) =:= ?O_CREAT bor ?O_EXCL ->
    {error, ?EEXIST};
opened(#{kind := link} = Name, Flags, _) ->
    case Flags band ?O_PATH of
        0 -> {error, ?ELOOP};
        _ -> vbeam_linux_place:open(Name, Flags)
    end;
opened(#{place := {object, #object{} = Object}}, Flags, _) when Flags band ?O_PATH =:= 0 ->
    {ok, vbeam_linux_object:reopen(Object, Flags)};
opened(Name, Flags, Mode) ->
    there(vbeam_linux_names:stat(Name), Name, Flags, Mode).

created(#{path := Path}, Flags, Mode) ->
    Access = Mode band bnot vbeam_linux_group:get(umask, 8#022) band 8#7777,
    vbeam_linux_file:open(Path, Flags, {new, Access}, vbeam_linux_group:process()).

there(_, Name, Flags, _) when Flags band ?O_PATH =/= 0 ->
    vbeam_linux_place:open(Name, Flags);
there(#stat{mode = Format}, #{path := Path}, Flags, Mode) when Format band ?S_IFMT =:= ?S_IFDIR ->
    folder(Path, Flags, Mode);
there(_, _, Flags, _) when Flags band ?O_DIRECTORY =/= 0 ->
    {error, ?ENOTDIR};
there(_, #{place := {Module, Node}, path := Path}, Flags, _) ->
    Module:open(Node, Path, Flags);
there(#stat{mode = Format} = Stat, #{path := Path}, Flags, _) ->
    Group = vbeam_linux_group:process(),
    case Format band ?S_IFMT of
        ?S_IFREG -> vbeam_linux_file:open(Path, Flags, old, Group);
        ?S_IFIFO -> vbeam_linux_pipe:open_named(Stat, Flags, Group);
        ?S_IFCHR -> vbeam_linux_dev:open_number(Stat#stat.rdev, Path, Flags);
        _ -> {error, ?ENXIO}
    end.

folder(Path, Flags, Mode) when Flags band ?O_TMPFILE =:= ?O_TMPFILE ->
    case Flags band ?O_ACCMODE of
        ?O_RDONLY ->
            {error, ?EINVAL};
        _ ->
            _ = Mode,
            vbeam_linux_file:open_unnamed(Path, Flags, vbeam_linux_group:process())
    end;
folder(Path, Flags, _) when Flags band ?O_ACCMODE =:= ?O_RDONLY, Flags band ?O_CREAT =:= 0 ->
    vbeam_linux_folder:open(Path, Flags, vbeam_linux_group:process());
folder(_, _, _) ->
    {error, ?EISDIR}.
