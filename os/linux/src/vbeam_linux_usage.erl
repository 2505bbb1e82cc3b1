%% What programs have used of the processor: nanoseconds in their own code and in system calls, for
%% getrusage, times and clocks of processes. Threads add to rows of their group's table.
-module(vbeam_linux_usage).
-export([none/0, add/3, of_group/1, own/1, of_children/1, add_child/2]).
-export_type([usage/0]).

-type usage() :: {UserNs :: non_neg_integer(), SystemNs :: non_neg_integer()}.

-spec none() -> usage().
none() -> {0, 0}.

-spec add(ets:table(), UserNs :: non_neg_integer(), SystemNs :: non_neg_integer()) -> ok.
add(Table, User, System) ->
    Key = {usage, own},
    _ = ets:update_counter(Table, Key, [{2, User}, {3, System}], {Key, 0, 0}),
    ok.

%% With that of the children that it has waited for, as its parent gets it.
-spec of_group(ets:table()) -> usage().
of_group(Table) -> sum(own(Table), of_children(Table)).

-spec own(ets:table()) -> usage().
own(Table) -> row(Table, {usage, own}).

-spec of_children(ets:table()) -> usage().
of_children(Table) -> row(Table, {usage, children}).

-spec add_child(ets:table(), usage()) -> ok.
add_child(Table, {User, System}) ->
    Key = {usage, children},
    _ = ets:update_counter(Table, Key, [{2, User}, {3, System}], {Key, 0, 0}),
    ok.

row(Table, Key) ->
    case ets:lookup(Table, Key) of
        [{_, User, System}] -> {User, System};
        [] -> none()
    end.

sum({A, B}, {C, D}) -> {A + C, B + D}.
