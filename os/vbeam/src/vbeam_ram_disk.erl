%% A block device in memory: pages of 4 KiB in a table of vbeam_keeper, where what was never written
%% or was discarded is missing and reads as zeros. So its blocks outlive its driver; they are gone
%% when destroy/1 says so. It takes as much memory as was written, SIZE_MAX at most.
-module(vbeam_ram_disk).
-behaviour(vbeam_block).
-export([create/2, create/3, destroy/1]).
-export([init/1, submit/3, handle_interrupt/3, cancel/2]).

-define(PAGE, 4096).
-define(SIZE_MAX, 1 bsl 32).
%% A disk takes at most this part of what file systems in memory may take.
-define(SHARE, 2).

-record(disk, {table :: ets:tid(), block_bytes :: 512 | 4096, blocks :: non_neg_integer()}).

%% A disk of so many bytes, whose blocks have 512 bytes unless the option says otherwise.
-spec create(Name :: atom(), Bytes :: pos_integer()) -> ok | {error, term()}.
create(Name, Bytes) ->
    create(Name, Bytes, #{}).

-spec create(atom(), pos_integer(), #{block_bytes => 512 | 4096, read_only => boolean()}) ->
    ok | {error, term()}.
create(Name, Bytes, Options) when is_atom(Name), is_integer(Bytes), Bytes > 0 ->
    vbeam_block:add(Name, ?MODULE, Options#{name => Name, bytes => Bytes}).

%% The device is taken away, and its blocks are forgotten.
-spec destroy(Name :: atom()) -> ok.
destroy(Name) ->
    vbeam_block:remove(Name),
    vbeam_keeper:forget(kept(Name)).

%% What is in the blocks is no state that a driver which keeps failing should do without.
kept(Name) ->
    {?MODULE, Name}.

init(#{name := Name, bytes := Bytes} = Config) ->
    BlockBytes = maps:get(block_bytes, Config, 512),
    case lists:member(BlockBytes, [512, ?PAGE]) andalso Bytes =< ?SIZE_MAX of
        true ->
            Blocks = Bytes div BlockBytes,
            Table = vbeam_keeper:table(kept(Name), pages),
            Info = #{
                block_bytes => BlockBytes, blocks => Blocks, depth => 32,
                read_only => maps:get(read_only, Config, false), model => <<"memory">>
            },
            {ok, Info, #disk{table = Table, block_bytes = BlockBytes, blocks = Blocks}};
        false ->
            {stop, einval}
    end.

submit(_Tag, {read, First, Count}, #disk{block_bytes = BlockBytes} = Disk) ->
    {done, {ok, read(First * BlockBytes, Count * BlockBytes, Disk)}, Disk};
submit(_Tag, {write, First, Data, _Flags}, #disk{block_bytes = BlockBytes} = Disk) ->
    {done, write(First * BlockBytes, iolist_to_binary(Data), Disk), Disk};
submit(_Tag, {discard, First, Count}, #disk{block_bytes = BlockBytes} = Disk) ->
    discard(First * BlockBytes, (First + Count) * BlockBytes, Disk),
    {done, ok, Disk};
submit(_Tag, flush, Disk) ->
    {done, ok, Disk}.

handle_interrupt(_Vector, _Data, Disk) -> {[], Disk}.

cancel(_Tags, Disk) -> Disk.

read(At, Bytes, Disk) ->
    First = At div ?PAGE,
    Last = (At + Bytes - 1) div ?PAGE,
    case [page(Number, Disk) || Number <- lists:seq(First, Last)] of
        [Page] when byte_size(Page) =:= Bytes -> Page;
        Pages -> binary_part(iolist_to_binary(Pages), At rem ?PAGE, Bytes)
    end.

page(Number, #disk{table = Table}) ->
    case ets:lookup(Table, Number) of
        [{_, Page}] -> Page;
        [] -> <<0:(?PAGE * 8)>>
    end.

write(At, Data, Disk) when At rem ?PAGE =:= 0, byte_size(Data) rem ?PAGE =:= 0 ->
    case has_room(Data, Disk) of
        true ->
            put_pages(At div ?PAGE, Data, Disk);
        false ->
            {error, enospc}
    end;
write(At, Data, Disk) ->
    %% Whole pages, with what was in them before and behind.
    Before = At rem ?PAGE,
    End = At + byte_size(Data),
    Behind = (?PAGE - End rem ?PAGE) rem ?PAGE,
    Old = read(At - Before, Before + byte_size(Data) + Behind, Disk),
    Front = binary_part(Old, 0, Before),
    Rear = binary_part(Old, byte_size(Old), -Behind),
    write(At - Before, <<Front/binary, Data/binary, Rear/binary>>, Disk).

put_pages(_Number, <<>>, _Disk) ->
    ok;
put_pages(Number, <<Page:(?PAGE)/binary, Rest/binary>>, #disk{table = Table} = Disk) ->
    %% A page of its own: a part of a large binary would keep all of it.
    true = ets:insert(Table, {Number, binary:copy(Page)}),
    put_pages(Number + 1, Rest, Disk).

%% A machine that is short of memory has no room on such a disk either.
has_room(Data, #disk{table = Table}) ->
    Pages = ets:info(Table, size),
    (Pages + byte_size(Data) div ?PAGE) * ?PAGE =< vbeam_files:bytes_max() div ?SHARE.

%% Pages that are not whole keep what is in their other part.
discard(From, To, #disk{table = Table} = Disk) when From < To ->
    Number = From div ?PAGE,
    End = min(To, (Number + 1) * ?PAGE),
    case From rem ?PAGE =:= 0 andalso End rem ?PAGE =:= 0 of
        true -> ets:delete(Table, Number);
        false -> write(From, <<0:((End - From) * 8)>>, Disk)
    end,
    discard(End, To, Disk);
discard(_From, _To, _Disk) ->
    ok.
