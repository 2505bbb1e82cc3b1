%% Random terms, with a liking for the values at which implementations differ: the ends of small and
%% 64-bit integers, floats that are whole or tiny, empty things, equal things of different types.
-module(generated_terms).
-export([term/0, term/1, number/0, integer/0, float/0, like/1, list/1, small_map/1, map/1,
         binary/0, bits/0, atom/0, string/0, chardata/1, argument/0, canonical/1, sorted/1]).

-import(fuzz_random, [below/1, one_of/1, bytes/1]).

term() -> term(below(4)).

term(0) -> leaf(below(13));
term(Depth) ->
    case below(9) of
        0 -> list(Depth);
        1 -> list_to_tuple(list(Depth));
        2 -> small_map(Depth);
        3 -> [term(Depth - 1) | term(0)];
        4 -> {term(Depth - 1), term(Depth - 1)};
        5 -> string();
        _ -> leaf(below(13))
    end.

leaf(0) -> integer();
leaf(1) -> integer();
leaf(2) -> float();
leaf(3) -> atom();
leaf(4) -> atom();
leaf(5) -> [];
leaf(6) -> binary();
leaf(7) -> bits();
leaf(8) -> {};
leaf(9) -> #{};
leaf(10) -> below(10);
leaf(11) -> float(below(10));
leaf(12) -> fun lists:map/2.

list(Depth) -> [term(Depth - 1) || _ <- lists:seq(1, below(6))].

small_map(Depth) ->
    maps:from_list([{term(Depth - 1), term(Depth - 1)} || _ <- lists:seq(1, below(7))]).

%% Of any size, large ones among them.
map(Depth) ->
    case below(3) of
        0 -> small_map(Depth);
        1 -> maps:from_list([{below(200), term(0)} || _ <- lists:seq(1, below(120))]);
        2 -> maps:from_list([{term(1), below(5)} || _ <- lists:seq(1, below(60))])
    end.

number() ->
    case below(3) of
        0 -> float();
        _ -> integer()
    end.

integer() ->
    case below(10) of
        0 -> below(16);
        1 -> -below(16);
        2 -> below(1 bsl 30);
        3 ->
            Bits = one_of({27, 28, 31, 32, 53, 58, 59, 60, 61, 62, 63, 64, 65, 127, 128}),
            sign() * ((1 bsl Bits) + below(5) - 2);
        4 -> sign() * below(1 bsl 30) * below(1 bsl 30);
        5 -> sign() * binary:decode_unsigned(bytes(1 + below(40)));
        6 -> sign() * (1 bsl below(300));
        7 -> sign() * ((1 bsl below(200)) - 1);
        8 -> below(300) - 150;
        9 -> sign() * (below(1 bsl 30) bsl below(100))
    end.

sign() -> 1 - 2 * below(2).

float() ->
    case below(9) of
        0 -> float(below(100) - 50);
        1 -> sign() * below(1 bsl 30) / (1 + below(1000));
        2 -> one_of({0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, 1.0e300, 5.0e-324,
                     2.2250738585072014e-308, 1.7976931348623157e308, 9007199254740992.0,
                     9007199254740993.0, 1.0e22, 1.0e23,
                     576460752303423488.0, 1152921504606846976.0, 18446744073709551616.0, 0.1});
        3 -> sign() * math:pow(2, below(2000) - 1000);
        4 -> float(sign() * (1 bsl (50 + below(20))) + below(3));
        5 -> sign() * below(1000000) / 1000;
        6 -> sign() * math:pow(10, below(40) - 20);
        _ -> bit_float(bytes(8))
    end.

bit_float(Bytes) ->
    case Bytes of
        <<Float/float>> -> Float;
        _ -> 3.0
    end.

atom() ->
    one_of({a, b, c, true, false, ok, error, undefined, [], '', 'A b', 'ä', 'Ω', aa, infinity}).

