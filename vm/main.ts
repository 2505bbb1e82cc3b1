/**
 * The entry of the VM: what exists after each line of `main` is said beside it. The host calls it
 * once with the size of linear memory and the place of the boot archive in it.
 */
import { initAllocator } from './alloc';
import { archiveModuleCount, initArchive } from './archive';
import { initAtoms } from './atoms';
import { bootFailure, startFirstProcesses } from './boot';
import { initBifs } from './bif_exports';
import { initExports } from './code';
import { initEts } from './ets/registry';
import { LINEAR_STATIC_DATA } from './gen/layout';
import { initProgram, isProgram } from './files/host_texts';
import { initHardware } from './hardware';
import { initHeapReserve } from './heap';
import { debugWrite, entropy, power } from './host';
import { initInterrupts } from './interrupts';
import { reportLength, reportText } from './loader/report';
import { initModules } from './modules';
import { initNames } from './names';
import { initArithmetic } from './ops/arithmetic';
import { initExceptions } from './ops/exceptions';
import { debugNumber, debugText } from './panic';
import { initPorts } from './ports';
import { initProcessTable } from './process';
import { initReferences } from './refs';
import { initShownResources } from './shown_resources';
import { initRelations } from './relations';
import { initPartitions } from './partitions';
import { initScheduler, schedule } from './scheduler';
import { initSendTimers } from './send_timers';
import { initBreakpoints } from './trace/breakpoints';
import { initTraceFrames } from './trace/frames';
import { initTimers } from './timers';
import { initWorkStack } from './work_stack';

function fail(text: string): void {
  debugText('VBEAM: ');
  debugText(text);
  debugText('\n');
  power(1);
}

/** A boot line; a program of a host has none. */
function phase(name: string, number: u64, unit: string): void {
  if (isProgram) return;
  debugText(name);
  debugText(': ');
  debugNumber(number);
  debugText(unit);
  debugText('\n');
}

/**
 * Bytes of linear memory, offset and bytes of the boot archive (at the top of linear memory, page
 * aligned).
 */
export function main(memoryBytes: u32, archiveLinear: u32, archiveBytes: u32): void {
  initProgram(); // whether a host has a command line for us
  const heapStart = __heap_base > LINEAR_STATIC_DATA ? __heap_base : LINEAR_STATIC_DATA;
  initAllocator(heapStart, archiveBytes ? archiveLinear : memoryBytes); // allocate, release
  phase(
    'kernel heap',
    (((archiveBytes ? archiveLinear : memoryBytes) as u64) - heapStart) >> 10,
    ' KiB',
  );
  initAtoms(); // atoms named in the VM
  initWorkStack(); // walks over terms
  initHeapReserve(); // hAlloc
  initExports(); // export entries
  initBifs(); // BIFs callable by name
  initReferences(entropy() as u64); // make_ref
  initShownResources(); // references that were written
  initRelations(); // links, monitors, aliases
  initTimers(); // receive timeouts
  initSendTimers(); // send_after
  initNames(); // registered names
  initPorts(); // ports
  initEts(); // tables
  initHardware(); // claims
  initInterrupts(); // ring to messages
  initArithmetic();
  initExceptions(); // raise
  initProcessTable(); // pids
  initScheduler(); // code that processes begin and end with
  initPartitions(); // one that has all
  initBreakpoints(); // tracing of calls
  initTraceFrames();
  if (!isProgram) debugText('process table: ready\n');
  initModules(); // code
  if (!initArchive(archiveLinear, archiveBytes)) {
    debugText('VBEAM: ');
    debugWrite(reportText() as u32, reportLength());
    debugText('\n');
    power(1);
  }
  phase('modules', archiveModuleCount as u64, ' in the boot archive');
  if (!startFirstProcesses()) fail(bootFailure); // init, or one process on the bare VM
  schedule();
}
export { dumpProcesses } from './dump';
