%% The system below OTP: drivers, services and ports. OTP's init calls start/0 from the boot script
%% before it starts anything that prints; the tree then runs beside OTP's processes, as the C
%% runtime's drivers do, and init counts its processes as system processes: they are still there
%% when init has ended everything else, so that the last output reaches the serial line.
-module(vbeam_boot).
-export([start/0, root/1, phase/1, is_program/0]).

%% Start the tree and wait until it stands. It is there already when init starts the system again;
%% what it runs on is not unloaded then.
-spec start() -> ok.
start() ->
    case whereis(vbeam_kernel_sup) of
        undefined -> start_tree();
        _ -> ok
    end.

start_tree() ->
    Root = erts_internal:spawn_system_process(?MODULE, root, [self()]),
    Monitor = erlang:monitor(process, Root),
    receive
        {Root, started} ->
            erlang:demonitor(Monitor, [flush]),
            vbeam_hw:keep_code(),
            ok;
        {'DOWN', Monitor, process, _, Reason} ->
            exit(Reason)
    end.

%% The parent of the root supervisor: when that ends, nothing can go on.
-spec root(Starter :: pid()) -> no_return().
root(Starter) ->
    process_flag(trap_exit, true),
    {ok, Supervisor} = vbeam_kernel_sup:start_link(),
    Starter ! {self(), started},
    receive
        {'EXIT', Supervisor, Reason} ->
            vbeam_hw:emergency_write(<<"VBEAM: the system ended: ">>),
            erlang:display(Reason),
            vbeam_hw:power_off(1)
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
        false -> line(Text)
    end.

line(Text) ->
    Line = iolist_to_binary([Text, $\n]),
    try vbeam_serial:write(Line) of
        ok -> ok
    catch
        exit:_ -> vbeam_hw:emergency_write(Line), ok
    end.
