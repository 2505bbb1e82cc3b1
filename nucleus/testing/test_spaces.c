/*
 * Address spaces that share frames: random operations on tasks, and a model of what is in every
 * page, who shares it, and how many frames there are. What differs is told with its number.
 */
#include "test_tasks.h"

#define TASKS 8
#define REGIONS 3
#define PAGES 6
#define PLACES (REGIONS * PAGES)
#define OPERATIONS 30000
#define FRAMES_MAX 512
#define COPY 32768
#define CODE 0x8000000000ul
#define ENOMEM 12
#define EEXIST 17
#define EFAULT 14

/* A page as the model knows it: its frame, 0 for none, and its access with SHARED. */
struct place {
  u32 frame, access;
};
struct space {
  struct place places[PLACES];
  u32 tables[REGIONS];
  u32 tasks, code;
};
static struct {
  u64 value;
  u32 holders;
} frames[FRAMES_MAX];
static struct space spaces[TASKS];
static struct {
  long number;
  struct space *space;
} tasks[TASKS];

static u64 seed = 1, operation;
static u64 random(u64 below) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return (seed >> 11) % below;
}

static void wrong(const char *what, u64 found, u64 expected) {
  say("operation "), number(operation), say(": "), say(what), say(" "), number(found);
  say(" instead of "), number(expected), say("\n");
  host_power(1);
}
static void same(const char *what, long found, long expected) {
  if (found != expected) wrong(what, (u64)found, (u64)expected);
}

/* Regions have no table in common; the last page of a region ends a table, the next begins one. */
static u64 address_of(u32 place) {
  u64 bases[REGIONS] = {0x10000000ul, 0x7f0000400000ul - 3 * 4096, 0x200000000000ul};
  return bases[place / PAGES] + 4096 * (place % PAGES);
}

static u32 new_frame(u64 value) {
  for (u32 i = 1; i < FRAMES_MAX; i++) {
    if (frames[i].holders) continue;
    frames[i].holders = 1, frames[i].value = value;
    return i;
  }
  wrong("frames of the model", 0, 1);
  return 0;
}

static void make_table(struct space *space, u32 place) {
  u32 tables = place / PAGES == 1 && place % PAGES >= 3 ? 2 : 1;
  space->tables[place / PAGES] |= tables;
}
static u64 tables_of(struct space *space) {
  /* The page of code has three of its own. */
  u64 count = 1 + 3;
  for (u32 i = 0; i < REGIONS; i++) {
    u32 bits = space->tables[i];
    count += bits ? 2 + (bits & 1) + (bits >> 1) : 0;
  }
  return count;
}
static u64 mapped_in(struct space *space) {
  u64 count = 1;
  for (u32 i = 0; i < PLACES; i++) count += space->places[i].frame != 0;
  return count;
}

/* The page may be written in place: the model's copy on write. */
static void own(struct place *place) {
  if (place->access & SHARED || frames[place->frame].holders == 1) return;
  frames[place->frame].holders--;
  place->frame = new_frame(frames[place->frame].value);
}

static struct space *new_space(void) {
  for (u32 i = 0; i < TASKS; i++) {
    if (spaces[i].tasks) continue;
    for (u32 place = 0; place < PLACES; place++) spaces[i].places[place].frame = 0;
    for (u32 region = 0; region < REGIONS; region++) spaces[i].tables[region] = 0;
    return &spaces[i];
  }
  return 0;
}

/* mov [rdi], rsi; mov rax, [rdi]; syscall */
static void load_code(long task, struct space *space) {
  const u8 code[] = {0x48, 0x89, 0x37, 0x48, 0x8b, 0x07, 0x0f, 0x05};
  for (u32 i = 0; i < sizeof code; i++) at(COPY)[i] = code[i];
  same("code", ask(MAP, (u64)task, CODE, 1, READS | EXECUTES, 0), 1);
  same("code written", ask(WRITE, (u64)task, CODE, sizeof code, 0, COPY), sizeof code);
  space->code = new_frame(0);
}

