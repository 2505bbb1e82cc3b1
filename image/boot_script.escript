#!/usr/bin/env escript
%% Makes the boot script of the system from that of the installed OTP: what OTP starts, and besides
%% the processes below it (vbeam_boot:start/0, before the first kernel process, which may print), its
%% own first kernel process, the heart (vbeam_heart), and the application above it (vbeam, after stdlib).
%%
%% usage: boot_script.escript START.BOOT VBEAM.APP PLATFORM.APP LINUX.APP RESULT.BOOT EXTRA ...
%%
%% The modules of the first two applications, and the extra ones, which these need, are loaded
%% before there is a code server, those of the third when they are called; of the system's own one that is missing or broken does not end the
%% boot (vbeam_boot:load/1). Format of a script: script(4), and init:eval_script.
main([Start, System, Platform, Linux, Result | Extra]) ->
    {ok, Bytes} = file:read_file(Start),
    {script, Id, Commands} = binary_to_term(Bytes),
    {application, vbeam, Keys} = Application = application(System),
    {application, vbeam_platform, PlatformKeys} = application(Platform),
    {path, Otp} = lists:keyfind(path, 1, Commands),
    {application, vbeam_linux, LinuxKeys} = application(Linux),
    Ours = [{Keys, "vbeam"}, {PlatformKeys, "vbeam_platform"}, {LinuxKeys, "vbeam_linux"}],
    Path = {path, [ebin(Each, Name) || {Each, Name} <- Ours] ++ Otp},
    Load = {apply, {vbeam_boot, load, [modules(Keys) ++ modules(PlatformKeys)]}},
    Own = [Path, {primLoad, [vbeam_boot]}, Load],
    Needed = [list_to_atom(Name) || Name <- Extra],
    Script = lists:flatmap(fun(Each) -> command(Each, Application, Own, Needed) end, Commands),
    ok = file:write_file(Result, term_to_binary({script, Id, Script})).

application(File) ->
    {ok, [Application]} = file:consult(File),
    Application.

modules(Keys) ->
    proplists:get_value(modules, Keys).

ebin(Keys, Name) ->
    lists:append(["$ROOT/lib/", Name, "-", proplists:get_value(vsn, Keys), "/ebin"]).

command({primLoad, [error_handler | _] = Modules}, _, Own, Needed) ->
    [{primLoad, Modules ++ Needed} | Own];
command({kernelProcess, heart, _}, _, _, _) ->
    [{apply, {vbeam_boot, start, []}}, {kernelProcess, heart, {vbeam_heart, start, []}}];
command({apply, {application, load, [{application, stdlib, _}]}} = Command, Application, _, _) ->
    [Command, {apply, {application, load, [Application]}}];
command({apply, {application, start_boot, [stdlib | _]}} = Command, _, _, _) ->
    [Command, {apply, {application, start_boot, [vbeam, permanent]}}];
command(Command, _, _, _) ->
    [Command].
