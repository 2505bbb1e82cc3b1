%% Interrupts that a function sends as messages: MSI and MSI-X (PCI Local Bus Specification 3.0,
%% section 6.8). vbeam_pci programs what lies in configuration space; the table of MSI-X lies in the
%% function's own memory, where its driver writes it.
-module(vbeam_pci_messages).
-export([kind/1, count_max/3, program/5, table/3, enable/3, disable/2]).
-export([write_table/2, mask_entry/3, mask_bit/4]).
-export_type([kind/0, table/0]).

-include("vbeam_pci.hrl").

-define(CONTROL, 2).

-define(MSI_ENABLE, 16#0001).
-define(MSI_CAPABLE_SHIFT, 1).
-define(MSI_ENABLED_SHIFT, 4).
-define(MSI_ENABLED_MASK, 16#0070).
-define(MSI_64, 16#0080).
-define(MSI_MASKABLE, 16#0100).
-define(MSI_ADDRESS, 4).

-define(MSIX_ENABLE, 16#8000).
-define(MSIX_MASK_ALL, 16#4000).
-define(MSIX_SIZE_MASK, 16#07ff).
-define(MSIX_TABLE, 4).
-define(MSIX_ENTRY_BYTES, 16).
-define(MSIX_MASKED, 1).

-type kind() :: msi | msix.
%% Where the table is: base address register, offset, entries.
-type table() :: {Index :: 0..7, Offset :: non_neg_integer(), Entries :: 1..2048}.

%% MSI-X where a function has it: each of its vectors can be masked.
-spec kind(vbeam_pci_scan:device()) -> kind() | none.
kind(Device) ->
    case {capability(msix, Device), capability(msi, Device)} of
        {none, none} -> none;
        {none, _} -> msi;
        {_, _} -> msix
    end.

capability(msi, Device) -> vbeam_pci_scan:capability(?CAP_MSI, Device);
capability(msix, Device) -> vbeam_pci_scan:capability(?CAP_MSIX, Device).

control(Access, #{address := Address}, Capability) ->
    vbeam_pci_config:read(Access, Address, Capability + ?CONTROL, 16).

set_control(Access, #{address := Address}, Capability, Value) ->
    vbeam_pci_config:write(Access, Address, Capability + ?CONTROL, 16, Value).

%% How many messages a function can tell apart.
-spec count_max(vbeam_pci_config:access(), vbeam_pci_scan:device(), kind()) -> pos_integer().
count_max(Access, Device, msi) ->
    Control = control(Access, Device, capability(msi, Device)),
    1 bsl min(5, (Control bsr ?MSI_CAPABLE_SHIFT) band 7);
count_max(Access, Device, msix) ->
    1 + control(Access, Device, capability(msix, Device)) band ?MSIX_SIZE_MASK.

%% Address, data and number of the messages; nothing is sent yet. MSI: Count is a power of two.
-spec program(vbeam_pci_config:access(), vbeam_pci_scan:device(), kind(), Count, {Address, Data}) ->
    ok
when
    Count :: pos_integer(), Address :: non_neg_integer(), Data :: non_neg_integer().
program(Access, #{address := Function} = Device, msi, Count, {Address, Data}) ->
    At = capability(msi, Device),
    Control = control(Access, Device, At) band bnot (?MSI_ENABLE bor ?MSI_ENABLED_MASK),
    Write = fun(Offset, Bits, Value) ->
        vbeam_pci_config:write(Access, Function, At + Offset, Bits, Value)
    end,
    set_control(Access, Device, At, Control bor (log2(Count) bsl ?MSI_ENABLED_SHIFT)),
    Write(?MSI_ADDRESS, 32, Address),
    case Control band ?MSI_64 of
        0 ->
            Write(?MSI_ADDRESS + 4, 16, Data);
        _ ->
            Write(?MSI_ADDRESS + 4, 32, 0),
            Write(?MSI_ADDRESS + 8, 16, Data)
    end;
program(Access, Device, msix, _Count, _Message) ->
    At = capability(msix, Device),
    Control = control(Access, Device, At),
    set_control(Access, Device, At, Control bor ?MSIX_ENABLE bor ?MSIX_MASK_ALL).

%% Where the table of MSI-X is.
-spec table(vbeam_pci_config:access(), vbeam_pci_scan:device(), kind()) -> none | table().
table(_Access, _Device, msi) ->
    none;
table(Access, #{address := Function} = Device, msix) ->
    At = capability(msix, Device),
    Table = vbeam_pci_config:read(Access, Function, At + ?MSIX_TABLE, 32),
    Control = control(Access, Device, At),
    {Table band 7, Table band bnot 7, 1 + Control band ?MSIX_SIZE_MASK}.

log2(1) -> 0;
log2(Count) -> 1 + log2(Count bsr 1).

-spec enable(vbeam_pci_config:access(), vbeam_pci_scan:device(), kind()) -> ok.
enable(Access, Device, msi) ->
    At = capability(msi, Device),
    set_control(Access, Device, At, control(Access, Device, At) bor ?MSI_ENABLE);
enable(Access, Device, msix) ->
    At = capability(msix, Device),
    Control = control(Access, Device, At) band bnot ?MSIX_MASK_ALL,
    set_control(Access, Device, At, Control bor ?MSIX_ENABLE).

%% Whatever was enabled sends nothing any more.
-spec disable(vbeam_pci_config:access(), vbeam_pci_scan:device()) -> ok.
disable(Access, Device) ->
    _ = [
        set_control(Access, Device, At, control(Access, Device, At) band bnot Enable)
     || {Kind, Enable} <- [{msi, ?MSI_ENABLE}, {msix, ?MSIX_ENABLE}],
        At <- [capability(Kind, Device)],
        At =/= none
    ],
    ok.

%% One of MSI's messages, where the function can mask them.
-spec mask_bit(vbeam_pci_config:access(), vbeam_pci_scan:device(), Index :: 0..31, boolean()) ->
    ok | {error, not_maskable}.
mask_bit(Access, #{address := Function} = Device, Index, Masked) ->
    At = capability(msi, Device),
    Control = control(Access, Device, At),
    case Control band ?MSI_MASKABLE of
        0 ->
            {error, not_maskable};
        _ ->
            Place =
                case Control band ?MSI_64 of
                    0 -> At + ?MSI_ADDRESS + 8;
                    _ -> At + ?MSI_ADDRESS + 12
                end,
            Before = vbeam_pci_config:read(Access, Function, Place, 32),
            vbeam_pci_config:write(Access, Function, Place, 32, set_bit(Before, Index, Masked))
    end.

set_bit(Value, Index, true) -> Value bor (1 bsl Index);
set_bit(Value, Index, false) -> Value band bnot (1 bsl Index).

%% ---- in the driver's process

%% The first entries of the table get a message each, the others stay masked.
-spec write_table(vbeam_hw:handle(), Plan) -> ok when
    Plan :: #{table := table(), address := non_neg_integer(), vectors := [byte()], _ => _}.
write_table(Memory, #{table := {_, Offset, Entries}, address := Address, vectors := Vectors}) ->
    _ = [
        entry(Memory, Offset + ?MSIX_ENTRY_BYTES * Index, Address, Vector, 0)
     || {Index, Vector} <- lists:zip(lists:seq(0, length(Vectors) - 1), Vectors)
    ],
    _ = [
        entry(Memory, Offset + ?MSIX_ENTRY_BYTES * Index, 0, 0, ?MSIX_MASKED)
     || Index <- lists:seq(length(Vectors), Entries - 1)
    ],
    ok.

entry(Memory, At, Address, Data, Control) ->
    Words = [{12, ?MSIX_MASKED}, {0, Address}, {4, 0}, {8, Data}, {12, Control}],
    _ = [vbeam_hw:write(Memory, At + Place, 32, Value) || {Place, Value} <- Words],
    ok.

-spec mask_entry(vbeam_hw:handle(), {table(), Index :: non_neg_integer()}, boolean()) -> ok.
mask_entry(Memory, {{_, Offset, _}, Index}, Masked) ->
    Control =
        case Masked of
            true -> ?MSIX_MASKED;
            false -> 0
        end,
    vbeam_hw:write(Memory, Offset + ?MSIX_ENTRY_BYTES * Index + 12, 32, Control).
