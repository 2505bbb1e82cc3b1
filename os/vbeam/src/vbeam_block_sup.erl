%% Drivers of block devices that were found or added while the system runs: each restarts alone, and
%% what keeps failing climbs the ladder of vbeam_ladder. Which there are is kept by vbeam_keeper.
-module(vbeam_block_sup).
-behaviour(supervisor).
-export([start_link/0, add/3, remove/1, names/0, is_expected/1]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

-spec add(Name :: atom(), module(), Config :: term()) -> ok | {error, term()}.
add(Name, Module, Config) ->
    case lists:member(Name, names()) orelse whereis(Name) =/= undefined of
        true ->
            {error, eexist};
        false ->
            vbeam_keeper:put(?MODULE, Name, {Module, Config}),
            case supervisor:start_child(?MODULE, child(Name, {Module, Config})) of
                {ok, Pid} when is_pid(Pid) ->
                    ok;
                _ ->
                    Reason = vbeam_ladder:reason(Name),
                    remove(Name),
                    {error, Reason}
            end
    end.

-spec remove(Name :: atom()) -> ok.
remove(Name) ->
    vbeam_keeper:erase(?MODULE, Name),
    _ = supervisor:terminate_child(?MODULE, Name),
    _ = supervisor:delete_child(?MODULE, Name),
    vbeam_ladder:gone(Name).

-spec names() -> [atom()].
names() ->
    [Name || {Name, _} <- vbeam_keeper:values(?MODULE)].

%% There is such a device, and its supervisor has not given up on its driver.
-spec is_expected(Name :: atom()) -> boolean().
is_expected(Name) ->
    vbeam_keeper:get(?MODULE, Name, none) =/= none andalso
        not lists:member(Name, vbeam_ladder:degraded()).

init([]) ->
    vbeam_hw:system_process(),
    process_flag(priority, high),
    vbeam_boot:phase(<<"child vbeam_block_sup: started">>),
    Children = [child(Name, What) || {Name, What} <- vbeam_keeper:values(?MODULE)],
    {ok, {#{strategy => one_for_one, intensity => 5000, period => 1}, Children}}.

child(Name, {Module, Config}) ->
    Call = {vbeam_driver, start_link, [Name, vbeam_block_queue, {Name, Module, Config}]},
    vbeam_ladder:child(Name, Call).
