%% Mutants of external terms: a seed makes a term, encodes it (sometimes compressed), changes some
%% bytes and decodes the result. Outcomes:
%%   r  refused: badarg
%%   d  a term: encoding and decoding it again gives the same, and it can be hashed, measured, sent
%%   s  refused for its size: system_limit, or the process would have got too large
-module(fuzz_terms).
-export([prepare/0, one/2, any/0, random/1]).

-define(SLICES, 400).

prepare() -> processes().

one(Known, Seed) ->
    Runner = self(),
    {Pid, Ref} = fuzz_runner:spawned(fun() -> Runner ! {done, self(), decoded(Seed)} end),
    Outcome = wait(Pid, Ref, ?SLICES),
    fuzz_runner:kill_others(Known),
    Outcome.

wait(_, _, 0) -> fuzz_runner:failed(does_not_end);
wait(Pid, Ref, Slices) ->
    receive
        {done, Pid, {failed, Why}} -> fuzz_runner:failed(Why);
        {done, Pid, Outcome} -> erlang:demonitor(Ref, [flush]), Outcome;
        {'DOWN', Ref, process, Pid, killed} -> $s;
        {'DOWN', Ref, process, Pid, Why} -> fuzz_runner:failed(Why)
    after 0 ->
        erlang:yield(),
        wait(Pid, Ref, Slices - 1)
    end.

decoded(Seed) ->
    fuzz_random:seed(Seed),
    Bytes = mutant(external(), 1 + fuzz_random:below(4)),
    Options = fuzz_random:one_of({[], [safe], [used]}),
    try binary_to_term(Bytes, Options) of
        {Term, Used} when Options =:= [used], is_integer(Used) -> sound(Term);
        Term -> sound(Term)
    catch
        error:badarg -> $r;
        error:system_limit -> $s;
        Class:Reason -> {failed, {Class, Reason}}
    end.

external() ->
    Term = random(3),
    case fuzz_random:below(6) of
        0 -> term_to_binary(Term, [compressed]);
        1 -> term_to_binary(Term, [{minor_version, 2}]);
        2 -> term_to_binary(Term, [{minor_version, 0}]);
        3 -> <<131, (old_forms())/binary>>;
        _ -> term_to_binary(Term)
    end.

%% Tags that term_to_binary does not write, or not on this node.
old_forms() ->
    Node = <<100, 3:16, "a@b">>,
    Bits = fuzz_random:below(1 bsl 30),
    Tags = {<<103, Node/binary, Bits:32, 1:32, 1>>, <<102, Node/binary, Bits:32, 1>>,
            <<89, Node/binary, Bits:32, 7:32>>, <<88, Node/binary, Bits:32, 0:32, 9:32>>,
            <<120, Node/binary, Bits:64, 9:32>>, <<101, Node/binary, Bits:32, 1>>,
            <<114, 2:16, Node/binary, 1, Bits:32, 5:32>>,
            <<90, 3:16, Node/binary, 1:32, Bits:32, 5:32, 6:32>>,
            <<99, "1.50000000000000000000e+00", 0:40>>, <<115, 3, "abc">>, <<119, 2, 195, 169>>,
            <<118, 1:16, "x">>, <<107, 3:16, 1, 2, 3>>, <<110, 9, 0, Bits:72>>,
            <<111, 9:32, 1, Bits:72>>, <<105, 1:32, 97, 1>>, <<77, 2:32, 5, 255, 255>>,
            <<113, 100, 5:16, "lists", 100, 3:16, "map", 97, 2>>,
            <<116, 2:32, 97, 2, 97, 3, 97, 1, 106>>,
            <<112, 64:32, 1, 0:128, 0:32, 0:32, 119, 5, "lists", 97, 0, 97, 0,
              Node/binary, 0:24>>},
    fuzz_random:one_of(Tags).

