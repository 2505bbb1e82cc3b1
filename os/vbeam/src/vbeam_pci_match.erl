%% Which driver fits a device. A driver says what it is for in an attribute of its module:
%%
%%   -vbeam_match([#{vendor => 16#1234, device => 16#11e8}]).
%%
%% Each map (or list of pairs) names values of vendor, device, subvendor, subdevice, class, subclass
%% and prog_if; what it does not name may be anything. It fits when all of them are the device's. Of
%% several that fit, the one that says more about what exactly the device is wins, then the module
%% whose name comes first.
%%
%% Asked are the modules of the system's application and of the program in the boot archive, whose
%% attributes are read without loading them, and those that were added.
-module(vbeam_pci_match).
-export([drivers/0, best/2, attribute/1, patterns/1]).
-export_type([driver/0]).

-define(ATTRIBUTE, vbeam_match).
-define(LIBRARIES, "/otp/lib").
-define(PROGRAM, "/program").
%% What a key weighs; more than all before it together.
-define(WEIGHTS, #{
    class => 1, subclass => 2, prog_if => 4, vendor => 8, device => 16, subvendor => 32,
    subdevice => 64
}).

-type pattern() :: #{atom() => non_neg_integer()}.
-type driver() :: {module(), [pattern()]}.

%% All drivers in the boot archive.
-spec drivers() -> [driver()].
drivers() ->
    Own = [?LIBRARIES ++ "/" ++ Name ++ "/ebin" || Name <- names(?LIBRARIES), is_own(Name)],
    lists:usort([Driver || Folder <- [?PROGRAM | Own], Driver <- drivers_in(Folder)]).

%% The system's application, of whatever version.
is_own("vbeam-" ++ _) -> true;
is_own(_) -> false.

%% The code server may not have started yet.
names(Folder) ->
    case prim_file:list_dir(Folder) of
        {ok, Names} -> lists:sort(Names);
        {error, _} -> []
    end.

drivers_in(Folder) ->
    [
        {list_to_atom(filename:basename(Name, ".beam")), Patterns}
     || Name <- names(Folder),
        filename:extension(Name) =:= ".beam",
        Patterns <- [patterns_in(filename:join(Folder, Name))],
        Patterns =/= []
    ].

patterns_in(Path) ->
    case prim_file:read_file(Path) of
        {ok, Beam} -> attribute(Beam);
        {error, _} -> []
    end.

%% The patterns that a compiled module has; none when it is no module.
-spec attribute(Beam :: binary()) -> [pattern()].
attribute(<<"FOR1", _:32, "BEAM", Chunks/binary>>) ->
    try
        Attributes = binary_to_term(chunk(<<"Attr">>, Chunks)),
        [
            Pattern
         || {?ATTRIBUTE, Patterns} <- Attributes,
            #{} = Pattern <- patterns(Patterns),
            is_pattern(Pattern)
        ]
    catch
        error:_ -> []
    end;
attribute(_) ->
    [].

%% An attribute's values; languages whose attributes hold no maps write pairs.
-spec patterns([pattern() | [{atom(), non_neg_integer()}]]) -> [pattern()].
patterns(Values) ->
    [
        case Value of
            [{_, _} | _] -> maps:from_list(Value);
            _ -> Value
        end
     || Value <- Values
    ].

chunk(Name, <<Name:4/binary, Bytes:32, Data:Bytes/binary, _/binary>>) ->
    Data;
chunk(Name, <<_:4/binary, Bytes:32, Rest/binary>>) ->
    <<_:Bytes/binary, Padded/binary>> = Rest,
    Padding = -Bytes band 3,
    <<_:Padding/binary, Next/binary>> = Padded,
    chunk(Name, Next).

is_pattern(Pattern) ->
    lists:all(fun(Key) -> is_map_key(Key, ?WEIGHTS) end, maps:keys(Pattern)).

%% The driver that fits best.
-spec best(vbeam_pci_scan:device(), [driver()]) -> module() | none.
best(Device, Drivers) ->
    Fitting = [
        {-weight(Pattern), Module}
     || {Module, Patterns} <- Drivers, Pattern <- Patterns, fits(Pattern, Device)
    ],
    case lists:sort(Fitting) of
        [] -> none;
        [{_, Module} | _] -> Module
    end.

fits(Pattern, Device) ->
    lists:all(fun({Key, Value}) -> maps:get(Key, Device) =:= Value end, maps:to_list(Pattern)).

weight(Pattern) ->
    lists:sum([maps:get(Key, ?WEIGHTS) || Key <- maps:keys(Pattern)]).
