%% Block devices: the behaviour of their drivers, and what file systems call. A driver says which
%% device it has, takes requests with tags, as many at a time as the device's queue has places, and
%% completes them in any order; vbeam_block_queue, which runs it, does the rest: it waits when the
%% queue is full, lets nothing pass a flush, tries again what failed or took too long, and ends all
%% requests when the device is gone.
%%
%%   init(Config)                          -> {ok, info(), State} | {stop, Reason}
%%   submit(Tag, request(), State)         -> {done, Result, State}   it is carried out
%%                                          | {started, State}        it will be
%%   handle_interrupt(Vector, Data, State) -> {[{Tag, Result}], State}
%%   cancel([Tag], State)                  -> State    these took too long: reset the device, so
%%                                                     that none of them can still move data
%%   handle_info(Message, State)           -> {[{Tag, Result}], State} | {removed, State}; optional
%%
%% Results: {ok, Bytes} of a read, ok of the others, or {error, Reason}: `eio` is tried again, and
%% any other reason is not. A request for data has `data`, where a driver that has DMA memory copies
%% from; a list of binaries is a scatter-gather list, each a whole number of blocks.
%%
%% A device is a name, or {Name, Partition}: a part of it as vbeam_partitions finds them.
-module(vbeam_block).
-export([devices/0, info/1, add/3, remove/1]).
-export([read/3, write/3, write/4, flush/1, discard/3, submit/2]).
-export_type([device/0, request/0, result/0, info/0]).

-type device() :: atom() | {atom(), Partition :: pos_integer()}.
-type info() :: #{
    %% Bytes of a block: 512 or 4096; blocks of the device.
    block_bytes := 512 | 4096,
    blocks := non_neg_integer(),
    %% Requests that the device takes at a time.
    depth := pos_integer(),
    read_only => boolean(),
    %% Milliseconds that a request may take.
    timeout_ms => pos_integer(),
    model => binary()
}.
-type request() ::
    {read, First :: non_neg_integer(), Blocks :: pos_integer()}
    | {write, First :: non_neg_integer(), Data :: [binary()], [fua]}
    | {discard, First :: non_neg_integer(), Blocks :: pos_integer()}
    | flush.
-type result() :: ok | {ok, binary()} | {error, atom()}.
-type state() :: term().
-type tag() :: non_neg_integer().

-callback init(Config :: term()) -> {ok, info(), state()} | {stop, Reason :: term()}.
-callback submit(tag(), request(), state()) -> {done, result(), state()} | {started, state()}.
-callback handle_interrupt(byte(), non_neg_integer(), state()) -> {[{tag(), result()}], state()}.
-callback cancel([tag()], state()) -> state().
-callback handle_info(term(), state()) -> {[{tag(), result()}], state()} | {removed, state()}.
-optional_callbacks([handle_info/2]).

%% A driver that ended is waited for so long.
-define(WAIT_MS, 30000).
-define(STEP_MS, 2).
-define(REQUEST_BYTES_MAX, 1048576).

%% All devices and their partitions.
-spec devices() -> [{device(), info()}].
devices() ->
    lists:append([
        [{Name, Info} | [{{Name, Number}, part(Part, Info)} || {Number, Part} <- parts(Name, Info)]]
     || Name <- vbeam_block_sup:names(), {ok, Info} <- [info(Name)]
    ]).

parts(Name, Info) ->
    vbeam_partitions:read(fun(First, Count) -> read(Name, First, Count) end, Info).

part({_First, Count, Type}, Info) ->
    Info#{blocks := Count, type => Type}.

-spec info(device()) -> {ok, info()} | {error, atom()}.
info(Device) ->
    case place(Device) of
        {ok, _, _, Info} -> {ok, Info};
        Error -> Error
    end.