mutant(Bytes, 0) -> Bytes;
mutant(Bytes, Changes) ->
    Size = byte_size(Bytes),
    At = fuzz_random:below(Size),
    <<Before:At/binary, Byte, After/binary>> = Bytes,
    Changed = case fuzz_random:below(9) of
                  0 -> <<Before/binary, (fuzz_random:below(256)), After/binary>>;
                  1 -> <<Before/binary, (Byte bxor (1 bsl fuzz_random:below(8))), After/binary>>;
                  2 -> <<Before/binary, (tag()), After/binary>>;
                  3 -> <<Before/binary, (fuzz_random:below(4)), After/binary>>;
                  4 -> <<Before/binary, Byte>>;
                  5 -> <<Before/binary, Byte, Byte, After/binary>>;
                  6 -> <<Before/binary, After/binary>>;
                  7 -> <<Before/binary, (old_forms())/binary, After/binary>>;
                  8 ->
                      Length = fuzz_random:below(Size - At) + 1,
                      <<Bytes/binary, (binary:part(Bytes, At, Length))/binary>>
              end,
    case Changed of
        <<>> -> <<131>>;
        _ -> mutant(Changed, Changes - 1)
    end.

tag() ->
    element(1 + fuzz_random:below(32),
            {70, 77, 80, 82, 88, 89, 90, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108,
             109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 131}).

sound(Term) ->
    Again = term_to_binary(Term),
    Same = binary_to_term(Again),
    Hash = erlang:phash2(Term),
    %% Two atoms of one spelling, or maps with funs, may be written differently; the term is one.
    case Same =:= Term andalso erlang:phash2(Same) =:= Hash andalso looked_at(Term) of
        true -> $d;
        Wrong -> {failed, {unsound, Wrong, Again}}
    end.

looked_at(Term) ->
    Size = erts_debug:flat_size(Term),
    true = erlang:external_size(Term) > 0,
    self() ! {message, Term},
    receive {message, Copy} -> Copy =:= Term andalso erts_debug:flat_size(Copy) >= 0 end
        andalso not (Term < Term) andalso is_integer(Size).

%% ---- terms

%% An argument for some function: simple ones, likely in tests of modules of OTP, or a random term.
any() ->
    case fuzz_random:below(24) of
        0 -> 0;
        1 -> 1;
        2 -> -1;
        3 -> fuzz_random:below(1000);
        4 -> 1 bsl (40 + fuzz_random:below(60));
        5 -> 1.5;
        6 -> a;
        7 -> [];
        8 -> "text";
        9 -> [{a, 1}, {b, 2}];
        10 -> [3, 1, 2];
        11 -> {};
        12 -> {a, b};
        13 -> #{a => 1, 2 => b};
        14 -> <<>>;
        15 -> <<"a binary, not too short">>;
        16 -> <<1, 2, 3:4>>;
        17 -> fun erlang:abs/1;
        18 -> fun(X) -> X end;
        19 -> fun(X, Y) -> {X, Y} end;
        20 -> self();
        21 -> make_ref();
        22 -> infinity;
        23 -> random(2)
    end.

-spec random(Depth :: non_neg_integer()) -> term().
random(0) -> leaf(fuzz_random:below(14));
random(Depth) ->
    case fuzz_random:below(10) of
        0 -> [random(Depth - 1) || _ <- count(6)];
        1 -> list_to_tuple([random(Depth - 1) || _ <- count(6)]);
        2 -> maps:from_list([{random(Depth - 1), random(Depth - 1)} || _ <- count(40)]);
        3 -> [random(Depth - 1) | random(0)];
        4 -> {random(Depth - 1), random(Depth - 1)};
        5 -> [fuzz_random:below(256) || _ <- count(60)];
        6 ->
            X = random(Depth - 1),
            fun() -> X end;
        _ -> leaf(fuzz_random:below(14))
    end.

count(Limit) -> lists:seq(1, fuzz_random:below(Limit)).

leaf(0) -> fuzz_random:below(300) - 20;
leaf(1) -> (1 bsl fuzz_random:below(70)) + fuzz_random:below(5) - 3;
leaf(2) -> -(1 bsl fuzz_random:below(300)) - fuzz_random:below(5);
leaf(3) -> fuzz_random:one_of({true, '', ok, nonode@nohost, 'ä', 'Ω', 'an atom'});
leaf(4) -> list_to_atom([97 + fuzz_random:below(3) || _ <- count(4)]);
leaf(5) -> [];
leaf(6) -> fuzz_random:bytes(fuzz_random:below(90));
leaf(7) -> <<(fuzz_random:below(1 bsl 30)):(1 + fuzz_random:below(29))>>;
leaf(8) -> fuzz_random:below(1 bsl 30) / (1 + fuzz_random:below(1000));
leaf(9) -> self();
leaf(10) -> make_ref();
leaf(11) -> fun lists:map/2;
leaf(12) -> binary:copy(<<"large">>, 20 + fuzz_random:below(40));
leaf(13) -> {}.
