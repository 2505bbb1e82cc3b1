%% How many columns a terminal gives a character: none to combining ones, two to wide ones (Unicode
%% Standard Annex 11, classes W and F, and emoji), one to all others.
-module(vbeam_tty_width).
-export([of_character/1]).

-define(NONE, [
    {16#300, 16#36f}, {16#483, 16#489}, {16#591, 16#5bd}, {16#610, 16#61a}, {16#64b, 16#65f},
    {16#6d6, 16#6dc}, {16#900, 16#902}, {16#93c, 16#93c}, {16#941, 16#948}, {16#94d, 16#94d},
    {16#e31, 16#e31}, {16#e34, 16#e3a}, {16#e47, 16#e4e}, {16#1ab0, 16#1aff}, {16#1dc0, 16#1dff},
    {16#200b, 16#200f}, {16#202a, 16#202e}, {16#2060, 16#2064}, {16#20d0, 16#20ff},
    {16#fe00, 16#fe0f}, {16#fe20, 16#fe2f}, {16#feff, 16#feff}, {16#e0100, 16#e01ef}
]).
-define(TWO, [
    {16#1100, 16#115f}, {16#231a, 16#231b}, {16#2329, 16#232a}, {16#23e9, 16#23ec},
    {16#2614, 16#2615}, {16#2648, 16#2653}, {16#26a1, 16#26a1}, {16#26bd, 16#26be},
    {16#26c4, 16#26c5}, {16#2705, 16#2705}, {16#270a, 16#270b}, {16#2728, 16#2728},
    {16#2753, 16#2755}, {16#2795, 16#2797}, {16#2b1b, 16#2b1c}, {16#2b50, 16#2b50},
    {16#2e80, 16#303e}, {16#3041, 16#33ff}, {16#3400, 16#4dbf}, {16#4e00, 16#a4cf},
    {16#a960, 16#a97c}, {16#ac00, 16#d7a3}, {16#f900, 16#faff}, {16#fe30, 16#fe6f},
    {16#ff00, 16#ff60}, {16#ffe0, 16#ffe6}, {16#1f300, 16#1f64f}, {16#1f680, 16#1f6ff},
    {16#1f900, 16#1faff}, {16#20000, 16#3fffd}
]).

-spec of_character(char()) -> 0..2.
of_character(Character) ->
    case within(Character, ?NONE) of
        true ->
            0;
        false ->
            case within(Character, ?TWO) of
                true -> 2;
                false -> 1
            end
    end.

within(Character, Ranges) ->
    lists:any(fun({First, Last}) -> Character >= First andalso Character =< Last end, Ranges).
