%% fcntl(2): copies and flags of descriptors, flags of descriptions, locks of ranges, sizes of
%% pipes, seals of files in memory.
-module(vbeam_linux_fcntl).
-include("vbeam_linux.hrl").
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-export([fcntl/3]).

-define(F_DUPFD, 0).
-define(F_GETFD, 1).
-define(F_SETFD, 2).
-define(F_GETFL, 3).
-define(F_SETFL, 4).
-define(F_GETLK, 5).
-define(F_SETLK, 6).
-define(F_SETLKW, 7).
-define(F_SETOWN, 8).
-define(F_GETOWN, 9).
-define(F_OFD_GETLK, 36).
-define(F_OFD_SETLK, 37).
-define(F_OFD_SETLKW, 38).
-define(F_DUPFD_CLOEXEC, 1030).
-define(F_SETPIPE_SZ, 1031).
-define(F_GETPIPE_SZ, 1032).
-define(F_ADD_SEALS, 1033).
-define(F_GET_SEALS, 1034).
%% Shown by F_GETFL on machines of 64 bits for every file.
-define(O_LARGEFILE, 8#100000).

-spec fcntl(integer(), integer(), non_neg_integer()) -> non_neg_integer().
fcntl(Fd, ?F_DUPFD, First) ->
    vbeam_linux_descriptors:open_from(Fd, signed(First), false);
fcntl(Fd, ?F_DUPFD_CLOEXEC, First) ->
    vbeam_linux_descriptors:open_from(Fd, signed(First), true);
fcntl(Fd, ?F_GETFD, _) ->
    vbeam_linux_descriptors:flags(Fd);
fcntl(Fd, ?F_SETFD, Flags) ->
    ok = vbeam_linux_descriptors:set_flags(Fd, Flags),
    0;
fcntl(Fd, ?F_GETFL, _) ->
    Object = vbeam_linux_descriptors:any(Fd),
    Status = vbeam_linux_object:status(Object),
    case Object#object.module of
        vbeam_linux_file -> Status bor ?O_LARGEFILE;
        vbeam_linux_folder -> Status bor ?O_LARGEFILE;
        _ -> Status
    end;
fcntl(Fd, ?F_SETFL, Flags) ->
    ok = vbeam_linux_object:set_status(vbeam_linux_descriptors:find(Fd), Flags),
    0;
fcntl(Fd, ?F_GETLK, Pointer) ->
    get_lock(Fd, group(), Pointer);
fcntl(Fd, ?F_SETLK, Pointer) ->
    set_lock(Fd, group(), Pointer, now);
fcntl(Fd, ?F_SETLKW, Pointer) ->
    set_lock(Fd, group(), Pointer, wait);
fcntl(Fd, ?F_OFD_GETLK, Pointer) ->
    get_lock(Fd, description(Fd), Pointer);
fcntl(Fd, ?F_OFD_SETLK, Pointer) ->
    set_lock(Fd, description(Fd), Pointer, now);
fcntl(Fd, ?F_OFD_SETLKW, Pointer) ->
    set_lock(Fd, description(Fd), Pointer, wait);
%% Signals for input and output are not sent; who would get them is not kept.
fcntl(Fd, ?F_SETOWN, _) ->
    _ = vbeam_linux_descriptors:find(Fd),
    0;
fcntl(Fd, ?F_GETOWN, _) ->
    _ = vbeam_linux_descriptors:find(Fd),
    0;
fcntl(Fd, Command, Argument) when Command =:= ?F_SETPIPE_SZ; Command =:= ?F_GETPIPE_SZ ->
    case vbeam_linux_descriptors:find(Fd) of
        #object{module = vbeam_linux_pipe} = Pipe when Command =:= ?F_GETPIPE_SZ ->
            vbeam_linux_object:done(vbeam_linux_pipe:size(Pipe));
        #object{module = vbeam_linux_pipe} = Pipe ->
            vbeam_linux_object:done(vbeam_linux_pipe:set_size(Pipe, Argument));
        _ ->
            throw({errno, ?EBADF})
    end;
fcntl(Fd, ?F_GET_SEALS, _) ->
    seals(Fd, seals);
fcntl(Fd, ?F_ADD_SEALS, Seals) when Seals band bnot 16#1f =:= 0 ->
    seals(Fd, {seal, Seals});
fcntl(Fd, _, _) ->
    _ = vbeam_linux_descriptors:find(Fd),
    throw({errno, ?EINVAL}).

signed(Value) ->
    case Value band 16#ffffffff of
        Low when Low >= 16#80000000 -> Low - 16#100000000;
        Low -> Low
    end.

seals(Fd, Request) ->
    case vbeam_linux_descriptors:find(Fd) of
        #object{module = vbeam_linux_file, server = Server} ->
            vbeam_linux_object:done(vbeam_linux_server:ask(Server, Request));
        _ ->
            throw({errno, ?EINVAL})
    end.

group() -> {group, vbeam_linux_group:process()}.

description(Fd) ->
    #object{status = Status} = vbeam_linux_descriptors:find(Fd),
    {description, Status}.

%% struct flock: l_type, l_whence (16 bits each, 4 bytes of nothing), l_start, l_len, l_pid.
lock(Object, Pointer) ->
    <<Type:16/little, Whence:16/little, _:32, Start:64/little-signed, Length:64/little-signed,
        _/binary>> = vbeam_linux_memory:read(Pointer, 32),
    Base =
        case Whence of
            0 -> 0;
            1 -> vbeam_linux_object:seek(Object, 0, 1);
            2 -> (vbeam_linux_object:stat(Object))#stat.size;
            _ -> throw({errno, ?EINVAL})
        end,
    {From, End} = range(Base + Start, Length),
    _ = From >= 0 orelse throw({errno, ?EINVAL}),
    {kind(Type), From, End}.

range(From, 0) -> {From, infinity};
range(From, Length) when Length > 0 -> {From, From + Length};
range(From, Length) -> {From + Length, From}.

kind(0) -> shared;
kind(1) -> exclusive;
kind(2) -> none;
kind(_) -> throw({errno, ?EINVAL}).

set_lock(Fd, Owner, Pointer, Wait) ->
    Object = vbeam_linux_descriptors:find(Fd),
    {Kind, _, _} = Lock = lock(Object, Pointer),
    _ = Kind =:= shared andalso not vbeam_linux_object:may(read, Object) andalso
        throw({errno, ?EBADF}),
    _ = Kind =:= exclusive andalso not vbeam_linux_object:may(write, Object) andalso
        throw({errno, ?EBADF}),
    ok = vbeam_linux_locks:range(Object, Owner, Lock, Wait),
    0.

get_lock(Fd, Owner, Pointer) ->
    Object = vbeam_linux_descriptors:find(Fd),
    {Kind, _, _} = Lock = lock(Object, Pointer),
    _ = Kind =/= none orelse throw({errno, ?EINVAL}),
    case vbeam_linux_locks:conflict(Object, Owner, Lock) of
        none ->
            ok = vbeam_linux_memory:write(Pointer, <<2:16/little>>);
        {Other, OtherKind, From, End} ->
            Type = case OtherKind of shared -> 0; exclusive -> 1 end,
            Length = case End of infinity -> 0; _ -> End - From end,
            ok = vbeam_linux_memory:write(Pointer, <<
                Type:16/little, 0:16, 0:32, From:64/little, Length:64/little,
                (number(Other)):32/little
            >>)
    end,
    0.

number({description, _}) ->
    -1;
number({group, Group}) ->
    case [Number || #linux_pid{number = Number, process = Pid} <- vbeam_linux_compat:groups(),
            Pid =:= Group] of
        [Number | _] -> Number;
        [] -> 0
    end.
