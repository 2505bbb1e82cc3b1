%% V arrays: persistent vectors with the meaning of values.
%%
%%     {arr, Length, Shift, Root, Tail}
%%
%% The last 1 to 32 elements are the tuple Tail, the ones before it hang in a trie of 32-tuples
%% under Root, Shift bits deep (0 while there is none). The form depends on the length alone, so
%% equal arrays are equal terms. Reads and writes are O(log32 N), appending is amortised O(1),
%% everything that changes the order of elements rebuilds.
-module(v_array).

-export([
    new/0, from_list/1, to_list/1, filled/2, tabulate/2, len/1, cap/1, get/2, find/2, set/3,
    push/2, push_many/2
]).
-export([
    push_many/3, concat/2, slice/3, slice_from/2, slice_gated/3, slice_gated_from/2, pop/1,
    pop_left/1
]).
-export([set_slice/4, set_slice_from/3, set_slice_gated/4, set_slice_gated_from/3, overwrite/3]).
-export([len/2, with_length/3]).
-export([
    delete/2, delete_last/1, delete_many/3, drop/2, clear/1, trim/2, insert/3, prepend/2,
    reverse/1, repeat/2
]).
-export([
    swap/3, reserve/2, first/1, last/1, map/2, filter/2, any/2, all/2, count/2, sort/2,
    sort_compare/2
]).
-export([
    find_slice/3, find_slice_from/2, find_slice_gated/3, find_slice_gated_from/2, get_fixed/2,
    set_fixed/3, find_option/2, insert_many/3, prepend_many/2, reset/2, grow/3,
    repeat/3, first_of/2, last_index/3, join_lines/1, sort_ignore_case/1, sort_by_len/1, byterune/1
]).
-export([
    sort_compare_ref/2, contains/2, contains/3, index/3, equal/3, join/2, str/2, bytestr/1,
    runes_to_string/1, hex/1
]).

-define(BITS, 5).
-define(WIDTH, 32).
-define(MASK, 31).
-define(EMPTY, {arr, 0, 0, {}, {}}).

%% --- building ------------------------------------------------------------------------------

new() -> ?EMPTY.

from_list([]) ->
    ?EMPTY;
from_list(List) ->
    Length = length(List),
    case Length =< ?WIDTH of
        true ->
            {arr, Length, 0, {}, list_to_tuple(List)};
        false ->
            TailLength = ((Length - 1) band ?MASK) + 1,
            {Leaves, Tail} = leaves(List, Length - TailLength, []),
            {Shift, Root} = build(Leaves, ?BITS),
            {arr, Length, Shift, Root, list_to_tuple(Tail)}
    end.

leaves(Rest, 0, Leaves) -> {lists:reverse(Leaves), Rest};
leaves(List, N, Leaves) ->
    {Leaf, Rest} = lists:split(?WIDTH, List),
    leaves(Rest, N - ?WIDTH, [list_to_tuple(Leaf) | Leaves]).

%% Groups nodes into parents until one is left.
build(Nodes, Shift) ->
    case length(Nodes) =< ?WIDTH of
        true -> {Shift, list_to_tuple(Nodes)};
        false -> build(group(Nodes), Shift + ?BITS)
    end.

group([]) -> [];
group(Nodes) ->
    case length(Nodes) > ?WIDTH of
        true ->
            {Some, Rest} = lists:split(?WIDTH, Nodes),
            [list_to_tuple(Some) | group(Rest)];
        false ->
            [list_to_tuple(Nodes)]
    end.

to_list({arr, _, 0, _, Tail}) ->
    tuple_to_list(Tail);
to_list({arr, _, Shift, Root, Tail}) ->
    node_list(Root, Shift, tuple_to_list(Tail)).

node_list(Leaf, 0, Rest) ->
    tuple_to_list(Leaf) ++ Rest;
