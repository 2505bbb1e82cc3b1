%% Cases of one operation each on random arguments, by kind. The result of a case is what the
%% operation returns, or the class and the reason of its exception.
-module(generated_cases).
-export([kinds/0, result/2]).

-import(fuzz_random, [below/1, one_of/1]).
-import(generated_terms, [term/0, term/1, number/0, integer/0, like/1, map/1, list/1, binary/0,
                          bits/0, atom/0, string/0, chardata/1, argument/0]).

kinds() -> [arithmetic, comparison, sorting, hashing, external, maps, binaries, lists, tuples,
            number_text, formatting, characters, bifs, strings].

%% {What was asked, what came out}.
result(Kind, Seed) ->
    fuzz_random:seed(Seed),
    {Function, Arguments} = call(Kind),
    Result = try apply_of(Function, Arguments)
             catch Class:Reason -> {Class, Reason}
             end,
    {{Function, Arguments}, generated_terms:canonical(Result)}.

apply_of({Module, Name}, Arguments) -> apply(Module, Name, Arguments);
apply_of(Fun, Arguments) -> apply(Fun, Arguments).

call(arithmetic) ->
    case below(4) of
        0 -> {{erlang, one_of({'-', '+', 'bnot', abs, float, round, trunc, ceil, floor})},
              [number()]};
        1 -> {{erlang, one_of({'bsl', 'bsr'})}, [integer(), below(300) - 150]};
        2 ->
            X = number(),
            {{erlang, operator()}, [X, like(X)]};
        3 -> {{erlang, operator()}, [number(), number()]}
    end;
call(comparison) ->
    X = term(),
    Y = like(X),
    Compare = fun(A, B) ->
        {A < B, A =< B, A == B, A =:= B, A /= B, A =/= B, A > B, A >= B, max(A, B), min(A, B)}
    end,
    {Compare, [X, Y]};
call(sorting) ->
    Terms = [term(below(3)) || _ <- lists:seq(1, below(12))],
    Keyed = [{below(4), T} || T <- Terms],
    case below(6) of
        0 -> {{lists, usort}, [Terms ++ Terms]};
        1 -> {{lists, keysort}, [1, Keyed]};
        2 -> {{lists, ukeysort}, [1, Keyed]};
        3 -> {{lists, max}, [Terms]};
        4 -> {{lists, umerge}, [lists:usort(Terms), lists:usort(list(2))]};
        5 -> {{lists, sort}, [Terms]}
    end;
call(hashing) ->
    case below(6) of
        0 -> {{erlang, phash2}, [term(), 1 + below(1 bsl 20)]};
        1 -> {{erlang, phash}, [term(), 1 + below(1 bsl 20)]};
        2 -> {{erlang, one_of({md5, crc32, adler32})}, [[binary(), [binary() | binary()]]]};
        3 -> {{erlang, phash2}, [map(1)]};
        _ -> {{erlang, phash2}, [term()]}
    end;
call(external) ->
    Term = term(),
    case below(6) of
        0 -> {fun(T, V) -> term_to_binary(T, [{minor_version, V}]) end, [Term, below(3)]};
        1 -> {fun(T) -> binary_to_term(term_to_binary(T, [compressed])) =:= T end, [Term]};
        2 -> {fun(T) -> iolist_to_binary(erlang:term_to_iovec(T)) end, [Term]};
        3 -> {{erlang, external_size}, [Term]};
        4 ->
            Bytes = term_to_binary(Term),
            Cut = binary:part(Bytes, 0, below(byte_size(Bytes))),
            {{erlang, binary_to_term}, [Cut]};
        5 -> {{erlang, term_to_binary}, [Term]}
    end;
