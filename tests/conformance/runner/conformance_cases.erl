%% Runs the cases of conformance modules, each in a process of its own, and prints one line a case:
%% MODULE NUMBER NAME => RESULT. What differs from run to run (pids, references, funs) is masked.
%% A module exports cases/0, a list of {Name, Fun}.
-module(conformance_cases).
-export([main/0, in_folder/2]).

-define(CASE_MS, 60000).

main() ->
    ok = logger:set_primary_config(level, none),
    ok = io:setopts([{encoding, unicode}]),
    [run_module(M) || M <- conformance_list:modules()],
    ok.

run_module(Module) ->
    Cases = Module:cases(),
    Numbered = lists:zip(lists:seq(1, length(Cases)), Cases),
    Lines = [line(Module, N, Name, run_case(F)) || {N, {Name, F}} <- Numbered],
    io:put_chars(Lines).

line(Module, N, Name, Result) ->
    io_lib:format("~ts ~b ~ts => ~0tp~n", [Module, N, Name, mask(Result)]).

run_case(F) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({case_result, result(F)}) end),
    receive
        {'DOWN', Monitor, process, Pid, {case_result, Result}} -> Result;
        {'DOWN', Monitor, process, Pid, Reason} -> {ended, Reason}
    after ?CASE_MS ->
        exit(Pid, kill),
        receive {'DOWN', Monitor, process, Pid, _} -> {timeout, ?CASE_MS} end
    end.

result(F) ->
    try F() of
        Value -> Value
    catch
        Class:Reason:Trace -> {raised, Class, Reason, [frame(Frame) || Frame <- Trace]}
    end.

%% Arguments in a first entry are kept; a frame without a line has none.
frame({M, F, A, Location}) ->
    {M, F, A, [Item || {Key, _} = Item <- Location, Key =:= line orelse Key =:= error_info]}.

mask(X) when is_pid(X) -> '<pid>';
mask(X) when is_reference(X) -> '<ref>';
mask(X) when is_port(X) -> '<port>';
mask(X) when is_function(X) ->
    case erlang:fun_info(X, type) of
        {type, external} -> X;
        {type, local} -> {'<fun>', element(2, erlang:fun_info(X, arity))}
    end;
mask([H | T]) -> [mask(H) | mask(T)];
mask(X) when is_tuple(X) -> list_to_tuple(mask(tuple_to_list(X)));
mask(X) when is_map(X) -> maps:from_list(mask(lists:sort(maps:to_list(X))));
mask(X) -> X.

%% Run a case with a folder of its own, which is called <folder> in its result: others may run the
%% same case at the same time.
in_folder(Name, F) ->
    Words = [C || C <- Name, C =/= $\s],
    Folder = "/tmp/vbeam-" ++ Words ++ "-" ++ os:getpid(),
    _ = file:del_dir_r(Folder),
    ok = file:make_dir(Folder),
    {ok, Old} = file:get_cwd(),
    try
        nameless(F(Folder), Folder)
    after
        ok = file:set_cwd(Old),
        file:del_dir_r(Folder)
    end.

nameless([H | T] = List, Folder) ->
    case lists:prefix(Folder, List) of
        true -> "<folder>" ++ lists:nthtail(length(Folder), List);
        false -> [nameless(H, Folder) | nameless(T, Folder)]
    end;
nameless(Tuple, Folder) when is_tuple(Tuple) ->
    list_to_tuple(nameless(tuple_to_list(Tuple), Folder));
nameless(Other, _) ->
    Other.
