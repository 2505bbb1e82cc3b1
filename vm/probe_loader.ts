/**
 * Test entry for loader, archive and external terms alone: no processes, no interpreter.
 * tests/vm/loader_probe.ts drives it.
 */
import { allocate, allocatedBytes, initAllocator, release } from './alloc';
import {
  archiveFindBytes,
  archiveFileCount,
  archiveFileLength,
  archiveModule,
  archiveModuleCount,
  initArchive,
  loadFromArchive,
} from './archive';
import { atomCount, atomFromUtf8, atomLength, atomText, initAtoms } from './atoms';
import {
  binaryToTerm1,
  decodeMore2,
  encodeMore3,
  externalSize1,
  termToBinary1,
} from './bif/external';
import { binaryData, binaryOf, byteSize } from './binary';
import { exportCount, exportEntry, initExports } from './code';
import { funEntryCount } from './fun_entries';
import { initHeapReserve } from './heap';
import { inflateZlib } from './inflate';
import { setAcceptUnimplemented } from './loader/emit';
import { discardInstance, loadModule, prepareModule } from './loader/load';
import { reportLength, reportText } from './loader/report';
import {
  functionAt,
  initModules,
  locationAt,
  locationFile,
  locationFileLength,
  locationLine,
} from './modules';
import { enterTemporaryHeap, leaveTemporaryHeap } from './temporary_heap';
import { CLASS_TRAP, failClass } from './errors';
import { decodeTerm } from './etf';
import { getX } from './registers';
import { NONE } from './term';
import { initWorkStack } from './work_stack';

export { allocate, allocatedBytes, release, atomCount, atomLength, atomText, atomFromUtf8 };
export { loadModule, prepareModule, discardInstance, exportCount, funEntryCount, exportEntry };
export { reportLength, reportText, functionAt, locationAt, setAcceptUnimplemented, inflateZlib };
export { archiveFindBytes, archiveFileCount, archiveFileLength, archiveModule, archiveModuleCount };
export { initArchive, loadFromArchive };

export { termToBinary } from './etf';

/** Decode the term in a binary at once. */
export function decodeNow(binary: u64): u64 {
  return decodeTerm(binaryData(binary), byteSize(binary), false);
}
/** Traps that the last operation in slices took. */
export let slices: u32 = 0;
function trapped(result: u64): bool {
  if (result != NONE || failClass != CLASS_TRAP) return false;
  slices++;
  return true;
}
/** As a process would do it that has hardly any reductions left: the smallest slices. */
export function decodeInSlices(binary: u64): u64 {
  slices = 0;
  let result = binaryToTerm1(binary);
  while (trapped(result)) result = decodeMore2(getX(0), getX(1));
  return result;
}
export function encodeInSlices(term: u64): u64 {
  slices = 0;
  let result = termToBinary1(term);
  while (trapped(result)) result = encodeMore3(getX(0), getX(1), getX(2));
  return result;
}
export function sizeInSlices(term: u64): u64 {
  slices = 0;
  let result = externalSize1(term);
  while (trapped(result)) result = encodeMore3(getX(0), getX(1), getX(2));
  return result;
}

export { binaryData, binaryOf, byteSize, enterTemporaryHeap, leaveTemporaryHeap };

export function line(): u32 {
  return locationLine;
}
export function file(): usize {
  return locationFile;
}
export function fileLength(): u32 {
  return locationFileLength;
}

export { checksEmitted } from './loader/verify';

export function init(start: usize, end: usize): void {
  initAllocator(start, end);
  initWorkStack();
  initHeapReserve();
  initAtoms();
  initExports();
  initModules();
}
