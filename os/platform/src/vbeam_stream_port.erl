%% Ports {fd, In, Out} when the system runs as a program of a host: the host's streams. Stands in
%% for the fd driver of OTP's sys/unix/sys_drivers.c.
-module(vbeam_stream_port).
-behaviour(vbeam_port_driver).
-export([start/2, output/2, control/3, info/2]).

%% Control operation of the fd driver: the size of a terminal.
-define(WINDOW_SIZE, 16#018b0900 + 100).
%% Bytes that wait for a slow reader until writers wait, too, and how many let them go on.
-define(WAITING_MAX, 65536).
-define(WAITING_LOW, 32768).

-record(stream, {
    input :: non_neg_integer(),
    output :: non_neg_integer(),
    reads :: boolean(),
    waiting = 0 :: non_neg_integer(),
    busy = false :: boolean()
}).

start({fd, In, Out}, #{in := Reads}) ->
    {ok, #stream{input = In, output = Out, reads = Reads}}.

output(<<>>, Stream) ->
    {ok, Stream};
output(Bytes, #stream{output = Out, waiting = Waiting} = Stream) ->
    vbeam_streams:send(Out, Bytes),
    More = Waiting + byte_size(Bytes),
    case More > ?WAITING_MAX of
        true -> {busy, Stream#stream{waiting = More, busy = true}};
        false -> {ok, Stream#stream{waiting = More}}
    end.

control(?WINDOW_SIZE, _, #stream{output = Out} = Stream) ->
    case vbeam_streams:window_size(Out) of
        {Columns, Rows} -> {<<Columns:32/native, Rows:32/native>>, Stream};
        none -> {badarg, Stream}
    end;
control(_, _, Stream) ->
    {badarg, Stream}.

info(opened, #stream{reads = true, input = In} = Stream) ->
    vbeam_streams:read(In),
    {[], Stream};
info({stream, _, Bytes}, Stream) when is_binary(Bytes) ->
    {[{input, Bytes}], Stream};
info({stream, _, eof}, Stream) ->
    {[eof], Stream};
info({stream, _, {error, Reason}}, Stream) ->
    {[{stop, Reason}], Stream};
info({stream_written, _, Bytes}, #stream{waiting = Waiting, busy = Busy} = Stream) ->
    Left = Waiting - Bytes,
    case Busy andalso Left =< ?WAITING_LOW of
        true -> {[free], Stream#stream{waiting = Left, busy = false}};
        false -> {[], Stream#stream{waiting = Left}}
    end;
info({stream_failed, _, Reason}, Stream) ->
    {[{stop, Reason}], Stream};
info(_, Stream) ->
    {[], Stream}.
