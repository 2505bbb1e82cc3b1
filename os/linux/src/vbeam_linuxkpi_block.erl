%% Block devices of modules that take requests as `bio` (linux/blkdev.h, linux/bio.h), trees of
%% pages (linux/radix-tree.h), and reading and writing such a device. Structures: gendisk,
%% block_device, block_device_operations, request_queue, bio, bvec_iter, bio_vec, radix_tree_root,
%% page.
-module(vbeam_linuxkpi_block).
-compile(nowarn_export_all).
-compile(export_all).

-define(SECTOR, 512).
-define(PAGE, 4096).
-define(DYNAMIC_MAJOR, 259).
-define(EBUSY, 16).
-define(EEXIST, 17).
-define(EIO, 5).
-define(REQ_OP_WRITE, 1).
-define(REQ_OP_DISCARD, 3).
-define(NAME_BYTES, 32).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"__register_blkdev">>, <<"unregister_blkdev">>, <<"__blk_alloc_disk">>,
            <<"put_disk">>, <<"del_gendisk">>, <<"device_add_disk">>, <<"set_capacity">>,
            <<"blk_queue_flag_set">>, <<"blk_queue_flag_clear">>,
            <<"blk_queue_physical_block_size">>, <<"blk_queue_logical_block_size">>,
            <<"blk_queue_io_min">>, <<"blk_queue_max_hw_sectors">>,
            <<"blk_queue_max_discard_sectors">>, <<"blk_queue_max_write_zeroes_sectors">>,
            <<"blk_queue_write_cache">>, <<"bio_endio">>, <<"page_endio">>,
            <<"radix_tree_insert">>, <<"radix_tree_lookup">>, <<"radix_tree_delete">>,
            <<"radix_tree_gang_lookup">>, <<"radix_tree_maybe_preload">>,
            <<"radix_tree_preload">>
        ]
    ].

%% --- disks -----------------------------------------------------------------------------------

'__register_blkdev'(0, Name, Probe) ->
    Major = ?DYNAMIC_MAJOR + length(majors()),
    0 = '__register_blkdev'(Major, Name, Probe),
    Major;
'__register_blkdev'(Major, Name, _Probe) ->
    case lists:keymember(Major, 1, majors()) of
        true -> -?EBUSY;
        false -> put({?MODULE, majors}, [{Major, vbeam_ko_memory:string(Name)} | majors()]), 0
    end.
unregister_blkdev(Major, _Name) ->
    put({?MODULE, majors}, lists:keydelete(Major, 1, majors())),
    ok.
majors() -> case get({?MODULE, majors}) of undefined -> []; Rows -> Rows end.

%% A disk has its queue and its first partition, which is all of it.
'__blk_alloc_disk'(_Node, _Key) ->
    Disk = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(gendisk)),
    Queue = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(request_queue)),
    Part = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(block_device)),
    vbeam_ko_memory:set(Disk, gendisk, queue, Queue),
    vbeam_ko_memory:set(Disk, gendisk, part0, Part),
    vbeam_ko_memory:set(Part, block_device, bd_disk, Disk),
    vbeam_ko_memory:set(Part, block_device, bd_queue, Queue),
    Disk.
put_disk(0) ->
    ok;
put_disk(Disk) ->
    [
        vbeam_ko_memory:free(vbeam_ko_memory:get(Disk, gendisk, Field))
     || Field <- [queue, part0]
    ],
    vbeam_ko_memory:free(Disk).

device_add_disk(_Parent, Disk, _Groups) ->
    At = Disk + vbeam_ko_interface:offset(gendisk, disk_name),
    Name = vbeam_linuxkpi_text:bounded(At, ?NAME_BYTES),
    case lists:keymember(Name, 1, disks()) of
        true -> -?EEXIST;
        false -> put(?MODULE, disks() ++ [{Name, Disk}]), 0
    end.
del_gendisk(Disk) ->
    put(?MODULE, lists:keydelete(Disk, 2, disks())),
    ok.
disks() -> case get(?MODULE) of undefined -> []; Rows -> Rows end.

set_capacity(Disk, Sectors) ->
    Part = vbeam_ko_memory:get(Disk, gendisk, part0),
    vbeam_ko_memory:set(Part, block_device, bd_nr_sectors, Sectors).

%% Limits of the queue are the module's word: requests here are of whole pages at most.
blk_queue_flag_set(Flag, Queue) -> flags(Queue, fun(Bits) -> Bits bor (1 bsl Flag) end).
blk_queue_flag_clear(Flag, Queue) -> flags(Queue, fun(Bits) -> Bits band bnot (1 bsl Flag) end).
flags(Queue, Change) ->
    Old = vbeam_ko_memory:get(Queue, request_queue, queue_flags),
    vbeam_ko_memory:set(Queue, request_queue, queue_flags, Change(Old)).
limit(Queue, Field, Value) ->
    vbeam_ko_memory:set(Queue, request_queue, [limits, Field], Value).
blk_queue_physical_block_size(Queue, Bytes) -> limit(Queue, physical_block_size, Bytes).
blk_queue_logical_block_size(Queue, Bytes) -> limit(Queue, logical_block_size, Bytes).
blk_queue_io_min(Queue, Bytes) -> limit(Queue, io_min, Bytes).
blk_queue_max_hw_sectors(Queue, Sectors) -> limit(Queue, max_hw_sectors, Sectors).
blk_queue_max_discard_sectors(Queue, Sectors) -> limit(Queue, max_discard_sectors, Sectors).
blk_queue_max_write_zeroes_sectors(Queue, Sectors) ->
    limit(Queue, max_write_zeroes_sectors, Sectors).
blk_queue_write_cache(_Queue, _Cache, _Fua) -> ok.

%% --- requests --------------------------------------------------------------------------------

