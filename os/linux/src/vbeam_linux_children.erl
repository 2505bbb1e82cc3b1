%% The children of a thread group and who waits for them: wait4(2), waitid(2). The group's process
%% keeps it.
-module(vbeam_linux_children).
-export([new/0, added/2, changed/4, wait/5, cancel/2]).
-export_type([children/0, which/0]).

-include("vbeam_linux.hrl").

-type which() :: any | {number, pos_integer()} | {process_group, pos_integer()}.
-type event() :: {vbeam_linux_group:status(), vbeam_linux_usage:usage()}.

-record(children, {
    %% Number => what has not been waited for yet
    all = #{} :: #{pos_integer() => none | event()},
    %% In order.
    waiting = [] :: [{From :: {pid(), reference()}, which(), Options :: non_neg_integer()}]
}).
-opaque children() :: #children{}.

-define(WNOHANG, 1).
-define(WSTOPPED, 2).
-define(WEXITED, 4).
-define(WCONTINUED, 8).
-define(WNOWAIT, 16#1000000).

-define(SIG_IGN, 1).
-define(SA_NOCLDWAIT, 2).

-spec new() -> children().
new() -> #children{}.

-spec added(pos_integer(), children()) -> children().
added(Number, #children{all = All} = Children) -> Children#children{all = All#{Number => none}}.

%% Something has become of a child. Of a parent that does not want to know, zombies are forgotten.
-spec changed(pos_integer(), event(), ets:table(), children()) -> children().
changed(Number, {Status, Usage} = Event, Table, #children{all = All} = Children) ->
    case All of
        #{Number := _} ->
            case is_end(Status) andalso unwanted(Table) of
                true ->
                    ok = vbeam_linux_usage:add_child(Table, Usage),
                    ok = vbeam_linux_compat:forget(Number),
                    served(Children#children{all = maps:remove(Number, All)}, Table);
                false ->
                    served(Children#children{all = All#{Number := Event}}, Table)
            end;
        _ ->
            _ = is_end(Status) andalso vbeam_linux_compat:forget(Number),
            Children
    end.

is_end({exited, _}) -> true;
is_end({killed, _, _}) -> true;
is_end(_) -> false.

unwanted(Table) ->
    case vbeam_linux_signal:action(Table, ?SIGCHLD) of
        {?SIG_IGN, _, _, _} -> true;
        {_, Flags, _, _} -> Flags band ?SA_NOCLDWAIT =/= 0
    end.

%% The caller gets {ok, Number, Status, Usage}, `none` when nothing has happened and it does not
%% want to wait, or {error, ECHILD}; until then it waits.
-spec wait(which(), non_neg_integer(), {pid(), reference()}, ets:table(), children()) ->
    children().
wait(Which, Options, From, Table, #children{waiting = Waiting} = Children) ->
    case attempt({From, Which, Options}, Table, Children) of
        {true, Next} -> Next;
        {false, Next} -> Next#children{waiting = Waiting ++ [{From, Which, Options}]}
    end.

-spec cancel(reference(), children()) -> children().
cancel(Reference, #children{waiting = Waiting} = Children) ->
    Children#children{waiting = [Each || {{_, R}, _, _} = Each <- Waiting, R =/= Reference]}.

served(#children{waiting = Waiting} = Children, Table) ->
    {Still, Next} = lists:foldl(
        fun(Waiter, {Still, Now}) ->
            case attempt(Waiter, Table, Now) of
                {true, After} -> {Still, After};
                {false, After} -> {[Waiter | Still], After}
            end
        end,
        {[], Children},
        Waiting
    ),
    Next#children{waiting = lists:reverse(Still)}.

%% Whether a waiter has its answer.
attempt({{Pid, Reference}, Which, Options}, Table, #children{all = All} = Children) ->
    Eligible = [Each || {Number, _} = Each <- lists:sort(maps:to_list(All)), is(Which, Number)],
    case [Each || {_, Event} = Each <- Eligible, reported(Event, Options)] of
        [{Number, {Status, Usage}} | _] ->
            Pid ! {Reference, {ok, Number, Status, Usage}},
            {true, taken(Number, Status, Usage, Options, Table, Children)};
        [] when Eligible =:= [] ->
            Pid ! {Reference, {error, ?ECHILD}},
            {true, Children};
        [] when Options band ?WNOHANG =/= 0 ->
            Pid ! {Reference, none},
            {true, Children};
        [] ->
            {false, Children}
    end.

is(any, _) -> true;
is({number, Number}, Number) -> true;
is({number, _}, _) -> false;
is({process_group, Group}, Number) ->
    case vbeam_linux_compat:find(Number) of
        #linux_pid{process_group = Group} -> true;
        _ -> false
    end.

reported(none, _) -> false;
reported({{exited, _}, _}, Options) -> Options band ?WEXITED =/= 0;
reported({{killed, _, _}, _}, Options) -> Options band ?WEXITED =/= 0;
reported({{stopped, _}, _}, Options) -> Options band ?WSTOPPED =/= 0;
reported({continued, _}, Options) -> Options band ?WCONTINUED =/= 0.

taken(_, _, _, Options, _, Children) when Options band ?WNOWAIT =/= 0 ->
    Children;
taken(Number, Status, Usage, _, Table, #children{all = All} = Children) ->
    case is_end(Status) of
        true ->
            ok = vbeam_linux_usage:add_child(Table, Usage),
            ok = vbeam_linux_compat:forget(Number),
            Children#children{all = maps:remove(Number, All)};
        false ->
            Children#children{all = All#{Number := none}}
    end.
