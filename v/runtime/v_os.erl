%% What a program may ask of its surroundings.
-module(v_os).

-export([arguments/0, getenv_opt/1, setenv/2, unsetenv/1, environ/0, getpid/0, hostname/0]).
-export([get_raw_line/0, get_line_opt/0, input_character/0, execute/1]).
-export([processors/0, memory/1, terminal_size/0, echo/1]).

%% The program's name and its arguments.
arguments() ->
    Arguments = [unicode:characters_to_binary(A) || A <- init:get_plain_arguments()],
    v_array:from_list([<<"v.main">> | Arguments]).

getenv_opt(Name) ->
    case os:getenv(text(Name)) of
        false -> none;
        Value -> {some, unicode:characters_to_binary(Value)}
    end.

setenv(Name, Value) ->
    os:putenv(text(Name), text(Value)),
    ok.

unsetenv(Name) ->
    os:unsetenv(text(Name)),
    0.

%% `NAME=VALUE` of each variable.
environ() ->
    v_array:from_list([unicode:characters_to_binary(E) || E <- os:getenv()]).

text(Bytes) -> unicode:characters_to_list(Bytes).

getpid() -> list_to_integer(os:getpid()).

hostname() ->
    case inet:gethostname() of
        {ok, Name} -> unicode:characters_to_binary(Name);
        _ -> <<"localhost">>
    end.

%% The exit status of a command for the system's shell, and what it printed.
execute(Command) ->
    Said = unicode:characters_to_binary(
        os:cmd(text(<<"(\n", Command/binary, "\n) 2>&1; printf '\\n%d' $?">>))
    ),
    case binary:matches(Said, <<"\n">>) of
        [] ->
            {127, Said};
        Ends ->
            {At, 1} = lists:last(Ends),
            <<Output:At/binary, "\n", Status/binary>> = Said,
            {binary_to_integer(Status), Output}
    end.

%% A line of input with its end; empty at the end of the input.
get_raw_line() ->
    case io:get_line("") of
        Line when is_list(Line); is_binary(Line) -> unicode:characters_to_binary(Line);
        _ -> <<>>
    end.

%% A byte of the input, -1 at its end. The device gives characters; the bytes of one that have not
%% been asked for yet stay with the process.
input_character() ->
    case get(v_input) of
        <<Byte, Rest/binary>> ->
            put(v_input, Rest),
            Byte;
        _ ->
            case io:get_chars("", 1) of
                Text when is_list(Text); is_binary(Text) ->
                    put(v_input, unicode:characters_to_binary(Text)),
                    input_character();
                _ ->
                    -1
            end
    end.

%% A line of input without its end.
get_line_opt() ->
    case get_raw_line() of
        <<>> -> none;
        Line -> {some, v_string:trim_right(Line, <<"\r\n">>)}
    end.

%% --- the machine and its console -----------------------------------------------------------------

processors() -> erlang:system_info(schedulers_online).

memory(<<"total">>) -> erlang:memory(total);
memory(<<"used">>) -> erlang:memory(processes_used) + erlang:memory(system).

%% Columns and rows; V's own defaults where the console does not say.
terminal_size() ->
    case {io:columns(), io:rows()} of
        {{ok, Columns}, {ok, Rows}} -> {Columns, Rows};
        _ -> {80, 25}
    end.

echo(Wanted) ->
    _ = io:setopts([{echo, Wanted}]),
    ok.