call(maps) -> maps_call(below(16), map(2));
call(binaries) -> binary_call(below(18));
call(lists) -> list_call(below(20), list(2));
call(tuples) ->
    Tuple = list_to_tuple(list(2)),
    case below(8) of
        0 -> {{erlang, element}, [below(7), Tuple]};
        1 -> {{erlang, setelement}, [below(7), Tuple, term(1)]};
        2 -> {{erlang, append_element}, [Tuple, term(1)]};
        3 -> {{erlang, insert_element}, [below(7), Tuple, x]};
        4 -> {{erlang, delete_element}, [below(7), Tuple]};
        5 -> {{erlang, make_tuple}, [below(5), x, [{below(7), y}, {below(7), z}]]};
        6 -> {{erlang, tuple_to_list}, [Tuple]};
        7 -> {{erlang, list_to_tuple}, [argument()]}
    end;
call(number_text) -> number_text(below(12));
%% io_lib:format/2 asks the code server when arguments are bad.
call(formatting) -> {{io_lib_format, fwrite}, format(below(8), [], [])};
call(characters) ->
    Encodings = {latin1, unicode, utf8, utf16, {utf16, little}, utf32, {utf32, little}},
    case below(5) of
        0 -> {{unicode, characters_to_list}, [chardata(2), one_of(Encodings)]};
        1 -> {{unicode, characters_to_binary}, [chardata(2), one_of(Encodings), one_of(Encodings)]};
        2 -> {{unicode, characters_to_nfc_list}, [string()]};
        3 -> {{unicode, characters_to_nfd_binary}, [string()]};
        4 -> {{erlang, one_of({iolist_to_binary, iolist_size, list_to_binary})}, [chardata(2)]}
    end;
call(bifs) ->
    {Name, Arity} = one_of(pure_bifs()),
    {{erlang, Name}, [argument() || _ <- lists:seq(1, Arity)]};
call(strings) -> string_call(below(14), string()).

operator() ->
    one_of({'+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor', '+', '-', '*', 'div', 'rem'}).

maps_call(0, M) -> {{maps, put}, [key(M), term(1), M]};
maps_call(1, M) -> {{maps, remove}, [key(M), M]};
maps_call(2, M) -> {{maps, find}, [key(M), M]};
maps_call(3, M) -> {{maps, get}, [key(M), M]};
maps_call(4, M) -> {{maps, update}, [key(M), term(1), M]};
maps_call(5, M) -> {{maps, take}, [key(M), M]};
maps_call(6, M) -> {{maps, merge}, [M, map(2)]};
maps_call(7, M) -> {{maps, with}, [[key(M), key(M), a], M]};
maps_call(8, M) -> {{maps, without}, [[key(M), key(M), a], M]};
maps_call(9, M) -> {{maps, intersect}, [M, map(2)]};
maps_call(10, M) -> {fun(Map) -> generated_terms:sorted(maps:keys(Map)) end, [M]};
maps_call(11, M) -> {fun(A, B) -> {A =:= B, A == B, A < B} end, [M, like(M)]};
maps_call(12, M) -> {fun(Map) -> maps:from_list(maps:to_list(Map)) =:= Map end, [M]};
maps_call(13, M) -> {{erlang, is_map_key}, [key(M), M]};
maps_call(14, M) ->
    {fun(Map, Key) -> Map#{Key => 1, b => 2} =:= maps:merge(Map, #{Key => 1, b => 2}) end,
     [M, key(M)]};
maps_call(15, M) -> {{erlang, map_size}, [M]}.

key(M) when map_size(M) =:= 0 -> term(1);
key(M) ->
    case below(3) of
        0 -> term(1);
        1 -> like(hd(generated_terms:sorted(maps:keys(M))));
        2 -> lists:last(generated_terms:sorted(maps:keys(M)))
    end.

binary_call(I) -> binary_call(I, binary()).

