%% Linux's numbers of the errors that OTP's file modules give (include/uapi/asm-generic/errno*.h).
-module(vbeam_linux_errno).
-export([number/1, table/0]).

-define(EINVAL, 22).

-spec number(atom() | term()) -> pos_integer().
number(badarg) -> ?EINVAL;
number(terminated) -> 9;
number(Reason) ->
    case table() of
        #{Reason := Number} -> Number;
        _ -> 5
    end.

table() ->
    #{
        eperm => 1, enoent => 2, esrch => 3, eintr => 4, eio => 5, enxio => 6, e2big => 7,
        enoexec => 8, ebadf => 9, echild => 10, eagain => 11, enomem => 12, eacces => 13,
        efault => 14, enotblk => 15, ebusy => 16, eexist => 17, exdev => 18, enodev => 19,
        enotdir => 20, eisdir => 21, einval => 22, enfile => 23, emfile => 24, enotty => 25,
        etxtbsy => 26, efbig => 27, enospc => 28, espipe => 29, erofs => 30, emlink => 31,
        epipe => 32, erange => 34, edeadlk => 35, enametoolong => 36, enolck => 37,
        enosys => 38, enotempty => 39, eloop => 40, eoverflow => 75, eilseq => 84,
        enotsup => 95, etimedout => 110, estale => 116, edquot => 122
    }.
