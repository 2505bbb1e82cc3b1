%% Ports {fd, In, Out} when the system runs as a program of a host: the host's standard streams.
%% Stands in for the fd driver of OTP's sys/unix/sys_drivers.c.
-module(vbeam_stream_port).
-behaviour(vbeam_port_driver).
-export([start/2, output/2, control/3, info/2]).

-define(STANDARD_MAX, 2).

start({fd, In, Out}, #{in := Reads}) when In =< ?STANDARD_MAX, Out =< ?STANDARD_MAX ->
    _ = In =:= 0 andalso Reads andalso (self() ! attach),
    {ok, Out};
start(_, _) ->
    {error, ebadf}.

output(Bytes, Out) ->
    _ = vbeam_streams:write(Out, Bytes),
    {ok, Out}.

%% A stream is no terminal with a size.
control(_, _, Out) ->
    {badarg, Out}.

info(attach, Out) ->
    vbeam_streams:attach(),
    {[], Out};
info({streams, Bytes}, Out) when is_binary(Bytes) ->
    {[{input, Bytes}], Out};
info({streams, eof}, Out) ->
    {[eof], Out};
info(_, Out) ->
    {[], Out}.
