%% erlang:memory/0,1: which sums there are, and that they follow what is made and given back.
-module(memory_sums).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [?C([Type || {Type, Bytes} <- erlang:memory(), is_integer(Bytes), Bytes > 0]),
     ?C(consistent(erlang:memory())),
     ?C([Type || {Type, _} <- erlang:memory([ets, total, ets])]),
     ?C(erlang:memory([])), ?C(erlang:memory(nothing)), ?C(erlang:memory([ets, nothing])),
     ?C(erlang:memory({ets})), ?C(erlang:memory(maximum)),
     ?C(is_list(erlang:system_info(allocated_areas))),
     ?C([is_binary(erlang:system_info(Item)) || Item <- [info, loaded, procs, dist]]),
     ?C(erlang:system_info(dist)),
     ?C([lists:member(Line, lines(info)) || Line <- [<<"=memory">>, <<"=index_table:atom_tab">>]]),
     ?C([re:run(erlang:system_info(procs), Pattern, [multiline, {capture, none}])
         || Pattern <- ["^=proc:<0.0.0>$", "^Name: init$", "^State: Running$", "^Spawned as: erl_init:start/2$"]]),
     ?C(binaries(fun() -> [binary:copy(<<1>>, 100), binary:copy(<<2>>, 200)] end)),
     ?C(binaries(fun() -> {[], <<1:80>>} end)),
     ?C(binaries(fun() -> B = binary:copy(<<1>>, 1000), {B, binary:part(B, 10, 500)} end)),
     ?C([{Type, grows(Type, Make)} || {Type, Make} <- makers()])].

lines(Item) ->
    binary:split(erlang:system_info(Item), <<"\n">>, [global]).

consistent(Sums) ->
    [Total, Processes, Used, System, Atom, AtomUsed, Binary, Code, Ets] = [Bytes || {_, Bytes} <- Sums],
    {Total =:= Processes + System, Used =< Processes, AtomUsed =< Atom, Atom + Binary + Code + Ets =< System}.

%% Bytes and references of the binaries of a process, fresh and after collections.
binaries(Make) ->
    Self = self(),
    Pid = spawn(fun() -> Terms = Make(), Self ! ready, holds(Terms) end),
    receive ready -> ok end,
    Info = [begin
                receive after 1 -> ok end,
                {binary, Binaries} = process_info(Pid, binary),
                garbage_collect(Pid),
                lists:sort([{Bytes, References} || {Address, Bytes, References} <- Binaries, is_integer(Address)])
            end || _ <- [1, 2, 3]],
    Pid ! stop,
    {Info, process_info(Pid, binary) =:= undefined orelse process_info(self(), [binary])}.
holds(Terms) -> receive stop -> Terms end.

%% Each makes something of megabytes, and gives back how to make it go.
makers() ->
    [{binary, fun() -> Binary = binary:copy(<<7>>, 1 bsl 24), fun() -> byte_size(Binary) end end},
     {ets, fun() -> T = ets:new(t, []), [ets:insert(T, {I, I, I}) || I <- lists:seq(1, 100000)], fun() -> ets:delete(T) end end},
     {processes, fun() -> L = lists:seq(1, 1 bsl 19), fun() -> length(L) end end},
     {total, fun() -> Binary = binary:copy(<<7>>, 1 bsl 24), fun() -> byte_size(Binary) end end}].

%% In a process of its own, so that nothing is left of it; nobody else has garbage meanwhile.
grows(Type, Make) ->
    [garbage_collect(Pid) || Pid <- processes()],
    Before = settled(Type, erlang:memory(Type), 100),
    {Pid, Monitor} = spawn_monitor(fun() -> End = Make(), Bytes = erlang:memory(Type), End(), exit({Bytes, true}) end),
    receive {'DOWN', Monitor, process, Pid, {During, true}} -> ok end,
    {During - Before > 3000000, settles(Type, Before + 2000000, 100)}.

%% What processes leave behind is freed by and by.
settled(_, Bytes, 0) -> Bytes;
settled(Type, Bytes, N) ->
    timer:sleep(20),
    case erlang:memory(Type) of
        Fewer when Fewer < Bytes - 100000 -> settled(Type, Fewer, N - 1);
        Now -> Now
    end.

settles(_, _, 0) -> false;
settles(Type, Most, N) ->
    case erlang:memory(Type) < Most of
        true -> true;
        false -> timer:sleep(20), settles(Type, Most, N - 1)
    end.
