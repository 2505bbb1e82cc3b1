/**
 * Timers: a binary heap ordered by deadline, then by age, so that equal deadlines fire in the order
 * they were started. Each timer knows its place in the heap, so that cancelling costs O(log n).
 *
 *   +----------+-----+-------+------+--------+---------+--------+----------+------+--------+------+
 *   | deadline | age | place | kind | target | message | number | fragment | next | sister | slot |
 *   +----------+-----+-------+------+--------+---------+--------+----------+------+--------+------+
 *     i64        u64   u32     u32    u64      u64       u64      u32        u32    u32      u32
 *
 * kind 0: receive timeout of process `target` (a pid); 1: send `message` to `target` (a pid or a
 * registered name).
 */
import { allocate, reallocate, release } from './alloc';
import { releaseMessage } from './copy';

export const T_DEADLINE: u32 = 0;
export const T_AGE: u32 = 8;
export const T_PLACE: u32 = 16;
export const T_KIND: u32 = 20;
export const T_TARGET: u32 = 24;
export const T_MESSAGE: u32 = 32;
/** Number of the timer's reference. */
export const T_NUMBER: u32 = 40;
export const T_FRAGMENT: u32 = 48;
export const T_HASH_NEXT: u32 = 52;
/** The next timer that sends to the same process, and the word that points to this one, or 0. */
export const T_SISTER: u32 = 56;
export const T_SLOT: u32 = 60;
export const TIMER_BYTES: u32 = 64;

export const TIMER_RECEIVE: u32 = 0;
export const TIMER_SEND: u32 = 1;

let heap: usize = 0;
let capacity: u32 = 0;
export let timerCount: u32 = 0;
let nextAge: u64 = 0;

export function initTimers(): void {
  capacity = 256;
  heap = allocate(capacity << 2);
}

/** The timer at a place of the heap. */
export function timerAt(place: u32): usize {
  return load<u32>(heap + (place << 2));
}
function setPlace(timer: usize, place: u32): void {
  store<u32>(heap + (place << 2), timer as u32);
  store<u32>(timer, place, T_PLACE);
}
function before(a: usize, b: usize): bool {
  const left = load<i64>(a, T_DEADLINE);
  const right = load<i64>(b, T_DEADLINE);
  return left == right ? load<u64>(a, T_AGE) < load<u64>(b, T_AGE) : left < right;
}
function siftUp(timer: usize, from: u32): void {
  let place = from;
  while (place) {
    const parent = (place - 1) >> 1;
    const above = timerAt(parent);
    if (!before(timer, above)) break;
    setPlace(above, place);
    place = parent;
  }
  setPlace(timer, place);
}
function siftDown(timer: usize, from: u32): void {
  let place = from;
  while (true) {
    let child = place * 2 + 1;
    if (child >= timerCount) break;
    if (child + 1 < timerCount && before(timerAt(child + 1), timerAt(child))) child++;
    const below = timerAt(child);
    if (!before(below, timer)) break;
    setPlace(below, place);
    place = child;
  }
  setPlace(timer, place);
}

/**
 * A timer that fires at `deadline` (ns since boot); 0 when there is no memory. The caller fills in
 * message, number, fragment.
 */
export function startTimer(kind: u32, deadline: i64, target: u64): usize {
  if (timerCount == capacity) {
    const fresh = reallocate(heap, capacity << 3);
    if (!fresh) return 0;
    heap = fresh;
    capacity <<= 1;
  }
  const timer = allocate(TIMER_BYTES);
  if (!timer) return 0;
  memory.fill(timer, 0, TIMER_BYTES);
  store<i64>(timer, deadline, T_DEADLINE);
  store<u64>(timer, nextAge++, T_AGE);
  store<u32>(timer, kind, T_KIND);
  store<u64>(timer, target, T_TARGET);
  timerCount++;
  siftUp(timer, timerCount - 1);
  return timer;
}

/** Take a timer out of the heap without freeing it. */
function removeTimer(timer: usize): void {
  const place = load<u32>(timer, T_PLACE);
  timerCount--;
  const last = timerAt(timerCount);
  if (last == timer) return;
  siftUp(last, place);
  if (load<u32>(last, T_PLACE) == place) siftDown(last, place);
}

/** Cancel a timer and free it with its message. */
export function cancelTimer(timer: usize): void {
  removeTimer(timer);
  freeTimer(timer);
}
export function freeTimer(timer: usize): void {
  const fragment = load<u32>(timer, T_FRAGMENT) as usize;
  if (fragment) releaseMessage(fragment);
  release(timer);
}

/** Deadline of the next timer, -1 when there is none. */
export function nextDeadline(): i64 {
  return timerCount ? load<i64>(timerAt(0), T_DEADLINE) : -1;
}

/** The next timer that is due at `time`, taken out of the heap (the caller frees it), or 0. */
export function takeDue(time: i64): usize {
  if (!timerCount) return 0;
  const timer = timerAt(0);
  if (load<i64>(timer, T_DEADLINE) > time) return 0;
  removeTimer(timer);
  return timer;
}
