%% File descriptors of tasks. A task is what would be a Linux process: a program with its threads.
%% One process knows what each descriptor of each task is; reading and writing is done by the caller
%% itself, so that who waits for a pipe keeps nobody from working. When a task ends, what it had
%% open is closed.
%%
%%     {file, Device, Path, Flags}   an Erlang device
%%     {pipe, read | write, Pid}     an end of a pipe (vbeam_linux_program_pipe)
%%     {console, standard_io | standard_error}
-module(vbeam_linux_files).

-include_lib("kernel/include/file.hrl").

-export([open/3, close/1, check/1, dup/1, dup/2, pipe/0]).
-export([read/2, write/2, pread/3, pwrite/3, seek/2, sync/1, truncate/2, info/1]).
-export([start/0]).

%% A thread knows by this entry of its dictionary which task it belongs to.
-define(TASK, '$task').
-define(DESCRIPTORS_MAX, 1024).

%% --- descriptors ---------------------------------------------------------------------------

open(Path, Modes, Flags) -> ask({open, filename:absname(Path), Modes, Flags}).

close(Fd) -> ask({close, Fd}).
dup(Fd) -> ask({dup, Fd, any}).
dup(Fd, Target) when Target < ?DESCRIPTORS_MAX -> ask({dup, Fd, Target});
dup(_, _) -> {error, ebadf}.

check(Fd) ->
    case ask({find, Fd}) of
        {error, _} = Error -> Error;
        _ -> Fd
    end.

pipe() ->
    {Pid, Read, Write} = ask(pipe),
    true = is_pid(Pid),
    {Read, Write}.

%% --- what is done with them ----------------------------------------------------------------

read(_, 0) ->
    <<>>;
read(Fd, Count) ->
    case ask({find, Fd}) of
        {file, _, _, Flags} when Flags band 3 =:= 1 -> {error, ebadf};
        {file, Device, _, _} -> bytes(file:read(Device, Count));
        {pipe, read, Pid} -> vbeam_linux_program_pipe:read(Pid, Count);
        {console, standard_io} -> read_console(Count);
        {error, _} = Error -> Error;
        _ -> {error, ebadf}
    end.

bytes({ok, Bytes}) -> Bytes;
bytes(eof) -> <<>>;
bytes({error, _} = Error) -> Error.

%% A line at most, as a terminal gives it. What does not fit is kept for the next read.
read_console(Count) ->
    case ask(take_input) of
        <<>> ->
            case io:get_line(standard_io, "") of
                eof -> <<>>;
                {error, _} -> {error, eio};
                Line -> part_of(unicode:characters_to_binary(Line), Count)
            end;
        Kept ->
            part_of(Kept, Count)
    end.

part_of(Bytes, Count) when byte_size(Bytes) =< Count ->
    Bytes;
part_of(Bytes, Count) ->
    <<Now:Count/binary, Later/binary>> = Bytes,
    ok = ask({keep_input, Later}),
    Now.

write(Fd, Bytes) ->
    case ask({find, Fd}) of
        {file, _, _, Flags} when Flags band 3 =:= 0 -> {error, ebadf};
        {file, Device, _, _} -> written(file:write(Device, Bytes), Bytes);
        {pipe, write, Pid} -> vbeam_linux_program_pipe:write(Pid, Bytes);
        {console, Device} -> written(put_bytes(Device, Bytes), Bytes);
        {error, _} = Error -> Error;
        _ -> {error, ebadf}
    end.

written(ok, Bytes) -> byte_size(Bytes);
written({error, _} = Error, _) -> Error.

%% A device takes characters: bytes that are no UTF-8 are sent as Latin-1 characters.
put_bytes(Device, Bytes) ->
    case unicode:characters_to_binary(Bytes) of
        Text when is_binary(Text) -> io:put_chars(Device, Text);
        _ -> io:put_chars(Device, unicode:characters_to_binary(Bytes, latin1))
    end.

pread(Fd, Offset, Count) ->
    case ask({find, Fd}) of
        {file, _, _, Flags} when Flags band 3 =:= 1 -> {error, ebadf};
        {file, Device, _, _} ->
            Read = fun() -> bytes(file:pread(Device, Offset, Count)) end,
            keeping_position(Device, Read);
        {error, _} = Error -> Error;
        _ -> {error, espipe}
    end.

pwrite(Fd, Offset, Bytes) ->
    case ask({find, Fd}) of
        {file, _, _, Flags} when Flags band 3 =:= 0 -> {error, ebadf};
        {file, Device, _, _} ->
            Write = fun() -> written(file:pwrite(Device, Offset, Bytes), Bytes) end,
            keeping_position(Device, Write);
        {error, _} = Error ->
            Error;
        _ ->
            {error, espipe}
    end.

%% OTP's pread and pwrite leave the position somewhere else.
keeping_position(Device, Run) ->
    {ok, Before} = file:position(Device, cur),
    Result = Run(),
    {ok, _} = file:position(Device, Before),
    Result.

seek(Fd, Where) -> on_file(Fd, espipe, fun(Device) -> file:position(Device, Where) end).
sync(Fd) -> on_file(Fd, einval, fun file:sync/1).

truncate(Fd, Size) ->
    on_file(Fd, einval, fun(Device) ->
        keeping_position(Device, fun() ->
            {ok, _} = file:position(Device, Size),
            file:truncate(Device)
        end)
    end).

