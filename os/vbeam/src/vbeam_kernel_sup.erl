%% The root: drivers before services before applications. If the hardware layer fails, what depends
%% on it starts again too. Its parent is vbeam_root.
%%
%% All supervisors but that of applications, what is above them and vbeam_keeper run at high
%% priority, as drivers do: what has ended is to be there again whatever else the machine does.
-module(vbeam_kernel_sup).
-behaviour(supervisor).
-export([start_link/0, start_applications/0, stop_applications/0, below/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% Applications come last, when OTP's kernel and stdlib have started.
-spec start_applications() -> ok.
start_applications() ->
    {ok, _} = supervisor:start_child(?MODULE, child(vbeam_app_sup)),
    vbeam_keeper:put(?MODULE, applications, true).

%% End the applications; drivers, services and ports stay, so that what was printed reaches the
%% serial line.
-spec stop_applications() -> ok.
stop_applications() ->
    vbeam_keeper:put(?MODULE, applications, false),
    _ = supervisor:terminate_child(?MODULE, vbeam_app_sup),
    _ = supervisor:delete_child(?MODULE, vbeam_app_sup),
    ok.

%% Registered names of the tree.
-spec below() -> [atom()].
below() ->
    [vbeam_hal_sup, vbeam_service_sup, vbeam_app_sup, ?MODULE] ++
        vbeam_hal_sup:names() ++ vbeam_service_sup:names().

init([]) ->
    vbeam_hw:system_process(),
    process_flag(priority, high),
    vbeam_boot:phase(<<"root supervisor: vbeam_kernel_sup started">>),
    Applications = [vbeam_app_sup || vbeam_keeper:get(?MODULE, applications, false) =/= false],
    Children = [child(Name) || Name <- [vbeam_hal_sup, vbeam_service_sup | Applications]],
    {ok, {#{strategy => rest_for_one, intensity => 5, period => 60}, Children}}.

child(Name) ->
    #{id => Name, start => {Name, start_link, []}, type => supervisor, shutdown => infinity}.
