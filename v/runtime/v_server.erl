%% What callbacks of behaviours written in V tell OTP. The compiler makes the callbacks
%% (check/behaviours.ts); the state that OTP holds is
%%
%%     {v_state, Layout, Struct}      Layout = [{Field, Type}], by which the next version of the
%%                                    code knows what the struct holds
%%
%% A handler decides about its server by erlang.stop and erlang.timeout, which are kept in the
%% process dictionary until it returns.
-module(v_server).

-export([stop/1, timeout/1]).
-export([value/1, state/2, moved/3, changed/2]).
-export([started/2, started_or_failed/3, bad_argument/1, refused/4]).
-export([reply/2, reply_value/3, reply_later/3, reply_result/3, noreply/1, noreply_or_stop/3]).
-export([no_handle_call/3, no_handle_cast/2, no_handle_info/2, no_handle_interrupt/3]).
-export([no_terminate/2]).

-define(DECISION, '$v_server_decision').

stop(Reason) ->
    put(?DECISION, {stop, Reason}),
    ok.

timeout(Milliseconds) ->
    put(?DECISION, {timeout, max(0, Milliseconds)}),
    ok.

%% --- the state -----------------------------------------------------------------------------

value({v_state, _, Struct}) -> Struct.

state(Struct, Layout) -> {v_state, Layout, Struct}.

%% Fields of the same name and type keep their values, new ones begin as a fresh struct's.
moved({v_state, Layout, Struct}, _, Layout) ->
    Struct;
moved({v_state, Old, Struct}, Fresh, Layout) ->
    [_ | Values] = tuple_to_list(Struct),
    Held = maps:from_list(lists:zip(Old, Values)),
    [Tag | Initial] = tuple_to_list(Fresh),
    Next = [maps:get(Field, Held, Value) || {Field, Value} <- lists:zip(Layout, Initial)],
    list_to_tuple([Tag | Next]).

changed(Struct, Layout) -> {ok, state(Struct, Layout)}.

%% --- beginnings ----------------------------------------------------------------------------

started(Struct, Layout) ->
    case erase(?DECISION) of
        {stop, Reason} -> {stop, Reason};
        {timeout, Time} -> {ok, state(Struct, Layout), Time};
        undefined -> {ok, state(Struct, Layout)}
    end.

started_or_failed({ok, Struct}, _, Layout) -> started(Struct, Layout);
started_or_failed({err, Error}, {_, _, {_, Text}}, _) -> {stop, Text(Error)}.

bad_argument(Text) -> {stop, {bad_argument, Text}}.

%% --- ends of handlers ----------------------------------------------------------------------

reply(Answer, State) ->
    case erase(?DECISION) of
        {stop, Reason} -> {stop, Reason, Answer, State};
        {timeout, Time} -> {reply, Answer, State, Time};
        undefined -> {reply, Answer, State}
    end.

reply_value(Value, Schema, State) -> reply(v_term:encode(Value, Schema), State).

%% `none` means that the answer comes later, by erlang.reply.
reply_later({some, Value}, Schema, State) -> reply_value(Value, Schema, State);
reply_later(none, _, State) -> noreply(State).

reply_result(Result, Schema, State) -> reply(v_term:encode_result(Result, Schema), State).

noreply(State) ->
    case erase(?DECISION) of
        {stop, Reason} -> {stop, Reason, State};
        {timeout, Time} -> {noreply, State, Time};
        undefined -> {noreply, State}
    end.

noreply_or_stop({ok, _}, _, State) -> noreply(State);
noreply_or_stop({err, Error}, {_, _, {_, Text}}, State) -> {stop, Text(Error), State}.

%% --- messages that V code does not take ----------------------------------------------------

%% A caller is told; other messages are logged and dropped, as gen_server does by itself.
refused(handle_call, _, Text, State) -> {reply, {error, {bad_request, Text}}, State};
refused(terminate, _, _, _) -> ok;
refused(_, Message, _, State) -> unexpected(Message, State).

no_handle_call(Request, _, State) -> {reply, {error, {bad_request, Request}}, State}.
no_handle_cast(Request, State) -> unexpected(Request, State).
no_handle_info(Message, State) -> unexpected(Message, State).
no_handle_interrupt(_, _, State) -> {noreply, State}.
no_terminate(_, _) -> ok.

unexpected(Message, State) ->
    logger:warning("a server in V got an unexpected message: ~tp", [Message]),
    {noreply, State}.
