/*
 * Stands for the VM in the boot tests: calls every host function and says on the serial line what
 * it found. The first byte of the boot archive chooses what to do.
 */
#include "test_kernel.h"

extern void test_tasks(u32 archive, u32 archive_bytes), test_spaces(void);

struct entry {
  u32 vector, data;
  u64 time;
};

static int next(struct entry *entry) {
  if (!host_nextInterrupt(ENTRY, 0)) return 0;
  *entry = *(struct entry *)at(ENTRY);
  return 1;
}

/* Takes entries for some milliseconds; returns how many had the vector, and the last one's data. */
static u32 count(u32 vector, u64 milliseconds, u32 *data) {
  u32 found = 0;
  struct entry entry;
  for (u64 end = host_now() + milliseconds * 1000000; host_now() < end;)
    while (next(&entry))
      if (entry.vector == vector) {
        found++;
        if (data) *data = entry.data;
      }
  return found;
}

static void drain(void) {
  struct entry entry;
  while (next(&entry)) continue;
}

static void test_memory(u32 bytes, u32 archive, u32 archive_bytes) {
  tell("memory_mib", bytes >> 20);
  tell("archive_linear_page", archive % 65536);
  tell("archive_bytes", archive_bytes);
  u32 sum = 0;
  for (u32 i = 0; i < archive_bytes; i++) sum += at(archive)[i];
  tell("archive_sum", sum);
  u32 tail = 0;
  for (u64 i = (u64)archive + archive_bytes; i < bytes; i++) tail |= at(i)[0];
  tell("behind_archive", tail);
  u64 dirty = 0;
  for (u64 i = 1 << 20; i < archive; i += 4096) {
    dirty |= *(u64 *)at(i);
    *(u64 *)at(i) = i;
  }
  tell("dirty", dirty);
  u64 wrong = 0;
  for (u64 i = 1 << 20; i < archive; i += 4096) wrong += *(u64 *)at(i) != i;
  tell("wrong", wrong);
  /* Two whole pages in the range, one byte around. */
  host_discard((1 << 20) + 4095, 8194);
  tell("discarded", *(u64 *)at((1 << 20) + 4096) | *(u64 *)at((1 << 20) + 8192));
  u64 before = 1 << 20, behind = (1 << 20) + 12288;
  tell("kept", *(u64 *)at(before) == before && *(u64 *)at(behind) == behind);
  host_discard(0, bytes - 1);
  u64 sum_after = 0, rest = 0;
  for (u32 i = 0; i < archive_bytes; i++) sum_after += at(archive)[i];
  for (u64 i = 1 << 20; i < archive; i += 4096) rest |= *(u64 *)at(i);
  tell("archive_survives", sum_after == sum);
  tell("all_discarded", rest);
}

static void test_time(void) {
  /* Before the ring is empty: a tick may come between the two. */
  u64 start = host_now();
  drain();
  *(volatile u32 *)at(DOORBELL) = 0;
  while (host_now() - start < 20000000) continue;
  tell("doorbell", *(volatile u32 *)at(DOORBELL));
  struct entry entry = {0, 0, 0};
  tell("timer_entry", next(&entry) && entry.vector == TIMER_VECTOR);
  tell("timer_ticks_plausible", entry.data >= 1 && entry.data <= 10000);
  tell("timer_time_plausible", entry.time >= start && entry.time <= host_now());
  u64 early = 0, slow = 0;
  for (int i = 0; i < 5; i++) {
    drain();
    u64 before = host_now(), deadline = before + 7000000;
    host_wait(deadline);
    early += host_now() < deadline && !next(&entry);
    slow += host_now() > deadline + 5000000000;
  }
  tell("early", early);
  tell("slow", slow);
  host_wait(host_now());
  host_wait(0);
  tell("wall_seconds", host_wallClock() / 1000000000);
  tell("entropy_differs", host_entropy() != host_entropy());
  tell("choose", host_choose(1, 5));
}

