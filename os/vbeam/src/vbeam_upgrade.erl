%% A new version of a module of the running system. Its processes are suspended, the code is
%% changed, code_change/3 turns their states into what the new code understands, and they go on:
%% what was sent meanwhile waits in their mailboxes. When one of them then fails within a window of
%% time, the old code is loaded again, and its process starts again with it.
%%
%% Nothing changes when the new code is refused, when a process does not let itself be suspended, or
%% when a code_change/3 fails: those that had changed already change back, with {down, Version}.
%%
%% The version before is kept by vbeam_keeper, for rollback/1.
-module(vbeam_upgrade).
-export([upgrade/2, rollback/1, release/2, describe_release/0, processes_of/1, is_changing/0]).
-export([watch/4]).
-export_type([options/0, result/0]).

-define(WINDOW_MS, 30000).
%% Drivers that are busy take their time.
-define(SUSPEND_MS, 5000).
-define(CHANGE_MS, 10000).
-define(SUPERVISORS, [vbeam_hal_sup, vbeam_block_sup, vbeam_service_sup]).
%% What OTP's release_handler reads and writes, and what the boot archive has for it at first.
-define(RELEASES, "/otp/releases/RELEASES").
-define(FIRST_RELEASES, "/otp/releases/FIRST").

-type options() :: #{window => pos_integer(), extra => term()}.
-type result() ::
    {ok, #{
        module := module(), from := term(), to := term(), changed := [pid()], restarted := [atom()]
    }}
    | {error, term()}.
-type version() :: {Version :: term(), Beam :: binary()}.

%% What: a module, whose newest file in the code path is taken, the path of such a file, or what is
%% in one.
-spec upgrade(module() | file:filename() | binary(), options()) -> result().
upgrade(What, Options) ->
    case beam(What) of
        {ok, Module, Beam} -> upgrade(Module, Beam, Options);
        Error -> Error
    end.

beam(Module) when is_atom(Module) ->
    case code:get_object_code(Module) of
        {Module, Beam, _} -> {ok, Module, Beam};
        error -> {error, {no_file, Module}}
    end;
beam(Beam) when is_binary(Beam) ->
    case beam_lib:version(Beam) of
        {ok, {Module, _}} -> {ok, Module, Beam};
        {error, beam_lib, Reason} -> {error, {no_module, element(1, Reason)}}
    end;
beam(File) ->
    case file:read_file(File) of
        {ok, Beam} -> beam(Beam);
        {error, Reason} -> {error, {Reason, File}}
    end.

upgrade(Module, Beam, Options) ->
    case {running(Module), prepared(Module, Beam)} of
        {{ok, Old}, ok} ->
            case change(Module, Old, {version(Beam), Beam}, up, Options) of
                {ok, Result} ->
                    vbeam_keeper:put(?MODULE, {before, Module}, Old),
                    vbeam_keeper:put(?MODULE, {running, Module}, Beam),
                    Window = maps:get(window, Options, ?WINDOW_MS),
                    guard(Module, Old, Result, Window),
                    say([atom_to_list(Module), " upgraded"]),
                    {ok, Result};
                Error ->
                    Error
            end;
        {{error, _} = Error, _} ->
            Error;
        {_, Error} ->
            Error
    end.

%% Files of the boot archive cannot be changed, and release_handler changes this one. So it is made
%% when the system starts.
-spec describe_release() -> ok.
describe_release() ->
    case {prim_file:read_file(?RELEASES), prim_file:read_file(?FIRST_RELEASES)} of
        {{error, enoent}, {ok, First}} ->
            _ = prim_file:write_file(?RELEASES, First),
            ok;
        _ ->
            ok
    end.

%% For the instructions of a release (appup): the modules change to what is in the code path now,
%% all of them or none.
-spec release(up | down, [module()]) -> ok.
release(Direction, Modules) ->
    release(Direction, Modules, []).

release(_Direction, [], _Done) ->
    ok;
