%% Streams of the host, when the system runs as a program of one: standard input, output and error,
%% pipes to programs that it starts, signals (device: tables/host_files.ts, `standardStreams`). They
%% take the place of the serial line.
%%
%% A process that reads a stream gets {stream, Descriptor, Binary | eof | {error, Reason}}, one that
%% writes {stream_written, Descriptor, Bytes} or {stream_failed, Descriptor, Reason}; the starter of
%% a program gets {program_ended, Pid, Status} with the status that a shell shows. Nobody waits for
%% a slow reader or writer but those who say so (write/2, drain/0). Descriptors above 2 are closed
%% when their process has ended and everything has been written.
-module(vbeam_streams).
-behaviour(vbeam_driver).
-export([start_link/0, read/1, own/1, take_input/0, give_back/1]).
-export([send/2, write/2, drain/0, close/1, start_program/1]).
-export([window_size/1, terminal_mode/2, watch_window/0]).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export_type([program/0]).

-define(GSI, 20).
-define(READ_BYTES, 65536).
-define(STANDARD_MAX, 2).

%% Events of a descriptor: streamEvents of tables/host_files.ts.
-define(IN, 1).
-define(OUT, 4).
-define(ERROR, 8).

%% Signals that OTP's runtime handles (signal(7)), and those that say what the host's side did.
-define(SIGINT, 2).
-define(SIGCHLD, 17).
-define(SIGWINCH, 28).
-define(SIGNAL_BYTES, 128).

-type program() :: #{
    path := binary(),
    %% <<>>: the one of this program.
    folder := binary(),
    %% The program's command line, its name first, and its environment, NAME=VALUE.
    words := [binary()],
    variables := [binary()],
    %% startFlags of tables/host_files.ts.
    flags := non_neg_integer()
}.

