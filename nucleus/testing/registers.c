/*
 * Runs the parts of the nucleus that touch ports and model-specific registers as a Linux program.
 * Such an instruction faults in ring 3, and the handler below does it on models: a local APIC with
 * x2APIC, the power-management timer, channel 2 of the PIT, an HPET, the real-time clock, and the
 * ports that reset a machine. ACPI tables lie at 1 MiB of physical memory, as in parts.c.
 *
 *   REGISTERS apic IMAGE X2APIC APIC_BASE ID   what lapic_start and the timer write, an interrupt
 *   REGISTERS clock IMAGE HPET PM PIT          which clocks count; what is measured
 *   REGISTERS rtc IMAGE BUSY TICK BYTES...     register and value in turn; the time that is read
 *   REGISTERS rtc-random SEED                  a million clocks full of garbage
 *   REGISTERS reset IMAGE                      what machine_reset writes, in order
 */
#include "linux_program.h"

/* The nucleus's variables and procedures. */
extern u64 direct_base, acpi_rsdp, ns_per_count, counter_at_boot, clock_reference_name;
extern u64 lapic_mode_name, timer_counts_per_ns, ring_head, wall_clock;
extern u32 cpu_features, interrupt_destination, timer_period_count, century_register;
extern u32 gsi_routes[4], processor_count;
extern void acpi_start(void), acpi_power(void), acpi_interrupts(void), lapic_start(void);
extern void clock_start(void), timer_periodic(void), timer_once(u64), machine_reset(void);
extern void wall_clock_start(void);
extern u64 rtc_seconds(void), host_now(void);

/* What the included files also need, and these tests do not. */
u32 grant_holds(void) { return 0; }
__attribute__((naked)) void task_interrupted(void) { __asm__("iretq"); }

static u64 nanoseconds(void) {
  long time[2];
  call6(228, 1, (long)time, 0, 0, 0, 0);
  return (u64)time[0] * 1000000000 + (u64)time[1];
}
static void tell_hex(const char *name, u64 value) {
  char digits[20];
  int first = 19;
  digits[first] = 0;
  do digits[--first] = "0123456789abcdef"[value & 15];
  while (value >>= 4);
  say(name), say("=0x"), say(digits + first), say("\n");
}

/* ---- Models ---- */

enum { APIC_BASE = 0x1b, ENABLED = 1 << 11, X2APIC = 1 << 10 };
static u64 apic_base, apic_id, apic_started;
static u32 apic[64], apic_initial;
static int hpet_counts, pm_counts, pit_counts, port_61;
static u64 pit_started;
static u32 pit_bytes, pit_latched;
static u8 cmos[128], cmos_index;
static u64 cmos_busy, cmos_reads, cmos_tick;
static int cmos_absent, logs_ports, doorbell_rings;

static void wrong(const char *what, u64 value) {
  say("wrong: "), say(what), say(" "), tell_hex("value", value);
  leave(1);
}

/* Registers of x2APIC mode that may be read and written (SDM volume 3, table 11-6). */
static int apic_readable(u32 number) {
  return number == 0x02 || number == 0x03 || number == 0x08 || number == 0x0a || number == 0x0d ||
         number == 0x0f || (number >= 0x10 && number <= 0x28) || number == 0x2f || number == 0x30 ||
         (number >= 0x32 && number <= 0x39) || number == 0x3e;
}
static int apic_writable(u32 number) {
  return number == 0x08 || number == 0x0b || number == 0x0f || number == 0x28 || number == 0x2f ||
         number == 0x30 || (number >= 0x32 && number <= 0x38) || number == 0x3e || number == 0x3f;
}

static void write_msr(u32 number, u64 value) {
  if (number == APIC_BASE) {
    u64 was = apic_base & (ENABLED | X2APIC), is = value & (ENABLED | X2APIC);
    /* Section 11.12.5: what is not allowed is a general protection. */
    if (is == X2APIC || (was == 0 && is & X2APIC) || (was == (ENABLED | X2APIC) && is == ENABLED))
      wrong("change of mode", value);
    apic_base = value;
    return;
  }
  u32 at = number - 0x800;
  if (!(apic_base & X2APIC) || at > 63 || !apic_writable(at)) wrong("wrmsr", number);
  if (value >> 32 && at != 0x30) wrong("upper half", number);
  if (at == 0x0b && value) wrong("end of interrupt", value);
  apic[at] = (u32)value;
  if (at == 0x38) apic_started = nanoseconds();
  if (logs_ports) say("msr "), tell_hex(at == 0x0b ? "0x80b" : "other", value);
}
static u64 read_msr(u32 number) {
  if (number == APIC_BASE) return apic_base;
  u32 at = number - 0x800;
  if (!(apic_base & X2APIC) || at > 63 || !apic_readable(at)) wrong("rdmsr", number);
  if (at == 0x02) return apic_id;
  /* It counts down, 62.5 million times a second. */
  if (at == 0x39) return (u32)(apic[0x38] - (nanoseconds() - apic_started) / 16);
  return apic[at];
}