node_list(Node, Shift, Rest) ->
    Add = fun(Child, Acc) -> node_list(Child, Shift - ?BITS, Acc) end,
    lists:foldr(Add, Rest, tuple_to_list(Node)).

filled(Length, _) when Length < 0 ->
    v_rt:panic(["negative .len:", integer_to_list(Length)]);
filled(0, _) ->
    ?EMPTY;
filled(Length, Value) when Length =< ?WIDTH ->
    {arr, Length, 0, {}, erlang:make_tuple(Length, Value)};
filled(Length, Value) ->
    %% Equal leaves are shared, so a large zeroed array costs little until it is written.
    TailLength = ((Length - 1) band ?MASK) + 1,
    Leaf = erlang:make_tuple(?WIDTH, Value),
    {Shift, Root} = build_same(Leaf, (Length - TailLength) bsr ?BITS, ?BITS),
    {arr, Length, Shift, Root, erlang:make_tuple(TailLength, Value)}.

build_same(Leaf, Count, Shift) ->
    build_same(Leaf, Leaf, Count, Shift).

%% Full is a complete node, Last the possibly incomplete one at the end.
build_same(Full, Last, Count, Shift) when Count =< ?WIDTH ->
    Nodes = lists:duplicate(Count - 1, Full) ++ [Last],
    {Shift, list_to_tuple(Nodes)};
build_same(Full, Last, Count, Shift) ->
    Parent = erlang:make_tuple(?WIDTH, Full),
    Parents = (Count + ?MASK) bsr ?BITS,
    InLast = Count - (Parents - 1) * ?WIDTH,
    LastParent = list_to_tuple(lists:duplicate(InLast - 1, Full) ++ [Last]),
    build_same(Parent, LastParent, Parents, Shift + ?BITS).

tabulate(Length, _) when Length < 0 ->
    v_rt:panic(["negative .len:", integer_to_list(Length)]);
tabulate(Length, Fun) ->
    from_list([Fun(I) || I <- lists:seq(0, Length - 1)]).

%% --- reading -------------------------------------------------------------------------------

len({arr, Length, _, _, _}) -> Length.
len(Array, _) -> len(Array).

%% Growth is not observable here: the capacity is the power of two that V's own growth would have
%% reached.
cap({arr, Length, _, _, _}) -> capacity(Length, 2).

capacity(0, _) -> 0;
capacity(Length, Cap) when Cap >= Length -> Cap;
capacity(Length, Cap) -> capacity(Length, Cap * 2).

get({arr, Length, 0, _, Tail}, I) when I >= 0, I < Length ->
    element(I + 1, Tail);
get({arr, Length, Shift, Root, Tail}, I) when I >= 0, I < Length ->
    case (Length - 1) band -?WIDTH of
        Offset when I >= Offset -> element(I - Offset + 1, Tail);
        _ when Shift =:= ?BITS -> element((I band ?MASK) + 1, element((I bsr ?BITS) + 1, Root));
        _ -> node_get(Root, Shift, I)
    end;
get({arr, Length, _, _, _}, I) ->
    out_of_range("array.get", I, Length).

node_get(Node, 0, I) -> element((I band ?MASK) + 1, Node);
node_get(Node, Shift, I) ->
    node_get(element(((I bsr Shift) band ?MASK) + 1, Node), Shift - ?BITS, I).

out_of_range(What, I, Length) ->
    v_rt:panic(io_lib:format("~s: index out of range (i,a.len):~b, ~b", [What, I, Length])).

%% Fixed arrays differ in what a wrong index says.
get_fixed({arr, Length, _, _, _} = Array, I) when I >= 0, I < Length -> get(Array, I);
get_fixed({arr, Length, _, _, _}, I) -> out_of_fixed_range(I, Length).

out_of_fixed_range(I, Length) ->
    Format = "fixed array index out of range (index: ~b, len: ~b)",
    v_rt:panic(io_lib:format(Format, [I, Length])).

