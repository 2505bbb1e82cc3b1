%% A campaign of faults in the running system: `vbeam chaos` boots this program. It injects one
%% after the other, as a seed chooses, under load, and looks after each whether all is as it was:
%% the tree whole and answering, the console answering what is typed at the serial line, what was
%% acknowledged still there, memory returned.
%%
%% What happens is told to the machine outside by lines on the debug console (vbeam_chaos_report),
%% which no driver of the system knows; cli/chaos/protocol.ts reads them. The machine types
%% what is asked for at the serial line, and disturbs interrupts where it can.
%%
%% The program itself, below vbeam_app_sup, does nothing: it is one of those that are ended. The
%% campaign is a process of its own, beside the tree.
-module(vbeam_chaos).
-export([main/4, answer/1]).
-export([run/4]).

%% A fault must be healed within so many milliseconds. What is suspended is noticed by the guardian
%% at its second look, a suspended guardian by the driver of the watchdog.
-define(DEADLINE_MS, 45000).
-define(POLL_MS, 1).
-define(POLL_MS_MAX, 64).
%% What was typed may have been lost with the process that was to read it.
-define(TYPE_AGAIN_MS, 120).
%% Between two faults.
-define(PAUSE_MS_MIN, 2).
-define(PAUSE_MS, 12).
%% Memory is compared, with the load at rest, after so many faults.
-define(ROUND, 50).
-define(SETTLE_MS, 20000).

-record(campaign, {
    report :: vbeam_chaos_report:report(),
    machine :: simulated | qemu,
    %% Faults of one kind only, or `all`.
    only :: atom(),
    shape :: vbeam_chaos_tree:shape(),
    load :: pid(),
    memory :: map() | undefined,
    %% When each name was last made to fail, and when children of the root were ended.
    history = vbeam_chaos_tree:no_history() :: vbeam_chaos_tree:history()
}).

-spec main(Seed :: atom(), Faults :: atom(), Machine :: atom(), Only :: atom()) -> no_return().
main(Seed, Faults, Machine, Only) ->
    case whereis(?MODULE) of
        undefined ->
            Numbers = [list_to_integer(atom_to_list(Each)) || Each <- [Seed, Faults]],
            spawn(?MODULE, run, Numbers ++ [Machine, Only]);
        _ ->
            ok
    end,
    wait().

wait() ->
    receive
        _ -> wait()
    end.

%% Typed at the shell's prompt. It counts when it is printed, not before: behind what garbage has
%% made the shell print, that may take a while, and who ends the shell then loses it.
-spec answer(integer()) -> ok.
answer(Number) ->
    ok = io:format("{chaos_answer,~b}~n", [Number]),
    ?MODULE ! {answered, Number},
    ok.

%% ---- the campaign

-spec run(integer(), pos_integer(), Machine :: atom(), Only :: atom()) -> ok.
run(Seed, Faults, Machine, Only) ->
    true = register(?MODULE, self()),
    vbeam_hw:system_process(),
    process_flag(priority, max),
    Report = vbeam_chaos_report:open(),
    try
        campaign(Seed, Faults, Machine, Only, Report)
    catch
        Class:Reason:Trace ->
            vbeam_chaos_report:line(Report, "broken ~0tp", [{Class, Reason, Trace}])
    end.

campaign(Seed, Faults, Machine, Only, Report) ->
    %% A report of each crash would be all that the serial line has time for.
    ok = logger:set_primary_config(level, none),
    rand:seed(exsss, Seed),
    Shape = settle(erlang:monotonic_time(millisecond) + ?SETTLE_MS),
    vbeam_chaos_report:line(Report, "begin ~b", [Seed]),
    Load = vbeam_chaos_load:start(),
    Campaign = #campaign{
        report = Report, machine = Machine, only = Only, shape = Shape, load = Load
    },
    finish(faults(1, Faults, Campaign)).

%% The tree as it is once everything has started, the shell, too.
settle(Deadline) ->
    Shape = vbeam_chaos_tree:shape(),
    receive after 200 -> ok end,
    case {vbeam_chaos_tree:shape(), vbeam_chaos_health:tree(Shape), whereis(user)} of
        {Shape, ok, User} when is_pid(User) ->
            Shape;
        _ ->
            erlang:monotonic_time(millisecond) < Deadline orelse exit(does_not_settle),
            settle(Deadline)
    end.

faults(Number, Faults, Campaign) when Number > Faults ->
    Campaign;
faults(Number, Faults, Campaign) ->
    receive after ?PAUSE_MS_MIN + rand:uniform(?PAUSE_MS) -> ok end,
    {Fault, Rested} = choose(Campaign),
    case inject(Number, Fault, Rested) of
        {healed, Next} -> faults(Number + 1, Faults, memory(Number, Next));
        unhealed -> exit({unhealed, Number})
    end.

%% A fault that the system promises to survive (vbeam_chaos_tree:allowed/3). When the one chosen is
%% more than that, because its like was just before, either another is taken or time passes.
choose(#campaign{machine = Machine, only = Only, history = History} = Campaign) ->
    {Kind, Target} = vbeam_chaos_faults:choose(Machine, Only),
    case vbeam_chaos_tree:allowed(vbeam_chaos_faults:effect(Kind), Target, History) of
        true ->
            Now = erlang:monotonic_time(millisecond),
            {{Kind, Target}, Campaign#campaign{
                history = vbeam_chaos_tree:remember(Target, Now, History)
            }};
        false ->
            _ = rand:uniform(8) =:= 1 andalso rest(Campaign),
            choose(Campaign)
    end.

