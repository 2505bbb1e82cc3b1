%% Random modules as text: bit syntax, patterns and guards, expressions. Each exports its functions
%% and cases/0, a list of {Function, [ArgumentKind]}: an argument is a kind that `argument/1` of
%% generated_runner knows, or {like, Term}.
-module(generated_programs).
-export([main/1]).

-import(fuzz_random, [below/1, one_of/1]).

-define(FUNCTIONS, 8).

%% Folder, first seed, number of modules: files generated_program_SEED.erl.
main([Folder, First, Count]) ->
    From = list_to_integer(First),
    [write(Folder, Seed) || Seed <- lists:seq(From, From + list_to_integer(Count) - 1)].

write(Folder, Seed) ->
    Name = "generated_program_" ++ integer_to_list(Seed),
    fuzz_random:seed(Seed),
    Functions = [function(Kind, I) || Kind <- [build, match, pattern, expression, float, loop],
                                      I <- lists:seq(1, ?FUNCTIONS)],
    Exports = [io_lib:format(", ~s/~w", [F, length(Kinds)]) || {F, Kinds, _} <- Functions],
    Cases = [io_lib:format("{~s, ~w}", [F, Kinds]) || {F, Kinds, _} <- Functions],
    Text = ["-module(", Name, ").\n-export([cases/0", Exports, "]).\n",
            "cases() -> [", lists:join(",\n    ", Cases), "].\n\n",
            [[Body, ".\n\n"] || {_, _, Body} <- Functions]],
    ok = file:write_file(filename:join(Folder, Name ++ ".erl"), unicode:characters_to_binary(Text)).

function(Kind, I) ->
    Name = lists:concat([Kind, "_", I]),
    put(variables, 0),
    {Kinds, Body} = body(Kind, Name),
    {Name, Kinds, Body}.

variable() ->
    put(variables, get(variables) + 1),
    "V" ++ integer_to_list(get(variables)).

%% ---- building

body(build, Name) ->
    {Segments, Arguments} = lists:unzip([segment() || _ <- lists:seq(1, 1 + below(6))]),
    All = lists:append(Arguments),
    Body = [Name, "(", commas([V || {V, _} <- All]), ") -> <<", commas(Segments), ">>"],
    {[Kind || {_, Kind} <- All], Body};
body(match, Name) ->
    Clauses = [match_clause() || _ <- lists:seq(1, 1 + below(3))],
    Body = [Name, "(Bin, Size) ->\n    case Bin of\n        ", Clauses,
            "Other -> {none, Other}\n    end"],
    {[one_of({binary, bits, utf8}), size], Body};
body(pattern, Name) ->
    Clauses = [pattern_clause(Name) || _ <- lists:seq(1, 1 + below(5))],
    Samples = [Sample || {_, Sample} <- Clauses],
    {X, Y} = lists:nth(1 + below(length(Samples)), Samples),
    Body = [[Text, ";\n"] || {Text, _} <- Clauses],
    {[{like, X}, {like, Y}], [Body, Name, "(A, B) -> {none, A, B}"]};
body(expression, Name) ->
    Body = expression(4, ["A", "B", "L", "T"]),
    {[number, number, list, term], [Name, "(A, B, L, T) ->\n    ", Body]};
body(float, Name) ->
    Body = [Name, "(A, B) when is_float(A), is_float(B) ->\n    X = ", arithmetic(3, ["A", "B"]),
            ",\n    Y = ", arithmetic(3, ["A", "B", "X"]), ",\n    {X, Y, X < Y, A * X + B}"],
    {[float, float], Body};
body(loop, Name) ->
    Body = [Name, "(L, N) -> ", Name, "(L, N, []).\n", Name, "([H | T], N, Acc) when ",
            guard(["H", "N"]), " ->\n    ", Name, "(T, N, [",
            expression(2, ["H", "N"]), " | Acc]);\n",
            Name, "([H | T], N, Acc) ->\n    ", Name, "(T, N, [{H, length(Acc)} | Acc]);\n",
            Name, "(_, _, Acc) -> lists:reverse(Acc)"],
    {[list, number], Body}.

%% {Text, [{Variable, Kind}]}
segment() ->
    V = variable(),
    Endian = one_of({"", "-little", "-big", "-native"}),
    case below(11) of
        0 -> {[V, ":", size_text()], [{V, integer}]};
        1 -> {[V, ":", size_text(), "/integer", Endian], [{V, integer}]};
        2 ->
            S = variable(),
            {[V, ":", S, "/integer", Endian], [{V, integer}, {S, size}]};
        3 -> {[V, ":", one_of({"16", "32", "64", "32", "64"}), "/float", Endian], [{V, number}]};
        4 -> {[V, "/binary"], [{V, binary}]};
        5 -> {[V, "/bits"], [{V, bits}]};
        6 ->
            S = variable(),
            {[V, ":", S, "/binary"], [{V, binary}, {S, size}]};
        7 -> {[V, one_of({"/utf8", "/utf16", "/utf16-little", "/utf32"})], [{V, character}]};
        8 -> {[integer_to_list(below(1000)), ":", size_text()], []};
        9 -> {[V, ":", integer_to_list(below(20)), "/integer-unit:", integer_to_list(1 + below(20)),
               Endian], [{V, integer}]};
        10 -> {"\"text\"", []}
    end.

