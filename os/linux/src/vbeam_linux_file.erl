%% A regular file that is open: its process has the handle and the offset, which all descriptors
%% that were made of one another share. Key: {file, Path}. Sizes and times are those of the VFS,
%% whose times are whole seconds.
-module(vbeam_linux_file).
-behaviour(vbeam_linux_object).
-behaviour(vbeam_linux_server).
-include_lib("kernel/include/file.hrl").
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/4, open_unnamed/3]).
-export([read/2, write/2, pread/3, pwrite/3, seek/3, stat/1, truncate/2, allocate/3, sync/1]).
-export([change/2, path/1, reopen/2, name/1, ioctl/3]).
-export([init/1, request/2, poll/2, terminate/1]).

-define(OFFSET_MAX, 16#7fffffffffffffff).
-define(SIZE_MAX, 16#ffffffff000).
%% Bytes of zeros that are written at once.
-define(ZEROS, 65536).

-define(FALLOC_FL_KEEP_SIZE, 1).
-define(FALLOC_FL_PUNCH_HOLE, 2).
-define(FALLOC_FL_ZERO_RANGE, 16).

-define(FIONREAD, 16#541b).

-record(file, {handle, path, offset = 0, seals = none, unnamed = false}).

%% --- opening -----------------------------------------------------------------------------------

%% The path leads to a file of the VFS, through no links. New: it is to be created with that mode.
-spec open(binary(), non_neg_integer(), {new, Mode :: non_neg_integer()} | old, pid()) ->
    {ok, vbeam_linux_object:object()} | {error, term()}.
open(Path, Flags, How, Holder) ->
    Key = {file, Path},
    case vbeam_linux_server:start(?MODULE, {open, Path, Flags, How}, [{Key, Holder}]) of
        {ok, Server} -> {ok, vbeam_linux_object:new(?MODULE, Server, Key, Flags)};
        Error -> Error
    end.

%% A file without a name (O_TMPFILE, memfd_create); its name is gone as soon as it is open.
-spec open_unnamed(binary(), non_neg_integer(), pid()) ->
    {ok, vbeam_linux_object:object()} | {error, term()}.
open_unnamed(Name, Flags, Holder) ->
    Key = {unnamed, Name},
    Unique = integer_to_binary(erlang:unique_integer([positive])),
    Path = <<"/tmp/.unnamed-", Unique/binary>>,
    case vbeam_linux_server:start(?MODULE, {unnamed, Path}, [{Key, Holder}]) of
        {ok, Server} -> {ok, vbeam_linux_object:new(?MODULE, Server, Key, Flags)};
        Error -> Error
    end.

init({unnamed, Path}) ->
    case prim_file:open(Path, [read, write, binary, raw, exclusive]) of
        {ok, Handle} ->
            _ = prim_file:delete(Path),
            {ok, #file{handle = Handle, path = Path, unnamed = true, seals = 0}};
        Error ->
            Error
    end;
init({open, Path, Flags, How}) ->
    Exclusive = [exclusive || How =/= old, Flags band ?O_EXCL =/= 0],
    case prim_file:open(Path, [binary, raw | modes(Flags, How)] ++ Exclusive) of
        {ok, Handle} ->
            opened(Handle, Path, Flags, How);
        Error ->
            Error
    end.

%% `write` alone would empty the file.
modes(Flags, old) when Flags band ?O_ACCMODE =:= ?O_RDONLY, Flags band ?O_TRUNC =:= 0 -> [read];
modes(_, _) -> [read, write].

opened(Handle, Path, _, {new, Mode}) ->
    _ = prim_file:write_file_info(Path, #file_info{mode = Mode}, [{time, posix}]),
    {ok, #file{handle = Handle, path = Path}};
opened(Handle, Path, Flags, old) ->
    File = #file{handle = Handle, path = Path},
    case Flags band ?O_TRUNC =/= 0 of
        true ->
            case prim_file:truncate(Handle) of
                ok -> {ok, File};
                Error -> Error
            end;
        false ->
            {ok, File}
    end.

terminate(#file{handle = Handle}) -> prim_file:close(Handle).

%% --- in the thread that calls ------------------------------------------------------------------

read(Object, Count) -> ask(Object, {read, Count}).
write(Object, Bytes) -> ask(Object, {write, place(Object), Bytes}).
pread(Object, Offset, Count) -> ask(Object, {pread, Offset, Count}).

%% On a file opened to append, Linux appends whatever the offset.
pwrite(Object, Offset, Bytes) ->
    case place(Object) of
        append -> ask(Object, {pwrite, append, Bytes});
        _ -> ask(Object, {pwrite, Offset, Bytes})
    end.

place(Object) ->
    case vbeam_linux_object:status(Object) band ?O_APPEND of
        0 -> here;
        _ -> append
    end.

seek(Object, Offset, Whence) -> ask(Object, {seek, Offset, Whence}).
stat(Object) -> ask(Object, stat).
truncate(Object, Size) -> ask(Object, {truncate, Size}).
allocate(Object, Mode, Range) -> ask(Object, {allocate, Mode, Range}).
sync(Object) -> ask(Object, sync).
change(Object, Changes) -> ask(Object, {change, Changes}).

ioctl(Object, ?FIONREAD, Pointer) ->
    {ok, Left} = ask(Object, left),
    ok = vbeam_linux_memory:write(Pointer, <<Left:32/little>>),
    0;
ioctl(_, _, _) ->
    {error, ?ENOTTY}.

path(#object{key = {file, Path}}) -> {ok, Path};
path(_) -> none.

name(#object{key = {file, Path}} = Object) ->
    case stat(Object) of
        {ok, #stat{links = 0}} -> <<Path/binary, " (deleted)">>;
        _ -> Path
    end;
name(#object{key = {unnamed, Name}}) ->
    <<"/memfd:", Name/binary, " (deleted)">>.

reopen(#object{key = {file, Path}}, Flags) -> open(Path, Flags, old, vbeam_linux_group:process());
reopen(_, _) -> {error, ?ENXIO}.

ask(#object{server = Server}, Request) -> vbeam_linux_server:ask(Server, Request).

%% --- in the file's process ---------------------------------------------------------------------

poll(_, File) ->
    {?POLLIN bor ?POLLOUT bor ?POLLRDNORM bor ?POLLWRNORM, File#file.offset}.

request({read, Count}, #file{offset = Offset} = File) ->
    case bytes(File, Offset, Count) of
        {ok, Bytes} -> {{ok, Bytes}, File#file{offset = Offset + byte_size(Bytes)}};
        Error -> {Error, File}
    end;
request({pread, Offset, Count}, File) ->
    {bytes(File, Offset, Count), File};
request({write, here, Bytes}, #file{offset = Offset} = File) ->
    moved(written(File, Offset, Bytes), Offset, File);
request({write, append, Bytes}, File) ->
    End = end_of(File),
    moved(written(File, End, Bytes), End, File);
request({pwrite, append, Bytes}, File) ->
    {written(File, end_of(File), Bytes), File};
request({pwrite, Offset, Bytes}, File) ->
    {written(File, Offset, Bytes), File};
request({seek, Offset, Whence}, File) ->
    sought(Offset, Whence, File);
request(left, #file{offset = Offset} = File) ->
    {{ok, max(0, end_of(File) - Offset)}, File};
request(size, File) ->
    {{ok, end_of(File)}, File};
request(stat, #file{handle = Handle} = File) ->
    case prim_file:read_handle_info(Handle, [{time, posix}]) of
        {ok, Info} -> {{ok, vbeam_linux_stat:of_info(Info)}, File};
        Error -> {Error, File}
    end;
request({truncate, Size}, File) when Size > ?SIZE_MAX ->
    {{error, ?EFBIG}, File};
request({truncate, Size}, #file{} = File) ->
    {resized(File, Size), File};
request({allocate, Mode, {Offset, Bytes}}, File) ->
    {allocated(Mode, Offset, Bytes, File), File};
request(sync, #file{handle = Handle} = File) ->
    {prim_file:sync(Handle), File};
request({change, Changes}, #file{path = Path} = File) ->
    {vbeam_linux_names:change_file(Path, Changes), File};
request(seals, #file{seals = none} = File) ->
    {{error, ?EINVAL}, File};
request(seals, #file{seals = Seals} = File) ->
    {{ok, Seals}, File};
request({seal, _}, #file{seals = none} = File) ->
    {{error, ?EINVAL}, File};
%% F_SEAL_SEAL
request({seal, _}, #file{seals = Seals} = File) when Seals band 1 =/= 0 ->
    {{error, ?EPERM}, File};
request({seal, More}, #file{seals = Seals} = File) ->
    {{ok, 0}, File#file{seals = Seals bor More}}.

moved({ok, Count} = Answer, From, File) -> {Answer, File#file{offset = From + Count}};
moved(Error, _, File) -> {Error, File}.

bytes(_, _, 0) ->
    {ok, <<>>};
bytes(#file{handle = Handle}, Offset, Count) ->
    case prim_file:pread(Handle, Offset, Count) of
        {ok, Bytes} -> {ok, Bytes};
        eof -> {ok, <<>>};
        Error -> Error
    end.

%% F_SEAL_WRITE, F_SEAL_FUTURE_WRITE, F_SEAL_GROW
-define(SEALED_WRITE, 16#18).
-define(SEALED_GROW, 16#4).
-define(SEALED_SHRINK, 16#2).

written(#file{seals = Seals}, _, _) when is_integer(Seals), Seals band ?SEALED_WRITE =/= 0 ->
    {error, ?EPERM};
written(_, Offset, Bytes) when Offset + byte_size(Bytes) > ?SIZE_MAX ->
    {error, ?EFBIG};
written(_, _, <<>>) ->
    {ok, 0};
written(#file{handle = Handle, seals = Seals} = File, Offset, Bytes) ->
    Grows = is_integer(Seals) andalso Seals band ?SEALED_GROW =/= 0 andalso
        Offset + byte_size(Bytes) > end_of(File),
    case not Grows andalso prim_file:pwrite(Handle, Offset, Bytes) of
        false -> {error, ?EPERM};
        ok -> {ok, byte_size(Bytes)};
        Error -> Error
    end.

end_of(#file{handle = Handle}) ->
    case prim_file:read_handle_info(Handle, [{time, posix}]) of
        {ok, #file_info{size = Size}} -> Size;
        _ -> 0
    end.

%% SEEK_SET, CUR, END, DATA, HOLE: a file is data up to its end.
sought(Offset, 0, File) -> sought(Offset, File);
sought(Offset, 1, #file{offset = Now} = File) -> sought(Now + Offset, File);
sought(Offset, 2, File) -> sought(end_of(File) + Offset, File);
sought(Offset, Whence, File) when Whence =:= 3; Whence =:= 4 ->
    case {end_of(File), Whence} of
        {Size, _} when Offset < 0; Offset >= Size -> {{error, ?ENXIO}, File};
        {_, 3} -> sought(Offset, File);
        {Size, 4} -> sought(Size, File)
    end;
sought(_, _, File) ->
    {{error, ?EINVAL}, File}.

sought(To, File) when To >= 0, To =< ?OFFSET_MAX -> {{ok, To}, File#file{offset = To}};
sought(_, File) -> {{error, ?EINVAL}, File}.

resized(#file{handle = Handle, seals = Seals} = File, Size) ->
    Now = end_of(File),
    case is_integer(Seals) andalso
        ((Seals band ?SEALED_GROW =/= 0 andalso Size > Now) orelse
            (Seals band ?SEALED_SHRINK =/= 0 andalso Size < Now)) of
        true ->
            {error, ?EPERM};
        false ->
            case prim_file:position(Handle, {bof, Size}) of
                {ok, _} -> plain(prim_file:truncate(Handle));
                Error -> Error
            end
    end.

plain(ok) -> {ok, 0};
plain(Error) -> Error.

allocated(_, Offset, Bytes, _) when Offset < 0; Bytes =< 0 ->
    {error, ?EINVAL};
allocated(_, Offset, Bytes, _) when Offset + Bytes > ?SIZE_MAX ->
    {error, ?EFBIG};
allocated(0, Offset, Bytes, File) ->
    case end_of(File) of
        Size when Size >= Offset + Bytes -> {ok, 0};
        _ -> resized(File, Offset + Bytes)
    end;
allocated(?FALLOC_FL_KEEP_SIZE, _, _, _) ->
    {ok, 0};
allocated(Mode, Offset, Bytes, File) when
    Mode =:= ?FALLOC_FL_PUNCH_HOLE bor ?FALLOC_FL_KEEP_SIZE;
    Mode =:= ?FALLOC_FL_ZERO_RANGE bor ?FALLOC_FL_KEEP_SIZE
->
    zeroed(Offset, min(Offset + Bytes, end_of(File)), File);
allocated(?FALLOC_FL_ZERO_RANGE, Offset, Bytes, File) ->
    case allocated(0, Offset, Bytes, File) of
        {ok, _} -> zeroed(Offset, Offset + Bytes, File);
        Error -> Error
    end;
allocated(_, _, _, _) ->
    {error, ?EOPNOTSUPP}.

zeroed(From, End, _) when From >= End ->
    {ok, 0};
zeroed(From, End, File) ->
    Count = min(?ZEROS, End - From),
    case written(File, From, <<0:(Count * 8)>>) of
        {ok, _} -> zeroed(From + Count, End, File);
        Error -> Error
    end.
