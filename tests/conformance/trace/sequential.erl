%% Sequential tracing with OTP's module seq_trace: tokens, what carries them, what the system tracer
%% is told, and settings.
-module(sequential).
-export([cases/0]).

loop() ->
    receive
        stop -> ok;
        {call, From, F} -> From ! {called, F()}, loop();
        {from, From, X} -> From ! {reply, X}, loop()
    end.

tracer(List) ->
    receive
        {get, From} -> From ! {traced, lists:reverse(List)};
        Message -> tracer([Message | List])
    end.

%% The result of F, what the system tracer was told meanwhile, and the token at the end.
told(F) ->
    Tracer = spawn(fun() -> tracer([]) end),
    seq_trace:set_system_tracer(Tracer),
    Result = F(),
    Token = seq_trace:get_token(),
    seq_trace:set_token([]),
    Tracer ! {get, self()},
    Told = receive {traced, T} -> T end,
    seq_trace:set_system_tracer(false),
    names({Result, Told, Token}).

names(Term) ->
    {Named, _} = name(Term, []),
    Named.
name(Pid, Known) when is_pid(Pid) ->
    case lists:keyfind(Pid, 1, Known) of
        {_, N} -> {{pid, N}, Known};
        false -> N = length(Known), {{pid, N}, [{Pid, N} | Known]}
    end;
name([H | T], Known) ->
    {H1, Known1} = name(H, Known),
    {T1, Known2} = name(T, Known1),
    {[H1 | T1], Known2};
name(Tuple, Known) when is_tuple(Tuple) ->
    {List, Known1} = name(tuple_to_list(Tuple), Known),
    {list_to_tuple(List), Known1};
name(Term, Known) -> {Term, Known}.

set(Items) -> [seq_trace:set_token(Item, Value) || {Item, Value} <- Items].

