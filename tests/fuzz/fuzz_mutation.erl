%% Mutants of `.beam` files: a seed decides which of the victims is changed, and how.
%%
%% Three levels: bytes anywhere; chunks (dropped, doubled, cut, exchanged, numbers in their tables
%% changed); operands and instructions of the Code chunk, which leaves code that can be read, so
%% that the verifier and the interpreter see it. Format of files and operands: beam/ and
%% vm/loader/compact.ts.
-module(fuzz_mutation).
-export([victim/3, mutate/2, name/1]).

-record(victim, {
    name :: atom(),
    file :: binary(),
    chunks :: [{binary(), binary()}],
    %% Header of the Code chunk's data, the instructions, and where each begins (32 bits).
    header :: binary(),
    code :: binary(),
    starts :: binary(),
    arities :: binary()
}).

%% A victim from a sound file; byte N of `Arities` is the number of operands of instruction N.
-spec victim(atom(), binary(), binary()) -> #victim{}.
victim(Name, File, Arities) ->
    <<"FOR1", _:32, "BEAM", Rest/binary>> = File,
    Chunks = chunks(Rest),
    {_, Data = <<HeaderSize:32, _/binary>>} = lists:keyfind(<<"Code">>, 1, Chunks),
    <<Header:(HeaderSize + 4)/binary, Code/binary>> = Data,
    #victim{name = Name, file = File, chunks = Chunks, header = Header, code = Code,
            starts = starts(Code, 0, Arities, <<>>), arities = Arities}.

