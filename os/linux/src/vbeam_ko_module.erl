%% Loads kernel modules into the space of the calling process: what a module depends on first, then
%% itself; then its function init_module is called. Each module's exports are there for the next.
%%
%% Options: `folder`, where files NAME.ko lie; `parameters`, a map of names to texts; `force`, which
%% loads a module that was built for another kernel; `memory`, how many bytes its heap may take;
%% `time`, how many milliseconds a call of it may take.
-module(vbeam_ko_module).
-export([load/2, start/2, request/1, loaded/0, finish/1, lookup/1, format_error/1]).
-export_type([options/0, loaded/0]).

-type options() :: #{
    folder := file:name_all(),
    parameters => #{binary() => binary()},
    force => boolean(),
    memory => pos_integer(),
    time => pos_integer()
}.
-type loaded() :: #{
    name := binary(),
    depends := [binary()],
    information := [{binary(), binary()}],
    %% All symbols that lie in it, and those for other modules.
    symbols := #{binary() => non_neg_integer()},
    exports := #{binary() => non_neg_integer()},
    from := non_neg_integer(),
    behind := non_neg_integer(),
    parameters := non_neg_integer(),
    parameter_count := non_neg_integer()
}.

-define(DEPENDENCIES_MAX, 64).
-define(PAGE, 4096).
-define(U32, 16#ffffffff).
-define(EXTABLE_BYTES, 12).

%% Loads a module with what it depends on, and calls their functions init_module in this order. The
%% parameters are those of the module itself.
-spec start(binary(), options()) -> ok | {error, term()}.
start(Name, Options) ->
    put({?MODULE, options}, Options),
    put({?MODULE, loaded}, []),
    more(Name, Options).

%% The same for a module that another one asks for while it runs.
-spec request(binary()) -> ok | {error, term()}.
request(Name) -> more(normal(Name), maps:remove(parameters, get({?MODULE, options}))).

more(Name, Options) ->
    Before = loaded(),
    case load(Name, Options) of
        {ok, All} ->
            put({?MODULE, loaded}, All),
            initialised(lists:nthtail(length(Before), All), Options);
        {error, Reason} ->
            {error, Reason}
    end.

initialised([], _Options) ->
    ok;
initialised([Module | Modules], Options) ->
    Own = case Modules of [] -> Options; _ -> maps:remove(parameters, Options) end,
    case initialise(Module, Own) of
        ok -> initialised(Modules, Options);
        {error, Reason} -> {error, Reason}
    end.

%% All modules of this space, in the order in which they were loaded.
-spec loaded() -> [loaded()].
loaded() -> get({?MODULE, loaded}).

%% Those that are there, the module, and what it depends on.
-spec load(binary(), options()) -> {ok, [loaded()]} | {error, term()}.
load(Name, Options) ->
    try
        There = lists:reverse(loaded()),
        {ok, lists:reverse(with_dependencies([{Name, files}], There, Options))}
    catch
        throw:{ko, Reason} -> {error, Reason}
    end.

%% Depth first, without recursion into itself: a file is read, its dependencies are put before it.
with_dependencies([], Loaded, _Options) ->
    Loaded;
with_dependencies([{Name, _} | Rest], Loaded, Options) when is_binary(Name) ->
    _ = length(Rest) =< ?DEPENDENCIES_MAX orelse throw({ko, {Name, too_many_dependencies}}),
    case lists:any(fun(#{name := Each}) -> Each =:= Name end, Loaded) of
        true ->
            with_dependencies(Rest, Loaded, Options);
        false ->
            Elf = parsed(Name, Options),
            Depends = depends(Elf),
            [
                throw({ko, {Name, {circular_dependency, Each}}})
             || Each <- Depends, lists:any(fun(Row) -> waits(Each, Row) end, [{Name, x} | Rest])
            ],
            Next = [{Each, files} || Each <- Depends] ++ [{{load, Name}, Elf} | Rest],
            with_dependencies(Next, Loaded, Options)
    end;
with_dependencies([{{load, Name}, Elf} | Rest], Loaded, Options) ->
    with_dependencies(Rest, [loaded(Name, Elf, Loaded) | Loaded], Options).

waits(Name, {{load, Name}, _}) -> true;
waits(_Name, _) -> false.

parsed(Name, #{folder := Folder} = Options) ->
    Path = filename:join(Folder, <<Name/binary, ".ko">>),
    case file:read_file(Path) of
        {ok, File} ->
            case vbeam_elf_loader:parse(File) of
                {ok, Elf} -> checked(Name, Elf, Options);
                {error, Error} -> throw({ko, {Name, {elf, Error}}})
            end;
        {error, Reason} ->
            throw({ko, {Name, {Reason, unicode:characters_to_binary(Path)}}})
    end.

%% A module is for one release of the kernel, and for the interfaces that it was built against.
checked(_Name, Elf, #{force := true}) ->
    Elf;
checked(Name, Elf, _Options) ->
    Release = vbeam_ko_interface:release(),
    case proplists:get_value(<<"vermagic">>, vbeam_elf_loader:information(Elf)) of
        undefined -> throw({ko, {Name, no_vermagic}});
        Magic ->
            case binary:split(Magic, <<" ">>) of
                [Release | _] -> ok;
                _ -> throw({ko, {Name, {another_kernel, Magic, Release}}})
            end
    end,
    case vbeam_elf_loader:check_versions(Elf, vbeam_ko_interface:versions()) of
        ok -> Elf;
        {error, Error} -> throw({ko, {Name, {elf, Error}}})
    end.

depends(Elf) ->
    Text = proplists:get_value(<<"depends">>, vbeam_elf_loader:information(Elf), <<>>),
    [normal(Name) || Name <- binary:split(Text, <<",">>, [global]), Name =/= <<>>].

normal(Name) -> binary:replace(Name, <<"-">>, <<"_">>, [global]).

%% --- one module ------------------------------------------------------------------------------

loaded(Name, Elf, Loaded) ->
    Base = case Loaded of [#{behind := Behind} | _] -> Behind + ?PAGE; [] ->
        vbeam_ko_memory:modules() end,
    Elsewhere = per_cpu(Name, Elf),
    Placed = ok(Name, vbeam_elf_loader:place(Elf, Base, Elsewhere)),
    Others = lists:foldl(fun(#{exports := E}, Map) -> maps:merge(Map, E) end, #{}, Loaded),
    Known = vbeam_ko_machine:symbols(Others),
    Values = ok(Name, vbeam_elf_loader:resolve_symbols(Placed, Known)),
    Pieces = ok(Name, vbeam_elf_loader:apply_relocations(Placed, Values)),
    Here = [Piece || {Section, _, _, _} = Piece <- Pieces, not is_map_key(Section, Elsewhere)],
    [
        vbeam_ko_memory:write(vbeam_ko_memory:per_cpu() + At, Bytes)
     || {Section, At, _, Bytes} <- Pieces, is_map_key(Section, Elsewhere)
    ],
    mapped(Here),
    Symbols = symbols(Elf, Values),
    Behind1 = maps:get(behind, Placed),
    Sorted = lists:keysort(1, [{V, N} || {N, V} <- maps:to_list(Symbols), V >= Base, V < Behind1]),
    vbeam_ko_machine:add_code({Base, Behind1, Name, Sorted}),
    vbeam_ko_machine:add_faults(bugs(Here)),
    vbeam_ko_machine:add_faults(exceptions(Here)),
    {Parameters, Count} = parameters(Here),
    #{
        name => Name,
        depends => depends(Elf),
        information => vbeam_elf_loader:information(Elf),
        symbols => Symbols,
        exports => vbeam_elf_loader:exported_symbols(Elf, Values),
        from => Base,
        behind => Behind1,
        parameters => Parameters,
        parameter_count => Count
    }.

ok(_Name, {ok, Result}) -> Result;
ok(Name, {error, Error}) -> throw({ko, {Name, {elf, Error}}}).

%% Variables of the processor: their addresses are offsets into its area.
per_cpu(Name, Elf) ->
    case vbeam_elf_file:section(<<".data..percpu">>, Elf) of
        {ok, #{size := Size, align := Align}} when Size > 0 ->
            case vbeam_linuxkpi:more_per_cpu(Size, Align) of
                0 -> throw({ko, {Name, too_many_per_cpu_variables}});
                Offset -> #{<<".data..percpu">> => Offset}
            end;
        _ ->
            #{}
    end.

%% Sections of one kind of access lie together, from a page on.
mapped(Pieces) ->
    lists:foreach(
        fun(Access) ->
            case [{At, At + byte_size(B)} || {_, At, A, B} <- Pieces, A =:= Access, B =/= <<>>] of
                [] ->
                    ok;
                Ranges ->
                    From = lists:min([At || {At, _} <- Ranges]) band bnot (?PAGE - 1),
                    To = lists:max([End || {_, End} <- Ranges]),
                    vbeam_ko_memory:map(From, To - From, Access)
            end
        end,
        [[read, execute], [read], [read, write]]
    ),
    [vbeam_ko_memory:write(At, Bytes) || {_, At, _, Bytes} <- Pieces].

symbols(#{symbols := Symbols}, Values) ->
    maps:from_list([
        {Name, Value}
     || {#{name := Name, section := Section, type := Type}, Value} <-
            lists:zip(tuple_to_list(Symbols), tuple_to_list(Values)),
        is_integer(Section), is_integer(Value), Name =/= <<>>, Type =/= section, Type =/= file
    ]).

%% Where BUG() and WARN() stand: entries {place, file, line, flags}, places relative to the entry.
bugs(Pieces) ->
    Size = vbeam_ko_interface:size(bug_entry),
    maps:from_list(lists:append([
        [
            {address(At + I, Place), {bug, Flags, file_at(address(At + I + 4, File)), Line}}
         || {I, <<Place:32/little-signed, File:32/little-signed, Line:16/little, Flags:16/little,
                _/binary>>} <- entries(Bytes, Size)
        ]
     || {<<"__bug_table">>, At, _, Bytes} <- Pieces
    ])).

file_at(Address) ->
    case vbeam_ko_memory:peek(Address, 1) of
        {ok, _} -> filename:basename(vbeam_linuxkpi_text:bounded(Address, 256));
        {error, _} -> <<"?">>
    end.

%% Where a fault goes on: entries {place, fix-up, kind}.
exceptions(Pieces) ->
    maps:from_list(lists:append([
        [
            {address(At + I, Place), {fix, address(At + I + 4, Fix), Kind}}
         || {I, <<Place:32/little-signed, Fix:32/little-signed, Kind:32/little>>} <-
                entries(Bytes, ?EXTABLE_BYTES)
        ]
     || {<<"__ex_table">>, At, _, Bytes} <- Pieces
    ])).

address(Place, Distance) -> (Place + Distance) band 16#ffffffffffffffff.

entries(Bytes, Size) ->
    Rows = [Row || <<Row:Size/binary>> <= Bytes],
    [{I * Size, Row} || {I, Row} <- lists:enumerate(0, Rows)].

%% --- parameters, start and end ---------------------------------------------------------------

parameters(Pieces) ->
    case [{At, byte_size(B)} || {<<"__param">>, At, _, B} <- Pieces] of
        [{At, Bytes}] -> {At, Bytes div vbeam_ko_interface:size(kernel_param)};
        [] -> {0, 0}
    end.

%% Sets the parameters that the options have for the module, and calls init_module.
initialise(#{name := Name, symbols := Symbols} = Module, Options) ->
    try
        maps:foreach(
            fun(Parameter, Text) -> parameter(Module, Parameter, Text) end,
            maps:get(parameters, Options, #{})
        ),
        case Symbols of
            #{<<"init_module">> := Address} -> started(Name, vbeam_ko_machine:call(Address, []));
            #{} -> ok
        end
    catch
        throw:{ko, Reason} -> {error, Reason}
    end.

started(Name, Value) ->
    case <<Value:32>> of
        <<Code:32/signed>> when Code < 0 -> {error, {Name, {init_module, Code}}};
        _ -> ok
    end.

parameter(#{name := Name, parameters := First, parameter_count := Count}, Parameter, Text) ->
    Size = vbeam_ko_interface:size(kernel_param),
    Rows = [First + I * Size || I <- lists:seq(0, Count - 1)],
    Found = [
        Row
     || Row <- Rows,
        vbeam_ko_memory:string(vbeam_ko_memory:get(Row, kernel_param, name)) =:= Parameter
    ],
    case Found of
        [Row | _] ->
            Ops = vbeam_ko_memory:get(Row, kernel_param, ops),
            Set = vbeam_ko_memory:get(Ops, kernel_param_ops, set),
            Result = vbeam_ko_memory:with([Text, 0], fun(At) -> vbeam_ko_machine:call(Set, [At,
                Row]) end),
            started_parameter(Name, Parameter, Result);
        [] ->
            throw({ko, {Name, {no_parameter, Parameter}}})
    end.

started_parameter(Name, Parameter, Value) ->
    case <<Value:32>> of
        <<0:32>> -> ok;
        <<Code:32/signed>> -> throw({ko, {Name, {parameter, Parameter, Code}}})
    end.

%% Calls cleanup_module, if there is one.
-spec finish(loaded()) -> ok.
finish(#{symbols := #{<<"cleanup_module">> := Address}}) ->
    _ = vbeam_ko_machine:call(Address, []),
    ok;
finish(_Module) ->
    ok.

%% A symbol of the modules that are loaded, the last one's first.
-spec lookup(binary()) -> {ok, non_neg_integer()} | error.
lookup(Symbol) ->
    case [Address || #{symbols := #{Symbol := Address}} <- lists:reverse(loaded())] of
        [Address | _] -> {ok, Address};
        [] -> error
    end.

-spec format_error(term()) -> string().
format_error({Name, {elf, Error}}) ->
    lists:flatten(io_lib:format("~ts.ko: ~ts", [Name, vbeam_elf_loader:format_error(Error)]));
format_error({Name, {another_kernel, Magic, Release}}) ->
    Text = "~ts.ko: built for kernel ~ts, not for ~ts",
    lists:flatten(io_lib:format(Text, [Name, Magic, Release]));
format_error({Name, {init_module, Code}}) ->
    lists:flatten(io_lib:format("~ts.ko: init_module gives ~b", [Name, Code]));
format_error({Name, {Reason, Path}}) when is_atom(Reason), is_binary(Path) ->
    lists:flatten(io_lib:format("~ts.ko: ~ts: ~ts", [Name, Path, file:format_error(Reason)]));
format_error({Name, Reason}) when is_binary(Name) ->
    lists:flatten(io_lib:format("~ts.ko: ~tp", [Name, Reason]));
format_error(Reason) ->
    lists:flatten(io_lib:format("~tp", [Reason])).
