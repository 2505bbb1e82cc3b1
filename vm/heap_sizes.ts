/**
 * Sizes of heap blocks, in words. They grow as in OTP: a Fibonacci-like sequence up to 833,026
 * words, then by a fifth each time.
 */
import { BINARY_HEAP_DEFAULT, MIN_HEAP_DEFAULT } from './process';
import { CHOICE_HEAP_ROOM, choice } from './choices';
import { STACK_RESERVE_BYTES } from './heap';

const FIBONACCI_END: u64 = 833026;
/** Largest block asked for: beyond it addresses end. */
const WORDS_MAX: u64 = 0x1fff_fff0;
/** Free words after a first collection: a process that seldom runs stays small. */
const FREE_FIRST: u32 = 100;
/** Free words when a process goes on collecting. */
const FREE_SOON: u32 = 233;
const FREE_BUSY: u32 = 610;
const SOON: u32 = 2;
const BUSY: u32 = 16;
/** What an old generation adds to the nursery at most: minor collections do not look at it. */
const FREE_FOR_OLD_MAX: u32 = 65536;

/** The smallest size of the sequence that is at least `words`. */
export function heapSizeFor(words: u64): u64 {
  let previous: u64 = 12;
  let size: u64 = 38;
  while (size < words && size < FIBONACCI_END) {
    const next = previous + size + 1;
    previous = size;
    size = next;
  }
  while (size < words) size += size / 5;
  return size > WORDS_MAX ? (words > WORDS_MAX ? words : WORDS_MAX) : size;
}

/**
 * What min_heap_size and min_bin_vheap_size become: a size of the sequence, at least OTP's default.
 */
export function minHeapWords(words: i64): u32 {
  return heapSizeFor(max<i64>(words, MIN_HEAP_DEFAULT as i64) as u64) as u32;
}
export function minBinaryHeapWords(words: i64): u32 {
  return heapSizeFor(max<i64>(words, BINARY_HEAP_DEFAULT as i64) as u64) as u32;
}

/** Words that a young block needs at least: what lives in it, the stack, and `need` free words. */
export function youngWordsMin(live: u64, stack: u64, need: u64): u64 {
  return live + stack + need + ((STACK_RESERVE_BYTES >> 3) as u64);
}
/**
 * The size of a young block with room to work: room to allocate as much as half of what survived
 * (so that a collection is paid for by what was allocated since the last one), of the stack, and of
 * part of the old generation.
 */
export function youngWords(live: u64, stack: u64, need: u64, old: u64, collections: u32): u64 {
  const room = choice(CHOICE_HEAP_ROOM, 3);
  if (room) {
    // Little, but in proportion, so that large heaps are not collected all the time.
    const little = (room == 1 ? 32 : 2) + (live >> 2) + (stack >> 2);
    return youngWordsMin(live, stack, need) + little;
  }
  let free: u64 = FREE_FIRST;
  if (collections >= SOON) free = FREE_SOON;
  if (collections >= BUSY) free = FREE_BUSY;
  free = max<u64>(free, max<u64>(live >> 1, stack >> 1));
  free = max<u64>(free, min<u64>(old >> 2, FREE_FOR_OLD_MAX));
  return heapSizeFor(youngWordsMin(live, stack, need) + free);
}
/**
 * The size of an old generation of which `live` words are in use: half as much again can be
 * promoted before a full sweep.
 */
export function oldWords(live: u64): u64 {
  return heapSizeFor(live + (live >> 1));
}