find(Array, I) when I >= 0, I < element(2, Array) -> {some, get(Array, I)};
find(_, _) -> none.

%% The same for elements that are options themselves.
find_option(Array, I) when I >= 0, I < element(2, Array) -> get(Array, I);
find_option(_, _) -> none.

first({arr, 0, _, _, _}) -> v_rt:panic(<<"array.first: array is empty">>);
first(Array) -> get(Array, 0).

last({arr, 0, _, _, _}) -> v_rt:panic(<<"array.last: array is empty">>);
last({arr, _, _, _, Tail}) -> element(tuple_size(Tail), Tail).

%% --- writing -------------------------------------------------------------------------------

set({arr, Length, 0, Root, Tail}, I, Value) when I >= 0, I < Length ->
    {arr, Length, 0, Root, setelement(I + 1, Tail, Value)};
set({arr, Length, Shift, Root, Tail}, I, Value) when I >= 0, I < Length ->
    case (Length - 1) band -?WIDTH of
        Offset when I >= Offset ->
            {arr, Length, Shift, Root, setelement(I - Offset + 1, Tail, Value)};
        _ when Shift =:= ?BITS ->
            At = (I bsr ?BITS) + 1,
            Leaf = setelement((I band ?MASK) + 1, element(At, Root), Value),
            {arr, Length, Shift, setelement(At, Root, Leaf), Tail};
        _ ->
            {arr, Length, Shift, node_set(Root, Shift, I, Value), Tail}
    end;
set({arr, Length, _, _, _}, I, _) ->
    out_of_range("array.set", I, Length).

set_fixed({arr, Length, _, _, _} = Array, I, Value) when I >= 0, I < Length ->
    set(Array, I, Value);
set_fixed({arr, Length, _, _, _}, I, _) ->
    out_of_fixed_range(I, Length).

node_set(Leaf, 0, I, Value) ->
    setelement((I band ?MASK) + 1, Leaf, Value);
node_set(Node, Shift, I, Value) ->
    At = ((I bsr Shift) band ?MASK) + 1,
    setelement(At, Node, node_set(element(At, Node), Shift - ?BITS, I, Value)).

push({arr, Length, Shift, Root, Tail}, Value) when tuple_size(Tail) < ?WIDTH ->
    {arr, Length + 1, Shift, Root, erlang:append_element(Tail, Value)};
push({arr, Length, 0, _, Tail}, Value) ->
    {arr, Length + 1, ?BITS, {Tail}, {Value}};
push({arr, Length, Shift, Root, Tail}, Value) ->
    %% The full tail becomes the trie's next leaf; a full trie grows one level.
    Leaf = Length - ?WIDTH,
    case Leaf bsr (Shift + ?BITS) of
        0 ->
            {arr, Length + 1, Shift, add_leaf(Root, Shift, Leaf, Tail), {Value}};
        _ ->
            Deeper = Shift + ?BITS,
            {arr, Length + 1, Deeper, {Root, path(Tail, Shift)}, {Value}}
    end.

path(Leaf, 0) -> Leaf;
path(Leaf, Shift) -> {path(Leaf, Shift - ?BITS)}.

add_leaf(Node, ?BITS, _, Leaf) ->
    erlang:append_element(Node, Leaf);
add_leaf(Node, Shift, I, Leaf) ->
    At = ((I bsr Shift) band ?MASK) + 1,
    case At > tuple_size(Node) of
        true -> erlang:append_element(Node, path(Leaf, Shift - ?BITS));
        false -> setelement(At, Node, add_leaf(element(At, Node), Shift - ?BITS, I, Leaf))
    end.

push_many(Array, {arr, 0, _, _, _}) -> Array;
push_many({arr, 0, _, _, _}, More) -> More;
push_many(Array, {arr, Length, _, _, _} = More) when Length =< ?WIDTH ->
    lists:foldl(fun(V, A) -> push(A, V) end, Array, to_list(More));
