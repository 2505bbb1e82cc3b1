%% Who a program is: the user and group numbers of credentials(7). All programs begin as root.
-module(vbeam_linux_credentials).
-export([root/0, get/0, set/1]).
-export_type([credentials/0]).

-type id() :: 0..16#ffffffff.
-type credentials() :: #{
    %% Real, effective and saved.
    user := {id(), id(), id()},
    group := {id(), id(), id()},
    groups := [id()]
}.

-spec root() -> credentials().
root() -> #{user => {0, 0, 0}, group => {0, 0, 0}, groups => [0]}.

%% Those of the calling thread's group.
-spec get() -> credentials().
get() -> vbeam_linux_group:get(credentials, root()).

-spec set(credentials()) -> ok.
set(Credentials) -> vbeam_linux_group:put(credentials, Credentials).
