%% The external term format both ways: options of term_to_binary, every tag, damaged input.
-module(external_form).
-export([cases/0]).
-include("values.hrl").

cases() ->
    All = [V || {Name, _} = V <- values(), Name =/= "local fun"],
    [{"encode " ++ Name, fun() -> term_to_binary(X) end} || {Name, X} <- All]
    ++ [{"minor versions of " ++ Name, fun() -> [term_to_binary(X, [{minor_version, V}]) || V <- [0, 1, 2]] end}
        || {Name, X} <- All]
    ++ [{"external size of " ++ Name, fun() -> [erlang:external_size(X), erlang:external_size(X, [{minor_version, 0}])] end} || {Name, X} <- All]
    ++ [{"round trips of " ++ Name, fun() -> [binary_to_term(term_to_binary(X, O)) =:= X || O <- [[], [compressed], [{compressed, 9}], [{minor_version, 0}], [deterministic]]] end}
        || {Name, X} <- All]
    ++ [{"iovec of " ++ Name, fun() -> iolist_to_binary(term_to_iovec(X)) =:= term_to_binary(X) end} || {Name, X} <- All]
    ++ [{"text of " ++ Name, fun() -> {without_node(lists:flatten(io_lib:format("~w ~p ~tw ~tp", [X, X, X, X])))} end} || {Name, X} <- All]
    ++ [{"decode " ++ Name, fun() -> shown(B) end} || {Name, B} <- encoded()]
    ++ [{"decode used " ++ Name, fun() -> safe(fun() -> binary_to_term(<<B/binary, "rest">>, [used]) end) end} || {Name, B} <- encoded()]
    ++ [{"decode prefixes of " ++ Name, fun() -> [safe(fun() -> binary_to_term(binary:part(B, 0, N)) end) =:= {error, badarg} || N <- lists:seq(0, byte_size(B) - 1)] end}
        || {Name, B} <- encoded()]
    ++ [{"bad options", fun() -> [safe(F) || F <- [fun() -> term_to_binary(a, [x]) end, fun() -> term_to_binary(a, x) end,
             fun() -> term_to_binary(a, [{compressed, 10}]) end, fun() -> term_to_binary(a, [{minor_version, 3}]) end,
             fun() -> binary_to_term(a) end, fun() -> binary_to_term(<<131, 97, 1>>, [x]) end, fun() -> binary_to_term(<<131, 97, 1:7>>) end,
             fun() -> binary_to_term(<<130, 97, 1>>) end]] end},
        {"safe refuses an atom", fun() -> safe(fun() -> binary_to_term(<<131, 119, 14, "no_such_atom_x">>, [safe]) end) end},
        {"safe refuses an external fun's atom", fun() -> safe(fun() -> binary_to_term(<<131, 113, 119, 14, "no_such_atom_y", 119, 1, "f", 97, 1>>, [safe]) end) end},
        {"deterministic map of 40", fun() -> M = maps:from_list([{I, I} || I <- lists:seq(1, 40)]), term_to_binary(M, [deterministic]) =:= term_to_binary(maps:from_list([{I, I} || I <- lists:seq(40, 1, -1)]), [deterministic]) end},
        {"large maps", fun() -> [erlang:md5(term_to_binary(M)) || M <- large_maps()] end},
        {"large maps in pieces", fun() -> [erlang:md5(term_to_iovec(M)) || M <- large_maps()] end},
        {"compressed long list", fun() -> T = lists:duplicate(1000, {abc, 1}), B = term_to_binary(T, [compressed]), {binary:part(B, 0, 6), binary_to_term(B) =:= T, byte_size(B) < 200} end},
        {"local fun both ways", fun() -> X = 3, F = fun(Y) -> X + Y end, G = binary_to_term(term_to_binary(F)), {G =:= F, G(4), erlang:fun_info(G, env), erlang:fun_info(G, arity)} end}].

%% Keys are not atoms: the order of those is that in which the node met them.
large_maps() ->
    Keys = [fun(I) -> I end, fun(I) -> <<I:40>> end, fun(I) -> {I, -I} end, fun(I) -> [I, I + 1.5] end, fun(I) -> #{I => I} end,
            fun(I) -> 1 bsl (60 + I rem 100) + I end],
    [maps:from_list([{Key(I), [I]} || I <- lists:seq(1, Count)]) || Key <- Keys, Count <- [33, 100, 5000]].

shown(B) ->
    safe(fun() -> T = binary_to_term(B), {T, without_node(lists:flatten(io_lib:format("~w", [T]))), term_to_binary(T), erlang:phash2(T)} end).

safe(F) -> try F() catch Class:Reason -> {Class, Reason} end.

