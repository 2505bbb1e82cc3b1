/*
 * Runs parts of the nucleus as a Linux program: the frame allocator against a model, and the ACPI
 * parser on corrupt tables. Physical memory is a reserved range of 4 GiB, at direct_base; nothing
 * is mapped around it.
 *
 *   PARTS frames SEED | PARTS ranges SEED | PARTS objects SEED | PARTS speed
 *   PARTS descriptors BYTES
 *   PARTS free-twice | PARTS free-wrong | PARTS object-twice
 *   PARTS acpi IMAGE | PARTS corrupt IMAGE SEED
 */
#include "linux_program.h"

/* The nucleus's variables and procedures. */
extern u64 direct_base, memory_map_bytes, memory_descriptor_bytes, memory_frames;
extern u64 frames_free, frames_total, frames_reserved, frame_bitmap, frame_words, frame_cursor;
extern u64 early_first, early_next, early_limit;
extern u8 memory_map[65536];
extern u64 frame_counts[7], object_count;
extern void memory_map_check(void), frames_start(void), frame_free(u64, u32);
extern void frames_free_range(u64, u64, u32);
extern u64 frame_allocate(u32), frame_take(void), early_frames(u64);
extern u64 frames_allocate(u64 count, u32 kind, u64 limit, u64 alignment);
extern u8 *object_allocate(u32);
extern void object_free(u8 *);
extern u64 acpi_rsdp, acpi_root;
extern u32 pm_timer_port, pm1a_control_port, pm1b_control_port, s5_type;
extern u32 io_apic_count, gsi_entries[207], processor_count;
extern u64 pci_express_base, pci_express_buses;
extern void acpi_start(void), acpi_power(void), acpi_interrupts(void);
extern void acpi_pci_express(void), acpi_no_x2apic(void), reference_start(u32);


/* What the included files also need, and these tests do not. */
u64 host_now(void) { return 0; }
u64 clock_from_counter(void) { return 0; }
u32 grant_holds(void) { return 0; }
void task_interrupted(void) {}

/* ---- Frames ---- */

enum { FRAMES = 16384, DESCRIPTORS = 40 };
/* Of tables/frame_kinds.ts. */
enum { FREE, FIRMWARE, PAGE_TABLE, LINEAR, DMA, TASK, OBJECT };
struct descriptor {
  u32 type, pad;
  u64 start, virtual_start, pages, attribute, more;
};
static u8 model[FRAMES]; /* 1: free */
static u64 held[FRAMES];

static int is_free(u32 type) { return type == 3 || type == 4 || type == 7; }

/* A stretch of frames at 10 GiB, for memory that is further up. */
enum { HIGH_FIRST = 0x280000, HIGH = 1024 };
static u8 high_model[HIGH];
static u64 descriptor_bytes;
static struct descriptor *descriptor(u32 i) {
  return (struct descriptor *)(memory_map + i * descriptor_bytes);
}
static u8 *model_of(u64 frame) {
  if (frame < FRAMES) return model + frame;
  check(frame >= HIGH_FIRST && frame < HIGH_FIRST + HIGH, "a frame outside memory");
  return high_model + (frame - HIGH_FIRST);
}

/* What descriptor i says about a frame: 1 free, 2 in use, 0 nothing. */
static int says(const struct descriptor *d, u64 frame) {
  u64 first = d->start >> 12, partly = (d->start & 4095) != 0;
  if (!is_free(d->type)) {
    u64 pages = d->pages + partly < d->pages ? ~0ul : d->pages + partly;
    return frame >= first && frame - first < pages ? 2 : 0;
  }
  if (partly || first > 1ul << 33 || d->pages > (1ul << 33) - first) return 0;
  return frame >= first && frame - first < d->pages;
}

/*
 * Overlapping and touching ranges, holes, unknown types, devices far above memory; ranges that are
 * empty, begin within a page, wrap around, or are larger than any machine; descriptors of all
 * sizes.
 */
