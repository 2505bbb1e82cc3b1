%% epoll(7): a list of descriptors with the events that a program wants to know of. Its process
%% watches their objects; what has become ready waits in order. One that is told once for all that
%% comes (EPOLLET) is told again when more has come; the others as long as they are ready.
-module(vbeam_linux_epoll).
-behaviour(vbeam_linux_object).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/1, control/4, wait/4]).
-export([stat/1]).
-export([init/1, request/2, poll/2, handle_info/2]).

-define(ADD, 1).
-define(DELETE, 2).
-define(MODIFY, 3).
-define(ONESHOT, (1 bsl 30)).
-define(EDGE, (1 bsl 31)).
-define(EXCLUSIVE, (1 bsl 28)).
-define(ALWAYS, (?POLLERR bor ?POLLHUP)).
-define(DEPTH_MAX, 5).

%% Interests: #{{Fd, Object} => {Number, Events, Data}}; numbers of those that may be ready, in
%% order.
-record(epoll, {
    tag = make_ref(),
    interests = #{},
    numbers = #{},
    ready = [],
    next = 1,
    told = 0
}).

%% --- in the thread that calls ------------------------------------------------------------------

-spec open(non_neg_integer()) -> vbeam_linux_object:object().
open(Flags) ->
    {ok, Server} = vbeam_linux_server:start(?MODULE, [], [{epoll, vbeam_linux_group:process()}]),
    vbeam_linux_object:new(?MODULE, Server, epoll, Flags).

