/** Entry of tests/vm/gc*.test.ts: comparing, hashing, copying and collecting on a fake process, for the tests to call. */
import { allocate, allocateZeroed, initAllocator } from './alloc';
import { initAtoms } from './atoms';
import { initExports } from './code';
import { PROCESS_BYTES } from './gen/layout';
import { hAlloc, initHeapReserve } from './heap';
import { setCurrent, setHeapTop, setReductionsLeft, setStackTop } from './state';
import { initWorkStack, mark } from './work_stack';

export { allocate, allocateZeroed, allocatedBytes, release } from './alloc';
export { atomFromUtf8 } from './atoms';
export { newBinaryObject, refcBinaryOf, newMatchState } from './binary';
export { exportEntry } from './code';
export { compare, compareKeys, equal, identical } from './compare';
export {
  adoptMessage,
  copyAllToFragment,
  copyTerm,
  copyToFragment,
  copyToLiterals,
  flatSize,
  fragmentRoot,
  otpFlatSize,
  releaseMessage,
} from './copy';
export { hash2, internalHash, phash2 } from './hash';
export { hAlloc } from './heap';
export { mark as workStackDepth } from './work_stack';
export * from './bif/compare';
export * from './bif/hash';

let heap: usize = 0;
let heapBytes: u32 = 0;

/** Memory from `start` to `end` is the VM's; terms lie on one heap of `bytes` bytes. */
export function init(start: usize, end: usize, bytes: u32): void {
  initAllocator(start, end);
  initAtoms();
  initExports();
  initHeapReserve();
  initWorkStack();
  setCurrent(allocateZeroed(PROCESS_BYTES));
  heap = allocate(bytes);
  heapBytes = bytes;
  reset();
}
/** Forget all terms. */
export function reset(): void {
  setHeapTop(heap);
  setStackTop(heap + heapBytes);
  setReductionsLeft(4000);
}
