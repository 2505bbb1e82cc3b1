%% The group leader of test cases: an I/O server that throws away what is written, or keeps it while
%% a case captures its output (ct:capture_start/0), and has no input.
-module(suite_output).
-export([start/0, capture/1, captured/0]).

start() -> spawn(fun() -> loop(none, []) end).

%% Capture from now on, or (none) no longer.
capture(Owner) -> call({capture, Owner}).

%% What was written since the last call, text by text.
captured() -> call(captured).

call(Request) ->
    Leader = group_leader(),
    Monitor = monitor(process, Leader),
    Leader ! {?MODULE, self(), Monitor, Request},
    receive
        {Monitor, Reply} -> demonitor(Monitor, [flush]), Reply;
        {'DOWN', Monitor, process, Leader, Reason} -> exit(Reason)
    end.

loop(Owner, Texts) ->
    receive
        {?MODULE, From, Tag, {capture, NewOwner}} ->
            From ! {Tag, ok},
            loop(NewOwner, Texts);
        {?MODULE, From, Tag, captured} ->
            From ! {Tag, lists:reverse(Texts)},
            loop(Owner, []);
        {io_request, From, ReplyAs, Request} ->
            {Reply, Written} = request(Request),
            From ! {io_reply, ReplyAs, Reply},
            loop(Owner, [unicode:characters_to_list(W) || Owner =/= none, W <- Written] ++ Texts);
        _ ->
            loop(Owner, Texts)
    end.

request({put_chars, Encoding, Text}) -> written(Encoding, Text);
request({put_chars, Encoding, M, F, A}) ->
    try apply(M, F, A) of
        Text -> written(Encoding, Text)
    catch
        Class:Reason -> {{error, {Class, Reason}}, []}
    end;
request({put_chars, Text}) -> written(latin1, Text);
request({put_chars, M, F, A}) -> request({put_chars, latin1, M, F, A});
request({requests, Requests}) -> requests(Requests, ok, []);
request({setopts, _}) -> {ok, []};
request(getopts) -> {[{binary, false}, {encoding, unicode}], []};
request({get_geometry, _}) -> {{error, enotsup}, []};
request({get_until, _, _, _, _}) -> {eof, []};
request({get_until, _, _, _, _, _}) -> {eof, []};
request({get_chars, _, _}) -> {eof, []};
request({get_chars, _, _, _}) -> {eof, []};
request({get_line, _}) -> {eof, []};
request({get_line, _, _}) -> {eof, []};
request(_) -> {{error, request}, []}.

requests([Request | Rest], ok, Written) ->
    {Reply, More} = request(Request),
    requests(Rest, Reply, More ++ Written);
requests(_, Reply, Written) -> {Reply, Written}.

written(Encoding, Text) ->
    case unicode:characters_to_binary(Text, Encoding, unicode) of
        Binary when is_binary(Binary) -> {ok, [Binary]};
        _ -> {{error, {put_chars, Encoding}}, []}
    end.
