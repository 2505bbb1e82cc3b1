%% The address space of a program: which addresses it may use how, and what they hold before they
%% are first used. Rows of a public ordered_set, which the tasks of all threads share:
%%
%%     {Start, End, Protection, Source, Flags, Name}
%%
%% whole pages, in order, without overlap. Protection has the PROT_ bits of mmap(2). Source says
%% what a page is before anybody has written to it:
%%
%%     zero                     zeros
%%     {bytes, Binary, Skip}    the bytes from Skip on belong at Start; zeros after the last
%%     {shared, Pid, Offset}    frames of vbeam_linux_shared
%%
%% Flags: `stack` grows downwards to its limit; `heap` is that of brk. Pages are mapped into the
%% task when they are used first, several at once. Where rows and pages change together, {lock, Pid}
%% is held.
-module(vbeam_linux_space).
-export([new/0, copy/1, locked/2, find/2, rows/1, free_place/3]).
-export([add/3, remove/3, change/4, flags/4, fault/4, provide/5, permitted/4, limit/2]).
-export([is_free/3, extend/3, move/4, forget/3, each/4]).
-export([brk/1, set_brk/3]).
-export_type([space/0, row/0, source/0]).

-type space() :: ets:table().
-type source() ::
    zero | {bytes, binary(), non_neg_integer()} | {shared, pid(), non_neg_integer()}.
-type row() :: {
    Start :: non_neg_integer(), End :: non_neg_integer(), Protection :: 0..7, source(),
    Flags :: [atom()], Name :: binary()
}.

