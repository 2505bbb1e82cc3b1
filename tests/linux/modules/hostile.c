/*
 * A kernel module that does what no module should, one function each, for tests of what happens
 * then. It is built without the kernel's headers; RELEASE is the kernel that it claims to be for.
 */
typedef unsigned long u64;

#define INFORMATION(name, text) \
	static const char name[] __attribute__((section(".modinfo"), used, aligned(1))) = text

INFORMATION(license, "license=GPL");
INFORMATION(name, "name=hostile");
INFORMATION(depends, "depends=");
INFORMATION(magic, "vermagic=" RELEASE " SMP preempt mod_unload modversions ");

extern int _printk(const char *format, ...);
extern void *__kmalloc(u64 bytes, unsigned flags);
extern void kfree(const void *address);
extern void *kmalloc_trace(void *cache, unsigned flags, u64 bytes);
extern int snprintf(char *buffer, u64 size, const char *format, ...);

/* An entry as BUG() and WARN() make it: place and file as distances, line, flags. */
#define TRAP(flags)                                                              \
	asm volatile("1: ud2\n"                                                  \
		     ".pushsection __bug_table, \"aw\"\n"                        \
		     "2: .long 1b - ., %c0 - .\n .word 77, %c1\n .org 2b + 12\n" \
		     ".popsection\n"                                             \
		     :                                                           \
		     : "i"("hostile.c"), "i"(flags))

static int calls;

int init_module(void)
{
	_printk("\001" "6hostile: %s %d %#x %5.2s|%-4c|%05d %lu %p\n", "begins", -5, 255u, "abcdef",
		'x', -42, 18446744073709551615ul, (void *)0x1234);
	return 0;
}

void cleanup_module(void)
{
	_printk("hostile: ends after %d calls\n", calls);
}

int counted(void)
{
	return ++calls;
}

void bug(void)
{
	TRAP(0);
}

int warned(void)
{
	TRAP(1);
	return 7;
}

int unmarked(void)
{
	asm volatile("ud2");
	return 0;
}

int wild_read(void)
{
	return *(volatile int *)0x123456789000;
}

void wild_write(void)
{
	*(volatile int *)init_module = 1;
}

int null_call(void)
{
	return ((int (*)(void))0)();
}

int kernel_half(void)
{
	return *(volatile int *)0xffff800000000000;
}

void loops(void)
{
	for (;;)
		asm volatile("pause");
}

void disables_interrupts(void)
{
	asm volatile("cli");
}

void halts(void)
{
	asm volatile("hlt");
}

int port(void)
{
	int value;
	asm volatile("in $0x60, %%al" : "=a"(value));
	return value;
}

u64 control_register(void)
{
	u64 value;
	asm volatile("mov %%cr3, %0" : "=r"(value));
	return value;
}

int divides(int by)
{
	return 10 / by;
}

int recurses(int depth)
{
	volatile char room[512];
	room[0] = depth;
	return recurses(depth + 1) + room[0];
}

void free_twice(void)
{
	void *block = __kmalloc(100, 0);
	kfree(block);
	kfree(block);
}

void free_wild(void)
{
	kfree((void *)0x5000000);
}

int exhausts(void)
{
	int blocks = 0;
	while (__kmalloc(1 << 20, 0))
		blocks++;
	return blocks;
}

u64 strange_call(u64 number)
{
	u64 result;
	asm volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
	return result;
}

void strange_text(void)
{
	_printk((const char *)0x666666666000);
}

int unended(char *buffer)
{
	return snprintf(buffer, 16, "%s and %s", "a long text that does not fit", "another");
}

void jumps_into_data(void)
{
	static char code[] = {(char)0xc3};
	((void (*)(void))code)();
}

void stack_leaves(void)
{
	asm volatile("mov $0x10, %rsp\n push %rax");
}

void sets_direction(void)
{
	asm volatile("std");
}
