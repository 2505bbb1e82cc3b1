%% System calls of files, pipes, names, terminals and sockets as Erlang functions, without a
%% program: call(Name, Arguments), where a binary is memory of that size, gives {Answer, Memory} or
%% the error. Every case runs in a process, so a group, of its own and prints its name and `ok`, or
%% what differs.
-module(linux_calls).
-export([run/0]).
-export([call/2, c/2, read/2, write/2, open/2, open/3, path/1, two/2, stat/1, fields/1, where/1]).
-export([thread/1, result/1, result_now/1]).

run() ->
    Results = [run(Name, Case) || {Name, Case} <- file_cases:cases() ++ channel_cases:cases()],
    io:format("~b cases~n", [length(Results)]),
    halt(case lists:all(fun(Each) -> Each end, Results) of true -> 0; false -> 1 end).

run(Name, Case) ->
    {Pid, Monitor} = spawn_monitor(fun() -> prepared(Case) end),
    receive
        {'DOWN', Monitor, process, Pid, normal} ->
            io:format("~s: ok~n", [Name]),
            true;
        {'DOWN', Monitor, process, Pid, Reason} ->
            io:format("~s: ~p~n", [Name, Reason]),
            false
    after 10000 ->
        exit(Pid, kill),
        io:format("~s: does not end~n", [Name]),
        false
    end.

%% Trees and a folder of its own, as a Linux program has them.
prepared(Case) ->
    ok = vbeam_linux_group:use_program(),
    ok = vbeam_linux_group:put(trees, true),
    Unique = integer_to_binary(erlang:unique_integer([positive])),
    Folder = <<"/tmp/vbeam-calls-", (list_to_binary(os:getpid()))/binary, "-", Unique/binary>>,
    ok = file:make_dir(Folder),
    ok = vbeam_linux_group:put(folder, Folder),
    try
        Case()
    after
        ok = file:del_dir_r(Folder)
    end.

%% --- calling -----------------------------------------------------------------------------------

call(Name, Arguments) ->
    {Name, _, _, Family} = vbeam_linux_calls:call(vbeam_linux_calls:number(Name)),
    Binaries = [Each || Each <- Arguments, is_binary(Each)],
    Pointers = vbeam_linux_memory:use_buffers(Binaries),
    try apply(vbeam_linux_syscall:module(Family), Name, placed(Arguments, Pointers)) of
        Answer -> {Answer, vbeam_linux_memory:written()}
    catch
        throw:{errno, Errno} -> -Errno
    end.

placed([Each | Rest], [Pointer | Pointers]) when is_binary(Each) ->
    [Pointer | placed(Rest, Pointers)];
placed([Each | Rest], Pointers) ->
    [Each | placed(Rest, Pointers)];
placed([], []) ->
    [].

%% The answer alone.
c(Name, Arguments) ->
    case call(Name, Arguments) of
        {Answer, _} -> Answer;
        Error -> Error
    end.

read(Fd, Count) ->
    case call(read, [Fd, <<0:(Count * 8)>>, Count]) of
        {_, [Bytes]} -> Bytes;
        Error -> Error
    end.

write(Fd, Bytes) -> c(write, [Fd, Bytes, byte_size(Bytes)]).
open(Path, Flags) -> open(Path, Flags, 8#644).
open(Path, Flags, Mode) -> c(open, [path(Path), Flags, Mode]).
path(Path) -> <<(unicode:characters_to_binary(Path))/binary, 0>>.

two(Name, Arguments) ->
    {0, Memory} = call(Name, Arguments),
    <<First:32/little, Second:32/little>> = lists:last(Memory),
    {First, Second}.

stat(Path) ->
    case call(lstat, [path(Path), <<0:1152>>]) of
        {0, [_, Stat]} -> fields(Stat);
        Error -> Error
    end.

fields(<<_:64, Inode:64/little, Links:64/little, Mode:32/little, User:32/little, Group:32/little,
    _:32, Rdev:64/little, Size:64/little, _:64, _:64, Accessed:64/little, _:64,
    Modified:64/little, _/binary>>) ->
    #{
        inode => Inode, links => Links, mode => Mode, user => User, group => Group,
        rdev => Rdev, size => Size, accessed => Accessed, modified => Modified
    }.

%% In another thread of the same group.
thread(Function) ->
    Table = vbeam_linux_group:table(),
    Number = vbeam_linux_group:number(),
    Self = self(),
    {Pid, _} = spawn_monitor(fun() ->
        ok = vbeam_linux_group:use(Table, Number),
        Self ! {self(), Function()}
    end),
    Pid.

result(Pid) ->
    receive
        {Pid, Result} -> Result;
        {'DOWN', _, process, Pid, Reason} when Reason =/= normal -> {failed, Reason}
    after 5000 -> late
    end.

result_now(Pid) ->
    receive
        {Pid, Result} -> Result
    after 0 -> late
    end.

where(Name) ->
    <<(vbeam_linux_group:get(folder, <<>>))/binary, "/", (list_to_binary(Name))/binary>>.
