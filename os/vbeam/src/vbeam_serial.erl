%% The serial port COM1: a 16550 UART, interrupt-driven both ways.
%%
%% Output is a queue that vbeam_keeper owns, so that it outlives this process: whoever writes puts
%% bytes there and wakes the driver, which gives the UART 16 at a time, whenever it says that its
%% FIFO is empty. How far the driver is, is noted in the same step in which the bytes go out: the
%% next incarnation goes on with the very next byte. Writers wait while more than QUEUE_MAX bytes
%% are queued, so that memory stays bounded.
%%
%% Input bytes are sent to the subscriber as {serial, Binary}; bytes that come while there is none
%% are kept, up to INPUT_MAX. With flow control `rts_cts` the other side is asked to wait before
%% that (RTS), and is waited for when it asks so (CTS).
%%
%% Registers and bits: National Semiconductor PC16550D data sheet, sections 8.0 to 8.8.
-module(vbeam_serial).
-behaviour(vbeam_driver).
-export([start_link/0, write/1, say/1, drain/0, subscribe/1, set_flow/1, status/0]).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(COM1, 16#3f8).
-define(GSI, 4).
-define(DIVISOR_115200, 1).
%% Offsets of registers.
-define(DATA, 0).
-define(IER, 1).
-define(IIR_FCR, 2).
-define(LCR, 3).
-define(MCR, 4).
-define(LSR, 5).
-define(MSR, 6).
%% Interrupt enable bits.
-define(IER_RECEIVED, 16#01).
-define(IER_TRANSMIT_EMPTY, 16#02).
-define(IER_LINE_STATUS, 16#04).
-define(IER_MODEM_STATUS, 16#08).
-define(IER_IDLE, (?IER_RECEIVED bor ?IER_LINE_STATUS bor ?IER_MODEM_STATUS)).
%% FIFOs on, with the receive trigger at 8 bytes; how the FIFOs being on is read back.
-define(FCR, 16#81).
-define(IIR_FIFOS_ON, 16#c0).
%% No condition is left.
-define(IIR_NONE, 16#01).
%% 8 bits, no parity, 1 stop bit; with the divisor in place of the data registers.
-define(LCR_8N1, 16#03).
-define(LCR_DIVISOR, 16#80).
%% DTR, RTS, and OUT2, which connects the UART to its interrupt line on a PC.
-define(MCR_READY, 16#0b).
-define(MCR_WAIT, 16#09).
%% Line status bits.
-define(LSR_DATA_READY, 16#01).
-define(LSR_OVERRUN, 16#02).
-define(LSR_PARITY, 16#04).
-define(LSR_FRAMING, 16#08).
-define(LSR_BREAK, 16#10).
-define(LSR_TRANSMIT_EMPTY, 16#20).
-define(MSR_CTS, 16#10).

-define(FIFO_BYTES, 16).
-define(QUEUE_MAX, 65536).
%% Of one entry of the queue; its size fits the lower bits of the cursor.
-define(CHUNK_MAX, 16384).
-define(OFFSET_BITS, 20).
-define(INPUT_MAX, 65536).
%% With so much input kept, the other side is asked to wait.
-define(INPUT_HIGH, 49152).
%% Bytes taken from the receive FIFO in one interrupt: a line that never falls silent must not keep
%% the driver for ever.
-define(RECEIVE_BATCH_MAX, 64).
-define(ROUNDS_MAX, 8).
-define(CALL_TIMEOUT_MS, 30000).
-define(RETRY_MS, 5).
%% 16 characters take 1.4 ms.
-define(LOOK_BUSY_MS, 30).
-define(LOOK_IDLE_MS, 2000).

%% Kept atomics: where the output is (sequence number of the entry, bytes of it that went out), the
%% last sequence number, bytes that wait, and counts since boot.
-define(CURSOR, 1).
-define(SEQUENCE, 2).
-define(QUEUED, 3).
-define(SENT, 4).
-define(RECEIVED, 5).
-define(OVERRUNS, 6).
-define(FRAMING_ERRORS, 7).
-define(PARITY_ERRORS, 8).
-define(BREAKS, 9).
-define(INPUT_LOST, 10).
-define(COUNTS, 10).

-record(state, {
    ports :: vbeam_hw:handle(),
    interrupt :: vbeam_hw:handle(),
    queue :: ets:tid(),
    counts :: atomics:atomics_ref(),
    %% The entry that is being sent, and how many of its bytes went out.
    sending = none :: none | {Sequence :: integer(), binary(), Sent :: non_neg_integer()},
    %% The transmitter is busy: an interrupt will come when its FIFO is empty.
    busy = false :: boolean(),
    %% Who waits for room in the queue, and for its end.
    writers = [] :: [gen_server:from()],
    drainers = [] :: [gen_server:from()],
    subscriber :: pid() | undefined,
    input = <<>> :: binary(),
    flow = none :: none | rts_cts,
    %% The timer of the next look while the transmitter is busy, and the bytes sent at the last one.
    look :: reference() | undefined,
    looked = 0 :: non_neg_integer()
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    vbeam_driver:start_link(?MODULE, ?MODULE, []).

%% Queue bytes for sending; waits while the queue is full. Once it has returned `ok`, the bytes go
%% out, whatever becomes of the driver's process.
-spec write(binary()) -> ok | {error, no_driver}.
write(<<Chunk:?CHUNK_MAX/binary, Rest/binary>>) when Rest =/= <<>> ->
    case write(Chunk) of
        ok -> write(Rest);
        Error -> Error
    end;
write(<<>>) ->
    ok;
write(Bytes) when is_binary(Bytes) ->
    case kept_output() of
        {Queue, Counts} ->
            await_room(Counts, erlang:monotonic_time(millisecond) + ?CALL_TIMEOUT_MS),
            enqueue(Bytes, Queue, Counts);
        none ->
            {error, no_driver}
    end.

%% Queue a line however much is queued: for the few lines of the system itself, the driver's too.
-spec say(binary()) -> ok | {error, no_driver}.
say(Line) ->
    case kept_output() of
        {Queue, Counts} -> enqueue(Line, Queue, Counts);
        none -> {error, no_driver}
    end.

%% Wait until all queued bytes have been handed to the UART and its FIFO is empty, for as long as
%% bytes go out.
-spec drain() -> ok.
drain() ->
    case kept_output() of
        {_, Counts} -> drain(Counts);
        none -> ok
    end.

drain(Counts) ->
    Before = atomics:get(Counts, ?SENT),
    try
        gen_server:call(?MODULE, drain, ?CALL_TIMEOUT_MS)
    catch
        exit:Reason ->
            atomics:get(Counts, ?SENT) =/= Before orelse exit(Reason),
            receive after ?RETRY_MS -> ok end,
            drain(Counts)
    end.

%% Input goes to this process from now on, starting with what was kept.
-spec subscribe(pid()) -> ok.
subscribe(Pid) ->
    gen_server:call(?MODULE, {subscribe, Pid}, ?CALL_TIMEOUT_MS).

%% Whether each side waits for the other by the wires RTS and CTS.
-spec set_flow(none | rts_cts) -> ok.
set_flow(Flow) when Flow =:= none; Flow =:= rts_cts ->
    gen_server:call(?MODULE, {set_flow, Flow}, ?CALL_TIMEOUT_MS).

%% Bytes sent and received, errors counted: since boot.
-spec status() -> #{atom() => non_neg_integer()}.
status() ->
    gen_server:call(?MODULE, status, ?CALL_TIMEOUT_MS).

%% ---- in the writer's process

%% `none` before there was a driver. The value only saves asking for two.
kept_output() ->
    case vbeam_keeper:get(?MODULE, output, none) of
        none -> none;
        {Queue, Counts} when is_reference(Queue) -> {Queue, Counts};
        _ -> {queue(), counts()}
    end.

%% What was taken for sending goes out, whatever has to be forgotten; and the numbers of its entries
%% go on.
queue() -> vbeam_keeper:table(?MODULE, {acknowledged, output}).

counts() -> vbeam_keeper:atomics(?MODULE, {acknowledged, counts}, ?COUNTS).

await_room(Counts, Deadline) ->
    case atomics:get(Counts, ?QUEUED) > ?QUEUE_MAX of
        false ->
            ok;
        true ->
            try
                gen_server:call(?MODULE, room, ?CALL_TIMEOUT_MS)
            catch
                %% The driver is being started again.
                exit:Reason ->
                    erlang:monotonic_time(millisecond) < Deadline orelse exit(Reason),
                    receive after ?RETRY_MS -> ok end
            end,
            await_room(Counts, Deadline)
    end.

%% The entry is complete in one step. A writer that is ended before it has written nothing.
enqueue(Bytes, Queue, Counts) ->
    Sequence = atomics:add_get(Counts, ?SEQUENCE, 1),
    try ets:insert(Queue, {Sequence, Bytes}) of
        true ->
            atomics:add(Counts, ?QUEUED, byte_size(Bytes)),
            gen_server:cast(?MODULE, output)
    catch
        %% The driver was degraded meanwhile, and what was kept for it is gone.
        error:badarg -> {error, no_driver}
    end.

%% ---- the driver

init(_Config) ->
    Ports = vbeam_hw:claim_ports(?COM1, 8),
    {Interrupt, _Vector} = vbeam_hw:claim_interrupt(?GSI),
    Queue = queue(),
    Counts = counts(),
    set_up(Ports),
    drop_garbage(Queue),
    start_idle_timer(),
    State = #state{
        ports = Ports,
        interrupt = Interrupt,
        queue = Queue,
        counts = Counts,
        sending = unfinished(Queue, Counts),
        subscriber = watched(vbeam_keeper:get(?MODULE, subscriber, undefined)),
        flow = known_flow(vbeam_keeper:get(?MODULE, flow, none))
    },
    atomics:put(Counts, ?QUEUED, queued_bytes(Queue)),
    vbeam_keeper:put(?MODULE, output, {Queue, Counts}),
    {ok, start_sending(State)}.

%% 115200 baud, 8 bits, no parity, 1 stop bit, FIFOs on. A UART that is set up so is left alone: it
%% may be sending what the last incarnation gave it. What the receive FIFO holds stays there: it
%% came while the driver was being restarted.
set_up(Ports) ->
    Out = fun(Register, Value) -> vbeam_hw:out(Ports, Register, 8, Value) end,
    Out(?IER, 0),
    Fifos = vbeam_hw:in(Ports, ?IIR_FCR, 8) band ?IIR_FIFOS_ON,
    case {vbeam_hw:in(Ports, ?LCR, 8), Fifos, divisor(Ports)} of
        {?LCR_8N1, ?IIR_FIFOS_ON, ?DIVISOR_115200} ->
            ok;
        _ ->
            Out(?LCR, ?LCR_DIVISOR),
            Out(?DATA, ?DIVISOR_115200),
            Out(?IER, 0),
            Out(?LCR, ?LCR_8N1),
            Out(?IIR_FCR, ?FCR)
    end,
    Out(?MCR, ?MCR_READY),
    _ = vbeam_hw:in(Ports, ?LSR, 8),
    _ = vbeam_hw:in(Ports, ?MSR, 8),
    Out(?IER, ?IER_IDLE).

divisor(Ports) ->
    Before = vbeam_hw:in(Ports, ?LCR, 8),
    vbeam_hw:out(Ports, ?LCR, 8, Before bor ?LCR_DIVISOR),
    Divisor = vbeam_hw:in(Ports, ?DATA, 8) + 256 * vbeam_hw:in(Ports, ?IER, 8),
    vbeam_hw:out(Ports, ?LCR, 8, Before),
    Divisor.

%% One that has ended since is noticed by a message.
watched(Pid) when is_pid(Pid) ->
    _ = erlang:monitor(process, Pid),
    Pid;
watched(_) ->
    undefined.

known_flow(rts_cts) -> rts_cts;
known_flow(_) -> none.

%% Whatever is no entry of the queue would end each incarnation.
drop_garbage(Queue) ->
    Entries = [{{'$1', '$2'}, [{is_integer, '$1'}, {'>', '$1', 0}, {is_binary, '$2'}], [true]}],
    case ets:info(Queue, size) - ets:select_count(Queue, Entries) of
        0 -> ok;
        _ -> [ets:delete_object(Queue, Each) || Each <- ets:tab2list(Queue), not is_entry(Each)]
    end.

is_entry({Sequence, Bytes}) -> is_integer(Sequence) andalso Sequence > 0 andalso is_binary(Bytes);
is_entry(_) -> false.

handle_interrupt(_Vector, _Data, #state{interrupt = Interrupt} = State) ->
    Next = serve(?ROUNDS_MAX, State),
    vbeam_hw:acknowledge(Interrupt),
    {noreply, Next}.

%% Until the UART has no condition left: its line is edge-triggered, so one that stays, or comes
%% meanwhile, would never be told. A line that never falls silent leaves others their turn.
serve(0, State) ->
    ok = gen_server:cast(self(), serve),
    State;
serve(Rounds, #state{ports = Ports} = State) ->
    %% Reading IIR ends the transmit-empty condition. It comes first: a FIFO that runs empty after
    %% the look at LSR raises the condition anew, and reading IIR then would lose it.
    case vbeam_hw:in(Ports, ?IIR_FCR, 8) band ?IIR_NONE of
        0 ->
            %% Reading MSR ends a change of the modem's wires.
            _ = vbeam_hw:in(Ports, ?MSR, 8),
            Received = receive_bytes(State, ?RECEIVE_BATCH_MAX, <<>>),
            serve(Rounds - 1, send_if_empty(Received));
        _ ->
            send_if_empty(State)
    end.

handle_call(room, From, #state{} = State) ->
    {noreply, admit_writers(State#state{writers = [From | State#state.writers]})};
handle_call(drain, From, #state{} = State) ->
    case start_sending(State) of
        #state{busy = false, sending = none} = Next -> {reply, ok, Next};
        Next -> {noreply, Next#state{drainers = [From | Next#state.drainers]}}
    end;
handle_call({subscribe, Pid}, _From, #state{input = Input} = State) ->
    _ = Input =/= <<>> andalso (Pid ! {serial, Input}),
    vbeam_keeper:put(?MODULE, subscriber, Pid),
    {reply, ok, ask_for_more(State#state{subscriber = watched(Pid), input = <<>>})};
handle_call({set_flow, Flow}, _From, #state{} = State) ->
    vbeam_keeper:put(?MODULE, flow, Flow),
    {reply, ok, start_sending(ask_for_more(State#state{flow = Flow}))};
handle_call(status, _From, #state{counts = Counts, flow = Flow} = State) ->
    Value = fun(Index) -> atomics:get(Counts, Index) end,
    Status = #{
        sent => Value(?SENT),
        received => Value(?RECEIVED),
        overruns => Value(?OVERRUNS),
        framing_errors => Value(?FRAMING_ERRORS),
        parity_errors => Value(?PARITY_ERRORS),
        breaks => Value(?BREAKS),
        input_lost => Value(?INPUT_LOST),
        queued => Value(?QUEUED),
        flow => Flow
    },
    {reply, Status, State}.

handle_cast(serve, #state{} = State) ->
    {noreply, serve(?ROUNDS_MAX, State)};
handle_cast(output, #state{} = State) ->
    {noreply, start_sending(State)};
handle_cast(_Request, #state{} = State) ->
    {noreply, State}.

%% Input is kept for the next subscriber.
handle_info({'DOWN', _, process, Pid, _}, #state{subscriber = Pid} = State) ->
    {noreply, State#state{subscriber = undefined}};
handle_info({timeout, Timer, busy}, #state{look = Timer} = State) ->
    {noreply, look(State#state{look = undefined})};
handle_info({timeout, _, idle}, #state{} = State) ->
    start_idle_timer(),
    {noreply, serve(?ROUNDS_MAX, State)};
handle_info(_Message, #state{} = State) ->
    {noreply, State}.

terminate(_Reason, #state{ports = Ports}) ->
    vbeam_hw:out(Ports, ?IER, 8, 0).

%% ---- interrupts that do not come

start_idle_timer() ->
    _ = erlang:start_timer(?LOOK_IDLE_MS, self(), idle).

%% While bytes go out, interrupts come.
look(#state{busy = true, looked = Before, counts = Counts} = State) ->
    Next =
        case atomics:get(Counts, ?SENT) of
            Before -> serve(?ROUNDS_MAX, State);
            Sent -> State#state{looked = Sent}
        end,
    look_later(Next);
look(State) ->
    State.

look_later(#state{busy = true, look = undefined} = State) ->
    State#state{look = erlang:start_timer(?LOOK_BUSY_MS, self(), busy)};
look_later(State) ->
    State.

%% ---- output

%% What an earlier incarnation was sending, from where it had come to.
unfinished(Queue, Counts) ->
    Cursor = atomics:get(Counts, ?CURSOR),
    Sequence = Cursor bsr ?OFFSET_BITS,
    Sent = Cursor band (1 bsl ?OFFSET_BITS - 1),
    case ets:lookup(Queue, Sequence) of
        [{_, Bytes}] when Sent < byte_size(Bytes) ->
            {Sequence, Bytes, Sent};
        [_] ->
            true = ets:delete(Queue, Sequence),
            none;
        [] ->
            none
    end.

queued_bytes(Queue) ->
    ets:foldl(fun({_, Bytes}, Sum) -> Sum + byte_size(Bytes) end, 0, Queue).

start_sending(#state{busy = true} = State) ->
    State;
start_sending(#state{ports = Ports} = State) ->
    case next_entry(State) of
        #state{sending = none} = Empty ->
            Empty;
        Next ->
            Enabled = ?IER_IDLE bor ?IER_TRANSMIT_EMPTY,
            Sent = send_if_empty(Next#state{busy = true}),
            _ = Sent#state.busy andalso vbeam_hw:out(Ports, ?IER, 8, Enabled),
            look_later(Sent)
    end.

next_entry(#state{sending = none, queue = Queue} = State) ->
    case ets:first(Queue) of
        '$end_of_table' ->
            State;
        Sequence ->
            [{_, Bytes}] = ets:lookup(Queue, Sequence),
            State#state{sending = {Sequence, Bytes, 0}}
    end;
next_entry(State) ->
    State.

%% Fill the FIFO when it is empty; switch the interrupt off when there is nothing left to send, or
%% the other side wants us to wait: a change of CTS interrupts, too.
send_if_empty(#state{busy = false} = State) ->
    %% CTS may have come back.
    case State#state.flow of
        none -> State;
        rts_cts -> start_sending(State)
    end;
send_if_empty(#state{ports = Ports} = State) ->
    case vbeam_hw:in(Ports, ?LSR, 8) band ?LSR_TRANSMIT_EMPTY of
        0 ->
            State;
        _ ->
            case next_entry(State) of
                #state{sending = none} = Empty -> finish_sending(Empty);
                Next -> send_if_clear(Next)
            end
    end.

send_if_clear(#state{flow = rts_cts, ports = Ports} = State) ->
    case vbeam_hw:in(Ports, ?MSR, 8) band ?MSR_CTS of
        0 -> pause_sending(State);
        _ -> send_fifo(State)
    end;
send_if_clear(State) ->
    send_fifo(State).

send_fifo(#state{ports = Ports, counts = Counts, sending = {Sequence, Bytes, Sent}} = State) ->
    Count = min(byte_size(Bytes) - Sent, ?FIFO_BYTES),
    Next = Sent + Count,
    Cursor = Sequence bsl ?OFFSET_BITS bor Next,
    Chunk = binary:part(Bytes, Sent, Count),
    ok = vbeam_hw:out_bytes(Ports, ?DATA, Chunk, Counts, ?CURSOR, Cursor),
    atomics:add(Counts, ?SENT, Count),
    case Next =:= byte_size(Bytes) of
        true ->
            true = ets:delete(State#state.queue, Sequence),
            atomics:sub(Counts, ?QUEUED, Next),
            admit_writers(State#state{sending = none});
        false ->
            State#state{sending = {Sequence, Bytes, Next}}
    end.

pause_sending(#state{ports = Ports} = State) ->
    vbeam_hw:out(Ports, ?IER, 8, ?IER_IDLE),
    State#state{busy = false}.

finish_sending(#state{drainers = Drainers} = State) ->
    _ = [gen_server:reply(From, ok) || From <- Drainers],
    pause_sending(State#state{drainers = []}).

admit_writers(#state{writers = []} = State) ->
    State;
admit_writers(#state{writers = Writers, counts = Counts} = State) ->
    case atomics:get(Counts, ?QUEUED) > ?QUEUE_MAX of
        true ->
            State;
        false ->
            _ = [gen_server:reply(From, ok) || From <- lists:reverse(Writers)],
            State#state{writers = []}
    end.

%% ---- input

receive_bytes(State, 0, Bytes) ->
    hand_over(Bytes, State);
receive_bytes(#state{ports = Ports, counts = Counts} = State, Left, Bytes) ->
    Status = vbeam_hw:in(Ports, ?LSR, 8),
    count_errors(Status, Counts),
    case Status band ?LSR_DATA_READY of
        0 ->
            hand_over(Bytes, State);
        _ ->
            Byte = vbeam_hw:in(Ports, ?DATA, 8),
            receive_bytes(State, Left - 1, <<Bytes/binary, Byte>>)
    end.

-define(ERRORS, [
    {?LSR_OVERRUN, ?OVERRUNS},
    {?LSR_FRAMING, ?FRAMING_ERRORS},
    {?LSR_PARITY, ?PARITY_ERRORS},
    {?LSR_BREAK, ?BREAKS}
]).

count_errors(Status, _Counts) when
    Status band (?LSR_OVERRUN bor ?LSR_FRAMING bor ?LSR_PARITY bor ?LSR_BREAK) =:= 0
->
    ok;
count_errors(Status, Counts) ->
    _ = [atomics:add(Counts, Index, 1) || {Bit, Index} <- ?ERRORS, Status band Bit =/= 0],
    ok.

hand_over(<<>>, State) ->
    State;
hand_over(Bytes, #state{subscriber = undefined, input = Input, counts = Counts} = State) ->
    Room = ?INPUT_MAX - byte_size(Input),
    Kept = binary:part(Bytes, 0, min(Room, byte_size(Bytes))),
    atomics:add(Counts, ?RECEIVED, byte_size(Bytes)),
    atomics:add(Counts, ?INPUT_LOST, byte_size(Bytes) - byte_size(Kept)),
    ask_for_more(State#state{input = <<Input/binary, Kept/binary>>});
hand_over(Bytes, #state{subscriber = Subscriber, counts = Counts} = State) ->
    Subscriber ! {serial, Bytes},
    atomics:add(Counts, ?RECEIVED, byte_size(Bytes)),
    State.

%% RTS says whether there is room for input.
ask_for_more(#state{flow = none} = State) ->
    State;
ask_for_more(#state{ports = Ports, input = Input} = State) ->
    Ready =
        case byte_size(Input) < ?INPUT_HIGH of
            true -> ?MCR_READY;
            false -> ?MCR_WAIT
        end,
    vbeam_hw:out(Ports, ?MCR, 8, Ready),
    State.
