%% What is on the PCI buses, for people: a line for each function as lspci prints it, with what it
%% claims and who drives it. Names are those of the vendors and devices of machines that the system
%% was tried on; of others there are only the numbers.
-module(vbeam_pci_names).
-export([print/1, line/1]).

-define(VENDORS, #{
    16#1234 => "QEMU", 16#1af4 => "Red Hat", 16#1b36 => "Red Hat", 16#8086 => "Intel"
}).
-define(DEVICES, #{
    {16#1234, 16#1111} => "standard VGA",
    {16#1234, 16#11e8} => "edu",
    {16#1af4, 16#1000} => "virtio network",
    {16#1af4, 16#1001} => "virtio block",
    {16#1af4, 16#1005} => "virtio random numbers",
    {16#1af4, 16#1041} => "virtio network",
    {16#1af4, 16#1042} => "virtio block",
    {16#1af4, 16#1044} => "virtio random numbers",
    {16#1b36, 16#0001} => "PCI bridge",
    {16#1b36, 16#0005} => "test device",
    {16#1b36, 16#000c} => "PCI Express root port",
    {16#1b36, 16#0010} => "NVMe controller",
    {16#8086, 16#100e} => "82540EM Gigabit Ethernet",
    {16#8086, 16#10d3} => "82574L Gigabit Ethernet",
    {16#8086, 16#1237} => "440FX host bridge",
    {16#8086, 16#25ab} => "6300ESB watchdog",
    {16#8086, 16#2918} => "ICH9 LPC bridge",
    {16#8086, 16#2922} => "ICH9 SATA AHCI controller",
    {16#8086, 16#2930} => "ICH9 SMBus controller",
    {16#8086, 16#29c0} => "82G33/Q35 host bridge",
    {16#8086, 16#7000} => "PIIX3 ISA bridge",
    {16#8086, 16#7010} => "PIIX3 IDE controller",
    {16#8086, 16#7113} => "PIIX4 power management"
}).
%% PCI Code and ID Assignment Specification, section 1.
-define(CLASSES, #{
    {1, 1} => "IDE controller",
    {1, 6} => "SATA controller",
    {1, 8} => "non-volatile memory controller",
    {2, 0} => "Ethernet controller",
    {3, 0} => "VGA controller",
    {6, 0} => "host bridge",
    {6, 1} => "ISA bridge",
    {6, 4} => "PCI bridge",
    {6, 16#80} => "bridge",
    {8, 16#80} => "system peripheral",
    {16#0c, 3} => "USB controller",
    {16#0c, 5} => "SMBus",
    {16#ff, 0} => "unassigned class"
}).
-define(CAPABILITIES, #{
    1 => "power management", 5 => "MSI", 9 => "vendor's", 16#0d => "subsystem",
    16#10 => "PCI Express", 16#11 => "MSI-X", 16#12 => "SATA", 16#13 => "advanced features"
}).

-spec print([{vbeam_pci_scan:device(), Driver :: atom()}]) -> ok.
print(Devices) ->
    lists:foreach(
        fun({Device, Driver}) ->
            io:format("~ts~n", [line(Device)]),
            [io:format("        ~ts~n", [More]) || More <- more(Device, Driver)]
        end,
        Devices
    ).

%% 00:1f.0 ISA bridge: Intel ICH9 LPC bridge [8086:2918] (rev 02)
-spec line(vbeam_pci_scan:device()) -> string().
line(#{address := Address, vendor := Vendor, device := Id, revision := Revision} = Device) ->
    #{class := Class, subclass := Subclass} = Device,
    Kind = maps:get({Class, Subclass}, ?CLASSES, text("class ~2.16.0b~2.16.0b", [Class, Subclass])),
    Names = [
        Name
     || Name <- [maps:get(Vendor, ?VENDORS, ""), maps:get({Vendor, Id}, ?DEVICES, "")], Name =/= ""
    ],
    Ids = text("[~4.16.0b:~4.16.0b]", [Vendor, Id]),
    Rev = [text("(rev ~2.16.0b)", [Revision]) || Revision > 0],
    text("~s ~s: ~s", [
        vbeam_pci_config:slot_text(Address), Kind, lists:join($\s, Names ++ [Ids] ++ Rev)
    ]).

more(#{bars := Bars, capabilities := Capabilities} = Device, Driver) ->
    [text("driver: ~p", [Driver]) || Driver =/= none] ++
        buses(Device) ++
        [bar(Index, Bar) || {Index, Bar} <- lists:sort(maps:to_list(Bars))] ++
        [
            "capabilities: " ++ lists:append(lists:join(", ", [capability(C) || C <- Capabilities]))
         || Capabilities =/= []
        ].

buses(#{buses := {bad, Secondary, Subordinate}}) ->
    [text("leads to no bus: it says ~b to ~b", [Secondary, Subordinate])];
buses(#{buses := {Secondary, Subordinate}}) ->
    [text("leads to buses ~2.16.0b to ~2.16.0b", [Secondary, Subordinate])];
buses(_) ->
    [].

bar(Index, #{bytes := 0}) ->
    text("~b: makes no sense", [Index]);
bar(Index, #{kind := ports, base := Base, bytes := Bytes}) ->
    text("~b: ports at ~4.16.0b, ~b", [Index, Base, Bytes]);
bar(Index, #{base := Base, bytes := Bytes, width := Width, prefetchable := Prefetchable}) ->
    Kind =
        case Prefetchable of
            true -> ", prefetchable";
            false -> ""
        end,
    text("~b: memory at ~8.16.0b, ~s (~b bits~s)", [Index, Base, amount(Bytes), Width, Kind]).

amount(Bytes) when Bytes >= 1 bsl 20 -> text("~b MiB", [Bytes bsr 20]);
amount(Bytes) when Bytes >= 1 bsl 10 -> text("~b KiB", [Bytes bsr 10]);
amount(Bytes) -> text("~b bytes", [Bytes]).

capability({Id, _Offset}) ->
    maps:get(Id, ?CAPABILITIES, text("~2.16.0b", [Id])).

text(Format, Arguments) ->
    lists:flatten(io_lib:format(Format, Arguments)).
