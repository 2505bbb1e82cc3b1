%% OTP's release_handler makes the system another release, and the first one again, while lines go
%% out by the driver that changes.
-module(release).
-export([main/0]).

-define(LINES, 600).

main() ->
    try
        run()
    catch
        Class:Reason:Stack ->
            io:format("failed: ~p~n", [{Class, Reason, Stack}]),
            timer:sleep(1000),
            halt(1)
    end.

run() ->
    _ = application:start(sasl),
    said(start),
    {ok, _} = file:copy("/versions/vbeam-0.2.0.tar.gz", "/otp/releases/vbeam-0.2.0.tar.gz"),
    {ok, "0.2.0"} = release_handler:unpack_release("vbeam-0.2.0"),
    said(unpacked),
    Serial = whereis(vbeam_serial),
    Self = self(),
    Writer = spawn_link(fun() ->
        [io:format("line ~b abcdefghijklmnopqrstuvwxyz~n", [N]) || N <- lists:seq(1, ?LINES)],
        Self ! {self(), written}
    end),
    {ok, "0.1.0", _} = release_handler:install_release("0.2.0"),
    ok = release_handler:make_permanent("0.2.0"),
    said(upgraded),
    {ok, _, _} = release_handler:install_release("0.1.0"),
    ok = release_handler:make_permanent("0.1.0"),
    said(back),
    receive {Writer, written} -> ok end,
    io:format("the same process: ~p~n", [whereis(vbeam_serial) =:= Serial]).

said(When) ->
    Releases = lists:sort([
        {Vsn, Status} || {"vbeam", Vsn, _, Status} <- release_handler:which_releases()
    ]),
    {ok, Application} = application:get_key(vbeam, vsn),
    Marks = [Mark || {mark, [Mark]} <- vbeam_serial:module_info(attributes)],
    io:format("release ~p: ~0p, ~s, ~p, ~s~n", [
        When, Releases, Application, Marks, filename:basename(code:lib_dir(vbeam))
    ]).
