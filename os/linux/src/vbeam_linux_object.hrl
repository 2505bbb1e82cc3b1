%% An open file description as it stands in the rows of descriptors (vbeam_linux_object).
-record(object, {
    %% Of behaviour vbeam_linux_object.
    module :: module(),
    %% The process that has what is shared, and which of its ends this is; or no process, and `key`
    %% is all there is.
    server = none :: pid() | none,
    key :: term(),
    %% O_ACCMODE and the flags that F_SETFL changes: one word that all who hold it share.
    status :: atomics:atomics_ref()
}).

%% fcntl.h, asm-generic.
-define(O_ACCMODE, 8#3).
-define(O_RDONLY, 8#0).
-define(O_WRONLY, 8#1).
-define(O_RDWR, 8#2).
-define(O_CREAT, 8#100).
-define(O_EXCL, 8#200).
-define(O_NOCTTY, 8#400).
-define(O_TRUNC, 8#1000).
-define(O_APPEND, 8#2000).
-define(O_NONBLOCK, 8#4000).
-define(O_DSYNC, 8#10000).
-define(O_ASYNC, 8#20000).
-define(O_DIRECT, 8#40000).
-define(O_DIRECTORY, 8#200000).
-define(O_NOFOLLOW, 8#400000).
-define(O_NOATIME, 8#1000000).
-define(O_CLOEXEC, 8#2000000).
-define(O_PATH, 8#10000000).
-define(O_TMPFILE, 8#20200000).

-define(FD_CLOEXEC, 1).

%% poll.h
-define(POLLIN, 16#1).
-define(POLLPRI, 16#2).
-define(POLLOUT, 16#4).
-define(POLLERR, 16#8).
-define(POLLHUP, 16#10).
-define(POLLNVAL, 16#20).
-define(POLLRDNORM, 16#40).
-define(POLLRDBAND, 16#80).
-define(POLLWRNORM, 16#100).
-define(POLLWRBAND, 16#200).
-define(POLLRDHUP, 16#2000).

%% stat.h
-define(S_IFMT, 8#170000).
-define(S_IFSOCK, 8#140000).
-define(S_IFLNK, 8#120000).
-define(S_IFREG, 8#100000).
-define(S_IFBLK, 8#060000).
-define(S_IFDIR, 8#040000).
-define(S_IFCHR, 8#020000).
-define(S_IFIFO, 8#010000).
