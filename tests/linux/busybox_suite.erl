%% Runs busybox's own tests in this system, those of the applets that the command line names, and
%% prints what they print. Every applet is a run of its own: one that hangs costs its time only.
-module(busybox_suite).
-export([main/0]).

-define(APPLET_MS, 300000).

main() ->
    lists:foreach(fun applet/1, init:get_plain_arguments()),
    io:format("missing: ~p~n", [vbeam_linux:missing()]).

applet(Name) ->
    io:format("APPLET: ~ts~n", [Name]),
    Environment = [
        "PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/", "SKIP_KNOWN_BUGS=1",
        "SKIP_INTERNET_TESTS=1", "bindir=/suite", "tsdir=/suite/testsuite"
    ],
    Options = #{environment => Environment, folder => "/suite/testsuite"},
    Start = erlang:monotonic_time(millisecond),
    Ended =
        case vbeam_linux:start("/bin/busybox", ["sh", "./runtest", Name], Options) of
            {ok, Program} -> ended(Program, monitor(process, Program));
            {error, _} = Error -> Error
        end,
    Took = erlang:monotonic_time(millisecond) - Start,
    io:format("~nENDED: ~ts ~p ~b ms~n", [Name, Ended, Took]).

ended(Program, Monitor) ->
    receive
        {'DOWN', Monitor, process, Program, Reason} -> Reason
    after ?APPLET_MS ->
        exit(Program, kill),
        timeout
    end.
