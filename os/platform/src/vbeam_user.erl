%% The registered process `user` of a system with a shell (option -user of OTP's user_sup). OTP has
%% the group process of user_drv here, and with user_drv both end, for example by a tab behind ^G,
%% which it does not expect. Then group leaders of applications lead nowhere, who prints through
%% them waits for ever, and no shell is left. This process stays: it is a driver towards a group
%% process, and a group process towards user_drv, passes messages on, and starts again which of both
%% has ended.
%%
%% What passes: group.erl and user_drv.erl, between which nothing is documented. Requests of the
%% group are {Group, Request} and {Group, Operation, Argument}, answers {Driver, ...} and, to a
%% put_chars_sync, {reply, Reply}.
-module(vbeam_user).
-export([start/0, run/1]).

%% Before a user_drv that has ended is started again.
-define(PAUSE_MS, 100).

-record(state, {
    group :: pid(),
    driver = none :: none | pid(),
    %% Replies that a driver owes.
    owed = [] :: [Reply :: term()]
}).

%% Start it, and wait until it goes by its name.
-spec start() -> pid().
start() ->
    Starter = self(),
    Pid = spawn(?MODULE, run, [Starter]),
    Monitor = erlang:monitor(process, Pid),
    receive
        {Pid, started} -> erlang:demonitor(Monitor, [flush]);
        {'DOWN', Monitor, process, _, _} -> ok
    end,
    Pid.

-spec run(Starter :: pid()) -> no_return().
run(Starter) ->
    process_flag(trap_exit, true),
    true = register(user, self()),
    Starter ! {self(), started},
    serve(drive(#state{group = group()})).

group() ->
    group:start(self(), {}).

%% The first shell of a system for Linux programs is busybox's, in place of OTP's.
start_driver() ->
    case init:get_argument(vbeam_linux_shell) of
        {ok, _} -> user_drv:start('tty_sl -c -e', {vbeam_linux, first_shell, []});
        error -> user_drv:start()
    end.

%% group:interfaces/1 looks for the driver in the dictionary.
drive(State) ->
    Driver = start_driver(),
    true = link(Driver),
    put(user_drv, Driver),
    State#state{driver = Driver}.

serve(State) ->
    receive
        Message -> serve(handle(Message, State))
    end.

handle({io_request, _, _, _} = Request, #state{group = Group} = State) ->
    Group ! Request,
    State;
handle({'EXIT', Driver, _}, #state{driver = Driver, owed = Owed, group = Group} = State) ->
    _ = [Group ! {reply, Reply} || Reply <- lists:reverse(Owed)],
    _ = erlang:send_after(?PAUSE_MS, self(), drive),
    State#state{driver = none, owed = []};
handle(drive, #state{driver = none} = State) ->
    drive(State);
handle({'EXIT', Group, _}, #state{group = Group} = State) ->
    State#state{group = group(), owed = []};
%% A supervisor's wish.
handle({'EXIT', _, shutdown}, _State) ->
    exit(shutdown);
handle({reply, Reply}, #state{group = Group, owed = Owed} = State) ->
    Group ! {reply, Reply},
    State#state{owed = lists:delete(Reply, Owed)};
handle({driver_id, From}, #state{driver = Driver} = State) when is_pid(From) ->
    From ! {self(), driver_id, Driver},
    State;
handle(Message, #state{group = Group} = State) when element(1, Message) =:= Group ->
    request(Message, State);
handle(Message, #state{driver = Driver, group = Group} = State) when
    element(1, Message) =:= Driver
->
    Group ! setelement(1, Message, self()),
    State;
handle(_Other, State) ->
    State.

%% Of the group. Without a driver text goes to the console as it is.
request({_, {put_chars, unicode, Text}}, #state{driver = none} = State) ->
    print(Text),
    State;
request({_, {put_chars_sync, unicode, Text, Reply}}, #state{driver = none} = State) ->
    print(Text),
    State#state.group ! {reply, Reply},
    State;
request({_, {put_chars_sync, _, _, Reply}} = Message, #state{owed = Owed} = State) ->
    pass(Message, State#state{owed = [Reply | Owed]});
request(Message, State) ->
    pass(Message, State).

pass(Message, #state{driver = Driver} = State) ->
    _ = is_pid(Driver) andalso (Driver ! setelement(1, Message, self())),
    State.

print(Text) ->
    case unicode:characters_to_binary(Text) of
        Bytes when is_binary(Bytes) -> vbeam_console:write(Bytes);
        _ -> ok
    end.
