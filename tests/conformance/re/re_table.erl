% Every construct of a pattern on every subject under every set of options: a line a pattern and
% set of options, with a hash of what is found once and of all that is found (option global).
-module(re_table).
-export([run/0]).

run() ->
    Patterns = lists:zip(lists:seq(1, length(patterns())), patterns()),
    [show(I, P, O) || {I, P} <- Patterns, O <- options()],
    ok.

show(I, P, O) ->
    case re:compile(P, O) of
        {ok, RE} ->
            Once = [re:run(S, RE) || S <- subjects()],
            All = [re:run(S, RE, [global]) || S <- subjects()],
            erlang:display({I, O, erlang:phash2(Once), erlang:phash2(All)});
        Error ->
            erlang:display({I, O, Error})
    end.

options() ->
    [[], [caseless], [multiline, dotall], [unicode, ucp], [ungreedy, extended], [unicode, caseless],
     [{newline, anycrlf}, firstline], [anchored, dollar_endonly]].

subjects() -> ["", "a", "abc", "aaa", "aaab", "abcabc", "ABCabc", "foobar", "foo bar baz",
     "123-456", "a1b2c3", "ab\ncd\n", "\r\n\n\r", "xayabz", "aabbaabb", "((a)(b))", "abababab",
     "The quick brown fox", "\t x\f\v", "<b>bold</b><i>it</i>", <<"ÄöÜß €"/utf8>>, <<"e", 204,
     129, "x">>, "aaaaaaaaaaaaaaaaaaaac"].

