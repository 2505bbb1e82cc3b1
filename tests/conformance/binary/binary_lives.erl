%% Binaries across collections, messages, process ends and appends: what is kept is intact, and what
%% is not is given back.
-module(binary_lives).
-export([run/0, relay/1]).
-include("show.hrl").

run() ->
    ?T(messages()),
    ?T(append_and_send()),
    ?T(contexts()),
    ?T(churn(2000, <<>>)),
    ?T(processes(300)),
    ?T(parts()),
    ?T(old_generation()),
    ok.

collect() -> erlang:garbage_collect().

%% A binary passes through a ring of processes; each adds to it, or passes on a part.
messages() ->
    Self = self(),
    Last = lists:foldl(fun(_, Next) -> spawn(?MODULE, relay, [Next]) end, Self, lists:seq(1, 50)),
    Last ! {go, binary:copy(<<"payload">>, 40), 0},
    receive {go, Result, Hops} -> {Hops, byte_size(Result), erlang:md5(Result)} end.

relay(Next) ->
    receive
        {go, Bin, Hops} ->
            Grown = <<Bin/binary, Hops:16, Bin/binary>>,
            Kept = <<Grown/binary, "kept here only">>,
            Size = byte_size(Grown) * 2 div 3,
            <<Part:Size/binary, _/binary>> = Grown,
            Next ! {go, binary_part(Part, 1, min(Size - 1, 3000)), Hops + 1},
            collect(),
            true = byte_size(Kept) =:= byte_size(Grown) + 14
    end.

%% The sender goes on appending to what it has sent.
append_and_send() ->
    Self = self(),
    Pid = spawn(fun() -> collector(Self, []) end),
    Final = lists:foldl(
        fun(N, Acc) ->
            Longer = <<Acc/binary, N:32>>,
            Pid ! {take, Longer},
            if N rem 17 =:= 0 -> collect(); true -> ok end,
            Longer
        end, <<>>, lists:seq(1, 300)),
    Pid ! done,
    receive {all, All} ->
        Expected = [binary_part(Final, 0, 4 * N) || N <- lists:seq(1, 300)],
        {All =:= Expected, erlang:md5(Final)}
    end.
collector(To, Acc) ->
    receive
        {take, B} -> collector(To, [B | Acc]);
        done -> To ! {all, lists:reverse(Acc)}
    end.

contexts() ->
    Big = << <<I:16>> || I <- lists:seq(1, 5000) >>,
    Small = binary_part(Big, 100, 60),
    {walk(Big, 0, 0), walk(Small, 0, 0), walk(binary:copy(Big), 0, 1)}.
walk(<<X:16, Rest/binary>>, Sum, N) when N rem 50 =:= 0 ->
    collect(),
    _ = [garbage || _ <- lists:seq(1, 50)],
    walk(Rest, Sum + X, N + 1);
walk(<<X:16, Rest/binary>>, Sum, N) -> walk(Rest, Sum + X, N + 1);
walk(<<>>, Sum, N) -> {Sum, N}.

%% Much more is allocated in all than there is memory.
churn(0, Last) -> erlang:md5(Last);
churn(N, Last) ->
    Fresh = binary:copy(<<N:32>>, 50000),
    churn(N - 1, <<(binary_part(Last, 0, min(byte_size(Last), 10)))/binary, (binary_part(Fresh, 0, 100))/binary>>).

%% Processes that end, normally or not, with binaries on their heaps and in their mailboxes.
processes(N) ->
    Big = binary:copy(<<"shared">>, 30000),
    Pids = [spawn(fun() -> hold(I, Big) end) || I <- lists:seq(1, N)],
    [Pid ! {more, binary:copy(<<I:64>>, 1000)} || {I, Pid} <- lists:zip(lists:seq(1, N), Pids)],
    Refs = [monitor(process, Pid) || Pid <- Pids],
    [exit(Pid, kill) || {I, Pid} <- lists:zip(lists:seq(1, N), Pids), I rem 3 =:= 0],
    [Pid ! stop || Pid <- Pids],
    [receive {'DOWN', Ref, process, _, _} -> ok end || Ref <- Refs],
    erlang:md5(Big).
hold(I, Big) ->
    Mine = <<Big/binary, I:32>>,
    receive stop -> byte_size(Mine) end.

parts() ->
    Parts = lists:foldl(
        fun(N, Acc) ->
            Source = binary:copy(<<N>>, 1000),
            <<_:3, Odd:600/bits, _/bits>> = Source,
            collect(),
            [Odd, binary_part(Source, N, 200), binary_part(Source, 1, 3) | Acc]
        end, [], lists:seq(1, 100)),
    Again = [binary:copy(<<P/bits, 0:((8 - bit_size(P) rem 8) rem 8)>>) || P <- Parts],
    {length(Parts), erlang:md5(Again), erlang:md5(list_to_bitstring(Parts))}.

old_generation() ->
    Kept = [{I, binary:copy(<<I:32>>, I rem 40), make_fun(binary:copy(<<I:16>>, 50))} || I <- lists:seq(1, 500)],
    [_ = lists:seq(1, 500) || _ <- lists:seq(1, 200)],
    collect(),
    collect(),
    erlang:md5([[B, F()] || {_, B, F} <- Kept]).
make_fun(B) -> fun() -> B end.
