%% What module sync of V's library needs: a process for each lock, semaphore, group and condition.
%% They end with the program.
-module(v_sync).

-export([new_lock/0, write_lock/1, read_lock/1, try_write/1, try_read/1, unlock/1, destroy/1]).
-export([new_semaphore/1, post/1, acquire/2]).
-export([new_group/0, group_add/2, group_wait/1]).
-export([new_condition/0, condition_wait/2, condition_signal/2]).
-export([new_counter/0, first/2]).
-export([load/1, store/2, select/4, fetch_add_u64/2, fetch_sub_u64/2, fetch_add_i64/2]).

ask(Process, Question) ->
    Ref = make_ref(),
    Process ! {Question, self(), Ref},
    receive
        {v_sync, Ref, Answer} -> Answer
    end.

answer({From, Ref}, Answer) -> From ! {v_sync, Ref, Answer}.

destroy(Process) ->
    Process ! destroy,
    ok.

%% --- locks: one writer or several readers, served in the order in which they came ---

new_lock() -> v_thread:owned(fun() -> lock(0, queue:new()) end).

write_lock(Lock) -> ask(Lock, write).
read_lock(Lock) -> ask(Lock, read).
try_write(Lock) -> ask(Lock, try_write).
try_read(Lock) -> ask(Lock, try_read).

unlock(Lock) ->
    Lock ! unlock,
    ok.

%% Held is -1 for a writer, else the number of readers.
lock(Held, Waiting) ->
    receive
        {try_write, From, Ref} ->
            answer({From, Ref}, Held =:= 0),
            lock(if Held =:= 0 -> -1; true -> Held end, Waiting);
        {try_read, From, Ref} ->
            Free = Held >= 0 andalso queue:is_empty(Waiting),
            answer({From, Ref}, Free),
            lock(if Free -> Held + 1; true -> Held end, Waiting);
        {How, From, Ref} ->
            grant(Held, queue:in({How, {From, Ref}}, Waiting));
        unlock when Held > 0 ->
            grant(Held - 1, Waiting);
        unlock ->
            grant(0, Waiting);
        destroy ->
            ok
    end.

grant(Held, Waiting) ->
    case queue:peek(Waiting) of
        {value, {write, Who}} when Held =:= 0 ->
            answer(Who, ok),
            lock(-1, queue:drop(Waiting));
        {value, {read, Who}} when Held >= 0 ->
            answer(Who, ok),
            grant(Held + 1, queue:drop(Waiting));
        _ ->
            lock(Held, Waiting)
    end.

%% --- semaphores ---

new_semaphore(Count) -> v_thread:owned(fun() -> semaphore(Count, queue:new()) end).

post(Semaphore) ->
    Semaphore ! post,
    ok.

%% Whether it was taken within so many nanoseconds; a negative time is for ever.
acquire(Semaphore, Nanoseconds) when Nanoseconds < 0 ->
    ask(Semaphore, acquire);
acquire(Semaphore, Nanoseconds) ->
    Ref = make_ref(),
    Semaphore ! {acquire, self(), Ref},
    receive
        {v_sync, Ref, Taken} -> Taken
    after (Nanoseconds + 999999) div 1000000 ->
        %% It may be granted while we give up: the answer to that is final.
        Semaphore ! {give_up, self(), Ref},
        receive
            {v_sync, Ref, Taken} -> Taken
        end
    end.

semaphore(Count, Waiting) ->
    receive
        post ->
            case queue:out(Waiting) of
                {{value, Who}, Rest} ->
                    answer(Who, true),
                    semaphore(Count, Rest);
                {empty, _} ->
                    semaphore(Count + 1, Waiting)
            end;
        {acquire, From, Ref} when Count > 0 ->
            answer({From, Ref}, true),
            semaphore(Count - 1, Waiting);
        {acquire, From, Ref} ->
            semaphore(Count, queue:in({From, Ref}, Waiting));
        {give_up, From, Ref} ->
            case queue:member({From, Ref}, Waiting) of
                true ->
                    answer({From, Ref}, false),
                    semaphore(Count, queue:delete({From, Ref}, Waiting));
                false ->
                    semaphore(Count, Waiting)
            end;
        destroy ->
            ok
    end.

