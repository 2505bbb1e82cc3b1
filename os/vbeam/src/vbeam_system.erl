%% OTP application `vbeam`: the programs that the system was booted for, below vbeam_app_sup. It
%% starts after kernel and stdlib and is stopped before them.
%%
%% What to run comes as arguments of the boot, which `init` keeps (boot file: vm/boot.ts):
%%     -vbeam_application NAME MODULE FUNCTION [ATOM ...]
%%                             run MODULE:FUNCTION(ATOM, ...)
%%     -vbeam_on_exit power_off | stay
%%                             what to do when the application has ended; default stay
-module(vbeam_system).
-behaviour(application).
-behaviour(gen_server).
-export([start/2, stop/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-define(RESTART_WAIT_MS, 2000).
-define(STOP_WAIT_MS, 500).
-define(RUN_AGAIN_MS, 50).

-record(state, {
    monitor :: reference() | undefined,
    %% What to run, and the supervisor of what runs.
    call :: {module(), atom(), [term()]} | undefined,
    supervisor :: reference() | undefined,
    %% It was stopped; by its supervisor, which ends as well, or by itself.
    stopped = false :: boolean(),
    %% The application crashed and may still be restarted.
    crashed = false :: boolean()
}).

start(_Type, _Arguments) ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

stop(_State) ->
    ok.

init([]) ->
    process_flag(trap_exit, true),
    _ = vbeam_boot:is_program() orelse vbeam_log:install(),
    ok = vbeam_kernel_sup:start_applications(),
    vbeam_upgrade:describe_release(),
    _ = vbeam_boot:is_program() orelse spawn(vbeam_archive, report, []),
    case init:get_argument(vbeam_application) of
        {ok, [[Name | Words] | _]} ->
            vbeam_boot:phase([<<"application ">>, Name, <<": start">>]),
            [Module, Function | Arguments] = [list_to_atom(Word) || Word <- Words],
            {ok, run(#state{call = {Module, Function, Arguments}})};
        _ ->
            vbeam_boot:phase(<<"application: none">>),
            end_of_application(0),
            {ok, #state{}}
    end.

handle_call(_Request, _From, State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

%% From vbeam_app: started again by its supervisor.
handle_info({application_started, Pid}, State) ->
    {noreply, watch(Pid, State)};
handle_info({'DOWN', Ref, process, _, Reason}, #state{monitor = Ref} = State) ->
    Next = State#state{monitor = undefined},
    case Reason of
        normal -> {noreply, ended(0, Next)};
        shutdown -> {noreply, Next#state{stopped = true}, ?STOP_WAIT_MS};
        {shutdown, {exit_status, Status}} -> {noreply, ended(Status, Next)};
        _ -> {noreply, Next#state{crashed = true}, ?RESTART_WAIT_MS}
    end;
%% The drivers or services below it start again, and so does the application. A supervisor that gave
%% up on it ends, too.
handle_info({'DOWN', Ref, process, _, _}, #state{supervisor = Ref, crashed = false} = State) ->
    self() ! run,
    {noreply, State#state{supervisor = undefined, stopped = false}};
handle_info(run, #state{call = Call} = State) when Call =/= undefined ->
    {noreply, run(State)};
handle_info(timeout, #state{stopped = true} = State) ->
    {noreply, ended(0, State#state{stopped = false})};
handle_info(timeout, #state{crashed = true} = State) ->
    %% Its supervisor has given up on the application.
    vbeam_boot:phase(<<"application: gave up after repeated crashes">>),
    {noreply, ended(1, State#state{crashed = false})};
handle_info(_Other, #state{crashed = true} = State) ->
    {noreply, State, ?RESTART_WAIT_MS};
handle_info(_Other, State) ->
    {noreply, State}.

terminate(_Reason, _State) ->
    vbeam_boot:phase(<<"stop: ending the supervision tree">>),
    vbeam_kernel_sup:stop_applications().

watch(Pid, #state{monitor = Old} = State) ->
    _ = Old =/= undefined andalso demonitor(Old, [flush]),
    State#state{monitor = monitor(process, Pid), crashed = false}.

%% Start the application, as soon as there is a supervisor for it.
run(#state{call = Call} = State) ->
    try vbeam_app_sup:start_application(Call) of
        {ok, Pid} ->
            Supervisor = monitor(process, vbeam_app_sup),
            watch(Pid, State#state{supervisor = Supervisor});
        {error, Reason} ->
            exit(Reason)
    catch
        exit:_ ->
            _ = erlang:send_after(?RUN_AGAIN_MS, self(), run),
            State
    end.

ended(Status, State) ->
    vbeam_boot:phase([<<"application: ended with status ">>, integer_to_binary(Status)]),
    end_of_application(Status),
    State#state{call = undefined}.

%% There is no application, or it has ended for good: power off, or stay up.
end_of_application(Status) ->
    case init:get_argument(vbeam_on_exit) of
        {ok, [["power_off"] | _]} -> halt(Status);
        _ -> ok
    end.
