%% Devices without anything behind them: null, zero, full, random. Key: {device, Kind, Path}.
-module(vbeam_linux_device).
-behaviour(vbeam_linux_object).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/3]).
-export([read/2, write/2, pread/3, pwrite/3, seek/3, stat/1, path/1, name/1, reopen/2, sync/1]).

-type kind() :: null | zero | full | random.

-spec open(kind(), binary(), non_neg_integer()) -> {ok, vbeam_linux_object:object()}.
open(Kind, Path, Flags) -> {ok, vbeam_linux_object:new(?MODULE, {device, Kind, Path}, Flags)}.

read(#object{key = {_, null, _}}, _) -> {ok, <<>>};
read(#object{key = {_, random, _}}, Count) -> {ok, vbeam_linux_random:bytes(Count)};
read(#object{}, Count) -> {ok, <<0:(Count * 8)>>}.

write(#object{key = {_, full, _}}, Bytes) when Bytes =/= <<>> -> {error, ?ENOSPC};
write(_, Bytes) -> {ok, byte_size(Bytes)}.

pread(Object, _, Count) -> read(Object, Count).
pwrite(Object, _, Bytes) -> write(Object, Bytes).
seek(_, _, _) -> {ok, 0}.
stat(#object{key = {_, _, Path}}) -> vbeam_linux_names:stat_path(Path).
path(#object{key = {_, _, Path}}) -> {ok, Path}.
name(#object{key = {_, _, Path}}) -> Path.
reopen(#object{key = {_, Kind, Path}}, Flags) -> open(Kind, Path, Flags).
sync(_) -> {error, ?EINVAL}.
