%% What erlang:system_info/1 answers as text to info, loaded, procs and dist. Stands in for OTP's
%% erts/emulator/beam/break.c: the sections are those of its crash dumps, as far as there is
%% something to say here. The VM calls text/1.
-module(vbeam_system_text).
-export([text/1]).

-spec text(info | loaded | procs | dist) -> binary().
text(What) ->
    unicode:characters_to_binary(section(What)).

section(info) ->
    [
        "=memory\n",
        [row(Type, Bytes) || {Type, Bytes} <- erlang:memory()],
        "=index_table:atom_tab\n",
        row("limit", erlang:system_info(atom_limit)),
        row("entries", erlang:system_info(atom_count)),
        "=index_table:process_tab\n",
        row("limit", erlang:system_info(process_limit)),
        row("entries", erlang:system_info(process_count)),
        "=index_table:port_tab\n",
        row("limit", erlang:system_info(port_limit)),
        row("entries", erlang:system_info(port_count)),
        "=index_table:ets_tab\n",
        row("limit", erlang:system_info(ets_limit)),
        row("entries", erlang:system_info(ets_count))
    ];
section(loaded) ->
    [
        row("Current code", erlang:memory(code)),
        [module(Module) || Module <- erlang:loaded()]
    ];
section(procs) ->
    [[process(Pid) || Pid <- processes()], [port(Port) || Port <- erlang:ports()]];
section(dist) ->
    [io_lib:format("=node:'~ts'~n", [node()]), "=no_distribution\n"].

row(Name, Value) ->
    io_lib:format("~ts: ~tw~n", [Name, Value]).

module(Module) ->
    case erlang:check_old_code(Module) of
        true -> io_lib:format("~tw (old)~n", [Module]);
        false -> io_lib:format("~tw~n", [Module])
    end.

%% Items of process_info/2 with the words of a crash dump.
-define(ITEMS, [
    {message_queue_len, "Message queue length"},
    {links, "Link list"},
    {reductions, "Reductions"},
    {total_heap_size, "Stack+heap"},
    {heap_size, "Heap"},
    {stack_size, "Stack"},
    {memory, "Memory"}
]).

process(Pid) ->
    Keys = [status, registered_name, initial_call, current_function, parent],
    case process_info(Pid, Keys ++ [Item || {Item, _} <- ?ITEMS]) of
        undefined ->
            [];
        Found ->
            [Status, Name, Initial, Current, Parent] = [
                proplists:get_value(Key, Found)
             || Key <- Keys
            ],
            [
                io_lib:format("=proc:~w~n", [Pid]),
                io_lib:format("State: ~s~n", [state(Status)]),
                [row("Name", Name) || Name =/= []],
                call("Spawned as", Initial),
                call("Current call", Current),
                row("Spawned by", parent(Parent)),
                [row(Words, proplists:get_value(Item, Found)) || {Item, Words} <- ?ITEMS]
            ]
    end.

call(Words, {Module, Function, Arity}) ->
    io_lib:format("~ts: ~tw:~tw/~w~n", [Words, Module, Function, Arity]);
call(_, _) ->
    [].

state(waiting) -> "Waiting";
state(running) -> "Running";
state(runnable) -> "Scheduled";
state(garbage_collecting) -> "Garbing";
state(exiting) -> "Exiting";
state(suspended) -> "Suspended";
state(Other) -> atom_to_list(Other).

parent(Pid) when is_pid(Pid) -> Pid;
parent(_) -> [].

port(Port) ->
    case erlang:port_info(Port) of
        undefined ->
            [];
        Info ->
            [
                io_lib:format("=port:~w~n", [Port]),
                [row(Key, Value) || {Key, Value} <- Info, Key =/= name],
                [io_lib:format("name: ~ts~n", [Name]) || {name, Name} <- Info]
            ]
    end.
