%% Runs a suite of Common Test and prints one line when a case starts and one when it has ended:
%%   case SUITE GROUP:CASE starts
%%   case SUITE GROUP:CASE ok|skipped|failed MILLISECONDS REASON
%% and `suite SUITE ended` at the end. What to run comes from a generated module suite_plan:
%% #{suite, done (cases to leave out, by name), data_dir, priv_dir, limit_ms, scale}. Groups run in
%% sequence whatever their properties say.
-module(suite_runner).
-export([main/0]).

-define(TIMETRAP_MS, 1800000).
-define(REASON_CHARACTERS, 400).
%% Between two cases: what a case has left behind ends, reports are logged: under
%% Common Test it has time while logs are written.
-define(PAUSE_MS, 20).

-record(run, {suite, done, limit_ms, scale, groups, timetrap}).

main() ->
    #{suite := Suite, done := Done, data_dir := Data, priv_dir := Private, limit_ms := Limit,
      scale := Scale} = suite_plan:plan(),
    %% Limits are kept also when a case's processes of high priority use up the only scheduler.
    process_flag(priority, max),
    _ = filelib:ensure_path(Private),
    _ = file:set_cwd(Private),
    log_to(filename:join(Private, "log")),
    _ = application:start(sasl),
    group_leader(suite_output:start(), self()),
    {module, Suite} = code:ensure_loaded(Suite),
    Run = #run{suite = Suite, done = Done, limit_ms = Limit, scale = Scale,
               groups = optional(Suite, groups, [], []),
               timetrap = timetrap(optional(Suite, suite, [], []), ?TIMETRAP_MS)},
    suite(Run, [{data_dir, Data}, {priv_dir, Private}]),
    print("suite ~s ended~n", [Suite]).

