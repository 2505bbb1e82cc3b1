%% signalfd(2): signals that are pending for the calling thread are read. Key: {signals, Cell},
%% where the cell has the set, which a second call can change.
-module(vbeam_linux_signalfd).
-behaviour(vbeam_linux_object).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([create/4, await/1, awaited/1]).
-export([read/2, poll/1, stat/1]).

-define(BYTES, 128).
%% SIGKILL and SIGSTOP are never in a set.
-define(NEVER, ((1 bsl 8) bor (1 bsl 18))).

-spec create(integer(), non_neg_integer(), non_neg_integer(), integer()) -> non_neg_integer().
create(Fd, Pointer, 8, Flags) when Flags band bnot (?O_CLOEXEC bor ?O_NONBLOCK) =:= 0 ->
    Set = vbeam_linux_memory:read_u64(Pointer) band bnot ?NEVER,
    case Fd of
        -1 ->
            Cell = atomics:new(1, [{signed, false}]),
            ok = atomics:put(Cell, 1, Set),
            Object = vbeam_linux_object:new(
                ?MODULE, {signals, Cell}, Flags band ?O_NONBLOCK bor ?O_RDWR
            ),
            vbeam_linux_descriptors:open(Object, Flags);
        _ ->
            case vbeam_linux_descriptors:find(Fd) of
                #object{module = ?MODULE, key = {signals, Cell}} ->
                    ok = atomics:put(Cell, 1, Set),
                    Fd;
                _ ->
                    throw({errno, ?EINVAL})
            end
    end;
create(_, _, _, _) ->
    throw({errno, ?EINVAL}).

set(#object{key = {signals, Cell}}) -> atomics:get(Cell, 1).

read(_, Count) when Count < ?BYTES ->
    {error, ?EINVAL};
read(Object, Count) ->
    read(Object, Count div ?BYTES, not vbeam_linux_object:is_nonblocking(Object)).

read(Object, Count, Wait) ->
    case taken(set(Object), Count) of
        [] when Wait ->
            ok = await([Object]),
            Result = vbeam_linux_wait:until(infinity),
            ok = awaited([Object]),
            case {Result, taken(set(Object), Count)} of
                {interrupted, []} -> interrupted;
                {_, Taken} -> {ok, iolist_to_binary(Taken)}
            end;
        [] ->
            {error, ?EAGAIN};
        Taken ->
            {ok, iolist_to_binary(Taken)}
    end.

taken(_, 0) ->
    [];
taken(Set, Count) ->
    Table = vbeam_linux_group:table(),
    case vbeam_linux_signal:take(Table, vbeam_linux_thread:number(), Set) of
        none -> [];
        {Signal, Information} -> [information(Signal, Information) | taken(Set, Count - 1)]
    end.

%% struct signalfd_siginfo, of which the parts that kill, timers and children fill are told: ssi_pid
%% and ssi_uid stand first behind the three common fields, ssi_status behind them.
information(Signal, {Code, Rest}) ->
    <<First:32/little, Second:32/little, Third:32/little, _/binary>> =
        <<Rest/binary, 0:96>>,
    <<Signal:32/little, 0:32, Code:32/little, First:32/little, Second:32/little, 0:32, 0:32, 0:32,
        0:32, 0:32, Third:32/little, Third:32/little, (Third):64/little, 0:64, 0:64, 0:64,
        0:(46 * 8), 0:16>>.

poll(Object) ->
    Table = vbeam_linux_group:table(),
    case vbeam_linux_signal:pending(Table, vbeam_linux_thread:number()) band set(Object) of
        0 -> 0;
        _ -> ?POLLIN bor ?POLLRDNORM
    end.

stat(_) -> {ok, vbeam_linux_stat:anonymous(8#600)}.

%% The calling thread is to be woken by the signals of these objects, though it blocks them.
-spec await([vbeam_linux_object:object()]) -> ok.
await(Objects) ->
    case sets(Objects) of
        0 -> ok;
        Set -> awaiting(Set)
    end.

-spec awaited([vbeam_linux_object:object()]) -> ok.
awaited(Objects) ->
    case sets(Objects) of
        0 -> ok;
        _ -> awaiting(0)
    end.

sets(Objects) ->
    lists:foldl(fun(Each, Set) -> set(Each) bor Set end, 0, [
        Object
     || #object{module = ?MODULE} = Object <- Objects
    ]).

awaiting(Set) ->
    vbeam_linux_signal:awaiting(vbeam_linux_group:table(), vbeam_linux_thread:number(), Set).