-record(stream, {
    reader :: pid() | undefined,
    %% With whom it is closed: the reader, or who only writes.
    owner :: pid() | undefined,
    %% Who has written last.
    writer :: pid() | undefined,
    %% Writers and what they want written, in order.
    output = [] :: [{pid() | {wait, gen_server:from()}, binary()}],
    %% What comes behind it, last first.
    more = [] :: [{pid() | {wait, gen_server:from()}, binary()}],
    %% To be closed as soon as nothing is left to be written.
    closing = false :: boolean()
}).
-record(state, {
    device :: vbeam_hw:handle(),
    streams = #{} :: #{non_neg_integer() => #stream{}},
    signals :: non_neg_integer() | undefined,
    programs = #{} :: #{pos_integer() => pid()},
    %% Who hears that the window of the terminal has another size.
    window :: pid() | undefined,
    %% How the terminal gives its keys.
    mode = found :: keys | found,
    drains = [] :: [gen_server:from()]
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    vbeam_driver:start_link(?MODULE, ?MODULE, []).

%% What comes from a descriptor goes to the calling process from now on.
-spec read(non_neg_integer()) -> ok.
read(Descriptor) ->
    gen_server:cast(?MODULE, {read, Descriptor, self()}).

%% A descriptor that is only written is closed when the calling process has ended, too.
-spec own(non_neg_integer()) -> ok.
own(Descriptor) ->
    gen_server:cast(?MODULE, {own, Descriptor, self()}).

%% Standard input is the calling process's, line by line at a terminal, until it gives it back.
-spec take_input() -> Before :: {pid() | undefined, keys | found}.
take_input() ->
    gen_server:call(?MODULE, {take_input, self()}, infinity).

-spec give_back({pid() | undefined, keys | found}) -> ok.
give_back(Before) ->
    gen_server:call(?MODULE, {give_back, Before}, infinity).

%% Write; the calling process hears of it.
-spec send(non_neg_integer(), binary()) -> ok.
send(Descriptor, Bytes) ->
    gen_server:cast(?MODULE, {write, Descriptor, Bytes, self()}).

%% Write, and wait until the host has taken the bytes.
-spec write(non_neg_integer(), binary()) -> ok | {error, atom()}.
write(Descriptor, Bytes) ->
    gen_server:call(?MODULE, {write, Descriptor, Bytes}, infinity).

%% Wait until everything has been written.
-spec drain() -> ok.
drain() ->
    gen_server:call(?MODULE, drain, infinity).

-spec close(non_neg_integer()) -> ok.
close(Descriptor) ->
    gen_server:cast(?MODULE, {close, Descriptor}).

%% Start a program: its number, and the descriptors that it reads from and writes to, -1 for none.
-spec start_program(program()) -> {pos_integer(), integer(), integer()} | {error, atom()}.
start_program(Program) ->
    gen_server:call(?MODULE, {start, Program, self()}, infinity).

-spec window_size(non_neg_integer()) -> 
    {Columns :: non_neg_integer(), Rows :: non_neg_integer()} | none.
window_size(Descriptor) ->
    gen_server:call(?MODULE, {window_size, Descriptor}, infinity).

%% `keys`: each key comes as it is pressed; `found`: the terminal is as this program found it.
-spec terminal_mode(non_neg_integer(), keys | found) -> ok | {error, atom()}.
terminal_mode(Descriptor, Mode) ->
    gen_server:call(?MODULE, {terminal_mode, Descriptor, Mode}, infinity).

%% The calling process gets the message `window_changed` from now on.
-spec watch_window() -> ok.
watch_window() ->
    gen_server:cast(?MODULE, {watch_window, self()}).

init(_Config) ->
    {Device, _Vector} = vbeam_hw:claim_interrupt(?GSI),
    State = #state{device = Device},
    Set = vbeam_signals:taken() ++ [?SIGINT, ?SIGCHLD, ?SIGWINCH],
    case vbeam_hw:signals(Device, lists:sum([1 bsl (Number - 1) || Number <- Set])) of
        Descriptor when is_integer(Descriptor) ->
            watch(Descriptor, State#state{signals = Descriptor}),
            {ok, State#state{signals = Descriptor}};
        {error, _} ->
            {ok, State}
    end.

handle_interrupt(_Vector, _Data, #state{device = Device} = State) ->
    Next = lists:foldl(fun happened/2, State, vbeam_hw:stream_ready(Device)),
    vbeam_hw:acknowledge(Device),
    {noreply, drained(Next)}.

handle_call({write, Descriptor, Bytes}, From, #state{} = State) ->
    {noreply, drained(output(Descriptor, {wait, From}, Bytes, State))};
handle_call({take_input, Reader}, _From, #state{device = Device, mode = Mode} = State) ->
    #stream{reader = Before} = stream(0, State),
    _ = Mode =:= keys andalso vbeam_hw:terminal_mode(Device, 0, found),
    {reply, {Before, Mode}, reads(0, Reader, State)};
handle_call({give_back, {Reader, Mode}}, _From, #state{device = Device} = State) ->
    _ = Mode =:= keys andalso vbeam_hw:terminal_mode(Device, 0, keys),
    {reply, ok, reads(0, Reader, State)};
handle_call(drain, From, #state{drains = Drains} = State) ->
    {noreply, drained(State#state{drains = [From | Drains]})};
handle_call({start, Program, Owner}, _From, #state{} = State) ->
    {Result, Next} = start(Program, Owner, State),
    {reply, Result, Next};
handle_call({window_size, Descriptor}, _From, #state{device = Device} = State) ->
    Size =
        case vbeam_hw:window_size(Device, Descriptor) of
            {Columns, Rows} when is_integer(Columns) -> {Columns, Rows};
            _ -> none
        end,
    {reply, Size, State};
handle_call({terminal_mode, Descriptor, Mode}, _From, #state{device = Device} = State) ->
    case vbeam_hw:terminal_mode(Device, Descriptor, Mode) of
        ok -> {reply, ok, State#state{mode = Mode}};
        Error -> {reply, Error, State}
    end.

handle_cast({read, Descriptor, Reader}, #state{} = State) ->
    {noreply, reads(Descriptor, Reader, State)};
handle_cast({write, Descriptor, Bytes, Writer}, #state{} = State) ->
    {noreply, drained(output(Descriptor, Writer, Bytes, State))};
handle_cast({own, Descriptor, Owner}, #state{} = State) ->
    _ = erlang:monitor(process, Owner),
    Stream = stream(Descriptor, State),
    {noreply, keep(Descriptor, Stream#stream{owner = Owner}, State)};
handle_cast({close, Descriptor}, #state{} = State) ->
    {noreply, drained(forsaken(Descriptor, State))};
handle_cast({watch_window, Pid}, #state{} = State) ->
    {noreply, State#state{window = Pid}};
%% A file is always ready: its next piece, when others have had their turn.
handle_cast({again, Descriptor}, #state{} = State) ->
    {noreply, drained(happened({Descriptor, ?IN bor ?OUT}, State))};
handle_cast(_Request, #state{} = State) ->
    {noreply, State}.

%% Sent by the VM for os:set_signal/2.
handle_info({signal_action, Name, Action}, #state{} = State) ->
    vbeam_signals:set(Name, Action),
    {noreply, State};
handle_info({'DOWN', _, process, Pid, _}, #state{} = State) ->
    Owned = [Each || {Each, #stream{owner = Owner}} <- all(State), Owner =:= Pid],
    {noreply, drained(lists:foldl(fun forsaken/2, State, Owned))};
handle_info(_Message, #state{} = State) ->
    {noreply, State}.

terminate(_Reason, #state{device = Device}) ->
    _ = vbeam_hw:terminal_mode(Device, 0, found),
    ok.

%% ---- descriptors

stream(Descriptor, #state{streams = Streams}) ->
    case Streams of
        #{Descriptor := Stream} -> Stream;
        _ -> #stream{}
    end.

%% With BIFs alone: the code server may not be there any more.
all(#state{streams = Streams}) ->
    [{Descriptor, map_get(Descriptor, Streams)} || Descriptor <- maps:keys(Streams)].

keep(Descriptor, Stream, #state{streams = Streams} = State) ->
    State#state{streams = Streams#{Descriptor => Stream}}.

reads(Descriptor, Reader, State) ->
    _ = Reader =:= undefined orelse erlang:monitor(process, Reader),
    Stream = stream(Descriptor, State),
    Read = Stream#stream{reader = Reader, owner = Reader},
    wanted(Descriptor, keep(Descriptor, Read, State)).

%% The host shall say when what is wanted of a descriptor can be done.
wanted(Descriptor, #state{device = Device} = State) ->
    #stream{reader = Reader, output = Output} = stream(Descriptor, State),
    Reads = case Reader of undefined -> 0; _ -> ?IN end,
    Writes = case Output of [] -> 0; _ -> ?OUT end,
    case Reads bor Writes of
        0 -> ok;
        Events ->
            case vbeam_hw:stream_watch(Device, Descriptor, Events) of
                ok -> ok;
                {error, _} -> gen_server:cast(self(), {again, Descriptor})
            end
    end,
    State.

watch(Descriptor, #state{device = Device}) ->
    vbeam_hw:stream_watch(Device, Descriptor, ?IN).

%% Nobody wants a descriptor any more: it is closed, when everything has been written.
forsaken(Descriptor, State) ->
    Stream = stream(Descriptor, State),
    Closing = Stream#stream{reader = undefined, closing = Descriptor > ?STANDARD_MAX},
    settled(Descriptor, keep(Descriptor, Closing, State)).

settled(Descriptor, #state{device = Device, streams = Streams} = State) ->
    case Streams of
        #{Descriptor := #stream{closing = true, output = []}} ->
            _ = vbeam_hw:stream_watch(Device, Descriptor, 0),
            _ = vbeam_hw:stream_close(Device, Descriptor),
            State#state{streams = maps:remove(Descriptor, Streams)};
        _ ->
            State
    end.

%% Something can be done, or an error is to be seen by trying.
happened({Descriptor, _}, #state{signals = Descriptor} = State) ->
    Next = signals(State),
    watch(Descriptor, Next),
    Next;
happened({Descriptor, Events}, #state{streams = Streams, device = Device} = State)
        when is_map_key(Descriptor, Streams) ->
    case map_get(Descriptor, Streams) of
        #stream{reader = undefined, output = [], writer = Writer}
                when Events band ?ERROR =/= 0, is_pid(Writer) ->
            %% What was taken did not reach anybody.
            case vbeam_hw:stream_write(Device, Descriptor, <<>>) of
                {error, Reason} -> failed(Descriptor, Writer, Reason);
                _ -> ok
            end,
            State;
        #stream{reader = undefined} ->
            wanted(Descriptor, flush(Descriptor, State));
        Stream ->
            wanted(Descriptor, flush(Descriptor, input(Descriptor, Stream, State)))
    end;
happened(_, State) ->
    State.

%% ---- input

input(Descriptor, #stream{reader = Reader} = Stream, #state{device = Device} = State) ->
    case vbeam_hw:stream_read(Device, Descriptor, ?READ_BYTES) of
        Bytes when is_binary(Bytes) ->
            Reader ! {stream, Descriptor, Bytes},
            State;
        {error, eagain} ->
            State;
        EndOrError ->
            Reader ! {stream, Descriptor, EndOrError},
            keep(Descriptor, Stream#stream{reader = undefined}, State)
    end.

%% ---- output

output(Descriptor, Writer, Bytes, State) ->
    case stream(Descriptor, State) of
        #stream{output = []} = Stream ->
            First = Stream#stream{output = [{Writer, Bytes}], writer = process(Writer)},
            wanted(Descriptor, flush(Descriptor, keep(Descriptor, First, State)));
        #stream{more = More} = Stream ->
            keep(Descriptor, Stream#stream{more = [{Writer, Bytes} | More]}, State)
    end.

process({wait, _}) -> undefined;
process(Writer) -> Writer.

%% Write as much as the host takes.
flush(Descriptor, State) ->
    case stream(Descriptor, State) of
        #stream{output = [], more = []} ->
            settled(Descriptor, State);
        #stream{output = [], more = More} = Stream ->
            Turned = Stream#stream{output = lists:reverse(More), more = []},
            flush(Descriptor, keep(Descriptor, Turned, State));
        Stream ->
            flush_first(Descriptor, Stream, State)
    end.

flush_first(Descriptor, Stream, #state{device = Device} = State) ->
    #stream{output = [{Writer, Bytes} | Rest]} = Stream,
    case vbeam_hw:stream_write(Device, Descriptor, Bytes) of
        {error, eagain} ->
            State;
        {error, Reason} ->
            failed(Descriptor, Writer, Reason),
            flush(Descriptor, keep(Descriptor, Stream#stream{output = Rest}, State));
        Count ->
            written(Descriptor, Writer, Count, byte_size(Bytes)),
            <<_:Count/binary, More/binary>> = Bytes,
            Left = case More of <<>> -> Rest; _ -> [{Writer, More} | Rest] end,
            flush(Descriptor, keep(Descriptor, Stream#stream{output = Left}, State))
    end.

written(_, {wait, From}, Count, Count) -> gen_server:reply(From, ok);
written(_, {wait, _}, _, _) -> ok;
written(Descriptor, Writer, Count, _) -> Writer ! {stream_written, Descriptor, Count}.

failed(_, {wait, From}, Reason) -> gen_server:reply(From, {error, Reason});
failed(Descriptor, Writer, Reason) -> Writer ! {stream_failed, Descriptor, Reason}.

drained(#state{drains = []} = State) ->
    State;
drained(#state{drains = Drains} = State) ->
    case [waiting || {_, #stream{output = [_ | _]}} <- all(State)] of
        [] ->
            _ = [gen_server:reply(From, ok) || From <- Drains],
            State#state{drains = []};
        _ ->
            State
    end.

%% ---- programs and signals

start(Program, Owner, #state{device = Device, programs = Programs} = State) ->
    #{path := Path, folder := Folder, words := Words} = Program,
    #{variables := Variables, flags := Flags} = Program,
    case vbeam_hw:start_program(Device, Path, Folder, Words, Variables, Flags) of
        {error, _} = Error -> {Error, State};
        {Pid, _, _} = Started -> {Started, State#state{programs = Programs#{Pid => Owner}}}
    end.

signals(#state{device = Device, signals = Descriptor} = State) ->
    case vbeam_hw:stream_read(Device, Descriptor, ?SIGNAL_BYTES * 8) of
        Bytes when is_binary(Bytes) ->
            Numbers = [Number || <<Number:32/little, _:(?SIGNAL_BYTES - 4)/binary>> <= Bytes],
            signals(lists:foldl(fun signal/2, State, Numbers));
        _ ->
            State
    end.

signal(?SIGCHLD, #state{device = Device, programs = Programs} = State) ->
    case vbeam_hw:program_ended(Device) of
        false ->
            State;
        {Pid, Status} ->
            case maps:take(Pid, Programs) of
                {Owner, Left} ->
                    Owner ! {program_ended, Pid, exit_status(Status)},
                    signal(?SIGCHLD, State#state{programs = Left});
                error ->
                    signal(?SIGCHLD, State)
            end
    end;
signal(?SIGWINCH, #state{window = Window} = State) ->
    Window =:= undefined orelse (Window ! window_changed),
    State;
signal(?SIGINT, State) ->
    vbeam_break:request(),
    State;
signal(Number, State) ->
    vbeam_signals:deliver(Number),
    State.

%% As a shell shows it: the program's own, or 128 and the signal that ended it.
exit_status(Status) when Status band 16#7f =:= 0 -> (Status bsr 8) band 16#ff;
exit_status(Status) -> 128 + (Status band 16#7f).
