%% Whether somebody waits for a line from the terminal of the shell. A pipe that has ended must not
%% end an evaluation that still runs; so the end of input is acted on when there is nothing left to
%% do but to read. user_drv has no question for that, so the answer comes from where OTP's processes
%% stand: the current group waits for keys in group:more_data.
-module(vbeam_tty_reader).
-export([waits/0]).

-spec waits() -> boolean().
waits() ->
    case whereis(user_drv) of
        undefined -> false;
        Driver -> is_idle(Driver) andalso group_waits(user_drv:interfaces(Driver))
    end.

group_waits([{current_group, Group}]) ->
    case process_info(Group, current_function) of
        {current_function, {group, more_data, _}} -> is_idle(Group);
        _ -> false
    end;
group_waits(_) ->
    false.

is_idle(Pid) ->
    process_info(Pid, [message_queue_len, status]) =:=
        [{message_queue_len, 0}, {status, waiting}].
