%% Makes an empty ext2 file system on a block device, as mke2fs does with features filetype,
%% sparse_super and large_file: groups with copies of superblock and descriptors where those belong,
%% the root, and the folder lost+found. What was on the device is gone.
-module(vbeam_ext2_format).
-export([format/1, format/2]).

-define(INODE_BYTES, 256).
%% A file of this size for each inode.
-define(BYTES_FOR_INODE, 8192).
-define(FIRST_INODE, 11).
-define(ROOT, 2).
-define(MAGIC, 16#ef53).
%% A last group that has not so many blocks beyond its tables is left out.
-define(GROUP_BLOCKS_MIN, 50).
-define(SMALL_BYTES, 4194304).
-define(PART_BLOCKS, 64).

-record(plan, {
    device :: vbeam_block:device(),
    ratio :: pos_integer(),
    block_bytes :: 1024 | 2048 | 4096,
    blocks :: pos_integer(),
    first :: 0 | 1,
    groups :: pos_integer(),
    group_blocks :: pos_integer(),
    group_inodes :: pos_integer(),
    descriptor_blocks :: pos_integer(),
    table_blocks :: pos_integer()
}).

-spec format(vbeam_block:device()) -> ok | {error, atom()}.
format(Device) ->
    format(Device, #{}).

-spec format(vbeam_block:device(), #{block_bytes => 1024 | 2048 | 4096}) -> ok | {error, atom()}.
format(Device, Options) ->
    case vbeam_block:info(Device) of
        {ok, #{read_only := true}} -> {error, erofs};
        {ok, Info} -> plan(Device, Info, Options);
        Error -> Error
    end.

plan(Device, #{block_bytes := DeviceBytes, blocks := DeviceBlocks}, Options) ->
    Bytes = DeviceBytes * DeviceBlocks,
    Usual = case Bytes < ?SMALL_BYTES of true -> max(1024, DeviceBytes); false -> 4096 end,
    BlockBytes = maps:get(block_bytes, Options, Usual),
    First = case BlockBytes of 1024 -> 1; _ -> 0 end,
    GroupBlocks = BlockBytes * 8,
    All = Bytes div BlockBytes,
    Groups = (All - First + GroupBlocks - 1) div GroupBlocks,
    PerBlock = BlockBytes div ?INODE_BYTES,
    Wanted = max(16, Bytes div ?BYTES_FOR_INODE div max(1, Groups)),
    Unit = max(8, PerBlock),
    GroupInodes = min(BlockBytes * 8, (Wanted + Unit - 1) div Unit * Unit),
    Plan = #plan{
        device = Device, ratio = BlockBytes div max(1, DeviceBytes), block_bytes = BlockBytes,
        blocks = All, first = First, groups = Groups, group_blocks = GroupBlocks,
        group_inodes = GroupInodes, table_blocks = GroupInodes div PerBlock,
        descriptor_blocks = (Groups * 32 + BlockBytes - 1) div BlockBytes
    },
    case lists:member(BlockBytes, [1024, 2048, 4096]) andalso BlockBytes >= DeviceBytes of
        true when Groups > 0 -> write(without_stump(Plan));
        true -> {error, enospc};
        false -> {error, einval}
    end.

%% A last group that is too small for its tables is left out.
without_stump(#plan{groups = Groups, group_blocks = GroupBlocks, first = First} = Plan) ->
    Last = Groups - 1,
    case length_of(Last, Plan) - overhead(Last, Plan) < ?GROUP_BLOCKS_MIN of
        true when Groups > 1 -> Plan#plan{groups = Last, blocks = First + Last * GroupBlocks};
        true -> Plan#plan{groups = 0};
        false -> Plan
    end.

write(#plan{groups = 0}) ->
    {error, enospc};
write(#plan{groups = Groups} = Plan) ->
    try
        Free = [write_group(Group, Plan) || Group <- lists:seq(0, Groups - 1)],
        write_first_inodes(Plan),
        Descriptors = descriptors(Free, Plan),
        _ = [
            write_copy(Group, Free, Descriptors, Plan)
         || Group <- lists:reverse(lists:seq(0, Groups - 1)), has_copy(Group)
        ],
        result(vbeam_block:flush(Plan#plan.device))
    catch
        throw:{error, Reason} -> {error, Reason}
    end.

result(ok) -> ok;
result(Error) -> throw(Error).

put_blocks(Block, Bytes, #plan{device = Device, ratio = Ratio, block_bytes = BlockBytes}) ->
    Padded = [Bytes, <<0:((-iolist_size(Bytes)) band (BlockBytes - 1) * 8)>>],
    result(vbeam_block:write(Device, Block * Ratio, Padded)).

%% ---- groups

start_of(Group, #plan{first = First, group_blocks = GroupBlocks}) ->
    First + Group * GroupBlocks.

length_of(Group, #plan{blocks = Blocks, group_blocks = GroupBlocks} = Plan) ->
    min(GroupBlocks, Blocks - start_of(Group, Plan)).

%% Groups 0 and 1 and the powers of 3, 5 and 7 have copies.
has_copy(Group) when Group =< 1 -> true;
has_copy(Group) -> lists:any(fun(Base) -> is_power(Group, Base) end, [3, 5, 7]).

is_power(1, _Base) -> true;
is_power(Number, Base) when Number rem Base =:= 0 -> is_power(Number div Base, Base);
is_power(_, _) -> false.

copy_blocks(Group, #plan{descriptor_blocks = DescriptorBlocks}) ->
    case has_copy(Group) of
        true -> 1 + DescriptorBlocks;
        false -> 0
    end.

overhead(Group, #plan{table_blocks = TableBlocks} = Plan) ->
    copy_blocks(Group, Plan) + 2 + TableBlocks.

%% Blocks of the first group that the root and lost+found take.
own_blocks(0) -> 2;
own_blocks(_) -> 0.

own_inodes(0) -> ?FIRST_INODE;
own_inodes(_) -> 0.

%% Bitmaps and an empty table; {free blocks, free inodes}
write_group(Group, #plan{block_bytes = BlockBytes, group_inodes = GroupInodes} = Plan) ->
    Used = overhead(Group, Plan) + own_blocks(Group),
    Length = length_of(Group, Plan),
    _ = Used =< Length orelse throw({error, enospc}),
    Bitmap = start_of(Group, Plan) + copy_blocks(Group, Plan),
    put_blocks(Bitmap, [
        bitmap(Used, Length, BlockBytes),
        bitmap(own_inodes(Group), GroupInodes, BlockBytes)
    ], Plan),
    zeros(Bitmap + 2, Plan#plan.table_blocks, Plan),
    {Length - Used, GroupInodes - own_inodes(Group)}.

zeros(_Block, 0, _Plan) ->
    ok;
zeros(Block, Count, #plan{block_bytes = BlockBytes} = Plan) ->
    Part = min(Count, ?PART_BLOCKS),
    put_blocks(Block, <<0:(Part * BlockBytes * 8)>>, Plan),
    zeros(Block + Part, Count - Part, Plan).

%% The first bits are set, and those that stand for nothing.
bitmap(Used, Length, Bytes) ->
    Bits = Bytes * 8,
    Number = (1 bsl Used - 1) bor ((1 bsl Bits - 1) band bnot (1 bsl Length - 1)),
    <<Number:Bits/little>>.

%% ---- the root and lost+found

write_first_inodes(#plan{block_bytes = BlockBytes} = Plan) ->
    Block = start_of(0, Plan) + overhead(0, Plan),
    Table = start_of(0, Plan) + copy_blocks(0, Plan) + 2,
    put_blocks(Block, [
        folder(?ROOT, ?ROOT, [{?FIRST_INODE, <<"lost+found">>}], BlockBytes),
        folder(?FIRST_INODE, ?ROOT, [], BlockBytes)
    ], Plan),
    Free = <<0:(?INODE_BYTES * 8)>>,
    put_blocks(Table, [
        Free,
        inode(8#755, 3, Block, Plan),
        lists:duplicate(?FIRST_INODE - ?ROOT - 1, Free),
        inode(8#700, 2, Block + 1, Plan)
    ], Plan).

folder(Inode, Parent, Others, BlockBytes) ->
    Entries = [{Inode, <<".">>}, {Parent, <<"..">>} | Others],
    entries(Entries, BlockBytes).

entries([{Inode, Name}], Left) ->
    entry(Inode, Name, Left);
entries([{Inode, Name} | Others], Left) ->
    Length = (8 + byte_size(Name) + 3) band bnot 3,
    [entry(Inode, Name, Length) | entries(Others, Left - Length)].

entry(Inode, Name, Length) ->
    Free = Length - 8 - byte_size(Name),
    <<Inode:32/little, Length:16/little, (byte_size(Name)), 2, Name/binary, 0:(Free * 8)>>.

inode(Mode, Links, Block, #plan{block_bytes = BlockBytes}) ->
    Now = erlang:system_time(second),
    Small = <<(16#4000 bor Mode):16/little, 0:16, BlockBytes:32/little, Now:32/little,
        Now:32/little, Now:32/little, 0:32, 0:16, Links:16/little,
        (BlockBytes div 512):32/little, 0:32, 0:32, Block:32/little, 0:(14 * 32), 0:(28 * 8)>>,
    <<Small/binary, 32:16/little, 0:((?INODE_BYTES - 128 - 2) * 8)>>.

%% ---- descriptors and superblock

descriptors(Free, #plan{} = Plan) ->
    [
        begin
            Bitmap = start_of(Group, Plan) + copy_blocks(Group, Plan),
            Folders = case Group of 0 -> 2; _ -> 0 end,
            <<Bitmap:32/little, (Bitmap + 1):32/little, (Bitmap + 2):32/little,
                FreeBlocks:16/little, FreeInodes:16/little, Folders:16/little, 0:(14 * 8)>>
        end
     || {Group, {FreeBlocks, FreeInodes}} <- lists:zip(lists:seq(0, length(Free) - 1), Free)
    ].

write_copy(Group, Free, Descriptors, #plan{block_bytes = BlockBytes} = Plan) ->
    Superblock = superblock(Group, Free, Plan),
    Start = start_of(Group, Plan),
    %% The first superblock is at byte 1024, wherever that is.
    Front = case Group =:= 0 andalso BlockBytes > 1024 of true -> 1024; false -> 0 end,
    Behind = BlockBytes - Front - byte_size(Superblock),
    put_blocks(Start, [<<0:(Front * 8)>>, Superblock, <<0:(Behind * 8)>>, Descriptors], Plan).

superblock(Group, Free, #plan{block_bytes = BlockBytes} = Plan) ->
    #plan{
        blocks = Blocks, first = First, groups = Groups, group_blocks = GroupBlocks,
        group_inodes = GroupInodes
    } = Plan,
    Log = case BlockBytes of 1024 -> 0; 2048 -> 1; 4096 -> 2 end,
    FreeBlocks = lists:sum([Count || {Count, _} <- Free]),
    FreeInodes = lists:sum([Count || {_, Count} <- Free]),
    Now = erlang:system_time(second),
    <<Uuid:48, _:4, Middle:12, _:2, Last:62>> = unique(),
    <<(Groups * GroupInodes):32/little, Blocks:32/little, 0:32, FreeBlocks:32/little,
        FreeInodes:32/little, First:32/little, Log:32/little, Log:32/little,
        GroupBlocks:32/little, GroupBlocks:32/little, GroupInodes:32/little, 0:32, Now:32/little,
        0:16, 16#ffff:16, ?MAGIC:16/little, 1:16/little, 1:16/little, 0:16, Now:32/little, 0:32,
        0:32, 1:32/little, 0:16, 0:16, ?FIRST_INODE:32/little, ?INODE_BYTES:16/little,
        Group:16/little, 0:32, 2:32/little, 3:32/little, Uuid:48, 4:4, Middle:12, 2:2, Last:62,
        0:((1024 - 120) * 8)>>.

unique() ->
    erlang:md5(term_to_binary({make_ref(), erlang:system_time()})).
