%% More scenarios of the longest pause (bench/latency/pauses.erl): built-in functions and
%% instructions on large terms. Each prepares what it needs and gives a fun that is measured.
-module(pauses_terms).
-export([names/0, prepare/2]).

names() ->
    [make_tuple, element_tuples, guard_length, bad_length, guard_compare, match_literal,
        apply_list,
     big_add, big_divide, big_shift, big_text_base, big_parse, big_to_float, float_parse,
         big_to_binary,
     big_from_binary, big_phash2, display_nested, display_string, flat_size_map, external_size,
     map_to_binary, map_from_binary, atoms_to_binary, deep_to_binary, string_to_binary,
     compressed_to_binary, compressed_from_binary, map_compare, map_equal, map_put, map_iterate,
     map_filter, map_from_keys, map_with_large_keys, flat_map_large_values, map_key_large,
     list_to_bitstring, odd_bits_append, odd_bits_copy, odd_bits_compare, odd_bits_to_list,
     bits_match_utf8, large_field, bits_split, iolist_to_iovec, binary_part_decode, binary_longest,
     encode_unsigned, decode_unsigned, unicode_to_list, unicode_to_binary, unicode_bad,
     unicode_utf16, string_to_integer, string_to_atom_bad, regex_compile, regex_grapheme,
     regex_caseless, regex_stack, regex_captures, regex_global, decode_line, decode_http,
     persistent_put, persistent_erase, counters_new, atomics_new, zlib_compress, zlib_uncompress,
     file_write, info_messages, info_dictionary, info_links, info_monitors, info_binary,
     registered_names, send_binary_list, match_spec_term, key_large, member_large, subtract_large,
     term_hash_legacy, md5_iolist, crc_combine, fun_large_environment, raise_large, exit_large,
     try_large, put_large, timer_large, monitor_spawn, spawn_fun, list_to_existing,
         list_sort_large,
     binary_match_many, binary_replace_pattern, binary_to_float_long, display_binary, float_text,
     unicode_deep, string_list_of_lists, put_tuple_literals, bit_comprehension, split_words,
     append_tail, phash2_binary, phash2_string, same_as_self, gather_binaries, at_exit_reason].

list(N) -> lists:seq(1, N).
nested(N) -> [{I, [I], <<I:32>>} || I <- lists:seq(1, N)].
map(N) -> maps:from_list([{I, I} || I <- lists:seq(1, N)]).
bytes(N) -> binary:copy(<<"0123456789">>, N div 10).
text(N) -> lists:flatten(lists:duplicate(N div 10, "abcdefghij")).
deep(0, T) -> T;
deep(N, T) -> deep(N - 1, [T]).
deep_tuple(0, T) -> T;
deep_tuple(N, T) -> deep_tuple(N - 1, {T}).
repeat(0, _) -> ok;
repeat(N, F) -> F(N), repeat(N - 1, F).
big(Bits) -> (1 bsl Bits) - 12345.
long_guard(L) when length(L) > 5, L =/= [] -> long;
long_guard(_) -> short.
less_guard(A, B) when A < B -> less;
less_guard(A, B) when A == B -> equal;
less_guard(_, _) -> greater.
same(A, A) -> true;
same(_, _) -> false.
idle() -> spawn(fun idle_loop/0).
idle_loop() -> receive stop -> ok end.
caught(F) -> try F() catch _:_ -> caught end.
iterate(none) -> ok;
iterate({_, _, I}) -> iterate(maps:next(I)).
words(<<" ", R/binary>>, N) -> words(R, N + 1);
words(<<_, R/binary>>, N) -> words(R, N);
words(<<>>, N) -> N.

prepare(make_tuple, N) ->
    fun() -> erlang:make_tuple(N, x), erlang:make_tuple(N, x, [{I, y} || I <- list(N)]) end;
prepare(element_tuples, N) ->
    T = list_to_tuple(list(N)),
    fun() -> erlang:insert_element(3, T, x), erlang:delete_element(3, T), setelement(N, T, x) end;
prepare(guard_length, N) -> L = list(N), fun() -> long = long_guard(L) end;
prepare(bad_length, N) -> L = list(N) ++ x, fun() -> short = long_guard(L), caught(fun() ->
        length(L) end) end;
