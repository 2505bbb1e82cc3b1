%% What each function of assemble.escript's module does, as patterns; and a driver that calls all
%% of them, on either module.
-module(bs_match_reference).
-export([run/0, run_assembled/0]).
-export([at_least/1, exactly/1, skip/1, integers/1, large/1, binaries/1, tail/1, equal/1,
         equal_small/1]).

run() -> run(?MODULE).

run_assembled() -> run(bs_match_asm).

run(Module) ->
    Names = [at_least, exactly, skip, integers, large, binaries, tail, equal, equal_small],
    [erlang:display({Name, bit_size(Input), call(Module, Name, Input)}) ||
        Name <- Names, Input <- inputs()].

call(Module, Name, Input) ->
    case Module:Name(Input) of
        no -> no;
        Result -> [plain(Value) || Value <- tuple_to_list(Result)]
    end.
plain(Bits) when is_bitstring(Bits) ->
    Size = bit_size(Bits),
    <<Number:Size>> = Bits,
    {bits, Size, Number};
plain(Other) -> Other.

inputs() ->
    Long = << <<(I * 37)>> || I <- lists:seq(1, 30) >>,
    Equal = <<1, 2, 16#fedcba9876543210:64, 7, 8>>,
    <<_:5, Shifted:90/bits, _/bits>> = <<0:5, Equal/binary>>,
    [<<0:N>> || N <- [0, 1, 10, 11, 12, 13, 14, 19, 24, 27, 40, 200]] ++
    [Long, <<Long/binary, 5:3>>, Equal, Shifted,
     <<1, 2, 16#fedcba9876543211:64, 7>>, <<1, 3, 16#fedcba9876543210:64, 7>>,
     <<5:7, 16#1234567890:40>>, <<5:7, 16#1234567890:40, 1:9>>, <<5:7, 16#1234567891:40>>,
     <<-1:200>>, <<1, -2:199>>].

at_least(<<_:11, Tail/binary>> = B) when is_binary(Tail) -> {ok, B};
at_least(_) -> no.
exactly(<<_:24>> = B) -> {ok, B};
exactly(_) -> no.
skip(<<_:13, Rest/bits>>) -> {ok, Rest};
skip(_) -> no.
integers(<<A, B:4/signed, C:2/little-unit:8, D:12/little-signed, Rest/bits>>) ->
    {ok, A, B, C, D, Rest};
integers(_) -> no.
large(<<A:200/signed, Rest/bits>>) -> {ok, A, Rest};
large(_) -> no.
binaries(<<A:2/binary, B:11/bits, Rest/bits>>) -> {ok, A, B, Rest};
binaries(_) -> no.
tail(<<A, Rest/binary>>) -> {ok, A, Rest, Rest};
tail(_) -> no.
equal(<<16#0102:16, 16#fedcba9876543210:64, A, Rest/bits>>) -> {ok, A, Rest};
equal(_) -> no.
equal_small(<<5:7, 16#1234567890:40, Rest/bits>>) -> {ok, Rest};
equal_small(_) -> no.
