%% Calls of funs whose module is being purged: the caller is suspended until the purge is over.
-module(pending_funs).
-export([cases/0]).

-define(MODULE_NAME, pending_funs_victim).

cases() ->
    [{lists:concat([Kind, " ", Then]), fun() -> called(Kind, Then) end}
     || Kind <- [soft, hard], Then <- [gone, loaded]]
    ++ [{"deleted again", fun deleted/0}, {"traced while on_load fails", fun traced/0}].

%% A purge that stops between its steps, as the purger offers it to tests.
called(Kind, Then) ->
    load(1),
    Fun = ?MODULE_NAME:make(10),
    {Holder, Held} = spawn_monitor(fun() -> ?MODULE_NAME:wait(self()) end),
    erlang:yield(),
    true = erlang:delete_module(?MODULE_NAME),
    Then =:= loaded andalso load(2),
    Ref = make_ref(),
    erts_code_purger ! {test_purge, ?MODULE_NAME, self(), Kind =:= hard, Ref},
    receive {started, Ref} -> ok end,
    Named = [erlang:fun_info(Fun, Item) || Item <- [name, arity, module]],
    Callers = [spawn_monitor(fun() -> exit(value(Fun, N)) end) || N <- [1, 2]],
    timer:sleep(50),
    Seen = [process_info(P, [status, current_function]) || {P, _} <- Callers],
    erts_code_purger ! {continue, Ref},
    receive {continued, Ref} -> ok end,
    erts_code_purger ! {complete, Ref},
    Purged = receive {test_purge, Result, Ref} -> Result end,
    Ends = [receive {'DOWN', M, process, P, Reason} -> Reason after 2000 -> waits end
            || {P, M} <- Callers],
    exit(Holder, kill),
    receive {'DOWN', Held, _, _, _} -> ok end,
    catch erlang:purge_module(?MODULE_NAME),
    catch erlang:delete_module(?MODULE_NAME),
    catch erlang:purge_module(?MODULE_NAME),
    {Named, Seen, Purged, Ends, erlang:fun_info(Fun, name)}.

deleted() ->
    load(1),
    First = erlang:delete_module(?MODULE_NAME),
    Old = catch_reason(fun() -> erlang:delete_module(?MODULE_NAME) end),
    erlang:purge_module(?MODULE_NAME),
    Again = [erlang:delete_module(?MODULE_NAME) || _ <- [1, 2]],
    {First, Old, Again, erlang:module_loaded(?MODULE_NAME), lists:member(?MODULE_NAME, erlang:loaded()),
     erlang:delete_module(never_heard_of)}.

traced() ->
    load(2),
    erlang:trace(self(), true, [call, {tracer, spawn(fun() -> receive never -> ok end end)}]),
    Set = erlang:trace_pattern({?MODULE_NAME, '_', '_'}, true),
    Before = erlang:trace_info({?MODULE_NAME, other, 0}, traced),
    {ok, Module, Code} = compiled(["-module(pending_funs_victim).", "-on_load(f/0).", "f() -> fail."]),
    Result = code:load_binary(Module, "", Code),
    After = erlang:trace_info({?MODULE_NAME, other, 0}, traced),
    erlang:trace(self(), false, [call]),
    code:delete(?MODULE_NAME),
    code:purge(?MODULE_NAME),
    {Set, Before, Result, After}.

catch_reason(Fun) ->
    try Fun() catch Class:Reason -> {Class, Reason} end.

value(Fun, N) ->
    try Fun(N) of
        Value -> {value, Value}
    catch
        Class:{Reason, _} -> {Class, Reason};
        Class:Reason -> {Class, Reason}
    end.

load(Version) ->
    {ok, Module, Code} = compiled(texts(Version)),
    {module, Module} = erlang:load_module(Module, Code).

compiled(Texts) ->
    compile:forms([form(Text) || Text <- Texts], [binary]).

texts(1) ->
    ["-module(pending_funs_victim).", "-export([make/1, wait/1]).",
     "make(A) -> fun(B) -> A + B end.", "wait(_) -> receive never -> ok end, wait(1)."];
texts(2) ->
    ["-module(pending_funs_victim).", "-export([other/0]).", "other() -> ok."].

form(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    Form.
