%% Whether the system is whole: every child is there and answers, no mailbox is left full, what the
%% load was promised has been kept.
-module(vbeam_chaos_health).
-export([problem/2, tree/1, shells/0, memory/0, more/3]).

-define(ANSWER_MS, 400).
%% More messages than these have been left.
-define(MESSAGES_MAX, 200).
-define(SETTLE_MS, 300).
%% Processes of a shell: its group, the shell, what evaluates, what reads.
-define(SHELL, 4).
-define(BYTES_MORE, 2097152).
-define(BYTES_A_FAULT, 3072).
-define(ATOMS_MORE, 200).
-define(ATOMS_A_FAULT, 20).

%% `ok`, or the first thing that is wrong after a fault.
-spec problem(vbeam_chaos_tree:shape(), Fault :: pos_integer()) -> ok | term().
problem(Shape, Fault) ->
    try
        first([
            fun() -> tree(Shape) end,
            fun() -> vbeam_chaos_load:problem(Fault) end
        ])
    catch
        %% What cannot even be asked.
        Class:Reason -> {Class, Reason}
    end.

first([]) ->
    ok;
first([Check | Rest]) ->
    case Check() of
        ok -> first(Rest);
        Problem -> Problem
    end.

%% Everything that was there at first is there, and answers.
-spec tree(vbeam_chaos_tree:shape()) -> ok | term().
tree(Shape) ->
    case vbeam_chaos_tree:walk() of
        {error, Problem} ->
            Problem;
        {ok, Nodes} ->
            Living = [
                {Above, Name}
             || #{name := Name, above_name := Above, pid := Pid} <- Nodes, is_pid(Pid)
            ],
            case Shape -- Living of
                [] -> first([fun() -> answers(Node) end || Node <- Nodes ++ keepers()]);
                Missing -> {missing, [Name || {_, Name} <- Missing]}
            end
    end.

keepers() ->
    [
        #{name => Name, pid => whereis(Name), kind => keeper}
     || Name <- [vbeam_keeper, vbeam_root]
    ].

%% A process of a port may end when its port is closed.
answers(#{name := Name, pid := Pid, kind := Kind}) when is_pid(Pid) ->
    case process_info(Pid, [message_queue_len, status, dictionary]) of
        undefined ->
            {gone, Name};
        [_, {status, suspended}, _] ->
            {suspended, Name};
        [{_, Messages}, _, _] when Messages > ?MESSAGES_MAX ->
            {messages, Name};
        [_, _, {_, Dictionary}] ->
            case {Kind, proplists:get_value('$initial_call', Dictionary)} of
                {worker, {_, init, 1}} -> serves(Name, Pid);
                _ -> ok
            end
    end;
answers(#{name := Name, kind := keeper}) ->
    {gone, Name};
answers(_) ->
    ok.

%% Processes of OTP's behaviours answer system messages, and say whether they serve others.
serves(Name, Pid) ->
    try sys:get_status(Pid, ?ANSWER_MS) of
        {status, _, _, [_, running | _]} -> ok;
        {status, _, _, _} -> {suspended, Name}
    catch
        exit:_ -> {no_answer, Name}
    end.

%% What the processes of the shell are doing: for a person who looks why there was no answer.
-spec shells() -> [term()].
shells() ->
    [
        {Name, process_info(Pid, [current_function, status, message_queue_len])}
     || #{name := Name, pid := Pid} <- vbeam_chaos_tree:targets([shell])
    ].

%% ---- memory

%% What is in use when nothing goes on.
-spec memory() -> #{atom() => non_neg_integer()}.
memory() ->
    receive after ?SETTLE_MS -> ok end,
    _ = [erlang:garbage_collect(Pid) || Pid <- processes()],
    #{
        bytes => erlang:memory(total),
        processes => erlang:system_info(process_count) - ?SHELL * shell_count(),
        ports => length(erlang:ports()),
        tables => length(ets:all()),
        atoms => erlang:system_info(atom_count)
    }.

%% The menu behind ^G starts shells and leaves them, and so may garbage: they are nobody's leak.
shell_count() ->
    length([
        Pid
     || Pid <- processes(),
        {initial_call, {group, server, _}} <- [process_info(Pid, initial_call)]
    ]).

%% What has grown by more than it may after so many faults. The shell keeps what was typed, and
%% makes atoms of the words in it.
-spec more(Before :: map(), Now :: map(), Faults :: pos_integer()) -> [term()].
more(Before, Now, Faults) ->
    Allowed = #{
        bytes => ?BYTES_MORE + Faults * ?BYTES_A_FAULT,
        processes => 2,
        ports => 0,
        tables => 1,
        atoms => ?ATOMS_MORE + Faults * ?ATOMS_A_FAULT
    },
    [
        {What, maps:get(What, Before), Value}
     || {What, Value} <- lists:sort(maps:to_list(Now)),
        Value > maps:get(What, Before) + maps:get(What, Allowed)
    ].
