%% The machine as Linux programs see it.
-module(vbeam_linux_machine).
-export([memory/0, release/0, version/0]).

%% {Total, Free} bytes that tasks may have; on a system without tasks what Erlang has.
-spec memory() -> {non_neg_integer(), non_neg_integer()}.
memory() ->
    Used = erlang:memory(total),
    Total = max(256 * 1024 * 1024, Used * 2),
    {Total, Total - Used}.

%% The kernel whose interface this is.
-spec release() -> binary().
release() -> <<"6.1.0-vbeam">>.

-spec version() -> binary().
version() -> <<"#1 VBEAM">>.
