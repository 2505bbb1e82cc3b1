%% The serial line as a console: input for the one process that reads it, key by key or line by
%% line, and output for all. Lines are edited here: echo, backspace, ^U; ^D on an empty line ends
%% the input of who reads lines. Readers are ports of os/platform/, which survive a restart of this
%% process and attach again.
%%
%% A reader gets {console, Binary} and {console, eof}. The last that attached is served; when it has
%% ended, the one before. What is typed while nobody reads, and a line that is being typed, are kept
%% by vbeam_keeper.
-module(vbeam_console).
-behaviour(gen_server).
-export([start_link/0, attach/2, write/1, window_size/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(LINE_BYTES_MAX, 65536).
%% Bytes typed ahead that are kept.
-define(AHEAD_BYTES_MAX, 1048576).
-define(RETRY_MS, 1).
%% What the sender of a pipe or file types behind its end: a serial line has no other way to say it,
%% and no key or garbage may mean it (tables/console.ts).
-define(END_OF_INPUT, <<0, "vbeam: end of input", 0>>).

%% Size of a terminal that does not say its own. The question: save the cursor, go as far as
%% possible, report the position (ECMA-48, 8.3.14 CPR and 8.3.35 DSR), back to the place saved. The
%% answer comes as if it were typed.
-define(WINDOW, {80, 24}).
-define(ASK_WINDOW, <<"\e7\e[999;999H\e[6n\e8">>).

-record(reader, {pid :: pid(), monitor :: reference(), mode :: keys | lines}).
-record(state, {
    readers = [] :: [#reader{}],
    %% Bytes that came while nobody was reading, and what may be the beginning of an end of input.
    ahead = <<>> :: binary(),
    %% Bytes of the line being typed, last first.
    line = [] :: [byte()],
    line_bytes = 0 :: non_neg_integer(),
    %% While the terminal is asked for its size: the beginning of an answer.
    answer = none :: none | binary()
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

%% Write bytes, with newlines as CR LF. They go out even when the driver is being restarted.
-spec write(iodata()) -> ok | {error, serial}.
write(Data) ->
    Bytes = binary:replace(iolist_to_binary(Data), <<"\n">>, <<"\r\n">>, [global]),
    try vbeam_serial:write(Bytes) of
        ok -> ok;
        {error, _} -> {error, serial}
    catch
        exit:_ -> {error, serial}
    end.

%% Columns and rows of the terminal; they outlive this process.
-spec window_size() -> {pos_integer(), pos_integer()}.
window_size() ->
    try
        persistent_term:get({?MODULE, window})
    catch
        error:_ -> ?WINDOW
    end.

init([]) ->
    vbeam_hw:system_process(),
    subscribe(),
    vbeam_boot:phase(<<"child vbeam_console: started">>),
    {Ahead, Line} = vbeam_keeper:get(?MODULE, typed, {<<>>, []}),
    {ok, #state{ahead = Ahead, line = Line, line_bytes = length(Line)}}.

%% What is typed but not handed over outlives this process.
keep(#state{ahead = Ahead, line = Line}, #state{ahead = Ahead, line = Line} = State) ->
    State;
keep(_, #state{ahead = Ahead, line = Line} = State) ->
    vbeam_keeper:put(?MODULE, typed, {Ahead, Line}),
    State.

%% The serial driver's next incarnation must know this subscriber, too.
subscribe() ->
    try vbeam_serial:subscribe(self()) of
        ok -> _ = erlang:monitor(process, vbeam_serial)
    catch
        exit:_ -> erlang:send_after(?RETRY_MS, self(), subscribe)
    end.

handle_call({attach, Pid, Mode}, _From, #state{readers = Readers, ahead = Ahead} = State) ->
    Reader = #reader{pid = Pid, monitor = erlang:monitor(process, Pid), mode = Mode},
    Asked = ask_window(Mode, State#state{readers = [Reader | Readers], ahead = <<>>}),
    {reply, ok, keep(State, input(Ahead, Asked))};
handle_call(_Request, _From, #state{} = State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, #state{} = State) ->
    {noreply, State}.

handle_info({serial, Bytes}, #state{} = State) ->
    {noreply, keep(State, input(Bytes, State))};
handle_info({'DOWN', Monitor, process, _, _}, #state{readers = Readers} = State) ->
    case lists:keymember(Monitor, #reader.monitor, Readers) of
        true ->
            {noreply, State#state{readers = lists:keydelete(Monitor, #reader.monitor, Readers)}};
        false ->
            %% The serial driver died: its supervisor is starting a new one.
            erlang:send_after(?RETRY_MS, self(), subscribe),
            {noreply, State}
    end;
handle_info(subscribe, #state{} = State) ->
    subscribe(),
    {noreply, State};
handle_info(_Other, #state{} = State) ->
    {noreply, State}.

%% ---- the size of the terminal

%% A terminal is asked when the boot says that there is one (image/boot_file.ts).
ask_window(keys, #state{answer = none} = State) ->
    case persistent_term:get({?MODULE, window}, none) =:= none andalso has_terminal() of
        true ->
            write(?ASK_WINDOW),
            State#state{answer = <<>>};
        false ->
            State
    end;
ask_window(_, State) ->
    State.

has_terminal() ->
    init:get_argument(vbeam_terminal) =/= error.

%% Input while an answer is awaited: ESC [ Rows ; Columns R, anywhere between keys.
answered(Bytes, #state{answer = none} = State) ->
    typed(Bytes, State);
answered(Bytes, #state{answer = Before} = State) ->
    Input = <<Before/binary, Bytes/binary>>,
    case binary:split(Input, <<"\e[">>) of
        [Keys, Rest] ->
            case position(Rest) of
                {Rows, Columns, After} ->
                    persistent_term:put({?MODULE, window}, {max(1, Columns), max(1, Rows)}),
                    typed(<<Keys/binary, After/binary>>, State#state{answer = none});
                more ->
                    typed(Keys, State#state{answer = <<"\e[", Rest/binary>>});
                other ->
                    typed(Input, State#state{answer = <<>>})
            end;
        [Keys] ->
            typed(Keys, State#state{answer = <<>>})
    end.

%% What follows ESC [ in an answer; `more` while it may become one.
position(Bytes) ->
    case number(Bytes, 0, 0) of
        {Rows, <<";", Rest/binary>>} ->
            case number(Rest, 0, 0) of
                {Columns, <<"R", After/binary>>} -> {Rows, Columns, After};
                {_, <<>>} -> more;
                _ -> other
            end;
        {_, <<>>} ->
            more;
        _ ->
            other
    end.

number(<<Digit, Rest/binary>>, Value, Count) when Digit >= $0, Digit =< $9, Count < 4 ->
    number(Rest, Value * 10 + Digit - $0, Count + 1);
number(Rest, Value, _) ->
    {Value, Rest}.

%% ---- input

%% Bytes of the line: keys, and ends of input between them.
input(Bytes, #state{readers = [], ahead = Ahead} = State) ->
    _ = is_attached() andalso start_anew(<<Ahead/binary, Bytes/binary>>, State),
    case byte_size(Ahead) + byte_size(Bytes) > ?AHEAD_BYTES_MAX of
        true ->
            write(<<7>>),
            State;
        false ->
            State#state{ahead = <<Ahead/binary, Bytes/binary>>}
    end;
input(Bytes, #state{ahead = Ahead} = State) ->
    case binary:split(<<Ahead/binary, Bytes/binary>>, ?END_OF_INPUT) of
        [Before, After] ->
            Ended = end_of_input(answered(Before, State#state{ahead = <<>>})),
            input(After, Ended);
        [All] ->
            Keys = byte_size(All) - begun_end(All),
            <<Whole:Keys/binary, Begun/binary>> = All,
            answered(Whole, State#state{ahead = Begun})
    end.

%% Who has attached monitors this process: when there is such a port and no reader is known, what
%% was known of it has been spoilt. The next incarnation is told again.
is_attached() ->
    {monitored_by, Pids} = process_info(self(), monitored_by),
    lists:any(fun is_port_driver/1, Pids).

is_port_driver(Pid) when is_pid(Pid) ->
    case process_info(Pid, dictionary) of
        {dictionary, Dictionary} ->
            proplists:get_value('$initial_call', Dictionary) =:= {vbeam_port_driver, init, 1};
        undefined ->
            false
    end;
is_port_driver(_) ->
    false.

start_anew(Ahead, #state{line = Line}) ->
    vbeam_keeper:put(?MODULE, typed, {Ahead, Line}),
    exit(readers_lost).

%% Bytes at the end that may be the beginning of an end of input.
begun_end(Bytes) ->
    begun_end(Bytes, min(byte_size(Bytes), byte_size(?END_OF_INPUT) - 1)).

begun_end(_, 0) ->
    0;
begun_end(Bytes, Count) ->
    Begun = binary:part(Bytes, byte_size(Bytes), -Count),
    case binary:longest_common_prefix([?END_OF_INPUT, Begun]) of
        Count -> Count;
        _ -> begun_end(Bytes, Count - 1)
    end.

end_of_input(#state{readers = [#reader{mode = lines} | _], line = [_ | _] = Line} = State) ->
    hand_over(eof, complete(Line, State));
end_of_input(State) ->
    hand_over(eof, State).

typed(<<>>, State) ->
    State;
typed(Bytes, #state{readers = [#reader{mode = keys, pid = Pid} | _]} = State) ->
    Pid ! {console, Bytes},
    State;
typed(<<Byte, Rest/binary>>, State) ->
    typed(Rest, key(Byte, State)).

key($\r, State) ->
    key($\n, State);
key($\n, #state{line = Line} = State) ->
    write(<<"\n">>),
    complete([$\n | Line], State);
%% ^D: the line so far, without a newline; on an empty line the end of input.
key(4, #state{line = []} = State) ->
    hand_over(eof, State);
key(4, #state{line = Line} = State) ->
    complete(Line, State);
key(Erase, #state{line = []} = State) when Erase =:= 8; Erase =:= 127 ->
    State;
key(Erase, State) when Erase =:= 8; Erase =:= 127 ->
    write(<<"\b \b">>),
    Line = erase_character(State#state.line),
    State#state{line = Line, line_bytes = length(Line)};
%% ^U: the whole line.
key(21, #state{line = Line} = State) ->
    write(binary:copy(<<"\b \b">>, length([B || B <- Line, B band 16#c0 =/= 16#80]))),
    State#state{line = [], line_bytes = 0};
key(_, #state{line_bytes = Bytes} = State) when Bytes >= ?LINE_BYTES_MAX ->
    write(<<7>>),
    State;
key(Byte, #state{line = Line, line_bytes = Bytes} = State) ->
    write(<<Byte>>),
    State#state{line = [Byte | Line], line_bytes = Bytes + 1}.

%% One character: its bytes from the last back to its first.
erase_character([Byte | Rest]) when Byte band 16#c0 =:= 16#80, Rest =/= [] -> erase_character(Rest);
erase_character([_ | Rest]) -> Rest.

complete(Reversed, State) ->
    hand_over(list_to_binary(lists:reverse(Reversed)), State#state{line = [], line_bytes = 0}).

hand_over(Input, #state{readers = [#reader{pid = Pid} | _]} = State) ->
    Pid ! {console, Input},
    State.
