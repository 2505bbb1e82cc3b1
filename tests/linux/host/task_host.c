/*
 * Native tasks on Linux, for tests on plain Erlang: a process under ptrace stands where the system
 * has an address space of ring 3. vbeam_task.erl beside this file speaks the protocol: packets of
 * four bytes of length, a letter, little-endian arguments; the answer is an i64 and bytes.
 *
 * System calls are caught by PTRACE_SYSEMU, before they are made; memory is reached through
 * /proc/PID/mem. Mapping is done by the process itself, with a `syscall` instruction that it has at
 * a place of its own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31
#endif

#define CALL_PLACE ((void *)0x600000000000)
#define PACKET_MAX (1 << 24)

static pid_t task;
static int task_memory;
static struct user_regs_struct registers;
static unsigned char packet[PACKET_MAX], answer[PACKET_MAX];

static void end(void)
{
	if (task)
		kill(task, SIGKILL);
	_exit(0);
}

static void all(ssize_t (*transfer)(int, void *, size_t), int fd, unsigned char *bytes, size_t left)
{
	while (left > 0) {
		ssize_t done = transfer(fd, bytes, left);
		if (done <= 0)
			end();
		bytes += done;
		left -= done;
	}
}

static void reply(int64_t result, size_t bytes)
{
	size_t size = bytes + 8;
	unsigned char head[12] = {size >> 24, size >> 16, size >> 8, size};
	memcpy(head + 4, &result, 8);
	all((ssize_t(*)(int, void *, size_t))write, 1, head, 12);
	all((ssize_t(*)(int, void *, size_t))write, 1, answer, bytes);
}

static void start(void)
{
	unsigned char code[] = {0x0f, 0x05, 0xcc};
	void *place = mmap(CALL_PLACE, 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memcpy(place, code, sizeof code);
	mprotect(place, 4096, PROT_READ | PROT_EXEC);
	task = fork();
	if (task == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(task, NULL, 0);
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/mem", task);
	task_memory = open(path, O_RDWR);
	ptrace(PTRACE_GETREGS, task, 0, &registers);
	registers.rax = registers.rbx = registers.rcx = registers.rdx = registers.rsi = 0;
	registers.rdi = registers.rbp = registers.rsp = registers.rip = 0;
	registers.r8 = registers.r9 = registers.r10 = registers.r11 = registers.r12 = 0;
	registers.r13 = registers.r14 = registers.r15 = 0;
	registers.eflags = 0x202;
}

/* A system call that the process makes for us. */
static int64_t make(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	struct user_regs_struct used = registers;
	used.rax = number;
	used.orig_rax = -1;
	used.rdi = a;
	used.rsi = b;
	used.rdx = c;
	used.r10 = d;
	used.r8 = -1;
	used.r9 = 0;
	used.rip = (uint64_t)CALL_PLACE;
	ptrace(PTRACE_SETREGS, task, 0, &used);
	/* The first step may only leave the system call that the task stands in. */
	do {
		ptrace(PTRACE_SINGLESTEP, task, 0, 0);
		waitpid(task, NULL, 0);
		ptrace(PTRACE_GETREGS, task, 0, &used);
	} while (used.rip == (uint64_t)CALL_PLACE);
	return used.rax;
}

static int protection(unsigned access)
{
	return (access & 1 ? PROT_READ : 0) | (access & 2 ? PROT_WRITE : 0) |
	       (access & 4 ? PROT_EXEC : 0);
}

static void alarmed(int number)
{
	(void)number;
	kill(task, SIGSTOP);
}

/* Answers 1 for a system call, 2 for a fault with vector and address, 0 when interrupted. */
static void run(uint32_t milliseconds)
{
	struct itimerval timer = {{0, 0}, {milliseconds / 1000, milliseconds % 1000 * 1000}};
	struct itimerval none = {{0, 0}, {0, 0}};
	siginfo_t information;
	int status;
	uint64_t fault[2] = {0, 0};
	registers.orig_rax = -1;
	ptrace(PTRACE_SETREGS, task, 0, &registers);
	setitimer(ITIMER_REAL, &timer, NULL);
	ptrace(PTRACE_SYSEMU, task, 0, 0);
	while (waitpid(task, &status, 0) < 0 && errno == EINTR)
		;
	setitimer(ITIMER_REAL, &none, NULL);
	if (!WIFSTOPPED(status))
		end();
	int stop = WSTOPSIG(status);
	ptrace(PTRACE_GETREGS, task, 0, &registers);
	ptrace(PTRACE_GETSIGINFO, task, 0, &information);
	if (stop == SIGTRAP && information.si_code != SI_KERNEL && information.si_code != TRAP_BRKPT) {
		registers.rax = registers.orig_rax;
		reply(1, 0);
		return;
	}
	if (stop == SIGSTOP) {
		reply(0, 0);
		return;
	}
	fault[1] = (uint64_t)information.si_addr;
	switch (stop) {
	case SIGSEGV:
		fault[0] = information.si_code == SI_KERNEL ? 13 : 14;
		break;
	case SIGBUS:
		fault[0] = information.si_code == BUS_ADRALN ? 17 : 14;
		break;
	case SIGILL:
		fault[0] = 6;
		break;
	case SIGFPE:
		fault[0] = information.si_code == FPE_INTDIV ? 0 : 16;
		break;
	default:
		fault[0] = 3;
	}
	memcpy(answer, fault, 16);
	reply(2, 16);
}

static void request(size_t size)
{
	uint64_t address, count;
	uint32_t access;
	ssize_t done;
	memcpy(&address, packet + 1, 8);
	memcpy(&count, packet + 9, 8);
	memcpy(&access, packet + 17, 4);
	switch (packet[0]) {
	case 'm':
		done = make(SYS_mmap, address, count, protection(access),
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE);
		reply(done == (ssize_t)address ? 0 : done, 0);
		break;
	case 'u':
		reply(make(SYS_munmap, address, count, 0, 0), 0);
		break;
	case 'p':
		reply(make(SYS_mprotect, address, count, protection(access), 0), 0);
		break;
	case 'r':
		done = pread(task_memory, answer, count, address);
		reply(done, done > 0 ? done : 0);
		break;
	case 'w':
		reply(pwrite(task_memory, packet + 9, size - 9, address), 0);
		break;
	case 'g':
		memcpy(answer, &registers, sizeof registers);
		reply(0, sizeof registers);
		break;
	case 's':
		memcpy(&registers, packet + 1, sizeof registers);
		reply(0, 0);
		break;
	case 'x':
		run((uint32_t)address);
		break;
	default:
		end();
	}
}

int main(void)
{
	struct sigaction action = {.sa_handler = alarmed};
	sigaction(SIGALRM, &action, NULL);
	start();
	for (;;) {
		unsigned char head[4];
		all(read, 0, head, 4);
		size_t size = (size_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
		if (size > sizeof packet)
			end();
		memset(packet, 0, 24);
		all(read, 0, packet, size);
		request(size);
	}
}
