%% The terminal of the host's program, for the driver of the shell's terminal: the part of
%% vbeam_console that it needs, over the host's standard streams.
-module(vbeam_terminal).
-export([open/0, attach/2, write/1, window_size/0]).

%% As OTP has it, of a terminal that does not say its size.
-define(COLUMNS, 80).
-define(ROWS, 24).

%% Take the terminal; keys come as they are pressed from now on.
-spec open() -> ok | {error, einval}.
open() ->
    case is_capable(os:getenv("TERM")) andalso vbeam_streams:window_size(1) =/= none
            andalso vbeam_streams:terminal_mode(0, keys) of
        ok -> ok;
        _ -> {error, einval}
    end.

%% OTP asks the terminal database, which knows no cursor movements of these.
is_capable(Name) -> Name =/= false andalso Name =/= "" andalso Name =/= "dumb".

%% The calling process gets {stream, 0, Bytes}, and `window_changed`.
-spec attach(keys, term()) -> ok.
attach(keys, _Again) ->
    vbeam_streams:watch_window(),
    vbeam_streams:read(0).

-spec write(iodata()) -> ok.
write(Data) ->
    vbeam_streams:send(1, iolist_to_binary(Data)).

-spec window_size() -> {pos_integer(), pos_integer()}.
window_size() ->
    case vbeam_streams:window_size(1) of
        {Columns, Rows} when Columns > 0, Rows > 0 -> {Columns, Rows};
        {Columns, _} when Columns > 0 -> {Columns, ?ROWS};
        _ -> {?COLUMNS, ?ROWS}
    end.