prepare(guard_compare, N) ->
    A = nested(N), B = nested(N),
    fun() -> equal = less_guard(A, B), equal = less_guard(A, B) end;
prepare(match_literal, N) -> A = nested(N), B = nested(N), fun() -> true = same(A, B) end;
prepare(apply_list, N) -> L = list(N), fun() -> caught(fun() -> apply(lists, reverse, L) end) end;
prepare(big_add, N) ->
    A = big(N * 32), B = big(N * 32 - 7),
    fun() -> A + B, A - B, -A, A bxor B, bnot A, A bor B, abs(-A), A > B, A == B, A =:= A + 1 end;
prepare(big_divide, N) -> A = big(N * 10), B = big(N * 5), fun() -> A div B, A rem B, A div 3,
        A rem 7 end;
prepare(big_shift, N) -> A = big(N * 32), fun() -> A bsl 13, A bsr 17, A bsl 64, A bsr 128,
        1 bsl (N * 32) end;
prepare(big_text_base, N) ->
    A = big(N * 4),
    fun() -> integer_to_list(A, 16), integer_to_binary(A, 2), integer_to_list(A, 7) end;
prepare(big_parse, N) ->
    L = lists:duplicate(N, $7), B = list_to_binary(L),
    fun() -> list_to_integer(L, 16), binary_to_integer(B, 16), list_to_integer(L),
        binary_to_integer(B, 9) end;
prepare(big_to_float, N) ->
    A = big(N * 32), fun() -> caught(fun() -> float(A) end), caught(fun() -> A / A end), A == 1.5,
        A < 1.0e300 end;
prepare(float_parse, N) ->
    L = "1." ++ lists:duplicate(N, $3), B = list_to_binary(L),
    fun() -> caught(fun() -> list_to_float(L) end), caught(fun() -> binary_to_float(B) end) end;
prepare(big_to_binary, N) -> A = big(N * 32), fun() -> term_to_binary(A), <<A:(N * 32)>>,
        <<A:(N * 32)/little>>, <<1:1, A:(N * 32)>> end;
prepare(big_from_binary, N) ->
    B = <<1:1, (bytes(N))/binary, 0:7>>, T = term_to_binary(big(N * 8)),
    fun() -> <<_:1, X:N/unit:8, _/bits>> = B, <<_:1, Y:N/signed-little-unit:8, _/bits>> = B, {X,
        Y, binary_to_term(T)} end;
prepare(big_phash2, N) -> A = big(N * 32), fun() -> erlang:phash2(A), erlang:phash2([A]) end;
prepare(display_nested, N) -> A = nested(N div 10), fun() -> erlang:display(A) end;
prepare(display_string, N) -> A = text(N), fun() -> erlang:display(A) end;
prepare(display_binary, N) -> A = bytes(N), fun() -> erlang:display(A) end;
prepare(flat_size_map, N) -> A = map(N), fun() -> erts_debug:flat_size(A) end;
prepare(external_size, N) -> A = nested(N), M = map(N), fun() -> erlang:external_size(A),
        erlang:external_size(M) end;
prepare(map_to_binary, N) -> M = map(N), fun() -> term_to_binary(M), term_to_binary(M,
        [deterministic]) end;
prepare(map_from_binary, N) -> B = term_to_binary(map(N)), fun() -> binary_to_term(B),
        binary_to_term(B, [safe]) end;
prepare(atoms_to_binary, N) ->
    A = [list_to_atom("a" ++ integer_to_list(I)) || I <- list(N div 10)], B = term_to_binary(A),
    fun() -> term_to_binary(A), binary_to_term(B) end;
prepare(deep_to_binary, N) ->
    A = deep(N, []), T = deep_tuple(N, {}),
    fun() -> A = binary_to_term(term_to_binary(A)), T = binary_to_term(term_to_binary(T)),
        erlang:phash2(T), erts_debug:flat_size(T) end;
prepare(string_to_binary, N) -> A = text(N), fun() -> A = binary_to_term(term_to_binary(A)) end;
prepare(compressed_to_binary, N) -> A = nested(N), fun() -> term_to_binary(A, [compressed]) end;
prepare(compressed_from_binary, N) -> B = term_to_binary(nested(N), [compressed]), fun() ->
        binary_to_term(B) end;
