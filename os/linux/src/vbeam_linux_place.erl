%% A descriptor that only names something (O_PATH). Key: {place, Path}.
-module(vbeam_linux_place).
-behaviour(vbeam_linux_object).
-include("vbeam_linux_object.hrl").
-export([open/2]).
-export([stat/1, path/1, reopen/2, name/1, list/2, change/2]).

-spec open(vbeam_linux_names:name(), non_neg_integer()) ->
    {ok, vbeam_linux_object:object()}.
open(#{path := Path}, Flags) ->
    {ok, vbeam_linux_object:new(?MODULE, {place, Path}, Flags)}.

stat(#object{key = {place, Path}}) -> vbeam_linux_names:stat_path(Path).
path(#object{key = {place, Path}}) -> {ok, Path}.
name(#object{key = {place, Path}}) -> Path.
list(_, _) -> {error, ebadf}.
change(_, _) -> {error, ebadf}.

%% By its name again.
reopen(#object{key = {place, Path}}, Flags) ->
    Name = vbeam_linux_names:resolve(-100, Path, []),
    {ok, vbeam_linux_open:name(Name, Flags, 0)}.
