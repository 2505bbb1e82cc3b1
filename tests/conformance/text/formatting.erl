%% io_lib: control sequences, pretty printing, reading back; scanner, parser and evaluator of
%% Erlang.
-module(formatting).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C(f("~w ~p ~s ~a", [{a, "b"}, {a, "b"}, "str", atom])),
     ?C(f("~w", ["äö€"])), ?C(f("~p", ["äö"])), ?C(f("~tp", ["äö€"])), ?C(f("~ts", ["äö€"])),
     ?C(f("~ts", [<<"äö€"/utf8>>])), ?C(f("~s", [<<"bytes">>])), ?C(f("~p", [<<"bytes">>])),
     ?C(f("~p", [<<1, 2, 3>>])), ?C(f("~p", [<<"ä"/utf8>>])), ?C(f("~tp", [<<"ä"/utf8>>])),
     ?C(f("~5w|~-5w|~5.3.0w", [ab, ab, 7])), ?C(f("~10s|~-10s|~10.3s", ["abc", "abc", "abcdef"])),
     ?C(f("~.2f ~8.3f ~f ~e ~.3e ~g", [3.14159, 2.5, 1.0, 12345.678, 0.001, 1.0e10])),
     ?C(f("~f", [1])), ?C(f("~.1f", [0.05])), ?C(f("~.0f", [2.5])),
     ?C(f("~b ~8b ~.16b ~.2B ~.16B ~.16#  ~#", [10, 10, 255, 5, 255, 255, 7])),
     ?C(f("~c~c~3c", [$a, 98, $x])), ?C(f("~tc", [8364])), ?C(f("~n~~", [])),
     ?C(f("~*w ~*.*f", [6, ab, 8, 2, 1.5])), ?C(f("~i~w", [ignored, shown])),
     ?C(f("~P", [lists:seq(1, 100), 10])), ?C(f("~W", [{a, [b, {c, [d]}]}, 4])),
     ?C(f("~0p", [lists:seq(1, 60)])), ?C(f("~p", [lists:seq(1, 60)])),
     ?C(f("~p", [[{key, "value"}, {longer_key, [1, 2, 3]}, {deep, {nested, {tuple, [with, lists]}}}]])),
     ?C(f("~20p", [{aaaaaaaaaa, bbbbbbbbbb, cccccccccc}])),
     ?C(f("~p", [#{a => 1, "b" => [2], {c} => #{d => 3}}])),
     ?C(f("~p", [maps:from_list([{list_to_atom("key" ++ integer_to_list(N)), lists:seq(1, N)} || N <- lists:seq(1, 12)])])),
     ?C(f("~w", [[a | b]])), ?C(f("~p", [['A', 'a b', '', 'it\'s', a@b, 'Ä', ä]])),
     ?C(f("~tp", [['A', 'a b', 'Ä', ä, '€']])),
     ?C(f("~p", ["tab\tnew\nquote\"back\\"])), ?C(f("~p", [[7, 8, 27]])), ?C(f("~p", [[$a, 0]])),
     ?C(f("~p", [[1.0, 1.0e10, 1.5e-7, -0.0, 1.0e22]])),
     ?C(f("~w", [1 bsl 100])), ?C(f("~p ~p", [fun lists:map/2, true])),
     ?C(f("~s", [a_term])), ?C(f("~s", [{no, string}])), ?C(f("~w", [])), ?C(f("~w", [a, b])), ?C(f("~z", [a])),
     ?C(f("~s", [[8364]])), ?C(f("~b", [a])), ?C(f("~lp ~lw", ["abc", "abc"])),
     ?C(f("no controls", [])), ?C(f(<<"binary ~w">>, [1])), ?C(f("~w", not_a_list)),
     ?C(io_lib:write({a, [1, 2.5], <<"x">>})), ?C(io_lib:print({a, "b"}, 1, 20, -1)),
     ?C(io_lib:write_string("a\"b")), ?C(io_lib:write_atom('a b')), ?C(io_lib:write_char($a)),
     ?C(io_lib:printable_list("abc")), ?C(io_lib:printable_unicode_list([8364])), ?C(io_lib:deep_char_list(["a", $b])),
     ?C(io_lib:fread("~d ~s ~f", "12 word 1.5 rest")), ?C(io_lib:fread("~x", "zz")), ?C(io_lib:fread("~16u", "ff")),
     ?C(io_lib:fread("~a,~c", "atom,x")), ?C(io_lib:scan_format("~5.3w", [a])),
     ?C(io_lib:format("~p", ["x"], [{chars_limit, 5}])), ?C(lists:flatten(io_lib:format("~p", [lists:seq(1, 1000)], [{chars_limit, 40}]))),
     ?C(scan("foo(X, \"s\", 1.5e3, 16#ff, $a) -> 'q a', <<\"b\">>; % c\n")), ?C(scan("\"unterminated")), ?C(scan("1.5.2")),
     ?C(parse("f(X) when X > 1 -> {X, [1|T], #{a => b}}; f(_) -> fun(Y) -> Y + 1 end.")),
     ?C(parse("f( -> .")), ?C(parse("-module(m).")), ?C(parse("-record(r, {a = 1, b :: integer()}).")),
     ?C(eval("1 + 2 * 3.")), ?C(eval("X = 5, Y = X * X, {X, Y}.")), ?C(eval("lists:map(fun(X) -> X * 2 end, [1, 2, 3]).")),
     ?C(eval("case {1, 2} of {A, B} when A < B -> [A | B]; _ -> no end.")), ?C(eval("[X || X <- [1, 2, 3], X > 1].")),
     ?C(eval("try throw(x) catch throw:V -> {caught, V} after ok end.")), ?C(eval("<<A:4, B:4>> = <<16#5a>>, {A, B}.")),
     ?C(eval("F = fun Loop(0) -> done; Loop(N) -> Loop(N - 1) end, F(1000).")), ?C(eval("#{a := V} = #{a => 1, b => 2}, V.")),
     ?C(eval("begin self() ! hello, receive M -> M end end.")), ?C(eval("1 / 0.")), ?C(eval("undefined_variable + X.")),
     ?C(pp("f(X)->case X of {a,B}->B;_->[1,2,3|X] end.")),
     ?C(pp("g(A,B) when A>B,is_list(A)->try A catch _:_->B end;g(_,_)->ok.")),
     ?C(erl_parse:normalise(erl_parse:abstract({a, [1, "s"], <<"b">>, 1.5}))),
     ?C(io_lib:format("~s ~s", ["one"])),
     ?C(proplists:get_value(b, [a, {b, 2}, {c, 3}])), ?C(proplists:get_bool(a, [a, {b, 2}])),
     ?C(proplists:delete(a, [a, {b, 2}, {a, 1}])), ?C(proplists:get_all_values(a, [{a, 1}, {b, 2}, {a, 3}])),
     ?C(calendar:date_to_gregorian_days(2024, 2, 29)), ?C(calendar:day_of_the_week(2024, 2, 29)),
     ?C(calendar:gregorian_seconds_to_datetime(63876543210)), ?C(calendar:valid_date(2023, 2, 29)),
     ?C(calendar:system_time_to_rfc3339(1700000000, [{offset, "Z"}])), ?C(calendar:rfc3339_to_system_time("2023-11-14T22:13:20Z")),
     ?C(base64:encode("hello world")), ?C(base64:decode("aGVsbG8gd29ybGQ=")), ?C(base64:decode("!!!")),
     ?C(filename:join(["a", "b", "/c", "d"])), ?C(filename:split("/a/b/c")), ?C(filename:extension("x/y.tar.gz")),
     ?C(filename:rootname("x/y.erl")), ?C(filename:basename("/a/b.erl", ".erl")), ?C(filename:dirname("/a/b/c")),
     ?C(uri_string:parse("http://user@host:8080/path?q=1#frag")), ?C(uri_string:normalize("http://a/b/../c/./d")),
     ?C(uri_string:compose_query([{"a", "1 2"}, {"b", "ü"}]))].

f(Format, Arguments) -> lists:flatten(io_lib:format(Format, Arguments)).

scan(Text) -> erl_scan:string(Text).

parse(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    erl_parse:parse_form(Tokens).

eval(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Expressions, []),
    Value.

pp(Text) ->
    {ok, Form} = parse(Text),
    lists:flatten(erl_pp:form(Form)).
