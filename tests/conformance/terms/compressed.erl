%% term_to_binary/2 and term_to_iovec/2 with compression: the same bytes, or the plain form where
%% compression does not pay.
-module(compressed).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [{lists:flatten(io_lib:format("~s ~0p", [Name, O])), fun() -> seen(term_to_binary(T, O)) end} || {Name, T} <- terms(), O <- options()] ++
    [{"back " ++ Name, fun() -> [binary_to_term(term_to_binary(T, O)) =:= T || O <- options()] end} || {Name, T} <- terms()] ++
    [{lists:concat(["bytes ", N, " times ", K]), fun() -> seen(term_to_binary(binary:copy(bytes(N), K), [compressed])) end} || N <- lists:seq(1, 40, 3), K <- [1, 2, 3]] ++
    [{lists:flatten(io_lib:format("~p ~0p", [F, O])), fun() -> result(F, O) end}
     || F <- [term_to_binary, term_to_iovec, external_size],
        O <- [[compressed], [{compressed, 10}], [{compressed, -1}], [{compressed, a}], [local], [deterministic], [{compressed, 0}], [compressed, {compressed, 0}],
              [{compressed, 0}, compressed], [{minor_version, 0}], [{minor_version, 1}], [{minor_version, 2}], [foo], [compressed, {minor_version, 2}]]] ++
    [?C(iovec(a)), ?C(iovec(lists:duplicate(100, a))), ?C(beam())].

options() -> [[], [compressed] | [[{compressed, L}] || L <- [1, 3, 5, 9]]].

terms() ->
    [{"atom", a}, {"list", lists:duplicate(1000, {a, "b", <<"c">>})}, {"numbers", lists:seq(1, 3000)}, {"zeros", <<0:80000>>}, {"bytes", bytes(3000)},
     {"map", maps:from_list([{I, integer_to_list(I * I)} || I <- lists:seq(1, 30)])}, {"nested", lists:foldl(fun(I, Acc) -> {I, Acc} end, [], lists:seq(1, 2000))},
     {"large", lists:duplicate(20000, "some text that is repeated")}].

bytes(N) -> bytes(N, 2463534242, []).
bytes(0, _, Acc) -> list_to_binary(Acc);
bytes(N, X0, Acc) ->
    X1 = (X0 bxor (X0 bsl 13)) band 16#ffffffff,
    X2 = X1 bxor (X1 bsr 17),
    X3 = (X2 bxor (X2 bsl 5)) band 16#ffffffff,
    bytes(N - 1, X3, [(X3 bsr 9) band 255 | Acc]).

seen(Binary) -> {byte_size(Binary), erlang:md5(Binary)}.

result(F, O) ->
    try erlang:F(lists:duplicate(30, abc), O) of
        Value -> Value
    catch Class:Reason -> {Class, Reason}
    end.

iovec(T) ->
    case erlang:term_to_iovec(T, [compressed]) of
        L when is_list(L) -> {list, iolist_to_binary(L)};
        B -> {binary, B}
    end.

%% A module written and read with compressed chunks.
beam() ->
    {ok, Forms, _} = {ok, [{attribute, 1, module, m}, {attribute, 1, export, [{f, 0}]}, {function, 1, f, 0, [{clause, 1, [], [], [{atom, 1, ok}]}]}], []},
    Chunk = term_to_binary({debug_info_v1, erl_abstract_code, {Forms, []}}, [compressed]),
    {seen(Chunk), binary_to_term(Chunk)}.
