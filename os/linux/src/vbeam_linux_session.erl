%% Process groups and sessions, as credentials(7) and setpgid(2) describe them; they are columns of
%% the table of process numbers.
-module(vbeam_linux_session).
-export([orphaned/1]).

-include("vbeam_linux.hrl").

%% Whether no member of a process group has a parent in another group of the session, who could
%% continue it when it is stopped.
-spec orphaned(ProcessGroup :: pos_integer()) -> boolean().
orphaned(ProcessGroup) ->
    Members = vbeam_linux_compat:in_process_group(ProcessGroup),
    not lists:any(fun(Member) -> has_keeper(Member) end, Members).

has_keeper(#linux_pid{parent = Parent, process_group = Group, session = Session}) ->
    case vbeam_linux_compat:find(Parent) of
        #linux_pid{process_group = Other, session = Session} -> Other =/= Group;
        _ -> false
    end.
