%% Finds the driver of a port that a process wants to open (erlang:open_port/2): a module of
%% behaviour vbeam_port_driver, started below vbeam_port_driver_sup. What has no driver is refused
%% as OTP refuses a driver that is not there, or a program that cannot be found.
-module(vbeam_port_server).
-behaviour(gen_server).
-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% Drivers and the part of OTP's C runtime that each stands in for.
-define(DRIVERS, #{
    %% sys/unix/sys_drivers.c: {fd, In, Out}
    fd => vbeam_fd_port,
    %% drivers/unix/ttsl_drv.c: the terminal of the shell
    <<"tty_sl">> => vbeam_tty_port,
    %% lib/runtime_tools/c_src/trace_file_drv.c
    <<"trace_file_drv">> => vbeam_trace_file_port,
    %% drivers/common/ram_file_drv.c: files in memory
    <<"ram_file_drv">> => vbeam_ram_file_port,
    %% sys/unix/sys_drivers.c: a file by its name
    file => vbeam_file_port
}).
%% The same when the system runs as a program of a host, whose streams are no terminal of its own.
-define(PROGRAM_DRIVERS, #{
    fd => vbeam_stream_port,
    <<"trace_file_drv">> => vbeam_trace_file_port,
    <<"ram_file_drv">> => vbeam_ram_file_port,
    <<"tty_sl">> => vbeam_tty_port,
    file => vbeam_file_port,
    %% sys/unix/sys_drivers.c: {spawn, Command}, {spawn_executable, File}
    program => vbeam_program_port
}).

%% Position of the mode in a record file_info (file.hrl).
-define(MODE, 8).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    vbeam_hw:system_process(),
    {ok, none}.

handle_call(_Request, _From, State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

handle_info({vbeam_port, Port, {open, Name, Settings}}, State) ->
    case vbeam_port_settings:parse(Settings) of
        {ok, Parsed} -> open(Port, Name, Parsed);
        Reason -> vbeam_port:refuse(Port, Reason)
    end,
    {noreply, State};
handle_info(_Other, State) ->
    {noreply, State}.

open(Port, Name, Settings) ->
    case find(Name) of
        {ok, Module, Argument, Text} ->
            case suitable(Name, Module, Settings) of
                {ok, Suitable} -> start(Port, Module, Argument, Text, Suitable);
                badarg -> vbeam_port:refuse(Port, badarg)
            end;
        Reason ->
            vbeam_port:refuse(Port, Reason)
    end.

%% Settings that concern programs only; arguments are for files.
suitable(Name, _, #{words := _}) when element(1, Name) =/= spawn_executable -> badarg;
suitable({fd, _, _}, _, #{exit_status := _}) -> badarg;
suitable(_, vbeam_file_port, #{exit_status := _}) -> badarg;
suitable(_, _, #{cd := Folder} = Settings) ->
    case text(Folder) of
        badarg -> badarg;
        Text -> {ok, Settings#{cd := Text}}
    end;
suitable(_, _, Settings) -> {ok, Settings}.

%% A driver that will not start says why with an atom: the reason of open_port's error.
start(Port, Module, Name, Text, Settings) ->
    case supervisor:start_child(vbeam_port_driver_sup, [Port, Module, Name, Settings]) of
        {ok, Driver} ->
            case gen_server:call(Driver, os_pid) of
                none -> true;
                Number -> vbeam_port:os_pid(Port, Number)
            end,
            case vbeam_port:assign(Port, Driver, Text) of
                true -> Driver ! {vbeam_port, Port, opened};
                false -> exit(Driver, kill)
            end;
        {error, {shutdown, Reason}} when is_atom(Reason) ->
            vbeam_port:refuse(Port, Reason);
        {error, _} ->
            vbeam_port:refuse(Port, einval)
    end.

%% {ok, Module, what it is started with, name of the port} or the reason why there is none.
find({fd, In, Out}) when is_integer(In), is_integer(Out) ->
    case In >= 0 andalso Out >= 0 of
        true ->
            Text = iolist_to_binary(io_lib:format("~b/~b", [In, Out])),
            {ok, map_get(fd, drivers()), {fd, In, Out}, Text};
        false -> einval
    end;
find({spawn_driver, Command}) ->
    find_command(Command, badarg);
find({spawn, Command}) ->
    case {find_command(Command, enoent), drivers()} of
        {enoent, #{program := Module}} -> {ok, Module, {spawn, text(Command)}, text(Command)};
        {Found, _} -> Found
    end;
find({spawn_executable, File}) ->
    case text(File) of
        badarg -> badarg;
        Path -> executable(Path)
    end;
find('') ->
    einval;
find(Name) when is_atom(Name); is_list(Name) ->
    case find_command(Name, enoent) of
        enoent -> {ok, map_get(file, drivers()), {file, text(Name)}, text(Name)};
        Found -> Found
    end;
find(_) ->
    badarg.

drivers() ->
    case vbeam_boot:is_program() of
        true -> ?PROGRAM_DRIVERS;
        false -> ?DRIVERS
    end.

%% The first word of a command names a driver.
find_command(Command, Missing) ->
    case text(Command) of
        badarg ->
            badarg;
        Text ->
            [Word | _] = binary:split(Text, <<" ">>),
            case drivers() of
                #{Word := Module} -> {ok, Module, {spawn, Text}, Text};
                _ -> Missing
            end
    end.

text(Text) ->
    try vbeam_port_settings:text(Text) of
        <<>> -> badarg;
        Bytes -> Bytes
    catch
        error:_ -> badarg
    end.

%% Without programs, a file that is there is none that this machine can run.
executable(Path) ->
    case {prim_file:read_file_info(Path), drivers()} of
        {{error, Reason}, _} ->
            Reason;
        {{ok, Info}, #{program := Module}} ->
            case element(?MODE, Info) band 8#111 of
                0 -> eacces;
                _ -> {ok, Module, {spawn_executable, Path}, Path}
            end;
        {{ok, _}, _} ->
            eacces
    end.