push_many(Array, More) ->
    from_list(to_list(Array) ++ to_list(More)).

push_many(Array, More, Count) ->
    push_many(Array, slice(More, 0, Count)).

concat(A, B) -> push_many(A, B).

pop({arr, 0, _, _, _}) -> v_rt:panic(<<"array.pop: array is empty">>);
pop(Array) -> {last(Array), shorten(Array)}.

delete_last({arr, 0, _, _, _}) -> v_rt:panic(<<"array.delete_last: array is empty">>);
delete_last(Array) -> shorten(Array).

shorten({arr, 1, _, _, _}) ->
    ?EMPTY;
shorten({arr, Length, Shift, Root, Tail}) when tuple_size(Tail) > 1 ->
    {arr, Length - 1, Shift, Root, erlang:delete_element(tuple_size(Tail), Tail)};
shorten({arr, Length, ?BITS, {Leaf}, _}) ->
    {arr, Length - 1, 0, {}, Leaf};
shorten({arr, Length, Shift, Root, _}) ->
    {Node, Leaf} = take_leaf(Root, Shift),
    case Node of
        {Only} when Shift > ?BITS -> {arr, Length - 1, Shift - ?BITS, Only, Leaf};
        _ -> {arr, Length - 1, Shift, Node, Leaf}
    end.

%% Removes the last leaf; a node left empty disappears with it.
take_leaf(Node, ?BITS) ->
    Last = tuple_size(Node),
    {erlang:delete_element(Last, Node), element(Last, Node)};
take_leaf(Node, Shift) ->
    Last = tuple_size(Node),
    case take_leaf(element(Last, Node), Shift - ?BITS) of
        {{}, Leaf} -> {erlang:delete_element(Last, Node), Leaf};
        {Child, Leaf} -> {setelement(Last, Node, Child), Leaf}
    end.

pop_left({arr, 0, _, _, _}) -> v_rt:panic(<<"array.pop_left: array is empty">>);
pop_left(Array) ->
    [First | Rest] = to_list(Array),
    {First, from_list(Rest)}.

delete(Array, I) -> delete_many(Array, I, 1).

delete_many({arr, Length, _, _, _} = Array, I, Count) when
    I >= 0, Count >= 0, I + Count =< Length
->
    {Before, Rest} = lists:split(I, to_list(Array)),
    from_list(Before ++ lists:nthtail(Count, Rest));
delete_many({arr, Length, _, _, _}, I, Count) ->
    case Count of
        1 ->
            out_of_range("array.delete", I, Length);
        _ ->
            Format = "array.delete: index out of range (i,i+size,a.len):~b, ~b, ~b",
            v_rt:panic(io_lib:format(Format, [I, I + Count, Length]))
    end.

drop(Array, N) when N =< 0 -> Array;
drop({arr, Length, _, _, _}, N) when N >= Length -> ?EMPTY;
drop(Array, N) -> from_list(lists:nthtail(N, to_list(Array))).

clear(_) -> ?EMPTY.

trim({arr, Length, _, _, _} = Array, N) when N >= Length -> Array;
trim(Array, N) -> slice(Array, 0, N).

%% `unsafe { a.len = n }`; what an array grows by reads as Zero.
with_length({arr, Length, _, _, _} = Array, Zero, N) when N > Length ->
    grow(Array, N - Length, Zero);
with_length(Array, _, N) ->
    trim(Array, N).

insert({arr, Length, _, _, _} = Array, I, Value) when I >= 0, I =< Length ->
    {Before, After} = lists:split(I, to_list(Array)),
    from_list(Before ++ [Value | After]);
insert({arr, Length, _, _, _}, I, _) ->
    out_of_range("array.insert", I, Length).

insert_many({arr, Length, _, _, _} = Array, I, More) when I >= 0, I =< Length ->
    {Before, After} = lists:split(I, to_list(Array)),
    from_list(Before ++ to_list(More) ++ After);