-define(PAGE, 4096).
%% Pages that one fault maps at most.
-define(PAGES_AROUND, 16).
-define(ROWS_MAX, 65530).
-define(READ, 1).
-define(WRITE, 2).
-define(EXECUTE, 4).
%% mmap's addresses: below the stack's limit, downwards.
-define(MMAP_TOP, 16#7fffbffff000).
-define(MMAP_BOTTOM, 16#10000).
-define(EFAULT, 14).
-define(ENOMEM, 12).
-define(SIGBUS, 7).
-define(SIGKILL, 9).
-define(SIGSEGV, 11).
-define(SEGV_MAPERR, 1).
-define(SEGV_ACCERR, 2).

-spec new() -> space().
new() -> ets:new(?MODULE, [ordered_set, public]).

%% For the child of a fork.
-spec copy(space()) -> space().
copy(Space) ->
    Copy = new(),
    true = ets:insert(Copy, ets:tab2list(Space)),
    true = ets:delete(Copy, lock),
    Copy.

%% No other thread changes the space meanwhile.
-spec locked(space(), fun(() -> Result)) -> Result.
locked(Space, Function) ->
    case ets:insert_new(Space, {lock, self()}) of
        true ->
            try
                Function()
            after
                ets:delete(Space, lock)
            end;
        false ->
            ok = unlock_dead(Space, ets:lookup(Space, lock)),
            erlang:yield(),
            locked(Space, Function)
    end.

%% A thread that was ended meanwhile holds nothing.
unlock_dead(Space, [{lock, Pid} = Lock]) ->
    case is_process_alive(Pid) of
        true ->
            ok;
        false ->
            true = ets:delete_object(Space, Lock),
            ok
    end;
unlock_dead(_, []) ->
    ok.

%% --- rows ----------------------------------------------------------------------------------

%% The row with an address.
-spec find(space(), non_neg_integer()) -> row() | none.
find(Space, Address) ->
    case ets:prev(Space, Address + 1) of
        Start when is_integer(Start) ->
            case ets:lookup(Space, Start) of
                [{_, End, _, _, _, _} = Row] when End > Address -> Row;
                _ -> none
            end;
        _ ->
            none
    end.

-spec rows(space()) -> [row()].
rows(Space) ->
    [Row || {Start, _, _, _, _, _} = Row <- ets:tab2list(Space), is_integer(Start)].

%% Rows with a byte between two addresses, in order.
between(Space, From, To) ->
    First =
        case find(Space, From) of
            none -> [];
            Row -> [Row]
        end,
    First ++ following(Space, ets:next(Space, From), To).

following(Space, Start, To) when is_integer(Start), Start < To ->
    [Row] = ets:lookup(Space, Start),
    [Row | following(Space, ets:next(Space, Start), To)];
following(_, _, _) ->
    [].

%% Where so many bytes are free: at a hint, or as high as possible below mmap's top.
-spec free_place(space(), Hint :: non_neg_integer(), Bytes :: pos_integer()) ->
    {ok, non_neg_integer()} | {error, enomem}.
free_place(Space, Hint, Bytes) ->
    At = Hint - Hint rem ?PAGE,
    Fits = At >= ?MMAP_BOTTOM andalso At + Bytes =< ?MMAP_TOP,
    case Fits andalso between(Space, At, At + Bytes) =:= [] of
        true -> {ok, At};
        false -> highest(Space, ?MMAP_TOP, Bytes)
    end.

highest(_, End, Bytes) when End - Bytes < ?MMAP_BOTTOM ->
    {error, enomem};
highest(Space, End, Bytes) ->
    case ets:prev(Space, End) of
        Start when is_integer(Start) ->
            case ets:lookup_element(Space, Start, 2) of
                Before when Before =< End - Bytes -> {ok, End - Bytes};
                _ -> highest(Space, Start, Bytes)
            end;
        _ ->
            {ok, End - Bytes}
    end.

%% A new row where nothing is. Those of the same kind that touch it become one.
-spec add(vbeam_task:task(), space(), row()) -> ok.
add(_Task, Space, {Start, End, Protection, zero, Flags, Name} = Row) ->
    case find(Space, Start - 1) of
        {Before, Start, Protection, zero, Flags, Name} ->
            true = ets:update_element(Space, Before, {2, End});
        _ ->
            true = ets:insert(Space, Row)
    end,
    ok;
add(_Task, Space, Row) ->
    true = ets:insert(Space, Row),
    ok.

%% Nothing is there any more.
-spec remove(vbeam_task:task(), space(), {non_neg_integer(), non_neg_integer()}) -> ok.
remove(Task, Space, {From, To}) ->
    case between(Space, From, To) of
        [] ->
            ok;
        Rows ->
            _ = [cut_out(Space, Row, From, To) || Row <- Rows],
            {First, _, _, _, _, _} = hd(Rows),
            {_, Last, _, _, _, _} = lists:last(Rows),
            At = max(From, First),
            _ = vbeam_task:unmap(Task, At, min(To, Last) - At),
            ok
    end.

cut_out(Space, {Start, End, _, _, _, _} = Row, From, To) ->
    _ = Start >= From andalso ets:delete(Space, Start),
    _ = Start < From andalso ets:insert(Space, setelement(2, Row, From)),
    _ = End > To andalso ets:insert(Space, from(To, Row)),
    ok.

%% The part of a row from an address on.
from(At, {Start, End, Protection, Source, Flags, Name}) ->
    {At, End, Protection, moved(Source, At - Start), Flags, Name}.

moved(zero, _) -> zero;
moved({bytes, Binary, Skip}, By) -> {bytes, Binary, Skip + By};
moved({shared, Pid, Offset}, By) -> {shared, Pid, Offset + By}.

%% Another protection; `gap` when there is an address without a row, up to which it was changed.
-spec change(vbeam_task:task(), space(), {non_neg_integer(), non_neg_integer()}, 0..7) -> ok | gap.
change(Task, Space, {From, To}, Protection) ->
    Result = each_part(Space, From, To, fun(Row, At, Until) ->
        ok = replace(Space, Row, At, Until, fun(Part) -> setelement(3, Part, Protection) end),
        _ = vbeam_task:protect(Task, At, Until - At, access(Protection)),
        ok
    end),
    ok = merge(Space, between(Space, max(0, From - 1), To + 1)),
    Result.

%% Neighbours that are alike become one row, as mremap and others expect who see one mapping.
merge(Space, [{Start, End, Protection, Source, Flags, Name} = Row, Next | Rest]) ->
    {At, Last, NextProtection, NextSource, NextFlags, NextName} = Next,
    Alike =
        {End, Protection, moved(Source, End - Start), Flags, Name} =:=
            {At, NextProtection, NextSource, NextFlags, NextName},
    case Alike of
        true ->
            true = ets:delete(Space, At),
            true = ets:update_element(Space, Start, {2, Last}),
            merge(Space, [setelement(2, Row, Last) | Rest]);
        false ->
            merge(Space, [Next | Rest])
    end;
merge(_, _) ->
    ok.

%% Other flags.
-spec flags(space(), non_neg_integer(), non_neg_integer(), fun(([atom()]) -> [atom()])) -> ok | gap.
flags(Space, From, To, Change) ->
    each_part(Space, From, To, fun(Row, At, Until) ->
        replace(Space, Row, At, Until, fun(Part) ->
            setelement(5, Part, Change(element(5, Part)))
        end)
    end).

each_part(Space, From, To, Do) -> each_part(between(Space, From, To), From, To, Do, ok).

each_part([{Start, _, _, _, _, _} | _], From, _, _, _) when Start > From -> gap;
each_part([{_, End, _, _, _, _} = Row | Rest], From, To, Do, ok) ->
    Until = min(End, To),
    ok = Do(Row, From, Until),
    each_part(Rest, Until, To, Do, ok);
each_part([], From, To, _, Result) when From >= To -> Result;
each_part([], _, _, _, _) -> gap.

replace(Space, {Start, End, _, _, _, _} = Row, At, Until, Change) ->
    Part = from(At, setelement(2, Row, Until)),
    _ = Start < At andalso ets:insert(Space, setelement(2, Row, At)),
    true = ets:insert(Space, Change(Part)),
    _ = Until < End andalso ets:insert(Space, from(Until, Row)),
    ok.

-spec is_free(space(), non_neg_integer(), non_neg_integer()) -> boolean().
is_free(Space, From, To) -> between(Space, From, To) =:= [].

%% The row that ends at an address goes on to another one.
-spec extend(space(), non_neg_integer(), non_neg_integer()) -> ok.
extend(Space, End, To) ->
    {Start, End, _, _, _, _} = find(Space, End - 1),
    true = ets:update_element(Space, Start, {2, To}),
    ok.

%% Rows and pages between two addresses are elsewhere from now on, where nothing is.
-spec move(vbeam_task:task(), space(), {non_neg_integer(), non_neg_integer()}, non_neg_integer()) ->
    ok.
move(Task, Space, {From, To}, At) ->
    Parts = [within(Row, From, To) || Row <- between(Space, From, To)],
    _ = [cut_out(Space, Row, From, To) || Row <- between(Space, From, To)],
    By = At - From,
    true = ets:insert(Space, [
        setelement(1, setelement(2, Part, End + By), Start + By)
     || {Start, End, _, _, _, _} = Part <- Parts
    ]),
    case vbeam_task:move(Task, From, At, To - From) of
        ok -> ok;
        {error, _} -> throw({errno, ?ENOMEM})
    end.

within({Start, End, _, _, _, _} = Row, From, To) ->
    from(max(Start, From), setelement(2, Row, min(End, To))).

%% What was written to private pages is gone; they are what they were at first.
-spec forget(vbeam_task:task(), space(), {non_neg_integer(), non_neg_integer()}) -> ok | gap.
forget(Task, Space, {From, To}) ->
    each(Space, From, To, fun(_, At, Until) ->
        _ = vbeam_task:unmap(Task, At, Until - At),
        ok
    end).

%% Calls a function with each row and its part between two addresses.
-spec each(
    space(), non_neg_integer(), non_neg_integer(),
    fun((row(), non_neg_integer(), non_neg_integer()) -> ok)
) -> ok | gap.
each(Space, From, To, Do) -> each_part(Space, From, To, Do).

%% Whether there may be another row.
-spec limit(space(), pos_integer()) -> ok.
limit(Space, More) ->
    case ets:info(Space, size) + More > ?ROWS_MAX of
        true -> throw({errno, ?ENOMEM});
        false -> ok
    end.

%% --- brk -----------------------------------------------------------------------------------

%% {Start, Now}
-spec brk(space()) -> {non_neg_integer(), non_neg_integer()}.
brk(Space) ->
    [{brk, Start, Now}] = ets:lookup(Space, brk),
    {Start, Now}.

-spec set_brk(space(), non_neg_integer(), non_neg_integer()) -> ok.
set_brk(Space, Start, Now) ->
    true = ets:insert(Space, {brk, Start, Now}),
    ok.

%% --- pages ---------------------------------------------------------------------------------

%% A page fault in the program: mapped now, or the signal that it gets.
-spec fault(vbeam_task:task(), space(), non_neg_integer(), Code :: non_neg_integer()) ->
    ok | {signal, 1..64, vbeam_linux_signal:information()}.
fault(Task, Space, Address, Code) ->
    Wanted =
        if
            Code band 16 =/= 0 -> ?EXECUTE;
            Code band 2 =/= 0 -> ?WRITE;
            true -> ?READ
        end,
    locked(Space, fun() -> faulted(Task, Space, Address, Wanted, Code) end).

faulted(Task, Space, Address, Wanted, Code) ->
    case find(Space, Address) of
        none ->
            segv(?SEGV_MAPERR, Address);
        {_, _, Protection, _, _, _} = Row ->
            case allows(Protection, Wanted) of
                false -> segv(?SEGV_ACCERR, Address);
                true when Code band 1 =/= 0 -> present(Task, Address, Protection);
                true -> map_around(Task, Row, Address)
            end
    end.

segv(Code, Address) -> {signal, ?SIGSEGV, vbeam_linux_signal:of_fault(Code, Address)}.

%% On x86 what may be written or executed may be read.
allows(Protection, ?READ) -> Protection =/= 0;
allows(Protection, Wanted) -> Protection band Wanted =/= 0.

%% The page had other rights when the program touched it.
present(Task, Address, Protection) ->
    _ = vbeam_task:protect(Task, Address - Address rem ?PAGE, ?PAGE, access(Protection)),
    ok.

map_around(Task, {Start, End, _, _, _, _} = Row, Address) ->
    Block = ?PAGES_AROUND * ?PAGE,
    From = max(Start, Address - Address rem Block),
    To = min(End, Address - Address rem Block + Block),
    At = Address - Address rem ?PAGE,
    case fill(Task, Row, At, At + ?PAGE) of
        ok ->
            %% Memory for these is welcome, not needed.
            _ = fill(Task, Row, At + ?PAGE, To),
            _ = fill(Task, Row, From, At),
            ok;
        {error, enomem} ->
            {signal, ?SIGKILL, vbeam_linux_signal:of_kernel()};
        {error, beyond} ->
            {signal, ?SIGBUS, vbeam_linux_signal:of_fault(2, Address)}
    end.

%% Pages of one row; those that are there already stay as they are.
fill(_, _, At, To) when At >= To ->
    ok;
fill(Task, {Start, _, Protection, {shared, Pid, Offset}, _, _} = Row, At, To) ->
    Access = access(Protection),
    case vbeam_linux_shared:map(Pid, Task, At, Offset + At - Start, ?PAGE, Access) of
        ok -> fill(Task, Row, At + ?PAGE, To);
        {error, eexist} -> fill(Task, Row, At + ?PAGE, To);
        {error, _} = Error -> Error
    end;
fill(Task, {Start, _, Protection, Source, _, _} = Row, At, To) ->
    case vbeam_task:map_pages(Task, At, min(64, (To - At) div ?PAGE), Protection) of
        eexist ->
            fill(Task, Row, At + ?PAGE, To);
        Count when is_integer(Count), Count > 0 ->
            ok = write_source(Task, At, Count * ?PAGE, moved(Source, At - Start)),
            fill(Task, Row, At + Count * ?PAGE, To);
        _ ->
            {error, enomem}
    end.

write_source(_, _, _, zero) ->
    ok;
write_source(_, _, _, {bytes, Binary, Skip}) when Skip >= byte_size(Binary) ->
    ok;
write_source(Task, At, Bytes, {bytes, Binary, Skip}) ->
    Part = binary:part(Binary, Skip, min(Bytes, byte_size(Binary) - Skip)),
    vbeam_task:write(Task, At, Part).

access(Protection) ->
    [
        Name
     || {Bit, Name} <- [{?READ, read}, {?WRITE, write}, {?EXECUTE, execute}],
        Protection band Bit =/= 0
    ].

%% --- what system calls access --------------------------------------------------------------

%% Whether the program itself could access these bytes so.
-spec permitted(space(), non_neg_integer(), pos_integer(), read | write) -> boolean().
permitted(Space, Address, Bytes, How) ->
    Wanted = case How of read -> ?READ; write -> ?WRITE end,
    permitted_to(Space, Address, Address + Bytes, Wanted).

permitted_to(_, At, To, _) when At >= To -> true;
permitted_to(Space, At, To, Wanted) ->
    case find(Space, At) of
        {_, End, Protection, _, _, _} ->
            allows(Protection, Wanted) andalso permitted_to(Space, End, To, Wanted);
        none ->
            false
    end.

%% Maps what is missing of memory that a system call needs; EFAULT when it must not access it.
-spec provide(vbeam_task:task(), space(), non_neg_integer(), pos_integer(), read | write) -> ok.
provide(Task, Space, Address, Bytes, How) ->
    permitted(Space, Address, Bytes, How) orelse throw({errno, ?EFAULT}),
    locked(Space, fun() ->
        From = Address - Address rem ?PAGE,
        To = (Address + Bytes + ?PAGE - 1) div ?PAGE * ?PAGE,
        Filled = [
            fill(Task, Row, max(From, Start), min(To, End))
         || {Start, End, _, _, _, _} = Row <- between(Space, From, To)
        ],
        lists:all(fun(Result) -> Result =:= ok end, Filled) orelse throw({errno, ?EFAULT})
    end),
    ok.
