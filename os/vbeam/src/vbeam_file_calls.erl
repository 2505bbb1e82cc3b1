%% What OTP's prim_file goes on with when a path or an open file belongs to a file system for which
%% a process answers (vm/bif/served_files.ts): in the calling process, the process of that file
%% system (vbeam_filesystem) is asked, and what comes back is what prim_file's function returns.
%% A file system that ends meanwhile is waited for and asked again; it knows a request that it has
%% carried out already. Nobody waits longer than CALL_MS: then it is etimedout, or eio when the file
%% system is gone for good.
-module(vbeam_file_calls).
-include_lib("kernel/include/file.hrl").
-export([path/3, two_paths/3, handle/3]).
-export([close/1, ask/2]).

-define(CALL_MS, 30000).
%% Bytes that one request moves.
-define(PART_BYTES, 262144).
-define(LINKS_MAX, 40).
-define(POSITION_MAX, 16#ffffffff000).
-define(WAIT_MS_MAX, 50).
%% OTP makes the whole buffer first, and no processor has so many addresses.
-define(ADDRESS_SPACE, 16#800000000000).

-type place() :: {vbeam_files:system(), From :: non_neg_integer(), Rest :: binary()}.
-type result() :: ok | eof | {ok, term()} | {error, atom()} | #file_info{}.

%% ---- paths

-spec path(Operation :: atom(), place(), Argument :: term()) -> result().
path(Operation, Place, Argument) ->
    path(Operation, Place, Argument, ?LINKS_MAX).

path(_Operation, _Place, _Argument, 0) ->
    {error, eloop};
path(Operation, {System, From, Rest}, Argument, Links) ->
    case on_path(Operation, System, From, Rest, Argument) of
        {leaves, Text} ->
            case native(Text, System) of
                {ok, Path} -> elsewhere(Operation, Path, Argument, Links - 1);
                Error -> Error
            end;
        Result ->
            Result
    end.

%% The path leads out of the file system.
elsewhere(Operation, Path, Argument, Links) ->
    case vbeam_files:place(Path, follows(Operation, Argument)) of
        {served, System, From, Rest} -> path(Operation, {System, From, Rest}, Argument, Links);
        here -> original(Operation, Path, Argument);
        {error, Reason} -> {error, Reason}
    end.

follows(info, Follow) -> Follow;
follows(Operation, Argument) when Operation =:= open ->
    not (is_list(Argument) andalso lists:member(exclusive, Argument));
follows(Operation, _) ->
    not lists:member(Operation, [
        read_link, make_folder, make_link, remove_file, remove_folder
    ]).

%% The function of prim_file that came here.
original(info, Path, true) -> prim_file:read_info_nif(Path, 1);
original(info, Path, false) -> prim_file:read_info_nif(Path, 0);
original(read_link, Path, _) -> prim_file:read_link_nif(Path);
original(enter, Path, _) -> prim_file:set_cwd_nif(Path);
original(make_folder, Path, _) -> prim_file:make_dir_nif(Path);
original(make_link, Path, Target) -> prim_file:make_soft_link_nif(Target, Path);
original(remove_file, Path, _) -> prim_file:del_file_nif(Path);
original(remove_folder, Path, _) -> prim_file:del_dir_nif(Path);
original(permissions, Path, Mode) -> prim_file:set_permissions_nif(Path, Mode);
original(owner, Path, {User, Group}) -> prim_file:set_owner_nif(Path, User, Group);
original(set_times, Path, {Read, Written}) -> prim_file:set_time_nif(Path, Read, Written, Written);
original(open, Path, Modes) -> prim_file:open_nif(Path, Modes);
original(read_file, Path, _) -> prim_file:read_file_nif(Path);
original(list_folder, Path, _) -> prim_file:list_dir_nif(Path).

%% A text that begins with a slash, or with `..` at the root of the file system.
native(<<$/, _/binary>> = Text, _System) ->
    {ok, <<Text/binary, 0>>};
native(Text, System) ->
    case vbeam_files:where(System) of
        {ok, <<"/">>} -> {ok, <<"/", Text/binary, 0>>};
        {ok, Where} -> {ok, <<Where/binary, "/", Text/binary, 0>>};
        Error -> Error
    end.

on_path(open, System, From, Rest, Modes) ->
    open(System, From, Rest, Modes);
on_path(read_file, System, From, Rest, _) ->
    case ask(System, {path, open, From, Rest, {[read], self()}}) of
        {ok, Number} ->
            try
                {ok, Size} = handle(size, Number, []),
                read_all(Number, max(Size, ?PART_BYTES), [])
            after
                close(Number)
            end;
        Other ->
            Other
    end;
on_path(list_folder, System, From, Rest, _) ->
    case ask(System, {path, list_folder, From, Rest, []}) of
        {ok, Inode, Names, Cookie} -> list_more(System, Inode, Cookie, Names);
        Other -> Other
    end;
on_path(enter, System, From, Rest, _) ->
    Before = vbeam_handles:working(),
    case ask(System, {path, enter, From, Rest, []}) of
        {ok, Inode} ->
            Result = vbeam_files:enter(System, Inode),
            leave(Before),
            Result;
        Other ->
            Other
    end;
on_path(leave, System, Inode, _Rest, _) ->
    vbeam_handles:leave_working(),
    leave({System, Inode});
on_path(working_folder, System, From, _Rest, _) ->
    case {ask(System, {folder_path, From}), vbeam_files:where(System)} of
        {{ok, Inside}, {ok, <<"/">>}} -> {ok, Inside};
        {{ok, <<>>}, {ok, Where}} -> {ok, Where};
        {{ok, Inside}, {ok, Where}} -> {ok, <<Where/binary, Inside/binary>>};
        {{ok, _}, Error} -> Error;
        {Error, _} -> Error
    end;
on_path(info, System, From, Rest, Follow) ->
    case ask(System, {path, info, From, Rest, Follow}) of
        {link, Info, Text} -> Info#file_info{access = access(native(Text, System))};
        Other -> Other
    end;
on_path(make_link, System, From, Rest, Target) ->
    ask(System, {path, make_link, From, Rest, without_zeros(Target)});
on_path(Operation, System, From, Rest, Argument) ->
    ask(System, {path, Operation, From, Rest, Argument}).

%% It is not the working folder any more.
leave(none) ->
    ok;
leave({System, Inode}) ->
    _ = ask(System, {release, Inode}),
    ok.

list_more(_System, _Inode, done, Names) ->
    {ok, Names};
list_more(System, Inode, Cookie, Names) ->
    case ask(System, {list_more, Inode, Cookie}) of
        {ok, More, Next} -> list_more(System, Inode, Next, More ++ Names);
        Error -> Error
    end.

open(System, From, Rest, Modes) ->
    case ask(System, {path, open, From, Rest, {Modes, self()}}) of
        {ok, Number} -> vbeam_files:handle(Number);
        Other -> Other
    end.

%% Of a link that leads out of the file system: what may be done with what it leads to.
access({ok, Path}) ->
    case prim_file:read_info_nif(Path, 1) of
        #file_info{access = Access} -> Access;
        _ -> none
    end;
access(_Error) ->
    none.

without_zeros(Path) ->
    hd(binary:split(Path, <<0>>)).

%% ---- two paths

-spec two_paths(rename | link, First :: binary(), Second :: binary()) -> ok | {error, atom()}.
two_paths(Operation, First, Second) ->
    case two_paths(Operation, First, Second, ?LINKS_MAX) of
        %% As OTP says of the root.
        {error, _} when Operation =:= rename, First =:= <<"/", 0>> -> {error, einval};
        Result -> Result
    end.

two_paths(_Operation, _First, _Second, 0) ->
    {error, eloop};
two_paths(Operation, First, Second, Links) ->
    case {vbeam_files:place(First, false), vbeam_files:place(Second, false)} of
        {{served, System, From, Rest}, {served, System, OtherFrom, OtherRest}} ->
            case ask(System, {two_paths, Operation, {From, Rest}, {OtherFrom, OtherRest}}) of
                {leaves, first, Text} ->
                    again(Operation, native(Text, System), {ok, Second}, Links);
                {leaves, second, Text} ->
                    again(Operation, {ok, First}, native(Text, System), Links);
                Result ->
                    Result
            end;
        {here, here} when Operation =:= rename ->
            prim_file:rename_nif(First, Second);
        {here, here} ->
            prim_file:make_hard_link_nif(First, Second);
        {One, Other} ->
            case Operation =:= rename andalso (is_root(One) orelse is_root(Other)) of
                true -> {error, ebusy};
                false -> apart(Operation, {First, One}, {Second, Other}, Links)
            end
    end.

%% Where a file system is mounted.
is_root({served, _, 0, Rest}) -> string:trim(Rest, both, "/.") =:= <<>>;
is_root(_) -> false.

again(Operation, {ok, First}, {ok, Second}, Links) ->
    two_paths(Operation, First, Second, Links - 1);
again(_Operation, {ok, _}, Error, _Links) ->
    Error;
again(_Operation, Error, _, _Links) ->
    Error.

%% They are in different file systems, unless one leads on.
apart(Operation, {First, One}, {Second, Other}, Links) ->
    case {is_there(First, One), folder_is_there(Other)} of
        {{leaves, Path}, _} -> again(Operation, Path, {ok, Second}, Links);
        {_, {leaves, Path}} -> again(Operation, {ok, First}, Path, Links);
        {{error, Reason}, _} -> {error, Reason};
        {_, {error, Reason}} -> {error, Reason};
        {ok, ok} -> {error, exdev}
    end.

is_there(_Path, {served, System, From, Rest}) ->
    case ask(System, {path, exists, From, Rest, []}) of
        {leaves, Text} -> {leaves, native(Text, System)};
        Result -> Result
    end;
is_there(Path, here) ->
    case prim_file:read_info_nif(Path, 0) of
        #file_info{} -> ok;
        Error -> Error
    end;
is_there(_Path, Error) ->
    Error.

folder_is_there({served, System, From, Rest}) ->
    case ask(System, {path, find, From, Rest, []}) of
        {leaves, Text} -> {leaves, native(Text, System)};
        Result -> Result
    end;
folder_is_there(here) ->
    ok;
folder_is_there({error, Reason}) ->
    {error, Reason}.

%% ---- open files

-spec handle(Operation :: atom(), Number :: non_neg_integer(), Argument :: term()) -> result().
handle(close, Number, _) ->
    close(Number);
handle(Operation, Number, Argument) ->
    case vbeam_handles:find(Number) of
        {ok, Handle} -> on_handle(Operation, Handle, Argument);
        error -> {error, eio}
    end.

on_handle(read, Handle, Size) ->
    At = vbeam_handles:position(Handle),
    case read(Handle, At, Size) of
        {ok, Bytes} ->
            vbeam_handles:set_position(Handle, At + byte_size(Bytes)),
            {ok, Bytes};
        Other ->
            Other
    end;
on_handle(pread, Handle, {At, Size}) ->
    read(Handle, At, Size);
on_handle(ipread, Handle, {At, Most}) ->
    case read(Handle, At, 8) of
        {ok, <<Size:32, Pointer:32>>} when Size =< Most -> indirect(Handle, Size, Pointer);
        {error, Reason} -> {error, Reason};
        _ -> eof
    end;
on_handle(write, Handle, Vector) ->
    At = vbeam_handles:position(Handle),
    case write(Handle, At, iolist_to_binary(Vector)) of
        {ok, End} ->
            vbeam_handles:set_position(Handle, End),
            ok;
        {error, Reason} ->
            {error, Reason}
    end;
on_handle(pwrite, Handle, {At, Vector}) ->
    case write(Handle, At, iolist_to_binary(Vector)) of
        {ok, _} -> ok;
        {error, Reason} -> {error, Reason}
    end;
on_handle(seek, Handle, {Mark, Offset}) ->
    seek(Handle, Mark, Offset);
on_handle(truncate, Handle, _) ->
    case vbeam_handles:may(write, Handle) of
        true -> on_inode(Handle, {truncate, vbeam_handles:position(Handle)});
        false -> {error, einval}
    end;
on_handle(allocate, Handle, {Offset, Length}) ->
    case vbeam_handles:may(write, Handle) of
        true when Length > 0 -> on_inode(Handle, {grow, Offset + Length});
        true -> {error, einval};
        false -> {error, ebadf}
    end;
on_handle(Operation, Handle, _) when Operation =:= sync; Operation =:= info; Operation =:= size ->
    on_inode(Handle, Operation).

indirect(_Handle, 0, Pointer) ->
    {ok, {0, Pointer, eof}};
indirect(Handle, Size, Pointer) ->
    case read(Handle, Pointer, Size) of
        {ok, Data} -> {ok, {Size, Pointer, Data}};
        eof -> {ok, {Size, Pointer, eof}};
        Error -> Error
    end.

read(Handle, At, Size) ->
    case vbeam_handles:may(read, Handle) of
        true when Size > ?ADDRESS_SPACE -> {error, enomem};
        true -> read(Handle, At, Size, []);
        false -> {error, ebadf}
    end.

read(Handle, At, Left, Parts) ->
    Wanted = min(Left, ?PART_BYTES),
    case on_inode(Handle, {read, At, Wanted}) of
        {ok, Part} when byte_size(Part) < Wanted; Wanted =:= Left ->
            read_end([Part | Parts]);
        {ok, Part} ->
            read(Handle, At + Wanted, Left - Wanted, [Part | Parts]);
        {error, Reason} ->
            {error, Reason}
    end.

%% Nothing is the end of the file, also when nothing was wanted.
read_end(Parts) ->
    case iolist_to_binary(lists:reverse(Parts)) of
        <<>> -> eof;
        Bytes -> {ok, Bytes}
    end.

read_all(Number, Size, Parts) ->
    case handle(read, Number, Size) of
        {ok, Part} -> read_all(Number, ?PART_BYTES, [Part | Parts]);
        eof -> {ok, iolist_to_binary(lists:reverse(Parts))};
        Error -> Error
    end.

%% {ok, where it ends}
write(Handle, At, Bytes) ->
    case vbeam_handles:may(write, Handle) of
        _ when Bytes =:= <<>> -> {ok, At};
        true -> write_parts(Handle, place_to_write(Handle, At), Bytes);
        false -> {error, ebadf}
    end.

place_to_write(Handle, At) ->
    case vbeam_handles:may(append, Handle) of
        true -> append;
        false -> At
    end.

write_parts(Handle, At, Bytes) ->
    {Part, Rest} =
        case Bytes of
            <<First:(?PART_BYTES)/binary, Behind/binary>> -> {First, Behind};
            _ -> {Bytes, <<>>}
        end,
    case on_inode(Handle, {write, At, Part}) of
        {ok, End} when Rest =:= <<>> -> {ok, End};
        {ok, _} when At =:= append -> write_parts(Handle, append, Rest);
        {ok, End} -> write_parts(Handle, End, Rest);
        {error, Reason} -> {error, Reason}
    end.

seek(Handle, Mark, Offset) ->
    Base =
        case Mark of
            bof -> {ok, 0};
            cur -> {ok, vbeam_handles:position(Handle)};
            eof -> on_inode(Handle, size)
        end,
    case Base of
        {ok, From} when From + Offset >= 0, From + Offset =< ?POSITION_MAX ->
            vbeam_handles:set_position(Handle, From + Offset),
            {ok, From + Offset};
        {ok, _} ->
            {error, einval};
        Error ->
            Error
    end.

on_inode(Handle, Operation) ->
    ask(vbeam_handles:system(Handle), {inode, vbeam_handles:inode(Handle), Operation}).

%% Close an open file, whoever asks. What its file system still has to do is done in time.
-spec close(Number :: non_neg_integer()) -> ok.
close(Number) ->
    case vbeam_handles:find(Number) of
        {ok, Handle} ->
            _ = ask(vbeam_handles:system(Handle), {close, Number}),
            vbeam_handles:delete(Number);
        error ->
            ok
    end.

%% ---- asking

%% The answer of a file system's process to a request.
-spec ask(vbeam_files:system(), term()) -> term().
ask(System, Request) ->
    Deadline = erlang:monotonic_time(millisecond) + ?CALL_MS,
    ask(vbeam_filesystem:name(System), {file, {self(), make_ref()}, Request}, Deadline, 1).

ask(Name, Request, Deadline, WaitMs) ->
    Left = Deadline - erlang:monotonic_time(millisecond),
    try
        gen_server:call(Name, Request, max(0, Left))
    catch
        exit:{timeout, _} ->
            {error, etimedout};
        exit:_ when Left > WaitMs ->
            %% It has ended; its supervisor starts it again, unless it gave up.
            case vbeam_filesystem:is_expected(Name) of
                true ->
                    receive after WaitMs -> ok end,
                    ask(Name, Request, Deadline, min(2 * WaitMs, ?WAIT_MS_MAX));
                false ->
                    {error, eio}
            end;
        exit:_ ->
            {error, eio}
    end.
