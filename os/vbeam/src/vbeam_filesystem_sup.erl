%% The processes of mounted file systems: each restarts alone, and what keeps failing climbs the
%% ladder of vbeam_ladder. Which there are is known to vbeam_vfs.
-module(vbeam_filesystem_sup).
-behaviour(supervisor).
-export([start_link/0, start/1, stop/1]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% Start the process of a file system; the reason is a POSIX one when its init/2 gave one.
-spec start(vbeam_files:system()) -> ok | {error, atom()}.
start(System) ->
    stop(System),
    case supervisor:start_child(?MODULE, child(System)) of
        {ok, Pid} when is_pid(Pid) -> ok;
        {error, {already_started, _}} -> ok;
        _ -> {error, reason(vbeam_filesystem:refusal(vbeam_filesystem:name(System)))}
    end.

reason(none) -> eio;
reason(Reason) -> Reason.

-spec stop(vbeam_files:system()) -> ok.
stop(System) ->
    Name = vbeam_filesystem:name(System),
    _ = supervisor:terminate_child(?MODULE, Name),
    _ = supervisor:delete_child(?MODULE, Name),
    vbeam_ladder:gone(Name).

init([]) ->
    vbeam_hw:system_process(),
    process_flag(priority, high),
    vbeam_boot:phase(<<"child vbeam_filesystem_sup: started">>),
    Children = [child(System) || System <- vbeam_vfs:systems()],
    {ok, {#{strategy => one_for_one, intensity => 5000, period => 1}, Children}}.

child(System) ->
    vbeam_ladder:child(vbeam_filesystem:name(System), {vbeam_filesystem, start_link, [
        vbeam_filesystem:name(System), System
    ]}).
