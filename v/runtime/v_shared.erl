%% `shared` variables: a process each, which owns the value and lends it to one writer or to several
%% readers at a time.
-module(v_shared).

-export([new/1, borrow/1, unlock/2, runlock/1]).

new(Value) ->
    {shared, spawn_link(fun() -> free(Value) end)}.

%% Borrows from several owners, always in the same order whatever the order of the request: two
%% threads that lock the same variables can then never wait for each other. The values come as a
%% tuple in the order of the request.
borrow(Requests) ->
    Numbered = lists:zip(lists:seq(1, length(Requests)), Requests),
    Sorted = lists:keysort(1, [{Pid, I, How} || {I, {{shared, Pid}, How}} <- Numbered]),
    Values = [{I, ask(Pid, How)} || {Pid, I, How} <- Sorted],
    list_to_tuple([V || {_, V} <- lists:keysort(1, Values)]).

ask(Pid, How) ->
    Ref = make_ref(),
    Pid ! {How, self(), Ref},
    receive
        {v_shared, Ref, Value} -> Value
    end.

unlock({shared, Pid}, Value) ->
    Pid ! {unlock, Value},
    ok.

runlock({shared, Pid}) ->
    Pid ! runlock,
    ok.

free(Value) ->
    receive
        {lock, From, Ref} ->
            From ! {v_shared, Ref, Value},
            receive
                {unlock, New} -> free(New)
            end;
        {rlock, From, Ref} ->
            From ! {v_shared, Ref, Value},
            reading(Value, 1)
    end.

reading(Value, 0) -> free(Value);
reading(Value, Readers) ->
    receive
        {rlock, From, Ref} ->
            From ! {v_shared, Ref, Value},
            reading(Value, Readers + 1);
        runlock ->
            reading(Value, Readers - 1)
    end.
