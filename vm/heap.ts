/**
 * Room on the running process's heap. Between the heap top and the stack top of its block, or, when
 * that does not suffice, in a heap fragment: a block of its own that the next collection empties.
 *
 * fragment: +------+-------+------+---------+----------------+
 *           | next | words | used | offHeap | terms ...      |   u32, u32, u32, u32, then `words` words
 *           +------+-------+------+---------+----------------+
 * `offHeap` is the first object of the fragment's own off-heap list (off_heap.ts): that of a
 * message (copy.ts), else 0.
 */
import { allocate, release } from './alloc';
import {
  LINEAR_DOORBELL,
  P_FRAGMENTS,
  P_FRAGMENT_WORDS,
  P_HEAP_END,
  P_HEAP_START,
  P_OFF_HEAP,
  P_OFF_HEAP_WORDS,
} from './gen/layout';
import { panic } from './panic';
import { current, heapTop, setHeapTop, stackTop } from './state';

export const FRAGMENT_HEADER: u32 = 16;
export const FRAGMENT_OFF_HEAP: u32 = 12;
/** hAlloc never fails up to this many words. */
export const SURE_WORDS_MAX: u32 = 8192;
const FRAGMENT_WORDS_MIN: u32 = 64;
const FRAGMENT_WORDS_NEXT: u32 = 512;
/**
 * Words kept below the stack top for the instructions that push a frame without a check of their
 * own.
 */
export const STACK_RESERVE_BYTES: u32 = 64;

/**
 * Words of the reserve: several sure allocations may come before the process reaches a safe point
 * and is killed.
 */
const RESERVE_WORDS: u32 = 65536;

let reserve: usize = 0;
/** Set when the reserve was used: the running process must be killed when the BIF returns. */
export let memoryExhausted: bool = false;
/**
 * A walker ran out of memory in a place that cannot fail (comparing, hashing): the running process
 * must be killed.
 */
export function exhaustMemory(): void {
  memoryExhausted = true;
}

/** Allocate the reserve that keeps hAlloc's promise. */
export function initHeapReserve(): void {
  reserve = allocate((RESERVE_WORDS << 3) + FRAGMENT_HEADER);
  memoryExhausted = false;
}
/** After the process was killed: fill the reserve again. */
export function restoreReserve(): void {
  memoryExhausted = false;
  if (!reserve) reserve = allocate((RESERVE_WORDS << 3) + FRAGMENT_HEADER);
}

/**
 * A heap fragment with room for `words` words, not linked to any process; 0 when there is no
 * memory.
 */
export function newFragment(words: u32): usize {
  if (words > 0x1000_0000) return 0;
  const fragment = allocate(FRAGMENT_HEADER + (words << 3));
  if (!fragment) return 0;
  store<u32>(fragment, 0);
  store<u32>(fragment, words, 4);
  store<u32>(fragment, 0, 8);
  store<u32>(fragment, 0, FRAGMENT_OFF_HEAP);
  return fragment;
}
export function fragmentNext(fragment: usize): usize {
  return load<u32>(fragment);
}
/** Words that it has room for. */
export function fragmentWords(fragment: usize): u32 {
  return load<u32>(fragment, 4);
}
export function fragmentData(fragment: usize): usize {
  return fragment + FRAGMENT_HEADER;
}
/** Make `fragment` part of the heap of `process`; its terms stay where they are. */
export function adoptFragment(process: usize, fragment: usize): void {
  store<u32>(fragment, load<u32>(process, P_FRAGMENTS));
  store<u32>(process, fragment as u32, P_FRAGMENTS);
  store<u32>(
    process,
    load<u32>(process, P_FRAGMENT_WORDS) + load<u32>(fragment, 4),
    P_FRAGMENT_WORDS,
  );
}

function fragmentAlloc(words: u32): usize {
  const first = load<u32>(current, P_FRAGMENTS) as usize;
  if (first && load<u32>(first, 8) + words <= load<u32>(first, 4)) {
    const used = load<u32>(first, 8);
    store<u32>(first, used + words, 8);
    return first + FRAGMENT_HEADER + (used << 3);
  }
  const least = first ? FRAGMENT_WORDS_NEXT : FRAGMENT_WORDS_MIN;
  let fragment = newFragment(words < least ? least : words);
  if (!fragment) {
    if (words > SURE_WORDS_MAX) return 0;
    if (!reserve) panic('heap: reserve used twice');
    fragment = reserve;
    reserve = 0;
    memoryExhausted = true;
    store<u32>(fragment, RESERVE_WORDS, 4);
    store<u32>(fragment, 0, FRAGMENT_OFF_HEAP);
  }
  store<u32>(fragment, words, 8);
  adoptFragment(current, fragment);
  if (memoryExhausted || collectionDue(current)) ringDoorbell();
  return fragment + FRAGMENT_HEADER;
}

/** So much lies outside the heap block that a collection should come before the process goes on. */
export function collectionDue(process: usize): bool {
  const heapWords = (load<u32>(process, P_HEAP_END) - load<u32>(process, P_HEAP_START)) >> 3;
  if (load<u32>(process, P_FRAGMENT_WORDS) > heapWords + 512) return true;
  return load<u32>(process, P_OFF_HEAP_WORDS) > heapWords * 8 + 65536;
}

/** Make the running process leave the processor at the next call. */
export function ringDoorbell(): void {
  store<i32>(LINEAR_DOORBELL, 0x7fff_ffff);
}

/**
 * Address of `words` free words for the running process. Never collects. Returns 0 only above
 * SURE_WORDS_MAX. The caller fills all of them before anything else looks at the heap.
 */
export function hAlloc(words: u32): usize {
  const at = heapTop;
  if (words < 0x1000_0000 && at + (words << 3) + STACK_RESERVE_BYTES <= stackTop) {
    setHeapTop(at + (words << 3));
    return at;
  }
  return fragmentAlloc(words);
}

/** Words between heap top and stack that hAlloc gives before it takes a fragment. */
export function wordsLeft(): u32 {
  const end = stackTop - STACK_RESERVE_BYTES;
  return end > heapTop ? (((end - heapTop) >> 3) as u32) : 0;
}

/** Give back the words from `unused` on of an area of `words` words that hAlloc returned last. */
export function hRelease(area: usize, words: u32, unused: usize): void {
  const end = area + (words << 3);
  if (heapTop == end) {
    setHeapTop(unused);
    return;
  }
  // In a fragment: the tail becomes one raw object so that the area stays walkable.
  const left = ((end - unused) >> 3) as u32;
  const first = load<u32>(current, P_FRAGMENTS) as usize;
  if (first && first + FRAGMENT_HEADER + (load<u32>(first, 8) << 3) == end) {
    store<u32>(first, load<u32>(first, 8) - left, 8);
  }
}

/** Free a fragment that belongs to no process. */
export function releaseFragment(fragment: usize): void {
  release(fragment);
}

/**
 * Link an off-heap object (RefcBinary, magic Reference) whose `next` word is word `nextIndex` into
 * the running process's list.
 */
export function linkOffHeap(object: usize, nextIndex: u32): void {
  store<u64>(object + (nextIndex << 3), load<u32>(current, P_OFF_HEAP) as u64);
  store<u32>(current, object as u32, P_OFF_HEAP);
}
