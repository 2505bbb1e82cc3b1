%% V channels. A program's channels live in a few processes, which hold the values that nobody has
%% taken yet and those who wait; a channel costs a row there, and none once it is closed and empty.
%%
%%     {chan, Pid, Number, Cap}      a channel: which one of which process
%%
%% A push into a channel without capacity ends when a receiver has taken the value. A closed channel
%% gives what it still holds and then nothing.
%%
%% Who selects waits at several channels at once, with a token of which only one of them can take
%% possession. Its states are free, claimed (a channel is looking whether the other side can be had,
%% too) and done. Of two tokens the one of the lower number is claimed first, so that two channels
%% never wait for each other.
-module(v_chan).

-export([
    new/1, push/2, push_option/2, pop/2, find/1, try_push/2, try_pop/1, close/1, len/1, cap/1,
    closed/1, select/2
]).

%% How many processes hold the channels that one thread makes.
-define(SERVERS, 16).

-define(FREE, 0).
-define(CLAIMED, 1).
-define(DONE, 2).

-record(state, {
    cap :: non_neg_integer(),
    closed = false :: boolean(),
    values = queue:new(),
    count = 0 :: non_neg_integer(),
    %% {Waiter, Value} of those whose value found no room; Waiters that want one. A waiter is
    %% {plain, From} or {select, From, Index, Token, Number}.
    pushers = queue:new(),
    receivers = queue:new()
}).

%% The channels that a thread makes are spread over its processes: what happens at one channel does
%% not wait for all others.
new(Given) ->
    Number = erlang:unique_integer([positive]),
    Pid = server(Number rem ?SERVERS),
    Cap = max(0, Given),
    Pid ! {open, Number, Cap},
    {chan, Pid, Number, Cap}.

