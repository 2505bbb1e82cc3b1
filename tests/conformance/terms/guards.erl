%% Every type test and guard BIF on terms of all kinds, in guards and as calls.
-module(guards).
-export([cases/0]).
-include("values.hrl").

cases() ->
    All = values(),
    [{"type tests of " ++ Name, fun() -> tests(X) end} || {Name, X} <- All]
    ++ [{"types in guards of " ++ Name, fun() -> guards(X) end} || {Name, X} <- All]
    ++ [{"sizes of " ++ Name, fun() -> sizes(X) end} || {Name, X} <- All]
    ++ [{"sizes in guards of " ++ Name, fun() -> size_guards(X) end} || {Name, X} <- All]
    ++ [{"arithmetic with " ++ Name, fun() -> arithmetic(X) end} || {Name, X} <- All]
    ++ [{"booleans with " ++ Name, fun() -> booleans(X) end} || {Name, X} <- All]
    ++ [{"is_function with arity of " ++ Name, fun() -> [catch_(fun() -> is_function(X, A) end) || A <- [0, 1, 2, 300, -1, a, 1 bsl 70]] end}
        || {Name, X} <- All]
    ++ [{"is_record of " ++ Name, fun() -> {catch_(fun() -> is_record(X, atom(a)) end), is_record(X, a, 2), catch_(fun() -> erlang:is_record(X, X, 1) end)} end}
        || {Name, X} <- All].

tests(X) ->
    [is_atom(X), is_binary(X), is_bitstring(X), is_boolean(X), is_float(X), is_function(X), is_integer(X),
     is_list(X), is_map(X), is_number(X), is_pid(X), is_port(X), is_reference(X), is_tuple(X)].

guards(X) ->
    [if is_atom(X) -> atom; is_integer(X) -> integer; is_float(X) -> float; is_map(X) -> map; is_tuple(X) -> tuple;
        is_binary(X) -> binary; is_bitstring(X) -> bitstring; is_function(X, 1) -> fun1; is_function(X) -> function;
        is_pid(X) -> pid; is_port(X) -> port; is_reference(X) -> reference; is_list(X) -> list end,
     if X > 0, X < 10 -> small; X >= a -> late; true -> other end,
     if not is_number(X), not is_list(X) -> neither; true -> one end,
     if is_number(X) orelse is_atom(X) -> simple; true -> compound end,
     if is_boolean(X) and is_atom(X) -> boolean; true -> no end,
     if X == 0 -> zero; X == 1 -> one; true -> no end,
     if X =:= 0.0 -> zero; true -> no end,
     case X of [] -> nil; [_] -> one; [_ | _] -> list; {} -> empty; {_} -> one; #{a := V} -> {a, V}; <<>> -> empty;
               <<B, _/bits>> -> {byte, B}; 1.0 -> float; _ -> other end].

sizes(X) ->
    [catch_(F) || F <- [fun() -> size(X) end, fun() -> byte_size(X) end, fun() -> bit_size(X) end, fun() -> tuple_size(X) end,
                        fun() -> map_size(X) end, fun() -> length(X) end, fun() -> hd(X) end, fun() -> tl(X) end,
                        fun() -> element(1, X) end, fun() -> abs(X) end, fun() -> float(X) end, fun() -> trunc(X) end,
                        fun() -> round(X) end, fun() -> ceil(X) end, fun() -> floor(X) end, fun() -> node(X) end,
                        fun() -> is_map_key(a, X) end, fun() -> map_get(a, X) end, fun() -> binary_part(X, 0, 1) end,
                        fun() -> max(X, 1) end, fun() -> min(X, 1) end]].

size_guards(X) ->
    [if size(X) =:= 1 -> 1; true -> no end, if byte_size(X) > 0 -> yes; true -> no end, if bit_size(X) > 7 -> yes; true -> no end,
     if tuple_size(X) >= 1 -> yes; true -> no end, if map_size(X) >= 1 -> yes; true -> no end, if length(X) >= 1 -> yes; true -> no end,
     if hd(X) == 1 -> yes; true -> no end, if element(1, X) == 1 -> yes; true -> no end, if abs(X) > 1 -> yes; true -> no end,
     if trunc(X) == 1 -> yes; true -> no end, if node(X) == 'a@b' -> yes; true -> no end, if is_map_key(a, X) -> yes; true -> no end,
     if map_get(a, X) == 1 -> yes; true -> no end, if X + 1 > 1 -> yes; true -> no end, if self() == X -> yes; true -> no end,
     if float(X) > 1.0e10 -> yes; true -> no end, if (X band 1) == 1 -> odd; true -> no end, if binary_part(X, 0, 1) == <<1>> -> yes; true -> no end,
     if is_function(X, 1), tuple_size(X) == 1; X =:= a -> yes; true -> no end].

arithmetic(X) ->
    [catch_(F) || F <- [fun() -> X + 1 end, fun() -> X - 1.5 end, fun() -> 3 * X end, fun() -> X / 2 end, fun() -> X div 3 end,
                        fun() -> X rem 3 end, fun() -> -X end, fun() -> +X end, fun() -> bnot X end, fun() -> X band 255 end,
                        fun() -> X bor 256 end, fun() -> X bxor -1 end, fun() -> X bsl 3 end, fun() -> X bsr 3 end,
                        fun() -> 1 bsl (X rem 100) end, fun() -> X * X end, fun() -> 1 div X end, fun() -> 1 / X end,
                        fun() -> X ++ [1] end, fun() -> [1] ++ X end, fun() -> X -- [1] end, fun() -> [1, 2] -- X end]].

booleans(X) ->
    [catch_(F) || F <- [fun() -> not X end, fun() -> X and true end, fun() -> true or X end, fun() -> X xor false end,
                        fun() -> X andalso ok end, fun() -> X orelse ok end, fun() -> false andalso X end,
                        fun() -> if X -> 1; true -> 2 end end, fun() -> [1 || X] end]].

catch_(F) ->
    try F() catch Class:Reason -> {Class, Reason} end.

%% An atom that the compiler knows nothing about.
atom(A) -> list_to_atom(atom_to_list(A)).
