-module(collections).
-export([run/0]).

run() ->
    erlang:display({binaries, binaries(30)}),
    erlang:display({trees, trees(9,20)}),
    erlang:display({maps, maps(3000)}),
    erlang:display({deep, deep(5000)}),
    erlang:display({messages, messages(150)}),
    erlang:display({ring, ring(60, 20)}),
    erlang:display({dict, dict(1500)}),
    erlang:display({sort, erlang:phash2(lists:sort(numbers(3000, 1, [])))}),
    ok.

numbers(0, _, Acc) -> Acc;
numbers(N, X, Acc) -> numbers(N - 1, (X * 1103515245 + 12345) band 16#7fffffff, [{X, [X]} | Acc]).

binaries(N) -> binaries(N, <<>>, []).
binaries(0, B, Acc) -> {byte_size(B), erlang:phash2(B), erlang:phash2(Acc)};
binaries(N, B, Acc) ->
    B2 = <<B/binary, N:32, (binary:copy(<<N>>, 50))/binary>>,
    Part = case byte_size(B2) of S when S > 100 -> <<_:77, P:200/bitstring, _/bitstring>> = B2, P; _ -> B2 end,
    binaries(N - 1, B2, [Part | Acc]).

trees(D, N) -> lists:sum([count(tree(D)) || _ <- lists:seq(1, N)]).
tree(0) -> leaf;
tree(D) -> {tree(D - 1), D, tree(D - 1)}.
count(leaf) -> 1;
count({L, _, R}) -> count(L) + count(R).

maps(N) -> M = maps(N, #{}), {map_size(M), maps:fold(fun(K, V, A) -> (K * 31 + V) bxor A end, 0, M)}.
maps(0, M) -> M;
maps(N, M) -> maps(N - 1, M#{N rem 5000 => N, N => N * 2}).

deep(0) -> 0;
deep(N) -> {X} = {1}, X + deep(N - 1).

messages(N) ->
    Me = self(),
    P = spawn_link(fun() -> echo(Me) end),
    messages(N, P, 0).
messages(0, P, A) -> P ! stop, A;
messages(N, P, A) ->
    T = {N, lists:seq(1, N rem 200), <<N:800>>, #{N => [N]}},
    P ! T,
    receive {reply, {N, L, B, _}} -> messages(N - 1, P, A + length(L) + byte_size(B)) end.
echo(Me) -> receive stop -> ok; T -> Me ! {reply, T}, echo(Me) end.

ring(N, Rounds) ->
    Me = self(),
    First = lists:foldl(fun(_, Next) -> spawn_link(fun() -> forward(Next) end) end, Me, lists:seq(1, N)),
    rounds(Rounds, First, []).
rounds(0, First, Acc) -> First ! stop, receive stop -> ok end, erlang:phash2(Acc);
rounds(R, First, Acc) -> First ! {R, Acc}, receive {R, A} -> rounds(R - 1, First, [R | A]) end.
forward(Next) -> receive stop -> Next ! stop; {R, A} -> Next ! {R, [R | A]}, forward(Next) end.

dict(N) ->
    [put({key, I}, [I, {I}]) || I <- lists:seq(1, N)],
    _ = trees(8, 10),
    [erase({key, I}) || I <- lists:seq(1, N, 3)],
    _ = trees(8, 10),
    lists:sum([hd(V) || {_, V} <- get()]).
