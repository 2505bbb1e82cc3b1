%% What functions there are on the PCI buses, and what their headers and lists of capabilities say.
%% Every bus is looked at once, lists are followed until they come back to where they were, and what
%% makes no sense is left out: hardware may be broken, and may vanish at any moment.
-module(vbeam_pci_scan).
-export([scan/2, has_more/2, answers/2, capability/2]).
-export_type([device/0, devices/0]).

-include("vbeam_pci.hrl").

%% A list in 192 bytes of registers, 4 bytes each, and one in 3,840.
-define(CAPABILITIES_MAX, 48).
-define(EXTENDED_MAX, 960).
%% Type and port of PCI Express capabilities: root port and downstream port have one device below.
-define(EXPRESS_FLAGS, 2).
-define(SLOT_IMPLEMENTED, 16#0100).

-type device() :: #{
    address := vbeam_pci_config:address(),
    parent := root | vbeam_pci_config:address(),
    vendor := char(), device := char(), subvendor := char(), subdevice := char(),
    class := byte(), subclass := byte(), prog_if := byte(), revision := byte(),
    header := function | bridge | cardbus | unknown,
    line := byte(), pin := byte(),
    registers := vbeam_pci_bars:registers(),
    bars := vbeam_pci_bars:bars(),
    capabilities := [{Id :: byte(), Offset :: byte()}],
    extended := [{Id :: char(), Version :: 0..15, Offset :: 256..4095}],
    %% Of bridges: the buses below, or why there are none.
    buses => {Secondary :: byte(), Subordinate :: byte()} | {bad, byte(), byte()},
    %% Of PCI Express ports with a slot.
    slot => Offset :: byte()
}.
-type devices() :: #{vbeam_pci_config:address() => device()}.

