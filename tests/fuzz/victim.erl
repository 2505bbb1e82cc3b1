%% Code of many kinds, to be changed byte by byte and run: every instruction that a compiler emits
%% for ordinary programs should stand here.
-module(victim).
-export([run/0, loop/2, counter/1]).
-record(r, {a, b = 2, c}).

run() ->
    Terms = [1, -1, 1 bsl 70, 2.5, a, [], [x], "abc", {}, {a, b}, #{}, #{k => v, 1 => 2}, <<>>,
             <<"binary">>, <<5:3>>, fun erlang:self/0, self(), make_ref(), #r{a = 1}],
    R = [kind(T) || T <- Terms],
    S = [safe(fun() -> partial(T) end) || T <- Terms],
    {length(R), length(S), records(#r{a = 7, c = [1, 2]}), maps_of(#{a => 1, b => #{c => 2}}),
     binaries(<<1, 2, 3:16/little, "rest of it">>), numbers(17, 4), floats(1.5, 2),
     lists_of(lists:seq(1, 20)), receives(), funs(3), selects(), deep(8), strings()}.

kind(X) when is_integer(X), X > 0 -> {int, X band 15};
kind(X) when is_float(X) -> {float, X * 2};
kind(X) when is_atom(X) -> {atom, X};
kind([]) -> nil;
kind([H | T]) -> {cons, H, length(T)};
kind({}) -> empty;
kind({A}) -> {one, A};
kind({A, B}) -> {two, B, A};
kind(#r{a = A, b = B}) -> {r, A, B};
kind(T) when is_tuple(T) -> {tuple, tuple_size(T), element(1, T)};
kind(#{k := V}) -> {map, V};
kind(M) when is_map(M) -> {map, map_size(M)};
kind(<<A, _/binary>>) -> {bin, A};
kind(B) when is_bitstring(B) -> {bits, bit_size(B)};
kind(F) when is_function(F, 0) -> {'fun', F()};
kind(P) when is_pid(P); is_reference(P) -> id;
kind(X) -> {other, X}.

partial(X) ->
    case X of
        a -> throw(thrown);
        [x] -> exit(gone);
        {a, Y} -> Y + 1;
        _ when is_binary(X) -> binary_part(X, 0, 4);
        {} -> hd(X);
        #r{} -> X#r{b = 1 / 0}
    end.

safe(F) ->
    try F() of
        ok -> fine;
        V -> {value, V}
    catch
        throw:T -> {thrown, T};
        error:{Tag, _} -> {tagged, Tag};
        error:E:Trace -> {error, E, is_list(Trace)};
        exit:E -> {exit, E}
    after
        put(count, case get(count) of undefined -> 1; N -> N + 1 end)
    end.

records(#r{a = A} = R) ->
    R1 = R#r{a = A + 1, c = {R#r.c}},
    R2 = setelement(2, R1, x),
    {R1#r.a, R2#r.a, R2 =:= R1, R1#r{b = 3}}.

maps_of(#{a := A, b := #{c := C}} = M) ->
    M1 = M#{a := A + C, d => [A | C]},
    M2 = maps:from_list([{I, I * I} || I <- lists:seq(1, 40)]),
    case M1 of
        #{a := 3, zz := _} -> no;
        #{a := X, d := [Y | _]} ->
            {X, Y, maps:get(30, M2), M2#{31 := z, x => y} =:= M2, is_map_key(a, M1)}
    end.

binaries(<<A, B:8, C:16/little, Rest/binary>>) ->
    <<X:4, Y:4/bits, Z:3/binary, _/bits>> = Rest,
    N = byte_size(Rest) - 2,
    <<P:N/binary, Q/binary>> = Rest,
    Bits = << <<(I rem 8):3>> || <<I>> <= Rest >>,
    U = <<"é"/utf8, A:32/float, P/binary, 1:1, Bits/bits>>,
    case Rest of
        <<"nope", _/binary>> -> no;
        <<"rest", T/utf8, _/binary>> -> {A + B + C, X, bit_size(Y), Z, Q, bit_size(U), T}
    end.

numbers(A, B) ->
    {A + B, A - B, A * B, A div B, A rem B, A / B, A bsl 70, (A bsl 70) bsr 66, A band B, A bor B,
     A bxor B, bnot A, -A, abs(-A), max(A, B), trunc(2.5), round(2.5), A == 17.0, A =:= 17, A < B,
     A >= B, not (A > B), (A > B) and true, A =/= B}.

floats(F, I) when is_float(F) -> G = F * I + 0.5, H = G / F - I, {G, H, H > 1.0, G * G - H, -G}.

lists_of(L) ->
    Even = [X || X <- L, X rem 2 =:= 0],
    Pairs = [{X, Y} || X <- [1, 2], Y <- [a, b]],
    {sum(L, 0), lists:reverse(Even), Pairs, lists:map(fun(X) -> {X, L} end, [1]), L ++ [1] -- [2],
     tl(L) =:= L}.

sum([], A) -> A;
sum([H | T], A) -> sum(T, H + A).

receives() ->
    Me = self(),
    P = spawn(?MODULE, loop, [Me, 0]),
    P ! {add, 3},
    P ! {Me, get},
    A = receive {P, N} -> N after 50 -> timeout end,
    P ! stop,
    self() ! later,
    B = receive nothing -> 1 after 0 -> 2 end,
    C = receive later -> got after 10 -> lost end,
    D = receive X when X > 3 -> X after 1 -> none end,
    {A, B, C, D}.

loop(To, N) ->
    receive
        {add, K} -> loop(To, N + K);
        {To, get} -> To ! {self(), N}, loop(To, N);
        stop -> ok;
        _ -> loop(To, N)
    after 100 -> gone
    end.

funs(N) ->
    Add = fun(X) -> X + N end,
    Fact = fun F(0) -> 1; F(K) -> K * F(K - 1) end,
    G = fun ?MODULE:counter/1,
    {Add(1), Fact(N * 5), G(N), apply(Add, [2]), apply(?MODULE, counter, [N]), catch Add(a),
     catch G(1, 2)}.

counter(0) -> [];
counter(N) -> [N | counter(N - 1)].

selects() ->
    [case X of 1 -> a; 2 -> b; 3 -> c; 4 -> d; 5 -> e; 9 -> f; _ -> z end
     || X <- lists:seq(0, 10)] ++
    [case X of
         alpha -> 1; beta -> 2; gamma -> 3; delta -> 4; epsilon -> 5; zeta -> 6; eta -> 7;
         theta -> 8; iota -> 9; kappa -> 10; _ -> 0
     end || X <- [alpha, theta, kappa, omega, 3]] ++
    [case T of {} -> 0; {_} -> 1; {_, _} -> 2; {_, _, _} -> 3; _ -> x end
     || T <- [{}, {1}, {1, 2}, {1, 2, 3}, a]].

deep(0) -> catch error(bottom);
deep(N) ->
    V = try deep(N - 1) catch _:_ -> caught end,
    W = catch throw({N, V}),
    {W, N}.

strings() ->
    case atom_to_list(abc) of
        "abc" ++ Rest -> Rest;
        [$x | _] = L -> L
    end.
