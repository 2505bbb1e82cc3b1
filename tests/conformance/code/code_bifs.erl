%% BIFs about modules, funs and external terms: values and errors.
-module(code_bifs).
-export([run/0]).
-include("code_modules.hrl").

run() ->
  lists:sort([2, 1]),
  [erlang:display(X) || X <- results()].

results() ->
  F = fun(Y) -> {main, Y} end,
  S = fun(L) -> lists:sort(L) end,
  B1 = v(1), B2 = v(2), B3 = v(3),
  [ [ K || {K,_} <- erlang:get_module_info(lists)],
    S(erlang:get_module_info(lists, exports)) =:= S(element(2, lists:nth(2, lists:module_info()))),
    length(erlang:get_module_info(lists, functions)),
    erlang:get_module_info(lists, attributes),
    [catch_it(fun() -> erlang:get_module_info(M, I) end) || {M,I} <- [{lists,native},{lists,nifs},{lists,module},{lists,foo},{1,2},{nomod,md5},{lists,md5}]],
    [catch_it(fun() -> erlang:fun_info(F, K) end) || K <- [module,name,arity,env,type,index,new_index,foo]],
    [catch_it(fun() -> erlang:fun_info(fun lists:map/2, K) end) || K <- [pid,module,new_index,new_uniq,index,uniq,name,arity,env,type,refc,foo]],
    [erlang:is_builtin(M,Fn,A) || {M,Fn,A} <- [{erlang,apply,2},{erlang,apply,3},{erlang,yield,0},{lists,map,2},{lists,reverse,2},{erlang,self,0},{foo,bar,1},{erlang,spawn,1}]],
    [erlang:function_exported(M,Fn,A) || {M,Fn,A} <- [{erlang,self,0},{lists,map,2},{foo,bar,1}]],
    catch_it(fun() -> erlang:make_fun(a,b,id(256)) end),
    erlang:fun_info_mfa(fun lists:map/2), erlang:fun_info_mfa(F),
    erlang:check_old_code(lists), erlang:delete_module(nomodule),
    erts_internal:prepare_loading(vv, B1) =/= erts_internal:prepare_loading(vv, B1),
    erlang:module_loaded(vv), erlang:module_loaded(lists),
    load(B1), vv:v(), erlang:module_loaded(vv), load(B2), vv:v(), load(B3), vv:v(), erlang:check_old_code(vv),
    erlang:delete_module(lists_), catch_it(fun() -> erlang:delete_module(vv) end),
    catch_it(fun() -> erlang:finish_loading([a]) end), erlang:finish_loading([]),
    begin P = erts_internal:prepare_loading(vv, B1), erlang:finish_loading([P,P]) end,
    erlang:has_prepared_code_on_load(erts_internal:prepare_loading(vv, B1)),
    catch_it(fun() -> erlang:has_prepared_code_on_load(make_ref()) end),
    erts_internal:beamfile_chunk(B1, "ImpT"), erts_internal:beamfile_chunk(B1, "Foo!"), erts_internal:beamfile_chunk(<<"abc">>, "Foo!"),
    catch_it(fun() -> erts_internal:beamfile_chunk(B1, "Foo") end),
    erts_internal:beamfile_module_md5(B1) =:= vvmd5(B1), erts_internal:beamfile_module_md5(<<"abc">>),
    catch_it(fun() -> erts_internal:purge_module(vv, prepare) end),
    binary_to_term(term_to_binary({a,F})) =:= {a,F},
    catch_it(fun() -> binary_to_term(<<131,100,0,5,"zzyzx">>, [safe]) end),
    binary_to_term(<<131,97,5,1,2,3>>, [used]),
    catch_it(fun() -> binary_to_term(<<131,97,5>>, [used|foo]) end),
    term_to_binary({a,1,1.5,"abc",[1|2],#{a=>b}}),
    term_to_binary({a,1,1.5,"abc"}, [{minor_version,2}]),
    term_to_binary({a,1,1.5,"abc"}, [{minor_version,0}]),
    catch_it(fun() -> term_to_binary(a, [{minor_version,3}]) end),
    byte_size(term_to_binary(maps:from_list([{I,I} || I <- lists:seq(1,100)]), [deterministic])),
    binary_to_term(term_to_binary(lists:duplicate(10000,a), [compressed])) =:= lists:duplicate(10000,a),
    erlang:external_size({a,b,"abc"})
  ].
id(X) -> X.
vvmd5(_) -> M = [X || {md5,X} <- vv:module_info()], erts_internal:beamfile_module_md5(v(2)) =:= hd(M) andalso erts_internal:beamfile_module_md5(v(1)).
load(B) -> case erlang:prepare_loading(vv, B) of {error,_}=E -> E; P -> erlang:finish_loading([P]) end.
catch_it(F) -> try F() catch C:R -> {C,R} end.
v(N) -> vv(N).
