%% Ports "ram_file_drv": files in memory, which OTP's module ram_file (file:open/2 with `ram`) and
%% dets use. A command is an operation and its arguments, the answer a message {Port, {data, _}}
%% with a code first. Stands in for OTP's drivers/common/ram_file_drv.c.
%%
%% The contents are blocks by number; what is in no block is zeros.
-module(vbeam_ram_file_port).
-behaviour(vbeam_port_driver).
-export([start/2, output/2, control/3, info/2]).

%% Operations.
-define(OPEN, 1).
-define(READ, 2).
-define(SEEK, 3).
-define(WRITE, 4).
-define(SYNC, 9).
-define(TRUNCATE, 14).
-define(READ_AT, 17).
-define(WRITE_AT, 18).
-define(SYNC_DATA, 19).
-define(GET, 30).
-define(SIZE, 37).
-define(ADVISE, 38).
-define(ALLOCATE, 39).

%% Bits of the mode.
-define(MAY_READ, 1).
-define(MAY_WRITE, 2).

%% Codes of answers.
-define(DONE, 0).
-define(ERROR, 1).
-define(DATA, 2).
-define(NUMBER, 3).

-define(BLOCK_BYTES, 4096).

-record(ram, {
    binary :: boolean(),
    mode = 0 :: non_neg_integer(),
    position = 0 :: non_neg_integer(),
    size = 0 :: non_neg_integer(),
    blocks = #{} :: #{non_neg_integer() => binary()}
}).

