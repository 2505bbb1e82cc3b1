%% Ports, seen from the processes that drive them. In OTP a driver is C code inside the VM; here it
%% is a process. The VM keeps a port's identity, links, monitors and name, and sends what is asked
%% of the port to its driver as {vbeam_port, Port, Event} messages (event/0).
%%
%% Every function is a BIF of the VM (vm/bif/vbeam_port.ts) and works for the process that drives
%% the port. `false` says that the port is no longer there: it may be closed at any moment.
-module(vbeam_port).
-export([assign/3, refuse/2, send/2, answer/3, count/3, os_pid/2, busy/2, bad_signal/1, close/2]).
-export_type([event/0, request/0]).

-type request() :: reference() | none.
-type event() ::
    {open, Name :: term(), Settings :: term()}
    | {command, request(), Data :: term()}
    | {control, request(), Operation :: integer(), Data :: term()}
    | {call, request(), Operation :: integer(), Data :: term()}
    | {trace, Message :: term()}
    | closed.

%% Open a port that was asked for: from now on `Driver` drives it.
-spec assign(port(), Driver :: pid(), Name :: binary()) -> boolean().
assign(_Port, _Driver, _Name) -> erlang:nif_error(not_loaded).

%% There is no such port: open_port fails with this reason.
-spec refuse(port(), Reason :: atom()) -> boolean().
refuse(_Port, _Reason) -> erlang:nif_error(not_loaded).

%% {Port, Term} to the process that owns the port.
-spec send(port(), term()) -> boolean().
send(_Port, _Term) -> erlang:nif_error(not_loaded).

%% The result of a command, control or call.
-spec answer(port(), reference(), term()) -> boolean().
answer(_Port, _Request, _Result) -> erlang:nif_error(not_loaded).

%% Bytes for port_info.
-spec count(port(), input | output, non_neg_integer()) -> boolean().
count(_Port, _Direction, _Bytes) -> erlang:nif_error(not_loaded).

%% The host's process behind the port, for port_info.
-spec os_pid(port(), pos_integer()) -> boolean().
os_pid(_Port, _Number) -> erlang:nif_error(not_loaded).

%% While a port is busy, processes that send output to it wait.
-spec busy(port(), boolean()) -> boolean().
busy(_Port, _Busy) -> erlang:nif_error(not_loaded).

%% Output that is no iodata: the owner gets the exit signal `badsig`.
-spec bad_signal(port()) -> boolean().
bad_signal(_Port) -> erlang:nif_error(not_loaded).

%% End the port: links and monitors get the reason.
-spec close(port(), Reason :: term()) -> boolean().
close(_Port, _Reason) -> erlang:nif_error(not_loaded).
