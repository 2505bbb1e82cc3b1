%% The first process. Starts the logger and the root supervisor, then the application that the boot
%% file names, and stays as the process `init`: it answers what OTP's init module asks, and stops
%% the system in order.
%%
%% The boot file (of the boot archive) has one setting a line after its first:
%%     application NAME MODULE FUNCTION [ATOM ...]
%%                                 run MODULE:FUNCTION(ATOM, ...) below vbeam_app_sup
%%     on_exit power_off | stay    what to do when the application has ended; default stay
%%     shell yes                   OTP's shell on the console
-module(vbeam_boot).
-export([start/0, phase/1]).

-define(RESTART_WAIT_MS, 2000).

-record(state, {
    settings :: [[binary()]],
    application :: pid() | undefined,
    monitor :: reference() | undefined,
    %% Reason of the application's last crash, while it may still be restarted.
    crashed = false :: boolean()
}).

-spec start() -> no_return().
start() ->
    register(init, self()),
    process_flag(trap_exit, true),
    Settings = settings(),
    %% OTP's processes ask `init` while they start, so another process starts them.
    _ = spawn_link(fun() -> start_system(Settings) end),
    loop(#state{settings = Settings}).

%% The parent of the system: it ends when one of its children does.
start_system(Settings) ->
    {ok, _} = logger_server:start_link(),
    {ok, _} = application_controller:start(vbeam_code:application_file("kernel")),
    {ok, _} = vbeam_kernel_sup:start_link(),
    group_leader(whereis(user), self()),
    ok = vbeam_log:install(),
    start_application(Settings),
    _ = lists:member([<<"shell">>, <<"yes">>], Settings) andalso vbeam_kernel_sup:start_shell(),
    receive
        after infinity -> ok
    end.

%% Print a boot line: by the serial driver when it is there, else on the emergency console.
-spec phase(iodata()) -> ok.
phase(Text) ->
    Line = iolist_to_binary([Text, $\n]),
    try vbeam_serial:write(Line) of
        ok -> ok
    catch
        exit:_ -> vbeam_hw:emergency_write(Line), ok
    end.

settings() ->
    Lines = binary:split(vbeam_hw:boot_file(<<"boot">>), <<"\n">>, [global]),
    [binary:split(Line, <<" ">>, [global]) || Line <- Lines, Line =/= <<>>].

start_application(Settings) ->
    case [Words || [<<"application">> | Words] <- Settings] of
        [[Name | Words] | _] ->
            phase([<<"application ">>, Name, <<": start">>]),
            [Module, Function | Arguments] = [binary_to_atom(Word) || Word <- Words],
            Call = {Module, Function, Arguments},
            {ok, _} = vbeam_app_sup:start_application(Call),
            ok;
        [] ->
            phase(<<"application: none">>),
            init ! no_application,
            ok
    end.

%% There is no application, or it has ended: power off, or stay up, as the boot file says.
end_of_boot(Status, #state{settings = Settings} = State) ->
    case lists:member([<<"on_exit">>, <<"power_off">>], Settings) of
        true -> halt(Status);
        false -> State
    end.

loop(State) ->
    Timeout = case State#state.crashed of true -> ?RESTART_WAIT_MS; false -> infinity end,
    receive
        Message -> loop(handle(Message, State))
    after Timeout ->
        %% Its supervisor has given up on the application.
        phase(<<"application: gave up after repeated crashes">>),
        loop(ended(1, State#state{crashed = false}))
    end.

handle({application_started, Pid}, #state{monitor = Old} = State) ->
    _ = Old =/= undefined andalso demonitor(Old, [flush]),
    State#state{application = Pid, monitor = monitor(process, Pid), crashed = false};
handle({'DOWN', Ref, process, _, Reason}, #state{monitor = Ref} = State) ->
    Next = State#state{application = undefined, monitor = undefined},
    case Reason of
        normal -> ended(0, Next);
        shutdown -> ended(0, Next);
        {shutdown, {exit_status, Status}} -> ended(Status, Next);
        _ -> Next#state{crashed = true}
    end;
handle(no_application, State) ->
    end_of_boot(0, State);
handle({'EXIT', _, Reason}, _State) ->
    %% The root supervisor or one of OTP's own processes ended: nothing can go on.
    vbeam_hw:emergency_write(<<"VBEAM: the system ended: ">>),
    erlang:display(Reason),
    vbeam_hw:power_off(1);
handle({stop, {stop, Arguments}}, State) ->
    stop(Arguments, State);
handle({stop, stop}, State) ->
    stop([], State);
handle({stop, _RestartOrReboot}, State) ->
    %% There is nothing that switches the machine on again.
    stop([], State);
handle({From, {get_argument, Flag}}, State) ->
    case [Values || {Each, Values} <- arguments(), Each =:= Flag] of
        [] -> reply(From, error, State);
        Found -> reply(From, {ok, Found}, State)
    end;
handle({From, {ensure_loaded, Module}}, State) ->
    reply(From, {module, Module}, State);
handle({From, {make_permanent, _Boot, _Config}}, State) ->
    reply(From, {error, read_only}, State);
handle({From, {notify_when_started, _Pid}}, State) ->
    reply(From, started, State);
handle({io_request, _, _, _} = Request, State) ->
    %% From a process whose group leader is this one.
    _ = whereis(user) =/= undefined andalso (user ! Request),
    State;
handle({From, Request}, State) ->
    case answer(Request) of
        {ok, Reply} -> reply(From, Reply, State);
        unknown -> State
    end;
handle(_Other, State) ->
    State.

%% What OTP's init knows from its command line.
arguments() ->
    [
        {root, ["/otp"]},
        {bindir, ["/otp/bin"]},
        {progname, ["vbeam"]},
        {home, ["/"]}
    ].

answer(get_arguments) -> {ok, arguments()};
answer(get_plain_arguments) -> {ok, []};
answer(get_status) -> {ok, {started, started}};
answer(wait_until_started) -> {ok, ok};
answer(script_id) -> {ok, {"VBEAM", "0.1.0"}};
answer(fetch_loaded) -> {ok, vbeam_code:boot_modules()};
answer(_) -> unknown.

reply(From, Reply, State) when is_pid(From) ->
    From ! {init, Reply},
    State;
reply(_, _, State) ->
    State.

%% The application has ended for good.
ended(Status, State) ->
    phase([<<"application: ended with status ">>, integer_to_binary(Status)]),
    end_of_boot(Status, State).

%% init:stop(): the tree ends child by child, in reverse order, then the machine is switched off.
stop(Arguments, _State) ->
    Status = case Arguments of [N] when is_integer(N) -> N; _ -> 0 end,
    phase(<<"stop: ending the supervision tree">>),
    ok = vbeam_kernel_sup:stop_applications(),
    halt(Status).
