%% The Erlang side of erlang_node.ts: a server on standard input and output that compiles Core
%% Erlang and Erlang, and runs compiled V programs with their output captured.
%%
%% One line each way: `COMMAND BASE64…` in, `@v_node ok BASE64…` or `@v_node error BASE64` out; a
%% compiler that fails may print other lines between. Output is captured
%% by a process that speaks Erlang's io protocol, as the group leader of the program and (for
%% standard error) under the registered name.
-module(v_node).

-export([serve/0]).

serve() ->
    case io:get_line("") of
        eof ->
            halt(0);
        Line ->
            [Command | Args] = string:lexemes(string:trim(Line), " "),
            Reply =
                try
                    [<<"ok">> | command(Command, [base64:decode(A) || A <- Args])]
                catch
                    throw:{refused, Why} -> [<<"error">>, iolist_to_binary(Why)];
                    Class:Reason:Trace -> [<<"error">>, describe({Class, Reason, Trace})]
                end,
            [Status | Data] = Reply,
            io:put_chars(["@v_node ", lists:join(" ", [Status | [base64:encode(D) || D <- Data]]), "\n"]),
            serve()
    end.

describe(Term) -> unicode:characters_to_binary(io_lib:format("~0tp", [Term])).

command("core", [Path]) ->
    {ok, Text} = file:read_file(Path),
    Tokens =
        case core_scan:string(binary_to_list(Text)) of
            {ok, Scanned, _} -> Scanned;
            {error, Bad, _} -> throw({refused, describe(Bad)})
        end,
    case core_parse:parse(Tokens) of
        {ok, Core} -> [forms(Core, [from_core])];
        {error, Why} -> throw({refused, describe(Why)})
    end;
command("erl", [Path]) ->
    [compiled(compile:file(binary_to_list(Path), [binary, return_errors, debug_info]))];
command("load", [Path]) ->
    {ok, Beam} = file:read_file(Path),
    {ok, {Module, _}} = beam_lib:chunks(Beam, []),
    load(Module, Beam),
    [];
command("tests", [Stats | Only]) ->
    ok = v_test:configure(#{stats => binary_to_existing_atom(Stats), only => Only}),
    [];
command("run", [Path, Timeout]) ->
    {ok, Beam} = file:read_file(Path),
    {ok, {Module, _}} = beam_lib:chunks(Beam, []),
    load(Module, Beam),
    {Status, Out, Err} = run(Module, binary_to_integer(Timeout)),
    [integer_to_binary(Status), Out, Err].

load(Module, Beam) ->
    code:purge(Module),
    {module, Module} = code:load_binary(Module, atom_to_list(Module), Beam).

forms(Forms, Options) -> compiled(compile:forms(Forms, [binary, return_errors | Options])).

compiled({ok, _, Beam}) -> Beam;
compiled({ok, _, Beam, _Warnings}) -> Beam;
compiled(Other) -> throw({refused, describe(Other)}).

%% Runs Module:main/0 through the launcher's own code; {Status, StandardOutput, StandardError}. A
%% program that does not end in time is killed and has status 124, as with timeout(1).
run(Module, Timeout) ->
    Out = spawn_link(fun() -> collect([]) end),
    Err = spawn_link(fun() -> collect([]) end),
    Real = whereis(standard_error),
    unregister(standard_error),
    register(standard_error, Err),
    {Pid, Monitor} = spawn_monitor(fun() ->
        group_leader(Out, self()),
        exit({status, v_rt:status(Module)})
    end),
    Status =
        receive
            {'DOWN', Monitor, process, Pid, {status, S}} -> S;
            {'DOWN', Monitor, process, Pid, _} -> 1
        after Timeout ->
            exit(Pid, kill),
            124
        end,
    unregister(standard_error),
    register(standard_error, Real),
    {Status, collected(Out), collected(Err)}.

collected(Pid) ->
    Pid ! {take, self()},
    receive
        {taken, Pid, Bytes} -> Bytes
    end.

collect(Text) ->
    receive
        {io_request, From, Ref, Request} ->
            {Reply, More} = request(Request),
            From ! {io_reply, Ref, Reply},
            collect([Text, More]);
        {take, From} ->
            From ! {taken, self(), iolist_to_binary(Text)}
    end.

request({put_chars, Encoding, Chars}) -> {ok, bytes(Chars, Encoding)};
request({put_chars, Encoding, M, F, A}) -> {ok, bytes(apply(M, F, A), Encoding)};
request({requests, List}) ->
    Each = fun(R, {_, Text}) ->
        {Reply, More} = request(R),
        {Reply, [Text, More]}
    end,
    lists:foldl(Each, {ok, []}, List);
request({setopts, _}) -> {ok, []};
request(getopts) -> {[], []};
request({get_line, _, _}) -> {eof, []};
request({get_chars, _, _, _}) -> {eof, []};
request({get_until, _, _, _, _, _}) -> {eof, []};
request(_) -> {{error, request}, []}.

bytes(Chars, Encoding) -> unicode:characters_to_binary(Chars, Encoding, unicode).
