%% Copies that keep sharing: erts_debug:copy_shared/2 and size_shared/1, persistent terms.
-module(sharing).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C([sizes(T) || T <- terms()]),
     ?C([copied(T, false) || T <- terms() ++ maps()]),
     ?C([copied(T, true) || T <- terms() ++ maps()]),
     ?C([stored(T) || T <- terms() ++ maps()]),
     ?C([erts_debug:copy_shared(T, L) =:= T || T <- literals(), L <- [false, true]]),
     ?C([stored_equal(T) || T <- literals()]),
     % Written out, these would fill any memory.
     ?C([erts_debug:size_shared(doubled(N)) || N <- [1, 10, 60, 1000]]),
     ?C(erts_debug:size(erts_debug:copy_shared(doubled(60), true))),
     ?C(stored_size(doubled(60))),
     ?C(stored_size(twice(doubled(60)))),
     ?C(stored_size(list_to_tuple([T || T <- [doubled(40)], _ <- lists:seq(1, 3000)]))),
     ?C(copied(large(300), true)),
     ?C(stored(large(300))),
     ?C(equal(large(20000))),
     ?C(parts_of_binaries()),
     ?C(lists:map(fun(_) -> equal_copies(random_term(3)) end, lists:seq(1, 200))),
     ?C([catch_class(fun() -> erts_debug:copy_shared(a, X) end) || X <- [[], x, 1]])].

catch_class(Fun) -> try Fun() catch C:R -> {C, R} end.

%% Without literals, which OTP copies one by one, and without maps, whose nodes have other sizes.
terms() ->
    L = lists:seq(1, 5),
    T = {L, L},
    B = binary:copy(<<"abc">>, 100),
    <<_:3, P:77/bits, _/bits>> = B,
    F = fun(X) -> {X, L, T} end,
    [a, L, T, [T, T | T], {B, B}, {P, P}, [F, F], [length(L) bsl 70, -length(L) bsl 200, 1 / 3],
     [self(), make_ref()]].

maps() ->
    L = lists:seq(1, 5),
    M = maps:from_list([{I, {L, L}} || I <- lists:seq(1, 40)]),
    [{M, M}, #{L => M}].

literals() -> [[], {}, #{}, "literal", #{a => "literal", b => 1.5}, fun lists:map/2].

sizes(T) -> {erts_debug:size_shared(T), erts_debug:size_shared([T, T])}.

%% Equal to the term, and of the same size when what is shared is counted once.
copied(T, Literals) ->
    C = erts_debug:copy_shared(T, Literals),
    erlang:garbage_collect(),
    {C =:= T, erts_debug:size(C) =:= erts_debug:size(T)}.

stored(T) ->
    persistent_term:put(?MODULE, T),
    S = persistent_term:get(?MODULE),
    Result = {S =:= T, erts_debug:size(S) =:= erts_debug:size(T), erts_debug:size_shared(S)},
    persistent_term:erase(?MODULE),
    Result.

equal(T) ->
    persistent_term:put(?MODULE, T),
    Stored = persistent_term:get(?MODULE),
    persistent_term:erase(?MODULE),
    {Stored =:= T, erts_debug:copy_shared(T, false) =:= T, erts_debug:size_shared(T)}.

equal_copies(T) ->
    [erts_debug:copy_shared(T, L) =:= T || L <- [false, true]] ++ [stored_equal(T)].

stored_equal(T) ->
    persistent_term:put(?MODULE, T),
    Equal = persistent_term:get(?MODULE) =:= T,
    persistent_term:erase(?MODULE),
    Equal.

stored_size(T) ->
    persistent_term:put(?MODULE, T),
    Size = erts_debug:size(persistent_term:get(?MODULE)),
    persistent_term:erase(?MODULE),
    Size.

twice(T) -> {T, [T]}.
doubled(N) -> lists:foldl(fun(_, A) -> [A | A] end, [self()], lists:seq(1, N)).

large(N) ->
    Shared = lists:seq(1, 3),
    {list_to_tuple([{I, Shared} || I <- lists:seq(1, N)]), [[Shared] || _ <- lists:seq(1, N)]}.

parts_of_binaries() ->
    B = binary:copy(<<1, 2, 3>>, 100),
    Parts = [begin <<_:I, P:J/bits, _/bits>> = B, P end || I <- [0, 3, 8], J <- [8, 13, 800]],
    [erts_debug:copy_shared([P, P, {P}], true) =:= [P, P, {P}] || P <- Parts].

%% A term in which everything may occur again.
random_term(N) ->
    Seed = case get(seed) of undefined -> rand:seed_s(exsss, 42); S -> S end,
    {T, _, After} = random_term(N, [a, 1 / N, lists:seq(1, N), binary:copy(<<"b">>, N)], Seed),
    put(seed, After),
    T.

random_term(0, Pool, S) ->
    {I, S1} = rand:uniform_s(length(Pool), S),
    {lists:nth(I, Pool), Pool, S1};
random_term(N, Pool, S) ->
    {A, P1, S1} = random_term(N - 1, Pool, S),
    {B, P2, S2} = random_term(N - 1, P1, S1),
    {K, S3} = rand:uniform_s(8, S2),
    T = combined(K, A, B, P2),
    {T, lists:sublist([T | P2], 8), S3}.

combined(1, A, B, _) -> {A, B};
combined(2, A, B, _) -> [A | B];
combined(3, A, B, _) -> [{B, A}];
combined(4, A, B, P) -> list_to_tuple([A, B | lists:sublist(P, 2)]);
combined(5, A, B, _) -> fun() -> {A, B} end;
combined(6, A, B, P) -> [A, B | lists:sublist(P, 2)];
combined(7, A, _, P) -> [{I, A} || {I, _} <- lists:enumerate(lists:sublist(P, 3))];
combined(8, A, B, _) -> {term_to_binary(A), A, B}.