binary_call(0, B) -> {{binary, match}, [B, pattern(B)]};
binary_call(1, B) -> {{binary, matches}, [B, [pattern(B), pattern(B)]]};
binary_call(2, B) -> {{binary, split}, [B, pattern(B), [global]]};
binary_call(3, B) -> {{binary, replace}, [B, pattern(B), <<"x">>, [global]]};
binary_call(4, B) -> {{binary, part}, [B, below(20) - 3, below(20) - 10]};
binary_call(5, B) -> {{binary, at}, [B, below(20) - 2]};
binary_call(6, B) -> {{binary, one_of({first, last, bin_to_list, decode_unsigned})}, [B]};
binary_call(7, B) -> {{binary, longest_common_prefix}, [[B, like(B)]]};
binary_call(8, _) -> {{binary, encode_unsigned}, [integer(), one_of({big, little})]};
binary_call(9, B) -> {{binary, copy}, [B, below(5) - 1]};
binary_call(10, B) -> {{erlang, split_binary}, [B, below(20)]};
binary_call(11, B) -> {{erlang, binary_to_list}, [B, 1 + below(10), 1 + below(20)]};
binary_call(12, _) -> {{erlang, bitstring_to_list}, [bits()]};
binary_call(13, _) -> {{erlang, list_to_bitstring}, [[bits(), below(256), [bits() | bits()]]]};
binary_call(14, B) -> {{erlang, binary_part}, [B, {below(20), below(20) - 10}]};
binary_call(15, _) ->
    {{erlang, one_of({bit_size, byte_size})}, [one_of({bits(), binary(), term()})]};
binary_call(16, B) -> {{binary, longest_common_suffix}, [[B, like(B), B]]};
binary_call(17, B) -> {{binary, encode_hex}, [B]}.

pattern(B) when byte_size(B) > 1 ->
    case below(3) of
        0 -> binary:part(B, below(byte_size(B)), 1);
        1 -> binary:part(B, 0, 1 + below(byte_size(B)));
        2 -> <<(97 + below(3)), (97 + below(3))>>
    end;
pattern(_) -> <<"a">>.

list_call(0, L) -> {{lists, reverse}, [L, term(1)]};
list_call(1, L) -> {{lists, member}, [like(lists_hd(L)), L]};
list_call(2, L) -> {{lists, nth}, [below(7), L]};
list_call(3, L) -> {{lists, nthtail}, [below(7), L]};
list_call(4, L) -> {{erlang, '++'}, [L, term(1)]};
list_call(5, L) -> {{erlang, '--'}, [L ++ list(2), list(2) ++ L]};
list_call(6, _) -> {{lists, keyfind}, [below(4), 1 + below(3), pairs()]};
list_call(7, _) -> {{lists, keymember}, [below(4) * 1.0, 1 + below(3), pairs()]};
list_call(8, _) -> {{lists, keysearch}, [below(4), 1 + below(3), pairs()]};
list_call(9, _) -> {{lists, keydelete}, [below(4), 1, pairs()]};
list_call(10, _) -> {{lists, keytake}, [below(4), 1, pairs()]};
list_call(11, _) -> {{lists, keyreplace}, [below(4), 1, pairs(), {x, y}]};
list_call(12, L) -> {{lists, sublist}, [L, 1 + below(5), below(5)]};
list_call(13, _) -> {{lists, seq}, [below(20) - 10, below(20) - 10, below(7) - 3]};
list_call(14, L) -> {{erlang, length}, [one_of({L, [a | b], argument()})]};
list_call(15, L) -> {{lists, flatten}, [L]};
list_call(16, L) -> {{lists, split}, [below(6), L]};
list_call(17, L) -> {{lists, delete}, [like(lists_hd(L)), L]};
list_call(18, _) -> {{lists, sum}, [[number() || _ <- lists:seq(1, below(8))]]};
list_call(19, L) -> {{lists, zip}, [L, list(1)]}.

lists_hd([H | _]) -> H;
lists_hd([]) -> none.

pairs() -> [one_of({{below(4), atom()}, {below(4) * 1.0}, {atom(), below(4), x}, below(4)})
            || _ <- lists:seq(1, below(6))].

number_text(0) -> {{erlang, integer_to_list}, [integer(), 2 + below(35)]};
number_text(1) -> {{erlang, integer_to_binary}, [integer()]};
number_text(2) -> {{erlang, float_to_list}, [generated_terms:float(), [short]]};
number_text(3) ->
    {{erlang, float_to_binary}, [generated_terms:float(), [{decimals, below(30)}, compact]]};
