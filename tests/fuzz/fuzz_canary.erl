%% What nothing may touch: a process with terms of all kinds, a table and large binaries. Its state
%% and the VM itself are looked at from time to time, and at the end what persistent terms hold.
-module(fuzz_canary).
-export([start/0, check/1, constants/0]).

-spec start() -> {pid(), term()}.
start() ->
    Pid = spawn(fun() -> init() end),
    {Pid, ask(Pid)}.

-spec check({pid(), term()}) -> ok.
check({Pid, Wanted}) ->
    case ask(Pid) of
        Wanted -> ok;
        Other -> fuzz_runner:failed({canary, Other, Wanted})
    end,
    case catch works(lists:seq(1, 200)) of
        true -> ok;
        Wrong -> fuzz_runner:failed({vm_does_not_work, Wrong})
    end.

init() ->
    process_flag(trap_exit, true),
    Table = ets:new(canary, [ordered_set, private]),
    [ets:insert(Table, {I, integer_to_list(I), <<I:600>>}) || I <- lists:seq(1, 50)],
    Large = binary:copy(<<"canary">>, 1000),
    Terms = [maps:from_list([{I, {I, I / 7}} || I <- lists:seq(1, 60)]), 1 bsl 500, <<5:13>>, Large,
             binary:part(Large, 77, 3000), fun() -> Large end, make_ref(), self(), "text", 2.5],
    put(terms, Terms),
    loop(Table, Terms).

loop(Table, Terms) ->
    receive
        {digest, From} ->
            Same = get(terms) =:= Terms,
            Rows = ets:tab2list(Table),
            Plain = [T || T <- Terms, not is_function(T)],
            From ! {digest, self(), {Same, erlang:phash2(Plain), erlang:phash2(Rows)}};
        _ -> ok
    end,
    loop(Table, Terms).

ask(Pid) ->
    Pid ! {digest, self()},
    receive
        {digest, Pid, Digest} -> Digest
    after 5000 ->
        fuzz_runner:failed(canary_is_gone)
    end.

works(List) ->
    Map = maps:from_list([{I, {I, <<I:16>>, [I * 1.5]}} || I <- List]),
    Map = binary_to_term(term_to_binary(Map)),
    List = lists:sort(lists:reverse(List)),
    Product = lists:foldl(fun(I, A) -> A * I end, 1, List),
    0 = Product rem 199,
    erlang:garbage_collect(),
    {Pid, Ref} = spawn_monitor(fun() -> exit({done, maps:get(77, Map)}) end),
    receive
        {'DOWN', Ref, process, Pid, Reason} -> Reason =:= {done, {77, <<0, 77>>, [115.5]}}
    after 5000 -> false
    end.

%% A digest of what is kept outside of all heaps: literals, and binaries that they refer to.
-spec constants() -> integer().
constants() -> erlang:phash2([Value || {_, Value} <- lists:sort(persistent_term:get())]).
