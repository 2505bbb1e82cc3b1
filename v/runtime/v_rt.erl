%% What every compiled V program needs: output, panics, exit, assertions, and the launcher.
%%
%% A panic is an ordinary Erlang error `{v_panic, Message}`: under a supervisor it is a crash with a
%% stack trace that names V files and lines. Only `run/1` turns it into V's own text and exit
%% status.
-module(v_rt).

-export([
    application/1, supervised/1,
    ready/3, run/1, status/1, start_link/1, init_task/2, finish/0, println/1, print/1, eprintln/1,
    eprint/1
]).
-export([
    option_error/2, same_option/2, panic/1, panic_atom/1, exit/1, assert_failed/3,
    equal_tagged/3, equal_wrapped/3, type_name/1
]).

%% Runs a compiled V program as a command does: prints a panic as V does and stops the system with
%% V's exit status.
run(Module) ->
    unicode_devices(),
    erlang:halt(status(Module) band 255).

%% V's text is UTF-8, whatever the devices took it for before.
unicode_devices() ->
    Devices = [standard_io, standard_error],
    _ = [catch io:setopts(Device, [{encoding, unicode}]) || Device <- Devices],
    ok.

%% Before an exported function of a module: its constants are computed once for each version of it.
ready(Module, Version, Init) ->
    case persistent_term:get({v_ready, Module}, none) of
        Version ->
            ok;
        _ ->
            Init(),
            persistent_term:put({v_ready, Module}, Version)
    end.

%% Runs a program in a process of its own and says with which status it ended. Its threads end with
%% it.
status(Module) ->
    {Pid, Monitor} = spawn_monitor(fun() -> erlang:exit(task(Module)) end),
    receive
        {'DOWN', Monitor, process, Pid, Reason} -> ended(Reason)
    end.

task(Module) ->
    try
        Module:main(),
        {v_exit, 0}
    catch
        throw:{v_exit, Code} -> {v_exit, Code};
        error:Reason:Trace -> {v_failed, Reason, Trace}
    end.

ended({v_exit, Code}) ->
    Code;
ended({v_failed, {v_panic, Message}, Trace}) ->
    eprintln([<<"V panic: ">>, Message]),
    show_trace(Trace),
    1;
ended({v_failed, {v_assert, Text}, _}) ->
    eprintln(Text),
    1;
ended({v_failed, Reason, Trace}) ->
    eprintln(io_lib:format("V panic: ~p", [Reason])),
    show_trace(Trace),
    1;
ended(Reason) ->
    eprintln(io_lib:format("V panic: ~p", [Reason])),
    1.

%% Starts a program as a supervised process, see supervised/1.
start_link(Module) ->
    proc_lib:start_link(?MODULE, init_task, [self(), Module]).

init_task(Parent, Module) ->
    proc_lib:init_ack(Parent, {ok, self()}),
    supervised(Module).

%% Runs a program as the system's application, by V's own rules: a panic, in whichever thread, ends
%% it with status 1. Who kills this process kills the program; then the supervisor starts it again.
%% Does not return.
application(Module) ->
    unicode_devices(),
    Outcome = outcome(Module),
    Status = ended(Outcome),
    report(Module, Outcome),
    erlang:exit({shutdown, {exit_status, Status band 255}}).

%% A panic is in the system's log as a crash of any process is, with V's files and lines.
report(Module, {v_failed, Reason, Trace}) ->
    Text = erl_error:format_exception(error, Reason, Trace),
    logger:error("V program ~ts ended by a panic~n~ts", [Module, Text]);
report(_, _) ->
    ok.

%% The same below a supervisor that does something about panics: the process ends with the panic as
%% its reason, and so is started again.
supervised(Module) ->
    unicode_devices(),
    case outcome(Module) of
        {v_exit, Code} ->
            erlang:exit({shutdown, {exit_status, Code band 255}});
        Reason ->
            _ = ended(Reason),
            eprintln([atom_to_binary(Module), <<": its supervisor starts it again">>]),
            erlang:exit(panic_of(Reason))
    end.

panic_of({v_failed, Reason, Trace}) -> {Reason, Trace};
panic_of(Reason) -> Reason.

%% How a program ended that runs in a process of its own, linked to this one.
outcome(Module) ->
    process_flag(trap_exit, true),
    Program = spawn_link(fun() -> erlang:exit(task(Module)) end),
    receive
        {'EXIT', Program, Reason} ->
            Reason;
        {'EXIT', _, Reason} ->
            erlang:exit(Program, kill),
            erlang:exit(Reason)
    end.

