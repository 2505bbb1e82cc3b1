%% Pids, ports and references as numbers: text, external form, hashes, and what no node could have.
-module(identities).
-export([cases/0]).

cases() ->
    [{lists:concat(["pid ", N, ".", S]), fun() -> seen(list_to_pid(lists:concat(["<0.", N, ".", S, ">"]))) end}
     || {N, S} <- [{0, 0}, {2, 3}, {32767, 0}, {0, 1}, {7310, 1}, {30000, 7}, {32767, 8191}]]
    ++ [{lists:concat(["text of a pid ", Text]), fun() -> tried(fun() -> list_to_pid(Text) end) end}
        || Text <- ["<0.32768.0>", "<0.1.8192>", "<0.1>", "<0.1.1", "<0.01.1>", "0.1.1"]]
    ++ [{"pid of this node " ++ Name, fun() -> tried(fun() -> binary_to_term(<<131, 103, 119, 13, "nonode@nohost", N:32, S:32, C>>) end) end}
        || {Name, N, S, C} <- [{"as printed", 7310, 1, 0}, {"largest", 32767, 8191, 0}, {"number", 32768, 0, 0},
                               {"serial", 0, 8192, 0}, {"both", 1 bsl 28, 1 bsl 31, 0}, {"creation", 7, 0, 4}]]
    ++ [{"new pid of this node " ++ Name, fun() -> tried(fun() -> binary_to_term(<<131, 88, 119, 13, "nonode@nohost", N:32, S:32, 0:32>>) end) end}
        || {Name, N, S} <- [{"as printed", 7310, 1}, {"number", 40000, 0}, {"serial", 0, 8192}]]
    ++ [{"hashes of foreign " ++ Name, fun() -> T = binary_to_term(B), {erlang:phash2(T), erlang:phash(T, 1 bsl 32), erlang:phash2([T]), term_to_binary(T) =:= B} end}
        || {Name, B} <- [{"pid", <<131, 88, 119, 1, "a", 9:32, 77:32, 88:32>>}, {"pid of 16 bits", <<131, 88, 119, 1, "a", 65535:32, 77:32, 88:32>>},
                         {"pid of 32 bits", <<131, 88, 119, 1, "a", 16#ffffffff:32, 77:32, 88:32>>},
                         {"pid of 64 bits", <<131, 88, 119, 1, "a", 16#ffffffff:32, 16#ffffffff:32, 16#ffffffff:32>>},
                         {"pid with a high serial", <<131, 88, 119, 1, "a", 1:32, 16#88000000:32, 77:32>>},
                         {"port of 64 bits", <<131, 120, 119, 1, "a", 16#fedcba9876543210:64, 16#ffffffff:32>>},
                         {"port", <<131, 89, 119, 1, "a", 9:32, 77:32>>}, {"long port", <<131, 120, 119, 1, "a", 16#123456789:64, 77:32>>},
                         {"reference", <<131, 90, 3:16, 119, 1, "a", 7:32, 9:32, 8:32, 7:32>>}]]
    ++ [{"order of pids", fun() -> [{term_to_binary(A), term_to_binary(B)} || A <- ordered(), B <- ordered(), A < B] end}]
    ++ [{lists:concat(["fun with free variables: ", N]), fun() -> tried(fun() -> binary_to_term(of_fun(N)), decoded end) end} || N <- [0, 255, 256, 70000]]
    ++ [{"decoded " ++ Name, fun() -> tried(fun() -> binary_to_term(B), decoded end) end}
        || {Name, B} <- [{"creation 3 of a pid", <<131, 103, 119, 1, "a", 1:32, 2:32, 3>>}, {"creation 4 of a pid", <<131, 103, 119, 1, "a", 1:32, 2:32, 4>>},
                         {"creation 3 of a port", <<131, 102, 119, 1, "a", 1:32, 3>>}, {"creation 4 of a port", <<131, 102, 119, 1, "a", 1:32, 4>>},
                         {"creation 3 of a reference", <<131, 101, 119, 1, "a", 1:32, 3>>}, {"creation 4 of a reference", <<131, 101, 119, 1, "a", 1:32, 4>>},
                         {"creation 4 of a new reference", <<131, 114, 1:16, 119, 1, "a", 4, 1:32>>},
                         {"18 bits of a new reference", <<131, 114, 1:16, 119, 1, "a", 3, 16#3ffff:32>>},
                         {"19 bits of a new reference", <<131, 114, 1:16, 119, 1, "a", 3, 16#40000:32>>},
                         {"19 bits of an old reference", <<131, 101, 119, 1, "a", 16#40000:32, 3>>},
                         {"19 bits of a newer reference", <<131, 90, 1:16, 119, 1, "a", 9:32, 16#40000:32>>},
                         {"19 bits of our reference", <<131, 90, 3:16, 119, 13, "nonode@nohost", 0:32, 16#40000:32, 1:32, 1:32>>},
                         {"four words of our reference", <<131, 90, 4:16, 119, 13, "nonode@nohost", 0:32, 1:32, 1:32, 1:32, 1:32>>},
                         {"long names", <<131, 103, 118, 2:16, "ab", 1:32, 2:32, 3>>}, {"latin names", <<131, 103, 100, 2:16, "ab", 1:32, 2:32, 3>>}]].

seen(P) -> {pid_to_list(P), term_to_binary(P), binary_to_term(term_to_binary(P)) =:= P, erlang:phash2(P), erlang:phash(P, 1 bsl 32)}.

tried(F) -> try F() catch error:R -> {error, R} end.

of_fun(Free) ->
    <<131, Self/binary>> = term_to_binary(self()),
    Variables = list_to_binary(lists:duplicate(Free, [97, 0])),
    Rest = <<0, (erlang:md5(<<Free:32>>))/binary, 0:32, Free:32, 119, 1, "m", 97, 0, 97, 0, Self/binary, Variables/binary>>,
    <<131, 112, (byte_size(Rest) + 4):32, Rest/binary>>.

%% Pids of this node and of others: serial before number before node before creation.
ordered() ->
    [list_to_pid(lists:concat(["<0.", N, ".", S, ">"])) || N <- [5, 32767], S <- [0, 1, 8191]]
    ++ [binary_to_term(<<131, 88, 119, 1, Node, N:32, S:32, C:32>>)
        || Node <- "az", N <- [5, 16#ffffffff], S <- [1, 8191, 8192, 16#ffffffff], C <- [1, 16#ffffffff]].
