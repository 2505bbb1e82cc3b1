%% The behaviour of file systems that are mounted by vbeam_vfs, and the process that runs one. It is
%% asked by vbeam_file_calls in the processes that work with files. Callbacks get a state that does
%% not change, give what they are asked for, and throw {posix, Reason} when they cannot; then, and
%% when a callback crashes (eio), `rollback/1` undoes what the request has changed so far. After a
%% request that went well `commit/3` makes it last, all of it or nothing, and remembers its answer:
%% when the process was ended in between, the same request comes again, and `replied/2` has it.
%%
%%   init(Config, Options)                    -> {ok, Root, State} | {error, Reason}
%%   attributes(Inode, State)                 -> attributes()
%%   lookup(Folder, Name, State)              -> {ok, Inode} | error; `..` is a name, too
%%   list(Folder, Cookie, State)              -> {[Name], Cookie | done}; the first cookie is 0
%%   is_empty(Folder, State)                  -> boolean()
%%   read(Inode, At, Count, State)            -> binary(), shorter only at the end of the file
%%   write(Inode, At, Bytes, State)           -> ok
%%   truncate(Inode, Size, State)             -> ok; longer ones are filled with zeros
%%   read_link(Inode, State)                  -> binary()
%%   create(Folder, Name, What, State)        -> {ok, Inode}
%%   link(Folder, Name, Inode, State)         -> ok
%%   unlink(Folder, Name, Inode, Held, State) -> ok; an inode that is held stays without a name
%%   rename(From, To, Inode, Replaced, State) -> ok; From and To are {Folder, Name}, Replaced is
%%                                               none or {Inode, Held}
%%   release(Inode, State)                    -> ok; nobody holds it any more
%%   change(Inode, attributes(), State)       -> ok; mode, user, group, accessed, modified
%%   commit(Request, Answer, State), rollback(State), replied(Request, State), sync(State)
%%   usage(State)                             -> #{bytes, free_bytes, inodes, free_inodes}
%%
%% Who calls has looked whether names exist, and are folders where folders are needed.
-module(vbeam_filesystem).
-behaviour(gen_server).
-export([start_link/2, name/1, is_expected/1, refusal/1]).
-export([init/1, handle_continue/2, handle_call/3, handle_cast/2, handle_info/2]).
-export_type([fs/0, attributes/0]).