server(N) ->
    case erlang:get({v_chan, N}) of
        undefined ->
            Pid = v_thread:owned(fun() -> loop(#{}) end),
            erlang:put({v_chan, N}, Pid),
            Pid;
        Pid ->
            Pid
    end.

call({chan, Pid, Number, _}, Request) ->
    Ref = make_ref(),
    Pid ! {Number, Request, {self(), Ref}},
    receive
        {v_chan, Ref, Reply} -> Reply
    end;
call(nil, _) ->
    v_rt:panic(<<"channel is nil">>).

push(Chan, Value) ->
    case call(Chan, {push, Value}) of
        ok -> ok;
        closed -> v_rt:panic(<<"push on closed channel">>)
    end.

%% A push that may have an `or` block.
push_option(Chan, Value) ->
    case call(Chan, {push, Value}) of
        ok -> {some, nil};
        closed -> none
    end.

%% The next value, or Zero when the channel is closed and empty.
pop(Chan, Zero) ->
    case call(Chan, pop) of
        {some, Value} -> Value;
        none -> Zero
    end.

%% The next value as an option.
find(Chan) -> call(Chan, pop).

%% 0 success, 1 not ready, 2 closed: the order of V's ChanState.
try_push(Chan, Value) -> call(Chan, {try_push, Value}).
try_pop(Chan) -> call(Chan, try_pop).

close(Chan) -> call(Chan, close).
len(Chan) -> call(Chan, len).
cap({chan, _, _, Cap}) -> Cap;
cap(nil) -> v_rt:panic(<<"channel is nil">>).
closed(Chan) -> call(Chan, closed).

%% --- select --------------------------------------------------------------------------------------

%% Does the first of the operations `{push, Chan, Value}` and `{pop, Chan}` that can be done: gives
%% its number, from 0, and what was received. -1 when none could within Wait nanoseconds (`infinity`
%% for any time), -2 when all channels are closed.
select(Operations, Wait) ->
    Numbered = lists:zip(lists:seq(0, length(Operations) - 1), Operations),
    {Before, After} = lists:split(start_at(length(Operations)), Numbered),
    case try_each(After ++ Before, []) of
        {done, Result} -> Result;
        {open, []} when Operations =/= [] -> {-2, none};
        {open, _} when is_integer(Wait), Wait =< 0 -> {-1, none};
        {open, Open} -> wait_for(Open, Wait)
    end.

%% Where to begin, so that no channel is always served first.
start_at(0) -> 0;
start_at(N) -> erlang:unique_integer([positive]) rem N.

try_each([], Open) ->
    {open, lists:reverse(Open)};
try_each([{Index, Operation} = This | Rest], Open) ->
    case attempt(Operation) of
        {0, Value} -> {done, {Index, Value}};
        {1, _} -> try_each(Rest, [This | Open]);
        {2, _} -> try_each(Rest, Open)
    end.

attempt({push, Chan, Value}) -> {try_push(Chan, Value), none};
attempt({pop, Chan}) -> try_pop(Chan).

wait_for(Open, Wait) ->
    Token = atomics:new(1, []),
    Number = erlang:unique_integer(),
    Ref = make_ref(),
    lists:foreach(
        fun({Index, Operation}) ->
            {chan, Pid, Channel, _} = element(2, Operation),
            Waiter = {select, {self(), Ref}, Index, Token, Number},
            Pid ! {Channel, {wait, Operation, Waiter}, {self(), Ref}}
        end,
        Open
    ),
    Result = await(Ref, Token, length(Open), deadline(Wait)),
    [
        Pid ! {Channel, {forget, Ref}, none}
     || {_, Operation} <- Open, {chan, Pid, Channel, _} <- [element(2, Operation)]
    ],
    drop_messages(Ref),
    Result.

deadline(infinity) -> infinity;
deadline(Wait) -> erlang:monotonic_time(nanosecond) + Wait.

remaining(infinity) ->
    infinity;
remaining(Deadline) ->
    max(0, Deadline - erlang:monotonic_time(nanosecond) + 999999) div 1000000.

await(_, _, 0, _) ->
    {-2, none};
await(Ref, Token, Left, Deadline) ->
    receive
        {v_chan, Ref, {chosen, Index, Value}} -> {Index, Value};
        {v_chan, Ref, closed} -> await(Ref, Token, Left - 1, Deadline)
    after remaining(Deadline) ->
        case atomics:compare_exchange(Token, 1, ?FREE, ?DONE) of
            ok -> {-1, none};
            _ -> await(Ref, Token, Left, erlang:monotonic_time(nanosecond) + 1000000)
        end
    end.

%% Word of channels that closed meanwhile.
drop_messages(Ref) ->
    receive
        {v_chan, Ref, _} -> drop_messages(Ref)
    after 0 -> ok
    end.

%% --- a process of channels -----------------------------------------------------------------------

%% A channel that has no row is closed and empty.
loop(Channels) ->
    receive
        {open, Number, Cap} ->
            loop(Channels#{Number => #state{cap = Cap}});
        {Number, Request, From} ->
            State = maps:get(Number, Channels, #state{cap = 0, closed = true}),
            case handle(Request, From, State) of
                #state{closed = true, count = 0} -> loop(maps:remove(Number, Channels));
                Next -> loop(Channels#{Number => Next})
            end
    end.

reply({Pid, Ref}, Reply) -> Pid ! {v_chan, Ref, Reply}.

handle({push, Value}, From, S) ->
    offer(Value, {plain, From}, S);
handle({try_push, Value}, From, S) ->
    case give(Value, {plain, From}, S) of
        {given, Next} ->
            reply(From, 0),
            Next;
        {kept, #state{closed = true} = Next} ->
            reply(From, 2),
            Next;
        {kept, Next} ->
            reply(From, 1),
            Next
    end;
handle(pop, From, S) ->
    want({plain, From}, S);
handle(try_pop, From, S) ->
    case take({plain, From}, S) of
        {taken, Value, Next} ->
            reply(From, {0, Value}),
            Next;
        {empty, Next} ->
            reply(From, {case Next#state.closed of true -> 2; false -> 1 end, none}),
            Next
    end;
handle({wait, {push, _, Value}, Waiter}, _, S) ->
    offer(Value, Waiter, S);
handle({wait, {pop, _}, Waiter}, _, S) ->
    want(Waiter, S);
handle({forget, Ref}, _, S) ->
    Others = fun
        ({select, {_, R}, _, _, _}) -> R =/= Ref;
        ({{select, {_, R}, _, _, _}, _}) -> R =/= Ref;
        (_) -> true
    end,
    S#state{
        pushers = queue:filter(Others, S#state.pushers),
        receivers = queue:filter(Others, S#state.receivers)
    };
handle(close, From, S) ->
    [say_closed(W) || W <- queue:to_list(S#state.receivers)],
    [refuse(W) || {W, _} <- queue:to_list(S#state.pushers)],
    reply(From, ok),
    S#state{closed = true, receivers = queue:new(), pushers = queue:new()};
handle(len, From, S) ->
    reply(From, S#state.count),
    S;
handle(closed, From, S) ->
    reply(From, S#state.closed),
    S.

say_closed({plain, From}) -> reply(From, none);
say_closed({select, From, _, _, _}) -> reply(From, closed).

refuse({plain, From}) -> reply(From, closed);
refuse({select, From, _, _, _}) -> reply(From, closed).

%% A push that waits when there is no room.
offer(Value, Waiter, S) ->
    case give(Value, Waiter, S) of
        {given, Next} ->
            accepted(Waiter),
            Next;
        {kept, #state{closed = true} = Next} ->
            refuse(Waiter),
            Next;
        {kept, Next} ->
            Next#state{pushers = queue:in({Waiter, Value}, Next#state.pushers)}
    end.

accepted({plain, From}) -> reply(From, ok);
accepted({select, From, Index, _, _}) -> reply(From, {chosen, Index, none}).

%% A pop that waits when there is nothing.
want(Waiter, S) ->
    case take(Waiter, S) of
        {taken, Value, Next} ->
            received(Waiter, Value),
            Next;
        {empty, #state{closed = true} = Next} ->
            say_closed(Waiter),
            Next;
        {empty, Next} ->
            Next#state{receivers = queue:in(Waiter, Next#state.receivers)}
    end.

received({plain, From}, Value) -> reply(From, {some, Value});
received({select, From, Index, _, _}, Value) -> reply(From, {chosen, Index, Value}).

%% Hands a value to a receiver or to the buffer, if the pusher can still be had.
give(_, _, #state{closed = true} = S) ->
    {kept, S};
give(Value, Pusher, S) ->
    case queue:out(S#state.receivers) of
        {{value, Receiver}, Rest} ->
            case claim(Receiver, Pusher) of
                both ->
                    received(Receiver, Value),
                    {given, S#state{receivers = Rest}};
                first_gone ->
                    give(Value, Pusher, S#state{receivers = Rest});
                second_gone ->
                    {kept, S}
            end;
        {empty, _} when S#state.count < S#state.cap ->
            case claim(Pusher, none) of
                both ->
                    Values = queue:in(Value, S#state.values),
                    {given, S#state{values = Values, count = S#state.count + 1}};
                _ ->
                    {kept, S}
            end;
        {empty, _} ->
            {kept, S}
    end.

%% The next value, for a receiver that can still be had; the pusher that now finds room goes on.
take(Receiver, #state{count = 0} = S) ->
    case queue:out(S#state.pushers) of
        {empty, _} ->
            {empty, S};
        {{value, {Pusher, Value}}, Rest} ->
            case claim(Pusher, Receiver) of
                both ->
                    accepted(Pusher),
                    {taken, Value, S#state{pushers = Rest}};
                first_gone ->
                    take(Receiver, S#state{pushers = Rest});
                second_gone ->
                    {empty, S}
            end
    end;
take(Receiver, S) ->
    case claim(Receiver, none) of
        both ->
            {{value, Value}, Values} = queue:out(S#state.values),
            {taken, Value, admit(S#state{values = Values, count = S#state.count - 1})};
        _ ->
            {empty, S}
    end.

admit(S) ->
    case queue:out(S#state.pushers) of
        {{value, {Pusher, Value}}, Rest} when S#state.count < S#state.cap ->
            case claim(Pusher, none) of
                both ->
                    accepted(Pusher),
                    Values = queue:in(Value, S#state.values),
                    S#state{pushers = Rest, values = Values, count = S#state.count + 1};
                _ ->
                    admit(S#state{pushers = Rest})
            end;
        _ ->
            S
    end.

%% Takes possession of both waiters, or of none and says which cannot be had any more.
claim(First, Second) ->
    case {token(First), token(Second)} of
        {none, none} ->
            both;
        {Token, none} ->
            settle(seize(Token), first_gone);
        {none, Token} ->
            settle(seize(Token), second_gone);
        {{_, A} = One, {_, B} = Other} when A < B ->
            claim_in_order(One, Other, first_gone, second_gone);
        {{_, A}, {_, A}} ->
            %% One select that sends to and receives from the same channel does not meet itself.
            second_gone;
        {One, Other} ->
            claim_in_order(Other, One, second_gone, first_gone)
    end.

claim_in_order(One, Other, OneGone, OtherGone) ->
    case hold(One) of
        false ->
            OneGone;
        true ->
            Both = seize(Other),
            atomics:put(element(1, One), 1, case Both of true -> ?DONE; false -> ?FREE end),
            settle(Both, OtherGone)
    end.

settle(true, _) -> both;
settle(false, Gone) -> Gone.

token({select, _, _, Token, Number}) -> {Token, Number};
token(_) -> none.

seize(Token) -> move(Token, ?DONE).
hold(Token) -> move(Token, ?CLAIMED).

move({Token, _} = This, To) ->
    case atomics:compare_exchange(Token, 1, ?FREE, To) of
        ok ->
            true;
        ?CLAIMED ->
            %% Another channel decides at this moment.
            erlang:yield(),
            move(This, To);
        ?DONE ->
            false
    end.