size_text() ->
    integer_to_list(one_of({0, 1, 3, 4, 7, 8, 12, 16, 24, 31, 32, 33, 48, 60, 64, 65, 128})).

match_clause() ->
    {Segments, Variables} = match_segments(1 + below(5), [], []),
    Guard = case Variables of
                [V | _] -> one_of({"", [" when ", guard([V])], ""});
                [] -> ""
            end,
    ["<<", commas(Segments), ">>", Guard, " -> {", commas(Variables), "};\n        "].

match_segments(0, Segments, Variables) ->
    case below(3) of
        0 -> {lists:reverse(Segments), Variables};
        1 -> {lists:reverse(["_/bits" | Segments]), Variables};
        2 ->
            V = variable(),
            {lists:reverse([[V, one_of({"/binary", "/bits"})] | Segments]), [V | Variables]}
    end;
match_segments(N, Segments, Variables) ->
    V = variable(),
    Sign = one_of({"", "-signed", "-unsigned", "-little", "-signed-little"}),
    Size = one_of({"4", "8", "16", "3", "24", "32", "1", "60", "64", "65", "Size", "(Size * 2)"}),
    {Text, New} =
        case below(9) of
            0 -> {[V, ":", Size, "/integer", Sign], [V]};
            1 -> {[V, ":", Size], [V]};
            2 -> {["_:", Size], []};
            3 -> {[integer_to_list(below(4)), ":", one_of({"2", "4", "8", "1"})], []};
            4 -> {[V, ":", one_of({"16", "32", "64"}), "/float", one_of({"", "-little"})], [V]};
            5 -> {[V, ":", one_of({"1", "2", "3", "Size"}), "/binary"], [V]};
            6 -> {[V, ":", one_of({"1", "5", "9", "Size"}), "/bits"], [V]};
            7 -> {[V, one_of({"/utf8", "/utf16", "/utf32", "/utf16-little"})], [V]};
            8 -> {[V, ":", integer_to_list(1 + below(3)), "/binary-unit:",
                   integer_to_list(1 + below(16))], [V]}
        end,
    match_segments(N - 1, [Text | Segments], New ++ Variables).

%% ---- patterns

pattern_clause(Name) ->
    {P, X, Vs} = pattern(3),
    {Q, Y, Ws} = pattern(2),
    Variables = Vs ++ Ws,
    Guard = case Variables of
                [] -> "";
                _ -> one_of({"", [" when ", guard(Variables)], [" when ", guard(Variables)]})
            end,
    Text = [Name, "(", P, ", ", Q, ")", Guard, " ->\n    {", integer_to_list(below(100)),
            [[", ", V] || V <- Variables], "}"],
    {Text, {X, Y}}.

%% {Text, a term that matches, variables}
pattern(0) ->
    case below(3) of
        0 -> literal();
        1 -> {"_", generated_terms:term(1), []};
        2 ->
            V = variable(),
            {V, generated_terms:term(1), [V]}
    end;
pattern(Depth) ->
    case below(8) of
        0 -> literal();
        1 ->
            {Ps, Terms, Vs} = patterns(below(4), Depth),
            {["{", commas(Ps), "}"], list_to_tuple(Terms), Vs};
        2 ->
            {Ps, Terms, Vs} = patterns(below(4), Depth),
            {["[", commas(Ps), "]"], Terms, Vs};
        3 ->
            {Ps, Terms, Vs} = patterns(1 + below(2), Depth),
            {T, Tail, Ws} = pattern(0),
            {["[", commas(Ps), " | ", T, "]"], Terms ++ Tail, Vs ++ Ws};
        4 ->
            {Ps, Terms, Vs} = patterns(1 + below(3), Depth),
            Keys = lists:sublist(["a", "b", "17"], length(Ps)),
            Values = [a, b, 17],
            Map = maps:from_list(lists:zip(lists:sublist(Values, length(Ps)), Terms)),
            {["#{", commas([[K, " := ", P] || {K, P} <- lists:zip(Keys, Ps)]), "}"], Map, Vs};
        5 ->
            V = variable(),
            {P, Term, Vs} = pattern(Depth - 1),
            {[V, " = ", P], Term, [V | Vs]};
        6 ->
            V = variable(),
            W = variable(),
            Bytes = generated_terms:binary(),
            {["<<", V, ":4, ", W, "/bits>>"], <<1, Bytes/binary>>, [V, W]};
        7 -> pattern(0)
    end.

patterns(Count, Depth) ->
    Rows = [pattern(Depth - 1) || _ <- lists:seq(1, Count)],
    {[P || {P, _, _} <- Rows], [T || {_, T, _} <- Rows], lists:append([V || {_, _, V} <- Rows])}.

