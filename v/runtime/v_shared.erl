%% `shared` values: a process each, which owns the value and lends it to one writer or to several
%% readers at a time. What is done to a value without a `lock` around it is done by its owner: the
%% value does not travel.
-module(v_shared).

-export([new/1, borrow/1, borrow_cells/1, give_back/2, unlock/2, runlock/1, read/1, update/2]).

new({shared, _} = Handle) ->
    Handle;
new(Value) ->
    {shared, v_thread:owned(fun() -> free(Value) end)}.

%% Borrows from several owners, always in the same order whatever the order of the request: two
%% threads that lock the same variables can then never wait for each other. The values come as a
%% tuple in the order of the request.
borrow(Requests) ->
    Numbered = lists:zip(lists:seq(1, length(Requests)), Requests),
    Sorted = lists:keysort(1, [{Pid, I, How} || {I, {{shared, Pid}, How}} <- Numbered]),
    Values = [{I, ask(Pid, How)} || {Pid, I, How} <- Sorted],
    list_to_tuple([V || {_, V} <- lists:keysort(1, Values)]).

%% The same into cells, one for each owner however often it is named; it is locked for writing when
%% one of its names is.
borrow_cells(Requests) ->
    Owners = lists:foldl(fun stronger/2, #{}, Requests),
    Sorted = lists:sort(maps:to_list(Owners)),
    Cells = maps:from_list([{Pid, v_ref:new(ask(Pid, How))} || {Pid, How} <- Sorted]),
    list_to_tuple([maps:get(Pid, Cells) || {{shared, Pid}, _} <- Requests]).

stronger({{shared, Pid}, How}, All) ->
    case All of
        #{Pid := lock} -> All;
        _ -> All#{Pid => How}
    end.

give_back(Requests, Cells) ->
    Owners = lists:foldl(fun stronger/2, #{}, Requests),
    Held = maps:from_list(lists:zip([Pid || {{shared, Pid}, _} <- Requests], Cells)),
    maps:foreach(
        fun(Pid, Cell) ->
            Value = erlang:erase(Cell),
            case Owners of
                #{Pid := lock} -> unlock({shared, Pid}, Value);
                _ -> runlock({shared, Pid})
            end
        end,
        Held
    ).

ask(Pid, Request) ->
    Ref = make_ref(),
    Pid ! {Request, self(), Ref},
    receive
        {v_shared, Ref, Value} -> Value
    end.

unlock({shared, Pid}, Value) ->
    Pid ! {unlock, Value},
    ok.

runlock({shared, Pid}) ->
    Pid ! runlock,
    ok.

%% The value as it is at some moment; the thread that holds it locked sees what it was before.
read({shared, Pid}) -> ask(Pid, read).

%% Replaces the value by what Fun makes of it, and gives `{Result, New}`'s result. A panic in Fun is
%% the caller's.
update({shared, Pid}, Fun) ->
    case ask(Pid, {update, Fun}) of
        {ok, Result} -> Result;
        {raise, Class, Reason, Trace} -> erlang:raise(Class, Reason, Trace)
    end.

answer(From, Ref, Value) -> From ! {v_shared, Ref, Value}.

free(Value) ->
    receive
        {lock, From, Ref} ->
            answer(From, Ref, Value),
            locked(Value, From);
        {rlock, From, Ref} ->
            answer(From, Ref, Value),
            reading(Value, 1);
        {read, From, Ref} ->
            answer(From, Ref, Value),
            free(Value);
        {{update, Fun}, From, Ref} ->
            {Answer, New} = applied(Fun, Value),
            answer(From, Ref, Answer),
            free(New)
    end.

applied(Fun, Value) ->
    try Fun(Value) of
        New -> {{ok, ok}, New}
    catch
        Class:Reason:Trace -> {{raise, Class, Reason, Trace}, Value}
    end.

locked(Value, Holder) ->
    receive
        {unlock, New} ->
            free(New);
        {read, Holder, Ref} ->
            answer(Holder, Ref, Value),
            locked(Value, Holder)
    end.

%% Once somebody waits to write, readers that come later wait, too: they cannot keep it waiting.
reading(Value, 0) ->
    free(Value);
reading(Value, Readers) ->
    receive
        {rlock, From, Ref} ->
            answer(From, Ref, Value),
            reading(Value, Readers + 1);
        {read, From, Ref} ->
            answer(From, Ref, Value),
            reading(Value, Readers);
        runlock ->
            reading(Value, Readers - 1);
        {lock, From, Ref} ->
            drained(Value, Readers),
            answer(From, Ref, Value),
            locked(Value, From);
        {{update, Fun}, From, Ref} ->
            drained(Value, Readers),
            {Answer, New} = applied(Fun, Value),
            answer(From, Ref, Answer),
            free(New)
    end.

%% Waits for the readers to leave.
drained(_, 0) ->
    ok;
drained(Value, Readers) ->
    receive
        runlock ->
            drained(Value, Readers - 1);
        {read, From, Ref} ->
            answer(From, Ref, Value),
            drained(Value, Readers)
    end.
