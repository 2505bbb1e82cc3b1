%% The console of the system under a terminal of Linux programs: what is typed goes to the
%% terminal's process as it comes, what it shows goes out as it is. While the terminal lives, it is
%% the one whom vbeam_console serves; after that it is whoever was before.
-module(vbeam_linux_console).
-export([start/1, stop/1, write/1, window_size/0]).
-export([init/1]).

-spec start(Terminal :: pid()) -> pid().
start(Terminal) -> spawn(?MODULE, init, [Terminal]).

-spec stop(pid()) -> ok.
stop(Console) ->
    Monitor = monitor(process, Console),
    Console ! stop,
    receive
        {'DOWN', Monitor, process, _, _} -> ok
    end.

-spec write(iodata()) -> ok.
write(Bytes) ->
    try vbeam_serial:write(iolist_to_binary(Bytes)) of
        _ -> ok
    catch
        exit:_ -> ok;
        error:_ -> ok
    end.

%% Columns and rows.
-spec window_size() -> {pos_integer(), pos_integer()}.
window_size() ->
    case erlang:function_exported(vbeam_console, window_size, 0) of
        true -> vbeam_console:window_size();
        false -> {80, 24}
    end.

init(Terminal) ->
    Monitor = monitor(process, Terminal),
    attach(),
    loop(Terminal, Monitor).

attach() ->
    case whereis(vbeam_console) of
        undefined -> ok;
        _ -> vbeam_console:attach(keys, attach)
    end.

loop(Terminal, Monitor) ->
    receive
        {console, eof} ->
            Terminal ! end_of_input,
            loop(Terminal, Monitor);
        {console, Bytes} ->
            Terminal ! {typed, Bytes},
            loop(Terminal, Monitor);
        attach ->
            attach(),
            loop(Terminal, Monitor);
        {'DOWN', Monitor, process, _, _} ->
            ok;
        {'DOWN', _, process, _, _} ->
            attach(),
            loop(Terminal, Monitor);
        stop ->
            ok
    end.