static u32 random_map(void) {
  u32 count = 2 + (u32)random(DESCRIPTORS);
  descriptor_bytes = random(3) ? 48 : 40 + random(40);
  for (u32 i = 0; i < count; i++) {
    u64 first = random(FRAMES - 1), pages = 1 + random(random(4) ? 200 : 4000);
    if (first + pages > FRAMES) pages = FRAMES - first;
    struct descriptor d = {(u32)random(18), 0, first << 12, 0, pages, 15, 0};
    if (!random(8)) d.type = 0x80000000u + (u32)random(100);
    u64 high = 0xe0000000ul + (random(1000) << 32);
    if (!random(8)) d = (struct descriptor){11, 0, high, 0, 65536, 0, 0};
    if (!random(16)) d.pages = 0;
    if (!random(16)) d.start += random(4096);
    if (!random(24)) d.pages = ~0ul - random(1ul << 20);
    if (!random(24)) d.start = (1ul << 45) - (random(3) << 12), d.pages = random(9);
    if (!random(24)) d.start = ~0ul - random(1 << 20);
    if (!random(16)) d.start = (HIGH_FIRST + random(900)) << 12, d.pages = random(124);
    if (i == 0) d = (struct descriptor){7, 0, (256 + random(8000)) << 12, 0, 4200, 15, 0};
    __builtin_memcpy(descriptor(i), &d, 40);
  }
  memory_map_bytes = count * descriptor_bytes + random(descriptor_bytes);
  memory_descriptor_bytes = descriptor_bytes;
  return count;
}

static u64 build_model(u32 count) {
  u64 total = 0;
  for (u64 at = 0; at < FRAMES + HIGH; at++) {
    u64 frame = at < FRAMES ? at : HIGH_FIRST + at - FRAMES;
    int said = 0;
    for (u32 i = 0; i < count; i++) said |= says(descriptor(i), frame);
    total += *model_of(frame) = frame >= 256 && said == 1;
  }
  return total;
}

static void test_frames(u64 rounds) {
  u64 count = 0, total;
  do {
    total = build_model(random_map());
    early_limit = frame_bitmap = frame_cursor = memory_frames = frames_reserved = 0;
    for (u64 kind = 0; kind < 7; kind++) frame_counts[kind] = 0;
    quiet = 1;
    memory_map_check();
    quiet = 0;
    /* Where what is in use leaves no room for the tables, the boot ends with a line. */
  } while (early_limit < early_first + (4000ul << 12));
  for (u64 frame = early_first >> 12; frame < early_limit >> 12; frame++)
    check(*model_of(frame), "early frames are free");
  u64 early = early_frames(1 + random(20));
  *(u64 *)(direct_base + early) = 1;
  frames_start();
  for (u64 frame = early_first >> 12; frame < early_next >> 12; frame++)
    total -= *model_of(frame), *model_of(frame) = 0;
  check(frames_free == total && frames_total == total, "number of free frames");
  for (u64 frame; (frame = frame_allocate(TASK)); held[count++] = frame) {
    check(frame % 4096 == 0, "a frame that is aligned");
    check(*model_of(frame >> 12), "a frame that is not free");
    *model_of(frame >> 12) = 0;
  }
  check(count == total, "every free frame is found");
  for (; rounds > 0; rounds--) {
    if (count > 0 && random(2)) {
      u64 which = random(count), frame = held[which];
      held[which] = held[--count];
      frame_free(frame, TASK);
      *model_of(frame >> 12) = 1;
    } else if (count < total) {
      u64 frame = frame_allocate(TASK);
      check(frame && *model_of(frame >> 12), "allocation after free");
      *model_of(frame >> 12) = 0;
      held[count++] = frame;
    }
    check(frames_free == total - count, "count of free frames");
    check(frame_counts[TASK] == count, "count by kind");
  }
  while (count > 0) frame_free(held[--count], TASK);
  check(frames_free == total, "all frames are back");
  /* Promised frames are for frame_take only. */
  frames_reserved = total - total / 4;
  u64 taken = 0, given = 0;
  while (frame_allocate(TASK)) given++;
  while (frame_take()) taken++;
  check(given == total / 4 && taken == total - total / 4, "promised frames");
  check(frames_free == 0 && frames_reserved == 0, "nothing is left");
}

