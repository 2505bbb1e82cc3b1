%% System calls about who a program is, over vbeam_linux_credentials; vbeam_linux_sys_process leads
%% here.
-module(vbeam_linux_identity).
-export([real/1, effective/1, write_all/4, groups/2, set_groups/2, file_system/2]).
-export([capabilities/2, set_capabilities/2]).

-include("vbeam_linux.hrl").

-define(GROUPS_MAX, 65536).
%% Of Linux 6.1: bits 0 to 40.
-define(ALL_CAPABILITIES, 16#1ffffffffff).

-spec real(user | group) -> non_neg_integer().
real(Which) -> element(1, maps:get(Which, vbeam_linux_credentials:get())).

-spec effective(user | group) -> non_neg_integer().
effective(Which) -> element(2, maps:get(Which, vbeam_linux_credentials:get())).

write_all(Which, RealAt, EffectiveAt, SavedAt) ->
    {Real, Effective, Saved} = maps:get(Which, vbeam_linux_credentials:get()),
    ok = vbeam_linux_memory:write_u32(RealAt, Real),
    ok = vbeam_linux_memory:write_u32(EffectiveAt, Effective),
    ok = vbeam_linux_memory:write_u32(SavedAt, Saved),
    0.

groups(Most, At) ->
    #{groups := Groups} = vbeam_linux_credentials:get(),
    Most >= 0 orelse throw({errno, ?EINVAL}),
    (Most =:= 0 orelse Most >= length(Groups)) orelse throw({errno, ?EINVAL}),
    _ = Most > 0 andalso
        vbeam_linux_memory:write(At, << <<Group:32/little>> || Group <- Groups >>),
    length(Groups).

set_groups(Count, At) ->
    vbeam_linux_credentials:is_root() orelse throw({errno, ?EPERM}),
    (Count >= 0 andalso Count =< ?GROUPS_MAX) orelse throw({errno, ?EINVAL}),
    Bytes = vbeam_linux_memory:read(At, Count * 4),
    Credentials = vbeam_linux_credentials:get(),
    ok = vbeam_linux_credentials:set(Credentials#{
        groups := lists:sort([Group || <<Group:32/little>> <= Bytes])
    }),
    0.

%% The number that files are accessed with is the effective one; it cannot be another.
file_system(Which, _) -> effective(Which).

%% capget(2), version 3: root has all, others none.
capabilities(HeaderAt, DataAt) ->
    <<Version:32/little, Number:32/little-signed>> = vbeam_linux_memory:read(HeaderAt, 8),
    case Version of
        16#20080522 ->
            _ = vbeam_linux_session:member(Number),
            Set =
                case vbeam_linux_credentials:is_root() of
                    true -> ?ALL_CAPABILITIES;
                    false -> 0
                end,
            Low = Set band 16#ffffffff,
            High = Set bsr 32,
            _ = DataAt =/= 0 andalso
                vbeam_linux_memory:write(DataAt, [
                    <<Low:32/little, Low:32/little, 0:32>>,
                    <<High:32/little, High:32/little, 0:32>>
                ]),
            0;
        _ ->
            ok = vbeam_linux_memory:write_u32(HeaderAt, 16#20080522),
            throw({errno, ?EINVAL})
    end.

%% What it has may be given up in name; it is not taken away from root.
set_capabilities(HeaderAt, DataAt) ->
    vbeam_linux_memory:read_u32(HeaderAt) =:= 16#20080522 orelse throw({errno, ?EINVAL}),
    <<Effective:32/little, Permitted:32/little, _/binary>> = vbeam_linux_memory:read(DataAt, 24),
    Effective band bnot Permitted =:= 0 orelse throw({errno, ?EPERM}),
    (vbeam_linux_credentials:is_root() orelse Permitted =:= 0) orelse throw({errno, ?EPERM}),
    0.
