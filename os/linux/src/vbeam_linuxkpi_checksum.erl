%% Checksums and compression that the kernel itself has for modules: CRC-32 of both polynomials and
%% orders (linux/crc32.h), CRC-CCITT, sorting and searching (linux/sort.h, linux/bsearch.h), bits of
%% bitmaps (linux/find.h), greatest common divisors.
-module(vbeam_linuxkpi_checksum).
-compile(nowarn_export_all).
-compile(export_all).

-define(U32, 16#ffffffff).
%% Reflected polynomial of CRC-32C (Castagnoli).
-define(CASTAGNOLI, 16#82f63b78).
-define(CRC32, 16#04c11db7).
-define(SORT_BYTES_MAX, 16#100000).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"crc32_le">>, <<"crc32_be">>, <<"__crc32c_le">>, <<"crc_ccitt">>, <<"gcd">>,
                <<"lcm">>,
            <<"int_sqrt">>, <<"sort">>, <<"bsearch">>, <<"_find_next_bit">>, <<"_find_first_bit">>,
            <<"_find_first_zero_bit">>, <<"_find_next_zero_bit">>, <<"_find_last_bit">>,
            <<"__bitmap_weight">>, <<"bitmap_zalloc">>, <<"bitmap_alloc">>, <<"bitmap_free">>,
            <<"__bitmap_clear">>, <<"__bitmap_set">>, <<"rational_best_approximation">>,
            <<"LZ4_decompress_safe">>, <<"ip_compute_csum">>, <<"csum_partial">>
        ]
    ].

%% The kernel's functions neither begin nor end with the complement that erlang:crc32 has.
crc32_le(Crc, Address, Bytes) ->
    erlang:crc32(Crc bxor ?U32, vbeam_ko_memory:read(Address, Bytes)) bxor ?U32.

crc32_be(Crc, Address, Bytes) ->
    lists:foldl(
        fun(Byte, Sum) ->
            lists:foldl(
                fun(_, S) ->
                    Next = (S bsl 1) band ?U32,
                    case S band 16#80000000 of 0 -> Next; _ -> Next bxor ?CRC32 end
                end,
                Sum bxor (Byte bsl 24),
                lists:seq(1, 8)
            )
        end,
        Crc,
        binary_to_list(vbeam_ko_memory:read(Address, Bytes))
    ).

'__crc32c_le'(Crc, Address, Bytes) ->
    reflected(binary_to_list(vbeam_ko_memory:read(Address, Bytes)), Crc, ?CASTAGNOLI).

crc_ccitt(Crc, Address, Bytes) ->
    reflected(binary_to_list(vbeam_ko_memory:read(Address, Bytes)), Crc, 16#8408).

reflected([], Crc, _Polynomial) ->
    Crc;
reflected([Byte | Bytes], Crc, Polynomial) ->
    reflected(Bytes, shifted(Crc bxor Byte, 8, Polynomial), Polynomial).

shifted(Crc, 0, _Polynomial) -> Crc;
shifted(Crc, N, Polynomial) when Crc band 1 =:= 0 -> shifted(Crc bsr 1, N - 1, Polynomial);
shifted(Crc, N, Polynomial) -> shifted((Crc bsr 1) bxor Polynomial, N - 1, Polynomial).

%% The sum of RFC 1071, of words of 16 bits with their carries: added to, and complemented.
csum_partial(Address, Bytes, Sum) -> folded(Sum + words(vbeam_ko_memory:read(Address, Bytes), 0)).
ip_compute_csum(Address, Bytes) -> bnot csum_partial(Address, Bytes, 0) band 16#ffff.

words(<<Word:16/little, Rest/binary>>, Sum) -> words(Rest, Sum + Word);
words(<<Last>>, Sum) -> Sum + Last;
words(<<>>, Sum) -> Sum.

folded(Sum) when Sum < 16#10000 -> Sum;
folded(Sum) -> folded((Sum band 16#ffff) + (Sum bsr 16)).

%% --- numbers ---------------------------------------------------------------------------------

gcd(A, 0) -> A;
gcd(A, B) -> gcd(B, A rem B).
lcm(0, _) -> 0;
lcm(_, 0) -> 0;
lcm(A, B) -> A div gcd(A, B) * B.
int_sqrt(N) -> int_sqrt(N, 0, 1 bsl 32).
int_sqrt(_N, Low, High) when High - Low =< 1 -> Low;
int_sqrt(N, Low, High) ->
    Middle = (Low + High) div 2,
    case Middle * Middle =< N of
        true -> int_sqrt(N, Middle, High);
        false -> int_sqrt(N, Low, Middle)
    end.

%% The fraction of limited numerator and denominator that is nearest: convergents of the continued
%% fraction, and the last semiconvergent.
rational_best_approximation(Numerator, Denominator, MostN, MostD, ToN, ToD) ->
    {N, D} = convergents(Numerator, Denominator, {MostN, MostD}, {{0, 1}, {1, 0}}),
    vbeam_ko_memory:write_u64(ToN, N),
    vbeam_ko_memory:write_u64(ToD, D).

convergents(_N, 0, _Most, {_, Last}) ->
    Last;
convergents(N, D, {MostN, MostD} = Most, {{N0, D0} = Before, {N1, D1} = Last}) ->
    A = N div D,
    {N2, D2} = {N0 + A * N1, D0 + A * D1},
    case N2 > MostN orelse D2 > MostD of
        false ->
            convergents(D, N rem D, Most, {Last, {N2, D2}});
        true ->
            T = min(fits(MostN - N0, N1), fits(MostD - D0, D1)),
            %% The semiconvergent is nearer when it takes more than half of the quotient.
            case 2 * T > A orelse (2 * T =:= A andalso D0 * D > D1 * (N rem D)) of
                true -> {N0 + T * N1, D0 + T * D1};
                false -> case Last of {1, 0} -> Before; _ -> Last end
            end
    end.

fits(_Room, 0) -> 1 bsl 64;
fits(Room, Each) -> Room div Each.

%% --- arrays ----------------------------------------------------------------------------------

%% The module compares: elements are put where it can see them.
sort(Base, Count, Size, Compare, _Swap) when Count * Size =< ?SORT_BYTES_MAX ->
    Elements = [E || <<E:Size/binary>> <= vbeam_ko_memory:read(Base, Count * Size)],
    Pair = vbeam_ko_memory:allocate(2 * Size),
    Sorted = lists:sort(
        fun(A, B) ->
            vbeam_ko_memory:write(Pair, [A, B]),
            signed(vbeam_ko_machine:call(Compare, [Pair, Pair + Size])) =< 0
        end,
        Elements
    ),
    vbeam_ko_memory:free(Pair),
    vbeam_ko_memory:write(Base, Sorted).

bsearch(Key, Base, Count, Size, Compare) ->
    case Count of
        0 -> 0;
        _ ->
            Middle = Base + (Count div 2) * Size,
            case signed(vbeam_ko_machine:call(Compare, [Key, Middle])) of
                0 -> Middle;
                Less when Less < 0 -> bsearch(Key, Base, Count div 2, Size, Compare);
                _ -> bsearch(Key, Middle + Size, Count - Count div 2 - 1, Size, Compare)
            end
    end.

signed(Value) ->
    <<Signed:32/signed>> = <<Value:32>>,
    Signed.

%% --- bitmaps: words of 64 bits, the least bit first ------------------------------------------

bits(Address, Count) ->
    binary:decode_unsigned(vbeam_ko_memory:read(Address, (Count + 63) div 64 * 8), little).

'_find_first_bit'(Address, Count) -> '_find_next_bit'(Address, Count, 0).
'_find_first_zero_bit'(Address, Count) -> '_find_next_zero_bit'(Address, Count, 0).
'_find_next_bit'(Address, Count, From) when From < Count -> next(bits(Address, Count), Count, From);
'_find_next_bit'(_Address, Count, _From) -> Count.
'_find_next_zero_bit'(Address, Count, From) when From < Count ->
    next(bnot bits(Address, Count), Count, From);
'_find_next_zero_bit'(_Address, Count, _From) -> Count.
'_find_last_bit'(Address, Count) ->
    Set = [Bit || Bit <- lists:seq(0, Count - 1), (bits(Address, Count) bsr Bit) band 1 =:= 1],
    case Set of [] -> Count; _ -> lists:last(Set) end.

next(_Bits, Count, Count) -> Count;
next(Bits, Count, At) when (Bits bsr At) band 1 =:= 1 -> min(At, Count);
next(Bits, Count, At) -> next(Bits, Count, At + 1).

'__bitmap_weight'(Address, Count) ->
    Bits = bits(Address, Count) band ((1 bsl Count) - 1),
    length([1 || <<1:1>> <= binary:encode_unsigned(Bits)]).
bitmap_zalloc(Count, _Flags) -> vbeam_ko_memory:zeroed(max(8, (Count + 63) div 64 * 8)).
bitmap_alloc(Count, Flags) -> bitmap_zalloc(Count, Flags).
bitmap_free(Address) -> vbeam_ko_memory:free(Address).
'__bitmap_set'(Address, From, Count) ->
    Old = bits(Address, From + Count),
    stored(Address, From + Count, Old bor (((1 bsl Count) - 1) bsl From)).
'__bitmap_clear'(Address, From, Count) ->
    Old = bits(Address, From + Count),
    stored(Address, From + Count, Old band bnot (((1 bsl Count) - 1) bsl From)).
stored(Address, Count, Bits) ->
    Width = (Count + 63) div 64 * 64,
    vbeam_ko_memory:write(Address, <<Bits:Width/little>>).

%% --- LZ4 -------------------------------------------------------------------------------------

%% A block of LZ4 (lz4_Block_format.md of the format's authors): sequences of literals and a match.
'LZ4_decompress_safe'(From, To, Bytes, Most) ->
    case lz4(vbeam_ko_memory:read(From, Bytes), <<>>, Most) of
        {ok, Data} -> vbeam_ko_memory:write(To, Data), byte_size(Data);
        error -> -1
    end.

-spec lz4(binary(), binary(), non_neg_integer()) -> {ok, binary()} | error.
lz4(<<Literals:4, Match:4, Rest/binary>>, Done, Most) ->
    case more(Literals, Rest) of
        {Count, Behind} when byte_size(Behind) >= Count, byte_size(Done) + Count =< Most ->
            <<Text:Count/binary, After/binary>> = Behind,
            lz4_match(Match, After, <<Done/binary, Text/binary>>, Most);
        _ ->
            error
    end;
lz4(<<>>, _Done, _Most) ->
    error.

lz4_match(_Match, <<>>, Done, _Most) ->
    {ok, Done};
lz4_match(Match, <<Offset:16/little, Rest/binary>>, Done, Most) when
    Offset > 0, Offset =< byte_size(Done)
->
    case more(Match, Rest) of
        {Count, After} when byte_size(Done) + Count + 4 =< Most ->
            lz4(After, repeated(Done, Offset, Count + 4), Most);
        _ ->
            error
    end;
lz4_match(_Match, _Rest, _Done, _Most) ->
    error.

more(15, Rest) -> more_bytes(15, Rest);
more(Count, Rest) -> {Count, Rest}.
more_bytes(Count, <<255, Rest/binary>>) -> more_bytes(Count + 255, Rest);
more_bytes(Count, <<More, Rest/binary>>) -> {Count + More, Rest};
more_bytes(_Count, <<>>) -> error.

%% A match may reach into itself.
repeated(Done, Offset, Count) ->
    Piece = binary_part(Done, byte_size(Done) - Offset, Offset),
    Copies = binary:copy(Piece, Count div Offset + 1),
    <<Done/binary, (binary_part(Copies, 0, Count))/binary>>.