-type inode() :: pos_integer().
-type attributes() :: #{
    type => regular | directory | symlink | other,
    mode => 0..8#7777,
    links => non_neg_integer(),
    user => non_neg_integer(),
    group => non_neg_integer(),
    size => non_neg_integer(),
    accessed => integer(),
    modified => integer(),
    changed => integer(),
    generation => non_neg_integer()
}.
%% A file system as its process knows it; `faults`: requests in which a callback crashed.
-type fs() :: #{
    module := module(),
    state := state(),
    root := inode(),
    system := vbeam_files:system(),
    read_only := boolean(),
    faults := non_neg_integer()
}.
-type state() :: term().
-type what() :: {regular | directory, Mode :: 0..8#7777} | {symlink, Text :: binary()}.
-type place() :: {Folder :: inode(), Name :: binary()}.

-callback init(Config :: term(), Options :: #{atom() => term()}) ->
    {ok, Root :: inode(), state()} | {error, atom()}.
-callback attributes(inode(), state()) -> attributes().
-callback lookup(inode(), Name :: binary(), state()) -> {ok, inode()} | error.
-callback list(inode(), Cookie :: non_neg_integer(), state()) ->
    {[binary()], non_neg_integer() | done}.
-callback is_empty(inode(), state()) -> boolean().
-callback read(inode(), At :: non_neg_integer(), Count :: non_neg_integer(), state()) -> binary().
-callback write(inode(), At :: non_neg_integer(), binary(), state()) -> ok.
-callback truncate(inode(), Size :: non_neg_integer(), state()) -> ok.
-callback read_link(inode(), state()) -> binary().
-callback create(inode(), Name :: binary(), what(), state()) -> {ok, inode()}.
-callback link(inode(), Name :: binary(), inode(), state()) -> ok.
-callback unlink(inode(), Name :: binary(), inode(), Held :: boolean(), state()) -> ok.
-callback rename(place(), place(), inode(), none | {inode(), Held :: boolean()}, state()) -> ok.
-callback release(inode(), state()) -> ok.
-callback change(inode(), attributes(), state()) -> ok.
-callback commit(vbeam_block_cache:request(), Answer :: term(), state()) -> ok.
-callback rollback(state()) -> ok.
-callback replied(vbeam_block_cache:request(), state()) -> {ok, Answer :: term()} | none.
-callback sync(state()) -> ok.
-callback usage(state()) -> #{atom() => non_neg_integer()}.

%% The registered name of the process of a file system.
-spec name(vbeam_files:system()) -> atom().
name(System) ->
    list_to_atom("vbeam_filesystem_" ++ integer_to_list(System)).

%% It is mounted, and its supervisor has not given up on it.
-spec is_expected(Name :: atom()) -> boolean().
is_expected(Name) ->
    vbeam_vfs:is_mounted(Name) andalso refusal(Name) =:= none andalso
        not lists:member(Name, vbeam_ladder:degraded()).

%% Why its callback init/2 did not want to start; it is tried again from time to time.
-spec refusal(Name :: atom()) -> atom().
refusal(Name) ->
    vbeam_keeper:get(Name, refusal, none).

-spec start_link(Name :: atom(), vbeam_files:system()) -> gen_server:start_ret().
start_link(Name, System) ->
    gen_server:start_link({local, Name}, ?MODULE, System, []).

init(System) ->
    vbeam_hw:system_process(),
    process_flag(trap_exit, true),
    #{module := Module, config := Config, settings := Options} = vbeam_vfs:mounted(System),
    case Module:init(Config, Options#{system => System}) of
        {ok, Root, State} ->
            vbeam_keeper:erase(name(System), refusal),
            Fs = #{
                module => Module, state => State, root => Root, system => System,
                read_only => maps:get(read_only, Options, false), faults => 0
            },
            {ok, Fs, {continue, tidy}};
        {error, Reason} ->
            vbeam_keeper:put(name(System), refusal, Reason),
            ignore
    end.

%% What ended while no process was there to notice.
handle_continue(tidy, #{system := System} = Fs) ->
    Gone = [
        Number
     || Number <- vbeam_handles:of_system(System),
        {ok, Handle} <- [vbeam_handles:find(Number)],
        not is_process_alive(vbeam_handles:owner(Handle))
    ],
    {noreply, lists:foldl(fun close/2, Fs, Gone)}.

handle_call({file, Request, Operation}, _From, #{module := Module, state := State} = Fs) ->
    case Module:replied(Request, State) of
        {ok, Answer} ->
            {reply, Answer, Fs};
        none ->
            {Answer, Next} = carry_out(Request, Operation, Fs),
            {reply, Answer, Next}
    end;
handle_call(_Request, _From, Fs) when is_map(Fs) ->
    {reply, {error, einval}, Fs}.

handle_cast({close, Number}, Fs) when is_map(Fs) ->
    {noreply, close(Number, Fs)};
handle_cast(_Other, Fs) when is_map(Fs) ->
    {noreply, Fs}.

handle_info({'EXIT', _, Reason}, Fs) when is_map(Fs) ->
    {stop, Reason, Fs};
handle_info(_Other, Fs) when is_map(Fs) ->
    {noreply, Fs}.

close(Number, Fs) ->
    {_, Next} = carry_out({self(), make_ref()}, {close, Number}, Fs),
    vbeam_handles:delete(Number),
    Next.

carry_out(Request, Operation, #{module := Module, state := State, faults := Faults} = Fs) ->
    try vbeam_file_operations:run(Operation, Fs) of
        {error, Reason} ->
            Module:rollback(State),
            {{error, Reason}, Fs};
        Answer ->
            ok = Module:commit(Request, Answer, State),
            {Answer, Fs}
    catch
        throw:{posix, Reason} ->
            Module:rollback(State),
            {{error, Reason}, Fs};
        %% A path leads out of the file system, the first or the second of two.
        throw:Leaves when element(1, Leaves) =:= leaves ->
            Module:rollback(State),
            {Leaves, Fs};
        error:Reason:Trace ->
            %% What is on the device makes no sense.
            Module:rollback(State),
            _ = Faults =:= 0 andalso report(Fs, Reason, Trace),
            {{error, eio}, Fs#{faults := Faults + 1}}
    end.

report(#{system := System}, Reason, Trace) ->
    Text = io_lib:format("~s: ~0tp at ~0tp", [name(System), Reason, hd(Trace ++ [none])]),
    vbeam_boot:phase(unicode:characters_to_binary(Text)).
