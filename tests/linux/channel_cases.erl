%% Cases of linux_calls: pipes, waiting for several, sockets, terminals.
-module(channel_cases).
-export([cases/0]).
-import(linux_calls, [call/2, c/2, read/2, write/2, open/2, path/1, two/2, stat/1]).
-import(linux_calls, [thread/1, result/1, result_now/1]).

-define(O_NONBLOCK, 8#4000).

cases() ->
    [
        {"pipes: order, ends, nonblocking, capacity", fun pipes/0},
        {"a pipe's reader waits, and is told of the end", fun waiting/0},
        {"named pipes", fun named_pipes/0},
        {"poll and select", fun polling/0},
        {"epoll: level, edge, once", fun epoll/0},
        {"eventfd and timerfd", fun counters/0},
        {"stream sockets: pair, names, backlog, end", fun streams/0},
        {"datagrams and packets", fun datagrams/0},
        {"descriptors that travel", fun rights/0},
        {"pseudo terminals: lines, echo, erase, raw", fun terminals/0},
        {"reading without lines: MIN and TIME", fun raw_terminals/0}
    ].

%% --- pipes -------------------------------------------------------------------------------------

pipes() ->
    {Reader, Writer} = two(pipe2, [<<0:64>>, ?O_NONBLOCK]),
    -11 = read(Reader, 1),
    3 = write(Writer, <<"abc">>),
    2 = write(Writer, <<"de">>),
    <<"abcd">> = read(Reader, 4),
    <<"e">> = read(Reader, 4),
    -9 = read(Writer, 1),
    -9 = write(Reader, <<"x">>),
    65536 = c(fcntl, [Writer, 1032, 0]),
    65536 = write(Writer, binary:copy(<<"x">>, 70000)),
    -11 = write(Writer, <<"y">>),
    100 = byte_size(read(Reader, 100)),
    -11 = write(Writer, binary:copy(<<"y">>, 4096)),
    100 = write(Writer, binary:copy(<<"y">>, 5000)),
    0 = c(close, [Reader]),
    -32 = write(Writer, <<"x">>),
    {Reader, Other} = two(pipe, [<<0:64>>]),
    1 = write(Other, <<"z">>),
    0 = c(close, [Other]),
    <<"z">> = read(Reader, 4),
    <<>> = read(Reader, 4),
    -22 = c(pipe2, [<<0:64>>, 1]),
    ok.

waiting() ->
    {Reader, Writer} = two(pipe, [<<0:64>>]),
    Waits = thread(fun() -> read(Reader, 10) end),
    timer:sleep(20),
    2 = write(Writer, <<"ab">>),
    <<"ab">> = result(Waits),
    Ends = thread(fun() -> read(Reader, 10) end),
    timer:sleep(20),
    0 = c(close, [Writer]),
    <<>> = result(Ends),
    {Second, Full} = two(pipe, [<<0:64>>]),
    Much = thread(fun() -> write(Full, binary:copy(<<"x">>, 200000)) end),
    200000 = drained(Second, 0, 200000),
    200000 = result(Much),
    %% Who ends while it waits gets nothing.
    Dead = thread(fun() -> read(Second, 10) end),
    timer:sleep(20),
    exit(Dead, kill),
    timer:sleep(20),
    2 = write(Full, <<"cd">>),
    <<"cd">> = read(Second, 10),
    ok.

drained(_, Total, Wanted) when Total >= Wanted -> Total;
drained(Fd, Total, Wanted) -> drained(Fd, Total + byte_size(read(Fd, 50000)), Wanted).

named_pipes() ->
    0 = c(mknod, [path("p"), 8#010644, 0]),
    #{mode := 8#010644} = stat("p"),
    -6 = open("p", 8#4001),
    Waits = thread(fun() -> open("p", 0) end),
    timer:sleep(20),
    Writer = open("p", 1),
    Reader = result(Waits),
    true = is_integer(Reader) andalso Reader >= 0,
    3 = write(Writer, <<"abc">>),
    <<"abc">> = read(Reader, 5),
    0 = c(close, [Writer]),
    <<>> = read(Reader, 5),
    Both = open("p", 2),
    1 = write(Both, <<"x">>),
    <<"x">> = read(Both, 5),
    ok.

%% --- waiting for several -----------------------------------------------------------------------

polling() ->
    {Reader, Writer} = two(pipe, [<<0:64>>]),
    Asked = <<Reader:32/little, 1:16/little, 0:16, Writer:32/little, 4:16/little, 0:16,
        -1:32, 1:16/little, 0:16, 99:32/little, 1:16/little, 0:16>>,
    {2, [Answer]} = call(poll, [Asked, 4, 0]),
    [0, 4, 0, 32] = [Events || <<_:48, Events:16/little>> <= Answer],
    One = <<Reader:32/little, 1:16/little, 0:16>>,
    {0, _} = call(poll, [One, 1, 0]),
    Before = erlang:monotonic_time(millisecond),
    {0, _} = call(poll, [One, 1, 30]),
    true = erlang:monotonic_time(millisecond) - Before >= 30,
    Waits = thread(fun() -> call(poll, [One, 1, -1]) end),
    timer:sleep(20),
    1 = write(Writer, <<"x">>),
    {1, [<<Reader:32/little, 1:16/little, 1:16/little>>]} = result(Waits),
    Set = <<(1 bsl Reader):64/little>>,
    {1, [Set]} = call(select, [Reader + 1, Set, 0, 0, 0]),
    <<"x">> = read(Reader, 1),
    {0, [<<0:64>>, _]} = call(select, [Reader + 1, Set, 0, 0, <<0:64, 10000:64/little>>]),
    0 = c(close, [Writer]),
    {1, [<<_:48, 16#10:16/little>>]} = call(poll, [One, 1, -1]),
    {1, [Set]} = call(select, [Reader + 1, Set, 0, 0, 0]),
    -9 = c(select, [90, <<0:64, 1:64/little>>, 0, 0, 0]),
    ok.

epoll() ->
    Epoll = c(epoll_create1, [0]),
    {Reader, Writer} = two(pipe, [<<0:64>>]),
    Event = fun(Events, Data) -> <<Events:32/little, Data:64/little>> end,
    0 = c(epoll_ctl, [Epoll, 1, Reader, Event(1, 77)]),
    -17 = c(epoll_ctl, [Epoll, 1, Reader, Event(1, 77)]),
    -2 = c(epoll_ctl, [Epoll, 3, Writer, Event(1, 77)]),
    -1 = c(epoll_ctl, [Epoll, 1, open("f", 8#102), Event(1, 77)]),
    -22 = c(epoll_ctl, [Epoll, 1, Epoll, Event(1, 77)]),
    {0, _} = call(epoll_wait, [Epoll, <<0:960>>, 10, 0]),
    1 = write(Writer, <<"x">>),
    {1, [<<1:32/little, 77:64/little>>]} = call(epoll_wait, [Epoll, <<0:960>>, 10, -1]),
    {1, _} = call(epoll_wait, [Epoll, <<0:960>>, 10, -1]),
    0 = c(epoll_ctl, [Epoll, 3, Reader, Event(16#80000001, 78)]),
    {1, [<<1:32/little, 78:64/little>>]} = call(epoll_wait, [Epoll, <<0:960>>, 10, -1]),
    {0, _} = call(epoll_wait, [Epoll, <<0:960>>, 10, 0]),
    1 = write(Writer, <<"y">>),
    {1, _} = call(epoll_wait, [Epoll, <<0:960>>, 10, 100]),
    0 = c(epoll_ctl, [Epoll, 3, Reader, Event(16#40000001, 79)]),
    {1, _} = call(epoll_wait, [Epoll, <<0:960>>, 10, 100]),
    {0, _} = call(epoll_wait, [Epoll, <<0:960>>, 10, 0]),
    1 = write(Writer, <<"z">>),
    {0, _} = call(epoll_wait, [Epoll, <<0:960>>, 10, 10]),
    0 = c(epoll_ctl, [Epoll, 2, Reader, 0]),
    0 = c(epoll_ctl, [Epoll, 1, Reader, Event(1, 80)]),
    {1, _} = call(epoll_wait, [Epoll, <<0:960>>, 10, 100]),
    Outer = c(epoll_create1, [0]),
    0 = c(epoll_ctl, [Outer, 1, Epoll, Event(1, 5)]),
    {1, [<<1:32/little, 5:64/little>>]} = call(epoll_wait, [Outer, <<0:960>>, 10, 100]),
    -40 = c(epoll_ctl, [Epoll, 1, Outer, Event(1, 5)]),
    <<"xyz">> = read(Reader, 9),
    Waits = thread(fun() -> call(epoll_wait, [Epoll, <<0:960>>, 10, -1]) end),
    timer:sleep(20),
    1 = write(Writer, <<"a">>),
    {1, [<<1:32/little, 80:64/little>>]} = result(Waits),
    ok.

counters() ->
    Event = c(eventfd2, [3, ?O_NONBLOCK]),
    8 = write(Event, <<4:64/little>>),
    <<7:64/little>> = read(Event, 8),
    -11 = read(Event, 8),
    -22 = read(Event, 4),
    -22 = write(Event, <<16#ffffffffffffffff:64>>),
    Semaphore = c(eventfd2, [2, 1]),
    <<1:64/little>> = read(Semaphore, 8),
    <<1:64/little>> = read(Semaphore, 8),
    Timer = c(timerfd_create, [1, 0]),
    Before = erlang:monotonic_time(millisecond),
    {0, _} = call(timerfd_settime, [
        Timer, 0, <<0:64, 10000000:64/little, 0:64, 10000000:64/little>>, 0
    ]),
    timer:sleep(45),
    <<Times:64/little>> = read(Timer, 8),
    true = Times >= 4 andalso Times =< (erlang:monotonic_time(millisecond) - Before) div 10,
    <<Again:64/little>> = read(Timer, 8),
    true = Again >= 1,
    {0, [<<0:64, 10000000:64/little, 0:64, _:64>>]} = call(timerfd_gettime, [Timer, <<0:256>>]),
    {0, _} = call(timerfd_settime, [Timer, 0, <<0:256>>, 0]),
    ok.

%% --- sockets -----------------------------------------------------------------------------------

address(Name) -> <<1:16/little, (list_to_binary(Name))/binary>>.

streams() ->
    {One, Other} = two(socketpair, [1, 1, 0, <<0:64>>]),
    3 = write(One, <<"abc">>),
    2 = write(One, <<"de">>),
    <<"abcd">> = read(Other, 4),
    {1, [<<"e">>]} = call(recvfrom, [Other, <<0:80>>, 10, 2, 0, 0]),
    <<"e">> = read(Other, 4),
    -11 = c(recvfrom, [Other, <<0:80>>, 10, 16#40, 0, 0]),
    0 = c(shutdown, [One, 1]),
    <<>> = read(Other, 4),
    -32 = c(sendto, [One, <<"x">>, 1, 16#4000, 0, 0]),
    1 = write(Other, <<"x">>),
    <<"x">> = read(One, 4),
    0 = c(close, [Other]),
    <<>> = read(One, 4),
    Listener = c(socket, [1, 1, 0]),
    Bytes = address("s"),
    -2 = c(connect, [c(socket, [1, 1, 0]), Bytes, byte_size(Bytes)]),
    -22 = c(listen, [Listener, 5]),
    0 = c(bind, [Listener, Bytes, byte_size(Bytes)]),
    -98 = c(bind, [c(socket, [1, 1, 0]), Bytes, byte_size(Bytes)]),
    #{mode := Mode} = stat("s"),
    8#140000 = Mode band 8#170000,
    -111 = c(connect, [c(socket, [1, 1, 0]), Bytes, byte_size(Bytes)]),
    0 = c(listen, [Listener, 5]),
    Client = c(socket, [1, 1, 0]),
    -91 = c(connect, [c(socket, [1, 2, 0]), Bytes, byte_size(Bytes)]),
    -107 = write(Client, <<"x">>),
    0 = c(connect, [Client, Bytes, byte_size(Bytes)]),
    -106 = c(connect, [Client, Bytes, byte_size(Bytes)]),
    2 = write(Client, <<"hi">>),
    Server = c(accept4, [Listener, 0, 0, 0]),
    <<"hi">> = read(Server, 10),
    5 = write(Server, <<"reply">>),
    <<"reply">> = read(Client, 10),
    {0, [<<1:16/little, "s", 0>>, _]} =
        call(getpeername, [Client, <<0:880>>, <<110:32/little>>]),
    {0, [<<1:16/little>>, <<2:32/little>>]} =
        call(getsockname, [Client, <<0:880>>, <<110:32/little>>]),
    {0, [<<Pid:32/little, 0:64>>, _]} =
        call(getsockopt, [Client, 1, 17, <<0:96>>, <<12:32/little>>]),
    Pid = vbeam_linux_group:number(),
    Waits = thread(fun() -> c(accept, [Listener, 0, 0]) end),
    timer:sleep(20),
    Second = c(socket, [1, 1, 0]),
    0 = c(connect, [Second, Bytes, byte_size(Bytes)]),
    true = result(Waits) > 0,
    0 = c(close, [Server]),
    <<>> = read(Client, 10),
    -32 = c(sendto, [Client, <<"x">>, 1, 16#4000, 0, 0]),
    -97 = c(socket, [2, 1, 0]),
    -88 = c(listen, [open("f", 8#102), 5]),
    Much = thread(fun() -> write(Second, binary:copy(<<"x">>, 500000)) end),
    timer:sleep(20),
    late = result_now(Much),
    ok.

datagrams() ->
    {One, Other} = two(socketpair, [1, 2, 0, <<0:64>>]),
    3 = write(One, <<"abc">>),
    2 = write(One, <<"de">>),
    <<"ab">> = read(Other, 2),
    <<"de">> = read(Other, 9),
    Named = c(socket, [1, 2, 0]),
    Bytes = <<1:16/little, 0, "abstract">>,
    0 = c(bind, [Named, Bytes, byte_size(Bytes)]),
    Sender = c(socket, [1, 2, 0]),
    0 = c(bind, [Sender, <<1:16/little>>, 2]),
    4 = c(sendto, [Sender, <<"data">>, 4, 0, Bytes, byte_size(Bytes)]),
    {4, [<<"data">>, <<1:16/little, 0, _:5/binary>>, <<8:32/little>>]} =
        call(recvfrom, [Named, <<0:80>>, 10, 0, <<0:880>>, <<110:32/little>>]),
    0 = c(connect, [Sender, Bytes, byte_size(Bytes)]),
    2 = write(Sender, <<"zz">>),
    <<"zz">> = read(Named, 9),
    0 = c(close, [Named]),
    -111 = c(sendto, [Sender, <<"x">>, 1, 0, Bytes, byte_size(Bytes)]),
    {Packet, Packets} = two(socketpair, [1, 5, 0, <<0:64>>]),
    3 = write(Packet, <<"abc">>),
    {3, [<<"a">>]} = call(recvfrom, [Packets, <<0:8>>, 1, 16#20, 0, 0]),
    0 = c(close, [Packet]),
    <<>> = read(Packets, 9),
    ok.

rights() ->
    {One, Other} = two(socketpair, [1, 1, 0, <<0:64>>]),
    {Reader, Writer} = two(pipe, [<<0:64>>]),
    Control = <<20:64/little, 1:32/little, 1:32/little, Writer:32/little, 0:32>>,
    1 = message(sendmsg, One, <<"!">>, Control),
    0 = c(close, [Writer]),
    {1, <<"!">>, <<20:64/little, 1:32/little, 1:32/little, New:32/little, _/binary>>} =
        message(recvmsg, Other, <<0:80>>, <<0:192>>),
    2 = write(New, <<"ok">>),
    <<"ok">> = read(Reader, 9),
    0 = c(close, [New]),
    <<>> = read(Reader, 9),
    %% What nobody takes is closed with the socket.
    {Second, Lost} = two(pipe, [<<0:64>>]),
    Again = <<20:64/little, 1:32/little, 1:32/little, Lost:32/little, 0:32>>,
    1 = message(sendmsg, One, <<"!">>, Again),
    0 = c(close, [Lost]),
    0 = c(close, [Other]),
    <<>> = read(Second, 9),
    ok.

%% struct msghdr with one piece and control data.
message(Name, Fd, Bytes, Control) ->
    [At, ControlAt, _, _] = vbeam_linux_memory:use_buffers([Bytes, Control, <<>>, <<>>]),
    Vector = <<At:64/little, (byte_size(Bytes)):64/little>>,
    [_, _, VectorAt, _] = vbeam_linux_memory:use_buffers([Bytes, Control, Vector, <<>>]),
    Header = <<0:128, VectorAt:64/little, 1:64/little, ControlAt:64/little,
        (byte_size(Control)):64/little, 0:64>>,
    [_, _, _, HeaderAt] = vbeam_linux_memory:use_buffers([Bytes, Control, Vector, Header]),
    case {Name, vbeam_linux_sys_sockets:Name(Fd, HeaderAt, 0)} of
        {recvmsg, Count} ->
            [Read, Controls | _] = vbeam_linux_memory:written(),
            {Count, Read, Controls};
        {sendmsg, Count} ->
            Count
    end.

%% --- terminals ---------------------------------------------------------------------------------

pty() ->
    Master = open("/dev/ptmx", 2),
    {0, _} = call(ioctl, [Master, 16#40045431, <<0:32>>]),
    {0, [<<N:32/little>>]} = call(ioctl, [Master, 16#80045430, <<0:32>>]),
    {Master, open("/dev/pts/" ++ integer_to_list(N), 8#402)}.

terminals() ->
    {Master, Slave} = pty(),
    {0, [Termios]} = call(ioctl, [Slave, 16#5401, <<0:288>>]),
    <<16#500:32/little, 5:32/little, 16#bf:32/little, 16#8a3b:32/little, 0, 3, 28, 127, _/binary>> =
        Termios,
    5 = write(Master, <<"ab\x7fc\r">>),
    <<"ac\n">> = read(Slave, 100),
    <<"ab\b \bc\r\n">> = read(Master, 100),
    %% A line in two parts, a line that has no end yet, an end of file.
    4 = write(Master, <<"xyz\r">>),
    <<"xy">> = read(Slave, 2),
    <<"z\n">> = read(Slave, 9),
    3 = write(Master, <<"no", 4>>),
    <<"no">> = read(Slave, 9),
    1 = write(Master, <<4>>),
    <<>> = read(Slave, 9),
    _ = read(Master, 100),
    %% Words, lines, literal bytes, control characters.
    11 = write(Master, <<"one two", 23, "3", 22, 3>>),
    1 = write(Master, <<"\r">>),
    <<"one 3", 3, "\n">> = read(Slave, 9),
    <<"one two\b \b\b \b\b \b3^\b^C\r\n">> = read(Master, 100),
    5 = write(Master, <<"gone", 21>>),
    2 = write(Master, <<"k\n">>),
    <<"k\n">> = read(Slave, 9),
    _ = read(Master, 100),
    4 = write(Slave, <<"a\nb\n">>),
    <<"a\r\nb\r\n">> = read(Master, 100),
    {0, _} = call(ioctl, [Slave, 16#5414, <<24:16/little, 80:16/little, 0:32>>]),
    {0, [<<24:16/little, 80:16/little, 0:32>>]} = call(ioctl, [Master, 16#5413, <<0:64>>]),
    -25 = c(ioctl, [Slave, 16#540f, <<0:32>>]),
    -25 = c(ioctl, [open("f", 8#102), 16#5401, <<0:288>>]),
    %% Stop and go.
    1 = write(Master, <<19>>),
    Waits = thread(fun() -> write(Slave, <<"later">>) end),
    timer:sleep(20),
    late = result_now(Waits),
    1 = write(Master, <<17>>),
    5 = result(Waits),
    <<"later">> = read(Master, 100),
    0 = c(close, [Slave]),
    -5 = read(Master, 100),
    0 = c(close, [Master]),
    {Other, Open} = pty(),
    0 = c(close, [Other]),
    <<>> = read(Open, 9),
    -5 = write(Open, <<"x">>),
    ok.

raw_terminals() ->
    {Master, Slave} = pty(),
    {0, [<<Input:32, Output:32, Control:32, _:32, Line:8, Characters:19/binary>>]} =
        call(ioctl, [Slave, 16#5401, <<0:288>>]),
    Raw = fun(Time, Least) ->
        <<Head:5/binary, _, _, Tail/binary>> = Characters,
        New = <<Input:32, Output:32, Control:32, 0:32, Line:8, Head/binary, Time, Least,
            Tail/binary>>,
        {0, _} = call(ioctl, [Slave, 16#5402, New])
    end,
    Raw(0, 1),
    1 = write(Master, <<"x">>),
    <<"x">> = read(Slave, 9),
    Raw(0, 0),
    <<>> = read(Slave, 9),
    Raw(1, 0),
    Before = erlang:monotonic_time(millisecond),
    <<>> = read(Slave, 9),
    true = erlang:monotonic_time(millisecond) - Before >= 95,
    Raw(0, 3),
    Waits = thread(fun() -> read(Slave, 9) end),
    2 = write(Master, <<"ab">>),
    timer:sleep(20),
    late = result_now(Waits),
    1 = write(Master, <<"c">>),
    <<"abc">> = result(Waits),
    Raw(1, 9),
    Between = thread(fun() -> read(Slave, 9) end),
    2 = write(Master, <<3, 4>>),
    <<3, 4>> = result(Between),
    ok.
