%% Pointers that unsafe code moves. One to the bytes of a text is `{text, Bytes, Offset}`; a text
%% ends with a zero byte, as C's do. One to an element of an array is the reference to that element
%% (`v_ref`) and can be written through. There is nothing outside of the text or the array.
-module(v_text).

-export([pointer/1, forward/2, back/2, distance/2, at/2, part/2, whole/1, length/1, bytes/2]).
-export([compare/3, copy/4, move/3, move_bytes/5, fill/3, first/1]).

pointer(Text) -> {text, Text, 0}.

%% The beginning of the array that a reference leads to.
first(Ref) -> v_ref:at(Ref, [{index, 0}]).

forward({text, Text, At}, N) -> {text, Text, At + N};
forward(nil, _) -> v_rt:panic(<<"nil dereference">>);
forward(Pointer, 0) -> Pointer;
forward(Pointer, N) ->
    {Array, Kind, I} = element_of(Pointer),
    v_ref:at(Array, [{Kind, I + N}]).

back(Pointer, N) -> forward(Pointer, -N).

%% The array, and where in it.
element_of({at, Base, Path}) ->
    case lists:split(erlang:length(Path) - 1, Path) of
        {Before, [{Kind, I}]} when Kind =:= index; Kind =:= fixed -> {array(Base, Before), Kind, I};
        _ -> outside()
    end;
element_of(_) ->
    outside().

array(Base, []) -> Base;
array(Base, Path) -> {at, Base, Path}.

outside() -> v_rt:panic(<<"pointer outside of its text or array">>).

distance({text, _, A}, {text, _, B}) ->
    A - B;
distance(P, Q) ->
    {_, _, A} = element_of(P),
    {_, _, B} = element_of(Q),
    A - B.

at({text, Text, Offset}, I) ->
    case Offset + I of
        At when At >= 0, At < byte_size(Text) -> binary:at(Text, At);
        At when At =:= byte_size(Text) -> 0;
        _ -> outside()
    end;
at(Pointer, I) ->
    v_ref:get(forward(Pointer, I)).

part(nil, _) ->
    v_rt:panic(<<"tos(): nil string">>);
part({text, Text, At}, Length) when At >= 0, Length >= 0, At + Length =< byte_size(Text) ->
    binary:part(Text, At, Length);
part({text, _, _}, _) ->
    outside();
part(Pointer, Length) ->
    list_to_binary(elements(Pointer, Length)).

%% So many elements from the pointer on.
elements({text, _, _} = Pointer, Count) ->
    binary_to_list(part(Pointer, Count));
elements(_, 0) ->
    [];
elements({at, _, _} = Pointer, Count) ->
    {Array, _, I} = element_of(Pointer),
    v_array:to_list(v_array:slice(v_ref:get(Array), I, I + Count));
elements(Pointer, 1) ->
    [v_ref:get(Pointer)];
elements(_, _) ->
    outside().

rest({text, Text, At}) when At >= 0, At =< byte_size(Text) ->
    binary:part(Text, At, byte_size(Text) - At);
rest({at, _, _} = Pointer) ->
    {Array, _, I} = element_of(Pointer),
    part(Pointer, v_array:len(v_ref:get(Array)) - I);
rest(_) ->
    outside().

whole(Pointer) ->
    [Text | _] = binary:split(rest(Pointer), <<0>>),
    Text.

length(Pointer) -> byte_size(whole(Pointer)).

bytes(Pointer, Count) -> v_array:from_list(elements(Pointer, Count)).

%% 0 when the next N bytes are the same. The zero at the end counts as one of them.
compare(A, B, N) ->
    case {beginning(A, N), beginning(B, N)} of
        {Same, Same} -> 0;
        {X, Y} when X < Y -> -1;
        _ -> 1
    end.

beginning(Pointer, N) ->
    Zeroed = <<(rest(Pointer))/binary, 0>>,
    binary:part(Zeroed, 0, min(N, byte_size(Zeroed))).

%% Writes so many elements of From over those of To.
move(To, From, Count) -> store(To, elements(From, Count)).

%% The same between elements of different sizes, which are integers: byte by byte.
move_bytes(To, ToBits, From, FromBits, Count) ->
    Bytes = << <<E:FromBits/little>> || E <- elements(From, Count * 8 div FromBits) >>,
    store(To, [E || <<E:ToBits/little>> <= Bytes]).

%% The same value so many times.
fill(To, Value, Count) -> store(To, lists:duplicate(Count, Value)).

store(_, []) ->
    ok;
store({at, _, _} = To, Elements) ->
    {Array, _, I} = element_of(To),
    Old = v_ref:get(Array),
    case I >= 0 andalso I + erlang:length(Elements) =< v_array:len(Old) of
        true -> v_ref:put(Array, v_array:overwrite(Old, I, Elements));
        false -> outside()
    end;
store(To, [Element]) ->
    v_ref:put(To, Element);
store(_, _) ->
    outside().

%% Copies bytes over those of an array from Low to High; the count, and the array.
copy(Array, Low, High, Bytes) ->
    From = bound(Low, 0),
    To = bound(High, v_array:len(Array)),
    Count = max(0, min(To - From, v_array:len(Bytes))),
    {Count, v_array:overwrite(Array, From, lists:sublist(v_array:to_list(Bytes), Count))}.

bound(none, Default) -> Default;
bound(At, _) -> At.
