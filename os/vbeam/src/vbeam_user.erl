%% The processes `user` (group leader of all processes and standard_io of OTP's libraries) and `standard_error`. They pass
%% io requests on to vbeam_console, whichever process that is at the moment, and answers them itself
%% when the console dies with one unanswered: so a restart of the console costs its clients an error
%% instead of their group leader.
-module(vbeam_user).
-behaviour(gen_server).
-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(CONSOLE, vbeam_console).

-spec start_link(Name :: user | standard_error) -> gen_server:start_ret().
start_link(Name) ->
    gen_server:start_link({local, Name}, ?MODULE, Name, []).

init(Name) ->
    vbeam_boot:phase([<<"child ">>, atom_to_binary(Name), <<": started">>]),
    {ok, #{}}.

handle_call(_Request, _From, State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

%% State: monitor reference of a pending request => {client, its reference}.
handle_info({io_request, From, ReplyAs, Request}, Pending) ->
    Ref = erlang:monitor(process, ?CONSOLE),
    case whereis(?CONSOLE) of
        undefined -> ok;
        Console -> Console ! {io_request, self(), Ref, Request}
    end,
    {noreply, Pending#{Ref => {From, ReplyAs}}};
handle_info({io_reply, Ref, Reply}, Pending) ->
    erlang:demonitor(Ref, [flush]),
    {noreply, answer(Ref, Reply, Pending)};
handle_info({'DOWN', Ref, process, _, _}, Pending) ->
    {noreply, answer(Ref, {error, terminated}, Pending)};
handle_info(_Other, Pending) ->
    {noreply, Pending}.

answer(Ref, Reply, Pending) ->
    case maps:take(Ref, Pending) of
        {{From, ReplyAs}, Rest} ->
            From ! {io_reply, ReplyAs, Reply},
            Rest;
        error ->
            Pending
    end.
