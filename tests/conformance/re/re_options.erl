% Options of re:run, what it returns, the functions that OTP writes in Erlang, and wrong arguments.
-module(re_options).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [{"run with " ++ lists:flatten(io_lib:format("~0p of ~0p", [O, P])),
      fun() -> re:run("abc\nabd\r\nxyz\n", P, O) end} || O <- options(), P <- patterns()] ++
    functions() ++ names() ++ limits() ++ unicode() ++ compiled() ++ wrong() ++ long().

options() ->
    [[global], [{capture,all,list}], [{capture,all,binary}], [{capture,first}], [{capture,none}],
     [{capture,all_but_first,list}], [{capture, [0,2,1,9],list}], [{capture,
     ["n",n,<<"n">>,m],binary}], [{capture,all_names,list}], [global,{capture,all_names,binary}],
     [{offset,1}], [{offset,4},global], [notbol], [noteol], [notempty], [notempty_atstart],
     [notempty,global], [multiline,global], [multiline,notbol,noteol,global],
     [{newline,any},multiline,global], [{newline,crlf},multiline,global],
     [{newline,cr},multiline,global], [dollar_endonly], [unicode,{capture,all,list},global],
     [foo], [{capture,a}], [{capture, [a|b]}], [{capture, [-1]}], [report_errors],
     [{match_limit,-1}]].

patterns() ->
    ["^ab.$", "a.*", "\\w+$", "(?<n>b)(c|d)", "(x)|(y)|(z)", "", "$", "\\d*"].

functions() ->
    [?C(re:replace("abcabc", "b", "[&]")), ?C(re:replace("abcabc", "b", "[&]", [global])),
     ?C(re:replace("abcabc", "(b)(c)", "\\2\\g{1}\\g1", [global, {return, list}])),
     ?C(re:replace("abc", "x", "y", [{return, binary}])), ?C(re:replace(<<"a.b">>, "\\.", "", [{return, binary}])),
     ?C(re:replace("aaa", "", "-", [global, {return, list}])),
     ?C(re:replace("äöü", "ö", "ö&", [unicode, {return, list}])),
     ?C(re:split("a,b,,c", ",")), ?C(re:split("a,b,,c", ",", [{return, list}])),
     ?C(re:split("a,b,,c,,", ",", [trim, {return, list}])), ?C(re:split("a1b2c", "(\\d)", [{return, list}])),
     ?C(re:split("a1b2c", "(\\d)", [group, {return, list}])), ?C(re:split("a,b,c", ",", [{parts, 2}])),
     ?C(re:split("abc", "", [{return, list}])), ?C(re:split("äxöx", "x", [unicode, {return, list}])),
     ?C(re:run(["ab", <<"c">>, [$d | <<"e">>]], "cd")), ?C(re:run(<<"abc">>, ["b", <<"c">>])),
     ?C(re:run(<<1:1, "abc", 0:7>>, "b")),
     ?C(begin <<_:3, B:5/binary, _/bits>> = <<0:3, "abcde", 0:5>>, re:run(B, "c", [{capture, all, binary}]) end),
     ?C(string:find("abc", "b")), ?C(filelib:wildcard("no/*such")), ?C(io_lib:format("~s", ["x"])),
     ?C(binary:referenced_byte_size(element(2, {x, <<"x">>})))].

names() ->
    Names = "(?<b>x)?(?<a>y)?(?<c>z)?",
    Twice = "(?J)(?<n>a)|(?<n>b)|(?<m>c)",
    [?C(re:inspect(element(2, re:compile(Names)), namelist)), ?C(re:inspect(element(2, re:compile(Twice)), namelist)),
     ?C(re:inspect(element(2, re:compile("a")), namelist)), ?C(class(fun() -> re:inspect(element(2, re:compile("a")), foo) end)),
     ?C(re:inspect(a, namelist)),
     ?C(re:run("yz", Names, [{capture, all_names}])), ?C(re:run("yz", Names, [{capture, all_names, list}])),
     ?C(re:run("yz", Names, [{capture, [c, "b", <<"a">>, 0, 7, nope], list}])),
     ?C([re:run(S, Twice, [{capture, all_names, list}]) || S <- ["a", "b", "c"]]),
     ?C([re:run(S, Twice, [{capture, [n], list}]) || S <- ["a", "b", "c"]]),
     ?C([re:run(S, "(?<n>a)|(?<n>b)|(?<m>c)", [dupnames, {capture, [n, m], list}]) || S <- ["a", "b", "c"]]),
     ?C([re:run(S, "(?<n>a)|(?<n>b)|(?<m>c)", [dupnames, {capture, all_names, index}]) || S <- ["a", "b", "c"]]),
     ?C(re:run("abab", "(?<n>a)|(?<n>b)", [dupnames, global, {capture, all_names, binary}])),
     ?C(re:run("aXbX", "(?<n>a|b)X", [global, {capture, ["n"], binary}])),
     ?C(re:run("ab", "(?<n>a)\\k<n>|(?<n>b)\\k<n>", [dupnames])), ?C(re:run("abb", "(?<n>a)?(?<n>b)\\k<n>", [dupnames]))].

