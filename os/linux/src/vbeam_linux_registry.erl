%% What Linux programs share besides files and processes: which files are more than OTP's files
%% (named pipes, sockets, devices), the pipes and sockets that go by names, and locks of files.
%% Its rows are read and written by all; the process keeps them, and deletes names of processes that
%% have ended. It is started when it is needed first.
%%
%%     {{special, Device, Inode}, Format, Rdev}     S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK
%%     {{name, Name}, Pid}                          a pipe or socket that goes by a name
%%     {{lock, Kind, Device, Inode}, ...}           vbeam_linux_locks
-module(vbeam_linux_registry).
-include("vbeam_linux_object.hrl").
-export([special/2, make_special/4, forget/2]).
-export([register_name/2, unregister_name/1, find_name/1, names/0, server/0]).
-export([start/0]).

%% The type of a file that OTP calls regular.
-spec special(non_neg_integer(), non_neg_integer()) ->
    {Format :: non_neg_integer(), Rdev :: non_neg_integer()}.
special(Device, Inode) ->
    try ets:lookup(?MODULE, {special, Device, Inode}) of
        [{_, Format, Rdev}] -> {Format, Rdev};
        [] -> {?S_IFREG, 0}
    catch
        error:badarg -> {?S_IFREG, 0}
    end.

-spec make_special(non_neg_integer(), non_neg_integer(), non_neg_integer(), non_neg_integer()) ->
    ok.
make_special(Device, Inode, Format, Rdev) ->
    _ = server(),
    true = ets:insert(?MODULE, {{special, Device, Inode}, Format, Rdev}),
    ok.

%% The file's last name is gone.
-spec forget(non_neg_integer(), non_neg_integer()) -> ok.
forget(Device, Inode) ->
    try ets:delete(?MODULE, {special, Device, Inode}) of
        true -> ok
    catch
        error:badarg -> ok
    end.

%% False when somebody has the name.
-spec register_name(term(), pid()) -> boolean().
register_name(Name, Pid) ->
    Server = server(),
    case ets:insert_new(?MODULE, {{name, Name}, Pid}) of
        true ->
            Server ! {watch, Pid, Name},
            true;
        false ->
            false
    end.

-spec unregister_name(term()) -> ok.
unregister_name(Name) ->
    _ = server(),
    true = ets:delete(?MODULE, {name, Name}),
    ok.

-spec find_name(term()) -> {ok, pid()} | error.
find_name(Name) ->
    _ = server(),
    case ets:lookup(?MODULE, {name, Name}) of
        [{_, Pid}] -> {ok, Pid};
        [] -> error
    end.

-spec names() -> [{term(), pid()}].
names() ->
    _ = server(),
    ets:select(?MODULE, [{{{name, '$1'}, '$2'}, [], [{{'$1', '$2'}}]}]).

-spec server() -> pid().
server() ->
    case whereis(?MODULE) of
        undefined ->
            {Pid, Monitor} = spawn_monitor(?MODULE, start, []),
            await(Pid, Monitor);
        Pid ->
            Pid
    end.

%% Of two that start at the same time one gets the name, and the other ends.
await(Pid, Monitor) ->
    case whereis(?MODULE) of
        undefined ->
            receive
                {'DOWN', Monitor, process, Pid, _} -> server()
            after 1 -> await(Pid, Monitor)
            end;
        Server ->
            demonitor(Monitor, [flush]),
            Server
    end.

start() ->
    %% The table first: who finds the process finds the table.
    try ets:new(?MODULE, [named_table, public, {read_concurrency, true}]) of
        ?MODULE ->
            true = register(?MODULE, self()),
            loop(#{})
    catch
        error:badarg -> ok
    end.

%% Watched: #{Monitor => Name}
loop(Watched) ->
    receive
        {watch, Pid, Name} ->
            loop(Watched#{monitor(process, Pid) => {Name, Pid}});
        {'DOWN', Monitor, process, _, _} when is_map_key(Monitor, Watched) ->
            {{Name, Pid}, Rest} = maps:take(Monitor, Watched),
            true = ets:delete_object(?MODULE, {{name, Name}, Pid}),
            loop(Rest);
        _ ->
            loop(Watched)
    end.
