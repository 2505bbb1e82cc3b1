%% New threads and thread groups: clone(2), clone3(2). The task is copied or shared by the calling
%% thread, which owns it, and given to the process of the new thread when its registers are set.
-module(vbeam_linux_clone).
-export([clone/1]).

-include("vbeam_linux.hrl").

-define(CLONE_VM, 16#100).
-define(CLONE_SIGHAND, 16#800).
-define(CLONE_VFORK, 16#4000).
-define(CLONE_THREAD, 16#10000).
-define(CLONE_SETTLS, 16#80000).
-define(CLONE_PARENT_SETTID, 16#100000).
-define(CLONE_CHILD_CLEARTID, 16#200000).
-define(CLONE_CHILD_SETTID, 16#1000000).
-define(CLONE_CLEAR_SIGHAND, 16#100000000).
%% Namespaces, a parent that is not the caller, descriptors of processes, tracing, cgroups.
-define(UNKNOWN, 16#27e02b080).
-define(ADDRESS_END, 16#7ffffffff000).

-spec clone(#{flags := non_neg_integer(), exit_signal := 0..255, atom() => non_neg_integer()}) ->
    pos_integer().
clone(#{flags := Flags} = Arguments) ->
    Has = fun(Flag) -> Flags band Flag =/= 0 end,
    Flags band ?UNKNOWN =:= 0 orelse throw({errno, ?EINVAL}),
    Has(?CLONE_SIGHAND) andalso not Has(?CLONE_VM) andalso throw({errno, ?EINVAL}),
    Has(?CLONE_THREAD) andalso not Has(?CLONE_SIGHAND) andalso throw({errno, ?EINVAL}),
    Has(?CLONE_CLEAR_SIGHAND) andalso Has(?CLONE_SIGHAND) andalso throw({errno, ?EINVAL}),
    maps:get(tls, Arguments, 0) < ?ADDRESS_END orelse throw({errno, ?EPERM}),
    case Has(?CLONE_THREAD) of
        true -> thread(Arguments);
        false -> group(Arguments)
    end.

thread(#{flags := Flags} = Arguments) ->
    Task = vbeam_linux_memory:task(),
    New = made(vbeam_task:thread(Task)),
    {Number, Thread} = vbeam_linux_group:thread(vbeam_linux_signal:mask()),
    Space = vbeam_linux_memory:space(),
    ok = parent_told(Arguments, Number),
    %% The memory is the same.
    _ = Flags band ?CLONE_CHILD_SETTID =/= 0 andalso
        vbeam_linux_memory:write_u32(maps:get(child_tid, Arguments), Number),
    ok = prepare(New, Arguments),
    ok = vbeam_linux_thread:start(Thread, {New, Space}, inherited(Arguments, false)),
    Number.

%% A child that shares the memory (vfork, posix_spawn) has a task that is a thread of the same
%% address space, until it executes a program or ends.
group(#{flags := Flags} = Arguments) ->
    Shared = Flags band ?CLONE_VM =/= 0,
    {New, Space} = memory(Shared, vbeam_linux_memory:task(), vbeam_linux_memory:space()),
    Reference = make_ref(),
    Waits = Flags band ?CLONE_VFORK =/= 0,
    Borrowed = case Waits of true -> {self(), Reference}; false -> none end,
    {Number, Thread} = vbeam_linux_group:fork(vbeam_linux_signal:mask(), Borrowed),
    #linux_pid{process = Child, table = Table} = vbeam_linux_compat:find(Number),
    _ = Shared orelse ets:give_away(Space, Child, space),
    true = ets:insert(Table, {space, Space}),
    ok = vbeam_linux_mapping:held(Space, Child),
    _ = Flags band ?CLONE_CLEAR_SIGHAND =/= 0 andalso vbeam_linux_signal:handled_reset(Table),
    ok = parent_told(Arguments, Number),
    ok = child_told(New, Space, Arguments, Number),
    ok = prepare(New, Arguments),
    ok = vbeam_linux_thread:start(Thread, {New, Space}, inherited(Arguments, not Shared or Waits)),
    _ = Waits andalso left(Reference, Thread),
    Number.

memory(true, Task, Space) ->
    {made(vbeam_task:thread(Task)), Space};
memory(false, Task, Space) ->
    vbeam_linux_space:locked(Space, fun() ->
        {made(vbeam_task:fork(Task)), vbeam_linux_space:copy(Space)}
    end).

made({ok, Task}) -> Task;
made({error, enomem}) -> throw({errno, ?ENOMEM});
made({error, _}) -> throw({errno, ?EAGAIN}).

%% The child begins behind the system call, which gives it 0.
prepare(New, #{flags := Flags} = Arguments) ->
    Stack =
        case Arguments of
            #{stack := Pointer} when Pointer =/= 0 -> #{rsp => Pointer};
            _ -> #{}
        end,
    Tls =
        case Flags band ?CLONE_SETTLS of
            0 -> #{};
            _ -> #{fs_base => maps:get(tls, Arguments)}
        end,
    vbeam_task:set_registers(New, maps:merge(Stack#{rax => 0}, Tls)).

parent_told(#{flags := Flags, parent_tid := Address}, Number) when
    Flags band ?CLONE_PARENT_SETTID =/= 0
->
    vbeam_linux_memory:write_u32(Address, Number);
parent_told(_, _) ->
    ok.

%% What cannot be written there is not: Linux ignores it, too.
child_told(New, Space, #{flags := Flags} = Arguments, Number) ->
    case Flags band ?CLONE_CHILD_SETTID of
        0 ->
            ok;
        _ ->
            Address = maps:get(child_tid, Arguments),
            try
                ok = vbeam_linux_space:provide(New, Space, Address, 4, write),
                _ = vbeam_task:write(New, Address, <<Number:32/little>>),
                ok
            catch
                throw:{errno, _} -> ok
            end
    end.

%% The alternate stack of a thread that shares memory would be used by two.
inherited(#{flags := Flags} = Arguments, Stack) ->
    Clear =
        case Flags band ?CLONE_CHILD_CLEARTID of
            0 -> [];
            _ -> [{'$linux_clear_tid', maps:get(child_tid, Arguments)}]
        end,
    [{'$linux_alternate', vbeam_linux_thread:alternate()} || Stack] ++ Clear.

%% Until the child has left the memory, whatever signals come but one that ends the caller.
left(Reference, Thread) ->
    Monitor = monitor(process, Thread),
    receive
        {Reference, left} -> demonitor(Monitor, [flush]);
        {'DOWN', Monitor, process, _, _} -> true
    end.
