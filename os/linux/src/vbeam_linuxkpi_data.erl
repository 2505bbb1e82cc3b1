%% Variables of the kernel that modules read by name: the processor, its per-CPU variables, masks of
%% processors, tables of functions of a paravirtualised kernel. Structures that this names, for the
%% reader of the kernel's types: task_struct cpuinfo_x86 cpumask paravirt_patch_template pv_cpu_ops
%% pv_irq_ops paravirt_callee_save.
-module(vbeam_linuxkpi_data).
-export([table/0, x86_match_cpu/1, cpu_has_xfeatures/2, irq_fpu_usable/0]).
-export([register_btf_kfunc_id_set/2, static_key_count/1, static_key_enable/1,
    static_key_disable/1]).

-define(MASK_BYTES, 1024).
-define(OFFSETS_BYTES, 65536).
-define(TASK_BYTES, 16384).
-define(TEMPLATE_BYTES, 1024).
-define(CPU_BYTES, 512).
%% Features of every x86-64 processor that ring 3 may use here: x87, TSC, CMPXCHG8B, CMOV, MMX,
%% FXSR, SSE, SSE2; SYSCALL, NX and long mode in the second word; fast string moves and NOPL in the
%% fourth. Nothing that XSAVE would have to keep.
-define(FEATURES, [
    {0, [0, 4, 8, 15, 23, 24, 25, 26]}, {1, [11, 20, 29]}, {3, [16, 20]}
]).
-define(X86_VENDOR_UNKNOWN, 255).
-define(CURRENT_PID, 1).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    Masks = [
        <<"__cpu_online_mask">>, <<"__cpu_possible_mask">>, <<"__cpu_present_mask">>,
        <<"__cpu_active_mask">>, <<"cpu_all_bits">>
    ],
    Functions = [
        <<"x86_match_cpu">>, <<"cpu_has_xfeatures">>, <<"irq_fpu_usable">>,
        <<"register_btf_kfunc_id_set">>, <<"static_key_count">>, <<"static_key_enable">>,
            <<"static_key_disable">>
    ],
    [{Name, {data, ?MASK_BYTES, <<1>>}} || Name <- Masks] ++
        [{Name, {call, ?MODULE}} || Name <- Functions] ++ variables() ++ per_cpu().

variables() ->
    [
        {<<"nr_cpu_ids">>, {data, 4, <<1:32/little>>}},
        {<<"nr_online_nodes">>, {data, 4, <<1:32/little>>}},
        {<<"nr_node_ids">>, {data, 4, <<1:32/little>>}},
        {<<"node_states">>, {data, 1024, <<>>}},
        %% An array by processor; only the first is there.
        {<<"__per_cpu_offset">>, {data, 64, fun(_) -> word(vbeam_ko_memory:per_cpu()) end}},
        {<<"boot_cpu_data">>, {data, ?CPU_BYTES, fun(_) -> processor() end}},
        {<<"pv_ops">>, {data, ?TEMPLATE_BYTES, fun paravirtual/1}},
        {<<"task of the module">>, {data, ?TASK_BYTES, fun(_) -> task() end}},
        {<<"audit_enabled">>, {data, 4, <<>>}},
        {<<"init_user_ns">>, {data, 1024, <<>>}},
        {<<"init_net">>, {data, 8192, <<>>}},
        {<<"init_task">>, {data, ?TASK_BYTES, <<>>}},
        {<<"sys_tz">>, {data, 8, <<>>}},
        {<<"system_state">>, {data, 4, <<2:32/little>>}},
        {<<"hugetlb_optimize_vmemmap_key">>, {data, 16, <<>>}},
        {<<"cgroup_bpf_enabled_key">>, {data, 4096, <<>>}},
        {<<"memory_cgrp_subsys_enabled_key">>, {data, 16, <<>>}},
        {<<"debug_locks">>, {data, 4, <<>>}},
        {<<"oops_in_progress">>, {data, 4, <<>>}},
        {<<"loops_per_jiffy">>, {data, 8, word(4_000_000)}},
        {<<"tsc_khz">>, {data, 4, <<1_000_000:32/little>>}},
        {<<"cpu_khz">>, {data, 4, <<1_000_000:32/little>>}},
        {<<"_ctype">>, {data, 256, fun(_) -> characters() end}},
        {<<"hex_asc">>, {data, 17, <<"0123456789abcdef">>}},
        {<<"hex_asc_upper">>, {data, 17, <<"0123456789ABCDEF">>}},
        {<<"byte_rev_table">>, {data, 256, << <<(reversed(B))>> || B <- lists:seq(0, 255) >>}}
    ].

