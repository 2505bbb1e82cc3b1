%% Configuration spaces made by a seed, many of them corrupt, for vbeam_pci_scan: lists of
%% capabilities that loop, registers that make no sense, bridges with bad numbers, functions that
%% vanish while they are looked at. What must hold of every scan is checked. Runs on any Erlang.
-module(scan_model).
-export([main/2, read/4, write/5]).

-define(READS_MAX, 4000).

main(First, Count) ->
    vbeam_keeper = ets:new(vbeam_keeper, [named_table, public, ordered_set]),
    Totals = [check(Seed) || Seed <- lists:seq(First, First + Count - 1)],
    io:format("~b scans, ~b functions, ~b bridges followed~n", [
        Count,
        lists:sum([F || {F, _} <- Totals]),
        lists:sum([B || {_, B} <- Totals])
    ]).

check(Seed) ->
    rand:seed(exsss, {Seed, 17, 4}),
    Model = ets:new(model, [public]),
    vbeam_keeper:put(vbeam_pci, sizing, none),
    Present = functions(rand:uniform(12), []),
    lists:foreach(fun(Address) -> function(Model, Address) end, Present),
    Vanishing = [{Address, rand:uniform(300)} || Address <- Present, rand:uniform(12) =:= 1],
    _ = [ets:insert(Model, {{vanish, Address}, Reads}) || {Address, Reads} <- Vanishing],
    Access = {model, ?MODULE, Model},
    Before = bytes(Model),
    Found = vbeam_pci_scan:scan(Access, #{}),
    try
        [] = maps:keys(Found) -- Present,
        %% What went in the middle of it keeps what was written last.
        [] = without(Vanishing, Before -- bytes(Model)),
        true = lists:all(fun sound/1, maps:values(Found)),
        true = lists:all(fun(D) -> reached(D, Found) end, maps:values(Found)),
        Reads = maps:from_list([{A, N} || {{reads, A}, N} <- ets:tab2list(Model)]),
        true = lists:all(fun(N) -> N =< ?READS_MAX end, maps:values(Reads)),
        %% What is known is not disturbed.
        ets:insert(Model, {writes, 0}),
        Again = vbeam_pci_scan:scan(Access, Found),
        [] = maps:keys(Again) -- maps:keys(Found),
        case Vanishing of
            [] -> Found = Again, [{writes, 0}] = ets:lookup(Model, writes);
            _ -> ok
        end,
        vbeam_pci_scan:has_more(Access, Found),
        _ = [vbeam_pci_assign:place(Access, D, Found) || D <- maps:values(Found)],
        {map_size(Found), length([1 || #{buses := {_, _}} <- maps:values(Found)])}
    catch
        error:Reason:Stack ->
            io:format("seed ~b: ~0p~n~0p~n~0p~n", [Seed, Reason, Stack, Found]),
            halt(1)
    after
        ets:delete(Model)
    end.

without(Vanishing, Functions) ->
    [Address || {Address, _} <- Functions, not lists:keymember(Address, 1, Vanishing)].

sound(#{bars := Bars, capabilities := Capabilities, extended := Extended} = Device) ->
    Offsets = [Offset || {_, Offset} <- Capabilities],
    Far = [Offset || {_, _, Offset} <- Extended],
    length(Offsets) =:= length(lists:usort(Offsets)) andalso length(Offsets) =< 48 andalso
        lists:all(fun(O) -> O >= 64 andalso O band 3 =:= 0 end, Offsets) andalso
        length(Far) =:= length(lists:usort(Far)) andalso
        lists:all(fun(O) -> O >= 256 andalso O < 4096 end, Far) andalso
        lists:all(fun bar/1, maps:values(Bars)) andalso
        lists:all(
            fun(Kind) ->
                lists:member(Kind, [none, msi, msix])
            end,
            [vbeam_pci_messages:kind(Device)]
        ) andalso is_list(vbeam_pci_names:line(Device)).

bar(#{bytes := 0}) -> true;
bar(#{bytes := Bytes, base := Base, kind := ports}) -> pow2(Bytes) andalso Base band 3 =:= 0;
bar(#{bytes := Bytes, base := Base}) -> pow2(Bytes) andalso Bytes >= 16 andalso Base band 15 =:= 0.

pow2(N) -> N band (N - 1) =:= 0.

%% Every function below a bridge is on the bus that the bridge leads to.
reached(#{parent := root, address := {0, _, _}}, _) -> true;
reached(#{parent := Parent, address := {Bus, _, _}}, Found) ->
    #{Parent := #{buses := {Bus, _}}} = Found,
    true.

%% ---- the model

functions(0, Functions) ->
    lists:usort([{0, 0, 0} | Functions]);
functions(Left, Functions) ->
    Bus = pick([0, 0, 1, 2, 3, rand:uniform(256) - 1]),
    Device = pick([0, 0, 1, rand:uniform(32) - 1]),
    functions(Left - 1, [{Bus, Device, pick([0, 0, 0, rand:uniform(8) - 1])} | Functions]).

pick(Items) -> lists:nth(rand:uniform(length(Items)), Items).

function(Model, Address) ->
    Bytes = corrupt(fields(Address), pick([0, 0, 0, 1, 5, 60])),
    Writable = writable(pick([proper, proper, garbage])),
    ets:insert(Model, {Address, Bytes, Writable}).

%% 4,096 bytes as a map; what is missing is 0.
fields({Bus, _, _}) ->
    Type = pick([0, 0, 1, 16#80, 16#81, 2, 16#7f]),
    Words = [
        {0, 2, pick([16#8086, 16#1234])}, {2, 2, rand:uniform(65535)}, {4, 2, rand:uniform(8) - 1},
        {6, 2, pick([16#10, 16#10, 0])}, {8, 4, rand:uniform(1 bsl 32) - 1}, {14, 1, Type},
        {16#34, 1, 16#40}, {16#19, 1, pick([Bus + 1, rand:uniform(256) - 1])}, {16#1a, 1, 255}
    ],
    Chain = chain(16#40, pick([0, 1, 4, 60])),
    Bars = [{16#10 + 4 * I, 4, rand:uniform(1 bsl 32) - 1} || I <- lists:seq(0, 5)],
    Far = [{256 + 4 * I, 4, rand:uniform(1 bsl 32) - 1} || I <- lists:seq(0, pick([0, 8, 959]))],
    lists:foldl(fun put_word/2, #{}, Far ++ Bars ++ Words ++ Chain).

chain(_At, 0) ->
    [];
chain(At, Left) ->
    Next = pick([At + 16, At + 16, 16#40, At, rand:uniform(256) - 1]) band 16#ff,
    [{At, 1, pick([5, 16#10, 16#11, 1, rand:uniform(256) - 1])}, {At + 1, 1, Next}
     | chain(Next band 16#fc, Left - 1)].

put_word({At, Size, Value}, Bytes) ->
    Put = fun(I, Some) -> Some#{At + I => (Value bsr (8 * I)) band 255} end,
    lists:foldl(Put, Bytes, lists:seq(0, Size - 1)).

corrupt(Bytes, 0) -> Bytes;
corrupt(Bytes, Left) ->
    At = pick([rand:uniform(64) - 1, rand:uniform(256) - 1, rand:uniform(4096) - 1]),
    corrupt(Bytes#{At => pick([0, 255, rand:uniform(256) - 1])}, Left - 1).

%% The bits of each register that can be written.
writable(proper) ->
    Sizes = [pick([0, 4, 8, 12, 20, 31]) || _ <- lists:seq(0, 5)],
    Masks = [
        {16#10 + 4 * I, 4, 16#ffffffff band bnot ((1 bsl Size) - 1)}
     || {I, Size} <- lists:zip(lists:seq(0, 5), Sizes), Size > 0
    ],
    lists:foldl(fun put_word/2, #{4 => 7}, Masks);
writable(garbage) ->
    Masks = [{16#10 + 4 * I, 4, rand:uniform(1 bsl 32) - 1} || I <- lists:seq(0, 5)],
    lists:foldl(fun put_word/2, #{4 => rand:uniform(256) - 1}, Masks).

bytes(Model) ->
    lists:sort([{Address, Bytes} || {{_, _, _} = Address, Bytes, _} <- ets:tab2list(Model)]).

%% ---- as vbeam_pci_config asks

read(Model, Address, Offset, Bits) ->
    0 = Offset band (Bits div 8 - 1),
    true = Offset >= 0 andalso Offset < 4096,
    _ = ets:update_counter(Model, {reads, Address}, 1, {{reads, Address}, 0}),
    case {ets:lookup(Model, Address), gone(Model, Address)} of
        {[{_, Bytes, _}], false} ->
            Places = lists:seq(0, Bits div 8 - 1),
            lists:sum([maps:get(Offset + I, Bytes, 0) bsl (8 * I) || I <- Places]);
        _ ->
            1 bsl Bits - 1
    end.

gone(Model, Address) ->
    case ets:lookup(Model, {vanish, Address}) of
        [] -> false;
        [{_, 0}] -> true;
        [{Key, Left}] -> ets:insert(Model, {Key, Left - 1}), false
    end.

write(Model, Address, Offset, Bits, Value) ->
    true = Value >= 0 andalso Value < 1 bsl Bits,
    _ = ets:update_counter(Model, writes, 1, {writes, 0}),
    case {ets:lookup(Model, Address), ets:lookup(Model, {vanish, Address})} of
        {[{_, Bytes, Writable}], Vanish} when Vanish =:= []; element(2, hd(Vanish)) > 0 ->
            New = lists:foldl(
                fun(I, Some) ->
                    At = Offset + I,
                    Mask = maps:get(At, Writable, 0),
                    Old = maps:get(At, Some, 0),
                    Byte = (Old band bnot Mask) bor ((Value bsr (8 * I)) band 255 band Mask),
                    %% A byte that was never there and is zero stays out.
                    case Byte =:= Old of
                        true -> Some;
                        false -> Some#{At => Byte}
                    end
                end,
                Bytes,
                lists:seq(0, Bits div 8 - 1)
            ),
            ets:insert(Model, {Address, New, Writable}),
            ok;
        _ ->
            ok
    end.
