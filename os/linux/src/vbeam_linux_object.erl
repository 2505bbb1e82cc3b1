%% An open file description: what descriptors of one or several groups stand for. A kind of object
%% is a module of this behaviour; its callbacks run in the thread that makes the call, and ask the
%% object's process (vbeam_linux_server) for what is shared. A callback that a module does not have
%% is what Linux says of a file that cannot do it.
-module(vbeam_linux_object).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([new/3, new/4, status/1, set_status/2, is_nonblocking/1, may/2]).
-export([read/2, write/2, pread/3, pwrite/3, seek/3, ioctl/3, stat/1, poll/2]).
-export([list/2, truncate/2, allocate/3, sync/1, change/2, path/1, reopen/2, name/1]).
-export([hold/2, release/2, done/1, is_path/1]).
-export_type([object/0, answer/0]).

-type object() :: #object{}.
-type answer() :: {ok, term()} | {error, atom() | pos_integer()}.

-callback read(object(), Count :: non_neg_integer()) -> answer() | interrupted.
-callback write(object(), binary()) -> answer() | interrupted.
-callback pread(object(), Offset :: non_neg_integer(), Count :: non_neg_integer()) -> answer().
-callback pwrite(object(), Offset :: non_neg_integer(), binary()) -> answer().
-callback seek(object(), Offset :: integer(), Whence :: non_neg_integer()) -> answer().
-callback ioctl(object(), Request :: non_neg_integer(), Argument :: non_neg_integer()) ->
    non_neg_integer() | answer().
-callback stat(object()) -> {ok, vbeam_linux_stat:stat()} | {error, atom() | pos_integer()}.
%% Which of poll's events are there; for objects without a process.
-callback poll(object()) -> non_neg_integer().
-callback list(object(), Take :: fun((Entry :: term()) -> boolean())) -> answer().
-callback truncate(object(), Size :: non_neg_integer()) -> answer().
-callback allocate(object(), Mode :: non_neg_integer(), {integer(), integer()}) ->
    answer().
-callback sync(object()) -> answer().
%% Changes of mode, owner or times (vbeam_linux_names:changes()).
-callback change(object(), Changes :: map()) -> answer().
%% The path it was opened by, as names now know it.
-callback path(object()) -> {ok, binary()} | none.
%% A new description of the same thing, as opening /proc/self/fd/N gives it.
-callback reopen(object(), Flags :: non_neg_integer()) -> {ok, object()} | {error, term()}.
%% What the link /proc/PID/fd/N shows.
-callback name(object()) -> binary().
-optional_callbacks([
    read/2, write/2, pread/3, pwrite/3, seek/3, ioctl/3, poll/1, list/2, truncate/2, allocate/3,
    sync/1, change/2, path/1, reopen/2, name/1
]).

%% --- what every description has --------------------------------------------------------------

%% Of the flags of open(2), what stays: how it may be used, and what F_SETFL changes.
-spec new(module(), term(), non_neg_integer()) -> object().
new(Module, Key, Flags) -> new(Module, none, Key, Flags).

