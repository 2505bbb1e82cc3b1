/**
 * Entry of tests/vm/gc*.test.ts: comparing, hashing, copying and collecting on fake processes, for
 * the tests to call.
 */
import { allocate, allocateZeroed, initAllocator } from './alloc';
import { initAtoms } from './atoms';
import { initExports } from './code';
import {
  PROCESS_BYTES,
  P_CP,
  P_FULLSWEEP_AFTER,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_MATURE,
  P_MIN_HEAP,
  P_SAVED_X,
  P_STACK_TOP,
} from './gen/layout';
import { hAlloc, initHeapReserve, linkOffHeap } from './heap';
import { headerWithExtra, boxedOf, SUB_REF } from './term';
import {
  current,
  heapTop,
  setCurrent,
  setHeapTop,
  setReductionsLeft,
  setStackTop,
  stackTop,
} from './state';
import { initWorkStack } from './work_stack';

export { allocate, allocateZeroed, allocatedBytes, managedBytes, release, shrink } from './alloc';
export { atomFromUtf8 } from './atoms';
export { newBinaryObject, newMatchState, refcBinaryOf } from './binary';
export { exportCount, exportEntry } from './code';
export { compare, compareKeys, equal, identical } from './compare';
export {
  adoptMessage,
  beginCopy,
  continueCopy,
  copyAllToFragment,
  copyTerm,
  copyToFragment,
  copyToLiterals,
  flatSize,
  fragmentRoot,
  otpFlatSize,
  releaseMessage,
} from './copy';
export {
  collectNow,
  collectSlice,
  freeProcessHeap,
  startCollection,
  totalHeapWords,
  tupleChanges,
} from './gc';
export { left } from './gc_state';
export { hash2, internalHash, phash2 } from './hash';
export { hAlloc } from './heap';
export { checkHeap, faultAddress } from './heap_check';
export { setHashMask } from './hamt';
export { legacyHash } from './legacy_hash';
export { mapFromPairs } from './maps';
export { releaseList } from './off_heap';
export { newRootBlock } from './roots';
export { capacity as workStackBytes, mark as workStackDepth } from './work_stack';
export { erlangPut2, erlangErase1 } from './bif/dictionary';
export { freeDictionaries, giveUpDictionary } from './dictionary';
export * from './bif/compare';
export * from './bif/hash';
export * from './gen/layout';

/** Memory from `start` to `end` is the VM's; the first process has a heap of `bytes` bytes. */
export function init(start: usize, end: usize, bytes: u32): void {
  initAllocator(start, end);
  initAtoms();
  initExports();
  initHeapReserve();
  initWorkStack();
  enter(newProcess(bytes >> 3));
}
const REGISTERS: u32 = 16;
/** A process with a heap of `words` words, not the running one yet. */
export function newProcess(words: u32): usize {
  const process = allocateZeroed(PROCESS_BYTES);
  const heap = allocate(words << 3) as u32;
  store<u32>(process, heap, P_HEAP_START);
  store<u32>(process, heap, P_HEAP_TOP);
  store<u32>(process, heap, P_MATURE);
  store<u32>(process, heap + (words << 3), P_HEAP_END);
  store<u32>(process, heap + (words << 3), P_STACK_TOP);
  store<u32>(process, words < 62 ? words : 62, P_MIN_HEAP);
  store<u32>(process, 65535, P_FULLSWEEP_AFTER);
  store<u32>(process, allocateZeroed(REGISTERS << 3) as u32, P_SAVED_X);
  store<u64>(process, 0, P_CP);
  return process;
}
/** Make `process` the running one. */
export function enter(process: usize): void {
  setCurrent(process);
  setHeapTop(load<u32>(process, P_HEAP_TOP));
  setStackTop(load<u32>(process, P_STACK_TOP));
  setReductionsLeft(4000);
}
/** The running process. */
export function running(): usize {
  return current;
}
/** Swap the running process out. */
export function leave(): void {
  store<u32>(current, heapTop as u32, P_HEAP_TOP);
  store<u32>(current, stackTop as u32, P_STACK_TOP);
}
/** Push a word onto the stack of the running process; false when there is no room. */
export function pushStack(word: u64): bool {
  if (heapTop + 72 > stackTop) return false;
  setStackTop(stackTop - 8);
  store<u64>(stackTop, word);
  return true;
}
export function popStack(words: u32): void {
  setStackTop(stackTop + (words << 3));
}

/** Resources destroyed so far. */
export let destroyed: u32 = 0;
function destroy(resource: usize): void {
  destroyed += load<u32>(resource, 8);
}
/** A magic reference to a new resource of value `value`. */
export function newMagic(value: u32): u64 {
  const resource = allocateZeroed(16);
  store<u32>(resource, 1);
  store<u32>(resource, destroy.index as u32, 4);
  store<u32>(resource, value, 8);
  const at = hAlloc(5);
  store<u64>(at, headerWithExtra(SUB_REF, 4, 1));
  store<u64>(at, 0, 8);
  store<u64>(at, value as u64, 16);
  store<u64>(at, resource as u64, 24);
  linkOffHeap(at, 4);
  return boxedOf(at);
}
