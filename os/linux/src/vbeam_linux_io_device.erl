%% An Erlang io device as a file: lines come from it, bytes go to it as characters. One process has
%% the rest of a line that did not fit into a read. Keys: {io, Device}.
-module(vbeam_linux_io_device).
-behaviour(vbeam_linux_object).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-export([start/2, object/3]).
-export([read/2, write/2, stat/1, reopen/2, name/1]).
-export([init/1, request/2, poll/2, handle_info/2]).

%% Leader: whose group leader `standard_io` is. Reader: who is asked for lines.
-record(io, {leader :: pid(), left = <<>> :: binary(), asking = none, ended = false, lines = 0}).

-spec start(pid(), [{term(), pid()}]) -> {ok, pid()} | {error, term()}.
start(Leader, Holders) -> vbeam_linux_server:start(?MODULE, Leader, Holders).

-spec object(pid(), standard_io | standard_error, non_neg_integer()) ->
    vbeam_linux_object:object().
object(Server, Device, Flags) -> vbeam_linux_object:new(?MODULE, Server, {io, Device}, Flags).

read(_, 0) ->
    {ok, <<>>};
read(#object{server = Server} = Object, Count) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    vbeam_linux_server:wait(Server, {read, Count, Wait}, infinity).

%% By the thread itself, which waits for the device.
write(#object{key = {io, standard_error}}, Bytes) ->
    written(standard_error, Bytes);
write(#object{server = Server}, Bytes) ->
    {ok, Leader} = vbeam_linux_server:ask(Server, leader),
    written(Leader, Bytes).

%% A device takes characters: bytes that are no UTF-8 are sent as Latin-1 characters.
written(Device, Bytes) ->
    Text =
        case unicode:characters_to_binary(Bytes) of
            Utf8 when is_binary(Utf8) -> Utf8;
            _ -> unicode:characters_to_binary(Bytes, latin1)
        end,
    try io:put_chars(Device, Text) of
        ok -> {ok, byte_size(Bytes)}
    catch
        error:terminated -> {error, eio}
    end.

stat(_) -> {ok, (vbeam_linux_stat:anonymous(?S_IFIFO bor 8#620))#stat{inode = 2}}.
name(#object{key = {io, Device}}) -> <<"pipe:[", (atom_to_binary(Device))/binary, "]">>.

reopen(#object{server = Server, key = {io, Device} = Key}, Flags) ->
    case vbeam_linux_server:hold(Server, Key, vbeam_linux_group:process()) of
        ok -> {ok, object(Server, Device, Flags)};
        Error -> Error
    end.

%% --- in the device's process -------------------------------------------------------------------

init(Leader) -> {ok, #io{leader = Leader}}.

poll(_, #io{left = Left, ended = Ended, lines = Lines}) ->
    In = case Left =/= <<>> orelse Ended of true -> ?POLLIN bor ?POLLRDNORM; false -> 0 end,
    {In bor ?POLLOUT bor ?POLLWRNORM, Lines}.

request(leader, #io{leader = Leader} = Io) ->
    {{ok, Leader}, Io};
request({read, Count, _}, #io{left = Left} = Io) when Left =/= <<>> ->
    Now = min(Count, byte_size(Left)),
    <<Bytes:Now/binary, Later/binary>> = Left,
    {{ok, Bytes}, Io#io{left = Later}};
request({read, _, _}, #io{ended = true} = Io) ->
    {{ok, <<>>}, Io#io{ended = false}};
request({read, _, _} = Request, #io{asking = none, leader = Leader} = Io) ->
    Server = self(),
    {Reader, _} = spawn_monitor(fun() -> Server ! {line, self(), line(Leader)} end),
    request(Request, Io#io{asking = Reader});
request({read, _, false}, Io) ->
    {{error, eagain}, Io};
request({read, _, true} = Request, Io) ->
    {wait, Request, Io}.

line(Leader) ->
    try io:get_line(Leader, "") of
        eof -> <<>>;
        {error, _} -> <<>>;
        Line -> unicode:characters_to_binary(Line)
    catch
        error:terminated -> <<>>
    end.

handle_info({line, Reader, <<>>}, #io{asking = Reader} = Io) ->
    Io#io{asking = none, ended = true};
handle_info({line, Reader, Bytes}, #io{asking = Reader, lines = Lines} = Io) ->
    Io#io{asking = none, left = Bytes, lines = Lines + 1};
handle_info({'DOWN', _, process, Reader, _}, #io{asking = Reader} = Io) ->
    Io#io{asking = none, ended = true};
handle_info(_, Io) ->
    Io.
