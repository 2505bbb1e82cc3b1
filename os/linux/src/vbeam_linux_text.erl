%% A file whose bytes are made when it is opened, as those of /proc are; the place in it is shared.
%% What is written goes to a function, if the file has one. Key: {text, Path}.
-module(vbeam_linux_text).
-behaviour(vbeam_linux_object).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-include("vbeam_linux_errno.hrl").
-export([open/5]).
-export([read/2, write/2, pread/3, seek/3, stat/1, path/1, name/1, reopen/2, truncate/2]).
-export([init/1, request/2, poll/2]).

-record(text, {bytes, offset = 0, stat, written}).

-type writer() :: none | fun((binary()) -> vbeam_linux_object:answer()).

-spec open(binary(), non_neg_integer(), vbeam_linux_stat:stat(), binary(), writer()) ->
    {ok, vbeam_linux_object:object()} | {error, term()}.
open(_, Flags, _, _, none) when Flags band ?O_ACCMODE =/= ?O_RDONLY ->
    {error, ?EACCES};
open(Path, Flags, Stat, Bytes, Writer) ->
    Key = {text, Path},
    Text = #text{bytes = Bytes, stat = Stat, written = Writer},
    {ok, Server} = vbeam_linux_server:start(?MODULE, Text, [{Key, vbeam_linux_group:process()}]),
    {ok, vbeam_linux_object:new(?MODULE, Server, Key, Flags)}.

read(#object{server = Server}, Count) -> vbeam_linux_server:ask(Server, {read, Count}).
pread(#object{server = Server}, At, Count) -> vbeam_linux_server:ask(Server, {pread, At, Count}).
seek(#object{server = Server}, Offset, Whence) ->
    vbeam_linux_server:ask(Server, {seek, Offset, Whence}).
stat(#object{server = Server}) -> vbeam_linux_server:ask(Server, stat).
path(#object{key = {text, Path}}) -> {ok, Path}.
name(#object{key = {text, Path}}) -> Path.
reopen(#object{key = {text, Path}}, Flags) ->
    {ok, vbeam_linux_open:name(vbeam_linux_names:resolve(-100, Path, []), Flags, 0)}.
truncate(_, _) -> {ok, 0}.

write(#object{server = Server}, Bytes) ->
    {ok, Write} = vbeam_linux_server:ask(Server, writer),
    Write(Bytes).

init(Text) -> {ok, Text}.

poll(_, _) -> {?POLLIN bor ?POLLOUT bor ?POLLRDNORM bor ?POLLWRNORM, none}.

request({read, Count}, #text{offset = Offset} = Text) ->
    Bytes = part(Text, Offset, Count),
    {{ok, Bytes}, Text#text{offset = Offset + byte_size(Bytes)}};
request({pread, Offset, Count}, Text) ->
    {{ok, part(Text, Offset, Count)}, Text};
request({seek, Offset, Whence}, #text{offset = Now, bytes = Bytes} = Text) ->
    To =
        case Whence of
            0 -> Offset;
            1 -> Now + Offset;
            2 -> byte_size(Bytes) + Offset;
            _ -> -1
        end,
    case To >= 0 of
        true -> {{ok, To}, Text#text{offset = To}};
        false -> {{error, ?EINVAL}, Text}
    end;
request(writer, #text{written = Write} = Text) ->
    {{ok, Write}, Text};
request(stat, #text{stat = Stat} = Text) ->
    {{ok, Stat}, Text}.

part(#text{bytes = Bytes}, Offset, _) when Offset >= byte_size(Bytes) -> <<>>;
part(#text{bytes = Bytes}, Offset, Count) ->
    binary:part(Bytes, Offset, min(Count, byte_size(Bytes) - Offset)).
