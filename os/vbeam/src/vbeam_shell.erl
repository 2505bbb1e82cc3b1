%% Brings OTP's terminal back: the processes user and user_drv, from which shells and the output of
%% programs hang. The supervisor of `user` is a temporary child of kernel's, so when it has ended,
%% OTP never starts it again; when user_drv loses its port, or is left without a shell, nobody would
%% read what is typed any more. They are started again in the place that kernel gave them.
%%
%% A shell that starts anew has no bindings. Application masters still refer to the `user` before:
%% what prints through them waits for ever, as in OTP; others print through the new one.
-module(vbeam_shell).
-behaviour(gen_server).
-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% OTP's processes start long after this one.
-define(PERIOD_MS, 2000).
-define(RETRY_MS, 20).
%% user_drv starts a shell again by itself, but not always.
-define(SUCCESSOR_MS, 200).

-record(state, {
    %% By which an end is noticed, and the timer of the next look.
    monitors = [] :: [reference()],
    timer :: reference() | undefined,
    %% A shell that had no successor at the last look.
    ended = none :: pid() | none,
    %% user_drv and user at the last look.
    pair = {undefined, undefined} :: {pid() | undefined, pid() | undefined},
    %% The last `user` that there was.
    former = none :: pid() | none
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    vbeam_hw:system_process(),
    vbeam_boot:phase(<<"child vbeam_shell: started">>),
    {ok, look(#state{})}.

handle_call(_Request, _From, State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

handle_info({'DOWN', Monitor, _, _, _}, #state{monitors = Monitors} = State) ->
    case lists:member(Monitor, Monitors) of
        true -> {noreply, again(State)};
        false -> {noreply, State}
    end;
handle_info({timeout, Timer, look}, #state{timer = Timer} = State) ->
    {noreply, again(State)};
%% What was known of the timer is spoilt: the next incarnation looks again.
handle_info({timeout, _, look}, #state{timer = Timer} = State) when not is_reference(Timer) ->
    {stop, timer_lost, State};
handle_info(_Message, #state{} = State) ->
    {noreply, State}.

again(#state{monitors = Monitors, timer = Timer} = State) ->
    _ = [demonitor(Monitor, [flush]) || Monitor <- Monitors],
    _ = erlang:cancel_timer(Timer),
    look(State).

look(#state{ended = Before, former = Former} = State) ->
    Wait =
        case is_running() andalso terminal(State#state.pair) of
            {ended, Group} when Group =/= Before -> {?SUCCESSOR_MS, Group};
            {ended, _} -> mend(whereis(user_drv));
            {broken, Pid} -> mend(Pid);
            gone -> start();
            ok -> {?PERIOD_MS, none};
            false -> {?SUCCESSOR_MS, none}
        end,
    watch(Wait, lead(Former, whereis(user))).

mend(Pid) ->
    exit(Pid, kill),
    {?RETRY_MS, none}.

%% Not while the system starts, or stops; and without what opens ports there is no terminal.
is_running() ->
    Needed = [init, vbeam_port_server, vbeam_port_driver_sup],
    lists:all(fun(Name) -> is_pid(whereis(Name)) end, Needed) andalso
        element(1, init:get_status()) =:= started.

%% When user_drv starts another `user`, it puts it in the place of its shell (OTP 25 takes it for
%% group 1), which ^C does not reach then. vbeam_user starts user_drv again itself; a `user` of a
%% system without a shell has the port.
terminal({Before, User}) ->
    case {whereis(user_drv), whereis(user)} of
        {undefined, undefined} -> gone;
        {Before, Other} when is_pid(Before), is_pid(User), Other =/= User -> {broken, Before};
        {undefined, Other} -> alone(Other);
        {Driver, Other} -> together(Driver, Other)
    end.

alone(User) ->
    case starts_as(User) of
        vbeam_user -> false;
        _ -> with_port(User)
    end.

%% This process may not have been there when user_drv started a `user`.
together(Driver, User) when is_pid(User) ->
    case starts_as(User) of
        group -> {broken, Driver};
        _ -> with_shell(Driver, with_port(Driver))
    end;
together(Driver, undefined) ->
    with_shell(Driver, with_port(Driver)).

%% The module that a process began in.
starts_as(Pid) ->
    case process_info(Pid, initial_call) of
        {initial_call, {Module, _, _}} -> Module;
        undefined -> none
    end.

%% Somebody who is in the menu of ^G starts a shell there.
with_shell(Driver, ok) ->
    case {user_drv:interfaces(Driver), process_info(Driver, current_function)} of
        {[{current_group, Group}], {current_function, {user_drv, server_loop, _}}} ->
            case is_process_alive(Group) of
                true -> ok;
                false -> {ended, Group}
            end;
        _ ->
            ok
    end;
with_shell(_, Broken) ->
    Broken.

with_port(Pid) ->
    case process_info(Pid, links) of
        {links, Links} ->
            case lists:any(fun is_port/1, Links) of
                true -> ok;
                false -> {broken, Pid}
            end;
        undefined ->
            gone
    end.

%% How long to wait for what comes of it.
start() ->
    try
        Children = supervisor:which_children(kernel_sup),
        _ = [exit(Pid, kill) || {user, Pid, _, _} <- Children, is_pid(Pid)],
        supervisor:start_child(kernel_sup, #{
            id => user,
            start => {user_sup, start, []},
            restart => temporary,
            shutdown => 2000,
            type => supervisor,
            modules => [user_sup]
        })
    of
        %% The system was started without them.
        {ok, undefined} -> {?PERIOD_MS, none};
        _ -> {?RETRY_MS, none}
    catch
        exit:_ -> {?RETRY_MS, none}
    end.

%% Processes that printed through the one before print through the new one.
lead(Former, undefined) ->
    Former;
lead(Former, New) ->
    _ = [
        catch group_leader(New, Pid)
     || Former =/= New, Pid <- processes(),
        process_info(Pid, group_leader) =:= {group_leader, Former}
    ],
    New.

watch({Milliseconds, Ended}, Former) ->
    Names = [Pid || Name <- [user_drv, user], Pid <- [whereis(Name)], is_pid(Pid)],
    Groups = [Group || Pid <- Names, {current_group, Group} <- user_drv:interfaces(Pid)],
    Processes = Names ++ [Group || Group <- Groups, is_process_alive(Group)],
    Ports = [Port || Pid <- Processes, Port <- ports(Pid)],
    Monitors =
        [monitor(process, Pid) || Pid <- Processes] ++ [monitor(port, Port) || Port <- Ports],
    #state{
        monitors = Monitors,
        timer = erlang:start_timer(Milliseconds, self(), look),
        ended = Ended,
        pair = {whereis(user_drv), whereis(user)},
        former = Former
    }.

ports(Pid) ->
    case process_info(Pid, links) of
        {links, Links} -> [Port || Port <- Links, is_port(Port)];
        undefined -> []
    end.
