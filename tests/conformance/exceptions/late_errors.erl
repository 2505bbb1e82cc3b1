%% Errors of BIFs that have worked for a while, and of apply: it is the call that fails, with its
%% arguments, and its caller is in the trace, also when it called in tail position. Options of
%% error/3; an exception whose class was changed.
-module(late_errors).
-export([cases/0, tail_of/2, body_of/2]).
-include("../runner/case.hrl").

cases() ->
    Long = lists:seq(1, 1000000), Bytes = [N band 255 || N <- Long],
    [?C(trace(fun() -> ?MODULE:body_of(list_to_binary, [Bytes, oops]) end)),
     ?C(trace(fun() -> ?MODULE:tail_of(list_to_binary, [Bytes, oops]) end)),
     ?C(trace(fun() -> ?MODULE:body_of(iolist_to_binary, [[Bytes], oops]) end)),
     ?C(trace(fun() -> ?MODULE:tail_of(iolist_size, [[Bytes], oops]) end)),
     ?C(trace(fun() -> ?MODULE:body_of(list_to_bitstring, [Bytes | oops]) end)),
     ?C(trace(fun() -> list_to_tuple(Long ++ tail) end)),
     ?C(applied(id({}), baz, [a, b])),
     ?C(applied(baz, id({}), [c, d])),
     ?C(trace(fun() -> (id({})):baz(a, b) end)),
     ?C(trace(fun() -> baz:(id({}))(c, d), ok end)),
     ?C(trace(fun() -> [(id("m")):f()] end)),
     ?C(applied(baz, f, [a | b])),
     ?C([info_of(O) || O <- [[], [bad], bad, [{error_info, no_map}], [{bad, tuple}],
                             [{error_info, #{a => 1}}], [{error_info, #{}} | x],
                             [{error_info, #{a => 1}}, {error_info, #{b => 2}}],
                             [{error_info, #{a => 1}}, bad]]]),
     ?C(try changed(fun() -> throw(ball) end) catch C:R -> {C, R} end),
     ?C(try changed(fun() -> exit(ball) end) catch C:R -> {C, R} end),
     ?C([K || M <- [#{}], {'EXIT', {{badkey, K}, _}} <- [catch M#{b := 1, a := 2}]]),
     ?C(element(1, element(2, catch (id(#{}))#{1.5 := 1, {} := 2, [] := 3, "x" := 4, 7 := 5}))),
     ?C(element(1, element(2, catch (id(#{7 => 1}))#{1.5 := 1, {} := 2, 7 := 5}))),
     ?C([catch is_function(F, A) || F <- [no_fun, fun id/1], A <- [-1, -(1 bsl 70), 1 bsl 70, a]]),
     ?C([erlang:fun_to_list(fun M:M/1) || M <- ['a-b', ab, '', 'a\'\\', 'a\n', 'A']])].

tail_of(list_to_binary, Argument) -> list_to_binary(Argument);
tail_of(iolist_size, Argument) -> iolist_size(Argument).

body_of(list_to_binary, Argument) -> [list_to_binary(Argument)];
body_of(iolist_to_binary, Argument) -> [iolist_to_binary(Argument)];
body_of(list_to_bitstring, Argument) -> [list_to_bitstring(Argument)].

%% Functions of the trace up to this module's case, the first one with the size of its arguments.
trace(Fun) ->
    try Fun() of Result -> {no_error, Result}
    catch
        Class:Reason:Trace ->
            [{M, F, A, _} | Rest] = Trace,
            {Class, Reason, {M, F, erts_debug:flat_size(A)},
             [{F1, A1} || {?MODULE, F1, A1, _} <- Rest, F1 =/= cases, hd(atom_to_list(F1)) =/= $-]}
    end.

applied(M, F, A) ->
    try apply(M, F, A) of Result -> Result
    catch
        Class:Reason:Trace ->
            [{M1, F1, A1, [{error_info, _}]} | _] = Trace,
            {Class, Reason, {M1, F1, A1}}
    end.

info_of(Options) ->
    try error(reason, [x], Options)
    catch
        error:Reason:Trace ->
            [{_, _, A, Location} | _] = Trace,
            {Reason, A, lists:keyfind(error_info, 1, Location)}
    end.

changed(Fun) ->
    try again(Fun) after put(changed, done) end.
again(Fun) ->
    try Fun() catch _:Reason:Trace -> erlang:raise(error, Reason, Trace) end.

id(X) -> X.
