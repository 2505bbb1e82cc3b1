%% V maps: ordered by insertion. Each key carries the number of its insertion; an iteration sorts by
%% it.
%%
%%     {omap, #{Key => {Number, Value}}, NextNumber}
-module(v_map).

-export([
    new/0, from_list/1, put_all/2, to_list/1, len/1, get/3, find/2, has/2, put/3, delete/2,
    clear/1, keys/1, values/1
]).
-export([cursor/1, step/2, equal/3, str/3]).

new() -> {omap, #{}, 0}.

from_list(Pairs) -> put_all(new(), Pairs).

put_all(Map, Pairs) -> lists:foldl(fun({K, V}, M) -> put(M, K, V) end, Map, Pairs).

%% [{Key, Value}] in the order of insertion.
to_list({omap, Entries, _}) ->
    Ordered = lists:sort([{N, K, V} || {K, {N, V}} <- maps:to_list(Entries)]),
    [{K, V} || {_, K, V} <- Ordered].

%% A walk that sees changes of the map: the keys it has yet to visit with their numbers, and the
%% number from which keys are new.
cursor({omap, Entries, Next}) -> {numbered(Entries, 0), Next}.

numbered(Entries, From) ->
    lists:sort([{N, K} || {K, {N, _}} <- maps:to_list(Entries), N >= From]).

step({omap, Entries, _} = Map, {[{N, Key} | Rest], Next}) ->
    case Entries of
        #{Key := {N, Value}} -> {some, {Key, Value, {Rest, Next}}};
        _ -> step(Map, {Rest, Next})
    end;
step({omap, _, Next}, {[], Next}) ->
    none;
step({omap, Entries, Next} = Map, {[], From}) ->
    step(Map, {numbered(Entries, From), Next}).

len({omap, Entries, _}) -> map_size(Entries).

get({omap, Entries, _}, Key, Default) ->
    case Entries of
        #{Key := {_, Value}} -> Value;
        _ -> Default
    end.

find({omap, Entries, _}, Key) ->
    case Entries of
        #{Key := {_, Value}} -> {some, Value};
        _ -> none
    end.

has({omap, Entries, _}, Key) -> is_map_key(Key, Entries).

put({omap, Entries, Next}, Key, Value) ->
    case Entries of
        #{Key := {N, _}} -> {omap, Entries#{Key := {N, Value}}, Next};
        _ -> {omap, Entries#{Key => {Next, Value}}, Next + 1}
    end.

delete({omap, Entries, Next}, Key) -> {omap, maps:remove(Key, Entries), Next}.

clear(_) -> new().

keys(Map) -> v_array:from_list([K || {K, _} <- to_list(Map)]).
values(Map) -> v_array:from_list([V || {_, V} <- to_list(Map)]).

%% The order of insertion does not matter for equality.
equal({omap, A, _}, {omap, B, _}, Equal) ->
    map_size(A) =:= map_size(B) andalso
        lists:all(
            fun({K, {_, V}}) ->
                case B of
                    #{K := {_, W}} -> Equal(V, W);
                    _ -> false
                end
            end,
            maps:to_list(A)
        ).

str(Map, ShowKey, ShowValue) ->
    Shown = [[ShowKey(K), <<": ">>, ShowValue(V)] || {K, V} <- to_list(Map)],
    iolist_to_binary([${, lists:join(<<", ">>, Shown), $}]).
