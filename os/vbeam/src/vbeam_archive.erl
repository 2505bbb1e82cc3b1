%% Whether the boot archive is whole: modules that an application names and that are not there. A
%% system without them comes up; this says why something will not work.
-module(vbeam_archive).
-export([missing/0, report/0]).

%% Modules of the loaded applications, with the application that names each.
-spec missing() -> [{Application :: atom(), module()}].
missing() ->
    [
        {Application, Module}
     || {Application, _, _} <- application:loaded_applications(),
        {ok, Modules} <- [application:get_key(Application, modules)],
        Files <- [files(Application)],
        Module <- Modules,
        not is_map_key(atom_to_list(Module) ++ init:objfile_extension(), Files),
        not erlang:module_loaded(Module)
    ].

files(Application) ->
    case code:lib_dir(Application, ebin) of
        {error, bad_name} ->
            #{};
        Folder ->
            case erl_prim_loader:list_dir(Folder) of
                {ok, Names} -> maps:from_keys(Names, true);
                error -> #{}
            end
    end.

%% A boot line for each.
-spec report() -> ok.
report() ->
    lists:foreach(
        fun({Application, Module}) ->
            vbeam_boot:phase([
                <<"module ">>,
                atom_to_binary(Module),
                <<" of ">>,
                atom_to_binary(Application),
                <<": missing in the boot archive">>
            ])
        end,
        missing()
    ).
