%% What is mounted where. The tree of names lies in the VM (vbeam_files); file systems in memory do,
%% too, and the others are processes below vbeam_filesystem_sup. This service only mounts, unmounts
%% and closes what processes that ended had open; nobody who reads or writes a file waits for it.
%% Mounts and handles are kept by vbeam_keeper; what was left half done is undone when it starts.
%%
%%   Source                   what is mounted
%%   ram                      a file system in memory; option {size, Bytes}
%%   {ext2, Device}           vbeam_ext2 on a device of vbeam_block
%%   {Module, Config}         any module of behaviour vbeam_filesystem
%%
%% Other options: read_only.
-module(vbeam_vfs).
-behaviour(gen_server).
-export([start_link/0, mount/3, unmount/1, unmount/2, mounts/0, sync/0, opened/1]).
-export([mounted/1, is_mounted/1, systems/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(SYSTEMS_MAX, 63).
-define(CALL_MS, 60000).
%% Of what all file systems in memory may take, the part for what is not to last.
-define(TEMPORARY_SHARE, 2).
-define(WAIT_MS, 5).

-type source() :: ram | {ext2, vbeam_block:device()} | {module(), Config :: term()}.
-type option() :: {size, pos_integer()} | read_only.
-type mount() :: #{
    where := binary(),
    source := source() | archive,
    options := [option()],
    system => vbeam_files:system(),
    %% Bytes in use and in all, as far as the file system tells.
    used => non_neg_integer(),
    size => non_neg_integer(),
    %% Requests that its process could not carry out because a callback crashed.
    faults => non_neg_integer()
}.

%% ---- what others call

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% The folder must be there; what is in it is hidden until the file system is unmounted.
-spec mount(source(), file:filename_all(), [option()]) -> ok | {error, atom()}.
mount(Source, Where, Options) ->
    request({mount, make_ref(), Source, Where, Options}).

%% ebusy when somebody has a file open there, works there, or has mounted something there.
-spec unmount(file:filename_all()) -> ok | {error, atom()}.
unmount(Where) ->
    unmount(Where, []).

%% `force`: open files of a process's file system are eio then, others stay usable.
-spec unmount(file:filename_all(), [force]) -> ok | {error, atom()}.
unmount(Where, Options) ->
    request({unmount, make_ref(), Where, lists:member(force, Options)}).

-spec mounts() -> [mount()].
mounts() ->
    [
        #{where => <<"/boot">>, source => archive, options => [read_only]}
        | [described(System, Mount) || {System, Mount} <- rows()]
    ].

%% What was written before is on the devices.
-spec sync() -> ok | {error, atom()}.
sync() ->
    Answers = [vbeam_file_calls:ask(System, sync) || {System, #{module := _}} <- rows()],
    case [Answer || Answer <- Answers, Answer =/= ok] of
        [] -> ok;
        [Error | _] -> Error
    end.

%% A process has opened a file: it is closed when the process ends.
-spec opened(pid()) -> ok.
opened(Pid) ->
    gen_server:cast(?MODULE, {opened, Pid}).

%% What vbeam_filesystem and its supervisor need to know.
-spec mounted(vbeam_files:system()) -> map().
mounted(System) ->
    [{_, Mount}] = ets:lookup(table(), System),
    Mount.

-spec is_mounted(Name :: atom()) -> boolean().
is_mounted(Name) ->
    lists:any(fun({System, _}) -> vbeam_filesystem:name(System) =:= Name end, rows()).

%% Those that are processes.
-spec systems() -> [vbeam_files:system()].
systems() ->
    [System || {System, #{module := _}} <- rows()].

rows() ->
    ets:tab2list(table()).

table() ->
    vbeam_keeper:table(?MODULE, mounts).

described(System, #{source := Source, options := Options} = Mount) ->
    Where =
        case vbeam_files:where(System) of
            {ok, Now} -> Now;
            {error, _} -> maps:get(where, Mount)
        end,
    Known = #{system => System, where => Where, source => Source, options => Options},
    maps:merge(Known, use(System, Mount)).

use(System, #{module := _}) ->
    case vbeam_file_calls:ask(System, usage) of
        {ok, #{bytes := Bytes, free_bytes := Free, faults := Faults}} ->
            #{used => Bytes - Free, size => Bytes, faults => Faults};
        _ ->
            #{}
    end;
use(System, _) ->
    case vbeam_files:usage(System) of
        {_, Used, Limit} -> #{used => Used, size => Limit};
        undefined -> #{}
    end.

%% It is asked again when the service was ended meanwhile; a request that was carried out is known.
request(Request) ->
    try
        gen_server:call(?MODULE, Request, ?CALL_MS)
    catch
        exit:{timeout, _} ->
            {error, etimedout};
        exit:_ ->
            case lists:member(?MODULE, vbeam_ladder:degraded()) of
                true ->
                    {error, eio};
                false ->
                    receive after ?WAIT_MS -> ok end,
                    request(Request)
            end
    end.

%% ---- the process

%% The state is who is watched.
init([]) ->
    vbeam_hw:system_process(),
    lists:foreach(fun mend/1, rows()),
    Watched = lists:foldl(fun watch/2, #{}, vbeam_handles:owners()),
    temporary(),
    vbeam_boot:phase(<<"child vbeam_vfs: started">>),
    {ok, Watched}.

%% What was being mounted when the service was ended is not.
mend({System, _}) ->
    case vbeam_files:usage(System) of
        undefined -> forget(System);
        _ -> ok
    end.

%% A file system in memory for what is not to last; whoever unmounts it has his reasons.
temporary() ->
    case vbeam_keeper:get(?MODULE, temporary, none) of
        mounted ->
            ok;
        none ->
            Bytes = vbeam_files:bytes_max() div ?TEMPORARY_SHARE,
            _ = mount_new(make_ref(), ram, <<"/tmp">>, [{size, Bytes}]),
            vbeam_keeper:put(?MODULE, temporary, mounted)
    end.

handle_call({mount, Request, Source, Where, Options}, _From, Watched) when is_map(Watched) ->
    Answer =
        case [ok || {_, #{request := Known}} <- rows(), Known =:= Request] of
            [ok] -> ok;
            [] -> checked_mount(Request, Source, native(Where), Options)
        end,
    {reply, Answer, Watched};
handle_call({unmount, Request, Where, Force}, _From, Watched) when is_map(Watched) ->
    Answer =
        case vbeam_keeper:get(?MODULE, unmounted, none) of
            Request -> ok;
            _ -> unmount_at(Request, native(Where), Force)
        end,
    {reply, Answer, Watched};
handle_call(_Request, _From, Watched) when is_map(Watched) ->
    {reply, {error, einval}, Watched}.

handle_cast({opened, Pid}, Watched) when is_map(Watched) ->
    {noreply, watch(Pid, Watched)};
handle_cast(_Other, Watched) when is_map(Watched) ->
    {noreply, Watched}.

handle_info({'DOWN', _, process, Pid, _}, Watched) when is_map(Watched) ->
    lists:foreach(fun close/1, vbeam_handles:of_owner(Pid)),
    {noreply, maps:remove(Pid, Watched)};
handle_info(_Other, Watched) when is_map(Watched) ->
    {noreply, Watched}.

watch(Pid, Watched) when is_map_key(Pid, Watched) ->
    Watched;
watch(Pid, Watched) ->
    Watched#{Pid => erlang:monitor(process, Pid)}.

%% A file system that is not there now looks itself when it starts.
close(Number) ->
    case vbeam_handles:find(Number) of
        {ok, Handle} ->
            Name = vbeam_filesystem:name(vbeam_handles:system(Handle)),
            gen_server:cast(Name, {close, Number});
        error ->
            ok
    end.

%% ---- mounting

native(Where) ->
    try prim_file:internal_name2native(Where) of
        <<$/, _/binary>> = Native -> Native;
        _ -> none
    catch
        error:_ -> none
    end.

checked_mount(_Request, _Source, none, _Options) ->
    {error, einval};
checked_mount(Request, Source, Native, Options) ->
    case is_list(Options) andalso lists:all(fun is_option/1, Options) of
        true -> mount_new(Request, Source, text(Native), Options);
        false -> {error, einval}
    end.

is_option({size, Bytes}) -> is_integer(Bytes) andalso Bytes > 0;
is_option(Option) -> Option =:= read_only.

text(Native) ->
    hd(binary:split(Native, <<0>>)).

mount_new(Request, Source, Where, Options) ->
    Used = [System || {System, _} <- rows()],
    mount_new(Request, Source, Where, Options, lists:seq(1, ?SYSTEMS_MAX) -- Used).

mount_new(_Request, _Source, _Where, _Options, []) ->
    {error, enfile};
mount_new(Request, Source, Where, Options, [System | Systems]) ->
    Mount = #{request => Request, where => Where, source => Source, options => Options},
    case vbeam_files:is_free(System) of
        false -> mount_new(Request, Source, Where, Options, Systems);
        true when Source =:= ram -> mount_memory(System, Mount);
        true -> mount_process(System, Mount)
    end.

mount_memory(System, #{where := Where, options := Options} = Mount) ->
    Bytes = proplists:get_value(size, Options, vbeam_files:bytes_max()),
    true = ets:insert(table(), {System, Mount}),
    unless_refused(vbeam_files:mount_memory(<<Where/binary, 0>>, System, Bytes), System).

mount_process(System, #{source := Source, options := Options, where := Where} = Mount) ->
    case Source of
        {ext2, Device} -> {Module, Config} = {vbeam_ext2, Device};
        {Module, Config} when is_atom(Module) -> ok;
        _ -> {Module, Config} = {none, none}
    end,
    case Module =/= none andalso code:ensure_loaded(Module) of
        {module, _} ->
            Given = maps:from_list(proplists:unfold(Options)),
            Full = Mount#{module => Module, config => Config, settings => Given},
            true = ets:insert(table(), {System, Full}),
            case vbeam_filesystem_sup:start(System) of
                ok ->
                    Mounted = vbeam_files:mount_served(<<Where/binary, 0>>, System),
                    unless_refused(Mounted, System);
                {error, Reason} ->
                    forget(System),
                    {error, Reason}
            end;
        _ ->
            {error, einval}
    end.

unless_refused(ok, _System) ->
    ok;
unless_refused({error, Reason}, System) ->
    forget(System),
    {error, Reason}.

forget(System) ->
    true = ets:delete(table(), System),
    vbeam_filesystem_sup:stop(System).

unmount_at(_Request, none, _Force) ->
    {error, einval};
unmount_at(Request, Native, Force) ->
    Where = text(Native),
    case [Row || {System, _} = Row <- rows(), vbeam_files:where(System) =:= {ok, Where}] of
        [{System, Mount}] -> unmount_system(Request, System, Mount, Force);
        [] -> {error, einval}
    end.

unmount_system(Request, System, Mount, Force) ->
    Open = vbeam_handles:of_system(System),
    Below = [Each || {Each, _} <- rows(), Each =/= System, is_below(Each, System)],
    Busy = Below =/= [] orelse (Open =/= [] andalso not Force),
    _ = is_map_key(module, Mount) andalso not Busy andalso vbeam_file_calls:ask(System, sync),
    case Busy of
        true ->
            {error, ebusy};
        false ->
            case vbeam_files:unmount(System, Force) of
                ok ->
                    vbeam_keeper:put(?MODULE, unmounted, Request),
                    lists:foreach(fun vbeam_handles:delete/1, Open),
                    forget(System);
                Error ->
                    Error
            end
    end.

%% One is mounted in a folder of the other.
is_below(System, Other) ->
    case {vbeam_files:where(System), vbeam_files:where(Other)} of
        {{ok, Inner}, {ok, Outer}} ->
            binary:longest_common_prefix([Inner, <<Outer/binary, "/">>]) > byte_size(Outer);
        _ ->
            false
    end.
