%% System calls on descriptors: opening, reading, writing, places in files, copies of descriptors.
%% Man pages of section 2 by the names of the functions.
-module(vbeam_linux_sys_io).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([read/3, write/3, readv/3, writev/3, pread64/4, pwrite64/4]).
-export([preadv/5, pwritev/5, preadv2/6, pwritev2/6]).
-export([open/3, openat/4, openat2/4, creat/2, close/1, close_range/3]).
-export([lseek/3, ioctl/3, dup/1, dup2/2, dup3/3, pipe/1, pipe2/2]).
-export([ftruncate/2, fallocate/4, fsync/1, fdatasync/1, sync/0, syncfs/1, sync_file_range/4]).
-export([fadvise64/4, readahead/3, flock/2, fcntl/3]).
-export([sendfile/4, copy_file_range/6, splice/6, tee/4]).
-export([eventfd/1, eventfd2/2, memfd_create/2, signalfd/3, signalfd4/4]).
-export([timerfd_create/2, timerfd_settime/4, timerfd_gettime/2]).

%% More bytes than a call moves at once (MAX_RW_COUNT).
-define(MOVED_MAX, 16#7ffff000).
%% Bytes that are read into Erlang's memory at once; a longer read gives fewer, which POSIX allows
%% for all but regular files, and those go on.
-define(PIECE, 1048576).
-define(IOV_MAX, 1024).

%% --- reading and writing -----------------------------------------------------------------------

read(Fd, Pointer, Count) ->
    Object = vbeam_linux_descriptors:find(Fd),
    into([{Pointer, count(Count)}], fun(Bytes) -> vbeam_linux_object:read(Object, Bytes) end).

readv(Fd, Vector, Count) ->
    Object = vbeam_linux_descriptors:find(Fd),
    into(pieces(Vector, Count), fun(Bytes) -> vbeam_linux_object:read(Object, Bytes) end).

pread64(Fd, Pointer, Count, Offset) ->
    pread(Fd, [{Pointer, count(Count)}], Offset).

preadv(Fd, Vector, Count, Low, _High) ->
    pread(Fd, pieces(Vector, Count), signed(Low)).

preadv2(Fd, Vector, Count, Low, High, Flags) ->
    _ = Flags band bnot 16#1f =:= 0 orelse throw({errno, ?EOPNOTSUPP}),
    case signed(Low) of
        -1 -> readv(Fd, Vector, Count);
        _ -> preadv(Fd, Vector, Count, Low, High)
    end.

pread(_, _, Offset) when Offset < 0 ->
    throw({errno, ?EINVAL});
pread(Fd, Pieces, Offset) ->
    Object = vbeam_linux_descriptors:find(Fd),
    into(Pieces, fun(Bytes) -> vbeam_linux_object:pread(Object, Offset, Bytes) end).

%% What is read goes to the pieces of memory, one after the other.
into(Pieces, Read) ->
    Wanted = min(?PIECE, lists:sum([Count || {_, Count} <- Pieces])),
    Bytes = Read(Wanted),
    ok = vbeam_linux_memory:scatter(Bytes, Pieces),
    byte_size(Bytes).

write(Fd, Pointer, Count) ->
    Object = vbeam_linux_descriptors:find(Fd),
    vbeam_linux_object:write(Object, gather([{Pointer, count(Count)}])).

writev(Fd, Vector, Count) ->
    Object = vbeam_linux_descriptors:find(Fd),
    vbeam_linux_object:write(Object, gather(pieces(Vector, Count))).

pwrite64(Fd, Pointer, Count, Offset) ->
    pwrite(Fd, [{Pointer, count(Count)}], Offset).

pwritev(Fd, Vector, Count, Low, _High) ->
    pwrite(Fd, pieces(Vector, Count), signed(Low)).

pwritev2(Fd, Vector, Count, Low, High, Flags) ->
    _ = Flags band bnot 16#1f =:= 0 orelse throw({errno, ?EOPNOTSUPP}),
    case signed(Low) of
        -1 -> writev(Fd, Vector, Count);
        _ -> pwritev(Fd, Vector, Count, Low, High)
    end.

pwrite(_, _, Offset) when Offset < 0 ->
    throw({errno, ?EINVAL});
pwrite(Fd, Pieces, Offset) ->
    Object = vbeam_linux_descriptors:find(Fd),
    vbeam_linux_object:pwrite(Object, Offset, gather(Pieces)).

gather(Pieces) ->
    iolist_to_binary(vbeam_linux_memory:reads(Pieces, ?PIECE)).

count(Count) when Count > 16#7fffffffffffffff -> throw({errno, ?EINVAL});
count(Count) -> min(Count, ?MOVED_MAX).

%% struct iovec
pieces(_, Count) when Count > ?IOV_MAX ->
    throw({errno, ?EINVAL});
pieces(Vector, Count) ->
    Pieces = [
        {Pointer, Bytes}
     || <<Pointer:64/little, Bytes:64/little>> <= vbeam_linux_memory:read(Vector, Count * 16)
    ],
    Total = lists:sum([Bytes || {_, Bytes} <- Pieces]),
    _ = Total =< 16#7fffffffffffffff orelse throw({errno, ?EINVAL}),
    Pieces.

signed(Value) when Value >= 16#8000000000000000 -> Value - 16#10000000000000000;
signed(Value) -> Value.

%% --- opening and closing -----------------------------------------------------------------------

open(Path, Flags, Mode) -> openat(-100, Path, Flags, Mode).
creat(Path, Mode) -> openat(-100, Path, ?O_CREAT bor ?O_WRONLY bor ?O_TRUNC, Mode).

openat(At, Path, Flags, Mode) ->
    vbeam_linux_open:open(At, vbeam_linux_names:string(Path), Flags band 16#ffffffff, Mode).

%% struct open_how; of the ways to resolve only the usual one.
openat2(_, _, _, Size) when Size < 24 ->
    throw({errno, ?EINVAL});
openat2(At, Path, How, Size) ->
    <<Flags:64/little, Mode:64/little, Resolve:64/little, Rest/binary>> =
        vbeam_linux_memory:read(How, min(Size, 4096)),
    _ = Rest =:= <<0:(byte_size(Rest) * 8)>> orelse throw({errno, ?E2BIG}),
    _ = Resolve =:= 0 orelse throw({errno, ?EINVAL}),
    openat(At, Path, Flags, Mode).

close(Fd) ->
    ok = vbeam_linux_descriptors:close(Fd),
    0.

%% CLOSE_RANGE_UNSHARE is 2, CLOSE_RANGE_CLOEXEC 4.
close_range(First, Last, Flags) when First =< Last, Flags band bnot 6 =:= 0 ->
    What = case Flags band 4 of 0 -> close; _ -> mark end,
    ok = vbeam_linux_descriptors:close_range(First, Last, What),
    0;
close_range(_, _, _) ->
    throw({errno, ?EINVAL}).

dup(Fd) -> vbeam_linux_descriptors:open_from(Fd, 0, false).

dup2(Fd, Fd) ->
    _ = vbeam_linux_descriptors:any(Fd),
    Fd;
dup2(Fd, Target) ->
    vbeam_linux_descriptors:place(Fd, Target, false).

dup3(Fd, Fd, _) ->
    throw({errno, ?EINVAL});
dup3(Fd, Target, Flags) when Flags band bnot ?O_CLOEXEC =:= 0 ->
    vbeam_linux_descriptors:place(Fd, Target, Flags =/= 0);
dup3(_, _, _) ->
    throw({errno, ?EINVAL}).

pipe(Pointer) -> pipe2(Pointer, 0).

pipe2(Pointer, Flags) when Flags band bnot (?O_CLOEXEC bor ?O_NONBLOCK bor ?O_DIRECT) =:= 0 ->
    {Reader, Writer} = vbeam_linux_pipe:open(Flags),
    two(Pointer, Reader, Writer, Flags);
pipe2(_, _) ->
    throw({errno, ?EINVAL}).

%% Two descriptors, whose numbers go to memory; none when that fails.
two(Pointer, First, Second, Flags) ->
    FirstFd = vbeam_linux_descriptors:open(First, Flags),
    try
        SecondFd = vbeam_linux_descriptors:open(Second, Flags),
        try
            ok = vbeam_linux_memory:write(Pointer, <<FirstFd:32/little, SecondFd:32/little>>),
            0
        catch
            throw:{errno, _} = Error ->
                ok = vbeam_linux_descriptors:close(SecondFd),
                throw(Error)
        end
    catch
        throw:{errno, _} = Failed ->
            ok = vbeam_linux_descriptors:close(FirstFd),
            throw(Failed)
    end.

%% --- files -------------------------------------------------------------------------------------

lseek(Fd, Offset, Whence) ->
    vbeam_linux_object:seek(vbeam_linux_descriptors:find(Fd), Offset, Whence).

%% FIONCLEX, FIOCLEX, FIONBIO and FIOASYNC are the same for all.
ioctl(Fd, 16#5450, _) ->
    ok = vbeam_linux_descriptors:set_flags(Fd, 0),
    0;
ioctl(Fd, 16#5451, _) ->
    ok = vbeam_linux_descriptors:set_flags(Fd, ?FD_CLOEXEC),
    0;
ioctl(Fd, 16#5421, Pointer) ->
    Object = vbeam_linux_descriptors:find(Fd),
    Status = vbeam_linux_object:status(Object) band bnot ?O_NONBLOCK,
    Flag = case vbeam_linux_memory:read_u32(Pointer) of 0 -> 0; _ -> ?O_NONBLOCK end,
    ok = vbeam_linux_object:set_status(Object, Status bor Flag),
    0;
ioctl(Fd, Request, Argument) ->
    vbeam_linux_object:ioctl(vbeam_linux_descriptors:find(Fd), Request, Argument).

ftruncate(_, Size) when Size < 0 ->
    throw({errno, ?EINVAL});
ftruncate(Fd, Size) ->
    _ = vbeam_linux_object:truncate(vbeam_linux_descriptors:find(Fd), Size),
    0.

fallocate(Fd, Mode, Offset, Bytes) ->
    _ = vbeam_linux_object:allocate(vbeam_linux_descriptors:find(Fd), Mode, {Offset, Bytes}),
    0.

fsync(Fd) ->
    _ = vbeam_linux_object:sync(vbeam_linux_descriptors:find(Fd)),
    0.

fdatasync(Fd) -> fsync(Fd).

%% Only our system has a service that writes everything.
sync() ->
    _ = whereis(vbeam_vfs) =/= undefined andalso vbeam_vfs:sync(),
    0.

syncfs(Fd) ->
    _ = vbeam_linux_descriptors:find(Fd),
    sync().

sync_file_range(Fd, Offset, Bytes, Flags) when Offset >= 0, Bytes >= 0, Flags band bnot 7 =:= 0 ->
    fsync(Fd);
sync_file_range(_, _, _, _) ->
    throw({errno, ?EINVAL}).

%% Advice changes nothing that a program could see.
fadvise64(Fd, _, _, Advice) ->
    Object = vbeam_linux_descriptors:find(Fd),
    _ = Advice =< 5 orelse throw({errno, ?EINVAL}),
    _ = Object#object.module =:= vbeam_linux_pipe andalso throw({errno, ?ESPIPE}),
    0.

readahead(Fd, _, _) ->
    Object = vbeam_linux_descriptors:find(Fd),
    _ = vbeam_linux_object:may(read, Object) orelse throw({errno, ?EBADF}),
    _ = Object#object.module =:= vbeam_linux_file orelse throw({errno, ?EINVAL}),
    0.

%% LOCK_SH, LOCK_EX, LOCK_UN; LOCK_NB is 4.
flock(Fd, Operation) ->
    Object = vbeam_linux_descriptors:find(Fd),
    Kind =
        case Operation band bnot 4 of
            1 -> shared;
            2 -> exclusive;
            8 -> none;
            _ -> throw({errno, ?EINVAL})
        end,
    Wait = case Operation band 4 of 0 -> wait; _ -> now end,
    ok = vbeam_linux_locks:whole(Object, Kind, Wait),
    0.

fcntl(Fd, Command, Argument) -> vbeam_linux_fcntl:fcntl(Fd, Command, Argument).

%% --- from descriptor to descriptor -------------------------------------------------------------

sendfile(Out, In, OffsetPointer, Count) -> vbeam_linux_copy:sendfile(Out, In, OffsetPointer, Count).

copy_file_range(In, InPointer, Out, OutPointer, Count, Flags) ->
    vbeam_linux_copy:range(In, InPointer, Out, OutPointer, Count, Flags).

splice(In, InPointer, Out, OutPointer, Count, Flags) ->
    vbeam_linux_copy:splice(In, InPointer, Out, OutPointer, Count, Flags).

tee(In, Out, Count, Flags) -> vbeam_linux_copy:tee(In, Out, Count, Flags).

%% --- descriptors of other things ---------------------------------------------------------------

eventfd(Value) -> eventfd2(Value, 0).

%% EFD_SEMAPHORE is 1.
eventfd2(Value, Flags) when Flags band bnot (?O_CLOEXEC bor ?O_NONBLOCK bor 1) =:= 0 ->
    Kind = case Flags band 1 of 0 -> counter; _ -> semaphore end,
    Status = Flags band ?O_NONBLOCK bor ?O_RDWR,
    Object = vbeam_linux_eventfd:open(Value, Kind, Status),
    vbeam_linux_descriptors:open(Object, Flags);
eventfd2(_, _) ->
    throw({errno, ?EINVAL}).

%% MFD_CLOEXEC 1, MFD_ALLOW_SEALING 2, MFD_NOEXEC_SEAL 8, MFD_EXEC 16.
memfd_create(Name, Flags) when Flags band bnot 16#1b =:= 0 ->
    Bytes = vbeam_linux_memory:string(Name, 250),
    Group = vbeam_linux_group:process(),
    Object = vbeam_linux_object:done(vbeam_linux_file:open_unnamed(Bytes, ?O_RDWR, Group)),
    %% F_SEAL_SEAL
    _ = Flags band 2 =:= 0 andalso
        vbeam_linux_server:ask(Object#object.server, {seal, 1}),
    vbeam_linux_descriptors:open(Object, case Flags band 1 of 0 -> 0; _ -> ?O_CLOEXEC end);
memfd_create(_, _) ->
    throw({errno, ?EINVAL}).

signalfd(Fd, Mask, Size) -> signalfd4(Fd, Mask, Size, 0).
signalfd4(Fd, Mask, Size, Flags) -> vbeam_linux_signalfd:create(Fd, Mask, Size, Flags).

timerfd_create(Clock, Flags) when Flags band bnot (?O_CLOEXEC bor ?O_NONBLOCK) =:= 0 ->
    Object = vbeam_linux_timerfd:open(Clock, Flags band ?O_NONBLOCK bor ?O_RDWR),
    vbeam_linux_descriptors:open(Object, Flags);
timerfd_create(_, _) ->
    throw({errno, ?EINVAL}).

timerfd_settime(Fd, Flags, New, Old) ->
    vbeam_linux_timerfd:set(vbeam_linux_descriptors:find(Fd), Flags, New, Old).

timerfd_gettime(Fd, Pointer) ->
    vbeam_linux_timerfd:remaining(vbeam_linux_descriptors:find(Fd), Pointer).
