%% Receives of a message with a fresh reference, with many other messages in the mailbox: no message
%% is lost, overtaken, or found by the wrong receive.
-module(receive_markers).
-export([run/0]).

run() ->
    [self() ! N || N <- lists:seq(1, 50000)],
    Server = spawn(fun server/0),
    erlang:display({calls, calls(500, Server, 0)}),
    erlang:display({nested, nested(Server)}),
    erlang:display({older, older()}),
    erlang:display({timeouts, timeouts(Server)}),
    erlang:display({twice, twice(Server)}),
    erlang:display({monitor, down()}),
    erlang:display({first, first(5, []), element(2, process_info(self(), message_queue_len))}).

server() -> receive {From, Ref} -> From ! {Ref, ok}, server() end.

calls(0, _, Sum) -> Sum;
calls(N, Server, Sum) ->
    Ref = make_ref(),
    Server ! {self(), Ref},
    receive {Ref, ok} -> calls(N - 1, Server, Sum + 1) end.

%% The first reference's answer comes after the second reference was made, and before.
nested(Server) ->
    One = make_ref(),
    Server ! {self(), One},
    receive after 20 -> ok end,
    Two = make_ref(),
    Server ! {self(), Two},
    Second = receive {Two, X} -> X end,
    First = receive {One, Y} -> Y end,
    {First, Second}.

%% A message sent before the reference was made is still found by other receives.
older() ->
    self() ! {wanted, here},
    Ref = make_ref(),
    self() ! {Ref, late},
    Found = receive {wanted, W} -> W end,
    {Found, receive {Ref, L} -> L end}.

timeouts(Server) ->
    Ref = make_ref(),
    Missed = receive {Ref, ok} -> found after 0 -> missed end,
    Server ! {self(), Ref},
    {Missed, receive {Ref, ok} -> found after 5000 -> missed end}.

twice(Server) ->
    Ref = make_ref(),
    Server ! {self(), Ref},
    Server ! {self(), Ref},
    receive {Ref, ok} -> ok end,
    receive {Ref, ok} -> both end.

down() ->
    {Pid, Ref} = spawn_monitor(fun() -> exit(done) end),
    receive {'DOWN', Ref, process, Pid, Reason} -> Reason end.

first(0, Seen) -> lists:reverse(Seen);
first(N, Seen) -> receive X -> first(N - 1, [X | Seen]) end.
