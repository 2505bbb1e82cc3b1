%% Traces that go to a port, which writes them into one file or a set of files: dbg, fprof.
%% The folder in which files may be made is the argument on the command line.
-module(trace_files).
-export([run/1, fib/1]).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

run([Folder]) ->
    single(filename:join(Folder, "single")),
    wrapped(Folder),
    profiled(Folder),
    bad(Folder),
    halt().

single(File) ->
    {ok, _} = dbg:tracer(port, dbg:trace_port(file, File)),
    traced(5),
    show(dbg:flush_trace_port()),
    {ok, Port} = dbg:get_tracer(),
    show({is_port(Port), erlang:trace_info(self(), tracer) =:= {tracer, Port}}),
    dbg:stop_clear(),
    show(erlang:trace_info(self(), tracer)),
    show(told(File)).

%% Files of two calls each, three of them at most: the numbers of those that are left, and sizes.
wrapped(Folder) ->
    Files = filename:join(Folder, "set"),
    {ok, _} = dbg:tracer(port, dbg:trace_port(file, {Files, wrap, ".x", 120, 3})),
    traced(6),
    dbg:stop_clear(),
    Made = lists:sort(filelib:wildcard(Files ++ "*")),
    show([{filename:basename(File), filelib:file_size(File)} || File <- Made]),
    show(told({Files, wrap, ".x"})).

traced(N) ->
    {ok, _} = dbg:p(self(), [call]),
    {ok, _} = dbg:tpl(?MODULE, fib, 1, []),
    fib(N).

%% What a reader of the file is told.
told(File) ->
    Self = self(),
    dbg:trace_client(file, File, {fun(Event, _) -> Self ! {told, Event}, none end, none}),
    told().
told() ->
    receive
        {told, end_of_trace} -> [];
        {told, {trace, _, call, {_, F, Arguments}}} -> [{F, Arguments} | told()];
        {told, Other} -> [Other | told()]
    after 5000 -> timeout
    end.

profiled(Folder) ->
    File = filename:join(Folder, "profile"),
    21 = fprof:apply(?MODULE, fib, [8], [{file, File}]),
    ok = fprof:profile([{file, File}]),
    Analysis = filename:join(Folder, "analysis"),
    ok = fprof:analyse([{dest, Analysis}]),
    {ok, Terms} = file:consult(Analysis),
    show([{Name, Count} || {_, {Name, Count, _, _}, _} <- Terms, element(1, Name) =:= ?MODULE]).

bad(Folder) ->
    Command = "trace_file_drv n " ++ filename:join([Folder, "none", "such"]),
    show(element(1, element(2, catch open_port({spawn, Command}, [])))).

show(Term) -> io:format("~p~n", [Term]).
