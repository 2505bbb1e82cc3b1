%% timerfd_create(2): how often a timer has run out is read. Keys: the clock's number.
-module(vbeam_linux_timerfd).
-behaviour(vbeam_linux_object).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/2, set/4, remaining/2]).
-export([read/2, stat/1]).
-export([init/1, request/2, poll/2, handle_info/2]).

-define(TFD_TIMER_ABSTIME, 1).
-define(TFD_TIMER_CANCEL_ON_SET, 2).
-define(SECOND, 1000000000).

%% due: nanoseconds of Erlang's monotonic time; the interval in nanoseconds.
-record(timer, {due = none, interval = 0, expired = 0, reference = none, fired = 0}).

%% CLOCK_REALTIME, MONOTONIC, BOOTTIME, and the two that wake a machine.
-spec open(integer(), non_neg_integer()) -> vbeam_linux_object:object().
open(Clock, Flags) when Clock =:= 0; Clock =:= 1; Clock =:= 7; Clock =:= 8; Clock =:= 9 ->
    {ok, Server} = vbeam_linux_server:start(?MODULE, [], [{Clock, vbeam_linux_group:process()}]),
    vbeam_linux_object:new(?MODULE, Server, Clock, Flags);
open(_, _) ->
    throw({errno, ?EINVAL}).

-spec set(vbeam_linux_object:object(), integer(), non_neg_integer(), non_neg_integer()) -> 0.
set(#object{module = ?MODULE, server = Server, key = Clock}, Flags, New, Old) when
    Flags band bnot (?TFD_TIMER_ABSTIME bor ?TFD_TIMER_CANCEL_ON_SET) =:= 0
->
    <<Interval:16/binary, Value:16/binary>> = vbeam_linux_memory:read(New, 32),
    First = nanoseconds(Value),
    Due =
        case {First, Flags band ?TFD_TIMER_ABSTIME} of
            {0, _} -> none;
            {_, 0} -> vbeam_linux_wait:now() + First;
            _ -> vbeam_linux_clock:deadline(Clock, First)
        end,
    {ok, Before} = vbeam_linux_server:ask(Server, {set, Due, nanoseconds(Interval)}),
    _ = Old =/= 0 andalso vbeam_linux_memory:write(Old, Before),
    0;
set(_, _, _, _) ->
    throw({errno, ?EINVAL}).

nanoseconds(<<Seconds:64/little-signed, Nano:64/little>>) when Seconds >= 0, Nano < ?SECOND ->
    Seconds * ?SECOND + Nano;
nanoseconds(_) ->
    throw({errno, ?EINVAL}).

-spec remaining(vbeam_linux_object:object(), non_neg_integer()) -> 0.
remaining(#object{module = ?MODULE, server = Server}, Pointer) ->
    {ok, Bytes} = vbeam_linux_server:ask(Server, remaining),
    ok = vbeam_linux_memory:write(Pointer, Bytes),
    0;
remaining(_, _) ->
    throw({errno, ?EINVAL}).

read(_, Count) when Count < 8 ->
    {error, ?EINVAL};
read(#object{server = Server} = Object, _) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    vbeam_linux_server:wait(Server, {read, Wait}, infinity).

stat(_) -> {ok, vbeam_linux_stat:anonymous(8#600)}.

init([]) -> {ok, #timer{}}.

poll(_, #timer{expired = 0, fired = Fired}) -> {0, Fired};
poll(_, #timer{fired = Fired}) -> {?POLLIN bor ?POLLRDNORM, Fired}.

request({read, true} = Request, #timer{expired = 0} = Timer) ->
    {wait, Request, Timer};
request({read, false}, #timer{expired = 0} = Timer) ->
    {{error, ?EAGAIN}, Timer};
request({read, _}, #timer{expired = Expired} = Timer) ->
    {{ok, <<Expired:64/little>>}, Timer#timer{expired = 0}};
request({set, Due, Interval}, Timer) ->
    {{ok, left(Timer)}, started(Timer#timer{due = Due, interval = Interval, expired = 0})};
request(remaining, Timer) ->
    {{ok, left(Timer)}, Timer}.

left(#timer{due = none, interval = Interval}) ->
    <<(bytes(Interval))/binary, 0:128>>;
left(#timer{due = Due, interval = Interval}) ->
    <<(bytes(Interval))/binary, (bytes(max(1, Due - vbeam_linux_wait:now())))/binary>>.

bytes(Nanoseconds) ->
    <<(Nanoseconds div ?SECOND):64/little, (Nanoseconds rem ?SECOND):64/little>>.

started(#timer{reference = Reference} = Timer) when Reference =/= none ->
    _ = erlang:cancel_timer(Reference),
    started(Timer#timer{reference = none});
started(#timer{due = none} = Timer) ->
    Timer;
started(#timer{due = Due} = Timer) ->
    Milliseconds = max(0, (Due - vbeam_linux_wait:now() + 999999) div 1000000),
    Reference = erlang:send_after(min(Milliseconds, 16#7fffffff), self(), due),
    Timer#timer{reference = Reference}.

handle_info(due, #timer{due = Due, interval = Interval} = Timer) when Due =/= none ->
    case vbeam_linux_wait:now() of
        Now when Now < Due ->
            started(Timer#timer{reference = none});
        _ when Interval =:= 0 ->
            more(1, Timer#timer{due = none, reference = none});
        Now ->
            Times = 1 + (Now - Due) div Interval,
            more(Times, started(Timer#timer{due = Due + Times * Interval, reference = none}))
    end;
handle_info(_, Timer) ->
    Timer.

more(Times, #timer{expired = Expired, fired = Fired} = Timer) ->
    Timer#timer{expired = Expired + Times, fired = Fired + 1}.
