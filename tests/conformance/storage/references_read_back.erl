%% References that keep something alive and leave the heap as text or external terms: who reads them
%% gets the same thing, as long as it lives.
-module(references_read_back).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C(atomics:add_get(external(atomics:new(1, [])), 1, 5)),
     ?C(atomics:add_get(text(atomics:new(1, [])), 1, 5)),
     ?C(begin
            A = atomics:new(1, []),
            [B, C] = [external(A), text(A)],
            atomics:put(B, 1, 7),
            {atomics:get(A, 1), atomics:get(C, 1), A =:= B, B =:= C, #{A => 1} =:= #{C => 1}}
        end),
     ?C(begin
            {atomics, A} = Counters = counters:new(2, []),
            counters:add(external({x, [A | Counters]}, 2), 1, 3),
            counters:get(Counters, 1)
        end),
     ?C(begin T = ets:new(t, []), ets:insert(external(T), {k, 1}), ets:lookup(text(T), k) end),
     ?C(begin
            Compiled = ets:match_spec_compile([{{'$1', '_'}, [], ['$1']}]),
            {ets:is_compiled_ms(external(Compiled)),
             ets:match_spec_run([{1, 2}], external(Compiled))}
        end),
     %% The thing is gone before its reference is read.
     ?C(begin
            Bytes = gone(fun() -> term_to_binary(atomics:new(1, [])) end),
            Back = binary_to_term(Bytes),
            {is_reference(Back), catch_reason(fun() -> atomics:get(Back, 1) end)}
        end),
     ?C(begin
            Text = gone(fun() -> ref_to_list(atomics:new(1, [])) end),
            catch_reason(fun() -> atomics:get(list_to_ref(Text), 1) end)
        end),
     %% What is read keeps it alive.
     ?C(begin
            Me = self(),
            P = spawn(fun() ->
                              A = atomics:new(1, []),
                              put(kept, A),
                              atomics:put(A, 1, 42),
                              Me ! {bytes, term_to_binary([A, lists:duplicate(100, A)])},
                              receive stop -> ok end
                      end),
            [Back, Many] = receive {bytes, Bytes} -> binary_to_term(Bytes) end,
            M = monitor(process, P),
            P ! stop,
            receive {'DOWN', M, _, _, _} -> garbage_collect() end,
            {atomics:get(Back, 1), lists:usort([atomics:get(Each, 1) || Each <- Many])}
        end),
     ?C(begin
            Long = [atomics:new(1, []) || _ <- lists:seq(1, 5000)],
            Back = binary_to_term(term_to_binary(Long, [compressed])),
            [atomics:add(Each, 1, 1) || Each <- Back],
            lists:sum([atomics:get(Each, 1) || Each <- Long])
        end),
     ?C(begin
            A = atomics:new(1, []),
            Bytes = term_to_binary(A),
            Cut = [catch binary_to_term(binary:part(Bytes, 0, N))
                   || N <- lists:seq(0, byte_size(Bytes) - 1)],
            {length([x || {'EXIT', {badarg, _}} <- Cut]) =:= byte_size(Bytes), atomics:get(A, 1)}
        end),
     ?C(begin
            A = atomics:new(1, []),
            Doubled = <<131, 116, 0, 0, 0, 2, (tail(A))/binary, 97, 1, (tail(A))/binary, 97, 2>>,
            {catch_reason(fun() -> binary_to_term(Doubled) end), atomics:get(A, 1)}
        end)].

external(Term) -> binary_to_term(term_to_binary(Term)).
external(Term, 2) -> tl(element(2, external(Term))).
text(Reference) -> list_to_ref(ref_to_list(Reference)).
tail(Term) -> <<131, Tail/binary>> = term_to_binary(Term), Tail.

%% The value of Fun in a process that is gone with its heap.
gone(Fun) ->
    {_, M} = spawn_monitor(fun() -> exit(Fun()) end),
    Value = receive {'DOWN', M, _, _, Result} -> Result end,
    timer:sleep(50),
    Value.

catch_reason(Fun) ->
    try Fun() catch Class:Reason -> {Class, Reason} end.
