%% System calls on sockets. There are those of one machine (vbeam_linux_socket); other families are
%% EAFNOSUPPORT. Man pages of section 2 by the names of the functions.
-module(vbeam_linux_sys_sockets).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([socket/3, socketpair/4, bind/3, connect/3, listen/2, accept/3, accept4/4]).
-export([sendto/6, recvfrom/6, sendmsg/3, recvmsg/3, sendmmsg/4, recvmmsg/5]).
-export([shutdown/2, getsockname/3, getpeername/3, getsockopt/5, setsockopt/5]).
-export([credentials/0]).

-define(AF_UNIX, 1).
-define(SOCK_NONBLOCK, ?O_NONBLOCK).
-define(SOCK_CLOEXEC, ?O_CLOEXEC).
-define(PATH_MAX, 108).

-define(MSG_OOB, 1).
-define(MSG_PEEK, 2).
-define(MSG_CTRUNC, 8).
-define(MSG_TRUNC, 16#20).
-define(MSG_DONTWAIT, 16#40).
-define(MSG_WAITALL, 16#100).
-define(MSG_NOSIGNAL, 16#4000).
-define(MSG_CMSG_CLOEXEC, 16#40000000).

-define(SOL_SOCKET, 1).
-define(SCM_RIGHTS, 1).
-define(SCM_CREDENTIALS, 2).
-define(RIGHTS_MAX, 253).
-define(BYTES_MAX, 1048576).
-define(IOV_MAX, 1024).

%% --- making ------------------------------------------------------------------------------------

socket(?AF_UNIX, Type, Protocol) ->
    {Kind, Flags} = type(Type),
    _ = (Protocol =:= 0 orelse Protocol =:= ?AF_UNIX) orelse throw({errno, ?EPROTONOSUPPORT}),
    vbeam_linux_descriptors:open(vbeam_linux_socket:open(Kind, Flags), Flags);
socket(_, _, _) ->
    throw({errno, ?EAFNOSUPPORT}).

type(Type) ->
    Kind =
        case Type band 16#f of
            1 -> stream;
            2 -> datagram;
            %% SOCK_RAW is a datagram here.
            3 -> datagram;
            5 -> packet;
            _ -> throw({errno, ?ESOCKTNOSUPPORT})
        end,
    case Type band bnot (16#f bor ?SOCK_NONBLOCK bor ?SOCK_CLOEXEC) of
        0 -> {Kind, Type band bnot 16#f};
        _ -> throw({errno, ?EINVAL})
    end.

socketpair(?AF_UNIX, Type, Protocol, Pointer) ->
    {Kind, Flags} = type(Type),
    _ = (Protocol =:= 0 orelse Protocol =:= ?AF_UNIX) orelse throw({errno, ?EPROTONOSUPPORT}),
    {First, Second} = vbeam_linux_socket:pair(Kind, Flags),
    One = vbeam_linux_descriptors:open(First, Flags),
    Other = vbeam_linux_descriptors:open(Second, Flags),
    try
        ok = vbeam_linux_memory:write(Pointer, <<One:32/little, Other:32/little>>),
        0
    catch
        throw:{errno, _} = Error ->
            ok = vbeam_linux_descriptors:close(One),
            ok = vbeam_linux_descriptors:close(Other),
            throw(Error)
    end;
socketpair(_, _, _, _) ->
    throw({errno, ?EAFNOSUPPORT}).

find(Fd) ->
    case vbeam_linux_descriptors:find(Fd) of
        #object{module = vbeam_linux_socket} = Socket -> Socket;
        _ -> throw({errno, ?ENOTSOCK})
    end.

ask(#object{server = Server}, Request) ->
    vbeam_linux_object:done(vbeam_linux_server:ask(Server, Request)).

%% Process, user and group.
-spec credentials() -> {integer(), integer(), integer()}.
credentials() ->
    #{user := {_, User, _}, group := {_, Group, _}} = vbeam_linux_credentials:get(),
    {vbeam_linux_group:number(), User, Group}.

%% --- names -------------------------------------------------------------------------------------

%% struct sockaddr_un
address(_, Length) when Length < 2; Length > ?PATH_MAX + 2 ->
    throw({errno, ?EINVAL});
address(Pointer, Length) ->
    case vbeam_linux_memory:read(Pointer, Length) of
        <<0:16>> -> unspecified;
        <<?AF_UNIX:16/little>> -> none;
        <<?AF_UNIX:16/little, 0, _/binary>> = All -> binary:part(All, 2, Length - 2);
        <<?AF_UNIX:16/little, Path/binary>> -> hd(binary:split(Path, <<0>>));
        <<0:16, _/binary>> -> unspecified;
        _ -> throw({errno, ?EAFNOSUPPORT})
    end.

bytes(none) -> <<?AF_UNIX:16/little>>;
bytes(<<0, _/binary>> = Abstract) -> <<?AF_UNIX:16/little, Abstract/binary>>;
bytes(Path) -> <<?AF_UNIX:16/little, Path/binary, 0>>.

%% As much of an address as there is room for; its whole length is told.
tell(0, _, _) ->
    ok;
tell(Pointer, LengthPointer, Name) ->
    <<Room:32/little-signed>> = vbeam_linux_memory:read(LengthPointer, 4),
    _ = Room >= 0 orelse throw({errno, ?EINVAL}),
    Bytes = bytes(Name),
    ok = vbeam_linux_memory:write(Pointer, binary:part(Bytes, 0, min(Room, byte_size(Bytes)))),
    vbeam_linux_memory:write_u32(LengthPointer, byte_size(Bytes)).

bind(Fd, Pointer, Length) ->
    Socket = #object{server = Server} = find(Fd),
    case {address(Pointer, Length), ask(Socket, about)} of
        {_, #{name := Known}} when Known =/= none ->
            throw({errno, ?EINVAL});
        {none, _} ->
            automatic(Socket, 0);
        {unspecified, _} ->
            throw({errno, ?EINVAL});
        {<<0, _/binary>> = Abstract, _} ->
            case vbeam_linux_registry:register_name({abstract, Abstract}, Server) of
                true -> ask(Socket, {bound, Abstract});
                false -> throw({errno, ?EADDRINUSE})
            end;
        {Path, _} ->
            bind_path(Socket, Path)
    end.

%% An abstract name that nobody has.
automatic(_, 16#100000) ->
    throw({errno, ?ENOSPC});
automatic(#object{server = Server} = Socket, N) ->
    Name = <<0, (iolist_to_binary(io_lib:format("~5.16.0b", [N])))/binary>>,
    case vbeam_linux_registry:register_name({abstract, Name}, Server) of
        true -> ask(Socket, {bound, Name});
        false -> automatic(Socket, N + 1)
    end.

bind_path(#object{server = Server} = Socket, Path) ->
    case vbeam_linux_names:resolve(-100, Path, [entry]) of
        #{kind := missing} = Name ->
            Mode = 8#777 band bnot vbeam_linux_group:get(umask, 8#022),
            Real = vbeam_linux_names:vfs(Name),
            #stat{device = Device, inode = Inode} =
                vbeam_linux_special:make(Real, ?S_IFSOCK, Mode, 0),
            true = vbeam_linux_registry:register_name({socket, Device, Inode}, Server),
            ask(Socket, {bound, Path});
        _ ->
            throw({errno, ?EADDRINUSE})
    end.

%% The process that has a name.
named(<<0, _/binary>> = Abstract) ->
    case vbeam_linux_registry:find_name({abstract, Abstract}) of
        {ok, Server} -> Server;
        error -> throw({errno, ?ECONNREFUSED})
    end;
named(Path) ->
    Name = vbeam_linux_names:resolve(-100, Path, [follow]),
    #stat{mode = Mode, device = Device, inode = Inode} = vbeam_linux_names:stat(Name),
    _ = Mode band ?S_IFMT =:= ?S_IFSOCK orelse throw({errno, ?ECONNREFUSED}),
    case vbeam_linux_registry:find_name({socket, Device, Inode}) of
        {ok, Server} -> Server;
        error -> throw({errno, ?ECONNREFUSED})
    end.

connect(Fd, Pointer, Length) ->
    Socket = #object{server = Server} = find(Fd),
    #{type := Type, state := State, name := Own} = ask(Socket, about),
    case address(Pointer, Length) of
        unspecified -> ask(Socket, disconnect);
        none -> throw({errno, ?EINVAL});
        _ when Type =/= datagram, State =:= listening -> throw({errno, ?EINVAL});
        _ when Type =/= datagram, State =/= unconnected -> throw({errno, ?EISCONN});
        Name ->
            Wait = not vbeam_linux_object:is_nonblocking(Socket),
            Request = {connect, Server, Own, Type, Wait, credentials()},
            case vbeam_linux_server:wait(named(Name), Request, infinity) of
                {ok, {Peer, PeerName, Credentials}} ->
                    ask(Socket, {connected, Peer, PeerName, Credentials});
                {error, eio} ->
                    throw({errno, ?ECONNREFUSED});
                Other ->
                    vbeam_linux_object:done(Other)
            end
    end.

listen(Fd, Backlog) ->
    Socket = find(Fd),
    ask(Socket, {set_option, credentials, credentials()}),
    ask(Socket, {listen, Backlog}).

accept(Fd, Pointer, LengthPointer) -> accept4(Fd, Pointer, LengthPointer, 0).

accept4(Fd, Pointer, LengthPointer, Flags) when
    Flags band bnot (?SOCK_NONBLOCK bor ?SOCK_CLOEXEC) =:= 0
->
    Socket = find(Fd),
    case ask(Socket, about) of
        #{type := datagram} -> throw({errno, ?EOPNOTSUPP});
        _ -> ok
    end,
    {Connection, Name} = vbeam_linux_socket:accept(Socket, Flags),
    New = vbeam_linux_descriptors:open(Connection, Flags),
    ok = tell(Pointer, LengthPointer, Name),
    New;
accept4(_, _, _, _) ->
    throw({errno, ?EINVAL}).

getsockname(Fd, Pointer, LengthPointer) ->
    #{name := Name} = ask(find(Fd), about),
    ok = tell(Pointer, LengthPointer, Name),
    0.

getpeername(Fd, Pointer, LengthPointer) ->
    case ask(find(Fd), about) of
        #{state := State, peer_name := Name} when State =:= connected; State =:= ended ->
            ok = tell(Pointer, LengthPointer, Name),
            0;
        _ ->
            throw({errno, ?ENOTCONN})
    end.

shutdown(Fd, 0) -> ask(find(Fd), {shut, reads});
shutdown(Fd, 1) -> ask(find(Fd), {shut, writes});
shutdown(Fd, 2) -> ask(find(Fd), {shut, both});
shutdown(Fd, _) ->
    _ = find(Fd),
    throw({errno, ?EINVAL}).

%% --- sending -----------------------------------------------------------------------------------

sendto(Fd, Pointer, Count, Flags, AddressPointer, AddressLength) ->
    Socket = find(Fd),
    To = receiver(AddressPointer, AddressLength),
    Bytes = vbeam_linux_memory:read(Pointer, min(Count, ?BYTES_MAX)),
    send(Socket, #{bytes => Bytes}, To, Flags).

receiver(0, _) -> #{};
receiver(_, 0) -> #{};
receiver(Pointer, Length) ->
    case address(Pointer, Length) of
        Name when is_binary(Name) -> #{to => named(Name)};
        _ -> throw({errno, ?EINVAL})
    end.

send(_, _, _, Flags) when Flags band ?MSG_OOB =/= 0 ->
    throw({errno, ?EOPNOTSUPP});
send(Socket, Message, To, Flags) ->
    Options = To#{wait => Flags band ?MSG_DONTWAIT =:= 0},
    case vbeam_linux_socket:send(Socket, Message, Options) of
        {error, ?EPIPE} ->
            _ = Flags band ?MSG_NOSIGNAL =:= 0 andalso vbeam_linux_descriptors:broken_pipe(),
            throw({errno, ?EPIPE});
        Answer ->
            vbeam_linux_object:done(Answer)
    end.

%% struct msghdr: name, its length, an iovec, its length, control data, its length, flags.
header(Pointer) ->
    <<Name:64/little, NameLength:32/little, _:32, Vector:64/little, Count:64/little,
        Control:64/little, ControlLength:64/little, _/binary>> =
        vbeam_linux_memory:read(Pointer, 56),
    _ = Count =< ?IOV_MAX orelse throw({errno, ?EMSGSIZE}),
    Pieces = [
        {At, Bytes}
     || <<At:64/little, Bytes:64/little>> <= vbeam_linux_memory:read(Vector, Count * 16)
    ],
    #{
        name => Name, name_length => NameLength, pieces => Pieces, control => Control,
        control_length => ControlLength
    }.

sendmsg(Fd, Pointer, Flags) ->
    Socket = find(Fd),
    #{name := Name, name_length := NameLength, pieces := Pieces} = Header = header(Pointer),
    Bytes = iolist_to_binary(vbeam_linux_memory:reads(Pieces, ?BYTES_MAX)),
    Objects = rights(Header),
    Message = maps:from_list([{bytes, Bytes}] ++ [{objects, Objects} || Objects =/= []]),
    send(Socket, Message, receiver(Name, NameLength), Flags).

%% Descriptors in the control data.
rights(#{control_length := 0}) ->
    [];
rights(#{control_length := Length}) when Length > 65536 ->
    throw({errno, ?ENOBUFS});
rights(#{control := Control, control_length := Length}) ->
    rights(vbeam_linux_memory:read(Control, Length), []).

rights(<<Length:64/little, Level:32/little, Type:32/little, _/binary>> = Bytes, Found) when
    Length >= 16, Length =< byte_size(Bytes)
->
    <<_:16/binary, Data:(Length - 16)/binary, _/binary>> = Bytes,
    Step = min(byte_size(Bytes), (Length + 7) band bnot 7),
    <<_:Step/binary, Rest/binary>> = Bytes,
    case {Level, Type} of
        {?SOL_SOCKET, ?SCM_RIGHTS} ->
            Objects = [vbeam_linux_descriptors:any(Fd) || <<Fd:32/little>> <= Data],
            _ = length(Objects) =< ?RIGHTS_MAX orelse throw({errno, ?EINVAL}),
            rights(Rest, Found ++ Objects);
        {?SOL_SOCKET, ?SCM_CREDENTIALS} ->
            rights(Rest, Found);
        _ ->
            throw({errno, ?EINVAL})
    end;
rights(Rest, Found) when byte_size(Rest) < 16 ->
    Found;
rights(_, _) ->
    throw({errno, ?EINVAL}).

sendmmsg(Fd, Pointer, Count, Flags) ->
    many(Pointer, min(Count, ?IOV_MAX), fun(Header) -> sendmsg(Fd, Header, Flags) end).

%% struct mmsghdr: a struct msghdr and what was moved.
many(Pointer, Count, Move) -> many(Pointer, Count, Move, 0).

many(_, Count, _, Count) ->
    Count;
many(Pointer, Count, Move, Done) ->
    At = Pointer + Done * 64,
    try Move(At) of
        Moved ->
            ok = vbeam_linux_memory:write_u32(At + 56, Moved),
            many(Pointer, Count, Move, Done + 1)
    catch
        throw:_ when Done > 0 -> Done
    end.

%% --- receiving ---------------------------------------------------------------------------------

recvfrom(Fd, Pointer, Count, Flags, AddressPointer, LengthPointer) ->
    Socket = find(Fd),
    Room = min(Count, ?BYTES_MAX),
    #{bytes := Bytes} = Message = take(Socket, Room, Flags),
    ok = dropped(Socket, Message),
    Fits = min(Room, byte_size(Bytes)),
    ok = vbeam_linux_memory:write(Pointer, binary:part(Bytes, 0, Fits)),
    _ = AddressPointer =/= 0 andalso
        tell(AddressPointer, LengthPointer, maps:get(from, Message, none)),
    case Flags band ?MSG_TRUNC of
        0 -> Fits;
        _ -> byte_size(Bytes)
    end.

take(_, _, Flags) when Flags band ?MSG_OOB =/= 0 ->
    throw({errno, ?EINVAL});
take(Socket, Room, Flags) ->
    Wait = Flags band ?MSG_DONTWAIT =:= 0 andalso
        not vbeam_linux_object:is_nonblocking(Socket),
    Options = [peek || Flags band ?MSG_PEEK =/= 0] ++ [all || Flags band ?MSG_WAITALL =/= 0],
    vbeam_linux_object:done(vbeam_linux_socket:receive_from(Socket, Room, Wait, Options)).

%% Descriptors that nobody takes.
dropped(#object{server = Server}, Message) ->
    Objects = maps:get(objects, Message, []),
    lists:foreach(fun(Object) -> vbeam_linux_object:release(Object, Server) end, Objects).

recvmsg(Fd, Pointer, Flags) ->
    Socket = find(Fd),
    #{name := Name, pieces := Pieces} = Header = header(Pointer),
    Room = min(?BYTES_MAX, lists:sum([Count || {_, Count} <- Pieces])),
    #{bytes := Bytes} = Message = take(Socket, Room, Flags),
    Fits = min(Room, byte_size(Bytes)),
    ok = vbeam_linux_memory:scatter(binary:part(Bytes, 0, Fits), Pieces),
    From = bytes(maps:get(from, Message, none)),
    #{name_length := NameLength} = Header,
    _ = Name =/= 0 andalso begin
        Part = binary:part(From, 0, min(NameLength, byte_size(From))),
        ok = vbeam_linux_memory:write(Name, Part),
        ok = vbeam_linux_memory:write_u32(Pointer + 8, byte_size(From))
    end,
    {Control, Cut} = controls(Socket, Message, Header, Flags),
    #{control := ControlAt} = Header,
    _ = Control =/= <<>> andalso vbeam_linux_memory:write(ControlAt, Control),
    ok = vbeam_linux_memory:write_u64(Pointer + 40, byte_size(Control)),
    Truncated = case byte_size(Bytes) > Room of true -> ?MSG_TRUNC; false -> 0 end,
    ok = vbeam_linux_memory:write_u32(Pointer + 48, Truncated bor Cut),
    case Flags band ?MSG_TRUNC of
        0 -> Fits;
        _ -> byte_size(Bytes)
    end.

%% Control data for what came beside the bytes, and MSG_CTRUNC when there is no room for it.
controls(Socket, Message, #{control_length := Room}, Flags) ->
    Credentials =
        case ask(Socket, {option, {?SOL_SOCKET, 16}}) of
            0 -> <<>>;
            _ ->
                {Process, User, Group} = maps:get(credentials, Message, {0, 65534, 65534}),
                Data = <<Process:32/little, User:32/little, Group:32/little>>,
                control(?SCM_CREDENTIALS, Data)
        end,
    case byte_size(Credentials) =< Room of
        true -> rights_control(Socket, Message, Credentials, Room, Flags);
        false -> {<<>>, ?MSG_CTRUNC}
    end.

control(Type, Data) ->
    Length = 16 + byte_size(Data),
    Padding = ((Length + 7) band bnot 7) - Length,
    <<Length:64/little, ?SOL_SOCKET:32/little, Type:32/little, Data/binary, 0:(Padding * 8)>>.

rights_control(#object{server = Server} = Socket, Message, Before, Room, Flags) ->
    case maps:get(objects, Message, []) of
        [] ->
            {Before, 0};
        Objects ->
            Places = max(0, (Room - byte_size(Before) - 16) div 4),
            {Taken, Left} = lists:split(min(Places, length(Objects)), Objects),
            ok = dropped(Socket, #{objects => Left}),
            Open = case Flags band ?MSG_CMSG_CLOEXEC of 0 -> 0; _ -> ?O_CLOEXEC end,
            Fds = [received(Server, Object, Open) || Object <- Taken],
            Data = << <<Fd:32/little>> || Fd <- Fds >>,
            Cut = case Left of [] -> 0; _ -> ?MSG_CTRUNC end,
            case Fds of
                [] -> {Before, Cut};
                _ ->
                    Control = <<Before/binary, (control(?SCM_RIGHTS, Data))/binary>>,
                    {binary:part(Control, 0, min(Room, byte_size(Control))), Cut}
            end
    end.

received(Server, Object, Flags) ->
    Fd = vbeam_linux_descriptors:adopt(Object, Flags),
    ok = vbeam_linux_object:release(Object, Server),
    Fd.

recvmmsg(Fd, Pointer, Count, Flags, _Time) ->
    First = Flags band bnot 16#10000,
    many(Pointer, min(Count, ?IOV_MAX), fun(Header) -> recvmsg(Fd, Header, First) end).

%% --- options -----------------------------------------------------------------------------------

getsockopt(Fd, Level, Option, Pointer, LengthPointer) ->
    Socket = find(Fd),
    <<Room:32/little-signed>> = vbeam_linux_memory:read(LengthPointer, 4),
    _ = Room >= 0 orelse throw({errno, ?EINVAL}),
    _ = Level =:= ?SOL_SOCKET orelse throw({errno, ?EOPNOTSUPP}),
    Bytes = option(Option, Socket),
    Part = binary:part(Bytes, 0, min(Room, byte_size(Bytes))),
    ok = vbeam_linux_memory:write(Pointer, Part),
    ok = vbeam_linux_memory:write_u32(LengthPointer, byte_size(Part)),
    0.

%% SO_TYPE, ERROR, PEERCRED, RCVTIMEO, SNDTIMEO, ACCEPTCONN, PROTOCOL, DOMAIN; the others are what
%% they were set to.
option(3, Socket) ->
    #{type := Type} = ask(Socket, about),
    <<(case Type of stream -> 1; datagram -> 2; packet -> 5 end):32/little>>;
option(4, _) ->
    <<0:32>>;
option(17, Socket) ->
    #{peer_credentials := {Process, User, Group}} = ask(Socket, about),
    <<Process:32/little, User:32/little, Group:32/little>>;
option(20, Socket) ->
    time(ask(Socket, {option, receive_time}));
option(21, Socket) ->
    time(ask(Socket, {option, send_time}));
option(30, Socket) ->
    #{state := State} = ask(Socket, about),
    <<(case State of listening -> 1; _ -> 0 end):32/little>>;
option(38, _) ->
    <<0:32>>;
option(39, _) ->
    <<?AF_UNIX:32/little>>;
option(Size, Socket) when Size =:= 7; Size =:= 8 ->
    case ask(Socket, {option, {?SOL_SOCKET, Size}}) of
        0 -> <<212992:32/little>>;
        Set -> <<(Set * 2):32/little>>
    end;
option(Option, Socket) when Option =< 73 ->
    <<(ask(Socket, {option, {?SOL_SOCKET, Option}})):32/little>>;
option(_, _) ->
    throw({errno, ?ENOPROTOOPT}).

time(Nanoseconds) -> vbeam_linux_clock:timeval(Nanoseconds).

setsockopt(Fd, ?SOL_SOCKET, Option, Pointer, Length) when Option =:= 20; Option =:= 21 ->
    _ = Length >= 16 orelse throw({errno, ?EINVAL}),
    Time = vbeam_linux_clock:read_timeval(Pointer),
    Name = case Option of 20 -> receive_time; 21 -> send_time end,
    ask(find(Fd), {set_option, Name, Time});
setsockopt(Fd, ?SOL_SOCKET, Option, _, _) when
    Option =:= 3; Option =:= 4; Option =:= 17; Option =:= 30; Option =:= 38; Option =:= 39;
    Option > 73
->
    _ = find(Fd),
    throw({errno, ?ENOPROTOOPT});
setsockopt(Fd, ?SOL_SOCKET, Option, Pointer, Length) ->
    Socket = find(Fd),
    _ = Length >= 4 orelse throw({errno, ?EINVAL}),
    <<Value:32/little-signed>> = vbeam_linux_memory:read(Pointer, 4),
    ask(Socket, {set_option, {?SOL_SOCKET, Option}, Value});
setsockopt(Fd, _, _, _, _) ->
    _ = find(Fd),
    throw({errno, ?EOPNOTSUPP}).
