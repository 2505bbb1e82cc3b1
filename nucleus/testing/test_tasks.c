/*
 * Native tasks: runs the programs in the boot archive (nucleus/testing/task_programs.ts), each
 * behind its size as a u32, and says how they end; then what the address spaces do with memory.
 */
#include "test_tasks.h"

#define COPY 32768
#define CODE 0x400000ul
#define DATA 0x600000ul
#define DATA_PAGES 4
#define CYCLES 10000

static void hexadecimal(u64 value) {
  char digits[20];
  int first = 18;
  digits[18] = 0;
  do digits[--first] = "0123456789abcdef"[value & 15];
  while (value >>= 4);
  say("0x"), say(digits + first);
}

static u64 new_task(u32 code, u32 bytes) {
  long task = ask(CREATE, 0, 0, 0, 0, 0);
  if (task < 0) return ~0ul;
  ask(MAP, (u64)task, CODE, 1, READS | EXECUTES, 0);
  ask(MAP, (u64)task, DATA, DATA_PAGES, READS | WRITES, 0);
  ask(WRITE, (u64)task, CODE, bytes, 0, code);
  for (int i = 0; i < REGISTERS; i++) registers()[i] = 0;
  registers()[RIP] = CODE;
  registers()[RSP] = DATA + DATA_PAGES * 4096;
  registers()[FS_BASE] = DATA;
  ask(SET_REGISTERS, (u64)task, 0, 0, 0, BLOCK);
  return (u64)task;
}

static void tell_end(u64 task, long reason) {
  if (reason == SYSTEM_CALL) {
    ask(GET_REGISTERS, task, 0, 0, 0, BLOCK);
    say("system call "), number(registers()[RAX]);
  } else if (reason == FAULT) {
    say("fault "), number(request()->vector), say(" "), number(request()->error_code);
    if (request()->vector == 14) say(" "), hexadecimal(request()->fault_address);
  } else
    say(reason == INTERRUPTED ? "interrupted" : "refused");
  say("\n");
}

static void run_programs(u32 archive, u32 bytes) {
  for (u32 place = archive + 16; place + 4 < archive + bytes;) {
    u32 size = *(u32 *)at(place);
    u64 task = new_task(place + 4, size);
    say("program ");
    tell_end(task, run(task, 1000));
    destroy(task);
    place += 4 + (size + 3) / 4 * 4;
  }
}

