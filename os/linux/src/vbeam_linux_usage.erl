%% What programs have used of the processor: nanoseconds in their own code and in system calls, for
%% getrusage, times and clocks of processes. Threads add to rows of their group's table.
-module(vbeam_linux_usage).
-export([none/0, add/3, watch/1, of_group/1, own/1, of_children/1, add_child/2]).
-export_type([usage/0]).

-type usage() :: {UserNs :: non_neg_integer(), SystemNs :: non_neg_integer()}.

-spec none() -> usage().
none() -> {0, 0}.

%% The row's last element says whether there are timers that count this time.
-spec add(ets:table(), UserNs :: non_neg_integer(), SystemNs :: non_neg_integer()) -> ok.
add(Table, User, System) ->
    Key = {usage, own},
    Changes = [{2, User}, {3, System}, {4, 0}],
    case ets:update_counter(Table, Key, Changes, {Key, 0, 0, 0}) of
        [_, _, 0] ->
            ok;
        [InUser, InSystem, _] ->
            case vbeam_linux_timers:used(Table, InUser, InUser + InSystem) of
                true -> ok;
                false -> watching(Table, 0)
            end
    end.

%% From now on timers are looked at.
-spec watch(ets:table()) -> ok.
watch(Table) ->
    ok = add(Table, 0, 0),
    watching(Table, 1).

watching(Table, Whether) ->
    true = ets:update_element(Table, {usage, own}, {4, Whether}),
    ok.

%% With that of the children that it has waited for, as its parent gets it.
-spec of_group(ets:table()) -> usage().
of_group(Table) -> sum(own(Table), of_children(Table)).

-spec own(ets:table()) -> usage().
own(Table) ->
    case ets:lookup(Table, {usage, own}) of
        [{_, User, System, _}] -> {User, System};
        [] -> none()
    end.

-spec of_children(ets:table()) -> usage().
of_children(Table) ->
    case ets:lookup(Table, {usage, children}) of
        [{_, User, System}] -> {User, System};
        [] -> none()
    end.

-spec add_child(ets:table(), usage()) -> ok.
add_child(Table, {User, System}) ->
    Key = {usage, children},
    _ = ets:update_counter(Table, Key, [{2, User}, {3, System}], {Key, 0, 0}),
    ok.

sum({A, B}, {C, D}) -> {A + C, B + D}.
