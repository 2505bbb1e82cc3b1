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
  binaryToTerm2,
  externalSize1,
  termToBinary1,
  termToBinary2,
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
import { enterTemporaryHeap, leaveTemporaryHeap } from './loader/temporary_heap';
import { initWorkStack } from './work_stack';

export { allocate, allocatedBytes, release, atomCount, atomLength, atomText, atomFromUtf8 };
export { loadModule, prepareModule, discardInstance, exportCount, funEntryCount, exportEntry };
export { reportLength, reportText, functionAt, locationAt, setAcceptUnimplemented, inflateZlib };
export { archiveFindBytes, archiveFileCount, archiveFileLength, archiveModule, archiveModuleCount };
export { initArchive, loadFromArchive };

export { binaryToTerm1, binaryToTerm2, externalSize1, termToBinary1, termToBinary2 };
export { termToBinary } from './etf';
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
