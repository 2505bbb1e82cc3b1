%% The processes `user` and `standard_error`: group leader of all processes, and standard_io and
%% standard_error of OTP's libraries. Each passes io requests on to vbeam_console, whichever process
%% that is at the moment. When the console dies with a request unanswered, the next console gets it:
%% so a shell that waits for its next command goes on with all its bindings. A request that outlives
%% TRIES consoles gets an error.
-module(vbeam_user).
-behaviour(gen_server).
-export([start_link/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(CONSOLE, vbeam_console).
-define(TRIES, 2).
-define(RETRY_MS, 10).
%% Ten seconds without a console.
-define(WAITS, 1000).

-record(pending, {from :: pid(), reply_as :: term(), request :: term(), tries :: pos_integer()}).

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

%% State: monitor reference of the console => the request that it works on.
handle_info({io_request, From, ReplyAs, Request}, State) ->
    Pending = #pending{from = From, reply_as = ReplyAs, request = Request, tries = ?TRIES},
    {noreply, pass_on(Pending, ?WAITS, State)};
handle_info({pass_on, Pending, Waits}, State) ->
    {noreply, pass_on(Pending, Waits, State)};
handle_info({io_reply, Ref, Reply}, State) ->
    erlang:demonitor(Ref, [flush]),
    case maps:take(Ref, State) of
        {Pending, Rest} ->
            answer(Pending, Reply),
            {noreply, Rest};
        error ->
            {noreply, State}
    end;
handle_info({'DOWN', Ref, process, _, _}, State) ->
    case maps:take(Ref, State) of
        {#pending{tries = 1} = Pending, Rest} ->
            answer(Pending, {error, terminated}),
            {noreply, Rest};
        {#pending{tries = Tries} = Pending, Rest} ->
            {noreply, pass_on(Pending#pending{tries = Tries - 1}, ?WAITS, Rest)};
        error ->
            {noreply, State}
    end;
handle_info(_Other, State) ->
    {noreply, State}.

pass_on(Pending, Waits, State) ->
    case whereis(?CONSOLE) of
        undefined when Waits =:= 0 ->
            answer(Pending, {error, terminated}),
            State;
        undefined ->
            _ = erlang:send_after(?RETRY_MS, self(), {pass_on, Pending, Waits - 1}),
            State;
        Console ->
            Ref = erlang:monitor(process, Console),
            Console ! {io_request, self(), Ref, Pending#pending.request},
            State#{Ref => Pending}
    end.

answer(#pending{from = From, reply_as = ReplyAs}, Reply) ->
    From ! {io_reply, ReplyAs, Reply},
    ok.
