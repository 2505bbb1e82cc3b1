%% string, unicode and lists of characters.
-module(strings).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C(string:length("abc")), ?C(string:length("e\x{301}")), ?C(string:length(<<"ä€😀"/utf8>>)),
     ?C(string:length("👩‍👩‍👧")), ?C(string:length("\r\n\n")), ?C(string:to_graphemes("ae\x{301}🇩🇪x")),
     ?C(string:is_empty("")), ?C(string:equal("ä", "a\x{308}", false, nfc)), ?C(string:equal("STRASSE", "straße", true)),
     ?C(string:uppercase("straße äöü ǆ")), ?C(string:lowercase("ÄÖÜ ΑΣ")), ?C(string:titlecase("ǆ hello")), ?C(string:casefold("Straße")),
     ?C(string:uppercase(<<"abc ä"/utf8>>)), ?C(string:reverse("ae\x{301}b")), ?C(string:slice("hello", 1, 3)), ?C(string:slice(<<"hällo"/utf8>>, 1, 3)),
     ?C(string:pad("ab", 5)), ?C(string:pad("ab", 5, leading, $.)), ?C(lists:flatten(string:pad("ab", 6, both, $*))),
     ?C(string:trim("  x y\t\n")), ?C(string:trim("xxaxx", both, "x")), ?C(string:trim("xxaxx", leading, "x")), ?C(string:chomp("line\r\n")),
     ?C(string:take("abc123", "abc")), ?C(string:take("abc123", "123", true)), ?C(string:take("123abc", "abc", false, trailing)),
     ?C(string:split("a,b,c", ",")), ?C(string:split("a,b,c", ",", all)), ?C(string:split("a,b,c", ",", trailing)), ?C(string:split(<<"a--b">>, "--")),
     ?C(string:replace("aXbX", "X", "-", all)), ?C(string:lexemes("a b,,c", " ,")), ?C(string:nth_lexeme("a b c", 2, " ")),
     ?C(string:find("hello world", "wor")), ?C(string:find("abcabc", "b", trailing)), ?C(string:find("abc", "x")), ?C(string:prefix("prefix-x", "prefix-")),
     ?C(string:next_codepoint("äb")), ?C(string:next_grapheme("e\x{301}b")), ?C(string:to_number("12")),
     ?C(string:join(["a", "b"], ", ")), ?C(string:tokens("a b c", " ")), ?C(string:str("hello", "ll")), ?C(string:rchr("abcb", $b)),
     ?C(string:centre("ab", 6)), ?C(string:left("ab", 4)), ?C(string:right("ab", 4)), ?C(string:copies("ab", 3)), ?C(string:substr("hello", 2, 3)),
     ?C(string:strip("  x ")), ?C(string:to_upper("abc")), ?C(string:words("a b c")), ?C(string:sub_word("a b c", 2)), ?C(string:concat("a", "b")),
     ?C(string:jaro_similarity("abc", "abd")), ?C(string:cspan("abc;d", ";")), ?C(string:span("aab", "a")),
     ?C(unicode:characters_to_binary("äö€😀")), ?C(unicode:characters_to_list(<<"äö€😀"/utf8>>)), ?C(unicode:characters_to_binary("ä", unicode, latin1)),
     ?C(unicode:characters_to_binary("€", unicode, latin1)), ?C(unicode:characters_to_list(<<255, 254>>)), ?C(unicode:characters_to_list(<<"a", 195>>)),
     ?C(unicode:characters_to_binary("aä", utf8, utf16)), ?C(unicode:characters_to_binary("aä", utf8, {utf32, little})),
     ?C(unicode:characters_to_list(<<0, 97, 0, 228>>, {utf16, big})), ?C(unicode:characters_to_nfc_list("a\x{308}e\x{301}")),
     ?C(unicode:characters_to_nfd_list("äé")), ?C(unicode:characters_to_nfkc_list("ﬁ①")), ?C(unicode:characters_to_nfkd_binary("ﬁÅ")),
     ?C(unicode:bom_to_encoding(<<239, 187, 191, 97>>)), ?C(unicode:encoding_to_bom(utf8)), ?C(unicode_util:gc("e\x{301}x")), ?C(unicode_util:cp(<<"ä"/utf8>>)),
     ?C(unicode_util:is_whitespace($ )), ?C(unicode_util:uppercase("ß")), ?C(unicode_util:nfc("e\x{301}")), ?C([unicode_util:lookup(C) || C <- [$a, 228, 8364]]),
     ?C(lists:sort(["b", "a", "ab", ""])), ?C(lists:flatten(["a", [$b, ["c"]]])), ?C(lists:concat([a, 1, "s", 1.5])), ?C(lists:prefix("ab", "abc")),
     ?C(lists:suffix("bc", "abc")), ?C(lists:splitwith(fun(C) -> C =/= $, end, "ab,cd")), ?C(lists:nthtail(2, "abc")), ?C(lists:subtract("abcabc", "ca"))].
