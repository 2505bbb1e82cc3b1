%% All kernel modules that are loaded: below it, for each, a supervisor with the one process of the
%% module, which starts it again when it ends for its own reasons. One that ends too often is given
%% up, and the others do not notice.
-module(vbeam_ko_sup).
-behaviour(supervisor).
-export([start_link/0, ensure_started/0, start_module/2, stop_module/1, modules/0]).
-export([init/1, start_module_sup/2]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, all).

%% The first module brings this supervisor into the system's tree.
-spec ensure_started() -> ok | {error, term()}.
ensure_started() ->
    Child = #{id => ?MODULE, start => {?MODULE, start_link, []}, type => supervisor},
    case whereis(?MODULE) =:= undefined andalso supervisor:start_child(vbeam_kernel_sup, Child) of
        false -> ok;
        {ok, _} -> ok;
        {error, {already_started, _}} -> ok;
        {error, already_present} -> restarted(supervisor:restart_child(vbeam_kernel_sup, ?MODULE));
        {error, Reason} -> {error, Reason}
    end.

restarted({ok, _}) -> ok;
restarted({error, Reason}) -> {error, Reason}.

-spec start_module(binary(), vbeam_ko_module:options()) -> {ok, pid()} | {error, term()}.
start_module(Name, Options) ->
    Child = #{
        id => Name,
        start => {?MODULE, start_module_sup, [Name, Options]},
        restart => temporary,
        type => supervisor
    },
    case supervisor:start_child(?MODULE, Child) of
        {ok, Sup} -> {ok, Sup};
        {error, {already_started, _}} -> {error, already_loaded};
        {error, {{shutdown, {failed_to_start_child, _, Reason}}, _Child}} -> {error, inner(Reason)};
        {error, Reason} -> {error, Reason}
    end.

inner({shutdown, Reason}) -> Reason;
inner(Reason) -> Reason.

start_module_sup(Name, Options) ->
    supervisor:start_link(?MODULE, {module, Name, Options}).

-spec stop_module(binary()) -> ok | {error, not_loaded}.
stop_module(Name) ->
    case supervisor:terminate_child(?MODULE, Name) of
        ok -> ok;
        {error, _} -> {error, not_loaded}
    end.

%% Names with the process of each; one that is just being started again has none.
-spec modules() -> [{binary(), pid() | restarting}].
modules() ->
    [
        {Name, Pid}
     || {Name, Sup, _, _} <- children(?MODULE),
        is_pid(Sup),
        {_, Pid, _, _} <- children(Sup)
    ].

children(Sup) ->
    try
        supervisor:which_children(Sup)
    catch
        exit:_ -> []
    end.

init(all) ->
    {ok, {#{strategy => one_for_one, intensity => 3, period => 10}, []}};
init({module, Name, Options}) ->
    Child = #{
        id => Name,
        start => {vbeam_ko_server, start_link, [Name, Options]},
        restart => permanent,
        shutdown => 20_000
    },
    {ok, {#{strategy => one_for_one, intensity => 3, period => 10}, [Child]}}.
