%% `shared` variables: a process each, which owns the value and lends it to one writer or to several
%% readers at a time.
-module(v_shared).

-export([new/1, lock/1, unlock/2, rlock/1, runlock/1]).

new(Value) ->
    {shared, spawn_link(fun() -> free(Value) end)}.

lock({shared, Pid}) -> borrow(Pid, lock).
rlock({shared, Pid}) -> borrow(Pid, rlock).

borrow(Pid, How) ->
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
