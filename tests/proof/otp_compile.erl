%% OTP's compiler compiles sources of OTP: every module of an application, with the options that the
%% installed module was compiled with. Prints a line for each: its name, beam_lib:md5/1 of what came
%% out, the hash of the chunks with literals uncompressed, and the number of warnings.
%%
%% main(Lib, Applications, Part, Parts): Lib is the folder in which OTP's applications are,
%% Applications are folders there, joined by commas, and of the list of sources only every Parts-th
%% is compiled, beginning with Part. The sources have the same paths everywhere, since the macro
%% ?FILE has them in the code.
-module(otp_compile).
-export([main/4]).

-define(SECONDS_MAX, 3600).

main(Lib, Applications, Part, Parts) ->
    Folders = [filename:join(Lib, Name) || Name <- string:lexemes(Applications, ",")],
    Files = [File || Folder <- Folders, File <- sources(Folder)],
    Chosen = every(Parts, lists:nthtail(Part, Files)),
    lists:foreach(fun compile_one/1, Chosen).

every(_, []) -> [];
every(N, [First | _] = List) -> [First | every(N, lists:nthtail(min(N, length(List)), List))].

sources(Application) ->
    Folder = filename:join(Application, "src"),
    {ok, Names} = file:list_dir(Folder),
    lists:sort([filename:join(Folder, Name) || Name <- Names, filename:extension(Name) =:= ".erl"]).

%% In a process of its own, as large programs do it: its heap goes when it ends.
compile_one(File) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({done, compile(File)}) end),
    Line = receive
        {'DOWN', Ref, process, Pid, {done, Text}} -> Text;
        {'DOWN', Ref, process, Pid, Reason} -> io_lib:format("failed ~0p", [Reason])
    after ?SECONDS_MAX * 1000 -> "took too long"
    end,
    io:format("~s ~s~n", [filename:basename(File, ".erl"), Line]).

compile(File) ->
    Options = [binary, return | options(File)],
    case compile:file(filename:rootname(File), Options) of
        {ok, Module, Beam, Warnings} ->
            {ok, {Module, Sum}} = beam_lib:md5(Beam),
            [hex(Sum), $\s, plain_sum(Beam), $\s, count(Warnings)];
        {error, Errors, _} -> io_lib:format("error ~0p", [Errors])
    end.

count(Warnings) ->
    integer_to_list(lists:sum([length(List) || {_, List} <- Warnings])).

%% Those of the installed module, whose include paths are those of the machine that built it.
options(File) ->
    Application = filename:dirname(filename:dirname(File)),
    Beam = filename:join([Application, "ebin", filename:basename(File, ".erl") ++ ".beam"]),
    {ok, {_, [{compile_info, Information}]}} = beam_lib:chunks(Beam, [compile_info]),
    Lib = filename:dirname(Application),
    [here(Option, Lib) || Option <- proplists:get_value(options, Information)].

here({i, Path}, Lib) ->
    %% .../lib/APPLICATION/src/../../OTHER/include
    [Application | Rest] = after_lib(flatten_path(filename:split(Path), [])),
    Version = filename:basename(code:lib_dir(list_to_atom(Application))),
    {i, filename:join([Lib, Version | Rest])};
here(Option, _) -> Option.

flatten_path([".." | Rest], [_ | Up]) -> flatten_path(Rest, Up);
flatten_path(["." | Rest], Up) -> flatten_path(Rest, Up);
flatten_path([Name | Rest], Up) -> flatten_path(Rest, [Name | Up]);
flatten_path([], Up) -> lists:reverse(Up).

after_lib(["lib" | Rest]) -> Rest;
after_lib([_ | Rest]) -> after_lib(Rest).

plain_sum(Beam) ->
    {ok, _, Chunks} = beam_lib:all_chunks(Beam),
    Plain = [{Name, plain(Name, Data)} || {Name, Data} <- Chunks, Name =/= "CInf"],
    hex(erlang:md5(term_to_binary(Plain))).

plain("LitT", <<_:32, Packed/binary>>) -> zlib:uncompress(Packed);
plain("Dbgi", Data) -> drop_paths(binary_to_term(Data));
plain(_, Data) -> Data.

%% Debug information holds absolute paths in its options and `file` attributes.
drop_paths({debug_info_v1, Backend, {Forms, _Options}}) when is_list(Forms) ->
    {Backend, [drop_path(Form) || Form <- Forms]};
drop_paths(_) -> other.

drop_path({attribute, Anno, file, {Path, Line}}) ->
    {attribute, Anno, file, {filename:basename(Path), Line}};
drop_path(Form) -> Form.

hex(Sum) -> [io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Sum].
