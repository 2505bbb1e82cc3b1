%% Standard input, output and error, when the system runs as a program of a host: they take the
%% place of the serial line (device: tables/host_files.ts, `standardStreams`).
%%
%% Input goes to the process that has attached, as {streams, Binary} and {streams, eof}; while there
%% is none, the interrupt is not acknowledged, and the host keeps the input.
-module(vbeam_streams).
-behaviour(vbeam_driver).
-export([start_link/0, attach/0, write/2]).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2, terminate/2]).

-define(GSI, 20).
-define(READ_BYTES, 65536).

-record(state, {
    device :: vbeam_hw:handle(),
    reader :: pid() | undefined,
    %% An interrupt waits for a reader.
    pending = false :: boolean(),
    ended = false :: boolean()
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    vbeam_driver:start_link(?MODULE, ?MODULE, []).

%% Input goes to the calling process from now on.
-spec attach() -> ok.
attach() ->
    gen_server:call(?MODULE, {attach, self()}, infinity).

%% Write to descriptor 1 or 2; returns when the host has taken the bytes.
-spec write(1 | 2, binary()) -> ok | {error, atom()}.
write(Descriptor, Bytes) ->
    gen_server:call(?MODULE, {write, Descriptor, Bytes}, infinity).

init(_Config) ->
    {Device, _Vector} = vbeam_hw:claim_interrupt(?GSI),
    {ok, #state{device = Device}}.

handle_interrupt(_Vector, _Data, State) ->
    {noreply, read(State#state{pending = true})}.

handle_call({attach, Pid}, _From, #state{ended = true} = State) ->
    Pid ! {streams, eof},
    {reply, ok, State#state{reader = Pid}};
handle_call({attach, Pid}, _From, State) ->
    {reply, ok, read(State#state{reader = Pid})};
handle_call({write, Descriptor, Bytes}, _From, #state{device = Device} = State) ->
    {reply, write_all(Device, Descriptor, Bytes), State}.

handle_cast(_Request, State) ->
    {noreply, State}.

terminate(_Reason, _State) ->
    ok.

write_all(_Device, _Descriptor, <<>>) ->
    ok;
write_all(Device, Descriptor, Bytes) ->
    case vbeam_hw:stream_write(Device, Descriptor, Bytes) of
        {error, eagain} ->
            receive after 1 -> ok end,
            write_all(Device, Descriptor, Bytes);
        {error, _} = Error ->
            Error;
        Written ->
            <<_:Written/binary, Rest/binary>> = Bytes,
            write_all(Device, Descriptor, Rest)
    end.

read(#state{pending = true, reader = Reader, device = Device} = State) when Reader =/= undefined ->
    case vbeam_hw:stream_read(Device, ?READ_BYTES) of
        Bytes when is_binary(Bytes) ->
            Reader ! {streams, Bytes},
            vbeam_hw:acknowledge(Device),
            State#state{pending = false};
        {error, eagain} ->
            vbeam_hw:acknowledge(Device),
            State#state{pending = false};
        _ ->
            %% The end, or an input that cannot be read: no more interrupts are wanted.
            Reader ! {streams, eof},
            State#state{pending = false, ended = true}
    end;
read(State) ->
    State.
