%% System calls of family `process`: threads and groups, waiting for children, identities, limits.
-module(vbeam_linux_sys_process).

-export([fork/0, vfork/0, clone/5, clone3/2, execve/3, execveat/5, exit/1, exit_group/1]).
-export([wait4/4, waitid/5, getpid/0, gettid/0, getppid/0, set_tid_address/1]).
-export([set_robust_list/2, get_robust_list/3, futex/6, futex_waitv/5]).
-export([setpgid/2, getpgid/1, getpgrp/0, setsid/0, getsid/1]).
-export([getuid/0, geteuid/0, getgid/0, getegid/0, getresuid/3, getresgid/3]).
-export([setuid/1, setgid/1, setreuid/2, setregid/2, setresuid/3, setresgid/3]).
-export([setfsuid/1, setfsgid/1, getgroups/2, setgroups/2, capget/2, capset/2]).
-export([arch_prctl/2, prctl/5, getrlimit/2, setrlimit/2, prlimit64/4, getrusage/2, times/1]).
-export([sched_yield/0, sched_getaffinity/3, sched_setaffinity/3, getcpu/3]).
-export([sched_getscheduler/1, sched_setscheduler/3, sched_getparam/2, sched_setparam/2]).
-export([sched_get_priority_max/1, sched_get_priority_min/1, sched_rr_get_interval/2]).
-export([getpriority/2, setpriority/3, ioprio_get/2, ioprio_set/3, personality/1]).

-include("vbeam_linux.hrl").