prepare(map_compare, N) -> A = map(N), B = A#{N => 0}, fun() -> A < B, A > B end;
prepare(map_equal, N) -> A = map(N), B = maps:from_list([{I, I} || I <- lists:reverse(list(N))]),
        fun() -> A == B, A =:= B end;
prepare(map_put, N) -> A = map(N), fun() -> B = A#{x => 1}, maps:remove(x, B), maps:remove(1, A),
        map_size(A) end;
prepare(map_iterate, N) -> A = map(N), fun() -> iterate(maps:next(maps:iterator(A))) end;
prepare(map_filter, N) -> A = map(N), fun() -> maps:filter(fun(_, _) -> true end, A),
        maps:with([1, 2], A) end;
prepare(map_from_keys, N) -> L = list(N), fun() -> maps:from_keys(L, x) end;
prepare(map_with_large_keys, N) -> K = nested(N), fun() -> M = #{K => 1, [K] => 2}, maps:get(K,
        M), maps:put({K}, 3, M) end;
prepare(flat_map_large_values, N) -> K = nested(N), fun() -> M = #{a => K, b => K}, M == #{a => K,
        b => K}, maps:merge(M, M) end;
prepare(map_key_large, N) -> M = map(1000), K = nested(N), fun() -> M1 = M#{K => 1}, maps:get(K,
        M1), is_map_key(K, M1), M1#{K := 2} end;
prepare(list_to_bitstring, N) -> L = [<<5:3>>, lists:duplicate(N, 65), bytes(N)], fun() ->
        list_to_bitstring(L), caught(fun() -> iolist_size(L) end) end;
prepare(odd_bits_append, N) -> B = bytes(N * 10), fun() -> <<1:1, B/bits>>, <<B/binary, 1:1,
        B/binary>> end;
prepare(odd_bits_copy, N) -> <<_:1, B/bits>> = <<(bytes(N * 10))/binary, 0:1>>, fun() ->
        binary:copy(B), binary:copy(B, 3), list_to_binary([B, B]) end;
prepare(odd_bits_compare, N) -> <<_:1, B/bits>> = <<0:1, (bytes(N * 10))/binary>>,
        C = bytes(N * 10), fun() -> B == C, B =:= C, B < C end;
prepare(odd_bits_to_list, N) -> <<_:1, B/bits>> = <<(bytes(N))/binary, 0:1>>, fun() ->
        binary_to_list(B), bitstring_to_list(<<B/bits, 1:1>>) end;
prepare(bits_match_utf8, N) -> B = bytes(N), fun() -> [C || <<C/utf8>> <= B] end;
prepare(large_field, N) -> B = bytes(N * 10), fun() -> <<X:(N * 5)/binary, Y/bits>> = B, <<Y/bits,
        X/bits>>, <<0:(N * 80)>>, << (-1):(N * 80)>> end;
prepare(bits_split, N) -> B = bytes(N), fun() -> [X || <<X:3>> <= B] end;
prepare(iolist_to_iovec, N) -> L = [[I band 255, <<"text">>] || I <- list(N)], fun() ->
        erlang:iolist_to_iovec(L) end;
prepare(binary_part_decode, N) -> B = bytes(N * 10), fun() -> binary:part(B, 1, N),
        binary:bin_to_list(B), binary:referenced_byte_size(B), binary:first(B), binary:last(B) end;
prepare(binary_longest, N) -> B = bytes(N * 10), fun() -> binary:longest_common_prefix([B,
        <<B/binary, "x">>]), binary:longest_common_suffix([B, <<"x", B/binary>>]) end;
prepare(encode_unsigned, N) -> A = big(N * 32), fun() -> binary:encode_unsigned(A),
        binary:encode_unsigned(A, little) end;
prepare(decode_unsigned, N) -> B = bytes(N), fun() -> binary:decode_unsigned(B),
        binary:decode_unsigned(B, little) end;
prepare(unicode_to_list, N) -> B = bytes(N), fun() -> unicode:characters_to_list(B),
        unicode:characters_to_list(B, latin1) end;
prepare(unicode_to_binary, N) -> L = [I + 255 || I <- list(N div 4)], fun() ->
        unicode:characters_to_binary(L), unicode:characters_to_binary(L, unicode, {utf16,
        little}) end;
