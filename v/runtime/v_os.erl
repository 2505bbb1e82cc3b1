%% What a program may ask of its surroundings. The launcher puts the arguments into a persistent
%% term `v_args`.
-module(v_os).

-export([arguments/0, getenv/1, get_line/0, get_line_opt/0]).

%% The program's name and its arguments.
arguments() ->
    v_array:from_list(persistent_term:get(v_args, [<<"v.main">>])).

getenv(Name) ->
    case os:getenv(binary_to_list(Name)) of
        false -> <<>>;
        Value -> unicode:characters_to_binary(Value)
    end.

%% A line of input without its end; empty at the end of the input.
get_line() ->
    case get_line_opt() of
        {some, Line} -> Line;
        none -> <<>>
    end.

get_line_opt() ->
    case io:get_line("") of
        Line when is_list(Line); is_binary(Line) ->
            Bytes = unicode:characters_to_binary(Line),
            {some, v_string:trim_right(Bytes, <<"\r\n">>)};
        _ ->
            none
    end.
