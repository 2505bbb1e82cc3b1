%% Sockets of one machine, unix(7): streams, datagrams, and packets in order. Each is a process with
%% the queue of what was sent to it; who sends asks the receiver's process. A listening socket makes
%% the process of the other side of a connection and has it until it is accepted. Descriptors that
%% travel (SCM_RIGHTS) are held by the process in whose queue they are.
%%
%% Names in vbeam_linux_registry: {socket, Device, Inode} of the file, {abstract, Name}.
-module(vbeam_linux_socket).
-behaviour(vbeam_linux_object).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/2, pair/2, accept/2]).
-export([send/3, receive_from/4]).
-export([read/2, write/2, stat/1, name/1, ioctl/3]).
-export([init/1, request/2, poll/2, released/2, given_up/2, handle_info/2]).
-export_type([type/0, name/0, message/0]).

-type type() :: stream | datagram | packet.
%% Bytes of sun_path without what is behind a zero; an abstract name begins with a zero; none.
-type name() :: none | binary().
-type message() :: #{
    bytes := binary(), from => name(), objects => [vbeam_linux_object:object()],
    credentials => {integer(), integer(), integer()}
}.

-define(QUEUE_BYTES, 212992).
-define(FIONREAD, 16#541b).
-define(TIOCOUTQ, 16#5411).

-record(socket, {
    type :: type(),
    name = none :: name(),
    %% unconnected, listening, connected; or the other side has ended.
    state = unconnected :: unconnected | listening | connected | ended,
    peer = none :: none | pid(),
    peer_name = none :: name(),
    peer_credentials = {0, -1, -1},
    monitor = none,
    %% What was sent here, oldest first, and those behind, newest first.
    queue = [] :: [message()],
    behind = [] :: [message()],
    bytes = 0 :: non_neg_integer(),
    came = 0 :: non_neg_integer(),
    %% Connections that nobody has accepted yet: {Pid, Name of the other side}.
    pending = [] :: [{pid(), name()}],
    backlog = 0 :: non_neg_integer(),
    %% The receiver of what is sent has no room now.
    full = false :: boolean(),
    reads = true :: boolean(),
    writes = true :: boolean(),
    options = #{} :: #{term() => integer()}
}).

%% --- making ------------------------------------------------------------------------------------

-spec open(type(), non_neg_integer()) -> vbeam_linux_object:object().
open(Type, Flags) ->
    {ok, Server} = vbeam_linux_server:start(
        ?MODULE, #socket{type = Type}, [{socket, vbeam_linux_group:process()}]
    ),
    object(Server, Flags).

object(Server, Flags) ->
    vbeam_linux_object:new(?MODULE, Server, socket, Flags band ?O_NONBLOCK bor ?O_RDWR).

-spec pair(type(), non_neg_integer()) ->
    {vbeam_linux_object:object(), vbeam_linux_object:object()}.
pair(Type, Flags) ->
    First = #object{server = One} = open(Type, Flags),
    Second = #object{server = Other} = open(Type, Flags),
    Own = vbeam_linux_sys_sockets:credentials(),
    {ok, _} = vbeam_linux_server:ask(One, {connected, Other, none, Own}),
    {ok, _} = vbeam_linux_server:ask(Other, {connected, One, none, Own}),
    {First, Second}.

%% The first connection that waits, and the name of its other side.
-spec accept(vbeam_linux_object:object(), non_neg_integer()) ->
    {vbeam_linux_object:object(), name()}.
accept(#object{server = Listener} = Object, Flags) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    Answer = vbeam_linux_server:wait(Listener, {accept, Wait}, deadline(Object, receive_time)),
    {Server, Name} = vbeam_linux_object:done(timed(Answer)),
    ok = vbeam_linux_object:done(
        vbeam_linux_server:hold(Server, socket, vbeam_linux_group:process())
    ),
    ok = vbeam_linux_server:release(Server, socket, Listener),
    {object(Server, Flags), Name}.

timed(timeout) -> {error, ?EAGAIN};
timed(Answer) -> Answer.

%% SO_RCVTIMEO and SO_SNDTIMEO, kept in nanoseconds.
deadline(#object{server = Server}, Which) ->
    case vbeam_linux_server:ask(Server, {option, Which}) of
        {ok, 0} -> infinity;
        {ok, Nanoseconds} -> vbeam_linux_wait:deadline(Nanoseconds);
        {error, _} -> infinity
    end.

%% --- in the thread that calls ------------------------------------------------------------------

read(Object, Count) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    case receive_from(Object, Count, Wait, []) of
        {ok, #{bytes := Bytes} = Message} ->
            ok = dropped(Object, Message),
            {ok, binary:part(Bytes, 0, min(Count, byte_size(Bytes)))};
        Other ->
            Other
    end.

%% What read cannot give is lost.
dropped(#object{server = Server}, #{objects := Objects}) ->
    lists:foreach(fun(Object) -> vbeam_linux_object:release(Object, Server) end, Objects);
dropped(_, _) ->
    ok.

write(Object, Bytes) -> send(Object, #{bytes => Bytes}, #{}).

%% Options: `to` another name than that of the other side; `wait`: false.
-spec send(vbeam_linux_object:object(), message(), map()) ->
    vbeam_linux_object:answer() | interrupted.
send(#object{server = Server} = Object, Message, Options) ->
    Wait = maps:get(wait, Options, true) andalso not vbeam_linux_object:is_nonblocking(Object),
    case vbeam_linux_server:ask(Server, {receiver, maps:get(to, Options, none)}) of
        {ok, {Receiver, Name, Type}} ->
            Credentials = vbeam_linux_sys_sockets:credentials(),
            Whole = Message#{from => Name, credentials => Credentials},
            deliver(Receiver, Whole, Type, Wait, deadline(Object, send_time));
        Error ->
            Error
    end.

deliver(_, #{bytes := Bytes}, Type, _, _) when
    Type =/= stream, byte_size(Bytes) > ?QUEUE_BYTES
->
    {error, ?EMSGSIZE};
deliver(Receiver, Message, Type, Wait, Deadline) ->
    Objects = maps:get(objects, Message, []),
    lists:foreach(fun(Each) -> vbeam_linux_object:hold(Each, Receiver) end, Objects),
    Answer = timed(
        vbeam_linux_server:wait(Receiver, {deliver, Message, 0, Wait, Type}, Deadline)
    ),
    case Answer of
        {ok, _} ->
            Answer;
        _ ->
            lists:foreach(fun(Each) -> vbeam_linux_object:release(Each, Receiver) end, Objects),
            case Answer of
                {error, eio} when Type =:= datagram -> {error, ?ECONNREFUSED};
                {error, eio} -> {error, ?EPIPE};
                _ -> Answer
            end
    end.

%% Options: peek, all. The bytes of a datagram are all that was sent.
-spec receive_from(vbeam_linux_object:object(), non_neg_integer(), boolean(), [peek | all]) ->
    {ok, message()} | {error, term()} | interrupted.
receive_from(#object{server = Server} = Object, Count, Wait, Options) ->
    Deadline = deadline(Object, receive_time),
    timed(vbeam_linux_server:wait(Server, {take, Count, Wait, Options}, Deadline)).

stat(#object{server = Server}) ->
    {ok, (vbeam_linux_stat:anonymous(?S_IFSOCK bor 8#777))#stat{inode = inode(Server)}}.

inode(Server) -> 1 + erlang:phash2(Server, 16#7fffffff).

name(#object{server = Server}) ->
    <<"socket:[", (integer_to_binary(inode(Server)))/binary, "]">>.

ioctl(#object{server = Server}, ?FIONREAD, Pointer) ->
    {ok, Bytes} = vbeam_linux_server:ask(Server, available),
    ok = vbeam_linux_memory:write(Pointer, <<Bytes:32/little>>),
    0;
ioctl(_, ?TIOCOUTQ, Pointer) ->
    ok = vbeam_linux_memory:write(Pointer, <<0:32>>),
    0;
ioctl(_, _, _) ->
    {error, ?ENOTTY}.

%% --- in the socket's process -------------------------------------------------------------------

init(#socket{peer = Peer} = Socket) when is_pid(Peer) ->
    {ok, Socket#socket{monitor = monitor(process, Peer)}};
init(Socket) ->
    {ok, Socket}.

poll(_, #socket{came = Came, full = Full} = Socket) ->
    {readable(Socket) bor writable(Socket) bor hung_up(Socket), {Came, Full}}.

readable(#socket{queue = [], behind = [], pending = [], state = State, reads = true}) when
    State =/= ended
->
    0;
readable(_) ->
    ?POLLIN bor ?POLLRDNORM.

writable(#socket{full = false, state = State, type = Type}) when
    State =:= connected; State =:= ended; Type =:= datagram
->
    ?POLLOUT bor ?POLLWRNORM;
writable(_) ->
    0.

hung_up(#socket{state = ended}) -> ?POLLHUP bor ?POLLRDHUP;
hung_up(#socket{state = unconnected, type = Type}) when Type =/= datagram -> ?POLLHUP;
hung_up(#socket{reads = false, writes = false}) -> ?POLLHUP bor ?POLLRDHUP;
hung_up(#socket{reads = false}) -> ?POLLRDHUP;
hung_up(_) -> 0.

%% The other side hears of it; what waits to be accepted ends with this process.
released(socket, #socket{peer = Peer, type = Type, pending = Pending} = Socket) ->
    _ = is_pid(Peer) andalso Type =/= datagram andalso (Peer ! {peer_ended, self(), Type}),
    lists:foreach(
        fun({Connection, _}) -> vbeam_linux_server:release(Connection, socket, self()) end,
        Pending
    ),
    Socket#socket{state = ended, pending = []}.

given_up({deliver, _, Sent, _, _}, _) when Sent > 0 -> {ok, Sent};
given_up(_, _) -> none.

handle_info({peer_ended, Peer, _}, #socket{peer = Peer} = Socket) ->
    ended(Socket);
handle_info({'DOWN', Monitor, process, _, _}, #socket{monitor = Monitor} = Socket) ->
    ended(Socket);
handle_info({shut, reads}, #socket{came = Came} = Socket) ->
    Socket#socket{reads = false, came = Came + 1};
handle_info({shut, writes}, Socket) ->
    Socket#socket{writes = false};
handle_info({full, Full}, Socket) ->
    Socket#socket{full = Full};
handle_info(_, Socket) ->
    Socket.

ended(#socket{type = datagram} = Socket) ->
    Socket#socket{state = unconnected, peer = none, peer_name = none};
ended(#socket{came = Came} = Socket) ->
    Socket#socket{state = ended, came = Came + 1, full = false}.

%% --- names and connections ---------------------------------------------------------------------

request({bound, Name}, #socket{name = none} = Socket) ->
    {{ok, 0}, Socket#socket{name = Name}};
request({bound, _}, Socket) ->
    {{error, ?EINVAL}, Socket};
request(about, #socket{} = Socket) ->
    #socket{
        type = Type, name = Name, state = State, peer_name = PeerName,
        peer_credentials = Credentials
    } = Socket,
    {{ok, #{
        type => Type, name => Name, state => State, peer_name => PeerName,
        peer_credentials => Credentials
    }}, Socket};
request({listen, _}, #socket{type = datagram} = Socket) ->
    {{error, ?EOPNOTSUPP}, Socket};
request({listen, _}, #socket{name = none} = Socket) ->
    {{error, ?EINVAL}, Socket};
request({listen, Backlog}, #socket{state = State} = Socket) when
    State =:= unconnected; State =:= listening
->
    {{ok, 0}, Socket#socket{state = listening, backlog = min(4096, max(0, Backlog)) + 1}};
request({listen, _}, Socket) ->
    {{error, ?EINVAL}, Socket};
request({connect, _, _, Type, _, _}, #socket{type = Other} = Socket) when Type =/= Other ->
    {{error, ?EPROTOTYPE}, Socket};
request({connect, _, _, datagram, _, _}, #socket{name = Own} = Socket) ->
    {{ok, {self(), Own, {0, -1, -1}}}, Socket};
request({connect, Client, Name, Type, Wait, Credentials} = Request, Socket) ->
    #socket{state = State, pending = Pending, backlog = Backlog, name = Own} = Socket,
    if
        State =/= listening ->
            {{error, ?ECONNREFUSED}, Socket};
        length(Pending) >= Backlog, Wait ->
            {wait, Request, Socket};
        length(Pending) >= Backlog ->
            {{error, ?EAGAIN}, Socket};
        true ->
            {ok, Connection} = vbeam_linux_server:start(
                ?MODULE,
                #socket{
                    type = Type, state = connected, peer = Client, name = Own,
                    peer_name = Name, peer_credentials = Credentials
                },
                [{socket, self()}]
            ),
            Listener = maps:get(credentials, Socket#socket.options, {0, 0, 0}),
            Came = Socket#socket.came + 1,
            Next = Socket#socket{pending = Pending ++ [{Connection, Name}], came = Came},
            {{ok, {Connection, Own, Listener}}, Next}
    end;
request({accept, _}, #socket{state = State, pending = []} = Socket) when State =/= listening ->
    {{error, ?EINVAL}, Socket};
request({accept, true} = Request, #socket{pending = []} = Socket) ->
    {wait, Request, Socket};
request({accept, false}, #socket{pending = []} = Socket) ->
    {{error, ?EAGAIN}, Socket};
request({accept, _}, #socket{pending = [First | Rest]} = Socket) ->
    {{ok, First}, Socket#socket{pending = Rest}};
request({connected, Peer, Name, Credentials}, #socket{type = Type, state = State} = Socket) when
    State =:= unconnected; Type =:= datagram
->
    _ = Socket#socket.monitor =/= none andalso demonitor(Socket#socket.monitor, [flush]),
    {{ok, 0}, Socket#socket{
        state = connected, peer = Peer, peer_name = Name, peer_credentials = Credentials,
        monitor = monitor(process, Peer)
    }};
request({connected, _, _, _}, Socket) ->
    {{error, ?EISCONN}, Socket};
request(disconnect, #socket{type = datagram} = Socket) ->
    {{ok, 0}, Socket#socket{state = unconnected, peer = none, peer_name = none}};
request(disconnect, Socket) ->
    {{error, ?EINVAL}, Socket};
request({shut, How}, Socket) ->
    shut(How, Socket);
request({option, Name}, #socket{options = Options} = Socket) ->
    {{ok, maps:get(Name, Options, 0)}, Socket};
request({set_option, Name, Value}, #socket{options = Options} = Socket) ->
    {{ok, 0}, Socket#socket{options = Options#{Name => Value}}};
request(available, #socket{type = stream, bytes = Bytes} = Socket) ->
    {{ok, Bytes}, Socket};
request(available, #socket{queue = Queue, behind = Behind} = Socket) ->
    case Queue ++ lists:reverse(Behind) of
        [#{bytes := Bytes} | _] -> {{ok, byte_size(Bytes)}, Socket};
        [] -> {{ok, 0}, Socket}
    end;
request(Request, Socket) ->
    moved(Request, Socket).

shut(_, #socket{state = State, type = Type} = Socket) when
    State =:= unconnected, Type =/= datagram
->
    {{error, ?ENOTCONN}, Socket};
shut(How, #socket{peer = Peer, came = Came} = Socket) ->
    Reads = How =:= reads orelse How =:= both,
    Writes = How =:= writes orelse How =:= both,
    _ = Reads andalso is_pid(Peer) andalso (Peer ! {shut, writes}),
    _ = Writes andalso is_pid(Peer) andalso (Peer ! {shut, reads}),
    #socket{reads = WasReading, writes = WasWriting} = Socket,
    {{ok, 0}, Socket#socket{
        reads = WasReading andalso not Reads, writes = WasWriting andalso not Writes,
        came = Came + 1
    }}.

%% --- bytes -------------------------------------------------------------------------------------

moved({receiver, _}, #socket{writes = false} = Socket) ->
    {{error, ?EPIPE}, Socket};
moved({receiver, none}, #socket{state = connected, peer = Peer, name = Name} = Socket) ->
    {{ok, {Peer, Name, Socket#socket.type}}, Socket};
moved({receiver, none}, #socket{state = ended} = Socket) ->
    {{error, ?EPIPE}, Socket};
moved({receiver, none}, Socket) ->
    {{error, ?ENOTCONN}, Socket};
moved({receiver, Receiver}, #socket{type = datagram, name = Name} = Socket) ->
    {{ok, {Receiver, Name, datagram}}, Socket};
moved({receiver, _}, #socket{state = connected} = Socket) ->
    {{error, ?EISCONN}, Socket};
moved({receiver, _}, Socket) ->
    {{error, ?EOPNOTSUPP}, Socket};
moved({deliver, _, _, _, Type}, #socket{type = Other} = Socket) when Type =/= Other ->
    {{error, ?EPROTOTYPE}, Socket};
moved({deliver, _, Sent, _, Type}, #socket{reads = Reads, state = State} = Socket) when
    not Reads, Type =/= datagram; State =:= ended
->
    case Sent of
        0 -> {{error, ?EPIPE}, Socket};
        _ -> {{ok, Sent}, Socket}
    end;
moved({deliver, #{bytes := Bytes} = Message, Sent, Wait, Type}, #socket{} = Socket) ->
    Room = ?QUEUE_BYTES - Socket#socket.bytes,
    Size = byte_size(Bytes),
    if
        Size =< Room ->
            {{ok, Sent + Size}, queued(Message, Socket)};
        Type =:= stream, Room > 0 ->
            <<Now:Room/binary, Later/binary>> = Bytes,
            Next = queued(Message#{bytes := Now}, Socket),
            Left = maps:remove(objects, Message#{bytes := Later}),
            part({deliver, Left, Sent + Room, Wait, Type}, Next);
        true ->
            part({deliver, Message, Sent, Wait, Type}, Socket)
    end;
moved({take, _, Wait, _} = Request, #socket{queue = [], behind = []} = Socket) ->
    #socket{state = State, reads = Reads, type = Type} = Socket,
    if
        State =:= unconnected, Type =/= datagram -> {{error, ?ENOTCONN}, Socket};
        State =:= listening -> {{error, ?EINVAL}, Socket};
        State =:= ended; not Reads -> {{ok, #{bytes => <<>>}}, Socket};
        Wait -> {wait, Request, Socket};
        true -> {{error, ?EAGAIN}, Socket}
    end;
moved({take, Count, Wait, Options} = Request, #socket{type = stream, bytes = There} = Socket) ->
    All = lists:member(all, Options) andalso Wait andalso There < Count,
    case All andalso Socket#socket.state =:= connected andalso Socket#socket.reads of
        true -> {wait, Request, Socket};
        false -> stream(Count, Options, Socket)
    end;
moved({take, Count, Wait, Options}, #socket{queue = [], behind = Behind} = Socket) ->
    Turned = Socket#socket{queue = lists:reverse(Behind), behind = []},
    moved({take, Count, Wait, Options}, Turned);
moved({take, _, _, Options}, #socket{queue = [Message | Rest], bytes = Bytes} = Socket) ->
    case lists:member(peek, Options) of
        true ->
            {{ok, maps:remove(objects, Message)}, Socket};
        false ->
            Left = Bytes - byte_size(maps:get(bytes, Message)),
            {{ok, Message}, roomy(Socket#socket{queue = Rest, bytes = Left})}
    end;
moved(_, Socket) ->
    {{error, ?EINVAL}, Socket}.

part({deliver, _, Sent, false, _}, Socket) when Sent > 0 -> {{ok, Sent}, Socket};
part({deliver, _, _, false, _}, Socket) -> {{error, ?EAGAIN}, full(Socket)};
part(Request, Socket) -> {wait, Request, full(Socket)}.

queued(#{bytes := <<>>} = Message, #socket{type = stream} = Socket) when
    not is_map_key(objects, Message)
->
    Socket;
queued(#{bytes := Bytes} = Message, #socket{behind = Behind, bytes = Before} = Socket) ->
    Next = Socket#socket{
        behind = [Message | Behind], bytes = Before + byte_size(Bytes),
        came = Socket#socket.came + 1
    },
    case Next#socket.bytes >= ?QUEUE_BYTES of
        true -> full(Next);
        false -> Next
    end.

full(#socket{peer = Peer} = Socket) ->
    _ = is_pid(Peer) andalso (Peer ! {full, true}),
    Socket.

roomy(#socket{peer = Peer, bytes = Bytes} = Socket) ->
    _ = is_pid(Peer) andalso Bytes < ?QUEUE_BYTES div 2 andalso (Peer ! {full, false}),
    Socket.

%% Bytes of as many messages as there are; descriptors end what is taken at once.
stream(Count, Options, #socket{queue = Queue, behind = Behind} = Socket) ->
    {Bytes, Objects, First, Rest} = joined(Queue ++ lists:reverse(Behind), Count, [], none),
    Message = maps:merge(
        maps:with([from, credentials], First),
        maps:from_list([{bytes, Bytes}] ++ [{objects, Objects} || Objects =/= []])
    ),
    case lists:member(peek, Options) of
        true ->
            {{ok, maps:remove(objects, Message)}, Socket};
        false ->
            Left = Socket#socket.bytes - byte_size(Bytes),
            {{ok, Message}, roomy(Socket#socket{queue = Rest, behind = [], bytes = Left})}
    end.

joined([#{bytes := Bytes} = Message | Rest], Count, Taken, First) when
    byte_size(Bytes) =< Count, (not is_map_key(objects, Message)) orelse Taken =:= []
->
    Begun = case First of none -> Message; _ -> First end,
    case maps:get(objects, Message, []) of
        [] -> joined(Rest, Count - byte_size(Bytes), [Bytes | Taken], Begun);
        Objects -> {Bytes, Objects, Begun, Rest}
    end;
joined([#{bytes := Bytes, objects := Objects} = Message | Rest], Count, [], _) when Count > 0 ->
    <<Now:Count/binary, Later/binary>> = Bytes,
    {Now, Objects, Message, [maps:remove(objects, Message#{bytes := Later}) | Rest]};
joined([#{bytes := Bytes} = Message | Rest], Count, Taken, First) when
    Count > 0, not is_map_key(objects, Message)
->
    <<Now:Count/binary, Later/binary>> = Bytes,
    Begun = case First of none -> Message; _ -> First end,
    {iolist_to_binary(lists:reverse([Now | Taken])), [], Begun, [Message#{bytes := Later} | Rest]};
joined(Rest, _, Taken, First) ->
    Begun = case First of none -> #{}; _ -> First end,
    {iolist_to_binary(lists:reverse(Taken)), [], Begun, Rest}.
