%% The PCI buses: what is on them, who has which device, and which driver is started for it.
%%
%% The ports, device memory and configuration space of all functions are claimed here. A driver gets
%% those of its device as loans (vbeam_hw:lend/2): they come back when it ends, and are out of
%% everybody else's reach until then. Interrupt vectors and DMA memory of a device are claimed here,
%% too, so that they are not anybody else's before the device was told to stop.
%%
%% Every LOOK_MS it looks for devices that have gone or come: the driver of one that has gone ends
%% with {shutdown, removed}; one that has come gets addresses, and the driver that fits it. What is
%% known of devices and their owners is kept, so that a new incarnation disturbs nobody.
-module(vbeam_pci).
-behaviour(vbeam_driver).
-export([start_link/0, devices/0, find/1, add_driver/1, owner/1]).
-export([claim/1, enable/2, claim_dma/2, claim_messages/2, mask/3, read/3, write/4]).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("vbeam_pci.hrl").

-define(LOOK_MS, 1000).
%% A driver that finds nobody here tries again for so long, then ends, and is started again later.
%% One that is being started does not try again: it would keep its supervisor from starting this.
-define(TRIES, 10).
-define(TRY_MS, 10).

%% What its owner may write of the header: parts of the command register, what clears status bits,
%% cache line size and latency, the interrupt line.
-define(OWN_COMMAND, 16#0547).
-define(OWN_HEADER, [?STATUS, ?STATUS + 1, 16#0c, 16#0d, ?INTERRUPT_LINE]).

-type address() :: vbeam_pci_config:address().
-type messages() :: #{
    kind := vbeam_pci_messages:kind(), handle := vbeam_hw:handle(), vectors := [byte()], _ => _
}.
-export_type([address/0, messages/0]).

-record(owner, {
    pid :: pid(),
    monitor :: reference() | undefined,
    %% The incarnation of this process that lent it ports and memory, which come back to that one.
    lender :: pid(),
    bars = #{} :: #{0..5 => vbeam_hw:handle()},
    %% Claims of vectors and DMA memory that are lent with the device.
    lent = [] :: [vbeam_hw:handle()]
}).
-record(state, {
    access :: vbeam_pci_config:access(),
    devices = #{} :: vbeam_pci_scan:devices(),
    %% Ports and memory of functions that have no owner.
    handles = #{} :: #{address() => #{0..5 => vbeam_hw:handle()}},
    owners = #{} :: #{address() => #owner{}},
    %% Ports whose slot is to be switched off when the drivers of these functions have ended.
    leaving = #{} :: #{address() => [address()]},
    drivers :: pid(),
    timer :: reference() | undefined
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    vbeam_driver:start_link(?MODULE, ?MODULE, []).

%% All functions on the buses, in the order of their addresses.
-spec devices() -> [vbeam_pci_scan:device()].
devices() ->
    [Device || {_, Device} <- lists:sort(maps:to_list(known(devices)))].

%% What is no map has been spoilt.
known(Key) ->
    case vbeam_keeper:get(?MODULE, Key, #{}) of
        Known when is_map(Known) -> Known;
        _ -> #{}
    end.

%% Those that a pattern of -vbeam_match fits.
-spec find(#{atom() => non_neg_integer()}) -> [vbeam_pci_scan:device()].
find(Pattern) ->
    [D || D <- devices(), vbeam_pci_match:best(D, [{?MODULE, [Pattern]}]) =/= none].

%% A loaded module is asked from now on, and devices without a driver at once.
-spec add_driver(module()) -> ok | {error, no_match_attribute}.
add_driver(Module) ->
    Attributes = Module:module_info(attributes),
    case [P || {vbeam_match, Values} <- Attributes, P <- vbeam_pci_match:patterns(Values)] of
        [] -> {error, no_match_attribute};
        Patterns -> call({add_driver, {Module, Patterns}})
    end.

-spec owner(address()) -> pid() | none.
owner(Address) ->
    call({owner, Address}).

%% The function is the caller's from now on: its ports and memory by the number of their registers,
%% and what configuration space it may change. It decodes its addresses.
-spec claim(address()) ->
    {ok, #{bars := #{0..5 => vbeam_hw:handle()}}} | {error, no_device | taken}.
claim(Address) ->
    call({claim, Address}).

%% Whether the device may reach memory by itself.
-spec enable(address(), {master, boolean()}) -> ok | {error, not_owner}.
enable(Address, {master, _} = What) ->
    call({enable, Address, What}).

%% DMA memory that is free again when the caller has ended and its device was stopped.
-spec claim_dma(address(), Bytes :: 1..262144) ->
    {ok, vbeam_hw:handle(), PhysicalAddress :: non_neg_integer()} | {error, atom()}.
claim_dma(Address, Bytes) ->
    call({claim_dma, Address, Bytes}).

%% Up to Count vectors of interrupts that the device sends as messages: MSI-X or MSI. From now on
%% {interrupt, Vector, Data} messages come; message N of the device has the N-th vector. It may
%% reach memory by itself from now on, too: a message is a write to it.
-spec claim_messages(address(), Count :: 1..32) -> {ok, messages()} | {error, atom()}.
claim_messages(Address, Count) when Count >= 1, Count =< 32 ->
    case call({claim_messages, Address, Count}) of
        {ok, #{kind := msix, table := {_, _, _}, memory := Memory} = Messages} ->
            ok = vbeam_pci_messages:write_table(Memory, Messages),
            ok = call({messages_ready, Address}),
            {ok, Messages};
        Answer ->
            Answer
    end.

%% Message Index, from 0 on, comes or does not.
-spec mask(messages(), Index :: non_neg_integer(), boolean()) -> ok | {error, atom()}.
mask(#{kind := msix, table := Table, memory := Memory}, Index, Masked) ->
    vbeam_pci_messages:mask_entry(Memory, {Table, Index}, Masked);
mask(#{kind := msi, function := Address}, Index, Masked) ->
    call({mask, Address, Index, Masked}).

%% A register of configuration space; anybody may read.
-spec read(address(), Offset :: 0..4095, 8 | 16 | 32) -> {ok, non_neg_integer()} | {error, atom()}.
read(Address, Offset, Bits) when Offset band (Bits div 8 - 1) =:= 0, Offset >= 0, Offset < 4096 ->
    call({read, Address, Offset, Bits}).

%% The owner may change what concerns nobody else: not addresses, bridges and messages.
-spec write(address(), Offset :: 0..4095, 8 | 16 | 32, non_neg_integer()) -> ok | {error, atom()}.
write(Address, Offset, Bits, Value) when
    Offset band (Bits div 8 - 1) =:= 0, Offset >= 0, Offset < 4096
->
    call({write, Address, Offset, Bits, Value}).

call(Request) ->
    call(Request, case vbeam_driver:is_starting() of true -> 1; false -> ?TRIES end).

call(Request, Tries) ->
    try
        gen_server:call(?MODULE, Request)
    catch
        exit:{noproc, _} when Tries > 1 ->
            receive after ?TRY_MS -> ok end,
            call(Request, Tries - 1);
        %% Nothing that the caller did.
        exit:{noproc, _} ->
            exit({shutdown, later})
    end.

%% ---- the process

init(_Config) ->
    Access = vbeam_pci_config:open(),
    vbeam_pci_bars:finish_sizing(Access),
    Known = known(devices),
    Owners = known(owners),
    State = #state{
        access = Access,
        owners = maps:map(fun(_, Owner) -> watched(Owner) end, Owners),
        drivers = vbeam_pci_drivers:start_link(self())
    },
    Found = vbeam_pci_scan:scan(Access, Known),
    Gone = maps:keys(maps:without(maps:keys(Found), Known)),
    _ = [vbeam_pci_drivers:stop(State#state.drivers, A, {shutdown, removed}) || A <- Gone],
    Next = claim_all(kept(State#state{devices = Found})),
    vbeam_pci_drivers:devices(Next#state.drivers, maps:values(Found)),
    {ok, Next#state{timer = look_later()}}.

watched(#owner{pid = Pid} = Owner) ->
    Owner#owner{monitor = erlang:monitor(process, Pid)}.

kept(#state{devices = Devices, owners = Owners} = State) when is_map(Devices), is_map(Owners) ->
    vbeam_keeper:put(?MODULE, devices, Devices),
    vbeam_keeper:put(?MODULE, owners, Owners),
    State.

look_later() ->
    erlang:start_timer(?LOOK_MS, self(), look).

%% Ports and memory of all functions without an owner.
claim_all(#state{devices = Devices, owners = Owners, handles = Before} = State) ->
    New = maps:without(maps:keys(Before) ++ maps:keys(Owners), Devices),
    Handles = maps:map(fun(_, Device) -> claim_bars(Device) end, New),
    State#state{handles = maps:merge(Handles, Before)}.

claim_bars(#{bars := Bars}) ->
    maps:from_list([
        {Index, Handle}
     || {Index, #{base := Base, bytes := Bytes} = Bar} <- maps:to_list(Bars),
        Base > 0,
        Bytes > 0,
        Handle <- [claim_bar(Bar)],
        Handle =/= none
    ]).

%% What could not be had when it was first asked for: when the owners that were kept got lost, a
%% driver that was still there had it.
with_missing(#{bars := Bars} = Device, Known) ->
    maps:merge(claim_bars(Device#{bars := maps:without(maps:keys(Known), Bars)}), Known).

%% One that somebody else has, or that lies where no device can be, is left out.
claim_bar(#{kind := Kind, base := Base, bytes := Bytes}) ->
    try
        case Kind of
            ports -> vbeam_hw:claim_ports(Base, Bytes);
            memory -> vbeam_hw:claim_memory(Base, Bytes)
        end
    catch
        error:_ -> none
    end.

handle_interrupt(_Vector, _Data, #state{} = State) ->
    %% Of a device whose driver has just ended.
    {noreply, State}.

handle_call({claim, Address}, {Pid, _}, #state{} = State) ->
    case {State, maps:get(Address, State#state.owners, none)} of
        {#state{devices = #{Address := Device}}, Owner} ->
            claim(Device, Pid, Owner, State);
        _ ->
            {reply, {error, no_device}, State}
    end;
handle_call({owner, Address}, _From, #state{owners = Owners} = State) ->
    case Owners of
        #{Address := #owner{pid = Pid}} -> {reply, Pid, State};
        _ -> {reply, none, State}
    end;
handle_call({add_driver, Driver}, _From, #state{drivers = Drivers, owners = Owners} = State) ->
    vbeam_pci_drivers:add(Drivers, Driver),
    Free = maps:without(maps:keys(Owners), State#state.devices),
    vbeam_pci_drivers:devices(Drivers, maps:values(Free)),
    {reply, ok, State};
handle_call({read, Address, Offset, Bits}, _From, #state{access = Access} = State) ->
    case is_map_key(Address, State#state.devices) andalso is_register(Offset, Bits) of
        true -> {reply, {ok, vbeam_pci_config:read(Access, Address, Offset, Bits)}, State};
        false -> {reply, {error, no_device}, State}
    end;
handle_call(Request, {Pid, _}, #state{devices = Devices, owners = Owners} = State) when
    tuple_size(Request) > 1
->
    Address = element(2, Request),
    case {Devices, Owners} of
        {#{Address := Device}, #{Address := #owner{pid = Pid} = Owner}} ->
            {Answer, Next} = asked(Request, Device, Owner, State#state.access),
            {reply, Answer, kept(State#state{owners = Owners#{Address := Next}})};
        _ ->
            {reply, {error, not_owner}, State}
    end;
handle_call(_Request, _From, #state{} = State) ->
    {reply, {error, unknown_request}, State}.

is_register(Offset, Bits) ->
    lists:member(Bits, [8, 16, 32]) andalso is_integer(Offset) andalso Offset >= 0 andalso
        Offset < 4096 andalso Offset band (Bits div 8 - 1) =:= 0.

%% What makes no sense is the asker's affair alone.
asked(Request, Device, Owner, Access) ->
    try
        owned(Request, Device, Owner, Access)
    catch
        error:Reason -> {{error, Reason}, Owner}
    end.

%% The former owner may have ended without this process having heard of it.
claim(#{address := Address} = Device, Pid, Owner, #state{owners = Owners} = State) ->
    case Owner of
        none ->
            {Known, Rest} = maps:take(Address, State#state.handles),
            Bars = with_missing(Device, Known),
            _ = [vbeam_hw:lend(Handle, Pid) || Handle <- maps:values(Bars)],
            decode(Device, State#state.access),
            New = watched(#owner{pid = Pid, lender = self(), bars = Bars}),
            Next = State#state{handles = Rest, owners = Owners#{Address => New}},
            {reply, {ok, #{bars => Bars}}, kept(Next)};
        #owner{pid = Former, monitor = Monitor} ->
            case is_process_alive(Former) of
                true ->
                    {reply, {error, taken}, State};
                false ->
                    %% What it had is back when this message comes, not before.
                    receive
                        {'DOWN', Monitor, process, _, _} ->
                            claim(Device, Pid, none, freed(Address, State))
                    after ?LOOK_MS ->
                        {reply, {error, taken}, State}
                    end
            end
    end.

decode(#{address := Address, bars := Bars}, Access) ->
    Kinds = [Kind || #{kind := Kind, base := Base} <- maps:values(Bars), Base > 0],
    Bits = lists:sum([
        Bit
     || {Kind, Bit} <- [{ports, ?COMMAND_PORTS}, {memory, ?COMMAND_MEMORY}],
        lists:member(Kind, Kinds)
    ]),
    command(Access, Address, Bits, ?COMMAND_NO_LINE).

command(Access, Address, Set, Clear) ->
    Before = vbeam_pci_config:read(Access, Address, ?COMMAND, 16),
    vbeam_pci_config:write(Access, Address, ?COMMAND, 16, (Before bor Set) band bnot Clear).

%% What the owner of a device asks for: {Answer, Owner}.
owned({enable, Address, {master, On}}, _Device, Owner, Access) ->
    case On of
        true -> command(Access, Address, ?COMMAND_MASTER, 0);
        false -> command(Access, Address, 0, ?COMMAND_MASTER)
    end,
    {ok, Owner};
owned({claim_dma, _, Bytes}, _Device, #owner{pid = Pid, lent = Lent} = Owner, _Access) ->
    {Handle, Physical} = vbeam_hw:claim_dma(Bytes),
    ok = vbeam_hw:lend(Handle, Pid),
    {{ok, Handle, Physical}, Owner#owner{lent = [Handle | Lent]}};
owned({claim_messages, _, Count}, Device, Owner, Access) ->
    messages(vbeam_pci_messages:kind(Device), Count, Device, Owner, Access);
owned({messages_ready, Address}, Device, Owner, Access) ->
    %% A message is a write to memory, which only a bus master does.
    command(Access, Address, ?COMMAND_NO_LINE bor ?COMMAND_MASTER, 0),
    {vbeam_pci_messages:enable(Access, Device, vbeam_pci_messages:kind(Device)), Owner};
owned({mask, _, Index, Masked}, Device, Owner, Access) ->
    {vbeam_pci_messages:mask_bit(Access, Device, Index, Masked), Owner};
owned({write, Address, Offset, Bits, Value}, Device, Owner, Access) ->
    case is_register(Offset, Bits) andalso may_write(Device, Offset, Bits div 8) of
        true when Offset =:= ?COMMAND, Bits =:= 16 ->
            Before = vbeam_pci_config:read(Access, Address, ?COMMAND, 16),
            Command = (Before band bnot ?OWN_COMMAND) bor (Value band ?OWN_COMMAND),
            {vbeam_pci_config:write(Access, Address, ?COMMAND, 16, Command), Owner};
        true ->
            {vbeam_pci_config:write(Access, Address, Offset, Bits, Value), Owner};
        false ->
            {{error, reserved}, Owner}
    end;
owned(_Request, _Device, Owner, _Access) ->
    {{error, unknown_request}, Owner}.

messages(none, _Count, _Device, Owner, _Access) ->
    {{error, no_messages}, Owner};
messages(Kind, Asked, #{address := Function} = Device, #owner{bars = Bars} = Owner, Access) ->
    Count = power_of_two(min(Asked, vbeam_pci_messages:count_max(Access, Device, Kind))),
    Table = vbeam_pci_messages:table(Access, Device, Kind),
    Memory =
        case Table of
            none -> none;
            {Index, _, _} -> maps:get(Index, Bars)
        end,
    {Handle, First, Address, Data} = vbeam_hw:claim_messages(Count),
    vbeam_pci_messages:program(Access, Device, Kind, Count, {Address, Data}),
    ok = vbeam_hw:lend(Handle, Owner#owner.pid),
    _ = Kind =:= msi andalso owned({messages_ready, Function}, Device, Owner, Access),
    Messages = #{
        kind => Kind,
        function => Function,
        handle => Handle,
        vectors => lists:seq(First, First + Count - 1),
        address => Address,
        table => Table,
        memory => Memory
    },
    {{ok, Messages}, Owner#owner{lent = [Handle | Owner#owner.lent]}}.

%% The largest that is not above.
power_of_two(Count) when Count < 2 -> 1;
power_of_two(Count) -> 2 * power_of_two(Count div 2).

%% Bridges, and the capabilities that say where messages go and how the link is, are not a driver's.
may_write(#{class := ?CLASS_BRIDGE}, _Offset, _Bytes) ->
    false;
may_write(_Device, ?COMMAND, 2) ->
    true;
may_write(_Device, Offset, Bytes) when Offset < ?HEADER_END ->
    lists:all(fun(At) -> lists:member(At, ?OWN_HEADER) end, lists:seq(Offset, Offset + Bytes - 1));
may_write(#{capabilities := Capabilities}, Offset, Bytes) ->
    lists:all(
        fun({Id, At}) ->
            Offset + Bytes =< At orelse Offset >= At + reserved_bytes(Id)
        end,
        Capabilities
    ).

reserved_bytes(?CAP_MSI) -> 24;
reserved_bytes(?CAP_MSIX) -> 12;
reserved_bytes(?CAP_EXPRESS) -> 60;
reserved_bytes(_) -> 2.

handle_cast(_Request, #state{devices = Devices, owners = Owners} = State) when
    is_map(Devices), is_map(Owners)
->
    {noreply, State}.

handle_info({'DOWN', Monitor, process, _, _}, #state{owners = Owners} = State) ->
    case [Address || {Address, #owner{monitor = M}} <- maps:to_list(Owners), M =:= Monitor] of
        [Address] -> {noreply, freed(Address, State)};
        [] -> {noreply, State}
    end;
handle_info({timeout, Timer, look}, #state{timer = Timer} = State) ->
    {noreply, (look(State))#state{timer = look_later()}};
%% What was known of the timer is spoilt: the next incarnation looks again.
handle_info({timeout, _, look}, #state{timer = Timer} = State) when not is_reference(Timer) ->
    {stop, timer_lost, State};
%% Its driver has ended at the wish of somebody at the slot.
handle_info({stopped, Address}, #state{} = State) ->
    {noreply, switch_off(Address, State)};
handle_info(_Message, #state{} = State) ->
    {noreply, State}.

terminate(_Reason, _State) ->
    ok.

%% The owner has ended, and what it had is here again. The device is told to stop before its
%% vectors and its DMA memory are given back.
freed(Address, #state{access = Access, devices = Devices, owners = Owners} = State) ->
    {#owner{lender = Lender, bars = Bars, lent = Lent}, Others} = maps:take(Address, Owners),
    Next = State#state{owners = Others},
    case Devices of
        #{Address := Device} ->
            quiet(Access, Device),
            release(Lent),
            Handles = State#state.handles,
            Here = [{Address, Bars} || Lender =:= self()],
            %% What an earlier incarnation has lent is free, and claimed again.
            kept(claim_all(Next#state{handles = maps:merge(Handles, maps:from_list(Here))}));
        _ ->
            release(Lent ++ maps:values(Bars)),
            kept(Next)
    end.

quiet(Access, #{address := Address} = Device) ->
    command(Access, Address, ?COMMAND_NO_LINE, ?COMMAND_MASTER),
    vbeam_pci_messages:disable(Access, Device),
    %% What it had written before has arrived when this read returns.
    _ = vbeam_pci_config:read(Access, Address, ?COMMAND, 16),
    ok.

release(Handles) ->
    _ = [catch vbeam_hw:release(Handle) || Handle <- Handles],
    ok.

%% ---- coming and going

look(State) ->
    Slots = [Device || #{slot := _} = Device <- maps:values(State#state.devices)],
    arrivals(departures(lists:foldl(fun look_at_slot/2, State, Slots))).

look_at_slot(#{address := Port} = Device, #state{access = Access} = State) ->
    case vbeam_pci_slots:look(Access, Device) of
        wants_out ->
            Below = [A || {A, #{parent := P}} <- maps:to_list(State#state.devices), P =:= Port],
            _ = [vbeam_pci_drivers:stop(State#state.drivers, A, {shutdown, removed}) || A <- Below],
            switched(Port, State#state{leaving = (State#state.leaving)#{Port => Below}});
        wants_in ->
            vbeam_pci_slots:power(Access, Device, on),
            State;
        _ ->
            State
    end.

%% A driver has ended.
switch_off(Address, #state{leaving = Leaving} = State) ->
    Left = maps:map(fun(_, Below) -> lists:delete(Address, Below) end, Leaving),
    lists:foldl(fun switched/2, State#state{leaving = Left}, maps:keys(Left)).

switched(Port, #state{leaving = Leaving, devices = Devices, access = Access} = State) ->
    case {Leaving, Devices} of
        {#{Port := []}, #{Port := Device}} ->
            vbeam_pci_slots:power(Access, Device, off),
            State#state{leaving = maps:remove(Port, Leaving)};
        _ ->
            State
    end.

%% What answers no more, and all that was below it.
departures(#state{access = Access, devices = Devices} = State) ->
    Gone = [A || {A, Device} <- maps:to_list(Devices), not vbeam_pci_scan:answers(Access, Device)],
    lists:foldl(fun removed/2, State, Gone).

removed(Address, #state{devices = Devices, handles = Handles} = State) ->
    say(Address, <<" has gone">>),
    vbeam_pci_drivers:stop(State#state.drivers, Address, {shutdown, removed}),
    release(maps:values(maps:get(Address, Handles, #{}))),
    kept(State#state{
        devices = maps:remove(Address, Devices),
        handles = maps:remove(Address, Handles)
    }).

arrivals(#state{access = Access, devices = Devices} = State) ->
    case vbeam_pci_scan:has_more(Access, Devices) of
        false ->
            State;
        true ->
            Found = vbeam_pci_scan:scan(Access, Devices),
            New = maps:keys(maps:without(maps:keys(Devices), Found)),
            Arrive = fun(Address, All) -> arrived(Access, Address, All) end,
            Placed = lists:foldl(Arrive, Found, New),
            Next = claim_all(kept(State#state{devices = Placed})),
            vbeam_pci_drivers:devices(Next#state.drivers, maps:values(maps:with(New, Placed))),
            Next
    end.

arrived(Access, Address, Devices) ->
    say(Address, <<" has come">>),
    #{Address := Device} = Devices,
    Devices#{Address := vbeam_pci_assign:place(Access, Device, Devices)}.

say(Address, What) ->
    vbeam_boot:phase([<<"pci: ">>, vbeam_pci_config:slot_text(Address), What]).
