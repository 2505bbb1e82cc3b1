%% Descriptors of the calling thread's group: rows of the group table.
%%
%%     {{fd, N}, Object, Flags}       Flags: FD_CLOEXEC
%%     {{held, Object}, Count}        how many descriptors stand for an object
%%
%% The group holds each object once (vbeam_linux_server), as long as Count is not 0. All threads of
%% the group change the table at the same time: a row is put by insert_new or taken as a whole.
-module(vbeam_linux_descriptors).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([find/1, any/1, find_in/2, flags/1, set_flags/2, open/2, open_from/3, place/3]).
-export([adopt/2, close/1, all/0, all_in/1, close_range/3]).
-export([inherited/2, standard/2, executed/1, closed/1, broken_pipe/0]).
-export([mapped/1, contents/3]).

-define(PER_GROUP, 1048576).
-define(SIGPIPE, 13).

%% --- looking up --------------------------------------------------------------------------------

%% For everything that an O_PATH descriptor cannot do.
-spec find(integer()) -> vbeam_linux_object:object().
find(Fd) ->
    Object = any(Fd),
    case vbeam_linux_object:is_path(Object) of
        false -> Object;
        true -> throw({errno, ?EBADF})
    end.

-spec any(integer()) -> vbeam_linux_object:object().
any(Fd) -> element(1, row(Fd)).

row(Fd) ->
    case ets:lookup(vbeam_linux_group:table(), {fd, Fd}) of
        [{_, Object, Flags}] -> {Object, Flags};
        [] -> throw({errno, ?EBADF})
    end.

%% Of a group that may be another's.
-spec find_in(ets:table(), integer()) -> {ok, vbeam_linux_object:object()} | error.
find_in(Table, Fd) ->
    try ets:lookup(Table, {fd, Fd}) of
        [{_, Object, _}] -> {ok, Object};
        [] -> error
    catch
        error:badarg -> error
    end.

-spec flags(integer()) -> non_neg_integer().
flags(Fd) -> element(2, row(Fd)).

-spec set_flags(integer(), non_neg_integer()) -> ok.
set_flags(Fd, Flags) ->
    case ets:update_element(vbeam_linux_group:table(), {fd, Fd}, {3, Flags band ?FD_CLOEXEC}) of
        true -> ok;
        false -> throw({errno, ?EBADF})
    end.

-spec all() -> [{non_neg_integer(), vbeam_linux_object:object()}].
all() -> all_in(vbeam_linux_group:table()).

-spec all_in(ets:table()) -> [{non_neg_integer(), vbeam_linux_object:object()}].
all_in(Table) ->
    lists:sort(ets:select(Table, [{{{fd, '$1'}, '$2', '_'}, [], [{{'$1', '$2'}}]}])).

%% --- opening and closing -----------------------------------------------------------------------

%% The lowest free descriptor for an object that the group holds already, once, since it was made.
-spec open(vbeam_linux_object:object(), non_neg_integer()) -> non_neg_integer().
open(Object, OpenFlags) ->
    Table = vbeam_linux_group:table(),
    Flags = cloexec(OpenFlags),
    try lowest(Table, Object, Flags, 0, most()) of
        Fd ->
            _ = count(Table, Object, 1),
            Fd
    catch
        throw:{errno, _} = Error ->
            ok = vbeam_linux_object:release(Object, vbeam_linux_group:process()),
            throw(Error)
    end.

cloexec(OpenFlags) when OpenFlags band ?O_CLOEXEC =/= 0 -> ?FD_CLOEXEC;
cloexec(_) -> 0.

lowest(Table, Object, Flags, Fd, Most) when Fd < Most ->
    case ets:member(Table, {fd, Fd}) orelse not ets:insert_new(Table, {{fd, Fd}, Object, Flags}) of
        true -> lowest(Table, Object, Flags, Fd + 1, Most);
        false -> Fd
    end;
lowest(_, _, _, _, _) ->
    throw({errno, ?EMFILE}).

