%% The master of a pseudo terminal, pty(7): reads what its terminal shows, writes what is typed
%% there.
-module(vbeam_linux_pty).
-behaviour(vbeam_linux_object).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-export([read/2, write/2, ioctl/3, stat/1, path/1, name/1]).

-define(PIECE, 2048).
-define(TIOCGPGRP, 16#540f).
-define(TIOCSIG, 16#40045436).
-define(TIOCGPTN, 16#80045430).
-define(TIOCSPTLCK, 16#40045431).
-define(TIOCGPTLCK, 16#80045439).
-define(TIOCGPTPEER, 16#5441).
-define(FIONREAD, 16#541b).

read(_, 0) ->
    {ok, <<>>};
read(#object{server = Server} = Object, Count) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    vbeam_linux_server:wait(Server, {master_read, Count, Wait}, infinity).

write(Object, Bytes) -> write(Object, Bytes, 0).

write(_, <<>>, Written) ->
    {ok, Written};
write(#object{server = Server} = Object, Bytes, Written) ->
    Size = min(?PIECE, byte_size(Bytes)),
    <<Now:Size/binary, Later/binary>> = Bytes,
    case vbeam_linux_server:ask(Server, {typed, Now}) of
        {ok, Count} -> write(Object, Later, Written + Count);
        Error -> Error
    end.

ioctl(#object{server = Server} = Object, Request, Argument) ->
    case Request of
        ?TIOCGPTN ->
            {ok, {pts, N}} = vbeam_linux_server:ask(Server, kind),
            told(Argument, N);
        ?TIOCSPTLCK ->
            Locked = vbeam_linux_memory:read_u32(Argument) =/= 0,
            vbeam_linux_server:ask(Server, {lock, Locked});
        ?TIOCGPTLCK ->
            {ok, Locked} = vbeam_linux_server:ask(Server, locked),
            told(Argument, case Locked of true -> 1; false -> 0 end);
        ?TIOCGPTPEER ->
            {ok, {pts, _} = Kind} = vbeam_linux_server:ask(Server, kind),
            Peer = vbeam_linux_object:done(vbeam_linux_terminal:open(Kind, <<>>, Argument)),
            vbeam_linux_descriptors:open(Peer, Argument);
        ?FIONREAD ->
            {ok, Bytes} = vbeam_linux_server:ask(Server, shown_bytes),
            told(Argument, Bytes);
        ?TIOCGPGRP ->
            case vbeam_linux_server:ask(Server, job) of
                {ok, {_, Group}} when is_integer(Group) -> told(Argument, Group);
                _ -> told(Argument, 0)
            end;
        ?TIOCSIG ->
            case vbeam_linux_server:ask(Server, job) of
                {ok, {_, Group}} when is_integer(Group), Argument > 0, Argument =< 64 ->
                    Information = vbeam_linux_signal:of_kernel(),
                    ok = vbeam_linux_signal:send({group, Group}, Argument, Information),
                    0;
                _ ->
                    {error, ?EINVAL}
            end;
        _ ->
            case vbeam_linux_tty:settings(Object, Request, Argument) of
                other -> {error, ?ENOTTY};
                Answer -> Answer
            end
    end.

told(Pointer, Value) ->
    ok = vbeam_linux_memory:write(Pointer, <<Value:32/little>>),
    0.

stat(_) -> vbeam_linux_dev:stat(<<"ptmx">>).
path(_) -> {ok, <<"/dev/ptmx">>}.
name(_) -> <<"/dev/ptmx">>.
