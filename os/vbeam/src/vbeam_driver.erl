%% The behaviour of drivers: a gen_server whose interrupts come to a callback of their own.
%%
%%   init(Config)                              -> {ok, State} | {stop, Reason}
%%   handle_interrupt(Vector, Data, State)     -> {noreply, State} | {stop, Reason, State}
%%   handle_call(Request, From, State)         -> as gen_server
%%   handle_cast(Request, State)               -> as gen_server; other messages come here, too
%%   terminate(Reason, State)                  -> any()
%%
%% Drivers run at high priority: interrupts wait for nobody. A driver claims its hardware in init/1;
%% it is released when the process ends, however it ends, and claimed again by the next one.
-module(vbeam_driver).
-behaviour(gen_server).
-export([start_link/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-callback init(Config :: term()) -> {ok, State :: term()} | {stop, Reason :: term()}.
-callback handle_interrupt(Vector :: byte(), Data :: non_neg_integer(), State :: term()) ->
    {noreply, NewState :: term()} | {stop, Reason :: term(), NewState :: term()}.
-callback handle_call(Request :: term(), gen_server:from(), State :: term()) ->
    {reply, Reply :: term(), NewState :: term()}
    | {noreply, NewState :: term()}
    | {stop, Reason :: term(), Reply :: term(), NewState :: term()}.
-callback handle_cast(Request :: term(), State :: term()) ->
    {noreply, NewState :: term()} | {stop, Reason :: term(), NewState :: term()}.
-callback terminate(Reason :: term(), State :: term()) -> term().

-spec start_link(Name :: atom(), module(), Config :: term()) -> gen_server:start_ret().
start_link(Name, Module, Config) ->
    gen_server:start_link({local, Name}, ?MODULE, {Name, Module, Config}, []).

init({Name, Module, Config}) ->
    vbeam_hw:system_process(),
    process_flag(priority, high),
    process_flag(trap_exit, true),
    case Module:init(Config) of
        {ok, State} ->
            vbeam_boot:phase([<<"child ">>, atom_to_binary(Name), <<": started">>]),
            {ok, {Module, State}};
        {stop, Reason} ->
            {stop, Reason}
    end.

handle_call(Request, From, {Module, State}) ->
    wrap(Module, Module:handle_call(Request, From, State)).

handle_cast(Request, {Module, State}) ->
    wrap(Module, Module:handle_cast(Request, State)).

handle_info({interrupt, Vector, Data}, {Module, State}) ->
    wrap(Module, Module:handle_interrupt(Vector, Data, State));
handle_info({'EXIT', _, Reason}, State) ->
    {stop, Reason, State};
handle_info(Other, State) ->
    handle_cast(Other, State).

terminate(Reason, {Module, State}) ->
    Module:terminate(Reason, State).

wrap(Module, {reply, Reply, State}) -> {reply, Reply, {Module, State}};
wrap(Module, {noreply, State}) -> {noreply, {Module, State}};
wrap(Module, {stop, Reason, State}) -> {stop, Reason, {Module, State}};
wrap(Module, {stop, Reason, Reply, State}) -> {stop, Reason, Reply, {Module, State}}.
