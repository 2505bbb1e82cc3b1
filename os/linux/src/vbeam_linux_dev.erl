%% The tree /dev. Nodes: root, pts, a name of the table below, {pts, N}.
-module(vbeam_linux_dev).
-behaviour(vbeam_linux_tree).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([root/0, lookup/2, stat/1, link/1, list/1, open/3, open_number/3]).

-define(DEVICE, 5).

%% Name, inode, and what it is: a device with its numbers and access, or a link.
table() ->
    [
        {<<"console">>, 11, {device, {5, 1}, 8#600}},
        {<<"fd">>, 12, {link, <<"/proc/self/fd">>}},
        {<<"full">>, 13, {device, {1, 7}, 8#666}},
        {<<"null">>, 14, {device, {1, 3}, 8#666}},
        {<<"ptmx">>, 15, {device, {5, 2}, 8#666}},
        {<<"pts">>, 16, folder},
        {<<"random">>, 17, {device, {1, 8}, 8#666}},
        {<<"shm">>, 18, {link, <<"/tmp">>}},
        {<<"stderr">>, 19, {link, <<"/proc/self/fd/2">>}},
        {<<"stdin">>, 20, {link, <<"/proc/self/fd/0">>}},
        {<<"stdout">>, 21, {link, <<"/proc/self/fd/1">>}},
        {<<"tty">>, 22, {device, {5, 0}, 8#666}},
        {<<"urandom">>, 23, {device, {1, 9}, 8#666}},
        {<<"zero">>, 24, {device, {1, 5}, 8#666}}
    ].

root() -> root.

lookup(root, Name) ->
    case lists:keymember(Name, 1, table()) of
        true -> {ok, Name};
        false -> {error, enoent}
    end;
lookup(<<"pts">>, Name) ->
    try binary_to_integer(Name) of
        N ->
            case vbeam_linux_terminal:find({pts, N}) of
                {ok, _} -> {ok, {pts, N}};
                error -> {error, enoent}
            end
    catch
        error:badarg -> {error, enoent}
    end;
lookup(_, _) ->
    {error, enotdir}.

stat(root) ->
    {ok, node_stat(?S_IFDIR bor 8#755, 1, 0)};
stat({pts, N}) ->
    {ok, node_stat(?S_IFCHR bor 8#620, 100 + N, vbeam_linux_stat:device(136, N))};
stat(Name) ->
    {_, Inode, What} = lists:keyfind(Name, 1, table()),
    case What of
        folder ->
            {ok, node_stat(?S_IFDIR bor 8#755, Inode, 0)};
        {link, Text} ->
            Stat = node_stat(?S_IFLNK bor 8#777, Inode, 0),
            {ok, Stat#stat{size = byte_size(Text)}};
        {device, {Major, Minor}, Access} ->
            {ok, node_stat(?S_IFCHR bor Access, Inode, vbeam_linux_stat:device(Major, Minor))}
    end.

node_stat(Mode, Inode, Rdev) ->
    Now = erlang:system_time(nanosecond),
    #stat{
        device = ?DEVICE, inode = Inode, mode = Mode, rdev = Rdev, accessed = Now,
        modified = Now, changed = Now
    }.

link(Name) ->
    case lists:keyfind(Name, 1, table()) of
        {_, _, {link, Text}} -> {text, Text};
        _ -> none
    end.

list(root) ->
    {ok, [{Name, type(What), Inode} || {Name, Inode, What} <- table()]};
list(<<"pts">>) ->
    {ok, [{integer_to_binary(N), 2, 100 + N} || N <- vbeam_linux_terminal:numbers()]};
list(_) ->
    {error, enotdir}.

type(folder) -> 4;
type({link, _}) -> 10;
type({device, _, _}) -> 2.

open({pts, N}, Path, Flags) ->
    vbeam_linux_terminal:open({pts, N}, Path, Flags);
open(Name, Path, Flags) ->
    case lists:keyfind(Name, 1, table()) of
        {_, _, {device, {Major, Minor}, _}} ->
            open_number(vbeam_linux_stat:device(Major, Minor), Path, Flags);
        _ ->
            {error, ?ENXIO}
    end.

%% By the numbers of the device, which a file of the VFS can have, too.
-spec open_number(non_neg_integer(), binary(), non_neg_integer()) ->
    {ok, vbeam_linux_object:object()} | {error, term()}.
open_number(Number, Path, Flags) ->
    case {(Number bsr 8) band 16#fff, Number band 16#ff} of
        {1, 3} -> vbeam_linux_device:open(null, Path, Flags);
        {1, 5} -> vbeam_linux_device:open(zero, Path, Flags);
        {1, 7} -> vbeam_linux_device:open(full, Path, Flags);
        {1, Random} when Random =:= 8; Random =:= 9 ->
            vbeam_linux_device:open(random, Path, Flags);
        {5, 0} -> vbeam_linux_terminal:open(controlling, Path, Flags);
        {5, 1} -> vbeam_linux_terminal:open(console, Path, Flags);
        {5, 2} -> vbeam_linux_terminal:open(new, Path, Flags);
        {136, N} -> vbeam_linux_terminal:open({pts, N}, Path, Flags);
        _ -> {error, ?ENXIO}
    end.
