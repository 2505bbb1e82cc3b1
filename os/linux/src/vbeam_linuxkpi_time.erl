%% Clocks and timers (linux/ktime.h, linux/timer.h). A timer of a module is a message to its
%% process, which then calls the module (vbeam_ko_server).
-module(vbeam_linuxkpi_time).
-compile(nowarn_export_all).
-compile(export_all).

-define(HZ, 250).
-define(NS_PER_JIFFY, (1_000_000_000 div ?HZ)).
-define(DELAY_MS_MAX, 5000).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"ktime_get">>, <<"ktime_get_real_ts64">>, <<"ktime_get_with_offset">>,
            <<"ktime_get_seconds">>, <<"ktime_get_real_seconds">>, <<"ktime_get_ts64">>,
            <<"ktime_get_raw">>, <<"ktime_get_coarse_with_offset">>, <<"ktime_get_raw_ts64">>,
            <<"init_timer_key">>, <<"add_timer">>, <<"mod_timer">>, <<"mod_timer_pending">>,
            <<"timer_reduce">>, <<"timer_delete">>, <<"timer_delete_sync">>,
            <<"try_to_del_timer_sync">>, <<"msleep">>,
            <<"msleep_interruptible">>, <<"usleep_range_state">>, <<"__const_udelay">>,
            <<"__udelay">>, <<"__ndelay">>, <<"jiffies_to_msecs">>, <<"jiffies_to_usecs">>,
            <<"__msecs_to_jiffies">>, <<"__usecs_to_jiffies">>, <<"nsecs_to_jiffies">>,
            <<"round_jiffies">>, <<"round_jiffies_relative">>, <<"emergency_restart">>,
            <<"handle_sysrq">>, <<"get_random_bytes">>, <<"get_random_u32">>, <<"get_random_u64">>,
            <<"get_random_u16">>, <<"get_random_u8">>, <<"ktime_get_boot_fast_ns">>
        ]
    ] ++ [{<<"jiffies">>, {data, 8, <<>>}}].

ktime_get() -> erlang:monotonic_time(nanosecond) - erlang:system_info(start_time).
ktime_get_raw() -> ktime_get().
ktime_get_boot_fast_ns() -> ktime_get().
ktime_get_with_offset(Which) ->
    case Which of 0 -> erlang:system_time(nanosecond); _ -> ktime_get() end.
ktime_get_coarse_with_offset(Which) -> ktime_get_with_offset(Which).
ktime_get_seconds() -> ktime_get() div 1_000_000_000.
ktime_get_real_seconds() -> erlang:system_time(second).
ktime_get_real_ts64(To) -> timespec(To, erlang:system_time(nanosecond)).
ktime_get_ts64(To) -> timespec(To, ktime_get()).
ktime_get_raw_ts64(To) -> timespec(To, ktime_get()).

timespec(To, Nanoseconds) ->
    Seconds = Nanoseconds div 1_000_000_000,
    Rest = Nanoseconds rem 1_000_000_000,
    vbeam_ko_memory:write(To, <<Seconds:64/little, Rest:64/little>>).

%% --- timers ----------------------------------------------------------------------------------

%% The kernel's own list of a timer tells whether it is pending: timer_pending() reads entry.pprev.
init_timer_key(Timer, Function, Flags, _Name, _Key) ->
    set(Timer, function, Function),
    set(Timer, flags, Flags),
    pending(Timer, 0).

add_timer(Timer) -> armed(Timer, vbeam_ko_memory:get(Timer, timer_list, expires)).
mod_timer(Timer, Expires) -> armed(Timer, Expires).
mod_timer_pending(Timer, Expires) ->
    case is_pending(Timer) of true -> armed(Timer, Expires); false -> 0 end.
timer_reduce(Timer, Expires) ->
    Old = vbeam_ko_memory:get(Timer, timer_list, expires),
    case is_pending(Timer) andalso Old =< Expires of true -> 1; false -> armed(Timer, Expires) end.
timer_delete(Timer) -> disarmed(Timer).
timer_delete_sync(Timer) -> disarmed(Timer).
try_to_del_timer_sync(Timer) -> disarmed(Timer).