static u8 read_cmos(void) {
  if (cmos_absent) return 0xff;
  if (cmos_index == 10 && cmos_busy) return (u8)(cmos_busy--, cmos[10] | 0x80);
  /* A minute ends while the bytes are read. */
  if (++cmos_reads == cmos_tick) cmos[0] = 0, cmos[2]++;
  return cmos[cmos_index];
}
static u32 pit_ticks(void) { return (u32)((nanoseconds() - pit_started) * 1193182 / 1000000000); }
static u32 read_port(u32 port) {
  if (port == 0x71) return read_cmos();
  if (port == 0x608 && pm_counts) return (u32)(nanoseconds() * 3579545 / 1000000000) & 0xffffff;
  if (port == 0x61) return (u32)port_61 | (pit_counts && pit_ticks() > 65535 ? 0x20 : 0);
  if (port == 0x42 && pit_counts) {
    u32 value = pit_latched & 0xff;
    pit_latched >>= 8;
    return value;
  }
  if (port == 0x64 || port == 0xcf9) return 0;
  return ~0u;
}
static void write_port(u32 port, u32 value, u32 bytes) {
  if (port == 0x70) cmos_index = value & 127;
  if (port == 0x61) port_61 = value & 3;
  if (port == 0x42 && ++pit_bytes % 2 == 0) pit_started = nanoseconds();
  if (port == 0x43 && value == 0x80) pit_latched = 0xffff - (pit_ticks() & 0xffff);
  if (!logs_ports) return;
  say("out"), say(bytes == 1 ? "8 " : bytes == 2 ? "16 " : "32 ");
  tell_hex(port == 0xcf8 ? "0xcf8" : port == 0xcf9 ? "0xcf9" : port == 0x64 ? "0x64" : port == 0xcfe
           ? "0xcfe" : port == 0x1234 ? "0x1234" : "other", value);
}

/* ---- What faults in ring 3 ---- */

struct context {
  u64 flags;
  void *link;
  u64 stack[3];
  u64 r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
};
enum { HPET = 0xfed00000, PAGE = 4096, TRAP = 1 << 8, DOORBELL_LOW = 0x80000040 };

static u8 *hpet(void) { return (u8 *)(direct_base + HPET); }
static void protect(u8 *page, long rights) { call6(10, (long)page, PAGE, rights, 0, 0, 0); }

static void port_instruction(struct context *at, u8 opcode, u32 width, u32 length) {
  u32 port = opcode < 0xec ? ((u8 *)at->rip)[length - 1] : (u32)at->rdx & 0xffff;
  u32 bytes = opcode & 1 ? width : 1;
  u64 mask = bytes == 4 ? 0xffffffff : (1ul << (8 * bytes)) - 1;
  if (opcode & 2) write_port(port, (u32)(at->rax & mask), bytes);
  else at->rax = (bytes == 4 ? 0 : at->rax & ~mask) | (read_port(port) & mask);
  at->rip += length;
}

static void on_fault(int signal, const u64 *information, struct context *at) {
  const u8 *code = (const u8 *)at->rip;
  u64 address = information[2];
  if (signal == 5) {
    if (code[-1] == 0xcc) say("int3\n"), tell("memory", *(u8 *)(direct_base + 0x500000)), leave(0);
    at->eflags &= ~(u64)TRAP;
    protect(hpet(), 0);
    return;
  }
  if (address >= (u64)hpet() && address < (u64)hpet() + PAGE) {
    /* Readable for one instruction, with 100 million ticks a second. */
    protect(hpet(), 3);
    if (hpet_counts) *(u64 *)(hpet() + 0xf0) = nanoseconds() / 10;
    at->eflags |= TRAP;
    return;
  }
  u32 wide = code[0] == 0x66, opcode = code[wide];
  if (opcode == 0x0f && code[1] == 0x30) {
    write_msr((u32)at->rcx, (u32)at->rax | at->rdx << 32), at->rip += 2;
  } else if (opcode == 0x0f && code[1] == 0x32) {
    u64 value = read_msr((u32)at->rcx);
    at->rax = (u32)value, at->rdx = value >> 32, at->rip += 2;
  } else if (opcode == 0x0f && code[1] == 0x01 && code[2] == 0x1d) {
    const u8 *table = code + 7 + *(const int *)(code + 3);
    for (int i = 0; i < 10; i++) check(table[i] == 0, "a table without gates");
    say("lidt\n"), at->rip += 7;
  } else if (opcode == 0xfa) {
    at->rip++;
  } else if (opcode == 0xc7 && code[1] == 0 && (u32)at->rax == DOORBELL_LOW) {
    doorbell_rings++, at->rip += 6;
  } else if (opcode >= 0xe4 && opcode <= 0xe7) {
    port_instruction(at, (u8)opcode, wide ? 2 : 4, wide + 2);
  } else if (opcode >= 0xec && opcode <= 0xef) {
    port_instruction(at, (u8)opcode, wide ? 2 : 4, wide + 1);
  } else {
    wrong("fault at", at->rip);
  }
}

