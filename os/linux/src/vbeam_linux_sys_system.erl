%% System calls of family `system`: what machine this is.
-module(vbeam_linux_sys_system).

-export([uname/1, sysinfo/1, sethostname/2, setdomainname/2, getrandom/3, syslog/3]).

-include("vbeam_linux.hrl").

-define(NAME_MAX, 64).
-define(RANDOM_MAX, 16#1ffffff).

uname(At) ->
    Fields = [
        <<"Linux">>, vbeam_linux_compat:name(hostname), vbeam_linux_machine:release(),
        vbeam_linux_machine:version(), <<"x86_64">>, vbeam_linux_compat:name(domainname)
    ],
    ok = vbeam_linux_memory:write(At, [field(Each) || Each <- Fields]),
    0.

field(Text) -> [Text, binary:copy(<<0>>, ?NAME_MAX + 1 - byte_size(Text))].

sethostname(At, Length) -> set_name(hostname, At, Length).
setdomainname(At, Length) -> set_name(domainname, At, Length).

set_name(Which, At, Length) ->
    (Length >= 0 andalso Length =< ?NAME_MAX) orelse throw({errno, ?EINVAL}),
    [Name | _] = binary:split(vbeam_linux_memory:read(At, Length), <<0>>),
    ok = vbeam_linux_compat:set_name(Which, Name),
    0.

%% struct sysinfo: seconds since the start, no load, the memory of Erlang's system.
sysinfo(At) ->
    Seconds = (vbeam_linux_wait:now() - vbeam_linux_compat:started()) div 1000000000,
    {Total, Free} = vbeam_linux_machine:memory(),
    Programs = length(vbeam_linux_compat:groups()),
    ok = vbeam_linux_memory:write(At, [
        <<Seconds:64/little, 0:192, Total:64/little, Free:64/little, 0:64, 0:64, 0:64, 0:64>>,
        <<Programs:16/little, 0:48, 0:64, 0:64, 1:32/little, 0:32>>
    ]),
    0.

%% The same source whatever the flags say; it never waits.
getrandom(At, Bytes, Flags) ->
    (Flags band bnot 7 =:= 0 andalso Flags band 6 =/= 6) orelse throw({errno, ?EINVAL}),
    Count = min(Bytes, ?RANDOM_MAX),
    ok = random(At, Count),
    Count.

random(_, 0) ->
    ok;
random(At, Left) ->
    Now = min(Left, 65536),
    ok = vbeam_linux_memory:write(At, vbeam_linux_random:bytes(Now)),
    random(At + Now, Left - Now).

%% The log of a kernel that is not there is empty.
syslog(Type, _, _) when Type =:= 3; Type =:= 4; Type =:= 9; Type =:= 10 -> 0;
syslog(Type, _, _) when Type >= 0, Type =< 8 -> 0;
syslog(_, _, _) -> throw({errno, ?EINVAL}).
