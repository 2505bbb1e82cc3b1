%% The behaviour of port drivers: a process that stands where OTP has a driver in C.
%%
%%   start(Name, Settings)               -> {ok, State} | {error, Atom}
%%   output(Bytes, State)                -> {ok, State} | {busy, State}
%%   control(Operation, Bytes, State)    -> {Answer, State}; Answer: iodata or badarg
%%   info(Message, State)                -> {[event], State}
%%
%% info/2 gets `opened` when the port is there: what is sent before has no receiver. An event of
%% info/2 is {input, Bytes}, {send, Term}, eof, or {stop, Reason}. output/2 may
%% take its time: meanwhile the port is busy, and its writers wait. A port that is a tracer has what
%% it is told as output, in the external term format. A driver ends when its port is
%% closed; when it dies, the port is closed with its reason.
-module(vbeam_port_driver).
-behaviour(gen_server).
-export([start_link/4]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-callback start(Name :: term(), vbeam_port_settings:settings()) ->
    {ok, State :: term()} | {error, atom()}.
-callback output(binary(), State :: term()) -> {ok | busy, NewState :: term()}.
-callback control(Operation :: integer(), binary(), State :: term()) ->
    {iodata() | badarg, NewState :: term()}.
-callback info(Message :: term(), State :: term()) -> {[event()], NewState :: term()}.

%% The host's process behind the port.
-callback os_pid(State :: term()) -> pos_integer() | none.
-optional_callbacks([os_pid/1]).

-type event() ::
    {input, binary()} | {send, term()} | eof | free | {stop, term()}.

%% More outputs than these in the mailbox make the port busy.
-define(WAITING_MAX, 8).

-record(driver, {
    port :: port(),
    module :: module(),
    state :: term(),
    settings :: vbeam_port_settings:settings(),
    framing :: vbeam_port_framing:state(),
    busy = false :: boolean(),
    %% The module has said `busy`.
    full = false :: boolean()
}).

-spec start_link(port(), module(), Name :: term(), vbeam_port_settings:settings()) ->
    gen_server:start_ret().
start_link(Port, Module, Name, Settings) ->
    gen_server:start_link(?MODULE, {Port, Module, Name, Settings}, []).

init({Port, Module, Name, Settings}) ->
    vbeam_hw:system_process(),
    case Module:start(Name, Settings) of
        {ok, State} ->
            Framing = vbeam_port_framing:new(Settings),
            {ok, #driver{
                port = Port, module = Module, state = State, settings = Settings, framing = Framing
            }};
        {error, Reason} ->
            %% No crash: it is who asked that hears of it.
            {stop, {shutdown, Reason}}
    end.

