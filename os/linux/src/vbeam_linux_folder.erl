%% A folder that is open: its process has the list of entries, read when it is asked for first or
%% after a seek to the start, and the place in it. Key: {folder, Path}.
-module(vbeam_linux_folder).
-behaviour(vbeam_linux_object).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/3]).
-export([read/2, pread/3, seek/3, stat/1, list/2, sync/1, change/2, path/1, reopen/2, name/1]).
-export([init/1, request/2, poll/2]).

%% Entries: what is still to be listed, each {Name, Type, Inode}; none: not read yet.
-record(folder, {entries = none, place = 0}).

-spec open(binary(), non_neg_integer(), pid()) -> {ok, vbeam_linux_object:object()}.
open(Path, Flags, Holder) ->
    Key = {folder, Path},
    {ok, Server} = vbeam_linux_server:start(?MODULE, [], [{Key, Holder}]),
    {ok, vbeam_linux_object:new(?MODULE, Server, Key, Flags)}.

read(_, _) -> {error, ?EISDIR}.
pread(_, _, _) -> {error, ?EISDIR}.
sync(_) -> ok.
stat(#object{key = {folder, Path}}) -> vbeam_linux_names:stat_path(Path).
change(#object{key = {folder, Path}}, Changes) -> vbeam_linux_names:change_path(Path, Changes).
path(#object{key = {folder, Path}}) -> {ok, Path}.
name(#object{key = {folder, Path}}) -> Path.
reopen(#object{key = {folder, Path}}, Flags) -> open(Path, Flags, vbeam_linux_group:process()).

seek(#object{server = Server}, Offset, Whence) ->
    vbeam_linux_server:ask(Server, {seek, Offset, Whence}).

%% Take is given {Name, Type, Inode, Next} for one entry after the other, and what it has given for
%% those before, in the folder's process, until it gives false: that one comes next time. The folder
%% is read by the thread, whose group it may depend on.
list(#object{server = Server, key = {folder, Path}}, Take) ->
    case vbeam_linux_server:ask(Server, {list, Take}) of
        {error, unread} ->
            case vbeam_linux_names:entries(Path) of
                {ok, Entries} -> vbeam_linux_server:ask(Server, {list, Take, Entries});
                Error -> Error
            end;
        Answer ->
            Answer
    end.

init(_) -> {ok, #folder{}}.

poll(_, _) -> {?POLLIN bor ?POLLOUT bor ?POLLRDNORM bor ?POLLWRNORM, none}.

request({seek, Offset, 0}, Folder) when Offset >= 0 ->
    {{ok, Offset}, Folder#folder{entries = none, place = Offset}};
request({seek, 0, 1}, #folder{place = Place} = Folder) ->
    {{ok, Place}, Folder};
request({seek, _, _}, Folder) ->
    {{error, ?EINVAL}, Folder};
request({list, Take, Entries}, #folder{entries = none, place = Place} = Folder) ->
    Left = lists:nthtail(min(Place, length(Entries)), Entries),
    request({list, Take}, Folder#folder{entries = Left});
request({list, Take, _}, Folder) ->
    request({list, Take}, Folder);
request({list, _}, #folder{entries = none} = Folder) ->
    {{error, unread}, Folder};
request({list, Take}, #folder{entries = Entries, place = Place} = Folder) ->
    {Taken, Left, Next} = taken(Entries, Take, Place, []),
    {{ok, Taken}, Folder#folder{entries = Left, place = Next}}.

taken([], _, Place, Taken) ->
    {lists:reverse(Taken), [], Place};
taken([{Name, Type, Inode} | Rest] = Entries, Take, Place, Taken) ->
    case Take({Name, Type, Inode, Place + 1}, Taken) of
        false -> {lists:reverse(Taken), Entries, Place};
        Entry -> taken(Rest, Take, Place + 1, [Entry | Taken])
    end.