-define(PATH_MAX, 4096).
-define(ARGUMENTS_MAX, 16#200000).
-define(ARGUMENT_MAX, 131072).

-define(CLONE_VM, 16#100).
-define(CLONE_VFORK, 16#4000).

%% --- new threads and groups ----------------------------------------------------------------

fork() -> vbeam_linux_clone:clone(#{flags => 0, exit_signal => ?SIGCHLD}).

vfork() ->
    vbeam_linux_clone:clone(#{flags => ?CLONE_VM bor ?CLONE_VFORK, exit_signal => ?SIGCHLD}).

clone(Flags, Stack, ParentTid, ChildTid, Tls) ->
    vbeam_linux_clone:clone(#{
        flags => Flags band bnot 16#ff, exit_signal => Flags band 16#ff, stack => Stack,
        parent_tid => ParentTid, child_tid => ChildTid, tls => Tls
    }).

clone3(Pointer, Size) ->
    Size >= 64 orelse throw({errno, ?EINVAL}),
    Size =< 4096 orelse throw({errno, ?E2BIG}),
    <<Flags:64/little, _PidFd:64, ChildTid:64/little, ParentTid:64/little, Signal:64/little,
        Stack:64/little, StackBytes:64/little, Tls:64/little, More/binary>> =
        vbeam_linux_memory:read(Pointer, Size),
    More =:= binary:copy(<<0>>, byte_size(More)) orelse throw({errno, ?E2BIG}),
    (Signal =< ?SIGNALS_MAX andalso (Stack =:= 0) =:= (StackBytes =:= 0) andalso
        Flags band 16#ff =:= 0) orelse throw({errno, ?EINVAL}),
    vbeam_linux_clone:clone(#{
        flags => Flags, exit_signal => Signal, stack => Stack + StackBytes,
        parent_tid => ParentTid, child_tid => ChildTid, tls => Tls
    }).

execve(Path, Arguments, Environment) ->
    Name = vbeam_linux_memory:string(Path, ?PATH_MAX),
    executed(Name, Arguments, Environment).

execveat(Folder, PathAt, Arguments, Environment, Flags) ->
    Flags band bnot 16#1100 =:= 0 orelse throw({errno, ?EINVAL}),
    Name = vbeam_linux_memory:string(PathAt, ?PATH_MAX),
    %% AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW
    Options = [empty || Flags band 16#1000 =/= 0] ++ [follow || Flags band 16#100 =:= 0],
    #{path := Path} = vbeam_linux_names:resolve(Folder, Name, Options),
    executed(Path, Arguments, Environment).

executed(Name, Arguments, Environment) ->
    Given = vbeam_linux_memory:strings(Arguments, ?ARGUMENTS_MAX, ?ARGUMENT_MAX),
    Variables = vbeam_linux_memory:strings(Environment, ?ARGUMENTS_MAX, ?ARGUMENT_MAX),
    %% As Linux since 5.18: a program finds at least an empty name.
    All = case Given of [] -> [<<>>]; _ -> Given end,
    vbeam_linux_exec:execute(Name, Name, All, Variables).

exit(Status) ->
    ok = vbeam_linux_thread:release(),
    vbeam_linux_group:thread_ended({exited, Status band 255}).

%% A program that is Erlang ends in its own way: it is what catches this.
exit_group(Status) ->
    case vbeam_linux_memory:has_task() of
        true ->
            vbeam_linux_group:exit_group({exited, Status band 255});
        false ->
            throw({v_exit, Status band 255})
    end.

%% --- waiting for children ------------------------------------------------------------------

-define(WNOHANG, 1).
-define(WUNTRACED, 2).
-define(WEXITED, 4).
-define(WCONTINUED, 8).
-define(WNOWAIT, 16#1000000).
-define(WAIT_LINUX, 16#e0000000).

wait4(Number, StatusAt, Options, UsageAt) ->
    Options band bnot (?WNOHANG bor ?WUNTRACED bor ?WCONTINUED bor ?WAIT_LINUX) =:= 0 orelse
        throw({errno, ?EINVAL}),
    Number =/= -16#80000000 orelse throw({errno, ?ESRCH}),
    Which =
        case Number of
            -1 -> any;
            0 -> {process_group, vbeam_linux_group:process_group()};
            _ when Number < 0 -> {process_group, -Number};
            _ -> {number, Number}
        end,
    case waited(Which, Options bor ?WEXITED) of
        none ->
            0;
        {Child, Status, Usage} ->
            _ = StatusAt =/= 0 andalso
                vbeam_linux_memory:write_u32(StatusAt, encoded(Status)),
            _ = UsageAt =/= 0 andalso vbeam_linux_memory:write(UsageAt, rusage(Usage)),
            Child
    end.

encoded({exited, Status}) -> Status bsl 8;
encoded({killed, Signal, false}) -> Signal;
encoded({killed, Signal, true}) -> Signal bor 16#80;
encoded({stopped, Signal}) -> (Signal bsl 8) bor 16#7f;
encoded(continued) -> 16#ffff.

waitid(Kind, Number, InformationAt, Options, UsageAt) ->
    Known = ?WNOHANG bor ?WUNTRACED bor ?WEXITED bor ?WCONTINUED bor ?WNOWAIT bor ?WAIT_LINUX,
    Options band bnot Known =:= 0 orelse throw({errno, ?EINVAL}),
    Options band (?WUNTRACED bor ?WEXITED bor ?WCONTINUED) =/= 0 orelse throw({errno, ?EINVAL}),
    Which =
        case Kind of
            0 -> any;
            1 when Number > 0 -> {number, Number};
            2 when Number > 0 -> {process_group, Number};
            2 when Number =:= 0 -> {process_group, vbeam_linux_group:process_group()};
            _ -> throw({errno, ?EINVAL})
        end,
    case waited(Which, Options) of
        none ->
            _ = InformationAt =/= 0 andalso
                vbeam_linux_memory:write(InformationAt, <<0:(128 * 8)>>),
            0;
        {Child, Status, Usage} ->
            Information = vbeam_linux_signal:of_child(Child, Status),
            _ = InformationAt =/= 0 andalso
                vbeam_linux_memory:write(
                    InformationAt, vbeam_linux_signal:siginfo(?SIGCHLD, Information)
                ),
            _ = UsageAt =/= 0 andalso vbeam_linux_memory:write(UsageAt, rusage(Usage)),
            0
    end.

waited(Which, Options) ->
    Reference = make_ref(),
    vbeam_linux_group:process() ! {{wait, Which, Options}, self(), Reference},
    Answer =
        case vbeam_linux_wait:message(Reference, infinity) of
            {ok, Given} ->
                Given;
            interrupted ->
                ok = vbeam_linux_group:request({cancel_wait, Reference}),
                receive
                    {Reference, Late} -> Late
                after 0 -> throw(restart)
                end
        end,
    case Answer of
        {ok, Child, Status, Usage} -> {Child, Status, Usage};
        none -> none;
        {error, Errno} -> throw({errno, Errno})
    end.

%% --- numbers -------------------------------------------------------------------------------

%% That of the whole system where the program is Erlang.
getpid() ->
    case vbeam_linux_memory:has_task() of
        true -> vbeam_linux_group:number();
        false -> list_to_integer(os:getpid()) band 16#7fffffff
    end.

gettid() ->
    case vbeam_linux_memory:has_task() of
        true -> vbeam_linux_thread:number();
        false -> getpid()
    end.

%% Those without a parent have one that is not there: 1, as of Linux's init.
getppid() ->
    case vbeam_linux_compat:find(vbeam_linux_group:number()) of
        #linux_pid{parent = Parent} when Parent > 0 -> Parent;
        _ -> 1
    end.

set_tid_address(Address) ->
    _ = put('$linux_clear_tid', Address),
    vbeam_linux_thread:number().

set_robust_list(Head, 24) ->
    _ = put('$linux_robust', Head),
    0;
set_robust_list(_, _) ->
    throw({errno, ?EINVAL}).

get_robust_list(Number, HeadAt, SizeAt) ->
    Number =:= 0 orelse Number =:= vbeam_linux_thread:number() orelse throw({errno, ?EPERM}),
    Head = case get('$linux_robust') of undefined -> 0; Known -> Known end,
    ok = vbeam_linux_memory:write_u64(HeadAt, Head),
    ok = vbeam_linux_memory:write_u64(SizeAt, 24),
    0.

futex(Address, Operation, Value, Timeout, Second, Third) ->
    vbeam_linux_futex_call:futex(Address, Operation, Value, Timeout, Second, Third).

futex_waitv(Waiters, Count, Flags, Timeout, Clock) ->
    vbeam_linux_futex_call:waitv(Waiters, Count, Flags, Timeout, Clock).

%% --- process groups and sessions -----------------------------------------------------------

setpgid(Number, Group) -> vbeam_linux_session:set_process_group(Number, Group).
getpgid(Number) -> (vbeam_linux_session:member(Number))#linux_pid.process_group.
getpgrp() -> vbeam_linux_group:process_group().
setsid() -> vbeam_linux_session:new().
getsid(Number) -> (vbeam_linux_session:member(Number))#linux_pid.session.

%% --- who the program is --------------------------------------------------------------------

getuid() -> vbeam_linux_identity:real(user).
geteuid() -> vbeam_linux_identity:effective(user).
getgid() -> vbeam_linux_identity:real(group).
getegid() -> vbeam_linux_identity:effective(group).
getresuid(Real, Effective, Saved) ->
    vbeam_linux_identity:write_all(user, Real, Effective, Saved).
getresgid(Real, Effective, Saved) ->
    vbeam_linux_identity:write_all(group, Real, Effective, Saved).
setuid(Id) -> vbeam_linux_credentials:changed(user, Id).
setgid(Id) -> vbeam_linux_credentials:changed(group, Id).
setreuid(Real, Effective) -> vbeam_linux_credentials:changed_pair(user, Real, Effective).
setregid(Real, Effective) -> vbeam_linux_credentials:changed_pair(group, Real, Effective).
setresuid(Real, Effective, Saved) ->
    vbeam_linux_credentials:changed_all(user, {Real, Effective, Saved}).
setresgid(Real, Effective, Saved) ->
    vbeam_linux_credentials:changed_all(group, {Real, Effective, Saved}).
setfsuid(Id) -> vbeam_linux_identity:file_system(user, Id).
setfsgid(Id) -> vbeam_linux_identity:file_system(group, Id).
getgroups(Most, At) -> vbeam_linux_identity:groups(Most, At).
setgroups(Count, At) -> vbeam_linux_identity:set_groups(Count, At).
capget(Header, Data) -> vbeam_linux_identity:capabilities(Header, Data).
capset(Header, Data) -> vbeam_linux_identity:set_capabilities(Header, Data).

%% --- the thread's own state ----------------------------------------------------------------

-define(ARCH_SET_GS, 16#1001).
-define(ARCH_SET_FS, 16#1002).
-define(ARCH_GET_FS, 16#1003).
-define(ARCH_GET_GS, 16#1004).
-define(ADDRESS_END, 16#7ffffffff000).

arch_prctl(Code, Address) ->
    Task = vbeam_linux_memory:task(),
    case Code of
        _ when Code =:= ?ARCH_SET_FS; Code =:= ?ARCH_SET_GS ->
            Address < ?ADDRESS_END orelse throw({errno, ?EPERM}),
            Base = case Code of ?ARCH_SET_FS -> fs_base; _ -> gs_base end,
            ok = vbeam_task:set_registers(Task, #{Base => Address}),
            0;
        ?ARCH_GET_FS ->
            #{fs_base := Base} = vbeam_task:registers(Task),
            ok = vbeam_linux_memory:write_u64(Address, Base),
            0;
        ?ARCH_GET_GS ->
            #{gs_base := Base} = vbeam_task:registers(Task),
            ok = vbeam_linux_memory:write_u64(Address, Base),
            0;
        _ ->
            throw({errno, ?EINVAL})
    end.

prctl(Option, A2, A3, A4, A5) -> vbeam_linux_prctl:call(Option, A2, A3, A4, A5).

%% --- limits and usage ----------------------------------------------------------------------

getrlimit(Resource, At) -> prlimit64(0, Resource, 0, At).
setrlimit(Resource, At) -> prlimit64(0, Resource, At, 0).

prlimit64(Number, Resource, NewAt, OldAt) ->
    Name = vbeam_linux_limits:number(Resource),
    Name =/= none orelse throw({errno, ?EINVAL}),
    Table =
        case vbeam_linux_session:member(Number) of
            #linux_pid{table = Own} -> Own
        end,
    [{limits, Limits}] = ets:lookup(Table, limits),
    {Soft, Hard} = vbeam_linux_limits:get(Name, Limits),
    New =
        case NewAt of
            0 ->
                none;
            _ ->
                <<S:64/little, H:64/little>> = vbeam_linux_memory:read(NewAt, 16),
                S =< H orelse throw({errno, ?EINVAL}),
                {S, H}
        end,
    _ = OldAt =/= 0 andalso
        vbeam_linux_memory:write(OldAt, <<Soft:64/little, Hard:64/little>>),
    _ = New =/= none andalso ets:insert(Table, {limits, Limits#{Name => New}}),
    0.

getrusage(Who, At) ->
    Table = vbeam_linux_group:table(),
    Usage =
        case Who of
            0 -> vbeam_linux_usage:own(Table);
            1 -> vbeam_linux_usage:own(Table);
            -1 -> vbeam_linux_usage:of_children(Table);
            _ -> throw({errno, ?EINVAL})
        end,
    ok = vbeam_linux_memory:write(At, rusage(Usage)),
    0.

%% Of struct rusage the times are known.
rusage({User, System}) -> [timeval(User), timeval(System), <<0:(112 * 8)>>].

timeval(Nanoseconds) ->
    Seconds = Nanoseconds div 1000000000,
    Microseconds = Nanoseconds rem 1000000000 div 1000,
    <<Seconds:64/little, Microseconds:64/little>>.

times(At) ->
    Table = vbeam_linux_group:table(),
    {User, System} = vbeam_linux_usage:own(Table),
    {ChildUser, ChildSystem} = vbeam_linux_usage:of_children(Table),
    Ticks = [ticks(Each) || Each <- [User, System, ChildUser, ChildSystem]],
    _ = At =/= 0 andalso
        vbeam_linux_memory:write(At, << <<Each:64/little>> || Each <- Ticks >>),
    ticks(vbeam_linux_wait:now() - vbeam_linux_compat:started()) + 30000000.

%% USER_HZ is 100.
ticks(Nanoseconds) -> Nanoseconds div 10000000.

%% --- scheduling: one processor, Erlang's scheduler --------------------------------------------

sched_yield() ->
    erlang:yield(),
    0.

sched_getaffinity(Number, Bytes, At) ->
    _ = vbeam_linux_session:member(Number),
    (Bytes >= 8 andalso Bytes rem 8 =:= 0) orelse throw({errno, ?EINVAL}),
    ok = vbeam_linux_memory:write_u64(At, 1),
    8.

sched_setaffinity(Number, Bytes, At) ->
    _ = vbeam_linux_session:member(Number),
    Set = binary:decode_unsigned(vbeam_linux_memory:read(At, min(Bytes, 128)), little),
    Set band 1 =:= 1 orelse throw({errno, ?EINVAL}),
    0.

getcpu(ProcessorAt, NodeAt, _) ->
    _ = [vbeam_linux_memory:write_u32(At, 0) || At <- [ProcessorAt, NodeAt], At =/= 0],
    0.

%% SCHED_OTHER, FIFO, RR, BATCH, IDLE: their ranges of priorities; Erlang's scheduler has turns of
%% its own for all of them.
priorities(Policy) when Policy =:= 1; Policy =:= 2 -> {1, 99};
priorities(Policy) when Policy =:= 0; Policy =:= 3; Policy =:= 5 -> {0, 0};
priorities(_) -> throw({errno, ?EINVAL}).

sched_get_priority_min(Policy) -> element(1, priorities(Policy)).
sched_get_priority_max(Policy) -> element(2, priorities(Policy)).

sched_getscheduler(Number) -> element(1, scheduling(Number)).

sched_setscheduler(Number, Policy, At) ->
    Row = vbeam_linux_session:member(Number),
    Priority = vbeam_linux_memory:read_u32(At),
    {Least, Most} = priorities(Policy band bnot 16#40000000),
    (Priority >= Least andalso Priority =< Most) orelse throw({errno, ?EINVAL}),
    true = ets:insert(Row#linux_pid.table, {scheduling, {Policy, Priority}}),
    0.

sched_getparam(Number, At) ->
    ok = vbeam_linux_memory:write_u32(At, element(2, scheduling(Number))),
    0.

sched_setparam(Number, At) -> sched_setscheduler(Number, sched_getscheduler(Number), At).

scheduling(Number) ->
    #linux_pid{table = Table} = vbeam_linux_session:member(Number),
    case ets:lookup(Table, scheduling) of
        [{_, Scheduling}] -> Scheduling;
        [] -> {0, 0}
    end.

sched_rr_get_interval(Number, At) ->
    _ = vbeam_linux_session:member(Number),
    ok = vbeam_linux_memory:write(At, <<0:64, 4000000:64/little>>),
    0.

%% Nice values from -20 to 19 are kept; getpriority gives 20 - value.
getpriority(Which, Who) ->
    Values = [20 - nice(Row) || Row <- whose(Which, Who)],
    Values =/= [] orelse throw({errno, ?ESRCH}),
    lists:max(Values).

setpriority(Which, Who, Value) ->
    Rows = whose(Which, Who),
    Rows =/= [] orelse throw({errno, ?ESRCH}),
    Nice = max(-20, min(19, Value)),
    _ = [ets:insert(Table, {nice, Nice}) || #linux_pid{table = Table} <- Rows],
    0.

nice(#linux_pid{table = Table}) ->
    case ets:lookup(Table, nice) of
        [{_, Nice}] -> Nice;
        [] -> 0
    end.

whose(0, Number) -> [vbeam_linux_session:member(Number)];
whose(1, 0) -> whose(1, vbeam_linux_group:process_group());
whose(1, Group) -> vbeam_linux_compat:in_process_group(Group);
whose(2, _) -> vbeam_linux_compat:groups();
whose(_, _) -> throw({errno, ?EINVAL}).

ioprio_get(Which, _) when Which >= 1, Which =< 3 -> vbeam_linux_group:get(io_priority, 0);
ioprio_get(_, _) -> throw({errno, ?EINVAL}).

ioprio_set(Which, _, Priority) when Which >= 1, Which =< 3, Priority bsr 13 =< 3 ->
    ok = vbeam_linux_group:put(io_priority, Priority),
    0;
ioprio_set(_, _, _) ->
    throw({errno, ?EINVAL}).

personality(16#ffffffff) -> vbeam_linux_group:get(personality, 0);
personality(New) ->
    Old = vbeam_linux_group:get(personality, 0),
    ok = vbeam_linux_group:put(personality, New),
    Old.
