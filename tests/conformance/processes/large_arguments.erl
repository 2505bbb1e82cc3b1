%% Built-in functions on terms so large that they are left and taken up again, while another process
%% runs all the time: results, errors, and what happens when their process is killed in the middle.
-module(large_arguments).
-export([run/0]).

run() ->
    Ticker = spawn(fun tick/0),
    List = lists:seq(1, 70000),
    Nested = [{I, [I, "text"], <<I:32>>, #{I => x}} || I <- lists:seq(1, 20000)],
    show(lengths, lengths(List)),
    show(tuples, tuples(List)),
    show(settings, settings()),
    show(sizes, [erts_debug:flat_size(T) || T <- [List, list_to_tuple(List), lists:duplicate(5000, [a, {b}])]]),
    show(spawned, spawned(Nested)),
    show(characters, characters()),
    show(incomplete, incomplete()),
    show(deep, deep()),
    show(maps, maps(List)),
    display(List, Nested),
    show(killed, [killed(F, 12) || F <- works(List, Nested)]),
    exit(Ticker, kill),
    ok.

show(Name, Value) -> erlang:display({Name, Value}).
tick() -> receive after 1 -> tick() end.

lengths(List) ->
    Improper = List ++ tail,
    [length(List), guard(List), guard(Improper), caught(fun() -> length(Improper) end),
     caught(fun() -> list_to_tuple(Improper) end), [X || X <- [List, Improper, []], length(X) > 3] == [List],
     apply(erlang, length, [List]), tail_length(List)].
guard(L) when length(L) > 70000 -> more;
guard(L) when length(L) =:= 70000 -> equal;
guard(L) when is_list(L) -> list.
tail_length(L) -> length(L).
caught(F) -> try F() catch Class:Reason:Trace -> {Class, Reason, caller(hd(Trace))} end.
caller({Module, Name, Arguments, _}) when is_list(Arguments) -> {Module, Name, length(Arguments)};
caller({Module, Name, Arity, _}) -> {Module, Name, Arity}.

tuples(List) ->
    T = list_to_tuple(List),
    U = setelement(1, setelement(70000, T, z), [a]),
    I = erlang:insert_element(1, T, first),
    J = erlang:insert_element(35001, T, middle),
    K = erlang:insert_element(70001, T, last),
    D = [erlang:delete_element(N, T) || N <- [1, 35000, 70000]],
    A = erlang:append_element(T, {x}),
    M = erlang:make_tuple(70001, {m}),
    [{tuple_size(X), element(1, X), element(2, X), element(35000, X), element(35001, X), element(35002, X),
      element(tuple_size(X), X), erlang:phash2(X)} || X <- [T, U, I, J, K, A, M | D]]
        ++ [tuple_to_list(T) =:= List, lists:sum(tuple_to_list(T)), [first | List] =:= tuple_to_list(I),
            tuple_to_list(A) =:= List ++ [{x}], caught(fun() -> setelement(70001, T, x) end),
            caught(fun() -> erlang:delete_element(0, T) end)].

settings() ->
    Settings = [{I, {I}} || I <- lists:seq(1, 9000, 2)] ++ [{1, again}],
    T = erlang:make_tuple(9000, x, Settings),
    S = erlang:make_tuple(5, x, lists:append(lists:duplicate(1000, [{2, a}, {3, b}, {2, c}]))),
    [erlang:phash2(T), element(1, T), element(2, T), element(8999, T), S,
     caught(fun() -> erlang:make_tuple(9000, x, Settings ++ [{9001, y}]) end),
     caught(fun() -> erlang:make_tuple(9000, x, Settings ++ y) end),
     caught(fun() -> erlang:make_tuple(-1, x, Settings) end)].

spawned(Term) ->
    Self = self(),
    Fun = fun(A, B) -> Self ! {self(), erlang:phash2({A, B, Term}), length(A)} end,
    P = spawn(erlang, apply, [Fun, [Term, Term]]),
    {Q, M} = spawn_monitor(fun() -> Fun(Term, x) end),
    L = spawn_link(erlang, apply, [Fun, [Term, y]]),
    R = spawn_request(erlang, apply, [Fun, [Term, z]], [{reply, yes}]),
    S = receive {spawn_reply, R, ok, Pid} -> Pid end,
    {O, _} = spawn_opt(erlang, apply, [Fun, [Term, [Term]]], [monitor, {min_heap_size, 100000}, {priority, high}]),
    receive {'DOWN', M, process, Q, normal} -> ok end,
    [receive {X, Hash, Length} -> {Hash, Length} end || X <- [P, Q, L, S, O]].

characters() ->
    Latin = binary:copy(<<"ab", 200, 255, "c">>, 9000),
    Wide = lists:flatten(lists:duplicate(3000, [65, 233, 16#20ac, 16#1f600])),
    Utf8 = unicode:characters_to_binary(Wide),
    Mixed = [Wide, [[Utf8 | <<"x">>], "y"], Utf8],
    <<_:3, Odd/bits>> = <<1:3, Utf8/binary>>,
    [erlang:phash2(X) || X <- [
        unicode:characters_to_binary(Latin, latin1), unicode:characters_to_list(Latin, latin1), Utf8,
        unicode:characters_to_list(Utf8), unicode:characters_to_binary(Mixed), unicode:characters_to_list(Mixed),
        unicode:characters_to_binary(Mixed, utf8, utf16), unicode:characters_to_list(Odd),
        unicode:characters_to_binary(Odd), unicode:characters_to_binary(Utf8, utf8, latin1)]].

incomplete() ->
    Text = binary:copy(<<"abcdefg", 16#e2, 16#82, 16#ac>>, 3000),
    Cut = [Text, <<16#e2, 16#82>>],
    Joined = [Text, <<16#e2>>, [<<16#82>>, <<16#ac>>], Text],
    Bad = [Text, [Text, <<255>>, "rest"], "more"],
    [summary(unicode:characters_to_binary(X)) || X <- [Cut, Joined, Bad, [Text, 16#d800 | <<"z">>]]]
        ++ [summary(unicode:characters_to_list(X)) || X <- [Cut, Joined, Bad, [Text, -1, Text]]]
        ++ [caught(fun() -> unicode:characters_to_list([Text, a]) end)].
summary({Kind, Done, Rest}) -> {Kind, erlang:phash2(Done), erlang:phash2(Rest), Rest =:= <<>>};
summary(Done) -> erlang:phash2(Done).

deep() ->
    Deep = lists:foldl(fun(I, T) -> [I rem 100 + 32, T, "-"] end, <<"end">>, lists:seq(1, 20000)),
    [erlang:phash2(unicode:characters_to_binary(Deep)), erlang:phash2(unicode:characters_to_list(Deep)),
     erlang:phash2(iolist_to_binary(Deep)), iolist_size(Deep)].

maps(List) ->
    [begin
         Pairs = [{I rem (N div 2 + 1), I} || I <- lists:sublist(List, N)],
         Map = maps:from_list(Pairs),
         {map_size(Map), erlang:phash2(Map), lists:sum(maps:values(Map)),
          maps:from_keys(lists:sublist(List, N), x) =:= maps:from_list([{K, x} || K <- lists:sublist(List, N)])}
     end || N <- [1, 32, 33, 127, 128, 129, 200, 300, 5000, 20000]]
        ++ [caught(fun() -> maps:from_list([{I, I} || I <- lists:sublist(List, 300)] ++ [x]) end),
            caught(fun() -> maps:from_list([{I, I} || I <- lists:sublist(List, 300)] ++ x) end)].

display(List, Nested) ->
    [erlang:display(T) || T <- [
        lists:sublist(List, 3000), lists:sublist(Nested, 300), list_to_tuple(lists:sublist(List, 1000)),
        [I rem 90 + 33 || I <- lists:sublist(List, 1000)], [I rem 90 + 33 || I <- lists:sublist(List, 1000)] ++ [0],
        << <<(I rem 90 + 33)>> || I <- lists:sublist(List, 1000) >>, << <<I:8>> || I <- lists:sublist(List, 1000) >>,
        [[] | lists:duplicate(200, [["a", <<"b">>] | c])]]].

works(List, Nested) ->
    Text = binary:copy(<<"abcdefg", 16#e2, 16#82, 16#ac>>, 3000),
    [fun() -> length(List) end, fun() -> list_to_tuple(List) end, fun() -> tuple_to_list(list_to_tuple(List)) end,
     fun() -> erlang:make_tuple(60000, [x]) end, fun() -> erts_debug:flat_size(Nested) end,
     fun() -> spawn(erlang, length, [Nested]) end, fun() -> unicode:characters_to_list([Text, Text]) end,
     fun() -> maps:from_list([{I, I} || I <- List]) end].

%% The process is killed after so many turns of its killer, unless it is done by then.
killed(_, 0) -> ok;
killed(Work, N) ->
    {Pid, Monitor} = spawn_monitor(fun() -> Work() end),
    lists:foreach(fun(_) -> erlang:yield() end, lists:seq(1, N * 3)),
    exit(Pid, kill),
    receive {'DOWN', Monitor, process, Pid, _} -> killed(Work, N - 1) end.