prepare(unicode_bad, N) -> B = <<(bytes(N))/binary, 255>>, L = lists:duplicate(N, 65) ++ [-1],
        fun() -> unicode:characters_to_list(B), unicode:characters_to_binary(B), caught(fun() ->
        unicode:characters_to_binary(L) end) end;
prepare(unicode_utf16, N) -> B = binary:copy(<<0, 65>>, N div 2), fun() ->
        unicode:characters_to_list(B, utf16), unicode:characters_to_binary(B, utf16, utf8),
        unicode:bom_to_encoding(B) end;
prepare(unicode_deep, N) -> L = deep(N, <<"abc">>), fun() -> unicode:characters_to_binary(L),
        iolist_to_binary(L), iolist_size(L) end;
prepare(string_to_integer, N) -> L = lists:duplicate(N, $7), fun() -> string:to_integer(L),
        string:to_float(L) end;
prepare(string_to_atom_bad, N) -> L = text(N), B = bytes(N), fun() -> caught(fun() ->
        list_to_atom(L) end), caught(fun() -> binary_to_atom(B) end), caught(fun() ->
        list_to_existing_atom(L) end), caught(fun() -> list_to_pid(L) end), caught(fun() ->
        list_to_ref(L) end) end;
prepare(list_to_existing, N) -> L = text(N), fun() -> caught(fun() -> list_to_float(L) end),
        caught(fun() -> open_port({spawn, L}, []) end), caught(fun() -> os:getenv(L) end),
        caught(fun() -> file:native_name_encoding() end), caught(fun() ->
        prim_file:read_file(L) end) end;
prepare(regex_compile, N) ->
    P = lists:flatten(lists:duplicate(N div 40, "(a|b[c-f]+)?")), Q = binary:copy(<<"ab">>,
        N div 8),
    fun() -> caught(fun() -> re:compile(P) end), caught(fun() -> re:compile(Q) end),
        caught(fun() -> re:run("x", Q, [caseless, unicode]) end) end;
