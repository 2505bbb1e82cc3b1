-module(word_count).
-export([main/0]).

words() ->
    {<<"the">>, <<"quick">>, <<"brown">>, <<"fox">>, <<"jumps">>, <<"over">>, <<"a">>, <<"lazy">>,
        <<"dog">>, <<"and">>, <<"runs">>, <<"away">>}.

text(0, _) -> [];
text(Lines, Seed) ->
    {Line, Next} = line(10, Seed, []),
    [iolist_to_binary(lists:join($\s, Line)) | text(Lines - 1, Next)].

line(0, Seed, Line) -> {lists:reverse(Line), Seed};
line(N, Seed, Line) ->
    Next = (Seed * 1664525 + 1013904223) band 16#ffffffff,
    Word = element((Next bsr 8) rem 12 + 1, words()),
    Number = integer_to_binary((Next bsr 20) rem 50),
    line(N - 1, Next, [<<Word/binary, Number/binary>> | Line]).

main() ->
    Text = iolist_to_binary(lists:join($\n, text(5000, 3))),
    Counts = lists:foldl(
        fun(Line, Counts) ->
            lists:foldl(
                fun(Word, C) -> maps:update_with(Word, fun(N) -> N + 1 end, 1, C) end,
                Counts,
                binary:split(Line, <<" ">>, [global])
            )
        end,
        #{},
        binary:split(Text, <<"\n">>, [global])
    ),
    Words = lists:sort(maps:keys(Counts)),
    [io:format("~s: ~b~n", [W, maps:get(W, Counts)]) || W <- lists:sublist(Words, 5)],
    io:format("~b~n", [length(Words)]).
