%% Literals of purged modules and of erased persistent terms: whoever refers to them gets them on
%% its heap, then their areas are freed. The module literal_victim is in the macro VICTIM. Prints
%%
%%   {wrong, Place, What}          when a process finds something else than was there
%%   {stays, Name, [Bytes]}        when memory grows from time to time
%%   {unsound, Name, What}         when heaps or blocks are not sound
%%   {checked, Number}
-module(memory_literals).
-include("literal_victim.hrl").
-export([run/0, wait_hibernated/3]).

-define(TIMES, 6).

run() ->
    start(erts_code_purger),
    Collector = spawn(erts_literal_area_collector, start, []),
    Collector ! copy_literals,
    put(collector, Collector),
    Things = [{{Source, Place}, fun() -> once(Source, Place) end}
              || Source <- [code, term], Place <- places()]
        ++ [{many_terms, fun many_terms/0}, {replaced, fun replaced/0}, {ended, fun ended/0}],
    [check(Name, Fun) || {Name, Fun} <- Things],
    erlang:display({checked, length(Things)}).

start(Name) ->
    spawn(Name, start, []),
    wait_for(Name).

wait_for(Name) ->
    whereis(Name) =/= undefined orelse begin erlang:yield(), wait_for(Name) end.

%% Until all areas are freed that were retired.
settle() ->
    Collector = get(collector),
    Ref = make_ref(),
    Collector ! {get_status, Ref, self()},
    receive
        {Ref, idle} -> ok;
        {Ref, working} -> erlang:yield(), settle()
    end.

check(Name, Fun) ->
    [Fun() || _ <- [1, 2]],
    Looks = [begin Fun(), used() end || _ <- lists:seq(1, ?TIMES)],
    grows(Looks) andalso erlang:display({stays, Name, Looks}),
    case vbeam_internal:check_memory(all) of
        ok -> ok;
        Fault -> erlang:display({unsound, Name, Fault})
    end,
    case vbeam_internal:check_memory(freed) of
        ok -> ok;
        Written -> erlang:display({unsound, Name, Written})
    end.

grows([A, B | Rest]) -> A < B andalso grows([B | Rest]);
grows([_]) -> true.

%% The collector and the purger have garbage, too.
used() ->
    [erlang:garbage_collect(P) || P <- processes()],
    erlang:yield(),
    erlang:garbage_collect(),
    element(1, vbeam_internal:memory()).

%% A literal is put in a place, its area retired; then it is what it was, but no literal any more.
once(Source, Place) ->
    {Literal, Retire} = literal(Source),
    0 = erts_debug:size_shared(Literal),
    Expected = binary_to_term(term_to_binary(Literal)),
    Ask = keep(Place, Literal),
    spent = forget(Literal),
    erlang:garbage_collect(),
    Retire(),
    settle(),
    case vbeam_internal:check_memory(all) of
        ok -> ok;
        Fault -> erlang:display({unsound, {Source, Place}, Fault})
    end,
    case Ask() of
        {Expected, Size} when Size > 0 -> ok;
        {Expected, 0} -> erlang:display({wrong, {Source, Place}, still_a_literal});
        Other -> erlang:display({wrong, {Source, Place}, Other})
    end.

forget(_) -> spent.

