%% The tree /proc, proc(5). Nodes:
%%
%%     root, {system, Path}           files and folders of the whole system
%%                                    (vbeam_linux_proc_system)
%%     {link, Text}                   self, thread-self, mounts, net
%%     {group, N}, {group, N, Name}   a thread group (vbeam_linux_proc_group)
%%     {descriptors, N, fd | fdinfo}, {descriptor, N, fd | fdinfo, Fd}
%%     {tasks, N}, {task, N, Thread}
-module(vbeam_linux_proc).
-behaviour(vbeam_linux_tree).
-include("vbeam_linux.hrl").
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-export([root/0, lookup/2, stat/1, link/1, list/1, open/3]).

-define(DEVICE, 4).

root() -> root.

%% --- names -------------------------------------------------------------------------------------

lookup(root, <<"self">>) ->
    {ok, {link, integer_to_binary(vbeam_linux_group:number())}};
lookup(root, <<"thread-self">>) ->
    Number = integer_to_binary(vbeam_linux_group:number()),
    Thread = integer_to_binary(vbeam_linux_thread:number()),
    {ok, {link, <<Number/binary, "/task/", Thread/binary>>}};
lookup(root, <<"mounts">>) ->
    {ok, {link, <<"self/mounts">>}};
lookup(root, Name) ->
    case group_number(Name) of
        none -> system([Name]);
        Number -> {ok, {group, Number}}
    end;
lookup({system, Path}, Name) ->
    system(Path ++ [Name]);
lookup({group, Number}, Name) when Name =:= <<"fd">>; Name =:= <<"fdinfo">> ->
    {ok, {descriptors, Number, binary_to_atom(Name)}};
lookup({group, Number}, <<"task">>) ->
    {ok, {tasks, Number}};
lookup({group, Number}, Name) ->
    in_group(Number, Name);
lookup({tasks, Number}, Name) ->
    case [T || T <- vbeam_linux_proc_group:threads(Number), integer_to_binary(T) =:= Name] of
        [Thread] -> {ok, {task, Number, Thread}};
        [] -> {error, enoent}
    end;
lookup({task, Number, _}, Name) when Name =:= <<"fd">>; Name =:= <<"fdinfo">> ->
    {ok, {descriptors, Number, binary_to_atom(Name)}};
lookup({task, Number, _}, Name) ->
    in_group(Number, Name);
lookup({descriptors, Number, Kind}, Name) ->
    case [Fd || {Fd, _} <- descriptors(Number), integer_to_binary(Fd) =:= Name] of
        [Fd] -> {ok, {descriptor, Number, Kind, Fd}};
        [] -> {error, enoent}
    end;
lookup(_, _) ->
    {error, enotdir}.

system(Path) ->
    case vbeam_linux_proc_system:kind(Path) of
        none -> {error, enoent};
        _ -> {ok, {system, Path}}
    end.

in_group(Number, Name) ->
    case lists:member(Name, vbeam_linux_proc_group:names()) of
        true -> {ok, {group, Number, Name}};
        false -> {error, enoent}
    end.

group_number(Name) ->
    try vbeam_linux_compat:find(binary_to_integer(Name)) of
        #linux_pid{number = Number} -> Number;
        none -> none
    catch
        error:badarg -> none
    end.

table(Number) ->
    case vbeam_linux_compat:find(Number) of
        #linux_pid{table = Table} -> Table;
        none -> none
    end.

descriptors(Number) ->
    try
        vbeam_linux_descriptors:all_in(table(Number))
    catch
        error:badarg -> []
    end.

%% --- what nodes are ----------------------------------------------------------------------------

stat(Node) ->
    Now = erlang:system_time(nanosecond),
    {ok, #stat{
        device = ?DEVICE, inode = 1 + erlang:phash2(Node, 16#7fffffff), mode = mode(Node),
        accessed = Now, modified = Now, changed = Now
    }}.

mode(root) -> ?S_IFDIR bor 8#555;
mode({system, Path}) ->
    case vbeam_linux_proc_system:kind(Path) of
        folder -> ?S_IFDIR bor 8#555;
        {file, Access} -> ?S_IFREG bor Access;
        none -> ?S_IFREG bor 8#444
    end;
