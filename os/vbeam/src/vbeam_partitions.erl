%% The partitions of a disk: a GUID partition table (UEFI 2.10, section 5.3), checked by its sums,
%% the copy at the end when the first is broken, or else the four primary entries of a master boot
%% record.
-module(vbeam_partitions).
-export([read/2]).

-define(ENTRIES_MAX, 1024).
-define(ENTRY_BYTES_MAX, 4096).

-type part() :: {First :: pos_integer(), Blocks :: pos_integer(), Type :: binary() | byte()}.

%% Numbers are those of the entries, from 1 on. `Read` gives blocks.
-spec read(fun((non_neg_integer(), pos_integer()) -> {ok, binary()} | {error, atom()}),
    vbeam_block:info()) -> [{pos_integer(), part()}].
read(Read, #{blocks := Blocks, block_bytes := BlockBytes}) when Blocks > 2 ->
    case Read(0, 1) of
        {ok, <<_:446/binary, Entries:64/binary, 16#55, 16#aa, _/binary>>} ->
            Primary = primary(1, Entries),
            case lists:any(fun({_, {_, _, Type}}) -> Type =:= 16#ee end, Primary) of
                true -> inside(guid_table(Read, [1, Blocks - 1], BlockBytes), Blocks);
                false -> inside(Primary, Blocks)
            end;
        _ ->
            []
    end;
read(_Read, _Info) ->
    [].

primary(_Number, <<>>) ->
    [];
primary(Number, <<_:4/binary, Type, _:3/binary, First:32/little, Count:32/little, Rest/binary>>) ->
    [{Number, {First, Count, Type}} || Type =/= 0] ++ primary(Number + 1, Rest).

%% Those that lie on the disk.
inside(Parts, Blocks) ->
    [
        Part
     || {_, {First, Count, _}} = Part <- Parts, First > 0, Count > 0, First + Count =< Blocks
    ].

guid_table(_Read, [], _BlockBytes) ->
    [];
guid_table(Read, [At | Others], BlockBytes) ->
    case header(Read(At, 1), At) of
        {ok, Table, Count, EntryBytes, Sum} ->
            Blocks = (Count * EntryBytes + BlockBytes - 1) div BlockBytes,
            case Read(Table, Blocks) of
                {ok, Bytes} ->
                    Entries = binary_part(Bytes, 0, Count * EntryBytes),
                    case erlang:crc32(Entries) of
                        Sum -> entries(1, Entries, EntryBytes);
                        _ -> guid_table(Read, Others, BlockBytes)
                    end;
                _ ->
                    guid_table(Read, Others, BlockBytes)
            end;
        error ->
            guid_table(Read, Others, BlockBytes)
    end.

header({ok, <<"EFI PART", Revision:4/binary, Bytes:32/little, Sum:32/little, _/binary>> = Block},
    At) when Bytes >= 92, Bytes =< byte_size(Block) ->
    <<Front:16/binary, _:4/binary, Behind:(Bytes - 20)/binary, _/binary>> = Block,
    <<_:4/binary, At64:64/little, _:24/binary, _:16/binary, Table:64/little, Count:32/little,
        EntryBytes:32/little, EntrySum:32/little, _/binary>> = Behind,
    _ = Revision,
    case erlang:crc32([Front, <<0:32>>, Behind]) of
        Sum when At64 =:= At, Count =< ?ENTRIES_MAX, EntryBytes >= 128,
            EntryBytes =< ?ENTRY_BYTES_MAX, Count > 0 ->
            {ok, Table, Count, EntryBytes, EntrySum};
        _ ->
            error
    end;
header(_, _At) ->
    error.

entries(_Number, <<>>, _EntryBytes) ->
    [];
entries(Number, Entries, EntryBytes) ->
    <<Entry:EntryBytes/binary, Rest/binary>> = Entries,
    <<Type:16/binary, _:16/binary, First:64/little, Last:64/little, _/binary>> = Entry,
    [{Number, {First, Last - First + 1, Type}} || Type =/= <<0:128>>] ++
        entries(Number + 1, Rest, EntryBytes).
