%% The serial line as a console: input for the one process that reads it, key by key or line by
%% line, and output for all. Lines are edited here: echo, backspace, ^U; end of input is ^D on an
%% empty line. Readers are ports of os/platform/, which survive a restart of this process and attach
%% again.
%%
%% A reader gets {console, Binary} and {console, eof}. The last that attached is served; when it has
%% ended, the one before. What is typed while nobody reads is kept.
-module(vbeam_console).
-behaviour(gen_server).
-export([start_link/0, attach/2, write/1, window_size/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(LINE_BYTES_MAX, 65536).
-define(WRITE_BYTES, 16384).
%% Bytes typed ahead that are kept.
-define(AHEAD_BYTES_MAX, 1048576).
-define(RETRY_MS, 10).
%% Ten seconds of a driver that does not come back.
-define(WRITE_TRIES, 1000).

-define(WINDOW, {80, 24}).

-record(reader, {pid :: pid(), monitor :: reference(), mode :: keys | lines}).
-record(state, {
    readers = [] :: [#reader{}],
    %% Bytes that came while nobody was reading.
    ahead = <<>> :: binary(),
    %% Bytes of the line being typed, last first.
    line = [] :: [byte()],
    line_bytes = 0 :: non_neg_integer(),
    echo = true :: boolean()
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% Input goes to the calling process from now on, which is told by a 'DOWN' message when it must
%% attach again; until there is a console, it gets the message `Again` to try once more.
-spec attach(keys | lines, Again :: term()) -> ok.
attach(Mode, Again) ->
    try gen_server:call(?MODULE, {attach, self(), Mode}) of
        ok ->
            _ = erlang:monitor(process, ?MODULE),
            ok
    catch
        exit:_ ->
            _ = erlang:send_after(?RETRY_MS, self(), Again),
            ok
    end.

%% Write bytes, with newlines as CR LF. Large output goes in pieces, so that it never fills the
%% driver's queue at once. A driver that is being restarted is waited for.
-spec write(iodata()) -> ok | {error, serial}.
write(Data) ->
    pieces(binary:replace(iolist_to_binary(Data), <<"\n">>, <<"\r\n">>, [global])).

%% Columns and rows of the terminal.
-spec window_size() -> {pos_integer(), pos_integer()}.
window_size() ->
    ?WINDOW.

pieces(<<Piece:?WRITE_BYTES/binary, Rest/binary>>) when Rest =/= <<>> ->
    _ = pieces(Piece),
    pieces(Rest);
pieces(<<>>) ->
    ok;
pieces(Bytes) ->
    write_piece(Bytes, ?WRITE_TRIES).

write_piece(_Bytes, 0) ->
    {error, serial};
write_piece(Bytes, Tries) ->
    try
        vbeam_serial:write(Bytes)
    catch
        exit:_ ->
            receive after ?RETRY_MS -> ok end,
            write_piece(Bytes, Tries - 1)
    end.

init([]) ->
    vbeam_hw:system_process(),
    subscribe(),
    vbeam_boot:phase(<<"child vbeam_console: started">>),
    {ok, #state{}}.

%% The serial driver's next incarnation must know this subscriber, too.
subscribe() ->
    try vbeam_serial:subscribe(self()) of
        ok -> _ = erlang:monitor(process, vbeam_serial)
    catch
        exit:_ -> erlang:send_after(?RETRY_MS, self(), subscribe)
    end.

handle_call({attach, Pid, Mode}, _From, #state{readers = Readers, ahead = Ahead} = State) ->
    Reader = #reader{pid = Pid, monitor = erlang:monitor(process, Pid), mode = Mode},
    {reply, ok, typed(Ahead, State#state{readers = [Reader | Readers], ahead = <<>>})};
handle_call(_Request, _From, State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

handle_info({serial, Bytes}, State) ->
    {noreply, typed(Bytes, State)};
handle_info({'DOWN', Monitor, process, _, _}, #state{readers = Readers} = State) ->
    case lists:keymember(Monitor, #reader.monitor, Readers) of
        true ->
            {noreply, State#state{readers = lists:keydelete(Monitor, #reader.monitor, Readers)}};
        false ->
            %% The serial driver died: its supervisor is starting a new one.
            erlang:send_after(?RETRY_MS, self(), subscribe),
            {noreply, State}
    end;
handle_info(subscribe, State) ->
    subscribe(),
    {noreply, State};
handle_info(_Other, State) ->
    {noreply, State}.

%% ---- input

typed(<<>>, State) ->
    State;
typed(Bytes, #state{readers = [], ahead = Ahead} = State) ->
    case byte_size(Ahead) + byte_size(Bytes) > ?AHEAD_BYTES_MAX of
        true ->
            echo(<<7>>, State),
            State;
        false ->
            State#state{ahead = <<Ahead/binary, Bytes/binary>>}
    end;
typed(Bytes, #state{readers = [#reader{mode = keys, pid = Pid} | _]} = State) ->
    Pid ! {console, Bytes},
    State;
typed(<<Byte, Rest/binary>>, State) ->
    typed(Rest, key(Byte, State)).

key($\r, State) ->
    key($\n, State);
key($\n, #state{line = Line} = State) ->
    echo(<<"\n">>, State),
    complete([$\n | Line], State);
%% ^D: the line so far, without a newline; on an empty line the end of input.
key(4, #state{line = []} = State) ->
    hand_over(eof, State);
key(4, #state{line = Line} = State) ->
    complete(Line, State);
key(Erase, #state{line = []} = State) when Erase =:= 8; Erase =:= 127 ->
    State;
key(Erase, State) when Erase =:= 8; Erase =:= 127 ->
    echo(<<"\b \b">>, State),
    Line = erase_character(State#state.line),
    State#state{line = Line, line_bytes = length(Line)};
%% ^U: the whole line.
key(21, #state{line = Line} = State) ->
    echo(binary:copy(<<"\b \b">>, length([B || B <- Line, B band 16#c0 =/= 16#80])), State),
    State#state{line = [], line_bytes = 0};
key(_, #state{line_bytes = Bytes} = State) when Bytes >= ?LINE_BYTES_MAX ->
    echo(<<7>>, State),
    State;
key(Byte, #state{line = Line, line_bytes = Bytes} = State) ->
    echo(<<Byte>>, State),
    State#state{line = [Byte | Line], line_bytes = Bytes + 1}.

%% One character: its bytes from the last back to its first.
erase_character([Byte | Rest]) when Byte band 16#c0 =:= 16#80, Rest =/= [] -> erase_character(Rest);
erase_character([_ | Rest]) -> Rest.

echo(_Bytes, #state{echo = false}) -> ok;
echo(Bytes, _State) -> write(Bytes).

complete(Reversed, State) ->
    hand_over(list_to_binary(lists:reverse(Reversed)), State#state{line = [], line_bytes = 0}).

hand_over(Input, #state{readers = [#reader{pid = Pid} | _]} = State) ->
    Pid ! {console, Input},
    State.
