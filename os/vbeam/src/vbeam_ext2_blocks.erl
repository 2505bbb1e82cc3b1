%% Bytes of files on an ext2 file system: 12 blocks of an inode's map are given there, the others by
%% blocks of block numbers of one, two and three levels; 0 is a hole, which reads as zeros.
-module(vbeam_ext2_blocks).
-export([read/4, write/4, resize/3, free_all/2, block/3, add_block/3]).

-define(DIRECT, 12).
-define(SIZE_MAX, 1 bsl 41).

-type image() :: vbeam_ext2_image:image().
-type inode() :: vbeam_ext2_inode:inode().

%% ---- where blocks are

%% {Level, [Index in the map, index in a block ...]} of block `Number` of a file.
path(Number, _PerBlock) when Number < ?DIRECT ->
    [Number];
path(Number, PerBlock) when Number < ?DIRECT + PerBlock ->
    [12, Number - ?DIRECT];
path(Number, PerBlock) when Number < ?DIRECT + PerBlock + PerBlock * PerBlock ->
    Left = Number - ?DIRECT - PerBlock,
    [13, Left div PerBlock, Left rem PerBlock];
path(Number, PerBlock) ->
    Left = Number - ?DIRECT - PerBlock - PerBlock * PerBlock,
    _ = Left < PerBlock * PerBlock * PerBlock orelse throw({posix, efbig}),
    [14, Left div (PerBlock * PerBlock), Left div PerBlock rem PerBlock, Left rem PerBlock].

