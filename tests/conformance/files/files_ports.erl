%% Ports that are opened with the name of a file: reading, writing, framing, ends, refusals.
-module(files_ports).
-export([cases/0]).

cases() ->
    [{Name, fun() -> conformance_cases:in_folder(Name, F) end} || {Name, F} <- [
        {"written", fun written/1}, {"read", fun read/1}, {"lines", fun lines/1},
        {"packets", fun packets/1}, {"large", fun large/1}, {"both", fun both/1},
        {"refused", fun refused/1}, {"what is told", fun told/1}, {"killed", fun killed/1}
    ]].

messages() ->
    receive
        {Port, What} when is_port(Port) -> [What | messages()];
        {'EXIT', Port, Why} when is_port(Port) -> [{'EXIT', Why} | messages()]
    after 300 -> []
    end.

attempt(Fun) ->
    try Fun() of
        Value when is_port(Value) -> port;
        Value -> Value
    catch
        error:Reason -> Reason
    end.

written(D) ->
    File = D ++ "/file",
    ok = file:write_file(File, "what was there before"),
    Port = open_port(File, [out]),
    Port ! {self(), {command, ["hello", <<" ">>]}},
    true = port_command(Port, <<"world">>),
    Port ! {self(), close},
    receive {Port, closed} -> ok end,
    {file:read_file(File), attempt(fun() -> port_command(Port, "x") end)}.

read(D) ->
    File = D ++ "/file",
    ok = file:write_file(File, "one\ntwo"),
    process_flag(trap_exit, true),
    _ = open_port(File, [in]),
    A = messages(),
    _ = open_port(File, [in, binary, eof]),
    B = messages(),
    ok = file:write_file(File, ""),
    _ = open_port(File, [in, eof]),
    {A, B, messages()}.

lines(D) ->
    File = D ++ "/file",
    ok = file:write_file(File, "one\na longer one\nend"),
    process_flag(trap_exit, true),
    _ = open_port(list_to_atom(File), [in, {line, 5}, eof]),
    messages().

packets(D) ->
    File = D ++ "/file",
    Port = open_port(File, [out, {packet, 2}]),
    true = port_command(Port, "abc"),
    true = port_command(Port, []),
    true = port_close(Port),
    Bytes = file:read_file(File),
    _ = open_port(File, [in, {packet, 2}, eof]),
    {Bytes, messages()}.

large(D) ->
    File = D ++ "/file",
    Data = binary:copy(<<"0123456789">>, 30000),
    Port = open_port(File, [out, binary]),
    true = port_command(Port, Data),
    true = port_close(Port),
    _ = open_port(File, [in, binary, eof]),
    Read = iolist_to_binary([B || {data, B} <- messages()]),
    {filelib:file_size(File), Read =:= Data}.

both(D) ->
    File = D ++ "/file",
    process_flag(trap_exit, true),
    Port = open_port(File, [binary, eof]),
    First = messages(),
    true = port_command(Port, "written"),
    true = port_close(Port),
    {First, file:read_file(File)}.

refused(D) ->
    ok = file:write_file(D ++ "/file", "x"),
    [attempt(fun() -> open_port(Name, Options) end)
     || {Name, Options} <- [{D ++ "/none", [in]}, {D ++ "/none/x", [out]}, {D ++ "/none/x", []},
                            {D ++ "/file", [in, exit_status]}, {"", [in]}, {D ++ "/file", [odd]},
                            {'', [in]}]].

told(D) ->
    File = D ++ "/file",
    Port = open_port(File, [out]),
    true = port_command(Port, "123"),
    Items = [erlang:port_info(Port, I) || I <- [output, input, os_pid]],
    {name, Name} = erlang:port_info(Port, name),
    Control = attempt(fun() -> port_control(Port, 1, "x") end),
    true = port_close(Port),
    {Items, Name =:= File, Control, erlang:port_info(Port)}.

killed(D) ->
    process_flag(trap_exit, true),
    Port = open_port(D ++ "/file", [out]),
    exit(Port, kill),
    {messages(), file:read_file(D ++ "/file")}.