literal() ->
    Term = one_of({0, 1, -1, 255, 1 bsl 59, 1 bsl 64, 1.0, 2.5, a, b, c, ok, [], {}, "text",
                   [a | b], {a, 1}, <<"bin">>, undefined, -(1 bsl 60), 77}),
    {io_lib:format("~w", [Term]), Term, []}.

guard(Variables) ->
    lists:join(one_of({", ", "; ", " andalso ", " orelse ", " and "}),
               [test(Variables) || _ <- lists:seq(1, 1 + below(3))]).

test(Variables) ->
    V = any(Variables),
    W = any(Variables),
    Type = one_of({"integer", "float", "atom", "list", "tuple", "map", "binary", "bitstring",
                   "number", "boolean", "function", "pid"}),
    Number = io_lib:format("~w", [one_of({0, 1, 5, 1.0, 1 bsl 60, -3, a, []})]),
    case below(12) of
        0 -> ["(", V, one_of({" < ", " =< ", " > ", " >= ", " == ", " /= "}), Number, ")"];
        1 -> ["(", V, one_of({" =:= ", " =/= ", " == ", " < "}), W, ")"];
        2 -> ["(tuple_size(", V, ") > ", integer_to_list(below(3)), ")"];
        3 -> ["(element(1, ", V, ") =:= ", Number, ")"];
        4 -> ["(hd(", V, ") == ", W, ")"];
        5 -> ["(length(", V, ") < ", integer_to_list(below(4)), ")"];
        6 -> ["(map_size(", V, ") =:= ", integer_to_list(below(4)), ")"];
        7 -> ["(", V, " + ", W, " > ", Number, ")"];
        8 -> ["(", V, " rem 3 =:= ", integer_to_list(below(3)), ")"];
        9 -> ["(byte_size(", V, ") > ", integer_to_list(below(4)), ")"];
        10 -> ["not is_", Type, "(", V, ")"];
        11 -> ["is_", Type, "(", V, ")"]
    end.

any(List) -> lists:nth(1 + below(length(List)), List).

%% ---- expressions

arithmetic(0, Variables) ->
    case below(3) of
        0 -> io_lib:format("~w", [one_of({1, 2, 3, 0.5, 10.0, 1.0e10, 7})]);
        _ -> any(Variables)
    end;
arithmetic(Depth, Variables) ->
    ["(", arithmetic(below(Depth), Variables), one_of({" + ", " - ", " * ", " / "}),
     arithmetic(below(Depth), Variables), ")"].

expression(0, Variables) ->
    case below(3) of
        0 ->
            Term = one_of({0, 1, -1, 2, 17, 1 bsl 40, 1 bsl 59, 1 bsl 62, 2.5, a, [], {}}),
            io_lib:format("~w", [Term]);
        _ -> any(Variables)
    end;
expression(Depth, Variables) ->
    E = fun() -> expression(below(Depth), Variables) end,
    case below(16) of
        0 -> ["(", E(), one_of({" + ", " - ", " * "}), E(), ")"];
        1 -> ["(", E(), one_of({" div ", " rem ", " / "}), E(), ")"];
        2 -> ["(", E(), one_of({" band ", " bor ", " bxor "}), E(), ")"];
        3 -> ["(", E(), one_of({" bsl ", " bsr "}), integer_to_list(below(70)), ")"];
        4 -> ["(", E(), one_of({" < ", " =< ", " == ", " =:= ", " /= ", " >= "}), E(), ")"];
        5 -> ["{", E(), ", ", E(), "}"];
        6 -> ["[", E(), ", ", E(), " | ", E(), "]"];
        7 ->
            V = variable(),
            ["case ", E(), " of ", V, " when ", guard([V]), " -> ",
             expression(Depth - 1, [V | Variables]), "; _ -> ", E(), " end"];
        8 ->
            C = variable(),
            R = variable(),
            ["try ", E(), " catch ", C, ":", R, " -> {", C, ", ", R, "} end"];
        9 -> ["(catch element(", E(), ", {", E(), ", ", E(), "}))"];
        10 ->
            V = variable(),
            ["[", expression(Depth - 1, [V | Variables]), " || ", V, " <- ", E(), ", ", test([V]), "]"];
        11 ->
            V = variable(),
            ["(fun(", V, ") -> ", expression(Depth - 1, [V | Variables]), " end)(", E(), ")"];
        12 -> ["(", E(), one_of({" andalso ", " orelse "}), E(), ")"];
        13 -> ["if ", guard(Variables), " -> ", E(), "; true -> ", E(), " end"];
        14 -> ["#{", E(), " => ", E(), ", key => ", E(), "}"];
        15 ->
            Names = {"abs", "-", "bnot ", "length", "hd", "tuple_size", "not ", "float", "round"},
            [one_of(Names), "(", E(), ")"]
    end.

commas(Texts) -> lists:join(", ", Texts).
