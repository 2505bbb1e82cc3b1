%% Scanning, parsing, evaluating, checking and printing of Erlang; terms as text; io_lib.
-module(languages).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [{label("scan", T), fun() -> {erl_scan:string(T), erl_scan:string(T, {3, 7}, [return, text])} end} || T <- texts()]
    ++ [{label("parse", T), fun() -> parse(T) end} || T <- texts()]
    ++ [{label("eval", T), fun() -> eval(T) end} || T <- expressions()]
    ++ [{label("print", T), fun() -> {ok, Tokens, _} = erl_scan:string(T), {ok, Es} = erl_parse:parse_exprs(Tokens), lists:flatten(erl_pp:exprs(Es)) end} || T <- expressions()]
    ++ [{label("lint", T), fun() -> lint(T) end} || T <- modules()]
    ++ [{label("form", T), fun() -> lists:flatten([erl_pp:form(F) || F <- forms(T)]) end} || T <- modules()]
    ++ [{label("format", {F, A}), fun() -> catch lists:flatten(io_lib:format(F, A)) end} || {F, A} <- formats()]
    ++ [{label("fread", {F, T}), fun() -> {io_lib:fread(F, T), catch io_lib:fread([], T, F)} end} || {F, T} <- freads()].

label(What, X) -> lists:flatten(io_lib:format("~s ~0tp", [What, X])).

parse(T) ->
    case erl_scan:string(T) of
        {ok, Tokens, _} -> {erl_parse:parse_exprs(Tokens), erl_parse:parse_term(Tokens), erl_parse:parse_form(Tokens)};
        Error -> Error
    end.

eval(T) ->
    {ok, Tokens, _} = erl_scan:string(T),
    {ok, Es} = erl_parse:parse_exprs(Tokens),
    try erl_eval:exprs(Es, [{'X', 5}]) of
        {value, V, Bs} -> {V, [B || {N, _} = B <- lists:sort(Bs), N =/= 'F']}
    catch C:R -> {C, R} end.

forms(T) ->
    {ok, Tokens, _} = erl_scan:string(T),
    [F || {ok, F} <- [erl_parse:parse_form(Ts) || Ts <- split(Tokens, [])]].

split([{dot, _} = D | T], A) -> [lists:reverse([D | A]) | split(T, [])];
split([X | T], A) -> split(T, [X | A]);
split([], _) -> [].

lint(T) ->
    case erl_lint:module([{attribute, 1, file, {"f", 1}} | forms(T)], "f", [warn_unused_vars, report]) of
        {ok, W} -> {ok, W};
        {error, E, W} -> {error, E, W};
        Other -> Other
    end.

texts() ->
    ["1 + 2.", "foo(A, _B) -> ok.", "\"str\\n\\x{1F600}\\\"\" 'at om' $a $\\n.", "16#ff 1.5e3 2#101 1_000.", "% comment\n[a|b].", "<<1:8/little,\"a\"/utf8>>.", "#{a => 1, b := 2}.", "#r{f = 1}.", "fun m:f/1.", "'unterminated", "1.0e", "\"abc", "$", "-module(x).", "case X of a when b -> c end.", "@", "a b.", "{1, [2, {3}]}.", "?MACRO(x).", "maybe ok end.", "1..2", "\x{e4}bc = 1.", "x. y.", ""].

expressions() ->
    ["1 + 2 * 3.", "X * 2.", "Y = X, Y + 1.", "[A || A <- [1,2,3], A > 1].", "<< <<B>> || B <- [1,2] >>.", "case X of 5 -> five; _ -> other end.", "if X > 3 -> big; true -> small end.", "try throw(a) catch a -> caught after ok end.", "(fun(Z) -> Z * Z end)(4).", "(fun F(0) -> 0; F(N) -> F(N - 1) end)(3).", "#{a => X, b => #{c => 1}}.", "M = #{a => 1}, M#{a := 2, b => 3}.", "#{a := V} = #{a => 7}, V.", "{A, B} = {1, [2]}, {B, A}.", "begin 1, 2 end.", "catch error(x).", "1 / 0.", "nope(1).", "lists:map(fun(Q) -> Q + X end, [1,2]).", "receive after 0 -> timeout end.", "<<A:4, B/bits>> = <<16#12, 3>>, {A, B}.", "\"abc\" ++ \"def\".", "not true orelse X == 5.", "X = 6.", "[1,2|T] = [1,2,3], T.", "fun lists:sum/1.", "-X.", "$a.", "'a b'.", "\"a\\tb\".", "1.0e10.", "{ok, _} = {ok, 1}.", "[{K,V} || K <- [a,b], V <- [1,2]].", "Z = 1, (fun() -> Z end)().", "element(2, {a, b}).", "is_atom(a) andalso {yes}."].

