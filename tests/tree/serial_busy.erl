%% How much of the time the serial line is busy while there is something to send.
-module(serial_busy).
-export([main/0]).

-define(BAUD, 115200).
%% With start and stop bit.
-define(BITS, 10).

main() ->
    Bytes = binary:copy(<<"0123456789abcdef0123456789abcd\r\n">>, 2000),
    {Us, ok} = timer:tc(fun() -> ok = vbeam_serial:write(Bytes), vbeam_serial:drain() end),
    io:format("busy ~.2f %~n", [100 * byte_size(Bytes) * ?BITS * 1.0e6 / ?BAUD / Us]).
