%% The second argument of open_port/2 (erlang(3)), checked and as a map:
%%
%%     framing    stream | {packet, 1 | 2 | 4} | {line, Length}
%%     binary     input comes as binaries, else as lists
%%     eof        {Port, eof} at the end of input instead of closing the port
%%     in, out    input and output are wanted
%%     ...        what concerns programs only: args, env, cd, exit_status and others
-module(vbeam_port_settings).
-export([parse/1]).
-export_type([settings/0]).

-type settings() :: #{atom() => term()}.

-define(DEFAULTS, #{framing => stream, binary => false, eof => false, in => true, out => true}).

%% Options without a value.
-define(FLAGS, [
    stream, use_stdio, nouse_stdio, stderr_to_stdout, in, out, binary, eof, exit_status, hide,
    overlapped_io
]).

-spec parse(term()) -> {ok, settings()} | badopt.
parse(Options) ->
    try lists:foldl(fun option/2, #{}, Options) of
        Parsed -> {ok, directions(maps:merge(?DEFAULTS, maps:without([in, out], Parsed)), Parsed)}
    catch
        _:_ -> badopt
    end.

%% One direction alone is a wish for that one; both or none are both.
directions(Settings, #{in := true, out := true}) -> Settings;
directions(Settings, #{in := true}) -> Settings#{out := false};
directions(Settings, #{out := true}) -> Settings#{in := false};
directions(Settings, _) -> Settings.

option({packet, Bytes}, Map) when Bytes =:= 1; Bytes =:= 2; Bytes =:= 4 ->
    Map#{framing => {packet, Bytes}};
option({line, Length}, Map) when is_integer(Length), Length > 0 ->
    Map#{framing => {line, Length}};
option(stream, Map) ->
    Map#{framing => stream};
option({Key, Values}, Map) when Key =:= args; Key =:= env ->
    true = is_list(Values),
    Map#{Key => Values};
option({Key, Value}, Map) when Key =:= cd; Key =:= arg0 ->
    true = is_list(Value) orelse is_binary(Value) orelse is_atom(Value),
    Map#{Key => Value};
option({parallelism, Value}, Map) when is_boolean(Value) ->
    Map#{parallelism => Value};
option({Key, Limits}, Map) when Key =:= busy_limits_port; Key =:= busy_limits_msgq ->
    true = limits(Limits),
    Map#{Key => Limits};
option(Flag, Map) ->
    true = lists:member(Flag, ?FLAGS),
    Map#{Flag => true}.

limits(disabled) -> true;
limits({Low, High}) when is_integer(Low), is_integer(High) -> Low >= 0 andalso High >= Low.
