%% The hardware watchdog: a timer of the chipset that resets the machine unless it is fed. The first
%% feeding arms it, and only vbeam_guardian feeds it. Two are known: iTCO in Intel's ICH and PCH
%% (data sheet 316972, section 13.9), and the 6300ESB's (data sheet 300641).
%%
%% Each has two stages of half the time each; the second resets. What the device remembers about the
%% reset before this boot is said in a line on the console. When the supervisor stops this driver,
%% the timer is stopped; when the driver crashes, the timer goes on and the next one feeds it.
%%
%% Before the machine is reset, the guardian itself may be what does not go on: when nobody has fed
%% for GUARDIAN_MS, it is ended, and starts again. When there is none, its supervisor is what does
%% not go on.
-module(vbeam_watchdog).
-behaviour(vbeam_driver).
-export([start_link/0, feed/0, set_timeout/1, status/0]).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(SECONDS, 60).
-define(SECONDS_MIN, 4).
-define(SECONDS_MAX, 600).
-define(GUARDIAN_MS, 30000).

-define(VENDOR_INTEL, 16#8086).

%% The LPC bridge, function 31.0.
-define(LPC_SLOT, 31).
-define(PMBASE, 16#40).
-define(ACPI_CNTL, 16#44).
-define(ACPI_ENABLED, 16#80).
-define(RCBA, 16#f0).
-define(GCS, 16#3410).
-define(NO_REBOOT, 16#20).
-define(TCO_OFFSET, 16#60).
-define(TCO_PORTS, 32).
-define(TCO_RLD, 16#00).
-define(TCO1_STS, 16#04).
-define(TCO1_STS_TIMEOUT, 16#08).
-define(TCO2_STS, 16#06).
-define(TCO2_STS_SECOND, 16#02).
-define(TCO2_STS_BOOT, 16#04).
-define(TCO1_CNT, 16#08).
-define(TCO1_CNT_HALT, 16#0800).
-define(TCO_TMR, 16#12).
-define(TCO_TICK_MS, 600).
-define(TCO_TICKS_MAX, 16#3ff).

-define(ESB_DEVICE, 16#25ab).
-define(ESB_CONFIG, 16#60).
%% 1 kHz to 1 Hz, the first stage does nothing, the second resets.
-define(ESB_CONFIG_VALUE, 2#11).
-define(ESB_LOCK, 16#68).
-define(ESB_LOCK_ENABLE, 2#10).
-define(ESB_PRELOAD1, 0).
-define(ESB_PRELOAD2, 4).
-define(ESB_RELOAD, 12).
-define(ESB_RELOAD_NOW, 16#100).
-define(ESB_TIMEOUT, 16#200).
%% 33 MHz divided by 2^15.
-define(ESB_TICKS_PER_SECOND, 1007).

-record(state, {
    device :: {tco, vbeam_hw:handle()} | {esb, vbeam_hw:handle(), vbeam_pci:address()} | none,
    was_reset :: boolean(),
    seconds = ?SECONDS :: pos_integer(),
    armed = false :: boolean(),
    feedings = 0 :: non_neg_integer(),
    guardian :: reference()
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    vbeam_driver:start_link(?MODULE, ?MODULE, []).

%% The machine goes on for as long as the timer says; the first call starts the timer.
-spec feed() -> ok.
feed() ->
    gen_server:call(?MODULE, feed).

%% From the next feeding on. Half of the time is spent in each stage.
-spec set_timeout(Seconds :: 4..600) -> ok.
set_timeout(Seconds) when Seconds >= ?SECONDS_MIN, Seconds =< ?SECONDS_MAX ->
    gen_server:call(?MODULE, {set_timeout, Seconds}).

-spec status() -> #{device := atom(), armed := boolean(), _ => _}.
status() ->
    gen_server:call(?MODULE, status).

init([]) ->
    {Device, WasReset} = find(),
    case {Device, vbeam_keeper:get(?MODULE, device, none)} of
        {none, Before} when Before =:= tco; Before =:= esb ->
            %% It is there, and running: whoever lends it is not ready.
            {stop, {shutdown, later}};
        _ ->
            vbeam_keeper:put(?MODULE, device, kind(Device)),
            found(Device, WasReset)
    end.

found(Device, WasReset) ->
    vbeam_boot:phase([
        <<"watchdog: ">>,
        name(Device),
        case WasReset of
            true -> <<", which has reset the machine before this boot">>;
            false -> <<>>
        end
    ]),
    {ok, #state{device = Device, was_reset = WasReset, guardian = guardian_timer()}}.

handle_call(feed, _From, #state{guardian = Timer} = State) ->
    _ = erlang:cancel_timer(Timer),
    {reply, ok, fed(State#state{guardian = guardian_timer()})};
handle_call({set_timeout, Seconds}, _From, #state{} = State) ->
    {reply, ok, State#state{seconds = Seconds, armed = false}};
handle_call(status, _From, #state{device = Device, seconds = Seconds} = State) ->
    Status = #{
        device => kind(Device),
        armed => State#state.armed,
        seconds => Seconds,
        feedings => State#state.feedings,
        was_reset => State#state.was_reset
    },
    {reply, Status, State}.

handle_interrupt(_Vector, _Data, #state{} = State) ->
    {noreply, State}.

handle_cast(_Request, #state{} = State) ->
    {noreply, State}.

%% When it is not known any more which timer it is, this one counts: nobody has fed since.
handle_info({timeout, Timer, guardian}, #state{guardian = Known} = State) when
    Timer =:= Known; not is_reference(Known)
->
    end_guardian(whereis(vbeam_guardian)),
    {noreply, State#state{guardian = guardian_timer()}};
handle_info(_Message, #state{} = State) ->
    {noreply, State}.

end_guardian(Guardian) when is_pid(Guardian) ->
    vbeam_boot:phase(<<"vbeam_guardian does not feed the watchdog: it is ended">>),
    exit(Guardian, kill);
end_guardian(undefined) ->
    Supervisor = whereis(vbeam_service_sup),
    case lists:member(vbeam_guardian, vbeam_ladder:degraded()) of
        false when is_pid(Supervisor) ->
            vbeam_boot:phase(<<"vbeam_service_sup does not start vbeam_guardian: it is ended">>),
            exit(Supervisor, kill);
        _ ->
            ok
    end.

guardian_timer() ->
    erlang:start_timer(?GUARDIAN_MS, self(), guardian).

fed(#state{device = none} = State) ->
    State;
fed(#state{device = Device, armed = false, seconds = Seconds} = State) ->
    arm(Device, Seconds),
    State#state{armed = true, feedings = State#state.feedings + 1};
fed(#state{device = Device} = State) ->
    reload(Device),
    State#state{feedings = State#state.feedings + 1}.

terminate(shutdown, #state{device = Device, armed = true}) ->
    disarm(Device);
terminate(_Reason, _State) ->
    ok.

name(none) -> <<"none">>;
name({tco, _}) -> <<"iTCO">>;
name({esb, _, _}) -> <<"i6300esb">>.

kind(none) -> none;
kind(Device) -> element(1, Device).

%% ---- devices

%% {Device, whether it has reset the machine}.
find() ->
    case vbeam_pci:find(#{vendor => ?VENDOR_INTEL, device => ?ESB_DEVICE}) of
        [#{address := Address} | _] -> find_esb(Address);
        [] -> find_tco()
    end.

find_tco() ->
    Bridges = vbeam_pci:find(#{vendor => ?VENDOR_INTEL, class => 6, subclass => 1}),
    case [Address || #{address := {0, ?LPC_SLOT, 0} = Address} <- Bridges] of
        [] ->
            {none, false};
        [Address] ->
            {ok, PmBase} = vbeam_pci:read(Address, ?PMBASE, 32),
            {ok, Control} = vbeam_pci:read(Address, ?ACPI_CNTL, 32),
            {ok, Rcba} = vbeam_pci:read(Address, ?RCBA, 32),
            Base = PmBase band 16#ff80,
            case Base =/= 0 andalso Control band ?ACPI_ENABLED =/= 0 of
                true -> claim_tco(Base + ?TCO_OFFSET, Rcba);
                false -> {none, false}
            end
    end.

claim_tco(First, Rcba) ->
    try
        Tco = vbeam_hw:claim_ports(First, ?TCO_PORTS),
        allow_reset(Rcba),
        Status = vbeam_hw:in(Tco, ?TCO2_STS, 16),
        %% Writing ones clears.
        ok = vbeam_hw:out(Tco, ?TCO2_STS, 16, ?TCO2_STS_SECOND bor ?TCO2_STS_BOOT),
        {{tco, Tco}, Status band ?TCO2_STS_SECOND =/= 0}
    catch
        error:_ -> {none, false}
    end.

%% The bit is set by a strap of boards whose watchdog is not to reset; then it stays set.
allow_reset(Rcba) when Rcba band 1 =:= 1 ->
    Gcs = vbeam_hw:claim_memory((Rcba band 16#ffffc000) + ?GCS, 4),
    ok = vbeam_hw:write(Gcs, 0, 32, vbeam_hw:read(Gcs, 0, 32) band bnot ?NO_REBOOT),
    ok = vbeam_hw:release(Gcs);
allow_reset(_Rcba) ->
    ok.

find_esb(Address) ->
    case vbeam_pci:claim(Address) of
        {ok, #{bars := #{0 := Esb}}} ->
            ok = vbeam_pci:write(Address, ?ESB_CONFIG, 16, ?ESB_CONFIG_VALUE),
            ok = vbeam_pci:write(Address, ?ESB_LOCK, 8, ?ESB_LOCK_ENABLE),
            WasReset = vbeam_hw:read(Esb, ?ESB_RELOAD, 16) band ?ESB_TIMEOUT =/= 0,
            esb_write(Esb, ?ESB_RELOAD, 16, ?ESB_TIMEOUT bor ?ESB_RELOAD_NOW),
            {{esb, Esb, Address}, WasReset};
        _ ->
            {none, false}
    end.

arm({tco, Tco}, Seconds) ->
    Ticks = min(?TCO_TICKS_MAX, max(2, Seconds * 1000 div (2 * ?TCO_TICK_MS))),
    ok = vbeam_hw:out(Tco, ?TCO1_STS, 16, ?TCO1_STS_TIMEOUT),
    ok = vbeam_hw:out(Tco, ?TCO_TMR, 16, Ticks),
    ok = vbeam_hw:out(Tco, ?TCO_RLD, 16, 1),
    Control = vbeam_hw:in(Tco, ?TCO1_CNT, 16),
    ok = vbeam_hw:out(Tco, ?TCO1_CNT, 16, Control band bnot ?TCO1_CNT_HALT);
arm({esb, Esb, _Address} = Device, Seconds) ->
    Ticks = Seconds * ?ESB_TICKS_PER_SECOND div 2,
    esb_write(Esb, ?ESB_PRELOAD1, 32, Ticks),
    esb_write(Esb, ?ESB_PRELOAD2, 32, Ticks),
    reload(Device).

reload({tco, Tco}) ->
    ok = vbeam_hw:out(Tco, ?TCO_RLD, 16, 1),
    %% The first stage may have passed; without this the second would count on.
    ok = vbeam_hw:out(Tco, ?TCO1_STS, 16, ?TCO1_STS_TIMEOUT);
reload({esb, Esb, _Address}) ->
    esb_write(Esb, ?ESB_RELOAD, 16, ?ESB_RELOAD_NOW).

disarm({tco, Tco}) ->
    Control = vbeam_hw:in(Tco, ?TCO1_CNT, 16),
    ok = vbeam_hw:out(Tco, ?TCO1_CNT, 16, Control bor ?TCO1_CNT_HALT);
disarm({esb, _Esb, Address}) ->
    vbeam_pci:write(Address, ?ESB_LOCK, 8, 0).

%% Every write is unlocked by two others.
esb_write(Esb, Register, Bits, Value) ->
    ok = vbeam_hw:write(Esb, ?ESB_RELOAD, 16, 16#80),
    ok = vbeam_hw:write(Esb, ?ESB_RELOAD, 16, 16#86),
    ok = vbeam_hw:write(Esb, Register, Bits, Value).
