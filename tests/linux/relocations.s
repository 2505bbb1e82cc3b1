# Every kind of relocation that kernel modules have, for the test of the loader.
        .globl  begin
        .text
begin:  call    outside@PLT                 # PLT32
        movl    $table, %eax                # 32
        movq    $table + 8, %rax            # 32S
        movq    inner(%rip), %rax           # PC32
        leaq    table - 3(%rip), %rbx       # PC32 with an addend
        jmp     later
        ret
        .section .text.later, "ax"
later:  call    begin
        movq    small(, %rcx, 8), %rdx      # 32S of an absolute symbol
        ret
        .section .rodata, "a"
table:  .quad   begin, later + 4, outside   # 64
        .quad   begin - .                   # PC64
        .long   later - .                   # PC32
        .data
        .align  32
inner:  .quad   table - 16
        .quad   space
        .bss
        .align  64
space:  .skip   100
