/* Requests of tables/tasks.ts, for the kernels of the boot tests. */
#include "test_kernel.h"

enum { CREATE, DESTROY, MAP, UNMAP, PROTECT, READ, WRITE, STRING, GET_REGISTERS, SET_REGISTERS };
enum { RUN = 10, FRAMES, THREAD, FORK, FORK_PAGES, SHARE, MOVE, LIMIT, GET_FPU, SET_FPU };
enum { READS = 1, WRITES = 2, EXECUTES = 4, OWN = 8, SHARED = 16 };
enum { SYSTEM_CALL, FAULT, INTERRUPTED };
enum { RAX, RSI = 4, RDI = 5, RSP = 7, RIP = 16, RFLAGS, FS_BASE, GS_BASE, REGISTERS };

#define TASKS_MAX 4096
#define REQUEST 30000
#define BLOCK 30200

struct request {
  u32 operation, task;
  u64 address;
  u32 count, access, linear, vector;
  u64 error_code, fault_address, value;
  u32 other, pad;
  u64 call[7];
};

static struct request *request(void) { return (struct request *)at(REQUEST); }
static u64 *registers(void) { return (u64 *)at(BLOCK); }

static long ask(u32 operation, u64 task, u64 address, u64 count, u32 access, u32 linear) {
  *request() = (struct request){.operation = operation, .task = (u32)task, .address = address,
                                .count = (u32)count, .access = access, .linear = linear};
  return (long)host_taskCall(REQUEST);
}
static long all_frames(void) { return ask(FRAMES, ~0ul, 0, 0, 0, 0); }
static void destroy(u64 task) {
  while (ask(DESTROY, task, 0, 0, 0, 0) == 1) continue;
}

/* Until it does something, or has been interrupted often enough. */
static long run(u64 task, int interruptions) {
  long reason;
  do {
    while (host_nextInterrupt(ENTRY, 0)) continue;
    reason = ask(RUN, task, 0, 0, 0, 0);
  } while (reason == INTERRUPTED && --interruptions > 0);
  return reason;
}