/* Memory of `frames` free frames in one piece from 1 MiB on, but for a hole, where there is one. */
static void plain_map(u64 frames, u64 hole) {
  struct descriptor *map = (struct descriptor *)memory_map;
  map[0] = (struct descriptor){7, 0, 256 << 12, 0, frames, 15, 0};
  map[1] = (struct descriptor){0, 0, hole << 12, 0, 1, 15, 0};
  memory_map_bytes = (hole ? 2 : 1) * sizeof *map;
  memory_descriptor_bytes = sizeof *map;
  early_limit = frame_bitmap = frame_cursor = memory_frames = frames_reserved = 0;
  for (u64 kind = 0; kind < 7; kind++) frame_counts[kind] = 0;
  frames_start();
}

/* What the model says: the first aligned range of free frames below the limit, or 0. */
static u64 first_fit(u64 count, u64 limit, u64 alignment) {
  for (u64 first = 0; first + count <= limit && first + count <= FRAMES; first += alignment) {
    u64 run = 0;
    while (run < count && model[first + run]) run++;
    if (run == count) return first;
  }
  return 0;
}

enum { RANGES = 512 };
static struct { u64 frame, count; u32 kind; } ranges[RANGES];

/*
 * A million random operations: ranges of 1 to 600 frames and single frames, of all kinds, against a
 * model; at the end everything is free again, in one piece.
 */
static void test_ranges(u64 rounds) {
  plain_map(FRAMES - 256, 0);
  u64 total = frames_free, count = 0, first = early_next >> 12;
  for (u64 frame = 0; frame < FRAMES; frame++) model[frame] = frame >= first;
  for (; rounds > 0; rounds--) {
    if (count == RANGES || (count > 0 && random(100) < 45)) {
      u64 which = random(count), frame = ranges[which].frame, frames = ranges[which].count;
      frames_free_range(frame << 12, frames, ranges[which].kind);
      for (u64 i = 0; i < frames; i++) model[frame + i] = 1;
      ranges[which] = ranges[--count];
      continue;
    }
    u32 kind = PAGE_TABLE + (u32)random(5);
    u64 frames = random(3) ? 1 + random(8) : 1 + random(600), frame;
    if (frames == 1) {
      frame = frame_allocate(kind) >> 12;
      check(frame ? model[frame] : frames_free == 0, "a single frame");
    } else {
      u64 alignment = 1ul << random(10), limit = 1 + random(FRAMES);
      frame = frames_allocate(frames, kind, limit << 12, alignment << 12) >> 12;
      u64 expected = frames <= frames_free ? first_fit(frames, limit, alignment) : 0;
      check(frame == expected, "first fit");
    }
    if (!frame) continue;
    for (u64 i = 0; i < frames; i++) model[frame + i] = 0;
    ranges[count].frame = frame, ranges[count].count = frames, ranges[count++].kind = kind;
  }
  u64 held_now = 0, counted = 0;
  for (u64 i = 0; i < count; i++) held_now += ranges[i].count;
  for (u32 kind = PAGE_TABLE; kind <= OBJECT; kind++) counted += frame_counts[kind];
  check(counted == held_now && frames_free == total - held_now, "counts by kind");
  while (count-- > 0)
    frames_free_range(ranges[count].frame << 12, ranges[count].count, ranges[count].kind);
  check(frames_free == total, "all frames are back");
  check(frames_allocate(total, DMA, 1ul << 32, 4096) == first << 12, "all of them in one piece");
  check(!frames_allocate(1, DMA, 1ul << 32, 4096), "nothing is left");
}

