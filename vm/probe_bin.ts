/**
 * Entry of tests/vm/bin*.test.ts: the binary functions of the VM on a fake process, for the tests
 * to call one by one.
 */
import { allocate, allocateZeroed, initAllocator } from './alloc';
import { initAtoms } from './atoms';
import { initHeapReserve } from './heap';
import { initWorkStack } from './work_stack';
import { PROCESS_BYTES } from './gen/layout';
import { setCurrent, setHeapTop, setReductionsLeft, setStackTop } from './state';

export { allocate } from './alloc';
export { compareBits, copyBits, readBits, readByte, writeBits } from './bits';
export {
  alignedBinary,
  binaryData,
  binaryOf,
  bitOffset,
  bitSize,
  byteSize,
  newBinary,
  newBitstring,
  newMatchState,
  subBinary,
} from './binary';

let heap: usize = 0;
const HEAP_BYTES: u32 = 4 << 20;

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
export { integerOfDigits } from './bignum';
export { freezeBinary } from './binary';
export { failClass, failReason } from './errors';
export { atomFromUtf8, atomLength, atomText } from './atoms';
export { hAlloc } from './heap';
export { abandonBuild } from './builder';
export { floatOfHalf, halfOfFloat } from './bits_float';
export * from './ops/binary_match';
export * from './ops/binary_get';
export * from './ops/binary_put';
export * from './ops/binary_create';
export * from './ops/binary_match_list';
