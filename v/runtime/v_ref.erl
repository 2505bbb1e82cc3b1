%% References. `nil` is the atom `nil`; the others lead to
%%
%%     {ref, Id}            a cell in the dictionary of the process that made it
%%     {heap, Table, Id}    a cell in a table, which several processes reach
%%     {box, Value}         a value lent to a function that only reads it
%%     {box, Value, Id}     a value that nothing writes to
%%     {at, Base, Path}     a part of what Base leads to
%%
%% A path is a list of steps from the whole to the part: an integer is a tuple's element, `{index,
%% I}` an array's, `{fixed, I}` a fixed array's, `{key, K, Zero}` a map's, `{tagged, Tag}` what is
%% packed under a tag, `{common, Rows}` an element that has another place under each tag,
%% `{accessors, Get, Set}` what two functions of the whole read and replace.
-module(v_ref).

-export([new/1, shared/1, box/1, constant/2, at/2, get/1, put/2, equal/3, address/1]).
-export([update/2, elements/1, heap/0, inherit/1, mark/0, release/1]).

new(Value) ->
    Id =
        case erlang:get(v_next_cell) of
            undefined -> 1;
            N -> N
        end,
    erlang:put(v_next_cell, Id + 1),
    Ref = {ref, Id},
    erlang:put(Ref, Value),
    Ref.

%% The number of the next cell of this process.
mark() ->
    case erlang:get(v_next_cell) of
        undefined -> 1;
        Next -> Next
    end.

%% Nobody leads to the cells made since then any more.
release(Mark) ->
    case erlang:get(v_next_cell) of
        Next when is_integer(Next), Next > Mark ->
            erlang:put(v_next_cell, Mark),
            forget(Mark, Next);
        _ ->
            ok
    end.

forget(Next, Next) ->
    ok;
forget(Id, Next) ->
    erlang:erase({ref, Id}),
    forget(Id + 1, Next).

%% A row is {Id, Value, Version}: the version tells a writer of a part whether the whole has changed
%% meanwhile.
shared(Value) ->
    Table = heap(),
    Id = erlang:unique_integer([positive]),
    ets:insert(Table, {Id, Value, Id}),
    {heap, Table, Id}.

%% All references to a constant are the same.
constant(Value, Name) -> {box, Value, Name}.

box(Value) -> {box, Value, erlang:unique_integer([positive])}.

at({at, Base, Path}, More) -> {at, Base, Path ++ More};
at(nil, _) -> nil;
at(Base, []) -> Base;
at(Base, Path) -> {at, Base, Path}.

get({ref, _} = Ref) -> erlang:get(Ref);
get({box, Value}) -> Value;
get({box, Value, _}) -> Value;
get({heap, Table, Id}) -> ets:lookup_element(Table, Id, 2);
get({text, _, _} = Pointer) -> v_text:at(Pointer, 0);
get({at, Base, Path}) -> part(?MODULE:get(Base), Path);
get(nil) -> v_rt:panic(<<"nil dereference">>).

put({ref, _} = Ref, Value) ->
    erlang:put(Ref, Value),
    ok;
put({heap, Table, Id}, Value) ->
    ets:insert(Table, {Id, Value, erlang:unique_integer()}),
    ok;
put({at, {heap, Table, Id}, Path}, Value) ->
    put_shared_part(Table, Id, Path, Value);
put({at, Base, Path}, Value) ->
    ?MODULE:put(Base, replace(?MODULE:get(Base), Path, Value));
put({box, _, _}, _) ->
    v_rt:panic(<<"a constant cannot be changed">>);
put(nil, _) ->
    v_rt:panic(<<"nil dereference">>).

%% A reference to each element of the array that a reference leads to.
elements(Ref) ->
    Last = v_array:len(?MODULE:get(Ref)) - 1,
    v_array:from_list([at(Ref, [{index, I}]) || I <- lists:seq(0, Last)]).

%% Two threads that write different parts of one value must not undo each other's work: the new
%% whole replaces exactly the version it was made from.
put_shared_part(Table, Id, Path, Value) ->
    [{_, Old, Version}] = ets:lookup(Table, Id),
    case swap(Table, Id, Version, replace(Old, Path, Value)) of
        true -> ok;
        false -> put_shared_part(Table, Id, Path, Value)
    end.

swap(Table, Id, Version, New) ->
    Row = {{Id, {const, New}, erlang:unique_integer()}},
    ets:select_replace(Table, [{{Id, '_', Version}, [], [Row]}]) =:= 1.

%% Replaces what a reference leads to by what Fun makes of it, at once for all threads; gives what
%% it was before.
update({heap, _, _} = Ref, Fun) -> update_shared(Ref, [], Fun);
update({at, {heap, _, _} = Ref, Path}, Fun) -> update_shared(Ref, Path, Fun);
update(Ref, Fun) ->
    Old = ?MODULE:get(Ref),
    ?MODULE:put(Ref, Fun(Old)),
    Old.

update_shared({heap, Table, Id} = Ref, Path, Fun) ->
    [{_, Whole, Version}] = ets:lookup(Table, Id),
    Old = part(Whole, Path),
    case swap(Table, Id, Version, replace(Whole, Path, Fun(Old))) of
        true -> Old;
        false -> update_shared(Ref, Path, Fun)
    end.

part(Value, []) -> Value;
part(Value, [N | Path]) when is_integer(N) -> part(element(N, Value), Path);
part(Value, [{index, I} | Path]) -> part(v_array:get(Value, I), Path);
part(Value, [{fixed, I} | Path]) -> part(v_array:get_fixed(Value, I), Path);
part(Value, [{key, K, Zero} | Path]) -> part(v_map:get(Value, K, Zero), Path);
part({Tag, Value}, [{tagged, Tag} | Path]) -> part(Value, Path);
part({Tag, Value}, [{common, Rows} | Path]) -> part(element(map_get(Tag, Rows), Value), Path);
part(Value, [{accessors, Get, _} | Path]) -> part(Get(Value), Path);
part(Value, [{view, M, Get, _, Args} | Path]) -> part(apply(M, Get, [Value | Args]), Path);
part(Value, [{boxed, Tag} | Path]) -> part({Tag, Value}, Path).

replace(_, [], New) -> New;
replace(Value, [N | Path], New) when is_integer(N) ->
    setelement(N, Value, replace(element(N, Value), Path, New));
replace(Value, [{index, I} | Path], New) ->
    v_array:set(Value, I, replace(v_array:get(Value, I), Path, New));
replace(Value, [{fixed, I} | Path], New) ->
    v_array:set_fixed(Value, I, replace(v_array:get_fixed(Value, I), Path, New));
replace(Value, [{key, K, Zero} | Path], New) ->
    v_map:put(Value, K, replace(v_map:get(Value, K, Zero), Path, New));
replace({Tag, Value}, [{tagged, Tag} | Path], New) ->
    {Tag, replace(Value, Path, New)};
replace({Tag, Value}, [{common, Rows} | Path], New) ->
    N = map_get(Tag, Rows),
    {Tag, setelement(N, Value, replace(element(N, Value), Path, New))};
replace(Value, [{accessors, Get, Set} | Path], New) ->
    Set(Value, replace(Get(Value), Path, New));
replace(Value, [{view, M, Get, Set, Args} | Path], New) ->
    Part = replace(apply(M, Get, [Value | Args]), Path, New),
    apply(M, Set, [Value | Args ++ [Part]]);
replace(Value, [{boxed, Tag} | Path], New) ->
    {_, Changed} = replace({Tag, Value}, Path, New),
    Changed.

%% References are equal when they lead to the same cell or to equal values.
equal(A, A, _) -> true;
equal(nil, _, _) -> false;
equal(_, nil, _) -> false;
equal(A, B, Equal) -> Equal(?MODULE:get(A), ?MODULE:get(B)).

%% The number that stands for a reference where V prints an address or takes it for an integer.
address(nil) -> 0;
address({ref, Id}) -> 16#600000000000 + Id * 16;
address({heap, _, Id}) -> 16#700000000000 + Id * 16;
address({box, _, Name}) when is_atom(Name) -> 16#200000000000 + erlang:phash2(Name) * 16;
address({box, _, Id}) -> 16#500000000000 + Id * 16;
address({box, Value}) -> 16#400000000000 + erlang:phash2(Value) * 16;
address({at, Base, Path}) ->
    %% Elements of one array lie one after the other, and far from all others.
    case lists:reverse(Path) of
        [{Kind, I} | Before] when Kind =:= index; Kind =:= fixed ->
            Whole = address(v_ref:at(Base, lists:reverse(Before))),
            ((Whole band 16#fffffffffff) bsl 20) + I;
        [] ->
            address(Base);
        _ ->
            address(Base) + erlang:phash2(Path, 1 bsl 20) * 16
    end;
address({text, Text, At}) -> 16#100000000000 + erlang:phash2(Text) * 16 + At;
address(N) when is_integer(N) -> N;
address(Other) -> 16#300000000000 + erlang:phash2(Other) * 16.

%% The table of the program's shared cells. It belongs to a process of its own, linked to the one
%% that first needed it, so that it lasts as long as the program.
heap() ->
    case erlang:get(v_heap) of
        undefined ->
            Owner = self(),
            Ref = make_ref(),
            spawn_link(fun() ->
                Table = ets:new(v_heap, [public, {write_concurrency, true}]),
                Owner ! {Ref, Table},
                receive
                    stop -> ok
                end
            end),
            receive
                {Ref, Table} ->
                    erlang:put(v_heap, Table),
                    Table
            end;
        Table ->
            Table
    end.

%% A new thread has the table of the one that started it.
inherit(Table) ->
    erlang:put(v_heap, Table),
    ok.
