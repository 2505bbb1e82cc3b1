%% Configuration space of PCI functions: as memory where the firmware says where (PCI Express Base
%% Specification, section 7.2.2), else by an address register and a window among the ports (PCI
%% Local Bus Specification 3.0, section 3.2.2.3). Only vbeam_pci has either; what is not there reads
%% as all ones. The numbers of the registers are in vbeam_pci.hrl.
-module(vbeam_pci_config).
-export([open/0, buses/1, is_extended/1, read/4, write/5]).
-export([slot_text/1]).
-export_type([access/0, address/0, bits/0]).

-define(PORTS, 16#cf8).
-define(ADDRESS, 0).
-define(DATA, 4).
-define(ENABLE, 16#80000000).
-define(FUNCTION_BYTES, 4096).

-type address() :: {Bus :: byte(), Device :: 0..31, Function :: 0..7}.
-type bits() :: 8 | 16 | 32.
%% A model is a module that answers instead of hardware: read(Model, Address, Offset, Bits) and
%% write(Model, Address, Offset, Bits, Value).
-type access() ::
    {memory, vbeam_hw:handle(), FirstBus :: byte(), LastBus :: byte()}
    | {ports, vbeam_hw:handle()}
    | none
    | {model, module(), Model :: term()}.

%% Claim configuration space; an error when another process has it. A host that lends no ports, as
%% Linux, has no buses.
-spec open() -> access().
open() ->
    %% The ports, too: they lead to the same registers.
    try vbeam_hw:claim_ports(?PORTS, 8) of
        Ports -> open(Ports)
    catch
        error:reserved -> none
    end.

open(Ports) ->
    case lists:keyfind(pci_express, 1, vbeam_hw:machine()) of
        {pci_express, {Base, First, Last}} ->
            Buses = Last - First + 1,
            Start = Base + (First bsl 20),
            try vbeam_hw:claim_memory(Start, Buses bsl 20) of
                Memory -> {memory, Memory, First, Last}
            catch
                %% The table may name what is no device memory.
                error:reserved -> {ports, Ports}
            end;
        false ->
            {ports, Ports}
    end.

-spec buses(access()) -> {First :: byte(), Last :: byte()}.
buses({memory, _, First, Last}) -> {First, Last};
buses(none) -> {0, 0};
buses(_) -> {0, 255}.

%% Whether the registers from 256 on can be reached.
-spec is_extended(access()) -> boolean().
is_extended({ports, _}) -> false;
is_extended(_) -> true.

%% Offset is a multiple of the access's width.
-spec read(access(), address(), Offset :: 0..4095, bits()) -> non_neg_integer().
read({memory, Memory, First, Last}, {Bus, _, _} = Address, Offset, Bits) when
    Bus >= First, Bus =< Last
->
    vbeam_hw:read(Memory, place(First, Address) + Offset, Bits);
read({ports, Ports}, Address, Offset, Bits) when Offset < 256 ->
    select(Ports, Address, Offset),
    vbeam_hw:in(Ports, ?DATA + Offset band 3, Bits);
read({model, Module, Model}, Address, Offset, Bits) ->
    Module:read(Model, Address, Offset, Bits);
read(Access, _, _, Bits) ->
    true = is_access(Access),
    1 bsl Bits - 1.

-spec write(access(), address(), Offset :: 0..4095, bits(), non_neg_integer()) -> ok.
write({memory, Memory, First, Last}, {Bus, _, _} = Address, Offset, Bits, Value) when
    Bus >= First, Bus =< Last
->
    ok = vbeam_hw:write(Memory, place(First, Address) + Offset, Bits, Value);
write({ports, Ports}, Address, Offset, Bits, Value) when Offset < 256 ->
    select(Ports, Address, Offset),
    ok = vbeam_hw:out(Ports, ?DATA + Offset band 3, Bits, Value);
write({model, Module, Model}, Address, Offset, Bits, Value) ->
    Module:write(Model, Address, Offset, Bits, Value);
write(Access, _, _, _, _) ->
    true = is_access(Access),
    ok.

%% Where nothing is, nothing answers; what leads nowhere at all is the fault of who asks, and must
%% not look as if all devices had gone.
is_access({memory, _, First, Last}) -> is_integer(First) andalso is_integer(Last);
is_access({ports, _}) -> true;
is_access(none) -> true;
is_access(_) -> false.

place(First, {Bus, Device, Function}) ->
    (((Bus - First) bsl 8) bor (Device bsl 3) bor Function) * ?FUNCTION_BYTES.

select(Ports, {Bus, Device, Function}, Offset) ->
    Place = (Bus bsl 16) bor (Device bsl 11) bor (Function bsl 8),
    ok = vbeam_hw:out(Ports, ?ADDRESS, 32, ?ENABLE bor Place bor (Offset band 16#fc)).

%% As lspci writes an address: 00:1f.3.
-spec slot_text(address()) -> string().
slot_text({Bus, Device, Function}) ->
    lists:flatten(io_lib:format("~2.16.0b:~2.16.0b.~b", [Bus, Device, Function])).
