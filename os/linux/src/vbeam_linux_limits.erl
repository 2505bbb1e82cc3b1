%% Limits of a program: getrlimit(2), and what the system itself does not let it exceed.
-module(vbeam_linux_limits).
-export([usual/0, number/1, get/2, infinity/0]).
-export_type([limits/0]).

-define(INFINITY, 16#ffffffffffffffff).

%% Resource => {Soft, Hard}. Beside Linux's resources there is `memory`: bytes of frames that a
%% program's tasks may have.
-type limits() :: #{atom() => {non_neg_integer(), non_neg_integer()}}.

-spec infinity() -> non_neg_integer().
infinity() -> ?INFINITY.

-spec usual() -> limits().
usual() ->
    #{
        stack => {8 * 1024 * 1024, ?INFINITY},
        nofile => {1024, 1048576},
        core => {0, ?INFINITY},
        memory => {256 * 1024 * 1024, 256 * 1024 * 1024}
    }.

%% Linux's numbers (asm-generic/resource.h).
-spec number(non_neg_integer()) -> atom().
number(0) -> cpu;
number(1) -> fsize;
number(2) -> data;
number(3) -> stack;
number(4) -> core;
number(5) -> rss;
number(6) -> nproc;
number(7) -> nofile;
number(8) -> memlock;
number(9) -> as;
number(10) -> locks;
number(11) -> sigpending;
number(12) -> msgqueue;
number(13) -> nice;
number(14) -> rtprio;
number(15) -> rttime;
number(_) -> none.

-spec get(atom(), limits()) -> {non_neg_integer(), non_neg_integer()}.
get(Resource, Limits) -> maps:get(Resource, Limits, {?INFINITY, ?INFINITY}).