%% More than a minute, in which nothing fails: the ladder and the supervisors forget.
rest(#campaign{load = Load, report = Report}) ->
    vbeam_chaos_report:line(Report, "rest", []),
    vbeam_chaos_load:pause(Load),
    receive after 61000 -> ok end,
    vbeam_chaos_load:go(Load).

inject(Number, {Kind, Target}, #campaign{report = Report} = Campaign) ->
    Name = vbeam_chaos_tree:name(Target),
    vbeam_chaos_report:line(Report, "fault ~b ~s ~0tp ~b", [Number, Kind, Name, microseconds()]),
    vbeam_chaos_load:note(Number),
    Begin = microseconds(),
    vbeam_chaos_faults:inject(Kind, Target, fun(Format, Arguments) ->
        vbeam_chaos_report:line(Report, Format, Arguments)
    end),
    type(Number, 0, Report),
    heal(Number, Begin, Campaign).

type(Number, Times, Report) ->
    vbeam_chaos_report:line(Report, "type ~b ~b", [Number, Times]).

-record(healing, {
    begin_us :: integer(),
    %% When the tree was whole, and the console had answered; and how often it was asked.
    tree :: integer() | undefined,
    console :: integer() | undefined,
    asked = 0 :: non_neg_integer(),
    asked_us :: integer(),
    poll = ?POLL_MS :: pos_integer()
}).

heal(Number, Begin, Campaign) ->
    heal(Number, #healing{begin_us = Begin, asked_us = Begin}, undefined, Campaign).

heal(Number, #healing{begin_us = Begin} = Healing, Before, Campaign) ->
    #campaign{shape = Shape, report = Report} = Campaign,
    Problem = vbeam_chaos_health:problem(Shape, Number),
    Now = microseconds(),
    Seen = tree_seen(Problem, Now, console_seen(Number, Now, Healing)),
    case {Problem, Seen#healing.console} of
        {ok, Console} when Console =/= undefined ->
            vbeam_chaos_report:line(Report, "healed ~b ~b ~b", [
                Number, Seen#healing.tree - Begin, Console - Begin
            ]),
            {healed, Campaign};
        _ when Now - Begin > ?DEADLINE_MS * 1000 ->
            What = case Problem of ok -> console_does_not_answer; _ -> Problem end,
            [
                vbeam_chaos_report:line(Report, "note ~b ~0tp", [Now - Begin, Each])
             || Each <- vbeam_chaos_health:shells()
            ],
            vbeam_chaos_report:line(Report, "unhealed ~b ~0tp", [Number, What]),
            unhealed;
        _ ->
            Problem =:= ok orelse Problem =:= Before orelse
                vbeam_chaos_report:line(Report, "note ~b ~0tp", [Now - Begin, Problem]),
            Asked = ask_again(Number, Now, Seen, Report),
            await(Number, Asked#healing.poll),
            Poll = min(?POLL_MS_MAX, Asked#healing.poll * 2),
            heal(Number, Asked#healing{poll = Poll}, Problem, Campaign)
    end.

tree_seen(ok, Now, #healing{tree = undefined} = Healing) -> Healing#healing{tree = Now};
tree_seen(ok, _, Healing) -> Healing;
tree_seen(_, _, Healing) -> Healing#healing{tree = undefined}.

console_seen(Number, Now, #healing{console = undefined} = Healing) ->
    receive
        {answered, Number} -> Healing#healing{console = Now}
    after 0 -> Healing
    end;
console_seen(_, _, Healing) ->
    Healing.

ask_again(Number, Now, #healing{console = undefined, asked = Asked} = Healing, Report) when
    Now - Healing#healing.asked_us > ?TYPE_AGAIN_MS * 1000
->
    type(Number, Asked + 1, Report),
    Healing#healing{asked = Asked + 1, asked_us = Now};
ask_again(_, _, Healing, _) ->
    Healing.

%% The answer of the console is not waited for longer than it takes; of an earlier question it is
%% worth nothing.
await(Number, Milliseconds) ->
    receive
        {answered, Number} ->
            self() ! {answered, Number};
        {answered, _} ->
            ok
    after Milliseconds -> ok
    end.

%% ---- memory

memory(Number, Campaign) when Number rem ?ROUND =/= 0 ->
    Campaign;
memory(Number, #campaign{load = Load, report = Report, memory = Before} = Campaign) ->
    vbeam_chaos_load:pause(Load),
    Now = vbeam_chaos_health:memory(),
    vbeam_chaos_load:go(Load),
    vbeam_chaos_report:line(Report, "memory ~b ~0tp", [Number, Now]),
    case Before of
        undefined ->
            Campaign#campaign{memory = Now};
        _ ->
            More = vbeam_chaos_health:more(Before, Now, Number),
            More =:= [] orelse vbeam_chaos_report:line(Report, "leak ~b ~0tp", [Number, More]),
            Campaign
    end.

%% ---- the end

finish(#campaign{load = Load, report = Report}) ->
    Lines = vbeam_chaos_load:stop(Load),
    ok = vbeam_serial:drain(),
    vbeam_chaos_report:line(Report, "lines ~b", [Lines]),
    [vbeam_chaos_report:line(Report, "lost ~0tp", [Each]) || Each <- vbeam_chaos_load:lost()],
    vbeam_chaos_report:line(Report, "end", []),
    halt(0).

microseconds() ->
    erlang:monotonic_time(microsecond).
