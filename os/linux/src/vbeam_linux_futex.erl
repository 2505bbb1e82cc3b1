%% Fast user-space mutexes, futex(2): threads that wait for a word of memory to change. A word is
%% known by the space and the address that it has in it; one in shared memory by who has the frames
%% and the offset. Who waits is a row of a table of the whole system:
%%
%%     {{Word, Order}, Pid, Reference, Bits}
%%
%% Comparing the word and entering the row must not be parted by another thread's wake: both sides
%% hold the lock of the word's space (vbeam_linux_space:locked/2), or the table's for shared words.
-module(vbeam_linux_futex).
-export([wait/4, wake/2, wake/3, requeue/5, wake_operation/5, release_robust/0]).
-export([new_table/0, forget/1]).
-export([lock_pi/3, unlock_pi/1]).

-include("vbeam_linux.hrl").

-define(WAITERS, vbeam_linux_futexes).
-define(ANY, 16#ffffffff).
-define(OWNER_DIED, 16#40000000).
-define(WAITERS_BIT, 16#80000000).
-define(TID, 16#3fffffff).
-define(ROBUST_MOST, 2048).

-spec new_table() -> ok.
new_table() ->
    ?WAITERS = ets:new(?WAITERS, [named_table, public, ordered_set]),
    ok.

%% Until woken, when the word has a value.
-spec wait(non_neg_integer(), Value :: non_neg_integer(), Bits :: pos_integer(),
    vbeam_linux_wait:deadline()) -> ok | timeout | interrupted.
wait(Address, Value, Bits, Deadline) ->
    Word = word(Address),
    Reference = make_ref(),
    Key = {Word, erlang:unique_integer([monotonic])},
    %% A page that has not been used yet is read outside of the lock.
    _ = vbeam_linux_memory:read_u32(Address),
    exclusively(Word, fun() ->
        case vbeam_task:read(vbeam_linux_memory:task(), Address, 4) of
            {ok, <<Value:32/little>>} ->
                true = ets:insert(?WAITERS, {Key, self(), Reference, Bits});
            _ ->
                throw({errno, ?EAGAIN})
        end
    end),
    woken(Reference, vbeam_linux_wait:message(Reference, Deadline)).

woken(_, {ok, _}) ->
    ok;
woken(Reference, Otherwise) ->
    case ets:select_delete(?WAITERS, [{{'_', '_', Reference, '_'}, [], [true]}]) of
        1 ->
            Otherwise;
        0 ->
            %% Somebody took the row: it counts as woken.
            receive
                {Reference, _} -> ok
            end
    end.

word(Address) ->
    Address band 3 =:= 0 orelse throw({errno, ?EINVAL}),
    Space = vbeam_linux_memory:space(),
    case vbeam_linux_space:find(Space, Address) of
        {Start, _, _, {shared, Pid, Offset}, _, _} -> {Pid, Offset + Address - Start};
        none -> throw({errno, ?EFAULT});
        _ -> {Space, Address}
    end.

exclusively({Space, _}, Function) when is_reference(Space) ->
    vbeam_linux_space:locked(Space, Function);
exclusively({Pid, _}, Function) when is_pid(Pid) ->
    vbeam_linux_space:locked(?WAITERS, Function).

-spec wake(non_neg_integer(), Count :: non_neg_integer()) -> non_neg_integer().
wake(Address, Count) -> wake(Address, Count, ?ANY).

%% How many were woken, of those that wait for one of these bits, the longest first.
-spec wake(non_neg_integer(), Count :: non_neg_integer(), Bits :: pos_integer()) ->
    non_neg_integer().
wake(Address, Count, Bits) ->
    Word = word(Address),
    exclusively(Word, fun() -> wake_word(Word, Count, Bits) end).

wake_word(Word, Count, Bits) ->
    Chosen = [Row || {_, _, _, Waits} = Row <- waiting(Word), Waits band Bits =/= 0],
    wake_rows(lists:sublist(Chosen, Count)).

wake_rows(Rows) ->
    length([Pid ! {Reference, woken} || {Key, Pid, Reference, _} <- Rows, took(Key)]).

%% Threads that were ended while they waited.
-spec forget([pid()]) -> ok.
forget(Threads) ->
    _ = ets:whereis(?WAITERS) =/= undefined andalso
        [ets:match_delete(?WAITERS, {'_', Thread, '_', '_'}) || Thread <- Threads],
    ok.

took(Key) -> ets:take(?WAITERS, Key) =/= [].

waiting(Word) -> waiting(Word, ets:next(?WAITERS, {Word, -(1 bsl 80)})).

waiting(Word, {Word, _} = Key) ->
    Rows = [Row || {_, Pid, _, _} = Row <- ets:lookup(?WAITERS, Key), is_process_alive(Pid)],
    Rows ++ waiting(Word, ets:next(?WAITERS, Key));
waiting(_, _) ->
    [].

%% Wakes some and lets others wait for another word; Value is what the first must have, or `any`.
-spec requeue(non_neg_integer(), Wake :: non_neg_integer(), To :: non_neg_integer(),
    Move :: non_neg_integer(), Value :: non_neg_integer() | any) ->
    {Woken :: non_neg_integer(), Moved :: non_neg_integer()}.
requeue(Address, Wake, ToAddress, Move, Value) ->
    Word = word(Address),
    To = word(ToAddress),
    Now = vbeam_linux_memory:read_u32(Address),
    Value =:= any orelse Now =:= Value orelse throw({errno, ?EAGAIN}),
    exclusively(Word, fun() ->
        Woken = wake_word(Word, Wake, ?ANY),
        Moved = [
            ets:insert(?WAITERS, {{To, erlang:unique_integer([monotonic])}, Pid, Reference, Bits})
         || {Key, Pid, Reference, Bits} <- lists:sublist(waiting(Word), Move), took(Key)
        ],
        {Woken, length(Moved)}
    end).

%% FUTEX_WAKE_OP: changes the second word and wakes at it, too, when what it had compares so.
-spec wake_operation(non_neg_integer(), non_neg_integer(), non_neg_integer(), non_neg_integer(),
    Operation :: non_neg_integer()) -> non_neg_integer().
wake_operation(Address, Wake, Second, WakeSecond, Operation) ->
    <<Shift:1, Kind:3, Compare:4, Argument:12/signed, With:12/signed>> = <<Operation:32>>,
    Operand =
        case Shift of
            1 -> 1 bsl (Argument band 31);
            0 -> Argument
        end,
    Old = vbeam_linux_memory:read_u32(Second),
    ok = vbeam_linux_memory:write_u32(Second, changed(Kind, Old, Operand)),
    Woken = wake(Address, Wake),
    <<Signed:32/signed>> = <<Old:32>>,
    case compares(Compare, Signed, With) of
        true -> Woken + wake(Second, WakeSecond);
        false -> Woken
    end.

changed(0, _, Operand) -> Operand;
changed(1, Old, Operand) -> Old + Operand;
changed(2, Old, Operand) -> Old bor Operand;
changed(3, Old, Operand) -> Old band bnot Operand;
changed(4, Old, Operand) -> Old bxor Operand;
changed(_, _, _) -> throw({errno, ?ENOSYS}).

compares(0, Old, With) -> Old =:= With;
compares(1, Old, With) -> Old =/= With;
compares(2, Old, With) -> Old < With;
compares(3, Old, With) -> Old =< With;
compares(4, Old, With) -> Old > With;
compares(5, Old, With) -> Old >= With;
compares(_, _, _) -> throw({errno, ?ENOSYS}).

%% --- priority inheritance: the word is the number of the thread that has the lock -----------

-spec lock_pi(non_neg_integer(), Try :: boolean(), vbeam_linux_wait:deadline()) ->
    ok | timeout | interrupted.
lock_pi(Address, Try, Deadline) ->
    Own = vbeam_linux_thread:number(),
    Now = vbeam_linux_memory:read_u32(Address),
    case Now band ?TID of
        0 ->
            vbeam_linux_memory:write_u32(Address, Own bor (Now band bnot ?TID));
        Own ->
            throw({errno, ?EDEADLK});
        _ when Try ->
            throw({errno, ?EAGAIN});
        Owner ->
            vbeam_linux_compat:find(Owner) =/= none orelse throw({errno, ?ESRCH}),
            ok = vbeam_linux_memory:write_u32(Address, Now bor ?WAITERS_BIT),
            try wait(Address, Now bor ?WAITERS_BIT, ?ANY, Deadline) of
                ok -> lock_pi(Address, Try, Deadline);
                Otherwise -> Otherwise
            catch
                throw:{errno, ?EAGAIN} -> lock_pi(Address, Try, Deadline)
            end
    end.

-spec unlock_pi(non_neg_integer()) -> ok.
unlock_pi(Address) ->
    Own = vbeam_linux_thread:number(),
    Now = vbeam_linux_memory:read_u32(Address),
    Now band ?TID =:= Own orelse throw({errno, ?EPERM}),
    ok = vbeam_linux_memory:write_u32(Address, 0),
    _ = wake(Address, 1),
    ok.

%% --- robust futexes: get_robust_list(2) -----------------------------------------------------

%% Locks that the ending thread holds get the mark that their owner has died.
-spec release_robust() -> ok.
release_robust() ->
    case erase('$linux_robust') of
        Head when is_integer(Head), Head =/= 0 ->
            try
                <<First:64/little, Offset:64/little-signed, Pending:64/little>> =
                    vbeam_linux_memory:read(Head, 24),
                ok = robust_entries(First, Head, Offset, ?ROBUST_MOST),
                _ = Pending =/= 0 andalso owner_died(Pending + Offset),
                ok
            catch
                throw:{errno, _} -> ok
            end;
        _ ->
            ok
    end.

robust_entries(Head, Head, _, _) -> ok;
robust_entries(_, _, _, 0) -> ok;
robust_entries(Entry, Head, Offset, Most) ->
    Next = vbeam_linux_memory:read_u64(Entry),
    ok = owner_died(Entry + Offset),
    robust_entries(Next, Head, Offset, Most - 1).

owner_died(Address) ->
    Own = vbeam_linux_thread:number(),
    case vbeam_linux_memory:read_u32(Address) of
        Now when Now band ?TID =:= Own ->
            ok = vbeam_linux_memory:write_u32(Address, Now band ?WAITERS_BIT bor ?OWNER_DIED),
            _ = Now band ?WAITERS_BIT =/= 0 andalso wake(Address, 1),
            ok;
        _ ->
            ok
    end.
