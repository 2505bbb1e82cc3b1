%% Why a construction fails: the cause in error_info, and OTP's words for it.
-module(construct_errors).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    Atom = id(atom), Minus = id(-1), Huge = id(1 bsl 70), Text = id(<<"abc">>), Bits = id(<<5:3>>),
    [?C(why(fun() -> <<Atom/binary, Text/binary>> end)),
     ?C(why(fun() -> <<Text/binary, Atom/binary>> end)),
     ?C(why(fun() -> <<1:32, "xyz", Text/binary, Atom/binary>> end)),
     ?C(why(fun() -> <<Atom:32>> end)),
     ?C(why(fun() -> <<42:Atom>> end)),
     ?C(why(fun() -> <<42:Minus>> end)),
     ?C(why(fun() -> <<Atom:Minus>> end)),
     ?C(why(fun() -> <<Atom:8, 42:Minus>> end)),
     ?C(why(fun() -> <<1:8, Atom:8, 42:Huge>> end)),
     ?C(why(fun() -> <<42:(-Huge)>> end)),
     ?C(why(fun() -> <<Text:Atom/binary>> end)),
     ?C(why(fun() -> <<Text:Minus/binary>> end)),
     ?C(why(fun() -> <<Text:Huge/binary>> end)),
     ?C(why(fun() -> <<Text:10/binary>> end)),
     ?C(why(fun() -> <<Text:(id(10))/binary>> end)),
     ?C(why(fun() -> <<Atom:2/binary>> end)),
     ?C(why(fun() -> <<Bits/binary>> end)),
     ?C(why(fun() -> <<0, Bits/binary>> end)),
     ?C(why(fun() -> <<Bits/binary, 0>> end)),
     ?C(why(fun() -> <<Text/binary, Bits/binary-unit:16>> end)),
     ?C(why(fun() -> <<Atom:64/float>> end)),
     ?C(why(fun() -> <<Atom:Atom/float>> end)),
     ?C(why(fun() -> <<1.5:Minus/float>> end)),
     ?C(why(fun() -> <<1.5:(id(1))/float>> end)),
     ?C(why(fun() -> <<(id(1 bsl 1500)):64/float>> end)),
     ?C(why(fun() -> <<(id(1.0e300)):(id(16))/float>> end)),
     ?C(why(fun() -> <<1.5:Huge/float>> end)),
     ?C(why(fun() -> <<Atom/utf8>> end)),
     ?C(why(fun() -> <<65/utf8, Minus/utf16>> end)),
     ?C(why(fun() -> <<(id(16#d800))/utf32>> end)),
     ?C(why(fun() -> <<Atom/utf8, 1:Minus>> end)),
     ?C(why(fun() -> << <<X:8>> || X <- [1, Atom, 3] >> end)),
     ?C(why(fun() -> << <<X/binary>> || X <- [Text, Bits] >> end)),
     ?C(guarded(Text, Atom)), ?C(guarded(Text, 8))].

why(Fun) ->
    try Fun() of Result -> Result
    catch
        error:Reason:Trace ->
            [{_, _, _, Location} | _] = Trace,
            case lists:keyfind(error_info, 1, Location) of
                {error_info, #{cause := Cause, module := Module, function := Function}} ->
                    {Reason, Cause, Module:Function(Reason, Trace)};
                Other ->
                    {Reason, Other}
            end
    end.

guarded(Text, Size) when <<1:Size>> =:= Text -> yes;
guarded(_, _) -> no.

id(X) -> X.
