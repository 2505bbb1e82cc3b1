%% Terminals: the console of the system and pseudo terminals, tty(4), pty(7). A process has the line
%% discipline (vbeam_linux_line), the window's size, the session whose controlling terminal it is
%% and the process group in its foreground. What the calls of a program mean is vbeam_linux_tty.
%%
%% Keys: slave, which is the terminal, and master, the other side of a pseudo terminal. The
%% console's other side is vbeam_linux_console. Names in vbeam_linux_registry: {terminal, console |
%% {pts, N}}, {controlling, Session}.
-module(vbeam_linux_terminal).
-behaviour(vbeam_linux_server).
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_errno.hrl").
-include("vbeam_linux_termios.hrl").
-export([open/3, console/2, find/1, numbers/0, start/2]).
-export([init/1, request/2, poll/2, released/2, given_up/2, handle_info/2, terminate/1]).
-export_type([kind/0, caller/0]).

-type kind() :: console | {pts, non_neg_integer()}.
%% Who asks: session, process group, and whether it may be in the background; `none`: anybody.
-type caller() :: {pos_integer(), pos_integer()} | none.

-define(PTYS_MAX, 4096).
%% Bytes for the master that wait at most.
-define(BUFFER, 65536).
-define(SIGHUP, 1).
-define(SIGINT, 2).
-define(SIGQUIT, 3).
-define(SIGCONT, 18).
-define(SIGTSTP, 20).
-define(SIGWINCH, 28).
-define(TIMERS_KEPT, 16).

-record(terminal, {
    kind :: kind(),
    line = vbeam_linux_line:new() :: vbeam_linux_line:line(),
    window :: {non_neg_integer(), non_neg_integer(), non_neg_integer(), non_neg_integer()},
    session = none :: none | pos_integer(),
    leader = none :: none | reference(),
    foreground = none :: none | pos_integer(),
    %% What the master has not read yet, newest first.
    shown = [] :: [iodata()],
    shown_bytes = 0 :: non_neg_integer(),
    shown_times = 0 :: non_neg_integer(),
    master = open :: open | closed,
    slave = never :: never | open | closed,
    locked = false :: boolean(),
    hung_up = false :: boolean(),
    %% Its descriptor in the system: vbeam_linux_console's process.
    console = none :: none | pid(),
    expired = [] :: [reference()]
}).

%% --- opening -----------------------------------------------------------------------------------

%% `new` makes a pseudo terminal and opens its master; `controlling` is the terminal of the caller's
%% session.
-spec open(kind() | new | controlling, binary(), non_neg_integer()) ->
    {ok, vbeam_linux_object:object()} | {error, term()}.
open(new, _, Flags) ->
    case new_number(0) of
        none ->
            {error, ?ENOSPC};
        N ->
            Holder = vbeam_linux_group:process(),
            {ok, Server} = start({pts, N}, [{master, Holder}]),
            case vbeam_linux_registry:register_name({terminal, {pts, N}}, Server) of
                true ->
                    {ok, vbeam_linux_object:new(vbeam_linux_pty, Server, master, Flags)};
                false ->
                    ok = vbeam_linux_server:release(Server, master, Holder),
                    open(new, <<>>, Flags)
            end
    end;
open(controlling, _, Flags) ->
    case vbeam_linux_registry:find_name({controlling, vbeam_linux_group:session()}) of
        {ok, Server} -> opened(Server, Flags bor ?O_NOCTTY);
        error -> {error, ?ENXIO}
    end;
open(Kind, _, Flags) ->
    case find(Kind) of
        {ok, Server} ->
            opened(Server, Flags);
        error when Kind =:= console ->
            {ok, Server} = new_console(vbeam_linux_group:process()),
            opened(Server, Flags);
        error ->
            {error, ?ENXIO}
    end.

opened(Server, Flags) ->
    case vbeam_linux_server:hold(Server, slave, vbeam_linux_group:process()) of
        ok ->
            case vbeam_linux_server:ask(Server, {opened, Flags band ?O_NOCTTY =:= 0, leader()}) of
                {ok, _} ->
                    {ok, vbeam_linux_object:new(vbeam_linux_tty, Server, slave, Flags)};
                Error ->
                    ok = vbeam_linux_server:release(Server, slave, vbeam_linux_group:process()),
                    Error
            end;
        _ ->
            {error, ?EIO}
    end.

