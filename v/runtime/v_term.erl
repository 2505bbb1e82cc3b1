%% V values as Erlang terms, and Erlang terms as V values of a type that V code expects.
%%
%% What a type looks like is a schema, which the compiler makes (check/schemas.ts):
%%
%%     {Shape, Types, Errors}      Types = [{Name, Shape}] of named types, which may be recursive
%%                                 Errors = {Make, Text}: an error value of a text, and its text
%%
%%     any pid reference atom bool string float void   {int, Low, High}
%%     {list, S}  {fixed, Count, S}  {map, Key, Value}  {tuple, [S]}  {option, S}
%%     {enum, [{Atom, Integer}]}     {sum, [{Tag, S}]}  {type, Name}
%%     {struct, Tag, map | tuple | {record, Name}, [{Key, S}]}      {function, [S], S}
%%
%% Encoding cannot fail. Decoding says in words what does not fit; it never trusts a term.
-module(v_term).

-export([encode/2, decode/2, decode_or_panic/3, convert/2, call/4, accept/2]).
-export([encode_result/2, shown/1]).

%% --- V to Erlang ---------------------------------------------------------------------------

encode(Value, {Shape, Types, _}) -> out(Shape, Value, Types).

out(any, V, _) -> V;
out({list, S}, V, T) -> [out(S, X, T) || X <- v_array:to_list(V)];
out({fixed, _, S}, V, T) -> list_to_tuple([out(S, X, T) || X <- v_array:to_list(V)]);
out({map, K, S}, V, T) ->
    maps:from_list([{out(K, Key, T), out(S, X, T)} || {Key, X} <- v_map:to_list(V)]);
out({tuple, Shapes}, V, T) -> list_to_tuple(out_all(Shapes, tuple_to_list(V), T));
out({option, S}, {some, V}, T) -> out(S, V, T);
out({option, _}, _, _) -> undefined;
out({enum, Values}, V, _) ->
    case lists:keyfind(V, 2, Values) of
        {Name, _} -> Name;
        false -> V
    end;
out({sum, Variants}, {Tag, V}, T) ->
    {_, S} = lists:keyfind(Tag, 1, Variants),
    out(S, V, T);
out({type, Name}, V, T) -> out(named(Name, T), V, T);
out({struct, _, Form, Fields}, V, T) -> out_struct(Form, Fields, tl(tuple_to_list(V)), T);
out({function, Params, Result}, V, T) -> out_function(Params, Result, V, T);
out(void, _, _) -> ok;
out(_, V, _) -> V.

out_all(Shapes, Values, T) -> [out(S, V, T) || {S, V} <- lists:zip(Shapes, Values)].

%% A field that holds nothing is left out of a map.
out_struct(map, Fields, Values, T) ->
    maps:from_list([
        {Key, out(S, V, T)}
     || {{Key, S}, V} <- lists:zip(Fields, Values), not absent(S, V)
    ]);
out_struct(tuple, Fields, Values, T) ->
    list_to_tuple(out_all([S || {_, S} <- Fields], Values, T));
out_struct({record, Name}, Fields, Values, T) ->
    list_to_tuple([Name | out_all([S || {_, S} <- Fields], Values, T)]).

absent({option, _}, none) -> true;
absent(_, _) -> false.

named(Name, Types) ->
    {_, Shape} = lists:keyfind(Name, 1, Types),
    Shape.

%% A V function as a fun that takes and gives Erlang terms.
out_function(Params, Result, F, T) ->
    Run = fun(Args) -> out(Result, apply(F, in_all_or_fail(Params, Args, T)), T) end,
    case length(Params) of
        0 -> fun() -> Run([]) end;
        1 -> fun(A) -> Run([A]) end;
        2 -> fun(A, B) -> Run([A, B]) end;
        3 -> fun(A, B, C) -> Run([A, B, C]) end;
        4 -> fun(A, B, C, D) -> Run([A, B, C, D]) end
    end.

in_all_or_fail(Shapes, Terms, T) ->
    try
        [in(S, A, T) || {S, A} <- lists:zip(Shapes, Terms)]
    catch
        throw:{v_term, Why} -> v_rt:panic([<<"argument of a V function: ">>, why(Why)])
    end.

%% What an exported function returns: a result as {ok, Value} or {error, Text}.
encode_result({ok, _}, {void, _, _}) -> ok;
encode_result({ok, Value}, Schema) -> {ok, encode(Value, Schema)};
encode_result({err, Error}, {_, _, {_, Text}}) -> {error, Text(Error)}.

