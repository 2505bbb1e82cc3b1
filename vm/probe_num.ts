/**
 * Entry of tests/vm/num*.test.ts: arithmetic and number text on a fake process, for the tests to
 * call one by one.
 */
import { allocate, allocateZeroed, initAllocator } from './alloc';
import { initAtoms } from './atoms';
import { initHeapReserve } from './heap';
import { initWorkStack } from './work_stack';
import { PROCESS_BYTES } from './gen/layout';
import {
  heapTop,
  setCurrent,
  setHeapTop,
  setPendingReductions,
  setReductionsLeft,
  setStackTop,
} from './state';

export { allocate, allocatedBytes, release } from './alloc';
export { vbeamBigJob0 } from './bif/big_job';
export { bigJob, continueBigJob, finishBigJob, integerOrJob, textOrJob } from './big_job';
export { binaryData, binaryOf, byteSize } from './binary';
export { failClass, failReason } from './errors';
export { hAlloc } from './heap';
export {
  absTerm,
  addTerms,
  bandTerms,
  bnotTerm,
  borTerms,
  bslTerms,
  bsrTerms,
  bxorTerms,
  ceilTerm,
  compareNumbers,
  divTerms,
  floatTerm,
  floorTerm,
  intDivInSlices,
  intDivTerms,
  integerOfI64,
  integerOfU64,
  mulInSlices,
  mulTerms,
  negateTerm,
  plusTerm,
  remInSlices,
  remTerms,
  roundTerm,
  subTerms,
  truncTerm,
} from './numbers';
export {
  erlangBinaryToFloat1,
  erlangBinaryToInteger2,
  erlangFloatToBinary1,
  erlangFloatToBinary2,
  erlangFloatToList2,
  erlangIntegerToBinary2,
  erlangIntegerToList2,
  erlangListToFloat1,
  erlangListToInteger2,
  stringListToFloat1,
  stringListToInteger1,
} from './bif/number_text';
export {
  mathAcos1,
  mathAcosh1,
  mathAsin1,
  mathAsinh1,
  mathAtan1,
  mathAtan22,
  mathAtanh1,
  mathCeil1,
  mathCos1,
  mathCosh1,
  mathErf1,
  mathErfc1,
  mathExp1,
  mathFloor1,
  mathFmod2,
  mathLog1,
  mathLog101,
  mathLog21,
  mathPow2,
  mathSin1,
  mathSinh1,
  mathSqrt1,
  mathTan1,
  mathTanh1,
} from './bif/math';
export { parseFloatText, parsedFloat, parsedTooLarge } from './float_parse';
export {
  writeFloatFixed,
  writeFloatScientific,
  writeFloatShort,
  writeFloatText,
} from './float_text';
export { integerTextLength, integerTextMax, readInteger, writeInteger } from './number_text';
export { fitsI64, fitsU64, lowBits } from './bignum';
export { pendingReductions } from './state';

let heap: usize = 0;
const HEAP_BYTES: u32 = 32 << 20;

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
/** The slice that is left to the operations that follow. */
export function setSlice(reductions: i32): void {
  setReductionsLeft(reductions);
  setPendingReductions(0);
}
/** Bytes of terms made since the last reset. */
export function heapUsed(): u32 {
  return (heapTop - heap) as u32;
}
