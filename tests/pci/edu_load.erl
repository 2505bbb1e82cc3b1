%% The driver of `edu` (examples/edu.erl) under load while it is ended again and again, and so is
%% vbeam_pci: every answer is right, and in the end all are served.
-module(edu_load).
-export([main/0]).

-define(WORKERS, 4).
-define(REQUESTS, 12).
-define(KILLS, 20).

main() ->
    Names = await_drivers(100),
    io:format("drivers: ~p~n", [Names]),
    vbeam:pci(),
    [Name | _] = Names,
    io:format("8! is ~b, 13! is ~b~n", [edu:factorial(Name, 8), edu:factorial(Name, 13)]),
    Text = binary:copy(<<"to and fro ">>, 100),
    io:format("copied: ~p~n", [edu:copy(Name, Text) =:= Text]),
    io:format("foreign: ~p~n", [foreign(Name)]),
    Self = self(),
    Workers = [spawn_monitor(fun() -> work(Name, N, ?REQUESTS) end) || N <- lists:seq(1, ?WORKERS)],
    Killer = spawn_link(fun() -> kill(Self, Name, ?KILLS) end),
    [receive {'DOWN', M, process, P, Reason} -> normal = Reason end || {P, M} <- Workers],
    receive {Killer, killed} -> ok end,
    io:format("all ~b requests answered~n", [?WORKERS * ?REQUESTS]),
    io:format("served: ~p~n", [edu:served(Name) >= ?WORKERS * ?REQUESTS]),
    io:format("degraded: ~p~n", [vbeam_ladder:degraded()]),
    %% Nobody else has its vectors or memory now; the next one gets both.
    exit(whereis(Name), kill),
    again(fun() -> edu:factorial(Name, 5) end),
    io:format("owner: ~p~n", [owner_is(Name)]).

await_drivers(Tries) ->
    case [Name || Name <- edu:all(), whereis(Name) =/= undefined] of
        [] when Tries > 0 ->
            receive after 100 -> ok end,
            await_drivers(Tries - 1);
        Names ->
            Names
    end.

%% What another process may not do with the device.
foreign(Name) ->
    [#{address := Address, bars := #{0 := #{base := Base}}} | _] =
        vbeam_pci:find(#{vendor => 16#1234, device => 16#11e8}),
    true = is_pid(whereis(Name)),
    [
        vbeam_pci:claim(Address),
        vbeam_pci:write(Address, 4, 16, 0),
        vbeam_pci:claim_dma(Address, 4096),
        catch_reason(fun() -> vbeam_hw:claim_memory(Base, 16) end),
        catch_reason(fun() -> vbeam_hw:claim_ports(16#cf8, 8) end)
    ].

catch_reason(Function) ->
    try Function() of
        Value -> Value
    catch
        error:Reason -> Reason
    end.

work(_Name, _N, 0) ->
    ok;
work(Name, N, Left) when Left rem 3 =:= 0 ->
    Bytes = list_to_binary([(N * Left + I) band 255 || I <- lists:seq(1, 500)]),
    Bytes = again(fun() -> edu:copy(Name, Bytes) end),
    work(Name, N, Left - 1);
work(Name, N, Left) ->
    Expected = product(Left) band 16#ffffffff,
    Expected = again(fun() -> edu:factorial(Name, Left) end),
    work(Name, N, Left - 1).

product(0) -> 1;
product(N) -> N * product(N - 1).

again(Function) ->
    try
        Function()
    catch
        exit:_ ->
            receive after 5 -> ok end,
            again(Function)
    end.

kill(Parent, _Name, 0) ->
    Parent ! {self(), killed};
kill(Parent, Name, Left) ->
    receive after 150 -> ok end,
    Victim =
        case Left rem 4 of
            0 -> vbeam_pci;
            _ -> Name
        end,
    _ = is_pid(whereis(Victim)) andalso exit(whereis(Victim), kill),
    kill(Parent, Name, Left - 1).

owner_is(Name) ->
    [#{address := Address} | _] = vbeam_pci:find(#{vendor => 16#1234, device => 16#11e8}),
    vbeam_pci:owner(Address) =:= whereis(Name).
