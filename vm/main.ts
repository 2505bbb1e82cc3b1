/**
 * The entry of the VM: what exists after each line of `main` is said beside it. The host calls it
 * once with the size of linear memory and the place of the boot archive in it.
 *
 * The archive's file `boot` names the first function: a line `module function`; its arguments are
 * none.
 */
import { initAllocator } from './alloc';
import { archiveFind, archiveFileLength, archiveModuleCount, initArchive } from './archive';
import { atomFromUtf8, initAtoms } from './atoms';
import { initBifs } from './bif_exports';
import { initExports } from './code';
import { initEts } from './ets/registry';
import { LINEAR_STATIC_DATA, P_ID } from './gen/layout';
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
import { initProcesses } from './process';
import { initReferences } from './refs';
import { initRelations } from './relations';
import { initScheduler, schedule, setRootProcess } from './scheduler';
import { initSendTimers } from './send_timers';
import { resetSpawnOptions, spawnProcess, startSpawned } from './spawn';
import { NIL } from './term';
import { initTimers } from './timers';
import { initWorkStack } from './work_stack';

/** Longest `boot` file. */
const BOOT_BYTES_MAX: u32 = 512;

function fail(text: string): void {
  debugText('VBEAM: ');
  debugText(text);
  debugText('\n');
  power(1);
}

function phase(name: string, number: u64, unit: string): void {
  debugText(name);
  debugText(': ');
  debugNumber(number);
  debugText(unit);
  debugText('\n');
}

function isSpace(byte: u8): bool {
  return byte == 32 || byte == 10 || byte == 13;
}

/** Spawn the process that the archive's `boot` file names. */
function startFirstProcess(): void {
  const text = archiveFind('boot');
  const length = archiveFileLength;
  if (!text || length > BOOT_BYTES_MAX) {
    fail('the boot archive has no usable file "boot"');
    return;
  }
  let middle: u32 = 0;
  while (middle < length && !isSpace(load<u8>(text + middle))) middle++;
  let end = middle + 1;
  while (end < length && !isSpace(load<u8>(text + end))) end++;
  if (middle == 0 || end <= middle + 1 || end > length) {
    fail('the file "boot" must hold a module and a function');
    return;
  }
  const module = atomFromUtf8(text, middle);
  const name = atomFromUtf8(text + middle + 1, end - middle - 1);
  resetSpawnOptions();
  const process = module && name ? spawnProcess(module, name, NIL) : 0;
  if (!process) {
    fail('no memory for the first process');
    return;
  }
  setRootProcess(load<u64>(process, P_ID));
  startSpawned(process);
}

/**
 * Bytes of linear memory, offset and bytes of the boot archive (at the top of linear memory, page
 * aligned).
 */
export function main(memoryBytes: u32, archiveLinear: u32, archiveBytes: u32): void {
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
  initRelations(); // links, monitors, aliases
  initTimers(); // receive timeouts
  initSendTimers(); // send_after
  initNames(); // registered names
  initEts(); // tables
  initHardware(); // claims
  initInterrupts(); // ring to messages
  initArithmetic();
  initExceptions(); // raise
  initProcesses(); // pids
  initScheduler(); // run queues
  debugText('process table: ready\n');
  initModules(); // code
  if (!initArchive(archiveLinear, archiveBytes)) {
    debugText('VBEAM: ');
    debugWrite(reportText() as u32, reportLength());
    debugText('\n');
    power(1);
  }
  phase('modules', archiveModuleCount as u64, ' in the boot archive');
  startFirstProcess();
  schedule();
}
export { dumpProcesses } from './dump';