-spec control(vbeam_linux_object:object(), integer(), integer(), non_neg_integer()) -> 0.
control(#object{module = ?MODULE, server = Server} = Epoll, Operation, Fd, Pointer) ->
    Object = vbeam_linux_descriptors:find(Fd),
    _ = Object#object.server =:= Server andalso throw({errno, ?EINVAL}),
    ok = can_be_watched(Object),
    Event =
        case Operation of
            ?DELETE ->
                none;
            _ ->
                <<Events:32/little, Data:64/little>> = vbeam_linux_memory:read(Pointer, 12),
                {Events, Data}
        end,
    _ = Operation =:= ?ADD andalso no_loop(Epoll, Object, ?DEPTH_MAX),
    vbeam_linux_object:done(vbeam_linux_server:ask(Server, {Operation, {Fd, Object}, Event}));
control(_, _, Fd, _) ->
    _ = vbeam_linux_descriptors:find(Fd),
    throw({errno, ?EINVAL}).

%% Files and folders are always ready, so Linux refuses them.
can_be_watched(#object{server = none, module = Module}) when Module =/= vbeam_linux_signalfd ->
    throw({errno, ?EPERM});
can_be_watched(#object{module = Module}) when
    Module =:= vbeam_linux_file; Module =:= vbeam_linux_folder; Module =:= vbeam_linux_text
->
    throw({errno, ?EPERM});
can_be_watched(_) ->
    ok.

no_loop(_, _, 0) ->
    throw({errno, ?ELOOP});
no_loop(#object{server = Server}, #object{module = ?MODULE, server = Server}, _) ->
    throw({errno, ?ELOOP});
no_loop(Epoll, #object{module = ?MODULE, server = Inner}, Depth) ->
    {ok, Objects} = vbeam_linux_server:ask(Inner, objects),
    lists:foreach(fun(Object) -> no_loop(Epoll, Object, Depth - 1) end, Objects);
no_loop(_, _, _) ->
    ok.

-spec wait(vbeam_linux_object:object(), non_neg_integer(), integer(), term()) ->
    non_neg_integer().
wait(_, _, Most, _) when Most =< 0 ->
    throw({errno, ?EINVAL});
wait(#object{module = ?MODULE, server = Server} = Epoll, Pointer, Most, Deadline) ->
    Request = {wait, Most, vbeam_linux_group:table(), Deadline =/= now},
    Until = case Deadline of now -> infinity; _ -> Deadline end,
    case vbeam_linux_server:wait(Server, Request, Until) of
        {ok, Events} ->
            Bytes = [<<Mask:32/little, Data:64/little>> || {Mask, Data} <- Events],
            ok = vbeam_linux_memory:write(Pointer, Bytes),
            length(Events);
        timeout ->
            0;
        interrupted ->
            _ = Epoll,
            throw({errno, ?EINTR})
    end;
wait(_, _, _, _) ->
    throw({errno, ?EINVAL}).

stat(_) -> {ok, vbeam_linux_stat:anonymous(8#600)}.

%% --- in its process ----------------------------------------------------------------------------

init([]) -> {ok, #epoll{}}.

poll(_, #epoll{told = Told} = Epoll) ->
    case ready(Epoll#epoll.ready, 1, [], Epoll) of
        {[], _} -> {0, Told};
        _ -> {?POLLIN bor ?POLLRDNORM, Told}
    end.

request({?ADD, Key, {Events, Data}}, #epoll{interests = Interests} = Epoll) ->
    case Interests of
        #{Key := _} -> {{error, ?EEXIST}, Epoll};
        _ -> {{ok, 0}, added(Key, Events, Data, Epoll)}
    end;
request({?MODIFY, Key, {Events, Data}}, #epoll{interests = Interests} = Epoll) ->
    case Interests of
        #{Key := {_, Before, _}} when (Before bor Events) band ?EXCLUSIVE =/= 0 ->
            {{error, ?EINVAL}, Epoll};
        #{Key := _} ->
            {{ok, 0}, added(Key, Events, Data, removed(Key, Epoll))};
        _ ->
            {{error, ?ENOENT}, Epoll}
    end;
request({?DELETE, Key, _}, #epoll{interests = Interests} = Epoll) ->
    case Interests of
        #{Key := _} -> {{ok, 0}, removed(Key, Epoll)};
        _ -> {{error, ?ENOENT}, Epoll}
    end;
request(objects, #epoll{interests = Interests} = Epoll) ->
    {{ok, [Object || {_, Object} <- maps:keys(Interests)]}, Epoll};
request({wait, Most, Table, Wait} = Request, Epoll) ->
    Clean = without_closed(Table, Epoll),
    case ready(Clean#epoll.ready, Most, [], Clean) of
        {[], Next} when Wait -> {wait, Request, Next};
        {Events, Next} -> {{ok, Events}, Next}
    end;
request(_, Epoll) ->
    {{error, ?EINVAL}, Epoll}.

added({_, #object{server = Server, key = Key}} = Interest, Events, Data, Epoll) ->
    #epoll{tag = Tag, next = Number, interests = Interests, numbers = Numbers} = Epoll,
    Watched = Events band 16#ffff bor ?ALWAYS,
    _ = Server =/= none andalso
        vbeam_linux_server:watch(Server, Tag, {Number, Key}, Watched, stays),
    Epoll#epoll{
        next = Number + 1,
        interests = Interests#{Interest => {Number, Events, Data}},
        numbers = Numbers#{Number => Interest}
    }.

removed({_, #object{server = Server}} = Interest, Epoll) ->
    #epoll{tag = Tag, interests = Interests, numbers = Numbers, ready = Ready} = Epoll,
    {{Number, _, _}, Rest} = maps:take(Interest, Interests),
    _ = Server =/= none andalso vbeam_linux_server:unwatch(Server, Tag, Number),
    Epoll#epoll{
        interests = Rest, numbers = maps:remove(Number, Numbers),
        ready = lists:delete(Number, Ready)
    }.

%% What the group has closed is not watched any more.
without_closed(Table, #epoll{ready = Ready, numbers = Numbers} = Epoll) ->
    Closed = [
        Interest
     || Number <- Ready, {_, Object} = Interest <- [maps:get(Number, Numbers)],
        not is_held(Table, Object)
    ],
    lists:foldl(fun removed/2, Epoll, Closed).

is_held(Table, Object) ->
    try
        ets:member(Table, {held, Object})
    catch
        error:badarg -> true
    end.

%% Events of those that are ready, {Mask, Data}; what stays ready comes behind the others next time.
ready(Numbers, Most, Events, Epoll) -> ready(Numbers, Most, Events, [], Epoll).

ready([], _, Events, Again, Epoll) ->
    {lists:reverse(Events), Epoll#epoll{ready = lists:reverse(Again)}};
ready(Rest, 0, Events, Again, Epoll) ->
    {lists:reverse(Events), Epoll#epoll{ready = Rest ++ lists:reverse(Again)}};
ready([Number | Rest], Most, Events, Again, #epoll{numbers = Numbers} = Epoll) ->
    #{Number := {_, Object} = Interest} = Numbers,
    #epoll{interests = #{Interest := {_, Wanted, Data}} = Interests} = Epoll,
    case polled(Object, Wanted) of
        0 ->
            ready(Rest, Most, Events, Again, Epoll);
        Mask when Wanted band ?ONESHOT =/= 0 ->
            %% Nothing more until it is modified.
            Done = Interests#{Interest := {Number, Wanted band ?ONESHOT, Data}},
            Next = Epoll#epoll{interests = Done},
            ready(Rest, Most - 1, [{Mask, Data} | Events], Again, Next);
        Mask when Wanted band ?EDGE =/= 0 ->
            ready(Rest, Most - 1, [{Mask, Data} | Events], Again, Epoll);
        Mask ->
            ready(Rest, Most - 1, [{Mask, Data} | Events], [Number | Again], Epoll)
    end.

%% One that was told once has no events left, not even those that are always wanted.
polled(_, ?ONESHOT) -> 0;
polled(Object, Wanted) -> vbeam_linux_object:poll(Object, Wanted band 16#ffff).

handle_info({Tag, {Number, _}}, #epoll{tag = Tag, numbers = Numbers} = Epoll) ->
    #epoll{ready = Ready, told = Told} = Epoll,
    case is_map_key(Number, Numbers) of
        false -> Epoll;
        true ->
            case lists:member(Number, Ready) of
                true -> Epoll#epoll{told = Told + 1};
                false -> Epoll#epoll{ready = Ready ++ [Number], told = Told + 1}
            end
    end;
handle_info(_, Epoll) ->
    Epoll.
