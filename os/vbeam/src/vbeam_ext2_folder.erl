%% Folders of an ext2 file system: blocks of entries, each with the inode, its own length, which
%% reaches to the next entry, and the name. Hashed indices are not used; whoever changes a folder
%% that has one says that it is none any more, as Linux's ext2 does.
-module(vbeam_ext2_folder).
-export([find/3, add/5, remove/3, replace/5, list/3, is_empty/2, first_block/3]).

-define(HEADER, 8).
%% Inode flag: the folder has a hashed index.
-define(FLAG_INDEX, 16#1000).
%% Blocks that one call of list/3 looks at.
-define(LIST_BLOCKS, 16).

-type image() :: vbeam_ext2_image:image().
-type inode() :: vbeam_ext2_inode:inode().
-type type() :: regular | directory | symlink | other.

%% The block of a new folder.
-spec first_block(Inode :: pos_integer(), Parent :: pos_integer(), image()) -> binary().
first_block(Inode, Parent, #{block_bytes := BlockBytes} = Image) ->
    Dot = entry(Inode, <<".">>, directory, 12, Image),
    DotDot = entry(Parent, <<"..">>, directory, BlockBytes - 12, Image),
    <<Dot/binary, DotDot/binary>>.

entry(Inode, Name, Type, Length, #{types := Types}) ->
    Code = case Types of true -> code(Type); false -> 0 end,
    Free = Length - ?HEADER - byte_size(Name),
    <<Inode:32/little, Length:16/little, (byte_size(Name)), Code, Name/binary, 0:(Free * 8)>>.

code(regular) -> 1;
code(directory) -> 2;
code(symlink) -> 7;
code(other) -> 0.

%% Bytes that an entry needs.
needs(NameBytes) ->
    (?HEADER + NameBytes + 3) band bnot 3.

%% ---- asking

-spec find(inode(), Name :: binary(), image()) -> {ok, pos_integer()} | error.
find(Folder, Name, Image) ->
    case find_place(Folder, Name, Image) of
        {_, _, _, Inode} -> {ok, Inode};
        error -> error
    end.

%% {Block, Bytes of it, offset of the entry, its inode}
find_place(Folder, Name, Image) ->
    find_in(0, count(Folder, Image), Folder, Name, Image).

count(#{size := Size}, #{block_bytes := BlockBytes, blocks := Blocks}) ->
    Count = Size div BlockBytes,
    _ = (Size rem BlockBytes =:= 0 andalso Count =< Blocks) orelse throw({posix, eio}),
    Count.

find_in(Count, Count, _Folder, _Name, _Image) ->
    error;
find_in(Number, Count, Folder, Name, Image) ->
    {Block, Bytes} = bytes(Folder, Number, Image),
    %% Only a block that has the name somewhere is taken apart.
    case binary:match(Bytes, Name) of
        nomatch ->
            find_in(Number + 1, Count, Folder, Name, Image);
        _ ->
            case scan(Bytes, 0, 0, Name) of
                {At, _Before, Inode} -> {Block, Bytes, At, Inode};
                error -> find_in(Number + 1, Count, Folder, Name, Image)
            end
    end.

bytes(Folder, Number, #{cache := Cache} = Image) ->
    case vbeam_ext2_blocks:block(Folder, Number, Image) of
        0 -> throw({posix, eio});
        Block -> {Block, vbeam_block_cache:read(Cache, Block)}
    end.

%% {Offset, offset of the entry before, inode} of a name in a block.
scan(Bytes, At, Before, Name) when At < byte_size(Bytes) ->
    {Inode, Length, Found} = at(Bytes, At),
    case Inode =/= 0 andalso Found =:= Name of
        true -> {At, Before, Inode};
        false -> scan(Bytes, At + Length, At, Name)
    end;
scan(_Bytes, _At, _Before, _Name) ->
    error.

%% An entry; one that does not fit where it is, is an error in the file system.
at(Bytes, At) ->
    case Bytes of
        <<_:At/binary, Inode:32/little, Length:16/little, NameBytes, _, Name:NameBytes/binary,
            _/binary>> when
            Length >= ?HEADER + NameBytes, Length band 3 =:= 0, At + Length =< byte_size(Bytes)
        ->
            {Inode, Length, Name};
        _ ->
            throw({posix, eio})
    end.

-spec list(inode(), Cookie :: non_neg_integer(), image()) ->
    {[binary()], non_neg_integer() | done}.
list(Folder, Number, Image) ->
    Count = count(Folder, Image),
    To = min(Count, Number + ?LIST_BLOCKS),
    Names = lists:append([
        names(element(2, bytes(Folder, Each, Image)), 0)
     || Each <- lists:seq(Number, To - 1)
    ]),
    {Names, case To of Count -> done; _ -> To end}.

names(Bytes, At) when At < byte_size(Bytes) ->
    case at(Bytes, At) of
        {0, Length, _} -> names(Bytes, At + Length);
        {_, Length, Name} when Name =:= <<".">>; Name =:= <<"..">> -> names(Bytes, At + Length);
        {_, Length, Name} -> [binary:copy(Name) | names(Bytes, At + Length)]
    end;
names(_Bytes, _At) ->
    [].

-spec is_empty(inode(), image()) -> boolean().
is_empty(Folder, Image) ->
    is_empty(Folder, 0, Image).

is_empty(Folder, Cookie, Image) ->
    case list(Folder, Cookie, Image) of
        {[_ | _], _} -> false;
        {[], done} -> true;
        {[], Next} -> is_empty(Folder, Next, Image)
    end.

%% ---- changing

%% A name that is not there yet.
-spec add(inode(), Name :: binary(), Inode :: pos_integer(), type(), image()) -> inode().
add(Folder, Name, Inode, Type, #{cache := Cache, block_bytes := BlockBytes} = Image) ->
    Need = needs(byte_size(Name)),
    case room(count(Folder, Image) - 1, Folder, Need, Image) of
        {Block, Bytes, At, Length, Used} ->
            %% The entry that has room is cut, unless it is free as a whole.
            <<Front:At/binary, Old:Length/binary, Behind/binary>> = Bytes,
            New = entry(Inode, Name, Type, Length - Used, Image),
            Kept =
                case Used of
                    0 -> <<>>;
                    _ -> shortened(binary_part(Old, 0, Used), Used)
                end,
            vbeam_block_cache:write(Cache, Block,
                <<Front/binary, Kept/binary, New/binary, Behind/binary>>),
            without_index(Folder);
        none ->
            New = entry(Inode, Name, Type, BlockBytes, Image),
            without_index(vbeam_ext2_blocks:add_block(Folder, New, Image))
    end.

without_index(#{flags := Flags} = Folder) ->
    vbeam_ext2_inode:touch(modified, Folder#{flags := Flags band bnot ?FLAG_INDEX}).

shortened(<<Inode:4/binary, _:16, Rest/binary>>, Length) ->
    <<Inode/binary, Length:16/little, Rest/binary>>.

%% An entry with room behind its name, looked for from the last block on.
room(-1, _Folder, _Need, _Image) ->
    none;
room(Number, Folder, Need, Image) ->
    {Block, Bytes} = bytes(Folder, Number, Image),
    case room_in(Bytes, 0, Need) of
        {At, Length, Used} -> {Block, Bytes, At, Length, Used};
        none -> room(Number - 1, Folder, Need, Image)
    end.

room_in(Bytes, At, Need) when At < byte_size(Bytes) ->
    {Inode, Length, Name} = at(Bytes, At),
    Used = case Inode of 0 -> 0; _ -> needs(byte_size(Name)) end,
    case Length - Used >= Need of
        true -> {At, Length, Used};
        false -> room_in(Bytes, At + Length, Need)
    end;
room_in(_Bytes, _At, _Need) ->
    none.

%% A name goes: the entry before reaches over it, or it is free when it is the first.
-spec remove(inode(), Name :: binary(), image()) -> inode().
remove(Folder, Name, #{cache := Cache} = Image) ->
    {Block, Bytes, At, _} = place(Folder, Name, Image),
    {At, Before, _} = scan(Bytes, 0, 0, Name),
    {_, Length, _} = at(Bytes, At),
    New =
        case At of
            0 ->
                <<_:32, Rest/binary>> = Bytes,
                <<0:32, Rest/binary>>;
            _ ->
                <<Front:(Before + 4)/binary, _:16, Rest/binary>> = Bytes,
                <<Front/binary, (At + Length - Before):16/little, Rest/binary>>
        end,
    vbeam_block_cache:write(Cache, Block, New),
    without_index(Folder).

%% A name leads to another inode.
-spec replace(inode(), Name :: binary(), Inode :: pos_integer(), type(), image()) -> inode().
replace(Folder, Name, Inode, Type, #{cache := Cache, types := Types} = Image) ->
    {Block, Bytes, At, _} = place(Folder, Name, Image),
    <<Front:At/binary, _:32, Length:2/binary, NameBytes, Old, Behind/binary>> = Bytes,
    Code = case Types of true -> code(Type); false -> Old end,
    vbeam_block_cache:write(Cache, Block,
        <<Front/binary, Inode:32/little, Length/binary, NameBytes, Code, Behind/binary>>),
    vbeam_ext2_inode:touch(modified, Folder).

place(Folder, Name, Image) ->
    case find_place(Folder, Name, Image) of
        error -> throw({posix, enoent});
        Place -> Place
    end.
