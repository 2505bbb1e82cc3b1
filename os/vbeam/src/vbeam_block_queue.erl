%% The process of a block device: a driver (behaviour vbeam_block) behind a queue. Requests of a
%% group begin in their order; a flush waits for all before it, and all behind wait for it.
-module(vbeam_block_queue).
-behaviour(vbeam_driver).
-export([init/1, handle_interrupt/3, handle_call/3, handle_cast/2, handle_info/2]).

-define(TRIES, 3).
-define(TIMEOUT_MS, 5000).
-define(REQUEST_BLOCKS_MAX, 65536).

%% A group of requests that somebody waits for, with the results that there are.
-record(group, {from :: gen_server:from(), left :: non_neg_integer(), results = #{} :: map()}).
-record(job, {
    group :: reference(),
    index :: pos_integer(),
    request :: vbeam_block:request(),
    tries = ?TRIES :: pos_integer(),
    deadline = 0 :: integer()
}).
-record(state, {
    module :: module(),
    device :: term(),
    info :: vbeam_block:info(),
    groups = #{} :: #{reference() => #group{}},
    waiting = queue:new() :: queue:queue(#job{}),
    started = #{} :: #{non_neg_integer() => #job{}},
    tag = 0 :: non_neg_integer(),
    removed = false :: boolean()
}).

init({_Name, Module, Config}) ->
    case Module:init(Config) of
        {ok, Info, Device} -> {ok, #state{module = Module, device = Device, info = Info}};
        {stop, Reason} -> {stop, Reason}
    end.

handle_call(info, _From, #state{removed = true} = State) ->
    {reply, {error, enodev}, State};
handle_call(info, _From, #state{info = Info} = State) ->
    {reply, {ok, Info}, State};
handle_call({submit, []}, _From, #state{} = State) ->
    {reply, {ok, []}, State};
handle_call({submit, Requests}, _From, #state{removed = true} = State) ->
    {reply, {ok, [{error, enodev} || _ <- Requests]}, State};
handle_call({submit, Requests}, From, #state{groups = Groups, waiting = Waiting} = State) ->
    Group = make_ref(),
    Numbered = lists:zip(lists:seq(1, length(Requests)), Requests),
    Jobs = [#job{group = Group, index = Index, request = Each} || {Index, Each} <- Numbered],
    New = #group{from = From, left = length(Requests)},
    Next = State#state{
        groups = Groups#{Group => New},
        waiting = lists:foldl(fun queue:in/2, Waiting, Jobs)
    },
    go_on(Next);
handle_call(_Request, _From, #state{} = State) ->
    {reply, {error, einval}, State}.

handle_cast(_Message, #state{} = State) ->
    {noreply, State}.

handle_interrupt(Vector, Data, #state{module = Module, device = Device} = State) ->
    {Completions, Next} = Module:handle_interrupt(Vector, Data, Device),
    completed(Completions, State#state{device = Next}).

handle_info(look, #state{} = State) ->
    go_on(late(State));
handle_info(Message, #state{module = Module, device = Device} = State) ->
    case erlang:function_exported(Module, handle_info, 2) of
        true ->
            case Module:handle_info(Message, Device) of
                {removed, Next} -> {noreply, gone(State#state{device = Next})};
                {Completions, Next} -> completed(Completions, State#state{device = Next})
            end;
        false ->
            {noreply, State}
    end.

completed(Completions, State) ->
    go_on(lists:foldl(fun({Tag, Result}, Before) -> done(Tag, Result, Before) end,
        State, Completions)).

%% Start what may start.
go_on(#state{waiting = Waiting, started = Started, info = #{depth := Depth}} = State) ->
    case queue:peek(Waiting) of
        {value, #job{request = flush}} when map_size(Started) > 0 -> {noreply, State};
        {value, _} when map_size(Started) =:= 1 ->
            %% Nothing begins beside a flush.
            case maps:values(Started) of
                [#job{request = flush}] -> {noreply, State};
                _ when Depth =:= 1 -> {noreply, State};
                _ -> start_next(State)
            end;
        {value, _} when map_size(Started) >= Depth -> {noreply, State};
        {value, _} -> start_next(State);
        empty -> {noreply, State}
    end.

start_next(#state{waiting = Waiting} = State) ->
    {{value, Job}, Others} = queue:out(Waiting),
    go_on(start(Job, State#state{waiting = Others})).

start(#job{request = Request} = Job, #state{info = Info} = State) ->
    case check(Request, Info) of
        ok ->
            submit(Job, State);
        Error ->
            answer(Job, Error, State)
    end.

submit(Job, #state{module = Module, device = Device, started = Started, tag = Tag} = State) ->
    case Module:submit(Tag, Job#job.request, Device) of
        {done, Result, Next} ->
            done(Job, Result, State#state{device = Next, tag = Tag + 1});
        {started, Next} ->
            Ms = maps:get(timeout_ms, State#state.info, ?TIMEOUT_MS),
            _ = erlang:send_after(Ms, self(), look),
            Deadline = erlang:monotonic_time(millisecond) + Ms,
            State#state{
                device = Next, tag = Tag + 1,
                started = Started#{Tag => Job#job{deadline = Deadline}}
            }
    end.

done(Tag, Result, #state{started = Started} = State) when is_integer(Tag) ->
    case maps:take(Tag, Started) of
        {Job, Others} -> done(Job, Result, State#state{started = Others});
        error -> State
    end;
done(#job{tries = Tries} = Job, {error, eio}, #state{waiting = Waiting} = State) when Tries > 1 ->
    State#state{waiting = queue:in_r(Job#job{tries = Tries - 1}, Waiting)};
done(Job, Result, State) ->
    answer(Job, Result, State).

answer(#job{group = Key, index = Index}, Result, #state{groups = Groups} = State) ->
    #group{left = Left, results = Results, from = From} = Group = maps:get(Key, Groups),
    All = Results#{Index => Result},
    case Left of
        1 ->
            gen_server:reply(From, {ok, [Each || {_, Each} <- lists:sort(maps:to_list(All))]}),
            State#state{groups = maps:remove(Key, Groups)};
        _ ->
            State#state{groups = Groups#{Key := Group#group{left = Left - 1, results = All}}}
    end.

%% Requests whose time is up are taken back and tried again.
late(#state{started = Started, module = Module, device = Device} = State) ->
    Now = erlang:monotonic_time(millisecond),
    case [Tag || {Tag, #job{deadline = Deadline}} <- maps:to_list(Started), Deadline =< Now] of
        [] ->
            State;
        _ ->
            %% The device forgets all of them, not only those that are late.
            Tags = maps:keys(Started),
            Next = State#state{device = Module:cancel(Tags, Device), started = #{}},
            Jobs = lists:reverse([maps:get(Tag, Started) || Tag <- lists:sort(Tags)]),
            lists:foldl(fun(Job, Before) -> late(Job, Now, Before) end, Next, Jobs)
    end.

late(#job{deadline = Deadline, tries = 1} = Job, Now, State) when Deadline =< Now ->
    answer(Job, {error, etimedout}, State);
late(#job{deadline = Deadline, tries = Tries} = Job, Now, #state{waiting = Waiting} = State) ->
    Left = case Deadline =< Now of true -> Tries - 1; false -> Tries end,
    State#state{waiting = queue:in_r(Job#job{tries = Left}, Waiting)}.

%% The device was taken away.
gone(#state{waiting = Waiting, started = Started} = State) ->
    Jobs = maps:values(Started) ++ queue:to_list(Waiting),
    Next = State#state{waiting = queue:new(), started = #{}, removed = true},
    lists:foldl(fun(Job, Before) -> answer(Job, {error, enodev}, Before) end, Next, Jobs).

%% What no device need look at.
check(flush, _Info) ->
    ok;
check({write, _, _, _}, #{read_only := true}) ->
    {error, erofs};
check({discard, _, _}, #{read_only := true}) ->
    {error, erofs};
check({write, First, Data, Flags}, #{block_bytes := BlockBytes} = Info) when
    is_list(Data), is_list(Flags)
->
    case lists:all(fun(Part) -> is_whole(Part, BlockBytes) end, Data) of
        true -> check({read, First, iolist_size(Data) div BlockBytes}, Info);
        false -> {error, einval}
    end;
check({Operation, First, Count}, #{blocks := Blocks}) when
    Operation =:= read orelse Operation =:= discard,
    is_integer(First), is_integer(Count), First >= 0, Count > 0, First + Count =< Blocks,
    Count =< ?REQUEST_BLOCKS_MAX orelse Operation =:= discard
->
    ok;
check(_, _) ->
    {error, einval}.

is_whole(Part, BlockBytes) ->
    is_binary(Part) andalso byte_size(Part) rem BlockBytes =:= 0.