__attribute__((naked)) static void back(void) { __asm__("mov $15, %eax\n syscall"); }
static void catch_faults(void) {
  /* SA_SIGINFO, SA_RESTORER, SA_NODEFER */
  u64 action[4] = {(u64)on_fault, 4 | 0x04000000 | 0x40000000, (u64)back, 0};
  call6(13, 11, (long)action, 0, 8, 0, 0);
  call6(13, 5, (long)action, 0, 8, 0, 0);
}

/* ---- Tests ---- */

static void read_tables(const char *path) {
  long file = call6(2, (long)path, 0, 0, 0, 0, 0);
  check(call6(0, file, (long)(direct_base + 0x100000), 65536, 0, 0, 0) > 0, "reading the tables");
  acpi_rsdp = 0x100000;
  acpi_start(), acpi_power(), acpi_interrupts();
}
static u32 apic_word(u32 offset) { return *(u32 *)(direct_base + 0xfee00000 + offset); }

/* An interrupt of line 4, as its stub would begin, from a frame that iretq takes back. */
__attribute__((naked)) static void interrupt(void) {
  __asm__(
      "mov %rsp, %rax\n mov %ss, %ecx\n push %rcx\n push %rax\n pushfq\n"
      "mov %cs, %ecx\n push %rcx\n lea 1f(%rip), %rcx\n push %rcx\n push %rax\n push %rcx\n"
      "mov $52, %eax\n lea gsi_routes+64(%rip), %rcx\n jmp interrupt_common\n 1: ret");
}

static void test_apic(u64 features, u64 base, u64 id) {
  cpu_features = features ? 1 << 21 : 0;
  apic_base = base, apic_id = id;
  *(u32 *)(direct_base + 0xfee00020) = (u32)id << 24;
  lapic_start();
  say("mode="), say((const char *)lapic_mode_name), say("\n");
  int x2 = (apic_base & X2APIC) != 0;
  tell_hex("base", apic_base & (ENABLED | X2APIC));
  tell_hex("destination", interrupt_destination);
  tell_hex("spurious", x2 ? apic[0x0f] : apic_word(0xf0));
  tell_hex("lint0", x2 ? apic[0x35] : apic_word(0x350));
  tell_hex("lint1", x2 ? apic[0x36] : apic_word(0x360));
  tell_hex("divide", x2 ? apic[0x3e] : apic_word(0x3e0));
  timer_period_count = 62500;
  timer_periodic();
  tell_hex("periodic", x2 ? apic[0x32] : apic_word(0x320));
  tell("count", x2 ? apic[0x38] : apic_word(0x380));
  timer_counts_per_ns = (1ul << 32) / 16;
  timer_once(1600);
  tell_hex("once", x2 ? apic[0x32] : apic_word(0x320));
  tell("count_once", x2 ? apic[0x38] : apic_word(0x380));
  *(u32 *)(direct_base + 0xfee000b0) = 77;
  logs_ports = 1;
  interrupt();
  logs_ports = 0;
  tell("ended", x2 ? 0 : apic_word(0xb0));
  tell("rings", (u64)doorbell_rings);
  tell("head", *(u32 *)&ring_head);
  tell("processors", processor_count);
}

static void test_clock(void) {
  cpu_features = 1 << 21;
  apic_base = 0xfee00000 | ENABLED;
  u32 *words = (u32 *)hpet();
  words[0] = 0x8086a201, words[1] = 10000000;
  protect(hpet(), 0);
  lapic_start();
  counter_at_boot = 0;
  clock_start();
  say("reference="), say((const char *)clock_reference_name), say("\n");
  /* Against the system's clock, and the local APIC's 62.5 MHz. The best of ten: others run, too. */
  u64 best = ~0ul;
  for (int i = 0; i < 10; i++) {
    u64 first = host_now(), start = nanoseconds();
    while (nanoseconds() - start < 20000000) continue;
    u64 ours = host_now() - first, theirs = nanoseconds() - start;
    u64 error = (ours > theirs ? ours - theirs : theirs - ours) * 1000000 / theirs;
    if (error < best) best = error;
  }
  tell("error_ppm", best);
  u64 expected = (1ul << 32) / 16, got = timer_counts_per_ns;
  tell("timer_error_ppm", (got > expected ? got - expected : expected - got) * 1000000 / expected);
}

