%% The bytes of a program's file, by a path of the calling thread's group. Files that nobody can
%% change, those of the boot archive, are kept: a shell executes the same few again and again.
-module(vbeam_linux_program_file).
-export([read/1]).

-include_lib("kernel/include/file.hrl").
-include("vbeam_linux.hrl").

%% Its real path, and what it holds.
-spec read(binary()) -> {binary(), binary()}.
read(<<>>) ->
    throw({errno, ?ENOENT});
read(Path) ->
    Real = vbeam_linux_names:program(Path),
    case file:read_file_info(Real, [{time, posix}]) of
        {ok, #file_info{type = regular, mode = Mode} = Info} ->
            Mode band 8#111 =/= 0 orelse throw({errno, ?EACCES}),
            {Real, bytes(Real, Info)};
        {ok, _} ->
            throw({errno, ?EACCES});
        {error, Reason} ->
            throw({errno, vbeam_linux_errno:number(Reason)})
    end.

bytes(Real, #file_info{access = read, size = Size, mtime = Changed}) ->
    case vbeam_linux_compat:kept(Real) of
        {{Size, Changed}, Bytes} ->
            Bytes;
        _ ->
            Bytes = read_all(Real),
            ok = vbeam_linux_compat:keep(Real, {{Size, Changed}, Bytes}),
            Bytes
    end;
bytes(Real, _) ->
    read_all(Real).

read_all(Real) ->
    case file:read_file(Real) of
        {ok, Bytes} -> Bytes;
        {error, Reason} -> throw({errno, vbeam_linux_errno:number(Reason)})
    end.
