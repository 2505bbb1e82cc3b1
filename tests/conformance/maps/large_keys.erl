%% Maps with large keys: what their hashes and comparisons take is done in several turns, and must
%% be the same as in one; several such keys in one instruction; keys that differ in their last word.
-module(large_keys).
-export([cases/0]).

cases() ->
    [{Name ++ " " ++ Kind, fun() -> F(Keys()) end}
        || {Kind, Keys} <- keys(), {Name, F} <- operations()].

keys() ->
    [{"lists", fun() -> three(fun(N) -> [{I, [I]} || I <- lists:seq(1, 5000)] ++ [N] end) end},
     {"texts", fun() -> three(fun(N) -> lists:duplicate(40000, $a) ++ [N] end) end},
     {"tuples", fun() -> three(fun(N) -> list_to_tuple(lists:seq(1, 20000) ++ [N]) end) end},
     {"binaries", fun() -> three(fun(N) -> <<(binary:copy(<<"0123456">>, 30000))/binary, N>> end) end},
     {"odd bits", fun() -> three(fun(N) -> bits(<<1:3, (binary:copy(<<"0123456">>, 30000))/binary, N:11>>) end) end},
     {"maps", fun() -> three(fun(N) -> maps:from_list([{I, I + N} || I <- lists:seq(1, 4000)]) end) end},
     {"tuples of nine", fun() -> three(fun(N) -> {1, 2, 3, 4, 5, 6, 7, 8, N} end) end}].

%% Terms that are made twice are equal and not the same.
three(F) -> {[F(1), F(2), F(3)], [F(1), F(2), F(3)]}.
bits(<<_:3, Rest/bits>>) -> Rest.
small() -> #{a => 1, b => 2}.
large() -> maps:from_list([{{I}, I} || I <- lists:seq(1, 100)]).
bases() -> [#{}, small(), large()].

operations() ->
    [{"put and get", fun({[A, B, C], [D, E, F]}) ->
         [begin
              M = M0#{A => 1, B => 2, C => 3},
              #{D := X, E := Y, F := Z} = M,
              {X, Y, Z, map_size(M), is_map_key(D, M), map_get(E, M), maps:find(F, M)}
          end || M0 <- bases()] end},
     {"update", fun({[A, B, C], [D, E, F]}) ->
         [begin
              M = M0#{A => 1, B => 2},
              N = M#{D := x, E := y},
              {map_get(A, N), map_get(B, N), map_size(N), missing(F, N),
               maps:is_key(C, N), maps:get(C, N, none)}
          end || M0 <- bases()] end},
     {"remove and take", fun({[A, B, C], [D, E, F]}) ->
         [begin
              M = M0#{A => 1, B => 2, C => 3},
              {V, N} = maps:take(D, M),
              P = maps:remove(E, N),
              {V, map_size(N), map_size(P), maps:take(D, P), maps:remove(F, P) =:= M0,
               maps:update(F, 4, P) =:= M0#{C => 4}}
          end || M0 <- bases()] end},
     {"match", fun({[A, B, _], [D, E, F]}) ->
         [begin
              M = M0#{A => 1, B => 2},
              {found(M, D), found(M, E), found(M, F), both(M, D, E), both(M, D, F)}
          end || M0 <- bases()] end},
     {"from lists", fun({Keys, Others}) ->
         Pairs = [{K, I} || {I, K} <- lists:zip([1, 2, 3], Keys)] ++ [{I, I} || I <- lists:seq(1, 200)]
             ++ [{K, -1} || K <- Others],
         M = maps:from_list(Pairs),
         {map_size(M), [map_get(K, M) || K <- Keys], M =:= maps:from_list(lists:reverse(Pairs)),
          map_size(maps:from_keys(Keys ++ lists:seq(1, 200) ++ Others, x)),
          map_size(maps:merge(M, #{hd(Others) => 7}))} end},
     {"hashes", fun({Keys, Others}) ->
         {[erlang:phash2(K) || K <- Keys], [erlang:phash(K, 1000) || K <- Others],
          [erlang:phash2({x, [K], #{K => K}}) || K <- Keys]} end},
     {"order of walking", fun({Keys, _}) ->
         M = maps:from_list([{K, I} || {I, K} <- lists:zip([1, 2, 3], Keys)] ++ [{I, I} || I <- lists:seq(4, 60)]),
         maps:values(M) end},
     {"comparing", fun({[A, B, _], [D, E, _]}) ->
         {A =:= D, A == D, A < B, D < A, B > D, A =:= E, lists:member(E, [A, B]),
          #{A => 1} =:= #{D => 1}, #{A => 1} < #{E => 1}} end}].

missing(Key, M) ->
    try M#{Key := z} of _ -> false catch error:{badkey, K} -> K =:= Key end.
found(M, Key) ->
    case M of
        #{Key := V} -> V;
        #{} -> none
    end.
both(M, K, L) ->
    case M of
        #{K := V, L := W} -> {V, W};
        #{K := V} -> V;
        _ -> none
    end.
