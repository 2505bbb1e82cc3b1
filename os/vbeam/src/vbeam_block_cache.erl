%% Blocks of a file system over a block device. What a request changes is put aside and takes effect
%% as a whole: `commit` writes it down in a table of vbeam_keeper first, with the answer to the
%% request, and then to the device; whoever starts after the process has ended finds it there and
%% writes it again. So a file system's process may be ended at any moment, and no request is carried
%% out in part or twice. A machine that loses power has no such table: data go before a flush and
%% metadata behind it, and what else is needed is up to the file system's checker.
%%
%% Blocks of metadata are kept, as long as there are not too many; data are not.
-module(vbeam_block_cache).
-export([open/4, read/2, read_run/3, write/3, write_run/3]).
-export([is_changed/1, commit/3, rollback/1, replied/2, sync/1]).
-export_type([cache/0, request/0]).

%% Who asks, and what tells his requests apart. Nobody asks for something before he has an answer,
%% so the last answer to each process is all that may be asked for again.
-type request() :: {pid(), reference()}.

-record(cache, {
    device :: vbeam_block:device(),
    block_bytes :: pos_integer(),
    %% Blocks of the file system, and blocks of the device in each.
    blocks :: pos_integer(),
    ratio :: pos_integer(),
    clean :: ets:tid(),
    dirty :: ets:tid(),
    journal :: ets:tid()
}).
-opaque cache() :: #cache{}.

-define(CLEAN_MAX, 2048).
%% After so many answers those to processes that have ended are forgotten.
-define(ANSWERS, 256).

%% What a former process has not finished is finished first.
-spec open(vbeam_block:device(), BlockBytes :: pos_integer(), Blocks :: pos_integer(),
    vbeam_files:system()) -> cache().
