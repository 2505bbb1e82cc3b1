%% OTP's own shell on the console: this process starts it with `user` as group leader and ends when
%% it does, so that its supervisor starts the next one. A shell that was left with exit() or that
%% stops reading is replaced here, without a report.
-module(vbeam_shell).
-behaviour(gen_server).
-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    process_flag(trap_exit, true),
    group_leader(whereis(user), self()),
    {ok, start_shell()}.

%% The shell prints its version; there is no ^G menu, which it then does not mention.
start_shell() ->
    Shell = shell:start(true),
    link(Shell),
    Shell.

handle_call(_Request, _From, Shell) ->
    {reply, {error, unknown_request}, Shell}.

handle_cast(_Request, Shell) ->
    {noreply, Shell}.

handle_info({'EXIT', Shell, Reason}, Shell) when Reason =:= normal; Reason =:= terminated ->
    vbeam_boot:phase(<<"shell: ended, starting a new one">>),
    {noreply, start_shell()};
handle_info({'EXIT', Shell, Reason}, Shell) ->
    Text = io_lib:format("shell: died (~0P), its supervisor starts a new one", [Reason, 8]),
    vbeam_boot:phase(Text),
    %% The supervisor's report says the rest.
    {stop, {shutdown, {shell_died, Reason}}, none};
handle_info(_Other, Shell) ->
    {noreply, Shell}.

terminate(_Reason, none) ->
    ok;
terminate(_Reason, Shell) ->
    exit(Shell, kill).
