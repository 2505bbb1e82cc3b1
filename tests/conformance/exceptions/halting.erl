%% What halt/1,2 refuse, and why.
-module(halting).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C(halt(-1)), ?C(halt(1.0)), ?C(halt(a)), ?C(halt({})), ?C(halt(-(1 bsl 70))),
     ?C(halt(1, [{flush, maybe_}])), ?C(halt(1, [flush])), ?C(halt(1, foo)),
     ?C(halt(1, [{flush, true} | x])), ?C(halt(1, [{flush, true}, {flush, 1}])),
     ?C(halt(1, [{flush, true, true}])), ?C(halt(1, [{other, true}])), ?C(halt(1, {flush, true})),
     ?C(halt(1.0, [])), ?C(halt(a, [{flush, false}])), ?C(halt(a, b)), ?C(halt("text", x)),
     ?C(halt(abort, x)), ?C(halt(<<"text">>, [])), ?C(halt(-1, []))].
