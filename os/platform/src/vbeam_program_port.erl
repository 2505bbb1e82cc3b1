%% Ports to programs of the host, {spawn, Command} and {spawn_executable, File}. Stands in for the
%% spawn driver of OTP's sys/unix/sys_drivers.c and for its program erl_child_setup.
%%
%% A program that cannot be started is noticed only when the port is open: as OTP's does, it then
%% ends with the number of the error as its status.
-module(vbeam_program_port).
-behaviour(vbeam_port_driver).
-export([start/2, os_pid/1, output/2, control/3, info/2]).

%% startFlags of tables/host_files.ts.
-define(INPUT, 1).
-define(OUTPUT, 2).
-define(ERRORS_TO_OUTPUT, 4).
-define(OTHER_DESCRIPTORS, 8).
-define(SHELL, <<"/bin/sh">>).
%% Bytes that wait for a slow program until writers wait, too, and how many let them go on.
-define(WAITING_MAX, 8192).
-define(WAITING_LOW, 4096).

-record(program, {
    pid :: pos_integer() | none,
    %% Descriptors that it reads from and writes to.
    input :: integer(),
    output :: integer(),
    %% Somebody wants the exit status.
    wanted :: boolean(),
    status :: none | non_neg_integer(),
    ended = false :: boolean(),
    waiting = 0 :: non_neg_integer(),
    busy = false :: boolean()
}).

start(Name, #{in := Reads, out := Writes} = Settings) ->
    {Path, Words} = command(Name, Settings),
    Wish = case Settings of #{cd := Folder0} -> Folder0; _ -> <<>> end,
    Flags = flags([{Writes, ?INPUT}, {Reads, ?OUTPUT},
        {is_map_key(stderr_to_stdout, Settings), ?ERRORS_TO_OUTPUT},
        {is_map_key(nouse_stdio, Settings), ?OTHER_DESCRIPTORS}]),
    Program = #{path => Path, folder => folder(Wish), words => Words, flags => Flags,
        variables => variables(Settings)},
    Wanted = is_map_key(exit_status, Settings),
    case vbeam_streams:start_program(Program) of
        {Pid, Input, Output} ->
            {ok, #program{
                pid = Pid, input = Input, output = Output, wanted = Wanted, status = none
            }};
        {error, Reason} when Reason =:= emfile; Reason =:= eagain; Reason =:= enomem ->
            {error, Reason};
        {error, Reason} ->
            no_folder(Wish),
            Status = number(Reason),
            {ok, #program{pid = none, input = -1, output = -1, wanted = Wanted, status = Status}}
    end.

os_pid(#program{pid = Pid}) ->
    Pid.

command({spawn_executable, Path}, #{words := [default | Words]}) -> {Path, [Path | Words]};
command({spawn_executable, Path}, #{words := Words}) -> {Path, Words};
command({spawn_executable, Path}, _) -> {Path, [Path]};
command({spawn, Command}, _) -> {?SHELL, [<<"sh">>, <<"-c">>, <<"exec ", Command/binary>>]}.

flags(Wishes) -> lists:sum([Flag || {true, Flag} <- Wishes]).

%% Where a program starts: the current folder of this system is not that of the host's process. What
%% is in memory only is no folder for the host, which then takes its own.
folder(Wish) ->
    {ok, Current} = prim_file:get_cwd(),
    case filename:absname(Wish, path(Current)) of
        <<"/.vbeam", _/binary>> when Wish =:= <<>> -> <<>>;
        Folder -> Folder
    end.

path(Path) when is_binary(Path) -> Path;
path(Path) -> bytes(Path).

no_folder(<<>>) -> ok;
no_folder(Folder) ->
    case prim_file:read_file_info(Folder) of
        {ok, _} -> ok;
        {error, _} ->
            vbeam_streams:send(2, <<"spawn: Could not cd to ", Folder/binary, "\r\n">>)
    end.

%% Error numbers of Linux: what execve(2) and chdir(2) say.
number(enoent) -> 2;
number(eio) -> 5;
number(e2big) -> 7;
number(enoexec) -> 8;
number(eacces) -> 13;
number(enotdir) -> 20;
number(etxtbsy) -> 26;
number(enametoolong) -> 36;
number(eloop) -> 40;
number(_) -> 1.

%% The environment of this system with the changes that were asked for.
variables(Settings) ->
    Changes = case Settings of #{env := Env} -> Env; _ -> [] end,
    Own = [{bytes(Name), bytes(Value)} || {Name, Value} <- os:env()],
    [<<Name/binary, $=, Value/binary>> || {Name, Value} <- lists:foldl(fun change/2, Own, Changes)].

change({Name, false}, Variables) -> lists:keydelete(Name, 1, Variables);
change({Name, Value}, Variables) -> lists:keystore(Name, 1, Variables, {Name, Value}).

bytes(Chars) -> unicode:characters_to_binary(Chars).

output(<<>>, Program) ->
    {ok, Program};
output(_, #program{input = -1} = Program) ->
    {ok, Program};
output(Bytes, #program{input = Input, waiting = Waiting} = Program) ->
    vbeam_streams:send(Input, Bytes),
    More = Waiting + byte_size(Bytes),
    case More >= ?WAITING_MAX of
        true -> {busy, Program#program{waiting = More, busy = true}};
        false -> {ok, Program#program{waiting = More}}
    end.

control(_, _, Program) ->
    {badarg, Program}.

info(opened, #program{pid = none} = Program) ->
    ended(Program#program{ended = true});
info(opened, #program{input = Input, output = Output} = Program) ->
    Output =:= -1 orelse vbeam_streams:read(Output),
    %% What is written is closed with this process.
    Input =:= -1 orelse vbeam_streams:own(Input),
    {[], Program};
info({stream, _, Bytes}, Program) when is_binary(Bytes) ->
    {[{input, Bytes}], Program};
info({stream, _, _EndOrError}, Program) ->
    ended(Program#program{ended = true});
info({program_ended, _, _}, #program{wanted = false} = Program) ->
    {[], Program};
info({program_ended, _, Status}, Program) ->
    ended(Program#program{status = Status});
info({stream_written, _, Bytes}, #program{waiting = Waiting, busy = Busy} = Program) ->
    Left = Waiting - Bytes,
    case Busy andalso Left =< ?WAITING_LOW of
        true -> {[free], Program#program{waiting = Left, busy = false}};
        false -> {[], Program#program{waiting = Left}}
    end;
info({stream_failed, _, Reason}, Program) ->
    {[{stop, Reason}], Program};
info(_, Program) ->
    {[], Program}.

%% The end of its output ends the port; who wants the status waits for that, too.
ended(#program{ended = true, wanted = false} = Program) ->
    {[eof], Program};
ended(#program{ended = true, status = Status} = Program) when Status =/= none ->
    {[{send, {exit_status, Status}}, eof], Program};
ended(Program) ->
    {[], Program}.
