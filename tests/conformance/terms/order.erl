%% Order and equality of terms of all kinds with one another, sorting, and hashes.
-module(order).
-export([cases/0]).
-include("values.hrl").

cases() ->
    All = values(),
    [{"compare " ++ Name, fun() -> [relation(X, Y) || {_, Y} <- All] end} || {Name, X} <- All]
    ++ [{"sort with " ++ Name, fun() -> names(lists:sort([X, 0, a, [], {}, #{}, <<>>]), All) end} || {Name, X} <- All]
    ++ [{"phash2 " ++ Name, fun() -> {erlang:phash2(X), erlang:phash2([X, {X}], 1000), erlang:phash2(#{X => X})} end}
        || {Name, X} <- All, Name =/= "local fun"]
    ++ [{"phash " ++ Name, fun() -> erlang:phash(X, 1 bsl 32) end} || {Name, X} <- All, Name =/= "local fun"]
    ++ [{"md5 and crc32 of the external form of " ++ Name,
         fun() -> B = term_to_binary(X), {erlang:md5(B), erlang:crc32(B), erlang:adler32(B)} end}
        || {Name, X} <- All, Name =/= "local fun", Name =/= "map of 40"]
    ++ [{"flat size " ++ Name, fun() -> {erts_debug:flat_size(X), erts_debug:size([X | X])} end} || {Name, X} <- All]
    ++ [{"usort of all", fun() -> length(lists:usort([X || {_, X} <- All ++ All])) end},
        {"sort of all", fun() -> names(lists:sort([X || {_, X} <- All]), All) end},
        {"max and min of all", fun() -> names([lists:max([X || {_, X} <- All]), lists:min([X || {_, X} <- All])], All) end}].

relation(X, Y) ->
    {X < Y, X =< Y, X == Y, X =:= Y, X /= Y, X =/= Y, X > Y, X >= Y}.

names(Terms, All) -> [name(T, All) || T <- Terms].

name(T, All) ->
    case [N || {N, X} <- All, X =:= T] of
        [Name | _] -> Name;
        [] -> T
    end.
