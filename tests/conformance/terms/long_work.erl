%% Work on large terms that goes on in slices while other processes run: its results are what they
%% would be if it were done at once.
-module(long_work).
-export([run/0]).

-define(SIZE, 20000).

run() ->
    Others = [spawn_link(fun() -> compute(lists:seq(1, 100)) end) || _ <- [1, 2]],
    orders(),
    searches(),
    persistent_terms(),
    deep_stacks(),
    packets(),
    bags(),
    [begin unlink(Pid), exit(Pid, kill) end || Pid <- Others],
    ok.

compute(List) -> compute(lists:reverse(List)).

nested(N) -> [{I, [I], <<I:32>>} || I <- lists:seq(1, N)].

orders() ->
    Pairs = [{I, {I, I * 7}} || I <- lists:seq(1, ?SIZE)],
    A = maps:from_list(Pairs),
    Others = [A#{?SIZE := {?SIZE, 0}}, A#{1 := {1, 8}}, A#{1 := {1.0, 7}}, A#{17 := {17.0, 119}},
        maps:put(0, x, maps:remove(5, A)), maps:put(?SIZE + 1, x, maps:remove(5, A)),
        maps:put(5.0, x, maps:remove(5, A)), A#{1 := {1, 8}, 2 := {2, 1}}, A#{9 := A},
        maps:from_list(lists:reverse(Pairs)), maps:remove(7, A)],
    [erlang:display({A < B, A > B, A =< B, B >= A, A == B, A =:= B, [A] < [B]}) || B <- Others],
    Nested = [A#{9 := B} || B <- Others],
    [erlang:display({B < C, B == C}) || B <- Nested, C <- lists:sublist(Nested, 3)],
    Sorted = lists:sort([A | Others]),
    erlang:display([erlang:phash2(B) || B <- Sorted]).

searches() ->
    A = nested(?SIZE),
    B = nested(?SIZE),
    C = nested(?SIZE - 1) ++ [last],
    D = [setelement(2, X, [1.0 * element(1, X)]) || X <- nested(?SIZE)],
    erlang:display([lists:member(A, L) || L <- [[B], [C, B], [C], [[B] | C], [C, C, C, B], [D]]]),
    List = [{C, 1}, {D, 2}, {x, A}, {B, 3}, y, {B, 4}],
    erlang:display([element(2, lists:keyfind(Key, 1, List)) || Key <- [A, C, D]]),
    erlang:display([lists:keymember(Key, 1, List) || Key <- [A, [A], C ++ [x], D]]),
    erlang:display([lists:keymember(Key, 2, List) || Key <- [A, B, C]]),
    {value, {_, Found}} = lists:keysearch(A, 1, List),
    erlang:display({Found, length(lists:keydelete(A, 1, List))}),
    [erlang:display(catch lists:member(A, [C | Tail]) andalso true) || Tail <- [[], [B]]],
    erlang:display(element(1, element(2, catch lists:member(A, [C | improper])))).

persistent_terms() ->
    A = nested(?SIZE),
    Key = {?MODULE, key},
    ok = persistent_term:put(Key, A),
    erlang:display({persistent_term:get(Key) =:= A, persistent_term:put(Key, nested(?SIZE))}),
    B = A ++ [x],
    ok = persistent_term:put(Key, B),
    erlang:display(persistent_term:get(Key) =:= B),
    ok = persistent_term:put(Key, {A, persistent_term:get(Key)}),
    erlang:display(persistent_term:get(Key) =:= {A, B}),
    Self = self(),
    Pids = [spawn(fun() -> persistent_term:put(Key, [I | A]), Self ! done end) || I <- [1, 2, 3]],
    [receive done -> ok end || _ <- Pids],
    [_ | Value] = persistent_term:get(Key),
    erlang:display(Value =:= A),
    erlang:display({persistent_term:erase(Key), persistent_term:get(Key, none)}).

deep_stacks() ->
    Fails = [fun() -> throw(x) end, fun() -> error({large, x}) end, fun() -> exit(x) end,
        fun() -> hd([]) end, fun() -> lists:reverse(x) end, fun() -> error(x, [a, b]) end],
    [erlang:display(caught(fun() -> deep(?SIZE, Fail) end)) || Fail <- Fails],
    [erlang:display(caught(fun() -> two(?SIZE, Fail) end)) || Fail <- Fails],
    [erlang:display(caught(fun() -> handled(?SIZE, Fail) end)) || Fail <- Fails],
    erlang:display(reason(fun() -> deep(?SIZE, fun() -> exit(x) end) end)).

deep(0, F) -> F();
deep(N, F) -> wrapped(deep(N - 1, F)).
wrapped(X) -> X.
two(0, F) -> F();
two(N, F) -> wrapped(three(N - 1, F)).
three(N, F) -> [two(N, F)].
%% Catches that take other exceptions, one below the other.
handled(0, F) -> F();
handled(N, F) when N rem 5000 =:= 0 ->
    try wrapped(handled(N - 1, F)) catch throw:other -> wrong end;
handled(N, F) -> wrapped(handled(N - 1, F)).

caught(F) ->
    try F() catch Class:Reason:Trace -> {Class, Reason, places(Trace)} end.
%% Who called the program is no concern of it.
places(Trace) -> [place(Entry) || {M, _, _, _} = Entry <- Trace, M =/= erl_eval, M =/= init].
place({M, F, A, _}) when is_integer(A) -> {M, F, A};
place({M, F, A, _}) -> {M, F, length(A)}.
reason(F) ->
    {Pid, Monitor} = spawn_monitor(F),
    receive {'DOWN', Monitor, process, Pid, Reason} -> Reason end.

packets() ->
    Text = binary:copy(<<"0123456789">>, 20000),
    Line = <<Text/binary, "|\n", Text/binary>>,
    Types = [{line, []}, {line, [{line_delimiter, $|}]}, {line, [{line_length, 100000}]},
        {line, [{packet_size, 1000}]}, {line, [{line_delimiter, $\r}]}, {http, []}, {httph, []},
        {httph_bin, []}, {http_bin, [{packet_size, 100}]}],
    <<_:3, Odd/bits>> = <<0:3, Line/bits>>,
    Folded = <<"A: ", Text/binary, "\r\n b", Text/binary, "\r\nB: c\r\n">>,
    [erlang:display({Type, [shape(erlang:decode_packet(Type, B, Options)) ||
            B <- [Line, Odd, Text, Folded]]}) || {Type, Options} <- Types].
shape({ok, Packet, Rest}) -> {ok, erlang:phash2(Packet), byte_size(Rest)};
shape(Other) -> Other.

bags() ->
    [bag(Type) || Type <- [bag, duplicate_bag]].
bag(Type) ->
    T = ets:new(t, [Type]),
    Fill = fun() -> ets:insert(T, [{key, I rem 10, I} || I <- lists:seq(1, 2000)] ++ [{other, 1}]) end,
    Fill(),
    erlang:display({ets:info(T, size), ets:delete(T, key), ets:tab2list(T)}),
    Fill(),
    erlang:display({length(ets:take(T, key)), ets:tab2list(T)}),
    Fill(),
    ets:safe_fixtable(T, true),
    First = ets:first(T),
    erlang:display({ets:delete(T, key), ets:lookup(T, key), ets:member(T, First)}),
    Fill(),
    erlang:display({length(ets:lookup(T, key)), ets:delete(T, key)}),
    ets:safe_fixtable(T, false),
    erlang:display({ets:info(T, size), lists:sort(ets:tab2list(T)), ets:delete(T, none)}),
    ets:delete(T).