/* Index of a free row of the model, or of a task. */
static u32 some_row(int used) {
  u32 from = (u32)random(TASKS);
  for (u32 i = 0; i < TASKS; i++) {
    u32 row = (from + i) % TASKS;
    if ((tasks[row].space != 0) == used) return row;
  }
  return TASKS;
}

static void create(u32 row) {
  tasks[row].number = ask(CREATE, 0, 0, 0, 0, 0);
  tasks[row].space = new_space();
  tasks[row].space->tasks = 1;
  if (tasks[row].number < 0) wrong("create", (u64)tasks[row].number, 0);
  load_code(tasks[row].number, tasks[row].space);
}

static void fork_or_thread(u32 row, u32 from) {
  struct space *parent = tasks[from].space;
  u64 number = (u64)tasks[from].number;
  if (random(3) == 0) {
    tasks[row].number = ask(THREAD, number, 0, 0, 0, 0);
    tasks[row].space = parent, parent->tasks++;
    return;
  }
  tasks[row].number = ask(FORK, number, 0, 0, 0, 0);
  struct space *child = tasks[row].space = new_space();
  child->tasks = 1, child->code = parent->code;
  frames[child->code].holders++;
  for (u32 i = 0; i < PLACES; i++) {
    child->places[i] = parent->places[i];
    if (child->places[i].frame == 0) continue;
    frames[child->places[i].frame].holders++;
    make_table(child, i);
  }
  for (long next = 0, steps = 0; steps == 0 || next; steps++) {
    *request() = (struct request){.operation = FORK_PAGES, .task = (u32)number,
                                  .other = (u32)tasks[row].number, .address = (u64)next};
    next = (long)host_taskCall(REQUEST);
    if (next < 0 || steps > 100) wrong("fork", (u64)next, 0);
  }
}

static void drop(u32 row) {
  struct space *space = tasks[row].space;
  destroy((u64)tasks[row].number);
  tasks[row].space = 0;
  if (--space->tasks) return;
  frames[space->code].holders--;
  for (u32 i = 0; i < PLACES; i++) frames[space->places[i].frame].holders--;
}

static u32 some_access(void) { return (u32)random(8); }

static void map(u32 row, u32 place) {
  struct space *space = tasks[row].space;
  u32 access = some_access() | (random(3) ? 0 : SHARED), count = 1 + (u32)random(3), done = 0;
  if (place % PAGES + count > PAGES) count = PAGES - place % PAGES;
  for (; done < count; done++) {
    make_table(space, place + done);
    if (space->places[place + done].frame) break;
    space->places[place + done] = (struct place){new_frame(0), access};
  }
  long given = ask(MAP, (u64)tasks[row].number, address_of(place), count, access, 0);
  same("map", given, done ? (long)done : -EEXIST);
}

static void unmap_or_protect(u32 row, u32 place) {
  u32 access = some_access(), unmap = random(2) == 0;
  long there = 0;
  for (u32 i = place; i < place / PAGES * PAGES + PAGES; i++) {
    struct place *one = &tasks[row].space->places[i];
    if (!one->frame) continue;
    there++;
    if (unmap) frames[one->frame].holders--, one->frame = 0;
    else one->access = access | (one->access & SHARED);
  }
  u64 count = PAGES - place % PAGES;
  u32 what = unmap ? UNMAP : PROTECT;
  same("unmap or protect", ask(what, (u64)tasks[row].number, address_of(place), count, access, 0),
       there);
}

/* Written by the host, whatever the access, or by the task. */
static void write(u32 row, u32 place) {
  struct place *one = &tasks[row].space->places[place];
  u64 value = operation, address = address_of(place);
  u32 by_host = random(2) == 0, may = one->frame && one->access & WRITES;
  if (one->frame && (by_host || may)) own(one), frames[one->frame].value = value;
  if (by_host) {
    *(u64 *)at(COPY) = value;
    same("write", ask(WRITE, (u64)tasks[row].number, address, 8, 0, COPY), one->frame ? 8 : 0);
    return;
  }
  for (int i = 0; i < REGISTERS; i++) registers()[i] = 0;
  registers()[RIP] = CODE, registers()[RSI] = value, registers()[RDI] = address;
  ask(SET_REGISTERS, (u64)tasks[row].number, 0, 0, 0, BLOCK);
  long reason = run((u64)tasks[row].number, 1000);
  same("reason", reason, may ? SYSTEM_CALL : FAULT);
  if (may) same("read back", (long)request()->call[0], (long)value);
  else same("fault", (long)request()->fault_address, (long)address);
}

