%% Lines on the debug console: a port that takes characters for whoever watches the machine (QEMU's
%% isa-debugcon; machine/debug_console.ts). No driver of the system uses it, so what is told there
%% does not depend on what is being broken.
-module(vbeam_chaos_report).
-export([open/0, line/3]).
-export_type([report/0]).

-define(PORT, 16#e9).
%% What a device that is there answers.
-define(THERE, 16#e9).
%% As many as one instruction takes.
-define(BYTES_MAX, 64).

-type report() :: vbeam_hw:handle().

%% The calling process is the only one that can write.
-spec open() -> report().
open() ->
    Handle = vbeam_hw:claim_ports(?PORT, 1),
    ?THERE = vbeam_hw:in(Handle, 0, 8),
    Handle.

-spec line(report(), io:format(), [term()]) -> ok.
line(Handle, Format, Arguments) ->
    Text = unicode:characters_to_binary(io_lib:format(Format, Arguments)),
    write(Handle, <<(binary:replace(Text, <<"\n">>, <<" ">>, [global]))/binary, $\n>>).

write(Handle, <<Bytes:?BYTES_MAX/binary, Rest/binary>>) ->
    ok = vbeam_hw:out_bytes(Handle, 0, Bytes),
    write(Handle, Rest);
write(Handle, Bytes) ->
    ok = vbeam_hw:out_bytes(Handle, 0, Bytes).