%% All functions. Known: what was found before, whose sizes are taken over.
-spec scan(vbeam_pci_config:access(), devices()) -> devices().
scan(Access, Known) ->
    {First, _} = vbeam_pci_config:buses(Access),
    buses(Access, [{First, root}], #{First => true}, Known, #{}).

buses(_Access, [], _Seen, _Known, Found) ->
    Found;
buses(Access, [{Bus, Parent} | Buses], Seen, Known, Found) ->
    Functions = [
        function(Access, Address, Parent, Known)
     || Device <- devices_below(Parent, Found), Address <- functions(Access, Bus, Device)
    ],
    Devices = [Function || #{} = Function <- Functions],
    Below = lists:usort([
        {Secondary, Address}
     || #{address := Address, buses := {Secondary, _}} <- Devices, not is_map_key(Secondary, Seen)
    ]),
    %% Two bridges may claim the same bus: the first one has it.
    {New, Seen1} = lists:foldl(
        fun({Secondary, _} = Next, {Some, Before}) ->
            case is_map_key(Secondary, Before) of
                true -> {Some, Before};
                false -> {[Next | Some], Before#{Secondary => true}}
            end
        end,
        {[], Seen},
        Below
    ),
    Found1 = lists:foldl(fun(#{address := A} = D, All) -> All#{A => D} end, Found, Devices),
    buses(Access, Buses ++ lists:reverse(New), Seen1, Known, Found1).

%% Whether there are functions that are not known, as far as function 0 of each device tells.
-spec has_more(vbeam_pci_config:access(), devices()) -> boolean().
has_more(Access, Known) ->
    {First, _} = vbeam_pci_config:buses(Access),
    Below = [{Bus, A} || #{address := A, buses := {Bus, _}} <- maps:values(Known)],
    lists:any(
        fun({Bus, Parent}) ->
            lists:any(
                fun(Device) ->
                    Address = {Bus, Device, 0},
                    not is_map_key(Address, Known) andalso is_there(Access, Address)
                end,
                devices_below(Parent, Known)
            )
        end,
        [{First, root} | Below]
    ).

%% A PCI Express port leads to one device.
devices_below(root, _Found) -> lists:seq(0, 31);
devices_below(Parent, Found) ->
    case Found of
        #{Parent := #{slot := _}} -> [0];
        _ -> lists:seq(0, 31)
    end.

functions(Access, Bus, Device) ->
    case is_there(Access, {Bus, Device, 0}) of
        false ->
            [];
        true ->
            Type = vbeam_pci_config:read(Access, {Bus, Device, 0}, ?HEADER_TYPE, 8),
            Last =
                case Type band ?HEADER_MULTI_FUNCTION of
                    0 -> 0;
                    _ -> 7
                end,
            [
                {Bus, Device, Function}
             || Function <- lists:seq(0, Last),
                Function =:= 0 orelse is_there(Access, {Bus, Device, Function})
            ]
    end.

%% All ones is what nobody answers; some bridges give zeros.
is_there(Access, Address) ->
    Vendor = vbeam_pci_config:read(Access, Address, ?VENDOR, 16),
    Vendor =/= 16#ffff andalso Vendor =/= 0.

%% Whether the device that was found there is still the one there.
-spec answers(vbeam_pci_config:access(), device()) -> boolean().
answers(Access, #{address := Address, vendor := Vendor, device := Device}) ->
    vbeam_pci_config:read(Access, Address, ?VENDOR, 32) =:= (Device bsl 16) bor Vendor.

%% One function; `none` when it has gone meanwhile.
function(Access, Address, Parent, Known) ->
    Read = fun(Offset, Bits) -> vbeam_pci_config:read(Access, Address, Offset, Bits) end,
    Device = #{
        address => Address,
        parent => Parent,
        vendor => Read(?VENDOR, 16),
        device => Read(?DEVICE, 16),
        class => Read(?CLASS, 8),
        subclass => Read(?SUBCLASS, 8),
        prog_if => Read(?PROG_IF, 8),
        revision => Read(?REVISION, 8),
        header => header(Read(?HEADER_TYPE, 8)),
        line => Read(?INTERRUPT_LINE, 8),
        pin => Read(?INTERRUPT_PIN, 8),
        capabilities => capabilities(Read)
    },
    Extended = extended(Access, Read),
    Whole = with_bars(Access, add_header(Read, Device#{extended => Extended}), Known),
    case answers(Access, Whole) of
        true -> Whole;
        false -> none
    end.

header(Type) ->
    case Type band (bnot ?HEADER_MULTI_FUNCTION) of
        0 -> function;
        1 -> bridge;
        2 -> cardbus;
        _ -> unknown
    end.

add_header(Read, #{header := function} = Device) ->
    Device#{subvendor => Read(?SUBSYSTEM_VENDOR, 16), subdevice => Read(?SUBSYSTEM, 16)};
add_header(Read, #{header := bridge, address := {Bus, _, _}} = Device) ->
    Secondary = Read(?SECONDARY_BUS, 8),
    Subordinate = Read(?SUBORDINATE_BUS, 8),
    Buses =
        case Secondary > Bus andalso Subordinate >= Secondary of
            true -> {Secondary, Subordinate};
            false -> {bad, Secondary, Subordinate}
        end,
    add_slot(Read, Device#{subvendor => 0, subdevice => 0, buses => Buses});
add_header(_Read, Device) ->
    Device#{subvendor => 0, subdevice => 0}.

add_slot(Read, Device) ->
    case capability(?CAP_EXPRESS, Device) of
        none ->
            Device;
        Offset ->
            case Read(Offset + ?EXPRESS_FLAGS, 16) band ?SLOT_IMPLEMENTED of
                0 -> Device;
                _ -> Device#{slot => Offset}
            end
    end.

%% Host bridges are not touched: memory may go through them. Nor is what has an unknown header.
with_bars(Access, #{address := Address, class := Class, subclass := Subclass} = Device, Known) ->
    Count =
        case Device of
            _ when Class =:= ?CLASS_BRIDGE, Subclass =:= 0 -> 0;
            #{header := function} -> 6;
            #{header := bridge} -> 2;
            _ -> 0
        end,
    {Registers, Bars} =
        vbeam_pci_bars:read_all(Access, Address, Count, before(Device, Known)),
    Device#{registers => Registers, bars => Bars}.

before(#{address := Address, vendor := Vendor, device := Id, revision := Revision}, Known) ->
    case Known of
        #{Address := #{vendor := Vendor, device := Id, revision := Revision} = Before} ->
            #{registers := Registers, bars := Bars} = Before,
            {Registers, Bars};
        _ ->
            {none, #{}}
    end.

%% The offset of a capability of a function.
-spec capability(Id :: byte(), device()) -> Offset :: byte() | none.
capability(Id, #{capabilities := Capabilities}) ->
    case lists:keyfind(Id, 1, Capabilities) of
        {Id, Offset} -> Offset;
        false -> none
    end.

capabilities(Read) ->
    Status = Read(?STATUS, 16),
    case Status band ?STATUS_CAPABILITIES =/= 0 andalso Status =/= 16#ffff of
        true -> chain(Read, Read(?CAPABILITIES, 8) band 16#fc, ?CAPABILITIES_MAX, []);
        false -> []
    end.

chain(Read, Offset, Left, Found) when Offset >= ?HEADER_END, Left > 0 ->
    case {Read(Offset, 8), lists:keymember(Offset, 2, Found)} of
        {_, true} -> lists:reverse(Found);
        {16#ff, _} -> lists:reverse(Found);
        {Id, _} -> chain(Read, Read(Offset + 1, 8) band 16#fc, Left - 1, [{Id, Offset} | Found])
    end;
chain(_Read, _Offset, _Left, Found) ->
    lists:reverse(Found).

extended(Access, Read) ->
    case vbeam_pci_config:is_extended(Access) of
        true -> extended_chain(Read, ?EXTENDED, ?EXTENDED_MAX, #{}, []);
        false -> []
    end.

extended_chain(Read, Offset, Left, Seen, Found) when
    Offset >= ?EXTENDED, Left > 0, not is_map_key(Offset, Seen)
->
    case Read(Offset, 32) of
        0 ->
            lists:reverse(Found);
        16#ffffffff ->
            lists:reverse(Found);
        Head ->
            Next = (Head bsr 20) band 16#ffc,
            Entry = {Head band 16#ffff, (Head bsr 16) band 15, Offset},
            extended_chain(Read, Next, Left - 1, Seen#{Offset => true}, [Entry | Found])
    end;
extended_chain(_Read, _Offset, _Left, _Seen, Found) ->
    lists:reverse(Found).
