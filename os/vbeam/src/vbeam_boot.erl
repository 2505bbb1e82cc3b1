%% The system below OTP: drivers, services and ports. OTP's init calls start/0 from the boot script
%% before it starts anything that prints; the tree then runs beside OTP's processes, as the C
%% runtime's drivers do, and init counts its processes as system processes: they are still there
%% when init has ended everything else, so that the last output reaches the serial line.
-module(vbeam_boot).
-export([load/1, start/0, phase/1, is_program/0]).

%% Load modules of the system. What cannot be loaded is said: a driver or service without its module
%% is degraded, and the rest of the system comes up.
-spec load([module()]) -> ok.
load(Modules) ->
    lists:foreach(fun(Module) -> loaded(Module, init:ensure_loaded(Module)) end, Modules).

loaded(_, {module, _}) ->
    ok;
loaded(Module, error) ->
    %% There is no such file, or the VM's loader has said above what is wrong with it.
    phase([<<"module ">>, atom_to_binary(Module), <<": missing in the boot archive, or broken">>]).

%% Start the tree and wait until it stands. It is there already when init starts the system again;
%% what it runs on is not unloaded then.
-spec start() -> ok.
start() ->
    case whereis(vbeam_keeper) of
        undefined ->
            ok = vbeam_keeper:start(),
            ok = vbeam_root:start(),
            vbeam_hw:keep_code(),
            ok;
        _ ->
            ok
    end.

%% The system runs as a program of a host: its console is the host's standard streams.
-spec is_program() -> boolean().
is_program() ->
    vbeam_hw:command_line() =/= undefined.

%% Print a boot line: by the serial driver when it is there, else on the emergency console. A
%% program of a host has none.
-spec phase(iodata()) -> ok.
phase(Text) ->
    case is_program() of
        true -> ok;
        false -> line(iolist_to_binary([Text, $\n]))
    end.

line(Line) ->
    try vbeam_serial:say(Line) of
        ok -> ok;
        {error, _} -> emergency(Line)
    catch
        _:_ -> emergency(Line)
    end.

emergency(Line) ->
    true = vbeam_hw:emergency_write(Line),
    ok.