%% Where a device lies: {ok, Name, First block, Info}
place({Name, Number}) ->
    case info(Name) of
        {ok, Info} ->
            case lists:keyfind(Number, 1, parts(Name, Info)) of
                {_, {First, _, _} = Part} -> {ok, Name, First, part(Part, Info)};
                false -> {error, enoent}
            end;
        Error ->
            Error
    end;
place(Name) ->
    case ask(Name, info) of
        {ok, Info} -> {ok, Name, 0, Info};
        Error -> Error
    end.

%% Start a driver for a device that goes by this name from now on.
-spec add(Name :: atom(), module(), Config :: term()) -> ok | {error, term()}.
add(Name, Module, Config) ->
    vbeam_block_sup:add(Name, Module, Config).

%% The device is gone: what is asked of it from now on is enodev.
-spec remove(Name :: atom()) -> ok.
remove(Name) ->
    vbeam_block_sup:remove(Name).

-spec read(device(), First :: non_neg_integer(), Blocks :: pos_integer()) ->
    {ok, binary()} | {error, atom()}.
read(Device, First, Blocks) ->
    one(Device, {read, First, Blocks}).

-spec write(device(), First :: non_neg_integer(), iodata()) -> ok | {error, atom()}.
write(Device, First, Data) ->
    write(Device, First, Data, []).

%% `fua`: it is on the medium when it is done.
-spec write(device(), First :: non_neg_integer(), iodata(), [fua]) -> ok | {error, atom()}.
write(Device, First, Data, Flags) ->
    one(Device, {write, First, [iolist_to_binary(Data)], Flags}).

%% A barrier: everything before is on the medium when it is done, and nothing behind has begun.
-spec flush(device()) -> ok | {error, atom()}.
flush(Device) ->
    one(Device, flush).

%% What is in these blocks does not matter any more.
-spec discard(device(), First :: non_neg_integer(), Blocks :: pos_integer()) ->
    ok | {error, atom()}.
discard(Device, First, Blocks) ->
    one(Device, {discard, First, Blocks}).

one(Device, Request) ->
    [Result] = submit(Device, [Request]),
    Result.

%% Several requests at once: they may be carried out in any order and at the same time, but for what
%% a flush keeps apart. Their results, in the order of the requests.
-spec submit(device(), [request()]) -> [result()].
submit(Name, Requests) when is_atom(Name) ->
    answers(ask(Name, {submit, Requests}), Requests);
submit({Name, _} = Device, Requests) ->
    case place(Device) of
        {ok, Name, First, Info} ->
            Moved = [moved(Request, First, Info) || Request <- Requests],
            case lists:member(outside, Moved) of
                true -> [{error, einval} || _ <- Requests];
                false -> submit(Name, Moved)
            end;
        Error ->
            [Error || _ <- Requests]
    end.

answers({ok, Results}, _Requests) -> Results;
answers(Error, Requests) -> [Error || _ <- Requests].

moved(flush, _Base, _Info) ->
    flush;
moved({write, First, Data, Flags}, Base, #{blocks := Blocks, block_bytes := BlockBytes}) ->
    case First >= 0 andalso First * BlockBytes + iolist_size(Data) =< Blocks * BlockBytes of
        true -> {write, Base + First, Data, Flags};
        false -> outside
    end;
moved({Operation, First, Count}, Base, #{blocks := Blocks}) when
    First >= 0, First + Count =< Blocks
->
    {Operation, Base + First, Count};
moved(_, _, _) ->
    outside.

%% A driver that ends meanwhile is asked again: every request may be done twice.
ask(Name, Request) ->
    ask(Name, Request, ?WAIT_MS div ?STEP_MS).

ask(_Name, _Request, 0) ->
    {error, etimedout};
ask(Name, Request, Left) ->
    case vbeam_block_sup:is_expected(Name) of
        true ->
            try
                gen_server:call(Name, Request, infinity)
            catch
                exit:_ ->
                    receive after ?STEP_MS -> ok end,
                    ask(Name, Request, Left - 1)
            end;
        false ->
            {error, enodev}
    end.
