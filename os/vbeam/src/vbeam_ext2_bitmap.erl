%% Which blocks and inodes of an ext2 file system are in use: a bitmap a group, bit N of byte M is
%% number 8 M + N of the group. Counts in group descriptors and superblock go along.
-module(vbeam_ext2_bitmap).
-export([allocate_blocks/3, free_blocks/2, allocate_inode/3, free_inode/3]).

-type image() :: vbeam_ext2_image:image().

%% A run of free blocks, up to `Count` of them, the first that is found from `Goal` on.
%% Files begin where the first free block is.
-spec allocate_blocks(Goal :: non_neg_integer(), Count :: pos_integer(), image()) ->
    {First :: pos_integer(), Got :: pos_integer()}.
allocate_blocks(Goal, Count, #{first_block := First, group_blocks := GroupBlocks} = Image) ->
    #{groups := Groups} = Image,
    From = max(Goal - First, 0),
    Group = min(From div GroupBlocks, Groups - 1),
    Order = [{Group, From rem GroupBlocks}] ++
        [{Each, 0} || Each <- lists:seq(Group + 1, Groups - 1) ++ lists:seq(0, Group)],
    allocate_in(Order, Count, Image).

allocate_in([], _Count, _Image) ->
    throw({posix, enospc});
allocate_in([{Group, From} | Others], Count, #{cache := Cache} = Image) ->
    case vbeam_ext2_image:group(Group, free_blocks, Image) of
        0 ->
            allocate_in(Others, Count, Image);
        Free ->
            Bitmap = vbeam_ext2_image:group(Group, block_bitmap, Image),
            Bits = vbeam_block_cache:read(Cache, Bitmap),
            Limit = blocks_of(Group, Image),
            case find_clear(Bits, From, Limit) of
                none ->
                    allocate_in(Others, Count, Image);
                At ->
                    Got = run_length(Bits, At, min(Limit, At + min(Count, Free)), 0),
                    vbeam_block_cache:write(Cache, Bitmap, set_bits(Bits, At, Got)),
                    vbeam_ext2_image:add_group(Group, free_blocks, -Got, Image),
                    vbeam_ext2_image:add_superblock(free_blocks, -Got, Image),
                    #{first_block := First, group_blocks := GroupBlocks} = Image,
                    Block = First + Group * GroupBlocks + At,
                    check_place(Block, Got, Group, Image),
                    {Block, Got}
            end
    end.

%% A bitmap that calls the file system's own tables free is wrong.
check_place(Block, Count, Group, #{inode_bytes := InodeBytes} = Image) ->
    #{group_inodes := GroupInodes, block_bytes := BlockBytes} = Image,
    Table = vbeam_ext2_image:group(Group, inode_table, Image),
    TableBlocks = (GroupInodes * InodeBytes + BlockBytes - 1) div BlockBytes,
    Own = [
        {vbeam_ext2_image:group(Group, block_bitmap, Image), 1},
        {vbeam_ext2_image:group(Group, inode_bitmap, Image), 1},
        {Table, TableBlocks}
    ],
    _ = [
        throw({posix, eio})
     || {From, Length} <- Own, Block < From + Length, From < Block + Count
    ],
    ok.

blocks_of(Group, #{blocks := Blocks, first_block := First, group_blocks := GroupBlocks}) ->
    min(GroupBlocks, Blocks - First - Group * GroupBlocks).

%% Blocks in any order; one that is free already is an error in the file system.
-spec free_blocks([pos_integer()], image()) -> ok.
free_blocks(Blocks, Image) ->
    free_runs(runs(lists:sort(Blocks), Image), Image).

%% {Group, First in it, Count}
runs([], _Image) ->
    [];
runs([Block | Rest], #{first_block := First, group_blocks := GroupBlocks} = Image) ->
    #{blocks := All} = Image,
    _ = (Block >= First andalso Block < All) orelse throw({posix, eio}),
    Group = (Block - First) div GroupBlocks,
    At = (Block - First) rem GroupBlocks,
    {Count, Others} = run(Rest, Block + 1, 1, GroupBlocks - At),
    [{Group, At, Count} | runs(Others, Image)].

run([Next | Rest], Next, Count, Max) when Count < Max -> run(Rest, Next + 1, Count + 1, Max);
run(Rest, _Next, Count, _Max) -> {Count, Rest}.

free_runs([], _Image) ->
    ok;
free_runs([{Group, At, Count} | Others], #{cache := Cache} = Image) ->
    Bitmap = vbeam_ext2_image:group(Group, block_bitmap, Image),
    Bits = vbeam_block_cache:read(Cache, Bitmap),
    #{first_block := First, group_blocks := GroupBlocks} = Image,
    check_place(First + Group * GroupBlocks + At, Count, Group, Image),
    vbeam_block_cache:write(Cache, Bitmap, clear_bits(Bits, At, Count)),
    vbeam_ext2_image:add_group(Group, free_blocks, Count, Image),
    vbeam_ext2_image:add_superblock(free_blocks, Count, Image),
    free_runs(Others, Image).

%% An inode in the group of `Near`, or a later one; folders are spread over the groups.
-spec allocate_inode(Near :: pos_integer(), IsFolder :: boolean(), image()) -> pos_integer().
allocate_inode(Near, IsFolder, #{group_inodes := GroupInodes, groups := Groups} = Image) ->
    Group = (Near - 1) div GroupInodes,
    Start =
        case IsFolder andalso Groups > 1 of
            true -> emptiest(Image);
            false -> Group
        end,
    allocate_inode_in(lists:seq(Start, Groups - 1) ++ lists:seq(0, Start - 1), IsFolder, Image).

emptiest(#{groups := Groups} = Image) ->
    Free = [
        {vbeam_ext2_image:group(Group, free_inodes, Image), -Group}
     || Group <- lists:seq(0, Groups - 1)
    ],
    -element(2, lists:max(Free)).

allocate_inode_in([], _IsFolder, _Image) ->
    throw({posix, enospc});
allocate_inode_in([Group | Others], IsFolder, #{cache := Cache} = Image) ->
    #{group_inodes := GroupInodes, first_inode := First} = Image,
    Bitmap = vbeam_ext2_image:group(Group, inode_bitmap, Image),
    From = case Group of 0 -> First - 1; _ -> 0 end,
    Bits = vbeam_block_cache:read(Cache, Bitmap),
    case
        vbeam_ext2_image:group(Group, free_inodes, Image) > 0 andalso
            find_clear(Bits, From, GroupInodes)
    of
        At when is_integer(At) ->
            vbeam_block_cache:write(Cache, Bitmap, set_bits(Bits, At, 1)),
            vbeam_ext2_image:add_group(Group, free_inodes, -1, Image),
            vbeam_ext2_image:add_superblock(free_inodes, -1, Image),
            _ = IsFolder andalso vbeam_ext2_image:add_group(Group, folders, 1, Image),
            Group * GroupInodes + At + 1;
        _ ->
            allocate_inode_in(Others, IsFolder, Image)
    end.

-spec free_inode(pos_integer(), IsFolder :: boolean(), image()) -> ok.
free_inode(Inode, IsFolder, #{cache := Cache, group_inodes := GroupInodes} = Image) ->
    Group = (Inode - 1) div GroupInodes,
    Bitmap = vbeam_ext2_image:group(Group, inode_bitmap, Image),
    Bits = vbeam_block_cache:read(Cache, Bitmap),
    vbeam_block_cache:write(Cache, Bitmap, clear_bits(Bits, (Inode - 1) rem GroupInodes, 1)),
    vbeam_ext2_image:add_group(Group, free_inodes, 1, Image),
    vbeam_ext2_image:add_superblock(free_inodes, 1, Image),
    _ = IsFolder andalso vbeam_ext2_image:add_group(Group, folders, -1, Image),
    ok.

%% ---- bits

%% The first bit from `At` on that is clear, below `Limit`.
find_clear(_Bits, At, Limit) when At >= Limit ->
    none;
find_clear(Bits, At, Limit) when At rem 8 =:= 0 ->
    %% Whole words that are full are passed over.
    ByteAt = At div 8,
    case Bits of
        <<_:ByteAt/binary, 16#ffffffffffffffff:64, _/binary>> -> find_clear(Bits, At + 64, Limit);
        <<_:ByteAt/binary, 255, _/binary>> -> find_clear(Bits, At + 8, Limit);
        _ -> find_in_byte(Bits, At, Limit)
    end;
find_clear(Bits, At, Limit) ->
    find_in_byte(Bits, At, Limit).

find_in_byte(Bits, At, Limit) ->
    case is_set(Bits, At) of
        false -> At;
        true -> find_clear(Bits, At + 1, Limit)
    end.

is_set(Bits, At) ->
    binary:at(Bits, At div 8) band (1 bsl (At rem 8)) =/= 0.

%% How many bits from `At` on are clear, below `Limit`.
run_length(Bits, At, Limit, Found) when At rem 8 =:= 0, At + 8 =< Limit ->
    case binary:at(Bits, At div 8) of
        0 -> run_length(Bits, At + 8, Limit, Found + 8);
        _ -> run_length_in_byte(Bits, At, Limit, Found)
    end;
run_length(Bits, At, Limit, Found) ->
    run_length_in_byte(Bits, At, Limit, Found).

run_length_in_byte(_Bits, At, Limit, Found) when At >= Limit ->
    Found;
run_length_in_byte(Bits, At, Limit, Found) ->
    case is_set(Bits, At) of
        true -> Found;
        false -> run_length(Bits, At + 1, Limit, Found + 1)
    end.

set_bits(Bits, At, Count) ->
    change(Bits, At, Count, fun(Old, Mask) -> Old bor Mask end).

clear_bits(Bits, At, Count) ->
    change(Bits, At, Count, fun
        (Old, Mask) when Old band Mask =:= Mask -> Old band bnot Mask;
        (_, _) -> throw({posix, eio})
    end).

change(Bits, At, Count, Change) ->
    First = At div 8,
    Last = (At + Count - 1) div 8,
    <<Front:First/binary, Middle:(Last - First + 1)/binary, Behind/binary>> = Bits,
    Bytes = lists:zip(lists:seq(First, Last), binary_to_list(Middle)),
    Changed = [Change(Old, mask(Each * 8, At, At + Count)) || {Each, Old} <- Bytes],
    iolist_to_binary([Front, Changed, Behind]).

%% The bits of the byte that begins with bit `Bit` which lie in a range.
mask(Bit, From, To) ->
    Low = max(From - Bit, 0),
    High = min(To - Bit, 8),
    (1 bsl High - 1) band bnot (1 bsl Low - 1).
