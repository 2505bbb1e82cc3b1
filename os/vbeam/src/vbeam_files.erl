%% What the VM's file tree offers to vbeam_vfs: mounting, and what is known of what is mounted. File
%% systems go by numbers from 1 to 63. Every function is a BIF of the VM (vm/bif/served_files.ts);
%% the bodies below run only on a VM that is not VBEAM. Paths are those of
%% prim_file:internal_name2native/1.
-module(vbeam_files).
-export([bytes_max/0, is_free/1]).
-export([mount_memory/3, mount_served/2, unmount/2, usage/1, where/1, place/2, handle/1, enter/2]).
-export_type([system/0]).

-type system() :: 1..63.
-type result() :: ok | {error, atom()}.

%% Bytes that all file systems in memory may take together.
-spec bytes_max() -> non_neg_integer().
bytes_max() -> erlang:nif_error(not_loaded).

%% Nothing is mounted by this number, nor is anything left of what was.
-spec is_free(system()) -> boolean().
is_free(_System) -> erlang:nif_error(not_loaded).

%% An empty file system in memory that takes at most so many bytes, names included.
-spec mount_memory(Path :: binary(), system(), BytesMax :: non_neg_integer()) -> result().
mount_memory(_Path, _System, _BytesMax) -> erlang:nif_error(not_loaded).

%% What leads there goes on in vbeam_file_calls.
-spec mount_served(Path :: binary(), system()) -> result().
mount_served(_Path, _System) -> erlang:nif_error(not_loaded).

%% ebusy when something is in use there, unless it is forced.
-spec unmount(system(), Force :: boolean()) -> result().
unmount(_System, _Force) -> erlang:nif_error(not_loaded).

-spec usage(system()) ->
    {busy | idle, UsedBytes :: non_neg_integer(), LimitBytes :: non_neg_integer()} | undefined.
usage(_System) -> erlang:nif_error(not_loaded).

%% The path of its root, as things are called now.
-spec where(system()) -> {ok, binary()} | {error, atom()}.
where(_System) -> erlang:nif_error(not_loaded).

%% Where a path leads: into a served file system, with the rest of the path and the inode where that
%% begins (0 for the root); or `here`, which is anywhere else, also where nothing is yet.
-spec place(Path :: binary(), FollowLast :: boolean()) ->
    {served, system(), From :: non_neg_integer(), Rest :: binary()} | here | {error, atom()}.
place(_Path, _FollowLast) -> erlang:nif_error(not_loaded).

%% An open file of the calling process, for which vbeam_file_calls answers.
-spec handle(non_neg_integer()) -> {ok, reference()} | {error, atom()}.
handle(_Number) -> erlang:nif_error(not_loaded).

%% Relative paths of all processes start at this inode of a served file system from now on.
-spec enter(system(), Inode :: pos_integer()) -> result().
enter(_System, _Inode) -> erlang:nif_error(not_loaded).
