%% Process groups and sessions, as credentials(7) and setpgid(2) describe them; they are columns of
%% the table of process numbers.
-module(vbeam_linux_session).
-export([orphaned/1, left_alone/1, member/1, set_process_group/2, new/0]).

-include("vbeam_linux.hrl").

%% Whether no member of a process group has a parent in another group of the session, who could
%% continue it when it is stopped.
-spec orphaned(ProcessGroup :: pos_integer()) -> boolean().
orphaned(ProcessGroup) ->
    Members = vbeam_linux_compat:in_process_group(ProcessGroup),
    not lists:any(fun(Member) -> has_keeper(Member) end, Members).

%% The parent of a group has ended: when its process group is orphaned by that and somebody in it is
%% stopped, all of it is hung up and continued (setpgid(2)).
-spec left_alone(pos_integer()) -> ok.
left_alone(Number) ->
    case vbeam_linux_compat:find(Number) of
        #linux_pid{process_group = Group, state = running} ->
            Members = vbeam_linux_compat:in_process_group(Group),
            Stopped = lists:any(fun(#linux_pid{table = Table}) -> has(Table, stopped) end, Members),
            case Stopped andalso orphaned(Group) of
                true ->
                    Information = vbeam_linux_signal:of_kernel(),
                    ok = vbeam_linux_signal:send({group, Group}, ?SIGHUP, Information),
                    vbeam_linux_signal:send({group, Group}, ?SIGCONT, Information);
                false ->
                    ok
            end;
        _ ->
            ok
    end.

has_keeper(#linux_pid{parent = Parent, process_group = Group, session = Session}) ->
    case vbeam_linux_compat:find(Parent) of
        #linux_pid{process_group = Other, session = Session} -> Other =/= Group;
        _ -> false
    end.

%% The group of a process number; 0 is that of the caller. A thread's number leads to its group.
-spec member(integer()) -> #linux_pid{}.
member(0) ->
    #linux_pid{} = vbeam_linux_compat:find(vbeam_linux_group:number());
member(Number) ->
    case vbeam_linux_compat:find(Number) of
        #linux_pid{kind = group} = Row -> Row;
        #linux_pid{kind = thread, parent = Group} -> member(Group);
        none -> throw({errno, ?ESRCH})
    end.

%% setpgid(2): the caller or a child of its that has not executed a program yet.
-spec set_process_group(integer(), integer()) -> 0.
set_process_group(_, Group) when Group < 0 ->
    throw({errno, ?EINVAL});
set_process_group(Number, Group) ->
    Own = vbeam_linux_group:number(),
    #linux_pid{number = Target, session = Session, parent = Parent, table = Table} = member(Number),
    Target =:= Own orelse Parent =:= Own orelse throw({errno, ?ESRCH}),
    #linux_pid{session = OwnSession} = member(0),
    Session =:= OwnSession orelse throw({errno, ?EPERM}),
    Target =:= Own orelse not has(Table, has_executed) orelse throw({errno, ?EACCES}),
    Session =/= Target orelse throw({errno, ?EPERM}),
    Wanted = case Group of 0 -> Target; _ -> Group end,
    Wanted =:= Target orelse is_group(Wanted, Session) orelse throw({errno, ?EPERM}),
    true = vbeam_linux_compat:update(Target, [{#linux_pid.process_group, Wanted}]),
    0.

%% The table of a group that has ended is gone.
has(Table, Key) ->
    try
        ets:member(Table, Key)
    catch
        error:badarg -> false
    end.

is_group(Group, Session) ->
    lists:any(
        fun(#linux_pid{session = Its}) -> Its =:= Session end,
        vbeam_linux_compat:in_process_group(Group)
    ).

%% setsid(2)
-spec new() -> pos_integer().
new() ->
    Own = vbeam_linux_group:number(),
    vbeam_linux_compat:in_process_group(Own) =:= [] orelse throw({errno, ?EPERM}),
    true = vbeam_linux_compat:update(Own, [
        {#linux_pid.process_group, Own}, {#linux_pid.session, Own}
    ]),
    Own.
