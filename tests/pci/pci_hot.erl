%% A card comes and goes while the system runs: its driver starts, works, and ends with it.
-module(pci_hot).
-export([main/0]).

main() ->
    io:format("waiting for a card~n"),
    Name = await(fun() -> [N || N <- edu:all(), is_pid(whereis(N))] end, 3000),
    Pid = whereis(hd(Name)),
    Monitor = erlang:monitor(process, Pid),
    io:format("driver ~s: 6! is ~b~n", [hd(Name), edu:factorial(hd(Name), 6)]),
    io:format("working~n"),
    receive
        {'DOWN', Monitor, process, Pid, Reason} -> io:format("driver ended: ~p~n", [Reason])
    after 300000 -> io:format("driver goes on~n")
    end,
    Cards = #{vendor => 16#1234, device => 16#11e8},
    _ = await(fun() -> [gone || vbeam_pci:find(Cards) =:= []] end, 300),
    receive after 6000 -> ok end,
    io:format("children left: ~p~n", [
        [Id || {Id, _, _, _} <- supervisor:which_children(vbeam_hal_sup), lists:member(Id, Name)]
    ]),
    io:format("degraded: ~p~n", [vbeam_ladder:degraded()]).

await(Function, Tries) ->
    case Function() of
        [] when Tries > 0 ->
            receive after 100 -> ok end,
            await(Function, Tries - 1);
        Found ->
            Found
    end.
