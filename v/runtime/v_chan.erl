%% V channels: a process each, which holds the values that nobody has taken yet and the processes
%% that wait.
%%
%% A push into a channel without capacity ends when a receiver has taken the value. A closed channel
%% gives what it still holds and then nothing.
-module(v_chan).

-export([new/1, push/2, pop/2, find/1, try_push/2, try_pop/1, close/1, len/1, cap/1, closed/1]).

-record(state, {
    cap :: non_neg_integer(),
    closed = false :: boolean(),
    %% Values in order, with the pusher that waits for each to be taken (or none).
    values = queue:new(),
    count = 0 :: non_neg_integer(),
    receivers = queue:new()
}).

new(Cap) ->
    {chan, spawn_link(fun() -> loop(#state{cap = max(0, Cap)}) end)}.

call({chan, Pid}, Request) ->
    Ref = make_ref(),
    Pid ! {Request, self(), Ref},
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
cap(Chan) -> call(Chan, cap).
closed(Chan) -> call(Chan, closed).

loop(State) ->
    receive
        {Request, From, Ref} -> loop(handle(Request, {From, Ref}, State))
    end.

reply({Pid, Ref}, Reply) -> Pid ! {v_chan, Ref, Reply}.

handle({push, _}, From, #state{closed = true} = S) ->
    reply(From, closed),
    S;
handle({push, Value}, From, S) ->
    case queue:out(S#state.receivers) of
        {{value, Receiver}, Rest} ->
            reply(Receiver, {some, Value}),
            reply(From, ok),
            S#state{receivers = Rest};
        {empty, _} when S#state.count < S#state.cap ->
            reply(From, ok),
            store(Value, none, S);
        {empty, _} ->
            store(Value, From, S)
    end;
handle({try_push, _}, From, #state{closed = true} = S) ->
    reply(From, 2),
    S;
handle({try_push, Value}, From, S) ->
    case queue:out(S#state.receivers) of
        {{value, Receiver}, Rest} ->
            reply(Receiver, {some, Value}),
            reply(From, 0),
            S#state{receivers = Rest};
        {empty, _} when S#state.count < S#state.cap ->
            reply(From, 0),
            store(Value, none, S);
        {empty, _} ->
            reply(From, 1),
            S
    end;
handle(pop, From, S) ->
    case take(S) of
        {Value, Next} ->
            reply(From, {some, Value}),
            Next;
        empty when S#state.closed ->
            reply(From, none),
            S;
        empty ->
            S#state{receivers = queue:in(From, S#state.receivers)}
    end;
handle(try_pop, From, S) ->
    case take(S) of
        {Value, Next} ->
            reply(From, {0, Value}),
            Next;
        empty ->
            reply(From, {case S#state.closed of true -> 2; false -> 1 end, none}),
            S
    end;
handle(close, From, S) ->
    [reply(R, none) || R <- queue:to_list(S#state.receivers)],
    reply(From, ok),
    S#state{closed = true, receivers = queue:new()};
handle(len, From, S) ->
    reply(From, min(S#state.count, S#state.cap)),
    S;
handle(cap, From, S) ->
    reply(From, S#state.cap),
    S;
handle(closed, From, S) ->
    reply(From, S#state.closed),
    S.

store(Value, Pusher, S) ->
    S#state{values = queue:in({Value, Pusher}, S#state.values), count = S#state.count + 1}.

%% Takes the first value; the pusher of the value that now fits the capacity goes on.
take(S) ->
    case queue:out(S#state.values) of
        {empty, _} ->
            empty;
        {{value, {Value, Pusher}}, Rest} ->
            release(Pusher),
            {Value, admit(S#state{values = Rest, count = S#state.count - 1})}
    end.

release(none) -> ok;
release(Pusher) -> reply(Pusher, ok).

admit(#state{cap = 0} = S) ->
    S;
admit(S) ->
    {Inside, Outside} = queue:split(min(S#state.cap, S#state.count), S#state.values),
    Admitted = [begin release(P), {V, none} end || {V, P} <- queue:to_list(Inside)],
    S#state{values = queue:join(queue:from_list(Admitted), Outside)}.
