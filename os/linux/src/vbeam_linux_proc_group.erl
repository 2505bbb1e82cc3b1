%% The files of a process below /proc, proc(5). What belongs to a group that has just ended is as
%% that of a zombie.
-module(vbeam_linux_proc_group).
-include("vbeam_linux.hrl").
-include("vbeam_linux_object.hrl").
-export([names/0, text/2, link/2, threads/1]).

-define(PAGE, 4096).
%% Clock ticks a second.
-define(TICK, 10000000).

-spec names() -> [binary()].
names() ->
    [
        <<"cgroup">>, <<"cmdline">>, <<"comm">>, <<"cwd">>, <<"environ">>, <<"exe">>,
        <<"limits">>, <<"loginuid">>, <<"maps">>, <<"mountinfo">>, <<"mounts">>,
        <<"oom_score">>, <<"oom_score_adj">>, <<"root">>, <<"stat">>, <<"statm">>, <<"status">>
    ].

-spec link(pos_integer(), binary()) -> {text, binary()} | none.
link(Number, Name) ->
    {Key, Otherwise} =
        case Name of
            <<"exe">> -> {executable, none};
            <<"cwd">> -> {folder, <<"/">>};
            <<"root">> -> {root, <<"/">>}
        end,
    case row(Number, Key, Otherwise) of
        Path when is_binary(Path) -> {text, Path};
        _ -> none
    end.

%% Of the group table.
row(Number, Key, Otherwise) ->
    try ets:lookup(table(Number), Key) of
        [{_, Value}] -> Value;
        [] -> Otherwise
    catch
        error:badarg -> Otherwise
    end.

table(Number) ->
    case vbeam_linux_compat:find(Number) of
        #linux_pid{table = Table} -> Table;
        none -> none
    end.

-spec threads(pos_integer()) -> [pos_integer()].
threads(Number) ->
    try ets:select(table(Number), [{{{thread, '$1'}, '_', '_', '_'}, [], ['$1']}]) of
        [] -> [Number];
        Threads -> Threads
    catch
        error:badarg -> [Number]
    end.

-spec text(pos_integer(), binary()) -> {ok, iodata(), none} | {error, atom()}.
text(Number, Name) ->
    case vbeam_linux_compat:find(Number) of
        none -> {error, esrch};
        #linux_pid{} = Row -> {ok, text_of(Name, Row), none}
    end.

