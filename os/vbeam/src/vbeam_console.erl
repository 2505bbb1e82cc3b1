%% The serial console: an io server (Erlang's io protocol, "The Erlang I/O Protocol" in the stdlib user's guide) on top of
%% vbeam_serial. Newlines go out as CR LF. Input is edited line by line: echo, backspace, ^U; end of input is ^D on an empty line.
-module(vbeam_console).
-behaviour(gen_server).
-export([start_link/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(LINE_BYTES_MAX, 65536).

-record(state, {
    %% Characters of complete lines that nobody has read yet.
    input = [] :: string(),
    %% Bytes of the line being typed, last first.
    line = [] :: [byte()],
    line_bytes = 0 :: non_neg_integer(),
    eof = false :: boolean(),
    echo = true :: boolean(),
    %% The read request that waits for input: {From, ReplyAs, Request, Continuation}.
    reader = none :: none | {pid(), term(), tuple(), term()},
    waiting = queue:new() :: queue:queue({pid(), term(), tuple()})
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    ok = vbeam_serial:subscribe(self()),
    vbeam_boot:phase(<<"child vbeam_console: started">>),
    {ok, #state{}, {continue, watch}}.
