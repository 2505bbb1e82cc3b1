%% prctl(2): names, and what a thread group says about itself. Values without a meaning here are
%% kept and given back, as far as Linux accepts them.
-module(vbeam_linux_prctl).
-export([call/5]).

-include("vbeam_linux.hrl").

-define(PR_SET_PDEATHSIG, 1).
-define(PR_GET_PDEATHSIG, 2).
-define(PR_GET_DUMPABLE, 3).
-define(PR_SET_DUMPABLE, 4).
-define(PR_SET_NAME, 15).
-define(PR_GET_NAME, 16).
-define(PR_CAPBSET_READ, 23).
-define(PR_SET_TIMERSLACK, 29).
-define(PR_GET_TIMERSLACK, 30).
-define(PR_SET_CHILD_SUBREAPER, 36).
-define(PR_GET_CHILD_SUBREAPER, 37).
-define(PR_SET_NO_NEW_PRIVS, 38).
-define(PR_GET_NO_NEW_PRIVS, 39).
-define(PR_GET_TID_ADDRESS, 40).
-define(PR_SET_VMA, 16#53564d41).
-define(CAPABILITY_LAST, 40).
-define(TIMER_SLACK, 50000).

call(?PR_SET_NAME, Pointer, _, _, _) ->
    ok = vbeam_linux_group:put(name, name(Pointer)),
    0;
call(?PR_GET_NAME, Pointer, _, _, _) ->
    Name = vbeam_linux_group:get(name, <<>>),
    ok = vbeam_linux_memory:write(Pointer, [Name, binary:copy(<<0>>, 16 - byte_size(Name))]),
    0;
call(?PR_SET_PDEATHSIG, Signal, _, _, _) when Signal =< ?SIGNALS_MAX ->
    kept(parent_death_signal, Signal);
call(?PR_GET_PDEATHSIG, Pointer, _, _, _) ->
    ok = vbeam_linux_memory:write_u32(Pointer, vbeam_linux_group:get(parent_death_signal, 0)),
    0;
call(?PR_SET_DUMPABLE, Value, _, _, _) when Value =< 1 -> kept(dumpable, Value);
call(?PR_GET_DUMPABLE, _, _, _, _) -> vbeam_linux_group:get(dumpable, 1);
call(?PR_CAPBSET_READ, Capability, _, _, _) when Capability =< ?CAPABILITY_LAST -> 1;
call(?PR_SET_TIMERSLACK, 0, _, _, _) -> kept(timer_slack, ?TIMER_SLACK);
call(?PR_SET_TIMERSLACK, Value, _, _, _) -> kept(timer_slack, Value);
call(?PR_GET_TIMERSLACK, _, _, _, _) -> vbeam_linux_group:get(timer_slack, ?TIMER_SLACK);
call(?PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) -> kept(no_new_privileges, 1);
call(?PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) -> vbeam_linux_group:get(no_new_privileges, 0);
call(?PR_SET_CHILD_SUBREAPER, Value, _, _, _) -> kept(subreaper, min(Value, 1));
call(?PR_GET_CHILD_SUBREAPER, Pointer, _, _, _) ->
    ok = vbeam_linux_memory:write_u32(Pointer, vbeam_linux_group:get(subreaper, 0)),
    0;
call(?PR_GET_TID_ADDRESS, Pointer, _, _, _) ->
    Address = case get('$linux_clear_tid') of undefined -> 0; Known -> Known end,
    ok = vbeam_linux_memory:write_u64(Pointer, Address),
    0;
%% Names of anonymous memory are for those who look at it.
call(?PR_SET_VMA, 0, Address, _, _) when Address band 16#fff =:= 0 -> 0;
call(_, _, _, _, _) -> throw({errno, ?EINVAL}).

kept(Key, Value) ->
    ok = vbeam_linux_group:put(Key, Value),
    0.

%% At most 15 bytes; what is longer is cut off.
name(Pointer) ->
    try
        vbeam_linux_memory:string(Pointer, 16)
    catch
        throw:{errno, ?ENAMETOOLONG} -> vbeam_linux_memory:read(Pointer, 15)
    end.
