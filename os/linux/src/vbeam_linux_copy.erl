%% Bytes from descriptor to descriptor without the program's memory: sendfile(2),
%% copy_file_range(2), splice(2), tee(2).
-module(vbeam_linux_copy).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([sendfile/4, range/6, splice/6, tee/4]).

-define(PIECE, 65536).
-define(SPLICE_F_NONBLOCK, 2).

-spec sendfile(integer(), integer(), non_neg_integer(), non_neg_integer()) -> non_neg_integer().
sendfile(Out, In, OffsetPointer, Count) ->
    From = vbeam_linux_descriptors:find(In),
    To = vbeam_linux_descriptors:find(Out),
    _ = vbeam_linux_object:may(read, From) orelse throw({errno, ?EBADF}),
    _ = vbeam_linux_object:may(write, To) orelse throw({errno, ?EBADF}),
    _ = can_be_mapped(From) orelse throw({errno, ?EINVAL}),
    _ = vbeam_linux_object:status(To) band ?O_APPEND =:= 0 orelse throw({errno, ?EINVAL}),
    copied(place(From, OffsetPointer), place(To, 0), Count, 0).

%% sendfile and copy_file_range read only from what has pages.
can_be_mapped(#object{module = Module}) ->
    lists:member(Module, [vbeam_linux_file, vbeam_linux_text]).

-spec range(
    integer(), non_neg_integer(), integer(), non_neg_integer(), non_neg_integer(), integer()
) -> non_neg_integer().
range(_, _, _, _, _, Flags) when Flags =/= 0 ->
    throw({errno, ?EINVAL});
range(In, InPointer, Out, OutPointer, Count, _) ->
    From = vbeam_linux_descriptors:find(In),
    To = vbeam_linux_descriptors:find(Out),
    _ = vbeam_linux_object:may(read, From) orelse throw({errno, ?EBADF}),
    _ = vbeam_linux_object:may(write, To) orelse throw({errno, ?EBADF}),
    _ = vbeam_linux_object:status(To) band ?O_APPEND =:= 0 orelse throw({errno, ?EBADF}),
    _ = (is_folder(From) orelse is_folder(To)) andalso throw({errno, ?EISDIR}),
    _ = (can_be_mapped(From) andalso can_be_mapped(To)) orelse throw({errno, ?EINVAL}),
    copied(place(From, InPointer), place(To, OutPointer), Count, 0).

is_folder(#object{module = Module}) -> Module =:= vbeam_linux_folder.

-spec splice(
    integer(), non_neg_integer(), integer(), non_neg_integer(), non_neg_integer(), integer()
) -> non_neg_integer().
splice(In, InPointer, Out, OutPointer, Count, _Flags) ->
    From = vbeam_linux_descriptors:find(In),
    To = vbeam_linux_descriptors:find(Out),
    _ = (is_pipe(From) orelse is_pipe(To)) orelse throw({errno, ?EINVAL}),
    _ = (is_pipe(From) andalso InPointer =/= 0) andalso throw({errno, ?ESPIPE}),
    _ = (is_pipe(To) andalso OutPointer =/= 0) andalso throw({errno, ?ESPIPE}),
    %% Once: what is there now.
    moved(place(From, InPointer), place(To, OutPointer), min(Count, ?PIECE)).

is_pipe(#object{module = Module}) -> Module =:= vbeam_linux_pipe.

%% What is in one pipe, in the other one as well.
-spec tee(integer(), integer(), non_neg_integer(), integer()) -> non_neg_integer().
tee(In, Out, Count, _Flags) ->
    From = vbeam_linux_descriptors:find(In),
    To = vbeam_linux_descriptors:find(Out),
    _ = (is_pipe(From) andalso is_pipe(To)) orelse throw({errno, ?EINVAL}),
    _ = From#object.server =/= To#object.server orelse throw({errno, ?EINVAL}),
    vbeam_linux_object:write(To, vbeam_linux_object:done(vbeam_linux_pipe:look(From, Count))).

%% {Object, here} or {Object, Offset, Pointer to it}
place(Object, 0) -> {Object, here};
place(Object, Pointer) -> {Object, offset(vbeam_linux_memory:read(Pointer, 8)), Pointer}.

offset(<<Offset:64/little-signed>>) when Offset >= 0 -> Offset;
offset(_) -> throw({errno, ?EINVAL}).

copied(From, To, Count, Done) when Done < Count ->
    case moved(From, To, min(?PIECE, Count - Done), Done) of
        0 -> Done;
        Moved -> copied(further(From, Moved), further(To, Moved), Count, Done + Moved)
    end;
copied(_, _, _, Done) ->
    Done.

%% An error after something was copied is not told.
moved(From, To, Count, 0) ->
    moved(From, To, Count);
moved(From, To, Count, _) ->
    try
        moved(From, To, Count)
    catch
        throw:{errno, _} -> 0;
        throw:restart -> 0
    end.

moved(From, To, Count) ->
    case read(From, Count) of
        <<>> ->
            0;
        Bytes ->
            Written = write(To, Bytes),
            ok = unread(From, binary:part(Bytes, Written, byte_size(Bytes) - Written)),
            ok = noted(From, Written),
            ok = noted(To, Written),
            Written
    end.

read({Object, here}, Count) -> vbeam_linux_object:read(Object, Count);
read({Object, Offset, _}, Count) -> vbeam_linux_object:pread(Object, Offset, Count).

write({Object, here}, Bytes) -> vbeam_linux_object:write(Object, Bytes);
write({Object, Offset, _}, Bytes) -> vbeam_linux_object:pwrite(Object, Offset, Bytes).

%% What was read and had no room where it should go.
unread(_, <<>>) ->
    ok;
unread({#object{module = vbeam_linux_pipe} = Pipe, here}, Bytes) ->
    vbeam_linux_pipe:unread(Pipe, Bytes);
unread({Object, here}, Bytes) ->
    _ = vbeam_linux_object:seek(Object, -byte_size(Bytes), 1),
    ok;
unread(_, _) ->
    ok.

noted({_, here}, _) -> ok;
noted({_, Offset, Pointer}, Moved) -> vbeam_linux_memory:write_u64(Pointer, Offset + Moved).

further({Object, here}, _) -> {Object, here};
further({Object, Offset, Pointer}, Moved) -> {Object, Offset + Moved, Pointer}.
