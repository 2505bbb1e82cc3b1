%% Addresses for a function that came while the system was running, which firmware has given none:
%% places within the windows of the bridge above it that no other function has. PCI-to-PCI Bridge
%% Architecture Specification 1.2, section 3.2.5. What finds no place keeps base 0 and is not used.
-module(vbeam_pci_assign).
-export([place/3]).

-include("vbeam_pci.hrl").

-type range() :: {First :: non_neg_integer(), End :: non_neg_integer()}.

%% The function with its new places. It decodes nothing before its driver claims it.
-spec place(vbeam_pci_config:access(), vbeam_pci_scan:device(), vbeam_pci_scan:devices()) ->
    vbeam_pci_scan:device().
place(Access, #{bars := Bars} = Device, Devices) ->
    %% The largest first: their places are the rarest.
    Missing = lists:reverse(
        lists:sort([
            {Bytes, Index}
         || {Index, #{base := 0, bytes := Bytes}} <- maps:to_list(Bars), Bytes > 0
        ])
    ),
    lists:foldl(fun({_, Index}, D) -> place_one(Access, Index, D, Devices) end, Device, Missing).

place_one(Access, Index, #{address := Address, bars := Bars} = Device, Devices) ->
    #{Index := #{kind := Kind, bytes := Bytes} = Bar} = Bars,
    Taken = lists:sort(ranges(Kind, maps:values(Devices#{Address => Device}))),
    case room(Bytes, Taken, window(Access, Kind, Device)) of
        none ->
            Device;
        Base ->
            New = Bar#{base => Base},
            Written = vbeam_pci_bars:place(Access, Address, Index, New),
            #{registers := Registers} = Device,
            Device#{
                bars => Bars#{Index => New},
                registers => lists:ukeymerge(1, lists:sort(Written), Registers)
            }
    end.

-spec ranges(memory | ports, [vbeam_pci_scan:device()]) -> [range()].
ranges(Kind, Devices) ->
    [
        {Base, Base + Bytes}
     || #{bars := Bars} <- Devices,
        #{kind := K, base := Base, bytes := Bytes} <- maps:values(Bars),
        K =:= Kind,
        Base > 0
    ].

%% What the bridge above lets through; nothing is known of the root's.
-spec window(vbeam_pci_config:access(), memory | ports, vbeam_pci_scan:device()) -> range() | none.
window(_Access, _Kind, #{parent := root}) ->
    none;
window(Access, memory, #{parent := Bridge}) ->
    Read = fun(Offset) -> vbeam_pci_config:read(Access, Bridge, Offset, 16) band 16#fff0 end,
    open({Read(?MEMORY_BASE) bsl 16, (Read(?MEMORY_LIMIT) bsl 16) + 16#100000});
window(Access, ports, #{parent := Bridge}) ->
    Read = fun(Offset) -> vbeam_pci_config:read(Access, Bridge, Offset, 8) band 16#f0 end,
    open({Read(?IO_BASE) bsl 8, (Read(?IO_LIMIT) bsl 8) + 16#1000}).

%% A limit below the base closes a window; there are no devices at 0.
open({First, End}) when First > 0, End > First -> {First, End};
open(_) -> none.

room(_Bytes, _Taken, none) ->
    none;
room(Bytes, Taken, {First, End}) ->
    Base = (First + Bytes - 1) band bnot (Bytes - 1),
    case Base + Bytes =< End of
        false ->
            none;
        true ->
            case [E || {F, E} <- Taken, F < Base + Bytes, E > Base] of
                [] -> Base;
                Ends -> room(Bytes, Taken, {lists:max(Ends), End})
            end
    end.
