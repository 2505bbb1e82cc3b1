%% Ports {fd, In, Out}, as OTP's `user` and `standard_error` open them: 0 is the serial line's
%% input, line by line, 1 and 2 are its output. Stands in for the fd driver of OTP's
%% sys/unix/sys_drivers.c.
-module(vbeam_fd_port).
-behaviour(vbeam_port_driver).
-export([start/2, output/2, control/3, info/2]).

-define(STANDARD_MAX, 2).

%% Control operation of ttsl_drv.c that `user` asks a terminal, as which the serial line counts.
-define(WINDOW_SIZE, 16#018b0900 + 100).

start({fd, In, Out}, #{in := Reads}) when In =< ?STANDARD_MAX, Out =< ?STANDARD_MAX ->
    _ = In =:= 0 andalso Reads andalso (self() ! attach),
    {ok, none};
start(_, _) ->
    {error, ebadf}.

output(Bytes, State) ->
    ok = vbeam_console:write(Bytes),
    {ok, State}.

control(?WINDOW_SIZE, _, State) ->
    {Columns, Rows} = vbeam_console:window_size(),
    {<<Columns:32/native, Rows:32/native>>, State};
control(_, _, State) ->
    {badarg, State}.

%% The console may be restarted at any time: its successor is told again.
info(attach, State) ->
    vbeam_console:attach(lines, attach),
    {[], State};
info({console, Bytes}, State) when is_binary(Bytes) ->
    {[{input, Bytes}], State};
info({console, eof}, State) ->
    {[eof], State};
info({'DOWN', _, process, _, _}, State) ->
    self() ! attach,
    {[], State};
info(_, State) ->
    {[], State}.
