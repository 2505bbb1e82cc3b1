%% Who a program is: the user and group numbers of credentials(7), and what may become of them. All
%% programs begin as root.
-module(vbeam_linux_credentials).
-export([root/0, get/0, set/1, changed/2, changed_pair/3, changed_all/2, is_root/0]).
-export_type([credentials/0]).
-compile({no_auto_import, [get/0]}).

-include("vbeam_linux.hrl").

-type id() :: 0..16#ffffffff.
-type ids() :: {Real :: id(), Effective :: id(), Saved :: id()}.
-type credentials() :: #{user := ids(), group := ids(), groups := [id()]}.

%% -1: leave it as it is.
-define(SAME, 16#ffffffff).

-spec root() -> credentials().
root() -> #{user => {0, 0, 0}, group => {0, 0, 0}, groups => [0]}.

%% Those of the calling thread's group.
-spec get() -> credentials().
get() -> vbeam_linux_group:get(credentials, root()).

-spec set(credentials()) -> ok.
set(Credentials) -> vbeam_linux_group:put(credentials, Credentials).

-spec is_root() -> boolean().
is_root() ->
    #{user := {_, Effective, _}} = get(),
    Effective =:= 0.

%% setuid(2), setgid(2): all three for root, else the effective one, to the real or the saved one.
-spec changed(user | group, id()) -> 0.
changed(_, ?SAME) ->
    throw({errno, ?EINVAL});
changed(Which, Id) ->
    #{Which := {Real, _, Saved}} = Credentials = get(),
    case is_root() of
        true ->
            put_ids(Credentials, Which, {Id, Id, Id});
        false ->
            (Id =:= Real orelse Id =:= Saved) orelse throw({errno, ?EPERM}),
            put_ids(Credentials, Which, {Real, Id, Saved})
    end.

%% setreuid(2): the saved one follows when the real one is set, or the effective one to another than
%% the real one.
-spec changed_pair(user | group, id(), id()) -> 0.
changed_pair(Which, NewReal, NewEffective) ->
    #{Which := {Real, Effective, Saved}} = Credentials = get(),
    Root = is_root(),
    (Root orelse lists:member(NewReal, [?SAME, Real, Effective])) orelse throw({errno, ?EPERM}),
    (Root orelse lists:member(NewEffective, [?SAME, Real, Effective, Saved])) orelse
        throw({errno, ?EPERM}),
    R = kept(NewReal, Real),
    E = kept(NewEffective, Effective),
    S =
        case NewReal =/= ?SAME orelse (NewEffective =/= ?SAME andalso NewEffective =/= Real) of
            true -> E;
            false -> Saved
        end,
    put_ids(Credentials, Which, {R, E, S}).

%% setresuid(2)
-spec changed_all(user | group, ids()) -> 0.
changed_all(Which, {NewReal, NewEffective, NewSaved}) ->
    #{Which := {Real, Effective, Saved}} = Credentials = get(),
    Known = [?SAME, Real, Effective, Saved],
    Root = is_root(),
    _ = [
        Root orelse lists:member(New, Known) orelse throw({errno, ?EPERM})
     || New <- [NewReal, NewEffective, NewSaved]
    ],
    Ids = {kept(NewReal, Real), kept(NewEffective, Effective), kept(NewSaved, Saved)},
    put_ids(Credentials, Which, Ids).

kept(?SAME, Old) -> Old;
kept(New, _) -> New.

put_ids(Credentials, Which, Ids) ->
    ok = set(Credentials#{Which := Ids}),
    0.
