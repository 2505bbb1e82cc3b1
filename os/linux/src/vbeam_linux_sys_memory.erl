%% System calls of family `memory`, over the rows of vbeam_linux_space.
-module(vbeam_linux_sys_memory).

-export([brk/1, mmap/6, munmap/2, mprotect/3, mremap/5, madvise/3, msync/3, mincore/3]).
-export([mlock/2, munlock/2, mlock2/3, mlockall/1, munlockall/0, membarrier/3]).

-include("vbeam_linux.hrl").

-define(PAGE, 4096).
-define(END, 16#7ffffffff000).
-define(PROT_MOST, 7).
-define(PROT_GROWSDOWN, 16#01000000).
-define(MAP_SHARED, 1).
-define(MAP_PRIVATE, 2).
-define(MAP_SHARED_VALIDATE, 3).
-define(MAP_FIXED, 16#10).
-define(MAP_ANONYMOUS, 16#20).
-define(MAP_POPULATE, 16#8000).
-define(MAP_FIXED_NOREPLACE, 16#100000).
-define(READ_WRITE, 3).

%% --- brk -----------------------------------------------------------------------------------

%% Where the heap ends now; what cannot be given is not.
brk(Wanted) ->
    Space = vbeam_linux_memory:space(),
    vbeam_linux_space:locked(Space, fun() -> moved_brk(Space, Wanted) end).

moved_brk(Space, Wanted) ->
    {Start, Now} = vbeam_linux_space:brk(Space),
    Task = vbeam_linux_memory:task(),
    Old = page_up(Now),
    New = page_up(Wanted),
    if
        Wanted < Start; Wanted > ?END ->
            Now;
        New < Old ->
            ok = vbeam_linux_space:remove(Task, Space, {New, Old}),
            end_brk(Space, Start, Wanted);
        New =:= Old ->
            end_brk(Space, Start, Wanted);
        true ->
            Row = {Old, New, ?READ_WRITE, zero, [heap], <<"[heap]">>},
            case is_free(Space, Old, New) andalso within(data, New - Start) of
                true ->
                    ok = vbeam_linux_space:add(Task, Space, Row),
                    end_brk(Space, Start, Wanted);
                false ->
                    Now
            end
    end.

end_brk(Space, Start, Wanted) ->
    ok = vbeam_linux_space:set_brk(Space, Start, Wanted),
    Wanted.

is_free(Space, From, To) -> vbeam_linux_space:free_place(Space, From, To - From) =:= {ok, From}.

within(Resource, Bytes) ->
    {Soft, _} = vbeam_linux_limits:get(Resource, vbeam_linux_group:get(limits, #{})),
    Bytes =< Soft.

%% --- mmap ----------------------------------------------------------------------------------

mmap(Address, Length, Protection, Flags, Fd, Offset) ->
    Length > 0 orelse throw({errno, ?EINVAL}),
    Length =< ?END orelse throw({errno, ?ENOMEM}),
    Offset rem ?PAGE =:= 0 orelse throw({errno, ?EINVAL}),
    Offset >= 0 orelse throw({errno, ?EOVERFLOW}),
    Kind = Flags band 15,
    (Kind >= ?MAP_SHARED andalso Kind =< ?MAP_SHARED_VALIDATE) orelse throw({errno, ?EINVAL}),
    Bytes = page_up(Length),
    Space = vbeam_linux_memory:space(),
    ok = vbeam_linux_space:limit(Space, 2),
    Shared = Kind =/= ?MAP_PRIVATE,
    {Source, Name} =
        case Flags band ?MAP_ANONYMOUS of
            0 -> vbeam_linux_mapping:file(Fd, Offset, Bytes, Protection, Shared);
            _ when Shared -> {vbeam_linux_mapping:anonymous(Bytes), <<"/dev/zero (deleted)">>};
            _ -> {zero, <<>>}
        end,
    Placed = vbeam_linux_space:locked(Space, fun() ->
        At = place(Space, Address, Bytes, Flags),
        Row = {At, At + Bytes, Protection band ?PROT_MOST, Source, kind(Shared), Name},
        ok = vbeam_linux_space:add(vbeam_linux_memory:task(), Space, Row),
        At
    end),
    _ = Flags band ?MAP_POPULATE =/= 0 andalso populated(Placed, Bytes),
    Placed.

kind(true) -> [shared];
kind(false) -> [].

place(Space, Address, Bytes, Flags) ->
    Fixed = Flags band (?MAP_FIXED bor ?MAP_FIXED_NOREPLACE),
    case Fixed of
        0 ->
            case vbeam_linux_space:free_place(Space, Address, Bytes) of
                {ok, At} -> At;
                {error, enomem} -> throw({errno, ?ENOMEM})
            end;
        _ ->
            Address rem ?PAGE =:= 0 orelse throw({errno, ?EINVAL}),
            Address + Bytes =< ?END orelse throw({errno, ?ENOMEM}),
            %% Page 0 and its neighbours stay away (vm.mmap_min_addr), as from other programs.
            Address >= 65536 orelse throw({errno, ?EPERM}),
            case Fixed band ?MAP_FIXED_NOREPLACE =/= 0 andalso
                not vbeam_linux_space:is_free(Space, Address, Address + Bytes)
            of
                true -> throw({errno, ?EEXIST});
                false -> ok
            end,
            Range = {Address, Address + Bytes},
            ok = vbeam_linux_space:remove(vbeam_linux_memory:task(), Space, Range),
            Address
    end.

populated(At, Bytes) ->
    try
        vbeam_linux_space:provide(
            vbeam_linux_memory:task(), vbeam_linux_memory:space(), At, Bytes, read
        )
    catch
        throw:{errno, _} -> ok
    end.

munmap(Address, Length) ->
    (Address rem ?PAGE =:= 0 andalso Length > 0) orelse throw({errno, ?EINVAL}),
    End = Address + page_up(Length),
    End =< ?END orelse throw({errno, ?EINVAL}),
    changing(fun(Task, Space) ->
        ok = vbeam_linux_space:limit(Space, 1),
        ok = vbeam_linux_space:remove(Task, Space, {Address, End}),
        0
    end).

mprotect(Address, Length, Protection) ->
    Address rem ?PAGE =:= 0 orelse throw({errno, ?EINVAL}),
    Protection band bnot (?PROT_MOST bor ?PROT_GROWSDOWN bor 8) =:= 0 orelse
        throw({errno, ?EINVAL}),
    End = Address + page_up(Length),
    End =< ?END orelse throw({errno, ?ENOMEM}),
    changing(fun(Task, Space) ->
        ok = vbeam_linux_space:limit(Space, 2),
        From =
            case vbeam_linux_space:find(Space, Address) of
                {Start, _, _, _, [stack], _} when Protection band ?PROT_GROWSDOWN =/= 0 -> Start;
                _ -> Address
            end,
        case vbeam_linux_space:change(Task, Space, {From, End}, Protection band ?PROT_MOST) of
            ok -> 0;
            gap -> throw({errno, ?ENOMEM})
        end
    end).

changing(Function) ->
    Space = vbeam_linux_memory:space(),
    vbeam_linux_space:locked(Space, fun() -> Function(vbeam_linux_memory:task(), Space) end).

%% --- mremap --------------------------------------------------------------------------------

-define(MREMAP_MAYMOVE, 1).
-define(MREMAP_FIXED, 2).
-define(MREMAP_DONTUNMAP, 4).

mremap(Address, OldLength, NewLength, Flags, NewAddress) ->
    Valid =
        Address rem ?PAGE =:= 0 andalso NewLength > 0 andalso Flags band bnot 3 =:= 0 andalso
            Flags =/= ?MREMAP_FIXED andalso OldLength > 0,
    Valid orelse throw({errno, ?EINVAL}),
    Old = page_up(OldLength),
    New = page_up(NewLength),
    New =< ?END orelse throw({errno, ?EINVAL}),
    changing(fun(Task, Space) ->
        Row =
            case vbeam_linux_space:find(Space, Address) of
                {_, End, _, _, _, _} = Found when End >= Address + Old -> Found;
                _ -> throw({errno, ?EFAULT})
            end,
        case Flags band ?MREMAP_FIXED of
            0 ->
                resized(Task, Space, Row, {Address, Old, New}, Flags);
            _ ->
                Apart = NewAddress + New =< Address orelse NewAddress >= Address + Old,
                (NewAddress rem ?PAGE =:= 0 andalso NewAddress + New =< ?END andalso Apart) orelse
                    throw({errno, ?EINVAL}),
                ok = vbeam_linux_space:remove(Task, Space, {NewAddress, NewAddress + New}),
                moved(Task, Space, {Address, Old, New}, NewAddress)
        end
    end).

resized(Task, Space, _, {Address, Old, New}, _) when New =< Old ->
    ok = vbeam_linux_space:remove(Task, Space, {Address + New, Address + Old}),
    Address;
resized(Task, Space, {_, End, _, _, _, _}, {Address, Old, New}, Flags) ->
    Fits = End =:= Address + Old andalso vbeam_linux_space:is_free(Space, End, Address + New),
    if
        Fits ->
            ok = vbeam_linux_space:extend(Space, End, Address + New),
            Address;
        Flags band ?MREMAP_MAYMOVE =/= 0 ->
            case vbeam_linux_space:free_place(Space, 0, New) of
                {ok, To} -> moved(Task, Space, {Address, Old, New}, To);
                {error, enomem} -> throw({errno, ?ENOMEM})
            end;
        true ->
            throw({errno, ?ENOMEM})
    end.

moved(Task, Space, {Address, Old, New}, To) ->
    Kept = min(Old, New),
    ok = vbeam_linux_space:move(Task, Space, {Address, Address + Kept}, To),
    _ = New > Kept andalso vbeam_linux_space:extend(Space, To + Kept, To + New),
    _ = Old > Kept andalso
        vbeam_linux_space:remove(Task, Space, {Address + Kept, Address + Old}),
    To.

%% --- advice and locks ----------------------------------------------------------------------

-define(MADV_DONTNEED, 4).
-define(MADV_FREE, 8).
-define(MADV_REMOVE, 9).
-define(MADV_DONTFORK, 10).
-define(MADV_DOFORK, 11).

madvise(Address, Length, Advice) ->
    Address rem ?PAGE =:= 0 orelse throw({errno, ?EINVAL}),
    Known = (Advice >= 0 andalso Advice =< 4) orelse lists:member(Advice, lists:seq(8, 23)),
    Known orelse throw({errno, ?EINVAL}),
    End = Address + page_up(Length),
    End =< ?END orelse throw({errno, ?EINVAL}),
    changing(fun(Task, Space) ->
        Result =
            case Advice of
                _ when Advice =:= ?MADV_DONTNEED; Advice =:= ?MADV_FREE ->
                    vbeam_linux_space:forget(Task, Space, {Address, End});
                _ ->
                    vbeam_linux_space:flags(Space, Address, End, fun(Flags) -> Flags end)
            end,
        case Result of
            ok -> 0;
            gap -> throw({errno, ?ENOMEM})
        end
    end).

msync(Address, Length, Flags) ->
    (Address rem ?PAGE =:= 0 andalso Flags band bnot 7 =:= 0 andalso Flags band 5 =/= 5) orelse
        throw({errno, ?EINVAL}),
    End = Address + page_up(Length),
    changing(fun(_, Space) ->
        case vbeam_linux_space:each(Space, Address, End, fun vbeam_linux_mapping:sync/3) of
            ok -> 0;
            gap -> throw({errno, ?ENOMEM})
        end
    end).

%% A byte for each page: 1 when it is in memory.
mincore(Address, Length, At) ->
    Address rem ?PAGE =:= 0 orelse throw({errno, ?EINVAL}),
    End = Address + page_up(Length),
    End =< ?END orelse throw({errno, ?ENOMEM}),
    Task = vbeam_linux_memory:task(),
    Space = vbeam_linux_memory:space(),
    vbeam_linux_space:each(Space, Address, End, fun(_, _, _) -> ok end) =:= ok orelse
        throw({errno, ?ENOMEM}),
    pages_in_core(Task, Address, End, At).

pages_in_core(_, Address, End, _) when Address >= End ->
    0;
pages_in_core(Task, Address, End, At) ->
    Until = min(End, Address + 4096 * ?PAGE),
    Pages = [in_core(Task, Page) || Page <- lists:seq(Address, Until - 1, ?PAGE)],
    ok = vbeam_linux_memory:write(At, Pages),
    pages_in_core(Task, Until, End, At + length(Pages)).

in_core(Task, Page) ->
    case vbeam_task:read(Task, Page, 1) of
        {ok, _} -> 1;
        {error, efault} -> 0
    end.

%% Nothing is ever written to a swap device; locked pages are there from now on.
mlock(Address, Length) -> mlock2(Address, Length, 0).

mlock2(Address, Length, Flags) ->
    Flags band bnot 1 =:= 0 orelse throw({errno, ?EINVAL}),
    From = Address - Address rem ?PAGE,
    Bytes = page_up(Address + Length) - From,
    _ = Bytes > 0 andalso Flags =:= 0 andalso
        try
            vbeam_linux_space:provide(
                vbeam_linux_memory:task(), vbeam_linux_memory:space(), From, Bytes, read
            )
        catch
            throw:{errno, _} -> throw({errno, ?ENOMEM})
        end,
    0.

munlock(_, _) -> 0.

mlockall(Flags) when Flags >= 1, Flags =< 7, Flags =/= 4 -> 0;
mlockall(_) -> throw({errno, ?EINVAL}).

munlockall() -> 0.

%% Threads run one at a time, and each change of thread is a barrier: nothing is left to do for the
%% commands that exist. 0 asks for them.
membarrier(0, 0, _) -> 16#1ff;
membarrier(Command, 0, _) when
    Command > 0, Command =< 16#100, Command band (Command - 1) =:= 0
->
    0;
membarrier(_, _, _) -> throw({errno, ?EINVAL}).

page_up(Bytes) -> (Bytes + ?PAGE - 1) band bnot (?PAGE - 1).