/* ---- Objects ---- */

enum { OBJECTS = 4096 };
static struct { u8 *at; u32 bytes; u8 mark; } objects[OBJECTS];

static void test_objects(u64 rounds) {
  plain_map(2048, 0);
  u64 total = frames_free, count = 0;
  check(!object_allocate(0) && !object_allocate(1025), "sizes out of range");
  for (; rounds > 0; rounds--) {
    if (count == OBJECTS || (count > 0 && random(100) < 45 + 10 * (rounds / 50000 % 2))) {
      u64 which = random(count);
      for (u32 i = 0; i < objects[which].bytes; i++)
        check(objects[which].at[i] == objects[which].mark, "contents of an object");
      object_free(objects[which].at);
      objects[which] = objects[--count];
    } else {
      u32 bytes = 1 + (u32)random(random(4) ? 200 : 1024);
      u8 *at = object_allocate(bytes), mark = (u8)(1 + random(255));
      if (!at) continue;
      for (u32 i = 0; i < bytes; i++) {
        check(at[i] == 0, "a new object holds zeros");
        at[i] = mark;
      }
      objects[count].at = at, objects[count].bytes = bytes, objects[count++].mark = mark;
    }
    check(object_count == count, "count of objects");
    check(frames_free + frame_counts[OBJECT] == total, "frames of slabs");
  }
  while (count > 0) object_free(objects[--count].at);
  check(frames_free == total && frame_counts[OBJECT] == 0, "all slabs are back");
  frames_reserved = frames_free;
  check(!object_allocate(64), "promised frames are not for objects");
  frames_reserved = 0;
}

/* Frames a second: all of 64 MiB, again and again, in a random order of freeing. */
static u64 nanoseconds(void) {
  long time[2];
  call6(228, 2, (long)time, 0, 0, 0, 0);
  return (u64)time[0] * 1000000000 + (u64)time[1];
}
static void test_speed(void) {
  plain_map(FRAMES - 256, 0);
  u64 frames = 0, start = nanoseconds();
  for (int round = 0; round < 100; round++) {
    u64 count = 0;
    for (u64 frame; (frame = frame_allocate(TASK)); frames++) held[count++] = frame;
    for (; count > 0; count--) {
      u64 which = random(count);
      frame_free(held[which], TASK);
      held[which] = held[count - 1];
    }
  }
  tell("frames_per_second", frames * 1000000000 / (nanoseconds() - start));
}

/* ---- ACPI ---- */

static u8 image[65536];
static u64 image_bytes;
static const u64 image_at = 0x100000;

static void read_image(const char *path) {
  long file = call6(2, (long)path, 0, 0, 0, 0, 0);
  long bytes = call6(0, file, (long)image, sizeof image, 0, 0, 0);
  check(bytes > 0, "reading the image");
  image_bytes = (u64)bytes;
}

static void place_image(void) {
  for (u64 i = 0; i < image_bytes; i++) ((u8 *)(direct_base + image_at))[i] = image[i];
  acpi_rsdp = image_at;
  acpi_root = 0;
  pm_timer_port = pm1a_control_port = pm1b_control_port = s5_type = io_apic_count = 0;
  pci_express_base = pci_express_buses = processor_count = 0;
}

static void read_all(void) {
  acpi_start(), acpi_power(), acpi_interrupts(), acpi_pci_express(), acpi_no_x2apic();
}

static void test_acpi(void) {
  place_image();
  read_all();
  tell("pm_timer_port", pm_timer_port);
  tell("pm1a", pm1a_control_port);
  tell("pm1b", pm1b_control_port);
  tell("s5_type", s5_type);
  tell("io_apics", io_apic_count);
  tell("gsi4", gsi_entries[4]);
  tell("gsi9", gsi_entries[9]);
  tell("gsi16", gsi_entries[16]);
  tell("processors", processor_count);
  tell("pci_express", pci_express_base);
  tell("pci_express_buses", pci_express_buses);
}

