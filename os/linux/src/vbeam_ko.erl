%% Kernel modules of Linux, loaded and used from Erlang:
%%
%%     ok = vbeam_ko:load("crc16.ko"),
%%     {ok, 16#bb3d} = vbeam_ko:call("crc16", crc16, [0, <<"123456789">>, 9], u16),
%%     [{<<"crc16">>, _Pid}] = vbeam_ko:list(),
%%     ok = vbeam_ko:unload("crc16")
%%
%% Each module is a supervised process with an address space of its own, in which what it depends on
%% is loaded, too. Files are NAME.ko in the folder that the option `folder` names, by default that
%% of the one kernel below /lib/modules or /boot/lib/modules; the file `interface` beside them
%% describes that kernel.
-module(vbeam_ko).
-export([load/1, load/2, unload/1, list/0, information/1, log/1]).
-export([call/3, call/4, address/2, perform/2]).
-export([format_error/1]).

%% The second is what came with the system.
-define(MODULES, ["/lib/modules", "/boot/lib/modules"]).

-type name() :: string() | binary() | atom().

-spec load(name()) -> ok | {error, term()}.
load(Name) -> load(Name, #{}).

%% Options of vbeam_ko_module; parameters may be [{Name, Value}].
-spec load(name(), map()) -> ok | {error, term()}.
load(Name, Given) ->
    case options(Given) of
        {ok, Options} ->
            ok = vbeam_ko_sup:ensure_started(),
            case vbeam_ko_sup:start_module(normal(Name), Options) of
                {ok, _} -> ok;
                {error, Reason} -> {error, Reason}
            end;
        {error, Reason} ->
            {error, Reason}
    end.

-spec unload(name()) -> ok | {error, not_loaded}.
unload(Name) -> vbeam_ko_sup:stop_module(normal(Name)).

-spec list() -> [{binary(), pid() | restarting}].
list() -> lists:sort(vbeam_ko_sup:modules()).

-spec information(name()) -> map() | {error, not_loaded}.
information(Name) -> with(Name, fun vbeam_ko_server:information/1).

%% See vbeam_ko_server:call/4. Without a type the result is all of 64 bits. When the module ends by
%% what it does, its reason is the error.
call(Name, Function, Arguments) -> call(Name, Function, Arguments, u64).

-spec call(name(), name(), [term()], atom()) ->
    {ok, integer()} | {ok, integer(), [binary()]} | {error, term()}.
call(Name, Function, Arguments, Type) ->
    Symbol = iolist_to_binary(text(Function)),
    with(Name, fun(Pid) -> vbeam_ko_server:call(Pid, Symbol, Arguments, Type) end).

%% Where a function or a variable of the module lies.
-spec address(name(), name()) -> {ok, non_neg_integer()} | error | {error, term()}.
address(Name, Symbol) ->
    with(Name, fun(Pid) -> vbeam_ko_server:address(Pid, iolist_to_binary(text(Symbol))) end).

%% {Module, Function, Arguments} of the kernel's interface, in the process of the module.
-spec perform(name(), {module(), atom(), [term()]}) -> term().
perform(Name, Call) -> with(Name, fun(Pid) -> vbeam_ko_server:perform(Pid, Call) end).

%% What the module has printed, the last lines.
-spec log(name()) -> [binary()] | {error, not_loaded}.
log(Name) -> perform(Name, {vbeam_linuxkpi_log, lines, []}).

-spec format_error(term()) -> string().
format_error(Reason) -> vbeam_ko_module:format_error(Reason).

with(Name, Do) ->
    case lists:keyfind(normal(Name), 1, vbeam_ko_sup:modules()) of
        {_, Pid} when is_pid(Pid) ->
            try
                Do(Pid)
            catch
                exit:{Reason, {gen_server, call, _}} -> {error, Reason}
            end;
        _ ->
            {error, not_loaded}
    end.

%% crc-itu-t.ko and crc_itu_t are the same module.
normal(Name) ->
    Base = filename:basename(unicode:characters_to_binary(text(Name)), ".ko"),
    binary:replace(Base, <<"-">>, <<"_">>, [global]).

text(Name) when is_atom(Name) -> atom_to_binary(Name);
text(Name) -> Name.

options(#{folder := _} = Given) ->
    Parameters = maps:get(parameters, Given, #{}),
    Pairs = if is_map(Parameters) -> maps:to_list(Parameters); true -> Parameters end,
    Texts = maps:from_list([{value(Key), value(Value)} || {Key, Value} <- Pairs]),
    {ok, Given#{parameters => Texts}};
options(Given) ->
    Kernels = [
        {Folder, Releases}
     || Folder <- ?MODULES, {ok, [_ | _] = Releases} <- [file:list_dir(Folder)]
    ],
    case Kernels of
        [{Folder, [Release]} | _] -> options(Given#{folder => filename:join(Folder, Release)});
        [] -> {error, no_modules};
        [{Folder, Releases} | _] -> {error, {several_kernels, Folder, Releases}}
    end.

value(Value) when is_integer(Value) -> integer_to_binary(Value);
value(Value) when is_atom(Value) -> atom_to_binary(Value);
value(Value) -> unicode:characters_to_binary(Value).
