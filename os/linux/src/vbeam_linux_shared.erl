%% Memory that several programs share: a process with a task of its own, which never runs and whose
%% frames are those of the memory. They are there when somebody uses them first. It knows the groups
%% that have it mapped and ends with the last one.
%%
%% Pages of a file are read when they are used first, and written when msync or munmap asks for it
%% or a group ends; the same file is the same memory for all.
-module(vbeam_linux_shared).
-export([anonymous/1, of_file/3, map/6, sync/3, hold/2, release/2]).
-export([init/3]).

-include_lib("kernel/include/file.hrl").
-include("vbeam_linux.hrl").

%% Where offset 0 is in the task.
-define(BASE, 16#100000).
-define(PAGE, 4096).

-record(shared, {
    task :: vbeam_task:task(),
    %% An open file, its path, and whether it may be written; or none.
    file :: none | {file:fd(), binary(), boolean()},
    %% Pages that are there, by number.
    pages = #{} :: #{non_neg_integer() => true},
    %% Group => monitor
    holders = #{} :: #{pid() => reference()}
}).

-spec anonymous(pos_integer()) -> vbeam_linux_space:source().
anonymous(_Bytes) -> {shared, start(none, vbeam_linux_group:process()), 0}.

%% The file at a path of the file system; Writable: by who maps it.
-spec of_file(Path :: binary(), Offset :: non_neg_integer(), Writable :: boolean()) ->
    vbeam_linux_space:source().
of_file(Path, Offset, Writable) ->
    Key = {shared_file, identity(Path)},
    Group = vbeam_linux_group:process(),
    case vbeam_linux_compat:kept(Key) of
        Pid when is_pid(Pid) ->
            case hold(Pid, Group) of
                ok -> {shared, Pid, Offset};
                gone -> new_file(Key, Path, Offset, Writable, Group)
            end;
        none ->
            new_file(Key, Path, Offset, Writable, Group)
    end.

new_file(Key, Path, Offset, Writable, Group) ->
    Pid = start({Path, Writable}, Group),
    ok = vbeam_linux_compat:keep(Key, Pid),
    {shared, Pid, Offset}.

identity(Path) ->
    case file:read_file_info(Path) of
        {ok, #file_info{major_device = Device, inode = Inode}} when Inode =/= 0 -> {Device, Inode};
        _ -> Path
    end.

start(File, Group) ->
    {Pid, Monitor} = spawn_monitor(?MODULE, init, [self(), File, Group]),
    receive
        {Pid, ok} ->
            demonitor(Monitor, [flush]),
            Pid;
        {'DOWN', Monitor, process, Pid, {errno, Errno}} ->
            throw({errno, Errno});
        {'DOWN', Monitor, process, Pid, _} ->
            throw({errno, ?ENOMEM})
    end.

%% Pages of it are in a task from an address on.
-spec map(pid(), vbeam_task:task(), non_neg_integer(), non_neg_integer(), pos_integer(),
    vbeam_task:access()) -> ok | {error, atom()}.
map(Pid, Task, At, Offset, Bytes, Access) ->
    case vbeam_linux_group:request(Pid, {pages, Offset, Bytes}) of
        {ok, Source} -> vbeam_task:share(Task, At, Source, ?BASE + Offset, Bytes, Access);
        gone -> {error, beyond};
        {error, _} = Error -> Error
    end.

%% A file has what its pages have.
-spec sync(pid(), non_neg_integer(), non_neg_integer()) -> ok.
sync(Pid, Offset, Bytes) ->
    _ = vbeam_linux_group:request(Pid, {sync, Offset, Bytes}),
    ok.

-spec hold(pid(), Group :: pid()) -> ok | gone.
hold(Pid, Group) -> vbeam_linux_group:request(Pid, {hold, Group}).

%% When it returns, the file is written.
-spec release(pid(), Group :: pid()) -> ok.
release(Pid, Group) ->
    _ = vbeam_linux_group:request(Pid, {release, Group}),
    ok.

%% --- the process ---------------------------------------------------------------------------

init(Starter, File, Group) ->
    Opened = opened(File),
    case vbeam_task:create() of
        {ok, Task} ->
            Holders = #{Group => monitor(process, Group)},
            Starter ! {self(), ok},
            loop(#shared{task = Task, file = Opened, holders = Holders});
        {error, _} ->
            exit({errno, ?ENOMEM})
    end.

opened(none) ->
    none;
opened({Path, Writable}) ->
    Modes = [raw, binary, read] ++ [write || Writable],
    case file:open(Path, Modes) of
        {ok, File} -> {File, Path, Writable};
        {error, Reason} -> exit({errno, vbeam_linux_errno:number(Reason)})
    end.

loop(#shared{holders = Holders}) when map_size(Holders) =:= 0 ->
    ok;
loop(#shared{} = Shared) ->
    receive
        {{pages, Offset, Bytes}, From, Reference} ->
            {Answer, Next} = pages(Offset, Bytes, Shared),
            From ! {Reference, Answer},
            loop(Next);
        {{sync, Offset, Bytes}, From, Reference} ->
            ok = write_back(Offset, Offset + Bytes, Shared),
            From ! {Reference, ok},
            loop(Shared);
        {{hold, Group}, From, Reference} ->
            From ! {Reference, ok},
            loop(held(Group, Shared));
        {{release, Group}, From, Reference} ->
            Next = released(Group, Shared),
            From ! {Reference, ok},
            loop(Next);
        {'DOWN', _, process, Group, _} ->
            loop(released(Group, Shared));
        _ ->
            loop(Shared)
    end.

held(Group, #shared{holders = Holders} = Shared) ->
    case Holders of
        #{Group := _} -> Shared;
        _ -> Shared#shared{holders = Holders#{Group => monitor(process, Group)}}
    end.

released(Group, #shared{holders = Holders} = Shared) ->
    case maps:take(Group, Holders) of
        {Monitor, Rest} ->
            demonitor(Monitor, [flush]),
            ok = write_back(0, infinity, Shared),
            Shared#shared{holders = Rest};
        error ->
            Shared
    end.

pages(Offset, Bytes, #shared{task = Task} = Shared) ->
    Numbers = lists:seq(Offset div ?PAGE, (Offset + Bytes - 1) div ?PAGE),
    case file_bytes(Shared) of
        Size when Offset >= Size -> {{error, beyond}, Shared};
        _ -> provided(Numbers, Task, Shared)
    end.

provided([], Task, Shared) ->
    {{ok, Task}, Shared};
provided([Number | Rest], Task, #shared{pages = Pages} = Shared) ->
    case Pages of
        #{Number := _} ->
            provided(Rest, Task, Shared);
        _ ->
            At = ?BASE + Number * ?PAGE,
            case vbeam_task:map(Task, At, ?PAGE, [read, write, shared]) of
                ok ->
                    ok = vbeam_task:write(Task, At, contents(Number, Shared)),
                    provided(Rest, Task, Shared#shared{pages = Pages#{Number => true}});
                {error, _} ->
                    {{error, enomem}, Shared}
            end
    end.

contents(_, #shared{file = none}) ->
    <<>>;
contents(Number, #shared{file = {File, _, _}}) ->
    case file:pread(File, Number * ?PAGE, ?PAGE) of
        {ok, Bytes} -> Bytes;
        _ -> <<>>
    end.

%% Behind it there is nothing to map: an atom is more than any number.
file_bytes(#shared{file = none}) ->
    infinity;
file_bytes(#shared{file = {File, _, _}}) ->
    case file:position(File, eof) of
        {ok, Size} -> Size;
        {error, _} -> 0
    end.

write_back(From, To, #shared{file = {File, _, true}, pages = Pages} = Shared) ->
    Size = file_bytes(Shared),
    Numbers = [
        N
     || N <- lists:sort(maps:keys(Pages)), (N + 1) * ?PAGE > From, N * ?PAGE < To
    ],
    lists:foreach(fun(Number) -> write_page(File, Number, Size, Shared) end, Numbers);
write_back(_, _, _) ->
    ok.

write_page(File, Number, Size, #shared{task = Task}) ->
    Bytes = min(?PAGE, Size - Number * ?PAGE),
    _ = Bytes > 0 andalso
        begin
            {ok, Data} = vbeam_task:read(Task, ?BASE + Number * ?PAGE, Bytes),
            file:pwrite(File, Number * ?PAGE, Data)
        end,
    ok.