start(_Name, Settings) ->
    {ok, #ram{binary = map_get(binary, Settings)}}.

%% The answer is sent when the port has taken the command.
output(Command, Ram) ->
    {Answer, Next} = command(Command, Ram),
    Answer =:= none orelse (self() ! {answer, Answer}),
    {ok, Next}.

control(_Operation, _Bytes, Ram) ->
    {badarg, Ram}.

info({answer, Answer}, Ram) ->
    {[{send, {data, Answer}}], Ram};
info(_Other, Ram) ->
    {[], Ram}.

command(<<?OPEN, Mode:32, Contents/binary>>, Ram) ->
    Empty = Ram#ram{mode = Mode, position = 0, size = 0, blocks = #{}},
    {number(0), write(Contents, 0, Empty)};
command(<<?WRITE, Bytes/binary>>, #ram{position = Position} = Ram) ->
    case write_at(Position, Bytes, Ram) of
        {error, Reason} -> {failure(Reason), Ram};
        Next -> {number(byte_size(Bytes)), Next#ram{position = Position + byte_size(Bytes)}}
    end;
command(<<?WRITE_AT, Offset:32/signed, Bytes/binary>>, Ram) ->
    case write_at(Offset, Bytes, Ram) of
        {error, Reason} -> {failure(Reason), Ram};
        Next -> {number(byte_size(Bytes)), Next}
    end;
command(<<?READ, Length:32/signed>>, #ram{position = Position} = Ram) ->
    case read_at(Position, Length, Ram) of
        {error, Reason} -> {failure(Reason), Ram};
        Bytes -> {data(Bytes, Ram), Ram#ram{position = Position + byte_size(Bytes)}}
    end;
command(<<?READ_AT, Offset:32/signed, Length:32/signed>>, Ram) ->
    case read_at(Offset, Length, Ram) of
        {error, Reason} -> {failure(Reason), Ram};
        Bytes -> {data(Bytes, Ram), Ram}
    end;
command(<<?SEEK, Offset:32/signed, Origin:32>>, Ram) ->
    case seek(Offset, Origin, Ram) of
        {error, Reason} -> {failure(Reason), Ram};
        Position -> {number(Position), Ram#ram{position = Position}}
    end;
command(<<?TRUNCATE>>, #ram{mode = Mode} = Ram) when Mode band ?MAY_WRITE =:= 0 ->
    {failure("eacces"), Ram};
command(<<?TRUNCATE>>, Ram) ->
    {[?DONE], truncate(Ram)};
command(<<?GET>>, #ram{size = Size} = Ram) ->
    {data(read(0, Size, Ram), Ram), Ram};
command(<<?SIZE>>, #ram{size = Size} = Ram) ->
    {number(Size), Ram};
command(<<Operation, _/binary>>, Ram)
        when Operation =:= ?SYNC; Operation =:= ?SYNC_DATA; Operation =:= ?ADVISE;
             Operation =:= ?ALLOCATE ->
    case Ram of
        #ram{mode = 0} -> {failure("ebadf"), Ram};
        _ -> {[?DONE], Ram}
    end;
command(_Unknown, Ram) ->
    {none, Ram}.

number(Number) -> [?NUMBER | binary_to_list(<<Number:32>>)].
failure(Reason) -> [?ERROR | Reason].

data(Bytes, #ram{binary = Binary}) ->
    Data = case Binary of true -> Bytes; false -> binary_to_list(Bytes) end,
    [?DATA | binary_to_list(<<(byte_size(Bytes)):32>>) ++ Data].

seek(_, _, #ram{mode = 0}) -> {error, "ebadf"};
seek(Offset, Origin, #ram{position = Position, size = Size}) ->
    case Origin of
        0 -> placed(Offset);
        1 -> placed(Position + Offset);
        2 -> placed(Size + Offset);
        _ -> {error, "einval"}
    end.
placed(Position) when Position < 0 -> {error, "einval"};
placed(Position) -> Position.

write_at(_, _, #ram{mode = Mode}) when Mode band ?MAY_WRITE =:= 0 -> {error, "ebadf"};
write_at(Offset, _, _) when Offset < 0 -> {error, "einval"};
write_at(Offset, Bytes, Ram) -> write(Bytes, Offset, Ram).

read_at(_, _, #ram{mode = Mode}) when Mode band ?MAY_READ =:= 0 -> {error, "ebadf"};
read_at(Offset, Length, _) when Offset < 0; Length < 0 -> {error, "einval"};
read_at(Offset, Length, #ram{size = Size} = Ram) ->
    read(Offset, max(0, min(Length, Size - Offset)), Ram).

%% ---- blocks

block(Number, #ram{blocks = Blocks}) ->
    maps:get(Number, Blocks, <<0:(?BLOCK_BYTES * 8)>>).

read(_, 0, _) -> <<>>;
read(Offset, Length, Ram) -> iolist_to_binary(pieces(Offset, Length, Ram)).

pieces(_, 0, _) ->
    [];
pieces(Offset, Length, Ram) ->
    From = Offset rem ?BLOCK_BYTES,
    Taken = min(Length, ?BLOCK_BYTES - From),
    Piece = binary:part(block(Offset div ?BLOCK_BYTES, Ram), From, Taken),
    [Piece | pieces(Offset + Taken, Length - Taken, Ram)].

write(<<>>, Offset, #ram{size = Size} = Ram) ->
    Ram#ram{size = max(Size, Offset)};
write(Bytes, Offset, #ram{blocks = Blocks} = Ram) ->
    Number = Offset div ?BLOCK_BYTES,
    From = Offset rem ?BLOCK_BYTES,
    Taken = min(byte_size(Bytes), ?BLOCK_BYTES - From),
    <<Part:Taken/binary, Rest/binary>> = Bytes,
    <<Front:From/binary, _:Taken/binary, Behind/binary>> = block(Number, Ram),
    Fresh = <<Front/binary, Part/binary, Behind/binary>>,
    write(Rest, Offset + Taken, Ram#ram{blocks = Blocks#{Number => Fresh}}).

%% The file ends at the position; what comes back when it grows again is zeros.
truncate(#ram{position = Position, blocks = Blocks} = Ram) ->
    Last = Position div ?BLOCK_BYTES,
    Kept = maps:filter(fun(Number, _) -> Number =< Last end, Blocks),
    From = Position rem ?BLOCK_BYTES,
    <<Front:From/binary, _/binary>> = block(Last, Ram),
    Cut = <<Front/binary, 0:((?BLOCK_BYTES - From) * 8)>>,
    Ram#ram{size = Position, blocks = Kept#{Last => Cut}}.