-spec new(module(), pid() | none, term(), non_neg_integer()) -> object().
new(Module, Server, Key, Flags) ->
    %% Of a module that is not loaded it is not known what it exports.
    _ = erlang:module_loaded(Module) orelse code:ensure_loaded(Module),
    Status = atomics:new(1, [{signed, false}]),
    Kept = bnot (?O_CREAT bor ?O_EXCL bor ?O_NOCTTY bor ?O_TRUNC bor ?O_CLOEXEC),
    ok = atomics:put(Status, 1, Flags band Kept band 16#ffffffff),
    #object{module = Module, server = Server, key = Key, status = Status}.

-spec status(object()) -> non_neg_integer().
status(#object{status = Status}) -> atomics:get(Status, 1).

-define(CHANGEABLE, (?O_APPEND bor ?O_NONBLOCK bor ?O_ASYNC bor ?O_DIRECT bor ?O_NOATIME)).

-spec set_status(object(), non_neg_integer()) -> ok.
set_status(#object{status = Status} = Object, Flags) ->
    Fixed = status(Object) band bnot ?CHANGEABLE,
    atomics:put(Status, 1, Fixed bor (Flags band ?CHANGEABLE)).

-spec is_nonblocking(object()) -> boolean().
is_nonblocking(Object) -> status(Object) band ?O_NONBLOCK =/= 0.

%% It only names something (O_PATH).
-spec is_path(object()) -> boolean().
is_path(Object) -> status(Object) band ?O_PATH =/= 0.

-spec may(read | write, object()) -> boolean().
may(What, Object) ->
    Status = status(Object),
    case {Status band ?O_PATH, Status band ?O_ACCMODE} of
        {0, ?O_RDWR} -> true;
        {0, ?O_RDONLY} -> What =:= read;
        {0, ?O_WRONLY} -> What =:= write;
        _ -> false
    end.

%% --- what is done with it ----------------------------------------------------------------------

-spec read(object(), non_neg_integer()) -> binary().
read(Object, Count) ->
    _ = may(read, Object) orelse throw({errno, ?EBADF}),
    done(call(Object, read, [Object, Count], ?EINVAL)).

-spec write(object(), binary()) -> non_neg_integer().
write(Object, Bytes) ->
    _ = may(write, Object) orelse throw({errno, ?EBADF}),
    case call(Object, write, [Object, Bytes], ?EINVAL) of
        {error, Pipe} when Pipe =:= epipe; Pipe =:= ?EPIPE ->
            ok = vbeam_linux_descriptors:broken_pipe(),
            throw({errno, ?EPIPE});
        Answer ->
            done(Answer)
    end.

-spec pread(object(), non_neg_integer(), non_neg_integer()) -> binary().
pread(Object, Offset, Count) ->
    _ = may(read, Object) orelse throw({errno, ?EBADF}),
    done(call(Object, pread, [Object, Offset, Count], ?ESPIPE)).

-spec pwrite(object(), non_neg_integer(), binary()) -> non_neg_integer().
pwrite(Object, Offset, Bytes) ->
    _ = may(write, Object) orelse throw({errno, ?EBADF}),
    done(call(Object, pwrite, [Object, Offset, Bytes], ?ESPIPE)).

-spec seek(object(), integer(), non_neg_integer()) -> non_neg_integer().
seek(Object, Offset, Whence) ->
    done(call(Object, seek, [Object, Offset, Whence], ?ESPIPE)).

-spec ioctl(object(), non_neg_integer(), non_neg_integer()) -> non_neg_integer().
ioctl(Object, Request, Argument) ->
    done(call(Object, ioctl, [Object, Request, Argument], ?ENOTTY)).

-spec stat(object()) -> vbeam_linux_stat:stat().
stat(#object{module = Module} = Object) ->
    done(Module:stat(Object)).

%% The events that are there now.
-spec poll(object(), non_neg_integer()) -> non_neg_integer().
poll(#object{server = none} = Object, Events) ->
    case call(Object, poll, [Object], none) of
        {error, none} ->
            Events band (?POLLIN bor ?POLLOUT bor ?POLLRDNORM bor ?POLLWRNORM);
        Mask ->
            Mask band (Events bor ?POLLERR bor ?POLLHUP)
    end;
poll(#object{server = Server, key = Key}, Events) ->
    case vbeam_linux_server:ask(Server, {poll, Key}) of
        {ok, Mask} -> Mask band (Events bor ?POLLERR bor ?POLLHUP);
        {error, _} -> ?POLLERR bor ?POLLHUP
    end.

-spec list(object(), fun((term()) -> boolean())) -> term().
list(Object, Take) -> done(call(Object, list, [Object, Take], ?ENOTDIR)).

-spec truncate(object(), non_neg_integer()) -> term().
truncate(Object, Size) ->
    _ = may(write, Object) orelse throw({errno, ?EINVAL}),
    done(call(Object, truncate, [Object, Size], ?EINVAL)).

-spec allocate(object(), non_neg_integer(), {integer(), integer()}) -> term().
allocate(Object, Mode, Range) ->
    _ = may(write, Object) orelse throw({errno, ?EBADF}),
    done(call(Object, allocate, [Object, Mode, Range], ?ENODEV)).

-spec sync(object()) -> term().
sync(Object) -> done(call(Object, sync, [Object], ?EINVAL)).

%% Of things that keep no mode, owner or times, changes are forgotten.
-spec change(object(), map()) -> term().
change(Object, Changes) ->
    case call(Object, change, [Object, Changes], none) of
        {error, none} -> ok;
        Answer -> done(Answer)
    end.

-spec path(object()) -> {ok, binary()} | none.
path(Object) ->
    case call(Object, path, [Object], none) of
        {error, none} -> none;
        Path -> Path
    end.

-spec reopen(object(), non_neg_integer()) -> object().
reopen(Object, Flags) -> done(call(Object, reopen, [Object, Flags], ?ENXIO)).

-spec name(object()) -> binary().
name(#object{module = Module} = Object) ->
    case call(Object, name, [Object], none) of
        {error, none} ->
            <<"vbeam_linux_", Kind/binary>> = atom_to_binary(Module),
            <<"anon_inode:[", Kind/binary, "]">>;
        Name ->
            Name
    end.

call(#object{module = Module}, Function, Arguments, Otherwise) ->
    case erlang:function_exported(Module, Function, length(Arguments)) of
        true -> apply(Module, Function, Arguments);
        false -> {error, Otherwise}
    end.

%% The result, or Linux's error.
-spec done(term()) -> term().
done(interrupted) -> throw(restart);
done({error, Errno}) when is_integer(Errno) -> throw({errno, Errno});
done({error, Reason}) -> throw({errno, vbeam_linux_errno:number(Reason)});
done({ok, Result}) -> Result;
done(Result) -> Result.

%% --- who holds it ------------------------------------------------------------------------------

-spec hold(object(), pid()) -> ok | {error, eio}.
hold(#object{server = none}, _) -> ok;
hold(#object{server = Server, key = Key}, Holder) -> vbeam_linux_server:hold(Server, Key, Holder).

-spec release(object(), pid()) -> ok.
release(#object{server = none}, _) -> ok;
release(#object{server = Server, key = Key}, Holder) ->
    vbeam_linux_server:release(Server, Key, Holder).
