%% A driver that counts, in versions: the test writes VERSION in front. Version 1 has a number as
%% its state, the later ones a map; 3 refuses to take over, 4 fails a little later.
-module(counter).
-behaviour(vbeam_driver).
-vsn(?VERSION).
-export([start_link/0, add/1, count/0]).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2, code_change/3]).

-define(FAILS_AT, 10).

start_link() ->
    vbeam_driver:start_link(?MODULE, ?MODULE, []).

add(N) ->
    gen_server:cast(?MODULE, {add, N}).

%% {Version, number of messages, their sum}
count() ->
    gen_server:call(?MODULE, count).

init([]) ->
    {ok, state(vbeam_keeper:get(?MODULE, sums, {0, 0}), 0)}.

-if(?VERSION =:= 1).
state({Messages, Sum}, _) -> {Messages, Sum}.
sums({Messages, Sum}) -> {Messages, Sum}.
since(_) -> 0.
-else.
state({Messages, Sum}, Since) -> #{messages => Messages, sum => Sum, since => Since}.
sums(#{messages := Messages, sum := Sum}) -> {Messages, Sum}.
since(#{since := Since}) -> Since.
-endif.

handle_interrupt(_Vector, _Data, State) ->
    {noreply, State}.

handle_call(count, _From, State) ->
    {Messages, Sum} = sums(State),
    {reply, {?VERSION, Messages, Sum}, State}.

handle_cast({add, N}, State) ->
    {Messages, Sum} = sums(State),
    vbeam_keeper:put(?MODULE, sums, {Messages + 1, Sum + N}),
    fail(since(State)),
    {noreply, state({Messages + 1, Sum + N}, since(State) + 1)}.

-if(?VERSION =:= 4).
fail(?FAILS_AT) -> exit(not_ready_yet);
fail(_) -> ok.
-else.
fail(_) -> ok.
-endif.

code_change(Version, State, Extra) ->
    change(?VERSION, Version, State, Extra).

%% The second argument is the version of the state, or the older one that it is to be of.
change(1, _, State, _Extra) ->
    {ok, State};
change(3, _, _State, Extra) ->
    {error, {not_this_way, Extra}};
change(4, 2, State, _Extra) ->
    {ok, State#{since := 0}};
change(_, 1, {Messages, Sum}, _Extra) ->
    {ok, #{messages => Messages, sum => Sum, since => 0}};
change(_, {down, 1}, #{messages := Messages, sum := Sum}, _Extra) ->
    {ok, {Messages, Sum}};
change(_, _, State, _Extra) ->
    {ok, State}.
