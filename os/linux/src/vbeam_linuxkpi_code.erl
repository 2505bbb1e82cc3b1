%% What modules call that is a few instructions: it lies in the task and makes no system call. One
%% processor and one thread run a module, so locks have nothing to do. Each row has the names, the
%% instructions (GNU assembler's, `1:` is a label), and their bytes in base 16, which a test
%% compares with what an assembler makes of them.
-module(vbeam_linuxkpi_code).
-export([table/0, instructions/0, faults/1]).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {list_to_binary(Name), {code, bytes(Text)}}
     || {Names, _, Text} <- instructions(), Name <- Names
    ].

bytes(Text) -> <<(list_to_integer(Text, 16)):(length(Text) * 4)>>.

%% Where the access of get_user and put_user may fault, and where it goes on then: both begin with
%% the access, and what gives -EFAULT stands behind their first return.
-spec faults(#{binary() => non_neg_integer()}) -> #{non_neg_integer() => {fix, _, _}}.
faults(Symbols) ->
    maps:from_list([
        {Address, {fix, Address + fix(bytes(Text)), 1}}
     || {Names, _, Text} <- instructions(),
        Name <- Names,
        lists:prefix("__get_user_", Name) orelse lists:prefix("__put_user_", Name),
        {ok, Address} <- [maps:find(list_to_binary(Name), Symbols)]
    ]).

%% Behind the first `ret`.
fix(Code) ->
    {At, 1} = binary:match(Code, <<16#c3>>),
    At + 1.

-spec instructions() -> [{[string()], string(), string()}].
instructions() ->
    [
        {["__fentry__", "kernel_fpu_begin_mask", "kernel_fpu_end", "_raw_spin_lock",
            "module_put", "__module_get", "up", "cleanup_srcu_struct", "synchronize_srcu",
            "percpu_up_write", "percpu_down_write", "__percpu_down_read", "_raw_spin_unlock",
            "_raw_spin_lock_irq", "_raw_spin_unlock_irq", "_raw_spin_lock_bh",
            "_raw_spin_unlock_bh", "_raw_spin_unlock_irqrestore", "_raw_read_lock",
            "_raw_read_unlock", "_raw_write_lock", "_raw_write_unlock", "_raw_read_lock_bh",
            "_raw_read_unlock_bh", "_raw_write_lock_bh", "_raw_write_unlock_bh",
            "_raw_write_lock_irq", "_raw_write_unlock_irq", "_raw_write_unlock_irqrestore",
            "_raw_read_unlock_irqrestore", "mutex_lock", "mutex_unlock", "down_read",
            "up_read", "down_write", "up_write", "__rcu_read_lock", "__rcu_read_unlock",
            "synchronize_rcu", "synchronize_net", "rcu_barrier", "__local_bh_enable_ip",
            "preempt_schedule", "preempt_schedule_notrace", "rtnl_lock", "rtnl_unlock",
            "__SCT__preempt_schedule", "__SCT__preempt_schedule_notrace"],
            "ret",
            "c3"},
        {["__x86_return_thunk"],
            "ret; int3",
            "c3cc"},
        {["__x86_indirect_thunk_rax"],
            "jmp *%rax; int3",
            "ffe0cc"},
        {["__x86_indirect_thunk_rcx"],
            "jmp *%rcx; int3",
            "ffe1cc"},
        {["__x86_indirect_thunk_rdx"],
            "jmp *%rdx; int3",
            "ffe2cc"},
        {["__x86_indirect_thunk_rbx"],
            "jmp *%rbx; int3",
            "ffe3cc"},
        {["__x86_indirect_thunk_rbp"],
            "jmp *%rbp; int3",
            "ffe5cc"},
        {["__x86_indirect_thunk_rsi"],
            "jmp *%rsi; int3",
            "ffe6cc"},
        {["__x86_indirect_thunk_rdi"],
            "jmp *%rdi; int3",
            "ffe7cc"},
        {["__x86_indirect_thunk_r8"],
            "jmp *%r8; int3",
            "41ffe0cc"},
        {["__x86_indirect_thunk_r9"],
            "jmp *%r9; int3",
            "41ffe1cc"},
        {["__x86_indirect_thunk_r10"],
            "jmp *%r10; int3",
            "41ffe2cc"},
        {["__x86_indirect_thunk_r11"],
            "jmp *%r11; int3",
            "41ffe3cc"},
        {["__x86_indirect_thunk_r12"],
            "jmp *%r12; int3",
            "41ffe4cc"},
        {["__x86_indirect_thunk_r13"],
            "jmp *%r13; int3",
            "41ffe5cc"},
        {["__x86_indirect_thunk_r14"],
            "jmp *%r14; int3",
            "41ffe6cc"},
        {["__x86_indirect_thunk_r15"],
            "jmp *%r15; int3",
            "41ffe7cc"},
        {["memcpy"],
            "mov %rdi, %rax; mov %rdx, %rcx; rep movsb; ret",
            "4889f84889d1f3a4c3"},
        {["memset"],
            "mov %rdi, %r9; mov %esi, %eax; mov %rdx, %rcx; rep stosb; mov %r9, %rax; ret",
            "4989f989f04889d1f3aa4c89c8c3"},
        {["memmove"],
            "mov %rdi, %rax; mov %rdx, %rcx; cmp %rsi, %rdi; jbe 1f; lea (%rsi, %rdx), %r8; "
            "cmp %r8, %rdi; jae 1f; lea -1(%rsi, %rdx), %rsi; lea -1(%rdi, %rdx), %rdi; std; "
            "rep movsb; cld; ret; 1: rep movsb; ret",
            "4889f84889d14839f776184c8d04164c39c7730f488d7416ff488d7c17fffdf3a4fcc3f3a4c3"},
        {["memcmp"],
            "xor %eax, %eax; mov %rdx, %rcx; cmp %ecx, %ecx; repe cmpsb; je 1f; "
            "movzbl -1(%rdi), %eax; movzbl -1(%rsi), %ecx; sub %ecx, %eax; 1: ret",
            "31c04889d139c9f3a6740a0fb647ff0fb64eff29c8c3"},
        {["strlen"],
            "xor %eax, %eax; 1: cmpb $0, (%rdi, %rax); je 2f; inc %rax; jmp 1b; 2: ret",
            "31c0803c0700740548ffc0ebf5c3"},
        {["strnlen"],
            "xor %eax, %eax; 1: cmp %rsi, %rax; jae 2f; cmpb $0, (%rdi, %rax); je 2f; "
            "inc %rax; jmp 1b; 2: ret",
            "31c04839f0730b803c0700740548ffc0ebf0c3"},
        {["strcmp"],
            "1: movzbl (%rdi), %eax; movzbl (%rsi), %ecx; cmp %ecx, %eax; jne 2f; inc %rdi; "
            "inc %rsi; test %eax, %eax; jne 1b; ret; 2: sbb %eax, %eax; or $1, %eax; ret",
            "0fb6070fb60e39c8750b48ffc748ffc685c075ecc319c083c801c3"},
        {["strncmp"],
            "1: test %rdx, %rdx; je 3f; dec %rdx; movzbl (%rdi), %eax; movzbl (%rsi), %ecx; "
            "cmp %ecx, %eax; jne 2f; inc %rdi; inc %rsi; test %eax, %eax; jne 1b; "
            "3: xor %eax, %eax; ret; 2: sbb %eax, %eax; or $1, %eax; ret",
            "4885d2741748ffca0fb6070fb60e39c8750d48ffc748ffc685c075e431c0c319c083c801c3"},
        {["strcpy"],
            "mov %rdi, %rax; 1: movzbl (%rsi), %ecx; mov %cl, (%rdi); inc %rsi; inc %rdi; "
            "test %ecx, %ecx; jne 1b; ret",
            "4889f80fb60e880f48ffc648ffc785c975f1c3"},
        {["strchr"],
            "1: movzbl (%rdi), %eax; cmp %sil, %al; je 2f; inc %rdi; test %eax, %eax; jne 1b; "
            "xor %eax, %eax; ret; 2: mov %rdi, %rax; ret",
            "0fb6074038f0740a48ffc785c075f131c0c34889f8c3"},
        {["_raw_spin_lock_irqsave", "_raw_read_lock_irqsave", "_raw_write_lock_irqsave",
            "pv_save_flags"],
            "mov $0x202, %eax; ret",
            "b802020000c3"},
        {["_raw_spin_trylock", "try_module_get", "ns_capable", "capable_wrt_inode_uidgid",
            "_raw_spin_trylock_bh", "mutex_trylock", "down_read_trylock", "down_write_trylock",
            "rtnl_trylock", "rtnl_is_locked", "capable"],
            "mov $1, %eax; ret",
            "b801000000c3"},
        {["mutex_lock_interruptible", "mutex_lock_killable", "down_read_killable",
            "down_write_killable", "down_read_interruptible", "__SCT__might_resched",
            "__SCT__cond_resched", "mutex_is_locked", "pv_zero"],
            "xor %eax, %eax; ret",
            "31c0c3"},
        {["__get_user_1"],
            "movzbl (%rax), %edx; xor %eax, %eax; ret; xor %edx, %edx; mov $-14, %rax; ret",
            "0fb61031c0c331d248c7c0f2ffffffc3"},
        {["__put_user_1"],
            "mov %al, (%rcx); xor %ecx, %ecx; ret; mov $-14, %ecx; ret",
            "880131c9c3b9f2ffffffc3"},
        {["__get_user_2"],
            "movzwl (%rax), %edx; xor %eax, %eax; ret; xor %edx, %edx; mov $-14, %rax; ret",
            "0fb71031c0c331d248c7c0f2ffffffc3"},
        {["__put_user_2"],
            "mov %ax, (%rcx); xor %ecx, %ecx; ret; mov $-14, %ecx; ret",
            "66890131c9c3b9f2ffffffc3"},
        {["__get_user_4"],
            "movl (%rax), %edx; xor %eax, %eax; ret; xor %edx, %edx; mov $-14, %rax; ret",
            "8b1031c0c331d248c7c0f2ffffffc3"},
        {["__put_user_4"],
            "mov %eax, (%rcx); xor %ecx, %ecx; ret; mov $-14, %ecx; ret",
            "890131c9c3b9f2ffffffc3"},
        {["__get_user_8"],
            "movq (%rax), %rdx; xor %eax, %eax; ret; xor %edx, %edx; mov $-14, %rax; ret",
            "488b1031c0c331d248c7c0f2ffffffc3"},
        {["__put_user_8"],
            "mov %rax, (%rcx); xor %ecx, %ecx; ret; mov $-14, %ecx; ret",
            "48890131c9c3b9f2ffffffc3"},
        {["native_cpuid"],
            "push %rbx; mov %rdx, %r8; mov %rcx, %r9; mov %rsi, %r10; mov (%rdi), %eax; "
            "mov (%r8), %ecx; cpuid; mov %eax, (%rdi); mov %ebx, (%r10); mov %ecx, (%r8); "
            "mov %edx, (%r9); pop %rbx; ret",
            "534989d04989c94989f28b07418b080fa2890741891a4189084189115bc3"},
        {["__crypto_memneq"],
            "xor %eax, %eax; test %rdx, %rdx; je 2f; 1: mov (%rdi), %cl; xor (%rsi), %cl; "
            "or %cl, %al; inc %rdi; inc %rsi; dec %rdx; jne 1b; movzbl %al, %eax; 2: neg %eax; "
            "sbb %rax, %rax; neg %rax; ret",
            "31c04885d274148a0f320e08c848ffc748ffc648ffca75ef0fb6c0f7d84819c048f7d8c3"},
        {["__crypto_xor"],
            "test %ecx, %ecx; je 2f; 1: mov (%rsi), %al; xor (%rdx), %al; mov %al, (%rdi); "
            "inc %rdi; inc %rsi; inc %rdx; dec %ecx; jne 1b; 2: ret",
            "85c974138a063202880748ffc748ffc648ffc2ffc975edc3"},
        {["__list_add_valid"],
            "cmp %rsi, 8(%rdx); jne 1f; cmp %rdx, (%rsi); jne 1f; cmp %rsi, %rdi; je 1f; "
            "cmp %rdx, %rdi; je 1f; mov $1, %eax; ret; 1: xor %eax, %eax; ret",
            "48397208751548391675104839f7740b4839d77406b801000000c331c0c3"},
        {["__list_del_entry_valid"],
            "mov (%rdi), %rax; mov 8(%rdi), %rcx; cmp %rdi, (%rcx); jne 1f; cmp %rdi, 8(%rax); "
            "jne 1f; mov $1, %eax; ret; 1: xor %eax, %eax; ret",
            "488b07488b4f08483939750c483978087506b801000000c331c0c3"},
        {["__sw_hweight32"],
            "push %rcx; push %rdi; mov %edi, %edi; xor %eax, %eax; 1: test %rdi, %rdi; je 2f; "
            "lea -1(%rdi), %rcx; and %rcx, %rdi; inc %eax; jmp 1b; 2: pop %rdi; pop %rcx; ret",
            "515789ff31c04885ff740b488d4fff4821cfffc0ebf05f59c3"},
        {["__sw_hweight64"],
            "push %rcx; push %rdi; xor %eax, %eax; 1: test %rdi, %rdi; je 2f; "
            "lea -1(%rdi), %rcx; and %rcx, %rdi; inc %eax; jmp 1b; 2: pop %rdi; pop %rcx; ret",
            "515731c04885ff740b488d4fff4821cfffc0ebf05f59c3"}
    ].
