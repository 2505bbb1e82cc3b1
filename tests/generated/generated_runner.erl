%% Runs generated cases and prints a digest for each chunk of them, so that two virtual machines can
%% be compared. The module generated_range says what: range/0 is {Mode, [{Kind, First, Count}]}
%% where a kind is one of generated_cases, or the name of a generated program. Mode `digests`
%% prints {Kind, First, Digest} a chunk, mode `results` {Kind, Number, Digest, Text} a case.
-module(generated_runner).
-export([run/0]).

%% Cases of a chunk.
-define(CHUNK, 100).

run() ->
    whereis(init) =:= undefined andalso register(init, spawn(fun init/0)),
    {Mode, Ranges} = generated_range:range(),
    lists:foreach(fun({Kind, First, Count}) -> range(Mode, Kind, First, First + Count) end, Ranges).

%% On the bare VM there is no init; erl_scan asks it for the command line.
init() ->
    receive {From, get_arguments} -> From ! {init, []} end,
    init().

range(_, _, End, End) -> ok;
range(digests, Kind, First, End) ->
    Last = min(First + ?CHUNK, End),
    %% In a process of its own: what a chunk leaves behind goes with it.
    {Pid, Ref} = spawn_monitor(fun() -> exit({digest, digest(Kind, First, Last, <<>>)}) end),
    Digest = receive
                 {'DOWN', Ref, process, Pid, {digest, D}} -> binary_to_atom(D);
                 {'DOWN', Ref, process, Pid, Reason} -> Reason
             end,
    erlang:display({Kind, First, Digest}),
    range(digests, Kind, Last, End);
range(results, Kind, First, End) ->
    {Asked, Result} = case_of(Kind, First),
    Text = io_lib:format("~0tp of ~0tp", [Result, shown(Asked)]),
    Shown = list_to_atom(lists:sublist(lists:flatten(Text), 250)),
    erlang:display({Kind, First, digest(Kind, First, First + 1, <<>>), Shown}),
    range(results, Kind, First + 1, End).

digest(_, Last, Last, Digest) -> binary:encode_hex(Digest);
digest(Kind, I, Last, Digest) ->
    {_, Result} = case_of(Kind, I),
    digest(Kind, I + 1, Last, erlang:md5([Digest, term_to_binary(Result)])).

case_of(Kind, I) ->
    case lists:member(Kind, generated_cases:kinds()) of
        true -> generated_cases:result(Kind, I);
        false -> program_case(Kind, I)
    end.

program_case(Module, I) ->
    Cases = Module:cases(),
    {Function, Kinds} = lists:nth(1 + I rem length(Cases), Cases),
    fuzz_random:seed(I),
    Arguments = [argument(Kind) || Kind <- Kinds],
    Result = try apply(Module, Function, Arguments)
             catch Class:Reason -> {Class, Reason}
             end,
    {{Module, Function, Arguments}, generated_terms:canonical(Result)}.

argument({like, Term}) -> generated_terms:like(Term);
argument(Kind) ->
    case fuzz_random:below(20) of
        0 when Kind =:= size -> small(generated_terms:argument());
        0 -> generated_terms:argument();
        _ -> usual(Kind)
    end.

%% OTP stops when a binary is to be larger than memory.
small(Size) when is_integer(Size), Size > 10_000 -> 10_000;
small(Other) -> Other.

usual(integer) -> generated_terms:integer();
usual(number) -> generated_terms:number();
usual(float) -> generated_terms:float();
usual(size) -> fuzz_random:below(40);
usual(binary) -> generated_terms:binary();
usual(bits) -> generated_terms:bits();
usual(utf8) -> unicode:characters_to_binary(generated_terms:string());
usual(character) -> fuzz_random:one_of({65, 233, 16#3a9, 16#10ffff, 16#d800, 16#ffff, 16#110000});
usual(list) -> generated_terms:list(1 + fuzz_random:below(2));
usual(term) -> generated_terms:term(2).

shown({{Module, Name}, Arguments}) -> {Module, Name, Arguments};
shown({Fun, Arguments}) when is_function(Fun) -> {'fun', Arguments};
shown(Asked) -> Asked.
