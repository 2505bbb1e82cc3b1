%% C functions that V programs can call, as system calls (tables/linux_syscalls.ts), and those of
%% them that no family of system calls answers.
-module(vbeam_linux_c_calls).

-export([answer/2, table/0]).

-define(ENOSYS, 38).

%% {Number, name, number of arguments}
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

%% Programs are root.
-spec answer(non_neg_integer(), [integer() | binary()]) -> integer().
answer(Number, []) ->
    case lists:keyfind(Number, 1, table()) of
        {_, getuid, 0} -> 0;
        {_, getgid, 0} -> 0;
        _ -> -?ENOSYS
    end;
answer(_, _) ->
    -?ENOSYS.
