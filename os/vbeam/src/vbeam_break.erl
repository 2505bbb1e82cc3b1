%% What ^C and SIGINT do: OTP's menu, which is C code there (break.c). As there, it is written past
%% all processes. The process of the menu reads the answer from standard input; other processes go
%% on meanwhile.
-module(vbeam_break).
-export([request/0, ignore/0]).

-define(MENU, <<
    "\nBREAK: (a)bort (A)bort with dump (c)ontinue (p)roc info (i)nfo\n"
    "       (l)oaded (v)ersion (k)ill (D)b-tables (d)istribution\n"
>>).

%% Flag +Bi of the emulator: ^C does nothing.
-spec ignore() -> ok.
ignore() ->
    persistent_term:put({?MODULE, ignored}, true).

%% A second one, while the menu waits for an answer, ends the system.
-spec request() -> ok.
request() ->
    case {persistent_term:get({?MODULE, ignored}, false), whereis(?MODULE)} of
        {true, _} -> ok;
        {false, undefined} -> _ = spawn(fun menu/0), ok;
        {false, _} -> vbeam_hw:power_off(0)
    end.

menu() ->
    true = register(?MODULE, self()),
    vbeam_hw:system_process(),
    process_flag(priority, max),
    ask(vbeam_streams:take_input()).

ask(Reader) ->
    write(?MENU),
    answer(Reader).

answer(Reader) ->
    receive
        {stream, 0, <<Key, _/binary>>} -> key(Key, Reader);
        {stream, 0, _} -> leave(0)
    end.

key(Key, Reader) when Key =:= $\n; Key =:= $\r -> answer(Reader);
key(Key, _) when Key =:= $a; Key =:= $q; Key =:= $*; Key =:= 3 -> leave(0);
key($A, _) -> leave(1);
key($c, Reader) -> go_on([], Reader);
key($v, Reader) ->
    Version = erlang:system_info(version),
    go_on(["Erlang (SMP,ASYNC_THREADS) (BEAM) emulator version ", Version, "\n"], Reader);
key($l, Reader) ->
    go_on([[atom_to_binary(Module), "\n"] || Module <- lists:sort(erlang:loaded())], Reader);
key($p, Reader) ->
    go_on([process(Pid) || Pid <- processes()], Reader);
key($i, Reader) ->
    go_on([[atom_to_binary(Kind), ": ", integer_to_binary(Bytes), "\n"]
        || {Kind, Bytes} <- erlang:memory()], Reader);
key(_, Reader) ->
    write(<<"Eh?\n\n">>),
    answer(Reader).

go_on(Text, Reader) ->
    write(Text),
    vbeam_streams:give_back(Reader).

process(Pid) ->
    case process_info(Pid, [registered_name, current_function, message_queue_len]) of
        undefined ->
            [];
        [{_, Name}, {_, {Module, Function, Arity}}, {_, Length}] ->
            io_lib:format("=proc:~p~nName: ~p~nProgram counter: ~p:~p/~b~nMessages: ~b~n",
                [Pid, Name, Module, Function, Arity, Length])
    end.

leave(Status) ->
    vbeam_hw:power_off(Status).

write(Text) ->
    vbeam_hw:emergency_write(1, iolist_to_binary(Text)).