limits() ->
    Hard = lists:duplicate(30, $a) ++ "c",
    [?C(re:run(Hard, "(a+)+[bd]")), ?C(re:run(Hard, "(a+)+[bd]", [report_errors])),
     ?C(re:run(Hard, "(a+)+[bd]", [report_errors, {match_limit, 1000}])),
     ?C(re:run(Hard, "(a+)+[bd]", [report_errors, {match_limit_recursion, 5}])),
     ?C(re:run(Hard, "(a+)+[bd]", [{match_limit, 1000}])), ?C(re:run(Hard, "(a+)+b", [report_errors])),
     ?C(re:run("aaac", "a*c", [report_errors, {match_limit, 0}])), ?C(re:run("aaac", ".*", [report_errors, {match_limit_recursion, 0}])),
     ?C(re:run("aaac", "abc|aaac", [report_errors, {match_limit, 2}])), ?C(re:run("aaac", "abc|aaac", [report_errors, {match_limit, 3}])),
     ?C(re:run("aaac", "(*LIMIT_MATCH=1)a*[bc]", [report_errors])), ?C(re:run("a", "(", [report_errors])), ?C(re:run("a", "("))].

unicode() ->
    S = "aäö€😀ß",
    B = unicode:characters_to_binary(S),
    [?C(re:run(S, "€", [unicode])), ?C(re:run(B, "€", [unicode])), ?C(re:run(S, "€", [unicode, {capture, all, list}])),
     ?C(re:run(S, "[ö-€]+", [unicode, {capture, all, list}])), ?C(re:run(B, "\\w+", [unicode, ucp, {capture, all, binary}])),
     ?C(re:run(S, ".", [unicode, global, {capture, all, list}])), ?C(re:run(B, "\\x{1F600}", [unicode])),
     ?C(re:run("É", "é", [unicode, caseless])), ?C(re:run("ſ", "S", [unicode, caseless])), ?C(re:run("K", "k", [unicode, caseless])),
     ?C({re:run(<<255, 254>>, "a", [unicode])}), ?C(re:compile(<<"a", 255>>, [unicode])), ?C({re:run(B, "a", [unicode, {offset, 2}])}),
     ?C(re:run([233, 8364], "€")), ?C(re:compile([8364])), ?C(re:run("e\x{301}x", "^\\X", [unicode])), ?C(re:run("각한", "\\X", [unicode, global])),
     ?C(re:run("a\x{2028}b", "(?m)^b", [unicode, {newline, any}])), ?C(re:run("a\x{85}b", "\\R", [unicode])), ?C(re:run("a\x{85}b", "\\R", [unicode, bsr_anycrlf])),
     ?C([re:run([C], "^\\p{" ++ P ++ "}$", [unicode, {capture, none}]) || C <- [$a, $A, $1, 228, 955, 1046, 8364, 16#1F600, 16#300, 16#378], P <- ["L", "Lu", "Ll", "L&", "N", "Nd", "M", "S", "Sc", "Cn", "Any", "Greek", "Cyrillic", "Latin", "Common", "Xan", "Xwd", "Xsp", "Xuc"]]),
     ?C(erlang:phash2([re:run(<<C/utf8>>, "^\\w$", [unicode, ucp, {capture, none}]) || C <- lists:seq(0, 16#d7ff, 7)])),
     ?C(erlang:phash2([re:run(<<C/utf8>>, "^[[:print:]]$", [unicode, ucp, {capture, none}]) || C <- lists:seq(0, 16#d7ff, 11)])),
     ?C(erlang:phash2([re:run(<<C>>, "^" ++ P ++ "$", [O, {capture, none}]) || O <- [caseless, multiline], C <- lists:seq(0, 255), P <- ["\\w", "\\s", "\\d", "[[:punct:]]", "[[:graph:]]", "[[:print:]]", "[[:lower:]]", "[[:upper:]]", "[[:blank:]]", "[[:cntrl:]]", "[\\xe0-\\xff]"]]))].

compiled() ->
    {ok, {re_pattern, N, U, C, Bin}} = re:compile("(a)b"),
    [?C(re:run("ab", {re_pattern, N, U, C, Bin})), ?C(re:run("ab", {re_pattern, N, U, C, <<>>})),
     ?C(re:run("ab", {re_pattern, N, U, C, <<1, 2, 3>>})), ?C(class(fun() -> re:run("ab", {re_pattern, a, U, C, Bin}) end)), ?C(class(fun() -> re:run("ab", {re_pattern, N, U, Bin}) end)),
     ?C(class(fun() -> re:run("ab", {re_pattern, N, U, C, Bin}, [caseless]) end)), ?C(re:run("ab", {re_pattern, N, U, C, Bin}, [{newline, cr}])),
     ?C(re:run("xab", element(2, re:compile("ab", [anchored])))), ?C(re:run("xab", {re_pattern, N, U, C, Bin}, [anchored])),
     ?C(re:run("a\rb", element(2, re:compile("^b", [multiline])), [{newline, cr}])),
     ?C(without_binary(re:compile("a", [{newline, cr}]))), ?C(without_binary(re:compile("(*CRLF)a", []))),
     ?C(mutants(element(2, re:compile("(a+)b|[c-e]{2}")))), ?C(re:compile("a", [never_utf, unicode]))].

class(F) ->
    try F() of Value -> Value
    catch Class:Reason:Trace -> {Class, Reason, proplists:get_value(error_info, element(4, hd(Trace)))}
    end.

without_binary({ok, {re_pattern, Groups, Unicode, UseCrlf, _}}) -> {Groups, Unicode, UseCrlf}.

%% A compiled pattern that has been changed is refused, or it was not changed where it matters.
mutants({re_pattern, N, U, C, Bin}) ->
    Results = [class(fun() -> re:run("aab", {re_pattern, N, U, C, change(Bin, I, X)}) end) ||
                  re:version() =/= <<"8.44 2020-02-12">>, I <- lists:seq(0, byte_size(Bin) - 1), X <- [1, 128, 255]],
    lists:usort(Results) -- [{error, badarg, #{module => erl_stdlib_errors}}].

change(Bin, At, With) ->
    <<Before:At/binary, Byte, Rest/binary>> = Bin,
    <<Before/binary, (Byte bxor With), Rest/binary>>.

wrong() ->
    [?C(re:compile(a)), ?C(re:compile("a", [foo])), ?C(re:compile("a", [global])), ?C(re:compile("a", foo)), ?C(re:compile("a", [caseless | x])),
     ?C(re:compile([a])), ?C(re:compile(<<1:1>>)), ?C(re:run(a, "a")), ?C(re:run("a", a)), ?C(re:run("a", "a", [{offset, a}])),
     ?C(re:run("a", "a", [{offset, -1}])), ?C(re:run("a", "a", [{capture, all, foo}])), ?C(re:run("a", "a", [{capture, [a, 1.0]}])),
     ?C(re:run("a", "a", [{newline, foo}])), ?C(re:run("a", "a", {})), ?C(re:run([300], "a")), ?C(re:internal_run("a", "a", [], foo)),
     ?C(re:replace("a", "(", "")), ?C(re:split("a", "(")), ?C(re:replace("a", "a", "", [foo]))].

% Long enough to be interrupted at every stage.
long() ->
    S = binary:copy(<<"abcdefghij">>, 30000),
    U = unicode:characters_to_binary(lists:duplicate(50000, 228) ++ "x"),
    [?C(re:run(S, ".*j$")), ?C(re:run(S, "(?:a|b|c|d|e|f|g|h|i|j)*$")), ?C(re:run(S, "(abc|def|ghij)*$")), ?C(re:run(S, "^(.)*k")),
     ?C(length(element(2, re:run(S, "j", [global])))), ?C(re:run(S, "^[^x]*x")), ?C(re:run(S, "(?>[a-i]+j)+$")), ?C(re:run(S, "(?=(.*))j")),
     ?C(re:run(U, "x", [unicode])), ?C(re:run(U, "(ä|ö)*x", [unicode])), ?C(class(fun() -> re:run(<<U/binary, 255>>, "x", [unicode]) end)),
     ?C(re:run(binary_to_list(S), "ja(.)", [{capture, all, list}])), ?C(byte_size(iolist_to_binary(re:replace(S, "a", "<&>", [global])))),
     ?C(alive_while_matching()), ?C(killed_while_matching()), ?C(length(re:split(S, "j"))), ?C(re:run(lists:duplicate(2000, $() ++ lists:duplicate(2000, $)), "^(\\((?1)*\\))$"))].

%% A match that takes long keeps nobody waiting.
alive_while_matching() ->
    Pid = spawn(fun() -> re:run(lists:duplicate(100, $a) ++ "c", "(a+)+[bd]") end),
    receive after 3 -> ok end,
    Alive = is_process_alive(Pid),
    exit(Pid, kill),
    Alive.

%% What a match holds goes with its process: all of it together would be more than there is.
killed_while_matching() ->
    S = binary:copy(<<"a">>, 100000),
    Kill = fun(_) ->
               {Pid, Ref} = spawn_monitor(fun() -> re:run(S, "^(a|b)*c(a+)+[bd]") end),
               receive after 2 -> ok end,
               exit(Pid, kill),
               receive {'DOWN', Ref, process, Pid, _} -> ok end
           end,
    lists:foreach(Kill, lists:seq(1, 150)).