/* What must be refused, and what the counts say. */
static void test_requests(u32 archive) {
  u64 task = new_task(archive, 16);
  tell("frames_of_one", (u64)ask(FRAMES, task, 0, 0, 0, 0));
  tell("map_twice", (u64)-ask(MAP, task, DATA, 1, READS, 0));
  tell("map_partly", (u64)ask(MAP, task, DATA - 4096, 2, READS, 0));
  tell("map_page_0", (u64)-ask(MAP, task, 0, 1, READS, 0));
  tell("map_last_page", (u64)-ask(MAP, task, 0x7ffffffff000ul, 1, READS, 0));
  tell("map_over_the_end", (u64)-ask(MAP, task, 0x7fffffffe000ul, 2, READS, 0));
  tell("map_kernel", (u64)-ask(MAP, task, 0xffffffff80001000ul, 1, READS, 0));
  tell("map_unaligned", (u64)-ask(MAP, task, DATA + 1, 1, READS, 0));
  tell("map_many", (u64)-ask(MAP, task, DATA, 65, READS, 0));
  tell("map_wrapping", (u64)-ask(MAP, task, ~0ul << 12, 2, READS, 0));
  tell("no_task", (u64)-ask(RUN, 77, 0, 0, 0, 0));
  tell("task_number", (u64)-ask(RUN, 4096, 0, 0, 0, 0));
  tell("no_operation", (u64)-ask(99, task, 0, 0, 0, 0));
  tell("outside_linear", (u64)-(long)host_taskCall(0xfffffff8u));
  tell("copy_outside", (u64)-ask(READ, task, DATA, 8, 0, 0xfffffff8u));
  for (u32 i = 0; i < 9000; i++) at(COPY)[i] = (u8)(i * 7);
  tell("written", (u64)ask(WRITE, task, DATA + 4000, 9000, 0, COPY));
  for (u32 i = 0; i < 9000; i++) at(COPY)[i] = 0;
  tell("read", (u64)ask(READ, task, DATA + 4000, 9000, 0, COPY));
  u32 wrong = 0;
  for (u32 i = 0; i < 9000; i++) wrong += at(COPY)[i] != (u8)(i * 7);
  tell("wrong_bytes", wrong);
  tell("read_up_to_hole", (u64)ask(READ, task, DATA + 4 * 4096 - 10, 100, 0, COPY));
  tell("own_read", (u64)ask(READ, task, CODE, 8, OWN, COPY));
  tell("own_write_denied", (u64)ask(WRITE, task, CODE, 8, OWN, COPY));
  for (u32 i = 0; i < 5000; i++) at(COPY)[i] = i < 4999 ? 'a' : 0;
  ask(WRITE, task, DATA + 3, 5000, OWN, COPY);
  at(COPY)[4999] = 7;
  tell("text", (u64)ask(STRING, task, DATA + 3, 8192, 0, COPY));
  tell("text_copied", at(COPY)[0] == 'a' && at(COPY)[4998] == 'a' && at(COPY)[4999] == 0);
  tell("text_too_long", (u64)-ask(STRING, task, DATA + 3, 4999, 0, COPY));
  tell("text_just_fits", (u64)ask(STRING, task, DATA + 3, 5000, 0, COPY));
  for (u32 i = 0; i < 16; i++) at(COPY)[i] = 'b';
  ask(WRITE, task, DATA + 4 * 4096 - 16, 16, OWN, COPY);
  tell("text_to_hole", (u64)-ask(STRING, task, DATA + 4 * 4096 - 16, 100, 0, COPY));
  ask(MAP, task, 0x7fffffffe000ul, 1, READS | WRITES, 0);
  ask(WRITE, task, 0x7fffffffeff0ul, 16, 0, COPY);
  tell("text_to_end", (u64)-ask(STRING, task, 0x7fffffffeff0ul, 4096, 0, COPY));
  tell("text_at_end", (u64)ask(STRING, task, 0x7fffffffe000ul, 8192, 0, COPY));
  tell("unmapped", (u64)ask(UNMAP, task, DATA - 4096, 8, 0, 0));
  tell("frames_after", (u64)ask(FRAMES, task, 0, 0, 0, 0));
  registers()[RIP] = 1ul << 47;
  tell("rip_outside", (u64)-ask(SET_REGISTERS, task, 0, 0, 0, BLOCK));
  registers()[RIP] = CODE, registers()[GS_BASE] = ~0ul;
  tell("base_outside", (u64)-ask(SET_REGISTERS, task, 0, 0, 0, BLOCK));
  registers()[GS_BASE] = 0, registers()[RFLAGS] = ~0ul;
  ask(SET_REGISTERS, task, 0, 0, 0, BLOCK);
  ask(GET_REGISTERS, task, 0, 0, 0, BLOCK);
  tell("flags", registers()[RFLAGS]);
  destroy(task);
  tell("gone", (u64)-ask(RUN, task, 0, 0, 0, 0));
  tell("frames_of_all", (u64)all_frames());
}

static void test_cycles(u32 archive) {
  u32 size = *(u32 *)at(archive + 16);
  u64 wrong = 0;
  for (int cycle = 0; cycle < CYCLES; cycle++) {
    u64 task = new_task(archive + 20, size);
    if (cycle % 16 == 0) wrong += run(task, 1000) != SYSTEM_CALL;
    destroy(task);
  }
  tell("cycles_wrong", wrong);
  tell("cycles_frames", (u64)all_frames());
  /* As many tasks as there may be, then memory until there is none. */
  u64 tasks = 0;
  while (ask(CREATE, 0, 0, 0, 0, 0) >= 0) tasks++;
  tell("tasks_some", tasks > 100);
  for (u64 i = 0; i < TASKS_MAX; i++) destroy(i);
  u64 task = new_task(archive + 20, size), pages = 0;
  long given = 0;
  do {
    pages += (u64)given;
    given = ask(MAP, task, 0x10000000ul + (pages << 12), 64, READS, 0);
  } while (given > 0);
  tell("out_of_memory", (u64)-given);
  tell("pages_some", pages > 100);
  tell("still_runs", run(task, 1000) == SYSTEM_CALL);
  destroy(task);
  tell("memory_frames", (u64)all_frames());
}


void test_tasks(u32 archive, u32 bytes) {
  run_programs(archive, bytes);
  test_requests(archive);
  test_cycles(archive);
  say("all done\n");
}