static void test_grants(void) {
  tell("lsr_before", host_portIn8(0x3fd));
  tell("grant_com1", host_grant(PORTS, 0x3f8, 8));
  tell("grant_twice", host_grant(PORTS, 0x3ff, 1));
  tell("grant_nothing", host_grant(PORTS, 0x2f8, 0));
  tell("grant_beyond", host_grant(PORTS, 0xffff, 2));
  tell("grant_wrapping", host_grant(DEVICE_MEMORY, ~0ul, 2));
  tell("grant_kind", host_grant(4, 0, 1));
  tell("grant_vector", host_grant(3, 0, 1));
  tell("grant_pic", host_grant(PORTS, 0x21, 1));
  tell("grant_exit", host_grant(PORTS, 0x502, 4));
  tell("grant_memory", host_grant(DEVICE_MEMORY, 0x200000, 4096));
  tell("grant_lapic", host_grant(DEVICE_MEMORY, 0xfee00ff0, 16));
  tell("grant_no_line", host_grant(LINE, 150, 1));
  tell("lsr", host_portIn8(0x3fd) & 0x60);
  tell("in16_partly", host_portIn16(0x3ff));
  tell("hpet_before", host_mmioRead(0xfed00000, 4) == ~0ul);
  tell("grant_hpet", host_grant(DEVICE_MEMORY, 0xfed00000, 1024));
  tell("hpet_vendor", host_mmioRead(0xfed00000, 4) >> 16);
  tell("hpet_period", host_mmioRead(0xfed00000, 8) >> 32);
  tell("hpet_size_3", host_mmioRead(0xfed00000, 3) == ~0ul);
  tell("hpet_beyond", host_mmioRead(0xfed003fc, 8) == ~0ul);
  host_mmioWrite(0xfed00010, 8, 1);
  /*
   * The HPET counts 100 MHz: the calibrated clock must agree within a percent. On a busy host the
   * emulator may stand still between two readings, so one good measurement of ten is enough.
   */
  u64 agrees = 0;
  for (int attempt = 0; attempt < 10 && !agrees; attempt++) {
    u64 first = host_mmioRead(0xfed000f0, 8), start = host_now();
    while (host_now() - start < 5000000) continue;
    u64 passed = host_now() - start, ticks = host_mmioRead(0xfed000f0, 8) - first;
    u64 error = ticks * 10 > passed ? ticks * 10 - passed : passed - ticks * 10;
    agrees = error * 100 < passed;
  }
  tell("clock_agrees", agrees);
  host_revoke(DEVICE_MEMORY, 0xfed00000, 1024);
  tell("hpet_after", host_mmioRead(0xfed00000, 4) == ~0ul);
  u32 granted = 0;
  while (host_grant(PORTS, 0x1000 + granted, 1) == 0) granted++;
  tell("table_full", host_grant(PORTS, 0x5000, 1));
  tell("many", granted > 200);
  for (u32 i = 0; i < granted; i++) host_revoke(PORTS, 0x1000 + i, 1);
  tell("again", host_grant(PORTS, 0x5000, 1));
  host_revoke(PORTS, 0x5000, 1);
}

static void test_edge(void) {
  u32 vector = GSI_VECTOR + 4;
  tell("grant_line", host_grant(LINE, 4, 1));
  drain();
  host_portOut8(0x3f9, 2);
  tell("edge", count(vector, 20, 0));
  /* What the line above sent made interrupts, too. */
  count(vector, 20, 0);
  for (int i = 0; i < 1500; i++) {
    host_portOut8(0x3f9, 0);
    host_portOut8(0x3f9, 2);
  }
  u32 entries = 0, dropped = 0;
  struct entry entry;
  while (next(&entry)) {
    if (entry.vector == vector) entries++;
    if (entry.vector == 0xffffffff) dropped += entry.data;
  }
  tell("ring_filled", entries >= 1020 && entries <= 1024);
  tell("none_lost_silently", entries + dropped);
  host_portOut8(0x3f9, 0);
  drain();
  host_revoke(LINE, 4, 1);
  host_portOut8(0x3f9, 2);
  tell("revoked_line", count(vector, 5, 0));
  host_portOut8(0x3f9, 0);
}

/* A million interrupts: none is lost silently, and the ring is what it was. */
static void test_storm(void) {
  u32 vector = GSI_VECTOR + 4, entries = 0, dropped = 0;
  struct entry entry;
  host_grant(PORTS, 0x3f8, 8);
  host_grant(LINE, 4, 1);
  drain();
  for (u32 i = 0; i < 1000000; i++) {
    host_portOut8(0x3f9, 0);
    host_portOut8(0x3f9, 2);
    /* Drained now and then, so that the ring is full most of the time. */
    if (i % 5000 < 10)
      while (next(&entry)) {
        entries += entry.vector == vector;
        dropped += entry.vector == 0xffffffff ? entry.data : 0;
      }
  }
  while (next(&entry)) {
    entries += entry.vector == vector;
    dropped += entry.vector == 0xffffffff ? entry.data : 0;
  }
  host_portOut8(0x3f9, 0);
  tell("storm", entries + dropped);
  tell("storm_entries_some", entries > 100000);
}

static u32 configuration(u32 device, u32 offset) {
  host_portOut32(0xcf8, 0x80000000u | device << 11 | offset);
  return host_portIn32(0xcfc);
}

