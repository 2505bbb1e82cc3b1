%% yecc and leex make a parser and a scanner from the files beside this one; both are compiled,
%% loaded and run.
-module(parser_sample).
-export([run/1]).

%% Folder: where calculator_parser.yrl and calculator_scanner.xrl are. Results go to a folder of
%% our own.
run(Folder) ->
    Out = "/tmp/parser_sample." ++ os:getpid(),
    ok = filelib:ensure_dir(Out ++ "/x"),
    {ok, Scanner} = leex:file(filename:join(Folder, "calculator_scanner.xrl"),
                              [{scannerfile, Out ++ "/calculator_scanner.erl"}]),
    {ok, Parser} = yecc:file(filename:join(Folder, "calculator_parser.yrl"),
                             [{parserfile, Out ++ "/calculator_parser.erl"}]),
    [load(File) || File <- [Scanner, Parser]],
    [io:format("~ts => ~0p~n", [Text, value(Text)]) || Text <- texts()],
    io:format("~ts~n", [digest([Scanner, Parser])]),
    ok = file:del_dir_r(Out).

texts() ->
    ["1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "10 / 4", "-3 - -4", "max(1, 2 + 3, 4)", "1 +",
     "1 $ 2", "x = 4"].

value(Text) ->
    case calculator_scanner:string(Text) of
        {ok, Tokens, _} -> calculator_parser:parse(Tokens);
        Error -> Error
    end.

load(File) ->
    {ok, Module, Beam} = compile:file(File, [binary, return_errors]),
    {module, Module} = code:load_binary(Module, File, Beam).

%% Of the generated sources without the lines that name files.
digest(Files) ->
    Lines = [Line || File <- Files, Line <- lines(File), string:find(Line, "-file(") =:= nomatch],
    binary:encode_hex(erlang:md5(Lines)).

lines(File) ->
    {ok, Text} = file:read_file(File),
    binary:split(Text, <<"\n">>, [global]).