number_text(4) -> {{erlang, float_to_list}, [generated_terms:float(), [{scientific, below(25)}]]};
number_text(5) -> {{erlang, float_to_list}, [generated_terms:float()]};
number_text(6) -> {{erlang, list_to_float}, [damaged(float_to_list(generated_terms:float()))]};
number_text(7) -> {{erlang, list_to_integer}, [damaged(integer_to_list(integer()))]};
number_text(8) ->
    Base = 2 + below(35),
    {{erlang, binary_to_integer}, [integer_to_binary(integer(), Base), Base + below(2)]};
number_text(9) -> {{erlang, float_to_binary}, [generated_terms:float(), [{decimals, below(30)}]]};
number_text(10) -> {{string, to_integer}, [damaged(integer_to_list(integer()))]};
number_text(11) -> {{io_lib, format}, ["~p ~w", [generated_terms:float(), number()]]}.

damaged(Text) ->
    case below(3) of
        0 ->
            {Before, After} = lists:split(below(length(Text) + 1), Text),
            Before ++ [one_of({$e, $., $-, $+, $_, $\s, $0, $a})] ++ After;
        _ -> Text
    end.

format(0, Format, Arguments) -> [lists:flatten(lists:reverse(Format)), lists:reverse(Arguments)];
format(N, Format, Arguments) ->
    Width = one_of({"", "", "", integer_to_list(below(30)), [$- | integer_to_list(1 + below(20))]}),
    Precision = one_of({"", "", [$. | integer_to_list(below(20))]}),
    Pad = case Precision of [] -> ""; _ -> one_of({"", "", ".0", ".*"}) end,
    case below(14) of
        0 -> format(N - 1, [["~", Width, one_of({"p", "w", "tp", "tw"})] | Format],
                    [term(2) | Arguments]);
        1 -> format(N - 1, [["~", Width, Precision, one_of({"s", "ts"})] | Format],
                    [one_of({string(), "latin", atom(), binary(), <<"text">>}) | Arguments]);
        2 -> format(N - 1, [["~", Width, Precision, one_of({"b", "B", "+", "#"})] | Format],
                    [integer() | Arguments]);
        3 -> format(N - 1, [["~", Width, Precision, one_of({"f", "e", "g"})] | Format],
                    [one_of({generated_terms:float(), number()}) | Arguments]);
        4 -> format(N - 1, [["~", Width, one_of({"c", "tc"})] | Format], [64 + below(900) | Arguments]);
        5 -> format(N - 1, ["~n" | Format], Arguments);
        6 -> format(N - 1, [["~", Width, "~"] | Format], Arguments);
        7 -> format(N - 1, [string() -- "~" | Format], Arguments);
        8 -> format(N - 1, ["~i" | Format], [term(0) | Arguments]);
        9 -> format(N - 1, [["~", one_of({"P", "W", "tP"})] | Format],
                    [1 + below(12), term(3) | Arguments]);
        10 -> format(N - 1, [["~", Precision, Pad, "s"] | Format], ["padded" | Arguments]);
        11 -> format(N - 1, [["~", Precision, one_of({"x", "X"})] | Format],
                     ["prefix", integer() | Arguments]);
        12 -> format(N - 1, ["~0p" | Format], [term(3) | Arguments]);
        13 -> format(N - 1, [one_of({"~s", "~b", "~z", "~", "~.p"}) | Format], [term(1) | Arguments])
    end.

