#!/usr/bin/escript
%% Assembles a module with bs_match instructions, as compilers from OTP 26 on emit them, with the assembler of the installed OTP, which
%% need not know the instruction: its table of opcodes is replaced by one that does. Argument: the folder for bs_match_asm.beam.
-mode(compile).

main([Folder]) ->
    teach(bs_match, 3, 182),
    {ok, Beam} = beam_asm:module(module_code(), [], [], []),
    ok = file:write_file(filename:join(Folder, "bs_match_asm.beam"), Beam).

teach(Name, Arity, Number) ->
    Known = [{N, A, I} || I <- lists:seq(1, 180), {N, A} <- [beam_opcodes:opname(I)], {N, A} =/= {Name, Arity}],
    All = [{Name, Arity, Number} | Known],
    Opcode = [io_lib:format("opcode(~p, ~p) -> ~p;\n", [N, A, I]) || {N, A, I} <- All],
    Opname = [io_lib:format("opname(~p) -> {~p, ~p};\n", [I, N, A]) || {N, A, I} <- All],
    Format = beam_opcodes:format_number(),
    Text = ["-module(beam_opcodes).\n-export([format_number/0, opcode/2, opname/1]).\n",
            io_lib:format("format_number() -> ~p.\n", [Format]),
            Opcode, "opcode(_, _) -> erlang:error(badarg).\n", Opname, "opname(_) -> erlang:error(badarg).\n"],
    code:unstick_mod(beam_opcodes),
    {ok, Module, Code} = compile:forms(forms(lists:flatten(Text)), []),
    {module, Module} = code:load_binary(Module, "beam_opcodes.erl", Code).

forms(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    [Form || Each <- split(Tokens, []), {ok, Form} <- [erl_parse:parse_form(Each)]].
split([{dot, _} = Dot | Rest], Acc) -> [lists:reverse([Dot | Acc]) | split(Rest, [])];
split([Token | Rest], Acc) -> split(Rest, [Token | Acc]);
split([], []) -> [].

%% One function for each list of commands: it returns {ok, X registers 2 and up that the commands set, the rest} or no.
module_code() ->
    Functions = functions(),
    Exports = [{Name, 1} || {Name, _, _} <- Functions],
    Code = [function(I, Function) || {I, Function} <- lists:zip(lists:seq(0, length(Functions) - 1), Functions)],
    {bs_match_asm, Exports, [], Code, 1 + 4 * length(Functions)}.

function(I, {Name, Registers, Commands}) ->
    [Info, Entry, Fail] = [4 * I + K || K <- [1, 2, 3]],
    Tail = 2 + Registers,
    Values = [{x, R} || R <- lists:seq(2, Tail - 1)] ++ [{x, Tail}],
    {function, Name, 1, Entry,
     [{label, Info}, {func_info, {atom, bs_match_asm}, {atom, Name}, 1}, {label, Entry},
      {test, bs_start_match3, {f, Info}, 1, [{x, 0}], {x, 1}},
      {bs_match, {f, Fail}, {x, 1}, {list, Commands}},
      {bs_get_tail, {x, 1}, {x, Tail}, Tail},
      {test_heap, 2 + length(Values), Tail + 1},
      {put_tuple2, {x, 0}, {list, [{atom, ok} | Values]}},
      return,
      {label, Fail}, {move, {atom, no}, {x, 0}}, return]}.

functions() ->
    Signed = {literal, [signed]},
    Little = {literal, [little]},
    Both = {literal, [little, signed]},
    [{at_least, 0, [{atom, ensure_at_least}, 11, 8]},
     {exactly, 0, [{atom, ensure_exactly}, 24]},
     {skip, 0, [{atom, ensure_at_least}, 13, 1, {atom, skip}, 13]},
     {integers, 4, [{atom, ensure_at_least}, 40, 1,
                    {atom, integer}, 2, nil, 8, 1, {x, 2}, {atom, integer}, 3, Signed, 4, 1, {x, 3},
                    {atom, integer}, 4, Little, 2, 8, {x, 4}, {atom, integer}, 5, Both, 12, 1, {x, 5}]},
     {large, 1, [{atom, ensure_at_least}, 200, 1, {atom, integer}, 2, Signed, 200, 1, {x, 2}]},
     {binaries, 2, [{atom, ensure_at_least}, 27, 1, {atom, binary}, 2, nil, 2, 8, {x, 2}, {atom, binary}, 3, nil, 11, 1, {x, 3}]},
     {tail, 2, [{atom, ensure_at_least}, 8, 8, {atom, integer}, 2, nil, 8, 1, {x, 2}, {atom, get_tail}, 3, 8, {x, 3}]},
     {equal, 1, [{atom, ensure_at_least}, 80, 1, {atom, '=:='}, nil, 16, 16#0102, {atom, '=:='}, nil, 64, 16#fedcba9876543210,
                 {atom, integer}, 2, nil, 8, 1, {x, 2}]},
     {equal_small, 0, [{atom, ensure_at_least}, 47, 1, {atom, '=:='}, nil, 7, 5, {atom, '=:='}, nil, 40, 16#1234567890]}].
