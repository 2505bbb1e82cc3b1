%% The files of /proc that tell of the whole system, proc(5). Paths are lists of names.
-module(vbeam_linux_proc_system).
-include("vbeam_linux.hrl").
-export([kind/1, list/1, text/1, mounts/0]).

-type path() :: [binary()].

%% Folders, files and who may read or write them.
table() ->
    [
        {[<<"cmdline">>], {file, 8#444}}, {[<<"cpuinfo">>], {file, 8#444}},
        {[<<"devices">>], {file, 8#444}}, {[<<"filesystems">>], {file, 8#444}},
        {[<<"loadavg">>], {file, 8#444}}, {[<<"meminfo">>], {file, 8#444}},
        {[<<"modules">>], {file, 8#444}}, {[<<"net">>], folder},
        {[<<"net">>, <<"arp">>], {file, 8#444}}, {[<<"net">>, <<"dev">>], {file, 8#444}},
        {[<<"net">>, <<"if_inet6">>], {file, 8#444}}, {[<<"net">>, <<"route">>], {file, 8#444}},
        {[<<"net">>, <<"tcp">>], {file, 8#444}}, {[<<"net">>, <<"tcp6">>], {file, 8#444}},
        {[<<"net">>, <<"udp">>], {file, 8#444}}, {[<<"net">>, <<"unix">>], {file, 8#444}},
        {[<<"partitions">>], {file, 8#444}}, {[<<"stat">>], {file, 8#444}},
        {[<<"swaps">>], {file, 8#444}}, {[<<"sys">>], folder},
        {[<<"sys">>, <<"fs">>], folder}, {[<<"sys">>, <<"fs">>, <<"file-max">>], {file, 8#444}},
        {[<<"sys">>, <<"fs">>, <<"pipe-max-size">>], {file, 8#444}},
        {[<<"sys">>, <<"kernel">>], folder},
        {[<<"sys">>, <<"kernel">>, <<"domainname">>], {file, 8#644}},
        {[<<"sys">>, <<"kernel">>, <<"hostname">>], {file, 8#644}},
        {[<<"sys">>, <<"kernel">>, <<"ngroups_max">>], {file, 8#444}},
        {[<<"sys">>, <<"kernel">>, <<"osrelease">>], {file, 8#444}},
        {[<<"sys">>, <<"kernel">>, <<"ostype">>], {file, 8#444}},
        {[<<"sys">>, <<"kernel">>, <<"pid_max">>], {file, 8#444}},
        {[<<"sys">>, <<"kernel">>, <<"random">>], folder},
        {[<<"sys">>, <<"kernel">>, <<"random">>, <<"boot_id">>], {file, 8#444}},
        {[<<"sys">>, <<"kernel">>, <<"random">>, <<"uuid">>], {file, 8#444}},
        {[<<"sys">>, <<"kernel">>, <<"tainted">>], {file, 8#444}},
        {[<<"sys">>, <<"kernel">>, <<"version">>], {file, 8#444}},
        {[<<"sys">>, <<"vm">>], folder},
        {[<<"sys">>, <<"vm">>, <<"overcommit_memory">>], {file, 8#444}},
        {[<<"uptime">>], {file, 8#444}}, {[<<"version">>], {file, 8#444}}
    ].

-spec kind(path()) -> folder | {file, Access :: non_neg_integer()} | none.
kind(Path) ->
    case lists:keyfind(Path, 1, table()) of
        {_, Kind} -> Kind;
        false -> none
    end.

-spec list(path()) -> [binary()].
list(Folder) ->
    Depth = length(Folder) + 1,
    [
        lists:last(Path)
     || {Path, _} <- table(), length(Path) =:= Depth, lists:prefix(Folder, Path)
    ].

-spec text(path()) ->
    {ok, iodata(), none | fun((binary()) -> vbeam_linux_object:answer())} | {error, atom()}.
text([<<"sys">>, <<"kernel">>, <<"hostname">>]) -> name(hostname);
text([<<"sys">>, <<"kernel">>, <<"domainname">>]) -> name(domainname);
text([<<"sys">> | Path]) -> {ok, [setting(Path), "\n"], none};
text([<<"net">>, Name]) -> {ok, network(Name), none};
text([Name]) -> {ok, system(Name), none}.

name(Which) ->
    Write = fun(Bytes) ->
        [Name | _] = binary:split(Bytes, [<<"\n">>, <<0>>]),
        ok = vbeam_linux_compat:set_name(Which, binary:part(Name, 0, min(64, byte_size(Name)))),
        {ok, byte_size(Bytes)}
    end,
    {ok, [vbeam_linux_compat:name(Which), "\n"], Write}.

setting([<<"kernel">>, <<"osrelease">>]) -> vbeam_linux_machine:release();
setting([<<"kernel">>, <<"ostype">>]) -> "Linux";
setting([<<"kernel">>, <<"version">>]) -> vbeam_linux_machine:version();
setting([<<"kernel">>, <<"pid_max">>]) -> "4194304";
setting([<<"kernel">>, <<"ngroups_max">>]) -> "65536";
setting([<<"kernel">>, <<"random">>, <<"boot_id">>]) ->
    uuid(erlang:md5(term_to_binary(vbeam_linux_compat:started())));
setting([<<"kernel">>, <<"random">>, <<"uuid">>]) -> uuid(vbeam_linux_random:bytes(16));
setting([<<"fs">>, <<"file-max">>]) -> "1048576";
setting([<<"fs">>, <<"pipe-max-size">>]) -> "1048576";
setting(_) -> "0".

uuid(<<A:32, B:16, _:4, C:12, _:2, D:14, E:48>>) ->
    io_lib:format("~8.16.0b-~4.16.0b-4~3.16.0b-~4.16.0b-~12.16.0b", [
        A, B, C, D bor 16#8000, E
    ]).

%% There are no network devices yet.
network(<<"dev">>) ->
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs "
    "drop fifo colls carrier compressed\n";
network(<<"route">>) ->
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
network(<<"arp">>) ->
    "IP address       HW type     Flags       HW address            Mask     Device\n";
network(<<"unix">>) ->
    "Num       RefCount Protocol Flags    Type St Inode Path\n";
network(<<"if_inet6">>) ->
    "";
network(_) ->
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n".

system(<<"cmdline">>) ->
    "\n";
system(<<"version">>) ->
    ["Linux version ", vbeam_linux_machine:release(), " ", vbeam_linux_machine:version(), "\n"];
system(<<"uptime">>) ->
    Hundredths = (vbeam_linux_wait:now() - vbeam_linux_compat:started()) div 10000000,
    io_lib:format("~b.~2..0b 0.00\n", [Hundredths div 100, Hundredths rem 100]);
system(<<"loadavg">>) ->
    Running = length(vbeam_linux_compat:groups()),
    io_lib:format("0.00 0.00 0.00 1/~b ~b\n", [Running, vbeam_linux_group:number()]);
system(<<"meminfo">>) ->
    {Total, Free} = vbeam_linux_machine:memory(),
    Rows = [
        {"MemTotal", Total}, {"MemFree", Free}, {"MemAvailable", Free}, {"Buffers", 0},
        {"Cached", 0}, {"SwapCached", 0}, {"Active", 0}, {"Inactive", 0}, {"SwapTotal", 0},
        {"SwapFree", 0}, {"Dirty", 0}, {"Writeback", 0}, {"AnonPages", 0}, {"Mapped", 0},
        {"Shmem", 0}, {"Slab", 0}
    ],
    [
        io_lib:format("~-15s ~8b kB\n", [Name ++ ":", Bytes div 1024])
     || {Name, Bytes} <- Rows
    ];
system(<<"cpuinfo">>) ->
    [
        io_lib:format(
            "processor\t: ~b\nvendor_id\t: VBEAM\nmodel name\t: x86-64\ncpu cores\t: 1\n"
            "flags\t\t: fpu tsc msr cx8 cmov mmx fxsr sse sse2 syscall lm\n\n",
            [0]
        )
    ];
system(<<"stat">>) ->
    Idle = (vbeam_linux_wait:now() - vbeam_linux_compat:started()) div 10000000,
    Started = erlang:system_time(second) -
        (vbeam_linux_wait:now() - vbeam_linux_compat:started()) div 1000000000,
    io_lib:format(
        "cpu  0 0 0 ~b 0 0 0 0 0 0\ncpu0 0 0 0 ~b 0 0 0 0 0 0\nintr 0\nctxt 0\nbtime ~b\n"
        "processes ~b\nprocs_running 1\nprocs_blocked 0\n",
        [Idle, Idle, Started, length(vbeam_linux_compat:groups())]
    );
system(<<"filesystems">>) ->
    "nodev\tproc\nnodev\tdevtmpfs\nnodev\ttmpfs\n\text2\n";
system(<<"devices">>) ->
    "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\n"
    "Block devices:\n";
system(<<"partitions">>) ->
    "major minor  #blocks  name\n\n";
system(<<"swaps">>) ->
    "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
system(<<"modules">>) ->
    "".

%% /proc/mounts
-spec mounts() -> iodata().
mounts() ->
    [
        io_lib:format("~ts ~ts ~ts ~s,relatime 0 0\n", [
            Source, Where, Type, case ReadOnly of true -> "ro"; false -> "rw" end
        ])
     || {Where, Type, Source, ReadOnly} <- vbeam_linux_mounts:all()
    ].
