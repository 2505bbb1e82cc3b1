%% Corners of tracing: BIFs that go on after a break are told once, the place of a process in such a
%% BIF, bitstrings that are being matched, global tracing after local, flags of a match
%% specification with {tracer, _}, schedulers, silence, sensitive processes, ended tracers.
-module(traced_corners).
-export([cases/0, breakpoint/3, last/2, not_last/2, outer/1, other/1, worker/0, sum/2,
         ends/1, leaves/1, throws/1, fails/1]).

%% A call that never returns needs no frame.
ends(X) -> erlang:error(X).
leaves(X) -> exit(X).
throws(X) -> throw(X).
fails(X) -> atom_to_list(X).

last(A, B) -> lists:reverse(A, B).
not_last(A, B) -> [lists:reverse(A, B)].
outer(X) -> [inner(X) | outer_end()].
inner(X) -> {X, X}.
outer_end() -> [].
other(X) -> {other, X}.
sum(<<H, T/bits>>, Sum) -> sum(T, Sum + H);
sum(_, Sum) -> Sum.

worker() ->
    receive
        {run, From, F} ->
            F(),
            From ! {ran, self()},
            worker()
    end.

run(Worker, F) ->
    Worker ! {run, self(), F},
    receive {ran, Worker} -> ok end.

%% What is told while Fun runs in a process that is traced with Flags.
told(Flags, Patterns, Fun) ->
    Worker = spawn(?MODULE, worker, []),
    [erlang:trace_pattern(MFA, Spec, Options) || {MFA, Spec, Options} <- Patterns],
    erlang:trace(Worker, true, Flags),
    run(Worker, Fun),
    catch erlang:trace(Worker, false, [all]),
    Messages = collect(Worker),
    [erlang:trace_pattern(MFA, false, [global]) || {MFA, _, [global]} <- Patterns],
    [erlang:trace_pattern({M, '_', '_'}, false, [local, meta]) || {{M, _, _}, _, _} <- Patterns],
    exit(Worker, kill),
    [plain(M, Worker) || M <- Messages].

collect(Worker) ->
    Reference = erlang:trace_delivered(Worker),
    collect(Worker, Reference).
collect(Worker, Reference) ->
    receive
        {trace_delivered, Worker, Reference} -> [];
        Message when element(1, Message) =:= trace; element(1, Message) =:= trace_ts ->
            [Message | collect(Worker, Reference)]
    end.

plain(Message, Worker) ->
    [case E of
         Worker -> worker;
         {_, _, _} when is_integer(element(1, E)) -> time;
         _ when E =:= self() -> tracer;
         {M, F, [L | _] = Arguments} when is_list(L), length(L) > 100 ->
             {M, F, [length(A) || A <- Arguments]};
         L when is_list(L), length(L) > 100 -> length(L);
         _ -> E
     end || E <- tuple_to_list(Message)].

caller() -> [{'_', [], [{exception_trace}]}].

cases() ->
    [{long_bif, fun long_bif/0},
     {long_bif_fails, fun long_bif_fails/0},
     {place_in_bif, fun place_in_bif/0},
     {matched, fun matched/0},
     {global_after_local, fun global_after_local/0},
     {applied, fun applied/0},
     {tracer_named, fun tracer_named/0},
     {flags_changed, fun flags_changed/0},
     {scheduler, fun scheduler/0},
     {silent_sends, fun silent_sends/0},
     {event_patterns, fun event_patterns/0},
     {sensitive_meta, fun sensitive_meta/0},
     {ended_tracer, fun ended_tracer/0},
     {exits_of_links, fun exits_of_links/0},
     {bif_called_last, fun bif_called_last/0},
     {counted_and_meta, fun counted_and_meta/0},
     {breakpoints, fun breakpoints/0},
     {profile_flags, fun profile_flags/0},
     {profile_timestamps, fun profile_timestamps/0},
     {never_returns, fun never_returns/0},
     {time_without_tracer, fun time_without_tracer/0},
     {ended_meta_tracer, fun ended_meta_tracer/0}].

long_bif() ->
    List = lists:seq(1, 100000),
    told([call, return_to],
         [{{lists, reverse, 2}, caller(), [local]}, {{?MODULE, outer, 1}, caller(), [local]}],
         fun() -> X = lists:reverse(List, []), outer(hd(X)) end).