%% A session's leader gets a controlling terminal by opening one.
leader() ->
    Session = vbeam_linux_group:session(),
    case vbeam_linux_group:number() of
        Session -> {leader, Session, vbeam_linux_group:process()};
        _ -> none
    end.

%% In the process of a group that is a session's leader: the console is its terminal.
-spec console(pid(), pos_integer()) -> vbeam_linux_object:object().
console(Holder, Number) ->
    {ok, Server} =
        case find(console) of
            {ok, Known} ->
                case vbeam_linux_server:hold(Known, slave, Holder) of
                    ok -> {ok, Known};
                    _ -> new_console(Holder)
                end;
            error ->
                new_console(Holder)
        end,
    _ = vbeam_linux_server:ask(Server, {opened, true, {leader, Number, Holder}}),
    vbeam_linux_object:new(vbeam_linux_tty, Server, slave, ?O_RDWR).

new_console(Holder) ->
    {ok, Server} = start(console, [{slave, Holder}]),
    _ = vbeam_linux_registry:register_name({terminal, console}, Server),
    {ok, Server}.

-spec start(kind(), [{master | slave, pid()}]) -> {ok, pid()} | {error, term()}.
start(Kind, Holders) -> vbeam_linux_server:start(?MODULE, Kind, Holders).

-spec find(kind()) -> {ok, pid()} | error.
find(Kind) -> vbeam_linux_registry:find_name({terminal, Kind}).

%% Pseudo terminals that there are.
-spec numbers() -> [non_neg_integer()].
numbers() -> lists:sort([N || {{terminal, {pts, N}}, _} <- vbeam_linux_registry:names()]).

new_number(?PTYS_MAX) ->
    none;
new_number(N) ->
    case find({pts, N}) of
        error -> N;
        {ok, _} -> new_number(N + 1)
    end.

%% --- the process -------------------------------------------------------------------------------

init(console) ->
    Terminal = self(),
    {Columns, Rows} = vbeam_linux_console:window_size(),
    {ok, #terminal{
        kind = console, line = vbeam_linux_line:new(utf8), window = {Rows, Columns, 0, 0},
        slave = open, console = vbeam_linux_console:start(Terminal)
    }};
