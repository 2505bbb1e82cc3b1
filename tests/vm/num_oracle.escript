#!/usr/bin/env escript
%% Applies functions of the real erl: one term {Module, Function, Arguments} a line of the file given; prints one result a line.
%% Floats travel as {f, Bits}, so that nothing depends on how they are printed.
-mode(compile).

main([File]) ->
    {ok, Bytes} = file:read_file(File),
    Lines = binary:split(Bytes, <<"\n">>, [global, trim_all]),
    io:put_chars([[result(line(Line)), $\n] || Line <- Lines]).

line(Line) ->
    {ok, Tokens, _} = erl_scan:string(binary_to_list(Line)),
    {ok, {Module, Function, Arguments}} = erl_parse:parse_term(Tokens),
    try apply(Module, Function, [argument(A) || A <- Arguments])
    catch error:Reason -> {error_was, Reason}
    end.

argument({f, Bits}) -> <<Float/float>> = <<Bits:64>>, Float;
argument(Other) -> Other.

result({error_was, Reason}) -> io_lib:format("error ~w", [Reason]);
result(Float) when is_float(Float) -> <<Bits:64>> = <<Float/float>>, io_lib:format("float ~b", [Bits]);
result(Integer) when is_integer(Integer) -> io_lib:format("integer ~b", [Integer]);
result(Text) when is_binary(Text) -> ["binary ", Text];
result({error, Reason}) -> io_lib:format("{error,~w}", [Reason]);
result({Number, Rest}) -> [result(Number), " rest ", io_lib:format("~w", [Rest])];
result(List) -> ["list ", List].
