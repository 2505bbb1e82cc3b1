%% eventfd(2): a counter that is read and written. Keys: counter, semaphore.
-module(vbeam_linux_eventfd).
-behaviour(vbeam_linux_object).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/3]).
-export([read/2, write/2, stat/1]).
-export([init/1, request/2, poll/2]).

-define(MOST, 16#fffffffffffffffe).

%% {Value, how often something was added}
-spec open(non_neg_integer(), counter | semaphore, non_neg_integer()) ->
    vbeam_linux_object:object().
open(Value, Kind, Flags) ->
    {ok, Server} = vbeam_linux_server:start(?MODULE, Value, [{Kind, vbeam_linux_group:process()}]),
    vbeam_linux_object:new(?MODULE, Server, Kind, Flags).

read(_, Count) when Count < 8 ->
    {error, ?EINVAL};
read(#object{server = Server, key = Kind} = Object, _) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    vbeam_linux_server:wait(Server, {read, Kind, Wait}, infinity).

write(_, Bytes) when byte_size(Bytes) < 8 ->
    {error, ?EINVAL};
write(_, <<16#ffffffffffffffff:64, _/binary>>) ->
    {error, ?EINVAL};
write(#object{server = Server} = Object, <<Value:64/little, _/binary>>) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    vbeam_linux_server:wait(Server, {add, Value, Wait}, infinity).

stat(_) -> {ok, vbeam_linux_stat:anonymous(8#600)}.

init(Value) -> {ok, {Value, 0}}.

poll(_, {Value, Added}) ->
    In = case Value of 0 -> 0; _ -> ?POLLIN bor ?POLLRDNORM end,
    Out = case Value < ?MOST of true -> ?POLLOUT bor ?POLLWRNORM; false -> 0 end,
    {In bor Out, Added}.

request({read, _, Wait} = Request, {0, _} = State) ->
    unless(Wait, Request, State);
request({read, counter, _}, {Value, Added}) ->
    {{ok, <<Value:64/little>>}, {0, Added}};
request({read, semaphore, _}, {Value, Added}) ->
    {{ok, <<1:64/little>>}, {Value - 1, Added}};
request({add, More, _}, {Value, Added}) when Value + More =< ?MOST ->
    {{ok, 8}, {Value + More, Added + 1}};
request({add, _, Wait} = Request, State) ->
    unless(Wait, Request, State).

unless(true, Request, State) -> {wait, Request, State};
unless(false, _, State) -> {{error, ?EAGAIN}, State}.
