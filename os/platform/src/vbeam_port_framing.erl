%% Input and output of a port in the framing that its owner asked for: a stream, packets with a
%% length before them, or lines. Input: a state that takes bytes and gives the terms of
%% {Port, {data, Term}}.
-module(vbeam_port_framing).
-export([new/1, input/2, rest/1, output/2]).
-export_type([state/0]).

-record(framing, {
    kind :: stream | {packet, 1 | 2 | 4} | {line, pos_integer()},
    binary :: boolean(),
    held = <<>> :: binary()
}).
-opaque state() :: #framing{}.

-spec new(vbeam_port_settings:settings()) -> state().
new(#{framing := Kind, binary := Binary}) ->
    #framing{kind = Kind, binary = Binary}.

%% Data that are complete with these bytes, in order.
-spec input(binary(), state()) -> {[term()], state()}.
input(Bytes, #framing{kind = stream} = State) ->
    {[data(Bytes, State)], State};
input(Bytes, #framing{kind = {packet, Size}, held = Held} = State) ->
    {Packets, Rest} = packets(<<Held/binary, Bytes/binary>>, Size * 8, []),
    {[data(Packet, State) || Packet <- Packets], State#framing{held = Rest}};
input(Bytes, #framing{kind = {line, Length}, held = Held} = State) ->
    {Lines, Rest} = lines(<<Held/binary, Bytes/binary>>, Length, []),
    {[{Kind, data(Line, State)} || {Kind, Line} <- Lines], State#framing{held = Rest}}.

%% The input has ended: what is left of it.
-spec rest(state()) -> [term()].
rest(#framing{kind = {line, Length}, held = Held} = State) when byte_size(Held) > Length ->
    %% One byte more than a line may have: it could have been the first one of the line's end.
    <<Part:Length/binary, Return/binary>> = Held,
    [{noeol, data(Part, State)}, {noeol, data(Return, State)}];
rest(#framing{kind = {line, _}, held = Held} = State) when Held =/= <<>> ->
    [{noeol, data(Held, State)}];
rest(_) ->
    [].

%% The bytes that stand for one output.
-spec output(binary(), state()) -> {ok, binary()} | error.
output(Bytes, #framing{kind = {packet, Size}}) when byte_size(Bytes) bsr (Size * 8) =:= 0 ->
    {ok, <<(byte_size(Bytes)):Size/unit:8, Bytes/binary>>};
output(_, #framing{kind = {packet, _}}) ->
    error;
output(Bytes, _) ->
    {ok, Bytes}.

data(Bytes, #framing{binary = true}) -> Bytes;
data(Bytes, _) -> binary_to_list(Bytes).

packets(Bytes, Bits, Packets) ->
    case Bytes of
        <<Length:Bits, Packet:Length/binary, Rest/binary>> ->
            packets(Rest, Bits, [Packet | Packets]);
        _ ->
            {lists:reverse(Packets), Bytes}
    end.

%% A line ends with a line feed or with a carriage return and a line feed.
lines(Bytes, Length, Lines) ->
    case binary:split(Bytes, <<"\n">>) of
        [Ended, Rest] ->
            Line = without_return(Ended),
            case byte_size(Line) =< Length of
                true -> lines(Rest, Length, [{eol, Line} | Lines]);
                false -> lines_of_part(Bytes, Length, Lines)
            end;
        [Open] ->
            case byte_size(without_return(Open)) =< Length of
                true -> {lists:reverse(Lines), Bytes};
                false -> lines_of_part(Bytes, Length, Lines)
            end
    end.

lines_of_part(Bytes, Length, Lines) ->
    <<Part:Length/binary, Rest/binary>> = Bytes,
    lines(Rest, Length, [{noeol, Part} | Lines]).

without_return(<<>>) -> <<>>;
without_return(Line) ->
    Size = byte_size(Line) - 1,
    case Line of
        <<Before:Size/binary, $\r>> -> Before;
        _ -> Line
    end.
