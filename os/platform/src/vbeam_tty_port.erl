%% The terminal of OTP's shell: port "tty_sl -c -e", opened by user_drv. Keys come as they are
%% typed; output is commands that edit the line on which the cursor stands. Stands in for OTP's
%% drivers/unix/ttsl_drv.c (whose successor, the NIF library prim_tty, serves OTP 26 and later).
%%
%% The serial line is taken for a terminal that knows the cursor movements of ECMA-48, as all do.
%% When a pipe or file was at its other end and has ended, and somebody waits for another line, the
%% system stops, as when a terminal hangs up. When the system runs as a program of a host, the
%% terminal is that of the host, if it has one: ^C and ^\\ are signals there.
-module(vbeam_tty_port).
-behaviour(vbeam_port_driver).
-export([start/2, output/2, control/3, info/2]).

%% First byte of an output.
-define(PUT, 0).
-define(MOVE, 1).
-define(INSERT, 2).
-define(DELETE, 3).
-define(BEEP, 4).
-define(PUT_SYNC, 5).

%% Control operations.
-define(CONTROL, 16#018b0900).
-define(WINDOW_SIZE, ?CONTROL + 100).
-define(GET_UNICODE, ?CONTROL + 101).
-define(SET_UNICODE, ?CONTROL + 102).

-define(INTERRUPT, 3).
-define(QUIT, 28).
%% How often it is looked for a reader, once the input has ended.
-define(END_CHECK_MS, 50).

-record(tty, {
    console :: vbeam_console | vbeam_terminal,
    line :: vbeam_tty_line:line(),
    unicode = true :: boolean(),
    %% Keys since the last end of line: an end of input ends that line.
    keys = 0 :: non_neg_integer(),
    %% The beginning of a character whose other bytes are still on the line.
    partial = <<>> :: binary(),
    %% The end of input has come.
    ended = false :: boolean()
}).

start(_Name, _Settings) ->
    case vbeam_boot:is_program() andalso vbeam_terminal:open() of
        false -> started(vbeam_console);
        ok -> started(vbeam_terminal);
        {error, _} = Error -> Error
    end.

started(Console) ->
    self() ! attach,
    {ok, #tty{console = Console, line = vbeam_tty_line:new()}}.

output(<<?PUT_SYNC, Text/binary>>, Tty) ->
    {ok, Next} = output(<<?PUT, Text/binary>>, Tty),
    self() ! written,
    {ok, Next};
output(Command, #tty{line = Line, console = Console} = Tty) ->
    {Columns, _} = Console:window_size(),
    {Bytes, Next} = edit(Command, Columns, Line),
    ok = Console:write(Bytes),
    {ok, Tty#tty{line = Next}}.

edit(<<?PUT, Text/binary>>, Columns, Line) ->
    vbeam_tty_line:put(Text, Columns, Line);
edit(<<?INSERT, Text/binary>>, Columns, Line) ->
    vbeam_tty_line:insert(Text, Columns, Line);
edit(<<?MOVE, Count:16/signed>>, Columns, Line) ->
    vbeam_tty_line:move(Count, Columns, Line);
edit(<<?DELETE, Count:16/signed>>, Columns, Line) ->
    vbeam_tty_line:delete(Count, Columns, Line);
edit(<<?BEEP, _/binary>>, _, Line) ->
    {<<7>>, Line};
edit(_, _, Line) ->
    {<<>>, Line}.

control(?WINDOW_SIZE, _, #tty{console = Console} = Tty) ->
    {Columns, Rows} = Console:window_size(),
    {<<Columns:32/native, Rows:32/native>>, Tty};
control(?GET_UNICODE, _, #tty{unicode = Unicode} = Tty) ->
    {[flag(Unicode)], Tty};
control(?SET_UNICODE, <<Flag>>, #tty{unicode = Unicode} = Tty) ->
    {[flag(Unicode)], Tty#tty{unicode = Flag =/= 0}};
control(_, _, Tty) ->
    {badarg, Tty}.

flag(true) -> 1;
flag(false) -> 0.

%% The console may be restarted at any time: its successor is told again.
info(attach, #tty{console = Console} = Tty) ->
    Console:attach(keys, attach),
    {[], Tty};
info({stream, _, Bytes}, #tty{partial = Partial} = Tty) when is_binary(Bytes) ->
    Left = << <<Key>> || <<Key>> <= Bytes, not signal(Key) >>,
    {Keys, Rest} = whole_characters(<<Partial/binary, Left/binary>>, <<>>),
    {typed(Keys, []), Tty#tty{partial = Rest}};
info({stream, _, _EndOrError}, Tty) ->
    {[eof], Tty};
info({stream_failed, _, Reason}, Tty) ->
    {[{stop, Reason}], Tty};
info({console, Bytes}, #tty{keys = Count, partial = Partial} = Tty) when is_binary(Bytes) ->
    {Keys, Rest} = whole_characters(<<Partial/binary, Bytes/binary>>, <<>>),
    {typed(Keys, []), Tty#tty{keys = keys(Keys, Count), partial = Rest}};
info({console, eof}, #tty{keys = 0} = Tty) ->
    self() ! ended,
    {[], Tty};
info({console, eof}, Tty) ->
    self() ! ended,
    {typed(<<$\n>>, []), Tty#tty{keys = 0}};
info(ended, #tty{ended = false} = Tty) ->
    self() ! look,
    {[], Tty#tty{ended = true}};
info(look, Tty) ->
    erlang:send_after(?END_CHECK_MS, self(), {look, vbeam_tty_reader:waits()}),
    {[], Tty};
info({look, Waited}, Tty) ->
    %% The same answer twice: nothing was on its way meanwhile.
    case Waited andalso vbeam_tty_reader:waits() of
        true ->
            vbeam_boot:phase(<<"\nend of input">>),
            init:stop();
        false ->
            self() ! look
    end,
    {[], Tty};
info(written, Tty) ->
    {[{send, ok}], Tty};
info({'DOWN', _, process, _, _}, Tty) ->
    self() ! attach,
    {[], Tty};
info(_, Tty) ->
    {[], Tty}.

%% Keys for which a terminal that is not ours would send signals.
signal(?INTERRUPT) -> vbeam_break:request(), true;
signal(?QUIT) -> vbeam_signals:deliver(sigquit), true;
signal(_) -> false.

%% Whole characters of UTF-8, and the bytes of one that is not complete. A byte that belongs to none
%% is taken as Latin-1.
whole_characters(Bytes, Before) ->
    case unicode:characters_to_binary(Bytes) of
        {incomplete, Whole, Rest} ->
            {<<Before/binary, Whole/binary>>, Rest};
        {error, Whole, <<Byte, Rest/binary>>} ->
            whole_characters(Rest, <<Before/binary, Whole/binary, Byte/utf8>>);
        Whole ->
            {<<Before/binary, Whole/binary>>, <<>>}
    end.

%% Keys since the last end of line, when these have come behind `Count` others.
keys(<<End, Rest/binary>>, _) when End =:= $\r; End =:= $\n -> keys(Rest, 0);
keys(<<_, Rest/binary>>, Count) -> keys(Rest, Count + 1);
keys(<<>>, Count) -> Count.

typed(<<>>, Events) -> Events;
typed(Keys, Events) -> [{input, Keys} | Events].