release(Direction, [Module | Modules], Done) ->
    {ok, Module, Beam} = beam(Module),
    {ok, Old} = running(Module),
    case change(Module, Old, {version(Beam), Beam}, Direction, #{}) of
        {ok, Result} ->
            vbeam_keeper:put(?MODULE, {running, Module}, Beam),
            case Direction of
                up -> guard(Module, Old, Result, ?WINDOW_MS);
                down -> stop_guard(Module)
            end,
            release(Direction, Modules, [{Module, {version(Beam), Beam}, Old} | Done]);
        {error, Reason} ->
            _ = [change(M, Now, Before, back(Direction), #{}) || {M, Now, Before} <- Done],
            exit({Module, Reason})
    end.

%% Back to the version before the last upgrade.
-spec rollback(module()) -> result().
rollback(Module) ->
    case {running(Module), vbeam_keeper:get(?MODULE, {before, Module}, none)} of
        {_, none} -> {error, {no_version_before, Module}};
        {{error, _} = Error, _} -> Error;
        {{ok, Now}, Old} -> down(Module, Now, Old)
    end.

down(Module, Now, {_, Beam} = Old) ->
    stop_guard(Module),
    case change(Module, Now, Old, down, #{}) of
        {ok, _} = Done ->
            vbeam_keeper:erase(?MODULE, {before, Module}),
            vbeam_keeper:put(?MODULE, {running, Module}, Beam),
            Done;
        Error ->
            Error
    end.

%% The code that runs now: what an upgrade has loaded, the file that it was loaded from, or that of
%% the code path.
-spec running(module()) -> {ok, version()} | {error, term()}.
running(Module) ->
    _ = code:ensure_loaded(Module),
    case erlang:module_loaded(Module) of
        false ->
            {error, {not_loaded, Module}};
        true ->
            Sum = Module:module_info(md5),
            case [Beam || {ok, M, Beam} <- known(Module), M =:= Module, md5(Beam) =:= Sum] of
                [Old | _] -> {ok, {version(Old), Old}};
                [] -> {error, {not_what_is_in_its_file, Module}}
            end
    end.

known(Module) ->
    Loaded = [beam(Path) || {file, Path} <- [code:is_loaded(Module)], is_list(Path)],
    case vbeam_keeper:get(?MODULE, {running, Module}, none) of
        none -> Loaded ++ [beam(Module)];
        Beam -> [{ok, Module, Beam} | Loaded]
    end.

md5(Beam) ->
    {ok, {_, Sum}} = beam_lib:md5(Beam),
    Sum.

%% As release_handler tells versions: the attribute vsn, one value without its list.
version(Beam) ->
    case beam_lib:version(Beam) of
        {ok, {_, [Version]}} -> Version;
        {ok, {_, Versions}} -> Versions
    end.

%% The loader has looked at it, and would take it.
prepared(Module, Beam) ->
    case erlang:prepare_loading(Module, Beam) of
        {error, Reason} -> {error, {refused, Module, Reason}};
        Prepared ->
            case erlang:has_prepared_code_on_load(Prepared) of
                true -> {error, {on_load, Module}};
                false -> ok
            end
    end.

%% ---- the change

%% From and To are versions with their code.
change(Module, {From, Old}, {To, New}, Direction, Options) ->
    case code:soft_purge(Module) of
        false ->
            {error, {old_code_in_use, users(Module)}};
        true ->
            Pids = processes_of(Module),
            vbeam_keeper:put(?MODULE, changing, erlang:monotonic_time(millisecond)),
            Changed =
                case suspend(Pids, []) of
                    ok ->
                        Extra = maps:get(extra, Options, []),
                        Result = changed(Module, Pids, {From, Old}, {To, New}, Direction, Extra),
                        _ = [catch sys:resume(Pid) || Pid <- Pids],
                        told(Result, Module, Pids, From, To);
                    Error ->
                        Error
                end,
            vbeam_keeper:erase(?MODULE, changing),
            Changed
    end.

%% Whether processes are suspended, which do not answer. Whoever suspended them may have been ended.
-spec is_changing() -> boolean().
is_changing() ->
    case vbeam_keeper:get(?MODULE, changing, none) of
        none -> false;
        Since -> erlang:monotonic_time(millisecond) - Since < ?SUSPEND_MS + ?CHANGE_MS
    end.

told(ok, Module, Pids, From, To) ->
    {ok, #{
        module => Module, from => From, to => To, changed => Pids,
        restarted => restart_others(Module, Pids)
    }};
told(Error, _Module, _Pids, _From, _To) ->
    Error.

%% All or none.
suspend([], _Suspended) ->
    ok;
suspend([Pid | Pids], Suspended) ->
    try sys:suspend(Pid, ?SUSPEND_MS) of
        ok -> suspend(Pids, [Pid | Suspended])
    catch
        exit:{noproc, _} ->
            suspend(Pids, Suspended);
        exit:Reason ->
            %% It may do it late.
            _ = [catch sys:resume(Each) || Each <- [Pid | Suspended]],
            {error, {not_suspended, Pid, Reason}}
    end.

%% The newer code turns states both ways: into its own after it was loaded, and into those of the
%% older before that one is. So does release_handler. What code_change/3 is told is the older
%% version.
changed(Module, Pids, {From, Old}, {_To, New}, up, Extra) ->
    case load(Module, New) of
        ok ->
            case change_each(Pids, Module, From, Extra, []) of
                ok ->
                    ok;
                {Failed, Reason, Done} ->
                    _ = [catch change_one(Pid, Module, {down, From}, Extra) || Pid <- Done],
                    ok = load_again(Module, Old),
                    {error, {code_change, Failed, Reason}}
            end;
        Error ->
            Error
    end;
changed(Module, Pids, _From, {To, New}, down, Extra) ->
    case change_each(Pids, Module, {down, To}, Extra, []) of
        ok ->
            load(Module, New);
        {Failed, Reason, Done} ->
            _ = [catch change_one(Pid, Module, To, Extra) || Pid <- Done],
            {error, {code_change, Failed, Reason}}
    end.

back(up) -> down;
back(down) -> up.

change_each([], _Module, _Version, _Extra, _Done) ->
    ok;
change_each([Pid | Pids], Module, Version, Extra, Done) ->
    try change_one(Pid, Module, Version, Extra) of
        ok -> change_each(Pids, Module, Version, Extra, [Pid | Done]);
        %% As the behaviour wraps what code_change/3 gives.
        {error, {error, Reason}} -> {Pid, Reason, Done};
        {error, Reason} -> {Pid, Reason, Done}
    catch
        exit:{noproc, _} -> change_each(Pids, Module, Version, Extra, Done);
        exit:Reason -> {Pid, Reason, Done}
    end.

change_one(Pid, Module, Version, Extra) ->
    sys:change_code(Pid, Module, Version, Extra, ?CHANGE_MS).

load(Module, Beam) ->
    File =
        case {code:get_object_code(Module), code:is_loaded(Module)} of
            {{Module, Beam, Path}, _} -> Path;
            {_, {file, Path}} when is_list(Path) -> Path;
            _ -> atom_to_list(Module) ++ ".beam"
        end,
    case code:load_binary(Module, File, Beam) of
        {module, Module} -> ok;
        {error, Reason} -> {error, {refused, Module, Reason}}
    end.

%% The processes do not run in it any more, or they are ended.
load_again(Module, Beam) ->
    _ = code:purge(Module),
    load(Module, Beam).

%% ---- whose code it is

%% Processes that can be told of a change: those of OTP's behaviours that the module is the callback
%% module of, and drivers.
-spec processes_of(module()) -> [pid()].
processes_of(Module) ->
    Drivers = [
        Pid
     || Supervisor <- ?SUPERVISORS,
        {_, Pid, worker, Modules} <- children(Supervisor),
        is_pid(Pid),
        Modules =:= dynamic orelse lists:member(Module, Modules),
        is_behaviour(Pid)
    ],
    Others = [
        Pid
     || Pid <- processes(), initial_module(Pid) =:= Module, is_behaviour(Pid)
    ],
    lists:usort(Drivers ++ Others).

children(Supervisor) ->
    try
        supervisor:which_children(Supervisor)
    catch
        exit:_ -> []
    end.

initial_module(Pid) ->
    case process_info(Pid, dictionary) of
        {_, Dictionary} ->
            case lists:keyfind('$initial_call', 1, Dictionary) of
                {_, {Module, init, _}} -> Module;
                _ -> none
            end;
        undefined ->
            none
    end.

%% One that waits in the loop of a behaviour answers system messages.
is_behaviour(Pid) ->
    case process_info(Pid, current_stacktrace) of
        {_, Frames} ->
            Modules = [element(1, Frame) || Frame <- Frames],
            lists:any(fun(M) -> lists:member(M, Modules) end, [gen_server, gen_statem, gen_event]);
        undefined ->
            false
    end.

users(Module) ->
    [Pid || Pid <- processes(), Pid =/= self(), check_process_code(Pid, Module) =:= true].

%% What runs in the old code and cannot be told is ended, when there is somebody to start it again.
restart_others(Module, Told) ->
    [
        begin
            exit(Pid, kill),
            Name
        end
     || Supervisor <- ?SUPERVISORS,
        {Name, Pid, worker, _} <- children(Supervisor),
        is_pid(Pid),
        not lists:member(Pid, Told),
        check_process_code(Pid, Module) =:= true
    ].

%% ---- the window

%% The last change of a module is the one that is watched.
guard(Module, Old, #{changed := Changed, restarted := Restarted}, Window) ->
    stop_guard(Module),
    Names = [Name || Pid <- Changed, {_, Name} <- [process_info(Pid, registered_name)]],
    Arguments = [Module, Old, lists:usort(Names ++ Restarted), Window],
    Guard = spawn_opt(?MODULE, watch, Arguments, [{priority, high}]),
    vbeam_keeper:put(?MODULE, {guard, Module}, Guard).

stop_guard(Module) ->
    case vbeam_keeper:get(?MODULE, {guard, Module}, none) of
        none -> ok;
        Guard -> exit(Guard, kill), vbeam_keeper:erase(?MODULE, {guard, Module})
    end.

%% Whoever ends these processes meant it, unless they ended by themselves.
-spec watch(module(), version(), [atom()], Window :: non_neg_integer()) -> ok.
watch(Module, Old, Names, Window) ->
    vbeam_hw:system_process(),
    Deadline = erlang:monotonic_time(millisecond) + Window,
    _ = [monitor(process, Name) || Name <- Names],
    watch(Module, Old, Deadline).

watch(Module, {_, Beam} = Old, Deadline) ->
    receive
        {'DOWN', _, process, {Name, _}, Reason} ->
            case is_failure(Reason) of
                true ->
                    fall_back(Module, Beam, Name, Reason);
                false ->
                    %% The next one by that name is watched, when it is there.
                    receive after 20 -> ok end,
                    _ = erlang:monotonic_time(millisecond) < Deadline andalso
                        monitor(process, Name),
                    watch(Module, Old, Deadline)
            end
    after max(0, Deadline - erlang:monotonic_time(millisecond)) ->
        ok
    end.

is_failure(Reason) ->
    not lists:member(Reason, [normal, shutdown, killed, noproc]) andalso
        not (is_tuple(Reason) andalso element(1, Reason) =:= shutdown).

%% What started again meanwhile runs in the new code, and is ended with it.
fall_back(Module, Beam, Name, Reason) ->
    What = "~s failed after its upgrade, the old version is back: ~0p",
    Text = io_lib:format(What, [Name, Reason]),
    ok = load_again(Module, Beam),
    vbeam_keeper:put(?MODULE, {running, Module}, Beam),
    vbeam_keeper:erase(?MODULE, {before, Module}),
    vbeam_keeper:erase(?MODULE, {guard, Module}),
    say(Text),
    _ = [exit(Pid, kill) || Pid <- processes_of(Module)],
    _ = restart_others(Module, []),
    _ = [vbeam_ladder:revive(Each) || Each <- vbeam_ladder:degraded(), Each =:= Name],
    ok.

say(Text) ->
    vbeam_boot:phase(unicode:characters_to_binary(Text)).
