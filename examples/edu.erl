%% A driver for QEMU's device `edu`: factorials, and copies by DMA through its own buffer.
-module(edu).
-behaviour(vbeam_driver).
-export([all/0, factorial/2, copy/2, served/1, main/0]).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2, terminate/2]).

%% vbeam_pci starts a process for each device that this fits.
-vbeam_match([#{vendor => 16#1234, device => 16#11e8}]).

%% Registers, and bits in them.
-define(IDENTIFICATION, 16#00).
-define(FACTORIAL, 16#08).
-define(STATUS, 16#20).
-define(STATUS_COMPUTING, 16#01).
-define(STATUS_INTERRUPTS, 16#80).
-define(INTERRUPT_STATUS, 16#24).
-define(RAISED_FACTORIAL, 16#001).
-define(RAISED_COPY, 16#100).
-define(ACKNOWLEDGE, 16#64).
-define(SOURCE, 16#80).
-define(TARGET, 16#88).
-define(COUNT, 16#90).
-define(COMMAND, 16#98).
-define(START, 2#001).
-define(TO_DEVICE, 2#101).
-define(FROM_DEVICE, 2#111).
-define(BUFFER, 16#40000).
-define(COPY_MAX, 2048).
%% What an earlier incarnation has begun takes no longer.
-define(IDLE_TRIES, 100).
-define(IDLE_MS, 10).

-record(state, {
    name :: atom(),
    registers :: vbeam_hw:handle(),
    memory :: vbeam_hw:handle(),
    physical :: non_neg_integer(),
    messages :: vbeam_pci:messages(),
    served :: atomics:atomics_ref(),
    %% What the device does now, for whom, and what waits.
    doing = nothing :: nothing | {atom(), Request :: term(), gen_server:from()},
    waiting = queue:new() :: queue:queue({term(), gen_server:from()})
}).

%% Names of the drivers of all such devices.
all() ->
    [vbeam_pci_drivers:name(?MODULE, Address)
     || #{address := Address} <- vbeam_pci:find(#{vendor => 16#1234, device => 16#11e8})].

%% Modulo 2^32.
factorial(Name, N) when N >= 0, N < 1 bsl 32 ->
    gen_server:call(Name, {factorial, N}).

%% The same bytes, after they went to the device and came back.
copy(Name, Bytes) when byte_size(Bytes) > 0, byte_size(Bytes) =< ?COPY_MAX ->
    gen_server:call(Name, {copy, Bytes}).

%% Requests that were answered since boot, whatever became of the driver meanwhile.
served(Name) ->
    gen_server:call(Name, served).

init(#{address := Address}) ->
    Name = vbeam_pci_drivers:name(?MODULE, Address),
    {ok, #{bars := #{0 := Registers}}} = vbeam_pci:claim(Address),
    %% The device cannot reach memory before it is told where interrupts go. So this is the time
    %% to wait for what it may still be doing.
    ok = await_idle(Registers, ?IDLE_TRIES),
    {ok, Memory, Physical} = vbeam_pci:claim_dma(Address, ?COPY_MAX),
    {ok, Messages} = vbeam_pci:claim_messages(Address, 2),
    _ = acknowledge(Registers),
    ok = vbeam_hw:write(Registers, ?STATUS, 32, ?STATUS_INTERRUPTS),
    {ok, #state{
        name = Name,
        registers = Registers,
        memory = Memory,
        physical = Physical,
        messages = Messages,
        served = vbeam_keeper:atomics(Name, served, 1)
    }}.

await_idle(Registers, Tries) ->
    Computing = vbeam_hw:read(Registers, ?STATUS, 32) band ?STATUS_COMPUTING,
    case Computing bor (vbeam_hw:read(Registers, ?COMMAND, 32) band ?START) of
        0 ->
            ok;
        _ when Tries > 0 ->
            receive after ?IDLE_MS -> ok end,
            await_idle(Registers, Tries - 1);
        _ ->
            {error, busy}
    end.

acknowledge(Registers) ->
    Raised = vbeam_hw:read(Registers, ?INTERRUPT_STATUS, 32),
    ok = vbeam_hw:write(Registers, ?ACKNOWLEDGE, 32, Raised),
    Raised.

handle_call(served, _From, #state{served = Served} = State) ->
    {reply, atomics:get(Served, 1), State};
handle_call(Request, From, #state{waiting = Waiting} = State) ->
    {noreply, next(State#state{waiting = queue:in({Request, From}, Waiting)})}.

%% The device has finished something, or a message came late: its registers know.
handle_interrupt(_Vector, _Data, #state{doing = Doing, registers = Registers} = State) ->
    case {acknowledge(Registers), Doing} of
        {Raised, {factorial, _, _}} when Raised band ?RAISED_FACTORIAL =/= 0 ->
            {noreply, finished(State)};
        {Raised, {_, _, _}} when Raised band ?RAISED_COPY =/= 0 ->
            {noreply, finished(State)};
        _ ->
            {noreply, State}
    end.

finished(#state{doing = {factorial, _, From}, registers = Registers} = State) ->
    answer(From, vbeam_hw:read(Registers, ?FACTORIAL, 32), State);
finished(#state{doing = {to_device, Bytes, From}} = State) ->
    command(?BUFFER, State#state.physical, byte_size(Bytes), ?FROM_DEVICE, State),
    State#state{doing = {from_device, Bytes, From}};
finished(#state{doing = {from_device, Bytes, From}, memory = Memory} = State) ->
    answer(From, vbeam_hw:read_bytes(Memory, 0, byte_size(Bytes)), State).

answer(From, Answer, #state{served = Served} = State) ->
    atomics:add(Served, 1, 1),
    gen_server:reply(From, Answer),
    next(State#state{doing = nothing}).

next(#state{doing = nothing, registers = Registers, waiting = Waiting} = State) ->
    case queue:out(Waiting) of
        {{value, {{factorial, N}, From}}, Rest} ->
            ok = vbeam_hw:write(Registers, ?FACTORIAL, 32, N),
            State#state{doing = {factorial, N, From}, waiting = Rest};
        {{value, {{copy, Bytes}, From}}, Rest} ->
            ok = vbeam_hw:write_bytes(State#state.memory, 0, Bytes),
            command(State#state.physical, ?BUFFER, byte_size(Bytes), ?TO_DEVICE, State),
            State#state{doing = {to_device, Bytes, From}, waiting = Rest};
        {empty, _} ->
            State
    end;
next(State) ->
    State.

command(Source, Target, Bytes, Command, #state{registers = Registers}) ->
    Values = [{?SOURCE, Source}, {?TARGET, Target}, {?COUNT, Bytes}, {?COMMAND, Command}],
    [ok = vbeam_hw:write(Registers, Register, 32, Value) || {Register, Value} <- Values].

handle_cast(_Request, State) ->
    {noreply, State}.

terminate(_Reason, #state{registers = Registers}) ->
    vbeam_hw:write(Registers, ?STATUS, 32, 0).

%% For a look: npx vbeam qemu examples/edu.erl
main() ->
    [begin
         io:format("~s: ~b! modulo 2^32 is ~b~n", [Name, N, factorial(Name, N)]),
         io:format("~s: ~s~n", [Name, copy(Name, <<"there and back">>)])
     end || Name <- all(), N <- [12, 20]].