/* A number that a table should not have: pointers into tables and out of memory, sizes, ends. */
static u64 odd_number(void) {
  static const u64 odd[] = {0,          1,          35,         36,         ~0ul,       1ul << 63,
                            0xffffffff, 0xfffffffc, 0xfff00000, 0xffefffff, 0x100000000, 0xfffff,
                            0x100000,   0x10ffff0,  0x7fffffff, 0x80000000, 0xff,       0xffff};
  if (random(2)) return odd[random(sizeof odd / sizeof *odd)];
  return random(3) ? image_at + random(image_bytes + 64) : image_at + 64 + 256 * random(8);
}

/*
 * Up to four bytes changed, or numbers replaced: a table that names itself or another one twice, or
 * memory that is not there. Half of the time the checksums are right again, so that the parser goes
 * deeper.
 */
static void test_corrupt(u64 rounds) {
  u64 accepted = 0;
  quiet = 1;
  for (; rounds > 0; rounds--) {
    place_image();
    u8 *tables = (u8 *)(direct_base + image_at);
    for (u64 change = 0; change <= random(4); change++)
      tables[random(image_bytes)] = (u8)random(256);
    for (u64 change = random(4); change > 0; change--) {
      u64 value = odd_number(), bytes = 1ul << random(4);
      u64 at = random(2) ? random(image_bytes - 8) : 64 + 256 * random(7) + 4 * random(40);
      for (u64 i = 0; i < bytes && at + i < image_bytes; i++) tables[at + i] = (u8)(value >> 8 * i);
    }
    if (!random(20)) acpi_rsdp = odd_number();
    if (random(2))
      for (u64 at = 64; at + 36 < image_bytes; at += 256) {
        u32 length = *(u32 *)(tables + at + 4), sum = 0;
        if (length > image_bytes - at) continue;
        tables[at + 9] = 0;
        for (u32 i = 0; i < length; i++) sum += tables[at + i];
        tables[at + 9] = (u8)-sum;
      }
    read_all(), reference_start(0);
    accepted += acpi_root != 0;
    quiet = 1;
  }
  tell("accepted", accepted);
}

static void run(long *stack) {
  long count = stack[0];
  const char **arguments = (const char **)(stack + 1);
  const char *mode = count > 1 ? arguments[1] : "";
  direct_base = (u64)call6(9, 0, 1l << 32, 3, 0x4022, -1, 0);
  if (same(mode, "frames")) {
    state = parse(arguments[2]);
    for (int maps = 0; maps < 60; maps++) test_frames(2000);
    say("frames are right\n");
  } else if (same(mode, "ranges")) {
    state = parse(arguments[2]);
    test_ranges(1000000);
    say("ranges are right\n");
  } else if (same(mode, "objects")) {
    state = parse(arguments[2]);
    test_objects(400000);
    say("objects are right\n");
  } else if (same(mode, "speed")) {
    test_speed();
  } else if (same(mode, "descriptors")) {
    memory_descriptor_bytes = parse(arguments[2]), memory_map_bytes = 480;
    memory_map_check();
  } else if (same(mode, "free-wrong")) {
    plain_map(100, 300);
    frame_free(frame_allocate(DMA), TASK);
  } else if (same(mode, "object-twice")) {
    plain_map(100, 0);
    object_allocate(100);
    u8 *object = object_allocate(100);
    object_free(object);
    object_free(object);
  } else if (same(mode, "free-twice")) {
    random_map();
    frames_start();
    u64 frame = frame_allocate(TASK);
    frame_free(frame, TASK);
    frame_free(frame, TASK);
  } else if (same(mode, "acpi")) {
    read_image(arguments[2]);
    test_acpi();
  } else if (same(mode, "corrupt")) {
    read_image(arguments[2]);
    state = parse(arguments[3]);
    test_corrupt(20000);
  }
  leave(0);
}