mode({link, _}) -> ?S_IFLNK bor 8#777;
mode({group, _}) -> ?S_IFDIR bor 8#555;
mode({group, _, Name}) ->
    case is_link(Name) of
        true -> ?S_IFLNK bor 8#777;
        false -> ?S_IFREG bor 8#444
    end;
mode({descriptors, _, _}) -> ?S_IFDIR bor 8#500;
mode({descriptor, _, fd, _}) -> ?S_IFLNK bor 8#700;
mode({descriptor, _, fdinfo, _}) -> ?S_IFREG bor 8#400;
mode({tasks, _}) -> ?S_IFDIR bor 8#555;
mode({task, _, _}) -> ?S_IFDIR bor 8#555.

is_link(Name) -> lists:member(Name, [<<"exe">>, <<"cwd">>, <<"root">>]).

link({link, Text}) ->
    {text, Text};
link({group, Number, Name}) ->
    case is_link(Name) of
        true -> vbeam_linux_proc_group:link(Number, Name);
        false -> none
    end;
link({descriptor, Number, fd, Fd}) ->
    case vbeam_linux_descriptors:find_in(table(Number), Fd) of
        {ok, Object} -> {object, Object};
        error -> none
    end;
link(_) ->
    none.

%% --- lists -------------------------------------------------------------------------------------

list(root) ->
    Groups = [
        integer_to_binary(Number)
     || #linux_pid{number = Number, kind = group} <- lists:sort(vbeam_linux_compat:groups())
    ],
    Links = [<<"self">>, <<"thread-self">>, <<"mounts">>],
    {ok, entries(root, Links ++ vbeam_linux_proc_system:list([]) ++ Groups)};
list({system, Path} = Node) ->
    case vbeam_linux_proc_system:kind(Path) of
        folder -> {ok, entries(Node, vbeam_linux_proc_system:list(Path))};
        _ -> {error, enotdir}
    end;
list({group, _} = Node) ->
    Folders = [<<"fd">>, <<"fdinfo">>, <<"task">>],
    {ok, entries(Node, Folders ++ vbeam_linux_proc_group:names())};
list({task, _, _} = Node) ->
    {ok, entries(Node, [<<"fd">>, <<"fdinfo">> | vbeam_linux_proc_group:names()])};
list({tasks, Number} = Node) ->
    {ok, entries(Node, [integer_to_binary(T) || T <- vbeam_linux_proc_group:threads(Number)])};
list({descriptors, Number, _} = Node) ->
    {ok, entries(Node, [integer_to_binary(Fd) || {Fd, _} <- descriptors(Number)])};
list(_) ->
    {error, enotdir}.

entries(Node, Names) ->
    [
        {Name, vbeam_linux_stat:entry_type(mode(Child)), 1 + erlang:phash2(Child, 16#7fffffff)}
     || Name <- Names, {ok, Child} <- [lookup(Node, Name)]
    ].

%% --- files -------------------------------------------------------------------------------------

open(Node, Path, Flags) ->
    {ok, Stat} = stat(Node),
    case text(Node) of
        {ok, Text, Writer} ->
            vbeam_linux_text:open(Path, Flags, Stat, iolist_to_binary(Text), Writer);
        Error ->
            Error
    end.

text({system, Path}) ->
    vbeam_linux_proc_system:text(Path);
text({group, Number, Name}) ->
    vbeam_linux_proc_group:text(Number, Name);
text({descriptor, Number, fdinfo, Fd}) ->
    case vbeam_linux_descriptors:find_in(table(Number), Fd) of
        {ok, Object} ->
            Flags = vbeam_linux_object:status(Object),
            Place =
                try
                    vbeam_linux_object:seek(Object, 0, 1)
                catch
                    throw:{errno, _} -> 0
                end,
            {ok, io_lib:format("pos:\t~b\nflags:\t0~.8b\nmnt_id:\t1\n", [Place, Flags]), none};
        error ->
            {error, enoent}
    end;
text(_) ->
    {error, einval}.