text_of(<<"cmdline">>, #linux_pid{number = Number}) ->
    [[Argument, 0] || Argument <- row(Number, arguments, [])];
text_of(<<"environ">>, #linux_pid{number = Number}) ->
    [[Variable, 0] || Variable <- row(Number, environment, [])];
text_of(<<"comm">>, Row) ->
    [name(Row), "\n"];
text_of(<<"stat">>, Row) ->
    stat(Row);
text_of(<<"statm">>, Row) ->
    Pages = bytes(Row) div ?PAGE,
    io_lib:format("~b ~b 0 1 0 ~b 0\n", [Pages, Pages, Pages]);
text_of(<<"status">>, Row) ->
    status(Row);
text_of(<<"maps">>, Row) ->
    [map(Each) || Each <- rows(Row)];
text_of(<<"limits">>, #linux_pid{number = Number}) ->
    limits(row(Number, limits, #{}));
text_of(<<"mounts">>, _) ->
    vbeam_linux_proc_system:mounts();
text_of(<<"mountinfo">>, _) ->
    Mounts = vbeam_linux_mounts:all(),
    [
        io_lib:format("~b 0 0:~b / ~ts ~ts,relatime - ~ts ~ts ~ts\n", [
            Index, Index, Where, access(ReadOnly), Type, Source, access(ReadOnly)
        ])
     || {Index, {Where, Type, Source, ReadOnly}} <-
            lists:zip(lists:seq(1, length(Mounts)), Mounts)
    ];
text_of(<<"cgroup">>, _) ->
    "0::/\n";
text_of(<<"loginuid">>, _) ->
    "4294967295";
text_of(_, _) ->
    "0\n".

access(true) -> "ro";
access(false) -> "rw".

name(#linux_pid{number = Number}) -> row(Number, name, <<"erlang">>).

state(#linux_pid{state = {zombie, _}}) ->
    {"Z", "zombie"};
state(#linux_pid{number = Number}) ->
    case row(Number, stopped, none) of
        none ->
            case vbeam_linux_group:number() of
                Number -> {"R", "running"};
                _ -> {"S", "sleeping"}
            end;
        _ ->
            {"T", "stopped"}
    end.

rows(#linux_pid{number = Number}) ->
    case row(Number, space, none) of
        none ->
            [];
        Space ->
            try
                vbeam_linux_space:rows(Space)
            catch
                error:badarg -> []
            end
    end.

%% Bytes of the address space; a stack counts as what it may become.
bytes(Row) ->
    lists:sum([End - Start || {Start, End, _, _, _, _} <- rows(Row)]).

%% The number of the terminal that is the session's, and of the group in its foreground.
terminal(#linux_pid{session = Session}) ->
    case vbeam_linux_registry:find_name({controlling, Session}) of
        {ok, Server} ->
            case {vbeam_linux_server:ask(Server, kind), vbeam_linux_server:ask(Server, job)} of
                {{ok, Kind}, {ok, {_, Group}}} when is_integer(Group) -> {device(Kind), Group};
                _ -> {0, -1}
            end;
        error ->
            {0, -1}
    end.

device(console) -> vbeam_linux_stat:device(5, 1);
device({pts, N}) -> vbeam_linux_stat:device(136, N).

stat(#linux_pid{number = Number, parent = Parent, process_group = Group} = Row) ->
    {State, _} = state(Row),
    {Terminal, Foreground} = terminal(Row),
    {User, System} = usage(Row),
    Bytes = bytes(Row),
    Threads = length(threads(Number)),
    io_lib:format(
        "~b (~ts) ~s ~b ~b ~b ~b ~b 4194304 0 0 0 0 ~b ~b 0 0 20 0 ~b 0 ~b ~b ~b "
        "18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        [
            Number, name(Row), State, Parent, Group, Row#linux_pid.session, Terminal, Foreground,
            User div ?TICK, System div ?TICK, Threads, started(Number), Bytes, Bytes div ?PAGE
        ]
    ).

%% Ticks after the system's start.
started(Number) ->
    case row(Number, started, none) of
        none -> 0;
        At -> max(0, At - vbeam_linux_compat:started()) div ?TICK
    end.

usage(#linux_pid{number = Number}) ->
    try
        vbeam_linux_usage:own(table(Number))
    catch
        error:_ -> {0, 0}
    end.

status(#linux_pid{number = Number, parent = Parent} = Row) ->
    {Letter, Word} = state(Row),
    #{user := {U, E, S}, group := {G, EG, SG}, groups := Groups} =
        row(Number, credentials, vbeam_linux_credentials:root()),
    Kilobytes = bytes(Row) div 1024,
    io_lib:format(
        "Name:\t~ts\nUmask:\t~4.8.0b\nState:\t~s (~s)\nTgid:\t~b\nNgid:\t0\nPid:\t~b\nPPid:\t~b\n"
        "TracerPid:\t0\nUid:\t~b\t~b\t~b\t~b\nGid:\t~b\t~b\t~b\t~b\nFDSize:\t64\nGroups:\t~s \n"
        "VmPeak:\t~8b kB\nVmSize:\t~8b kB\nVmRSS:\t~8b kB\nThreads:\t~b\n~s",
        [
            name(Row), row(Number, umask, 8#022), Letter, Word, Number, Number, Parent,
            U, E, S, E, G, EG, SG, EG, lists:join(" ", [integer_to_list(Each) || Each <- Groups]),
            Kilobytes, Kilobytes, Kilobytes, length(threads(Number)), signals(Number)
        ]
    ).

signals(Number) ->
    Masks =
        try ets:lookup(table(Number), {thread, Number}) of
            [{_, _, Mask, _}] -> Mask;
            [] -> 0
        catch
            error:badarg -> 0
        end,
    {Ignored, Caught} =
        try ets:match_object(table(Number), {{action, '_'}, '_', '_', '_', '_'}) of
            Actions ->
                {
                    set([S || {{action, S}, 1, _, _, _} <- Actions]),
                    set([S || {{action, S}, H, _, _, _} <- Actions, H > 1])
                }
        catch
            error:badarg -> {0, 0}
        end,
    io_lib:format(
        "SigQ:\t0/1024\nSigPnd:\t~16.16.0b\nShdPnd:\t~16.16.0b\nSigBlk:\t~16.16.0b\n"
        "SigIgn:\t~16.16.0b\nSigCgt:\t~16.16.0b\n",
        [0, 0, Masks, Ignored, Caught]
    ).

set(Signals) ->
    lists:foldl(fun(Signal, Set) -> Set bor (1 bsl (Signal - 1)) end, 0, Signals).

map({Start, End, Protection, Source, Flags, Name}) ->
    Shared = case Source of {shared, _, _} -> $s; _ -> $p end,
    Access = [
        case Protection band Bit of 0 -> $-; _ -> Letter end
     || {Bit, Letter} <- [{1, $r}, {2, $w}, {4, $x}]
    ],
    Shown =
        case lists:member(heap, Flags) of
            true -> <<"[heap]">>;
            false -> Name
        end,
    Line = io_lib:format("~8.16.0b-~8.16.0b ~s~c 00000000 00:00 0", [Start, End, Access, Shared]),
    case Shown of
        <<>> -> [Line, "\n"];
        _ -> [string:pad(Line, 73), Shown, "\n"]
    end.

limits(Limits) ->
    Names = [
        {"Max cpu time", cpu, "seconds"}, {"Max file size", fsize, "bytes"},
        {"Max data size", data, "bytes"}, {"Max stack size", stack, "bytes"},
        {"Max core file size", core, "bytes"}, {"Max resident set", rss, "bytes"},
        {"Max processes", nproc, "processes"}, {"Max open files", nofile, "files"},
        {"Max locked memory", memlock, "bytes"}, {"Max address space", as, "bytes"},
        {"Max file locks", locks, "locks"}, {"Max pending signals", sigpending, "signals"},
        {"Max msgqueue size", msgqueue, "bytes"}, {"Max nice priority", nice, ""},
        {"Max realtime priority", rtprio, ""}, {"Max realtime timeout", rttime, "us"}
    ],
    Columns = "~-25s ~-20s ~-20s ~-10s\n",
    [
        io_lib:format(Columns, ["Limit", "Soft Limit", "Hard Limit", "Units"])
        | [
            begin
                {Soft, Hard} = vbeam_linux_limits:get(Resource, Limits),
                io_lib:format(Columns, [Name, limit(Soft), limit(Hard), Unit])
            end
         || {Name, Resource, Unit} <- Names
        ]
    ].

limit(16#ffffffffffffffff) -> "unlimited";
limit(Value) -> integer_to_list(Value).
