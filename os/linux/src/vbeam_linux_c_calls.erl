%% C functions of V programs that the families of system calls (vbeam_linux_syscall) do not answer:
%% an argument is an integer, or the bytes of memory that the caller points to. The answer is what
%% the kernel would return, with errors as negative numbers, or {Answer, Memory} for a call that
%% writes memory: a list of what each piece holds from its start.
-module(vbeam_linux_c_calls).

-include_lib("kernel/include/file.hrl").

-export([answer/2, table/0]).

-define(ENOENT, 2).
-define(EBADF, 9).
-define(EEXIST, 17).
-define(ENOTDIR, 20).
-define(EISDIR, 21).
-define(EINVAL, 22).
-define(ENOTTY, 25).
-define(ENOSYS, 38).

-define(O_CREAT, 8#100).
-define(O_EXCL, 8#200).
-define(O_TRUNC, 8#1000).
-define(O_APPEND, 8#2000).
-define(O_DIRECTORY, 8#200000).
-define(AT_FDCWD, -100).
-define(AT_REMOVEDIR, 16#200).
%% More bytes than a call moves at once; it moves fewer, as Linux may.
-define(TRANSFER_MAX, 16#7ffff000).

%% {Number, clause of call/2, number of arguments}
-spec table() -> [{non_neg_integer(), atom(), non_neg_integer()}].
table() ->
    [
        {0, read, 3}, {1, write, 3}, {2, open, 3}, {3, close, 1}, {4, stat, 2}, {5, fstat, 2},
        {6, lstat, 2}, {8, lseek, 3}, {16, ioctl, 3}, {17, pread, 4}, {18, pwrite, 4},
        {21, access, 2}, {22, pipe, 1}, {24, sched_yield, 0}, {32, dup, 1}, {33, dup2, 2},
        {35, nanosleep, 2}, {39, getpid, 0}, {74, fsync, 1}, {75, fsync, 1}, {76, truncate, 2},
        {77, ftruncate, 2}, {79, getcwd, 2}, {80, chdir, 1}, {82, rename, 2}, {83, mkdir, 2},
        {84, rmdir, 1}, {85, creat, 2}, {86, link, 2}, {87, unlink, 1}, {88, symlink, 2},
        {89, readlink, 3}, {90, chmod, 2}, {96, gettimeofday, 2}, {102, getuid, 0},
        {104, getgid, 0}, {107, getuid, 0}, {108, getgid, 0}, {110, getppid, 0},
        {186, getpid, 0}, {201, time, 1}, {228, clock_gettime, 2}, {231, exit_group, 1},
        {257, openat, 4}, {258, mkdirat, 3}, {263, unlinkat, 3}, {318, getrandom, 3}
    ].

-spec answer(non_neg_integer(), [integer() | binary()]) -> integer() | {integer(), [binary()]}.
answer(Number, Args) ->
    case lists:keyfind(Number, 1, table()) of
        {_, Name, Count} when length(Args) =:= Count ->
            try
                call(Name, Args)
            catch
                throw:{errno, Errno} -> -Errno;
                error:function_clause -> -?EINVAL
            end;
        {_, _, _} ->
            -?EINVAL;
        false ->
            -?ENOSYS
    end.

%% --- files ---------------------------------------------------------------------------------

call(open, [Path, Flags, Mode]) ->
    open(text(Path), Flags, Mode);
call(creat, [Path, Mode]) ->
    open(text(Path), 1 bor ?O_CREAT bor ?O_TRUNC, Mode);
call(openat, [At, Path, Flags, Mode]) ->
    open(at(At, text(Path)), Flags, Mode);
call(close, [Fd]) ->
    done(vbeam_linux_files:close(Fd));
call(read, [Fd, Memory, Count]) ->
    transferred(vbeam_linux_files:read(Fd, size_of(Memory, Count)));
call(write, [Fd, Memory, Count]) ->
    number(vbeam_linux_files:write(Fd, binary:part(Memory, 0, size_of(Memory, Count))));
call(pread, [Fd, Memory, Count, Offset]) when Offset >= 0 ->
    transferred(vbeam_linux_files:pread(Fd, Offset, size_of(Memory, Count)));
call(pwrite, [Fd, Memory, Count, Offset]) when Offset >= 0 ->
    Bytes = binary:part(Memory, 0, size_of(Memory, Count)),
    number(vbeam_linux_files:pwrite(Fd, Offset, Bytes));
call(lseek, [Fd, Offset, Whence]) ->
    From = case Whence of 0 -> bof; 1 -> cur; 2 -> eof; _ -> errno(?EINVAL) end,
    number(vbeam_linux_files:seek(Fd, {From, Offset}));
call(fsync, [Fd]) ->
    done(vbeam_linux_files:sync(Fd));
call(ftruncate, [Fd, Size]) when Size >= 0 ->
    done(vbeam_linux_files:truncate(Fd, Size));
call(truncate, [Path, Size]) when Size >= 0 ->
    {ok, File} = checked(file:open(text(Path), [read, write, raw, binary])),
    Result = file_truncated(File, Size),
    file:close(File),
    done(Result);
call(dup, [Fd]) ->
    number(vbeam_linux_files:dup(Fd));
call(dup2, [Fd, Fd]) ->
    number(vbeam_linux_files:check(Fd));
call(dup2, [Fd, Target]) when Target >= 0 ->
    number(vbeam_linux_files:dup(Fd, Target));
call(pipe, [_]) ->
    {Read, Write} = vbeam_linux_files:pipe(),
    {0, [<<Read:32/little, Write:32/little>>]};
call(ioctl, [Fd, _, _]) ->
    _ = number(vbeam_linux_files:check(Fd)),
    -?ENOTTY;
%% --- names ---------------------------------------------------------------------------------

call(stat, [Path, _]) ->
    {0, [stat_bytes(checked(file:read_file_info(text(Path), [{time, posix}])))]};
call(lstat, [Path, _]) ->
    {0, [stat_bytes(checked(file:read_link_info(text(Path), [{time, posix}])))]};
call(fstat, [Fd, _]) ->
    {0, [stat_bytes(vbeam_linux_files:info(Fd))]};
call(access, [Path, Mode]) ->
    {ok, #file_info{access = Access}} = checked(file:read_file_info(text(Path))),
    Readable = Mode band 4 =:= 0 orelse Access =:= read orelse Access =:= read_write,
    Writable = Mode band 2 =:= 0 orelse Access =:= write orelse Access =:= read_write,
    case Readable andalso Writable of
        true -> 0;
        false -> -13
    end;
call(mkdir, [Path, _]) -> done(file:make_dir(text(Path)));
call(mkdirat, [At, Path, _]) -> done(file:make_dir(at(At, text(Path))));
call(rmdir, [Path]) -> done(file:del_dir(text(Path)));
call(unlink, [Path]) -> remove(text(Path));
call(unlinkat, [At, Path, 0]) -> remove(at(At, text(Path)));
call(unlinkat, [At, Path, ?AT_REMOVEDIR]) -> done(file:del_dir(at(At, text(Path))));
call(rename, [From, To]) -> done(file:rename(text(From), text(To)));
call(link, [From, To]) -> done(file:make_link(text(From), text(To)));
call(symlink, [Target, Path]) -> done(file:make_symlink(text(Target), text(Path)));
call(chmod, [Path, Mode]) -> done(file:change_mode(text(Path), Mode band 8#7777));
call(chdir, [Path]) -> done(file:set_cwd(text(Path)));
call(readlink, [Path, Memory, Count]) ->
    {ok, Target} = checked(file:read_link_all(text(Path))),
    Bytes = name_bytes(Target),
    Length = min(byte_size(Bytes), size_of(Memory, Count)),
    {Length, [binary:part(Bytes, 0, Length)]};
call(getcwd, [Memory, Size]) ->
    {ok, Folder} = checked(file:get_cwd()),
    Bytes = <<(name_bytes(Folder))/binary, 0>>,
    case byte_size(Bytes) =< size_of(Memory, Size) of
        true -> {byte_size(Bytes), [Bytes]};
        false -> -34
    end;
%% --- processes, clocks and chance ----------------------------------------------------------

call(getpid, []) -> list_to_integer(os:getpid()) band 16#7fffffff;
call(getppid, []) -> 1;
call(getuid, []) -> 0;
call(getgid, []) -> 0;
call(sched_yield, []) ->
    erlang:yield(),
    0;
%% The program ends in its own way: it is what catches this.
call(exit_group, [Status]) ->
    throw({v_exit, Status band 255});
call(nanosleep, [<<Seconds:64/little-signed, Nanoseconds:64/little-signed, _/binary>>, _]) when
    Seconds >= 0, Nanoseconds >= 0, Nanoseconds < 1000000000
->
    timer:sleep(Seconds * 1000 + (Nanoseconds + 999999) div 1000000),
    {0, [<<>>]};
call(time, [_]) ->
    erlang:system_time(second);
call(gettimeofday, [_, _]) ->
    Now = erlang:system_time(microsecond),
    {0, [<<(Now div 1000000):64/little, (Now rem 1000000):64/little>>]};
call(clock_gettime, [Clock, _]) when Clock =:= 0; Clock =:= 1 ->
    Now =
        case Clock of
            0 -> erlang:system_time(nanosecond);
            1 -> erlang:monotonic_time(nanosecond) - erlang:system_info(start_time)
        end,
    {0, [<<(Now div 1000000000):64/little, (Now rem 1000000000):64/little>>]};
call(getrandom, [Memory, Count, _]) ->
    Bytes = random_bytes(size_of(Memory, Count)),
    {byte_size(Bytes), [Bytes]}.

%% --- opening -------------------------------------------------------------------------------

open(Path, Flags, Mode) ->
    Known = file:read_file_info(Path),
    case {Known, Flags band ?O_CREAT, Flags band ?O_EXCL} of
        {{error, enoent}, 0, _} -> errno(?ENOENT);
        {{ok, _}, Create, Exclusive} when Create =/= 0, Exclusive =/= 0 -> errno(?EEXIST);
        {{ok, #file_info{type = directory}}, _, _} -> errno(?EISDIR);
        {{ok, _}, _, _} when Flags band ?O_DIRECTORY =/= 0 -> errno(?ENOTDIR);
        _ -> ok
    end,
    Fd = number(vbeam_linux_files:open(Path, [binary | modes(Flags)], Flags)),
    New = Known =:= {error, enoent},
    _ = [file:change_mode(Path, Mode band 8#777) || New, Mode =/= 0],
    Empty = Flags band ?O_TRUNC =/= 0 andalso Flags band 3 =/= 0 andalso not New,
    _ = [vbeam_linux_files:truncate(Fd, 0) || Empty],
    Fd.

%% `write` alone would empty the file.
modes(Flags) when Flags band 3 =:= 0 -> [read];
modes(Flags) when Flags band ?O_APPEND =/= 0 -> [read, append];
modes(_) -> [read, write].

file_truncated(File, Size) ->
    case file:position(File, Size) of
        {ok, _} -> file:truncate(File);
        Error -> Error
    end.

%% --- what goes in and out ------------------------------------------------------------------

%% A path ends at its first zero.
text(Bytes) ->
    [Path | _] = binary:split(Bytes, <<0>>),
    case unicode:characters_to_list(Path) of
        [_ | _] = Characters -> Characters;
        [] -> errno(?ENOENT);
        _ -> Path
    end.

at(?AT_FDCWD, Path) ->
    Path;
at(_, [$/ | _] = Path) ->
    Path;
at(_, _) ->
    errno(?EBADF).

name_bytes(Name) when is_binary(Name) -> Name;
name_bytes(Name) -> unicode:characters_to_binary(Name).

size_of(Memory, Count) when Count >= 0 -> min(min(Count, byte_size(Memory)), ?TRANSFER_MAX);
size_of(_, _) -> errno(?EINVAL).

remove(Path) ->
    case file:read_link_info(Path) of
        {ok, #file_info{type = directory}} -> errno(?EISDIR);
        _ -> done(file:delete(Path))
    end.

random_bytes(Count) ->
    << <<(rand:uniform(256) - 1)>> || _ <- lists:seq(1, Count) >>.

transferred(Bytes) when is_binary(Bytes) -> {byte_size(Bytes), [Bytes]};
transferred(Error) -> number(Error).

done(ok) -> 0;
done(Error) -> number(Error).

number(N) when is_integer(N) -> N;
number({ok, N}) when is_integer(N) -> N;
number({error, Reason}) -> errno(vbeam_linux_errno:number(Reason)).

checked({error, Reason}) -> errno(vbeam_linux_errno:number(Reason));
checked(Ok) -> Ok.

-spec errno(pos_integer()) -> no_return().
errno(Errno) -> throw({errno, Errno}).

%% struct stat; devices and other odd things have no size.
stat_bytes({error, Reason}) ->
    errno(vbeam_linux_errno:number(Reason));
stat_bytes({ok, #file_info{} = I}) ->
    Size = number_of(I#file_info.size),
    <<(number_of(I#file_info.major_device)):64/little, (number_of(I#file_info.inode)):64/little,
        (number_of(I#file_info.links)):64/little, (mode_of(I)):32/little,
        (number_of(I#file_info.uid)):32/little, (number_of(I#file_info.gid)):32/little, 0:32,
        (number_of(I#file_info.minor_device)):64/little, Size:64/little, 4096:64/little,
        ((Size + 511) div 512):64/little, (number_of(I#file_info.atime)):64/little, 0:64,
        (number_of(I#file_info.mtime)):64/little, 0:64, (number_of(I#file_info.ctime)):64/little,
        0:64, 0:192>>.

number_of(N) when is_integer(N) -> N;
number_of(_) -> 0.

mode_of(#file_info{mode = Mode, type = Type}) ->
    Kind =
        case Type of
            regular -> 8#100000;
            directory -> 8#040000;
            symlink -> 8#120000;
            device -> 8#020000;
            _ -> 8#010000
        end,
    (number_of(Mode) band 8#7777) bor Kind.