/* QEMU's device `edu` raises its level-triggered line by a write to 0x60 and drops it at 0x64. */
static void test_level(void) {
  host_grant(PORTS, 0xcf8, 8);
  u32 device = 0;
  while (device < 32 && configuration(device, 0) != 0x11e81234) device++;
  if (device == 32) {
    say("no edu device\n");
    return;
  }
  u64 registers = configuration(device, 0x10) & ~15u;
  u32 line = configuration(device, 0x3c) & 255, vector = GSI_VECTOR + line;
  host_portOut32(0xcf8, 0x80000000u | device << 11 | 4);
  host_portOut16(0xcfc, 7);
  tell("grant_edu", host_grant(DEVICE_MEMORY, registers, 4096));
  tell("edu_id", host_mmioRead(registers, 4) & 0xffff);
  tell("grant_edu_line", host_grant(LINE, line, 1));
  drain();
  host_mmioWrite(registers + 0x60, 4, 1);
  tell("level_once", count(vector, 10, 0));
  host_interruptUnmask(vector);
  tell("level_still_high", count(vector, 10, 0));
  host_mmioWrite(registers + 0x64, 4, 1);
  host_interruptUnmask(vector);
  tell("level_acknowledged", count(vector, 10, 0));
  host_mmioWrite(registers + 0x60, 4, 1);
  tell("level_again", count(vector, 10, 0));
  host_mmioWrite(registers + 0x64, 4, 1);
}

/*
 * Time-stamp counts of the stub of a vector, the most of so many times. With a clock that counts
 * instructions a count is one. The second reading without the interrupt is taken off.
 */
static u64 counter(void) {
  u32 low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
  return (u64)high << 32 | low;
}
#define STUB_TIMES 200
#define STUB_TIME(vector)                                       \
  ({                                                            \
    u64 most = 0;                                               \
    for (int i = 0; i < STUB_TIMES; i++) {                      \
      u64 first = counter();                                    \
      __asm__ volatile("nop" ::: "memory");                     \
      u64 second = counter();                                   \
      __asm__ volatile("int %0" ::"i"(vector) : "memory");      \
      u64 took = counter() - second - (second - first);         \
      most = took > most ? took : most;                         \
    }                                                           \
    most;                                                       \
  })

static void test_stub_times(void) {
  struct entry entry;
  u64 counts = counter(), start = host_now();
  while (host_now() - start < 10000000) continue;
  tell("counter_mhz", (counter() - counts) / 10000);
  tell("stub_spurious", STUB_TIME(TIMER_VECTOR + 1));
  tell("stub_timer_waiting", STUB_TIME(TIMER_VECTOR));
  u64 most = 0;
  for (int i = 0; i < STUB_TIMES; i++) {
    drain();
    u64 first = counter();
    __asm__ volatile("nop" ::: "memory");
    u64 second = counter();
    __asm__ volatile("int %0" ::"i"(TIMER_VECTOR) : "memory");
    u64 took = counter() - second - (second - first);
    most = took > most ? took : most;
  }
  tell("stub_timer", most);
  host_grant(LINE, 4, 1);
  drain();
  tell("stub_edge", STUB_TIME(GSI_VECTOR + 4));
  /* Lines 10 and 11 are those of PCI devices on this machine, level-triggered. */
  host_grant(LINE, 10, 1);
  drain();
  tell("stub_level", STUB_TIME(GSI_VECTOR + 10));
  drain();
  for (int i = 0; i < 1100; i++) __asm__ volatile("int %0" ::"i"(GSI_VECTOR + 4) : "memory");
  tell("stub_full", STUB_TIME(GSI_VECTOR + 10));
  u32 dropped = 0;
  while (next(&entry)) dropped += entry.vector == 0xffffffff ? entry.data : 0;
  tell("stub_dropped", dropped);
}

__attribute__((noinline)) static void write_to(u64 address) { *(volatile int *)address = 1; }
__attribute__((noinline)) static void go_wrong(u64 address) {
  write_to(address);
  say("not reached\n");
}
__attribute__((noinline)) static int run_over(volatile u8 *previous, int depth) {
  volatile u8 local[1000];
  local[0] = (u8)depth;
  return run_over(local, depth + 1) + local[0] + previous[0];
}

static int initialised;
/* Interrupts may come by now, and ring the doorbell. */
void vm_init_memory(void) { initialised = *(u32 *)at(SCRATCH) == 0 ? 42 : 1; }

void vm_main(u32 memory_bytes, u32 archive, u32 archive_bytes) {
  *(u64 *)at(72) = 0x1234;
  tell("initialised", (u64)initialised);
  switch (at(archive)[0]) {
    case 'a':
      test_memory(memory_bytes, archive, archive_bytes);
      test_time();
      test_grants();
      test_edge();
      test_level();
      host_debugWrite(memory_bytes - 4, 8);
      say("all done\n");
      host_power(0);
      break;
    case 'f':
      go_wrong(LINEAR + 0xffffff000ul);
      break;
    case 'n':
      go_wrong(0);
      break;
    case 's':
      run_over(at(archive), 0);
      break;
    case 't':
      vm_trap(1);
      break;
    case 'T':
      test_tasks(archive, archive_bytes);
      host_power(0);
      break;
    case 'A':
      test_spaces();
      host_power(0);
      break;
    case 'i':
      test_storm();
      host_power(0);
      break;
    case 'm':
      test_stub_times();
      host_power(0);
      break;
    case 'w':
      for (;;) host_wait(~0ul);
      break;
    case 'l':
      for (;;) *(volatile u32 *)at(SCRATCH) += 1;
      break;
    case 'p':
      host_power(42);
      break;
  }
}
