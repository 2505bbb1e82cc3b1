%% Random patterns on random subjects. A seed makes a pattern, its options and its subjects.
-module(re_random).
-export([run/0]).

run() -> lists:foreach(fun one/1, lists:seq(1, 3000)).

one(Seed) ->
    put(state, (Seed * 2654435761 + 12345) band 16#ffffffff),
    [pick(2) || _ <- [1, 2, 3, 4]],
    Pattern = lists:flatten(alternatives(3)),
    Options = options(pick(8)),
    Subjects = [subject() || _ <- lists:seq(1, 4)] ++ ["", "aabb"],
    case re:compile(Pattern, Options) of
        {ok, RE} ->
            erlang:display({Seed, Pattern, Options, Subjects, [found(S, RE) || S <- Subjects]});
        Error ->
            erlang:display({Seed, Pattern, Options, Error})
    end.

options(0) -> [caseless];
options(1) -> [multiline];
options(2) -> [dotall];
options(3) -> [unicode];
options(4) -> [unicode, ucp, caseless];
options(5) -> [ungreedy];
options(_) -> [].

found(Subject, RE) ->
    case re:run(Subject, RE, [global, {match_limit, 100000}]) of
        {match, List} -> List;
        nomatch -> nomatch
    end.

%% xorshift, so that the numbers are the same everywhere.
pick(N) ->
    X0 = get(state),
    X1 = (X0 bxor (X0 bsl 13)) band 16#ffffffff,
    X2 = X1 bxor (X1 bsr 17),
    X3 = (X2 bxor (X2 bsl 5)) band 16#ffffffff,
    put(state, X3),
    (X3 bsr 7) rem N.

one_of(List) -> lists:nth(pick(length(List)) + 1, List).

subject() -> [one_of("aaabbbccAB1 \nx") || _ <- lists:seq(1, pick(12))].

alternatives(Depth) ->
    case pick(4) of
        0 -> [sequence(Depth), "|", sequence(Depth)];
        1 when Depth > 1 -> [sequence(Depth), "|", sequence(Depth), "|", sequence(Depth)];
        _ -> sequence(Depth)
    end.

sequence(Depth) -> [item(Depth) || _ <- lists:seq(1, 1 + pick(3))].

item(Depth) ->
    Atom = atom(Depth),
    case pick(3) of
        0 -> [Atom, one_of(["*", "+", "?", "{2}", "{1,2}", "{0,2}", "{2,}", "{0}", "{3,4}"]),
              one_of(["", "", "", "?", "+"])];
        _ -> Atom
    end.

atom(0) -> leaf();
atom(Depth) -> atom(pick(24), Depth - 1).

atom(10, D) -> ["(?:", alternatives(D), ")"];
atom(11, D) -> ["(?>", alternatives(D), ")"];
atom(12, D) -> ["(?=", alternatives(D), ")"];
atom(13, D) -> ["(?!", alternatives(D), ")"];
atom(14, _) -> ["(?<=", behind(), ")"];
atom(15, _) -> ["(?<!", behind(), ")"];
atom(16, D) -> ["(?(1)", sequence(D), "|", sequence(D), ")"];
atom(17, D) -> ["(?(?=", sequence(D), ")", sequence(D), "|", sequence(D), ")"];
atom(18, D) -> ["(?|", alternatives(D), ")"];
atom(19, D) -> ["(?i:", alternatives(D), ")"];
atom(X, D) when X > 19 -> ["(", alternatives(D), ")"];
atom(_, _) -> leaf().

behind() -> one_of(["a", "ab", "\\w", "[ab]c", "a|bc", "^", "(a)", "\\b."]).

leaf() ->
    one_of(["a", "b", "c", "ab", "bc", ".", "a", "b", "[ab]", "[^a]", "[a-c]", "\\w", "\\d", "\\s",
            "\\W", "^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z", "\\1", "\\2", "(?1)", "(?R)", "\\K",
            "\\G", "\\R", "\\X", "\\N", "\\h", "(*COMMIT)", "(*PRUNE)", "(*SKIP)", "(*THEN)",
            "(*FAIL)", "(*ACCEPT)", "\\x61", "\\p{L}", "\\P{Lu}", "[[:alpha:]]", "(?i)", "(?-i)",
            "x", "1", " ", "A"]).
