%% Terminals of modules (linux/tty_driver.h, linux/tty_port.h): drivers that are registered, and
%% writing to one. Structures: tty_driver, tty_operations, tty_struct, tty_port.
-module(vbeam_linuxkpi_tty).
-compile(nowarn_export_all).
-compile(export_all).

-define(ENODEV, 19).
-define(TERMIOS_BYTES, 64).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"__tty_alloc_driver">>, <<"tty_driver_kref_put">>, <<"tty_register_driver">>,
            <<"tty_unregister_driver">>, <<"tty_port_init">>, <<"tty_port_destroy">>,
            <<"tty_port_open">>, <<"tty_port_close">>, <<"tty_port_hangup">>,
            <<"tty_port_link_device">>
        ]
    ] ++ [{<<"tty_std_termios">>, {data, ?TERMIOS_BYTES, <<>>}}].

'__tty_alloc_driver'(Lines, Owner, Flags) ->
    Driver = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(tty_driver)),
    Ports = vbeam_ko_memory:zeroed(8 * max(1, Lines)),
    [
        vbeam_ko_memory:set(Driver, tty_driver, Field, Value)
     || {Field, Value} <- [{num, Lines}, {owner, Owner}, {flags, Flags}, {ports, Ports}]
    ],
    Driver.
tty_driver_kref_put(Driver) ->
    vbeam_ko_memory:free(vbeam_ko_memory:get(Driver, tty_driver, ports)),
    vbeam_ko_memory:free(Driver).
tty_register_driver(Driver) ->
    put(?MODULE, [Driver | drivers()]),
    0.
tty_unregister_driver(Driver) ->
    put(?MODULE, lists:delete(Driver, drivers())),
    ok.
drivers() -> case get(?MODULE) of undefined -> []; Rows -> Rows end.

tty_port_init(Port) ->
    vbeam_ko_memory:write(Port, <<0:(vbeam_ko_interface:size(tty_port))/unit:8>>).
tty_port_destroy(_Port) -> ok.
tty_port_link_device(Port, Driver, Index) ->
    vbeam_ko_memory:write_u64(vbeam_ko_memory:get(Driver, tty_driver, ports) + 8 * Index, Port).
tty_port_open(Port, Tty, _File) ->
    Count = vbeam_ko_memory:get(Port, tty_port, count),
    vbeam_ko_memory:set(Port, tty_port, count, Count + 1),
    vbeam_ko_memory:set(Port, tty_port, tty, Tty),
    0.
tty_port_close(Port, _Tty, _File) ->
    vbeam_ko_memory:set(Port, tty_port, count, 0),
    vbeam_ko_memory:set(Port, tty_port, tty, 0).
tty_port_hangup(Port) -> tty_port_close(Port, 0, 0).

%% Names of the drivers.
-spec names() -> [binary()].
names() -> [name(Driver) || Driver <- drivers()].

name(Driver) -> vbeam_ko_memory:string(vbeam_ko_memory:get(Driver, tty_driver, name)).

%% Opens the first terminal of a driver, writes to it, and closes it: how many bytes it took.
-spec write(binary(), binary()) -> {ok, integer()} | {error, enodev}.
write(Name, Data) ->
    case [Driver || Driver <- drivers(), name(Driver) =:= Name] of
        [] ->
            {error, enodev};
        [Driver | _] ->
            Tty = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(tty_struct)),
            File = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(file)),
            Port = vbeam_ko_memory:read_u64(vbeam_ko_memory:get(Driver, tty_driver, ports)),
            vbeam_ko_memory:set(Tty, tty_struct, driver, Driver),
            vbeam_ko_memory:set(Tty, tty_struct, port, Port),
            _ = operation(Driver, open, [Tty, File]),
            Taken = vbeam_ko_memory:with(Data, fun(At) ->
                operation(Driver, write, [Tty, At, byte_size(Data)])
            end),
            _ = operation(Driver, close, [Tty, File]),
            [vbeam_ko_memory:free(Each) || Each <- [Tty, File]],
            {ok, Taken}
    end.

operation(Driver, Name, Arguments) ->
    Operations = vbeam_ko_memory:get(Driver, tty_driver, ops),
    case vbeam_ko_memory:get(Operations, tty_operations, Name) of
        0 ->
            0;
        Function ->
            <<Signed:32/signed>> = <<(vbeam_ko_machine:call(Function, Arguments)):32>>,
            Signed
    end.
