%% Linux programs on this system: each is a thread group (vbeam_linux_group), started by Erlang or
%% by another program.
%%
%%     vbeam_linux:run("/bin/busybox", ["ls", "-l"])       prints, gives the exit status
%%     vbeam_linux:child("/bin/busybox", ["sh"])           a child specification for a supervisor
%%
%% The path is that of the system's files; the first argument is what the program is called.
%% Options:
%%
%%     environment => ["NAME=value"]       folder => "/"
%%     io => Pid                           standard streams: an io device; the caller's group leader
%%     terminal => console                 or the console, as the program's terminal
%%     limits => #{memory => {Bytes, Bytes}, stack => ..., nofile => ...}
%%     restart => transient, partition => Name
-module(vbeam_linux).
-export([shell/0, first_shell/0]).
-export([run/2, run/3, start/3, start_link/3, child/2, child/3, missing/0, programs/0]).
-export_type([options/0, ended/0]).

-include("vbeam_linux.hrl").

-type options() :: #{atom() => term()}.
-type ended() :: {exit_status, 0..255} | {signal, 1..64} | {error, term()}.

-define(ENVIRONMENT, ["PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/", "TERM=linux"]).

%% Busybox's shell on the console, until it has ended: what a system for Linux programs starts with.
-spec shell() -> ended().
shell() ->
    Ended = run("/bin/busybox", ["-sh"], #{terminal => console}),
    io:format("~nThe shell has ended: ~p. Another one: vbeam_linux:shell().~n", [Ended]),
    Ended.

%% A process that is Linux's shell, and then OTP's: what user_drv starts (os/platform).
-spec first_shell() -> pid().
first_shell() ->
    spawn(fun() ->
        _ = shell(),
        Next = shell:start(),
        Monitor = monitor(process, Next),
        receive
            {'DOWN', Monitor, process, Next, Reason} -> exit(Reason)
        end
    end).

%% Until it has ended.
-spec run(file:name_all(), [unicode:chardata()]) -> ended().
run(Path, Arguments) -> run(Path, Arguments, #{}).

-spec run(file:name_all(), [unicode:chardata()], options()) -> ended().
run(Path, Arguments, Options) ->
    case start(Path, Arguments, Options) of
        {ok, Program} ->
            Monitor = monitor(process, Program),
            receive
                {'DOWN', Monitor, process, Program, Reason} -> ended(Reason)
            end;
        {error, _} = Error ->
            Error
    end.

ended(normal) -> {exit_status, 0};
ended({exit_status, _} = Status) -> Status;
ended({signal, _} = Signal) -> Signal;
ended(Reason) -> {error, Reason}.

%% The process of the program's group, linked to nobody: it ends with the reasons of
%% vbeam_linux_group.
-spec start(file:name_all(), [unicode:chardata()], options()) -> {ok, pid()} | {error, term()}.
start(Path, Arguments, Options) ->
    vbeam_linux_group:start(program(Path, Arguments, Options)).

-spec start_link(file:name_all(), [unicode:chardata()], options()) ->
    {ok, pid()} | {error, term()}.
start_link(Path, Arguments, Options) ->
    vbeam_linux_group:start_link(program(Path, Arguments, Options)).

-spec child(file:name_all(), [unicode:chardata()]) -> supervisor:child_spec().
child(Path, Arguments) -> child(Path, Arguments, #{}).

-spec child(file:name_all(), [unicode:chardata()], options()) -> supervisor:child_spec().
child(Path, Arguments, Options) ->
    #{
        id => {linux, Path},
        start => {?MODULE, start_link, [Path, Arguments, Options]},
        restart => maps:get(restart, Options, transient),
        shutdown => 5000,
        modules => [vbeam_linux_group]
    }.

program(Path, Arguments, Options) ->
    Given = [bytes(Each) || Each <- Arguments],
    Environment = [bytes(Each) || Each <- maps:get(environment, Options, ?ENVIRONMENT)],
    Streams =
        case Options of
            #{io := _} -> Options;
            #{terminal := _} -> Options;
            _ -> Options#{io => group_leader()}
        end,
    Streams#{
        path => bytes(Path),
        arguments => Given,
        environment => Environment,
        folder => bytes(maps:get(folder, Options, "/"))
    }.

bytes(Text) when is_binary(Text) -> Text;
bytes(Text) -> unicode:characters_to_binary(Text).

%% System calls that programs have made and nobody answers.
-spec missing() -> [{Name :: atom(), pos_integer()}].
missing() -> vbeam_linux_compat:missing().

%% {Number, Parent, Name, Arguments} of all programs.
-spec programs() -> [{pos_integer(), non_neg_integer(), binary(), [binary()]}].
programs() ->
    _ = vbeam_linux_compat:ensure(),
    lists:sort([
        {Number, Parent, row(Table, name, <<>>), row(Table, arguments, [])}
     || #linux_pid{number = Number, parent = Parent, table = Table} <-
            vbeam_linux_compat:groups()
    ]).

row(Table, Key, Otherwise) ->
    try ets:lookup(Table, Key) of
        [{_, Value}] -> Value;
        [] -> Otherwise
    catch
        error:badarg -> Otherwise
    end.
