%% System calls that wait for any of several descriptors. Man pages of section 2 by the names of the
%% functions.
-module(vbeam_linux_sys_poll).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([poll/3, ppoll/5, select/5, pselect6/6]).
-export([epoll_create/1, epoll_create1/1, epoll_ctl/4, epoll_wait/4, epoll_pwait/6]).
-export([epoll_pwait2/6]).

-define(READABLE, (?POLLRDNORM bor ?POLLRDBAND bor ?POLLIN bor ?POLLHUP bor ?POLLERR)).
-define(WRITABLE, (?POLLWRBAND bor ?POLLWRNORM bor ?POLLOUT bor ?POLLERR)).

%% --- poll --------------------------------------------------------------------------------------

poll(Pointer, Count, Milliseconds) ->
    polled(Pointer, Count, milliseconds(Milliseconds)).

milliseconds(Negative) when Negative < 0 -> infinity;
milliseconds(0) -> now;
milliseconds(Milliseconds) -> vbeam_linux_wait:deadline(Milliseconds * 1000000).

ppoll(Pointer, Count, TimePointer, MaskPointer, MaskBytes) ->
    Deadline = deadline(TimePointer),
    Answer = with_mask(MaskPointer, MaskBytes, fun() -> polled(Pointer, Count, Deadline) end),
    ok = time_left(TimePointer, Deadline),
    Answer.

%% Of a struct timespec.
deadline(0) ->
    infinity;
deadline(Pointer) ->
    case vbeam_linux_clock:read_timespec(Pointer) of
        0 -> now;
        Nanoseconds -> vbeam_linux_wait:deadline(Nanoseconds)
    end.

time_left(_, Deadline) when Deadline =:= infinity; Deadline =:= now ->
    ok;
time_left(Pointer, Deadline) ->
    Left = max(0, Deadline - vbeam_linux_wait:now()),
    vbeam_linux_memory:write(Pointer, vbeam_linux_clock:timespec(Left)).

with_mask(0, _, Function) ->
    Function();
with_mask(Pointer, 8, Function) ->
    vbeam_linux_thread:with_mask(vbeam_linux_memory:read_u64(Pointer), Function);
with_mask(_, _, _) ->
    throw({errno, ?EINVAL}).

