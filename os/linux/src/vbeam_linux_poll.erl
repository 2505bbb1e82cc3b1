%% Waiting for any of several objects: what poll(2), select(2) and epoll(7) are made of. First all
%% are asked; only when nothing is there do their processes tell when something is.
-module(vbeam_linux_poll).
-include("vbeam_linux_object.hrl").
-export([now/1, wait/2]).
-compile({no_auto_import, [now/1]}).

-define(ALWAYS, (?POLLERR bor ?POLLHUP)).

-type entry() :: {Id :: term(), vbeam_linux_object:object(), Events :: non_neg_integer()}.
-type found() :: [{Id :: term(), Mask :: pos_integer()}].

%% What is there.
-spec now([entry()]) -> found().
now(Entries) ->
    [
        {Id, Mask}
     || {Id, Object, Events} <- Entries, Mask <- [vbeam_linux_object:poll(Object, Events)],
        Mask =/= 0
    ].

-spec wait([entry()], vbeam_linux_wait:deadline()) -> found() | interrupted.
wait(Entries, Deadline) ->
    case now(Entries) of
        [] when Deadline =:= now -> [];
        [] -> watched(Entries, Deadline);
        Found -> Found
    end.

watched(Entries, Deadline) ->
    Tag = make_ref(),
    ok = vbeam_linux_signalfd:await([Object || {_, Object, _} <- Entries]),
    Servers = [
        begin
            Watched = {Id, Object#object.key},
            ok = vbeam_linux_server:watch(Server, Tag, Watched, Events bor ?ALWAYS, once),
            Server
        end
     || {Id, #object{server = Server} = Object, Events} <- Entries, Server =/= none
    ],
    Result = vbeam_linux_wait:message(Tag, Deadline),
    lists:foreach(
        fun(Server) -> vbeam_linux_server:unwatch(Server, Tag, all) end,
        lists:usort(Servers)
    ),
    ok = vbeam_linux_signalfd:awaited([Object || {_, Object, _} <- Entries]),
    case {Result, now(Entries)} of
        {_, [_ | _] = Found} ->
            forget(Tag),
            Found;
        {timeout, []} ->
            forget(Tag),
            [];
        {interrupted, []} ->
            forget(Tag),
            interrupted;
        {{ok, _}, []} ->
            %% Somebody else took it.
            forget(Tag),
            watched(Entries, Deadline)
    end.

%% What comes after the end of waiting is dropped here or, later, by whoever receives next.
forget(Tag) ->
    receive
        {Tag, _} -> forget(Tag)
    after 0 -> ok
    end.