bio_endio(Bio) ->
    put({?MODULE, Bio}, vbeam_ko_memory:get(Bio, bio, bi_status)),
    ok.
page_endio(_Page, _IsWrite, _Error) -> ok.

%% The disks of the process's module, with their sectors of 512 bytes.
-spec names() -> [{binary(), non_neg_integer()}].
names() -> [{Name, sectors(Disk)} || {Name, Disk} <- disks()].

sectors(Disk) ->
    Part = vbeam_ko_memory:get(Disk, gendisk, part0),
    vbeam_ko_memory:get(Part, block_device, bd_nr_sectors).

-spec read(binary(), non_neg_integer(), non_neg_integer()) -> {ok, binary()} | {error,
    eio | enodev}.
read(Name, Sector, Bytes) -> each(Name, Sector, Bytes, read, []).

-spec write(binary(), non_neg_integer(), binary()) -> ok | {error, eio | enodev}.
write(Name, Sector, Data) ->
    case each(Name, Sector, Data, write, []) of
        {ok, _} -> ok;
        Error -> Error
    end.

%% Pages of data, one request each.
each(_Name, _Sector, Left, _Kind, Done) when Left =:= 0; Left =:= <<>> ->
    {ok, iolist_to_binary(lists:reverse(Done))};
each(Name, Sector, Bytes, read, Done) ->
    Count = min(?PAGE, Bytes),
    case request(Name, Sector, <<0:Count/unit:8>>, 0) of
        {ok, Data} -> each(Name, Sector + Count div ?SECTOR, Bytes - Count, read, [Data | Done]);
        Error -> Error
    end;
each(Name, Sector, Data, write, Done) ->
    Count = min(?PAGE, byte_size(Data)),
    <<Piece:Count/binary, Rest/binary>> = Data,
    case request(Name, Sector, Piece, ?REQ_OP_WRITE) of
        {ok, _} -> each(Name, Sector + Count div ?SECTOR, Rest, write, Done);
        Error -> Error
    end.

%% A request of one segment; what its page holds afterwards.
request(Name, Sector, Data, Operation) ->
    case lists:keyfind(Name, 1, disks()) of
        {_, Disk} ->
            case Sector + byte_size(Data) div ?SECTOR =< sectors(Disk) of
                true -> submit(Disk, Sector, Data, Operation);
                false -> {error, eio}
            end;
        false ->
            {error, enodev}
    end.

submit(Disk, Sector, Data, Operation) ->
    Buffer = vbeam_ko_memory:allocate_pages(0),
    vbeam_ko_memory:write(Buffer, Data),
    Vector = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(bio_vec)),
    vbeam_ko_memory:set(Vector, bio_vec, bv_page, vbeam_ko_memory:page_of(Buffer)),
    vbeam_ko_memory:set(Vector, bio_vec, bv_len, byte_size(Data)),
    Bio = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(bio)),
    [
        vbeam_ko_memory:set(Bio, bio, Field, Value)
     || {Field, Value} <- [
            {bi_bdev, vbeam_ko_memory:get(Disk, gendisk, part0)}, {bi_opf, Operation},
            {[bi_iter, bi_sector], Sector}, {[bi_iter, bi_size], byte_size(Data)},
            {bi_vcnt, 1}, {bi_max_vecs, 1}, {bi_io_vec, Vector}
        ]
    ],
    vbeam_ko_memory:set(Bio, bio, '__bi_cnt', 1),
    Operations = vbeam_ko_memory:get(Disk, gendisk, fops),
    Function = vbeam_ko_memory:get(Operations, block_device_operations, submit_bio),
    vbeam_ko_machine:call(Function, [Bio]),
    Result = case erase({?MODULE, Bio}) of
        0 -> {ok, vbeam_ko_memory:read(Buffer, byte_size(Data))};
        _ -> {error, eio}
    end,
    [vbeam_ko_memory:free(Each) || Each <- [Buffer, Vector, Bio]],
    Result.

%% --- trees: kept outside the module, by the address of their root ----------------------------

tree(Root) -> case get({?MODULE, tree, Root}) of undefined -> gb_trees:empty(); Tree -> Tree end.
store(Root, Tree) -> put({?MODULE, tree, Root}, Tree).

radix_tree_insert(Root, Index, Item) ->
    case gb_trees:is_defined(Index, tree(Root)) of
        true -> -?EEXIST;
        false -> store(Root, gb_trees:insert(Index, Item, tree(Root))), 0
    end.
radix_tree_lookup(Root, Index) ->
    case gb_trees:lookup(Index, tree(Root)) of
        {value, Item} -> Item;
        none -> 0
    end.
radix_tree_delete(Root, Index) ->
    case gb_trees:take_any(Index, tree(Root)) of
        {Item, Tree} -> store(Root, Tree), Item;
        error -> 0
    end.
radix_tree_gang_lookup(Root, Results, First, Most) ->
    Items = gang(gb_trees:next(gb_trees:iterator_from(First, tree(Root))), Most),
    vbeam_ko_memory:write(Results, << <<Item:64/little>> || Item <- Items >>),
    length(Items).
gang(_Next, 0) -> [];
gang(none, _Left) -> [];
gang({_, Item, Iterator}, Left) -> [Item | gang(gb_trees:next(Iterator), Left - 1)].

%% Preemption stays disabled until radix_tree_preload_end(), which is in the module.
radix_tree_maybe_preload(_Flags) -> radix_tree_preload(0).
radix_tree_preload(_Flags) ->
    Offset = maps:get(<<"__preempt_count">>, vbeam_ko_machine:symbols(#{})),
    At = vbeam_ko_memory:per_cpu() + Offset,
    vbeam_ko_memory:write_u32(At, vbeam_ko_memory:read_u32(At) + 1),
    0.
