%% Base address registers: where a function's ports and memory are, and how much of them there is.
%% PCI Local Bus Specification 3.0, section 6.2.5.1. The size is what reads back after all ones were
%% written; the function decodes nothing meanwhile. What the registers held is noted by vbeam_keeper
%% before, so that whoever comes after an interrupted sizing can put it back.
-module(vbeam_pci_bars).
-export([read_all/4, finish_sizing/1, place/4]).
-export_type([bar/0, bars/0, registers/0]).

-include("vbeam_pci.hrl").

-type bar() :: #{
    kind := memory | ports,
    base := non_neg_integer(),
    %% 0: the register makes no sense.
    bytes := non_neg_integer(),
    width := 32 | 64,
    prefetchable := boolean()
}.
-type bars() :: #{Index :: 0..5 => bar()}.
-type registers() :: [{Index :: 0..5, Value :: non_neg_integer()}].

%% The registers of a function that has Count of them, and what they mean. Nothing is written when
%% the registers hold what they held before: the device may be in use, and its sizes are known.
-spec read_all(
    vbeam_pci_config:access(), vbeam_pci_config:address(), Count :: 0..6, Before
) -> Before when Before :: {registers(), bars()}.
read_all(Access, Address, Count, {Known, _} = Before) ->
    case [{Index, register(Access, Address, Index)} || Index <- lists:seq(0, Count - 1)] of
        [] -> {[], #{}};
        Known -> Before;
        Registers -> {Registers, decode(Registers, masks(Access, Address, Registers), #{})}
    end.

masks(Access, Address, Registers) ->
    Command = vbeam_pci_config:read(Access, Address, ?COMMAND, 16),
    vbeam_keeper:put(vbeam_pci, sizing, {Address, Command, Registers}),
    Quiet = Command band bnot (?COMMAND_PORTS bor ?COMMAND_MEMORY),
    vbeam_pci_config:write(Access, Address, ?COMMAND, 16, Quiet),
    Masks = [
        begin
            set_register(Access, Address, Index, 16#ffffffff),
            Mask = register(Access, Address, Index),
            set_register(Access, Address, Index, Value),
            {Index, Mask}
        end
     || {Index, Value} <- Registers
    ],
    finish_sizing(Access),
    Masks.

%% Put back what an interrupted sizing has changed.
-spec finish_sizing(vbeam_pci_config:access()) -> ok.
finish_sizing(Access) ->
    case vbeam_keeper:get(vbeam_pci, sizing, none) of
        none ->
            ok;
        {Address, Command, Registers} ->
            _ = [set_register(Access, Address, Index, Value) || {Index, Value} <- Registers],
            vbeam_pci_config:write(Access, Address, ?COMMAND, 16, Command),
            vbeam_keeper:put(vbeam_pci, sizing, none)
    end.

register(Access, Address, Index) ->
    vbeam_pci_config:read(Access, Address, ?BAR0 + 4 * Index, 32).

set_register(Access, Address, Index, Value) ->
    vbeam_pci_config:write(Access, Address, ?BAR0 + 4 * Index, 32, Value).

kind(Value) when Value band 1 =:= 1 -> {ports, 32, false};
kind(Value) ->
    Prefetchable = Value band 8 =/= 0,
    case Value band 6 of
        0 -> {memory, 32, Prefetchable};
        %% Below 1 MiB, in devices from before 1998.
        2 -> {memory, 32, Prefetchable};
        4 -> {memory, 64, Prefetchable};
        6 -> bad
    end.

decode([], [], Bars) ->
    Bars;
decode([_ | Values], [{_, 0} | Masks], Bars) ->
    decode(Values, Masks, Bars);
decode([{Index, Value} | Values], [{Index, Mask} | Masks], Bars) ->
    case {kind(Mask), Values, Masks} of
        {{ports, _, _}, _, _} ->
            %% The upper half may be missing.
            Bytes = bytes((Mask bor 16#ffff0000) band bnot 3, 16#ffffffff),
            Base = Value band 16#fffffffc,
            decode(Values, Masks, Bars#{Index => bar(ports, Base, Bytes, 32, false)});
        {{memory, 32, Prefetchable}, _, _} ->
            Bytes = bytes(Mask band 16#fffffff0, 16#ffffffff),
            Base = Value band 16#fffffff0,
            decode(Values, Masks, Bars#{Index => bar(memory, Base, Bytes, 32, Prefetchable)});
        {{memory, 64, Prefetchable}, [{_, High} | Rest], [{_, HighMask} | RestMasks]} ->
            Whole = (HighMask bsl 32) bor (Mask band 16#fffffff0),
            Bytes = bytes(Whole, 16#ffffffffffffffff),
            Base = (High bsl 32) bor (Value band 16#fffffff0),
            decode(Rest, RestMasks, Bars#{Index => bar(memory, Base, Bytes, 64, Prefetchable)});
        %% 64 bits in the last register, or no kind at all.
        _ ->
            decode(Values, Masks, Bars#{Index => bar(memory, Value, 0, 32, false)})
    end.

bar(Kind, Base, Bytes, Width, Prefetchable) ->
    #{kind => Kind, base => Base, bytes => Bytes, width => Width, prefetchable => Prefetchable}.

%% The writable bits are the upper ones, without a gap; anything else is no register.
bytes(Mask, All) ->
    Bytes = (All bxor Mask) + 1,
    case Mask =/= 0 andalso Bytes band (Bytes - 1) =:= 0 of
        true -> Bytes;
        false -> 0
    end.

%% Write a new place into a register; the function decodes nothing yet. What it reads as then.
-spec place(vbeam_pci_config:access(), vbeam_pci_config:address(), 0..5, bar()) -> registers().
place(Access, Address, Index, #{base := Base, width := Width}) ->
    Halves =
        case Width of
            32 -> [{Index, Base}];
            64 -> [{Index, Base band 16#ffffffff}, {Index + 1, Base bsr 32}]
        end,
    [
        begin
            set_register(Access, Address, Register, Value),
            {Register, register(Access, Address, Register)}
        end
     || {Register, Value} <- Halves
    ].