%% --- Erlang to V ---------------------------------------------------------------------------

%% {ok, Value} | {error, Text}.
decode(Term, {Shape, Types, _}) ->
    try
        {ok, in(Shape, Term, Types)}
    catch
        throw:{v_term, Why} -> {error, iolist_to_binary(why(Why))}
    end.

decode_or_panic(Term, Schema, What) ->
    case decode(Term, Schema) of
        {ok, Value} -> Value;
        {error, Text} -> v_rt:panic([What, <<": ">>, Text])
    end.

%% A V result of a term.
convert(Term, {_, _, {Make, _}} = Schema) ->
    case decode(Term, Schema) of
        {ok, Value} -> {ok, Value};
        {error, Text} -> {err, Make(Text)}
    end.

in(any, T, _) -> T;
in(void, _, _) -> ok;
in({int, Low, High}, T, _) when is_integer(T), T >= Low, T =< High -> T;
in({int, Low, High}, T, _) when is_integer(T) ->
    refuse(io_lib:format("an integer from ~b to ~b", [Low, High]), T);
in(float, T, _) when is_float(T) -> T;
in(float, T, _) when is_integer(T) ->
    try
        float(T)
    catch
        error:_ -> refuse(<<"a float">>, T)
    end;
in(float, T, _) when T =:= inf; T =:= '-inf'; T =:= nan -> T;
in(bool, T, _) when is_boolean(T) -> T;
in(string, T, _) when is_binary(T) -> T;
in(pid, T, _) when is_pid(T) -> T;
in(reference, T, _) when is_reference(T) -> T;
in(atom, T, _) when is_atom(T) -> T;
in({option, _}, undefined, _) -> none;
in({option, S}, T, Types) -> {some, in(S, T, Types)};
in({list, S}, T, Types) when is_list(T) -> v_array:from_list(in_list(S, T, 0, Types));
in({fixed, Count, S}, T, Types) when tuple_size(T) =:= Count ->
    v_array:from_list(in_list(S, tuple_to_list(T), 0, Types));
in({map, K, V}, T, Types) when is_map(T) ->
    Pairs = [{in(K, A, Types), at(B, A, fun() -> in(V, B, Types) end)} || {A, B} <- in_order(T)],
    v_map:from_list(Pairs);
in({tuple, Shapes}, T, Types) when tuple_size(T) =:= length(Shapes) ->
    list_to_tuple(in_elements(Shapes, tuple_to_list(T), 1, Types));
in({enum, Values} = Shape, T, _) when is_atom(T) ->
    case lists:keyfind(T, 1, Values) of
        {_, V} -> V;
        false -> refuse(name(Shape), T)
    end;
in({sum, Variants}, T, Types) -> in_sum(Variants, Variants, T, Types);
in({type, Name}, T, Types) -> in(named(Name, Types), T, Types);
in({struct, Tag, map, Fields}, T, Types) when is_map(T) ->
    list_to_tuple([Tag | [in_key(Key, S, T, Types) || {Key, S} <- Fields]]);
in({struct, Tag, tuple, Fields}, T, Types) when tuple_size(T) =:= length(Fields) ->
    Shapes = [S || {_, S} <- Fields],
    list_to_tuple([Tag | in_elements(Shapes, tuple_to_list(T), 1, Types)]);
in({struct, Tag, {record, Name}, Fields}, T, Types) when
    tuple_size(T) =:= length(Fields) + 1, element(1, T) =:= Name
->
    Shapes = [S || {_, S} <- Fields],
    list_to_tuple([Tag | in_elements(Shapes, tl(tuple_to_list(T)), 2, Types)]);
%% A record without fields may be just its name.
in({struct, Tag, {record, Name}, []}, Name, _) -> {Tag};
in({function, Params, Result}, T, Types) when is_function(T, length(Params)) ->
    in_function(Params, Result, T, Types);
in(Shape, T, _) -> refuse(name(Shape), T).

in_list(S, [X | Rest], I, Types) ->
    [at(X, I, fun() -> in(S, X, Types) end) | in_list(S, Rest, I + 1, Types)];
in_list(_, [], _, _) ->
    [];
in_list(_, Tail, _, _) ->
    refuse(<<"a proper list">>, Tail).