patterns() -> ["a", "abc", ".", ".*", ".+", "a*", "a+", "a?", "a*?", "a+?", "a??", "a*+", "a++",
     "a?+", "a{2}", "a{2,}", "a{2,3}", "a{0,2}?", "a{1,2}+", "(a)", "(a)*", "(a)+", "(a|b)*",
     "(a|ab)(c|bcd)?", "(ab|a)(bc)?", "((a)(b)?)*", "(?:a|b)+", "^a", "a$", "^", "$", "^$",
     "\\Aa", "a\\z", "a\\Z", "\\bfoo\\b", "\\Bo", "\\d+", "\\D+", "\\w+", "\\W+", "\\s+", "\\S+",
     "\\h", "\\v", "\\H+", "\\V+", "\\R", "\\R+", "\\X", "\\X+", "\\N+", "\\C", "\\C+b", "[abc]+",
     "[^abc]+", "[a-c]+x?", "[[:alpha:]]+", "[[:^alpha:]]+", "[[:space:]]", "[[:punct:]]+",
     "[\\d\\s]+", "[^\\d\\s]+", "[\\w-]+", "[]a]", "[^]a]+", "[a\\]]", "\\x61", "\\x{61}",
     "\\141", "\\Qa+b\\E", "a\\Q+\\Eb", "(a)\\1", "(a)(b)\\2\\1", "(a|b)\\1", "(?<n>a)\\k<n>",
     "(?P<n>a)(?P=n)", "(?'n'a)\\k{n}\\g{n}", "\\g1(a)", "(a)\\g{-1}", "(?i)abc", "(?i:a)bc",
     "a(?i)b(?-i)c", "(?s).+", "(?m)^.", "(?x) a b # c\n c", "(?=a)", "a(?=b)", "a(?!b)",
     "(?<=a)b", "(?<!a)b", "(?<=ab|x)c?", "(?<=\\d{2}).", "(?>a+)b", "(?>a|ab)c", "(?>a*)a",
     "(a(?=b))?b", "(?:(?=(a+)))a*b\\1", "(?(?=a)ab|c)", "(?(?!a)b|a)", "(a)?(?(1)b|c)",
     "(?<x>a)?(?(<x>)b|c)", "(?|(a)|(b))\\1", "(?|(a)(b)|(c))(d)?", "(a(?1)?b)",
     "\\((?:[^()]++|(?R))*\\)", "(\\((?:[^()]|(?1))*\\))", "(?<p>a|b(?&p))",
     "(?(DEFINE)(?<d>\\d))(?&d)+", "^(.)(.)?(?:(?2)\\1|.)$", "^((.)(?1)\\2|.?)$", "a\\Kb",
     "(a\\K)b", "\\Ga", "a|b|c", "|a", "a|", "(|a)+", "(a|)+", "(a*)*", "(a*)+", "(a+)*b",
     "(?:a?)*?b", "(?:a?)+?$", "()", "()*", "(()|a)*", "(a?)*?c", "((a)|b)*", "(?:(a)|b)*",
     "(a)|b", "(?:(a)|(b))+", "(a(b)?)+", "(?:(x)?a)+", "a(*FAIL)|b", "a(*ACCEPT)b",
     "(a(*ACCEPT)b)c", "a+(*COMMIT)b", "a+(*PRUNE)b", "a+(*SKIP)b", "aa(*SKIP)b|a",
     "a(*THEN)b|ac?", "(?:a(*THEN)x|ab)", "(a(*THEN)b|(*FAIL)|a)", "(*MARK:x)a(*SKIP:x)b|a",
     "a(*MARK:m)a(*SKIP:m)c|a", "(?=a(*COMMIT)b)a|a", "(?!a(*COMMIT)x)a", "(?:a(*PRUNE)b)?c|a",
     "(?:(?>a(*COMMIT))b|a)", "(*COMMIT)b", "(*NO_START_OPT)(*COMMIT)b", "a(?C1)b", "(?#c)a",
     "[a-z]+?\\d", "([a-z]+)(\\d)", "<(\\w+)>.*?</\\1>", "(?<a>.)(?<b>.)", "(\\w)(\\w)*",
     "(?:(\\w)(\\w))*", "(foo|foobar)$", "(?=.*b)a", "(?<![a-z])\\w", "[^\\W\\d_]+", "\\p{L}+",
     "\\P{L}+", "\\p{Lu}", "\\p{Ll}+", "\\p{^Lu}", "[\\p{Lu}\\d]+", "[^\\p{L}]+", "\\p{Latin}+",
     "\\p{Xan}+", "\\p{Xwd}+\\p{Xsp}?", "\\x{e4}", "[ä-ü]+", "(?i)ß|ÄÖ", "\\bx", "x\\b", "(?U)a+",
     "(?U)a+?", "(?J)(?<n>a)|(?<n>b)", "(a){0}b", "(a){0}(?1)", "(?:a){0,0}b", "(?:ab){2}",
     "(ab){1,3}?c", "(ab){2,}", "(a|b|c){2,4}", "(?:(?:a|b){2})+", "a.c", "a\\.c", "a[.]c",
     "\\e|\\a|\\f|\\n|\\r|\\t", "\\cI", "\\0", "\\07", "[\\b]", "(?s-m:.)", "((?i)a)b",
     "(a)?b\\1", "(?:(a)|b)\\1", "^(?:(a)|b)*\\1$", "(?<=(a))b", "(?<=a\\Kb)c", "[[:<:]]\\w",
     "\\w[[:>:]]", "(?=(\\w+))\\1:?", "(.)\\1+", "(.)(?=.*\\1)", "(\\d+)-(\\d+)", "^.{3}$",
     ".{2,4}?b", "(?:.)(?<!a)", "\\S*\\s\\S*", "(?:\\r\\n|\\n)", "(?m)$", "(?m)^", "x*", "\\z",
     "\\Z", "b*?$", "(?<!^)a", "(?<=^)a", "(?<=\\b)a", "(?:a|(?:b|c)(?=d))+", "([^,]*)(,|$)",
     "(?i)[^a]", "(?i)[a-b]+", "(?i)(a)\\1", "(?i)\\x{df}", "[^a]b", "a{3}|a{2}|a", "(a{2}){2}",
     "(?:a{1,2}){2}", "(?R)?a", "a(?R)?b", "(?1)(a|b)", "(?+1)(a)", "(a)(?-1)"].