on_file(Fd, Otherwise, Run) ->
    case ask({find, Fd}) of
        {file, Device, _, _} -> Run(Device);
        {error, _} = Error -> Error;
        _ -> {error, Otherwise}
    end.

info(Fd) ->
    case ask({find, Fd}) of
        {file, Device, Path, _} ->
            case file:read_file_info(Path, [{time, posix}]) of
                {error, enoent} ->
                    {ok, #file_info{size = size_of(Device), type = regular, mode = 0}};
                Known -> Known
            end;
        {error, _} = Error ->
            Error;
        {console, _} ->
            {ok, #file_info{type = device, mode = 8#620}};
        {pipe, _, _} ->
            {ok, #file_info{type = other, mode = 8#600}}
    end.

%% Of a file whose name is gone.
size_of(Device) ->
    keeping_position(Device, fun() ->
        {ok, Size} = file:position(Device, eof),
        Size
    end).

%% --- the process that knows them -----------------------------------------------------------

%% Threads belong to the task of who started them.
task() ->
    case get(?TASK) of
        undefined -> self();
        Task -> Task
    end.

ask(Request) ->
    Server = server(),
    Monitor = monitor(process, Server),
    Server ! {Request, task(), self(), Monitor},
    receive
        {Monitor, Answer} ->
            demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, process, _, _} ->
            {error, eio}
    end.

server() ->
    case whereis(?MODULE) of
        undefined ->
            %% Linked to nobody: it outlives the program that was the first to need it.
            {Pid, Monitor} = spawn_monitor(?MODULE, start, []),
            await_server(Pid, Monitor);
        Pid ->
            Pid
    end.

%% Of two that start at the same time one gets the name, and the other ends.
await_server(Pid, Monitor) ->
    case whereis(?MODULE) of
        undefined ->
            receive
                {'DOWN', Monitor, process, Pid, _} -> server()
            after 1 -> await_server(Pid, Monitor)
            end;
        Server ->
            demonitor(Monitor, [flush]),
            Server
    end.

start() ->
    true = register(?MODULE, self()),
    process_flag(trap_exit, true),
    loop(#{}).

%% Tasks = #{Task => {#{Fd => Entry}, Input}}
loop(Tasks) ->
    receive
        {'DOWN', _, process, Task, _} ->
            {Entries, _} = maps:get(Task, Tasks, {#{}, <<>>}),
            maps:foreach(fun(_, Entry) -> dropped(Entry) end, Entries),
            loop(maps:remove(Task, Tasks));
        {Request, Task, From, Reference} ->
            {Answer, Next} = handle(Request, entries(Task, Tasks)),
            From ! {Reference, Answer},
            loop(Tasks#{Task => Next});
        _ ->
            loop(Tasks)
    end.

entries(Task, Tasks) ->
    case Tasks of
        #{Task := Known} ->
            Known;
        _ ->
            monitor(process, Task),
            Input = {console, standard_io},
            {#{0 => Input, 1 => Input, 2 => {console, standard_error}}, <<>>}
    end.

%% A device ends with the process that opened it, so that is not a thread.
handle({open, Path, Modes, Flags}, {Entries, Input} = State) ->
    case {free(Entries), file:open(Path, Modes)} of
        {_, {error, _} = Error} ->
            {Error, State};
        {none, {ok, Device}} ->
            file:close(Device),
            {{error, emfile}, State};
        {Fd, {ok, Device}} ->
            {Fd, {Entries#{Fd => {file, Device, Path, Flags}}, Input}}
    end;
handle({find, Fd}, {Entries, _} = State) ->
    {maps:get(Fd, Entries, {error, ebadf}), State};
handle({close, Fd}, {Entries, Input} = State) ->
    case Entries of
        #{Fd := Entry} ->
            Rest = maps:remove(Fd, Entries),
            [dropped(Entry) || not lists:member(Entry, maps:values(Rest))],
            {ok, {Rest, Input}};
        _ ->
            {{error, ebadf}, State}
    end;
handle({dup, Fd, Wanted}, {Entries, _} = State) ->
    Target = case Wanted of any -> free(Entries); _ -> Wanted end,
    case Entries of
        #{Fd := _} when Target =:= none ->
            {{error, emfile}, State};
        #{Fd := Entry} ->
            {_, {Without, Input}} = handle({close, Target}, State),
            {Target, {Without#{Target => Entry}, Input}};
        _ ->
            {{error, ebadf}, State}
    end;
handle(pipe, {Entries, Input}) ->
    Pid = vbeam_linux_program_pipe:start(),
    Read = free(Entries),
    With = Entries#{Read => {pipe, read, Pid}},
    Write = free(With),
    {{Pid, Read, Write}, {With#{Write => {pipe, write, Pid}}, Input}};
handle(take_input, {Entries, Input}) ->
    {Input, {Entries, <<>>}};
handle({keep_input, Bytes}, {Entries, _}) ->
    {ok, {Entries, Bytes}}.

free(Entries) ->
    case [Fd || Fd <- lists:seq(0, map_size(Entries)), not is_map_key(Fd, Entries)] of
        [Fd | _] when Fd < ?DESCRIPTORS_MAX -> Fd;
        _ -> none
    end.

dropped({file, Device, _, _}) -> file:close(Device);
dropped({pipe, End, Pid}) -> vbeam_linux_program_pipe:close(Pid, End);
dropped({console, _}) -> ok.
