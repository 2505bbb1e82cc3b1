%% Terms so large that sending, comparing and hashing them takes many turns, while other processes
%% run, are killed, and send, too.
-module(large_terms).
-export([run/0]).

run() ->
    Ticker = spawn(fun() -> tick(0) end),
    List = [{I, [I, I + 1], <<I:32>>, #{I => x}} || I <- lists:seq(1, 20000)],
    Tuple = list_to_tuple(lists:seq(1, 50000)),
    Text = lists:duplicate(100000, $a),
    Term = {List, Tuple, Text, [Tuple, {Tuple}]},
    erlang:display({hashes, [erlang:phash2(T) || T <- [List, Tuple, Text, Term]]}),
    Echo = spawn(fun echo/0),
    Echo ! {self(), Term},
    Copy = receive {Echo, Answer} -> Answer end,
    erlang:display({copied, Copy == Term, Copy =:= Term, Copy < Term, Copy > Term}),
    Other = setelement(4, Copy, [Tuple, {setelement(50000, Tuple, 50000.0)}]),
    erlang:display({other, Other == Term, Other =:= Term, Other < Term, Other =< Term,
                    erlang:phash2(Other) == erlang:phash2(Term)}),
    Less = setelement(3, Copy, Text ++ "a"),
    erlang:display({less, Less < Term, Less > Term, max(Less, Term) =:= Less,
                    min(Less, Term) =:= Term}),
    erlang:display({guards, same(Copy, Term), same(Less, Term), order(Less, Term)}),
    erlang:display({alias, through_alias(Term) =:= Term}),
    erlang:display({killed, killed(Term, 20)}),
    Ticker ! {self(), stop},
    erlang:display({ticks, receive {ticks, N} -> N > 0 end}).

same(A, B) when A =:= B -> identical;
same(A, B) when A == B -> equal;
same(_, _) -> different.
order(A, B) when A < B -> less;
order(A, B) when A >= B -> not_less.

echo() -> receive {From, Term} -> From ! {self(), Term}, echo() end.

tick(N) ->
    receive {From, stop} -> From ! {ticks, N}
    after 0 -> erlang:yield(), tick(N + 1) end.

through_alias(Term) ->
    Alias = alias([reply]),
    spawn(fun() -> Alias ! {one, Term}, Alias ! {two, Term} end),
    {one, Got} = receive Message -> Message end,
    receive {two, _} -> twice after 50 -> Got end.

%% Senders that die in the middle of a large message, and receivers that are gone.
killed(_, 0) -> ok;
killed(Term, N) ->
    Sink = spawn(fun() -> receive never -> ok end end),
    {Sender, Monitor} = spawn_monitor(fun() -> Sink ! Term, Sink ! Term end),
    lists:foreach(fun(_) -> erlang:yield() end, lists:seq(1, N * 3)),
    exit(case N rem 2 of 0 -> Sender; 1 -> Sink end, kill),
    receive {'DOWN', Monitor, process, Sender, _} -> ok end,
    exit(Sink, kill),
    killed(Term, N - 1).
