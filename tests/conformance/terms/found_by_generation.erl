%% What random cases compared with erl (tests/generated/), and looks at what memory is left over
%% (tests/memory/), found to be different once.
-module(found_by_generation).
-export([cases/0]).

cases() ->
    [{negated_float_whose_type_is_known, fun() -> sign(known(0.0)) ++ sign(known(-0.0)) end},
     {negated_float_of_unknown_type, fun() -> sign(unknown(0.0)) ++ sign(unknown(-0.0)) end},
     {zeros_taken_off_large_floats, fun() -> [compact(F, D) || F <- floats(), D <- [0, 1, 5]] end},
     {name_of_one_that_was_killed, fun() -> [named() || _ <- [1, 2, 3]] end},
     {rest_of_a_list_with_one_binary, fun() -> [rest(E) || E <- encodings()] end},
     {records_of_odd_sizes, fun() -> [record(T, N) || T <- [{ok}, {ok, 1}, {}, x], N <- sizes()] end}].

known(X) when is_float(X) -> -X.
unknown(X) -> -X.
sign(X) -> binary_to_list(<<X/float>>).

floats() -> [100.0, 9007199254740990.0, 9007199254740992.0, 9007199254741000.0, -1.2e21, 1.0e22].
compact(F, Decimals) -> float_to_binary(F, [{decimals, Decimals}, compact]).

sizes() -> [-1, 0, 1, 2, 1 bsl 24, -1 bsl 59, (1 bsl 59) - 1, 1 bsl 59, -1 bsl 70, a, 1.0].
record(Term, Size) ->
    [try apply(erlang, is_record, [Term, Tag, Size]) catch _:Reason -> Reason end || Tag <- [ok, 1]].

%% What signals before a monitor has happened when its message comes.
named() ->
    P = spawn(fun() -> receive never -> ok end end),
    true = register(found_by_generation, P),
    exit(P, kill),
    Ref = monitor(process, P),
    receive {'DOWN', Ref, process, P, _} -> ok end,
    {whereis(found_by_generation), catch unregister(found_by_generation)}.

encodings() -> [latin1, utf8, unicode, utf16, {utf16, little}, utf32, {utf32, little}].
rest(Encoding) ->
    [{Encoding, unicode:F(Data, Encoding)}
     || F <- [characters_to_list, characters_to_binary],
        Data <- [[<<1, 2, 3>>], [<<255, 255, 255, 255>>], <<255, 255, 255>>, [<<216, 0, 0>> | <<1>>]]].