encoded() ->
    [{"small integer", <<131, 97, 255>>}, {"integer", <<131, 98, -5:32>>}, {"old float", <<131, 99, "1.50000000000000000000e+00", 0, 0, 0, 0, 0>>},
     {"new float", <<131, 70, 2.5/float>>}, {"not a number", <<131, 70, 16#7ff8000000000000:64>>}, {"infinity", <<131, 70, 16#7ff0000000000000:64>>},
     {"old atom", <<131, 100, 2:16, "ab">>}, {"short latin1 atom", <<131, 115, 1, 228>>}, {"utf8 atom", <<131, 118, 2:16, "ä"/utf8>>},
     {"short utf8 atom", <<131, 119, 2, "ä"/utf8>>}, {"bad utf8 atom", <<131, 119, 1, 228>>}, {"long atom", <<131, 118, 256:16, (binary:copy(<<"a">>, 256))/binary>>},
     {"small tuple", <<131, 104, 2, 97, 1, 97, 2>>}, {"large tuple", <<131, 105, 2:32, 97, 1, 97, 2>>}, {"empty large tuple", <<131, 105, 0:32>>}, {"nil", <<131, 106>>},
     {"string", <<131, 107, 3:16, 1, 2, 3>>}, {"empty string", <<131, 107, 0:16>>}, {"list", <<131, 108, 2:32, 97, 1, 97, 2, 106>>}, {"improper list", <<131, 108, 1:32, 97, 1, 97, 2>>},
     {"list without elements", <<131, 108, 0:32, 106>>}, {"binary", <<131, 109, 3:32, 1, 2, 3>>}, {"bit binary", <<131, 77, 2:32, 3, 255, 255>>}, {"bit binary of 0 bits", <<131, 77, 1:32, 0, 255>>},
     {"bit binary of 8 bits", <<131, 77, 1:32, 8, 255>>}, {"bit binary of 9 bits", <<131, 77, 1:32, 9, 255>>}, {"empty bit binary", <<131, 77, 0:32, 0>>},
     {"small big", <<131, 110, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9>>}, {"negative big", <<131, 110, 8, 1, 255, 255, 255, 255, 255, 255, 255, 255>>}, {"big that is small", <<131, 110, 2, 0, 5, 0>>},
     {"big with leading zeros", <<131, 110, 12, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0>>}, {"large big", <<131, 111, 3:32, 1, 1, 2, 3>>}, {"big without digits", <<131, 110, 0, 0>>}, {"map", <<131, 116, 2:32, 119, 1, "a", 97, 1, 119, 1, "b", 97, 2>>},
     {"map with a key twice", <<131, 116, 2:32, 119, 1, "a", 97, 1, 119, 1, "a", 97, 2>>}, {"empty map", <<131, 116, 0:32>>},
     {"pid", <<131, 103, 119, 3, "x@y", 1:32, 2:32, 0>>}, {"new pid", <<131, 88, 119, 3, "x@y", 1:32, 2:32, 3:32>>}, {"port", <<131, 102, 119, 3, "x@y", 1:32, 1>>},
     {"new port", <<131, 89, 119, 3, "x@y", 1:32, 9:32>>}, {"v4 port", <<131, 120, 119, 3, "x@y", 1:64, 9:32>>}, {"old ref", <<131, 101, 119, 3, "x@y", 7:32, 1>>},
     {"new ref", <<131, 114, 3:16, 119, 3, "x@y", 1, 5:32, 6:32, 7:32>>}, {"newer ref", <<131, 90, 2:16, 119, 3, "x@y", 1:32, 5:32, 6:32>>}, {"ref of 6 words", <<131, 90, 6:16, 119, 3, "x@y", 1:32, 1:192>>},
     {"export", <<131, 113, 119, 5, "lists", 119, 3, "map", 97, 2>>}, {"export of nothing", <<131, 113, 119, 5, "lists", 119, 3, "mop", 97, 2>>}, {"atom cache ref", <<131, 82, 1>>},
     {"unknown tag", <<131, 1>>}, {"nothing", <<131>>}, {"compressed", <<131, 80, 5:32, (zipped())/binary>>}, {"compressed with a wrong size", <<131, 80, 6:32, (zipped())/binary>>},
     {"pid with a node that is no atom", <<131, 88, 97, 1, 1:32, 2:32, 3:32>>}, {"node of this node", <<131, 88, 119, 13, "nonode@nohost", 1:32, 0:32, 0:32>>},
     {"atom with the first surrogate", <<131, 118, 3:16, 237, 160, 128>>}, {"atom with the last surrogate", <<131, 119, 3, 237, 191, 191>>},
     {"atom before the surrogates", <<131, 119, 3, 237, 159, 191>>}, {"atom behind the surrogates", <<131, 119, 3, 238, 128, 128>>},
     {"atom of too many bytes", <<131, 119, 2, 192, 128>>}, {"atom of three bytes for two", <<131, 119, 3, 224, 159, 191>>},
     {"atom of four bytes for three", <<131, 119, 4, 240, 143, 191, 191>>}, {"atom above all characters", <<131, 119, 4, 244, 144, 128, 128>>},
     {"atom that ends in a character", <<131, 119, 2, 226, 130>>}].

%% zlib's stored form of 107, 0, 2, 65, 66: the string "AB".
zipped() -> <<120, 1, 1, 5:16/little, 16#fffa:16/little, 107, 0, 2, 65, 66, (erlang:adler32(<<107, 0, 2, 65, 66>>)):32>>.

%% The number that stands for another node differs from run to run.
without_node([$<, D | T]) when D >= $0, D =< $9 -> "<N" ++ without_node(lists:dropwhile(fun(C) -> C =/= $. andalso C =/= $> end, T));
without_node([C | T]) -> [C | without_node(T)];
without_node([]) -> [].
