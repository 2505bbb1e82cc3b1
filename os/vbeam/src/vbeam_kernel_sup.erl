%% The root: drivers before services before ports before applications. If the hardware layer fails,
%% what depends on it starts again too.
-module(vbeam_kernel_sup).
-behaviour(supervisor).
-export([start_link/0, start_applications/0, stop_applications/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% Applications come last, when OTP's kernel and stdlib have started.
-spec start_applications() -> ok.
start_applications() ->
    {ok, _} = supervisor:start_child(?MODULE, child(vbeam_app_sup)),
    ok.

%% End the applications; drivers, services and ports stay, so that what was printed reaches the
%% serial line.
-spec stop_applications() -> ok.
stop_applications() ->
    _ = supervisor:terminate_child(?MODULE, vbeam_app_sup),
    _ = supervisor:delete_child(?MODULE, vbeam_app_sup),
    ok.

init([]) ->
    vbeam_hw:system_process(),
    vbeam_boot:phase(<<"root supervisor: vbeam_kernel_sup started">>),
    Children = [child(Name) || Name <- [vbeam_hal_sup, vbeam_service_sup, vbeam_port_sup]],
    {ok, {#{strategy => rest_for_one, intensity => 5, period => 60}, Children}}.

child(Name) ->
    #{id => Name, start => {Name, start_link, []}, type => supervisor, shutdown => infinity}.
