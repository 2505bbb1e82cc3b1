%% Adaptive partitions in the VM's scheduler, as BIFs of the VM (vm/bif/partitions.ts); the bodies
%% below run only on a VM that is not VBEAM. Who may change them has the handle of claim/0: one
%% process at a time, until it ends. vbeam_scheduler is that process, and what others use.
-module(vbeam_shares).
-export([claim/0, set/4, remove/2, window/2, join/3, heirs/3, critical/3, events/2]).
-export(['of'/1, read/0]).
-export_type([handle/0, row/0]).

-opaque handle() :: reference().
%% Times are nanoseconds; the last four are what was used in the window, and of it as critical
%% budget, in the last second, in the last ten.
-type row() :: {
    Name :: atom(),
    Share :: non_neg_integer(),
    CriticalNs :: non_neg_integer(),
    Processes :: non_neg_integer(),
    Queued :: non_neg_integer(),
    Bankruptcies :: non_neg_integer(),
    Used :: non_neg_integer(),
    Critical :: non_neg_integer(),
    InWindow :: non_neg_integer(),
    CriticalInWindow :: non_neg_integer(),
    InSecond :: non_neg_integer(),
    InTen :: non_neg_integer()
}.

%% error: taken
-spec claim() -> handle().
claim() -> erlang:nif_error(not_loaded).

%% A new partition, or another share and critical budget of one.
-spec set(handle(), Name :: atom(), Share :: integer(), CriticalNs :: non_neg_integer()) ->
    ok | {share, Most :: integer()} | system_limit | busy.
set(_Handle, _Name, _Share, _CriticalNs) -> erlang:nif_error(not_loaded).

%% Whether it is gone; else processes are left in it, and nobody begins in it any more.
-spec remove(handle(), Name :: atom()) -> boolean().
remove(_Handle, _Name) -> erlang:nif_error(not_loaded).

-spec window(handle(), Nanoseconds :: 10000000..400000000) -> ok.
window(_Handle, _Nanoseconds) -> erlang:nif_error(not_loaded).

-spec join(handle(), pid(), Name :: atom()) -> ok | not_found | noproc.
join(_Handle, _Pid, _Name) -> erlang:nif_error(not_loaded).

%% Where those begin that a process starts from now on.
-spec heirs(handle(), pid(), Name :: atom()) -> {ok, Before :: atom()} | not_found | noproc.
heirs(_Handle, _Pid, _Name) -> erlang:nif_error(not_loaded).

-spec critical(handle(), pid(), boolean()) -> ok | noproc.
critical(_Handle, _Pid, _Flag) -> erlang:nif_error(not_loaded).

%% Whether the owner gets {partition_bankrupt, Name}.
-spec events(handle(), boolean()) -> ok.
events(_Handle, _Flag) -> erlang:nif_error(not_loaded).

-spec 'of'(pid()) -> {Name :: atom(), OfHeirs :: atom(), Critical :: boolean()} | undefined.
'of'(_Pid) -> erlang:nif_error(not_loaded).

-spec read() -> {
    Nanoseconds :: non_neg_integer(),
    WindowNs :: pos_integer(),
    Spans :: {non_neg_integer(), non_neg_integer(), non_neg_integer()},
    [row()]
}.
read() -> erlang:nif_error(not_loaded).
