%% The serial port COM1: a 16550 UART, interrupt-driven both ways.
%%
%% Output is queued here and goes to the transmit FIFO, 16 bytes at a time, whenever the UART says
%% that it is empty. Writers wait while more than QUEUE_MAX bytes are queued, so that nothing is
%% lost and memory stays bounded. Input bytes are sent to the subscriber as {serial, Binary}; bytes
%% that come while there is none are kept, up to INPUT_MAX.
%%
%% Registers and bits: National Semiconductor PC16550D data sheet, sections 8.0 to 8.8.
-module(vbeam_serial).
-behaviour(vbeam_driver).
-export([start_link/0, write/1, drain/0, subscribe/1, status/0]).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2, terminate/2]).

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
%% Line status bits.
-define(LSR_DATA_READY, 16#01).
-define(LSR_OVERRUN, 16#02).
-define(LSR_PARITY, 16#04).
-define(LSR_FRAMING, 16#08).
-define(LSR_TRANSMIT_EMPTY, 16#20).

-define(FIFO_BYTES, 16).
-define(QUEUE_MAX, 65536).
-define(INPUT_MAX, 65536).
%% Bytes taken from the receive FIFO in one interrupt: a line that never falls silent must not keep
%% the driver for ever.
-define(RECEIVE_BATCH_MAX, 64).
-define(CALL_TIMEOUT_MS, 30000).

-record(state, {
    ports :: vbeam_hw:handle(),
    interrupt :: vbeam_hw:handle(),
    %% Output: chunks in order, and the rest of the chunk being sent.
    queue = queue:new() :: queue:queue(binary()),
    sending = <<>> :: binary(),
    queued = 0 :: non_neg_integer(),
    %% The transmitter is busy: an interrupt will come when its FIFO is empty.
    busy = false :: boolean(),
    writers = queue:new() :: queue:queue({gen_server:from(), binary()}),
    drainers = [] :: [gen_server:from()],
    subscriber :: pid() | undefined,
    input = <<>> :: binary(),
    sent = 0 :: non_neg_integer(),
    received = 0 :: non_neg_integer(),
    overruns = 0 :: non_neg_integer(),
    framing_errors = 0 :: non_neg_integer(),
    input_lost = 0 :: non_neg_integer()
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    vbeam_driver:start_link(?MODULE, ?MODULE, []).

%% Queue bytes for sending; waits while the queue is full.
-spec write(binary()) -> ok.
write(Bytes) ->
    gen_server:call(?MODULE, {write, Bytes}, ?CALL_TIMEOUT_MS).

%% Wait until all queued bytes have been handed to the UART and its FIFO is empty.
-spec drain() -> ok.
drain() ->
    gen_server:call(?MODULE, drain, ?CALL_TIMEOUT_MS).

%% Input goes to this process from now on, starting with what was kept.
-spec subscribe(pid()) -> ok.
subscribe(Pid) ->
    gen_server:call(?MODULE, {subscribe, Pid}, ?CALL_TIMEOUT_MS).

%% Bytes sent and received, errors counted.
-spec status() -> #{atom() => non_neg_integer()}.
status() ->
    gen_server:call(?MODULE, status, ?CALL_TIMEOUT_MS).

init(_Config) ->
    Ports = vbeam_hw:claim_ports(?COM1, 8),
    {Interrupt, _Vector} = vbeam_hw:claim_interrupt(?GSI),
    set_up(Ports),
    {ok, #state{ports = Ports, interrupt = Interrupt}}.

%% 115200 baud, 8 bits, no parity, 1 stop bit, FIFOs on with the receive trigger at 8 bytes. What
%% the receive FIFO holds stays there: it came while the driver was being restarted.
set_up(Ports) ->
    Out = fun(Register, Value) -> vbeam_hw:out(Ports, Register, 8, Value) end,
    Out(?IER, 0),
    Out(?LCR, 16#80),
    Out(?DATA, ?DIVISOR_115200),
    Out(?IER, 0),
    Out(?LCR, 16#03),
    Out(?IIR_FCR, 16#81),
    %% DTR, RTS, and OUT2, which connects the UART to its interrupt line on a PC.
    Out(?MCR, 16#0b),
    _ = vbeam_hw:in(Ports, ?LSR, 8),
    Out(?IER, ?IER_RECEIVED bor ?IER_LINE_STATUS).

handle_interrupt(_Vector, _Data, #state{interrupt = Interrupt} = State) ->
    %% Reading IIR ends the transmit-empty condition. It comes first: a FIFO that runs empty after
    %% the look at LSR raises the condition anew, and reading IIR then would lose it.
    _ = vbeam_hw:in(State#state.ports, ?IIR_FCR, 8),
    Received = receive_bytes(State, ?RECEIVE_BATCH_MAX, <<>>),
    Sent = send_if_empty(Received),
    vbeam_hw:acknowledge(Interrupt),
    {noreply, Sent}.

handle_call({write, Bytes}, From, State) when is_binary(Bytes) ->
    case State#state.queued > ?QUEUE_MAX of
        true ->
            {noreply, State#state{writers = queue:in({From, Bytes}, State#state.writers)}};
        false ->
            {reply, ok, start_sending(enqueue(Bytes, State))}
    end;
handle_call(drain, From, State) ->
    case is_drained(State) of
        true -> {reply, ok, State};
        false -> {noreply, State#state{drainers = [From | State#state.drainers]}}
    end;
handle_call({subscribe, Pid}, _From, #state{input = Input} = State) ->
    _ = Input =/= <<>> andalso (Pid ! {serial, Input}),
    {reply, ok, State#state{subscriber = Pid, input = <<>>}};
handle_call(status, _From, State) ->
    Status = #{
        sent => State#state.sent,
        received => State#state.received,
        overruns => State#state.overruns,
        framing_errors => State#state.framing_errors,
        input_lost => State#state.input_lost,
        queued => State#state.queued
    },
    {reply, Status, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

terminate(_Reason, #state{ports = Ports}) ->
    vbeam_hw:out(Ports, ?IER, 8, 0).

%% ---- output

enqueue(<<>>, State) ->
    State;
enqueue(Bytes, #state{queue = Queue, queued = Queued} = State) ->
    State#state{queue = queue:in(Bytes, Queue), queued = Queued + byte_size(Bytes)}.

start_sending(#state{busy = true} = State) ->
    State;
start_sending(#state{queued = 0} = State) ->
    State;
start_sending(#state{ports = Ports} = State) ->
    Sent = send_if_empty(State),
    Enabled = ?IER_RECEIVED bor ?IER_LINE_STATUS bor ?IER_TRANSMIT_EMPTY,
    vbeam_hw:out(Ports, ?IER, 8, Enabled),
    Sent#state{busy = true}.

%% Fill the FIFO when it is empty; switch the interrupt off when there is nothing left to send.
send_if_empty(#state{ports = Ports} = State) ->
    case vbeam_hw:in(Ports, ?LSR, 8) band ?LSR_TRANSMIT_EMPTY of
        0 -> State;
        _ when State#state.queued > 0 -> admit_writers(send_fifo(State));
        _ -> finish_sending(State)
    end.

send_fifo(#state{sending = <<>>, queue = Queue} = State) ->
    {{value, Next}, Rest} = queue:out(Queue),
    send_fifo(State#state{sending = Next, queue = Rest});
send_fifo(#state{ports = Ports, sending = Sending, queued = Queued, sent = Total} = State) ->
    Count = min(byte_size(Sending), ?FIFO_BYTES),
    <<Chunk:Count/binary, Rest/binary>> = Sending,
    ok = vbeam_hw:out_bytes(Ports, ?DATA, Chunk),
    State#state{sending = Rest, queued = Queued - Count, sent = Total + Count}.

finish_sending(#state{busy = false} = State) ->
    State;
finish_sending(#state{ports = Ports, drainers = Drainers} = State) ->
    vbeam_hw:out(Ports, ?IER, 8, ?IER_RECEIVED bor ?IER_LINE_STATUS),
    _ = [gen_server:reply(From, ok) || From <- Drainers],
    State#state{busy = false, drainers = []}.

admit_writers(#state{queued = Queued} = State) when Queued > ?QUEUE_MAX ->
    State;
admit_writers(#state{writers = Writers} = State) ->
    case queue:out(Writers) of
        {empty, _} ->
            State;
        {{value, {From, Bytes}}, Rest} ->
            gen_server:reply(From, ok),
            admit_writers(enqueue(Bytes, State#state{writers = Rest}))
    end.

is_drained(#state{busy = Busy, queued = Queued}) ->
    not Busy andalso Queued =:= 0.

%% ---- input

receive_bytes(State, 0, Bytes) ->
    hand_over(Bytes, State);
receive_bytes(#state{ports = Ports} = State, Left, Bytes) ->
    Status = vbeam_hw:in(Ports, ?LSR, 8),
    Counted = count_errors(Status, State),
    case Status band ?LSR_DATA_READY of
        0 ->
            hand_over(Bytes, Counted);
        _ ->
            Byte = vbeam_hw:in(Ports, ?DATA, 8),
            receive_bytes(Counted, Left - 1, <<Bytes/binary, Byte>>)
    end.

count_errors(Status, State) when Status band (?LSR_OVERRUN bor ?LSR_FRAMING) =:= 0 ->
    State;
count_errors(Status, #state{overruns = Overruns, framing_errors = Framing} = State) ->
    State#state{
        overruns = Overruns + min(1, Status band ?LSR_OVERRUN),
        framing_errors = Framing + min(1, Status band ?LSR_FRAMING)
    }.

hand_over(<<>>, State) ->
    State;
hand_over(Bytes, #state{subscriber = undefined, input = Input, received = Received} = State) ->
    Room = ?INPUT_MAX - byte_size(Input),
    Kept = binary:part(Bytes, 0, min(Room, byte_size(Bytes))),
    Lost = byte_size(Bytes) - byte_size(Kept),
    State#state{
        input = <<Input/binary, Kept/binary>>,
        received = Received + byte_size(Bytes),
        input_lost = State#state.input_lost + Lost
    };
hand_over(Bytes, #state{subscriber = Subscriber, received = Received} = State) ->
    Subscriber ! {serial, Bytes},
    State#state{received = Received + byte_size(Bytes)}.
