%% The PC's devices as a driver reaches them: through handles of vbeam_hw. At the end nobody feeds
%% the watchdog; the boot after the reset says so.
-module(pc_devices).
-export([main/0]).

-define(HPET, 16#fed00000).
-define(RTC, 16#70).
-define(PM_TIMER, 16#608).
-define(TCO, 16#660).
%% The chipset's GCS; bit 5 is NO_REBOOT.
-define(GCS, 16#fed1f410).
%% Configuration space of device 1.
-define(DEVICE_1, 16#b0008000).

main() ->
    Tco = vbeam_hw:claim_ports(?TCO, 32),
    case vbeam_hw:in(Tco, 6, 16) of
        0 ->
            hpet(),
            clock(),
            pm_timer(),
            pci(),
            watchdog(Tco);
        Status ->
            erlang:display({second_boot, Status band 2}),
            ok = vbeam_hw:out(Tco, 6, 16, Status),
            erlang:display({cleared, vbeam_hw:in(Tco, 6, 16)})
    end.

hpet() ->
    Hpet = vbeam_hw:claim_memory(?HPET, 1024),
    {Interrupt, Vector} = vbeam_hw:claim_interrupt(17),
    erlang:display({hpet_period, vbeam_hw:read(Hpet, 4, 32)}),
    ok = vbeam_hw:write(Hpet, 16#10, 32, 1),
    %% Timer 1, level-triggered, on line 17.
    ok = vbeam_hw:write(Hpet, 16#120, 32, (17 bsl 9) bor 6),
    Due = vbeam_hw:read(Hpet, 16#f0, 64) + 100000,
    ok = vbeam_hw:write(Hpet, 16#128, 64, Due),
    receive
        {interrupt, Vector, _} ->
            %% Printing takes its time, so read first.
            Late = vbeam_hw:read(Hpet, 16#f0, 64) - Due,
            erlang:display({hpet_status, vbeam_hw:read(Hpet, 16#20, 32)}),
            erlang:display({hpet_late, Late})
    after 1000 -> erlang:display(hpet_is_silent)
    end,
    ok = vbeam_hw:write(Hpet, 16#20, 32, 2),
    ok = vbeam_hw:acknowledge(Interrupt),
    receive
        {interrupt, Vector, _} -> erlang:display(hpet_again)
    after 100 -> erlang:display(hpet_served)
    end.

clock() ->
    Rtc = vbeam_hw:claim_ports(?RTC, 2),
    {Interrupt, Vector} = vbeam_hw:claim_interrupt(8),
    Register = fun(N) ->
        ok = vbeam_hw:out(Rtc, 0, 8, N),
        vbeam_hw:in(Rtc, 1, 8)
    end,
    erlang:display({date, [Register(N) || N <- [16#32, 9, 8, 7]]}),
    ok = vbeam_hw:out(Rtc, 0, 8, 11),
    ok = vbeam_hw:out(Rtc, 1, 8, 16#12),
    Seconds = [
        receive
            {interrupt, Vector, _} ->
                Second = Register(0),
                Flags = Register(12),
                ok = vbeam_hw:acknowledge(Interrupt),
                {Second, Flags band 16#90}
        after 2000 -> silent
        end
     || _ <- [1, 2, 3]
    ],
    erlang:display({updates, Seconds}),
    ok = vbeam_hw:out(Rtc, 0, 8, 11),
    ok = vbeam_hw:out(Rtc, 1, 8, 2).

pm_timer() ->
    Timer = vbeam_hw:claim_ports(?PM_TIMER, 4),
    First = vbeam_hw:in(Timer, 0, 32),
    receive
    after 1000 -> ok
    end,
    Ticks = (vbeam_hw:in(Timer, 0, 32) - First) band 16#ffffff,
    erlang:display({pm_timer, Ticks}).

pci() ->
    Device = vbeam_hw:claim_memory(?DEVICE_1, 4096),
    erlang:display({pci, vbeam_hw:read(Device, 0, 32), vbeam_hw:read(Device, 8, 32)}).

watchdog(Tco) ->
    Gcs = vbeam_hw:claim_memory(?GCS, 4),
    ok = vbeam_hw:write(Gcs, 0, 32, vbeam_hw:read(Gcs, 0, 32) band bnot 16#20),
    %% 6 s, twice: long enough for an emulator that is kept waiting.
    ok = vbeam_hw:out(Tco, 16#12, 16, 10),
    feed(Tco, 8),
    erlang:display(fed),
    receive
        nothing -> ok
    end.

feed(_Tco, 0) ->
    ok;
feed(Tco, Times) ->
    ok = vbeam_hw:out(Tco, 0, 16, 1),
    receive
    after 2000 -> ok
    end,
    feed(Tco, Times - 1).
