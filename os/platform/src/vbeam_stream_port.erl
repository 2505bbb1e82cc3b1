%% Ports {fd, In, Out} when the system runs as a program of a host: the host's standard streams.
%% Stands in for the fd driver of OTP's sys/unix/sys_drivers.c.
-module(vbeam_stream_port).
-behaviour(vbeam_port_driver).
-export([start/2, output/2, control/3, info/2]).

-define(STANDARD_MAX, 2).

start({fd, In, Out}, #{in := Reads}) when In =< ?STANDARD_MAX, Out =< ?STANDARD_MAX ->
    {ok, {In =:= 0 andalso Reads, Out}};
start(_, _) ->
    {error, ebadf}.

output(Bytes, {_, Out} = State) ->
    _ = vbeam_streams:write(Out, Bytes),
    {ok, State}.

%% A stream is no terminal with a size.
control(_, _, State) ->
    {badarg, State}.

info(opened, {true, _} = State) ->
    vbeam_streams:attach(),
    {[], State};
info({streams, Bytes}, State) when is_binary(Bytes) ->
    {[{input, Bytes}], State};
info({streams, eof}, State) ->
    {[eof], State};
info(_, State) ->
    {[], State}.