%% Everything asked for before this call has been done.
handle_call(flush, _From, #driver{} = Driver) ->
    {reply, ok, Driver};
handle_call(os_pid, _From, #driver{module = Module, state = State} = Driver) ->
    case erlang:function_exported(Module, os_pid, 1) of
        true -> {reply, Module:os_pid(State), Driver};
        false -> {reply, none, Driver}
    end;
handle_call(_Request, _From, #driver{} = Driver) ->
    {reply, {error, unknown_request}, Driver}.

handle_cast(_Request, #driver{} = Driver) ->
    {noreply, Driver}.

%% Whatever message was the last one that waited, writers may go on behind it.
handle_info(Message, Driver) ->
    case message(Message, Driver) of
        {noreply, Next} -> {noreply, relieve(Next)};
        Stop -> Stop
    end.

message({vbeam_port, Port, Event}, #driver{port = Port} = Driver) ->
    port_event(Event, Driver);
message(Message, #driver{module = Module, state = State} = Driver) ->
    {Events, Next} = Module:info(Message, State),
    events(Events, Driver#driver{state = Next}).

port_event(closed, Driver) ->
    {stop, normal, Driver};
port_event(opened, Driver) ->
    message(opened, Driver);
port_event({trace, Message}, #driver{module = Module, state = State} = Driver) ->
    {Load, Next} = Module:output(term_to_binary(Message), State),
    {noreply, filled(Load, Driver#driver{state = Next})};
port_event({failed, Reason}, #driver{port = Port} = Driver) ->
    vbeam_port:close(Port, Reason),
    {stop, normal, Driver};
port_event({command, Request, Data}, Driver) ->
    {noreply, command(Request, Data, load(Driver))};
port_event({control, Request, Operation, Data}, #driver{module = Module} = Driver) ->
    {Answer, Next} =
        case bytes(Data) of
            badarg -> {badarg, Driver#driver.state};
            Bytes -> Module:control(Operation, Bytes, Driver#driver.state)
        end,
    vbeam_port:answer(Driver#driver.port, Request, control_result(Answer)),
    {noreply, Driver#driver{state = Next}};
port_event({call, Request, _Operation, _Data}, Driver) ->
    %% No driver here has OTP's `call` entry.
    vbeam_port:answer(Driver#driver.port, Request, badarg),
    {noreply, Driver}.

%% ---- output

command(Request, Data, #driver{port = Port, module = Module} = Driver) ->
    case framed(Data, Driver) of
        {ok, Bytes} ->
            {Load, Next} = Module:output(Bytes, Driver#driver.state),
            vbeam_port:count(Port, output, byte_size(Bytes)),
            Request =:= none orelse vbeam_port:answer(Port, Request, true),
            filled(Load, Driver#driver{state = Next});
        too_large ->
            Request =:= none orelse vbeam_port:answer(Port, Request, true),
            self() ! {vbeam_port, Port, {failed, einval}},
            Driver;
        badarg when Request =:= none ->
            vbeam_port:bad_signal(Port),
            Driver;
        badarg ->
            vbeam_port:answer(Port, Request, badarg),
            Driver
    end.

framed(Data, #driver{framing = Framing}) ->
    case bytes(Data) of
        badarg ->
            badarg;
        Bytes ->
            case vbeam_port_framing:output(Bytes, Framing) of
                {ok, Framed} -> {ok, Framed};
                error -> too_large
            end
    end.

bytes(Data) ->
    try
        iolist_to_binary(Data)
    catch
        error:_ -> badarg
    end.

control_result(badarg) -> badarg;
control_result(Answer) -> binary_to_list(iolist_to_binary(Answer)).

%% Writers wait from here on when they are faster than the device.
load(#driver{busy = false, port = Port} = Driver) ->
    case waiting() > ?WAITING_MAX of
        true ->
            vbeam_port:busy(Port, true),
            Driver#driver{busy = true};
        false ->
            Driver
    end;
load(Driver) ->
    Driver.

filled(busy, #driver{full = false, port = Port} = Driver) ->
    vbeam_port:busy(Port, true),
    Driver#driver{busy = true, full = true};
filled(_, Driver) ->
    Driver.

relieve(#driver{full = true} = Driver) ->
    Driver;
relieve(#driver{busy = true, port = Port} = Driver) ->
    case waiting() of
        0 ->
            vbeam_port:busy(Port, false),
            Driver#driver{busy = false};
        _ ->
            Driver
    end;
relieve(Driver) ->
    Driver.

waiting() ->
    {message_queue_len, Length} = process_info(self(), message_queue_len),
    Length.

%% ---- input

events([], Driver) ->
    {noreply, Driver};
events([{input, Bytes} | Rest], #driver{port = Port, framing = Framing} = Driver) ->
    {Data, Next} = vbeam_port_framing:input(Bytes, Framing),
    vbeam_port:count(Port, input, byte_size(Bytes)),
    send_data(Port, Data),
    events(Rest, Driver#driver{framing = Next});
events([{send, Term} | Rest], #driver{port = Port} = Driver) ->
    vbeam_port:send(Port, Term),
    events(Rest, Driver);
events([free | Rest], Driver) ->
    events(Rest, Driver#driver{full = false});
events([eof | Rest], #driver{port = Port, settings = #{eof := Wanted}} = Driver) ->
    send_data(Port, vbeam_port_framing:rest(Driver#driver.framing)),
    case Wanted of
        true ->
            vbeam_port:send(Port, eof),
            events(Rest, Driver);
        false ->
            vbeam_port:close(Port, normal),
            {stop, normal, Driver}
    end;
events([{stop, Reason} | _], #driver{port = Port} = Driver) ->
    vbeam_port:close(Port, Reason),
    {stop, normal, Driver}.

send_data(Port, Data) ->
    _ = [vbeam_port:send(Port, {data, Each}) || Each <- Data],
    ok.
