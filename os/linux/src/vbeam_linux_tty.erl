%% A terminal as programs have it open (vbeam_linux_terminal): reading and writing under job
%% control, and the requests of ioctl_tty(2). Who is in the background and may not do something gets
%% a signal and tries again.
-module(vbeam_linux_tty).
-behaviour(vbeam_linux_object).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux.hrl").
-export([read/2, write/2, ioctl/3, stat/1, path/1, name/1, reopen/2, sync/1]).
-export([settings/3]).

%% Bytes of one request: others have their turns between them.
-define(PIECE, 2048).
-define(SIGNAL_NANOSECONDS, 1000000000).

-define(TCGETS, 16#5401).
-define(TCSETS, 16#5402).
-define(TCSETSW, 16#5403).
-define(TCSETSF, 16#5404).
-define(TCSBRK, 16#5409).
-define(TCXONC, 16#540a).
-define(TCFLSH, 16#540b).
-define(TIOCEXCL, 16#540c).
-define(TIOCNXCL, 16#540d).
-define(TIOCSCTTY, 16#540e).
-define(TIOCGPGRP, 16#540f).
-define(TIOCSPGRP, 16#5410).
-define(TIOCOUTQ, 16#5411).
-define(TIOCSTI, 16#5412).
-define(TIOCGWINSZ, 16#5413).
-define(TIOCSWINSZ, 16#5414).
-define(FIONREAD, 16#541b).
-define(TIOCNOTTY, 16#5422).
-define(TIOCSETD, 16#5423).
-define(TIOCGETD, 16#5424).
-define(TCSBRKP, 16#5425).
-define(TIOCGSID, 16#5429).
-define(TCGETS2, 16#802c542a).
-define(TCSETS2, 16#402c542b).
-define(TCSETSW2, 16#402c542c).
-define(TCSETSF2, 16#402c542d).

%% --- reading and writing -----------------------------------------------------------------------

read(_, 0) ->
    {ok, <<>>};
read(#object{server = Server} = Object, Count) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    case vbeam_linux_server:wait(Server, {read, Count, caller(), Wait}, infinity) of
        {error, background} -> background_read();
        Answer -> Answer
    end.

write(Object, Bytes) -> write(Object, Bytes, caller(), 0).

write(_, <<>>, _, Written) ->
    {ok, Written};
write(#object{server = Server} = Object, Bytes, Caller, Written) ->
    Wait = not vbeam_linux_object:is_nonblocking(Object),
    Size = min(?PIECE, byte_size(Bytes)),
    <<Now:Size/binary, Later/binary>> = Bytes,
    case vbeam_linux_server:wait(Server, {write, Now, 0, Caller, Wait}, infinity) of
        {ok, Count} ->
            write(Object, Later, Caller, Written + Count);
        {error, background} ->
            case background(?SIGTTOU) of
                allowed -> write(Object, Bytes, none, Written);
                Other -> Other
            end;
        _ when Written > 0 ->
            {ok, Written};
        Other ->
            Other
    end.

%% Session and process group.
caller() -> {vbeam_linux_group:session(), vbeam_linux_group:process_group()}.

background_read() ->
    Orphaned = vbeam_linux_session:orphaned(vbeam_linux_group:process_group()),
    case vbeam_linux_signal:is_ignored_or_blocked(?SIGTTIN) orelse Orphaned of
        true -> {error, ?EIO};
        false -> signalled(?SIGTTIN)
    end.

background(Signal) ->
    case vbeam_linux_signal:is_ignored_or_blocked(Signal) of
        true ->
            allowed;
        false ->
            case vbeam_linux_session:orphaned(vbeam_linux_group:process_group()) of
                true -> {error, ?EIO};
                false -> signalled(Signal)
            end
    end.

%% The whole process group gets it; the call is made again when it goes on.
signalled(Signal) ->
    Group = vbeam_linux_group:process_group(),
    ok = vbeam_linux_signal:send({group, Group}, Signal, vbeam_linux_signal:of_kernel()),
    _ = vbeam_linux_wait:until(vbeam_linux_wait:deadline(?SIGNAL_NANOSECONDS)),
    interrupted.

%% --- what it is --------------------------------------------------------------------------------

name(#object{server = Server}) ->
    case vbeam_linux_server:ask(Server, kind) of
        {ok, {pts, N}} -> <<"/dev/pts/", (integer_to_binary(N))/binary>>;
        _ -> <<"/dev/console">>
    end.

path(Object) -> {ok, name(Object)}.

stat(Object) ->
    case name(Object) of
        <<"/dev/pts/", N/binary>> -> vbeam_linux_dev:stat({pts, binary_to_integer(N)});
        <<"/dev/", Name/binary>> -> vbeam_linux_dev:stat(Name)
    end.

reopen(#object{server = Server}, Flags) ->
    case vbeam_linux_server:ask(Server, kind) of
        {ok, Kind} -> vbeam_linux_terminal:open(Kind, <<>>, Flags bor ?O_NOCTTY);
        Error -> Error
    end.

sync(_) -> {error, ?EINVAL}.

%% --- requests ----------------------------------------------------------------------------------

ioctl(Object, Request, Argument) ->
    case settings(Object, Request, Argument) of
        other -> job(Object, Request, Argument);
        Answer -> Answer
    end.

%% What both sides of a pseudo terminal have.
-spec settings(vbeam_linux_object:object(), non_neg_integer(), non_neg_integer()) ->
    other | term().
settings(#object{server = Server}, Request, Pointer) ->
    case Request of
        ?TCGETS -> told(Server, termios, fun vbeam_linux_line:encode/1, Pointer);
        ?TCGETS2 -> told(Server, termios, fun vbeam_linux_line:encode2/1, Pointer);
        ?TCSETS -> set_termios(Server, 36, Pointer, false);
        ?TCSETSW -> set_termios(Server, 36, Pointer, false);
        ?TCSETSF -> set_termios(Server, 36, Pointer, true);
        ?TCSETS2 -> set_termios(Server, 44, Pointer, false);
        ?TCSETSW2 -> set_termios(Server, 44, Pointer, false);
        ?TCSETSF2 -> set_termios(Server, 44, Pointer, true);
        ?TIOCGWINSZ -> told(Server, window, fun window/1, Pointer);
        ?TIOCSWINSZ -> set_window(Server, Pointer);
        ?TIOCGETD -> write_u32(Pointer, 0);
        ?TIOCSETD -> 0;
        ?TIOCEXCL -> 0;
        ?TIOCNXCL -> 0;
        _ -> other
    end.

told(Server, Question, Encode, Pointer) ->
    case vbeam_linux_server:ask(Server, Question) of
        {ok, Value} ->
            ok = vbeam_linux_memory:write(Pointer, Encode(Value)),
            0;
        Error ->
            Error
    end.

window({Rows, Columns, X, Y}) ->
    <<Rows:16/little, Columns:16/little, X:16/little, Y:16/little>>.

set_window(Server, Pointer) ->
    <<Rows:16/little, Columns:16/little, X:16/little, Y:16/little>> =
        vbeam_linux_memory:read(Pointer, 8),
    vbeam_linux_server:ask(Server, {set_window, {Rows, Columns, X, Y}}).

set_termios(Server, Bytes, Pointer, Flush) ->
    Termios = vbeam_linux_line:decode(vbeam_linux_memory:read(Pointer, Bytes)),
    changed(Server, fun(Caller) -> {set_termios, Caller, Termios, Flush} end).

%% What only the foreground may do, and the background when SIGTTOU does nothing to it.
changed(Server, Request) ->
    case vbeam_linux_server:ask(Server, Request(caller())) of
        {error, background} ->
            case background(?SIGTTOU) of
                allowed -> vbeam_linux_server:ask(Server, Request(none));
                Other -> Other
            end;
        Answer ->
            Answer
    end.

write_u32(Pointer, Value) ->
    ok = vbeam_linux_memory:write(Pointer, <<Value:32/little>>),
    0.

job(#object{server = Server}, Request, Argument) ->
    case Request of
        ?TCSBRK -> changed(Server, fun(Caller) -> {check, Caller} end);
        ?TCSBRKP -> changed(Server, fun(Caller) -> {check, Caller} end);
        ?TCXONC -> stop(Server, Argument);
        ?TCFLSH -> flush(Server, Argument);
        ?FIONREAD -> told(Server, available, fun(N) -> <<N:32/little>> end, Argument);
        ?TIOCOUTQ -> told(Server, shown_bytes, fun(N) -> <<N:32/little>> end, Argument);
        ?TIOCSTI -> vbeam_linux_server:ask(Server, {typed, vbeam_linux_memory:read(Argument, 1)});
        ?TIOCSCTTY -> control(Server);
        ?TIOCNOTTY -> vbeam_linux_server:ask(Server, {give_up, vbeam_linux_group:session()});
        ?TIOCGPGRP -> group(Server, fun({_, Group}) -> Group end, Argument);
        ?TIOCGSID -> group(Server, fun({Session, _}) -> Session end, Argument);
        ?TIOCSPGRP -> set_group(Server, Argument);
        _ -> {error, ?ENOTTY}
    end.

%% TCOOFF, TCOON; TCIOFF and TCION would tell the terminal itself.
stop(Server, 0) -> changed(Server, fun(Caller) -> {stop, Caller, true} end);
stop(Server, 1) -> changed(Server, fun(Caller) -> {stop, Caller, false} end);
stop(Server, More) when More =:= 2; More =:= 3 -> changed(Server, fun(C) -> {check, C} end);
stop(_, _) -> {error, ?EINVAL}.

flush(Server, 0) -> changed(Server, fun(Caller) -> {flush, Caller, input} end);
flush(Server, 1) -> changed(Server, fun(Caller) -> {flush, Caller, output} end);
flush(Server, 2) -> changed(Server, fun(Caller) -> {flush, Caller, both} end);
flush(_, _) -> {error, ?EINVAL}.

%% A session's leader without a terminal takes this one.
control(Server) ->
    Session = vbeam_linux_group:session(),
    case {vbeam_linux_group:number(), vbeam_linux_registry:find_name({controlling, Session})} of
        {Session, {ok, Server}} -> {ok, 0};
        {Session, error} ->
            vbeam_linux_server:ask(Server, {control, Session, vbeam_linux_group:process()});
        _ -> {error, ?EPERM}
    end.

%% Only of the controlling terminal.
group(Server, Which, Pointer) ->
    Session = vbeam_linux_group:session(),
    case vbeam_linux_server:ask(Server, job) of
        {ok, {Session, _} = Job} -> write_u32(Pointer, Which(Job));
        {ok, _} -> {error, ?ENOTTY};
        Error -> Error
    end.

set_group(Server, Pointer) ->
    <<Group:32/little-signed>> = vbeam_linux_memory:read(Pointer, 4),
    Session = vbeam_linux_group:session(),
    case vbeam_linux_server:ask(Server, job) of
        {ok, {Session, _}} when Group < 0 ->
            {error, ?EINVAL};
        {ok, {Session, _}} ->
            case session_of(Group) of
                Session ->
                    changed(Server, fun(Caller) -> {set_foreground, Caller, Group} end);
                none ->
                    {error, ?ESRCH};
                _ ->
                    {error, ?EPERM}
            end;
        {ok, _} ->
            {error, ?ENOTTY};
        Error ->
            Error
    end.

session_of(Group) ->
    case vbeam_linux_compat:in_process_group(Group) of
        [#linux_pid{session = Session} | _] -> Session;
        [] -> none
    end.