long_bif_fails() ->
    List = lists:seq(1, 100000) ++ end_of_list,
    told([call],
         [{{?MODULE, other, 1}, caller(), [local]}, {{lists, reverse, 2}, [{['_', '_'], [],
            [{message, false}, {exception_trace}]}], [local]}],
         fun() -> catch lists:reverse(List, []), other(1) end).

%% The functions in which the process was while it did not run, but for Erlang's own.
place_in_bif() ->
    List = [{X, X} || X <- lists:seq(1, 200000)],
    Messages = told([running], [], fun() -> _ = maps:from_list(List), ok end),
    Places = [Place || [trace, worker, out, Place] <- Messages],
    {length([P || {maps, from_list, 1} = P <- Places]) > 2,
     [P || {vbeam_internal, _, _} = P <- Places]}.

matched() ->
    told([call], [{{?MODULE, sum, 2}, true, [local]}],
         fun() -> sum(<<1, 2, 3>>, 0), sum(<<1, 2:4>>, 0) end).

global_after_local() ->
    Worker = spawn(?MODULE, worker, []),
    run(Worker, fun() -> ok end),
    erlang:trace(Worker, true, [call]),
    Local = erlang:trace_pattern({?MODULE, '_', '_'}, true, [local]) > 5,
    erlang:trace_pattern({?MODULE, worker, '_'}, false, [local]),
    Global = erlang:trace_pattern({?MODULE, '_', '_'}, true, [global]),
    run(Worker, fun() -> ?MODULE:outer(1) end),
    None = erlang:trace_pattern({?MODULE, inner, 1}, true, [global]),
    erlang:trace_pattern({?MODULE, '_', '_'}, false, [global]),
    exit(Worker, kill),
    {Local, Global, None, [plain(M, Worker) || M <- collect(Worker)]}.

applied() ->
    told([call], [{{erlang, '_', '_'}, true, [global]}],
         fun() -> [apply(erlang, F, A) || {F, A} <- [{phash2, [1]}, {abs, [-1]}]] end).

%% trace/2 in a specification of meta tracing begins and ends tracing by somebody.
tracer_named() ->
    Tracer = self(),
    told([call],
         [{{?MODULE, other, 1}, [{['$1'], [], [{trace, [], '$1'}, {message, false}]}], [meta]},
          {{?MODULE, inner, 1}, true, [local]}],
         fun() ->
             erlang:trace(self(), false, [all]),
             outer(0),
             other([call, return_to, {tracer, Tracer}]),
             outer(1)
         end).

flags_changed() ->
    [try told([call],
              [{{?MODULE, outer, 1}, [{'_', [], [{message, [Action]}]}], [local]},
               {{?MODULE, other, 1}, true, [local]}],
              fun() -> outer(1), other(2), outer(3) end)
     catch error:badarg -> badarg
     end || Action <- [{enable_trace, arity}, {disable_trace, call}, {enable_trace, foo},
                   {trace, [call], [arity]}, {trace, [], []}, {trace, [], [foo]},
                   {trace, [], [{tracer, foo}]}, {disable_trace, nobody, call},
                   {enable_trace, [arity]}, {silent, true}, {trace, [all], []}]].

scheduler() ->
    [[[case E of N when is_integer(N), N > 0 -> number; _ -> E end || E <- M]
      || M <- told(Flags, [{{?MODULE, other, 1}, [{'_', [], [{message, here}]}], [local]}],
                   fun() -> other(2) end)]
     || Flags <- [[call, scheduler_id, timestamp], [call, timestamp]]] ++
    [length(hd(told([call, scheduler_id], [{{?MODULE, other, 1}, true, [local]}],
                    fun() -> other(2) end)))].

silent_sends() ->
    Self = self(),
    R = [begin
             erlang:trace_pattern(send, Spec, []),
             T = told([send], [], fun() -> Self ! sent, Self ! again end),
             receive sent -> ok end,
             receive again -> ok end,
             [M || [trace, worker, send, What | _] = M <- T, What =:= sent orelse What =:= again]
         end || Spec <- [true, [{['_', sent], [], []}], [{['_', '_'], [], [{message, 1}]}],
                         [{['_', '_'], [], [{message, false}]}],
                         [{['_', '_'], [], [{silent, true}]}], false]],
    erlang:trace_pattern(send, true, []),
    R.

