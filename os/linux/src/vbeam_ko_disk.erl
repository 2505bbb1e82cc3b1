%% A disk of a kernel module as a block device of the system: what vbeam_block asks of a driver is
%% asked of the module. It goes when the module does.
-module(vbeam_ko_disk).
-behaviour(vbeam_block).
-export([add/2]).
-export([init/1, submit/3, handle_interrupt/3, cancel/2]).

-define(SECTOR, 512).

%% The disk of a module that is loaded, under its own name: vbeam_ko_disk:add(brd, <<"ram0">>).
-spec add(atom() | binary() | string(), binary()) -> ok | {error, term()}.
add(Module, Disk) ->
    vbeam_block:add(binary_to_atom(Disk), ?MODULE, #{module => Module, disk => Disk}).

init(#{module := Module, disk := Disk} = Config) ->
    case vbeam_ko:perform(Module, {vbeam_linuxkpi_block, names, []}) of
        Names when is_list(Names) ->
            case lists:keyfind(Disk, 1, Names) of
                {_, Sectors} ->
                    Model = iolist_to_binary(io_lib:format("~ts of a kernel module", [Disk])),
                    Info = #{block_bytes => ?SECTOR, blocks => Sectors, depth => 1, model => Model},
                    {ok, Info, Config};
                false ->
                    {stop, enodev}
            end;
        {error, Reason} ->
            {stop, Reason}
    end.

submit(_Tag, {read, First, Count}, #{module := Module, disk := Disk} = State) ->
    {done, ask(Module, read, [Disk, First, Count * ?SECTOR]), State};
submit(_Tag, {write, First, Data, _Flags}, #{module := Module, disk := Disk} = State) ->
    {done, ask(Module, write, [Disk, First, iolist_to_binary(Data)]), State};
submit(_Tag, {discard, First, Count}, State) ->
    %% The module may have no discard: zeros are what it would give.
    submit(0, {write, First, [<<0:(Count * ?SECTOR)/unit:8>>], []}, State);
submit(_Tag, flush, State) ->
    {done, ok, State}.

%% A module that has ended is a device that is gone.
ask(Module, Function, Arguments) ->
    case vbeam_ko:perform(Module, {vbeam_linuxkpi_block, Function, Arguments}) of
        {error, Reason} when Reason =/= eio -> {error, enodev};
        Result -> Result
    end.

handle_interrupt(_Vector, _Data, State) -> {[], State}.

cancel(_Tags, State) -> State.