%% The block of the device with block `Number` of a file; 0 for a hole.
-spec block(inode(), non_neg_integer(), image()) -> non_neg_integer().
block(#{map := Map}, Number, #{block_bytes := BlockBytes} = Image) ->
    [First | Rest] = path(Number, BlockBytes div 4),
    follow(entry(Map, First), Rest, Image).

follow(Block, [], _Image) ->
    Block;
follow(0, _Path, _Image) ->
    0;
follow(Block, [Index | Rest], #{cache := Cache} = Image) ->
    follow(entry(vbeam_block_cache:read(Cache, Block), Index), Rest, Image).

entry(Bytes, Index) ->
    At = Index * 4,
    <<_:At/binary, Entry:32/little, _/binary>> = Bytes,
    Entry.

set_entry(Bytes, Index, Entry) ->
    At = Index * 4,
    <<Front:At/binary, _:32, Behind/binary>> = Bytes,
    <<Front/binary, Entry:32/little, Behind/binary>>.

%% Let block `Number` of the file be `Block`, with the blocks of numbers that this takes.
set_block(#{map := Map} = Inode, Number, Block, #{block_bytes := BlockBytes} = Image) ->
    [First | Rest] = path(Number, BlockBytes div 4),
    {Top, Added} = set_below(entry(Map, First), Rest, Block, Image),
    with_blocks(Inode#{map := set_entry(Map, First, Top)}, Added, Image).

set_below(_Old, [], Block, _Image) ->
    {Block, 0};
set_below(0, Path, Block, #{block_bytes := BlockBytes, cache := Cache} = Image) ->
    {Fresh, 1} = vbeam_ext2_bitmap:allocate_blocks(Block, 1, Image),
    vbeam_block_cache:write(Cache, Fresh, <<0:(BlockBytes * 8)>>),
    {Fresh, Added} = set_below(Fresh, Path, Block, Image),
    {Fresh, Added + 1};
set_below(Old, [Index | Rest], Block, #{cache := Cache} = Image) ->
    Bytes = vbeam_block_cache:read(Cache, Old),
    {Entry, Added} = set_below(entry(Bytes, Index), Rest, Block, Image),
    vbeam_block_cache:write(Cache, Old, set_entry(Bytes, Index, Entry)),
    {Old, Added}.

with_blocks(#{sectors := Sectors} = Inode, Added, #{block_bytes := BlockBytes}) ->
    Inode#{sectors := max(0, Sectors + Added * (BlockBytes div 512))}.

%% ---- reading

-spec read(inode(), At :: non_neg_integer(), Count :: non_neg_integer(), image()) -> binary().
read(#{size := Size}, At, Count, _Image) when At >= Size; Count =:= 0 ->
    <<>>;
read(#{size := Size} = Inode, At, Count, #{block_bytes := BlockBytes} = Image) ->
    Wanted = min(Count, Size - At),
    First = At div BlockBytes,
    Last = (At + Wanted - 1) div BlockBytes,
    Blocks = [block(Inode, Number, Image) || Number <- lists:seq(First, Last)],
    case read_runs(Blocks, Image) of
        [Part] when byte_size(Part) =:= Wanted -> Part;
        Parts -> binary_part(iolist_to_binary(Parts), At rem BlockBytes, Wanted)
    end.

read_runs([], _Image) ->
    [];
read_runs([0 | Rest], #{block_bytes := BlockBytes} = Image) ->
    [<<0:(BlockBytes * 8)>> | read_runs(Rest, Image)];
read_runs([Block | Rest], #{cache := Cache} = Image) ->
    {Count, Others} = run(Rest, Block + 1, 1),
    [vbeam_block_cache:read_run(Cache, Block, Count) | read_runs(Others, Image)].

run([Next | Rest], Next, Count) -> run(Rest, Next + 1, Count + 1);
run(Rest, _Next, Count) -> {Count, Rest}.

%% ---- writing

%% Write bytes, of which there is at least one; the file grows if need be.
-spec write(inode(), At :: non_neg_integer(), binary(), image()) -> inode().
write(#{size := Size} = Inode, At, Bytes, #{block_bytes := BlockBytes} = Image) ->
    End = At + byte_size(Bytes),
    _ = End =< ?SIZE_MAX orelse throw({posix, efbig}),
    First = At div BlockBytes,
    Last = (End - 1) div BlockBytes,
    Front = old_part(Inode, First, 0, At rem BlockBytes, Image),
    InLast = (End - 1) rem BlockBytes + 1,
    Rear = old_part(Inode, Last, InLast, BlockBytes - InLast, Image),
    Whole = <<Front/binary, Bytes/binary, Rear/binary>>,
    Old = [block(Inode, Number, Image) || Number <- lists:seq(First, Last)],
    Goal = goal(Inode, First, Image),
    {Blocks, Next} = fill(Old, First, Goal, Inode, [], Image),
    write_runs(Blocks, Whole, Image),
    Next#{size := max(Size, End)}.

%% What a block has in a part that is not written.
old_part(_Inode, _Number, _From, 0, _Image) ->
    <<>>;
old_part(Inode, Number, From, Count, #{cache := Cache} = Image) ->
    case block(Inode, Number, Image) of
        0 -> <<0:(Count * 8)>>;
        Block -> binary_part(vbeam_block_cache:read(Cache, Block), From, Count)
    end.

%% Behind the block before, or in the group where the file is.
goal(#{map := Map} = Inode, First, Image) ->
    case First > 0 andalso block(Inode, First - 1, Image) of
        Before when is_integer(Before), Before > 0 -> Before + 1;
        _ -> entry(Map, 0)
    end.

%% Blocks for the holes, in runs as long as there are.
fill([], _Number, _Goal, Inode, Found, _Image) ->
    {lists:reverse(Found), Inode};
fill([0 | _] = Blocks, Number, Goal, Inode, Found, Image) ->
    {Holes, Others} = lists:splitwith(fun(Block) -> Block =:= 0 end, Blocks),
    {Block, Got} = vbeam_ext2_bitmap:allocate_blocks(Goal, length(Holes), Image),
    Fresh = lists:seq(Block, Block + Got - 1),
    {_, Next} = lists:foldl(
        fun(Each, {At, Before}) -> {At + 1, set_block(Before, At, Each, Image)} end,
        {Number, with_blocks(Inode, Got, Image)},
        Fresh
    ),
    Left = lists:duplicate(length(Holes) - Got, 0) ++ Others,
    fill(Left, Number + Got, Block + Got, Next, lists:reverse(Fresh, Found), Image);
fill([Block | Rest], Number, _Goal, Inode, Found, Image) ->
    fill(Rest, Number + 1, Block + 1, Inode, [Block | Found], Image).

write_runs([], <<>>, _Image) ->
    ok;
write_runs([Block | Rest], Bytes, #{cache := Cache, block_bytes := BlockBytes} = Image) ->
    {Count, Others} = run(Rest, Block + 1, 1),
    Size = Count * BlockBytes,
    <<Part:Size/binary, Behind/binary>> = Bytes,
    vbeam_block_cache:write_run(Cache, Block, Part),
    write_runs(Others, Behind, Image).

%% A further block at the end of a folder, with these bytes: metadata.
-spec add_block(inode(), binary(), image()) -> inode().
add_block(#{size := Size} = Inode, Bytes, #{cache := Cache, block_bytes := BlockBytes} = Image) ->
    Number = Size div BlockBytes,
    {Block, 1} = vbeam_ext2_bitmap:allocate_blocks(goal(Inode, Number, Image), 1, Image),
    vbeam_block_cache:write(Cache, Block, Bytes),
    Next = set_block(with_blocks(Inode, 1, Image), Number, Block, Image),
    Next#{size := Size + BlockBytes}.

%% ---- cutting off

%% Give the file this size.
-spec resize(inode(), Size :: non_neg_integer(), image()) -> inode().
resize(#{size := Old} = Inode, Size, _Image) when Size >= Old ->
    _ = Size =< ?SIZE_MAX orelse throw({posix, efbig}),
    Inode#{size := Size};
resize(Inode, Size, #{block_bytes := BlockBytes, cache := Cache} = Image) ->
    Kept = (Size + BlockBytes - 1) div BlockBytes,
    Cut = free_from(Inode, Kept, Image),
    %% What lies behind the end of the last block must read as zeros when the file grows again.
    case Size rem BlockBytes of
        0 ->
            ok;
        InBlock ->
            case block(Cut, Kept - 1, Image) of
                0 ->
                    ok;
                Block ->
                    Front = binary_part(vbeam_block_cache:read(Cache, Block), 0, InBlock),
                    Zeros = <<0:((BlockBytes - InBlock) * 8)>>,
                    vbeam_block_cache:write(Cache, Block, <<Front/binary, Zeros/binary>>)
            end
    end,
    Cut#{size := Size}.

-spec free_all(inode(), image()) -> inode().
free_all(Inode, Image) ->
    free_from(Inode, 0, Image).

%% Give up all blocks from number `Kept` on.
free_from(#{map := Map} = Inode, Kept, #{block_bytes := BlockBytes} = Image) ->
    PerBlock = BlockBytes div 4,
    Trees = [{Index, 0, Index, 1} || Index <- lists:seq(0, ?DIRECT - 1)] ++ [
        {12, 1, ?DIRECT, PerBlock},
        {13, 2, ?DIRECT + PerBlock, PerBlock * PerBlock},
        {14, 3, ?DIRECT + PerBlock + PerBlock * PerBlock, PerBlock * PerBlock * PerBlock}
    ],
    {Cut, Freed} = lists:foldl(
        fun({Index, Level, First, Count}, {Before, Blocks}) when First + Count > Kept ->
                {Entry, All} = free_tree(entry(Before, Index), Level, First, Count, Kept, Blocks,
                    Image),
                {set_entry(Before, Index, Entry), All};
            (_, Unchanged) ->
                Unchanged
        end,
        {Map, []},
        Trees
    ),
    vbeam_ext2_bitmap:free_blocks(Freed, Image),
    with_blocks(Inode#{map := Cut}, -length(Freed), Image).

%% What becomes of the entry of a tree that holds blocks First to First + Count - 1 of the file.
free_tree(0, _Level, _First, _Count, _Kept, Freed, _Image) ->
    {0, Freed};
free_tree(Block, 0, First, _Count, Kept, Freed, _Image) when First >= Kept ->
    {0, [Block | Freed]};
free_tree(Block, 0, _First, _Count, _Kept, Freed, _Image) ->
    {Block, Freed};
free_tree(Block, Level, First, Count, Kept, Freed, #{cache := Cache, blocks := All} = Image) ->
    %% More blocks than there are: the trees run into each other.
    _ = length_exceeds(Freed, All) andalso throw({posix, eio}),
    Bytes = vbeam_block_cache:read(Cache, Block),
    Below = Count div (byte_size(Bytes) div 4),
    {Entries, _, Next} = lists:foldl(
        fun(Entry, {Done, At, Before}) ->
            {Left, After} = free_tree(Entry, Level - 1, At, Below, Kept, Before, Image),
            {[Left | Done], At + Below, After}
        end,
        {[], First, Freed},
        [Entry || <<Entry:32/little>> <= Bytes]
    ),
    case First >= Kept of
        true ->
            {0, [Block | Next]};
        false ->
            New = <<<<Entry:32/little>> || Entry <- lists:reverse(Entries)>>,
            vbeam_block_cache:write(Cache, Block, New),
            {Block, Next}
    end.

length_exceeds(List, Max) ->
    %% Looked at for each block of numbers only.
    length(List) > Max.