%% struct pollfd: fd, events and revents. Negative descriptors are passed over.
polled(Pointer, Count, Deadline) ->
    {Most, _} = vbeam_linux_limits:get(nofile, vbeam_linux_group:get(limits, #{})),
    _ = Count =< Most orelse throw({errno, ?EINVAL}),
    Bytes = vbeam_linux_memory:read(Pointer, Count * 8),
    Asked = [{Fd, Events} || <<Fd:32/little-signed, Events:16/little, _:16>> <= Bytes],
    {Entries, Bad} = entries(Asked, 0, [], []),
    Found =
        case Bad of
            [] -> found(Entries, Deadline);
            _ -> Bad ++ vbeam_linux_poll:now(Entries)
        end,
    Masks = maps:from_list(Found),
    Answer = [
        <<Fd:32/little, Events:16/little, (maps:get(Index, Masks, 0)):16/little>>
     || {Index, {Fd, Events}} <- enumerated(Asked)
    ],
    ok = vbeam_linux_memory:write(Pointer, Answer),
    length(Found).

found(Entries, Deadline) ->
    case vbeam_linux_poll:wait(Entries, Deadline) of
        interrupted -> throw({errno, ?EINTR});
        Found -> Found
    end.

enumerated(List) -> lists:zip(lists:seq(0, length(List) - 1), List).

entries([], _, Entries, Bad) ->
    {lists:reverse(Entries), Bad};
entries([{Fd, _} | Rest], Index, Entries, Bad) when Fd < 0 ->
    entries(Rest, Index + 1, Entries, Bad);
entries([{Fd, Events} | Rest], Index, Entries, Bad) ->
    case vbeam_linux_descriptors:find_in(vbeam_linux_group:table(), Fd) of
        {ok, Object} -> entries(Rest, Index + 1, [{Index, Object, Events} | Entries], Bad);
        error -> entries(Rest, Index + 1, Entries, [{Index, ?POLLNVAL} | Bad])
    end.

%% --- select ------------------------------------------------------------------------------------

select(Count, Read, Write, Except, TimePointer) ->
    Deadline =
        case TimePointer of
            0 -> infinity;
            _ ->
                case vbeam_linux_clock:read_timeval(TimePointer) of
                    0 -> now;
                    Nanoseconds -> vbeam_linux_wait:deadline(Nanoseconds)
                end
        end,
    Answer = selected(Count, {Read, Write, Except}, Deadline),
    _ = is_integer(Deadline) andalso
        vbeam_linux_memory:write(
            TimePointer,
            vbeam_linux_clock:timeval(max(0, Deadline - vbeam_linux_wait:now()))
        ),
    Answer.

%% The last argument points to a pointer to the mask, and its size.
pselect6(Count, Read, Write, Except, TimePointer, Six) ->
    Deadline = deadline(TimePointer),
    {MaskPointer, MaskBytes} =
        case Six of
            0 ->
                {0, 8};
            _ ->
                <<At:64/little, Bytes:64/little>> = vbeam_linux_memory:read(Six, 16),
                {At, Bytes}
        end,
    Select = fun() -> selected(Count, {Read, Write, Except}, Deadline) end,
    Answer = with_mask(MaskPointer, MaskBytes, Select),
    ok = time_left(TimePointer, Deadline),
    Answer.

selected(Count, _, _) when Count < 0 ->
    throw({errno, ?EINVAL});
selected(Asked, {ReadAt, WriteAt, ExceptAt}, Deadline) ->
    {Most, _} = vbeam_linux_limits:get(nofile, vbeam_linux_group:get(limits, #{})),
    Count = min(Asked, Most),
    Bytes = (Count + 63) div 64 * 8,
    Sets = [
        {members(ReadAt, Bytes, Count), ?READABLE, ?POLLIN bor ?POLLRDNORM bor ?POLLRDBAND},
        {members(WriteAt, Bytes, Count), ?WRITABLE, ?POLLOUT bor ?POLLWRNORM bor ?POLLWRBAND},
        {members(ExceptAt, Bytes, Count), ?POLLPRI, ?POLLPRI}
    ],
    All = lists:usort(lists:append([Fds || {Fds, _, _} <- Sets])),
    Entries = [
        {Fd, vbeam_linux_descriptors:find(Fd), events(Fd, Sets)}
     || Fd <- All
    ],
    Masks = maps:from_list(selected_found(Entries, Sets, Deadline)),
    Ready = [[Fd || Fd <- Fds, maps:get(Fd, Masks, 0) band Mask =/= 0] || {Fds, Mask, _} <- Sets],
    lists:foreach(
        fun({At, Fds}) -> ok = write_set(At, Bytes, Fds) end,
        lists:zip([ReadAt, WriteAt, ExceptAt], Ready)
    ),
    length(lists:append(Ready)).

%% A hang-up alone is nothing to somebody who waits to write.
selected_found(Entries, Sets, Deadline) ->
    Found = found(Entries, Deadline),
    Counts = [
        Fd
     || {Fd, Mask} <- Found, {Fds, Wanted, _} <- Sets, lists:member(Fd, Fds),
        Mask band Wanted =/= 0
    ],
    case Counts of
        [] when Found =/= [], Deadline =/= now ->
            Left = [Entry || {Fd, _, _} = Entry <- Entries, not lists:keymember(Fd, 1, Found)],
            found(Left, Deadline);
        _ ->
            Found
    end.

events(Fd, Sets) ->
    lists:foldl(
        fun({Fds, _, Events}, Sofar) ->
            case lists:member(Fd, Fds) of
                true -> Sofar bor Events;
                false -> Sofar
            end
        end,
        0,
        Sets
    ).

members(0, _, _) ->
    [];
members(Pointer, Bytes, Count) ->
    Words = [Word || <<Word:64/little>> <= vbeam_linux_memory:read(Pointer, Bytes)],
    [
        Index * 64 + Bit
     || {Index, Word} <- enumerated(Words), Word =/= 0, Bit <- lists:seq(0, 63),
        Word band (1 bsl Bit) =/= 0, Index * 64 + Bit < Count
    ].

write_set(0, _, _) ->
    ok;
write_set(Pointer, Bytes, Fds) ->
    Set = lists:foldl(fun(Fd, Sofar) -> Sofar bor (1 bsl Fd) end, 0, Fds),
    vbeam_linux_memory:write(Pointer, <<Set:(Bytes * 8)/little>>).

%% --- epoll -------------------------------------------------------------------------------------

epoll_create(Size) when Size =< 0 -> throw({errno, ?EINVAL});
epoll_create(_) -> epoll_create1(0).

epoll_create1(Flags) when Flags band bnot ?O_CLOEXEC =:= 0 ->
    vbeam_linux_descriptors:open(vbeam_linux_epoll:open(?O_RDWR), Flags);
epoll_create1(_) ->
    throw({errno, ?EINVAL}).

epoll_ctl(Epoll, Operation, Fd, Pointer) ->
    vbeam_linux_epoll:control(vbeam_linux_descriptors:find(Epoll), Operation, Fd, Pointer).

epoll_wait(Epoll, Pointer, Most, Milliseconds) ->
    Object = vbeam_linux_descriptors:find(Epoll),
    vbeam_linux_epoll:wait(Object, Pointer, Most, milliseconds(Milliseconds)).

epoll_pwait(Epoll, Pointer, Most, Milliseconds, MaskPointer, MaskBytes) ->
    with_mask(MaskPointer, MaskBytes, fun() -> epoll_wait(Epoll, Pointer, Most, Milliseconds) end).

epoll_pwait2(Epoll, Pointer, Most, TimePointer, MaskPointer, MaskBytes) ->
    Deadline = deadline(TimePointer),
    Object = vbeam_linux_descriptors:find(Epoll),
    Wait = fun() -> vbeam_linux_epoll:wait(Object, Pointer, Most, Deadline) end,
    with_mask(MaskPointer, MaskBytes, Wait).
