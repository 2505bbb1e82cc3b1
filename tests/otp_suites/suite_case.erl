%% Runs one function of a suite in a process of its own, with a time limit, as Common Test does:
%% a case with its init_per_testcase/2 and end_per_testcase/2 in the same process. When that process
%% dies in the case, another one calls end_per_testcase/2.
-module(suite_case).
-export([run/5, call/3, timetrap/1, limit/0]).

-define(CONTROL, suite_case_control).
-define(GRACE_MS, 2000).

%% Result of a case: ok, {skipped, Reason} or {failed, Reason}.
run(Suite, Case, Config, LimitMs, LimitMsMax) ->
    Control = self(),
    Main = fun() -> main(Suite, Case, Config, Control) end,
    case guarded(Main, LimitMs, LimitMsMax) of
        {returned, Result, _} ->
            Result;
        {died, Reason, Latest} ->
            End = fun() -> end_case(Suite, Case, Latest, {failed, Reason}) end,
            [guarded(End, ?GRACE_MS, LimitMsMax) || Latest =/= none],
            {failed, Reason}
    end.

%% Value of a configuration function: {value, Value} or {failed, Reason}.
call(Fun, LimitMs, LimitMsMax) ->
    case guarded(fun() -> result(Fun) end, LimitMs, LimitMsMax) of
        {returned, Result, _} -> Result;
        {died, Reason, _} -> {failed, Reason}
    end.

%% Called in a case: the limit begins anew.
timetrap(Time) ->
    Milliseconds = suite_time:milliseconds(Time),
    case get(?CONTROL) of
        undefined -> ok;
        Control -> Control ! {?MODULE, self(), limit, Milliseconds}, put(suite_limit, Milliseconds)
    end,
    ok.

limit() ->
    case get(suite_limit) of
        undefined -> infinity;
        Milliseconds -> Milliseconds
    end.

main(Suite, Case, Config, Control) ->
    case init_case(Suite, Case, Config) of
        {value, {skip, Reason}} -> {skipped, Reason};
        {value, {skipped, Reason}} -> {skipped, Reason};
        {value, {fail, Reason}} -> {failed, Reason};
        {value, Config1} when is_list(Config1) ->
            Control ! {?MODULE, self(), config, Config1},
            Result = verdict(result(fun() -> Suite:Case(Config1) end)),
            Control ! {?MODULE, self(), config, none},
            after_case(Result, end_case(Suite, Case, Config1, Result));
        {value, Other} -> {failed, {bad_return, init_per_testcase, Other}};
        {failed, Reason} -> {failed, {init_per_testcase, Reason}}
    end.

init_case(Suite, Case, Config) ->
    case erlang:function_exported(Suite, init_per_testcase, 2) of
        true -> result(fun() -> Suite:init_per_testcase(Case, Config) end);
        false -> {value, Config}
    end.

end_case(Suite, Case, Config, Result) ->
    case erlang:function_exported(Suite, end_per_testcase, 2) of
        true -> result(fun() -> Suite:end_per_testcase(Case, [{tc_status, Result} | Config]) end);
        false -> {value, ok}
    end.

%% As in Common Test, a failing end_per_testcase/2 is a warning, its {fail, _} a failure.
after_case(ok, {value, {fail, Reason}}) -> {failed, {end_per_testcase, Reason}};
after_case(Result, _) -> Result.

verdict({value, {skip, Reason}}) -> {skipped, Reason};
verdict({value, {skipped, Reason}}) -> {skipped, Reason};
verdict({value, {failed, Reason}}) -> {failed, Reason};
verdict({value, _}) -> ok;
verdict({failed, Reason}) -> {failed, Reason}.

result(Fun) ->
    try Fun() of
        Value -> {value, Value}
    catch
        throw:Value -> thrown(Value);
        Class:Reason:Trace -> {failed, {Class, Reason, Trace}}
    end.

%% {skip, _} may be thrown.
thrown({skip, _} = Skip) -> {value, Skip};
thrown(Value) -> {failed, {throw, Value}}.

%% Run Fun in a process of its own that may last for LimitMs, never longer than LimitMsMax.
guarded(Fun, LimitMs, LimitMsMax) ->
    Control = self(),
    {Pid, Monitor} =
        spawn_monitor(fun() ->
                          put(?CONTROL, Control),
                          put(suite_limit, LimitMs),
                          exit({?MODULE, Fun()})
                      end),
    wait(Pid, Monitor, none, now_ms() + limit(LimitMs, LimitMsMax), LimitMsMax).

wait(Pid, Monitor, Config, Deadline, LimitMsMax) ->
    receive
        {'DOWN', Monitor, process, Pid, {?MODULE, Result}} ->
            {returned, Result, Config};
        {'DOWN', Monitor, process, Pid, Reason} ->
            {died, Reason, Config};
        {?MODULE, Pid, limit, Milliseconds} ->
            Later = now_ms() + limit(Milliseconds, LimitMsMax),
            wait(Pid, Monitor, Config, Later, LimitMsMax);
        {?MODULE, Pid, config, NewConfig} ->
            wait(Pid, Monitor, NewConfig, Deadline, LimitMsMax)
    after max(0, Deadline - now_ms()) ->
        Where = (catch process_info(Pid, current_stacktrace)),
        exit(Pid, kill),
        receive {'DOWN', Monitor, process, Pid, _} -> ok after ?GRACE_MS -> ok end,
        {died, {timetrap_timeout, Where}, Config}
    end.

limit(infinity, Max) -> Max;
limit(Milliseconds, Max) -> min(Milliseconds, Max).

now_ms() -> erlang:monotonic_time(millisecond).
