%% The second argument of open_port/2 (erlang(3)), checked and as a map:
%%
%%     framing    stream | {packet, 1 | 2 | 4} | {line, Length}
%%     binary     input comes as binaries, else as lists
%%     eof        {Port, eof} at the end of input instead of closing the port
%%     in, out    input and output are wanted
%%     words      first word (or `default`) and arguments of a program: arg0, args
%%     env        changes of a program's environment: {Name, Value | false}
%%     ...        what concerns programs only: cd, exit_status and others
-module(vbeam_port_settings).
-export([parse/1, text/1]).
-export_type([settings/0]).

-type settings() :: #{atom() => term()}.

%% Of lines without a length.
-define(LINE_LENGTH, 512).

-define(DEFAULTS, #{framing => stream, binary => false, eof => false, in => true, out => true}).

%% Options without a value.
-define(FLAGS, [
    stream, use_stdio, nouse_stdio, stderr_to_stdout, in, out, binary, eof, exit_status, hide,
    overlapped_io
]).

-spec parse(term()) -> {ok, settings()} | badopt.
parse(Options) ->
    try lists:foldl(fun option/2, #{}, Options) of
        Parsed -> checked(Parsed)
    catch
        _:_ -> badopt
    end.

checked(#{stderr_to_stdout := true, nouse_stdio := true}) -> badopt;
checked(#{framing := {packet, _}, line := _}) -> badopt;
checked(Parsed) ->
    Both = maps:merge(?DEFAULTS, Parsed#{in => true, out => true}),
    {ok, directions(Both, Parsed)}.

%% One direction alone is a wish for that one; both or none are both.
directions(Settings, #{in := true, out := true}) -> Settings;
directions(Settings, #{in := true}) -> Settings#{out := false};
directions(Settings, #{out := true}) -> Settings#{in := false};
directions(Settings, _) -> Settings.

option({packet, Bytes}, #{framing := {line, Length}} = Map) ->
    option({packet, Bytes}, (maps:remove(framing, Map))#{line => Length});
option({packet, Bytes}, Map) when Bytes =:= 1; Bytes =:= 2; Bytes =:= 4 ->
    Map#{framing => {packet, Bytes}};
option({line, Length}, Map) when is_integer(Length), Length > 0 ->
    lines(Length, Map);
option(line, Map) ->
    lines(?LINE_LENGTH, Map);
option(stream, Map) ->
    Map#{framing => stream};
option({args, Words}, Map) ->
    Map#{words => [name(Map) | [text(Word) || Word <- Words]]};
option({arg0, Name}, Map) ->
    Map#{words => [text(Name) | arguments(Map)]};
option({env, Changes}, Map) ->
    Map#{env => [change(Change) || Change <- Changes]};
option({cd, Folder}, Map) ->
    Map#{cd => Folder};
option({parallelism, Value}, Map) when is_boolean(Value) ->
    Map#{parallelism => Value};
option({Key, Limits}, Map) when Key =:= busy_limits_port; Key =:= busy_limits_msgq ->
    true = limits(Limits),
    Map#{Key => Limits};
option(Flag, Map) ->
    true = lists:member(Flag, ?FLAGS),
    Map#{Flag => true}.

%% Packets have been asked for already: both do not go together.
lines(Length, #{framing := {packet, _}} = Map) -> Map#{line => Length};
lines(Length, Map) -> Map#{framing => {line, Length}}.

%% The first word of a program's command line, and the others.
name(#{words := [Name | _]}) -> Name;
name(_) -> default.
arguments(#{words := [_ | Words]}) -> Words;
arguments(_) -> [].

%% Names and values are lists of characters, no atoms or binaries.
change({Name, false}) when is_list(Name) -> {variable(Name), false};
change({Name, []}) when is_list(Name) -> {variable(Name), false};
change({Name, Value}) when is_list(Name), is_list(Value) -> {variable(Name), text(Value)}.

variable(Name) ->
    Text = text(Name),
    nomatch = binary:match(Text, <<"=">>),
    Text.

%% A text for the host: its bytes, without a zero byte.
-spec text(term()) -> binary().
text(Atom) when is_atom(Atom) ->
    text(atom_to_binary(Atom));
text(Chars) when is_list(Chars); is_binary(Chars) ->
    Text = bytes(Chars),
    nomatch = binary:match(Text, <<0>>),
    Text.

bytes(Bytes) when is_binary(Bytes) -> Bytes;
bytes(Chars) ->
    Text = unicode:characters_to_binary(Chars),
    true = is_binary(Text),
    Text.

limits(disabled) -> true;
limits({Low, High}) when is_integer(Low), is_integer(High) -> Low >= 0 andalso High >= Low.