event_patterns() ->
    R = [begin
             Result = try erlang:trace_pattern(What, Spec, Options)
                      catch error:Reason:Trace -> {Reason, element(4, hd(Trace))}
                      end,
             {What, Spec, Options, Result, catch erlang:trace_info(What, match_spec)}
         end || What <- [send, 'receive'],
                {Spec, Options} <- [{restart, []}, {pause, []}, {true, [global]}, {true, [local]},
                                    {[{['_', '_'], [], [{caller}]}], []},
                                    {[{['_', '_'], [], [{caller_line}]}], []},
                                    {[{['_', '_'], [], [{return_trace}]}], []},
                                    {[{'_', [], [{message, 1}]}], []}, {false, []}, {true, []}]],
    R.

sensitive_meta() ->
    told([call],
         [{{?MODULE, other, 1}, [], [meta]}, {{?MODULE, inner, 1}, [], [local]}],
         fun() ->
             process_flag(sensitive, true),
             other(1), outer(1),
             process_flag(sensitive, false),
             other(2), outer(2)
         end).

ended_tracer() ->
    {Tracer, Monitor} = spawn_monitor(fun() -> receive stop -> ok end end),
    0 = erlang:trace(new_processes, true, [send, {tracer, Tracer}]),
    Before = erlang:trace_info(new_processes, flags),
    Tracer ! stop,
    receive {'DOWN', Monitor, _, _, _} -> ok end,
    {Before, erlang:trace_info(new_processes, flags), erlang:trace_info(new_processes, tracer)}.

%% getting_unlinked is told unless the exit ends the process.
exits_of_links() ->
    [begin
         Messages = told([procs], [],
                         fun() ->
                             process_flag(trap_exit, Trap),
                             Other = spawn_link(fun() -> receive {go, R} -> exit(R) end end),
                             Other ! {go, Reason},
                             receive {'EXIT', Other, _} -> ok after 50 -> ok end
                         end),
         [Event || [trace, worker, Event | _] <- Messages]
     end || {Trap, Reason} <- [{true, normal}, {true, bad}, {false, normal}]].

%% A BIF returns into the function that calls it, even as the last thing that does.
bif_called_last() ->
    [told([call, return_to],
          [{{lists, reverse, 2}, caller(), [local]}, {{?MODULE, F, 2}, Spec, [local]}],
          fun() -> ?MODULE:F(lists:seq(1, N), []), ok end)
     || F <- [last, not_last], N <- [10, 100000], Spec <- [true, caller()]].

counted_and_meta() ->
    Spec = [{'_', [], [{return_trace}]}],
    [try erlang:trace_pattern({?MODULE, other, 1}, Spec, Options) of
         1 ->
             other(1),
             Count = erlang:trace_info({?MODULE, other, 1}, call_count),
             erlang:trace_pattern({?MODULE, other, 1}, false, [local, meta, call_count, call_time]),
             {Options, Count}
     catch error:badarg -> {Options, badarg}
     end || Options <- [[{meta, whereis(init)}, call_count], [local, call_count], [call_count],
                        [call_time], [call_count, call_time]]].

%% A debugger's breakpoints call the error handler.
breakpoint(Module, Function, Arguments) -> {broken, Module, Function, Arguments}.

breakpoints() ->
    {Pid, Monitor} = spawn_monitor(fun() ->
        process_flag(error_handler, ?MODULE),
        Set = erts_debug:breakpoint({?MODULE, other, 1}, true),
        First = [other(1), ?MODULE:other(2)],
        Off = erts_debug:breakpoint({?MODULE, other, 1}, false),
        exit({Set, First, Off, other(3)})
    end),
    Result = receive {'DOWN', Monitor, process, Pid, R} -> R end,
    {Result,
     [try erts_debug:breakpoint(MFA, Value) catch error:Reason -> Reason end
      || {MFA, Value} <- [{{?MODULE, none, 1}, true}, {{none, other, 1}, true}, {x, true},
                          {{?MODULE, other, 1}, maybe}, {{'_', other, 1}, true},
                          {{?MODULE, 1, 1}, true}]]}.

profile_flags() ->
    Self = self(),
    [begin
         erlang:system_profile(Self, Flags),
         {Self, Got} = erlang:system_profile(),
         erlang:system_profile(undefined, []),
         Got
     end || Flags <- [[runnable_procs], [scheduler, runnable_procs, runnable_ports],
                      [runnable_ports, runnable_procs]]].

