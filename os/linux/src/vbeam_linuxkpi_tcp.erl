%% Congestion control of TCP (net/tcp.h, RFC 5681): what modules with an algorithm of their own
%% share, and a connection to try one with. Structures: tcp_sock, sock, inet_connection_sock.
-module(vbeam_linuxkpi_tcp).
-compile(nowarn_export_all).
-compile(export_all).

-define(CWND_MIN, 2).
-define(NO_LIMIT, 16#7fffffff).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"tcp_slow_start">>, <<"tcp_cong_avoid_ai">>, <<"tcp_reno_ssthresh">>,
            <<"tcp_reno_undo_cwnd">>, <<"tcp_reno_cong_avoid">>, <<"tcp_enter_cwr">>
        ]
    ].

get(Sock, Field) -> vbeam_ko_memory:get(Sock, tcp_sock, Field).
set(Sock, Field, Value) -> vbeam_ko_memory:set(Sock, tcp_sock, Field, Value).

%% Of the acknowledged segments, those that are left when the threshold is reached.
tcp_slow_start(Sock, Acked) ->
    Old = get(Sock, snd_cwnd),
    New = min(Old + Acked, get(Sock, snd_ssthresh)),
    set(Sock, snd_cwnd, min(New, get(Sock, snd_cwnd_clamp))),
    Acked - (New - Old).

%% One segment more for each Window that were acknowledged.
tcp_cong_avoid_ai(Sock, Window, Acked) ->
    case get(Sock, snd_cwnd_cnt) >= Window of
        true ->
            set(Sock, snd_cwnd_cnt, 0),
            set(Sock, snd_cwnd, get(Sock, snd_cwnd) + 1);
        false ->
            ok
    end,
    Count = get(Sock, snd_cwnd_cnt) + Acked,
    More = case Count >= Window of true -> Count div Window; false -> 0 end,
    set(Sock, snd_cwnd_cnt, Count - More * Window),
    set(Sock, snd_cwnd, min(get(Sock, snd_cwnd) + More, get(Sock, snd_cwnd_clamp))).

tcp_reno_ssthresh(Sock) -> max(get(Sock, snd_cwnd) bsr 1, ?CWND_MIN).
tcp_reno_undo_cwnd(Sock) -> max(get(Sock, snd_cwnd), get(Sock, prior_cwnd)).
tcp_reno_cong_avoid(Sock, _Ack, Acked) ->
    Window = get(Sock, snd_cwnd),
    Left = case Window < get(Sock, snd_ssthresh) of
        true -> tcp_slow_start(Sock, Acked);
        false -> Acked
    end,
    case Left of 0 -> ok; _ -> tcp_cong_avoid_ai(Sock, get(Sock, snd_cwnd), Left) end.
tcp_enter_cwr(_Sock) -> ok.

%% A connection with fields set, on which functions of an algorithm are called one after the other:
%% {Function, Arguments behind the connection}. The results, and some fields afterwards.
-spec run(binary(), [{atom(), integer()}], [{atom(), [integer()]}], [atom()]) ->
    {ok, [integer()], [integer()]} | {error, term()}.
run(Algorithm, Fields, Calls, Wanted) ->
    case vbeam_linuxkpi_registry:find(tcp_congestion_ops, Algorithm) of
        none ->
            {error, enoent};
        Ops ->
            Sock = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(tcp_sock)),
            set(Sock, snd_cwnd_clamp, ?NO_LIMIT),
            %% So that the window counts as used: tcp_is_cwnd_limited().
            set(Sock, is_cwnd_limited, 1),
            [set(Sock, Field, Value) || {Field, Value} <- Fields],
            Results = [
                vbeam_ko_machine:call(
                    vbeam_ko_memory:get(Ops, tcp_congestion_ops, Function), [Sock | Arguments]
                )
             || {Function, Arguments} <- Calls,
                vbeam_ko_memory:get(Ops, tcp_congestion_ops, Function) =/= 0
            ],
            Values = [get(Sock, Field) || Field <- Wanted],
            vbeam_ko_memory:free(Sock),
            {ok, [Each band 16#ffffffff || Each <- Results], Values}
    end.
