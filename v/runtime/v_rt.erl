%% What every compiled V program needs: output, panics, exit, assertions, and the launcher.
%%
%% A panic is an ordinary Erlang error `{v_panic, Message}`: under a supervisor it is a crash with a stack trace that
%% names V files and lines. Only `run/1` turns it into V's own text and exit status.
-module(v_rt).

-export([run/1, start_link/1, init_task/2, finish/0, println/1, print/1, eprintln/1, eprint/1]).
-export([panic/1, panic_atom/1, exit/1, assert_failed/3, equal_tagged/3, equal_wrapped/3]).

%% Runs a compiled V program as a command does: prints a panic as V does and stops the system with V's exit status.
run(Module) ->
    catch io:setopts(standard_io, [{encoding, unicode}]),
    catch io:setopts(standard_error, [{encoding, unicode}]),
    try Module:main() of
        _ -> stop(0)
    catch
        throw:{v_exit, Code} ->
            stop(Code);
        error:{v_panic, Message}:Trace ->
            eprintln([<<"V panic: ">>, Message]),
            show_trace(Trace),
            stop(1);
        error:{v_assert, Text}:_ ->
            eprintln(Text),
            stop(1);
        Class:Reason:Trace ->
            io:format(standard_error, "V panic: ~p:~p~n", [Class, Reason]),
            show_trace(Trace),
            stop(1)
    end.

%% Starts a program as a supervised process.
start_link(Module) ->
    proc_lib:start_link(?MODULE, init_task, [self(), Module]).

init_task(Parent, Module) ->
    proc_lib:init_ack(Parent, {ok, self()}),
    try
        Module:main()
    catch
        throw:{v_exit, 0} -> ok;
        throw:{v_exit, Code} -> erlang:exit({v_exit, Code})
    end.

%% The end of main: nothing is buffered, so there is nothing to flush.
finish() ->
    ok.

stop(Code) ->
    erlang:halt(Code band 255).

show_trace(Trace) ->
    lists:foreach(
        fun
            ({'v.main', Function, _, Location}) ->
                File = proplists:get_value(file, Location, "?"),
                Line = proplists:get_value(line, Location, 0),
                io:format(standard_error, "~ts:~b: by ~ts~n", [File, Line, Function]);
            (_) ->
                ok
        end,
        Trace
    ).

%% Text goes out as the bytes it is made of. A device takes characters, so bytes that are no UTF-8 are sent as
%% Latin-1 characters instead of being dropped.
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

%% A failed assertion: where, both sides of the comparison as [Source, Value, Source, Value], and the user's message.
assert_failed(Where, Sides, Message) ->
    Compared =
        case Sides of
            [Left, LeftValue, Right, RightValue] ->
                [side(<<"   left value: ">>, Left, LeftValue), side(<<"  right value: ">>, Right, RightValue)];
            [] ->
                []
        end,
    Said = [[<<"  message: ">>, M, $\n] || M <- Message],
    Panic = [<<"V panic: Assertion failed...">>],
    erlang:error({v_assert, iolist_to_binary([Where, $\n, Compared, Said, Panic])}).

side(Name, Source, Value) when Source =:= Value -> [Name, Value, $\n];
side(Name, Source, Value) -> [Name, Source, <<" = ">>, Value, $\n].

%% Equality of sum type values whose payloads need a comparison of their own.
equal_tagged({Tag, A}, {Tag, B}, Comparers) ->
    {Tag, Equal} = lists:keyfind(Tag, 1, Comparers),
    Equal(A, B);
equal_tagged(_, _, _) ->
    false.

equal_wrapped({ok, A}, {ok, B}, Equal) -> Equal(A, B);
equal_wrapped({some, A}, {some, B}, Equal) -> Equal(A, B);
equal_wrapped(A, B, _) -> A =:= B.