per_cpu() ->
    [
        {<<"current_task">>,
            {per_cpu, 8, fun(Addresses) -> word(maps:get(<<"task of the module">>,
                Addresses)) end}},
        %% Preemption is disabled by adding to it.
        {<<"__preempt_count">>, {per_cpu, 4, <<1:32/little>>}},
        {<<"cpu_number">>, {per_cpu, 4, <<>>}},
        {<<"this_cpu_off">>, {per_cpu, 8, fun(_) -> word(vbeam_ko_memory:per_cpu()) end}},
        {<<"numa_node">>, {per_cpu, 4, <<>>}},
        {<<"cpu_info">>, {per_cpu, ?CPU_BYTES, fun(_) -> processor() end}},
        {<<"int_active_memcg">>, {per_cpu, 8, <<>>}},
        {<<"hardirq_stack_inuse">>, {per_cpu, 1, <<>>}}
    ].

word(Value) -> <<Value:64/little>>.

%% A structure of zeros with some fields set.
structure(Struct, Fields) ->
    Size = vbeam_ko_interface:size(Struct),
    Value = lists:foldl(
        fun({Path, Number}, Sum) ->
            {Offset, Bits, _} = vbeam_ko_interface:field(Struct, Path),
            Sum bor ((Number band ((1 bsl Bits) - 1)) bsl Offset)
        end,
        0,
        Fields
    ),
    <<Value:(Size * 8)/little>>.

processor() ->
    Words = lists:sum([
        lists:sum([1 bsl Bit || Bit <- Bits]) bsl (32 * Word)
     || {Word, Bits} <- ?FEATURES
    ]),
    structure(cpuinfo_x86, [
        {x86, 6}, {x86_vendor, ?X86_VENDOR_UNKNOWN}, {x86_capability, Words}, {x86_max_cores, 1},
        {x86_clflush_size, 64}, {x86_cache_alignment, 64}, {x86_phys_bits, 40}, {x86_virt_bits, 48},
        {booted_cores, 1}
    ]).

task() ->
    Name = binary:decode_unsigned(<<"kernel_module">>, little),
    structure(task_struct, [{comm, Name}, {pid, ?CURRENT_PID}, {tgid, ?CURRENT_PID}]).

%% All functions of a paravirtualised kernel do nothing and give 0, but for the flags of interrupts
%% and CPUID, which ring 3 has.
paravirtual(Addresses) ->
    Size = vbeam_ko_interface:size(paravirt_patch_template),
    Zero = word(maps:get(<<"pv_zero">>, Addresses)),
    Table = binary:copy(Zero, Size div 8),
    lists:foldl(
        fun({Path, Name}, Bytes) ->
            At = vbeam_ko_interface:offset(paravirt_patch_template, Path),
            <<Before:At/binary, _:64, After/binary>> = Bytes,
            <<Before/binary, (word(maps:get(Name, Addresses)))/binary, After/binary>>
        end,
        Table,
        [{[irq, save_fl], <<"pv_save_flags">>}, {[cpu, cpuid], <<"native_cpuid">>}]
    ).

%% linux/ctype.h: upper, lower, digit, control, punctuation, white space, hexadecimal, hard space.
characters() ->
    << <<(kind(C))>> || C <- lists:seq(0, 255) >>.

kind($\s) -> 16#a0;
kind(C) when C >= 9, C =< 13 -> 16#28;
kind(C) when C < 32; C =:= 127 -> 16#08;
kind(C) when C >= $0, C =< $9 -> 16#04;
kind(C) when C >= $A, C =< $F -> 16#41;
kind(C) when C >= $a, C =< $f -> 16#42;
kind(C) when C >= $A, C =< $Z -> 16#01;
kind(C) when C >= $a, C =< $z -> 16#02;
kind(C) when C < 127 -> 16#10;
kind(160) -> 16#a0;
kind(C) when C < 160 -> 0;
kind(C) when C < 192 -> 16#10;
kind(215) -> 16#10;
kind(247) -> 16#10;
kind(C) when C < 223 -> 16#01;
kind(_) -> 16#02.

reversed(Byte) ->
    <<A:1, B:1, C:1, D:1, E:1, F:1, G:1, H:1>> = <<Byte>>,
    <<Reversed>> = <<H:1, G:1, F:1, E:1, D:1, C:1, B:1, A:1>>,
    Reversed.

%% No processor with what is asked for: modules that would use it say that there is no device.
x86_match_cpu(_Table) -> 0.
cpu_has_xfeatures(_Needed, _Name) -> false.
irq_fpu_usable() -> true.

%% Nobody writes programs for the kernel's virtual machine here.
register_btf_kfunc_id_set(_Kind, _Set) -> 0.

%% linux/jump_label.h: a key is a counter; code that looks at it was not patched, so its branches
%% stay as they were built.
static_key_count(Key) -> vbeam_ko_memory:read_s32(Key).
static_key_enable(Key) -> vbeam_ko_memory:write_u32(Key, 1).
static_key_disable(Key) -> vbeam_ko_memory:write_u32(Key, 0).
