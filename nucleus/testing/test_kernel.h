/*
 * What the kernels of the boot tests share: the host functions, and how to say on the serial line
 * what was found.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

/* Linear memory: the Linux host layer has it elsewhere. */
#ifndef LINEAR
#define LINEAR 0xffffa00080000000ul
#endif
#define DOORBELL 64
#define ENTRY 96
#define SCRATCH 20000
#define TIMER_VECTOR 32
#define GSI_VECTOR 48

extern void host_debugWrite(u32, u32);
extern u32 host_portIn8(u32), host_portIn16(u32), host_portIn32(u32);
extern void host_portOut8(u32, u32), host_portOut16(u32, u32), host_portOut32(u32, u32);
extern u64 host_mmioRead(u64, u32);
extern void host_mmioWrite(u64, u32, u64);
extern u32 host_grant(u32, u64, u64);
extern void host_revoke(u32, u64, u64);
extern void host_interruptUnmask(u32);
extern u32 host_nextInterrupt(u32, u64);
extern void host_wait(u64);
extern u64 host_now(void), host_wallClock(void), host_entropy(void);
extern void host_discard(u32, u32);
extern u32 host_choose(u32, u32);
extern u64 host_taskCall(u32);
extern void host_power(u32);
extern void vm_trap(u32);

enum { PORTS, DEVICE_MEMORY, LINE };

__attribute__((unused)) static u8 *at(u64 offset) { return (u8 *)(LINEAR + offset); }

__attribute__((unused)) static void say(const char *text) {
  u32 length = 0;
  for (; text[length]; length++) at(SCRATCH)[length] = (u8)text[length];
  host_debugWrite(SCRATCH, length);
}

__attribute__((unused)) static void number(u64 value) {
  char digits[24];
  int first = 23;
  digits[first] = 0;
  do digits[--first] = (char)('0' + value % 10);
  while (value /= 10);
  say(digits + first);
}

__attribute__((unused)) static void tell(const char *name, u64 value) {
  say(name);
  say("=");
  number(value);
  say("\n");
}