init({pts, _} = Kind) ->
    {ok, #terminal{kind = Kind, window = {0, 0, 0, 0}, locked = true}}.

terminate(#terminal{console = none}) -> ok;
terminate(#terminal{console = Console}) -> vbeam_linux_console:stop(Console).

poll(slave, #terminal{hung_up = true}) ->
    {?POLLIN bor ?POLLOUT bor ?POLLRDNORM bor ?POLLWRNORM bor ?POLLHUP bor ?POLLERR, hung_up};
poll(slave, #terminal{line = Line, shown_bytes = Bytes}) ->
    In =
        case is_readable(Line) of
            true -> ?POLLIN bor ?POLLRDNORM;
            false -> 0
        end,
    Out =
        case vbeam_linux_line:is_stopped(Line) orelse Bytes >= ?BUFFER of
            true -> 0;
            false -> ?POLLOUT bor ?POLLWRNORM
        end,
    {In bor Out, vbeam_linux_line:generation(Line)};
poll(master, #terminal{shown_bytes = Bytes, shown_times = Times, slave = Slave}) ->
    In = case Bytes of 0 -> 0; _ -> ?POLLIN bor ?POLLRDNORM end,
    Hup = case Slave of closed -> ?POLLHUP; _ -> 0 end,
    {In bor Hup bor ?POLLOUT bor ?POLLWRNORM, Times}.

is_readable(Line) ->
    case vbeam_linux_line:read(1, Line) of
        none ->
            false;
        {ok, _, _} ->
            Least =
                case {character(?VMIN, Line), character(?VTIME, Line)} of
                    {Minimum, 0} when Minimum > 1 -> Minimum;
                    _ -> 1
                end,
            vbeam_linux_line:local(?ICANON, Line) orelse
                vbeam_linux_line:available(Line) >= Least
    end.

character(Index, Line) -> vbeam_linux_line:character(Index, Line).

released(slave, Terminal) -> Terminal#terminal{slave = closed};
released(master, #terminal{kind = Kind} = Terminal) ->
    ok = vbeam_linux_registry:unregister_name({terminal, Kind}),
    hung_up(Terminal#terminal{master = closed}).

given_up({write, _, Written, _, _}, _) when Written > 0 -> {ok, Written};
given_up(_, _) -> none.

%% --- requests ----------------------------------------------------------------------------------

request({opened, Controls, Leader}, #terminal{locked = false} = Terminal) ->
    Open = Terminal#terminal{slave = open},
    case {Controls, Leader, Open} of
        {true, {leader, Session, Process}, #terminal{session = none, hung_up = false}} ->
            case vbeam_linux_registry:find_name({controlling, Session}) of
                error -> {{ok, 0}, controlled(Session, Process, Open)};
                {ok, _} -> {{ok, 0}, Open}
            end;
        _ ->
            {{ok, 0}, Open}
    end;
request({opened, _, _}, Terminal) ->
    {{error, ?EIO}, Terminal};
request({read, Count, Caller, Wait}, Terminal) ->
    request({read, Count, Caller, Wait, none}, Terminal);
request({read, _, _, _, _}, #terminal{hung_up = true} = Terminal) ->
    {{ok, <<>>}, Terminal};
request({read, Count, Caller, Wait, Timer} = Request, #terminal{line = Line} = Terminal) ->
    case is_background(Caller, Terminal) of
        true ->
            {{error, background}, Terminal};
        false ->
            case vbeam_linux_line:local(?ICANON, Line) of
                true -> read_line(Count, Wait, Request, Terminal);
                false -> read_bytes(Count, Caller, Wait, Timer, Terminal)
            end
    end;
request({write, _, _, _, _}, #terminal{hung_up = true} = Terminal) ->
    {{error, ?EIO}, Terminal};
request({write, Bytes, Written, Caller, Wait} = Request, #terminal{line = Line} = Terminal) ->
    Stops = vbeam_linux_line:local(?TOSTOP, Line) andalso is_background(Caller, Terminal),
    Full = vbeam_linux_line:is_stopped(Line) orelse Terminal#terminal.shown_bytes >= ?BUFFER,
    if
        Stops -> {{error, background}, Terminal};
        Full, Wait -> {wait, Request, Terminal};
        Full -> {{error, ?EAGAIN}, Terminal};
        true ->
            {Shown, Next} = vbeam_linux_line:output(Bytes, Line),
            {{ok, Written + byte_size(Bytes)}, show(Shown, Terminal#terminal{line = Next})}
    end;
request({master_read, Count, Wait} = Request, #terminal{shown_bytes = Bytes} = Terminal) ->
    case {Bytes, Terminal#terminal.slave} of
        {0, closed} -> {{error, ?EIO}, Terminal};
        {0, _} when Wait -> {wait, Request, Terminal};
        {0, _} -> {{error, ?EAGAIN}, Terminal};
        _ -> master_read(Count, Terminal)
    end;
request({typed, Bytes}, Terminal) ->
    {{ok, byte_size(Bytes)}, typed(Bytes, Terminal)};
request(Request, Terminal) ->
    control(Request, Terminal).

%% --- settings ----------------------------------------------------------------------------------

control(kind, #terminal{kind = Kind} = Terminal) ->
    {{ok, Kind}, Terminal};
control(termios, #terminal{line = Line} = Terminal) ->
    {{ok, vbeam_linux_line:termios(Line)}, Terminal};
control({set_termios, Caller, Termios, Flush}, #terminal{line = Line} = Terminal) ->
    foreground_only(Caller, Terminal, fun() ->
        Kept = case Flush of true -> vbeam_linux_line:flush_input(Line); false -> Line end,
        Terminal#terminal{line = vbeam_linux_line:set_termios(Termios, Kept)}
    end);
control(window, #terminal{window = Window} = Terminal) ->
    {{ok, Window}, Terminal};
control({set_window, Window}, #terminal{window = Window} = Terminal) ->
    {{ok, 0}, Terminal};
control({set_window, Window}, #terminal{foreground = Group} = Terminal) ->
    ok = signal(Group, ?SIGWINCH),
    {{ok, 0}, Terminal#terminal{window = Window}};
control({flush, Caller, What}, #terminal{line = Line} = Terminal) ->
    foreground_only(Caller, Terminal, fun() ->
        Input = case What of output -> Line; _ -> vbeam_linux_line:flush_input(Line) end,
        case What of
            input -> Terminal#terminal{line = Input};
            _ -> Terminal#terminal{line = Input, shown = [], shown_bytes = 0}
        end
    end);
control({stop, Caller, Stopped}, #terminal{line = Line} = Terminal) ->
    foreground_only(Caller, Terminal, fun() ->
        Terminal#terminal{line = vbeam_linux_line:set_stopped(Stopped, Line)}
    end);
control({check, Caller}, Terminal) ->
    foreground_only(Caller, Terminal, fun() -> Terminal end);
control(available, #terminal{line = Line} = Terminal) ->
    {{ok, vbeam_linux_line:available(Line)}, Terminal};
control(shown_bytes, #terminal{shown_bytes = Bytes} = Terminal) ->
    {{ok, Bytes}, Terminal};
control({lock, Locked}, Terminal) ->
    {{ok, 0}, Terminal#terminal{locked = Locked}};
control(locked, #terminal{locked = Locked} = Terminal) ->
    {{ok, Locked}, Terminal};
%% --- sessions
control(job, #terminal{session = Session, foreground = Group} = Terminal) ->
    {{ok, {Session, Group}}, Terminal};
control({set_foreground, Caller, Group}, Terminal) ->
    foreground_only(Caller, Terminal, fun() -> Terminal#terminal{foreground = Group} end);
control({control, Session, _}, #terminal{session = Session} = Terminal) ->
    {{ok, 0}, Terminal};
control({control, Session, Process}, #terminal{session = none} = Terminal) ->
    {{ok, 0}, controlled(Session, Process, Terminal)};
control({control, _, _}, Terminal) ->
    {{error, ?EPERM}, Terminal};
control({give_up, Session}, #terminal{session = Session} = Terminal) ->
    {{ok, 0}, abandoned(Terminal)};
control({give_up, _}, Terminal) ->
    {{error, ?ENOTTY}, Terminal};
control(hang_up, Terminal) ->
    {{ok, 0}, hung_up(Terminal)};
control(_, Terminal) ->
    {{error, ?ENOTTY}, Terminal}.

%% What only the foreground may change.
foreground_only(Caller, Terminal, Change) ->
    case is_background(Caller, Terminal) of
        true -> {{error, background}, Terminal};
        false -> {{ok, 0}, Change()}
    end.

is_background({Session, Group}, #terminal{session = Session, foreground = Foreground}) ->
    Group =/= Foreground;
is_background(_, _) ->
    false.

controlled(Session, Process, Terminal) ->
    _ = vbeam_linux_registry:register_name({controlling, Session}, self()),
    Terminal#terminal{
        session = Session, foreground = Session, leader = monitor(process, Process)
    }.

%% The session has no terminal any more; what is in its foreground hears of it.
abandoned(#terminal{session = none} = Terminal) ->
    Terminal;
abandoned(#terminal{session = Session, foreground = Group, leader = Leader} = Terminal) ->
    demonitor(Leader, [flush]),
    ok = vbeam_linux_registry:unregister_name({controlling, Session}),
    ok = signal(Group, ?SIGHUP),
    ok = signal(Group, ?SIGCONT),
    Terminal#terminal{session = none, foreground = none, leader = none}.

%% Whoever has it open now reads an end of file and writes errors.
hung_up(#terminal{hung_up = true} = Terminal) ->
    Terminal;
hung_up(#terminal{kind = Kind, session = Session} = Terminal) ->
    _ = Session =/= none andalso
        vbeam_linux_signal:send(Session, ?SIGHUP, vbeam_linux_signal:of_kernel()),
    _ = Kind =:= console andalso vbeam_linux_registry:unregister_name({terminal, console}),
    ok = terminate(Terminal),
    (abandoned(Terminal))#terminal{hung_up = true, console = none}.

signal(none, _) -> ok;
signal(Group, Signal) ->
    vbeam_linux_signal:send({group, Group}, Signal, vbeam_linux_signal:of_kernel()).

%% --- typing and showing ------------------------------------------------------------------------

typed(Bytes, #terminal{line = Line, foreground = Group} = Terminal) ->
    {Echo, Signals, Next} = vbeam_linux_line:input(Bytes, Line),
    lists:foreach(fun(Signal) -> ok = signal(Group, number(Signal)) end, Signals),
    show(Echo, Terminal#terminal{line = Next}).

number(interrupt) -> ?SIGINT;
number(quit) -> ?SIGQUIT;
number(suspend) -> ?SIGTSTP.

show(Output, #terminal{console = none} = Terminal) ->
    case iolist_size(Output) of
        0 ->
            Terminal;
        Size ->
            #terminal{shown = Shown, shown_bytes = Bytes, shown_times = Times} = Terminal,
            Terminal#terminal{
                shown = [Output | Shown], shown_bytes = Bytes + Size, shown_times = Times + 1
            }
    end;
show(Output, #terminal{} = Terminal) ->
    ok = vbeam_linux_console:write(Output),
    Terminal.

master_read(Count, #terminal{shown = Shown} = Terminal) ->
    All = iolist_to_binary(lists:reverse(Shown)),
    Now = min(Count, byte_size(All)),
    <<Bytes:Now/binary, Left/binary>> = All,
    Kept = case Left of <<>> -> []; _ -> [Left] end,
    {{ok, Bytes}, Terminal#terminal{shown = Kept, shown_bytes = byte_size(Left)}}.

%% --- reading -----------------------------------------------------------------------------------

read_line(Count, Wait, Request, #terminal{line = Line} = Terminal) ->
    case vbeam_linux_line:read(Count, Line) of
        {ok, Bytes, Next} -> {{ok, Bytes}, Terminal#terminal{line = Next}};
        none when Wait -> {wait, Request, Terminal};
        none -> {{error, ?EAGAIN}, Terminal}
    end.

%% Without lines: MIN bytes, or what has come when TIME tenths of a second have passed, as
%% termios(3) has the four cases. Timer: {Reference, Bytes that were there when it began}.
read_bytes(Count, Caller, Wait, Timer, #terminal{line = Line} = Terminal) ->
    Minimum = character(?VMIN, Line),
    Time = character(?VTIME, Line),
    There = vbeam_linux_line:available(Line),
    Again = fun(Next) -> {read, Count, Caller, Wait, Next} end,
    Enough = There > 0 andalso There >= min(max(1, Minimum), Count),
    Over = is_over(Timer, Terminal),
    if
        Enough; Over; not Wait, There > 0; Minimum =:= 0, Time =:= 0 ->
            read_now(Count, Timer, Terminal);
        not Wait ->
            {{error, ?EAGAIN}, Terminal};
        Time =:= 0 ->
            {wait, Again(none), Terminal};
        Minimum > 0, There =:= 0 ->
            {wait, Again(none), Terminal};
        true ->
            {wait, Again(timer(Timer, There, Time)), Terminal}
    end.

is_over({Reference, _}, #terminal{expired = Expired}) -> lists:member(Reference, Expired);
is_over(none, _) -> false.

timer({Reference, There}, There, _) ->
    {Reference, There};
timer(_, There, Time) ->
    Reference = make_ref(),
    _ = erlang:send_after(Time * 100, self(), {expired, Reference}),
    {Reference, There}.

read_now(Count, Timer, #terminal{line = Line, expired = Expired} = Terminal) ->
    Left =
        case Timer of
            {Reference, _} -> lists:delete(Reference, Expired);
            none -> Expired
        end,
    case vbeam_linux_line:read(Count, Line) of
        {ok, Bytes, Next} -> {{ok, Bytes}, Terminal#terminal{line = Next, expired = Left}};
        none -> {{ok, <<>>}, Terminal#terminal{expired = Left}}
    end.

%% --- messages ----------------------------------------------------------------------------------

handle_info({expired, Reference}, #terminal{expired = Expired} = Terminal) ->
    Terminal#terminal{expired = lists:sublist([Reference | Expired], ?TIMERS_KEPT)};
handle_info({typed, Bytes}, Terminal) ->
    typed(Bytes, Terminal);
handle_info(end_of_input, #terminal{line = Line} = Terminal) ->
    Terminal#terminal{line = vbeam_linux_line:end_of_input(Line)};
handle_info({'DOWN', Leader, process, _, _}, #terminal{leader = Leader} = Terminal) ->
    hung_up(Terminal);
handle_info(_, Terminal) ->
    Terminal.
