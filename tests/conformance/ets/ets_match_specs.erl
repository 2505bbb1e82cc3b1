%% Match specifications: heads, guards, bodies, and what is none.
-module(ets_match_specs).
-export([run/0]).

run() ->
    L=[
    fun()->ets:match_spec_run([{a}],ets:match_spec_compile([{{'$1'},[],[{hd,'$1'}]}])) end,
    fun()->ets:match_spec_run([{a}],ets:match_spec_compile([{{'$1'},[{hd,'$1'}],[{hd,'$1'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],['$$','$_']}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$5','$2'},[],['$$']}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{'$1',[],['$1']}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{'+','$2'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{foo,'$2'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{'and',true,true,true}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{'andalso',true,'$2'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{'andalso',false,'$2'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{'xor',true,true,true}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{'and',true}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{'andalso',true}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{'andalso'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{{'$1'}}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{{}}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[#{'$1'=>'$2'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{is_record,'$_',a}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{is_record,'$_',a,2}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{is_function,'$_',2}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{self}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{message,'$1'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{const,'$1'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},['$3'],[{const,'$1'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],[{'_'}]}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{{'$1','$2'},[],['_']}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{a,[],['_']}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([{[a],[],['_']}])) end,
    fun()->ets:match_spec_run([{a,1}],ets:match_spec_compile([])) end,
    fun()->ets:match_spec_run([{#{a=>1}},{#{a=>2,b=>3}},{#{}}],ets:match_spec_compile([{{#{a=>'$1'}},[],['$1']}])) end,
    fun()->ets:match_spec_run([{#{a=>1}}],ets:match_spec_compile([{{#{'$1'=>1}},[],['$1']}])) end,
    fun()->ets:match_spec_run([{#{a=>1}}],ets:match_spec_compile([{{#{'_'=>1}},[],['$_']}])) end,
    fun()->erlang:match_spec_test({a,1},[{{'$1','$2'},[],['$2']}],table) end,
    fun()->erlang:match_spec_test([a,1],[{['$1','$2'],[],['$2']}],trace) end,
    fun()->erlang:match_spec_test({a,1},[{{'$1','$2'},['$9'],['$2']}],table) end,
    fun()->erlang:match_spec_test({a,1},[{{'$1','$2'},[{foo,1}],['$2',{bar}]}],table) end,
    fun()->erlang:match_spec_test({a,1},[{{'$1','$2'},[],['$2']},{x,y}],table) end,
    fun()->erlang:match_spec_test({b,1},[{{a,'$2'},[],['$2']}],table) end,
    fun()->erlang:match_spec_test(b,[{{a,'$2'},[],['$2']}],table) end,
    fun()->erlang:match_spec_test({b},foo,table) end,
    fun()->erlang:match_spec_test([a],[{['$1'],[{'+','$1',1}],[{message,{'+','$1',1}}]}],trace) end,
    fun()->ets:is_compiled_ms(ets:match_spec_compile([{'_',[],['$_']}])) end,
    fun()->ets:match_spec_run([{a,1},b|c],ets:match_spec_compile([{'_',[],['$_']}])) end,
    fun()->ets:match_spec_run([{a,1},b],ets:match_spec_compile([{'_',[],['$_']}])) end,
    fun()->ets:match_spec_compile([{{'$1'},[{binary_part,'$1',0,1}],['$1']}]) end,
    fun()->ets:match_spec_compile([{{'$1'},[{min,'$1',0}],['$1']}]) end,
    fun()->ets:match_spec_compile([{{'$1'},[{ceil,'$1'}],['$1']}]) end,
    fun()->ets:match_spec_compile([{{'$1'},[{bit_size,'$1'}],['$1']}]) end,
    fun()->ets:match_spec_compile([{{'$1'},[{is_boolean,'$1'}],['$1']}]) end,
    fun()->ets:match_spec_compile([{{'$1'},[{is_map_key,'$1','$1'}],['$1']}]) end,
    fun()->ets:match_spec_compile([{{'$1'},[{'++','$1','$1'}],['$1']}]) end,
    fun()->ets:match_spec_compile([{{'$1'},[{get_tcw}],['$1']}]) end,
    fun()->ets:match_spec_compile([{{'$1'},[{node}],['$1']}]) end,
    fun()->ets:match_spec_compile([{{'$1'},[{is_seq_trace}],['$1']}]) end,
    fun()->ets:match_spec_run([{"a",1}],ets:match_spec_compile([{{'$1','$2'},[],[['$2'|'$1']]}])) end,
    fun()->ets:match_spec_run([{1}],ets:match_spec_compile([{{1.0},[],[true]},{{'$1'},[{'==','$1',1.0}],[{{x,'$1'}}]}])) end
    ],
    [show(catch_it(F)) || F <- L],
    ok.

catch_it(F) ->
    try F() of V -> {value, mask(V)} catch C:R -> {C, R} end.

mask(R) when is_reference(R) -> reference;
mask([P]) when is_pid(P) -> pid;
mask({error, [_ | _]}) -> complaints;
mask(V) -> V.

show(X) -> erlang:display(X).
