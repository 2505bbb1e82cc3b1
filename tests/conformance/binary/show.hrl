%% Printing results so that two implementations can be compared: bitstrings as {bits, Size, Bytes},
%% lists as tuples (so that none is taken for text), floats as their bits, atoms with unusual
%% characters as tuples, and of an exception class and reason.

-define(T(Expression), show(??Expression, fun() -> Expression end)).

show(Name, Fun) ->
    Result =
        try {ok, plain(Fun())}
        catch Class:Reason -> {Class, plain(Reason)}
        end,
    erlang:display({list_to_atom(short(Name, 200)), Result}).

short([C | Rest], N) when N > 0 -> [C | short(Rest, N - 1)];
short(_, _) -> [].

plain(Bits) when is_bitstring(Bits) ->
    {bits, bit_size(Bits), list_to_tuple(bytes(Bits))};
plain([]) ->
    [];
plain(List) when is_list(List) ->
    list_to_tuple([list | elements(List)]);
plain(Tuple) when is_tuple(Tuple) ->
    list_to_tuple(proper(tuple_to_list(Tuple)));
plain(Float) when is_float(Float) ->
    {float, plain(<<Float/float>>)};
plain(Atom) when is_atom(Atom) ->
    case [C || C <- atom_to_list(Atom), C < 32 orelse C > 126] of
        [] -> Atom;
        _ -> list_to_tuple([atom | atom_to_list(Atom)])
    end;
plain(Fun) when is_function(Fun) ->
    a_fun;
plain(Ref) when is_reference(Ref) ->
    a_reference;
plain(Other) ->
    Other.

bytes(<<Byte, Rest/bits>>) -> [Byte | bytes(Rest)];
bytes(<<>>) -> [];
bytes(Bits) -> Size = bit_size(Bits), <<N:Size>> = Bits, [{N, Size}].

elements([Head | Tail]) when is_list(Tail) -> [plain(Head) | elements(Tail)];
elements([Head | Tail]) -> [plain(Head), tail, plain(Tail)];
elements([]) -> [].

proper([Head | Tail]) -> [plain(Head) | proper(Tail)];
proper([]) -> [].

%% A value that the compiler knows nothing about.
id(X) ->
    case get(no_such_key) of
        undefined -> X;
        _ -> nothing
    end.
