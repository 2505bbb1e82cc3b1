%% Locks of files: flock(2), which belongs to an open file description, and fcntl(2)'s of ranges,
%% which belong to a group (F_SETLK) or to a description (F_OFD_SETLK). One process has the locks of
%% one kind of one file; it is found in vbeam_linux_registry by the file's device and inode. Who
%% wants what another one has waits there.
-module(vbeam_linux_locks).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([whole/3, range/4, conflict/3, closed/2]).
-export([init/1, request/2, poll/2, released/2]).
-export_type([owner/0, lock/0]).

%% {group, Pid of the group} or {description, Object}.
-type owner() :: {group, pid()} | {description, term()}.
-type lock() :: {shared | exclusive | none, From :: non_neg_integer(), End :: integer() | infinity}.

%% Locks = [{Owner, shared | exclusive, From, End}], the ranges of one owner apart from each other.
-record(locks, {locks = []}).

%% --- in the thread that calls ------------------------------------------------------------------

-spec whole(vbeam_linux_object:object(), shared | exclusive | none, wait | now) -> ok.
whole(Object, Kind, Wait) ->
    set(flock, Object, {description, id(Object)}, {Kind, 0, infinity}, Wait).

-spec range(vbeam_linux_object:object(), owner(), lock(), wait | now) -> ok.
range(Object, Owner, Lock, Wait) ->
    set(range, Object, Owner, Lock, Wait).

%% What is in the way of a lock: {Owner, Kind, From, End}.
-spec conflict(vbeam_linux_object:object(), owner(), lock()) -> none | tuple().
conflict(Object, Owner, Lock) ->
    case find(range, Object) of
        none ->
            none;
        Server ->
            case vbeam_linux_server:ask(Server, {conflict, Owner, Lock}) of
                {ok, Found} -> Found;
                {error, _} -> none
            end
    end.

%% A group has closed a descriptor of a file: its locks of ranges are gone.
-spec closed(ets:table(), vbeam_linux_object:object()) -> ok.
closed(Table, Object) ->
    case ets:member(Table, locks) andalso find(range, Object) of
        Server when is_pid(Server) ->
            Owner = {group, ets:lookup_element(Table, process, 2)},
            _ = vbeam_linux_server:ask(Server, {set, Owner, {none, 0, infinity}, now}),
            ok;
        _ ->
            ok
    end.

id(#object{status = Status}) -> Status.

set(Kind, Object, Owner, {none, _, _} = Lock, _) ->
    case find(Kind, Object) of
        none ->
            ok;
        Server ->
            _ = vbeam_linux_server:ask(Server, {set, Owner, Lock, now}),
            ok
    end;
set(_, #object{server = none}, _, _, _) ->
    throw({errno, ?EBADF});
set(Kind, Object, Owner, Lock, Wait) ->
    _ = Kind =:= range andalso vbeam_linux_group:put(locks, true),
    Server = held(name(Kind, Object), Owner, holder(Owner, Object)),
    Answer = vbeam_linux_server:wait(Server, {set, Owner, Lock, Wait}, infinity),
    _ = vbeam_linux_object:done(Answer),
    ok.

%% Whose end releases the locks: the group, or the process of the description.
holder({group, Group}, _) -> Group;
holder({description, _}, #object{server = Process}) -> Process.

find(_, #object{server = none}) ->
    none;
find(Kind, Object) ->
    case vbeam_linux_registry:find_name(name(Kind, Object)) of
        {ok, Server} -> Server;
        error -> none
    end.

name(Kind, Object) ->
    #stat{device = Device, inode = Inode} = vbeam_linux_object:stat(Object),
    {lock, Kind, Device, Inode}.

%% The process of a file's locks, which ends with the last who has had one.
held(Name, Owner, Holder) ->
    case vbeam_linux_registry:find_name(Name) of
        {ok, Server} ->
            case vbeam_linux_server:hold(Server, Owner, Holder) of
                ok ->
                    Server;
                {error, _} ->
                    erlang:yield(),
                    held(Name, Owner, Holder)
            end;
        error ->
            {ok, Server} = vbeam_linux_server:start(?MODULE, [], [{Owner, Holder}]),
            case vbeam_linux_registry:register_name(Name, Server) of
                true ->
                    Server;
                false ->
                    ok = vbeam_linux_server:release(Server, Owner, Holder),
                    held(Name, Owner, Holder)
            end
    end.

%% --- in the process of a file's locks ----------------------------------------------------------

init([]) -> {ok, #locks{}}.

poll(_, _) -> {0, none}.

request({conflict, Owner, Lock}, State) ->
    {{ok, in_the_way(Owner, Lock, State)}, State};
request({set, Owner, {Kind, From, End} = Lock, Wait}, #locks{locks = Locks} = State) ->
    case in_the_way(Owner, Lock, State) of
        none ->
            {{ok, 0}, State#locks{locks = with(Owner, Kind, From, End, Locks)}};
        _ when Wait =:= now ->
            {{error, ?EAGAIN}, State};
        _ ->
            {wait, {set, Owner, Lock, Wait}, State}
    end.

released(Owner, #locks{locks = Locks} = State) ->
    State#locks{locks = [Lock || Lock <- Locks, element(1, Lock) =/= Owner]}.

in_the_way(_, {none, _, _}, _) ->
    none;
in_the_way(Owner, {Kind, From, End}, #locks{locks = Locks}) ->
    Found = [
        Lock
     || {Other, OtherKind, OtherFrom, OtherEnd} = Lock <- Locks, Other =/= Owner,
        Kind =:= exclusive orelse OtherKind =:= exclusive,
        before(From, OtherEnd), before(OtherFrom, End)
    ],
    case Found of
        [] -> none;
        [First | _] -> First
    end.

before(_, infinity) -> true;
before(From, End) -> From < End.

%% The owner's ranges without this one, and this one.
with(Owner, Kind, From, End, Locks) ->
    Rest = lists:append([without(Lock, Owner, From, End) || Lock <- Locks]),
    case Kind of
        none -> Rest;
        _ -> [{Owner, Kind, From, End} | Rest]
    end.

without({Owner, Kind, From, End}, Owner, CutFrom, CutEnd) ->
    Left = [{Owner, Kind, From, smaller(End, CutFrom)} || From < CutFrom],
    Right = [{Owner, Kind, larger(From, CutEnd), End} || CutEnd =/= infinity, before(CutEnd, End)],
    case before(CutFrom, End) andalso before(From, CutEnd) of
        true -> Left ++ Right;
        false -> [{Owner, Kind, From, End}]
    end;
without(Lock, _, _, _) ->
    [Lock].

smaller(infinity, B) -> B;
smaller(A, B) -> min(A, B).

larger(A, B) -> max(A, B).
