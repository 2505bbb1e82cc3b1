%% The functions of Test Server that OTP's suites call. There is one node that is not distributed,
%% so starting another fails.
-module(test_server).
-export([lookup_config/2, timetrap/1, timetrap_cancel/0, timetrap_cancel/1, timetrap_scale_factor/0,
         hours/1, minutes/1, seconds/1, sleep/1, adjusted_sleep/1, do_times/2, do_times/4,
         m_out_of_n/3, fail/0, fail/1, format/1, format/2, format/3, comment/1, continue/0,
         capture_start/0, capture_stop/0, capture_get/0, messages_get/0, timecall/3, call_crash/3,
         call_crash/4, call_crash/5, is_cover/0, is_debug/0, is_asan/0, is_valgrind/0,
         is_native/1, is_commercial/0, has_lock_checking/0, has_superfluous_schedulers/0,
         memory_checker/0, temp_name/1, os_type/0, app_test/1, app_test/2, peer_name/2,
         start_peer/3, start_peer/5, start_node/3, stop_node/1, is_release_available/1,
         run_on_shielded_node/2]).

lookup_config(Key, Config) ->
    case lists:keyfind(Key, 1, Config) of
        {Key, Value} -> Value;
        false -> undefined
    end.

timetrap(Time) -> suite_case:timetrap(Time), self().
timetrap_cancel() -> ok.
timetrap_cancel(_) -> ok.
timetrap_scale_factor() -> 1.

hours(N) -> minutes(N * 60).
minutes(N) -> seconds(N * 60).
seconds(N) -> trunc(N * 1000).

sleep(Time) -> ct:sleep(Time).
adjusted_sleep(Time) -> ct:sleep(Time).

do_times(N, M, F, A) -> do_times(N, fun() -> apply(M, F, A) end).
do_times(N, Fun) when N > 0 -> Fun(), do_times(N - 1, Fun);
do_times(0, _) -> ok.

m_out_of_n(0, _, _) -> ok;
m_out_of_n(M, 0, _) -> exit({m_out_of_n_failed, {M, left_to_do}});
m_out_of_n(M, N, Fun) ->
    case catch Fun() of
        {'EXIT', _} -> m_out_of_n(M, N - 1, Fun);
        _ -> m_out_of_n(M - 1, N - 1, Fun)
    end.

fail() -> exit(suite_failed).
fail(Reason) -> exit({suite_failed, Reason}).

format(Format) -> format(Format, []).
format(Format, Arguments) -> io:format(Format, Arguments).
format(_Detail, Format, Arguments) -> io:format(Format, Arguments).
comment(_) -> ok.
continue() -> ok.

capture_start() -> ct:capture_start().
capture_stop() -> ct:capture_stop().
capture_get() -> ct:capture_get().

messages_get() ->
    receive Message -> [Message | messages_get()] after 0 -> [] end.

timecall(M, F, A) ->
    {Microseconds, Value} = timer:tc(M, F, A),
    {Microseconds / 1000000, Value}.

call_crash(M, F, A) -> call_crash(infinity, any, M, F, A).
call_crash(Timeout, M, F, A) -> call_crash(Timeout, any, M, F, A).
call_crash(Timeout, Expected, M, F, A) ->
    {Pid, Monitor} = spawn_monitor(M, F, A),
    receive
        {'DOWN', Monitor, process, Pid, Crash}
          when Expected =:= any; Expected =:= Crash; Crash =:= {Expected, []} -> ok;
        {'DOWN', Monitor, process, Pid, Crash} -> exit({wrong_crash_reason, Crash})
    after Timeout ->
        exit(call_crash_timeout)
    end.

is_cover() -> false.
is_debug() -> erlang:system_info(debug_compiled).
is_asan() -> false.
is_valgrind() -> false.
is_native(_) -> false.
is_commercial() -> false.
has_lock_checking() -> erlang:system_info(lock_checking).
has_superfluous_schedulers() ->
    erlang:system_info(schedulers) > erlang:system_info(logical_processors).
memory_checker() -> none.

temp_name(Stem) -> Stem ++ integer_to_list(erlang:unique_integer([positive])).
os_type() -> os:type().

app_test(Application) -> app_test(Application, fail).
app_test(Application, _Mode) ->
    case application:load(Application) of
        ok -> ok;
        {error, {already_loaded, Application}} -> ok
    end,
    {ok, Modules} = application:get_key(Application, modules),
    [] = [M || M <- Modules, code:which(M) =:= non_existing],
    ok.

peer_name(Module, Case) -> peer:random_name(lists:concat([Module, "-", Case])).

%% A peer that is not distributed can be spoken with over its standard streams.
start_peer(#{connection := standard_io, args := Arguments} = Options, Module, Case) ->
    Name = maps:get(name, Options, peer_name(Module, Case)),
    Folder = filename:dirname(code:which(Module)),
    peer:start_link(Options#{name => Name, args => ["-pa", Folder | Arguments]});
start_peer(_, _, _) -> error(not_distributed).
start_peer(_, _, _, _, _) -> error(not_distributed).
start_node(_, _, _) -> {error, not_distributed}.
stop_node(_) -> false.
is_release_available(_) -> false.
run_on_shielded_node(_, _) -> error(not_distributed).
