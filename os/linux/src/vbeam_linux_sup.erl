%% The supervisor of what Linux programs have in common; a child of vbeam_kernel_sup from the first
%% use on. When vbeam_linux_compat ends, the programs that it served end too, and it starts again.
-module(vbeam_linux_sup).
-behaviour(supervisor).
-export([start_link/0, ensure/0]).
-export([init/1]).

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% `none` on a system without the supervision tree, such as OTP's erl.
-spec ensure() -> ok | none.
ensure() ->
    case whereis(vbeam_kernel_sup) of
        undefined ->
            none;
        Parent ->
            Child = #{
                id => ?MODULE,
                start => {?MODULE, start_link, []},
                type => supervisor,
                shutdown => infinity
            },
            case supervisor:start_child(Parent, Child) of
                {ok, _} -> ok;
                {error, {already_started, _}} -> ok;
                {error, already_present} -> none
            end
    end.

init([]) ->
    vbeam_hw:system_process(),
    Child = #{id => vbeam_linux_compat, start => {vbeam_linux_compat, start_link, []}},
    {ok, {#{strategy => one_for_one, intensity => 100, period => 10}, [Child]}}.
