% Patterns that are wrong, and some that are only strange: the error with its place, or how many
% groups there are.
-module(re_errors).
-export([run/0]).

run() ->
    [erlang:display({hash(P), O, compile(P, O)}) || P <- patterns(), O <- [[], [unicode], [extended]]],
    ok.

% Only ASCII is printed in the same way everywhere.
hash(P) ->
    case lists:all(fun(C) -> C < 127 end, P) andalso length(P) < 60 of
        true -> P;
        false -> erlang:phash2(P)
    end.

compile(P, O) ->
    case re:compile(P, O) of
        {ok, {re_pattern, Groups, Unicode, UseCrlf, _}} -> {ok, Groups, Unicode, UseCrlf};
        Error -> Error
    end.

patterns() ->
    ["\\", "a\\", "\\c", [92, 99, 233], "a{2,1}", "a{65536}", "a{1,65536}", "[abc", "[", "[]",
     "[b-a]", "*a", "a**", "a|*", "(*a)", "(?z)", "(?", "(?i", "(?-", "(?P", "(?Px)", "(?P<",
     "(?P<a", "(?P<a>", "(?<", "(?<a", "(?<1a>x)", "(?<a>x)(?<a>y)", "(?'a", "(?'a'x)",
     "[:alpha:]", "[[:foo:]]", "[[.a.]]", "[[=a=]]", "(", "(a", "a)", "(a))", "\\1", "\\9",
     "\\10", "(a)\\2", "(?1)", "(?R", "(?1", "(?-1)", "(?+1)", "(?+", "(?+0)", "(?-0)", "(?&a)",
     "(?&", "(?&a", "(?P>a)", "(?P=a)", "(?P=a", "\\k", "\\k{a}", "\\k<a", "\\k<>", "\\k{}",
     "\\g", "\\g{", "\\g{a}", "\\g{1}", "\\g{-1}", "\\g0", "\\g{0}", "\\g<1>", "\\g<a", "\\g'a'",
     "\\g<", "\\g<+1>", "\\gz", "(?#", "(?#a", "(?(", "(?(1", "(?(1)", "(?(1)a|b|c)", "(?(a)b)",
     "(?(0)b)", "(?(<a>)b)", "(?(<a)b)", "(?(R)b)", "(?(R1)b)", "(?(R&a)b)", "(?(DEFINE)a|b)",
     "(?(?=a)b)", "(?(?=a)b|c|d)", "(?(?a)b)", "(?(+1)b)", "(?(-1)b)", "(?<=a+)b", "(?<=a|bc)d",
     "(?<=(a|bc))d", "(?<!a*)", "(?<=\\C)", "(?<=\\X)a", "(?<=\\R)a", "(?<=(?1))(a)",
     "(?<=(?1))(a+)", "(?C", "(?C256)", "(?Ca)", "(?C1)a", "(?C1)*", "(?R)", "(?R)a", "((?1))",
     "((?1)a)", "(a|(?1))", "\\L", "\\l", "\\U", "\\u", "\\N{a}", "\\N{2}", "\\p", "\\p{",
     "\\p{Foo}", "\\pQ", "\\p{^Lu", "\\P{^Lu}", "\\p{L&}", "\\x{100}", "\\x{zz}", "\\x{}", "\\x{",
     "\\x", "\\xg", "\\o", "\\o{", "\\o{8}", "\\o{777}", "\\o{}", "\\o{12", "\\400", "\\777",
     "[\\N]", "[\\R]", "[\\X]", "[\\B]", "[\\z]", "[a-\\d]", "[\\d-z]", "[[:digit:]-z]",
     "[a-[:digit:]]", "[\\w-a]", "[a-\\w]", "(*ACCEPT:a)", "(*FAIL:a)", "(*COMMIT:a)", "(*MARK)",
     "(*:)", "(*MARK:)", "(*MARK:a)", "(*PRUNE:a)", "(*THEN", "(*FOO)", "(*F)", "(*SKIP)a",
     "(*UTF8)a", "(*UTF)a", "(*UCP)a", "(*CR)a", "(*ANYCRLF)a", "(*BSR_UNICODE)a",
     "(*LIMIT_MATCH=10)a", "(*LIMIT_RECURSION=10)a", "(*NO_START_OPT)a", "(*NO_AUTO_POSSESS)a",
     "(*CR", "\\Q", "\\Qa", "\\E", "[\\Qa", "[\\Qa]\\E]", "a\\Q\\E+", "^*", "$+", "\\b+", "\\A*",
     "(?i)*", "(?=a)*", "(?!)*", "(?=a){2,3}b", "(?<=a)+b", "\\K+", "\\G+", "(?:)*", "()*",
     "(?|(a)|(b))(c)", "(?|(?<a>a)|(?<b>b))", "(?|(?<a>a)|(?<a>b))", "(?<a>x)|(?<b>y)",
     "(?<abcdefghijklmnopqrstuvwxyzabcdefg>a)", "(?<abcdefghijklmnopqrstuvwxyzabcdef>a)",
     "(?<n>a)(?J)(?<n>b)", "(?J)(?<n>a)(?<n>b)", "[[:<:]]a", "[[:>:]]", "a[[:<:]]", "[a[:<:]]",
     "(?:(?:", lists:duplicate(251, $(), lists:duplicate(250, $(), lists:duplicate(250,
     $()++lists:duplicate(250, $)), lists:duplicate(251, $()++lists:duplicate(251, $)),
     "((((a{1000}){1000}){1000}))", "(a{1000}){1000}", "(abcdefghij){5000}", "(abcdefghij){9000}",
     "\\99999999999", "\\g{99999999999}", "(?99999999999)", "(?(99999999999)a)", "a{99999999999}",
     "x{,5}", "x{5", "x{}", "(?^)", "(?xx)", "(?X)\\y", "(?X)[\\y]", "\\y", "(?i-s:a)", "(?i-s",
     "(?:", "(?>", "(?|", "(?=", "(?!", "(?<=", "(?<!", "(?(?", "(?('a')b)", "(?('a'b)",
     "(?P<a>x)(?P=a)\\k<a>(?P>a)(?&a)", "(?P<a-b>)", "(?<a-b>)", "(?'a-b')", "(?<>)", "(?'')",
     "(?P<>)", [40, 63, 80, 60, 233, 62, 41], "(?<a>)(?(a)b)", "(?(R)a|(?R)b)", "[a", "[^", "[^]",
     "[]a]", "[^]a]", "[a-]", "[-a]", "[a\\]", "[\\", "[\\E]", "[a-\\E]", "[a-\\Ec]", "(?#)a",
     "(?#)*", "a(?#)*", "a (?#c) *", "(?x) a # c\n *", "(?x)a #", "\\c\n", "\\c{",
     "(a)(?(1)b|c)(?(2)d)", "(?(-1)a)", "(a)(?(-1)b)", "(?(+2)a)(b)",
     "(*MARK:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)",
     "(\\1+(?1))", "(\\1{2}(?1))", "(\\1(?1))", "(\\1{1,2}(?1))", "(\\1*(?1))", "(\\1?(?1))",
     "(\\1{0,2}(?1))", "(?=a|(?R))b", "(?=a|(?R)){0}b", "(?=a|(?R){2})b", "(?=a|(?R)+)b",
     "((?1){2})", "((?1)?)", "((?1){2}a)", "(?R){2}a", "(?R)+", "(?R)*", "a?(?R)", "(a?(?1))",
     "((?:a|(?1)){2})", "((?:a|(?1))*)", "((?:a|(?1)){0})", "(?:(?R)){2}", "(x*(?1)b)",
     "(\\R?(?1))", "(\\X?(?1))", "(\\p{L}?(?1))", "([a]?(?1))", "([a]{0,2}(?1))", "(a{0}(?1))",
     "((?=a)(?1))", "((?(?=a)b)(?1))", "((?(?=a)b|c)(?1))", "((a|)(?1))", "((a|b)?(?1))",
     "((a){0,2}(?1))", "((*F)(?1))", "(\\b(?1))", "((?>a?)(?1))", "((b)(?2)(?1))",
     "((b?)(?2)(?1))", "((?2)(?1))(b)", "(\\Ka?^$(?1))", "x{2}{3}", "a+ +", "(?x)a+ +",
     "(?x)a+ ?b", "\\g<12>", "\\g<1a>", "(?:a{2}){3}", lists:duplicate(300,
     $()++lists:duplicate(300, $)), "(?<=a{0}b)c", "(?<=(a){0}b)c", "(?<=a?)", "(?<=(?:ab){2})c",
     "(?<=(?(?=x)a|b))c", "(?<=(?(?=x)a))c", "(?<=\\1)(a)", "(?<=a(*ACCEPT))b",
     "(?<=[ab]{2}\\d)x", "(?<=\\p{L})x", "(?<=(?=ab)c)d", "(?<=a|)b"].
