%% Loads and runs mutants of modules, or decodes mutants of external terms, one seed after the
%% other, and looks after each whether the VM is sound. Files of the boot archive tell what to do:
%%
%%   range     WHAT FIRST COUNT INTERVAL: `modules` or `terms`, the seeds, and how many of them may
%%             pass before canary and VM are looked at
%%   arities   the number of operands of each instruction, a byte each
%%   names     the victims, a line each; their code is in files victim/1 and so on
%%
%% Each seed leaves two bytes on the emergency console: 16#f8, which no text has, and a letter
%% (fuzz_modules, fuzz_terms). F, a space and a line say what is wrong; then the machine stops with
%% status 1.
-module(fuzz_runner).
-export([run/0, outcome/1, failed/1, spawned/1, ended/3, kill_others/1]).

run() ->
    [What, First, Count, Interval] = words(vbeam_hw:boot_file(<<"range">>)),
    Range = {number(First), number(First) + number(Count)},
    Canary = fuzz_canary:start(),
    Module = case What of <<"modules">> -> fuzz_modules; <<"terms">> -> fuzz_terms end,
    Known = Module:prepare(),
    Constants = fuzz_canary:constants(),
    loop(Module, Known, Range, number(Interval), Canary),
    case fuzz_canary:constants() of
        Constants -> vbeam_hw:power_off(0);
        _ -> failed(constants_have_changed)
    end.

words(Text) -> binary:split(Text, [<<" ">>, <<"\n">>], [global, trim_all]).
number(Text) -> binary_to_integer(Text).

loop(_, _, {End, End}, _, Canary) -> fuzz_canary:check(Canary);
loop(Module, Known, {Seed, End}, Interval, Canary) ->
    Outcome = Module:one(Known, Seed),
    case vbeam_internal:check_memory(all) of
        ok -> ok;
        unchecked -> ok;
        Fault -> failed({memory, Fault})
    end,
    Seed rem Interval =:= 0 andalso fuzz_canary:check(Canary),
    outcome(Outcome),
    loop(Module, Known, {Seed + 1, End}, Interval, Canary).

outcome(Letter) -> vbeam_hw:emergency_write(<<16#f8, Letter>>).

-spec failed(term()) -> no_return().
failed(Why) ->
    outcome($F),
    erlang:display(Why),
    vbeam_hw:power_off(1).

%% A process for what may do anything: it gets no more memory than that.
spawned(Fun) ->
    erlang:spawn_opt(Fun, [monitor, {max_heap_size, #{size => 400_000, error_logger => false}}]).

%% Let others run for so many slices of the scheduler until the process says `{done, Pid}` or ends.
ended(_, _, 0) -> overrun;
ended(Pid, Ref, Slices) ->
    receive
        {done, Pid} -> done;
        {'DOWN', Ref, process, Pid, _} -> down
    after 0 ->
        erlang:yield(),
        ended(Pid, Ref, Slices - 1)
    end.

%% Only these processes go on living.
kill_others(Known) -> kill_others(Known, 1000).

kill_others(_, 0) -> failed(processes_that_cannot_be_killed);
kill_others(Known, Tries) ->
    case processes() -- Known of
        [] -> ok;
        Others ->
            [exit(Pid, kill) || Pid <- Others],
            erlang:yield(),
            kill_others(Known, Tries - 1)
    end.
