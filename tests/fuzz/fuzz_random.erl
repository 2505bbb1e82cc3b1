%% Numbers that follow from a seed, the same on every VM. The state is in the process dictionary.
-module(fuzz_random).
-export([seed/1, below/1, one_of/1, bytes/1]).

%% Multiply with carry, 59 bits: the generator of rand:mwc59/1.
-define(STEP(State), (16#7fa6502 * (State band 16#ffffffff) + (State bsr 32))).

-spec seed(non_neg_integer()) -> ok.
seed(Seed) ->
    put(fuzz_random, (Seed * 16#9e3779b1 + 12345) band 16#3ffffffffffff + 1),
    below(2), below(2), below(2),
    ok.

%% 0 to Limit - 1.
-spec below(pos_integer()) -> non_neg_integer().
below(Limit) ->
    State = ?STEP(get(fuzz_random)),
    put(fuzz_random, State),
    ((State bxor (State bsr 27)) band 16#ffffffff) rem Limit.

-spec one_of(tuple()) -> term().
one_of(Tuple) -> element(1 + below(tuple_size(Tuple)), Tuple).

-spec bytes(non_neg_integer()) -> binary().
bytes(Count) -> << <<(below(256))>> || _ <- lists:seq(1, Count) >>.