binary() ->
    case below(6) of
        0 -> <<>>;
        1 -> bytes(below(10));
        2 -> bytes(60 + below(10));
        3 ->
            %% Half of a surrogate pair has no UTF-8.
            << <<C/utf8>> || C <- string(), C < 16#d800 orelse C > 16#dfff >>;
        4 -> binary:copy(bytes(1 + below(3)), 1 + below(40));
        5 -> << <<(97 + below(3))>> || _ <- lists:seq(1, below(20)) >>
    end.

bits() ->
    Bytes = bytes(1 + below(12)),
    Skip = below(8),
    Size = below(bit_size(Bytes) - Skip + 1),
    <<_:Skip, Bits:Size/bits, _/bits>> = Bytes,
    Bits.

string() ->
    Limit = one_of({4, 128, 256, 1024, 16#2100, 16#11000}),
    [32 + below(Limit) || _ <- lists:seq(1, below(12))].

chardata(0) ->
    case below(4) of
        0 -> string();
        1 -> binary();
        2 -> unicode:characters_to_binary(string());
        3 -> below(300)
    end;
chardata(Depth) ->
    List = [chardata(Depth - 1) || _ <- lists:seq(1, below(4))],
    case below(5) of
        0 -> List ++ binary();
        _ -> List
    end.

%% An argument for a function that wants who knows what.
argument() ->
    case below(12) of
        0 -> integer();
        1 -> below(8);
        2 -> -1;
        3 -> binary();
        4 -> list(2);
        5 -> [{atom(), below(4)} || _ <- lists:seq(1, below(4))];
        6 -> list_to_tuple(list(1));
        %% Large ones are encoded in the order in which they are walked.
        7 -> small_map(1);
        8 -> string();
        9 -> atom();
        _ -> term(1)
    end.

%% Something equal to the term, or nearly so.
like(Term) ->
    case below(4) of
        0 -> Term;
        1 -> term();
        _ -> changed(Term)
    end.

changed(N) when is_integer(N) ->
    case below(3) of
        0 -> N + 1;
        1 -> -N;
        2 when abs(N) < 1 bsl 1000 -> float(N);
        _ -> N
    end;
changed(F) when is_float(F) ->
    case below(3) of
        0 -> trunc(F);
        1 -> -F;
        2 when abs(F) < 1.0e300 -> F * 1.0000000000000002;
        2 -> 0
    end;
changed([H | T]) ->
    case below(3) of
        0 -> [like(H) | T];
        1 -> [H | changed(T)];
        2 -> T
    end;
changed(T) when is_tuple(T), tuple_size(T) > 0 ->
    I = 1 + below(tuple_size(T)),
    setelement(I, T, like(element(I, T)));
changed(M) when is_map(M), map_size(M) > 0 ->
    [{K, V} | _] = sorted(maps:to_list(M)),
    case below(3) of
        0 -> M#{K := like(V)};
        1 -> maps:remove(K, M);
        2 -> maps:put(like(K), V, maps:remove(K, M))
    end;
changed(B) when is_binary(B), byte_size(B) > 0 ->
    case below(2) of
        0 -> binary:part(B, 0, byte_size(B) - 1);
        1 -> <<B/binary, 0>>
    end;
changed(_) -> term(1).

%% In an order that tells 1 from 1.0.
sorted(Terms) ->
    lists:sort(fun(A, B) ->
        A < B orelse (A == B andalso term_to_binary(A) =< term_to_binary(B))
    end, Terms).

%% Without the stack trace of a caught error; the same for terms that no program can tell apart but
%% by the order in which maps are walked.
canonical(M) when is_map(M) ->
    {map, sorted([{canonical(K), canonical(V)} || {K, V} <- maps:to_list(M)])};
canonical({'EXIT', {Reason, [{_, _, _, _} | _]}}) -> {'EXIT', canonical(Reason)};
canonical([H | T]) -> [canonical(H) | canonical(T)];
canonical(T) when is_tuple(T) -> list_to_tuple([canonical(E) || E <- tuple_to_list(T)]);
canonical(F) when is_function(F) -> 'fun';
canonical(R) when is_reference(R) -> reference;
canonical(P) when is_pid(P) -> pid;
canonical(Term) -> Term.