%% The end of main: nothing is buffered, so there is nothing to flush.
finish() ->
    ok.

show_trace(Trace) ->
    lists:foreach(
        fun
            ({_, Function, _, [_ | _] = Location}) when Function =/= main ->
                File = proplists:get_value(file, Location, "?"),
                Line = proplists:get_value(line, Location, 0),
                Text = [File, $:, integer_to_list(Line), ": by ", shown(Function)],
                [eprintln(Text) || filename:extension(File) =:= ".v"];
            (_) ->
                ok
        end,
        Trace
    ).

%% Loops are functions of their own; the trace names the V function they stand in.
shown(Function) ->
    case atom_to_binary(Function) of
        <<"-", Lifted/binary>> -> shown_plain(hd(binary:split(Lifted, <<"/">>)));
        Name -> shown_plain(Name)
    end.

shown_plain(<<"main.", _/binary>> = Name) -> Name;
shown_plain(Name) -> <<"main.", Name/binary>>.

%% Text goes out as the bytes it is made of. A device takes characters, so bytes that are no UTF-8
%% are sent as Latin-1 characters instead of being dropped.
println(Text) -> put_text(standard_io, [Text, $\n]).
print(Text) -> put_text(standard_io, Text).
eprintln(Text) -> put_text(standard_error, [Text, $\n]).
eprint(Text) -> put_text(standard_error, Text).

put_text(Device, Text) ->
    case unicode:characters_to_binary(Text) of
        Bytes when is_binary(Bytes) ->
            io:put_chars(Device, Bytes);
        _ ->
            io:put_chars(Device, unicode:characters_to_binary(iolist_to_binary(Text), latin1))
    end,
    ok.

-spec panic(iodata()) -> no_return().
panic(Message) ->
    erlang:error({v_panic, iolist_to_binary(Message)}).

-spec panic_atom(atom()) -> no_return().
panic_atom(Message) ->
    erlang:error({v_panic, atom_to_binary(Message)}).

exit(Code) ->
    throw({v_exit, Code}).

%% A failed assertion: where, both sides of the comparison as [Source, Value, Source, Value], and
%% the user's message.
assert_failed(Where, Sides, Message) ->
    Text =
        case get(v_testing) of
            true -> v_test:assertion(Where, Sides, Message);
            undefined -> assertion(Where, Sides, Message)
        end,
    erlang:error({v_assert, Text}).

assertion(Where, Sides, Message) ->
    Compared =
        case Sides of
            [Left, LeftValue, Right, RightValue] ->
                [
                    side(<<"   left value: ">>, Left, LeftValue),
                    side(<<"  right value: ">>, Right, RightValue)
                ];
            [] ->
                []
        end,
    Said = [[<<"  message: ">>, M, $\n] || M <- Message],
    Panic = [<<"V panic: Assertion failed...">>],
    iolist_to_binary([Where, $\n, Compared, Said, Panic]).

side(Name, Source, Value) when Source =:= Value -> [Name, Value, $\n];
side(Name, Source, Value) -> [Name, Source, <<" = ">>, Value, $\n].

%% The name of the type that a sum type or interface value holds.
type_name(Tag) ->
    case atom_to_binary(Tag) of
        <<"&", Name/binary>> -> Name;
        Name -> Name
    end.

%% Equality of sum type values whose payloads need a comparison of their own.
equal_tagged({Tag, A}, {Tag, B}, Comparers) ->
    {Tag, Equal} = lists:keyfind(Tag, 1, Comparers),
    Equal(A, B);
equal_tagged(A, B, _) ->
    A =:= nil andalso B =:= nil.

%% An option without a value is `none`, or `{err, Error}` when an error was returned where an option
%% is expected.
option_error({err, Error}, _) -> Error;
option_error(_, None) -> None.

same_option({err, _}, {err, _}) -> true;
same_option({err, _}, none) -> true;
same_option(none, {err, _}) -> true;
same_option(A, B) -> A =:= B.

equal_wrapped({ok, A}, {ok, B}, Equal) -> Equal(A, B);
equal_wrapped({some, A}, {some, B}, Equal) -> Equal(A, B);
equal_wrapped(A, B, _) -> same_option(A, B).
