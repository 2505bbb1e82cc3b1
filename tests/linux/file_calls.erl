%% System calls of files, pipes, names, terminals and sockets as Erlang functions, without a program:
%% call(Name, Arguments), where a binary is memory of that size, gives {Answer, Memory} or the error.
%% Every case runs in a process, so a group, of its own and prints its name and `ok`, or what differs.
-module(file_calls).
-export([run/0]).

-define(O_NONBLOCK, 8#4000).

run() ->
    Results = [run(Name, Case) || {Name, Case} <- cases()],
    io:format("~b cases~n", [length(Results)]),
    halt(case lists:all(fun(Each) -> Each end, Results) of true -> 0; false -> 1 end).

run(Name, Case) ->
    {Pid, Monitor} = spawn_monitor(fun() -> prepared(Case) end),
    receive
        {'DOWN', Monitor, process, Pid, normal} ->
            io:format("~s: ok~n", [Name]),
            true;
        {'DOWN', Monitor, process, Pid, Reason} ->
            io:format("~s: ~p~n", [Name, Reason]),
            false
    after 10000 ->
        exit(Pid, kill),
        io:format("~s: does not end~n", [Name]),
        false
    end.

%% Trees and a folder of its own, as a Linux program has them.
prepared(Case) ->
    ok = vbeam_linux_group:use_program(),
    ok = vbeam_linux_group:put(trees, true),
    Unique = integer_to_binary(erlang:unique_integer([positive])),
    Folder = <<"/tmp/vbeam-calls-", (list_to_binary(os:getpid()))/binary, "-", Unique/binary>>,
    ok = file:make_dir(Folder),
    ok = vbeam_linux_group:put(folder, Folder),
    try
        Case()
    after
        ok = file:del_dir_r(Folder)
    end.

cases() ->
    [
        {"a file is made, written, sought, read, cut and removed", fun file/0},
        {"flags of open", fun open_flags/0},
        {"descriptors: dup, dup2, dup3, fcntl, close_range", fun descriptors/0},
        {"descriptors that share an offset, and those that do not", fun offsets/0},
        {"vectors and places", fun vectors/0},
        {"pipes: order, ends, nonblocking, capacity", fun pipes/0},
        {"a pipe's reader waits, and is told of the end", fun waiting/0},
        {"named pipes", fun named_pipes/0},
        {"names: links, dots, slashes, loops", fun names/0},
        {"folders and their entries", fun folders/0},
        {"rename, exchange, link", fun renames/0},
        {"access, owners, times", fun attributes/0},
        {"chroot", fun root/0},
        {"devices", fun devices/0},
        {"/proc", fun proc/0},
        {"poll and select", fun polling/0},
        {"epoll: level, edge, once", fun epoll/0},
        {"eventfd and timerfd", fun counters/0},
        {"stream sockets: pair, names, backlog, end", fun streams/0},
        {"datagrams and packets", fun datagrams/0},
        {"descriptors that travel", fun rights/0},
        {"pseudo terminals: lines, echo, erase, raw", fun terminals/0},
        {"reading without lines: MIN and TIME", fun raw_terminals/0},
        {"locks of files", fun locks/0},
        {"files in memory and their seals", fun memory_files/0},
        {"copies between descriptors", fun copies/0}
    ].

%% --- calling -----------------------------------------------------------------------------------

call(Name, Arguments) ->
    {Name, _, _, Family} = vbeam_linux_calls:call(vbeam_linux_calls:number(Name)),
    Binaries = [Each || Each <- Arguments, is_binary(Each)],
    Pointers = vbeam_linux_memory:use_buffers(Binaries),
    try apply(vbeam_linux_syscall:module(Family), Name, placed(Arguments, Pointers)) of
        Answer -> {Answer, vbeam_linux_memory:written()}
    catch
        throw:{errno, Errno} -> -Errno
    end.

placed([Each | Rest], [Pointer | Pointers]) when is_binary(Each) ->
    [Pointer | placed(Rest, Pointers)];
placed([Each | Rest], Pointers) ->
    [Each | placed(Rest, Pointers)];
placed([], []) ->
    [].

%% The answer alone.
c(Name, Arguments) ->
    case call(Name, Arguments) of
        {Answer, _} -> Answer;
        Error -> Error
    end.

read(Fd, Count) ->
    case call(read, [Fd, <<0:(Count * 8)>>, Count]) of
        {_, [Bytes]} -> Bytes;
        Error -> Error
    end.

write(Fd, Bytes) -> c(write, [Fd, Bytes, byte_size(Bytes)]).
open(Path, Flags) -> open(Path, Flags, 8#644).
open(Path, Flags, Mode) -> c(open, [path(Path), Flags, Mode]).
path(Path) -> <<(unicode:characters_to_binary(Path))/binary, 0>>.

two(Name, Arguments) ->
    {0, Memory} = call(Name, Arguments),
    <<First:32/little, Second:32/little>> = lists:last(Memory),
    {First, Second}.

stat(Path) ->
    case call(lstat, [path(Path), <<0:1152>>]) of
        {0, [_, Stat]} -> fields(Stat);
        Error -> Error
    end.

fields(<<_:64, Inode:64/little, Links:64/little, Mode:32/little, User:32/little, Group:32/little,
    _:32, Rdev:64/little, Size:64/little, _:64, _:64, Accessed:64/little, _:64,
    Modified:64/little, _/binary>>) ->
    #{
        inode => Inode, links => Links, mode => Mode, user => User, group => Group,
        rdev => Rdev, size => Size, accessed => Accessed, modified => Modified
    }.

%% In another thread of the same group.
thread(Function) ->
    Table = vbeam_linux_group:table(),
    Number = vbeam_linux_group:number(),
    Self = self(),
    {Pid, _} = spawn_monitor(fun() ->
        ok = vbeam_linux_group:use(Table, Number),
        Self ! {self(), Function()}
    end),
    Pid.

result(Pid) ->
    receive
        {Pid, Result} -> Result;
        {'DOWN', _, process, Pid, Reason} when Reason =/= normal -> {failed, Reason}
    after 5000 -> late
    end.

%% --- files and descriptors ---------------------------------------------------------------------

file() ->
    3 = open("f", 8#102),
    11 = write(3, <<"hello world">>),
    6 = c(lseek, [3, 6, 0]),
    <<"world">> = read(3, 100),
    <<>> = read(3, 100),
    11 = c(lseek, [3, 0, 1]),
    8 = c(lseek, [3, -3, 2]),
    -22 = c(lseek, [3, -30, 1]),
    -22 = c(lseek, [3, 0, 9]),
    3 = c(lseek, [3, 3, 3]),
    11 = c(lseek, [3, 3, 4]),
    -6 = c(lseek, [3, 11, 3]),
    20 = c(lseek, [3, 20, 0]),
    1 = write(3, <<"x">>),
    <<"hello world", 0:72, "x">> = element(2, file:read_file(where("f"))),
    0 = c(ftruncate, [3, 5]),
    -22 = c(ftruncate, [3, -1]),
    0 = c(truncate, [path("f"), 4]),
    #{size := 4, mode := 8#100644, links := 1} = stat("f"),
    0 = c(fallocate, [3, 0, 0, 10]),
    #{size := 10} = stat("f"),
    0 = c(fsync, [3]),
    0 = c(unlink, [path("f")]),
    -2 = stat("f"),
    0 = c(lseek, [3, 0, 0]),
    <<"hell", 0:48>> = read(3, 100),
    0 = c(close, [3]),
    -9 = c(close, [3]),
    -9 = write(3, <<"x">>),
    ok.

where(Name) ->
    <<(vbeam_linux_group:get(folder, <<>>))/binary, "/", (list_to_binary(Name))/binary>>.

open_flags() ->
    -2 = open("f", 0),
    3 = open("f", 8#301, 8#777),
    #{mode := 8#100755} = stat("f"),
    -17 = open("f", 8#301),
    -9 = read(3, 1),
    3 = write(3, <<"abc">>),
    4 = open("f", 8#2001),
    1 = write(4, <<"d">>),
    <<"abcd">> = element(2, file:read_file(where("f"))),
    5 = open("f", 8#1002),
    #{size := 0} = stat("f"),
    -9 = write(open("f", 0), <<"x">>),
    -20 = open("f", 8#200000),
    -21 = open(".", 1),
    -20 = open("f/x", 0),
    0 = c(symlink, [path("f"), path("l")]),
    -40 = open("l", 8#400000),
    -17 = open("l", 8#301),
    7 = open("l", 0),
    8 = open("l", 8#10400000),
    -9 = read(8, 1),
    -22 = open("new", 8#200102),
    -2 = open("", 0),
    -36 = open(lists:duplicate(300, $x), 0),
    -36 = open(lists:duplicate(5000, $x), 0),
    -21 = open("new/", 8#102),
    8#22 = c(umask, [8#27]),
    _ = open("masked", 8#101, 8#666),
    #{mode := 8#100640} = stat("masked"),
    8#27 = c(umask, [0]),
    Unnamed = open(".", 8#20200002),
    3 = write(Unnamed, <<"abc">>),
    ok.

descriptors() ->
    3 = open("f", 8#102),
    4 = c(dup, [3]),
    7 = c(dup2, [3, 7]),
    3 = c(dup2, [3, 3]),
    -9 = c(dup2, [9, 9]),
    -9 = c(dup2, [3, 100000]),
    -22 = c(dup3, [3, 3, 0]),
    8 = c(dup3, [3, 8, 8#2000000]),
    1 = c(fcntl, [8, 1, 0]),
    0 = c(fcntl, [7, 1, 0]),
    10 = c(fcntl, [3, 0, 10]),
    11 = c(fcntl, [3, 1030, 10]),
    1 = c(fcntl, [11, 1, 0]),
    0 = c(fcntl, [11, 2, 0]),
    0 = c(fcntl, [11, 1, 0]),
    8#100002 = c(fcntl, [3, 3, 0]),
    0 = c(fcntl, [4, 4, 8#2000]),
    8#102002 = c(fcntl, [3, 3, 0]),
    -22 = c(fcntl, [3, 999, 0]),
    -22 = c(fcntl, [3, 0, 100000]),
    0 = c(close_range, [4, 9, 0]),
    -9 = c(fcntl, [7, 1, 0]),
    12 = c(fcntl, [3, 0, 10]),
    0 = c(close_range, [10, 16#ffffffff, 4]),
    1 = c(fcntl, [12, 1, 0]),
    -22 = c(close_range, [5, 4, 0]),
    4 = c(dup, [3]),
    ok.

offsets() ->
    3 = open("f", 8#102),
    4 = c(dup, [3]),
    5 = open("f", 0),
    6 = write(3, <<"abcdef">>),
    6 = c(lseek, [4, 0, 1]),
    0 = c(lseek, [5, 0, 1]),
    <<"abc">> = read(5, 3),
    2 = c(lseek, [4, 2, 0]),
    1 = write(3, <<"X">>),
    <<"def">> = read(5, 3),
    0 = c(close, [3]),
    <<"def">> = read(4, 9),
    ok.

vectors() ->
    3 = open("f", 8#102),
    One = <<"abcd">>,
    Other = <<"efgh">>,
    %% Buffers lie at known places, one after the other.
    [At, AtOther, _] = vbeam_linux_memory:use_buffers([One, Other, <<>>]),
    Vector = <<At:64/little, 4:64/little, AtOther:64/little, 4:64/little>>,
    [_, _, VectorAt] = vbeam_linux_memory:use_buffers([One, Other, Vector]),
    8 = vbeam_linux_sys_io:writev(3, VectorAt, 2),
    8 = vbeam_linux_sys_io:pwritev(3, VectorAt, 2, 1, 0),
    6 = vbeam_linux_sys_io:preadv(3, VectorAt, 2, 3, 0),
    [<<"cdef">>, <<"gh">>, <<>>] = vbeam_linux_memory:written(),
    {2, [<<"ab">>]} = call(pread64, [3, <<0:16>>, 2, 1]),
    -22 = c(pread64, [3, <<0:16>>, 2, -1]),
    2 = c(pwrite64, [3, <<"zz">>, 2, 0]),
    {_, Memory} = call(pread64, [3, <<0:800>>, 100, 0]),
    [<<"zzbcdefgh">>] = Memory,
    8 = c(lseek, [3, 0, 1]),
    -14 = c(read, [3, 5, 10]),
    {Reader, _} = two(pipe, [<<0:64>>]),
    -29 = c(pread64, [Reader, <<0:16>>, 2, 0]),
    -29 = c(lseek, [Reader, 0, 0]),
    ok.

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

%% --- names -------------------------------------------------------------------------------------

names() ->
    0 = c(mkdir, [path("d"), 8#755]),
    0 = c(symlink, [path("d"), path("l")]),
    0 = c(symlink, [path("loop"), path("loop")]),
    0 = c(symlink, [path("nowhere"), path("dangling")]),
    3 = open("l/./../d//f", 8#101),
    #{size := 0} = stat("d/f"),
    -40 = open("loop", 0),
    -2 = open("dangling", 0),
    4 = open("dangling", 8#101),
    #{mode := 8#100644} = stat("nowhere"),
    -20 = open("d/f/", 0),
    -20 = stat("d/f/."),
    #{mode := 8#120777} = stat("l"),
    #{mode := 8#040755} = stat("l/"),
    {1, [_, <<"d">>]} = call(readlink, [path("l"), <<0:800>>, 100]),
    -22 = c(readlink, [path("d"), <<0:800>>, 100]),
    -22 = c(readlink, [path("l"), <<0:800>>, 0]),
    -20 = c(unlink, [path("l/")]),
    -21 = c(unlink, [path("d")]),
    -20 = c(rmdir, [path("l")]),
    -39 = c(rmdir, [path("d")]),
    -22 = c(rmdir, [path("d/.")]),
    -39 = c(rmdir, [path("d/..")]),
    -17 = c(mkdir, [path("d"), 8#755]),
    -17 = c(mkdir, [path("l"), 8#755]),
    -2 = c(mkdir, [path("x/y"), 8#755]),
    0 = c(mkdir, [path("e/"), 8#755]),
    Folder = open("d", 8#200000),
    #{size := _} = stat("d"),
    {0, _} = call(newfstatat, [Folder, path("f"), <<0:1152>>, 0]),
    {0, [_, Empty]} = call(newfstatat, [Folder, path(""), <<0:1152>>, 16#1000]),
    #{mode := 8#040755} = fields(Empty),
    -2 = c(newfstatat, [Folder, path(""), <<0:1152>>, 0]),
    -20 = c(newfstatat, [3, path("f"), <<0:1152>>, 0]),
    -9 = c(newfstatat, [99, path("f"), <<0:1152>>, 0]),
    -22 = c(newfstatat, [Folder, path("f"), <<0:1152>>, 16#40000]),
    0 = c(unlinkat, [Folder, path("f"), 0]),
    0 = c(fchdir, [Folder]),
    {_, [Where]} = call(getcwd, [<<0:8000>>, 1000]),
    <<"/d", 0>> = binary:part(Where, byte_size(Where), -3),
    -34 = c(getcwd, [<<0:16>>, 2]),
    0 = c(chdir, [path("..")]),
    -20 = c(chdir, [path("nowhere")]),
    ok.

folders() ->
    Names = [[$a + N] || N <- lists:seq(0, 25)],
    [0 = c(mkdir, [path(Name), 8#755]) || Name <- Names],
    Folder = open(".", 8#200000),
    All = entries(Folder, 200),
    [<<".">>, <<"..">> | Rest] = [Name || {Name, _} <- All],
    Rest = [list_to_binary(Name) || Name <- Names],
    [4] = lists:usort([Type || {_, Type} <- All]),
    0 = c(lseek, [Folder, 0, 0]),
    28 = length(entries(Folder, 10000)),
    0 = c(lseek, [Folder, 0, 0]),
    -22 = c(getdents64, [Folder, <<0:80>>, 10]),
    -21 = read(Folder, 10),
    -20 = c(getdents64, [open("file", 8#102), <<0:8000>>, 1000]),
    ok.

entries(Folder, Size) ->
    case call(getdents64, [Folder, <<0:(Size * 8)>>, Size]) of
        {0, _} -> [];
        {_, [Bytes]} -> parsed(Bytes) ++ entries(Folder, Size)
    end.

parsed(<<>>) ->
    [];
parsed(<<_:64, _:64, Length:16/little, Type:8, Rest/binary>>) ->
    Size = Length - 19,
    <<Name:Size/binary, More/binary>> = Rest,
    [{hd(binary:split(Name, <<0>>)), Type} | parsed(More)].

renames() ->
    3 = open("a", 8#102),
    4 = open("b", 8#102),
    1 = write(3, <<"1">>),
    2 = write(4, <<"22">>),
    0 = c(mkdir, [path("d"), 8#755]),
    0 = c(mkdir, [path("d/e"), 8#755]),
    -21 = c(rename, [path("a"), path("d")]),
    -20 = c(rename, [path("d"), path("a")]),
    -2 = c(rename, [path("x"), path("y")]),
    -22 = c(rename, [path("d"), path("d/e/f")]),
    0 = c(mkdir, [path("n"), 8#755]),
    -39 = c(rename, [path("n"), path("d")]),
    -17 = c(renameat2, [-100, path("a"), -100, path("b"), 1]),
    0 = c(renameat2, [-100, path("a"), -100, path("b"), 2]),
    #{size := 2} = stat("a"),
    0 = c(rename, [path("a"), path("b")]),
    #{size := 2} = stat("b"),
    -2 = stat("a"),
    0 = c(link, [path("b"), path("c")]),
    #{links := 2} = stat("b"),
    -17 = c(link, [path("b"), path("c")]),
    -1 = c(link, [path("d"), path("z")]),
    -2 = c(link, [path("nothing"), path("z")]),
    ok.

attributes() ->
    3 = open("f", 8#102),
    0 = c(chmod, [path("f"), 8#600]),
    0 = c(fchmod, [3, 8#4711]),
    #{mode := 8#104711} = stat("f"),
    0 = c(chown, [path("f"), 16#ffffffff, 16#ffffffff]),
    0 = c(utimensat, [-100, path("f"), <<100:64/little, 0:64, 200:64/little, 5:64/little>>, 0]),
    #{accessed := 100, modified := 200} = stat("f"),
    Omit = <<300:64/little, 16#3ffffffe:64/little, 400:64/little, 0:64>>,
    0 = c(utimensat, [3, 0, Omit, 0]),
    #{accessed := 100, modified := 400} = stat("f"),
    -22 = c(utimensat, [3, 0, <<0:64, 1000000000:64/little, 0:128>>, 0]),
    -14 = c(utimensat, [-100, 0, Omit, 0]),
    0 = c(utime, [path("f"), 0]),
    0 = c(access, [path("f"), 7]),
    0 = c(chmod, [path("f"), 8#600]),
    -13 = c(access, [path("f"), 1]),
    0 = c(access, [path("f"), 6]),
    -2 = c(access, [path("g"), 0]),
    -22 = c(access, [path("f"), 8]),
    {0, [_, Statx]} = call(statx, [-100, path("f"), 0, 16#7ff, <<0:2048>>]),
    <<16#7ff:32/little, _:32, _:64, 1:32/little, _:64, 8#100600:16/little, _/binary>> = Statx,
    0 = c(statfs, [path("f"), <<0:960>>]),
    -95 = c(getxattr, [path("f"), path("user.x"), <<0:80>>, 10]),
    ok.

root() ->
    0 = c(mkdir, [path("r"), 8#755]),
    3 = open("r/inside", 8#101),
    4 = open("outside", 8#101),
    0 = c(symlink, [path("/inside"), path("r/l")]),
    0 = c(chroot, [path("r")]),
    0 = c(chdir, [path("/")]),
    5 = open("/inside", 0),
    6 = open("/../../inside", 0),
    7 = open("/l", 0),
    -2 = open("../outside", 0),
    {2, [<<"/", 0>>]} = call(getcwd, [<<0:8000>>, 1000]),
    ok.

devices() ->
    Null = open("/dev/null", 2),
    5 = write(Null, <<"abcde">>),
    <<>> = read(Null, 10),
    <<0:80>> = read(open("/dev/zero", 0), 10),
    -28 = write(open("/dev/full", 1), <<"x">>),
    10 = byte_size(read(open("/dev/urandom", 0), 10)),
    #{mode := 8#020666, rdev := 16#103} = stat("/dev/null"),
    -13 = open("/dev/new", 8#101),
    -6 = open("/dev/tty", 2),
    0 = c(mknod, [path("n"), 8#020666, 16#103]),
    2 = write(open("n", 1), <<"ab">>),
    {_, [_, <<"/proc/self/fd/1">>]} = call(readlink, [path("/dev/stdout"), <<0:800>>, 100]),
    true = open("/dev/fd/0", 0) >= 0,
    ok.

proc() ->
    Number = integer_to_binary(vbeam_linux_group:number()),
    {_, [_, Number]} = call(readlink, [path("/proc/self"), <<0:800>>, 100]),
    Stat = read(open("/proc/self/stat", 0), 1000),
    [Number | _] = binary:split(Stat, <<" ">>),
    <<"MemTotal:", _/binary>> = read(open("/proc/meminfo", 0), 1000),
    File = open("f", 8#101),
    Link = ["/proc/self/fd/", integer_to_list(File)],
    Real = where("f"),
    {_, [_, Real]} = call(readlink, [path(Link), <<0:8000>>, 1000]),
    Again = open(Link, 2),
    1 = write(Again, <<"x">>),
    #{size := 1} = stat("f"),
    -2 = open("/proc/99999999/stat", 0),
    -13 = open("/proc/version", 1),
    -13 = open("/proc/new", 8#101),
    -1 = c(unlink, [path("/proc/version")]),
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
    {0, _} = call(timerfd_settime, [
        Timer, 0, <<0:64, 10000000:64/little, 0:64, 10000000:64/little>>, 0
    ]),
    timer:sleep(45),
    <<Times:64/little>> = read(Timer, 8),
    true = Times >= 4 andalso Times < 20,
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

result_now(Pid) ->
    receive
        {Pid, Result} -> Result
    after 0 -> late
    end.

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

%% --- locks, memory, copies ---------------------------------------------------------------------

flock(Type, Start, Length) ->
    <<Type:16/little, 0:16, 0:32, Start:64/little, Length:64/little, 0:64>>.

locks() ->
    3 = open("f", 8#102),
    4 = open("f", 2),
    0 = c(flock, [3, 2]),
    -11 = c(flock, [4, 6]),
    0 = c(flock, [3, 8]),
    0 = c(flock, [4, 5]),
    -11 = c(flock, [3, 6]),
    0 = c(close, [4]),
    0 = c(flock, [3, 6]),
    0 = c(fcntl, [3, 6, flock(1, 0, 10)]),
    Table = vbeam_linux_group:table(),
    Self = self(),
    %% Another group, which has opened the file, too.
    Folder = vbeam_linux_group:get(folder, <<>>),
    Other = spawn_link(fun() ->
        ok = vbeam_linux_group:use_program(),
        ok = vbeam_linux_group:put(folder, Folder),
        false = vbeam_linux_group:table() =:= Table,
        Fd = open("f", 2),
        Self ! {other, c(fcntl, [Fd, 6, flock(1, 5, 10)])},
        {0, [Found]} = call(fcntl, [Fd, 5, flock(1, 5, 10)]),
        Self ! {other, Found},
        Self ! {other, c(fcntl, [Fd, 6, flock(1, 10, 10)])},
        Self ! {other, c(fcntl, [Fd, 7, flock(0, 0, 0)])}
    end),
    -11 = receive {other, Refused} -> Refused end,
    <<1:16/little, 0:48, 0:64, 10:64/little, _/binary>> = receive {other, F} -> F end,
    0 = receive {other, Apart} -> Apart end,
    timer:sleep(20),
    0 = c(fcntl, [3, 6, flock(2, 0, 0)]),
    0 = receive {other, Granted} -> Granted after 2000 -> late end,
    true = is_pid(Other),
    ok.

memory_files() ->
    Fd = c(memfd_create, [path("name"), 2]),
    3 = write(Fd, <<"abc">>),
    {_, [_, <<"/memfd:name (deleted)">>]} =
        call(readlink, [path("/proc/self/fd/" ++ integer_to_list(Fd)), <<0:800>>, 100]),
    0 = c(fcntl, [Fd, 1034, 0]),
    0 = c(fcntl, [Fd, 1033, 6]),
    -1 = write(Fd, <<"more">>),
    -1 = c(ftruncate, [Fd, 1]),
    3 = c(pwrite64, [Fd, <<"xyz">>, 3, 0]),
    0 = c(fcntl, [Fd, 1033, 8]),
    -1 = c(pwrite64, [Fd, <<"xyz">>, 3, 0]),
    14 = c(fcntl, [Fd, 1034, 0]),
    ok.

copies() ->
    3 = open("f", 8#102),
    10 = write(3, <<"0123456789">>),
    4 = open("g", 8#102),
    {4, [<<6:64/little>>]} = call(sendfile, [4, 3, <<2:64/little>>, 4]),
    0 = c(lseek, [3, 0, 0]),
    3 = c(sendfile, [4, 3, 0, 3]),
    <<"2345012">> = element(2, file:read_file(where("g"))),
    {2, _} = call(copy_file_range, [3, <<8:64/little>>, 4, <<0:64>>, 100, 0]),
    <<"8945012">> = element(2, file:read_file(where("g"))),
    {Reader, Writer} = two(pipe, [<<0:64>>]),
    5 = c(sendfile, [Writer, 3, 0, 5]),
    -22 = c(sendfile, [4, Reader, 0, 5]),
    5 = c(splice, [Reader, 0, 4, 0, 100, 0]),
    12 = c(lseek, [4, 0, 1]),
    -22 = c(splice, [3, 0, 4, 0, 100, 0]),
    ok.
