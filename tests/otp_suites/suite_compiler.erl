%% Compiles the modules of a folder of test suites, as OTP's makefiles do, and says which cannot be
%% compiled: a line `refused FILE REASON` each. Arguments: the output folder and the sources.
-module(suite_compiler).
-export([main/1]).

main([Out | Sources]) ->
    [compile(Source, Out) || Source <- Sources],
    ok.

compile(Source, Out) ->
    Options = [debug_info, return, nowarn_deprecated_function, {outdir, Out},
               {i, filename:join(filename:dirname(Source), "../include")},
               {i, filename:dirname(Source)}],
    case compile:file(Source, Options) of
        {ok, _, _} -> ok;
        {error, Errors, _} ->
            io:format("refused ~ts ~0tP~n", [filename:basename(Source), Errors, 20])
    end.
