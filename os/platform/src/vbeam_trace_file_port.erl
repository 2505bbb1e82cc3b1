%% Ports "trace_file_drv ..." to which dbg and fprof have traces written: each output becomes
%% <<0, Size:32, Bytes/binary>> in a file, which dbg:trace_client/2,3 reads. Stands in for OTP's
%% lib/runtime_tools/c_src/trace_file_drv.c.
%%
%% The command is "trace_file_drv n File", or "trace_file_drv w Size Count Time Position n File" for
%% a set of files: the number of a file is put into the name at Position. A file is full when it has
%% Size bytes, or Time milliseconds after it was opened (0: no such limit); there are Count files at
%% most, numbered in a circle of Count + 1, so that a gap shows where it begins.
-module(vbeam_trace_file_port).
-behaviour(vbeam_port_driver).
-export([start/2, output/2, control/3, info/2]).

-define(TERM, 0).
-define(FLUSH, $f).

-record(trace, {
    file :: file:fd(),
    name :: single | {Front :: binary(), Tail :: binary()},
    %% Largest size of a file, number of files, milliseconds: 0 = no limit.
    size = 0 :: non_neg_integer(),
    count = 1 :: pos_integer(),
    time = 0 :: non_neg_integer(),
    number = 0 :: non_neg_integer(),
    written = 0 :: non_neg_integer(),
    timer = none :: reference() | none
}).

start({spawn, Command}, _Settings) ->
    %% Whoever closes the port finds all that was told before in the file.
    process_flag(priority, max),
    parse(unicode:characters_to_binary(Command));
start(_, _) ->
    {error, badarg}.

parse(<<"trace_file_drv n ", Name/binary>>) ->
    open(Name, #trace{file = none, name = single});
parse(<<"trace_file_drv w ", Text/binary>>) ->
    try
        [Size, Count, Time, Position, <<"n ", Name/binary>>] = parts(Text, 4),
        {Front, Tail} = split_binary(Name, Position),
        Wanted = #trace{file = none, name = {Front, Tail}, size = Size, count = Count, time = Time},
        open(numbered(Wanted), Wanted)
    catch
        error:_ -> {error, badarg}
    end;
parse(_) ->
    {error, badarg}.

parts(Text, 0) ->
    [Text];
parts(Text, N) ->
    [Number, Rest] = binary:split(Text, <<" ">>),
    [binary_to_integer(Number) | parts(Rest, N - 1)].

numbered(#trace{name = {Front, Tail}, number = Number}) ->
    <<Front/binary, (integer_to_binary(Number))/binary, Tail/binary>>.

open(Name, Trace) ->
    case file:open(Name, [raw, write, binary]) of
        {ok, File} -> {ok, timed(Trace#trace{file = File, written = 0})};
        {error, _} = Error -> Error
    end.

timed(#trace{time = 0} = Trace) ->
    Trace;
timed(#trace{time = Time, timer = Old} = Trace) ->
    Old =:= none orelse erlang:cancel_timer(Old),
    Trace#trace{timer = erlang:start_timer(Time, self(), wrap)}.

output(Bytes, #trace{file = File, written = Written} = Trace) ->
    Entry = [<<?TERM, (byte_size(Bytes)):32>>, Bytes],
    ok = file:write(File, Entry),
    {ok, wrap_if_full(Trace#trace{written = Written + iolist_size(Entry)})}.

wrap_if_full(#trace{size = Size, written = Written} = Trace) when Size > 0, Written >= Size ->
    wrap(Trace);
wrap_if_full(Trace) ->
    Trace.

%% The next file; the one behind it goes, if there is one from the round before.
wrap(#trace{file = File, number = Number, count = Count} = Trace) ->
    ok = file:close(File),
    Next = Trace#trace{number = (Number + 1) rem (Count + 1)},
    Gap = Next#trace{number = (Number + 2) rem (Count + 1)},
    _ = file:delete(numbered(Gap)),
    {ok, Opened} = open(numbered(Next), Next),
    Opened.

control(?FLUSH, _, #trace{file = File} = Trace) ->
    ok = file:sync(File),
    {[0], Trace};
control(_, _, Trace) ->
    {badarg, Trace}.

info({timeout, Timer, wrap}, #trace{timer = Timer} = Trace) ->
    {[], wrap(Trace)};
info(_, Trace) ->
    {[], Trace}.