insert_many({arr, Length, _, _, _}, I, _) ->
    out_of_range("array.insert_many", I, Length).

prepend_many(Array, More) -> concat(More, Array).

%% Every element becomes Zero.
reset({arr, Length, _, _, _}, Zero) -> filled(Length, Zero).

%% Count more elements, all of them Zero.
grow(Array, Count, _) when Count =< 0 -> Array;
grow(Array, Count, Zero) -> concat(Array, filled(Count, Zero)).

prepend(Array, Value) -> from_list([Value | to_list(Array)]).

reverse(Array) -> from_list(lists:reverse(to_list(Array))).

repeat(_, N) when N < 0 -> v_rt:panic(["array.repeat: count is negative:", integer_to_list(N)]);
repeat(Array, N) -> from_list(lists:append(lists:duplicate(N, to_list(Array)))).

repeat(Array, N, _Depth) -> repeat(Array, N).

%% The elements are values, so a copy needs no depth.
first_of(Array, _Depth) -> Array.

swap(Array, I, J) ->
    A = get(Array, I),
    B = get(Array, J),
    set(set(Array, I, B), J, A).

reserve(Array, _) -> Array.

%% --- slices --------------------------------------------------------------------------------

slice_from({arr, Length, _, _, _} = Array, From) -> slice(Array, From, Length).

slice({arr, Length, _, _, _} = Array, 0, Length) -> Array;
slice({arr, Length, _, _, _} = Array, From, To) when From >= 0, From =< To, To =< Length ->
    from_list(lists:sublist(lists:nthtail(From, to_list(Array)), To - From));
slice(_, From, To) when From > To ->
    v_rt:panic(io_lib:format("array.slice: invalid slice index (start>end):~b, ~b", [From, To]));
slice({arr, Length, _, _, _}, _, To) when To > Length ->
    v_rt:panic(io_lib:format("array.slice: slice bounds out of range (~b >= ~b)", [To, Length]));
slice(_, From, _) ->
    v_rt:panic(io_lib:format("array.slice: slice bounds out of range (start<0):~b", [From])).

%% What a slice of a variable that was passed as `mut` has become is written back over it; elements
%% that it grew by are its own.
set_slice(Array, From, To, New) ->
    overwrite(Array, From, lists:sublist(to_list(New), To - From)).

set_slice_from({arr, Length, _, _, _} = Array, From, New) -> set_slice(Array, From, Length, New).

set_slice_gated({arr, Length, _, _, _} = Array, From, To, New) ->
    {F, T} = gate(From, To, Length),
    set_slice(Array, F, T, New).

set_slice_gated_from({arr, Length, _, _, _} = Array, From, New) ->
    set_slice_gated(Array, From, Length, New).

%% Few elements are set one by one, many by building the array anew.
overwrite({arr, Length, _, _, _} = Array, From, Elements) ->
    case length(Elements) of
        Count when Count * 8 < Length ->
            overwrite_each(Array, From, Elements);
        Count ->
            {Before, Rest} = lists:split(From, to_list(Array)),
            from_list(Before ++ Elements ++ lists:nthtail(Count, Rest))
    end.

overwrite_each(Array, _, []) -> Array;
overwrite_each(Array, At, [E | Rest]) -> overwrite_each(set(Array, At, E), At + 1, Rest).

find_slice_from({arr, Length, _, _, _} = Array, From) -> find_slice(Array, From, Length).

find_slice({arr, Length, _, _, _} = Array, From, To) when From >= 0, From =< To, To =< Length ->
    {some, slice(Array, From, To)};
find_slice(_, _, _) ->
    none.

find_slice_gated_from(Array, From) -> {some, slice_gated_from(Array, From)}.
find_slice_gated(Array, From, To) -> {some, slice_gated(Array, From, To)}.

%% `a#[-3..]`: negative indices count from the end, and what is out of range is cut off.
slice_gated_from({arr, Length, _, _, _} = Array, From) -> slice_gated(Array, From, Length).

