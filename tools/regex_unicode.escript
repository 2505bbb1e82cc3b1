#!/usr/bin/env escript
%% Asks the `re` of the installed OTP what its Unicode tables say, and writes them as
%% tables/regex_unicode.ts: general category and script of every character, other cases, grapheme
%% break properties, and the tables of Latin-1. So our regular expressions classify characters as
%% OTP's do, whose tables are older than those of module unicode_util.
%%
%%   escript tools/regex_unicode.escript > tables/regex_unicode.ts

-mode(compile).

main(_) ->
    io:setopts([{encoding, unicode}]),
    io:put_chars(head()),
    All = [C || C <- lists:seq(0, 16#10ffff), C < 16#d800 orelse C > 16#dfff],
    Subject = unicode:characters_to_binary(All),
    Categories = [{I, Runs} || {I, Name} <- numbered(categories()),
                              Runs <- [runs(Subject, "\\p{" ++ Name ++ "}+")]],
    Scripts = [{I, runs(Subject, "\\p{" ++ Name ++ "}+")} || {I, Name} <- numbered(scripts())],
    ByCategory = [{16#d800, 16#dfff, 4} | flat(Categories)],
    ByScript = fill([{16#d800, 16#dfff, 0} | flat(Scripts)]),
    names("regexCategories", categories()),
    names("regexScripts", scripts()),
    rows("regexCharacters", "First character of a run, its category, its script.",
         merge(lists:sort(ByCategory), lists:sort(ByScript))),
    rows("regexOtherCase", "A character and its other case; those of regexCaseSets have none here.",
         other_cases()),
    lists_of("regexCaseSets", "Characters that are all cases of each other.", case_sets()),
    rows("regexGraphemes",
         "First character of a run and its grapheme break property: " ++
         "0 other, 1 CR, 2 LF, 3 control, 4 extend, 5 prepend, 6 L, 7 V, 8 T, 9 LV or LVT, " ++
         "11 regional indicator.",
         graphemes(All)),
    rows("regexLatin1",
         "By byte: the other case, then bits: 1 \\d, 2 \\s, 4 \\w, 8 [:lower:], 16 [:upper:], " ++
         "32 [:alpha:], 64 [:punct:], 128 [:graph:], 256 [:print:], 512 [:cntrl:], " ++
         "1024 [:xdigit:], 2048 [:space:].",
         [{latin_other(B), latin_bits(B)} || B <- lists:seq(0, 255)]).

head() ->
    ["/**\n * What the regular expressions of OTP 25 (PCRE 8.44) know of characters. Made by\n"
     " * tools/regex_unicode.escript, which asks the installed `re`; do not edit.\n */\n"].

numbered(Names) -> lists:zip(lists:seq(0, length(Names) - 1), Names).

categories() ->
    ["Cc", "Cf", "Cn", "Co", "Cs", "Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Me", "Mn", "Nd", "Nl", "No",
     "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So", "Zl", "Zp", "Zs"].

scripts() ->
    [Name || Name <- ["Common" | known_scripts()],
             element(1, re:compile("\\p{" ++ Name ++ "}", [unicode])) =:= ok].

known_scripts() ->
    string:lexemes(
      "Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bopomofo Brahmi Braille "
      "Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Coptic "
      "Cuneiform Cypriot Cyrillic Deseret Devanagari Duployan Egyptian_Hieroglyphs Elbasan Ethiopic "
      "Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Han Hangul Hanunoo Hebrew "
      "Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese "
      "Kaithi Kannada Katakana Kayah_Li Kharoshthi Khmer Khojki Khudawadi Lao Latin Lepcha Limbu "
      "Linear_A Linear_B Lisu Lycian Lydian Mahajani Malayalam Mandaic Manichaean Meetei_Mayek "
      "Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Myanmar Nabataean "
      "New_Tai_Lue Nko Ogham Ol_Chiki Old_Italic Old_North_Arabian Old_Permic Old_Persian "
      "Old_South_Arabian Old_Turkic Oriya Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa "
      "Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sinhala "
      "Sora_Sompeng Sundanese Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri "
      "Tamil Telugu Thaana Thai Tibetan Tifinagh Tirhuta Ugaritic Unknown Vai Warang_Citi Yi", " ").

%% Runs {First, Last} of characters that the pattern matches.
runs(Subject, Pattern) ->
    case re:run(Subject, Pattern, [unicode, global, {capture, first, index}]) of
        nomatch -> [];
        {match, Found} -> [run(Subject, At, Length) || [{At, Length}] <- Found]
    end.

run(Subject, At, Length) ->
    <<_:At/binary, First/utf8, _/binary>> = Subject,
    {First, last_character(binary_part(Subject, At, Length), Length - 1)}.

last_character(Bytes, From) ->
    case binary:at(Bytes, From) band 16#c0 of
        16#80 -> last_character(Bytes, From - 1);
        _ -> <<_:From/binary, C/utf8>> = Bytes, C
    end.

%% Runs do not stop at the surrogates, which no subject holds.
flat(Rows) ->
    [{First, Last, I} || {I, Runs} <- Rows, Run <- Runs, {First, Last} <- split(Run)].

split({First, Last}) when First < 16#d800, Last > 16#dfff -> [{First, 16#d7ff}, {16#e000, Last}];
split(Run) -> [Run].

%% Characters of no script count as Common.
fill(Rows) -> Rows.

merge(Categories, Scripts) -> merge(Categories, Scripts, []).

merge([], _, Acc) -> joined(lists:reverse(Acc), []);
merge([{First, Last, Category} | Rest], Scripts, Acc) ->
    case [{F, L, S} || {F, L, S} <- Scripts, F =< First, First =< L] of
        [{_, L, Script} | _] when L < Last ->
            merge([{L + 1, Last, Category} | Rest], Scripts, [{First, Category, Script} | Acc]);
        [{_, _, Script} | _] ->
            merge(Rest, Scripts, [{First, Category, Script} | Acc])
    end.

joined([{_, C, S} = Row | Rest], [{_, C, S} | _] = Acc) when Row =/= [] -> joined(Rest, Acc);
joined([Row | Rest], Acc) -> joined(Rest, [Row | Acc]);
joined([], Acc) -> lists:reverse(Acc).

%% Characters that may have another case, by the newer tables of string.
cased() ->
    [C || C <- lists:seq(0, 16#1ffff), C < 16#d800 orelse C > 16#dfff,
          S <- [[C]],
          string:lowercase(S) =/= S orelse string:uppercase(S) =/= S orelse
              string:casefold(S) =/= S orelse string:titlecase(S) =/= S].

classes() ->
    Cased = cased(),
    Subject = unicode:characters_to_binary(Cased),
    lists:usort([lists:sort(same(C, Subject)) || C <- Cased]).

same(C, Subject) ->
    Pattern = unicode:characters_to_binary([$\\, "x{", integer_to_list(C, 16), "}"]),
    case re:run(Subject, Pattern, [unicode, caseless, global, {capture, first, binary}]) of
        {match, Found} -> [X || [B] <- Found, X <- unicode:characters_to_list(B)];
        nomatch -> [C]
    end.

other_cases() ->
    lists:sort([Row || [A, B] <- classes(), Row <- [{A, B}, {B, A}]]).

case_sets() -> [Set || Set <- classes(), length(Set) > 2].

graphemes(All) ->
    grapheme_runs([{C, grapheme(C)} || C <- All], none, []).

grapheme_runs([{C, P} | Rest], Before, Acc) when P =/= Before ->
    grapheme_runs(Rest, P, [{C, P} | Acc]);
grapheme_runs([_ | Rest], Before, Acc) -> grapheme_runs(Rest, Before, Acc);
grapheme_runs([], _, Acc) -> lists:reverse(Acc).

grapheme($\r) -> 1;
grapheme($\n) -> 2;
%% Hangul syllables: LV every 28 characters, else LVT.
grapheme(C) when C >= 16#ac00, C =< 16#d7a3 -> 9;
grapheme(C) ->
    Together = {one([C, 16#300]), one([$a, C]), one([C, $a])},
    case Together of
        {false, _, _} -> case one([16#1f1e6, C]) of true -> 11; false -> 3 end;
        {_, true, _} -> 4;
        {_, _, true} -> 5;
        _ -> hangul(C)
    end.

%% Jamo: L joins L, V, LV and LVT; V and LV join V and T; T and LVT join T.
hangul(C) ->
    case {one([C, 16#ac00]), one([C, 16#1161]), one([C, 16#11a8]),
          one([16#1100, C]), one([16#1161, C]), one([16#11a8, C])} of
        {true, _, _, _, _, _} -> 6;
        {_, true, _, true, true, _} -> 7;
        {_, true, _, true, false, _} -> 9;
        {_, false, true, true, _, false} -> 10;
        {_, false, true, false, true, true} -> 8;
        _ -> 0
    end.

one(Characters) ->
    re:run(unicode:characters_to_binary(Characters), get_x(), [{capture, none}]) =:= match.

get_x() ->
    case get(x) of
        undefined ->
            {ok, X} = re:compile("\\A\\X\\z", [unicode]),
            put(x, X),
            X;
        X -> X
    end.

latin_other(B) ->
    Pattern = io_lib:format("[^\\x{~.16b}]", [B]),
    case [C || C <- lists:seq(0, 255), C =/= B,
               re:run(<<C>>, Pattern, [caseless, {capture, none}]) =:= nomatch] of
        [C] -> C;
        [] -> B
    end.

latin_bits(B) ->
    Tests = ["\\d", "\\s", "\\w", "[[:lower:]]", "[[:upper:]]", "[[:alpha:]]", "[[:punct:]]",
             "[[:graph:]]", "[[:print:]]", "[[:cntrl:]]", "[[:xdigit:]]", "[[:space:]]"],
    lists:sum([1 bsl I || {I, Test} <- numbered(Tests),
                         re:run(<<B>>, Test, [{capture, none}]) =:= match]).

names(Name, Names) ->
    io:format("export const ~s: readonly string[] = [~n", [Name]),
    [io:format("  '~s',~n", [N]) || N <- Names],
    io:format("];~n").

rows(Name, Comment, Rows) ->
    io:format("/** ~s */~nexport const ~s: readonly number[] = [~n", [Comment, Name]),
    [io:format("  ~s,~n", [lists:join(", ", [integer_to_list(X) || X <- tuple_to_list(Row)])])
     || Row <- Rows],
    io:format("];~n").

lists_of(Name, Comment, Lists) ->
    io:format("/** ~s */~nexport const ~s: readonly (readonly number[])[] = [~n", [Comment, Name]),
    [io:format("  [~s],~n", [lists:join(", ", [integer_to_list(X) || X <- L])]) || L <- Lists],
    io:format("];~n").
