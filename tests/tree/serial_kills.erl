%% Output under fire: one process writes numbered lines, another ends the serial driver KILLS times,
%% at moments that a seed chooses. Whoever reads the serial line checks that each line came once.
%% Prints how long it took from each kill until the driver served a request.
-module(serial_kills).
-export([main/0]).

-define(KILLS, 1000).

main() ->
    Self = self(),
    Writer = spawn_link(fun() -> write(Self, 1) end),
    rand:seed(exsss, 42),
    Times = lists:sort([kill() || _ <- lists:seq(1, ?KILLS)]),
    Writer ! stop,
    receive
        {written, Lines} ->
            At = fun(Share) -> lists:nth(max(1, ceil(Share * length(Times))), Times) div 1000 end,
            io:format("wrote ~b lines~n", [Lines]),
            io:format("recovered in us: ~b ~b ~b~n", [At(0.5), At(0.99), At(1)])
    end.

write(Parent, Number) ->
    receive
        stop -> Parent ! {written, Number - 1}
    after 0 ->
        Digits = integer_to_binary(Number),
        ok = vbeam_serial:write(<<"line ", Digits/binary, " abcdefghijklmnopqrstuvwxyz\n">>),
        write(Parent, Number + 1)
    end.

%% Nanoseconds from the kill until the next driver answers.
kill() ->
    receive
    after rand:uniform(4) - 1 -> ok
    end,
    case whereis(vbeam_serial) of
        undefined ->
            kill();
        Pid ->
            Start = erlang:monotonic_time(nanosecond),
            exit(Pid, kill),
            served(Pid),
            erlang:monotonic_time(nanosecond) - Start
    end.

served(Old) ->
    case whereis(vbeam_serial) of
        Pid when is_pid(Pid), Pid =/= Old ->
            try
                _ = vbeam_serial:status(),
                ok
            catch
                exit:_ -> served(Old)
            end;
        _ ->
            erlang:yield(),
            served(Old)
    end.
