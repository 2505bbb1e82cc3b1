%% An ext2 file system as a whole: the superblock, the group descriptors, and numbers that follow
%% from them (The Second Extended File System, Poirier 2011; Linux, fs/ext2/ext2.h). Offsets are
%% those of the structures on the disk.
-module(vbeam_ext2_image).
-export([open/2, superblock/2, set_superblock/3, add_superblock/3]).
-export([group/3, set_group/4, add_group/4, field/3, set_field/4, sync/1, change/1]).
-export_type([image/0]).

-type image() :: #{
    cache := vbeam_block_cache:cache(),
    block_bytes := 1024 | 2048 | 4096,
    blocks := pos_integer(),
    inodes := pos_integer(),
    first_block := 0 | 1,
    group_blocks := pos_integer(),
    group_inodes := pos_integer(),
    groups := pos_integer(),
    inode_bytes := pos_integer(),
    first_inode := pos_integer(),
    %% Entries of folders have the type of what they lead to.
    types := boolean(),
    system := vbeam_files:system()
}.

-define(SUPERBLOCK_AT, 1024).
-define(SUPERBLOCK_BYTES, 1024).
-define(MAGIC, 16#ef53).
-define(INCOMPAT_FILETYPE, 16#2).
-define(RO_COMPAT_SPARSE_SUPER, 16#1).
-define(RO_COMPAT_LARGE_FILE, 16#2).
-define(STATE_VALID, 1).
-define(DESCRIPTOR_BYTES, 32).

%% Field: {Offset, Bits}
-define(SUPERBLOCK, #{
    inodes => {0, 32}, blocks => {4, 32}, reserved_blocks => {8, 32}, free_blocks => {12, 32},
    free_inodes => {16, 32}, first_block => {20, 32}, log_block_bytes => {24, 32},
    group_blocks => {32, 32}, group_inodes => {40, 32}, written => {48, 32}, magic => {56, 16},
    state => {58, 16}, revision => {76, 32}, first_inode => {84, 32}, inode_bytes => {88, 16},
    compat => {92, 32}, incompat => {96, 32}, ro_compat => {100, 32}, last_orphan => {232, 32}
}).
-define(GROUP, #{
    block_bitmap => {0, 32}, inode_bitmap => {4, 32}, inode_table => {8, 32},
    free_blocks => {12, 16}, free_inodes => {14, 16}, folders => {16, 16}
}).

%% A device with an ext2 file system that can be read, and written unless `read_only`.
-spec open(vbeam_block:device(), #{atom() => term()}) -> {ok, image()} | {error, atom()}.
open(Device, #{system := System} = Options) ->
    case vbeam_block:info(Device) of
        {ok, #{block_bytes := DeviceBytes, blocks := DeviceBlocks}} ->
            First = ?SUPERBLOCK_AT div DeviceBytes,
            Count = max(1, ?SUPERBLOCK_BYTES div DeviceBytes),
            case vbeam_block:read(Device, First, Count) of
                {ok, Read} ->
                    Superblock = binary_part(Read, ?SUPERBLOCK_AT - First * DeviceBytes,
                        ?SUPERBLOCK_BYTES),
                    checked(Superblock, Device, DeviceBytes, DeviceBytes * DeviceBlocks, System,
                        maps:get(read_only, Options, false));
                {error, _} ->
                    {error, eio}
            end;
        {error, Reason} ->
            {error, Reason}
    end.

checked(Superblock, Device, DeviceBytes, Bytes, System, ReadOnly) ->
    Get = fun(Name) -> field(Superblock, maps:get(Name, ?SUPERBLOCK), little) end,
    case Get(magic) =:= ?MAGIC andalso Get(log_block_bytes) =< 2 of
        true ->
            BlockBytes = 1024 bsl Get(log_block_bytes),
            Old = Get(revision) =:= 0,
            Image = #{
                block_bytes => BlockBytes, blocks => Get(blocks), inodes => Get(inodes),
                first_block => Get(first_block), group_blocks => Get(group_blocks),
                group_inodes => Get(group_inodes), system => System,
                inode_bytes => case Old of true -> 128; false -> Get(inode_bytes) end,
                first_inode => case Old of true -> 11; false -> Get(first_inode) end,
                types => not Old andalso Get(incompat) band ?INCOMPAT_FILETYPE =/= 0
            },
            Known = ?RO_COMPAT_SPARSE_SUPER bor ?RO_COMPAT_LARGE_FILE,
            Foreign = not Old andalso Get(incompat) band bnot ?INCOMPAT_FILETYPE =/= 0,
            ForeignToWrite = not Old andalso Get(ro_compat) band bnot Known =/= 0,
            case makes_sense(Image, Bytes) andalso BlockBytes >= DeviceBytes of
                true when Foreign -> {error, enotsup};
                true when ForeignToWrite, not ReadOnly -> {error, erofs};
                true -> {ok, with_cache(Image, Device, System)};
                false -> {error, einval}
            end;
        false ->
            {error, einval}
    end.

makes_sense(Image, Bytes) ->
    #{
        block_bytes := BlockBytes, blocks := Blocks, inodes := Inodes, first_block := First,
        group_blocks := GroupBlocks, group_inodes := GroupInodes, inode_bytes := InodeBytes,
        first_inode := FirstInode
    } = Image,
    BitsMax = BlockBytes * 8,
    First =:= (case BlockBytes of 1024 -> 1; _ -> 0 end) andalso
        Blocks > First andalso Blocks * BlockBytes =< Bytes andalso
        GroupBlocks > 0 andalso GroupBlocks =< BitsMax andalso
        GroupInodes > 0 andalso GroupInodes =< BitsMax andalso
        InodeBytes >= 128 andalso InodeBytes =< BlockBytes andalso
        InodeBytes band (InodeBytes - 1) =:= 0 andalso FirstInode >= 11 andalso
        FirstInode < Inodes andalso
        Inodes =:= GroupInodes * groups(Blocks, First, GroupBlocks).

groups(Blocks, First, GroupBlocks) ->
    (Blocks - First + GroupBlocks - 1) div GroupBlocks.

with_cache(#{block_bytes := BlockBytes, blocks := Blocks} = Image, Device, System) ->
    #{first_block := First, group_blocks := GroupBlocks} = Image,
    Image#{
        groups => groups(Blocks, First, GroupBlocks),
        cache => vbeam_block_cache:open(Device, BlockBytes, Blocks, System)
    }.

%% ---- fields

-spec field(binary(), {Offset :: non_neg_integer(), Bits :: 16 | 32}, little) -> non_neg_integer().
field(Bytes, {Offset, 16}, little) ->
    <<_:Offset/binary, Value:16/little, _/binary>> = Bytes,
    Value;
field(Bytes, {Offset, 32}, little) ->
    <<_:Offset/binary, Value:32/little, _/binary>> = Bytes,
    Value.

-spec set_field(binary(), {non_neg_integer(), 16 | 32}, non_neg_integer(), little) -> binary().
set_field(Bytes, {Offset, Bits}, Value, little) ->
    <<Front:Offset/binary, _:Bits, Behind/binary>> = Bytes,
    <<Front/binary, Value:Bits/little, Behind/binary>>.

superblock_place(#{block_bytes := BlockBytes}) ->
    {?SUPERBLOCK_AT div BlockBytes, ?SUPERBLOCK_AT rem BlockBytes}.

-spec superblock(Name :: atom(), image()) -> non_neg_integer().
superblock(Name, #{cache := Cache} = Image) ->
    {Block, At} = superblock_place(Image),
    {Offset, Bits} = maps:get(Name, ?SUPERBLOCK),
    field(vbeam_block_cache:read(Cache, Block), {At + Offset, Bits}, little).

-spec set_superblock(Name :: atom(), non_neg_integer(), image()) -> ok.
set_superblock(Name, Value, #{cache := Cache} = Image) ->
    {Block, At} = superblock_place(Image),
    {Offset, Bits} = maps:get(Name, ?SUPERBLOCK),
    Bytes = vbeam_block_cache:read(Cache, Block),
    vbeam_block_cache:write(Cache, Block, set_field(Bytes, {At + Offset, Bits}, Value, little)).

%% A count that would become negative was wrong before.
-spec add_superblock(Name :: atom(), integer(), image()) -> ok.
add_superblock(Name, Change, Image) ->
    set_superblock(Name, sum(superblock(Name, Image), Change), Image).

sum(Value, Change) when Value + Change >= 0 -> Value + Change;
sum(_, _) -> throw({posix, eio}).

group_place(Group, #{block_bytes := BlockBytes, first_block := First, groups := Groups}) when
    Group >= 0, Group < Groups
->
    At = Group * ?DESCRIPTOR_BYTES,
    {First + 1 + At div BlockBytes, At rem BlockBytes};
group_place(_Group, _Image) ->
    throw({posix, eio}).

-spec group(non_neg_integer(), Name :: atom(), image()) -> non_neg_integer().
group(Group, Name, #{cache := Cache} = Image) ->
    {Block, At} = group_place(Group, Image),
    {Offset, Bits} = maps:get(Name, ?GROUP),
    field(vbeam_block_cache:read(Cache, Block), {At + Offset, Bits}, little).

-spec set_group(non_neg_integer(), Name :: atom(), non_neg_integer(), image()) -> ok.
set_group(Group, Name, Value, #{cache := Cache} = Image) ->
    {Block, At} = group_place(Group, Image),
    {Offset, Bits} = maps:get(Name, ?GROUP),
    Bytes = vbeam_block_cache:read(Cache, Block),
    vbeam_block_cache:write(Cache, Block, set_field(Bytes, {At + Offset, Bits}, Value, little)).

-spec add_group(non_neg_integer(), Name :: atom(), integer(), image()) -> ok.
add_group(Group, Name, Change, Image) ->
    set_group(Group, Name, sum(group(Group, Name, Image), Change), Image).

%% ---- whether it was left in order

%% Something is being changed: until `sync` a machine that loses power leaves it to be checked.
-spec change(image()) -> ok.
change(Image) ->
    State = superblock(state, Image),
    case State band ?STATE_VALID of
        0 -> ok;
        _ -> set_superblock(state, State band bnot ?STATE_VALID, Image)
    end.

-spec sync(image()) -> ok.
sync(#{cache := Cache} = Image) ->
    vbeam_block_cache:sync(Cache),
    State = superblock(state, Image),
    case State band ?STATE_VALID of
        0 ->
            set_superblock(written, erlang:system_time(second) band 16#ffffffff, Image),
            set_superblock(state, State bor ?STATE_VALID, Image);
        _ ->
            ok
    end.
