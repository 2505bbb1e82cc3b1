%% The log in memory that a reset leaves as it is: a handler of OTP's logger, and the service that
%% writes. What the system said in the life before, its crash reports too, can be read in this one.
%%
%% The memory is a ring of records, of whole words of 8 bytes; each has a checksum of its own, and
%% nothing but records is trusted: they are found by looking at every word. A damaged one costs only
%% itself.
%%
%%     +--------+--------+-----------------+--------+----------+-----------------+
%%     | magic  | bytes  | sequence number | life   | CRC-32   | text, padded    |
%%     +--------+--------+-----------------+--------+----------+-----------------+
%%       u32      u32      u64               u32      u32        UTF-8
%%
%% The first word of a record is written last, and that of what it overwrites is cleared first, so a
%% record that was not finished is none. Where the host has no such memory the ring is in atomics of
%% vbeam_keeper: it outlives this process, but not the system.
-module(vbeam_log).
-behaviour(gen_server).
-export([start_link/0, install/0, lines/0, damaged/0, life/0, say/1]).
-export([log/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(MAGIC, 16#564c4f47).
-define(HEADER, 24).
-define(WORD, 8).
-define(TEXT_MAX, 4000).
-define(ATOMICS_BYTES, 65536).
%% So many may wait; what comes then is dropped, and counted.
-define(WAITING_MAX, 200).
-define(ANSWER_MS, 1000).

-type line() :: {Life :: non_neg_integer(), Sequence :: pos_integer(), Text :: binary()}.
-record(state, {
    memory :: {hardware, vbeam_hw:handle()} | {atomics, atomics:atomics_ref()},
    bytes :: pos_integer(),
    %% Where the next record goes, and its number.
    at :: non_neg_integer(),
    sequence :: pos_integer(),
    life :: pos_integer(),
    damaged :: non_neg_integer()
}).

-spec start_link() -> gen_server:start_ret().
start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% What logger says from now on is written, too.
-spec install() -> ok.
install() ->
    Format = #{single_line => false, legacy_header => true},
    Config = #{formatter => {logger_formatter, Format}, level => all},
    case logger:add_handler(?MODULE, ?MODULE, Config) of
        ok -> ok;
        {error, {already_exist, _}} -> ok
    end.

%% All lines that are left, of earlier lives and of this one, the oldest first.
-spec lines() -> [line()].
lines() ->
    gen_server:call(?MODULE, lines, infinity).

%% Records that were damaged when this life began.
-spec damaged() -> non_neg_integer().
damaged() ->
    gen_server:call(?MODULE, damaged).

%% The number of this life.
-spec life() -> pos_integer().
life() ->
    gen_server:call(?MODULE, life).

%% Write a line; it is there when this returns, unless the log is overloaded or not running.
-spec say(unicode:chardata()) -> ok | dropped.
say(Text) ->
    case whereis(?MODULE) of
        undefined ->
            dropped;
        Pid ->
            case process_info(Pid, message_queue_len) of
                {_, Waiting} when Waiting < ?WAITING_MAX -> write(Text);
                _ -> dropped
            end
    end.

write(Text) ->
    try
        gen_server:call(?MODULE, {say, unicode:characters_to_binary(Text)}, ?ANSWER_MS)
    catch
        exit:_ -> dropped
    end.

%% Called by logger, in the process that logs.
-spec log(logger:log_event(), logger:handler_config()) -> ok | dropped.
log(Event, #{formatter := {Module, Config}}) ->
    say(Module:format(Event, Config)).

%% ---- the process

init([]) ->
    vbeam_hw:system_process(),
    {Memory, Bytes} = memory(),
    {Records, Damaged, At} = scan(read_all(Memory, Bytes)),
    State = #state{
        memory = Memory,
        bytes = Bytes,
        at = At,
        sequence = lists:max([0 | [Sequence || {_, Sequence, _} <- Records]]) + 1,
        life = life(Records),
        damaged = kept(damaged, Damaged)
    },
    vbeam_keeper:put(?MODULE, life, State#state.life),
    vbeam_keeper:put(?MODULE, damaged, State#state.damaged),
    vbeam_boot:phase(<<"child vbeam_log: started">>),
    {ok, State}.

memory() ->
    case lists:keyfind(kept_memory, 1, vbeam_hw:machine()) of
        {kept_memory, {Physical, Bytes}} ->
            {{hardware, vbeam_hw:claim_memory(Physical, Bytes)}, Bytes};
        false ->
            Words = ?ATOMICS_BYTES div ?WORD,
            {{atomics, vbeam_keeper:atomics(?MODULE, ring, Words)}, ?ATOMICS_BYTES}
    end.

%% That of an earlier incarnation of this process is this life, too.
life(Records) ->
    Last = lists:max([0 | [Life || {Life, _, _} <- Records]]),
    kept(life, Last + 1).

%% A number that is kept, whatever else may be there.
kept(Key, Default) ->
    case vbeam_keeper:get(?MODULE, Key, Default) of
        Number when is_integer(Number), Number >= 0, Number < 1 bsl 32 -> Number;
        _ -> Default
    end.

handle_call({say, Text}, _From, #state{} = State) ->
    {reply, ok, append(short(Text), State)};
handle_call(lines, _From, #state{memory = Memory, bytes = Bytes} = State) ->
    {Records, _, _} = scan(read_all(Memory, Bytes)),
    {reply, lists:keysort(2, Records), State};
handle_call(damaged, _From, #state{damaged = Damaged} = State) ->
    {reply, Damaged, State};
handle_call(life, _From, #state{life = Life} = State) ->
    {reply, Life, State};
handle_call(_Request, _From, #state{} = State) ->
    {reply, {error, unknown_request}, State}.

handle_cast(_Request, #state{} = State) ->
    {noreply, State}.

handle_info(_Other, #state{} = State) ->
    {noreply, State}.

%% Without the end of the line; what is too long is cut between characters.
short(Text) when is_binary(Text) ->
    Line = string:trim(Text, trailing, "\n"),
    case byte_size(Line) > ?TEXT_MAX of
        true ->
            case unicode:characters_to_binary(binary:part(Line, 0, ?TEXT_MAX)) of
                {_, Whole, _} -> <<Whole/binary, " ...">>;
                Whole -> <<Whole/binary, " ...">>
            end;
        false ->
            Line
    end;
short(_) ->
    <<"(text that is no UTF-8)">>.

%% ---- writing

append(Text, #state{at = At, bytes = Bytes, sequence = Sequence, life = Life} = State) ->
    Content = padded(Text),
    Size = ?HEADER + byte_size(Content),
    Begin = case At + Size > Bytes of true -> 0; false -> At end,
    Rest = <<Sequence:64/little, Life:32/little, (checksum(Text, Sequence, Life)):32/little>>,
    Memory = State#state.memory,
    put_word(Memory, Begin, 0),
    put_words(Memory, Begin + ?WORD, <<Rest/binary, Content/binary>>),
    <<First:64/little>> = <<?MAGIC:32/little, (byte_size(Text)):32/little>>,
    put_word(Memory, Begin, First),
    State#state{at = Begin + Size, sequence = Sequence + 1}.

padded(Text) ->
    Padding = -byte_size(Text) band (?WORD - 1),
    <<Text/binary, 0:(Padding * 8)>>.

checksum(Text, Sequence, Life) ->
    erlang:crc32(<<(byte_size(Text)):32, Sequence:64, Life:32, Text/binary>>).

put_words(Memory, At, <<Word:64/little, Rest/binary>>) ->
    put_word(Memory, At, Word),
    put_words(Memory, At + ?WORD, Rest);
put_words(_Memory, _At, <<>>) ->
    ok.

put_word({hardware, Handle}, At, Word) ->
    ok = vbeam_hw:write(Handle, At, 64, Word);
put_word({atomics, Atomics}, At, Word) ->
    <<Signed:64/signed>> = <<Word:64>>,
    ok = atomics:put(Atomics, At div ?WORD + 1, Signed).

get_word({hardware, Handle}, At) ->
    vbeam_hw:read(Handle, At, 64);
get_word({atomics, Atomics}, At) ->
    atomics:get(Atomics, At div ?WORD + 1).

%% ---- reading

read_all(Memory, Bytes) ->
    << <<(get_word(Memory, At)):64/little>> || At <- lists:seq(0, Bytes - ?WORD, ?WORD) >>.

%% All records, how many are damaged, and where the one behind the newest goes.
scan(Ring) ->
    scan(Ring, 0, [], 0, {0, 0}).

scan(Ring, At, Records, Damaged, {_, Next}) when At + ?HEADER > byte_size(Ring) ->
    {Records, Damaged, Next};
scan(Ring, At, Records, Damaged, {Newest, _} = Last) ->
    case record_at(Ring, At) of
        {ok, {_, Sequence, Text} = Record} ->
            End = At + ?HEADER + byte_size(padded(Text)),
            After = case Sequence > Newest of true -> {Sequence, End}; false -> Last end,
            scan(Ring, End, [Record | Records], Damaged, After);
        damaged ->
            scan(Ring, At + ?WORD, Records, Damaged + 1, Last);
        none ->
            scan(Ring, At + ?WORD, Records, Damaged, Last)
    end.

record_at(Ring, At) ->
    case Ring of
        <<_:At/binary, ?MAGIC:32/little, Bytes:32/little, Sequence:64/little, Life:32/little,
            Sum:32/little, Text:Bytes/binary, _/binary>> ->
            case checksum(Text, Sequence, Life) of
                Sum -> {ok, {Life, Sequence, Text}};
                _ -> damaged
            end;
        <<_:At/binary, ?MAGIC:32/little, _/binary>> ->
            damaged;
        _ ->
            none
    end.