in_elements(Shapes, Terms, From, Types) ->
    Rows = lists:zip3(lists:seq(From, From + length(Shapes) - 1), Shapes, Terms),
    [at(X, I, fun() -> in(S, X, Types) end) || {I, S, X} <- Rows].

in_key(Key, {option, _} = S, Map, Types) ->
    at(Map, Key, fun() -> in(S, maps:get(Key, Map, undefined), Types) end);
in_key(Key, S, Map, Types) ->
    case Map of
        #{Key := X} -> at(X, Key, fun() -> in(S, X, Types) end);
        _ -> refuse([<<"a map with the key ">>, shown(Key)], Map)
    end.

%% Erlang's maps have no order that matters; V's map gets that of the keys.
in_order(Map) -> lists:sort(maps:to_list(Map)).

%% The first variant that the term fits.
in_sum([{Tag, S} | Rest], All, T, Types) ->
    try
        {Tag, in(S, T, Types)}
    catch
        throw:{v_term, Why} when Rest =:= [], tl(All) =:= [] -> throw({v_term, Why});
        throw:{v_term, _} -> in_sum(Rest, All, T, Types)
    end;
in_sum([], All, T, _) ->
    refuse(lists:join(<<" or ">>, [name(S) || {_, S} <- All]), T).

in_function(Params, Result, F, Types) ->
    Run = fun(Args) ->
        decode_or_panic(apply(F, out_all(Params, Args, Types)), {Result, Types, none}, <<"fun">>)
    end,
    case length(Params) of
        0 -> fun() -> Run([]) end;
        1 -> fun(A) -> Run([A]) end;
        2 -> fun(A, B) -> Run([A, B]) end;
        3 -> fun(A, B, C) -> Run([A, B, C]) end;
        4 -> fun(A, B, C, D) -> Run([A, B, C, D]) end
    end.

%% --- words ---------------------------------------------------------------------------------

-spec refuse(iodata(), term()) -> no_return().
refuse(Wanted, Term) -> throw({v_term, {Wanted, Term, []}}).

at(_, Where, Run) ->
    try
        Run()
    catch
        throw:{v_term, {Wanted, Term, Path}} -> throw({v_term, {Wanted, Term, [Where | Path]}})
    end.

why({Wanted, Term, []}) ->
    [<<"expected ">>, Wanted, <<", got ">>, shown(Term)];
why({Wanted, Term, Path}) ->
    Steps = lists:join(<<", ">>, [shown(Step) || Step <- Path]),
    [why({Wanted, Term, []}), <<" at ">>, Steps].

name({int, _, _}) -> <<"an integer">>;
name({list, _}) -> <<"a list">>;
name({fixed, Count, _}) -> [<<"a tuple of ">>, integer_to_binary(Count)];
name({map, _, _}) -> <<"a map">>;
name({tuple, Shapes}) -> [<<"a tuple of ">>, integer_to_binary(length(Shapes))];
name({option, S}) -> name(S);
name({enum, Values}) -> lists:join(<<" or ">>, [atom_to_binary(Name) || {Name, _} <- Values]);
name({sum, Variants}) -> lists:join(<<" or ">>, [name(S) || {_, S} <- Variants]);
name({type, Name}) -> atom_to_binary(Name);
name({struct, _, map, _}) -> <<"a map">>;
name({struct, _, tuple, Fields}) -> [<<"a tuple of ">>, integer_to_binary(length(Fields))];
name({struct, _, {record, Name}, Fields}) ->
    Dots = [<<", _">> || _ <- Fields],
    [${, atom_to_binary(Name), Dots, $}];
name({function, Params, _}) -> [<<"a fun of ">>, integer_to_binary(length(Params))];
name(string) -> <<"a binary">>;
name(bool) -> <<"true or false">>;
name(atom) -> <<"an atom">>;
name(Name) -> [<<"a ">>, atom_to_binary(Name)].

%% A term as text, cut off where it gets long.
shown(Term) -> unicode:characters_to_binary(io_lib:format("~0tP", [Term, 30])).

%% --- calls ---------------------------------------------------------------------------------

