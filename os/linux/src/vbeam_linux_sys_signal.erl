%% System calls of family `signal`.
-module(vbeam_linux_sys_signal).

-export([rt_sigaction/4, rt_sigprocmask/4, rt_sigreturn/0, rt_sigpending/2, rt_sigsuspend/2]).
-export([rt_sigtimedwait/4, rt_sigqueueinfo/3, rt_tgsigqueueinfo/4, sigaltstack/2, pause/0]).
-export([kill/2, tkill/2, tgkill/3, restart_syscall/0]).

-include("vbeam_linux.hrl").

-define(SIG_IGN, 1).
-define(SI_TKILL, -6).
-define(SS_DISABLE, 2).
-define(SS_AUTODISARM, 16#80000000).
-define(MINSIGSTKSZ, 2048).

rt_sigaction(Signal, NewAt, OldAt, 8) when Signal >= 1, Signal =< ?SIGNALS_MAX ->
    Table = vbeam_linux_group:table(),
    New = case NewAt of 0 -> none; _ -> vbeam_linux_memory:read(NewAt, 32) end,
    (New =:= none orelse not lists:member(Signal, [?SIGKILL, ?SIGSTOP])) orelse
        throw({errno, ?EINVAL}),
    {Handler, Flags, Restorer, Mask} = vbeam_linux_signal:action(Table, Signal),
    case New of
        none ->
            ok;
        <<H:64/little, F:64/little, R:64/little, M:64/little>> ->
            ok = vbeam_linux_signal:set_action(Table, Signal, {H, F, R, M})
    end,
    _ = OldAt =/= 0 andalso
        vbeam_linux_memory:write(
            OldAt, <<Handler:64/little, Flags:64/little, Restorer:64/little, Mask:64/little>>
        ),
    0;
rt_sigaction(_, _, _, _) ->
    throw({errno, ?EINVAL}).

rt_sigprocmask(How, NewAt, OldAt, 8) ->
    Old = vbeam_linux_signal:mask(),
    case NewAt of
        0 ->
            ok;
        _ ->
            Set = vbeam_linux_memory:read_u64(NewAt),
            New =
                case How of
                    0 -> Old bor Set;
                    1 -> Old band bnot Set;
                    2 -> Set;
                    _ -> throw({errno, ?EINVAL})
                end,
            ok = vbeam_linux_signal:set_mask(New)
    end,
    _ = OldAt =/= 0 andalso vbeam_linux_memory:write_u64(OldAt, Old),
    0;
rt_sigprocmask(_, _, _, _) ->
    throw({errno, ?EINVAL}).

%% A frame that is not there or not valid ends the program.
rt_sigreturn() ->
    try
        ok = vbeam_linux_frame:pop()
    catch
        throw:{errno, _} -> vbeam_linux_group:exit_group({killed, ?SIGSEGV, false})
    end,
    throw(return).

rt_sigpending(At, Bytes) when Bytes =< 8 ->
    Pending = vbeam_linux_signal:pending(vbeam_linux_group:table(), vbeam_linux_thread:number()),
    Set = <<(Pending band vbeam_linux_signal:mask()):64/little>>,
    ok = vbeam_linux_memory:write(At, binary:part(Set, 0, Bytes)),
    0;
rt_sigpending(_, _) ->
    throw({errno, ?EINVAL}).

rt_sigsuspend(At, 8) ->
    Mask = vbeam_linux_memory:read_u64(At),
    vbeam_linux_thread:with_mask(Mask, fun pause/0);
rt_sigsuspend(_, _) ->
    throw({errno, ?EINVAL}).

pause() ->
    interrupted = vbeam_linux_wait:until(infinity),
    throw(restart_no_handler).

rt_sigtimedwait(SetAt, InformationAt, TimeoutAt, 8) ->
    Set = vbeam_linux_memory:read_u64(SetAt) band bnot vbeam_linux_signal:blocked_always(0),
    Deadline = vbeam_linux_clock:after_pointer(TimeoutAt),
    Table = vbeam_linux_group:table(),
    Thread = vbeam_linux_thread:number(),
    ok = vbeam_linux_signal:awaiting(Table, Thread, Set),
    {Signal, Information} =
        try
            awaited(Table, Thread, Set, Deadline)
        after
            vbeam_linux_signal:awaiting(Table, Thread, 0)
        end,
    _ = InformationAt =/= 0 andalso
        vbeam_linux_memory:write(
            InformationAt, vbeam_linux_signal:siginfo(Signal, Information)
        ),
    Signal;
rt_sigtimedwait(_, _, _, _) ->
    throw({errno, ?EINVAL}).

awaited(Table, Thread, Set, Deadline) ->
    case vbeam_linux_signal:take(Table, Thread, Set) of
        none ->
            case vbeam_linux_wait:until(Deadline) of
                timeout -> throw({errno, ?EAGAIN});
                interrupted -> interrupted(Table, Thread, Set, Deadline)
            end;
        Taken ->
            Taken
    end.

%% By one of the set, or by another one, which interrupts.
interrupted(Table, Thread, Set, Deadline) ->
    case vbeam_linux_signal:take(Table, Thread, Set) of
        none ->
            Others = bnot vbeam_linux_signal:mask(),
            case vbeam_linux_signal:pending(Table, Thread) band Others of
                0 ->
                    _ = vbeam_linux_wait:signalled(),
                    awaited(Table, Thread, Set, Deadline);
                _ ->
                    throw({errno, ?EINTR})
            end;
        Taken ->
            Taken
    end.

sigaltstack(NewAt, OldAt) ->
    #{rsp := Stack} = vbeam_task:registers(vbeam_linux_memory:task()),
    {Start, Flags, Size} = vbeam_linux_thread:alternate(),
    On = Flags band ?SS_DISABLE =:= 0 andalso Flags band ?SS_AUTODISARM =:= 0 andalso
        Stack > Start andalso Stack =< Start + Size,
    case NewAt of
        0 -> ok;
        _ -> ok = new_alternate(vbeam_linux_memory:read(NewAt, 24), On)
    end,
    Shown = case On of true -> Flags bor 1; false -> Flags end,
    Old = <<Start:64/little, Shown:32/little, 0:32, Size:64/little>>,
    _ = OldAt =/= 0 andalso vbeam_linux_memory:write(OldAt, Old),
    0.

new_alternate(_, true) ->
    throw({errno, ?EPERM});
new_alternate(<<Start:64/little, Flags:32/little, _:32, Size:64/little>>, false) ->
    case Flags band bnot ?SS_AUTODISARM of
        ?SS_DISABLE ->
            vbeam_linux_thread:set_alternate({0, ?SS_DISABLE, 0});
        %% SS_ONSTACK is taken as 0 is.
        Mode when Mode =< 1 ->
            Size >= ?MINSIGSTKSZ orelse throw({errno, ?ENOMEM}),
            vbeam_linux_thread:set_alternate({Start, Flags band ?SS_AUTODISARM, Size});
        _ ->
            throw({errno, ?EINVAL})
    end.

%% --- sending -------------------------------------------------------------------------------

kill(_, Signal) when Signal < 0; Signal > ?SIGNALS_MAX ->
    throw({errno, ?EINVAL});
kill(Number, Signal) ->
    Information = vbeam_linux_signal:of_user(),
    Own = vbeam_linux_group:number(),
    Rows =
        if
            Number > 0 ->
                [vbeam_linux_session:member(Number)];
            Number =:= 0 ->
                vbeam_linux_compat:in_process_group(vbeam_linux_group:process_group());
            Number =:= -1 ->
                [Row || #linux_pid{number = N} = Row <- vbeam_linux_compat:groups(), N =/= Own];
            Number =:= -16#80000000 ->
                [];
            true ->
                vbeam_linux_compat:in_process_group(-Number)
        end,
    Rows =/= [] orelse throw({errno, ?ESRCH}),
    %% Oneself last: the signal may end the caller.
    {Self, Others} = lists:partition(fun(#linux_pid{number = N}) -> N =:= Own end, Rows),
    _ = [sent(Row, group, Signal, Information) || Row <- Others ++ Self],
    0.

sent(Row, Target, Signal, Information) ->
    case vbeam_linux_signal:kill(Row, Target, Signal, Information) of
        ok -> ok;
        {error, Errno} -> throw({errno, Errno})
    end.

tkill(Thread, Signal) when Thread > 0 ->
    to_thread(any, Thread, Signal, vbeam_linux_signal:of_user(?SI_TKILL));
tkill(_, _) ->
    throw({errno, ?EINVAL}).

tgkill(Group, Thread, Signal) when Group > 0, Thread > 0 ->
    to_thread(Group, Thread, Signal, vbeam_linux_signal:of_user(?SI_TKILL));
tgkill(_, _, _) ->
    throw({errno, ?EINVAL}).

to_thread(_, _, Signal, _) when Signal < 0; Signal > ?SIGNALS_MAX ->
    throw({errno, ?EINVAL});
to_thread(Group, Thread, Signal, Information) ->
    #linux_pid{number = Member} = Row = vbeam_linux_session:member(Thread),
    Group =:= any orelse Group =:= Member orelse throw({errno, ?ESRCH}),
    ok = sent(Row, {thread, Thread}, Signal, Information),
    0.

%% What the sender says about it; as the kernel it may speak to itself only.
rt_sigqueueinfo(Number, Signal, At) ->
    Row = vbeam_linux_session:member(Number),
    ok = queued(Row, group, Signal, vbeam_linux_memory:read(At, 128), Number),
    0.

rt_tgsigqueueinfo(Group, Thread, Signal, At) when Group > 0, Thread > 0 ->
    #linux_pid{number = Member} = Row = vbeam_linux_session:member(Thread),
    Group =:= Member orelse throw({errno, ?ESRCH}),
    ok = queued(Row, {thread, Thread}, Signal, vbeam_linux_memory:read(At, 128), Group),
    0;
rt_tgsigqueueinfo(_, _, _, _) ->
    throw({errno, ?EINVAL}).

queued(_, _, Signal, _, _) when Signal < 0; Signal > ?SIGNALS_MAX ->
    throw({errno, ?EINVAL});
queued(Row, Target, Signal, <<_:64, Code:32/little-signed, _:32, Rest/binary>>, Number) ->
    (Code < 0 andalso Code =/= ?SI_TKILL) orelse Number =:= vbeam_linux_group:number() orelse
        throw({errno, ?EPERM}),
    sent(Row, Target, Signal, {Code, Rest}).

%% Only the system itself makes this call, and here it never needs to.
restart_syscall() -> throw({errno, ?EINTR}).
