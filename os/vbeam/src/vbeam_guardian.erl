%% Watches over the tree, and feeds the hardware watchdog as long as the system is healthy. Every
%% PERIOD_MS it looks
%%
%%   whether each driver answers: one that loops is ended, and starts again;
%%   whether anything else in the tree does not answer any more, or is still suspended since the
%%   look before: it is ended, too. Programs are left alone; what drives a port may wait for the
%%   device for as long as it takes;
%%   whether each driver and service that is not degraded is there, and starts what is missing;
%%   whether a process of low priority has its turn, and the supervisors answer.
%%
%% When one of these fails for good, or the system has lost something that it cannot do without, the
%% watchdog starves, and the machine is reset. When the guardian itself does not go on,
%% vbeam_watchdog ends it.
-module(vbeam_guardian).
-behaviour(gen_server).
-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(PERIOD_MS, 5000).
-define(ANSWER_MS, 20000).
-define(DRIVER_MS, 500).
%% Who answers later than that is asked again, with patience.
-define(SOON_MS, 1000).
-define(SUPERVISORS, [
    vbeam_hal_sup, vbeam_block_sup, vbeam_service_sup, vbeam_filesystem_sup
]).
%% Without them nobody reaches the machine.
-define(ESSENTIAL, [vbeam_serial, vbeam_console]).
%% Whose children are left alone, and whose may wait.
-define(PROGRAMS, vbeam_app_sup).
-define(PORTS, vbeam_port_driver_sup).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% At the highest priority: a driver that loops at high priority is not to keep it from looking. The
%% state are the processes that were suspended at the last look.
init([]) ->
    vbeam_hw:system_process(),
    process_flag(priority, max),
    vbeam_boot:phase(<<"child vbeam_guardian: started">>),
    later(),
    {ok, []}.

%% A state that has been spoilt is met at the first message, not when something is suspended.
handle_call(_Request, _From, Suspended) when is_list(Suspended) ->
    {reply, {error, unknown_request}, Suspended}.

handle_cast(_Request, Suspended) when is_list(Suspended) ->
    {noreply, Suspended}.

handle_info({timeout, _, look}, Suspended) when is_list(Suspended) ->
    Next = look(Suspended),
    later(),
    {noreply, Next};
handle_info(_Message, Suspended) when is_list(Suspended) ->
    {noreply, Suspended}.

later() ->
    _ = erlang:start_timer(?PERIOD_MS, self(), look).

