%% What automatic str() needs to know while it runs: which references it is inside of, so that a
%% cycle is shown as <circular> instead of being followed.
-module(v_autostr).

-export([pointer/2, option_pointer/2, nil_or/2, circular_array/1]).

%% The text of what a reference leads to, made by Text, unless it is being shown already.
pointer(nil, _) ->
    <<"nil">>;
pointer(Reference, Text) ->
    guarded(Reference, Text).

%% The same for a reference inside an option.
option_pointer(nil, _) ->
    <<"Option(nil)">>;
option_pointer(Reference, Text) ->
    guarded(Reference, fun(R) ->
        <<"Option(", (Text(R))/binary, ")">>
    end).

guarded(Reference, Text) ->
    Around =
        case erlang:get(v_autostr) of
            undefined -> [];
            List -> List
        end,
    case lists:member(Reference, Around) of
        true ->
            <<"<circular>">>;
        false ->
            erlang:put(v_autostr, [Reference | Around]),
            Shown = Text(Reference),
            erlang:put(v_autostr, Around),
            Shown
    end.

nil_or(nil, _) -> <<"nil">>;
nil_or(_, Shown) -> Shown.

%% An array of the struct that is being shown tells only how many there are.
circular_array(0) ->
    <<"[]">>;
circular_array(Count) ->
    iolist_to_binary([$[, lists:join(<<", ">>, lists:duplicate(Count, <<"<circular>">>)), $]]).
