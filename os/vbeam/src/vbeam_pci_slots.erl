%% Slots of PCI Express ports: a button that asks for a device to go or to come, power, and whether
%% something is there. PCI Express Base Specification, sections 6.7 and 7.8.9 to 7.8.11. Nothing
%% waits here: vbeam_pci looks every second.
-module(vbeam_pci_slots).
-export([look/2, power/3]).

-define(CAPABILITIES, 16#14).
-define(CAN_POWER, 16#02).
-define(CONTROL, 16#18).
-define(POWER_OFF, 16#0400).
-define(INDICATOR_MASK, 16#0300).
-define(INDICATOR_ON, 16#0100).
-define(INDICATOR_OFF, 16#0300).
-define(STATUS, 16#1a).
-define(BUTTON, 16#01).
-define(FAULT, 16#02).
-define(PRESENCE_CHANGED, 16#08).
-define(PRESENT, 16#40).
%% Writing ones clears.
-define(EVENTS, 16#1f).

%% What somebody at the slot wants, or what happened there. Events are told once.
-spec look(vbeam_pci_config:access(), vbeam_pci_scan:device()) ->
    wants_out | wants_in | changed | none.
look(Access, #{address := Address, slot := Slot}) ->
    Status = vbeam_pci_config:read(Access, Address, Slot + ?STATUS, 16),
    Control = vbeam_pci_config:read(Access, Address, Slot + ?CONTROL, 16),
    case Status of
        16#ffff ->
            none;
        _ when Status band (?BUTTON bor ?PRESENCE_CHANGED bor ?FAULT) =:= 0 ->
            none;
        _ ->
            vbeam_pci_config:write(Access, Address, Slot + ?STATUS, 16, Status band ?EVENTS),
            event(Status, Control band ?POWER_OFF)
    end.

event(Status, ?POWER_OFF) when Status band ?PRESENT =/= 0 -> wants_in;
event(Status, 0) when Status band ?BUTTON =/= 0, Status band ?PRESENT =/= 0 -> wants_out;
event(_Status, _) -> changed.

%% Power and its light.
-spec power(vbeam_pci_config:access(), vbeam_pci_scan:device(), on | off) -> ok.
power(Access, #{address := Address, slot := Slot}, Power) ->
    Able = vbeam_pci_config:read(Access, Address, Slot + ?CAPABILITIES, 32) band ?CAN_POWER =/= 0,
    Before = vbeam_pci_config:read(Access, Address, Slot + ?CONTROL, 16),
    Lit = Before band bnot ?INDICATOR_MASK,
    Control =
        case {Power, Able} of
            {on, true} -> (Lit bor ?INDICATOR_ON) band bnot ?POWER_OFF;
            {on, false} -> Lit bor ?INDICATOR_ON;
            {off, true} -> Lit bor ?INDICATOR_OFF bor ?POWER_OFF;
            {off, false} -> Lit bor ?INDICATOR_OFF
        end,
    vbeam_pci_config:write(Access, Address, Slot + ?CONTROL, 16, Control).
