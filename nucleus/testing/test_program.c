/*
 * Stands for the VM in the tests of the Linux host layer: an echo on COM1 by interrupts, and ways
 * to fail. The first byte of the boot archive chooses what to do.
 */
#define LINEAR 0x100080000000ul
#include "test_kernel.h"

#define COM1 0x3f8

static void test_functions(u32 bytes, u32 archive, u32 archive_bytes) {
  u32 sum = 0;
  for (u32 i = 0; i < archive_bytes; i++) sum += at(archive)[i];
  tell("archive_sum", sum);
  tell("memory", bytes);
  u64 before = host_now();
  host_wait(before + 5000000);
  u64 passed = host_now() - before;
  tell("waited", passed >= 5000000 && passed < 2000000000);
  tell("wall_seconds", host_wallClock() / 1000000000);
  tell("entropy_differs", host_entropy() != host_entropy());
  at(1 << 20)[4095] = at(1 << 20)[4096] = at(1 << 20)[8191] = at(1 << 20)[8192] = 7;
  host_discard((1 << 20) + 1, 8191);
  tell("kept", at(1 << 20)[4095] + at(1 << 20)[8192]);
  tell("discarded", at(1 << 20)[4096] + at(1 << 20)[8191]);
  host_discard(0, bytes - 1);
  u32 after = 0;
  for (u32 i = 0; i < archive_bytes; i++) after += at(archive)[i];
  tell("archive_survives", after == sum);
  tell("in_before", host_portIn8(COM1 + 5));
  tell("grant_ports", host_grant(0, COM1, 8));
  tell("grant_twice", host_grant(0, COM1, 8));
  tell("grant_line", host_grant(2, 4, 1));
  tell("grant_other", host_grant(0, 0x60, 1));
  tell("grant_memory", host_grant(1, 0xfed00000, 1024));
  tell("in16", host_portIn16(COM1));
  tell("mmio", host_mmioRead(0xfed00000, 8) == ~0ul);
  host_portOut8(COM1 + 7, 0x5a);
  tell("scratch", host_portIn8(COM1 + 7));
  host_portOut8(COM1 + 3, 0x83);
  host_portOut8(COM1, 12);
  tell("divisor", host_portIn8(COM1));
  host_portOut8(COM1 + 3, 3);
  host_revoke(0, COM1, 8);
  tell("revoked", host_portIn8(COM1 + 7));
  tell("grant_again", host_grant(0, COM1, 8));
  tell("none", host_nextInterrupt(ENTRY, 0));
  host_portOut8(COM1 + 1, 2);
  tell("sender_empty", host_nextInterrupt(ENTRY, 0));
  tell("vector", *(u32 *)at(ENTRY));
  tell("identification", host_portIn8(COM1 + 2) & 15);
  tell("identified", host_portIn8(COM1 + 2) & 15);
  host_portOut8(COM1, '>');
  tell("after_byte", host_nextInterrupt(ENTRY, 0));
  /* As on the chip: as long as a reason is left, the line stays high and makes no new edge. */
  tell("reason", host_portIn8(COM1 + 2) & 15);
  host_portOut8(COM1 + 1, 1);
}

/* Echoes until a `.`: the reason of each interrupt is asked for until there is none. */
static u32 echo(void) {
  for (u32 interrupts = 0;;) {
    host_wait(host_now() + 10000000000ul);
    if (!host_nextInterrupt(ENTRY, 0)) return 1000;
    interrupts++;
    while (!(host_portIn8(COM1 + 2) & 1))
      while (host_portIn8(COM1 + 5) & 1) {
        u32 byte = host_portIn8(COM1);
        host_portOut8(COM1, byte);
        if (byte == '.') return interrupts;
      }
  }
}

__attribute__((noinline)) static void write_to(u64 address) { *(volatile int *)address = 1; }
__attribute__((noinline)) static void go_wrong(u64 address) {
  write_to(address);
  say("not reached\n");
}

static int initialised;
void vm_init_memory(void) { initialised = at(0)[0] == 0; }

void vm_main(u32 memory_bytes, u32 archive, u32 archive_bytes) {
  switch (initialised ? at(archive)[0] : 0) {
    case 'a':
      test_functions(memory_bytes, archive, archive_bytes);
      tell("interrupts_plausible", echo() < 100);
      host_power(7);
      break;
    case 'f':
      go_wrong(LINEAR + 0x1fffffff0ul);
      break;
    case 't':
      vm_trap(7);
      break;
    case 'w':
      host_power(256);
      break;
    case '0':
      host_power(0);
      break;
  }
}
