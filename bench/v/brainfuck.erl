-module(brainfuck).
-export([main/0]).

squares() ->
    <<"++++[>+++++<-]>[<+++++>-]+<+[>[>+>+<<-]++>>[<<+>>-]>>>[-]++>[-]+>>>+[[-]++++++>>>]<<<[[<+++",
        "+++++<++>>-]+<.<[>----<-]<]<<[>>>>>[>>>[-]+++++++++<[>-<-]+++++++++>[-[<->-]+[<<<]]<[>+<",
        "-]>]<<-]<<-]">>.

jumps(Program) -> list_to_tuple([T || {_, T} <- lists:sort(jumps(Program, 0, [], []))]).

jumps(Program, I, _, Targets) when I =:= byte_size(Program) ->
    Targets;
jumps(Program, I, Open, Targets) ->
    case binary:at(Program, I) of
        $[ -> jumps(Program, I + 1, [I | Open], Targets);
        $] -> jumps(Program, I + 1, tl(Open), [{I, hd(Open)}, {hd(Open), I} | Targets]);
        _ -> jumps(Program, I + 1, Open, [{I, 0} | Targets])
    end.

%% The tape is a tuple.
run(Program) ->
    step(Program, jumps(Program), 0, erlang:make_tuple(100, 0), 0, []).

step(Program, _, I, _, _, Output) when I >= byte_size(Program) ->
    lists:reverse(Output);
step(Program, Targets, I, Tape, At, Output) ->
    case binary:at(Program, I) of
        $> -> step(Program, Targets, I + 1, Tape, At + 1, Output);
        $< -> step(Program, Targets, I + 1, Tape, At - 1, Output);
        $+ ->
            Value = (element(At + 1, Tape) + 1) band 255,
            step(Program, Targets, I + 1, setelement(At + 1, Tape, Value), At, Output);
        $- ->
            Value = (element(At + 1, Tape) - 1) band 255,
            step(Program, Targets, I + 1, setelement(At + 1, Tape, Value), At, Output);
        $. ->
            step(Program, Targets, I + 1, Tape, At, [element(At + 1, Tape) | Output]);
        $[ when element(At + 1, Tape) =:= 0 ->
            step(Program, Targets, element(I + 1, Targets) + 1, Tape, At, Output);
        $] when element(At + 1, Tape) =/= 0 ->
            step(Program, Targets, element(I + 1, Targets) + 1, Tape, At, Output);
        _ ->
            step(Program, Targets, I + 1, Tape, At, Output)
    end.

main() ->
    Texts = [run(squares()) || _ <- lists:seq(1, 5)],
    io:put_chars(lists:last(Texts)).
