%% Selective receive, time-outs and timers.
-module(receiving).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C(begin [self() ! M || M <- [a, b, c]], [receive c -> c end, receive a -> a end, receive b -> b end] end),
     ?C(begin [self() ! M || M <- [a, b, c]], [receive X -> X end || _ <- [1, 2, 3]] end),
     ?C(receive _ -> got after 0 -> nothing end),
     ?C(begin self() ! x, receive y -> y after 0 -> nothing end end),
     ?C(begin self() ! x, receive y -> y after 10 -> receive x -> later end end end),
     ?C(receive after 0 -> done end),
     ?C(receive after 5 -> done end),
     ?C(receive after -1 -> done end),
     ?C(receive after foo -> done end),
     ?C(receive after 16#100000000 -> done end),
     ?C(begin send_later(5, m), receive m -> got after 1000 -> late end end),
     ?C(begin send_later(50, m), R = receive m -> got after 5 -> late end, {R, receive m -> then_got end} end),
     ?C(begin [self() ! {n, N} || N <- lists:seq(1, 100)], [receive {n, N} -> N end || N <- lists:seq(100, 1, -1)] =:= lists:seq(100, 1, -1) end),
     ?C(begin [self() ! {n, N} || N <- lists:seq(1, 100)], receive {n, N} when N > 50 -> N end end),
     ?C(begin self() ! {a, 1}, self() ! {b, 2}, receive {K, V} when K =:= b; V =:= 7 -> {K, V} end end),
     ?C(begin Ref = make_ref(), self() ! {make_ref(), wrong}, self() ! {Ref, right}, receive {Ref, X} -> X end end),
     ?C(begin self() ! #{k => 1}, receive #{k := V} -> V end end),
     ?C(begin self() ! <<1, 2, 3>>, receive <<1, Rest/binary>> -> Rest end end),
     ?C(begin self() ! "abc", receive "ab" ++ T -> T end end),
     ?C(nested()),
     ?C(fifo(3, 200)),
     ?C(begin erlang:send_after(5, self(), tick), receive tick -> ok after 1000 -> late end end),
     ?C(begin R = erlang:start_timer(5, self(), tick), receive {timeout, R, tick} -> ok after 1000 -> late end end),
     ?C(begin R = erlang:send_after(10000, self(), tick), [is_integer(erlang:cancel_timer(R)), erlang:cancel_timer(R)] end),
     ?C(begin R = erlang:send_after(1, self(), tick), timer:sleep(5), [erlang:cancel_timer(R), erlang:read_timer(R), receive tick -> tick end] end),
     ?C(begin R = erlang:send_after(60000, self(), tick), T = erlang:read_timer(R), T > 50000 andalso T =< 60000 end),
     ?C(erlang:cancel_timer(make_ref())),
     ?C(erlang:cancel_timer(foo)),
     ?C(erlang:read_timer(make_ref())),
     ?C(erlang:send_after(-1, self(), m)),
     ?C(erlang:send_after(foo, self(), m)),
     ?C(erlang:send_after(1, 17, m)),
     ?C(begin erlang:send_after(0, self(), now), receive now -> ok end end),
     ?C(begin register(timer_target, self()), erlang:send_after(2, timer_target, named), receive named -> ok after 1000 -> late end end),
     ?C(begin erlang:send_after(2, nobody_at_all, named), receive X -> X after 10 -> nothing end end),
     ?C(begin [erlang:send_after(T, self(), T) || T <- [40, 10, 30, 20, 50]], [receive X -> X end || _ <- lists:seq(1, 5)] end),
     ?C(begin [erlang:send_after(T, self(), T) || T <- lists:seq(1, 200)], [receive X -> X end || _ <- lists:seq(1, 200)] =:= lists:seq(1, 200) end),
     ?C(begin R = erlang:send_after(erlang:monotonic_time(millisecond) + 5, self(), m, [{abs, true}]), receive m -> is_reference(R) after 1000 -> late end end),
     ?C(begin R = erlang:start_timer(10000, self(), m), erlang:cancel_timer(R, [{async, true}, {info, true}]), receive {cancel_timer, R, T} -> is_integer(T) end end),
     ?C(begin R = erlang:start_timer(10000, self(), m), erlang:cancel_timer(R, [{async, false}, {info, false}]) end),
     ?C(begin {ok, T} = timer:send_after(5, x), R = receive x -> ok after 1000 -> late end, {R, element(1, T)} end),
     ?C(begin {ok, T} = timer:send_interval(3, x), L = [receive x -> ok after 1000 -> late end || _ <- [1, 2, 3]], {ok, cancel} = timer:cancel(T), L end),
     ?C(begin {ok, _} = timer:apply_after(3, erlang, send, [self(), applied]), receive applied -> ok after 1000 -> late end end),
     ?C(begin {T, R} = timer:tc(fun() -> timer:sleep(20) end), {T >= 20000, R} end),
     ?C([timer:seconds(2), timer:minutes(1), timer:hours(1), timer:hms(1, 2, 3)]),
     ?C(begin A = erlang:monotonic_time(), B = erlang:monotonic_time(), B >= A end),
     ?C(begin A = erlang:monotonic_time(millisecond), timer:sleep(10), erlang:monotonic_time(millisecond) - A >= 10 end),
     ?C(erlang:convert_time_unit(1500, millisecond, second)),
     ?C(erlang:convert_time_unit(7, second, microsecond)),
     ?C(erlang:convert_time_unit(7, second, 3)),
     ?C(erlang:convert_time_unit(7, second, nonsense)),
     ?C(erlang:monotonic_time(nonsense)),
     ?C(begin A = erlang:unique_integer([monotonic]), B = erlang:unique_integer([monotonic]), B > A end),
     ?C(erlang:unique_integer([positive]) > 0),
     ?C(erlang:unique_integer([wrong])),
     ?C(is_integer(erlang:system_time(second))),
     %% What is taken out of the mailbox is not counted any more, wherever it stood.
     ?C(begin [self() ! M || M <- [a, b, c]], receive b -> left() end end),
     ?C(begin [self() ! M || M <- [a, b, c]], receive a -> receive c -> left() end end end),
     ?C(begin [self() ! N || N <- lists:seq(1, 50)], [receive N -> N end || N <- lists:seq(2, 50, 2)], left() end),
     ?C(begin self() ! a, receive b -> b after 0 -> left() end end),
     ?C(begin R = make_ref(), self() ! {R, x}, receive {R, X} -> {X, left()} end end),
     %% Timers end with the process that they would send to.
     ?C(timers_to(fun(P) -> [erlang:send_after(T, P, x) || T <- [100000, 90000, 110000]] end)),
     ?C(timers_to(fun(P) -> [erlang:start_timer(100000, P, x), erlang:send_after(erlang:monotonic_time(millisecond) + 100000, P, x, [{abs, true}])] end)),
     ?C(timers_to(fun(P) -> [A, B, C] = [erlang:send_after(T, P, x) || T <- [100000, 90000, 110000]], erlang:cancel_timer(B), [A, C] end)),
     ?C(timers_to(fun(P) -> register(receiving_target, P), [erlang:send_after(100000, receiving_target, x)] end)),
     ?C(timers_to(fun(P) -> exit(P, kill), receive after 10 -> ok end, [erlang:send_after(100000, P, x)] end)),
     ?C(timers_to(fun(P) -> [erlang:send_after(1, P, x), erlang:send_after(100000, P, x)] end))].

timers_to(Start) ->
    {P, Ref} = spawn_monitor(fun() -> receive never -> ok end end),
    Timers = Start(P),
    receive after 10 -> ok end,
    Before = [is_integer(erlang:read_timer(T)) || T <- Timers],
    exit(P, kill),
    receive {'DOWN', Ref, process, P, _} -> ok end,
    {Before, [is_integer(erlang:read_timer(T)) || T <- Timers], [is_integer(erlang:cancel_timer(T)) || T <- Timers]}.

left() -> process_info(self(), [message_queue_len, messages]).

send_later(Ms, Message) ->
    Self = self(),
    spawn(fun() -> receive after Ms -> Self ! Message end end).

%% A receive within a receive's body leaves other messages in order.
nested() ->
    [self() ! M || M <- [1, 2, 3, 4, 5]],
    receive
        3 -> receive 5 -> receive X -> {X, receive Y -> Y end, receive Z -> Z end} end end
    end.

%% Messages between two processes keep their order, whatever others send.
fifo(Senders, Count) ->
    Self = self(),
    [spawn(fun() -> [Self ! {S, N} || N <- lists:seq(1, Count)] end) || S <- lists:seq(1, Senders)],
    All = [receive M -> M end || _ <- lists:seq(1, Senders * Count)],
    [[N || {X, N} <- All, X =:= S] =:= lists:seq(1, Count) || S <- lists:seq(1, Senders)].
