%% Mutants of modules: loaded, every export called with various arguments, purged. Outcomes:
%%   r  the loader refused it
%%   d  it ran: all calls returned or raised an error
%%   k  it ran: some call was stopped after a number of slices, or ended its process
%%   n  it was loaded but had no code to call
-module(fuzz_modules).
-export([prepare/0, one/2]).

-define(CALLS_MAX, 24).
-define(SLICES, 3).
%% Processes for the calls of one mutant.
-define(PROCESSES, 4).

prepare() ->
    %% Only the purger may purge.
    true = register(erts_code_purger, self()),
    Arities = vbeam_hw:boot_file(<<"arities">>),
    Names = binary:split(vbeam_hw:boot_file(<<"names">>), <<"\n">>, [global, trim_all]),
    Numbered = lists:zip(Names, lists:seq(1, length(Names))),
    Victims = [fuzz_mutation:victim(binary_to_atom(Name), file(I), Arities)
               || {Name, I} <- Numbered],
    %% Out of this process's heap: collections need not look at it.
    persistent_term:put(fuzz_victims, list_to_tuple(Victims)),
    processes().

file(I) -> vbeam_hw:boot_file(<<"victim/", (integer_to_binary(I))/binary>>).

one(Known, Seed) ->
    fuzz_random:seed(Seed),
    Victims = persistent_term:get(fuzz_victims),
    Victim = fuzz_random:one_of(Victims),
    Code = fuzz_mutation:mutate(Victim, fuzz_random:one_of(Victims)),
    Name = fuzz_mutation:name(Victim),
    case erts_internal:prepare_loading(Name, Code) of
        {error, badfile} -> $r;
        Prepared ->
            Outcome = loaded(erlang:finish_loading([Prepared]), Name, Seed),
            fuzz_runner:kill_others(Known),
            purge(Name),
            Outcome
    end.

loaded(ok, Name, Seed) ->
    case [{Name, F, A} || {F, A} <- erlang:get_module_info(Name, exports), F =/= module_info] of
        [] -> $n;
        Exports -> run(0, list_to_tuple(Exports), Seed, ?PROCESSES, $d)
    end;
loaded({on_load, [Name]}, Name, _) ->
    {Pid, Ref} = fuzz_runner:spawned(fun() -> catch erlang:call_on_load_function(Name) end),
    killed(Pid, Ref, fuzz_runner:ended(Pid, Ref, ?SLICES)),
    erlang:finish_after_on_load(Name, false),
    true = erts_internal:purge_module(Name, prepare_on_load),
    true = erts_internal:purge_module(Name, complete),
    $k.

purge(Name) ->
    case erlang:delete_module(Name) of
        true ->
            true = erts_internal:purge_module(Name, prepare),
            true = erts_internal:purge_module(Name, complete);
        undefined -> ok
    end.

%% Calls from number First on in a process of its own; when it does not come to an end, another one
%% goes on behind the call that was to blame.
run(_, _, _, 0, Outcome) -> Outcome;
run(First, _, _, _, Outcome) when First >= ?CALLS_MAX -> Outcome;
run(First, Exports, Seed, Processes, Outcome) ->
    Runner = self(),
    At = atomics:new(1, []),
    {Pid, Ref} = fuzz_runner:spawned(fun() ->
        Results = calls(First, Exports, Seed, At),
        Runner ! {done, self()},
        receive never -> Results end
    end),
    Ended = fuzz_runner:ended(Pid, Ref, ?SLICES),
    case vbeam_internal:check_memory(all) of
        ok -> ok;
        unchecked -> ok;
        Fault -> fuzz_runner:failed({memory, Fault, after_call, atomics:get(At, 1)})
    end,
    killed(Pid, Ref, Ended),
    case Ended of
        done -> Outcome;
        _ -> run(atomics:get(At, 1) + 1, Exports, Seed, Processes - 1, $k)
    end.

killed(_, _, down) -> ok;
killed(Pid, Ref, _) ->
    exit(Pid, kill),
    receive {'DOWN', Ref, process, Pid, _} -> ok end.

calls(?CALLS_MAX, _, _, _) -> [];
calls(I, Exports, Seed, At) ->
    atomics:put(At, 1, I),
    fuzz_random:seed(Seed * ?CALLS_MAX + I),
    {Module, Function, Arity} = element(1 + I rem tuple_size(Exports), Exports),
    Arguments = [fuzz_terms:any() || _ <- lists:seq(1, Arity)],
    Result = try apply(Module, Function, Arguments)
             catch Class:Reason:Trace -> {Class, Reason, Trace}
             end,
    [Result | calls(I + 1, Exports, Seed, At)].
