%% What modules show in /proc (linux/proc_fs.h, linux/seq_file.h), and what tables of packet filters
%% ask of the kernel besides. Files are noted with their names; read/1 gives what one shows.
%% Structures: proc_dir_entry, seq_file, seq_operations, list_head.
-module(vbeam_linuxkpi_proc).
-compile(nowarn_export_all).
-compile(export_all).

-define(BUFFER, 65536).
-define(LINES_MAX, 10_000).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"proc_create_seq_private">>, <<"proc_create_single_data">>,
            <<"proc_create_net_data">>, <<"proc_create_net_single">>, <<"proc_mkdir">>,
            <<"remove_proc_entry">>, <<"proc_remove">>, <<"proc_set_user">>, <<"seq_printf">>,
            <<"seq_puts">>, <<"seq_putc">>, <<"seq_write">>, <<"seq_list_start">>,
            <<"seq_list_next">>, <<"seq_list_start_head">>, <<"make_kuid">>, <<"make_kgid">>,
            <<"from_kuid">>, <<"from_kgid">>, <<"__audit_log_nfcfg">>, <<"static_key_slow_inc">>,
            <<"static_key_slow_dec">>
        ]
    ] ++
        [
            %% rdi is where, ecx how many bytes: what is left of them is in rcx.
            {Name, {code, <<16#31, 16#c0, 16#f3, 16#aa, 16#c3>>}}
         || Name <- [
                <<"clear_user_erms">>, <<"clear_user_original">>, <<"clear_user_rep_good">>
            ]
        ].

files() -> case get(?MODULE) of undefined -> []; Rows -> Rows end.

entry(Name, Parent, What) ->
    Entry = vbeam_ko_memory:zeroed(64),
    put(?MODULE, [{Entry, Parent, vbeam_ko_memory:string(Name), What} | files()]),
    Entry.

proc_mkdir(Name, Parent) -> entry(Name, Parent, folder).
proc_create_seq_private(Name, _Mode, Parent, Operations, State, Data) ->
    entry(Name, Parent, {sequence, Operations, State, Data}).
proc_create_net_data(Name, Mode, Parent, Operations, State, Data) ->
    proc_create_seq_private(Name, Mode, Parent, Operations, State, Data).
proc_create_single_data(Name, _Mode, Parent, Show, Data) ->
    entry(Name, Parent, {single, Show, Data}).
proc_create_net_single(Name, Mode, Parent, Show, Data) ->
    proc_create_single_data(Name, Mode, Parent, Show, Data).
proc_set_user(_Entry, _User, _Group) -> ok.
proc_remove(Entry) ->
    case lists:keytake(Entry, 1, files()) of
        {value, _, Rest} -> put(?MODULE, Rest), vbeam_ko_memory:free(Entry);
        false -> ok
    end.
remove_proc_entry(Name, Parent) ->
    Text = vbeam_ko_memory:string(Name),
    case [Entry || {Entry, P, N, _} <- files(), P =:= Parent, N =:= Text] of
        [Entry | _] -> proc_remove(Entry);
        [] -> ok
    end.

%% Names of the files and folders.
-spec names() -> [binary()].
names() -> lists:sort([Name || {_, _, Name, _} <- files()]).

%% What a file shows.
-spec read(binary()) -> {ok, binary()} | {error, enoent}.
read(Name) ->
    case [What || {_, _, N, What} <- files(), N =:= Name, What =/= folder] of
        [{single, Show, Data} | _] -> shown(Data, fun(File) -> call(Show, [File, 0]) end);
        [{sequence, Operations, State, Data} | _] -> sequence(Operations, State, Data);
        [] -> {error, enoent}
    end.

sequence(Operations, State, Data) ->
    Private = case State of 0 -> Data; _ -> vbeam_ko_memory:zeroed(State) end,
    Function = fun(Name) -> vbeam_ko_memory:get(Operations, seq_operations, Name) end,
    Result = shown(Private, fun(File) ->
        Position = vbeam_ko_memory:zeroed(8),
        Last = elements(
            call(Function(start), [File, Position]), File, Position, Function, ?LINES_MAX
        ),
        call(Function(stop), [File, Last]),
        vbeam_ko_memory:free(Position)
    end),
    _ = State =:= 0 orelse vbeam_ko_memory:free(Private),
    Result.

elements(0, _File, _Position, _Function, _Left) -> 0;
elements(Element, _File, _Position, _Function, 0) -> Element;
elements(Element, File, Position, Function, Left) ->
    call(Function(show), [File, Element]),
    Next = call(Function(next), [File, Element, Position]),
    elements(Next, File, Position, Function, Left - 1).

shown(Private, Do) ->
    File = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(seq_file)),
    Buffer = vbeam_ko_memory:zeroed(?BUFFER),
    [
        vbeam_ko_memory:set(File, seq_file, Field, Value)
     || {Field, Value} <- [{buf, Buffer}, {size, ?BUFFER}, {private, Private}]
    ],
    Do(File),
    Text = vbeam_ko_memory:read(Buffer, vbeam_ko_memory:get(File, seq_file, count)),
    [vbeam_ko_memory:free(Each) || Each <- [Buffer, File]],
    {ok, Text}.

call(Function, Arguments) -> vbeam_ko_machine:call(Function, Arguments).

seq_printf(File, Format, Arguments) -> written(File, vbeam_linuxkpi_text:format(Format, Arguments)).
seq_puts(File, Text) -> written(File, vbeam_ko_memory:string(Text)).
seq_putc(File, Character) -> written(File, <<Character:8>>).
seq_write(File, From, Bytes) ->
    written(File, vbeam_ko_memory:read(From, Bytes)),
    0.

%% What does not fit is not there.
written(File, Text) ->
    Count = vbeam_ko_memory:get(File, seq_file, count),
    Room = vbeam_ko_memory:get(File, seq_file, size) - Count,
    Piece = binary:part(Text, 0, min(Room, byte_size(Text))),
    vbeam_ko_memory:write(vbeam_ko_memory:get(File, seq_file, buf) + Count, Piece),
    vbeam_ko_memory:set(File, seq_file, count, Count + byte_size(Piece)).

%% Lists of the kernel are rings through their heads.
seq_list_start(Head, Position) -> element_at(vbeam_ko_memory:read_u64(Head), Head, Position).
seq_list_start_head(Head, 0) -> Head;
seq_list_start_head(Head, Position) -> seq_list_start(Head, Position - 1).
element_at(Head, Head, _Left) -> 0;
element_at(Element, _Head, 0) -> Element;
element_at(Element, Head, Left) -> element_at(vbeam_ko_memory:read_u64(Element), Head, Left - 1).
seq_list_next(Element, Head, Position) ->
    vbeam_ko_memory:write_u64(Position, vbeam_ko_memory:read_u64(Position) + 1),
    case vbeam_ko_memory:read_u64(Element) of
        Head -> 0;
        Next -> Next
    end.

%% One name space of users, in which everybody is who he is.
make_kuid(_Space, User) -> User.
make_kgid(_Space, Group) -> Group.
from_kuid(_Space, User) -> User.
from_kgid(_Space, Group) -> Group.
'__audit_log_nfcfg'(_Name, _Family, _Entries, _Operation, _Flags) -> ok.
static_key_slow_inc(Key) -> count(Key, 1).
static_key_slow_dec(Key) -> count(Key, -1).
count(Key, Change) ->
    vbeam_ko_memory:write(Key, <<(vbeam_ko_memory:read_s32(Key) + Change):32/little>>).
