%% What becomes of the descriptors of a group table when its group begins, is copied, executes
%% another program, or ends; all of it runs in the group's process, which is their holder.
-module(vbeam_linux_descriptors).
-export([standard/2, inherited/2, executed/1, closed/1]).
-export([mapped/1, contents/3]).

-spec standard(ets:table(), map()) -> ok.
standard(_Table, _Options) -> ok.

-spec inherited(From :: ets:table(), ets:table()) -> ok.
inherited(From, Table) ->
    true = ets:insert(Table, ets:match_object(From, {{fd, '_'}, '_', '_'})),
    ok.

-spec executed(ets:table()) -> ok.
executed(_Table) -> ok.

-spec closed(ets:table()) -> ok.
closed(Table) ->
    true = ets:match_delete(Table, {{fd, '_'}, '_', '_'}),
    ok.

%% For mmap: the path in the file system of a regular file, and what its descriptor allows.
-spec mapped(integer()) -> #{path := binary(), readable := boolean(), writable := boolean()}.
mapped(_Fd) -> throw({errno, 9}).

%% Bytes of a file at an offset, fewer at its end.
-spec contents(integer(), non_neg_integer(), non_neg_integer()) -> binary().
contents(_Fd, _Offset, _Bytes) -> throw({errno, 9}).
