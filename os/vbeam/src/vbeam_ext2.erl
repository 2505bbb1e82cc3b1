%% The file system ext2 on a block device of vbeam_block, for vbeam_vfs: read and written. Images
%% are those of mke2fs -t ext2, or of vbeam_ext2_format. Times of reading are not kept.
%%
%% Each request takes effect as a whole (vbeam_block_cache), so the file system on the device is in
%% order whenever no request is being carried out, however the process ends. A file that has no name
%% any more and is still open is in the superblock's list of orphans, from which a checker frees it.
-module(vbeam_ext2).
-behaviour(vbeam_filesystem).
-export([init/2, attributes/2, lookup/3, list/3, is_empty/2, read/4, write/4, truncate/3]).
-export([read_link/2, create/4, link/4, unlink/5, rename/5, release/2, change/3]).
-export([commit/3, rollback/1, replied/2, sync/1, usage/1]).

-define(ROOT, 2).
-define(LINKS_MAX, 32000).
-define(MODE_BITS, 8#7777).
-define(TYPE_FOLDER, 16#4000).
-define(TYPE_FILE, 16#8000).
-define(TYPE_LINK, 16#a000).
-define(SHORT_LINK_MAX, 60).

-type image() :: vbeam_ext2_image:image().

-spec init(vbeam_block:device(), map()) -> {ok, pos_integer(), image()} | {error, atom()}.
init(Device, Options) ->
    case vbeam_ext2_image:open(Device, Options) of
        {ok, Image} -> checked(Image, maps:get(read_only, Options, false));
        Error -> Error
    end.

checked(#{cache := Cache} = Image, ReadOnly) ->
    try vbeam_ext2_inode:type(vbeam_ext2_inode:read(?ROOT, Image)) of
        directory ->
            _ = ReadOnly orelse free_orphans(Image),
            commit({self(), make_ref()}, ok, Image),
            {ok, ?ROOT, Image};
        _ ->
            {error, einval}
    catch
        Class:_ when Class =/= exit ->
            vbeam_block_cache:rollback(Cache),
            {error, einval}
    end.

%% ---- asking

attributes(Number, Image) ->
    Inode = vbeam_ext2_inode:read(Number, Image),
    maps:merge(
        maps:with(
            [links, user, group, size, accessed, modified, changed, generation],
            Inode
        ),
        #{type => vbeam_ext2_inode:type(Inode), mode => maps:get(mode, Inode) band ?MODE_BITS}
    ).

lookup(Folder, Name, Image) ->
    vbeam_ext2_folder:find(vbeam_ext2_inode:read(Folder, Image), Name, Image).

list(Folder, Cookie, Image) ->
    vbeam_ext2_folder:list(vbeam_ext2_inode:read(Folder, Image), Cookie, Image).

is_empty(Folder, Image) ->
    vbeam_ext2_folder:is_empty(vbeam_ext2_inode:read(Folder, Image), Image).

read(Number, At, Count, Image) ->
    vbeam_ext2_blocks:read(vbeam_ext2_inode:read(Number, Image), At, Count, Image).

read_link(Number, #{block_bytes := BlockBytes} = Image) ->
    #{size := Size, map := Map} = Inode = vbeam_ext2_inode:read(Number, Image),
    case vbeam_ext2_inode:is_short_link(Inode, Image) of
        true ->
            binary_part(Map, 0, Size);
        false ->
            _ = Size < BlockBytes orelse throw({posix, eio}),
            vbeam_ext2_blocks:read(Inode, 0, Size, Image)
    end.

usage(#{blocks := Blocks, block_bytes := BlockBytes, inodes := Inodes} = Image) ->
    #{
        bytes => Blocks * BlockBytes,
        free_bytes => vbeam_ext2_image:superblock(free_blocks, Image) * BlockBytes,
        inodes => Inodes,
        free_inodes => vbeam_ext2_image:superblock(free_inodes, Image)
    }.

%% ---- files

write(Number, At, Bytes, Image) ->
    Inode = vbeam_ext2_inode:read(Number, Image),
    Next = vbeam_ext2_blocks:write(Inode, At, Bytes, Image),
    vbeam_ext2_inode:write(Number, vbeam_ext2_inode:touch(modified, Next), Image).

truncate(Number, Size, Image) ->
    Inode = vbeam_ext2_inode:read(Number, Image),
    Next = vbeam_ext2_blocks:resize(Inode, Size, Image),
    vbeam_ext2_inode:write(Number, vbeam_ext2_inode:touch(modified, Next), Image).

change(Number, Changes, Image) ->
    #{mode := Mode} = Inode = vbeam_ext2_inode:read(Number, Image),
    New =
        case Changes of
            #{mode := Bits} -> #{mode => Mode band bnot ?MODE_BITS bor (Bits band ?MODE_BITS)};
            _ -> #{}
        end,
    Next = maps:merge(maps:merge(Inode, Changes), New),
    vbeam_ext2_inode:write(Number, vbeam_ext2_inode:touch(changed, Next), Image).

%% ---- names

create(Folder, Name, What, Image) ->
    IsFolder = element(1, What) =:= directory,
    #{links := Links} = Parent = vbeam_ext2_inode:read(Folder, Image),
    _ = IsFolder andalso Links >= ?LINKS_MAX andalso throw({posix, emlink}),
    Number = vbeam_ext2_bitmap:allocate_inode(Folder, IsFolder, Image),
    Inode = new(What, Number, Folder, Image),
    vbeam_ext2_inode:write(Number, Inode, Image),
    Type = vbeam_ext2_inode:type(Inode),
    Added = vbeam_ext2_folder:add(Parent, Name, Number, Type, Image),
    More = case IsFolder of true -> 1; false -> 0 end,
    vbeam_ext2_inode:write(Folder, Added#{links := Links + More}, Image),
    {ok, Number}.

new({regular, Mode}, _Number, _Folder, Image) ->
    vbeam_ext2_inode:new(?TYPE_FILE bor Mode, <<0:480>>, 0, 1, Image);
new({directory, Mode}, Number, Folder, Image) ->
    Empty = vbeam_ext2_inode:new(?TYPE_FOLDER bor Mode, <<0:480>>, 0, 2, Image),
    Block = vbeam_ext2_folder:first_block(Number, Folder, Image),
    vbeam_ext2_blocks:add_block(Empty, Block, Image);
new({symlink, Text}, _Number, _Folder, Image) when byte_size(Text) < ?SHORT_LINK_MAX ->
    Free = ?SHORT_LINK_MAX - byte_size(Text),
    Map = <<Text/binary, 0:(Free * 8)>>,
    vbeam_ext2_inode:new(?TYPE_LINK bor 8#777, Map, byte_size(Text), 1, Image);
new({symlink, Text}, _Number, _Folder, #{block_bytes := BlockBytes} = Image) ->
    _ = byte_size(Text) < BlockBytes orelse throw({posix, enametoolong}),
    Empty = vbeam_ext2_inode:new(?TYPE_LINK bor 8#777, <<0:480>>, 0, 1, Image),
    vbeam_ext2_blocks:write(Empty, 0, Text, Image).

link(Folder, Name, Number, Image) ->
    #{links := Links} = Inode = vbeam_ext2_inode:read(Number, Image),
    _ = Links >= ?LINKS_MAX andalso throw({posix, emlink}),
    More = vbeam_ext2_inode:touch(changed, Inode#{links := Links + 1}),
    vbeam_ext2_inode:write(Number, More, Image),
    Parent = vbeam_ext2_inode:read(Folder, Image),
    Type = vbeam_ext2_inode:type(Inode),
    Added = vbeam_ext2_folder:add(Parent, Name, Number, Type, Image),
    vbeam_ext2_inode:write(Folder, Added, Image).

unlink(Folder, Name, Number, Held, Image) ->
    Parent = vbeam_ext2_inode:read(Folder, Image),
    #{links := Links} = Removed = vbeam_ext2_folder:remove(Parent, Name, Image),
    IsFolder = vbeam_ext2_inode:type(vbeam_ext2_inode:read(Number, Image)) =:= directory,
    Fewer = case IsFolder of true -> 1; false -> 0 end,
    vbeam_ext2_inode:write(Folder, Removed#{links := max(0, Links - Fewer)}, Image),
    drop(Number, Held, Image).

%% A name of an inode is gone; the last one of a folder, which has two links then, too.
drop(Number, Held, Image) ->
    #{links := Links} = Inode = vbeam_ext2_inode:read(Number, Image),
    IsFolder = vbeam_ext2_inode:type(Inode) =:= directory,
    Left = case IsFolder of true -> 0; false -> max(0, Links - 1) end,
    Fewer = vbeam_ext2_inode:touch(changed, Inode#{links := Left}),
    case Left of
        0 when Held ->
            First = vbeam_ext2_image:superblock(last_orphan, Image),
            vbeam_ext2_image:set_superblock(last_orphan, Number, Image),
            vbeam_ext2_inode:write(Number, Fewer#{deleted := First}, Image);
        0 ->
            free(Number, Fewer, Image);
        _ ->
            vbeam_ext2_inode:write(Number, Fewer, Image)
    end.

free(Number, Inode, Image) ->
    Type = vbeam_ext2_inode:type(Inode),
    Short = vbeam_ext2_inode:is_short_link(Inode, Image),
    _ = Short orelse Type =:= other orelse vbeam_ext2_blocks:free_all(Inode, Image),
    free_attributes(Inode, Image),
    vbeam_ext2_inode:clear(Number, Inode, Image),
    vbeam_ext2_bitmap:free_inode(Number, Type =:= directory, Image).

%% Extended attributes are in a block that several inodes may share.
free_attributes(#{attributes_block := 0}, _Image) ->
    ok;
free_attributes(#{attributes_block := Block}, #{cache := Cache} = Image) ->
    case vbeam_block_cache:read(Cache, Block) of
        <<Magic:4/binary, Count:32/little, Rest/binary>> when Count > 1 ->
            New = <<Magic/binary, (Count - 1):32/little, Rest/binary>>,
            vbeam_block_cache:write(Cache, Block, New);
        _ ->
            vbeam_ext2_bitmap:free_blocks([Block], Image)
    end.

%% Nobody has it open any more.
release(Number, Image) ->
    case vbeam_ext2_inode:read(Number, Image) of
        #{links := 0} = Inode ->
            First = vbeam_ext2_image:superblock(last_orphan, Image),
            forget_orphan(First, none, Number, Inode, Image),
            free(Number, Inode, Image);
        _ ->
            ok
    end.

%% Take an inode out of the list of orphans.
forget_orphan(Number, none, Number, #{deleted := Next}, Image) ->
    vbeam_ext2_image:set_superblock(last_orphan, Next, Image);
forget_orphan(Number, Before, Number, #{deleted := Next}, Image) ->
    Inode = vbeam_ext2_inode:read(Before, Image),
    vbeam_ext2_inode:write(Before, Inode#{deleted := Next}, Image);
forget_orphan(0, _Before, _Number, _Inode, _Image) ->
    ok;
forget_orphan(Each, _Before, Number, Inode, Image) ->
    #{deleted := Next, links := Links} = vbeam_ext2_inode:read(Each, Image),
    _ = Links =:= 0 orelse throw({posix, eio}),
    forget_orphan(Next, Each, Number, Inode, Image).

%% What had no name any more when nobody was there to free it, unless it is still open.
free_orphans(#{system := System, inodes := Inodes} = Image) ->
    Orphans = orphans(vbeam_ext2_image:superblock(last_orphan, Image), Inodes, Image),
    _ = [
        release(Number, Image)
     || Number <- Orphans, not vbeam_handles:is_open(System, Number)
    ],
    ok.

orphans(0, _Left, _Image) ->
    [];
orphans(_Number, 0, _Image) ->
    throw({posix, eio});
orphans(Number, Left, Image) ->
    #{deleted := Next, links := 0} = vbeam_ext2_inode:read(Number, Image),
    [Number | orphans(Next, Left - 1, Image)].

rename({Folder, Name}, {Other, OtherName}, Number, Replaced, Image) ->
    Type = vbeam_ext2_inode:type(vbeam_ext2_inode:read(Number, Image)),
    IsFolder = Type =:= directory,
    Target = vbeam_ext2_inode:read(Other, Image),
    New =
        case Replaced of
            none -> vbeam_ext2_folder:add(Target, OtherName, Number, Type, Image);
            _ -> vbeam_ext2_folder:replace(Target, OtherName, Number, Type, Image)
        end,
    %% A folder that comes has a name for the one above it; one that is replaced had one.
    Came = case IsFolder andalso Replaced =:= none of true -> 1; false -> 0 end,
    vbeam_ext2_inode:write(Other, more_links(New, Came), Image),
    Source = vbeam_ext2_folder:remove(vbeam_ext2_inode:read(Folder, Image), Name, Image),
    Went = case IsFolder of true -> -1; false -> 0 end,
    vbeam_ext2_inode:write(Folder, more_links(Source, Went), Image),
    Moved = vbeam_ext2_inode:read(Number, Image),
    Above =
        case IsFolder andalso Folder =/= Other of
            true -> vbeam_ext2_folder:replace(Moved, <<"..">>, Other, directory, Image);
            false -> Moved
        end,
    vbeam_ext2_inode:write(Number, vbeam_ext2_inode:touch(changed, Above), Image),
    case Replaced of
        none -> ok;
        {Old, Held} -> drop(Old, Held, Image)
    end.

more_links(#{links := Links} = Inode, Change) when Links + Change < ?LINKS_MAX ->
    Inode#{links := max(0, Links + Change)};
more_links(_Inode, _Change) ->
    throw({posix, emlink}).

%% ---- making it last

commit(Request, Answer, #{cache := Cache} = Image) ->
    _ = vbeam_block_cache:is_changed(Cache) andalso vbeam_ext2_image:change(Image),
    vbeam_block_cache:commit(Request, Answer, Cache).

rollback(#{cache := Cache}) ->
    vbeam_block_cache:rollback(Cache).

replied(Request, #{cache := Cache}) ->
    vbeam_block_cache:replied(Request, Cache).

sync(#{cache := Cache} = Image) ->
    vbeam_ext2_image:sync(Image),
    vbeam_block_cache:commit({self(), make_ref()}, ok, Cache),
    vbeam_block_cache:sync(Cache).