armed(Timer, Expires) ->
    Was = disarmed(Timer),
    set(Timer, expires, Expires),
    Milliseconds = max(0, distance(Expires, vbeam_ko_machine:jiffies()) * 1000 div ?HZ),
    Reference = erlang:send_after(min(Milliseconds, 16#ffffffff), self(), {timer, Timer}),
    put(?MODULE, maps:put(Timer, Reference, timers())),
    pending(Timer, Timer),
    Was.

disarmed(Timer) ->
    case maps:take(Timer, timers()) of
        {Reference, Rest} ->
            _ = erlang:cancel_timer(Reference),
            put(?MODULE, Rest),
            pending(Timer, 0),
            1;
        error ->
            0
    end.

%% A timer's message has arrived; one that was cancelled meanwhile means nothing.
-spec fired(non_neg_integer()) -> ok.
fired(Timer) ->
    case maps:take(Timer, timers()) of
        {Reference, Rest} ->
            case erlang:read_timer(Reference) of
                false ->
                    put(?MODULE, Rest),
                    pending(Timer, 0),
                    Function = vbeam_ko_memory:get(Timer, timer_list, function),
                    _ = vbeam_ko_machine:call(Function, [Timer]),
                    ok;
                _ ->
                    ok
            end;
        error ->
            ok
    end.

%% The timers that will fire, and when, in jiffies.
-spec armed() -> [{non_neg_integer(), non_neg_integer()}].
armed() -> [{T, vbeam_ko_memory:get(T, timer_list, expires)} || T <- maps:keys(timers())].

timers() -> case get(?MODULE) of undefined -> #{}; Map -> Map end.
is_pending(Timer) -> is_map_key(Timer, timers()).
set(Timer, Field, Value) -> vbeam_ko_memory:set(Timer, timer_list, Field, Value).
pending(Timer, Value) -> set(Timer, [entry, pprev], Value).

distance(Later, Earlier) ->
    <<Signed:64/signed>> = <<(Later - Earlier):64>>,
    Signed.

%% --- waiting ---------------------------------------------------------------------------------

msleep(Milliseconds) -> timer:sleep(min(Milliseconds, ?DELAY_MS_MAX)).
msleep_interruptible(Milliseconds) -> msleep(Milliseconds), 0.
usleep_range_state(Least, _Most, _State) -> msleep((Least + 999) div 1000).
%% Loops of the kernel's delay: microseconds times 2^32 / 10^6.
'__const_udelay'(Loops) -> msleep(Loops * 1000 div (1 bsl 32)).
'__udelay'(Microseconds) -> msleep(Microseconds div 1000).
'__ndelay'(_Nanoseconds) -> ok.

jiffies_to_msecs(Jiffies) -> Jiffies * 1000 div ?HZ.
jiffies_to_usecs(Jiffies) -> Jiffies * 1_000_000 div ?HZ.
'__msecs_to_jiffies'(Milliseconds) when Milliseconds >= 16#80000000 -> 16#3ffffffffffffffe;
'__msecs_to_jiffies'(Milliseconds) -> (Milliseconds * ?HZ + 999) div 1000.
'__usecs_to_jiffies'(Microseconds) -> (Microseconds * ?HZ + 999_999) div 1_000_000.
nsecs_to_jiffies(Nanoseconds) -> Nanoseconds div ?NS_PER_JIFFY.
round_jiffies(Jiffies) -> (Jiffies + ?HZ div 2) div ?HZ * ?HZ.
round_jiffies_relative(Jiffies) ->
    Now = vbeam_ko_machine:jiffies(),
    max(1, round_jiffies(Jiffies + Now) - Now).

%% A module may not restart the machine: it ends.
emergency_restart() -> exit(emergency_restart).
handle_sysrq(Key) -> vbeam_ko_machine:log("sysrq ~c", [Key band 127]).

get_random_bytes(To, Bytes) -> vbeam_ko_memory:write(To, rand:bytes(Bytes)).
get_random_u64() -> binary:decode_unsigned(rand:bytes(8)).
get_random_u32() -> binary:decode_unsigned(rand:bytes(4)).
get_random_u16() -> binary:decode_unsigned(rand:bytes(2)).
get_random_u8() -> binary:decode_unsigned(rand:bytes(1)).