most() ->
    {Soft, _} = vbeam_linux_limits:get(nofile, vbeam_linux_group:get(limits, #{})),
    min(?PER_GROUP, Soft).

%% Another descriptor for an object that the group has one of: dup, F_DUPFD.
-spec open_from(integer(), integer(), boolean()) -> non_neg_integer().
open_from(Fd, First, CloseOnExec) ->
    Table = vbeam_linux_group:table(),
    {Object, _} = row(Fd),
    Most = most(),
    _ = (First >= 0 andalso First < Most) orelse throw({errno, ?EINVAL}),
    ok = keep(Table, Object),
    try
        lowest(Table, Object, exec_flag(CloseOnExec), First, Most)
    catch
        throw:{errno, _} = Error ->
            ok = let_go(Table, Object),
            throw(Error)
    end.

exec_flag(true) -> ?FD_CLOEXEC;
exec_flag(false) -> 0.

%% For an object that came from elsewhere, which is held by somebody meanwhile.
-spec adopt(vbeam_linux_object:object(), non_neg_integer()) -> non_neg_integer().
adopt(Object, OpenFlags) ->
    Table = vbeam_linux_group:table(),
    ok = keep(Table, Object),
    try
        lowest(Table, Object, cloexec(OpenFlags), 0, most())
    catch
        throw:{errno, _} = Error ->
            ok = let_go(Table, Object),
            throw(Error)
    end.

%% dup2 and dup3: what the descriptor was is closed.
-spec place(integer(), integer(), boolean()) -> non_neg_integer().
place(Fd, Target, CloseOnExec) ->
    Table = vbeam_linux_group:table(),
    {Object, _} = row(Fd),
    _ = (Target >= 0 andalso Target < most()) orelse throw({errno, ?EBADF}),
    ok = keep(Table, Object),
    Before = ets:lookup(Table, {fd, Target}),
    true = ets:insert(Table, {{fd, Target}, Object, exec_flag(CloseOnExec)}),
    _ = [dropped(Table, Old) || {_, Old, _} <- Before],
    Target.

-spec close(integer()) -> ok.
close(Fd) ->
    Table = vbeam_linux_group:table(),
    case ets:take(Table, {fd, Fd}) of
        [{_, Object, _}] -> dropped(Table, Object);
        [] -> throw({errno, ?EBADF})
    end.

%% POSIX's locks of a group on a file go with any of its descriptors.
dropped(Table, Object) ->
    ok = vbeam_linux_locks:closed(Table, Object),
    let_go(Table, Object).

keep(Table, Object) ->
    case count(Table, Object, 1) of
        1 ->
            %% Another thread has just closed the last one.
            case vbeam_linux_object:hold(Object, holder(Table)) of
                ok ->
                    ok;
                {error, _} ->
                    _ = count(Table, Object, -1),
                    throw({errno, ?EBADF})
            end;
        _ ->
            ok
    end.

let_go(Table, Object) ->
    case count(Table, Object, -1) of
        0 ->
            true = ets:delete_object(Table, {{held, Object}, 0}),
            vbeam_linux_object:release(Object, holder(Table));
        _ ->
            ok
    end.

%% The process of the group whose table it is.
holder(Table) -> ets:lookup_element(Table, process, 2).

count(Table, Object, Change) ->
    ets:update_counter(Table, {held, Object}, Change, {{held, Object}, 0}).

-spec close_range(non_neg_integer(), non_neg_integer(), close | mark) -> ok.
close_range(First, Last, What) ->
    Table = vbeam_linux_group:table(),
    _ = [
        case What of
            close -> [dropped(Table, Object) || {_, Object, _} <- ets:take(Table, {fd, Fd})];
            mark -> ets:update_element(Table, {fd, Fd}, {3, ?FD_CLOEXEC})
        end
     || {Fd, _} <- all_in(Table), Fd >= First, Fd =< Last
    ],
    ok.

%% --- whole tables ------------------------------------------------------------------------------

%% For fork, in the process of the new group: it has the descriptors of the other one.
-spec inherited(From :: ets:table(), To :: ets:table()) -> ok.
inherited(From, To) ->
    Rows = ets:match_object(From, {{fd, '_'}, '_', '_'}),
    Counts = lists:foldl(
        fun({_, Object, _}, Known) ->
            maps:update_with(Object, fun(N) -> N + 1 end, 1, Known)
        end,
        #{},
        Rows
    ),
    Gone = [Each || Each <- maps:keys(Counts), vbeam_linux_object:hold(Each, self()) =/= ok],
    true = ets:insert(To, [Row || {_, Object, _} = Row <- Rows, not lists:member(Object, Gone)]),
    Held = maps:to_list(maps:without(Gone, Counts)),
    true = ets:insert(To, [{{held, Object}, Count} || {Object, Count} <- Held]),
    ok.

%% In the process of a group that starts: standard input, output and error of a program that Erlang
%% starts (vbeam_linux_standard).
-spec standard(ets:table(), Options :: map()) -> ok.
standard(Table, Options) ->
    Objects = vbeam_linux_standard:objects(Table, Options),
    lists:foreach(
        fun({Fd, Object}) ->
            true = ets:insert(Table, {{fd, Fd}, Object, 0}),
            _ = count(Table, Object, 1)
        end,
        lists:zip(lists:seq(0, length(Objects) - 1), Objects)
    ).

%% In the process of a group that ends.
-spec closed(ets:table()) -> ok.
closed(Table) ->
    Objects = ets:select(Table, [{{{held, '$1'}, '_'}, [], ['$1']}]),
    true = ets:match_delete(Table, {{fd, '_'}, '_', '_'}),
    true = ets:match_delete(Table, {{held, '_'}, '_'}),
    lists:foreach(fun(Object) -> vbeam_linux_object:release(Object, self()) end, Objects).

%% In the process of a group that executes another program.
-spec executed(ets:table()) -> ok.
executed(Table) ->
    Marked = ets:select(Table, [{{{fd, '$1'}, '_', ?FD_CLOEXEC}, [], ['$1']}]),
    lists:foreach(
        fun(Fd) -> [dropped(Table, Object) || {_, Object, _} <- ets:take(Table, {fd, Fd})] end,
        Marked
    ).

%% Who writes where nobody reads gets a signal.
-spec broken_pipe() -> ok.
broken_pipe() ->
    vbeam_linux_signal:raise(?SIGPIPE).

%% --- for mmap ----------------------------------------------------------------------------------

%% The path of a regular file, and what its descriptor allows.
-spec mapped(integer()) -> #{path := binary(), readable := boolean(), writable := boolean()}.
mapped(Fd) ->
    case find(Fd) of
        #object{module = vbeam_linux_file} = Object ->
            #{
                path => vbeam_linux_object:name(Object),
                readable => vbeam_linux_object:may(read, Object),
                writable => vbeam_linux_object:may(write, Object)
            };
        _ ->
            throw({errno, ?ENODEV})
    end.

%% Bytes at an offset, fewer at the end of the file.
-spec contents(integer(), non_neg_integer(), non_neg_integer()) -> binary().
contents(Fd, Offset, Bytes) -> vbeam_linux_object:pread(find(Fd), Offset, Bytes).
