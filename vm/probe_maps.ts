/**
 * Entry of tests/vm/maps*.test.ts: maps and lists on a fake process, for the tests to call one by
 * one.
 */
import { allocate, allocateZeroed, initAllocator } from './alloc';
import { initAtoms } from './atoms';
import { PROCESS_BYTES } from './gen/layout';
import { hAlloc, initHeapReserve } from './heap';
import { initWorkStack } from './work_stack';
import {
  nextPair,
  pairIterator,
  pairKey,
  pairValue,
  positionAfter,
  seekPairs,
} from './map_iterator';
import { setCurrent, setHeapTop, setReductionsLeft, setStackTop } from './state';
import { SUB_FLOAT, SUB_TUPLE, boxedOf, headerOf, makeCons } from './term';

export { allocate, release } from './alloc';
export { compareKeys, identical } from './compare';
export { setHashMask } from './hamt';
export {
  emptyMap,
  isFlatMap,
  mapFromPairs,
  mapGet,
  mapPut,
  mapRemove,
  mapSize,
  mapUpdate,
} from './maps';

let heap: usize = 0;
const HEAP_BYTES: u32 = 192 << 20;

/** Memory from `start` to `end` is the VM's. */
export function init(start: usize, end: usize): void {
  initAllocator(start, end);
  initAtoms();
  initHeapReserve();
  initWorkStack();
  setCurrent(allocateZeroed(PROCESS_BYTES));
  heap = allocate(HEAP_BYTES);
  reset();
}
/** Forget all terms. */
export function reset(): void {
  setHeapTop(heap);
  setStackTop(heap + HEAP_BYTES);
  setReductionsLeft(4000);
}
export function pair(first: u64, second: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, first, 8);
  store<u64>(at, second, 16);
  return boxedOf(at);
}
export function cons(first: u64, rest: u64): u64 {
  const at = hAlloc(2);
  return makeCons(at, first, rest);
}
/** Up to `limit` pairs from `position` on, written to `at`; the number of them. */
export function walk(map: u64, position: i64, limit: u32, at: usize): u32 {
  seekPairs(pairIterator, map, position);
  let count: u32 = 0;
  while (count < limit && nextPair(pairIterator)) {
    store<u64>(at + (count << 4), pairKey(pairIterator));
    store<u64>(at + (count << 4), pairValue(pairIterator), 8);
    count++;
  }
  return count;
}
/** The position after the walk that ended because of its limit. */
export function walkPosition(): i64 {
  return positionAfter(pairIterator);
}
export function floatOf(value: f64): u64 {
  const at = hAlloc(2);
  store<u64>(at, headerOf(SUB_FLOAT, 1));
  store<f64>(at, value, 8);
  return boxedOf(at);
}
