%% Ports to programs of the host, for tests/erl_programs.test.ts: what a port gets, in order.
-module(host_programs).
-export([main/0]).

main() ->
    process_flag(trap_exit, true),
    lists:foreach(fun show/1, opened() ++ others()),
    halt().

show({Name, Fun}) ->
    io:format("~ts: ~tp~n", [Name, try Fun() catch error:Reason -> {error, Reason} end]).

opened() ->
    [{io_lib:format("~p ~p", [Command, Options]), fun() -> collected(Command, Options) end}
        || {Command, Options} <- ports()].

sh(Script) -> {spawn_executable, "/bin/sh", Script}.

ports() ->
    [
        {{spawn_executable, "none/such"}, [exit_status]},
        {{spawn_executable, "plain"}, [exit_status]},
        {{spawn_executable, "."}, [exit_status]},
        {{spawn_executable, "/bin/echo"}, [exit_status, {args, ["a", "b c", <<"d">>, 'e']}]},
        {sh("echo $0; exit 7"), [exit_status, {arg0, "zz"}]},
        {sh("echo one; sleep 0.1; echo fourfour; printf three"), [exit_status, {line, 4}]},
        {sh("printf three"), [exit_status, {line, 100}, binary]},
        {sh("echo end"), [exit_status, eof, binary]},
        {sh("echo out; echo err >&2"), [exit_status, stderr_to_stdout, stream]},
        {sh("kill -9 $$"), [exit_status]},
        {sh("exit 3"), []},
        {sh("printf '\\000\\003abc\\000\\001'; printf z"), [{packet, 2}, exit_status, binary]},
        {sh("printf '\\000\\000\\000\\002hi'"), [{packet, 4}, exit_status]},
        {sh("echo to three >&4"), [nouse_stdio, exit_status]},
        {sh("echo in only"), [in, exit_status]},
        {{spawn, "echo hi"}, [exit_status, binary]},
        {{spawn, "nosuchprogram-here"}, [exit_status, stderr_to_stdout]},
        {{spawn, "pwd"}, [exit_status, {cd, "/"}]},
        {{spawn, "echo $FOO $HOME $BAR"},
            [exit_status, {env, [{"FOO", "bar"}, {"HOME", false}, {"BAR", []}]}]},
        {{spawn, 'echo x'}, [binary]},
        {{spawn, "printf 'a\\r\\nb\\n\\r\\n'"}, [{line, 1}]},
        {{spawn, "printf 'abc\\r\\nd'"}, [{line, 2}, binary]},
        {{spawn, "printf 'abcd\\r\\ne\\r\\r\\nf\\rg\\r'"}, [{line, 3}]},
        {{spawn, "printf 'abcd\\r\\n'"}, [{line, 4}]},
        {{spawn, "printf 'a\\r'"}, [{line, 1}, eof]},
        {{spawn, "printf 'a\\r'"}, [{line, 2}, eof]},
        {{spawn, <<"echo y">>}, [binary]},
        {{spawn, "echo ä€"}, [binary, exit_status]},
        {{spawn, "cat"}, [{args, ["a"]}]},
        {{spawn, ""}, []},
        {{spawn, [$a, 0, $b]}, [binary]},
        {{spawn, "echo a"}, [foo]},
        {{spawn, "echo a"}, [{packet, 3}]},
        {{spawn, "echo a"}, [{packet, 2}, {line, 3}]},
        {{spawn, "echo a"}, [nouse_stdio, stderr_to_stdout]},
        {{spawn, "echo a"}, [{env, [{"A=B", "x"}]}]},
        {{spawn, "echo $A"}, [{env, [{["A"], ["x", [$y]]}]}]},
        {{spawn, "echo a"}, [{env, [{"", "x"}]}]},
        {{spawn, "echo a"}, [{env, [{a}]}]},
        {{spawn, "echo a"}, [{cd, 1}]},
        {{spawn_executable, "/bin/cat"}, [{args, [1]}]},
        {{spawn_executable, "/bin/cat"}, [{args, ["a" | b]}]},
        {{fd, 0, 1}, [exit_status]},
        {{spawn_driver, "foo"}, []}
    ].

collected({spawn_executable, File, Script}, Options) ->
    collected({spawn_executable, File}, [{args, ["-c", Script]} | Options]);
collected(Command, Options) ->
    try open_port(Command, Options) of
        Port -> joined(messages(Port, lists:member(eof, Options)))
    catch
        error:Reason:Stack -> {Reason, element(4, hd(Stack))}
    end.

open_error(Options) ->
    try port_close(open_port({spawn, "true"}, Options)) catch error:Reason -> Reason end.

%% All that a port sends, up to its end.
messages(Port, Eof) ->
    receive
        {Port, eof} when Eof -> port_close(Port), [eof];
        {Port, Message} -> [Message | messages(Port, Eof)];
        {'EXIT', Port, Reason} -> [{exit, Reason}]
    after 10000 -> [nothing]
    end.

%% How data are cut into pieces depends on the moment.
joined([{data, First}, {data, Second} | Rest]) when is_list(First) ->
    case is_integer(hd(First ++ [0])) of
        true -> joined([{data, First ++ Second} | Rest]);
        false -> [{data, First} | joined([{data, Second} | Rest])]
    end;
joined([Message | Rest]) -> [Message | joined(Rest)];
joined([]) -> [].