%% The function that calls it is told about, too, and stands in the stack trace.
never_returns() ->
    Spec = [{'_', [], [{exception_trace}]}],
    Bifs = [{{erlang, F, 1}, Spec, [global]} || F <- [error, exit, throw, atom_to_list]],
    Own = [{{?MODULE, F, 1}, Spec, [global]} || F <- [ends, leaves, throws, fails]],
    Funs = [fun ?MODULE:ends/1, fun ?MODULE:leaves/1, fun ?MODULE:throws/1, fun ?MODULE:fails/1],
    Tester = self(),
    Told = told([call], Bifs ++ Own,
                fun() -> Tester ! {traces, [top(F) || F <- Funs]} end),
    receive {traces, Traces} -> {Traces, Told} end.

top(F) ->
    try F(1), none
    catch Class:Reason:Trace -> {Class, Reason, [{M, N} || {M, N, _, _} <- lists:sublist(Trace, 2)]}
    end.

%% trace_info/2 names it until the function is called once more.
ended_meta_tracer() ->
    {Tracer, Monitor} = spawn_monitor(fun() -> receive stop -> ok end end),
    erlang:trace_pattern({?MODULE, other, 1}, [{'_', [], []}], [{meta, Tracer}]),
    Info = fun() -> [erlang:trace_info({?MODULE, other, 1}, I) || I <- [meta, meta_match_spec]] end,
    Tracer ! stop,
    receive {'DOWN', Monitor, process, Tracer, normal} -> ok end,
    [{meta, Before}, Spec] = Info(),
    ?MODULE:other(1),
    After = Info(),
    ?MODULE:other(2),
    Later = Info(),
    erlang:trace_pattern({?MODULE, other, 1}, false, [meta]),
    {Before =:= Tracer, Spec, After, Later, Info()}.

%% The last kind of timestamp holds; system_profile/0 does not tell it.
profile_timestamps() ->
    [profile_timestamp(Flags)
     || Flags <- [[], [timestamp], [monotonic_timestamp], [strict_monotonic_timestamp],
                  [timestamp, monotonic_timestamp], [strict_monotonic_timestamp, timestamp], [x]]].

profile_timestamp(Flags) ->
    Worker = spawn(?MODULE, worker, []),
    Profiler = spawn(fun() -> receive {events, Asker} -> Asker ! {events, events(Worker)} end end),
    try erlang:system_profile(Profiler, [runnable_procs | Flags]) of
        undefined ->
            run(Worker, fun() -> ok end),
            timer:sleep(50),
            {Profiler, Got} = erlang:system_profile(),
            erlang:system_profile(undefined, []),
            Profiler ! {events, self()},
            receive {events, Events} -> {Got, lists:usort([Kind || {_, Kind} <- Events])} end
    catch
        error:Reason -> Reason
    end.

events(Worker) ->
    receive
        {profile, Worker, State, _, {_, _, _}} -> [{State, timestamp} | events(Worker)];
        {profile, Worker, State, _, {Time, Unique}} when is_integer(Time), is_integer(Unique) ->
            [{State, strict_monotonic} | events(Worker)];
        {profile, Worker, State, _, Time} when is_integer(Time) ->
            [{State, monotonic} | events(Worker)];
        {profile, Other, _, _, _} when Other =/= Worker -> events(Worker)
    after 0 -> []
    end.

%% Calls are no longer timed when the tracer has ended.
time_without_tracer() ->
    Worker = spawn(?MODULE, worker, []),
    erlang:trace_pattern({?MODULE, other, 1}, true, [call_time]),
    {Tracer, Monitor} = spawn_monitor(fun() -> erlang:trace(Worker, true, [call]),
                                               receive stop -> ok end end),
    timer:sleep(20),
    run(Worker, fun() -> ?MODULE:other(1), ?MODULE:other(2) end),
    Before = timed_calls(),
    Tracer ! stop,
    receive {'DOWN', Monitor, process, Tracer, normal} -> ok end,
    run(Worker, fun() -> ?MODULE:other(3) end),
    After = timed_calls(),
    erlang:trace_pattern({?MODULE, other, 1}, false, [call_time]),
    {Before, After, erlang:trace_info(Worker, flags)}.

timed_calls() ->
    {call_time, Rows} = erlang:trace_info({?MODULE, other, 1}, call_time),
    [Calls || {_, Calls, _, _} <- Rows].
