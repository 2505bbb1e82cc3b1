%% External terms that take many slices to encode and decode, while others run and collect.
-module(external_large).
-export([run/0]).

run() ->
    Terms = terms(),
    [round_trip(N, T) || {N, T} <- Terms],
    together(Terms),
    killed(Terms),
    options(),
    broken().

show(T) -> erlang:display(T).

terms() ->
    [{list, lists:seq(1, 30000)},
     {atoms, [lists:nth(1 + I rem 3, [a, bc, true]) || I <- lists:seq(1, 20000)]},
     {tuples, [{I, I * 1.5, <<I:32>>, [I | I]} || I <- lists:seq(1, 5000)]},
     {tuple, list_to_tuple(lists:seq(1, 20000))},
     {deep_list, lists:foldl(fun(I, A) -> [I, A] end, [], lists:seq(1, 20000))},
     {deep_tuple, lists:foldl(fun(_, A) -> {A} end, x, lists:seq(1, 20000))},
     {improper, lists:foldl(fun(I, A) -> [I | A] end, tail, lists:seq(300, 5000))},
     {map, maps:from_list([{I, {I}} || I <- lists:seq(1, 5000)])},
     {maps, lists:foldl(fun(I, A) -> #{I => A, {I} => [I]} end, #{}, lists:seq(1, 3000))},
     {binaries, [binary:copy(<<I>>, I rem 200) || I <- lists:seq(1, 3000)]},
     {strings, [integer_to_list(I * I * I) || I <- lists:seq(1, 5000)]},
     {funs, [fun lists:map/2 || _ <- lists:seq(1, 3000)]}].

round_trip(Name, T) ->
    B = term_to_binary(T),
    Same = binary_to_term(B) =:= T,
    Size = byte_size(B),
    show({Name, Size, Same, erlang:external_size(T) =:= Size,
          binary_to_term(<<B/binary, "more">>, [used]) =:= {T, Size}}).

%% One process a term, all at the same time.
together(Terms) ->
    Me = self(),
    Pids = [spawn(fun() -> worker(Me, T, 3) end) || {_, T} <- Terms],
    show({together, lists:sort([receive {P, R} -> R end || P <- Pids])}).

worker(To, _, 0) -> To ! {self(), ok};
worker(To, T, N) ->
    T = binary_to_term(term_to_binary(T)),
    erlang:garbage_collect(),
    worker(To, T, N - 1).

killed(Terms) ->
    Pids = [spawn(fun() -> loop(T) end) || {_, T} <- Terms],
    [begin erlang:yield(), exit(P, kill) end || P <- Pids],
    show({killed, [is_process_alive(P) || P <- Pids]}).

loop(T) -> binary_to_term(term_to_binary(T)), loop(T).

options() ->
    M = maps:from_list([{{I}, I} || I <- lists:seq(1, 2000)]),
    D = term_to_binary(M, [deterministic]),
    show({deterministic, byte_size(D), erlang:phash2(D), binary_to_term(D) =:= M}),
    show({iovec, binary_to_term(iolist_to_binary(erlang:term_to_iovec(M))) =:= M}),
    show({compressed, binary_to_term(term_to_binary(M, [compressed])) =:= M}).

broken() ->
    B = term_to_binary(lists:seq(1, 5000)),
    Short = binary:part(B, 0, byte_size(B) - 1),
    show({short, catch_it(fun() -> binary_to_term(Short) end)}),
    Twice = <<131, 116, 5000:32, (binary:copy(<<97, 1>>, 10000))/binary>>,
    show({twice, catch_it(fun() -> binary_to_term(Twice) end)}),
    show({used, catch_it(fun() -> binary_to_term(Short, [used]) end)}).

catch_it(F) -> try F() catch C:R -> {C, R} end.