others() ->
    [
        {"to and fro", fun() ->
            Port = open_port({spawn, "cat"}, [binary, {packet, 4}]),
            true = is_integer(element(2, erlang:port_info(Port, os_pid))),
            port_command(Port, ["ab", <<"c">>]),
            Port ! {self(), {command, "def"}},
            Got = [receive {Port, {data, Data}} -> Data end || _ <- [1, 2]],
            Port ! {self(), close},
            Closed = receive {Port, closed} -> closed after 5000 -> none end,
            {Got, erlang:port_info(Port), Closed}
        end},
        {"much in both directions", fun() ->
            Port = open_port({spawn, "cat"}, [binary, stream]),
            Data = binary:copy(<<"0123456789">>, 100000),
            port_command(Port, Data),
            Got = received(Port, byte_size(Data), []),
            port_close(Port),
            Got =:= Data
        end},
        {"a program that does not read", fun() ->
            Port = open_port({spawn, "sleep 1"}, [binary, exit_status]),
            [port_command(Port, binary:copy(<<"x">>, 100000), [nosuspend]) || _ <- [1, 2, 3]],
            Result = port_command(Port, "y", [nosuspend]),
            port_close(Port),
            Result
        end},
        {"the name and the end of a killed program", fun() ->
            Port = open_port({spawn, "sleep 100"}, [exit_status]),
            {os_pid, Pid} = erlang:port_info(Port, os_pid),
            Name = erlang:port_info(Port, name),
            os:cmd("kill -TERM " ++ integer_to_list(Pid)),
            {Name, messages(Port, false)}
        end},
        {"writing when nobody reads", fun() ->
            Port = open_port({spawn, "sh -c 'exec 0<&-; sleep 2'"}, [binary]),
            timer:sleep(500),
            port_command(Port, "abc"),
            messages(Port, false)
        end},
        {"a packet that is too large", fun() ->
            Port = open_port({spawn, "cat"}, [{packet, 1}]),
            {port_command(Port, lists:duplicate(300, $a)), messages(Port, false)}
        end},
        {"port_control", fun() ->
            Port = open_port({spawn, "cat"}, []),
            Result = (catch port_control(Port, 1, "a")),
            port_close(Port),
            element(1, element(2, Result))
        end},
        {"what no environment is", fun() ->
            [open_error([{env, Env}])
                || Env <- [[{"A", a}], [{"A", true}], [{"A", <<"x">>}], [{<<"A">>, "x"}],
                           [{a, "x"}], [{"A", [-1]}], [{"A", [0]}], [{"A", "x", "y"}],
                           [{"A", "x"} | b], 1]]
        end},
        {"nothing follows the end", fun() ->
            Port = open_port({spawn, "echo a"}, [eof, binary]),
            Got = [receive {Port, Message} -> Message after 5000 -> nothing end || _ <- [1, 2]],
            {Got, receive {Port, Another} -> Another after 500 -> nothing end, port_close(Port)}
        end},
        {"os:cmd", fun() -> os:cmd("echo a; echo b >&2; cat; exit 3") end},
        {"programs start in the current folder", fun() -> elsewhere() end},
        {"os:cmd with a limit", fun() -> os:cmd("printf 0123456789", #{max_size => 5}) end},
        {"os:cmd and bytes", fun() -> os:cmd("printf '\\303\\244'") end},
        {"os:cmd without such a program", fun() -> os:cmd("nosuchprogram-here") end},
        {"os:cmd and the environment", fun() ->
            os:putenv("SHOWN", "ä b"),
            os:cmd("echo $SHOWN")
        end},
        {"many at once", fun() ->
            Self = self(),
            Pids = [spawn(fun() -> Self ! {self(), os:cmd("echo " ++ integer_to_list(N))} end)
                || N <- lists:seq(1, 20)],
            [receive {Pid, Text} -> Text end || Pid <- Pids]
        end},
        {"writers that do not wait", fun impatient/0}
    ].

%% Several processes write whenever the port is not busy, while the program sends it all back.
impatient() ->
    Port = open_port({spawn_executable, "/bin/cat"}, [binary]),
    Writers = [spawn_monitor(fun() -> impatient(Port, 50) end) || _ <- [1, 2, 3]],
    Got = received(Port, 3 * 50 * 10000, []),
    Ends = [receive {'DOWN', Monitor, process, Pid, Reason} -> Reason after 20000 -> stuck end
            || {Pid, Monitor} <- Writers],
    true = port_close(Port),
    {byte_size(Got), Ends}.

impatient(_, 0) -> ok;
impatient(Port, Blocks) ->
    case port_command(Port, <<0:80000>>, [nosuspend]) of
        true -> impatient(Port, Blocks - 1);
        false -> erlang:yield(), impatient(Port, Blocks)
    end.

received(_, Bytes, Got) when Bytes =< 0 -> iolist_to_binary(lists:reverse(Got));
received(Port, Bytes, Got) ->
    receive
        {Port, {data, Data}} -> received(Port, Bytes - byte_size(Data), [Data | Got])
    after 20000 -> {missing, Bytes}
    end.

%% What programs see of the current folder, with and without the option cd.
elsewhere() ->
    {ok, Before} = file:get_cwd(),
    ok = filelib:ensure_path("elsewhere/below"),
    ok = file:set_cwd("elsewhere"),
    try
        ok = file:write_file("here", "found"),
        Ports = [collected({spawn, "pwd"}, [exit_status | Options])
                 || Options <- [[], [{cd, "below"}], [{cd, "."}], [{cd, ".."}], [{cd, "none"}]]],
        [os:cmd("cat here; pwd"), os:cmd("ls ../elsewhere") | Ports]
    after
        file:set_cwd(Before)
    end.
