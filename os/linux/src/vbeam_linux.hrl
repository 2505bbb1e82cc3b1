%% What modules of the Linux personality share: a row of the table of process numbers, and numbers
%% of signals (include/uapi/asm-generic/signal.h).

-include("vbeam_linux_errno.hrl").

%% A row of vbeam_linux_pids. Threads have numbers in it, too; that of its first thread is the
%% number of a thread group.
-record(linux_pid, {
    number :: pos_integer() | '_' | '$1',
    kind :: group | thread | '_',
    process :: pid() | '_' | '$2',
    %% The group table.
    table :: ets:table() | '_',
    %% Number of the parent's group, 0 for those that Erlang started.
    parent :: non_neg_integer() | '_',
    process_group :: pos_integer() | '_' | '$3',
    session :: pos_integer() | '_',
    %% What wait4 is told of a zombie.
    state :: running | {zombie, vbeam_linux_group:status()} | '_'
}).

-define(SIGHUP, 1).
-define(SIGINT, 2).
-define(SIGILL, 4).
-define(SIGTRAP, 5).
-define(SIGBUS, 7).
-define(SIGFPE, 8).
-define(SIGKILL, 9).
-define(SIGSEGV, 11).
-define(SIGPIPE, 13).
-define(SIGALRM, 14).
-define(SIGTERM, 15).
-define(SIGCHLD, 17).
-define(SIGCONT, 18).
-define(SIGSTOP, 19).
-define(SIGTSTP, 20).
-define(SIGTTIN, 21).
-define(SIGTTOU, 22).
-define(SIGURG, 23).
-define(SIGVTALRM, 26).
-define(SIGPROF, 27).
-define(SIGWINCH, 28).
-define(SIGNALS_MAX, 64).
%% The first of the real-time signals, which are queued.
-define(SIGRTMIN, 32).
