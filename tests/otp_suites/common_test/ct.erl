%% The functions of Common Test's module ct that OTP's suites call. What a case logs is formatted
%% and thrown away; a failure is an exit that suite_case reports.
-module(ct).
-export([fail/1, fail/2, log/1, log/2, log/3, log/4, log/5, pal/1, pal/2, pal/3, pal/4, pal/5,
         print/1, print/2, print/3, comment/1, comment/2, sleep/1, timetrap/1,
         get_timetrap_info/0, capture_start/0, capture_stop/0, capture_get/0, capture_get/1,
         get_progname/0, get_config/1, get_config/2, get_status/0, notify/2]).

fail(Reason) -> exit({test_case_failed, Reason}).

fail(Format, Arguments) ->
    exit({test_case_failed, lists:flatten(io_lib:format(Format, Arguments))}).

log(Format) -> log(Format, []).
log(Category, Format) when is_atom(Category), is_list(Format), is_list(hd(Format)) -> log(Format);
log(X1, X2) -> log(default, X1, X2).
log(Category, Format, Arguments) when is_atom(Category) -> log(Category, 50, Format, Arguments);
log(Importance, Format, Arguments) when is_integer(Importance) ->
    log(default, Importance, Format, Arguments);
log(Format, Arguments, _Options) -> log(default, 50, Format, Arguments).
log(Category, Importance, Format, Arguments) when is_integer(Importance) ->
    log(Category, Importance, Format, Arguments, []);
log(Category, Format, Arguments, Options) ->
    log(Category, 50, Format, Arguments, Options).
log(_, _, Format, Arguments, _) ->
    io:format(Format ++ "~n", Arguments).

pal(Format) -> log(Format).
pal(X1, X2) -> log(X1, X2).
pal(X1, X2, X3) -> log(X1, X2, X3).
pal(X1, X2, X3, X4) -> log(X1, X2, X3, X4).
pal(X1, X2, X3, X4, X5) -> log(X1, X2, X3, X4, X5).

print(Format) -> log(Format).
print(X1, X2) -> log(X1, X2).
print(X1, X2, X3) -> log(X1, X2, X3).

comment(_) -> ok.
comment(Format, Arguments) -> _ = io_lib:format(Format, Arguments), ok.

sleep(Time) -> timer:sleep(suite_time:milliseconds(Time)).

timetrap(Time) -> suite_case:timetrap(Time).

get_timetrap_info() -> {suite_case:limit(), {true, 1}}.

capture_start() -> suite_output:capture(self()).
capture_stop() -> suite_output:capture(none).
capture_get() -> capture_get([default]).
capture_get(_) -> suite_output:captured().

get_progname() ->
    case init:get_argument(progname) of
        {ok, [[Name]]} -> Name;
        _ -> "no_prog_name"
    end.

get_config(_) -> undefined.
get_config(_, Default) -> Default.

get_status() -> no_tests_running.

notify(_, _) -> ok.
