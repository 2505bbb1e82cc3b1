%% Pointers to the bytes of a text: `{text, Bytes, Offset}`. A text ends
%% with a zero byte, as C's do.
-module(v_text).

-export([pointer/1, forward/2, back/2, distance/2, at/2, part/2, whole/1, length/1, bytes/2]).
-export([compare/3, copy/4]).

pointer(Text) -> {text, Text, 0}.

forward({text, Text, At}, N) -> {text, Text, At + N};
forward(nil, _) -> v_rt:panic(<<"nil dereference">>).

back(Pointer, N) -> forward(Pointer, -N).

distance({text, _, A}, {text, _, B}) -> A - B.

at({text, Text, Offset}, I) ->
    case Offset + I of
        At when At >= 0, At < byte_size(Text) -> binary:at(Text, At);
        At when At =:= byte_size(Text) -> 0;
        _ -> v_rt:panic(<<"pointer outside of its text">>)
    end.

part({text, Text, At}, Length) when At >= 0, Length >= 0, At + Length =< byte_size(Text) ->
    binary:part(Text, At, Length);
part(nil, _) ->
    v_rt:panic(<<"tos(): nil string">>);
part(_, _) ->
    v_rt:panic(<<"pointer outside of its text">>).

rest({text, Text, At}) when At >= 0, At =< byte_size(Text) ->
    binary:part(Text, At, byte_size(Text) - At);
rest(_) ->
    v_rt:panic(<<"pointer outside of its text">>).

whole(Pointer) ->
    [Text | _] = binary:split(rest(Pointer), <<0>>),
    Text.

length(Pointer) -> byte_size(whole(Pointer)).

bytes(Pointer, Count) -> v_string:bytes(part(Pointer, Count)).

%% 0 when the next N bytes are the same. The zero at the end counts as one of them.
compare(A, B, N) ->
    case {first(A, N), first(B, N)} of
        {Same, Same} -> 0;
        {X, Y} when X < Y -> -1;
        _ -> 1
    end.

first(Pointer, N) ->
    Zeroed = <<(rest(Pointer))/binary, 0>>,
    binary:part(Zeroed, 0, min(N, byte_size(Zeroed))).

%% Copies bytes over those of an array from Low to High; the count, and the array.
copy(Array, Low, High, Bytes) ->
    From = bound(Low, 0),
    To = bound(High, v_array:len(Array)),
    Count = max(0, min(To - From, v_array:len(Bytes))),
    {Count, v_array:overwrite(Array, From, lists:sublist(v_array:to_list(Bytes), Count))}.

bound(none, Default) -> Default;
bound(At, _) -> At.