name(#victim{name = Name}) -> Name.

chunks(<<Id:4/binary, Size:32, Data:Size/binary, Rest/binary>>) ->
    Padding = min((4 - Size rem 4) rem 4, byte_size(Rest)),
    <<_:Padding/binary, Next/binary>> = Rest,
    [{Id, Data} | chunks(Next)];
chunks(_) -> [].

join(Chunks) ->
    Body = << <<(chunk(Id, Data))/binary>> || {Id, Data} <- Chunks >>,
    <<"FOR1", (byte_size(Body) + 4):32, "BEAM", Body/binary>>.

chunk(Id, Data) ->
    Padding = (4 - byte_size(Data) rem 4) rem 4,
    <<Id/binary, (byte_size(Data)):32, Data/binary, 0:(Padding * 8)>>.

%% ---- instructions

starts(Code, At, Arities, Found) when At < byte_size(Code) ->
    {_, Operands} = instruction(Code, At, Arities),
    Next = case Operands of
               [] -> At + 1;
               _ -> {From, Size} = lists:last(Operands), From + Size
           end,
    starts(Code, Next, Arities, <<Found/binary, At:32>>);
starts(_, _, _, Found) -> Found.

%% {Opcode, [{At, Size}]}: where its operands stand.
instruction(Code, At, Arities) ->
    Opcode = binary:at(Code, At),
    {Opcode, operands(Code, At + 1, binary:at(Arities, Opcode))}.

operands(_, _, 0) -> [];
operands(Code, At, Count) ->
    Size = operand_size(Code, At),
    [{At, Size} | operands(Code, At + Size, Count - 1)].

operand_size(Code, At) ->
    case binary:at(Code, At) of
        16#17 -> list_size(Code, At);
        16#37 -> list_size(Code, At);
        16#27 -> 1 + operand_size(Code, At + 1);
        16#47 -> 1 + operand_size(Code, At + 1);
        16#57 ->
            Register = operand_size(Code, At + 1),
            1 + Register + operand_size(Code, At + 1 + Register);
        Byte when Byte band 16#08 =:= 0 -> 1;
        Byte when Byte band 16#10 =:= 0 -> 2;
        Byte when Byte bsr 5 < 7 -> 1 + (Byte bsr 5) + 2;
        _ -> 1 + operand_size(Code, At + 1) + value(Code, At + 1) + 9
    end.

%% A list, or an allocation list, whose rows are a kind and a number.
list_size(Code, At) ->
    Count = value(Code, At + 1),
    Rows = case binary:at(Code, At) of 16#37 -> 2 * Count; _ -> Count end,
    First = At + 1 + operand_size(Code, At + 1),
    1 + operand_size(Code, At + 1) + elements_size(Code, First, Rows).

elements_size(_, _, 0) -> 0;
elements_size(Code, At, Count) ->
    Size = operand_size(Code, At),
    Size + elements_size(Code, At + Size, Count - 1).

value(Code, At) ->
    case binary:at(Code, At) of
        Byte when Byte band 16#08 =:= 0 -> Byte bsr 4;
        Byte -> ((Byte bsl 3) band 16#700) bor binary:at(Code, At + 1)
    end.

%% ---- mutants

-spec mutate(#victim{}, Other :: #victim{}) -> binary().
mutate(Victim, Other) ->
    case fuzz_random:below(10) of
        Level when Level < 6 -> join(with_code(Victim, operand_level(Victim)));
        Level when Level < 8 -> join(chunk_level(Victim#victim.chunks, Other#victim.chunks));
        8 -> change_bytes(Victim#victim.file, 1 + fuzz_random:below(4));
        9 -> join(with_code(Victim, change_bytes(Victim#victim.code, 1 + fuzz_random:below(3))))
    end.

with_code(#victim{chunks = Chunks, header = Header}, Code) ->
    lists:keyreplace(<<"Code">>, 1, Chunks, {<<"Code">>, <<Header/binary, Code/binary>>}).

change_bytes(Bytes, 0) -> Bytes;
change_bytes(Bytes, Changes) when byte_size(Bytes) > 0 ->
    At = fuzz_random:below(byte_size(Bytes)),
    <<Before:At/binary, Byte, After/binary>> = Bytes,
    Changed = case fuzz_random:below(3) of
                  0 -> fuzz_random:below(256);
                  1 -> Byte bxor (1 bsl fuzz_random:below(8));
                  2 -> Byte + 16 - 32 * fuzz_random:below(2)
              end,
    change_bytes(<<Before/binary, Changed, After/binary>>, Changes - 1);
change_bytes(Bytes, _) -> Bytes.

%% Usually one change; each further one makes it likelier that the code is refused.
operand_level(Victim = #victim{code = Code}) ->
    Changed = change_code(Code, Victim),
    case fuzz_random:below(5) of
        0 -> change_code_again(Changed, Victim);
        _ -> Changed
    end.

%% The first change may have moved instructions, and cut the last one off.
change_code_again(Code, Victim = #victim{arities = Arities}) ->
    try
        Starts = starts(Code, 0, Arities, <<>>),
        change_code(Code, Victim#victim{code = Code, starts = Starts})
    catch
        error:_ -> Code
    end.

change_code(Code, Victim = #victim{arities = Arities}) ->
    {At, Size} = any_instruction(Victim),
    {Opcode, Operands} = instruction(Code, At, Arities),
    <<Before:At/binary, Whole:Size/binary, After/binary>> = Code,
    case fuzz_random:below(12) of
        0 -> <<Before/binary, After/binary>>;
        1 -> <<Before/binary, Whole/binary, Whole/binary, After/binary>>;
        2 -> <<Before/binary, (any_bytes(Victim))/binary, Whole/binary, After/binary>>;
        3 -> <<Before/binary, (any_bytes(Victim))/binary, After/binary>>;
        4 -> <<Before/binary, (other_opcode(Opcode, Arities)), (tail(Whole))/binary, After/binary>>;
        5 -> moved_down(Before, Whole, After, At + Size, Victim);
        _ when Operands =:= [] -> change_code(Code, Victim);
        _ -> change_operand(Code, one_of_list(Operands), Operands, Victim)
    end.

one_of_list(List) -> lists:nth(1 + fuzz_random:below(length(List)), List).
tail(<<_, Rest/binary>>) -> Rest.

any_instruction(#victim{code = Code, starts = Starts}) ->
    Count = byte_size(Starts) div 4,
    I = fuzz_random:below(Count),
    <<_:I/binary-unit:32, At:32, Rest/binary>> = Starts,
    End = case Rest of
              <<Next:32, _/binary>> -> Next;
              <<>> -> byte_size(Code)
          end,
    {At, End - At}.

any_bytes(Victim = #victim{code = Code}) ->
    {At, Size} = any_instruction(Victim),
    binary:part(Code, At, Size).

%% The instruction and the one behind it change places.
moved_down(Before, Whole, After, Next, Victim = #victim{code = Code, arities = Arities}) ->
    case Next < byte_size(Code) of
        true ->
            {_, Operands} = instruction(Code, Next, Arities),
            Size = 1 + lists:sum([S || {_, S} <- Operands]),
            <<Second:Size/binary, Rest/binary>> = After,
            <<Before/binary, Second/binary, Whole/binary, Rest/binary>>;
        false -> change_code(Code, Victim)
    end.

other_opcode(Opcode, Arities) ->
    Arity = binary:at(Arities, Opcode),
    Other = 1 + fuzz_random:below(byte_size(Arities) - 1),
    case binary:at(Arities, Other) of
        Arity -> Other;
        _ -> other_opcode(Opcode, Arities)
    end.

change_operand(Code, {At, Size}, Operands, Victim) ->
    <<Before:At/binary, Operand:Size/binary, After/binary>> = Code,
    <<Byte, Rest/binary>> = Operand,
    Changed = case fuzz_random:below(8) of
                  0 -> <<(Byte bxor (1 + fuzz_random:below(7))), Rest/binary>>;
                  1 -> <<(encoded(Byte band 7, fuzz_random:below(20)))/binary>>;
                  2 -> <<(encoded(Byte band 7, large()))/binary>>;
                  3 ->
                      {From, Length} = one_of_list(Operands),
                      binary:part(Code, From, Length);
                  4 -> same_kind(Byte band 7, Victim, 30);
                  5 -> any_operand(Victim);
                  6 when Byte band 8 =:= 0 -> <<(Byte + 16), Rest/binary>>;
                  7 when Byte band 8 =:= 0 -> <<(Byte - 16), Rest/binary>>;
                  _ -> change_bytes(Operand, 1)
              end,
    <<Before/binary, Changed/binary, After/binary>>.

large() -> fuzz_random:one_of({100, 255, 256, 1023, 1024, 2047, 65535, 16777215, 16#7fffffff,
                               16#ffffffff, 1 bsl 40, 1 bsl 59, (1 bsl 64) - 1}).

encoded(Tag, Value) when Value < 16 -> <<Value:4, 0:1, Tag:3>>;
encoded(Tag, Value) when Value < 2048 -> <<(Value bsr 8):3, 1:2, Tag:3, Value:8>>;
encoded(Tag, Value) ->
    Bytes = binary:encode_unsigned(Value),
    Size = max(2, byte_size(Bytes)),
    Padding = (Size - byte_size(Bytes)) * 8,
    case Size of
        _ when Size =< 8 -> <<(Size - 2):3, 3:2, Tag:3, 0:Padding, Bytes/binary>>;
        _ -> <<7:3, 3:2, Tag:3, (encoded(0, Size - 9))/binary, Bytes/binary>>
    end.

any_operand(Victim = #victim{code = Code, arities = Arities}) ->
    {At, _} = any_instruction(Victim),
    case instruction(Code, At, Arities) of
        {_, []} -> any_operand(Victim);
        {_, Operands} ->
            {From, Size} = one_of_list(Operands),
            binary:part(Code, From, Size)
    end.

same_kind(_, Victim, 0) -> any_operand(Victim);
same_kind(Tag, Victim, Tries) ->
    case any_operand(Victim) of
        Operand = <<_:5, Tag:3, _/binary>> -> Operand;
        _ -> same_kind(Tag, Victim, Tries - 1)
    end.

%% ---- chunks

chunk_level(Chunks, Others) ->
    {Id, Data} = one_of_list(Chunks),
    case fuzz_random:below(12) of
        0 -> lists:keydelete(Id, 1, Chunks);
        1 -> [{Id, Data} | Chunks];
        2 -> lists:reverse(Chunks);
        3 -> lists:keyreplace(Id, 1, Chunks, {Id, cut(Data)});
        4 ->
            More = fuzz_random:bytes(1 + fuzz_random:below(12)),
            lists:keyreplace(Id, 1, Chunks, {Id, <<Data/binary, More/binary>>});
        5 ->
            case lists:keyfind(Id, 1, Others) of
                {Id, Other} -> lists:keyreplace(Id, 1, Chunks, {Id, Other});
                false -> lists:keydelete(Id, 1, Chunks)
            end;
        6 ->
            {OtherId, _} = one_of_list(Chunks),
            lists:keyreplace(Id, 1, Chunks, {OtherId, Data});
        Kind when Kind < 9 -> lists:keyreplace(Id, 1, Chunks, {Id, change_bytes(Data, 1)});
        _ -> lists:keyreplace(Id, 1, Chunks, {Id, change_word(Data)})
    end.

cut(<<>>) -> <<>>;
cut(Data) -> binary:part(Data, 0, fuzz_random:below(byte_size(Data))).

%% A number of 32 bits, as tables have them, becomes another one that is likely in such a table.
change_word(Data) when byte_size(Data) < 4 -> change_bytes(Data, 1);
change_word(Data) ->
    At = 4 * fuzz_random:below(byte_size(Data) div 4),
    <<Before:At/binary, Word:32, After/binary>> = Data,
    Changed = case fuzz_random:below(5) of
                  0 -> Word + 1;
                  1 -> Word - 1;
                  2 -> fuzz_random:below(60);
                  3 -> large();
                  4 ->
                      From = 4 * fuzz_random:below(byte_size(Data) div 4),
                      <<_:From/binary, Other:32, _/binary>> = Data,
                      Other
              end,
    <<Before/binary, Changed:32, After/binary>>.