/* ---- A second opinion on the real-time clock ---- */

static int leap(u64 year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
static u64 number(u8 byte, int binary) {
  if (binary) return byte;
  return (byte & 15) > 9 || byte >> 4 > 9 ? 1000 : (u64)(byte >> 4) * 10 + (byte & 15);
}
static u64 expected_seconds(void) {
  static const u8 days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int binary = cmos[11] & 4, full = cmos[11] & 2, afternoon = !full && cmos[4] & 0x80;
  u64 hours = number(full ? cmos[4] : cmos[4] & 0x7f, binary);
  if (cmos[13] != 0x80) return 0;
  if (!full) {
    if (hours < 1 || hours > 12) return 0;
    hours = hours % 12 + (afternoon ? 12 : 0);
  }
  u64 seconds = number(cmos[0], binary), minutes = number(cmos[2], binary);
  u64 day = number(cmos[7], binary), month = number(cmos[8], binary);
  u64 year = number(cmos[9], binary);
  if (seconds > 59 || minutes > 59 || hours > 23 || day < 1 || day > 31) return 0;
  if (month < 1 || month > 12 || year > 99) return 0;
  u64 century = century_register ? number(cmos[century_register], binary) : 0;
  if (century < 19 || century > 22) century = year < 70 ? 20 : 19;
  year += century * 100;
  if (year < 1970 || year > 2261) return 0;
  u64 total = day - 1;
  for (u64 y = 1970; y < year; y++) total += 365 + (u64)leap(y);
  for (u64 m = 1; m < month; m++) total += days[m - 1] + (u64)(m == 2 && leap(year));
  return ((total * 24 + hours) * 60 + minutes) * 60 + seconds;
}

static void test_rtc_random(u64 rounds) {
  u64 times = 0;
  for (; rounds > 0; rounds--) {
    for (int i = 0; i < 128; i++) cmos[i] = (u8)random(256);
    century_register = random(3) ? 0x32 : 0;
    cmos[13] = random(8) ? 0x80 : (u8)random(256);
    cmos[10] &= 0x7f;
    cmos[11] = (u8)random(8);
    cmos_busy = random(20);
    cmos_tick = cmos_reads = 0;
    /* Most are nearly right. */
    if (random(4)) {
      static const u8 at[7] = {0, 2, 4, 7, 8, 9, 0x32}, limits[7] = {60, 60, 24, 29, 12, 100, 4};
      for (int i = 0; i < 7; i++) {
        u32 value = (u32)random(limits[i]) + (i == 3 || i == 4 ? 1 : i == 6 ? 19 : 0);
        if (i == 2 && !(cmos[11] & 2)) value = 1 + value % 12;
        u32 afternoon = i == 2 && !(cmos[11] & 2) && random(2) ? 0x80 : 0;
        cmos[at[i]] = (u8)((cmos[11] & 4 ? value : value / 10 * 16 + value % 10) | afternoon);
      }
    }
    u64 expected = expected_seconds(), got = rtc_seconds();
    if (got != expected) tell("expected", expected), wrong("time", got);
    times += got != 0;
  }
  tell("times", times);
}

static void run(long *stack) {
  long count = stack[0];
  const char **arguments = (const char **)(stack + 1);
  const char *mode = count > 1 ? arguments[1] : "";
  direct_base = (u64)call6(9, 0, 1l << 32, 3, 0x4022, -1, 0);
  catch_faults();
  if (same(mode, "rtc-random")) {
    state = parse(arguments[2]);
    test_rtc_random(20000);
    leave(0);
  }
  read_tables(arguments[2]);
  if (same(mode, "apic")) {
    test_apic(parse(arguments[3]), parse(arguments[4]), parse(arguments[5]));
  } else if (same(mode, "clock")) {
    hpet_counts = arguments[3][0] == '1', pm_counts = arguments[4][0] == '1';
    pit_counts = arguments[5][0] == '1';
    test_clock();
  } else if (same(mode, "rtc")) {
    cmos_busy = parse(arguments[3]), cmos_tick = parse(arguments[4]);
    cmos_absent = count <= 5;
    for (int i = 5; i + 1 < count; i += 2)
      cmos[parse(arguments[i])] = (u8)parse(arguments[i + 1]);
    ns_per_count = 1;
    wall_clock_start();
    tell("seconds", (wall_clock + 500000000) / 1000000000);
  } else if (same(mode, "reset")) {
    logs_ports = 1;
    machine_reset();
  }
  leave(0);
}
