%% The root: drivers before services before applications. If the hardware layer fails, what depends
%% on it starts again too.
-module(vbeam_kernel_sup).
-behaviour(supervisor).
-export([start_link/0, start_shell/0, stop_applications/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% The shell, last of all: what it shows is there.
-spec start_shell() -> ok.
start_shell() ->
    {ok, _} = supervisor:start_child(?MODULE, child(vbeam_shell_sup)),
    ok.

%% End the shell and the applications; drivers and services stay, so that what was printed reaches
%% the serial line.
-spec stop_applications() -> ok.
stop_applications() ->
    _ = supervisor:terminate_child(?MODULE, vbeam_shell_sup),
    _ = supervisor:terminate_child(?MODULE, vbeam_app_sup),
    ok.

init([]) ->
    vbeam_boot:phase(<<"root supervisor: vbeam_kernel_sup started">>),
    Supervisors = [vbeam_hal_sup, vbeam_service_sup, vbeam_code, vbeam_app_sup],
    Children = [child(Name) || Name <- Supervisors],
    {ok, {#{strategy => rest_for_one, intensity => 5, period => 60}, Children}}.

child(Name) ->
    #{id => Name, start => {Name, start_link, []}, type => supervisor, shutdown => infinity}.
