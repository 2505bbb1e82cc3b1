%% The table of persistent terms becomes smaller again when terms are erased.
-module(persistent_table).
-export([cases/0]).

memory() -> maps:get(memory, persistent_term:info()).
count() -> maps:get(count, persistent_term:info()).
put_all(N) -> [persistent_term:put({?MODULE, I}, I) || I <- lists:seq(1, N)].
erase_all(From, To) -> [persistent_term:erase({?MODULE, I}) || I <- lists:seq(From, To)].
held(N) -> lists:sort([V || {{?MODULE, _}, V} <- persistent_term:get()]) =:= N.

cases() ->
    [{"back to where it was", fun() -> M = memory(), C = count(), put_all(2000), true = memory() > M + 2000 * 8, erase_all(1, 2000), {memory() - M < 4096, count() - C} end},
     {"what is left is found", fun() -> put_all(3000), erase_all(101, 3000), X = held(lists:seq(1, 100)), Y = [persistent_term:get({?MODULE, I}) || I <- lists:seq(1, 100)] =:= lists:seq(1, 100), erase_all(1, 100), {X, Y, held([])} end},
     {"large and small by turns", fun() -> [begin put_all(N), erase_all(1, N) end || N <- [10, 1000, 1, 500, 3000]], held([]) end},
     {"erased twice", fun() -> put_all(300), {lists:usort(erase_all(1, 300)), lists:usort(erase_all(1, 300))} end}].