cases() ->
    Items = [label, serial, send, 'receive', print, timestamp, monotonic_timestamp, strict_monotonic_timestamp],
    All = [{label, 17}, {send, true}, {'receive', true}, {print, true}],
    [{"messages of ports leave the token alone",
      fun() -> conformance_cases:in_folder("ports", fun of_ports/1) end},
     {"no token", fun() -> {seq_trace:get_token(), [seq_trace:get_token(I) || I <- Items]} end},
     {"a first label", fun() -> told(fun() -> seq_trace:set_token(label, 17) end) end},
     {"flags", fun() -> told(fun() -> {set(All), seq_trace:get_token(), [seq_trace:get_token(I) || I <- Items]} end) end},
     {"all flags", fun() -> told(fun() -> set([{I, true} || I <- Items -- [label, serial]]) end) end},
     {"flags off", fun() -> told(fun() -> set(All), set([{send, false}, {print, false}]) end) end},
     {"a label of any term", fun() -> told(fun() -> seq_trace:set_token(label, {any, ["term"]}) end) end},
     {"serial", fun() -> told(fun() -> {seq_trace:set_token(serial, {4, 5}), seq_trace:get_token()} end) end},
     {"a whole token", fun() -> told(fun() -> seq_trace:set_token({1, 2, 3, self(), 4}) end) end},
     {"clearing", fun() -> told(fun() -> set(All), {seq_trace:set_token([]), seq_trace:get_token()} end) end},
     {"print", fun() -> told(fun() -> set(All), [seq_trace:print(hello), seq_trace:print(17, lab), seq_trace:print(18, other)] end) end},
     {"print without a flag", fun() -> told(fun() -> set([{label, 1}]), seq_trace:print(hello) end) end},
     {"print without a token", fun() -> told(fun() -> seq_trace:print(hello) end) end},
     {"send and receive", fun() -> told(fun() -> S = spawn(fun loop/0), set(All), S ! {from, self(), x}, T = seq_trace:get_token(), receive {reply, x} -> ok end, T end) end},
     {"only send", fun() -> told(fun() -> S = spawn(fun loop/0), set([{label, 1}, {send, true}]), S ! {from, self(), x}, receive {reply, x} -> ok end end) end},
     {"only receive", fun() -> told(fun() -> S = spawn(fun loop/0), set([{label, 1}, {'receive', true}]), S ! {from, self(), x}, receive {reply, x} -> ok end end) end},
     {"a message without a token", fun() -> told(fun() -> S = spawn(fun loop/0), S ! {from, self(), x}, set(All), receive {reply, x} -> ok end end) end},
     {"token in the receiver", fun() -> told(fun() -> S = spawn(fun loop/0), set([{label, 9}]), S ! {call, self(), fun seq_trace:get_token/0}, receive {called, T} -> T end end) end},
     {"a timer leaves the token", fun() -> told(fun() -> set([{label, 9}]), erlang:send_after(1, self(), tm), receive tm -> ok end end) end},
     {"start_timer leaves the token", fun() -> told(fun() -> set([{label, 9}]), erlang:start_timer(1, self(), tm), receive {timeout, _, tm} -> ok end end) end},
     {"a timeout leaves the token", fun() -> told(fun() -> set([{label, 9}]), receive nope -> ok after 1 -> ok end end) end},
     {"an exit signal carries a token", fun() -> told(fun() -> process_flag(trap_exit, true), S = spawn_link(fun loop/0), set([{label, 9}]), exit(S, foo), receive {'EXIT', S, foo} -> ok end, element(2, seq_trace:get_token()) end) end},
     {"DOWN carries none", fun() -> told(fun() -> {S, R} = spawn_monitor(fun loop/0), set([{label, 9}]), S ! stop, receive {'DOWN', R, _, _, _} -> ok end end) end},
     {"a child has a token", fun() -> told(fun() -> S = self(), set([{label, 9}]), spawn(fun() -> T = seq_trace:get_token(), seq_trace:set_token([]), S ! {child, element(1, T), element(2, T), element(4, T) =:= self()} end), receive {child, A, B, C} -> {A, B, C} end end) end},
     {"a large message", fun() -> told(fun() -> S = spawn(fun loop/0), set([{label, 9}]), S ! {from, self(), lists:seq(1, 10000)}, receive {reply, L} -> length(L) end end) end},
     {"many messages", fun() -> told(fun() -> S = spawn(fun loop/0), set([{label, 9}]), [S ! {from, self(), I} || I <- lists:seq(1, 100)], [receive {reply, I} -> ok end || I <- lists:seq(1, 100)], garbage_collect(), element(2, seq_trace:get_token()) end) end},
     {"out of order", fun() -> told(fun() -> S = spawn(fun loop/0), set([{label, 9}]), S ! {from, self(), a}, seq_trace:set_token([]), S ! {from, self(), b}, receive {reply, b} -> ok end, A = seq_trace:get_token(), receive {reply, a} -> ok end, {A, element(2, seq_trace:get_token())} end) end},
     {"timestamps", fun() -> told(fun() -> set([{print, true}, {timestamp, true}]), seq_trace:print(a), set([{timestamp, false}, {monotonic_timestamp, true}]), seq_trace:print(b), ok end), ok end},
     {"shape of timestamps", fun() -> seq_trace:set_system_tracer(self()), Kind = fun(F) -> T = spawn(fun() -> tracer([]) end), seq_trace:set_system_tracer(T), set([{print, true}, {F, true}]), seq_trace:print(a), seq_trace:set_token([]), T ! {get, self()}, receive {traced, [{seq_trace, 0, {print, _, _, _, a}, S}]} -> shape(S) end end, R = [Kind(F) || F <- [timestamp, monotonic_timestamp, strict_monotonic_timestamp]], seq_trace:set_system_tracer(false), R end},
     {"system tracer", fun() -> A = seq_trace:get_system_tracer(), B = seq_trace:set_system_tracer(self()), C = seq_trace:get_system_tracer() =:= self(), D = seq_trace:set_system_tracer(false) =:= self(), {A, B, C, D} end},
     {"the system tracer is told nothing of itself", fun() -> seq_trace:set_system_tracer(self()), set(All), S = spawn(fun loop/0), S ! {from, self(), x}, receive {reply, x} -> ok end, seq_trace:set_token([]), seq_trace:set_system_tracer(false), receive M -> M after 50 -> none end end},
     {"reset_trace", fun() -> set([{label, 9}]), R = seq_trace:reset_trace(), {R, seq_trace:get_token()} end},
     {"process_info", fun() -> set([{label, 9}]), R = erlang:process_info(self(), sequential_trace_token), seq_trace:set_token([]), names({R, erlang:process_info(self(), sequential_trace_token)}) end},
     {"set_seq_token of a match specification", fun() -> traced_token() end}] ++
    [{"seq_trace error", fun() -> erlang:seq_trace(A, B) end} || {A, B} <- [{foo, 1}, {send, foo}, {label, []}, {serial, x}, {serial, {a, b}}, {sequential_trace_token, foo}, {1, 2}]] ++
    [{"seq_trace_info error", fun() -> erlang:seq_trace_info(A) end} || A <- [foo, sequential_trace_token, 1]] ++
    [{"system tracer error", fun() -> erlang:system_flag(sequential_tracer, A) end} || A <- [foo, true, 1]] ++
    [{"reset error", fun() -> erlang:system_flag(reset_seq_trace, A) end} || A <- [foo, 1]].

shape(T) when is_integer(T) -> integer;
shape(T) when is_tuple(T) -> [shape(E) || E <- tuple_to_list(T)].

traced_token() ->
    S = spawn(fun loop/0),
    erlang:trace(S, true, [call]),
    erlang:trace_pattern({seq_trace, get_token, 0}, [{'_', [], [{set_seq_token, label, 5}]}], [local]),
    S ! {call, self(), fun() -> R = seq_trace:get_token(), seq_trace:set_token([]), R end},
    R = receive {called, T} -> element(2, T) end,
    erlang:trace_pattern({seq_trace, get_token, 0}, false, [local]),
    R.

of_ports(Folder) ->
    File = Folder ++ "/file",
    ok = file:write_file(File, "text"),
    seq_trace:set_token(label, kept),
    Port = open_port(File, [in, binary, eof]),
    Data = receive {Port, {data, D}} -> D end,
    Token = seq_trace:get_token(label),
    receive {Port, eof} -> ok end,
    Port ! {self(), close},
    receive {Port, closed} -> ok end,
    Left = seq_trace:get_token(label),
    seq_trace:set_token([]),
    {Data, Token, Left}.