%% An Erlang function called for a V result: {ok, …}, ok, {error, Reason} and exceptions become
%% values and errors.
call(Module, Function, Args, {_, _, {Make, _}} = Schema) ->
    try apply(Module, Function, Args) of
        {error, Reason} -> {err, Make(reason(Reason))};
        error -> {err, Make(<<"error">>)};
        Returned -> convert(payload(Returned, Schema), Schema)
    catch
        throw:{v_exit, _} = Exit -> throw(Exit);
        error:{v_panic, _} = Panic:Trace -> erlang:raise(error, Panic, Trace);
        throw:Thrown -> {err, Make([<<"throw: ">>, shown(Thrown)])};
        exit:Reason -> {err, Make(iolist_to_binary([<<"exit: ">>, reason(Reason)]))};
        error:Reason -> {err, Make(reason(Reason))}
    end.

payload({ok, Value}, _) -> Value;
payload(ok, {void, _, _}) -> ok;
%% {ok, A, B} for a V function with two results.
payload(Returned, {{tuple, Shapes}, _, _}) when
    tuple_size(Returned) =:= length(Shapes) + 1, element(1, Returned) =:= ok
->
    erlang:delete_element(1, Returned);
payload(Returned, _) ->
    Returned.

reason(Reason) when is_atom(Reason) -> atom_to_binary(Reason);
reason(Reason) when is_binary(Reason) -> Reason;
reason(Reason) -> shown(Reason).

%% --- receiving -----------------------------------------------------------------------------

%% The first message that has the outer shape of the type; the others stay in the mailbox. A
%% message that fits outside only is taken and is an error. What the runtime itself waits for
%% (results of threads, answers of channels) is never taken.
accept(Milliseconds, {Shape, Types, {Make, _}} = Schema) ->
    Shapes = maps:from_list([{Key, true} || Key <- outer(Shape, Types, 20)]),
    Wait = case Milliseconds < 0 of true -> infinity; false -> Milliseconds end,
    receive
        M when
            is_map_key(M, Shapes), is_atom(M);
            is_atom(M), is_map_key({kind, atom}, Shapes);
            is_integer(M), is_map_key({kind, integer}, Shapes);
            is_float(M), is_map_key({kind, float}, Shapes);
            is_binary(M), is_map_key({kind, binary}, Shapes);
            is_pid(M), is_map_key({kind, pid}, Shapes);
            is_reference(M), is_map_key({kind, reference}, Shapes);
            is_list(M), is_map_key({kind, list}, Shapes);
            is_map(M), is_map_key({kind, map}, Shapes);
            is_function(M), is_map_key({kind, function}, Shapes);
            is_tuple(M), is_map_key({size, tuple_size(M)}, Shapes);
            tuple_size(M) > 0, is_map_key({record, element(1, M), tuple_size(M)}, Shapes);
            is_map_key({kind, any}, Shapes), not is_tuple(M);
            is_map_key({kind, any}, Shapes), tuple_size(M) =:= 0;
            is_map_key({kind, any}, Shapes),
            element(1, M) =/= v_result,
            element(1, M) =/= v_chan
        ->
            convert(M, Schema)
    after Wait ->
        {err, Make(<<"timeout">>)}
    end.

outer(_, _, 0) -> [{kind, any}];
outer({type, Name}, Types, Depth) -> outer(named(Name, Types), Types, Depth - 1);
outer({sum, Variants}, Types, Depth) ->
    lists:append([outer(S, Types, Depth - 1) || {_, S} <- Variants]);
outer({option, S}, Types, Depth) -> [undefined | outer(S, Types, Depth - 1)];
outer({enum, Values}, _, _) -> [Name || {Name, _} <- Values];
outer({struct, _, {record, Name}, []}, _, _) -> [Name, {record, Name, 1}];
outer({struct, _, {record, Name}, Fields}, _, _) -> [{record, Name, length(Fields) + 1}];
outer({struct, _, tuple, Fields}, _, _) -> [{size, length(Fields)}];
outer({struct, _, map, _}, _, _) -> [{kind, map}];
outer({tuple, Shapes}, _, _) -> [{size, length(Shapes)}];
outer({fixed, Count, _}, _, _) -> [{size, Count}];
outer({map, _, _}, _, _) -> [{kind, map}];
outer({list, _}, _, _) -> [{kind, list}];
outer({int, _, _}, _, _) -> [{kind, integer}];
outer(float, _, _) -> [{kind, float}, {kind, integer}];
outer({function, _, _}, _, _) -> [{kind, function}];
outer(bool, _, _) -> [true, false];
outer(string, _, _) -> [{kind, binary}];
outer(Kind, _, _) -> [{kind, Kind}].