prepare(regex_grapheme, N) ->
    B = unicode:characters_to_binary([$a | lists:duplicate(N, 16#301)]),
    fun() -> caught(fun() -> re:run(B, "\\X", [unicode]) end) end;
prepare(regex_caseless, N) ->
    B = bytes(N), C = <<B/binary, B/binary>>,
    fun() -> re:run(C, "^(.*)\\1$", [caseless, dotall]), re:run(C, "^(.*)\\1$", [dotall]),
        re:run(C, "x", []) end;
prepare(regex_stack, N) ->
    B = binary:copy(<<"ab">>, N),
    fun() -> re:run(B, "^(?:a|b)*$", []), re:run(B, "^(?:(a)|(b))*c", []) end;
prepare(regex_captures, N) -> B = bytes(N), fun() -> re:run(B, "(.*)(.*)", [{capture, all,
        list}]), re:run(B, ".", [unicode, {offset, N - 20}]) end;
prepare(regex_global, N) -> B = bytes(N div 10), fun() -> re:run(B, "1.", [global]), re:replace(B,
        "1", "x", [global]), re:split(B, "2") end;
prepare(decode_line, N) -> B = bytes(N * 10), fun() -> erlang:decode_packet(line, B, []),
        erlang:decode_packet(line, <<B/binary, "\n">>, []) end;
prepare(decode_http, N) -> B = <<"GET /", (bytes(N * 10))/binary>>, C = <<B/binary,
        " HTTP/1.1\r\n\r\n">>, fun() -> erlang:decode_packet(http, B, []),
        erlang:decode_packet(http, C, []), erlang:decode_packet(httph_bin, <<"A: ", C/binary>>,
        []) end;
prepare(persistent_put, N) -> A = nested(N), fun() -> persistent_term:put(pause, A),
        persistent_term:get(pause) end;
prepare(persistent_erase, N) -> persistent_term:put(pause, nested(N)), fun() ->
        persistent_term:put(pause, 1), persistent_term:erase(pause) end;
prepare(counters_new, N) -> fun() -> counters:new(N, []) end;
prepare(atomics_new, N) -> fun() -> atomics:new(N * 10, []) end;
prepare(zlib_compress, N) -> B = bytes(N * 10), fun() -> zlib:compress(B), zlib:gzip(B) end;
prepare(zlib_uncompress, N) -> B = zlib:compress(bytes(N * 10)), fun() -> zlib:uncompress(B) end;
prepare(file_write, N) ->
    B = bytes(N * 10),
    fun() ->
        ok = prim_file:write_file("/pause", B), {ok, B} = prim_file:read_file("/pause"),
        prim_file:delete("/pause")
    end;
prepare(info_messages, N) ->
    P = idle(), repeat(N, fun(I) -> P ! {I, [I]} end),
    fun() -> process_info(P, messages), process_info(P, message_queue_len), process_info(P,
        total_heap_size), process_info(P, memory) end;
prepare(info_dictionary, N) -> repeat(N, fun(I) -> put(I, I) end), fun() -> process_info(self(),
        dictionary), get(), get_keys(), get_keys(3) end;
prepare(info_links, N) -> [link(idle()) || _ <- list(N div 10)], fun() -> process_info(self(),
        links) end;
prepare(info_monitors, N) -> [monitor(process, idle()) || _ <- list(N div 10)], fun() ->
        process_info(self(), monitors) end;
prepare(info_binary, N) -> L = [binary:copy(<<I:32>>, 100) || I <- list(N div 10)], fun() ->
        process_info(self(), binary), L end;
prepare(registered_names, N) -> [register(list_to_atom("r" ++ integer_to_list(I)),
        idle()) || I <- list(N div 10)], fun() -> registered(), erlang:ports(), processes() end;
prepare(send_binary_list, N) -> P = idle(), L = [binary:copy(<<I:32>>,
        100) || I <- list(N div 10)], fun() -> P ! L, erlang:send(P, L, [nosuspend]) end;
prepare(match_spec_term, N) ->
    A = nested(N), M = ets:match_spec_compile([{'$1', [{'=/=', '$1', {const, A}}], ['$1']}]),
    fun() -> ets:match_spec_run([A, A], M), ets:test_ms({A}, [{{'$1'}, [{'==', '$1', {const, A}}],
        [{{'$1', {length, '$1'}}}]}]) end;
prepare(key_large, N) -> A = nested(N), B = nested(N), L = [{A, 1}, {B, 2}], fun() ->
        lists:keyfind(B, 1, L), lists:keymember([B], 1, L), lists:keydelete(B, 1, L) end;
prepare(member_large, N) -> A = nested(N), B = nested(N), fun() -> lists:member(A, [[B], B]) end;
prepare(subtract_large, N) -> A = nested(N), B = nested(N), fun() -> [A] -- [B],
        [A | list(20)] -- [B | list(20)] end;
prepare(term_hash_legacy, N) -> A = nested(N), M = map(N), fun() -> erlang:phash(A, 100),
        erlang:phash2(M), erlang:phash(M, 100), erts_internal:cmp_term(A, M) end;
prepare(md5_iolist, N) -> L = [[I band 255, <<"text">>] || I <- list(N)], fun() -> erlang:md5(L),
        erlang:crc32(L), erlang:adler32(L), C = erlang:md5_init(), D = erlang:md5_update(C, L),
        erlang:md5_final(D) end;
prepare(crc_combine, N) -> fun() -> erlang:crc32_combine(1, 2, N * 100), erlang:adler32_combine(1,
        2, N * 100) end;
prepare(fun_large_environment, N) -> A = nested(N), F = fun() -> A end, G = fun() -> A end,
        fun() -> F == G, F < G, erlang:phash2(F), erlang:fun_info(F, env), term_to_binary(F) end;
prepare(raise_large, N) -> A = nested(N), fun() -> caught(fun() -> error(A) end), caught(fun() ->
        error = A end), caught(fun() -> A + 1 end), caught(fun() -> A(1) end) end;
prepare(exit_large, N) ->
    A = nested(N),
    fun() ->
        {P, M} = spawn_monitor(fun() -> exit(nested(N)) end), receive {'DOWN', M, _, P, _} ->
            ok end,
        {Q, R} = spawn_monitor(fun() -> receive x -> x end end), exit(Q, A), receive {'DOWN', R,
            _, Q, _} -> ok end
    end;
prepare(at_exit_reason, N) ->
    fun() ->
        process_flag(trap_exit, true), P = spawn_link(fun() -> exit(nested(N)) end),
            receive {'EXIT', P, _} -> ok end,
        {_, M} = spawn_monitor(fun() -> A = nested(N), process_flag(trap_exit, true),
            link(spawn(fun() -> exit(A) end)), receive {'EXIT', _, _} -> exit(done) end end),
        receive {'DOWN', M, _, _, _} -> ok end
    end;
prepare(try_large, N) -> A = nested(N), fun() -> caught(fun() -> throw(A) end), (catch throw(A)),
        caught(fun() -> exit(A) end) end;
prepare(put_large, N) -> A = nested(N), fun() -> put(A, 1), get(A), put(A, 2), erase(A) end;
prepare(timer_large, N) -> A = nested(N), fun() -> R = erlang:send_after(100000, self(), A),
        erlang:cancel_timer(R), erlang:start_timer(0, self(), A),
        receive _ -> ok after 100 -> ok end end;
prepare(monitor_spawn, N) -> A = nested(N), fun() -> spawn_opt(erlang, length, [A], [monitor]),
        spawn_link(erlang, length, [A]), spawn_request(erlang, length, [A], []) end;
prepare(spawn_fun, N) -> A = nested(N), fun() -> spawn(fun() -> A end), spawn(fun() ->
        length(A) end) end;
prepare(list_sort_large, N) -> L = [{erlang:phash2(I), I} || I <- list(N)], fun() ->
        lists:keysort(1, L), lists:usort(L), lists:sort(fun(A, B) -> A =< B end, L) end;
prepare(binary_match_many, N) -> B = bytes(N * 10), P = [<<I:32>> || I <- list(N div 10)],
        fun() -> C = binary:compile_pattern(P), binary:match(B, C),
        binary:compile_pattern(bytes(N)), binary:matches(B, <<"89">>) end;
prepare(binary_replace_pattern, N) -> B = bytes(N), fun() -> binary:replace(B, <<"1">>, <<"xx">>,
        [global]), binary:split(B, [<<"1">>, <<"23">>], [global, trim_all]) end;
prepare(binary_to_float_long, N) -> B = <<"1.5e", (binary:copy(<<"0">>, N))/binary, "1">>,
        C = <<(binary:copy(<<"0">>, N))/binary, "1.5">>, fun() -> caught(fun() ->
        binary_to_float(B) end), caught(fun() -> binary_to_float(C) end), caught(fun() ->
        binary_to_integer(C) end) end;
prepare(float_text, _) -> fun() -> caught(fun() -> float_to_list(1.0e300, [{decimals, 253}]) end),
        float_to_binary(-1.2345e-300), float_to_list(1.5, [{decimals, 10}]),
        math:pow(2.5, 700.5), 1.7976931348623157e308 == (1 bsl 1023) end;
prepare(string_list_of_lists, N) -> L = [integer_to_list(I) || I <- list(N)], fun() ->
        lists:append(L), string:join(L, ","), lists:flatten(L), iolist_to_binary(L) end;
prepare(put_tuple_literals, N) -> T = list_to_tuple(list(N)), fun() -> U = setelement(1, T, y),
        T == U, T < U, tuple_to_list(U), term_to_binary(U), erlang:phash2(U), self() ! U,
        receive U -> ok end end;
prepare(bit_comprehension, N) -> B = bytes(N), fun() -> << <<X:4, 1:1>> || <<X>> <= B >> end;
prepare(split_words, N) -> B = bytes(N), fun() -> words(B, 0), string:split(binary_to_list(B),
        "9", all), string:lexemes(B, "9") end;
prepare(append_tail, N) -> L = list(N), fun() -> L ++ improper, [x] ++ L, lists:append([L, L]),
        lists:reverse(L, L), caught(fun() -> (L ++ x) ++ [] end) end;
prepare(phash2_binary, N) -> B = bytes(N * 10), <<_:1, C/bits>> = <<0:1, B/bits>>, fun() ->
        erlang:phash2(B), erlang:phash2(C), erlang:phash(B, 10), #{B => 1} end;
prepare(phash2_string, N) -> L = text(N), M = map(50), fun() -> erlang:phash2(L), M#{L => 1},
        erlang:phash(L, 10) end;
prepare(same_as_self, N) -> A = nested(N), fun() -> A == A, A =:= A, same(A, A), [A] == [A], {A,
        1} < {A, 2} end;
prepare(gather_binaries, N) -> B = bytes(N), fun() -> lists:foldl(fun(_, Acc) -> <<Acc/binary,
        B/binary>> end, <<>>, list(10)) end.
