%% Corners of PCRE: comments between a quantifier and its suffix, (*ACCEPT) in lookbehinds, what is
%% known of the start of a match when a pattern begins with an assertion, brackets that are nested
%% too deeply.
-module(re_corners).
-export([cases/0]).

cases() ->
    [{suffix_behind_comment, fun() -> all(suffixes()) end},
     {accept_behind, fun() -> all(accepts()) end},
     {assertion_first, fun() -> all(assertions()) end},
     {conditions_nested, fun() -> all(conditions()) end},
     {brackets, fun() -> [brackets(N, Open) || {N, Open} <- nested()] end}].

all(Rows) -> [{Pattern, found(Subject, Pattern, Options)} || {Pattern, Subject, Options} <- Rows].

found(Subject, Pattern, Options) ->
    case re:compile(Pattern, Options) of
        {ok, Compiled} -> re:run(Subject, Compiled);
        Error -> Error
    end.

suffixes() ->
    [{Pattern, "XXX ", Options}
     || Options <- [[], [extended], [ungreedy]],
        Pattern <- ["X+(?#c)?", "X+(?#a)(?#b)?", "X+ (?#a) ?", "X+ (?#a)?", "X+(?#a) ?", "X+ ?",
                    "X+ #f\n(?#a)?", "X+ #f\n?", "X+(?#a)#f\n?", "X+(?#a)+X", "X{2}(?#a)+X",
                    "X{1,}(?#a)?", "X+(?#a", "X+(?#a)*", "X+(?#a)?(?#b)?", "X+(?#a)?(?#b)+",
                    "(?:X+(?#a)?)", "X(?#a)+", "X(?#a)(?#b)+"]].

accepts() ->
    [{Pattern, Subject, []}
     || Subject <- ["xacd", "xacde", "abc"],
        Pattern <- ["(?<=a(*ACCEPT)b)c", "(?<=(a(*ACCEPT)b))c", "(?<=a(*ACCEPT)b|ccc)d",
                    "(?<=(?:a(*ACCEPT)b|ccc))d", "(?<=(?:ccc|a(*ACCEPT)b))d",
                    "(?<=(?:a(*ACCEPT)b+|c))d", "(?<=(?:a(*ACCEPT)b+|c)z)d",
                    "(?<=(?:(a(*ACCEPT)b+|c){2}))d", "(?<!a(*ACCEPT)b)c", "(?<=a(*ACCEPT)b+)c",
                    "(?<=(?:a|bc(*ACCEPT))d)c", "(?<=(?:c|a(*ACCEPT)bb|\\d+)d)e",
                    "(?<=(?(?=c)c|a(*ACCEPT)bb)d)e"]].

assertions() ->
    [{Pattern, Subject, Options}
     || Options <- [[], [dotall], [multiline], [caseless]],
        Subject <- ["  X", "X", "a\nbX", "aaX", "  Fred:099", "xX"],
        Pattern <- ["(?=.*X)X$", "(?=.*X)X", "(?=.X)", "(?=.*X)", "(?=.*X)\\wX?", "(?:(?=.*X))X",
                    "(?=.*X)..$", "(?=.*F)(?!.*[\\s])", "(?=(.*X))X$", "(?>.*X)X$", "(?=ab).+",
                    "(?=aX).+", "(?=a)a.+", "(?=X|a)", ".*X(?=$)", "(?:.*X|(?=X)X)", "(?=^)X",
                    "(?=.*[A-Z])(?=.*[a-z])(?=.*[0-9])(?=.*[,;:])(?=.{8,16})(?!.*[\\s])"]].

conditions() ->
    [{Pattern, Subject, []}
     || Subject <- ["a", "b"],
        Pattern <- ["((?=(?(?=(?(?=(?(?=()))))))))", "(?(?=a))", "(?(?=a)b)", "(?(?=(?(?=a)))b)",
                    "(?(?=(?(?=a)c))b)", "(?(?=(?(?=a)c)d)b)", "((?=(?(?=()))))", "(?(?=()))"]].

nested() ->
    [{N, Open} || {Open, Ns} <- [{"(", [1, 798, 799, 819]}, {"(?:", [1330, 1331, 1332, 2000]}, {"a(", [500, 560, 569, 570, 571, 580]}, {"()(", [300, 362, 363, 364, 400]}, {".(?:", [900, 1000]}], N <- Ns].

brackets(N, Open) ->
    case re:compile([lists:duplicate(N, Open), lists:duplicate(N, $))]) of
        {ok, Compiled} -> element(2, Compiled);
        Error -> Error
    end.
