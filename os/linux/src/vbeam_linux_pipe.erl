%% Pipes, pipe(7): bytes in order between two ends, 64 KiB of them at most. A write of up to 4096
%% bytes is done as a whole. Reading gives nothing when the end for writing is closed; writing gives
%% EPIPE when the other one is. A named pipe is the same, found by its file (vbeam_linux_registry);
%% opening one end waits for the other. Keys: read, write, both.
-module(vbeam_linux_pipe).
-behaviour(vbeam_linux_object).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/1, open_named/3, size/1, set_size/2, look/2, unread/2]).
-compile({no_auto_import, [put/2]}).
-export([read/2, write/2, stat/1, ioctl/3, reopen/2, name/1]).
-export([init/1, request/2, poll/2, released/2, given_up/2]).

-define(BYTES, 65536).
-define(BYTES_MAX, 1048576).
%% PIPE_BUF
-define(WHOLE, 4096).
-define(FIONREAD, 16#541b).

-record(pipe, {
    %% Pieces, the first ones in order and the last ones behind them in reverse.
    first = [] :: [binary()],
    last = [] :: [binary()],
    bytes = 0 :: non_neg_integer(),
    room = ?BYTES :: pos_integer(),
    readers = true :: boolean(),
    writers = true :: boolean(),
    %% How often each end was opened, for those who wait for the other one.
    opened = {0, 0} :: {non_neg_integer(), non_neg_integer()},
    %% Grows with all that comes.
    written = 0 :: non_neg_integer(),
    taken = 0 :: non_neg_integer(),
    stat :: vbeam_linux_stat:stat()
}).

%% --- opening -----------------------------------------------------------------------------------

%% Both ends.
-spec open(non_neg_integer()) ->
    {vbeam_linux_object:object(), vbeam_linux_object:object()}.
open(Flags) ->
    Group = vbeam_linux_group:process(),
    Stat = (vbeam_linux_stat:anonymous(?S_IFIFO bor 8#600))#stat{
        inode = erlang:unique_integer([positive])
    },
    {ok, Pipe} = vbeam_linux_server:start(?MODULE, {Stat, both}, [{read, Group}, {write, Group}]),
    {
        vbeam_linux_object:new(?MODULE, Pipe, read, Flags bor ?O_RDONLY),
        vbeam_linux_object:new(?MODULE, Pipe, write, Flags bor ?O_WRONLY)
    }.

%% A pipe that goes by the name of a file.
-spec open_named(vbeam_linux_stat:stat(), non_neg_integer(), pid()) ->
    {ok, vbeam_linux_object:object()} | {error, term()} | interrupted.
open_named(#stat{device = Device, inode = Inode} = Stat, Flags, Group) ->
    Name = {pipe, Device, Inode},
    Key =
        case Flags band ?O_ACCMODE of
            ?O_RDONLY -> read;
            ?O_WRONLY -> write;
            _ -> both
        end,
    case named(Name, Stat, Key, Group) of
        {ok, Pipe} ->
            Wait = Flags band ?O_NONBLOCK =:= 0,
            case vbeam_linux_server:wait(Pipe, {opened, Key, Wait}, infinity) of
                {ok, _} ->
                    {ok, vbeam_linux_object:new(?MODULE, Pipe, Key, Flags)};
                Other ->
                    ok = vbeam_linux_server:release(Pipe, Key, Group),
                    Other
            end;
        Error ->
            Error
    end.

named(Name, Stat, Key, Group) ->
    case vbeam_linux_registry:find_name(Name) of
        {ok, Pipe} ->
            case vbeam_linux_server:hold(Pipe, Key, Group) of
                ok ->
                    {ok, Pipe};
                {error, _} ->
                    %% It has just ended.
                    erlang:yield(),
                    named(Name, Stat, Key, Group)
            end;
        error ->
            {ok, Pipe} = vbeam_linux_server:start(?MODULE, {Stat, none}, [{Key, Group}]),
            case vbeam_linux_registry:register_name(Name, Pipe) of
                true ->
                    {ok, Pipe};
                false ->
                    ok = vbeam_linux_server:release(Pipe, Key, Group),
                    named(Name, Stat, Key, Group)
            end
    end.

%% --- in the thread that calls ------------------------------------------------------------------

read(_, 0) ->
    {ok, <<>>};
read(#object{server = Pipe} = Object, Count) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    vbeam_linux_server:wait(Pipe, {read, Count, Wait}, infinity).

write(_, <<>>) ->
    {ok, 0};
write(#object{server = Pipe} = Object, Bytes) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    vbeam_linux_server:wait(Pipe, {write, Bytes, 0, Wait}, infinity).

stat(#object{server = Pipe}) -> vbeam_linux_server:ask(Pipe, stat).

ioctl(#object{server = Pipe}, ?FIONREAD, Pointer) ->
    {ok, Bytes} = vbeam_linux_server:ask(Pipe, bytes),
    ok = vbeam_linux_memory:write(Pointer, <<Bytes:32/little>>),
    0;
ioctl(_, _, _) ->
    {error, ?ENOTTY}.

reopen(#object{server = Pipe}, Flags) ->
    Key =
        case Flags band ?O_ACCMODE of
            ?O_RDONLY -> read;
            ?O_WRONLY -> write;
            _ -> both
        end,
    ok = vbeam_linux_server:hold(Pipe, Key, vbeam_linux_group:process()),
    {ok, _} = vbeam_linux_server:ask(Pipe, {opened, Key, false}),
    {ok, vbeam_linux_object:new(?MODULE, Pipe, Key, Flags)}.

name(Object) ->
    {ok, #stat{inode = Inode}} = stat(Object),
    <<"pipe:[", (integer_to_binary(Inode))/binary, "]">>.

%% F_GETPIPE_SZ and F_SETPIPE_SZ.
-spec size(vbeam_linux_object:object()) -> vbeam_linux_object:answer().
size(#object{server = Pipe}) -> vbeam_linux_server:ask(Pipe, room).

-spec set_size(vbeam_linux_object:object(), non_neg_integer()) -> vbeam_linux_object:answer().
set_size(#object{server = Pipe}, Bytes) -> vbeam_linux_server:ask(Pipe, {room, Bytes}).

%% What would be read, which stays there.
-spec look(vbeam_linux_object:object(), non_neg_integer()) -> vbeam_linux_object:answer().
look(#object{server = Pipe}, Count) -> vbeam_linux_server:ask(Pipe, {look, Count}).

%% Bytes that were read come first again.
-spec unread(vbeam_linux_object:object(), binary()) -> ok.
unread(#object{server = Pipe}, Bytes) ->
    _ = vbeam_linux_server:ask(Pipe, {unread, Bytes}),
    ok.

%% --- in the pipe's process ---------------------------------------------------------------------

init({Stat, both}) ->
    {ok, #pipe{stat = Stat, opened = {1, 1}}};
init({Stat, none}) ->
    {ok, #pipe{stat = Stat, readers = false, writers = false}}.

poll(read, Pipe) -> {readable(Pipe), Pipe#pipe.written};
poll(write, Pipe) -> {writable(Pipe), Pipe#pipe.taken};
poll(both, #pipe{written = Written, taken = Taken} = Pipe) ->
    {readable(Pipe) bor writable(Pipe), {Written, Taken}}.

readable(#pipe{bytes = Bytes, writers = Writers, opened = {_, Opened}}) ->
    There = case Bytes of 0 -> 0; _ -> ?POLLIN bor ?POLLRDNORM end,
    case Writers orelse Opened =:= 0 of
        true -> There;
        false -> There bor ?POLLHUP
    end.

writable(#pipe{readers = false}) -> ?POLLERR bor ?POLLOUT bor ?POLLWRNORM;
writable(#pipe{bytes = Bytes, room = Room}) when Room - Bytes >= ?WHOLE ->
    ?POLLOUT bor ?POLLWRNORM;
writable(_) -> 0.

released(read, Pipe) -> Pipe#pipe{readers = false};
released(write, #pipe{written = Written} = Pipe) ->
    Pipe#pipe{writers = false, written = Written + 1};
released(both, Pipe) -> released(write, released(read, Pipe)).

given_up({write, _, Written, _}, _) when Written > 0 -> {ok, Written};
given_up(_, _) -> none.

request({read, _, Wait} = Request, #pipe{bytes = 0, writers = Writers} = Pipe) ->
    case {Writers, Wait} of
        {false, _} -> {{ok, <<>>}, Pipe};
        {true, false} -> {{error, ?EAGAIN}, Pipe};
        {true, true} -> {wait, Request, Pipe}
    end;
request({read, Count, _}, Pipe) ->
    {Bytes, Rest} = take(Count, [], Pipe),
    {{ok, Bytes}, Rest};
request({write, _, 0, _}, #pipe{readers = false} = Pipe) ->
    {{error, ?EPIPE}, Pipe};
request({write, _, Written, _}, #pipe{readers = false} = Pipe) ->
    {{ok, Written}, Pipe};
request({write, Bytes, Written, Wait}, #pipe{bytes = Before, room = Room} = Pipe) ->
    Size = byte_size(Bytes),
    case Room - Before of
        Free when Free >= Size ->
            {{ok, Written + Size}, put(Bytes, Pipe)};
        Free when Free > 0, Size > ?WHOLE; Free > 0, Written > 0 ->
            <<Now:Free/binary, Later/binary>> = Bytes,
            part(put(Now, Pipe), Later, Written + Free, Wait);
        _ when Wait ->
            {wait, {write, Bytes, Written, Wait}, Pipe};
        _ when Written > 0 ->
            {{ok, Written}, Pipe};
        _ ->
            {{error, ?EAGAIN}, Pipe}
    end;
request({opened, Key, Wait}, Pipe) ->
    opened(Key, Wait, Pipe);
request({other, Key, Seen} = Request, #pipe{opened = {Readers, Writers}} = Pipe) ->
    Others = case Key of read -> Writers; write -> Readers end,
    case Others > Seen of
        true -> {{ok, 0}, Pipe};
        false -> {wait, Request, Pipe}
    end;
request({look, Count}, Pipe) ->
    {Bytes, _} = take(Count, [], Pipe),
    {{ok, Bytes}, Pipe};
request({unread, Back}, #pipe{first = First, bytes = Bytes, taken = Taken} = Pipe) ->
    Size = byte_size(Back),
    {{ok, Size}, Pipe#pipe{
        first = [Back | First], bytes = Bytes + Size, taken = Taken - Size
    }};
request(stat, #pipe{stat = Stat} = Pipe) ->
    {{ok, Stat}, Pipe};
request(bytes, #pipe{bytes = Bytes} = Pipe) ->
    {{ok, Bytes}, Pipe};
request(room, #pipe{room = Room} = Pipe) ->
    {{ok, Room}, Pipe};
request({room, Wanted}, Pipe) when Wanted > ?BYTES_MAX ->
    {{error, ?EPERM}, Pipe};
request({room, Wanted}, #pipe{bytes = Bytes} = Pipe) ->
    case power_of_two(max(Wanted, ?WHOLE), ?WHOLE) of
        Room when Room < Bytes -> {{error, ?EBUSY}, Pipe};
        Room -> {{ok, Room}, Pipe#pipe{room = Room}}
    end.

part(Pipe, Later, Written, true) -> {wait, {write, Later, Written, true}, Pipe};
part(Pipe, _, Written, false) -> {{ok, Written}, Pipe}.

power_of_two(Wanted, Size) when Size >= Wanted -> Size;
power_of_two(Wanted, Size) -> power_of_two(Wanted, Size * 2).

put(Bytes, #pipe{last = Last, bytes = Before, written = Written} = Pipe) ->
    Size = byte_size(Bytes),
    Pipe#pipe{last = [Bytes | Last], bytes = Before + Size, written = Written + Size}.

take(Count, Taken, #pipe{first = [], last = Last} = Pipe) when Last =/= [], Count > 0 ->
    take(Count, Taken, Pipe#pipe{first = lists:reverse(Last), last = []});
take(Count, Taken, #pipe{first = [Piece | Rest], bytes = Bytes, taken = Before} = Pipe) when
    Count > 0
->
    case Piece of
        <<Now:Count/binary, Later/binary>> when Later =/= <<>> ->
            taken([Now | Taken], Pipe#pipe{
                first = [Later | Rest], bytes = Bytes - Count, taken = Before + Count
            });
        _ ->
            Size = byte_size(Piece),
            take(Count - Size, [Piece | Taken], Pipe#pipe{
                first = Rest, bytes = Bytes - Size, taken = Before + Size
            })
    end;
take(_, Taken, Pipe) ->
    taken(Taken, Pipe).

taken(Taken, Pipe) -> {iolist_to_binary(lists:reverse(Taken)), Pipe}.

%% Of a named pipe: who opens one end waits until somebody opens the other one.
opened(both, _, #pipe{opened = {Readers, Writers}} = Pipe) ->
    {{ok, 0}, Pipe#pipe{readers = true, writers = true, opened = {Readers + 1, Writers + 1}}};
opened(read, Wait, #pipe{opened = {Readers, Writers}, writers = There} = Pipe) ->
    Next = Pipe#pipe{readers = true, opened = {Readers + 1, Writers}},
    case There orelse not Wait of
        true -> {{ok, 0}, Next};
        false -> {wait, {other, read, Writers}, Next}
    end;
opened(write, false, #pipe{readers = false} = Pipe) ->
    {{error, ?ENXIO}, Pipe};
opened(write, _, #pipe{opened = {Readers, Writers}, readers = There} = Pipe) ->
    Next = Pipe#pipe{writers = true, opened = {Readers, Writers + 1}},
    case There of
        true -> {{ok, 0}, Next};
        false -> {wait, {other, write, Readers}, Next}
    end.
