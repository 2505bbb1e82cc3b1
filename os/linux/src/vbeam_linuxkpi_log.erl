%% What modules print: lines of the system's log, with the level that the text begins with
%% (linux/kern_levels.h). The last lines of a process are kept for those who ask.
-module(vbeam_linuxkpi_log).
-compile(nowarn_export_all).
-compile(export_all).

-define(START_OF_HEADER, 1).
-define(LINES_KEPT, 200).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"_printk">>, <<"__warn_printk">>, <<"_dev_err">>, <<"_dev_warn">>, <<"_dev_info">>,
            <<"_dev_notice">>, <<"_dev_printk">>, <<"_dev_crit">>, <<"_dev_alert">>,
            <<"_dev_emerg">>, <<"__dynamic_pr_debug">>, <<"__dynamic_dev_dbg">>, <<"panic">>,
            <<"dump_stack">>, <<"___ratelimit">>, <<"add_taint">>,
            <<"print_hex_dump">>, <<"__printk_ratelimit">>, <<"netdev_info">>, <<"netdev_err">>,
            <<"netdev_warn">>, <<"netdev_printk">>, <<"vprintk">>
        ]
    ].

'_printk'(Format, Arguments) -> printed(vbeam_linuxkpi_text:format(Format, Arguments)).
vprintk(Format, List) -> printed(vbeam_linuxkpi_text:format(Format, {list, List})).
'__warn_printk'(Format, Arguments) -> printed(vbeam_linuxkpi_text:format(Format, Arguments)).
'_dev_err'(Device, Format, Arguments) -> device(Device, Format, Arguments).
'_dev_warn'(Device, Format, Arguments) -> device(Device, Format, Arguments).
'_dev_info'(Device, Format, Arguments) -> device(Device, Format, Arguments).
'_dev_notice'(Device, Format, Arguments) -> device(Device, Format, Arguments).
'_dev_crit'(Device, Format, Arguments) -> device(Device, Format, Arguments).
'_dev_alert'(Device, Format, Arguments) -> device(Device, Format, Arguments).
'_dev_emerg'(Device, Format, Arguments) -> device(Device, Format, Arguments).
'_dev_printk'(_Level, Device, Format, Arguments) -> device(Device, Format, Arguments).
netdev_info(Device, Format, Arguments) -> net_device(Device, Format, Arguments).
netdev_err(Device, Format, Arguments) -> net_device(Device, Format, Arguments).
netdev_warn(Device, Format, Arguments) -> net_device(Device, Format, Arguments).
netdev_printk(_Level, Device, Format, Arguments) -> net_device(Device, Format, Arguments).
%% Debugging output is off, as it is in Linux until somebody asks for it.
'__dynamic_pr_debug'(_Descriptor, _Format, _Arguments) -> ok.
'__dynamic_dev_dbg'(_Descriptor, _Device, _Format, _Arguments) -> ok.
dump_stack() -> ok.
'___ratelimit'(_State, _Function) -> true.
'__printk_ratelimit'(_Function) -> true.
add_taint(_Flag, _LockDep) -> ok.
print_hex_dump(_Level, Prefix, _Type, _Row, _Group, Buffer, Bytes, _Ascii) ->
    Data = vbeam_ko_memory:read(Buffer, min(Bytes, 4096)),
    Hex = [io_lib:format(" ~2.16.0b", [B]) || <<B>> <= Data],
    printed([vbeam_ko_memory:string(Prefix), Hex]).
panic(Format, Arguments) ->
    Text = iolist_to_binary(vbeam_linuxkpi_text:format(Format, Arguments)),
    exit({panic, Text}).

device(0, Format, Arguments) ->
    printed(["(NULL device *): ", vbeam_linuxkpi_text:format(Format, Arguments)]);
device(Device, Format, Arguments) ->
    Name = case vbeam_ko_memory:get(Device, device, init_name) of
        0 -> vbeam_ko_memory:get(Device, device, [kobj, name]);
        Given -> Given
    end,
    Prefix = case Name of 0 -> "(unnamed device)"; _ -> vbeam_ko_memory:string(Name) end,
    printed([Prefix, ": ", vbeam_linuxkpi_text:format(Format, Arguments)]).

net_device(Device, Format, Arguments) ->
    Name = vbeam_ko_memory:string(Device + vbeam_ko_interface:offset(net_device, name)),
    printed([Name, ": ", vbeam_linuxkpi_text:format(Format, Arguments)]).

%% The number of bytes printed.
printed(Text) ->
    Bytes = iolist_to_binary(Text),
    Lines = [Line || Line <- binary:split(Bytes, <<"\n">>, [global]), Line =/= <<>>],
    lists:foreach(fun(Line) -> vbeam_ko_machine:log("~ts", [printable(without_level(Line))]) end,
        Lines),
    byte_size(Bytes).

without_level(<<?START_OF_HEADER, _, Text/binary>>) -> Text;
without_level(Text) -> Text.

printable(Text) ->
    << <<(case C >= 32 andalso C < 127 of true -> C; false -> $? end)>> || <<C>> <= Text >>.

-spec line(iodata(), string(), [term()]) -> ok.
line(Prefix, Format, Arguments) ->
    Text = unicode:characters_to_binary([Prefix, io_lib:format(Format, Arguments)]),
    Kept = case get({?MODULE, lines}) of undefined -> []; Lines -> Lines end,
    put({?MODULE, lines}, lists:sublist([Text | Kept], ?LINES_KEPT)),
    logger:notice("~ts", [Text]).

%% The last lines, oldest first.
-spec lines() -> [binary()].
lines() -> case get({?MODULE, lines}) of undefined -> []; Lines -> lists:reverse(Lines) end.
