%% A process that has what open file descriptions share: the bytes of a pipe, a file's handle and
%% offset, a terminal. It knows who holds which of its ends (groups, and processes that carry
%% descriptors, such as sockets) and ends with the last; a request that has to wait keeps it alive.
%% Requests that wait are tried again, in order, after everything that happens; who waits and ends
%% is forgotten, so that no byte goes to the dead. A watcher is told when what it waits for is
%% there; one that stays is told again each time that more has come.
%%
%% What one kind of object does is a module of this behaviour. Answers are {ok, Result} or
%% {error, Reason}: an atom of OTP or one of Linux's numbers (vbeam_linux_errno).
-module(vbeam_linux_server).
-export([start/3, ask/2, wait/3, hold/3, release/3, watch/5, unwatch/3]).
-export([init/5]).

-type answer() :: {ok, term()} | {error, atom() | pos_integer()}.
-type mask() :: non_neg_integer().

-callback init(Arguments :: term()) -> {ok, State :: term()} | {error, atom() | pos_integer()}.
%% `wait`: it is tried again later, perhaps in another form.
-callback request(Request :: term(), State :: term()) ->
    {answer(), State :: term()} | {wait, Request :: term(), State :: term()}.
%% What of poll's events is there at an end, and a number that changes when more has come.
-callback poll(Key :: term(), State :: term()) -> {mask(), Generation :: term()}.
%% Nobody holds this end any more.
-callback released(Key :: term(), State :: term()) -> State :: term().
%% The answer to a request that is given up after a part was done; `none`: nothing was.
-callback given_up(Request :: term(), State :: term()) -> none | answer().
-callback handle_info(Message :: term(), State :: term()) -> State :: term() | stop.
-callback terminate(State :: term()) -> term().
-optional_callbacks([released/2, given_up/2, handle_info/2, terminate/1]).

