%% Files and folders for V's module os. Functions that can fail give a text about what went wrong,
%% empty when nothing did.
-module(v_file).

-export([read/1, write/3, kind/1, size/1, modified/1, list/1, change/3, cwd/0, link_target/1]).
-export([error_text/1]).
-export([access/2, open/2, console/1, close/1, put/2, take/2, take_at/3, line/1, seek/3]).

-include_lib("kernel/include/file.hrl").

read(Path) ->
    case file:read_file(Path) of
        {ok, Text} -> {<<>>, Text};
        {error, Reason} -> {problem(Reason), <<>>}
    end.

write(Path, Text, true) -> done(file:write_file(Path, Text, [append]));
write(Path, Text, false) -> done(file:write_file(Path, Text)).

done(ok) -> <<>>;
done({ok, _}) -> <<>>;
done({error, Reason}) -> problem(Reason).

%% What C's strerror says.
problem(enoent) -> <<"No such file or directory">>;
problem(eacces) -> <<"Permission denied">>;
problem(eperm) -> <<"Operation not permitted">>;
problem(eexist) -> <<"File exists">>;
problem(enotdir) -> <<"Not a directory">>;
problem(eisdir) -> <<"Is a directory">>;
problem(enotempty) -> <<"Directory not empty">>;
problem(einval) -> <<"Invalid argument">>;
problem(ebadf) -> <<"Bad file descriptor">>;
problem(enospc) -> <<"No space left on device">>;
problem(erofs) -> <<"Read-only file system">>;
problem(exdev) -> <<"Invalid cross-device link">>;
problem(enotty) -> <<"Inappropriate ioctl for device">>;
problem(espipe) -> <<"Illegal seek">>;
problem(epipe) -> <<"Broken pipe">>;
problem(enosys) -> <<"Function not implemented">>;
problem(eio) -> <<"Input/output error">>;
problem(Reason) -> unicode:characters_to_binary(file:format_error(Reason)).

%% The text of one of Linux's error numbers.
error_text(0) -> <<"Success">>;
error_text(Number) ->
    Known = #{
        1 => eperm, 2 => enoent, 5 => eio, 9 => ebadf, 13 => eacces, 17 => eexist, 18 => exdev,
        20 => enotdir, 21 => eisdir, 22 => einval, 25 => enotty, 28 => enospc, 29 => espipe,
        30 => erofs, 32 => epipe, 38 => enosys, 39 => enotempty
    },
    case Known of
        #{Number := Reason} -> problem(Reason);
        _ -> <<"Unknown error ", (integer_to_binary(Number))/binary>>
    end.

%% Empty when there is no such file.
kind(Path) ->
    case file:read_file_info(Path) of
        {ok, #file_info{type = Type}} -> atom_to_binary(Type);
        {error, _} -> <<>>
    end.

size(Path) ->
    case file:read_file_info(Path) of
        {ok, #file_info{size = Size}} -> Size;
        {error, _} -> 0
    end.

modified(Path) ->
    case file:read_file_info(Path, [{time, posix}]) of
        {ok, #file_info{mtime = Time}} -> Time;
        {error, _} -> 0
    end.

access(Path, Bit) ->
    case file:read_file_info(Path) of
        {ok, #file_info{mode = Mode}} when Bit =:= 1 -> Mode band 8#111 =/= 0;
        {ok, #file_info{access = read_write}} -> true;
        {ok, #file_info{access = read}} -> Bit =:= 4;
        {ok, #file_info{access = write}} -> Bit =:= 2;
        _ -> false
    end.

list(Path) ->
    case file:list_dir_all(Path) of
        {ok, Names} ->
            Bytes = [name(N) || N <- Names],
            {<<>>, v_array:from_list(lists:sort(Bytes))};
        {error, Reason} ->
            {problem(Reason), v_array:new()}
    end.

name(Name) when is_binary(Name) -> Name;
name(Name) -> unicode:characters_to_binary(Name).

change(<<"chdir">>, Path, _) -> done(file:set_cwd(text(Path)));
change(<<"mkdir">>, Path, _) -> done(file:make_dir(Path));
change(<<"rm">>, Path, _) -> done(file:delete(Path));
change(<<"rmdir">>, Path, _) -> done(file:del_dir(Path));
change(<<"rename">>, Path, To) -> done(file:rename(Path, To));
change(<<"symlink">>, Path, To) -> done(file:make_symlink(Path, To));
change(<<"link">>, Path, To) -> done(file:make_link(Path, To));
change(<<"chmod">>, Path, Mode) -> done(file:change_mode(Path, binary_to_integer(Mode))).

text(Path) -> unicode:characters_to_list(Path).

cwd() ->
    case file:get_cwd() of
        {ok, Path} -> name(Path);
        {error, _} -> <<"/">>
    end.

link_target(Path) ->
    case file:read_link_all(Path) of
        {ok, Target} -> {some, name(Target)};
        {error, _} -> none
    end.

%% --- open files ----------------------------------------------------------------------------------

open(Path, Mode) ->
    case opened(Path, binary_to_list(Mode)) of
        {ok, File} -> {<<>>, File};
        {error, Reason} -> {problem(Reason), none}
    end.

%% C's modes: `+` adds the other direction, and `w` empties the file.
opened(Path, [How | Rest]) ->
    Both = lists:member($+, Rest),
    case How of
        $w when Both ->
            case file:write_file(Path, <<>>) of
                ok -> file:open(Path, [binary, read, write]);
                Error -> Error
            end;
        $w ->
            file:open(Path, [binary, write]);
        $a when Both ->
            file:open(Path, [binary, append, read]);
        $a ->
            file:open(Path, [binary, append]);
        $r when Both ->
            file:open(Path, [binary, read, write]);
        $r ->
            file:open(Path, [binary, read])
    end.

console(0) -> standard_io;
console(1) -> standard_io;
console(2) -> standard_error.

close(File) when is_pid(File) ->
    _ = file:close(File),
    ok;
close(_) ->
    ok.

put(standard_error, Text) ->
    v_rt:eprint(Text),
    <<>>;
put(standard_io, Text) ->
    v_rt:print(Text),
    <<>>;
put(File, Text) ->
    done(file:write(File, Text)).

take(standard_io, Size) ->
    case io:get_chars("", Size) of
        eof -> none;
        {error, _} -> none;
        Text -> {some, unicode:characters_to_binary(Text)}
    end;
take(File, Size) ->
    taken(file:read(File, Size)).

take_at(File, Position, Size) -> taken(file:pread(File, Position, Size)).

taken({ok, Text}) -> {some, Text};
taken(_) -> none.

line(standard_io) ->
    v_os:get_line_opt();
line(File) ->
    case file:read_line(File) of
        {ok, Line} -> {some, v_string:trim_right(Line, <<"\r\n">>)};
        _ -> none
    end.

%% From the start, from here or from the end; the new position, or -1.
seek(File, Offset, From) ->
    Where = element(From + 1, {bof, cur, eof}),
    case file:position(File, {Where, Offset}) of
        {ok, Position} -> Position;
        {error, _} -> -1
    end.
