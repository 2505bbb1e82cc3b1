%% Random numbers for V's rand module.
-module(v_rand).

-export([below/1]).

%% An integer from 0 to N - 1.
below(N) -> rand:uniform(N) - 1.
