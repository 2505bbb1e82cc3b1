%% File systems as Linux programs see them: those of vbeam_vfs and the trees of vbeam_linux_tree.
-module(vbeam_linux_mounts).
-export([all/0, usage/1, is_read_only/1, mount/2, unmount/2]).
-include("vbeam_linux_errno.hrl").
-export_type([mount/0]).

%% Where, type, what is mounted, whether it is only for reading.
-type mount() :: {Where :: binary(), Type :: binary(), Source :: binary(), boolean()}.

-define(TMPFS, 16#1021994).
-define(PROC, 16#9fa0).
-define(DEVTMPFS, 16#1373).
-define(EXT2, 16#ef53).
%% What is told where the system does not say how much there is.
-define(BYTES, 268435456).

-spec all() -> [mount()].
all() ->
    Trees = [
        {<<"/dev">>, <<"devtmpfs">>, <<"devtmpfs">>, false},
        {<<"/proc">>, <<"proc">>, <<"proc">>, false}
    ],
    case whereis(vbeam_vfs) of
        undefined ->
            [{<<"/">>, <<"rootfs">>, <<"rootfs">>, false} | Trees];
        _ ->
            Known = [mount(Mount) || Mount <- vbeam_vfs:mounts()],
            Root = [{<<"/">>, <<"tmpfs">>, <<"rootfs">>, false}],
            case lists:keymember(<<"/">>, 1, Known) of
                true -> Known ++ Trees;
                false -> Root ++ Known ++ Trees
            end
    end.

mount(#{where := Where, source := Source, options := Options}) ->
    {Type, Name} =
        case Source of
            ram -> {<<"tmpfs">>, <<"tmpfs">>};
            archive -> {<<"squashfs">>, <<"archive">>};
            {ext2, Device} -> {<<"ext2">>, text(Device)};
            {Module, _} -> {atom_to_binary(Module), atom_to_binary(Module)}
        end,
    {Where, Type, Name, lists:member(read_only, Options)}.

text(Term) ->
    iolist_to_binary(re:replace(io_lib:format("~0tp", [Term]), "[ \t\n\\\\]", "_", [global])).

%% What statfs tells of the file system of a path.
-spec usage(binary()) -> #{type := integer(), bytes := integer(), free := integer()}.
usage(<<"/proc", _/binary>>) ->
    #{type => ?PROC, bytes => 0, free => 0};
usage(<<"/dev", _/binary>>) ->
    #{type => ?DEVTMPFS, bytes => 0, free => 0};
usage(Path) ->
    case whereis(vbeam_vfs) of
        undefined -> #{type => ?TMPFS, bytes => ?BYTES, free => ?BYTES};
        _ -> usage(of_path(Path), Path)
    end.

usage(#{source := Source} = Mount, _) ->
    Size = maps:get(size, Mount, ?BYTES),
    Type = case Source of {ext2, _} -> ?EXT2; _ -> ?TMPFS end,
    #{type => Type, bytes => Size, free => max(0, Size - maps:get(used, Mount, 0))};
usage(none, _) ->
    #{type => ?TMPFS, bytes => ?BYTES, free => ?BYTES}.

of_path(Path) ->
    Above = [
        Mount
     || #{where := Where} = Mount <- vbeam_vfs:mounts(),
        Where =:= Path orelse Where =:= <<"/">> orelse is_below(Path, Where)
    ],
    case lists:sort(fun longer/2, Above) of
        [Mount | _] -> Mount;
        [] -> none
    end.

longer(#{where := A}, #{where := B}) -> byte_size(A) >= byte_size(B).

is_below(Path, Where) ->
    Prefix = <<Where/binary, "/">>,
    binary:longest_common_prefix([Path, Prefix]) =:= byte_size(Prefix).

-spec is_read_only(binary()) -> boolean().
is_read_only(Path) ->
    whereis(vbeam_vfs) =/= undefined andalso
        case of_path(Path) of
            #{options := Options} -> lists:member(read_only, Options);
            none -> false
        end.

%% File systems in memory can be mounted; what there is anyway is busy. Devices have no names for
%% programs.
-spec mount(Type :: binary(), Where :: binary()) -> ok | {error, atom() | pos_integer()}.
mount(Type, Where) when Type =:= <<"tmpfs">>; Type =:= <<"ramfs">> ->
    case whereis(vbeam_vfs) of
        undefined -> {error, ?EPERM};
        _ -> vbeam_vfs:mount(ram, Where, [])
    end;
mount(<<"proc">>, <<"/proc">>) ->
    {error, ?EBUSY};
mount(<<"devtmpfs">>, <<"/dev">>) ->
    {error, ?EBUSY};
mount(_, _) ->
    {error, ?ENODEV}.

-spec unmount(Where :: binary(), Force :: boolean()) -> ok | {error, atom() | pos_integer()}.
unmount(Where, Force) ->
    case whereis(vbeam_vfs) of
        undefined -> {error, ?EPERM};
        _ -> vbeam_vfs:unmount(Where, [force || Force])
    end.