open(Device, BlockBytes, Blocks, System) ->
    {ok, #{block_bytes := DeviceBytes}} = vbeam_block:info(Device),
    Cache = #cache{
        device = Device, block_bytes = BlockBytes, blocks = Blocks,
        ratio = BlockBytes div DeviceBytes,
        clean = ets:new(clean, [private]),
        dirty = ets:new(dirty, [private, ordered_set]),
        journal = vbeam_keeper:table(vbeam_filesystem:name(System), journal)
    },
    case ets:lookup(Cache#cache.journal, transaction) of
        [{_, Changes}] -> apply_changes(Changes, Cache);
        [] -> ok
    end,
    Cache.

-spec read(cache(), Block :: pos_integer()) -> binary().
read(#cache{clean = Clean, dirty = Dirty} = Cache, Block) ->
    case ets:lookup(Dirty, Block) of
        [{_, Bytes}] ->
            Bytes;
        [] ->
            case ets:lookup(Clean, Block) of
                [{_, Bytes}] ->
                    Bytes;
                [] ->
                    Bytes = read_run(Cache, Block, 1),
                    keep(Clean, Block, Bytes),
                    Bytes
            end
    end.

keep(Clean, Block, Bytes) ->
    _ = ets:info(Clean, size) >= ?CLEAN_MAX andalso ets:delete_all_objects(Clean),
    ets:insert(Clean, {Block, Bytes}).

%% Blocks of data, past those that this request has changed.
-spec read_run(cache(), Block :: pos_integer(), Count :: pos_integer()) -> binary().
read_run(#cache{device = Device, ratio = Ratio} = Cache, Block, Count) ->
    check(Block, Count, Cache),
    case vbeam_block:read(Device, Block * Ratio, Count * Ratio) of
        {ok, Bytes} -> Bytes;
        {error, _} -> throw({posix, eio})
    end.

%% A pointer that leads out of the file system is an error in it.
check(Block, Count, #cache{blocks = Blocks}) ->
    _ = (Block > 0 orelse (Block =:= 0 andalso Count =:= 1)) andalso Block + Count =< Blocks
        orelse throw({posix, eio}),
    ok.

-spec write(cache(), Block :: non_neg_integer(), binary()) -> ok.
write(#cache{dirty = Dirty, block_bytes = BlockBytes} = Cache, Block, Bytes) ->
    check(Block, 1, Cache),
    BlockBytes = byte_size(Bytes),
    true = ets:insert(Dirty, {Block, Bytes}),
    ok.

%% Data of whole blocks, which this request does not read again.
-spec write_run(cache(), Block :: pos_integer(), binary()) -> ok.
write_run(#cache{dirty = Dirty, block_bytes = BlockBytes} = Cache, Block, Bytes) ->
    check(Block, byte_size(Bytes) div BlockBytes, Cache),
    true = ets:insert(Dirty, {{data, Block}, Bytes}),
    ok.

-spec rollback(cache()) -> ok.
rollback(#cache{dirty = Dirty}) ->
    true = ets:delete_all_objects(Dirty),
    ok.

%% The request has changed something.
-spec is_changed(cache()) -> boolean().
is_changed(#cache{dirty = Dirty}) ->
    ets:info(Dirty, size) > 0.

-spec commit(request(), Answer :: term(), cache()) -> ok.
commit({Who, Reference}, Answer, #cache{dirty = Dirty, journal = Journal} = Cache) ->
    case ets:tab2list(Dirty) of
        [] ->
            ok;
        Changes ->
            Number = next_number(Journal),
            true = ets:insert(Journal, [
                {transaction, Changes},
                {last, Number},
                {{answer, Who}, Reference, Answer}
            ]),
            apply_changes(Changes, Cache),
            _ = Number rem ?ANSWERS =:= 0 andalso forget_answers(Journal),
            rollback(Cache)
    end.

next_number(Journal) ->
    case ets:lookup(Journal, last) of
        [{_, Number}] -> Number + 1;
        [] -> 1
    end.

forget_answers(Journal) ->
    Known = ets:select(Journal, [{{{answer, '$1'}, '_', '_'}, [], ['$1']}]),
    _ = [ets:delete(Journal, {answer, Who}) || Who <- Known, not is_process_alive(Who)],
    ok.

%% The answer to a request that was carried out.
-spec replied(request(), cache()) -> {ok, Answer :: term()} | none.
replied({Who, Reference}, #cache{journal = Journal}) ->
    case ets:lookup(Journal, {answer, Who}) of
        [{_, Reference, Answer}] -> {ok, Answer};
        _ -> none
    end.

%% When the device fails, the process ends: whoever comes next tries again.
apply_changes(Changes, #cache{device = Device, journal = Journal} = Cache) ->
    {Data, Metadata} = lists:partition(fun({Key, _}) -> is_tuple(Key) end, Changes),
    Writes = [write_request(Block, [Bytes], Cache) || {{data, Block}, Bytes} <- Data],
    Barrier = [flush || Data =/= []],
    Requests = Writes ++ Barrier ++ runs(Metadata, Cache),
    case [Result || Result <- vbeam_block:submit(Device, Requests), Result =/= ok] of
        [] -> ok;
        [{error, Reason} | _] -> exit({device, Reason})
    end,
    lists:foreach(fun(Change) -> written(Change, Cache) end, Changes),
    true = ets:delete(Journal, transaction),
    ok.

%% Neighbouring blocks are one request.
runs([], _Cache) ->
    [];
runs([{Block, Bytes} | Rest], Cache) ->
    runs(Rest, Block, Block + 1, [Bytes], Cache).

runs([{Next, Bytes} | Rest], First, Next, Parts, Cache) ->
    runs(Rest, First, Next + 1, [Bytes | Parts], Cache);
runs(Rest, First, _Next, Parts, Cache) ->
    [write_request(First, lists:reverse(Parts), Cache) | runs(Rest, Cache)].

write_request(Block, Parts, #cache{ratio = Ratio}) ->
    {write, Block * Ratio, Parts, []}.

written({{data, Block}, Bytes}, #cache{clean = Clean, block_bytes = BlockBytes}) ->
    Count = byte_size(Bytes) div BlockBytes,
    _ = [ets:delete(Clean, Each) || Each <- lists:seq(Block, Block + Count - 1)],
    ok;
written({Block, Bytes}, #cache{clean = Clean}) ->
    keep(Clean, Block, Bytes).

-spec sync(cache()) -> ok.
sync(#cache{device = Device}) ->
    case vbeam_block:flush(Device) of
        ok -> ok;
        {error, _} -> throw({posix, eio})
    end.
