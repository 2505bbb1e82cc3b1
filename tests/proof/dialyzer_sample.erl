%% dialyzer builds a PLT of whole applications, whose contents are printed as a hash for each
%% module, and analyses a module with mistakes.
-module(dialyzer_sample).
-export([run/2]).

%% Folder has mistakes.erl; Applications are names.
run(Folder, Applications) ->
    Scratch = "/tmp/dialyzer_sample." ++ os:getpid(),
    ok = filelib:ensure_dir(Scratch ++ "/x"),
    Table = Scratch ++ "/table.plt",
    Folders = [code:lib_dir(Name) ++ "/ebin" || Name <- Applications],
    Built = dialyzer:run([{analysis_type, plt_build}, {output_plt, Table}, {files_rec, Folders}]),
    show(Built),
    Plt = dialyzer_plt:from_file(Table),
    Modules = lists:usort([list_to_atom(filename:basename(File, ".beam"))
                           || Each <- Folders, File <- filelib:wildcard(Each ++ "/*.beam")]),
    [io:format("~s ~s~n", [Module, contents(Plt, Module)]) || Module <- Modules],
    {ok, mistakes} = compile:file(filename:join(Folder, "mistakes"),
                                  [debug_info, {outdir, Scratch}]),
    show(dialyzer:run([{init_plt, Table}, {files, [Scratch ++ "/mistakes.beam"]},
                       {warnings, [unmatched_returns, error_handling, underspecs]}])),
    ok = file:del_dir_r(Scratch).

show(Warnings) ->
    io:format("~p warnings~n", [length(Warnings)]),
    [io:put_chars(dialyzer:format_warning(Warning)) || Warning <- lists:sort(Warnings)].

%% Success typings of a module's functions.
contents(Plt, Module) ->
    case dialyzer_plt:lookup_module(Plt, Module) of
        {value, Functions} ->
            Sum = erlang:md5(term_to_binary(lists:sort(Functions), [{minor_version, 2}])),
            [integer_to_list(length(Functions)), " functions ", binary:encode_hex(Sum)];
        none -> "nothing"
    end.
