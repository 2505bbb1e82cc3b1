%% Does things many times, and looks whether more memory is in use after each time: then something
%% is left behind for good. The first times may load code, make atoms or enlarge tables. Prints
%%
%%   {grows, Name, [Bytes]}        or {unsound, Name, What}, when heaps or blocks are not sound
%%   {checked, Number}
-module(memory_returns).
-export([run/0]).

-define(TIMES, 60).
-define(WARM_UPS, 2).
-define(LOOKS, 4).

run() ->
    Things = [{Kind, fun() -> chunk(Kind) end} || Kind <- generated_cases:kinds()] ++ things(),
    [check(Name, Fun) || {Name, Fun} <- Things],
    erlang:display({checked, length(Things)}).

chunk(Kind) ->
    in_process(fun() -> [generated_cases:result(Kind, Seed) || Seed <- lists:seq(1, ?TIMES)] end).

check(Name, Fun) ->
    [Fun() || _ <- lists:seq(1, ?WARM_UPS)],
    Looks = [begin Fun(), used() end || _ <- lists:seq(1, ?LOOKS)],
    grows(Looks) andalso erlang:display({grows, Name, Looks}),
    case vbeam_internal:check_memory(all) of
        ok -> ok;
        Fault -> erlang:display({unsound, Name, Fault})
    end.

grows([A, B | Rest]) -> A < B andalso grows([B | Rest]);
grows([_]) -> true.

used() ->
    erlang:garbage_collect(),
    erlang:yield(),
    erlang:garbage_collect(),
    element(1, vbeam_internal:memory()).

in_process(Fun) ->
    {Pid, Ref} = spawn_monitor(fun() -> catch Fun() end),
    receive {'DOWN', Ref, process, Pid, _} -> ok end.

many(Fun) -> fun() -> in_process(fun() -> [Fun() || _ <- lists:seq(1, ?TIMES)] end) end.

waiting() -> spawn(fun() -> receive never -> ok end end).
large() -> binary:copy(<<"large">>, 100).
map() -> maps:from_list([{I, large()} || I <- lists:seq(1, 50)]).

ended(Pid) ->
    Ref = monitor(process, Pid),
    receive {'DOWN', Ref, process, Pid, _} -> ok end.

things() ->
    [{Name, many(Fun)} || {Name, Fun} <- [
        {killed, fun() -> P = waiting(), exit(P, kill), ended(P) end},
        {killed_with_messages, fun() ->
            P = waiting(),
            [P ! {map(), large()} || _ <- lists:seq(1, 5)],
            exit(P, kill),
            ended(P)
        end},
        {links, fun() -> P = waiting(), link(P), unlink(P), exit(P, kill), ended(P) end},
        {linked_to_the_dead, fun() ->
            process_flag(trap_exit, true),
            P = spawn_link(fun() -> exit(large()) end),
            receive {'EXIT', P, _} -> ok end
        end},
        {monitors, fun() ->
            P = waiting(),
            demonitor(monitor(process, P)),
            exit(P, kill),
            ended(P)
        end},
        {monitors_of_the_dead, fun() -> P = waiting(), [monitor(process, P) || _ <- "abc"],
                                        exit(P, kill), ended(P) end},
        {messages_to_the_dead, fun() -> P = spawn(fun() -> ok end), ended(P), P ! map() end},
        {messages_to_itself, fun() -> self() ! map(), receive _ -> ok end end},
        {registered, fun() -> register(memory_returns, P = waiting()), exit(P, kill), ended(P) end},
        {timers, fun() -> erlang:cancel_timer(erlang:send_after(60000, self(), map())) end},
        {timers_that_fire, fun() -> erlang:send_after(0, self(), map()), receive _ -> ok end end},
        {timers_of_the_dead, fun() ->
            P = waiting(),
            [erlang:send_after(60_000 * I, P, map()) || I <- [3, 1, 2]],
            exit(P, kill),
            ended(P)
        end},
        {dictionary, fun() -> put(key, map()), erase(key) end},
        {tables, fun() ->
            T = ets:new(t, [ordered_set]),
            [ets:insert(T, {I, map()}) || I <- lists:seq(1, 20)],
            ets:match_delete(T, {3, '_'}),
            ets:delete(T)
        end},
        {tables_of_the_dead, fun() ->
            in_process(fun() -> ets:insert(ets:new(t, [bag]), [{1, large()}, {1, map()}]) end)
        end},
        {persistent_terms, fun() -> persistent_term:get({none, large()}, undefined) end},
        {appended_binaries, fun() -> lists:foldl(fun(I, B) -> <<B/binary, I:600>> end, <<>>,
                                                 lists:seq(1, 50)) end},
        {sub_binaries, fun() -> put(part, binary:part(large(), 77, 200)), erase(part) end},
        {external_terms, fun() -> binary_to_term(term_to_binary(map(), [compressed])) end},
        {refused_external_terms, fun() ->
            Bytes = term_to_binary(map()),
            catch binary_to_term(binary:part(Bytes, 0, byte_size(Bytes) - 1))
        end},
        {errors, fun() -> catch error({large(), map()}) end},
        {large_numbers, fun() -> (1 bsl 5000) * (1 bsl 3000 + 1) div (1 bsl 700 - 1) end},
        {refused_modules, fun() -> erts_internal:prepare_loading(nobody, large()) end},
        {atomics, fun() -> atomics:put(atomics:new(100, []), 7, 7) end},
        {collections, fun() -> P = waiting(), P ! map(), erlang:garbage_collect(P),
                               exit(P, kill), ended(P) end}]].
