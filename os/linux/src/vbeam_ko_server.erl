%% The process of a kernel module: it owns the space that the module and what it depends on lie in,
%% and runs their code, one call after the other. What goes wrong in a module ends this process and
%% nothing else; its supervisor starts it again.
-module(vbeam_ko_server).
-behaviour(gen_server).
-export([start_link/2, call/4, address/2, perform/2, information/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(MEMORY_BYTES, 16#4000000).
-define(CALL_MS, 10_000).
-define(CALL_TIMEOUT, infinity).

-type argument() :: integer() | binary() | {buffer, binary() | non_neg_integer()}.

-spec start_link(binary(), vbeam_ko_module:options()) -> {ok, pid()} | {error, term()}.
start_link(Name, Options) ->
    gen_server:start_link(?MODULE, {Name, Options}, []).

%% Calls a function of the module. Binaries are copied and passed as pointers; {buffer, Bytes} and
%% {buffer, Size} are memory that the function may write, whose contents come back.
-spec call(pid(), binary(), [argument()], vbeam_ko_interface:passed()) ->
    {ok, integer()} | {ok, integer(), [binary()]} | {error, term()}.
call(Pid, Function, Arguments, Type) ->
    gen_server:call(Pid, {call, Function, Arguments, Type}, ?CALL_TIMEOUT).

%% Where a function or variable of the module lies.
-spec address(pid(), binary()) -> {ok, non_neg_integer()} | error.
address(Pid, Symbol) -> gen_server:call(Pid, {address, Symbol}, ?CALL_TIMEOUT).

%% Does something in the process of the module: a function of a family of vbeam_linuxkpi.
-spec perform(pid(), {module(), atom(), [term()]}) -> term().
perform(Pid, Call) -> gen_server:call(Pid, {perform, Call}, ?CALL_TIMEOUT).

-spec information(pid()) -> map().
information(Pid) -> gen_server:call(Pid, information, ?CALL_TIMEOUT).

init({Name, #{folder := Folder} = Options}) ->
    process_flag(trap_exit, true),
    case vbeam_ko_interface:read(filename:join(Folder, "interface")) of
        {ok, Interface} -> begun(Name, Options, Interface);
        {error, Reason} -> {stop, {shutdown, {Name, Reason}}}
    end.

begun(Name, Options, Interface) ->
    vbeam_ko_interface:use(Interface),
    case vbeam_ko_memory:start(maps:get(memory, Options, ?MEMORY_BYTES)) of
        ok ->
            vbeam_ko_machine:start(Name, maps:get(time, Options, ?CALL_MS)),
            case vbeam_ko_module:start(Name, Options) of
                ok -> {ok, Name};
                {error, Reason} -> {stop, {shutdown, Reason}}
            end;
        {error, Reason} ->
            {stop, {shutdown, {Name, Reason}}}
    end.

handle_call({call, Function, Arguments, Type}, _From, Name) ->
    case vbeam_ko_module:lookup(Function) of
        {ok, Address} -> {reply, called(Address, Arguments, Type), Name};
        error -> {reply, {error, {no_function, Function}}, Name}
    end;
handle_call({address, Symbol}, _From, Name) ->
    {reply, vbeam_ko_module:lookup(Symbol), Name};
handle_call({perform, {Module, Function, Arguments}}, _From, Name) ->
    {reply, apply(Module, Function, Arguments), Name};
handle_call(information, _From, Name) ->
    Modules = vbeam_ko_module:loaded(),
    [Own] = [Module || Module = #{name := Each} <- Modules, Each =:= Name],
    {reply,
        #{
            name => Name,
            depends => [Each || #{name := Each} <- Modules, Each =/= Name],
            exports => lists:sort(maps:keys(maps:get(exports, Own))),
            memory => vbeam_ko_memory:used(),
            bytes => lists:sum([B - A || #{from := A, behind := B} <- Modules])
        },
        Name}.

called(Address, Arguments, Type) ->
    Passed = [passed(Each) || Each <- Arguments],
    Result = vbeam_ko_machine:call(Address, [element(1, Each) || Each <- Passed]),
    Written = [vbeam_ko_memory:read(At, Size) || {At, Size, buffer} <- Passed],
    [vbeam_ko_memory:free(At) || {At, _, _} <- Passed],
    Value = vbeam_linuxkpi:passed(Type, Result),
    case Written of [] -> {ok, Value}; _ -> {ok, Value, Written} end.

passed(Number) when is_integer(Number) -> {Number};
passed({buffer, Size}) when is_integer(Size) -> passed({buffer, <<0:Size/unit:8>>});
passed({buffer, Bytes}) -> {vbeam_ko_memory:copy(Bytes, 1), byte_size(Bytes), buffer};
passed(Bytes) when is_binary(Bytes) -> {vbeam_ko_memory:copy(Bytes, 1), byte_size(Bytes), read}.

handle_cast(_Request, Name) -> {noreply, Name}.

handle_info({timer, Timer}, Name) ->
    vbeam_linuxkpi_time:fired(Timer),
    {noreply, Name};
handle_info({work, Key, Reference}, Name) ->
    vbeam_linuxkpi_work:due(Key, Reference),
    {noreply, Name};
handle_info({'EXIT', _Pid, Reason}, Name) ->
    {stop, Reason, Name};
handle_info(_Other, Name) ->
    {noreply, Name}.

%% A module that is unloaded has its say; one that has crashed has not.
terminate(Reason, _Name) when Reason =:= normal; Reason =:= shutdown ->
    [vbeam_ko_module:finish(Module) || Module <- lists:reverse(vbeam_ko_module:loaded())],
    ok;
terminate(_Reason, _Name) ->
    ok.
