%% What is on the buses, in a form that can be compared with what QEMU's monitor says; and a
%% function with MSI-X (QEMU's e1000e) sends a message when it is told to.
-module(pci_list).
-export([main/0]).

%% e1000e: interrupt causes that are set, and enabled; which message is for "other" causes.
-define(ICS, 16#c8).
-define(IMS, 16#d0).
-define(IVAR, 16#e4).
-define(OTHER, 16#01000000).

main() ->
    [
        io:format("function ~b ~b ~b ~4.16.0b:~4.16.0b ~w~n", [B, D, F, Vendor, Id, bars(Bars)])
     || #{address := {B, D, F}, vendor := Vendor, device := Id, bars := Bars} <- vbeam_pci:devices()
    ],
    case vbeam_pci:find(#{vendor => 16#8086, device => 16#10d3}) of
        [#{address := Address} | _] -> message(Address);
        [] -> ok
    end,
    io:format("listed~n"),
    receive after 3000 -> ok end.

bars(Bars) ->
    [{I, B, N} || {I, #{base := B, bytes := N}} <- lists:sort(maps:to_list(Bars)), B > 0].

message(Address) ->
    {ok, #{bars := #{0 := Registers}}} = vbeam_pci:claim(Address),
    {ok, #{kind := Kind, vectors := Vectors} = Messages} = vbeam_pci:claim_messages(Address, 4),
    Last = lists:last(Vectors),
    io:format("~p: ~b vectors~n", [Kind, length(Vectors)]),
    %% "Other" has message 3, valid.
    ok = vbeam_hw:write(Registers, ?IVAR, 32, (8 bor 3) bsl 16),
    ok = vbeam_hw:write(Registers, ?IMS, 32, ?OTHER),
    ok = vbeam_pci:mask(Messages, 3, true),
    ok = vbeam_hw:write(Registers, ?ICS, 32, ?OTHER),
    io:format("masked: ~p~n", [told(Last)]),
    ok = vbeam_pci:mask(Messages, 3, false),
    ok = vbeam_hw:write(Registers, ?ICS, 32, ?OTHER),
    io:format("unmasked: ~p~n", [told(Last)]).

told(Vector) ->
    receive
        {interrupt, Vector, _} -> message
    after 1000 -> nothing
    end.
