%% Drivers are upgraded while messages flow, fall back when they fail, and nothing is lost. The
%% versions are files of the boot archive.
-module(upgrade_live).
-export([main/0]).

main() ->
    try
        run()
    catch
        Class:Reason:Stack ->
            io:format("failed: ~p~n", [{Class, Reason, Stack}]),
            timer:sleep(1000),
            halt(1)
    end.

run() ->
    {ok, _} = supervisor:start_child(vbeam_hal_sup, vbeam_ladder:child(counter)),
    Pid = whereis(counter),
    io:format("version ~p~n", [element(1, counter:count())]),
    Sender = spawn_link(fun() -> send(1) end),
    wait(20),
    {ok, #{from := 1, to := 2, changed := [Pid]}} = vbeam:upgrade("/versions/2/counter.beam"),
    wait(20),
    io:format("version ~p, the same process: ~p~n", [
        element(1, counter:count()), whereis(counter) =:= Pid
    ]),
    {error, {code_change, Pid, {not_this_way, here}}} =
        vbeam:upgrade("/versions/3/counter.beam", #{extra => here}),
    io:format("version ~p after one that refuses~n", [element(1, counter:count())]),
    io:format("refused: ~p~n", [[wrong(What) || What <- wrongs()]]),
    io:format("version ~p after what is no module~n", [element(1, counter:count())]),
    {ok, #{to := 1}} = vbeam:rollback(counter),
    io:format("version ~p after the way back~n", [element(1, counter:count())]),
    {ok, #{to := 2}} = vbeam:upgrade("/versions/2/counter.beam"),
    Sender ! {stop, self()},
    Sent = receive {sent, Messages} -> Messages end,
    {_, Counted, Sum} = counter:count(),
    io:format("all counted: ~p~n", [{Counted, Sum} =:= {Sent, Sent * (Sent + 1) div 2}]),
    {ok, #{to := 4}} = vbeam:upgrade("/versions/4/counter.beam"),
    [begin catch counter:add(0), wait(10) end || _ <- lists:seq(1, 20)],
    wait(500),
    io:format("version ~p after a failure, the same process: ~p~n", [
        element(1, counter:count()), whereis(counter) =:= Pid
    ]),
    serial().

send(N) ->
    counter:add(N),
    receive
        {stop, From} -> From ! {sent, N}
    after 1 -> send(N + 1)
    end.

wait(Milliseconds) ->
    receive after Milliseconds -> ok end.

wrongs() ->
    {ok, Beam} = file:read_file("/versions/2/counter.beam"),
    Half = byte_size(Beam) div 2,
    <<Begin:Half/binary, _/binary>> = Beam,
    [Begin, <<"no module">>, "/versions/9/counter.beam", no_such_module, damaged(Beam)].

%% The code itself, beginning with its header of 20 bytes, makes no sense any more.
damaged(Beam) ->
    {At, 4} = binary:match(Beam, <<"Code">>),
    Before = At + 8 + 24,
    <<Begin:Before/binary, _:64, End/binary>> = Beam,
    <<Begin/binary, 16#ff:8, 0:48, 16#ff:8, End/binary>>.

wrong(What) ->
    {error, Reason} = vbeam:upgrade(What),
    case is_tuple(Reason) of
        true -> element(1, Reason);
        false -> Reason
    end.

%% The driver of the line that this goes out by.
serial() ->
    Self = self(),
    Writer = spawn_link(fun() -> [line(N) || N <- lists:seq(1, 600)], Self ! {self(), written} end),
    {ok, #{changed := [_]}} = vbeam:upgrade("/versions/serial/vbeam_serial.beam"),
    receive {Writer, written} -> ok end,
    Version = proplists:get_value(vsn, vbeam_serial:module_info(attributes)),
    io:format("serial driver: version ~p~n", [Version]).

line(N) ->
    io:format("line ~b abcdefghijklmnopqrstuvwxyz~n", [N]).