literal(term) ->
    T = {list(40), binary:copy(<<"large">>, 100), #{k => list(3)}, 1 bsl 100, make_ref()},
    persistent_term:put(memory_literals, T),
    {persistent_term:get(memory_literals), fun() -> persistent_term:erase(memory_literals) end};
literal(code) ->
    {module, literal_victim} = erlang:load_module(literal_victim, ?VICTIM),
    Literals = literal_victim:all(),
    {element(next_element(length(Literals)), list_to_tuple(Literals)),
     fun() ->
         true = erlang:delete_module(literal_victim),
         {_, _} = erts_code_purger:purge(literal_victim)
     end}.

%% One after the other.
next_element(N) ->
    I = case get(turn) of undefined -> 0; Turn -> Turn end,
    put(turn, I + 1),
    I rem N + 1.

list(N) -> [{I, [I], <<I>>} || I <- lists:seq(1, N)].

places() ->
    [variable, in_a_tuple, old_heap, dictionary, message, message_alone, opened_message,
     hibernating, waiting_fun, timer, table, monitor_tag, exit_reason, suspended, sub_term].

tell(Term) -> {Term, erts_debug:size_shared(Term)}.

%% A process that holds Literal and tells about it when it is asked.
holder(Body) ->
    Self = self(),
    Pid = spawn(fun() -> Body(Self) end),
    receive {ready, Pid} -> ok end,
    fun() ->
        Ref = monitor(process, Pid),
        Pid ! tell,
        receive
            {told, Pid, What} -> receive {'DOWN', Ref, _, _, _} -> What end;
            {'DOWN', Ref, _, _, Reason} -> {ended, Reason}
        end
    end.

ready(Self) -> Self ! {ready, self()}.
asked() -> receive tell -> ok end.
answer(Self, What) -> Self ! {told, self(), What}.

keep(variable, L) ->
    holder(fun(S) -> ready(S), asked(), answer(S, tell(L)) end);
keep(in_a_tuple, L) ->
    holder(fun(S) ->
        T = {S, [L, L | L]},
        ready(S),
        asked(),
        {S, [A, B | C]} = T,
        %% What was shared stays so.
        true = A =:= B andalso B =:= C,
        answer(S, tell(A))
    end);
keep(old_heap, L) ->
    holder(fun(S) ->
        T = {L, make_ref()},
        [erlang:garbage_collect() || _ <- [1, 2, 3]],
        ready(S),
        asked(),
        answer(S, tell(element(1, T)))
    end);
keep(dictionary, L) ->
    holder(fun(S) ->
        put(l, L),
        put({k, L}, 1),
        ready(S),
        asked(),
        1 = get({k, get(l)}),
        answer(S, tell(get(l)))
    end);
keep(message, L) ->
    Ask = holder(fun(S) -> ready(S), asked(), receive {message, M} -> answer(S, tell(M)) end end),
    [{_, Pid}] = pid_of(Ask),
    Pid ! {message, L},
    Ask;
keep(message_alone, L) ->
    Ask = holder(fun(S) ->
        ready(S),
        asked(),
        receive M when M =/= tell -> answer(S, tell(M)) end
    end),
    [{_, Pid}] = pid_of(Ask),
    Pid ! L,
    Ask;
keep(opened_message, L) ->
    Ask = holder(fun(S) ->
        ready(S),
        asked(),
        receive {message, M} -> answer(S, tell(M)) end
    end),
    [{_, Pid}] = pid_of(Ask),
    Pid ! {message, L},
    %% It looks at the message and goes on waiting.
    erlang:yield(),
    erlang:yield(),
    Ask;
keep(hibernating, L) ->
    holder(fun(S) -> ready(S), erlang:hibernate(?MODULE, wait_hibernated, [S, L, [L]]) end);
keep(waiting_fun, L) ->
    holder(fun(S) -> F = fun() -> L end, ready(S), asked(), answer(S, tell(F())) end);
keep(timer, L) ->
    Timer = erlang:start_timer(100000, self(), L),
    fun() ->
        Left = erlang:read_timer(Timer),
        true = is_integer(Left),
        erlang:cancel_timer(Timer),
        Again = erlang:start_timer(0, self(), later),
        receive {timeout, Again, later} -> tell(copied(L)) end
    end;
keep(table, L) ->
    Table = ets:new(t, [{heir, self(), L}]),
    ets:insert(Table, {1, L}),
    fun() ->
        [{1, M}] = ets:lookup(Table, 1),
        ets:delete(Table),
        tell(M)
    end;
keep(monitor_tag, L) ->
    Pid = spawn(fun() -> asked() end),
    Ref = monitor(process, Pid, [{tag, {tag, L}}]),
    fun() ->
        Pid ! tell,
        receive {{tag, M}, Ref, process, Pid, _} -> tell(M) end
    end;
keep(exit_reason, L) ->
    Pid = spawn(fun() -> process_flag(priority, low), asked() end),
    Ref = monitor(process, Pid),
    erlang:suspend_process(Pid),
    exit(Pid, {reason, L}),
    fun() -> receive {'DOWN', Ref, process, Pid, {reason, M}} -> tell(M) end end;
keep(suspended, L) ->
    Ask = holder(fun(S) -> ready(S), asked(), answer(S, tell(L)) end),
    [{_, Pid}] = pid_of(Ask),
    erlang:suspend_process(Pid),
    fun() -> erlang:resume_process(Pid), Ask() end;
keep(sub_term, L) ->
    Part = part(L),
    holder(fun(S) -> ready(S), asked(), answer(S, {L, element(2, tell([Part]))}) end).

copied(L) -> binary_to_term(term_to_binary(L)).

part(L) when is_tuple(L) -> element(1, L);
part([P | _]) -> P;
part(P) -> P.

wait_hibernated(S, L, [L]) -> asked(), answer(S, tell(L)).

pid_of(Ask) ->
    {env, Env} = erlang:fun_info(Ask, env),
    [{env, P} || P <- lists:flatten([Env]), is_pid(P), P =/= self()].

many_terms() ->
    Keys = [{memory_literals, I} || I <- lists:seq(1, 200)],
    [persistent_term:put(K, {K, binary:copy(<<"large">>, 20)}) || K <- Keys],
    Held = [persistent_term:get(K) || K <- Keys],
    [persistent_term:erase(K) || K <- Keys],
    settle(),
    Keys = [K || {K, <<"large", _/binary>>} <- Held],
    true = erts_debug:size_shared(hd(Held)) > 0.

replaced() ->
    [persistent_term:put(memory_literals, {I, list(20)}) || I <- lists:seq(1, 100)],
    persistent_term:erase(memory_literals),
    settle().

%% Processes that end while they are asked.
ended() ->
    persistent_term:put(memory_literals, list(300)),
    L = persistent_term:get(memory_literals),
    Pids = [spawn(fun() -> put(l, [L]), receive never -> ok end end) || _ <- lists:seq(1, 50)],
    [P ! {L} || P <- Pids],
    erlang:yield(),
    persistent_term:erase(memory_literals),
    erlang:yield(),
    [begin
         Ref = monitor(process, P),
         exit(P, kill),
         receive {'DOWN', Ref, _, _, _} -> ok end
     end || P <- Pids],
    settle(),
    true = length(L) =:= 300.
