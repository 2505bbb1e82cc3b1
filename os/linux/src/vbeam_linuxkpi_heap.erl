%% Memory that modules ask for: kmalloc, caches, pages, per-CPU variables. linux/slab.h,
%% linux/gfp.h.
-module(vbeam_linuxkpi_heap).
-compile(nowarn_export_all).
-compile(export_all).

-define(GFP_ZERO, 16#100).
-define(CACHES, 32).
-define(PAGE, 4096).
-define(EINVAL, 22).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"__kmalloc">>, <<"kmalloc_trace">>, <<"kmalloc_large">>, <<"kmalloc_node_trace">>,
            <<"__kmalloc_node">>, <<"kfree">>, <<"kfree_sensitive">>, <<"kfree_const">>,
            <<"ksize">>, <<"krealloc">>, <<"kmemdup">>, <<"kstrdup">>, <<"kstrndup">>,
            <<"kstrdup_const">>, <<"kvfree">>, <<"kvmalloc_node">>, <<"vmalloc">>, <<"vzalloc">>,
            <<"vfree">>, <<"__vmalloc">>, <<"kmem_cache_create">>, <<"kmem_cache_create_usercopy">>,
            <<"kmem_cache_destroy">>, <<"kmem_cache_alloc">>, <<"kmem_cache_free">>,
            <<"__get_free_pages">>, <<"get_zeroed_page">>, <<"free_pages">>, <<"__free_pages">>,
            <<"alloc_pages">>, <<"__alloc_pages">>, <<"alloc_pages_exact">>, <<"free_pages_exact">>,
            <<"__alloc_percpu">>, <<"__alloc_percpu_gfp">>, <<"free_percpu">>, <<"memdup_user">>,
            <<"memdup_user_nul">>, <<"is_vmalloc_addr">>, <<"kmalloc_size_roundup">>
        ]
    ] ++
        [
            {<<"_copy_to_user">>, {call, ?MODULE, {[pointer, pointer, u64], u64}}},
            {<<"_copy_from_user">>, {call, ?MODULE, {[pointer, pointer, u64], u64}}},
            {<<"__check_object_size">>, {call, ?MODULE, {[pointer, u64, u8], void}}},
            {<<"fortify_panic">>, {call, ?MODULE, {[pointer], void}}},
            {<<"__stack_chk_fail">>, {call, ?MODULE, {[], void}}},
            {<<"kmalloc_caches">>, {data, 8 * ?CACHES * 8, <<>>}},
            %% Physical memory is the heap: an address less page_offset_base is physical.
            {<<"page_offset_base">>, {data, 8, fun(_) -> word(vbeam_ko_memory:heap()) end}},
            {<<"vmemmap_base">>, {data, 8, fun(_) -> word(vbeam_ko_memory:page_structures()) end}},
            {<<"vmalloc_base">>, {data, 8, <<>>}},
            {<<"phys_base">>, {data, 8, <<>>}},
            {<<"empty_zero_page">>, {data, ?PAGE, <<>>}}
        ].

word(Value) -> <<Value:64/little>>.

%% --- kmalloc ---------------------------------------------------------------------------------

'__kmalloc'(Bytes, Flags) -> given(Bytes, Flags).
kmalloc_trace(_Cache, Flags, Bytes) -> given(Bytes, Flags).
kmalloc_large(Bytes, Flags) -> given(Bytes, Flags).
kmalloc_node_trace(_Cache, Flags, _Node, Bytes) -> given(Bytes, Flags).
'__kmalloc_node'(Bytes, Flags, _Node) -> given(Bytes, Flags).
kvmalloc_node(Bytes, Flags, _Node) -> given(Bytes, Flags).
vmalloc(Bytes) -> pages(Bytes, 0).
vzalloc(Bytes) -> pages(Bytes, ?GFP_ZERO).
'__vmalloc'(Bytes, Flags) -> pages(Bytes, Flags).
kfree(Address) -> vbeam_ko_memory:free(Address).
kfree_const(Address) -> kfree_outside(Address).
kvfree(Address) -> vbeam_ko_memory:free(Address).
vfree(Address) -> vbeam_ko_memory:free(Address).
ksize(Address) -> vbeam_ko_memory:size(Address).
kmalloc_size_roundup(Bytes) -> max(8, 1 bsl bits(Bytes - 1)).

%% What is freed is not legible any more.
kfree_sensitive(Address) when Address =< 16 ->
    ok;
kfree_sensitive(Address) ->
    Bytes = vbeam_ko_memory:size(Address),
    vbeam_ko_memory:write(Address, <<0:Bytes/unit:8>>),
    vbeam_ko_memory:free(Address).

%% Constants of the module itself are not on the heap.
kfree_outside(Address) ->
    case Address < vbeam_ko_memory:heap() of
        true -> ok;
        false -> vbeam_ko_memory:free(Address)
    end.

krealloc(0, Bytes, Flags) ->
    given(Bytes, Flags);
krealloc(Old, 0, _Flags) ->
    vbeam_ko_memory:free(Old),
    16;
krealloc(Old, Bytes, Flags) ->
    case given(Bytes, Flags) of
        0 ->
            0;
        New ->
            Kept = min(Bytes, vbeam_ko_memory:size(Old)),
            vbeam_ko_memory:write(New, vbeam_ko_memory:read(Old, Kept)),
            vbeam_ko_memory:free(Old),
            New
    end.

kmemdup(From, Bytes, Flags) -> copied(vbeam_ko_memory:read(From, Bytes), Flags).
kstrdup(0, _Flags) -> 0;
kstrdup(Text, Flags) -> copied([vbeam_ko_memory:string(Text), 0], Flags).
kstrdup_const(Text, Flags) -> kstrdup(Text, Flags).
kstrndup(0, _Max, _Flags) -> 0;
kstrndup(Text, Max, Flags) ->
    String = vbeam_linuxkpi_text:bounded(Text, Max),
    copied([String, 0], Flags).

