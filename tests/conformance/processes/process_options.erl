%% Error handlers of processes, the option scheduler, receive markers that are many, the flush of
%% demonitor among many messages.
-module(process_options).
-export([cases/0, undefined_function/3, undefined_lambda/3, handled/1, nested/2]).
-include("../runner/case.hrl").

cases() ->
    [?C(in_process(fun() -> process_flag(error_handler, ?MODULE) end)),
     ?C(in_process(fun() ->
                       process_flag(error_handler, ?MODULE),
                       {no_such_module:no_such_function(1, two), apply(no_such_module, f, []),
                        process_info(self(), error_handler)}
                   end)),
     ?C(in_process(fun() -> process_flag(error_handler, ?MODULE), lists:no_such_function() end)),
     ?C(in_process(fun() -> [process_flag(error_handler, H) || H <- [a, b, error_handler]] end)),
     ?C(in_process(fun() -> process_flag(error_handler, "list") end)),
     ?C(in_process(fun() ->
                       process_flag(error_handler, ?MODULE),
                       Parent = self(),
                       spawn(fun() ->
                                 Parent ! process_info(self(), error_handler)
                             end),
                       receive Message -> Message end
                   end)),
     ?C(in_process(fun() -> process_flag(scheduler, 1) end)),
     ?C(in_process(fun() -> [process_flag(scheduler, N) || N <- [1, 0, 1]] end)),
     ?C(in_process(fun() -> process_flag(scheduler, -1) end)),
     ?C(in_process(fun() -> process_flag(scheduler, 5000) end)),
     ?C(in_process(fun() -> process_flag(scheduler, one) end)),
     ?C(spawned([{scheduler, 1}])),
     ?C(spawned([{scheduler, 0}, {priority, high}])),
     ?C(spawned([{scheduler, 5000}])),
     ?C(spawned([{scheduler, any}])),
     ?C(in_process(fun() -> nested(12, 0) end)),
     ?C(in_process(fun() -> fill(3000), nested(12, 0) end)),
     ?C(in_process(fun() -> fill(30000), flushed(fun(R) -> demonitor(R, [flush]) end) end)),
     ?C(in_process(fun() -> fill(30000), flushed(fun(R) -> demonitor(R, [flush, info]) end) end)),
     ?C(in_process(fun() -> fill(5), flushed(fun(R) -> demonitor(R, [info]) end) end)),
     ?C(in_process(fun() ->
                       self() ! first,
                       catch receive nothing -> ok after no_time -> ok end,
                       receive first -> found after 0 -> lost end
                   end)),
     ?C(in_process(fun() ->
                       Self = self(),
                       Self ! first,
                       catch receive nothing -> ok after lists:last([no_time]) -> ok end,
                       Ref = make_ref(),
                       Self ! Ref,
                       {receive first -> found after 0 -> lost end,
                        receive Ref -> found after 0 -> lost end}
                   end)),
     ?C(in_process(fun sensitive/0)),
     ?C([is_reference(monitor(time_offset, clock_service)), catch_class(fun() -> monitor(time_offset, x) end)]),
     ?C([erts_debug:size_shared(T) || T <- [a, [], lists:seq(1, 3), {self(), 1.5}, "literal"]])].

undefined_function(Module, Name, Args) -> {handled, Module, Name, Args}.
undefined_lambda(Module, _, Args) -> {handled, Module, Args}.
handled(Term) -> Term.

catch_class(Fun) -> try Fun() catch C:R -> {C, R} end.

in_process(Fun) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({result, catch Fun()}) end),
    receive {'DOWN', Monitor, process, Pid, Reason} -> strip(Reason) end.

%% Without stack traces, which name the functions of this module.
strip({result, {'EXIT', {Reason, _}}}) -> {failed, Reason};
strip({result, Result}) -> Result;
strip({Reason, _}) -> Reason.

spawned(Options) ->
    {Pid, Monitor} = spawn_opt(?MODULE, handled, [x], [monitor | Options]),
    receive {'DOWN', Monitor, process, Pid, Reason} -> Reason end.

fill(Count) -> [self() ! {other, N} || N <- lists:seq(1, Count)], ok.

%% A call inside a call inside a call: each waits for answers with a reference of its own.
nested(0, Sum) -> Sum;
nested(Depth, Sum) ->
    Ref = make_ref(),
    [self() ! {Ref, N} || N <- lists:seq(1, Depth)],
    Inner = nested(Depth - 1, Sum),
    Inner + lists:sum([receive {Ref, N} -> N end || N <- lists:seq(1, Depth)]).

%% What is left of the DOWN message of a process that is gone.
flushed(Flush) ->
    {Pid, Ref} = spawn_monitor(fun() -> ok end),
    wait(fun() -> not is_process_alive(Pid) end),
    self() ! last,
    receive last -> ok end,
    Answer = Flush(Ref),
    {Answer, receive {'DOWN', Ref, _, _, _} -> there after 0 -> gone end,
     element(2, process_info(self(), message_queue_len))}.

wait(Test) ->
    case Test() of
        true -> ok;
        false -> erlang:yield(), wait(Test)
    end.

%% What others see of a process that is sensitive, and again when it is not.
sensitive() ->
    Items = [messages, dictionary, backtrace, message_queue_len],
    put(secret, word),
    self() ! message,
    Seen = fun() ->
               [case process_info(self(), I) of
                    {backtrace, B} -> {backtrace, B =:= <<>>};
                    {dictionary, D} -> {dictionary, lists:keyfind(secret, 1, D)};
                    Other -> Other
                end || I <- Items]
           end,
    [Seen(), process_flag(sensitive, true), Seen(), process_flag(sensitive, false), Seen()].