%% --- groups ---

new_group() -> v_thread:owned(fun() -> group(0, []) end).

group_add(Group, Delta) ->
    case ask(Group, {add, Delta}) of
        ok -> ok;
        negative -> v_rt:panic(<<"Negative number of jobs in waitgroup">>)
    end.

group_wait(Group) -> ask(Group, wait).

group(Count, Waiting) ->
    receive
        {{add, Delta}, From, Ref} when Count + Delta < 0 ->
            answer({From, Ref}, negative),
            group(Count, Waiting);
        {{add, Delta}, From, Ref} ->
            answer({From, Ref}, ok),
            group_rest(Count + Delta, Waiting);
        {wait, From, Ref} ->
            group_rest(Count, [{From, Ref} | Waiting]);
        destroy ->
            ok
    end.

group_rest(0, Waiting) ->
    lists:foreach(fun(Who) -> answer(Who, ok) end, Waiting),
    group(0, []);
group_rest(Count, Waiting) ->
    group(Count, Waiting).

%% --- conditions ---

new_condition() -> v_thread:owned(fun() -> condition(queue:new()) end).

%% Who waits is in the queue before the lock is free for somebody to signal.
condition_wait(Condition, Lock) ->
    Ref = make_ref(),
    ok = ask(Condition, {enter, Ref}),
    unlock(Lock),
    receive
        {v_sync, Ref, ok} -> ok
    end,
    write_lock(Lock).

condition_signal(Condition, Everybody) -> ask(Condition, {signal, Everybody}).

condition(Waiting) ->
    receive
        {{enter, Own}, From, Ref} ->
            answer({From, Ref}, ok),
            condition(queue:in({From, Own}, Waiting));
        {{signal, true}, From, Ref} ->
            lists:foreach(fun(Who) -> answer(Who, ok) end, queue:to_list(Waiting)),
            answer({From, Ref}, ok),
            condition(queue:new());
        {{signal, false}, From, Ref} ->
            answer({From, Ref}, ok),
            case queue:out(Waiting) of
                {{value, Who}, Rest} ->
                    answer(Who, ok),
                    condition(Rest);
                {empty, _} ->
                    condition(Waiting)
            end;
        destroy ->
            ok
    end.

%% --- counters, which only the holder of a lock uses ---

new_counter() -> atomics:new(1, []).

first(Counter, Times) -> atomics:add_get(Counter, 1, 1) =< Times.

%% --- what references lead to ---

load(Ref) -> v_ref:get(Ref).
store(Ref, Value) -> v_ref:put(Ref, Value).

fetch_add_u64(Ref, Delta) ->
    v_ref:update(Ref, fun(N) -> (N + Delta) band 16#ffffffffffffffff end).

fetch_sub_u64(Ref, Delta) -> fetch_add_u64(Ref, -Delta).

fetch_add_i64(Ref, Delta) ->
    Half = 1 bsl 63,
    v_ref:update(Ref, fun(N) -> ((N + Delta + Half) band 16#ffffffffffffffff) - Half end).

%% channel_select of module sync: which operation was done; what was received is stored.
select(Channels, Sends, Objects, Timeout) ->
    Rows = lists:zip3(
        v_array:to_list(Channels), v_array:to_list(Sends), v_array:to_list(Objects)
    ),
    Operations = [
        case Send of
            true -> {push, Channel, load(Object)};
            false -> {pop, Channel}
        end
     || {Channel, Send, Object} <- Rows
    ],
    Wait = case Timeout < 0 of true -> infinity; false -> Timeout end,
    {Which, Value} = v_chan:select(Operations, Wait),
    case Which >= 0 andalso lists:nth(Which + 1, Rows) of
        {_, false, Object} -> store(Object, Value);
        _ -> ok
    end,
    Which.
