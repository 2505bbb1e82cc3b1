%% What mmap(2) maps: files, whose pages are read when the mapping is made, and memory that several
%% programs share (vbeam_linux_shared).
-module(vbeam_linux_mapping).
-export([file/5, anonymous/1, sync/3, held/2, released/2]).

-include("vbeam_linux.hrl").

-define(PROT_WRITE, 2).

%% The source of a row for a descriptor.
-spec file(integer(), non_neg_integer(), pos_integer(), non_neg_integer(), boolean()) ->
    {vbeam_linux_space:source(), Name :: binary()}.
file(Fd, Offset, Bytes, Protection, Shared) ->
    #{path := Path, readable := Readable, writable := Writable} =
        vbeam_linux_descriptors:mapped(Fd),
    Readable orelse throw({errno, ?EACCES}),
    case Shared of
        false ->
            {{bytes, vbeam_linux_descriptors:contents(Fd, Offset, Bytes), 0}, Path};
        true ->
            (Protection band ?PROT_WRITE =:= 0 orelse Writable) orelse throw({errno, ?EACCES}),
            {vbeam_linux_shared:of_file(Path, Offset, Writable), Path}
    end.

-spec anonymous(pos_integer()) -> vbeam_linux_space:source().
anonymous(Bytes) -> vbeam_linux_shared:anonymous(Bytes).

%% A group has the memory of a space, too, or has it no more.
-spec held(vbeam_linux_space:space(), pid()) -> ok.
held(Space, Group) ->
    lists:foreach(fun(Pid) -> vbeam_linux_shared:hold(Pid, Group) end, shared(Space)).

-spec released(vbeam_linux_space:space(), pid()) -> ok.
released(Space, Group) ->
    lists:foreach(fun(Pid) -> vbeam_linux_shared:release(Pid, Group) end, shared(Space)).

%% A space that was borrowed may be gone with its owner.
shared(Space) ->
    try vbeam_linux_space:rows(Space) of
        Rows -> lists:usort([Pid || {_, _, _, {shared, Pid, _}, _, _} <- Rows])
    catch
        error:badarg -> []
    end.

%% The part of a row that is a shared file goes to the file.
-spec sync(vbeam_linux_space:row(), non_neg_integer(), non_neg_integer()) -> ok.
sync({Start, _, _, {shared, Pid, Offset}, _, _}, From, To) ->
    vbeam_linux_shared:sync(Pid, Offset + From - Start, To - From);
sync(_, _, _) ->
    ok.