look(Before) ->
    _ = [
        end_looping(Name)
     || not vbeam_upgrade:is_changing(),
        {Name, #{supervisor := Supervisor}} <- vbeam_ladder:status(),
        lists:member(Supervisor, [vbeam_hal_sup, vbeam_block_sup]),
        Name =/= vbeam_block_sup
    ],
    Nodes = nodes_of_tree(),
    Suspended = [Node || {_, Pid, _, _} = Node <- Nodes, is_suspended(Pid)],
    Still = [Node || {_, Pid, _, _} = Node <- Suspended, lists:member(Pid, Before)],
    _ = [
        end_process(Name, Pid, suspended, <<" is suspended: it is ended">>)
     || {Name, Pid, _, _} <- Still
    ],
    %% What is suspended may go on until the next look, and who waits for it, too.
    _ = Suspended =:= [] andalso look_at_all(Nodes),
    [Pid || {_, Pid, _, _} <- Suspended -- Still].

look_at_all(Nodes) ->
    _ = [look_at(Node) || Node <- Nodes],
    supply().

supply() ->
    _ = catch vbeam_ladder:try_again(),
    _ = [start_missing(Supervisor) || Supervisor <- ?SUPERVISORS],
    has_turns() andalso is_whole() andalso feed().

feed() ->
    try
        vbeam_watchdog:feed()
    catch
        %% It is being started again, or the machine has none that works.
        exit:_ -> ok
    end.

end_looping(Name) ->
    case whereis(Name) of
        Pid when is_pid(Pid) ->
            case vbeam_driver:answers(Name, ?DRIVER_MS) orelse not is_process_alive(Pid) of
                true -> ok;
                false -> end_process(Name, Pid, no_answer, <<" does not answer: it is ended">>)
            end;
        undefined ->
            ok
    end.

%% To be ended is no failure of its own, so the ladder is told that this one was.
end_process(Name, Pid, Reason, Words) ->
    vbeam_boot:phase([io_lib:format("~tp", [Name]), Words]),
    _ = lists:keymember(Name, 1, vbeam_ladder:status()) andalso vbeam_ladder:failed(Name, Reason),
    exit(Pid, kill).

%% ---- what is below vbeam_root

%% {Name, Pid, Kind, Name of the supervisor}, but for the guardian itself, and for programs.
nodes_of_tree() ->
    lists:append([
        nodes_of_tree(Name, whereis(Name), supervisor, vbeam_root)
     || Name <- vbeam_root:supervisors()
    ]).

nodes_of_tree(Name, Pid, Kind, Above) when is_pid(Pid), Pid =/= self() ->
    [{Name, Pid, Kind, Above} | below(Name, Pid, Kind)];
nodes_of_tree(_, _, _, _) ->
    [].

below(Name, Pid, supervisor) when Name =/= ?PROGRAMS ->
    Ask = fun() -> gen_server:call(Pid, which_children, ?SOON_MS) end,
    case is_suspended(Pid) orelse answer(Ask) of
        Children when is_list(Children) ->
            lists:append([
                nodes_of_tree(name(Id, Child), Child, Kind, Name)
             || {Id, Child, Kind, _} <- Children
            ]);
        _ ->
            []
    end;
below(_, _, _) ->
    [].

look_at({_, _, worker, ?PORTS}) ->
    ok;
look_at({Name, Pid, Kind, _}) ->
    case answer(fun() -> ask(Kind, Pid) end) of
        no_answer -> end_process(Name, Pid, no_answer, <<" does not answer: it is ended">>);
        _ -> ok
    end.

ask(supervisor, Pid) -> gen_server:call(Pid, which_children, ?ANSWER_MS);
ask(worker, Pid) -> is_server(Pid) andalso sys:get_status(Pid, ?ANSWER_MS).

%% Who has ended meanwhile, or crashes when it is asked, is its supervisor's affair.
answer(Question) ->
    try
        Question()
    catch
        exit:{timeout, _} -> no_answer;
        exit:_ -> ended
    end.

name(undefined, Pid) -> Pid;
name(Id, _) -> Id.

%% By erlang:suspend_process/1, or by sys:suspend/1.
is_suspended(Pid) ->
    case process_info(Pid, [status, current_function]) of
        [{status, suspended}, _] -> true;
        [_, {current_function, {sys, Function, _}}] -> is_suspend_loop(Function);
        _ -> false
    end.

is_suspend_loop(suspend_loop) -> true;
is_suspend_loop(suspend_loop_hib) -> true;
is_suspend_loop(_) -> false.

%% A process of one of OTP's behaviours, which answers questions of the module sys.
is_server(Pid) ->
    case process_info(Pid, dictionary) of
        {dictionary, Dictionary} ->
            case proplists:get_value('$initial_call', Dictionary) of
                {_, init, 1} -> true;
                _ -> false
            end;
        undefined ->
            false
    end.

%% What should run and does not: whoever was to start it was ended meanwhile.
start_missing(Supervisor) ->
    Degraded = vbeam_ladder:degraded(),
    try gen_server:call(Supervisor, which_children, ?ANSWER_MS) of
        Children ->
            [
                supervisor:restart_child(Supervisor, Name)
             || {Name, undefined, _, _} <- Children, not lists:member(Name, Degraded)
            ]
    catch
        exit:_ -> []
    end.

%% ---- whether the system goes on

%% A process of low priority comes to its end.
has_turns() ->
    {Pid, Monitor} = spawn_opt(fun() -> ok end, [monitor, {priority, low}]),
    receive
        {'DOWN', Monitor, process, Pid, normal} -> true
    after ?ANSWER_MS ->
        demonitor(Monitor, [flush]),
        false
    end.

%% The supervisors are there, and nothing is lost that is needed.
is_whole() ->
    lists:all(fun answers/1, [vbeam_kernel_sup, vbeam_hal_sup, vbeam_service_sup]) andalso
        not lists:any(fun(Name) -> lists:member(Name, ?ESSENTIAL) end, vbeam_ladder:degraded()).

answers(Supervisor) ->
    try
        is_list(gen_server:call(Supervisor, which_children, ?ANSWER_MS))
    catch
        exit:_ -> false
    end.
