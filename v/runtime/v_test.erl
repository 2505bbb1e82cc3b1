%% Runs the test functions of a `_test.v` file and reports as V's own test runner does.
%%
%% A failed assertion ends its function; the others run. A panic ends the program. The functions
%% come in the order of the source, with `testsuite_begin` first and `testsuite_end` last;
%% `before_each` and `after_each` go around each test. What to run and how much to tell comes from
%% configure/1, for the programs that start after it.
-module(v_test).

-export([configure/1, run/2, assertion/3, propagation_failed/3]).

-type options() :: #{
    %% A line for each test function, and a summary.
    stats => boolean(),
    %% Patterns with `*` and `?`; tests whose names match none of them are left out.
    only => [unicode:chardata()]
}.

-define(OPTIONS, {v_test, options}).

-spec configure(options()) -> ok.
configure(Options) ->
    persistent_term:put(?OPTIONS, Options).

%% Name and fun of each function, and the file they stand in. Throws the exit status 1 when one
%% failed.
-spec run(binary(), [{atom(), fun(() -> term())}]) -> ok.
run(File, Functions) ->
    Options = persistent_term:get(?OPTIONS, #{}),
    put(v_testing, true),
    Stats = maps:get(stats, Options, false),
    Named = [{short(Name), Fun} || {Name, Fun} <- Functions],
    Around = around(Named),
    Chosen = [F || {Name, _} = F <- Named, chosen(Name, maps:get(only, Options, []))],
    Stats andalso v_rt:println([<<"running tests in: ">>, File]),
    Start = erlang:monotonic_time(microsecond),
    Results = [one(F, Around, Stats) || F <- Chosen],
    Stats andalso summary(File, Results, erlang:monotonic_time(microsecond) - Start),
    case lists:member(false, Results) of
        true -> throw({v_exit, 1});
        false -> ok
    end.

short(Name) -> lists:last(binary:split(atom_to_binary(Name), <<".">>, [global])).

around(Named) ->
    Of = fun(Name) -> proplists:get_value(Name, Named, fun() -> ok end) end,
    {Of(<<"before_each">>), Of(<<"after_each">>)}.

chosen(<<"before_each">>, _) -> false;
chosen(<<"after_each">>, _) -> false;
chosen(<<"testsuite_", _/binary>>, _) -> true;
chosen(_, []) -> true;
chosen(Name, Patterns) ->
    lists:any(fun(P) -> matches(unicode:characters_to_binary(P), Name) end, Patterns).

%% `*` stands for any characters, `?` for one. After a star only the last one can be tried again, so
%% this takes at most length times length steps.
matches(Pattern, Name) -> matches(Pattern, Name, none).

matches(<<$*, P/binary>>, N, _) -> matches(P, N, {P, N});
matches(<<$?, P/binary>>, <<_, N/binary>>, Star) -> matches(P, N, Star);
matches(<<C, P/binary>>, <<C, N/binary>>, Star) -> matches(P, N, Star);
matches(<<>>, <<>>, _) -> true;
matches(_, _, {P, <<_, N/binary>>}) -> matches(P, N, {P, N});
matches(_, _, _) -> false.

one({Name, Fun}, {Before, After}, Stats) ->
    Start = erlang:monotonic_time(microsecond),
    Passed =
        case Name of
            <<"test_", _/binary>> ->
                Ran = passes(fun() -> Before(), Fun() end),
                %% After a failure, too: it frees what the test took.
                passes(After) andalso Ran;
            _ ->
                passes(Fun)
        end,
    Stats andalso line(Name, Passed, erlang:monotonic_time(microsecond) - Start),
    Passed.

passes(Fun) ->
    try Fun() of
        _ -> true
    catch
        error:{v_assert, Text}:_ ->
            v_rt:eprintln(Text),
            false
    end.

line(Name, Passed, Microseconds) ->
    Label =
        case Passed of
            true -> <<"OK">>;
            false -> <<"FAIL">>
        end,
    v_rt:println(io_lib:format("     ~-5ts ~9.3f ms | ~ts()", [Label, Microseconds / 1000, Name])).

summary(File, Results, Microseconds) ->
    Failed = length([false || false <- Results]),
    Passed = length(Results) - Failed,
    Kinds = [{Failed, "failed"}, {Passed, "passed"}],
    v_rt:println([
        io_lib:format("     Summary for running V tests in \"~ts\": ", [filename:basename(File)]),
        [io_lib:format("~b ~ts, ", [N, What]) || {N, What} <- Kinds, N > 0],
        io_lib:format("~b total. Elapsed time: ~b ms.", [length(Results), Microseconds div 1000])
    ]).

%% The text of a failed assertion: where, both sides of the comparison as
%% [Source, Value, Source, Value], and the user's message. `Where` ends in
%% `: FAIL: fn NAME: assert SOURCE`.
-spec assertion(binary(), [binary()], [binary()]) -> binary().
assertion(Where, Sides, Message) ->
    [Place, Rest] = binary:split(Where, <<": FAIL: fn ">>),
    [Function, Source] = binary:split(Rest, <<": assert ">>),
    iolist_to_binary([
        [head(Place, Function), $\n],
        compared(Source, Sides),
        [[<<"        Message: ">>, M, $\n] || M <- Message]
    ]).

head(Place, Function) ->
    [Place, <<": ", 16#E2, 16#9C, 16#97, " fn ">>, plain(Function)].

plain(<<"main.", Name/binary>>) -> Name;
plain(Name) -> Name.

compared(Source, [_, LeftValue, _, RightValue]) ->
    Left = [$`, LeftValue, $`],
    Right = [$`, RightValue, $`],
    Repeated = binary:match(Source, iolist_to_binary([<<"== ">>, RightValue])) =/= nomatch,
    Shown = fun(Before, After) ->
        [Before, <<"   Right value ">>, len(RightValue), After, Right, $\n]
    end,
    %% A long value has a line of its own.
    case max(iolist_size(Left), iolist_size(Right)) > 30 of
        true ->
            [
                [<<"  > assert ">>, Source, $\n],
                [<<"    Left value ">>, len(LeftValue), <<"\n      ">>, Left, $\n],
                [Shown(<<" ">>, <<"\n      ">>) || not Repeated]
            ];
        false ->
            [
                [<<"   > assert ">>, Source, $\n],
                [<<"     Left value ">>, len(LeftValue), $\s, Left, $\n],
                [Shown(<<" ">>, <<" ">>) || not Repeated]
            ]
    end;
compared(Source, []) ->
    [<<"    assert ">>, Source, $\n].

len(Value) -> io_lib:format("(len: ~b):", [iolist_size(Value)]).

%% `call()!` met an error in a test function.
-spec propagation_failed(binary(), binary(), binary()) -> no_return().
propagation_failed(Place, Function, Message) ->
    Said = <<" failed propagation with error: ">>,
    erlang:error({v_assert, iolist_to_binary([head(Place, Function), Said, Message, $\n])}).
