/** Test entry for the loader alone: no processes, no interpreter. tests/vm/loader.test.ts drives it. */
import { allocate, allocatedBytes, initAllocator, release } from './alloc';
import { atomLength, atomText, initAtoms } from './atoms';
import { initExports } from './code';
import { setAcceptUnimplemented } from './loader/emit';
import { loadModule, prepareModule, discardInstance } from './loader/load';
import { reportLength, reportText } from './loader/report';
import {
  functionAt,
  initModules,
  locationAt,
  locationFile,
  locationFileLength,
  locationLine,
} from './modules';
import { initWorkStack } from './work_stack';

export {
  allocate,
  allocatedBytes,
  release,
  atomLength,
  atomText,
  loadModule,
  prepareModule,
  discardInstance,
};
export { reportLength, reportText, functionAt, locationAt, setAcceptUnimplemented };

export function line(): u32 {
  return locationLine;
}
export function file(): usize {
  return locationFile;
}
export function fileLength(): u32 {
  return locationFileLength;
}

export function init(start: usize, end: usize): void {
  initAllocator(start, end);
  initWorkStack();
  initAtoms();
  initExports();
  initModules();
}
