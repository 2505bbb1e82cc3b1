%% The memory of whoever makes a system call. A pointer is a number: an address in the native task
%% of a Linux thread, or the place of one of the binaries that a caller without memory of its own
%% has passed (C calls of V programs); 0 is NULL. What is not there, or may not be accessed so, ends
%% the call with EFAULT.
%%
%% The calling process knows its memory by an entry of its dictionary:
%%
%%     {task, Task, Space}            pages of a task; Space says what may be there
%%     (vbeam_linux_space) {buffers, [Buffer]}            {Pointer, Bytes, Written | none}, each far
%%     from the others
-module(vbeam_linux_memory).
-export([scatter/2, use_task/2, use_buffers/1, written/0, task/0, space/0, has_task/0]).
-export([read/2, write/2, string/2, reads/2]).
-export([read_u32/1, read_u64/1, write_u32/2, write_u64/2, strings/3]).
-export_type([pointer/0]).

-type pointer() :: non_neg_integer().

-define(EFAULT, 14).
-define(ENAMETOOLONG, 36).
-define(E2BIG, 7).
-define(MEMORY, '$linux_memory').
%% Between the buffers of one call; none is larger.
-define(BUFFER_STEP, 16#10000000000).
-define(ADDRESS_END, 16#7ffffffff000).
-define(PAGE, 4096).

-spec use_task(vbeam_task:task(), vbeam_linux_space:space()) -> ok.
use_task(Task, Space) ->
    _ = put(?MEMORY, {task, Task, Space}),
    ok.

%% Pointers to binaries, in their order.
-spec use_buffers([binary()]) -> [pointer()].
use_buffers(Binaries) ->
    Pointers = lists:seq(?BUFFER_STEP, ?BUFFER_STEP * length(Binaries), ?BUFFER_STEP),
    Buffers = [{Pointer, Bytes, none} || {Pointer, Bytes} <- lists:zip(Pointers, Binaries)],
    _ = put(?MEMORY, {buffers, Buffers}),
    Pointers.

%% What each buffer holds from its start to the last byte that was written; nothing for those that
%% were only read.
-spec written() -> [binary()].
written() ->
    {buffers, Buffers} = get(?MEMORY),
    [written_part(Buffer) || Buffer <- Buffers].

written_part({_, _, none}) -> <<>>;
written_part({_, Bytes, End}) -> binary:part(Bytes, 0, End).

-spec task() -> vbeam_task:task().
task() ->
    {task, Task, _} = get(?MEMORY),
    Task.

%% Whether the caller is a Linux program.
-spec has_task() -> boolean().
has_task() -> is_tuple(get(?MEMORY)) andalso element(1, get(?MEMORY)) =:= task.

-spec space() -> vbeam_linux_space:space().
space() ->
    {task, _, Space} = get(?MEMORY),
    Space.

-spec read(pointer(), Bytes :: non_neg_integer()) -> binary().
read(_, 0) ->
    <<>>;
read(Pointer, Bytes) ->
    case get(?MEMORY) of
        {task, _, _} when Pointer + Bytes > ?ADDRESS_END ->
            throw({errno, ?EFAULT});
        {task, Task, Space} ->
            case vbeam_task:fetch(Task, Pointer, Bytes) of
                {ok, Read} -> Read;
                {error, efault} -> read_lazily(Task, Space, Pointer, Bytes)
            end;
        {buffers, Buffers} ->
            {Start, Memory, _} = buffer(Pointer, Bytes, Buffers),
            binary:part(Memory, Pointer - Start, Bytes)
    end.

read_lazily(Task, Space, Pointer, Bytes) ->
    ok = vbeam_linux_space:provide(Task, Space, Pointer, Bytes, read),
    case vbeam_task:read(Task, Pointer, Bytes) of
        {ok, Read} -> Read;
        {error, efault} -> throw({errno, ?EFAULT})
    end.

-spec write(pointer(), iodata()) -> ok.
write(Pointer, Data) ->
    case iolist_to_binary(Data) of
        <<>> -> ok;
        Bytes -> write_bytes(Pointer, Bytes, get(?MEMORY))
    end.

write_bytes(Pointer, Bytes, {task, _, _}) when Pointer + byte_size(Bytes) > ?ADDRESS_END ->
    throw({errno, ?EFAULT});
write_bytes(Pointer, Bytes, {task, Task, Space}) ->
    case vbeam_task:store(Task, Pointer, Bytes) of
        ok -> ok;
        {error, efault} -> write_lazily(Task, Space, Pointer, Bytes)
    end;
write_bytes(Pointer, Bytes, {buffers, Buffers}) ->
    Size = byte_size(Bytes),
    {Start, Memory, Written} = buffer(Pointer, Size, Buffers),
    At = Pointer - Start,
    <<Before:At/binary, _:Size/binary, After/binary>> = Memory,
    End = case Written of none -> At + Size; _ -> max(Written, At + Size) end,
    Now = {Start, <<Before/binary, Bytes/binary, After/binary>>, End},
    _ = put(?MEMORY, {buffers, lists:keyreplace(Start, 1, Buffers, Now)}),
    ok.

write_lazily(Task, Space, Pointer, Bytes) ->
    ok = vbeam_linux_space:provide(Task, Space, Pointer, byte_size(Bytes), write),
    case vbeam_task:write(Task, Pointer, Bytes) of
        ok -> ok;
        {error, efault} -> throw({errno, ?EFAULT})
    end.

%% The buffer that has so many bytes from a pointer on.
buffer(Pointer, Bytes, Buffers) ->
    case lists:keyfind(Pointer - Pointer rem ?BUFFER_STEP, 1, Buffers) of
        {Start, Memory, _} = Buffer when Pointer - Start + Bytes =< byte_size(Memory) -> Buffer;
        _ -> throw({errno, ?EFAULT})
    end.

%% Bytes up to a zero, which is not part of them: ENAMETOOLONG when there is none among the first
%% Max. The end of a buffer ends a string, too.
-spec string(pointer(), Max :: pos_integer()) -> binary().
string(Pointer, Max) ->
    case get(?MEMORY) of
        {task, Task, Space} ->
            task_string(Task, Space, Pointer, Max);
        {buffers, Buffers} ->
            {Start, Memory, _} = buffer(Pointer, 0, Buffers),
            <<_:(Pointer - Start)/binary, Bytes/binary>> = Memory,
            [String | _] = binary:split(Bytes, <<0>>),
            case byte_size(String) < Max of
                true -> String;
                false -> throw({errno, ?ENAMETOOLONG})
            end
    end.

task_string(Task, Space, Pointer, Max) ->
    case vbeam_task:string(Task, Pointer, Max) of
        {ok, String} -> String;
        {error, enametoolong} -> throw({errno, ?ENAMETOOLONG});
        {error, efault} -> string_by_pages(Task, Space, Pointer, Max, [])
    end.

%% Some of its pages have not been used yet.
string_by_pages(_, _, _, Max, _) when Max =< 0 ->
    throw({errno, ?ENAMETOOLONG});
string_by_pages(Task, Space, Pointer, Max, Before) ->
    Bytes = min(?PAGE - Pointer rem ?PAGE, Max),
    Read = read(Pointer, Bytes),
    case binary:split(Read, <<0>>) of
        [String, _] -> iolist_to_binary(lists:reverse(Before, [String]));
        [_] -> string_by_pages(Task, Space, Pointer + Bytes, Max - Bytes, [Read | Before])
    end.

%% Reads of {Pointer, Bytes} pieces, such as those of an iovec.
-spec reads([{pointer(), non_neg_integer()}], MostBytes :: non_neg_integer()) -> iodata().
reads([], _) -> [];
reads(_, 0) -> [];
reads([{Pointer, Bytes} | Rest], Most) ->
    Now = min(Bytes, Most),
    [read(Pointer, Now) | reads(Rest, Most - Now)].

-spec read_u32(pointer()) -> non_neg_integer().
read_u32(Pointer) ->
    <<Value:32/little>> = read(Pointer, 4),
    Value.

-spec read_u64(pointer()) -> non_neg_integer().
read_u64(Pointer) ->
    <<Value:64/little>> = read(Pointer, 8),
    Value.

-spec write_u32(pointer(), integer()) -> ok.
write_u32(Pointer, Value) -> write(Pointer, <<Value:32/little>>).

-spec write_u64(pointer(), integer()) -> ok.
write_u64(Pointer, Value) -> write(Pointer, <<Value:64/little>>).

%% Strings that an array of pointers points to, up to NULL: at most so many bytes with their zeros.
-spec strings(pointer(), MostBytes :: non_neg_integer(), MostEach :: pos_integer()) -> [binary()].
strings(0, _, _) ->
    [];
strings(Pointer, Most, MostEach) ->
    case read_u64(Pointer) of
        0 ->
            [];
        String ->
            Bytes = one_of_strings(String, MostEach),
            case Most - byte_size(Bytes) - 9 of
                Left when Left < 0 -> throw({errno, ?E2BIG});
                Left -> [Bytes | strings(Pointer + 8, Left, MostEach)]
            end
    end.

one_of_strings(Pointer, Most) ->
    try
        string(Pointer, Most)
    catch
        throw:{errno, ?ENAMETOOLONG} -> throw({errno, ?E2BIG})
    end.

%% Writes bytes to the pieces {Pointer, Count} of memory, one after the other, which have room
%% for all of them.
-spec scatter(binary(), [{pointer(), non_neg_integer()}]) -> ok.
scatter(<<>>, _) ->
    ok;
scatter(Bytes, [{Pointer, Count} | Rest]) ->
    Now = min(Count, byte_size(Bytes)),
    <<Part:Now/binary, Later/binary>> = Bytes,
    ok = write(Pointer, Part),
    scatter(Later, Rest).
