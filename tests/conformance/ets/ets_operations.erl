%% ETS operation by operation, on a set, a bag and an ordered set: results and errors.
-module(ets_operations).
-export([run/0]).

run() ->
    T=ets:new(t,[set]), B=ets:new(b,[bag]),O=ets:new(o,[ordered_set]),
    ets:insert(T,{a,1,2.5,x}), ets:insert(O,[{1,1},{2,2},{3,3}]),
    L=[fun()->ets:update_counter(T,a,3) end, fun()->ets:update_counter(T,a,{2,3}) end,fun()->ets:update_counter(T,a,{1,3}) end,fun()->ets:update_counter(T,a,{3,3}) end,
    fun()->ets:update_counter(T,a,{9,3}) end,fun()->ets:update_counter(T,b,{2,3}) end,fun()->ets:update_counter(T,b,{2,3},{x,10}) end,fun()->ets:lookup(T,b) end,
    fun()->ets:update_counter(T,a,[{2,1},{2,1},{2,10,5,0}]) end,fun()->ets:update_counter(T,a,[]) end,fun()->ets:update_counter(T,a,{2,-10,-5,7}) end,
    fun()->ets:update_counter(T,a,[{2,1},{4,1}]) end,fun()->ets:lookup(T,a) end,fun()->ets:update_counter(T,a,{2,1 bsl 70}) end,fun()->ets:update_counter(T,a,{2,1.0}) end,
    fun()->ets:update_counter(B,a,1) end,fun()->ets:update_counter(O,1.0,5) end,fun()->ets:lookup(O,1) end,
    fun()->ets:update_counter(T,zz,{2,3},{x}) end,fun()->ets:update_counter(T,zz,{2,3},x) end,fun()->ets:update_counter(T,zz,[],{x,1}) end,fun()->ets:lookup(T,zz) end,
    fun()->ets:update_element(T,a,{2,foo}) end,fun()->ets:update_element(T,a,[{2,foo},{3,bar},{2,baz}]) end,fun()->ets:update_element(T,a,{1,foo}) end,fun()->ets:update_element(T,a,{5,foo}) end,
    fun()->ets:update_element(T,nokey,{2,foo}) end,fun()->ets:update_element(T,nokey,{1,foo}) end,fun()->ets:update_element(T,nokey,{77,foo}) end,fun()->ets:update_element(T,a,[]) end,fun()->ets:update_element(T,a,foo) end,fun()->ets:lookup(T,a) end,
    fun()->ets:select(O,[{{'$1','_'},[],['$1']}],2) end, fun()->ets:select(O,[{{'$1','_'},[],['$1']}],3) end,fun()->ets:select(O,[{{'$1','_'},[],['$1']}],4) end,fun()->ets:select_reverse(O,[{{'$1','_'},[],['$1']}]) end,
    fun()->ets:select(T,[{{'$1','_'},[],['$1']}],0) end,fun()->ets:select(T,[],1) end,fun()->ets:select(T,foo) end,fun()->ets:select('$end_of_table') end,fun()->ets:select({1,2}) end,fun()->ets:match('$end_of_table') end,
    fun()->ets:match(O,{'$1','_'},2) end, fun()->ets:match_object(O,{2,'_'},2) end, fun()->ets:match(O,'$1') end,fun()->ets:match(O,'_') end,fun()->ets:match(O,foo) end,fun()->ets:match(O,{'$1','$1'}) end,fun()->ets:match_object(O,'_') end,
    fun()->ets:select_count(O,[{{'$1','_'},[{'>','$1',1}],[true]}]) end,fun()->ets:select_delete(O,[{{'$1','_'},[{'>','$1',2}],[true]}]) end,fun()->ets:tab2list(O) end,
    fun()->ets:select_replace(O,[{{'$1','$2'},[],[{{'$1',{'+','$2',10}}}]}]) end,fun()->ets:tab2list(O) end,fun()->ets:select_replace(O,[{{'$1','$2'},[],[{{'$2','$1'}}]}]) end,fun()->ets:select_replace(B,[{{'$1','$2'},[],[{{'$1','$1'}}]}]) end,
    fun()->ets:select_replace(O,[{{'$1','$2'},[],['$_']}]) end,
    fun()->ets:select_replace(O,[{{'$1','$2'},[],[{setelement,2,'$_',3}]}]) end,
    fun()->ets:slot(O,0) end,fun()->ets:slot(O,1) end,fun()->ets:slot(O,2) end,fun()->ets:slot(O,3) end,fun()->ets:slot(O,77) end,
    fun()->ets:match_delete(O,{1,'_'}) end,fun()->ets:delete_all_objects(O) end,fun()->ets:info(O,size) end,
    fun()->ets:insert(B,[{a,1},{a,2},{a,1},{a,3}]),{ets:lookup(B,a),ets:tab2list(B),ets:match(B,{a,'$1'}),ets:match(B,{'_','$1'},10),ets:select(B,[{{a,'$1'},[],['$1']}],2)} end,
    fun()->ets:delete_object(B,{a,2}),ets:lookup(B,a) end,
    fun()->ets:lookup_element(B,a,2) end,fun()->ets:lookup_element(B,a,3) end,fun()->ets:lookup_element(B,x,3) end,fun()->ets:lookup_element(T,b,1) end,
    fun()->ets:insert(T,[{a},{b}|c]) end, fun()->ets:insert(T,{}) end, fun()->ets:insert_new(T,[{q,1},{a,1}]) end,fun()->ets:insert_new(T,[{q,1},{q,2}]) end,fun()->ets:lookup(T,q) end,fun()->ets:insert_new(T,[]) end,
    fun()->ets:take(T,q) end,fun()->ets:take(T,q) end,fun()->ets:setopts(T,{heir,none}) end,fun()->ets:setopts(T,[]) end,fun()->ets:setopts(T,{protection,x}) end,fun()->ets:setopts(T,[{heir,self(),a},{heir,none}]) end,
    fun()->ets:give_away(T,self(),a) end,fun()->ets:rename(T,foo) end,fun()->ets:info(T,name) end
    ],
    [show(catch_it(F)) || F <- L],
    ok.

catch_it(F) ->
    try F() of V -> {value, mask(V)} catch C:R -> {C, R} end.

%% Continuations and references differ from run to run.
mask({L, C}) when is_list(L), is_tuple(C) -> {L, continuation};
mask(R) when is_reference(R) -> reference;
mask(T) when is_tuple(T) -> list_to_tuple([mask(E) || E <- tuple_to_list(T)]);
mask(V) -> V.

show(X) -> erlang:display(X).