modules() ->
    ["-module(f). -export([a/1]). a(X) -> X.", "-module(f). -export([a/1]). a(X) -> 1.", "-module(f). a(X) -> X.", "-module(f). -export([b/0]).", "-module(f). -export([a/0]). a() -> Y.", "-module(f). -export([a/0]). a() -> b().", "-module(f). -record(r, {x, y = 1}). -export([a/1]). a(#r{x = X}) -> X.", "-module(f). -export([a/1]). a(#q{}) -> 1.", "-module(f). -spec a(integer()) -> atom(). -export([a/1]). a(1) -> one; a(_) -> many.", "-module(f). -type t() :: a | b | [t()]. -export_type([t/0]). -export([a/0]). a() -> a.", "-module(f). -export([a/1]). a(X) when X > 1, is_atom(X); X == 2 -> X; a(_) -> case {1, 2} of {A, A} -> A; _ -> try b catch error:E:S -> {E, S} after c end end.",
     "-module(f). -export([a/0]). a() -> ok. a() -> ok.", "-module(f). -export([a/0]). -opaque o() :: #{k := v, integer() => any()}. a() -> [X || {X, _} <- [], X].", "-module(f). -behaviour(gen_server). -export([init/1]). init(_) -> ok.", "-module(f). -export([a/2]). a(X, X) -> <<X:8/integer-unit:2, 0:1>>.", "-module(f). -import(lists, [map/2]). -export([a/0]). a() -> map(fun(_) -> fun a/0 end, [receive {m, M} -> M after 10 -> t end])."].

formats() ->
    Wide = [{list_to_atom("key" ++ integer_to_list(I)), lists:seq(1, I)} || I <- lists:seq(1, 12)],
    [{"~p", [Wide]}, {"~P", [Wide, 20]}, {"~W", [Wide, 10]}, {"~40p", [Wide]}, {"~10.30p", [Wide]}, {"~p", [maps:from_list([{I, lists:duplicate(10, I)} || I <- lists:seq(1, 8)])]}, {"~0p", [Wide]}, {"~p", [#{}]}, {"~p", [{rec, "text", <<"bin">>, 'quoted atom', [$a | b]}]}, {"~p", [lists:seq(200, 260)]}, {"~tp", [[1024, 1025]]}, {"~p", [[1024, 1025]]}, {"~ts", [<<"ä€"/utf8>>]}, {"~s", ["abc"]}, {"~10s|", ["abc"]}, {"~-10s|", ["abc"]}, {"~.2s|", ["abc"]}, {"~10.2s|", ["abc"]}, {"~5s|", ["abcdefgh"]}, {"~c~c", [$a, $b]}, {"~3c", [$x]}, {"~tc", [8364]}, {"~a", [b]}, {"~i~p", [a, b]}, {"~n~~", []}, {"~w", ["abc"]}, {"~w", [<<1, 2:3>>]}, {"~p", [<<1, 2:3>>]}, {"~p", [<<"text">>]}, {"~p", [<<"te", 0, "xt">>]}, {"~tp", [<<"ä"/utf8>>]}, {"~p", [<<228>>]}, {"~lp", ["abc"]}, {"~p", ["a\nb\t\"q\""]}, {"~p", ['a\nb']}, {"~p", [fun lists:map/2]}, {"~p", [-0.0]}, {"~p ~p", [1]}, {"~q", [1]}, {"~p", []}, {"abc", [1]}, {"~s", [1]}, {"~d", [1]}, {"~*p", [20, Wide]}, {"~`xp", [1]}, {"~10..0b", [5]}, {"~.8f", [1.5]}, {"~e", [1]}, {"~p", [binary:copy(<<"long text ">>, 20)]}, {"~p", [lists:duplicate(30, "string")]}, {"~P", [lists:seq(1, 100), 10]}, {"~P", [{a, {b, {c, {d}}}}, 4]}, {"~P", [#{a => #{b => #{c => d}}}, 5]}, {"~P", [<<"a long binary text">>, 5]}, {"~p", [[[], [[]], {}, {{}}]]}, {"~80p", [{some_rather_long_tag, [{another_tag, "with text"}, {third, 3.14159}], #{map => value, other => [1, 2, 3]}}]}].

freads() ->
    [{"~d ~d", "12 34"}, {"~f", "1.5"}, {"~a", "atom rest"}, {"~s", "text more"}, {"~c~c", "ab"}, {"~3d", "12345"}, {"~u", "-5"}, {"~-", "-"}, {"~16u", "ff"}, {"~#", "16#ff"}, {"x~dy", "x5y"}, {"~d", "abc"}, {"~*d ~d", "1 2"}, {"~l", "abc"}, {"~l~d", "  12"}, {"~n", ""}, {"~d,~d", "1,"}, {"~ts", "äö"}, {"~4c", "ab"}, {"~5s", "abcdefg"}].
