%% Looks after OTP's `user`. Its supervisor is a temporary child of kernel's, so when it has ended
%% (vbeam_user says when), OTP never starts it again. Here that would leave a machine that nobody
%% reaches, so it is started again, in the place that kernel gave it. Application masters still
%% refer to the one before: what prints through them waits for ever, as in OTP.
-module(vbeam_shell).
-behaviour(gen_server).
-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(LOOK_MS, 250).
-define(TRIES, 40).

%% What is watched, if it is there.
-record(state, {watched = none :: none | {pid(), reference()}}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% The services start before OTP's kernel: there is no user yet, unless this process was restarted.
init([]) ->
    vbeam_hw:system_process(),
    vbeam_boot:phase(<<"child vbeam_shell: started">>),
    {ok, look(#state{})}.

handle_call(_Request, _From, State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

handle_info({'DOWN', Monitor, process, User, _}, #state{watched = {User, Monitor}} = State) ->
    %% One that ended alone has a successor at once: user_drv sees to that.
    _ = erlang:send_after(?LOOK_MS, self(), {start, User, ?TRIES}),
    {noreply, State#state{watched = none}};
handle_info({start, Old, Tries}, #state{watched = none} = State) ->
    %% Nothing is started while the system stops, or starts anew.
    case init:get_status() =:= {started, started} andalso whereis(user) =:= undefined of
        true -> start(Old, Tries);
        false -> ok
    end,
    {noreply, look(State)};
handle_info(look, #state{watched = none} = State) ->
    {noreply, look(State)};
handle_info(_Other, State) ->
    {noreply, State}.

look(State) ->
    case whereis(user) of
        undefined ->
            _ = erlang:send_after(?LOOK_MS, self(), look),
            State;
        User ->
            State#state{watched = {User, erlang:monitor(process, User)}}
    end.

%% The one before takes a second to end.
start(Old, Tries) ->
    Child = #{
        id => user,
        start => {user_sup, start, []},
        restart => temporary,
        shutdown => 2000,
        type => supervisor,
        modules => [user_sup]
    },
    try supervisor:start_child(kernel_sup, Child) of
        {ok, _} -> lead(Old, whereis(user));
        {error, Reason} -> failed(Reason, Old, Tries)
    catch
        exit:Reason -> failed(Reason, Old, Tries)
    end.

failed(Reason, _Old, 0) ->
    vbeam_boot:phase(io_lib:format("user does not start: ~0p", [Reason]));
failed(_Reason, Old, Tries) ->
    _ = erlang:send_after(?LOOK_MS, self(), {start, Old, Tries - 1}),
    ok.

%% Processes that printed through the old one print through the new one.
lead(Old, New) when is_pid(New) ->
    vbeam_boot:phase(<<"user had ended: there is a new one">>),
    _ = [
        catch group_leader(New, Pid)
     || Pid <- processes(), process_info(Pid, group_leader) =:= {group_leader, Old}
    ],
    ok;
lead(_, undefined) ->
    ok.
