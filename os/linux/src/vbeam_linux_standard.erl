%% Standard input, output and error of programs that Erlang starts. Options:
%%
%%     #{program => Pid}           a program that is an Erlang process: its group leader
%%     #{io => Pid}                an io device, such as the group leader of a shell
%%     #{terminal => console}      the console, which is the program's controlling terminal
%%
%% Without one of them it is /dev/null.
-module(vbeam_linux_standard).
-include("vbeam_linux_object.hrl").
-export([objects/2]).

%% In the process of the group, which holds them: for descriptors 0, 1 and 2.
-spec objects(ets:table(), map()) -> [vbeam_linux_object:object()].
objects(Table, #{program := Program}) ->
    true = ets:insert(Table, {folder, erlang}),
    true = ets:insert(Table, {trees, whereis(vbeam_vfs) =/= undefined}),
    io_device(leader_of(Program));
objects(_, #{io := Device}) ->
    io_device(Device);
objects(Table, #{terminal := console}) ->
    Number = ets:lookup_element(Table, number, 2),
    Terminal = vbeam_linux_terminal:console(self(), Number),
    [Terminal, Terminal, Terminal];
objects(_, _) ->
    {ok, Null} = vbeam_linux_device:open(null, <<"/dev/null">>, ?O_RDWR),
    [Null, Null, Null].

leader_of(Program) ->
    case process_info(Program, group_leader) of
        {group_leader, Leader} -> Leader;
        undefined -> group_leader()
    end.

io_device(Leader) ->
    Keys = [{{io, Device}, self()} || Device <- [standard_io, standard_error]],
    {ok, Server} = vbeam_linux_io_device:start(Leader, Keys),
    Standard = vbeam_linux_io_device:object(Server, standard_io, ?O_RDWR),
    [Standard, Standard, vbeam_linux_io_device:object(Server, standard_error, ?O_RDWR)].
