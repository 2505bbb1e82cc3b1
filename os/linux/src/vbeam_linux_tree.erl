%% Trees of names that are not in the VFS: /dev and /proc. A tree is a module of this behaviour; its
%% nodes are terms of its own.
-module(vbeam_linux_tree).
-export([root/1, at/1, roots/0]).
-export_type([tree_node/0, entry/0]).

-type tree_node() :: {module(), term()}.
-type entry() :: {Name :: binary(), Type :: non_neg_integer(), Inode :: non_neg_integer()}.
-type failure() :: {error, atom() | pos_integer()}.

-callback root() -> term().
-callback lookup(Node :: term(), Name :: binary()) -> {ok, Node :: term()} | failure().
-callback stat(Node :: term()) -> {ok, vbeam_linux_stat:stat()} | failure().
%% The text of a link; an object that the link stands for; `none`: it is no link.
-callback link(Node :: term()) -> {text, binary()} | {object, vbeam_linux_object:object()} | none.
-callback list(Node :: term()) -> {ok, [entry()]} | failure().
%% What is no folder and no link. Path is its name.
-callback open(Node :: term(), Path :: binary(), Flags :: non_neg_integer()) ->
    {ok, vbeam_linux_object:object()} | failure().

-spec roots() -> [{binary(), module()}].
roots() ->
    case vbeam_linux_group:get(trees, true) of
        true -> [{<<"/dev">>, vbeam_linux_dev}, {<<"/proc">>, vbeam_linux_proc}];
        false -> []
    end.

%% The tree that begins at a path.
-spec root(binary()) -> tree_node() | none.
root(<<"/dev">>) -> begun(vbeam_linux_dev);
root(<<"/proc">>) -> begun(vbeam_linux_proc);
root(_) -> none.

%% Programs of Erlang on another system see that system's (vbeam_linux_standard).
begun(Module) ->
    case vbeam_linux_group:get(trees, true) of
        true -> {Module, Module:root()};
        false -> none
    end.

%% The node that a path without links leads to.
-spec at(binary()) -> tree_node() | none | failure().
at(Path) ->
    [<<>> | Names] = binary:split(Path, <<"/">>, [global]),
    case Names of
        [Root | Rest] ->
            case root(<<"/", Root/binary>>) of
                none -> none;
                Node -> below(Node, Rest)
            end;
        [] ->
            none
    end.

below(Node, []) ->
    Node;
below({Module, Node}, [Name | Rest]) ->
    case Module:lookup(Node, Name) of
        {ok, Next} -> below({Module, Next}, Rest);
        Error -> Error
    end.