memdup_user(From, Bytes) ->
    case vbeam_ko_memory:peek(From, Bytes) of
        {ok, Data} -> copied(Data, 0);
        {error, _} -> -14
    end.
memdup_user_nul(From, Bytes) ->
    case vbeam_ko_memory:peek(From, Bytes) of
        {ok, Data} -> copied([Data, 0], 0);
        {error, _} -> -14
    end.

copied(Data, _Flags) ->
    Bytes = iolist_size(Data),
    case vbeam_ko_memory:allocate(Bytes) of
        Address when Address =< 16 -> Address;
        Address -> vbeam_ko_memory:write(Address, Data), Address
    end.

given(Bytes, Flags) when Flags band ?GFP_ZERO =/= 0 -> vbeam_ko_memory:zeroed(Bytes);
given(Bytes, _Flags) -> vbeam_ko_memory:allocate(Bytes).

%% vmalloc begins at a page.
pages(Bytes, Flags) -> given((max(1, Bytes) + ?PAGE - 1) band bnot (?PAGE - 1), Flags).

is_vmalloc_addr(_Address) -> false.

%% --- caches: a block that holds size and constructor -----------------------------------------

kmem_cache_create(_Name, Bytes, Align, _Flags, Constructor) ->
    Cache = vbeam_ko_memory:allocate(64),
    put({?MODULE, Cache}, {max(Bytes, Align), Constructor}),
    Cache.
kmem_cache_create_usercopy(Name, Bytes, Align, Flags, _Offset, _Size, Constructor) ->
    kmem_cache_create(Name, Bytes, Align, Flags, Constructor).
kmem_cache_destroy(0) ->
    ok;
kmem_cache_destroy(Cache) ->
    erase({?MODULE, Cache}),
    vbeam_ko_memory:free(Cache).
kmem_cache_alloc(Cache, Flags) ->
    case get({?MODULE, Cache}) of
        {Bytes, 0} ->
            given(Bytes, Flags);
        {Bytes, Constructor} ->
            Address = given(Bytes, Flags),
            _ = Address =:= 0 orelse vbeam_ko_machine:call(Constructor, [Address]),
            Address;
        undefined ->
            exit({no_cache, Cache})
    end.
kmem_cache_free(_Cache, Address) -> vbeam_ko_memory:free(Address).

%% --- pages -----------------------------------------------------------------------------------

'__get_free_pages'(Flags, Order) ->
    zeroed_pages(vbeam_ko_memory:allocate_pages(Order), Flags, Order).
get_zeroed_page(_Flags) -> '__get_free_pages'(?GFP_ZERO, 0).
free_pages(Address, _Order) -> vbeam_ko_memory:free(Address).
alloc_pages(Flags, Order) -> page('__get_free_pages'(Flags, Order)).
'__alloc_pages'(Flags, Order, _Node, _Mask) -> alloc_pages(Flags, Order).
'__free_pages'(Page, _Order) -> vbeam_ko_memory:free(vbeam_ko_memory:address_of(Page)).
alloc_pages_exact(Bytes, Flags) -> pages(Bytes, Flags).
free_pages_exact(Address, _Bytes) -> vbeam_ko_memory:free(Address).

zeroed_pages(0, _Flags, _Order) ->
    0;
zeroed_pages(Address, Flags, Order) when Flags band ?GFP_ZERO =/= 0 ->
    vbeam_ko_memory:write(Address, <<0:(?PAGE bsl Order)/unit:8>>),
    Address;
zeroed_pages(Address, _Flags, _Order) ->
    Address.

page(0) ->
    0;
page(Address) ->
    Page = vbeam_ko_memory:page_of(Address),
    vbeam_ko_memory:write(Page, <<0:64/unit:8>>),
    Page.

%% --- per-CPU variables: offsets from the area ------------------------------------------------

'__alloc_percpu'(Bytes, _Align) ->
    case vbeam_ko_memory:zeroed(Bytes) of
        0 -> 0;
        Address -> Address - vbeam_ko_memory:per_cpu()
    end.
'__alloc_percpu_gfp'(Bytes, Align, _Flags) -> '__alloc_percpu'(Bytes, Align).
free_percpu(0) -> ok;
free_percpu(Offset) -> vbeam_ko_memory:free(Offset + vbeam_ko_memory:per_cpu()).

%% --- user memory: what could not be copied ---------------------------------------------------

'_copy_to_user'(To, From, Bytes) ->
    case vbeam_ko_memory:poke(To, Bytes, vbeam_ko_memory:read(From, Bytes)) of
        ok -> 0;
        {error, _} -> Bytes
    end.
'_copy_from_user'(To, From, Bytes) ->
    case vbeam_ko_memory:peek(From, Bytes) of
        {ok, Data} ->
            vbeam_ko_memory:write(To, Data),
            0;
        {error, _} ->
            %% The rest of the buffer is zeros, so nothing old is taken for what was copied.
            vbeam_ko_memory:write(To, <<0:Bytes/unit:8>>),
            Bytes
    end.
'__check_object_size'(_Address, _Bytes, _ToUser) -> ok.

fortify_panic(Name) -> exit({fortify_panic, vbeam_ko_memory:string(Name)}).
'__stack_chk_fail'() -> exit(stack_smashed).

bits(0) -> 0;
bits(Number) when Number > 0 -> bits(Number, 0).
bits(0, Bits) -> Bits;
bits(Number, Bits) -> bits(Number bsr 1, Bits + 1).
