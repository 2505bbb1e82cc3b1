%% The behaviour of drivers: a gen_server whose interrupts come to a callback of their own.
%%
%%   init(Config)                              -> {ok, State} | {ok, State, Timeout} | {stop, Reason}
%%   handle_interrupt(Vector, Data, State)     -> {noreply, State} | {noreply, State, Timeout}
%%                                              | {stop, Reason, State}
%%   handle_call(Request, From, State)         -> as gen_server
%%   handle_cast(Request, State)               -> as gen_server
%%   handle_info(Message, State)               -> as gen_server; optional: messages are dropped
%%   code_change(OldVersion, State, Extra)     -> {ok, State} | {error, Reason}; optional: as it is
%%   terminate(Reason, State)                  -> any(); optional
%%
%% A timeout is in milliseconds: when nothing came for so long, handle_info(timeout, State) is
%% called. Drivers run at high priority: interrupts wait for nobody. A driver claims its hardware in
%% init/1; it is released when the process ends, however it ends, and claimed again by the next one.
%% What must outlive the process is kept by vbeam_keeper. docs/writing_a_driver.md has an example.
-module(vbeam_driver).
-behaviour(gen_server).
-export([start_link/3, answers/2, is_starting/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, code_change/3]).

%% Milliseconds that init/1 may take; a device that never gets ready must not keep a machine from
%% booting.
-define(INIT_MS, 10000).
-define(STARTING, '$vbeam_driver_starting').

-type state() :: term().
-type next() ::
    {noreply, state()}
    | {noreply, state(), timeout() | hibernate}
    | {stop, Reason :: term(), state()}.

-callback init(Config :: term()) ->
    {ok, state()} | {ok, state(), timeout()} | {stop, Reason :: term()}.
-callback handle_interrupt(Vector :: byte(), Data :: non_neg_integer(), state()) -> next().
-callback handle_call(Request :: term(), gen_server:from(), state()) ->
    {reply, Reply :: term(), state()}
    | {reply, Reply :: term(), state(), timeout() | hibernate}
    | {stop, Reason :: term(), Reply :: term(), state()}
    | next().
-callback handle_cast(Request :: term(), state()) -> next().
-callback handle_info(Message :: term(), state()) -> next().
-callback code_change(OldVersion :: term(), state(), Extra :: term()) ->
    {ok, state()} | {error, Reason :: term()}.
-callback terminate(Reason :: term(), state()) -> term().
-optional_callbacks([handle_info/2, code_change/3, terminate/2]).

-record(driver, {module :: module(), state :: state()}).

-spec start_link(Name :: atom(), module(), Config :: term()) -> gen_server:start_ret().
start_link(Name, Module, Config) ->
    gen_server:start_link({local, Name}, ?MODULE, {Name, Module, Config}, [{timeout, ?INIT_MS}]).

%% Whether a driver takes a message within so many milliseconds: one that loops does not.
-spec answers(Name :: atom(), Milliseconds :: pos_integer()) -> boolean().
answers(Name, Milliseconds) ->
    try
        gen_server:call(Name, '$vbeam_driver_answers', Milliseconds)
    catch
        exit:_ -> false
    end.

%% The calling process is a driver in its init/1: its supervisor, which would start others, waits.
-spec is_starting() -> boolean().
is_starting() ->
    get(?STARTING) =:= true.

init({Name, Module, Config}) ->
    vbeam_hw:system_process(),
    process_flag(priority, high),
    process_flag(trap_exit, true),
    put(?STARTING, true),
    Started = Module:init(Config),
    erase(?STARTING),
    case Started of
        {ok, State} ->
            started(Name),
            {ok, #driver{module = Module, state = State}};
        {ok, State, Timeout} ->
            started(Name),
            {ok, #driver{module = Module, state = State}, Timeout};
        {stop, Reason} ->
            {stop, Reason}
    end.

started(Name) ->
    vbeam_boot:phase([<<"child ">>, atom_to_binary(Name), <<": started">>]).

handle_call('$vbeam_driver_answers', _From, Driver) ->
    {reply, true, Driver};
handle_call(Request, From, #driver{module = Module, state = State} = Driver) ->
    wrap(Module:handle_call(Request, From, State), Driver).

handle_cast(Request, #driver{module = Module, state = State} = Driver) ->
    wrap(Module:handle_cast(Request, State), Driver).

handle_info({interrupt, Vector, Data}, #driver{module = Module, state = State} = Driver) ->
    wrap(Module:handle_interrupt(Vector, Data, State), Driver);
handle_info({'EXIT', _, Reason}, Driver) ->
    {stop, Reason, Driver};
handle_info(Message, #driver{module = Module, state = State} = Driver) ->
    case erlang:function_exported(Module, handle_info, 2) of
        true -> wrap(Module:handle_info(Message, State), Driver);
        false -> {noreply, Driver}
    end.

code_change(OldVersion, #driver{module = Module, state = State} = Driver, Extra) ->
    case erlang:function_exported(Module, code_change, 3) of
        true ->
            case Module:code_change(OldVersion, State, Extra) of
                {ok, Next} -> {ok, Driver#driver{state = Next}};
                Error -> Error
            end;
        false ->
            {ok, Driver}
    end.

terminate(Reason, #driver{module = Module, state = State}) ->
    case erlang:function_exported(Module, terminate, 2) of
        true -> Module:terminate(Reason, State);
        false -> ok
    end.

wrap({noreply, State}, Driver) -> {noreply, Driver#driver{state = State}};
wrap({noreply, State, Then}, Driver) -> {noreply, Driver#driver{state = State}, Then};
wrap({reply, Reply, State}, Driver) -> {reply, Reply, Driver#driver{state = State}};
wrap({reply, Reply, State, Then}, Driver) -> {reply, Reply, Driver#driver{state = State}, Then};
wrap({stop, Reason, State}, Driver) -> {stop, Reason, Driver#driver{state = State}};
wrap({stop, Reason, Reply, State}, Driver) -> {stop, Reason, Reply, Driver#driver{state = State}}.