slice_gated({arr, Length, _, _, _} = Array, From, To) ->
    {F, T} = gate(From, To, Length),
    slice(Array, F, T).

gate(From, To, Length) ->
    F = min(max(from_end(From, Length), 0), Length),
    T = min(max(from_end(To, Length), 0), Length),
    {F, max(F, T)}.

from_end(I, Length) when I < 0 -> Length + I;
from_end(I, _) -> I.

%% --- functions of elements -----------------------------------------------------------------

map(Array, Fun) -> from_list([Fun(X) || X <- to_list(Array)]).
filter(Array, Fun) -> from_list([X || X <- to_list(Array), Fun(X)]).
any(Array, Fun) -> lists:any(Fun, to_list(Array)).
all(Array, Fun) -> lists:all(Fun, to_list(Array)).
count(Array, Fun) -> length([X || X <- to_list(Array), Fun(X)]).

%% A stable merge sort; the order says "less than".
sort(Array, Less) ->
    from_list(lists:sort(fun(A, B) -> not Less(B, A) end, to_list(Array))).

sort_compare(Array, Compare) ->
    from_list(lists:sort(fun(A, B) -> Compare(A, B) =< 0 end, to_list(Array))).

%% V's comparison functions take references to the elements.
sort_compare_ref(Array, Compare) ->
    Order = fun(A, B) -> Compare(v_ref:new(A), v_ref:new(B)) =< 0 end,
    from_list(lists:sort(Order, to_list(Array))).

contains(Array, Value) -> lists:member(Value, to_list(Array)).
contains(Array, Value, Equal) -> lists:any(fun(X) -> Equal(X, Value) end, to_list(Array)).

index(Array, Value, Equal) -> index(to_list(Array), Value, Equal, 0).

index([], _, _, _) -> -1;
index([X | Rest], Value, Equal, I) ->
    case Equal(X, Value) of
        true -> I;
        false -> index(Rest, Value, Equal, I + 1)
    end.

last_index({arr, Length, _, _, _} = Array, Value, Equal) ->
    case index(lists:reverse(to_list(Array)), Value, Equal, 0) of
        -1 -> -1;
        I -> Length - 1 - I
    end.

equal({arr, N, _, _, _} = A, {arr, N, _, _, _} = B, Equal) ->
    lists:all(fun({X, Y}) -> Equal(X, Y) end, lists:zip(to_list(A), to_list(B)));
equal(_, _, _) ->
    false.

%% --- text ----------------------------------------------------------------------------------

join(Array, Separator) ->
    iolist_to_binary(lists:join(Separator, to_list(Array))).

join_lines(Array) -> join(Array, <<"\n">>).

sort_ignore_case(Array) -> sort_by(Array, fun v_string:to_lower/1).
sort_by_len(Array) -> sort_by(Array, fun byte_size/1).

sort_by(Array, Key) ->
    from_list([S || {_, S} <- lists:keysort(1, [{Key(S), S} || S <- to_list(Array)])]).

str(Array, Show) ->
    iolist_to_binary([$[, lists:join(<<", ">>, [Show(X) || X <- to_list(Array)]), $]]).

bytestr(Array) -> list_to_binary(to_list(Array)).

runes_to_string(Array) ->
    iolist_to_binary([v_string:from_rune(R) || R <- to_list(Array)]).

%% The code point that up to four bytes of UTF-8 stand for.
byterune({arr, Length, _, _, _}) when Length > 4 ->
    Text = <<"attempted to decode too many bytes, utf-8 is limited to four bytes maximum">>,
    {err, {'MessageError', {'MessageError', Text, 0}}};
byterune(Array) ->
    {ok, v_string:utf32_code(bytestr(Array))}.

hex(Array) ->
    iolist_to_binary([io_lib:format("~2.16.0b", [B]) || B <- to_list(Array)]).
