%% Ports that are opened with the name of a file: what is in it is the input, what is sent is
%% written to it. Stands in for the vanilla driver of OTP's sys/unix/sys_drivers.c. A name that is
%% no regular file, such as a terminal, would keep the driver waiting and is refused.
-module(vbeam_file_port).
-behaviour(vbeam_port_driver).
-export([start/2, output/2, control/3, info/2]).

-define(CHUNK, 65536).

-record(file, {
    device :: file:fd(),
    reads :: boolean()
}).

start({file, Path}, #{in := Reads, out := Writes}) ->
    case is_file(Path, Writes) andalso file:open(Path, [raw, binary | modes(Reads, Writes)]) of
        {ok, Device} -> {ok, #file{device = Device, reads = Reads}};
        _ -> {error, einval}
    end.

%% One that is not there yet is made by opening it for output.
is_file(Path, Writes) ->
    case file:read_file_info(Path, [raw]) of
        {ok, Info} -> element(3, Info) =:= regular;
        {error, enoent} -> Writes;
        {error, _} -> false
    end.

%% For output alone it is emptied.
modes(Reads, Writes) ->
    [read || Reads] ++ [write || Writes].

output(Bytes, #file{device = Device} = File) ->
    case file:write(Device, Bytes) of
        ok -> ok;
        {error, Reason} -> self() ! {failed, Reason}
    end,
    {ok, File}.

control(_, _, File) ->
    {badarg, File}.

info(opened, #file{reads = true} = File) ->
    self() ! read,
    {[], File};
info(read, #file{device = Device} = File) ->
    case file:read(Device, ?CHUNK) of
        {ok, Bytes} ->
            self() ! read,
            {[{input, Bytes}], File};
        eof ->
            {[eof], File};
        {error, Reason} ->
            {[{stop, Reason}], File}
    end;
info({failed, Reason}, File) ->
    {[{stop, Reason}], File};
info(_, File) ->
    {[], File}.