string_call(0, S) -> {{string, length}, [S]};
string_call(1, S) -> {{string, uppercase}, [S]};
string_call(2, S) -> {{string, lowercase}, [unicode:characters_to_binary(S)]};
string_call(3, S) -> {{string, slice}, [S, below(8), below(8)]};
string_call(4, S) -> {{string, split}, [S, " ", all]};
string_call(5, S) -> {{string, trim}, [S]};
string_call(6, S) -> {{string, pad}, [S, below(20), one_of({leading, trailing, both})]};
string_call(7, S) -> {{string, reverse}, [S]};
string_call(8, S) -> {{string, to_graphemes}, [S]};
string_call(9, S) -> {{string, equal}, [S, string:uppercase(S), true]};
string_call(10, S) -> {{string, lexemes}, [S, " a"]};
string_call(11, S) -> {{string, find}, [S, [lists_hd(S)]]};
string_call(12, S) -> {{io_lib, write_string}, [S]};
string_call(13, S) -> {{string, casefold}, [S]}.

%% BIFs that only compute, without those that ask for as much memory as an argument says.
pure_bifs() ->
    {{abs, 1}, {adler32, 1}, {adler32, 2}, {adler32_combine, 3}, {append_element, 2},
     {atom_to_binary, 1}, {atom_to_binary, 2}, {atom_to_list, 1}, {binary_part, 2},
     {binary_part, 3}, {binary_to_atom, 1}, {binary_to_atom, 2}, {binary_to_existing_atom, 2},
     {binary_to_float, 1}, {binary_to_integer, 1}, {binary_to_integer, 2}, {binary_to_list, 1},
     {binary_to_list, 3}, {binary_to_term, 1}, {binary_to_term, 2}, {bit_size, 1},
     {bitstring_to_list, 1}, {byte_size, 1}, {ceil, 1}, {crc32, 1}, {crc32, 2}, {crc32_combine, 3},
     {delete_element, 2}, {element, 2}, {external_size, 1}, {external_size, 2},
     {float, 1}, {float_to_binary, 1}, {float_to_binary, 2}, {float_to_list, 1},
     {float_to_list, 2}, {floor, 1}, {hd, 1}, {insert_element, 3}, {integer_to_binary, 1},
     {integer_to_binary, 2}, {integer_to_list, 1}, {integer_to_list, 2}, {iolist_size, 1},
     {iolist_to_binary, 1}, {iolist_to_iovec, 1}, {is_atom, 1}, {is_binary, 1}, {is_bitstring, 1},
     {is_boolean, 1}, {is_float, 1}, {is_function, 1}, {is_function, 2}, {is_integer, 1},
     {is_list, 1}, {is_map, 1}, {is_map_key, 2}, {is_number, 1}, {is_pid, 1}, {is_record, 2},
     {is_record, 3}, {is_reference, 1}, {is_tuple, 1}, {length, 1}, {list_to_atom, 1},
     {list_to_binary, 1}, {list_to_bitstring, 1}, {list_to_existing_atom, 1}, {list_to_float, 1},
     {list_to_integer, 1}, {list_to_integer, 2}, {list_to_tuple, 1}, {make_fun, 3},
     {map_get, 2}, {map_size, 1}, {match_spec_test, 3}, {max, 2},
     {md5, 1}, {min, 2}, {phash, 2}, {phash2, 1}, {phash2, 2}, {round, 1}, {setelement, 3},
     {size, 1}, {split_binary, 2}, {term_to_binary, 1}, {term_to_binary, 2}, {tl, 1}, {trunc, 1},
     {tuple_size, 1}, {tuple_to_list, 1}, {'not', 1}, {'and', 2}, {'or', 2}, {'xor', 2}, {size, 1},
     {'++', 2}, {'--', 2}, {'+', 2}, {'-', 2}, {'*', 2}, {'/', 2}, {'div', 2}, {'rem', 2},
     {'band', 2}, {'bor', 2}, {'bxor', 2}, {'bnot', 1}, {'==', 2},
     {'=:=', 2}, {'<', 2}, {'=<', 2}, {apply, 2}, {error, 2}, {raise, 3}, {fun_info, 2},
     {function_exported, 3}, {is_builtin, 3}, {convert_time_unit, 3},
     {posixtime_to_universaltime, 1}, {universaltime_to_posixtime, 1}}.
