%% Options and requests of I/O devices, those too that are refused: results, reasons, error_info.
-module(io_devices).
-export([cases/0]).

cases() ->
    [{lists:flatten(io_lib:format("setopts(~w, ~w)", [Device, Options])),
      fun() -> with(Device, fun(Io) -> [io:setopts(Io, Options), io:getopts(Io)] end) end}
     || Device <- devices(), Options <- options()]
        ++ [{lists:flatten(io_lib:format("~w of ~w, ~w", [Function, Device, Arguments])),
             fun() -> with(Device, fun(Io) -> apply(io, Function, [Io | Arguments]) end) end}
            || Device <- devices(), {Function, Arguments} <- requests()]
        ++ [{lists:flatten(io_lib:format("~w ~w", [Function, Arguments])),
             fun() -> apply(io, Function, Arguments) end}
            || {Function, Arguments} <- [{format, [1, []]}, {format, ["~p", a]}, {format, ["~z", [a]]},
                                         {put_chars, [1]}, {put_chars, [[x | y]]},
                                         {format, ["~*p", [a, b]]}, {put_chars, ["a", b]}]].

devices() -> [file, unicode_file, string, dead, no_such_name, 1].

options() ->
    [[binary], [list], [{encoding, unicode}], [{encoding, latin1}], [{encoding, foo}],
     [{encoding, utf8}], [foo], [{echo, true}], foo, [{binary, true}], [{binary, false}], []].

requests() ->
    [{put_chars, ["x"]}, {put_chars, [[16#400]]}, {put_chars, [[16#110000]]}, {put_chars, [a]},
     {put_chars, [latin1, [255]]}, {put_chars, [unicode, <<255>>]}, {nl, []}, {get_line, [""]},
     {get_chars, ["", 3]}, {get_chars, ["", -3]}, {get_chars, ["", a]}, {format, ["x~n", []]},
     {format, ["~p", []]}, {format, ["~q", [1]]}, {fread, ["", "~d"]}, {read, [""]}, {rows, []},
     {columns, []}, {write, [x]}, {request, [foo]}, {requests, [[foo]]}, {requests, [[getopts]]},
     {scan_erl_exprs, [""]}, {parse_erl_form, [""]}, {getopts, []}].

%% Call Fun with a device; {Result, messages}.
with(Kind, Fun) ->
    {Device, Close} = open(Kind),
    try Fun(Device)
    after Close()
    end.

open(file) -> opened([write, read]);
open(unicode_file) -> opened([write, read, {encoding, unicode}]);
open(string) ->
    {ok, Device} = file:open("1. text\n", [read, ram]),
    {Device, fun() -> file:close(Device) end};
open(dead) ->
    {Pid, Monitor} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, process, Pid, _} -> ok end,
    {Pid, fun() -> ok end};
open(Other) -> {Other, fun() -> ok end}.

opened(Modes) ->
    Name = "io_devices." ++ integer_to_list(erlang:unique_integer([positive])),
    {ok, Device} = file:open(Name, Modes),
    ok = file:write(Device, "{a, 1}.\n12 next\n"),
    {ok, 0} = file:position(Device, bof),
    {Device, fun() -> file:close(Device), file:delete(Name) end}.