static void share(u32 row, u32 place) {
  u32 from = some_row(1), source_place = (u32)random(PLACES);
  struct place *source = &tasks[from].space->places[source_place];
  struct place *target = &tasks[row].space->places[place];
  u32 access = some_access() | (random(2) ? SHARED : 0);
  long expected = 1;
  if (!source->frame) expected = -EFAULT;
  else {
    make_table(tasks[row].space, place);
    if (target->frame) expected = -EEXIST;
  }
  if (expected == 1) {
    if (access & SHARED) own(source), source->access |= SHARED;
    frames[source->frame].holders++;
    *target = (struct place){source->frame, access};
  }
  *request() = (struct request){.operation = SHARE, .task = (u32)tasks[row].number,
                                .address = address_of(place), .count = 1, .access = access,
                                .value = address_of(source_place),
                                .other = (u32)tasks[from].number};
  same("share", (long)host_taskCall(REQUEST), expected);
}

static void move(u32 row, u32 place) {
  u32 to = (u32)random(PLACES);
  struct place *source = &tasks[row].space->places[place];
  struct place *target = &tasks[row].space->places[to];
  long expected = 1;
  if (source->frame) {
    make_table(tasks[row].space, to);
    if (target->frame) expected = -EEXIST;
    else *target = *source, source->frame = 0;
  }
  *request() = (struct request){.operation = MOVE, .task = (u32)tasks[row].number,
                                .address = address_of(place), .count = 1,
                                .value = address_of(to)};
  same("move", (long)host_taskCall(REQUEST), expected);
}

/* Everything that a task has, and all counts. */
static void compare(u32 row) {
  struct space *space = tasks[row].space;
  for (u32 i = 0; i < PLACES; i++) {
    u32 frame = space->places[i].frame, access = space->places[i].access;
    long read = ask(READ, (u64)tasks[row].number, address_of(i), 8, 0, COPY);
    same("page", read, frame ? 8 : 0);
    if (frame) same("contents", (long)*(u64 *)at(COPY), (long)frames[frame].value);
    read = ask(READ, (u64)tasks[row].number, address_of(i), 8, OWN, COPY);
    same("own page", read, frame && access & 7 ? 8 : 0);
  }
  long all = 0;
  for (u32 i = 1; i < FRAMES_MAX; i++) all += frames[i].holders > 0;
  for (u32 i = 0; i < TASKS; i++) all += spaces[i].tasks ? (long)tables_of(&spaces[i]) : 0;
  same("all frames", all_frames(), all);
  same("frames", ask(FRAMES, (u64)tasks[row].number, 0, 0, 0, 0),
       (long)(tables_of(space) + mapped_in(space)));
}

void test_spaces(void) {
  for (operation = 1; operation <= OPERATIONS; operation++) {
    u32 row = some_row(1), free = some_row(0);
    u32 place = (u32)random(PLACES), choice = (u32)random(40);
    if (row == TASKS || (choice == 0 && free < TASKS)) create(free);
    else if (choice < 4 && free < TASKS) fork_or_thread(free, row);
    else if (choice < 6) drop(row);
    else if (choice < 14) map(row, place);
    else if (choice < 18) unmap_or_protect(row, place);
    else if (choice < 30) write(row, place);
    else if (choice < 36) share(row, place);
    else move(row, place);
    row = some_row(1);
    if (row < TASKS) compare(row);
  }
  tell("spaces_operations", OPERATIONS);
  for (u32 i = 0; i < TASKS; i++)
    if (tasks[i].space) drop(i);
  tell("spaces_frames", (u64)all_frames());
}