%% What is logged goes to a file, by a handler with the name and the filters of OTP's own.
log_to(File) ->
    {ok, Handler} = logger:get_handler_config(default),
    ok = logger:remove_handler(default),
    ok = logger:add_handler(default, logger_std_h, Handler#{config => #{file => File}}).

suite(#run{suite = Suite} = Run, Config) ->
    Items = Suite:all(),
    case configure(Run, init_per_suite, [Config], Config) of
        {ok, Config1} when is_list(Items) ->
            items(Items, [], Config1, Run),
            configure(Run, end_per_suite, [Config1], Config1);
        {ok, _} -> items([], [], Config, Run);
        Verdict -> refuse(Items, [], Verdict, Run)
    end.

%% Call a configuration function; {ok, Config}, {skipped, Reason} or {failed, Reason}.
configure(#run{suite = Suite} = Run, Name, Arguments, Config) ->
    case erlang:function_exported(Suite, Name, length(Arguments)) of
        false -> {ok, Config};
        true ->
            Fun = fun() -> apply(Suite, Name, Arguments) end,
            case suite_case:call(Fun, limit(Run#run.timetrap, Run), Run#run.limit_ms) of
                {value, {skip, Reason}} -> {skipped, Reason};
                {value, {skipped, Reason}} -> {skipped, Reason};
                {value, {fail, Reason}} -> {failed, Reason};
                {value, NewConfig} when is_list(NewConfig) -> {ok, NewConfig};
                {value, _} -> {ok, Config};
                {failed, Reason} -> {failed, {Name, Reason}}
            end
    end.

items(Items, Path, Config, Run) ->
    [item(Item, Path, Config, Run) || Item <- Items],
    ok.

item({group, Name}, Path, Config, Run) -> named_group(Name, [], Path, Config, Run);
item({group, Name, Properties}, Path, Config, Run) when is_list(Properties) ->
    named_group(Name, Properties, Path, Config, Run);
item({group, Name, _, _}, Path, Config, Run) -> named_group(Name, [], Path, Config, Run);
item({testcase, Name, Properties}, Path, Config, Run) ->
    test_case(Name, timetrap(Properties, Run#run.timetrap), Path, Config, Run);
item({Name, Properties, Items}, Path, Config, Run) when is_list(Items) ->
    group(Name, Properties, Items, Path, Config, Run);
item(Name, Path, Config, Run) when is_atom(Name) ->
    test_case(Name, Run#run.timetrap, Path, Config, Run).

named_group(Name, More, Path, Config, #run{groups = Groups} = Run) ->
    case lists:keyfind(Name, 1, Groups) of
        {Name, Properties, Items} -> group(Name, More ++ Properties, Items, Path, Config, Run);
        {Name, Items} -> group(Name, More, Items, Path, Config, Run)
    end.

group(Name, Properties, Items, Path, Config, #run{suite = Suite} = Run) ->
    Inner = [Name | Path],
    Timetrap = timetrap(optional(Suite, group, [Name], []), Run#run.timetrap),
    Run1 = Run#run{timetrap = Timetrap},
    Config1 = [{tc_group_properties, [{name, Name} | Properties]} | Config],
    case configure(Run1, init_per_group, [Name, Config1], Config1) of
        {ok, Config2} ->
            items(Items, Inner, Config2, Run1),
            configure(Run1, end_per_group, [Name, Config2], Config2);
        Verdict ->
            refuse(Items, Inner, Verdict, Run1)
    end.

%% The cases below something that could not be initialised.
refuse(Items, Path, Verdict, Run) when is_list(Items) ->
    [refuse_item(Item, Path, Verdict, Run) || Item <- Items];
refuse(_, _, _, _) -> ok.

refuse_item({group, Name}, Path, Verdict, Run) -> refuse_group(Name, Path, Verdict, Run);
refuse_item({group, Name, _}, Path, Verdict, Run) -> refuse_group(Name, Path, Verdict, Run);
refuse_item({group, Name, _, _}, Path, Verdict, Run) -> refuse_group(Name, Path, Verdict, Run);
refuse_item({testcase, Name, _}, Path, Verdict, Run) ->
    report(Name, Path, 0, Verdict, Run);
refuse_item({Name, _, Items}, Path, Verdict, Run) -> refuse(Items, [Name | Path], Verdict, Run);
refuse_item(Name, Path, Verdict, Run) -> report(Name, Path, 0, Verdict, Run).

refuse_group(Name, Path, Verdict, #run{groups = Groups} = Run) ->
    Group = lists:keyfind(Name, 1, Groups),
    refuse(element(tuple_size(Group), Group), [Name | Path], Verdict, Run).

test_case(Name, Timetrap, Path, Config, #run{suite = Suite, done = Done} = Run) ->
    Full = full_name(Name, Path),
    case lists:member(Full, Done) of
        true -> ok;
        false ->
            print("case ~s ~ts starts~n", [Suite, Full]),
            Limit = limit(timetrap(optional(Suite, Name, [], []), Timetrap), Run),
            Started = erlang:monotonic_time(millisecond),
            Result = suite_case:run(Suite, Name, Config, Limit, Run#run.limit_ms),
            Elapsed = erlang:monotonic_time(millisecond) - Started,
            report(Name, Path, Elapsed, Result, Run),
            timer:sleep(?PAUSE_MS)
    end.

report(Name, Path, Elapsed, Result, #run{suite = Suite, done = Done}) ->
    Full = full_name(Name, Path),
    {Word, Reason} =
        case Result of
            ok -> {ok, ""};
            {What, Why} -> {What, reason(Why)}
        end,
    [print("case ~s ~ts ~s ~b ~ts~n", [Suite, Full, Word, Elapsed, Reason])
     || not lists:member(Full, Done)].

reason(Reason) ->
    Text = io_lib:format("~0tP", [Reason, 30]),
    string:slice([C || C <- lists:flatten(Text), C =/= $\n], 0, ?REASON_CHARACTERS).

full_name(Name, Path) ->
    lists:concat(lists:join(":", lists:reverse([Name | Path]))).

optional(Suite, Name, Arguments, Default) ->
    case erlang:function_exported(Suite, Name, length(Arguments)) of
        true -> apply(Suite, Name, Arguments);
        false -> Default
    end.

timetrap(Properties, Default) when is_list(Properties) ->
    case lists:keyfind(timetrap, 1, [P || P <- Properties, is_tuple(P)]) of
        {timetrap, Time} -> suite_time:milliseconds(Time);
        false -> Default
    end;
timetrap(_, Default) -> Default.

limit(infinity, _) -> infinity;
limit(Milliseconds, #run{scale = Scale}) -> Milliseconds * Scale.

print(Format, Arguments) ->
    io:put_chars(user, io_lib:format(Format, Arguments)).
