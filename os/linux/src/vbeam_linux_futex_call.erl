%% futex(2) as a system call: operations, flags and the forms of timeouts.
-module(vbeam_linux_futex_call).
-export([futex/6, waitv/5]).

-include("vbeam_linux.hrl").

-define(ANY, 16#ffffffff).
-define(PRIVATE, 128).
-define(CLOCK_REALTIME, 256).
-define(WAIT, 0).
-define(WAKE, 1).
-define(REQUEUE, 3).
-define(CMP_REQUEUE, 4).
-define(WAKE_OP, 5).
-define(LOCK_PI, 6).
-define(UNLOCK_PI, 7).
-define(TRYLOCK_PI, 8).
-define(WAIT_BITSET, 9).
-define(WAKE_BITSET, 10).
-define(LOCK_PI2, 13).

futex(Address, Operation, Value, Timeout, Second, Third) ->
    Realtime = Operation band ?CLOCK_REALTIME =/= 0,
    case Operation band bnot (?PRIVATE bor ?CLOCK_REALTIME) of
        ?WAIT ->
            Deadline = vbeam_linux_clock:after_pointer(Timeout),
            waited(Address, Value, ?ANY, Deadline);
        ?WAIT_BITSET ->
            Third =/= 0 orelse throw({errno, ?EINVAL}),
            waited(Address, Value, Third, vbeam_linux_clock:at_pointer(Timeout, Realtime));
        ?WAKE ->
            vbeam_linux_futex:wake(Address, count(Value));
        ?WAKE_BITSET ->
            Third =/= 0 orelse throw({errno, ?EINVAL}),
            vbeam_linux_futex:wake(Address, count(Value), Third);
        ?REQUEUE ->
            {Woken, Moved} =
                vbeam_linux_futex:requeue(Address, count(Value), Second, count(Timeout), any),
            Woken + Moved;
        ?CMP_REQUEUE ->
            {Woken, Moved} =
                vbeam_linux_futex:requeue(Address, count(Value), Second, count(Timeout), Third),
            Woken + Moved;
        ?WAKE_OP ->
            vbeam_linux_futex:wake_operation(
                Address, count(Value), Second, count(Timeout), Third
            );
        ?LOCK_PI ->
            locked(Address, false, vbeam_linux_clock:at_pointer(Timeout, true));
        ?LOCK_PI2 ->
            locked(Address, false, vbeam_linux_clock:at_pointer(Timeout, Realtime));
        ?TRYLOCK_PI ->
            locked(Address, true, infinity);
        ?UNLOCK_PI ->
            ok = vbeam_linux_futex:unlock_pi(Address),
            0;
        _ ->
            throw({errno, ?ENOSYS})
    end.

%% Counts are ints; what is negative is more than there can be.
count(Value) ->
    case Value band 16#ffffffff of
        Low when Low < 16#80000000 -> Low;
        _ -> 16#7fffffff
    end.

waited(Address, Value, Bits, Deadline) ->
    case vbeam_linux_futex:wait(Address, Value, Bits, Deadline) of
        ok -> 0;
        timeout -> throw({errno, ?ETIMEDOUT});
        interrupted when Deadline =:= infinity -> throw(restart);
        interrupted -> throw({restart, fun() -> waited(Address, Value, Bits, Deadline) end})
    end.

locked(Address, Try, Deadline) ->
    case vbeam_linux_futex:lock_pi(Address, Try, Deadline) of
        ok -> 0;
        timeout -> throw({errno, ?ETIMEDOUT});
        interrupted -> throw(restart)
    end.

%% One word is waited for as by FUTEX_WAIT_BITSET; more of them are not known.
waitv(Waiters, 1, 0, Timeout, Clock) when Clock =:= 0; Clock =:= 1 ->
    <<Value:64/little, Address:64/little, Flags:32/little, 0:32>> =
        vbeam_linux_memory:read(Waiters, 24),
    Flags band bnot ?PRIVATE =:= 2 orelse throw({errno, ?EINVAL}),
    Deadline = vbeam_linux_clock:at_pointer(Timeout, Clock =:= 0),
    waited(Address, Value band ?ANY, ?ANY, Deadline);
waitv(_, _, _, _, _) ->
    throw({errno, ?ENOSYS}).
