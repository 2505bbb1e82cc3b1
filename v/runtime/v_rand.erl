%% Random numbers for V's rand module: Erlang's generator, with a state for each process.
-module(v_rand).

-export([below/1, bits/1, real/0, seed/1]).

%% An integer from 0 to N - 1.
below(N) -> rand:uniform(N) - 1.

%% Several random bits.
bits(Count) -> rand:uniform(1 bsl Count) - 1.

real() -> rand:uniform_real().

%% The same numbers as seed give the same sequence.
seed(Numbers) ->
    rand:seed(exsss, erlang:phash2(v_array:to_list(Numbers), 1 bsl 32)),
    ok.
