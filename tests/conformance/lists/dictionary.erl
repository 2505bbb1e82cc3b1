%% The process dictionary, persistent terms, atomics and counters.
-module(dictionary).
-export([run/0]).

run() ->
    dictionary(),
    persistent(),
    arrays().

dictionary() ->
    erase(),
    show([put(a, 1), put(a, 2), get(a), get(b), put(b, 2), put("k", x), get([$k]), put(1.0, f), get(1)]),
    show(lists:sort(get())),
    show([lists:sort(get_keys()), lists:sort(get_keys(2)), erase(a), erase(a), get(a)]),
    [put({k, I}, I) || I <- lists:seq(1, 1000)],
    show([length(get()), get({k, 1}), get({k, 1000}), lists:sum([get({k, I}) || I <- lists:seq(1, 1000)])]),
    [erase({k, I}) || I <- lists:seq(1, 1000, 2)],
    show([length(get_keys()), get({k, 1}), get({k, 2})]),
    [put({k, I}, {new, I}) || I <- lists:seq(1, 1000, 3)],
    erlang:garbage_collect(),
    show(lists:sum([I || {{k, I}, {new, I}} <- get()])),
    [erase({k, I}) || I <- lists:seq(1, 1000)],
    show(lists:sort(get())),
    show(lists:sort(erase())),
    show([get(), get_keys()]).

persistent() ->
    Before = maps:get(count, persistent_term:info()),
    show([persistent_term:put({t, I}, {value, I, "text", <<0:800>>}) || I <- [1, 2, 3]]),
    show([persistent_term:get({t, 2}), persistent_term:get({t, 9}, none), maps:get(count, persistent_term:info()) - Before]),
    V = persistent_term:get({t, 1}),
    show([persistent_term:put({t, 1}, new), persistent_term:get({t, 1}), persistent_term:erase({t, 1}),
          persistent_term:erase({t, 1}), V]),
    show(catch_it(fun() -> persistent_term:get({t, 1}) end)),
    [persistent_term:put({n, I}, [I]) || I <- lists:seq(1, 600)],
    show([lists:sum([hd(persistent_term:get({n, I})) || I <- lists:seq(1, 600)]),
          length([K || {{n, K}, _} <- persistent_term:get()])]),
    [persistent_term:erase({n, I}) || I <- lists:seq(1, 600)],
    show(lists:sort([P || {{t, _}, _} = P <- persistent_term:get()])).

arrays() ->
    A = atomics:new(3, []),
    show([atomics:put(A, 1, 5), atomics:get(A, 1), atomics:add(A, 1, 10), atomics:add_get(A, 1, -20), atomics:sub_get(A, 2, 1)]),
    show([atomics:exchange(A, 3, 7), atomics:compare_exchange(A, 3, 8, 9), atomics:compare_exchange(A, 3, 7, 9), atomics:get(A, 3)]),
    atomics:put(A, 1, (1 bsl 63) - 1),
    show([atomics:add_get(A, 1, 1), atomics:get(A, 1)]),
    U = atomics:new(1, [{signed, false}]),
    show([atomics:sub_get(U, 1, 1), atomics:add_get(U, 1, 2)]),
    show([maps:remove(memory, atomics:info(A)), maps:remove(memory, atomics:info(U))]),
    C = counters:new(2, [write_concurrency]),
    show([counters:add(C, 1, 3), counters:sub(C, 2, 4), counters:get(C, 1), counters:get(C, 2), counters:put(C, 1, 9), counters:get(C, 1)]),
    D = counters:new(2, []),
    show([counters:add(D, 1, 3), counters:get(D, 1), maps:get(size, counters:info(D)), maps:get(size, counters:info(C))]),
    [show(catch_it(F)) || F <- [
        fun() -> atomics:new(0, []) end,
        fun() -> atomics:get(A, 4) end,
        fun() -> atomics:get(A, 0) end,
        fun() -> atomics:put(A, 1, 1 bsl 63) end,
        fun() -> atomics:put(U, 1, -1) end,
        fun() -> atomics:get(make_ref(), 1) end,
        fun() -> atomics:get(C, 1) end,
        fun() -> counters:get(C, 3) end,
        fun() -> atomics:add(A, 1, x) end]].

catch_it(F) ->
    try F() of V -> {value, V} catch K:R -> {K, R} end.

show(X) -> erlang:display(X).
