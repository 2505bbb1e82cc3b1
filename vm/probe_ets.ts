/**
 * Entry of tests/vm/ets.test.ts: tables of vm/ets/ on a fake process, for the tests to call one by
 * one.
 */
import { allocate, allocateZeroed, initAllocator } from './alloc';
import { initAtoms } from './atoms';
import { newBinary } from './binary';
import { am_ok } from './gen/atoms';
import { PROCESS_BYTES, P_ID, P_OFF_HEAP } from './gen/layout';
import { hAlloc, initHeapReserve } from './heap';
import { releaseList } from './off_heap';
import { initReferences } from './refs';
import { current, setCurrent, setHeapTop, setReductionsLeft, setStackTop } from './state';
import { SUB_TUPLE, boxedOf, headerOf, pidOf } from './term';
import { initWorkStack } from './work_stack';
import { hashDelete, hashFind, hashFirstFrom, hashInsert, hashNextKey } from './ets/hash_table';
import {
  ACCESS_PUBLIC,
  TYPE_ORDERED_SET,
  T_ACTIVE,
  T_COUNT,
  T_GONE,
  T_ROOT,
  T_TYPE,
  T_WORDS,
} from './ets/layout';
import { balanceOf, newObject, objectKey, objectTerm } from './ets/object';
import { treeAbove, treeDelete, treeFind, treeFirst, treeInsert } from './ets/ordered_table';
import { clearTable, deleteTable, freeDoomed, initEts, newTable } from './ets/registry';
import { fixTable, unfixTable } from './ets/fixation';

export { allocatedBytes } from './alloc';
export { balanceOf, clearTable, freeDoomed };

let heap: usize = 0;
const HEAP_BYTES: u32 = 4 << 20;

/** Memory from `start` to `end` is the VM's. */
export function init(start: usize, end: usize): void {
  initAllocator(start, end);
  initAtoms();
  initHeapReserve();
  initWorkStack();
  initReferences(1);
  initEts();
  setCurrent(allocateZeroed(PROCESS_BYTES));
  store<u64>(current, pidOf(1), P_ID);
  heap = allocate(HEAP_BYTES);
  reset();
}
/** Forget all terms of the process. */
export function reset(): void {
  releaseList(current + P_OFF_HEAP);
  setHeapTop(heap);
  setStackTop(heap + HEAP_BYTES);
  setReductionsLeft(4000);
}
export function table(type: u32): usize {
  return newTable(am_ok, type, ACCESS_PUBLIC, 0, 1);
}
export function drop(at: usize): void {
  deleteTable(at, current);
}
/** Insert {Key, Value, Binary of `bytes` bytes}. */
export function insert(at: usize, key: u64, value: u64, bytes: u32): void {
  const binary = newBinary(bytes);
  const tuple = hAlloc(4);
  store<u64>(tuple, headerOf(SUB_TUPLE, 3));
  store<u64>(tuple, key, 8);
  store<u64>(tuple, value, 16);
  store<u64>(tuple, binary, 24);
  const object = newObject(boxedOf(tuple));
  if (load<u32>(at, T_TYPE) == TYPE_ORDERED_SET) treeInsert(at, object);
  else hashInsert(at, object);
}
export function remove(at: usize, key: u64): void {
  if (load<u32>(at, T_TYPE) == TYPE_ORDERED_SET) treeDelete(at, key);
  else hashDelete(at, key);
}
/** The value of the object with `key`, 0 when there is none. */
export function find(at: usize, key: u64): u64 {
  const ordered = load<u32>(at, T_TYPE) == TYPE_ORDERED_SET;
  const object = ordered ? treeFind(at, key) : hashFind(at, key);
  return object ? load<u64>(objectTerm(object) as usize, 14) : 0;
}
export function first(at: usize): usize {
  return load<u32>(at, T_TYPE) == TYPE_ORDERED_SET ? treeFirst(at) : hashFirstFrom(at, 0);
}
export function next(at: usize, object: usize): usize {
  return load<u32>(at, T_TYPE) == TYPE_ORDERED_SET
    ? treeAbove(at, objectKey(object, 1), false)
    : hashNextKey(at, object);
}
export function keyOf(object: usize): u64 {
  return objectKey(object, 1);
}
export function fix(at: usize): void {
  fixTable(at, current);
}
export function unfix(at: usize): void {
  unfixTable(at, current);
}
export function count(at: usize): u32 {
  return load<u32>(at, T_COUNT);
}
export function words(at: usize): u64 {
  return load<u64>(at, T_WORDS);
}
export function buckets(at: usize): u32 {
  return load<u32>(at, T_ACTIVE);
}
export function gone(at: usize): u32 {
  return load<u32>(at, T_GONE);
}
export function root(at: usize): usize {
  return load<u32>(at, T_ROOT);
}
