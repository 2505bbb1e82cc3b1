%% Block devices with a driver that completes its requests later, in any order, and sometimes
%% wrongly or not at all: what vbeam_block promises.
-module(block_devices).
-behaviour(vbeam_block).
-export([main/0]).
-export([init/1, submit/3, handle_interrupt/3, cancel/2, handle_info/2]).

-define(BLOCKS, 64).

main() ->
    ok = logger:set_primary_config(level, none),
    show(add, vbeam_block:add(slow, ?MODULE, #{depth => 4})),
    show(devices, [Name || {Name, _} <- vbeam_block:devices()]),
    Bytes = fun(Byte) -> binary:copy(<<Byte>>, 512) end,
    show(write, vbeam_block:write(slow, 3, [Bytes(1), Bytes(2)])),
    {ok, Read} = vbeam_block:read(slow, 2, 4),
    show(read, Read =:= iolist_to_binary([Bytes(0), Bytes(1), Bytes(2), Bytes(0)])),
    show(scattered, vbeam_block:submit(slow, [
        {write, 10, [Bytes(5), Bytes(6)], [fua]}, flush, {read, 11, 1}, {discard, 10, 1},
        flush, {read, 10, 1}
    ]) =:= [ok, ok, {ok, Bytes(6)}, ok, ok, {ok, Bytes(0)}]),
    show(many, lists:usort(vbeam_block:submit(slow, [
        {write, Block, [Bytes(Block)], []}
     || Block <- lists:seq(0, ?BLOCKS - 1)
    ]))),
    show(order, [Byte || {ok, <<Byte, _/binary>>} <- vbeam_block:submit(slow, [
        {read, Block, 1}
     || Block <- lists:seq(0, 9)
    ])]),
    show(most_at_once, gen_server:call(slow, info) =/= none andalso persistent_term:get(most)),
    show(passed_a_flush, persistent_term:get(passed, 0)),
    show(outside, [
        vbeam_block:read(slow, ?BLOCKS, 1), vbeam_block:read(slow, -1, 1),
        vbeam_block:read(slow, 0, 0), vbeam_block:write(slow, 0, <<"short">>),
        vbeam_block:read(none, 0, 1), vbeam_block:read({slow, 1}, 0, 1)
    ]),
    %% Twice wrong, then right; always wrong; never an answer.
    persistent_term:put(faults, 2),
    show(tried_again, element(1, vbeam_block:read(slow, 1, 1))),
    persistent_term:put(faults, 1000),
    show(always_wrong, vbeam_block:read(slow, 1, 1)),
    persistent_term:put(faults, 0),
    persistent_term:put(silent, true),
    show(silent, vbeam_block:read(slow, 1, 1)),
    persistent_term:put(silent, false),
    show(and_again, element(1, vbeam_block:read(slow, 1, 1))),
    %% Its driver ends while requests are under way: they are asked for again.
    Self = self(),
    Readers = [
        spawn(fun() ->
            Self ! {self(), [element(1, vbeam_block:read(slow, 1, 1)) || _ <- "many"]}
        end)
     || _ <- "readers"
    ],
    _ = [begin exit(whereis(slow), kill), receive after 20 -> ok end end || _ <- "kills"],
    show(killed, lists:usort([receive {Reader, All} -> All end || Reader <- Readers])),
    slow ! remove,
    show(removed, vbeam_block:read(slow, 1, 1)),
    show(devices, vbeam_block:devices()),
    show(remove, vbeam_block:remove(slow)),
    partitions().

show(What, Value) ->
    io:format("~p: ~0p~n", [What, Value]).

%% A disk with partitions that another program made: /host/disk.
partitions() ->
    case file:read_file("/host/disk") of
        {ok, Image} ->
            ok = vbeam_ram_disk:create(parts, byte_size(Image)),
            copy(0, Image),
            [{parts, _} | Parts] = vbeam_block:devices(),
            show(partitions, [{Number, Blocks} || {{parts, Number}, #{blocks := Blocks}} <- Parts]),
            show(first_blocks, [
                erlang:crc32(element(2, vbeam_block:read(Part, 0, 1)))
             || {Part, _} <- Parts
            ]),
            [{Part, #{blocks := Blocks}} | _] = Parts,
            show(behind, [
                vbeam_block:read(Part, Blocks, 1), vbeam_block:write(Part, Blocks, <<0:4096>>),
                vbeam_block:write(Part, Blocks - 1, <<1:4096>>)
            ]),
            %% The table is broken, then also its copy.
            ok = vbeam_block:write(parts, 1, <<0:4096>>),
            show(second_table, length(vbeam_block:devices()) - 1 =:= length(Parts)),
            {ok, #{blocks := All}} = vbeam_block:info(parts),
            ok = vbeam_block:write(parts, All - 1, <<0:4096>>),
            show(no_table, length(vbeam_block:devices()));
        _ ->
            ok
    end.

copy(_At, <<>>) ->
    ok;
copy(At, Image) ->
    Bytes = min(65536, byte_size(Image)),
    <<Part:Bytes/binary, Rest/binary>> = Image,
    ok = vbeam_block:write(parts, At, Part),
    copy(At + Bytes div 512, Rest).

%% ---- the driver: an answer comes a millisecond or some later

init(#{depth := Depth}) ->
    Info = #{block_bytes => 512, blocks => ?BLOCKS, depth => Depth, timeout_ms => 100},
    {ok, Info, #{running => #{}, table => vbeam_keeper:table(block_devices, blocks)}}.

submit(Tag, Request, #{running := Running} = State) ->
    Now = Running#{Tag => Request},
    persistent_term:put(most, max(map_size(Now), persistent_term:get(most, 0))),
    _ = lists:member(flush, maps:values(Now)) andalso map_size(Now) > 1 andalso
        persistent_term:put(passed, persistent_term:get(passed, 0) + 1),
    _ = persistent_term:get(silent, false) orelse
        erlang:send_after(1 + Tag * 7 rem 5, self(), {complete, Tag}),
    {started, State#{running := Now}}.

handle_interrupt(_Vector, _Data, State) ->
    {[], State}.

cancel(_Tags, State) ->
    State#{running := #{}}.

handle_info({complete, Tag}, #{running := Running, table := Table} = State) ->
    case maps:take(Tag, Running) of
        {Request, Others} ->
            Result =
                case persistent_term:get(faults, 0) of
                    0 -> carry_out(Request, Table);
                    Faults -> persistent_term:put(faults, Faults - 1), {error, eio}
                end,
            {[{Tag, Result}], State#{running := Others}};
        error ->
            {[], State}
    end;
handle_info(remove, State) ->
    {removed, State};
handle_info(_, State) ->
    {[], State}.

carry_out(flush, _Table) ->
    ok;
carry_out({read, First, Count}, Table) ->
    {ok, iolist_to_binary([
        case ets:lookup(Table, Block) of
            [{_, Bytes}] -> Bytes;
            [] -> <<0:4096>>
        end
     || Block <- lists:seq(First, First + Count - 1)
    ])};
carry_out({write, First, Data, _}, Table) ->
    Bytes = iolist_to_binary(Data),
    Blocks = [Block || <<Block:512/binary>> <= Bytes],
    true = ets:insert(Table, lists:zip(lists:seq(First, First + length(Blocks) - 1), Blocks)),
    ok;
carry_out({discard, First, Count}, Table) ->
    _ = [ets:delete(Table, Block) || Block <- lists:seq(First, First + Count - 1)],
    ok.
