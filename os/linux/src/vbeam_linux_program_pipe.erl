%% A pipe: bytes in order, between its two ends. Reading waits until there are some, or until the
%% end for writing is closed; writing waits while there are too many.
-module(vbeam_linux_program_pipe).
-export([start/0, read/2, write/2, close/2, init/0]).

-define(BYTES_MAX, 65536).

start() -> spawn_link(?MODULE, init, []).

read(Pipe, Count) -> ask(Pipe, {read, Count}).
write(Pipe, Bytes) -> ask(Pipe, {write, Bytes}).

close(Pipe, End) ->
    Pipe ! {closed, End},
    ok.

ask(Pipe, Request) ->
    Monitor = monitor(process, Pipe),
    Pipe ! {Request, self(), Monitor},
    receive
        {Monitor, Answer} ->
            demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, process, _, _} ->
            {error, epipe}
    end.

init() -> loop(<<>>, open, open).

%% Messages that cannot be served yet stay in the mailbox.
loop(_, closed, closed) ->
    ok;
loop(Bytes, Reader, Writer) ->
    receive
        {{read, Count}, From, Reference} when Bytes =/= <<>>; Writer =:= closed ->
            Length = min(Count, byte_size(Bytes)),
            <<Now:Length/binary, Rest/binary>> = Bytes,
            From ! {Reference, Now},
            loop(Rest, Reader, Writer);
        {{write, _}, From, Reference} when Reader =:= closed ->
            From ! {Reference, {error, epipe}},
            loop(Bytes, Reader, Writer);
        {{write, More}, From, Reference} when byte_size(Bytes) < ?BYTES_MAX ->
            From ! {Reference, byte_size(More)},
            loop(<<Bytes/binary, More/binary>>, Reader, Writer);
        {closed, read} ->
            loop(Bytes, closed, Writer);
        {closed, write} ->
            loop(Bytes, Reader, closed)
    end.
