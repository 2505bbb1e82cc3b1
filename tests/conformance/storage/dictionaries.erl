%% Process dictionaries of all sizes, growing and shrinking, and what becomes of them in
%% collections.
-module(dictionaries).
-export([cases/0]).

cases() ->
    [{integer_to_list(N), fun() -> alone(fun() -> fill_and_empty(N) end) end}
     || N <- [1, 7, 8, 9, 10, 16, 17, 64, 255, 256, 257, 511, 512, 513, 1024, 1025, 5000, 40000]] ++
        [{"random " ++ integer_to_list(Seed), fun() -> alone(fun() -> random(Seed) end) end}
         || Seed <- lists:seq(1, 20)] ++
        [{"values", fun() -> alone(fun values/0) end},
         {"process_info", fun() -> alone(fun info/0) end}].

alone(F) ->
    {Pid, M} = spawn_monitor(fun() -> exit({result, F()}) end),
    receive {'DOWN', M, process, Pid, Reason} -> Reason end.

key(I) when I rem 3 =:= 0 -> I;
key(I) when I rem 3 =:= 1 -> {I, [I]};
key(I) -> <<I:32>>.

fill_and_empty(N) ->
    L = lists:seq(1, N),
    [put(key(I), {I, [I]}) || I <- L],
    garbage_collect(),
    Same = lists:all(fun(I) -> get(key(I)) =:= {I, [I]} end, L),
    Sum = erlang:phash2(lists:sort(get())),
    Keys = erlang:phash2(lists:sort(get_keys())),
    Half = [erase(key(I)) || I <- L, I rem 2 =:= 0],
    garbage_collect(),
    Rest = erlang:phash2(lists:sort(get())),
    Again = [put(key(I), new) || I <- L],
    Gone = [erase(key(I)) || I <- lists:reverse(L)],
    {Same, Sum, Keys, erlang:phash2(Half), Rest, erlang:phash2(Again), erlang:phash2(Gone), get(),
     length([put(I, I) || I <- L]), length(erase()), get(), put(a, b), get()}.

random(Seed) ->
    rand:seed(exsss, Seed),
    Model = lists:foldl(fun(I, M) -> step(rand:uniform(10), key(rand:uniform(600)), I, M) end, #{},
                        lists:seq(1, 6000)),
    {erlang:phash2(lists:sort(get())), lists:sort(get()) =:= lists:sort(maps:to_list(Model))}.

%% Times of growing and of shrinking.
step(N, Key, I, Model) when N =< 6 andalso I div 1500 rem 2 =:= 0; N =< 3 ->
    Old = maps:get(Key, Model, undefined),
    Old = put(Key, [I]),
    Model#{Key => [I]};
step(_, Key, _, Model) ->
    Old = maps:get(Key, Model, undefined),
    Old = get(Key),
    Old = erase(Key),
    maps:remove(Key, Model).

values() ->
    [put({k, I}, I rem 3) || I <- lists:seq(1, 2000)],
    put({k, none}, []),
    {length(get_keys(0)), erlang:phash2(lists:sort(get_keys(1))), get_keys(7), get_keys([]),
     length(get_keys()), catch get_keys({0})}.

info() ->
    [put(I, [I]) || I <- lists:seq(1, 1500)],
    {dictionary, L} = process_info(self(), dictionary),
    Self = self(),
    spawn_link(fun() -> Self ! process_info(Self, dictionary) end),
    receive {dictionary, Other} -> {length(L), lists:sort(L) =:= lists:sort(Other)} end.
