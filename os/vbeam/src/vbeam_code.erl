%% OTP's code and file services as children of this system: erl_prim_loader, code_server and
%% file_server_2, unmodified, over the boot archive.
%%
%% The modules of the boot archive count as loaded, although the VM loads each of them only when it
%% is first called: as OTP's preloaded modules they need no code server. Everything else is found
%% by the code server on its path.
-module(vbeam_code).
-behaviour(supervisor).
-export([start_link/0, start_loader/0, start_server/0, boot_modules/0, application_file/1]).
-export([init/1]).

-define(LIB, "/otp/lib").
-define(PROGRAM, "/program").

-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    vbeam_boot:phase(<<"child vbeam_code: started">>),
    Children = [
        #{id => erl_prim_loader, start => {?MODULE, start_loader, []}},
        #{id => code_server, start => {?MODULE, start_server, []}},
        #{id => file_server_2, start => {file_server, start_link, []}}
    ],
    {ok, {#{strategy => rest_for_one, intensity => 10, period => 10}, Children}}.

-spec start_loader() -> {ok, pid()}.
start_loader() ->
    erl_prim_loader:start().

-spec start_server() -> {ok, pid()}.
start_server() ->
    {ok, Server} = code:start_link(),
    _ = code:add_pathz(?PROGRAM),
    {ok, Server}.

%% All modules of the boot archive but OTP's preloaded ones, with their files.
-spec boot_modules() -> [{module(), file:filename()}].
boot_modules() ->
    Libraries = [?LIB ++ "/" ++ Name ++ "/ebin" || Name <- names(?LIB), not is_erts(Name)],
    lists:flatmap(fun modules_in/1, [?PROGRAM | Libraries]).

is_erts("erts-" ++ _) -> true;
is_erts(_) -> false.

modules_in(Folder) ->
    [
        {list_to_atom(Base), Folder ++ "/" ++ Name}
     || Name <- names(Folder), {Base, ".beam"} <- [lists:split(max(0, length(Name) - 5), Name)]
    ].

names(Folder) ->
    case prim_file:list_dir(Folder) of
        {ok, Names} -> Names;
        {error, _} -> []
    end.

%% The term of an OTP application's resource file, which is in the boot archive as it is installed.
-spec application_file(Name :: string()) -> {application, atom(), [term()]}.
application_file(Name) ->
    [Folder] = [Each || Each <- names(?LIB), lists:prefix(Name ++ "-", Each)],
    {ok, Text} = prim_file:read_file(lists:append([?LIB, "/", Folder, "/ebin/", Name, ".app"])),
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text)),
    {ok, Term} = erl_parse:parse_term(Tokens),
    Term.
