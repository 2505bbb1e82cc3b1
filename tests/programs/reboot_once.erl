%% Reboots once: a byte of the real-time clock's memory, which a reset leaves alone, counts boots.
-module(reboot_once).
-export([main/0]).

-define(CMOS, 16#70).
-define(COUNTER, 16#60).
-define(MARK, 16#a5).

main() ->
    Cmos = vbeam_hw:claim_ports(?CMOS, 2),
    ok = vbeam_hw:out(Cmos, 0, 8, ?COUNTER),
    case vbeam_hw:in(Cmos, 1, 8) of
        ?MARK ->
            ok = vbeam_hw:out(Cmos, 1, 8, 0),
            io:format("second boot: ~p~n", [proplists:get_value(pci_express, vbeam_hw:machine())]),
            halt(7);
        _ ->
            ok = vbeam_hw:out(Cmos, 1, 8, ?MARK),
            io:format("first boot~n"),
            init:reboot()
    end,
    receive after infinity -> ok end.
