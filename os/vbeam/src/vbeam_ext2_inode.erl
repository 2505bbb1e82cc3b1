%% Inodes of an ext2 file system: from the table to a map and back. What is not known here stays as
%% it is on the disk.
-module(vbeam_ext2_inode).
-export([read/2, write/3, new/5, clear/3, type/1, is_short_link/2, touch/2]).
-export_type([inode/0]).

-type inode() :: #{
    mode := non_neg_integer(),
    user := non_neg_integer(),
    group := non_neg_integer(),
    size := non_neg_integer(),
    accessed := integer(),
    changed := integer(),
    modified := integer(),
    %% When it was deleted; of one that has no name and is still in use, the next such inode.
    deleted := non_neg_integer(),
    links := non_neg_integer(),
    %% Sectors of 512 bytes that its blocks take.
    sectors := non_neg_integer(),
    flags := non_neg_integer(),
    %% 15 numbers of blocks, or the text of a short link.
    map := binary(),
    generation := non_neg_integer(),
    attributes_block := non_neg_integer(),
    raw := binary()
}.
-type image() :: vbeam_ext2_image:image().

-define(TYPE_MASK, 16#f000).
-define(TYPE_FOLDER, 16#4000).
-define(TYPE_FILE, 16#8000).
-define(TYPE_LINK, 16#a000).
-define(SMALL_BYTES, 128).
%% Of larger inodes, the bytes behind the first 128 that the times need.
-define(EXTRA_BYTES, 32).
-define(SHORT_LINK_MAX, 60).

place(Inode, #{inodes := Inodes, group_inodes := GroupInodes} = Image) when
    is_integer(Inode), Inode > 0, Inode =< Inodes
->
    #{inode_bytes := InodeBytes, block_bytes := BlockBytes} = Image,
    Table = vbeam_ext2_image:group((Inode - 1) div GroupInodes, inode_table, Image),
    At = (Inode - 1) rem GroupInodes * InodeBytes,
    {Table + At div BlockBytes, At rem BlockBytes};
place(_Inode, _Image) ->
    throw({posix, eio}).

-spec read(pos_integer(), image()) -> inode().
read(Number, #{cache := Cache, inode_bytes := InodeBytes} = Image) ->
    {Block, At} = place(Number, Image),
    Raw = binary_part(vbeam_block_cache:read(Cache, Block), At, InodeBytes),
    <<Mode:16/little, User:16/little, Size:32/little, Accessed:32/signed-little,
        Changed:32/signed-little, Modified:32/signed-little, Deleted:32/little, Group:16/little,
        Links:16/little, Sectors:32/little, Flags:32/little, _:32, Map:60/binary,
        Generation:32/little, AttributesBlock:32/little, SizeHigh:32/little, _:32, _:32,
        UserHigh:16/little, GroupHigh:16/little, _/binary>> = Raw,
    _ = Mode =:= 0 andalso throw({posix, estale}),
    High = case Mode band ?TYPE_MASK of ?TYPE_FILE -> SizeHigh; _ -> 0 end,
    #{
        mode => Mode, user => User bor (UserHigh bsl 16), group => Group bor (GroupHigh bsl 16),
        size => Size bor (High bsl 32), accessed => time(Accessed, 140, Raw),
        changed => time(Changed, 132, Raw), modified => time(Modified, 136, Raw),
        deleted => Deleted, links => Links, sectors => Sectors, flags => Flags, map => Map,
        generation => Generation, attributes_block => AttributesBlock, raw => Raw
    }.

%% Larger inodes have two bits more for times.
time(Low, At, Raw) ->
    case Raw of
        <<_:At/binary, Extra:32/little, _/binary>> -> Low + ((Extra band 3) bsl 32);
        _ -> Low
    end.

-spec write(pos_integer(), inode(), image()) -> ok.
write(Number, Inode, #{cache := Cache} = Image) ->
    #{
        mode := Mode, user := User, group := Group, size := Size, accessed := Accessed,
        changed := Changed, modified := Modified, deleted := Deleted, links := Links,
        sectors := Sectors, flags := Flags, map := Map, generation := Generation,
        attributes_block := AttributesBlock, raw := Raw
    } = Inode,
    <<_:36/binary, Reserved:4/binary, _:60/binary, _:8/binary, OldHigh:32/little, Fragment:8/binary,
        _:4/binary, Last:4/binary, Behind/binary>> = Raw,
    High = case Mode band ?TYPE_MASK of ?TYPE_FILE -> Size bsr 32; _ -> OldHigh end,
    Small = <<Mode:16/little, User:16/little, Size:32/little, Accessed:32/little,
        Changed:32/little, Modified:32/little, Deleted:32/little, Group:16/little,
        Links:16/little, Sectors:32/little, Flags:32/little, Reserved/binary, Map/binary,
        Generation:32/little, AttributesBlock:32/little, High:32/little, Fragment/binary,
        (User bsr 16):16/little, (Group bsr 16):16/little, Last/binary>>,
    Bytes = [Small, extra(Behind, [Changed, Modified, Accessed])],
    {Block, At} = place(Number, Image),
    Old = vbeam_block_cache:read(Cache, Block),
    Rear = byte_size(Old) - At - byte_size(Raw),
    Parts = [binary_part(Old, 0, At), Bytes, binary_part(Old, byte_size(Old), -Rear)],
    vbeam_block_cache:write(Cache, Block, iolist_to_binary(Parts)).

%% Times before 2038 have zeros here; fractions of seconds are not kept.
extra(<<Front:4/binary, _:12/binary, Rest/binary>>, Times) ->
    [Front, [<<(((Time - signed(Time)) bsr 32) band 3):32/little>> || Time <- Times], Rest];
extra(Behind, _Times) ->
    Behind.

signed(Time) ->
    <<Low:32/signed>> = <<Time:32>>,
    Low.

%% An inode with nothing in it.
-spec new(Mode :: non_neg_integer(), Map :: binary(), Size :: non_neg_integer(),
    Links :: non_neg_integer(), image()) -> inode().
new(Mode, Map, Size, Links, #{inode_bytes := InodeBytes}) ->
    Now = erlang:system_time(second),
    Extra =
        case InodeBytes > ?SMALL_BYTES of
            true -> <<?EXTRA_BYTES:16/little, 0:((InodeBytes - ?SMALL_BYTES - 2) * 8)>>;
            false -> <<>>
        end,
    #{
        mode => Mode, user => 0, group => 0, size => Size, accessed => Now, changed => Now,
        modified => Now, deleted => 0, links => Links, sectors => 0, flags => 0, map => Map,
        generation => erlang:phash2(make_ref(), 1 bsl 32), attributes_block => 0,
        raw => <<0:(?SMALL_BYTES * 8), Extra/binary>>
    }.

%% It is not in use any more.
-spec clear(pos_integer(), inode(), image()) -> ok.
clear(Number, Inode, Image) ->
    Now = erlang:system_time(second) band 16#ffffffff,
    Gone = Inode#{
        mode := 0, links := 0, deleted := Now, size := 0, sectors := 0, map := <<0:480>>,
        attributes_block := 0, flags := 0
    },
    write(Number, Gone, Image).

-spec type(inode()) -> regular | directory | symlink | other.
type(#{mode := Mode}) ->
    case Mode band ?TYPE_MASK of
        ?TYPE_FILE -> regular;
        ?TYPE_FOLDER -> directory;
        ?TYPE_LINK -> symlink;
        _ -> other
    end.

%% The text of the link is where blocks would be.
-spec is_short_link(inode(), image()) -> boolean().
is_short_link(#{sectors := Sectors, size := Size} = Inode, #{block_bytes := BlockBytes}) ->
    Own = case Inode of #{attributes_block := 0} -> 0; _ -> BlockBytes div 512 end,
    type(Inode) =:= symlink andalso Sectors =:= Own andalso Size < ?SHORT_LINK_MAX.

%% Its contents, or only something about it, have changed now.
-spec touch(modified | changed, inode()) -> inode().
touch(modified, Inode) ->
    Now = erlang:system_time(second),
    Inode#{modified := Now, changed := Now};
touch(changed, Inode) ->
    Inode#{changed := erlang:system_time(second)}.
