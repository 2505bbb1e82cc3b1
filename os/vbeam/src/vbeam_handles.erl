%% Open files of file systems for which processes answer. They are kept by vbeam_keeper, so they
%% outlive vbeam_vfs and the file systems: a handle is a number for which it says which inode it
%% stands for, and which generation of it, how it was opened, and where it stands.
%%
%%   {{handle, Number}, System, {Inode, Generation}, Modes, Owner, Position}
%%   {{open, System, Inode, Number}}        who has an inode open
%%   {{owner, Owner, Number}}               what a process has open
-module(vbeam_handles).
-export([open/4, find/1, delete/1, position/1, set_position/2, may/2, system/1, inode/1]).
-export([is_open/2, owner/1, of_owner/1, of_system/1, owners/0, modes/1]).
-export([hold_working/2, is_working/2, working/0, leave_working/0]).
-export_type([handle/0, inode/0]).

-type inode() :: {Inode :: pos_integer(), Generation :: non_neg_integer()}.
-type mode() :: read | write | append.
-record(row, {
    key :: {handle, non_neg_integer()},
    system :: vbeam_files:system(),
    inode :: inode(),
    modes :: [mode()],
    owner :: pid(),
    position = 0 :: non_neg_integer()
}).
-opaque handle() :: #row{}.

table() ->
    vbeam_keeper:table(vbeam_vfs, handles).

%% A new handle of `Owner`.
-spec open(vbeam_files:system(), inode(), [mode()], Owner :: pid()) -> non_neg_integer().
open(System, {Inode, _} = Of, Modes, Owner) ->
    Numbers = vbeam_keeper:atomics(vbeam_vfs, handle_numbers, 1),
    Number = atomics:add_get(Numbers, 1, 1),
    Row = #row{
        key = {handle, Number}, system = System, inode = Of, modes = Modes, owner = Owner
    },
    true = ets:insert(table(), [
        list_to_tuple(tl(tuple_to_list(Row))),
        {{open, System, Inode, Number}},
        {{owner, Owner, Number}}
    ]),
    Number.

-spec find(non_neg_integer()) -> {ok, handle()} | error.
find(Number) ->
    case ets:lookup(table(), {handle, Number}) of
        [Row] -> {ok, list_to_tuple([row | tuple_to_list(Row)])};
        [] -> error
    end.

-spec delete(non_neg_integer()) -> ok.
delete(Number) ->
    case find(Number) of
        {ok, #row{system = System, inode = {Inode, _}, owner = Owner}} ->
            Table = table(),
            true = ets:delete(Table, {open, System, Inode, Number}),
            true = ets:delete(Table, {owner, Owner, Number}),
            true = ets:delete(Table, {handle, Number}),
            ok;
        error ->
            ok
    end.

-spec position(handle()) -> non_neg_integer().
position(#row{position = Position}) -> Position.

-spec set_position(handle(), non_neg_integer()) -> ok.
set_position(#row{key = Key}, Position) ->
    _ = ets:update_element(table(), Key, {#row.position - 1, Position}),
    ok.

-spec may(mode(), handle()) -> boolean().
may(Mode, #row{modes = Modes}) -> lists:member(Mode, Modes).

-spec system(handle()) -> vbeam_files:system().
system(#row{system = System}) -> System.

-spec inode(handle()) -> inode().
inode(#row{inode = Inode}) -> Inode.

-spec owner(handle()) -> pid().
owner(#row{owner = Owner}) -> Owner.

%% What of OTP's modes counts below its buffers.
-spec modes([term()]) -> [mode()].
modes(Modes) ->
    Has = fun(Mode) -> lists:member(Mode, Modes) end,
    Writes = Has(write) orelse Has(append) orelse Has(exclusive),
    [write || Writes] ++ [append || Has(append)] ++ [read || Has(read) orelse not Writes].

%% Somebody has this inode open, or works in it.
-spec is_open(vbeam_files:system(), Inode :: pos_integer()) -> boolean().
is_open(System, Inode) ->
    case ets:next(table(), {open, System, Inode, -1}) of
        {open, System, Inode, _} -> true;
        _ -> is_working(System, Inode)
    end.

%% The working folder is this inode.
-spec hold_working(vbeam_files:system(), Inode :: pos_integer()) -> ok.
hold_working(System, Inode) ->
    vbeam_keeper:put(vbeam_vfs, working_folder, {System, Inode}).

-spec working() -> {vbeam_files:system(), Inode :: pos_integer()} | none.
working() ->
    vbeam_keeper:get(vbeam_vfs, working_folder, none).

-spec leave_working() -> ok.
leave_working() ->
    vbeam_keeper:put(vbeam_vfs, working_folder, none).

-spec is_working(vbeam_files:system(), Inode :: pos_integer()) -> boolean().
is_working(System, Inode) ->
    working() =:= {System, Inode}.

-spec of_owner(pid()) -> [non_neg_integer()].
of_owner(Owner) ->
    ets:select(table(), [{{{owner, Owner, '$1'}}, [], ['$1']}]).

-spec of_system(vbeam_files:system()) -> [non_neg_integer()].
of_system(System) ->
    ets:select(table(), [{{{open, System, '_', '$1'}}, [], ['$1']}]).

-spec owners() -> [pid()].
owners() ->
    lists:usort(ets:select(table(), [{{{owner, '$1', '_'}}, [], ['$1']}])).
