%% The serial console: an io server (Erlang's io protocol, "The Erlang I/O Protocol" in the stdlib
%% user's guide) on top of vbeam_serial. Newlines go out as CR LF. Input is edited line by line:
%% echo, backspace, ^U; end of input is ^D on an empty line. What is typed ahead is kept, and echoed
%% when somebody reads it, so that it stands behind its prompt.
-module(vbeam_console).
-behaviour(gen_server).
-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(LINE_BYTES_MAX, 65536).
-define(WRITE_BYTES, 16384).
%% Bytes typed ahead that are kept.
-define(AHEAD_BYTES_MAX, 1048576).
-define(RESUBSCRIBE_MS, 10).
%% Ten seconds of a driver that does not come back.
-define(WRITE_TRIES, 1000).

-record(state, {
    %% Bytes that came while nobody was reading.
    ahead = <<>> :: binary(),
    %% Characters of complete lines that nobody has read yet.
    input = [] :: string(),
    %% Bytes of the line being typed, last first.
    line = [] :: [byte()],
    line_bytes = 0 :: non_neg_integer(),
    eof = false :: boolean(),
    echo = true :: boolean(),
    %% The read request that waits for input: {From, ReplyAs, Request, Continuation}.
    reader = none :: none | {pid(), term(), tuple(), term()},
    waiting = queue:new() :: queue:queue({pid(), term(), tuple()})
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    ok = vbeam_serial:subscribe(self()),
    %% The serial driver's next incarnation must know this subscriber.
    _ = erlang:monitor(process, vbeam_serial),
    vbeam_boot:phase(<<"child vbeam_console: started">>),
    {ok, #state{}}.

%% Everything asked for before this call has been written.
handle_call(flush, _From, State) ->
    {reply, ok, State};
handle_call(_Request, _From, State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

handle_info({io_request, From, ReplyAs, Request}, State) ->
    {noreply, request(From, ReplyAs, Request, State)};
handle_info({serial, Bytes}, State) ->
    {noreply, serve_readers(keep(Bytes, State))};
handle_info({'DOWN', _, process, _, _}, State) ->
    %% The driver died: its supervisor is starting a new one.
    erlang:send_after(?RESUBSCRIBE_MS, self(), resubscribe),
    {noreply, State};
handle_info(resubscribe, State) ->
    try vbeam_serial:subscribe(self()) of
        ok -> _ = erlang:monitor(process, vbeam_serial)
    catch
        exit:_ -> erlang:send_after(?RESUBSCRIBE_MS, self(), resubscribe)
    end,
    {noreply, State};
handle_info(_Other, State) ->
    {noreply, State}.

%% ---- requests

request(From, ReplyAs, Request, State) ->
    case classify(Request) of
        {output, Result} ->
            reply(From, ReplyAs, output(Result)),
            State;
        {input, Read} ->
            Waiting = queue:in({From, ReplyAs, Read}, State#state.waiting),
            serve_readers(State#state{waiting = Waiting});
        {reply, Reply} ->
            reply(From, ReplyAs, Reply),
            State;
        {requests, Requests} ->
            reply(From, ReplyAs, several(Requests, ok)),
            State;
        {set, Options} ->
            reply(From, ReplyAs, ok),
            State#state{echo = proplists:get_value(echo, Options, State#state.echo)};
        get ->
            reply(From, ReplyAs, [{echo, State#state.echo}, {binary, false}, {encoding, unicode}]),
            State
    end.

reply(From, ReplyAs, Reply) ->
    From ! {io_reply, ReplyAs, Reply},
    ok.

classify({put_chars, Encoding, Chars}) -> {output, {chars, Encoding, Chars}};
classify({put_chars, Encoding, M, F, A}) -> {output, {call, Encoding, M, F, A}};
classify({put_chars, Chars}) -> {output, {chars, latin1, Chars}};
classify({put_chars, M, F, A}) -> {output, {call, latin1, M, F, A}};
classify({get_until, Encoding, Prompt, M, F, A}) -> {input, {until, Encoding, Prompt, M, F, A}};
classify({get_until, Prompt, M, F, A}) -> {input, {until, latin1, Prompt, M, F, A}};
classify({get_line, Encoding, Prompt}) -> {input, {line, Encoding, Prompt}};
classify({get_line, Prompt}) -> {input, {line, latin1, Prompt}};
classify({get_chars, Encoding, Prompt, Count}) -> {input, {chars, Encoding, Prompt, Count}};
classify({get_chars, Prompt, Count}) -> {input, {chars, latin1, Prompt, Count}};
classify({requests, Requests}) when is_list(Requests) -> {requests, Requests};
classify({setopts, Options}) when is_list(Options) -> {set, Options};
classify(getopts) -> get;
classify({get_geometry, columns}) -> {reply, 80};
classify({get_geometry, rows}) -> {reply, 24};
classify(_) -> {reply, {error, request}}.

%% Several output requests in one; the first error ends them.
several([], Reply) ->
    Reply;
several([Request | Rest], _) ->
    case classify(Request) of
        {output, Result} ->
            case output(Result) of
                ok -> several(Rest, ok);
                Error -> Error
            end;
        {reply, Reply} ->
            several(Rest, Reply);
        _ ->
            {error, request}
    end.

output({call, Encoding, M, F, A}) ->
    try apply(M, F, A) of
        Chars -> output({chars, Encoding, Chars})
    catch
        _:_ -> {error, F}
    end;
output({chars, Encoding, Chars}) ->
    case unicode:characters_to_binary(Chars, Encoding, unicode) of
        Bytes when is_binary(Bytes) -> write(crlf(Bytes));
        _ -> {error, {error, {put_chars, Encoding, Chars}}}
    end.

crlf(Bytes) ->
    binary:replace(Bytes, <<"\n">>, <<"\r\n">>, [global]).

%% Large output goes in pieces, so that it never fills the driver's queue at once. A driver that is
%% being restarted is waited for.
write(<<Piece:?WRITE_BYTES/binary, Rest/binary>>) when Rest =/= <<>> ->
    _ = write(Piece),
    write(Rest);
write(Bytes) ->
    write(Bytes, ?WRITE_TRIES).

write(_Bytes, 0) ->
    {error, serial};
write(Bytes, Tries) ->
    try
        vbeam_serial:write(Bytes)
    catch
        exit:_ ->
            timer:sleep(?RESUBSCRIBE_MS),
            write(Bytes, Tries - 1)
    end.

%% ---- the line being typed

keep(Bytes, #state{ahead = Ahead} = State) ->
    case byte_size(Ahead) + byte_size(Bytes) > ?AHEAD_BYTES_MAX of
        true ->
            echo(<<7>>, State),
            State;
        false ->
            State#state{ahead = <<Ahead/binary, Bytes/binary>>}
    end.

%% Keys up to the end of a line, or all that there are.
type(<<>>, State) ->
    State#state{ahead = <<>>};
type(<<Byte, Rest/binary>>, State) ->
    case key(Byte, State) of
        #state{input = [], eof = false} = Next -> type(Rest, Next);
        Next -> Next#state{ahead = Rest}
    end.

key($\r, State) ->
    key($\n, State);
key($\n, #state{line = Line} = State) ->
    echo(<<"\r\n">>, State),
    complete([$\n | Line], State);
%% ^D: the line so far, without a newline; on an empty line the end of input.
key(4, #state{line = []} = State) ->
    State#state{eof = true};
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
    Bytes = list_to_binary(lists:reverse(Reversed)),
    Characters =
        case unicode:characters_to_list(Bytes, utf8) of
            List when is_list(List) -> List;
            _ -> binary_to_list(Bytes)
        end,
    State#state{input = State#state.input ++ Characters, line = [], line_bytes = 0}.

%% ---- readers, one after the other

serve_readers(#state{reader = none, waiting = Waiting} = State) ->
    case queue:out(Waiting) of
        {empty, _} ->
            State;
        {{value, {From, ReplyAs, Read}}, Rest} ->
            prompt(element(3, Read)),
            serve_readers(State#state{reader = {From, ReplyAs, Read, []}, waiting = Rest})
    end;
serve_readers(#state{reader = {From, ReplyAs, Read, Continuation}} = State) ->
    case read(Read, Continuation, State#state.input, State#state.eof) of
        {done, Reply, Rest} ->
            reply(From, ReplyAs, Reply),
            Eof = State#state.eof andalso Reply =/= eof,
            serve_readers(State#state{reader = none, input = Rest, eof = Eof});
        {more, Next} ->
            Waiting = State#state{reader = {From, ReplyAs, Read, Next}, input = []},
            case type(State#state.ahead, Waiting) of
                #state{input = [], eof = false} = Typed -> Typed;
                Typed -> serve_readers(Typed)
            end
    end.

prompt('') -> ok;
prompt(Prompt) when is_atom(Prompt) -> output({chars, unicode, atom_to_list(Prompt)});
prompt({format, Format, Arguments}) -> output({call, unicode, io_lib, format, [Format, Arguments]});
prompt(Prompt) -> output({chars, unicode, Prompt}).

read({until, _, _, M, F, A}, Continuation, Input, Eof) ->
    Characters = case Input of [] when Eof -> eof; _ -> Input end,
    case Characters of
        [] ->
            {more, Continuation};
        _ ->
            try apply(M, F, [Continuation, Characters | A]) of
                {done, Result, eof} -> {done, Result, []};
                {done, Result, Rest} -> {done, Result, Rest};
                {more, Next} -> {more, Next}
            catch
                _:_ -> {done, {error, F}, []}
            end
    end;
read({line, _, _}, Before, Input, Eof) ->
    case lists:splitwith(fun(C) -> C =/= $\n end, Input) of
        {Line, [$\n | Rest]} -> {done, Before ++ Line ++ "\n", Rest};
        {[], []} when Eof, Before =:= [] -> {done, eof, []};
        {Line, []} when Eof -> {done, Before ++ Line, []};
        {Line, []} -> {more, Before ++ Line}
    end;
read({chars, _, _, Count}, Before, Input, Eof) ->
    All = Before ++ Input,
    if
        length(All) >= Count ->
            {Characters, Rest} = lists:split(Count, All),
            {done, Characters, Rest};
        Eof, All =:= [] ->
            {done, eof, []};
        Eof ->
            {done, All, []};
        true ->
            {more, All}
    end.
