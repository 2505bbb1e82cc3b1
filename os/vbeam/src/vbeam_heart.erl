%% The heart of a machine. OTP's init knows a kernel process of the name heart: init:stop/0,1 end it
%% before they halt, init:reboot/0 halts and leaves it alone, and the program that OTP's heart
%% talks to starts the system again when it hears no more. Here whoever switches the machine off
%% looks whether the heart still beats (vbeam_power), and resets the machine.
%%
%% As a program of a host the system has OTP's own heart.
-module(vbeam_heart).
-export([start/0, beats/0]).
-export([beat/0, loop/0]).

%% From the boot script. init keeps it over init:restart/0.
-spec start() -> {ok, pid()} | ignore.
start() ->
    case {vbeam_boot:is_program(), whereis(?MODULE)} of
        {true, _} ->
            heart:start();
        {false, undefined} ->
            Pid = spawn(?MODULE, beat, []),
            true = register(?MODULE, Pid),
            {ok, Pid};
        {false, Pid} ->
            {ok, Pid}
    end.

%% Whether init has not ended it.
-spec beats() -> boolean().
beats() ->
    is_pid(whereis(?MODULE)).

-spec beat() -> no_return().
beat() ->
    vbeam_hw:system_process(),
    loop().

%% init ends its kernel processes with this message.
-spec loop() -> no_return().
loop() ->
    receive
        {'EXIT', _, shutdown} -> exit(shutdown);
        _ -> ?MODULE:loop()
    end.
