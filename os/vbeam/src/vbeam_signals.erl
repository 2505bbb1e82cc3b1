%% Signals of the host as OTP's runtime handles them (os:set_signal/2): which of them are taken, and
%% what becomes of one: a message to OTP's erl_signal_server, nothing, or the host's usual end.
-module(vbeam_signals).
-export([taken/0, set/2, deliver/1]).

%% Number on Linux (signal(7)), name, and what OTP does with it from the start.
-define(SIGNALS, [
    {1, sighup, default}, {3, sigquit, handle}, {10, sigusr1, handle}, {12, sigusr2, default},
    {15, sigterm, handle}
]).

%% Numbers of signals that come to this system; all others do to it what they do to any program.
-spec taken() -> [pos_integer()].
taken() -> [Number || {Number, _, _} <- ?SIGNALS].

-spec set(atom(), default | ignore | handle) -> ok.
set(Name, Action) ->
    persistent_term:put({?MODULE, Name}, Action).

%% A signal has come, by its number or its name.
-spec deliver(pos_integer() | atom()) -> ok.
deliver(Name) when is_atom(Name) ->
    {Number, Name, _} = lists:keyfind(Name, 2, ?SIGNALS),
    deliver(Number);
deliver(Number) ->
    {Number, Name, Usual} = lists:keyfind(Number, 1, ?SIGNALS),
    case persistent_term:get({?MODULE, Name}, Usual) of
        ignore -> ok;
        handle -> notify(Name);
        default -> vbeam_hw:power_off(128 + Number)
    end.

notify(Name) ->
    case whereis(erl_signal_server) of
        undefined -> ok;
        Server -> Server ! {notify, Name}, ok
    end.
