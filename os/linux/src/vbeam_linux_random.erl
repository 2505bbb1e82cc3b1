%% Random bytes for programs: from the processor where the system has it, else from Erlang.
-module(vbeam_linux_random).
-export([bytes/1]).

-spec bytes(non_neg_integer()) -> binary().
bytes(Count) -> << <<(rand:uniform(256) - 1)>> || _ <- lists:seq(1, Count) >>.