-record(waiting, {reference, from, monitor, request}).
-record(watcher, {tag, id, pid, monitor, key, events, stays, told = none}).
-record(server, {
    module,
    state,
    %% {Key, Pid} => Monitor
    holders = #{} :: #{{term(), pid()} => reference()},
    waiting = [] :: [#waiting{}],
    watchers = [] :: [#watcher{}]
}).

%% --- what others call ------------------------------------------------------------------------

%% Holders = [{Key, Pid}] as it starts.
-spec start(module(), term(), [{term(), pid()}]) ->
    {ok, pid()} | {error, atom() | pos_integer()}.
start(Module, Arguments, Holders) ->
    {Pid, Monitor} = spawn_monitor(?MODULE, init, [self(), Module, Arguments, Holders, undefined]),
    receive
        {Pid, Answer} ->
            demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, process, _, _} ->
            {error, eio}
    end.

%% A request that does not wait for others.
-spec ask(pid(), term()) -> answer().
ask(Server, Request) ->
    Reference = monitor(process, Server),
    Server ! {ask, self(), Reference, Request},
    receive
        {Reference, Answer} ->
            demonitor(Reference, [flush]),
            Answer;
        {'DOWN', Reference, process, _, _} ->
            {error, eio}
    end.

%% A request that may wait, until a deadline of monotonic nanoseconds, or until a signal comes.
-spec wait(pid(), term(), integer() | infinity) -> answer() | timeout | interrupted.
wait(Server, Request, Deadline) ->
    Reference = monitor(process, Server),
    Server ! {ask, self(), Reference, Request},
    case vbeam_linux_wait:message(Reference, Deadline) of
        {ok, Answer} ->
            demonitor(Reference, [flush]),
            Answer;
        Stopped ->
            given_up(Server, Reference, Stopped)
    end.

%% It may have been served meanwhile: what was done is not lost.
given_up(Server, Reference, Stopped) ->
    Server ! {cancel, self(), Reference},
    receive
        {Reference, cancelled} ->
            demonitor(Reference, [flush]),
            Stopped;
        {Reference, Answer} ->
            demonitor(Reference, [flush]),
            Answer;
        {'DOWN', Reference, process, _, _} ->
            {error, eio}
    end.

-spec hold(pid(), term(), pid()) -> ok | {error, eio}.
hold(Server, Key, Holder) ->
    case ask(Server, {hold, Key, Holder}) of
        {ok, held} -> ok;
        _ -> {error, eio}
    end.

-spec release(pid(), term(), pid()) -> ok.
release(Server, Key, Holder) ->
    Server ! {release, Key, Holder},
    ok.

%% The caller gets {Tag, {Id, Mask}}: once when some of the events are there; with `stays` each time
%% that more has come.
-spec watch(pid(), reference(), {Id :: term(), Key :: term()}, mask(), once | stays) -> ok.
watch(Server, Tag, {Id, Key}, Events, Stays) ->
    Server ! {watch, self(), Tag, Id, Key, Events, Stays},
    ok.

-spec unwatch(pid(), reference(), term()) -> ok.
unwatch(Server, Tag, Id) ->
    Server ! {unwatch, Tag, Id},
    ok.

%% --- the process -----------------------------------------------------------------------------

init(Starter, Module, Arguments, Holders, _) ->
    case Module:init(Arguments) of
        {ok, State} ->
            Held = maps:from_list([{Each, monitor(process, Pid)} || {_, Pid} = Each <- Holders]),
            Starter ! {self(), {ok, self()}},
            loop(#server{module = Module, state = State, holders = Held});
        {error, _} = Error ->
            Starter ! {self(), Error}
    end.

loop(#server{holders = Holders, waiting = [], module = Module, state = State}) when
    map_size(Holders) =:= 0
->
    _ = erlang:function_exported(Module, terminate, 1) andalso Module:terminate(State),
    ok;
loop(#server{} = Server) ->
    receive
        Message ->
            case handle(Message, Server) of
                #server{} = Next -> loop(Next);
                stop -> ok
            end
    end.

handle({ask, From, Reference, {hold, Key, Holder}}, #server{holders = Holders} = Server) ->
    From ! {Reference, {ok, held}},
    case Holders of
        #{{Key, Holder} := _} -> Server;
        _ -> Server#server{holders = Holders#{{Key, Holder} => monitor(process, Holder)}}
    end;
handle({ask, From, Reference, {poll, Key}}, #server{module = Module, state = State} = Server) ->
    {Mask, _} = Module:poll(Key, State),
    From ! {Reference, {ok, Mask}},
    Server;
handle({ask, From, Reference, Request}, #server{module = Module, state = State} = Server) ->
    case Module:request(Request, State) of
        {wait, Later, Next} ->
            Monitor = monitor(process, From),
            Waiting = #waiting{
                reference = Reference, from = From, monitor = Monitor, request = Later
            },
            All = Server#server.waiting ++ [Waiting],
            settled(Server#server{state = Next, waiting = All}, State);
        {Answer, Next} ->
            From ! {Reference, Answer},
            settled(Server#server{state = Next}, State)
    end;
handle({cancel, From, Reference}, #server{waiting = Waiting} = Server) ->
    case lists:keytake(Reference, #waiting.reference, Waiting) of
        {value, #waiting{monitor = Monitor, request = Request}, Rest} ->
            demonitor(Monitor, [flush]),
            From ! {Reference, part_done(Request, Server)},
            Server#server{waiting = Rest};
        false ->
            Server
    end;
handle({release, Key, Holder}, #server{holders = Holders} = Server) ->
    case maps:take({Key, Holder}, Holders) of
        {Monitor, Rest} ->
            demonitor(Monitor, [flush]),
            released(Key, Server#server{holders = Rest});
        error ->
            Server
    end;
handle({watch, Pid, Tag, Id, Key, Events, Stays}, #server{watchers = Watchers} = Server) ->
    Watcher = #watcher{
        tag = Tag, id = Id, pid = Pid, monitor = monitor(process, Pid), key = Key,
        events = Events, stays = Stays
    },
    Server#server{watchers = tell([Watcher], Server) ++ Watchers};
handle({unwatch, Tag, Id}, #server{watchers = Watchers} = Server) ->
    {Gone, Rest} = lists:partition(
        fun(#watcher{tag = T, id = I}) -> T =:= Tag andalso (Id =:= all orelse I =:= Id) end,
        Watchers
    ),
    [demonitor(Monitor, [flush]) || #watcher{monitor = Monitor} <- Gone],
    Server#server{watchers = Rest};
handle({'DOWN', Monitor, process, Pid, _} = Message, #server{} = Server) ->
    #server{waiting = Waiting, watchers = Watchers, holders = Holders} = Server,
    case [Key || {{Key, _}, Each} <- maps:to_list(Holders), Each =:= Monitor] of
        [Key] ->
            released(Key, Server#server{holders = maps:remove({Key, Pid}, Holders)});
        [] ->
            Others = lists:keydelete(Monitor, #waiting.monitor, Waiting),
            Left = lists:keydelete(Monitor, #watcher.monitor, Watchers),
            case {length(Others), length(Left)} =:= {length(Waiting), length(Watchers)} of
                true -> other(Message, Server);
                false -> Server#server{waiting = Others, watchers = Left}
            end
    end;
handle(Message, #server{} = Server) ->
    other(Message, Server).

other(Message, #server{module = Module, state = State} = Server) ->
    case erlang:function_exported(Module, handle_info, 2) of
        true ->
            case Module:handle_info(Message, State) of
                stop -> stop;
                Next -> settled(Server#server{state = Next}, State)
            end;
        false ->
            Server
    end.

part_done(Request, #server{module = Module, state = State}) ->
    case erlang:function_exported(Module, given_up, 2) of
        true ->
            case Module:given_up(Request, State) of
                none -> cancelled;
                Answer -> Answer
            end;
        false ->
            cancelled
    end.

released(Key, #server{module = Module, state = State, holders = Holders} = Server) ->
    Still = lists:any(fun({Held, _}) -> Held =:= Key end, maps:keys(Holders)),
    case not Still andalso erlang:function_exported(Module, released, 2) of
        true -> settled(Server#server{state = Module:released(Key, State)}, State);
        false -> Server
    end.

%% After something has happened: requests that waited, as long as one of them goes on, and watchers.
settled(#server{state = State} = Server, State) ->
    Server;
settled(#server{waiting = Waiting, state = State} = Server, _) ->
    #server{watchers = Watchers} = Next = retried(Waiting, [], Server),
    case Next#server.state =:= State of
        true -> Next#server{watchers = tell(Watchers, Next)};
        false -> settled(Next, State)
    end.

retried([], Still, Server) ->
    Server#server{waiting = lists:reverse(Still)};
retried([#waiting{request = Request} = Each | Rest], Still, Server) ->
    #server{module = Module, state = State} = Server,
    case Module:request(Request, State) of
        {wait, Later, Next} ->
            Waiting = Each#waiting{request = Later},
            retried(Rest, [Waiting | Still], Server#server{state = Next});
        {Answer, Next} ->
            #waiting{from = From, reference = Reference, monitor = Monitor} = Each,
            demonitor(Monitor, [flush]),
            From ! {Reference, Answer},
            retried(Rest, Still, Server#server{state = Next})
    end.

%% Those of the watchers that stay.
tell([], _Server) ->
    [];
tell([#watcher{key = Key, events = Events, told = Told} = Watcher | Rest], Server) ->
    #server{module = Module, state = State} = Server,
    {All, Generation} = Module:poll(Key, State),
    Mask = All band Events,
    case Mask =/= 0 andalso {Mask, Generation} =/= Told of
        true ->
            #watcher{pid = Pid, tag = Tag, id = Id, monitor = Monitor, stays = Stays} = Watcher,
            Pid ! {Tag, {Id, Mask}},
            case Stays of
                stays ->
                    [Watcher#watcher{told = {Mask, Generation}} | tell(Rest, Server)];
                once ->
                    demonitor(Monitor, [flush]),
                    tell(Rest, Server)
            end;
        false ->
            [Watcher#watcher{told = {Mask, Generation}} | tell(Rest, Server)]
    end.
