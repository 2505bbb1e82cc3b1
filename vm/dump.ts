/**
 * The state of all processes as text on the emergency console: for panics, and for whoever debugs a
 * system that hangs.
 */
import {
  P_CP,
  P_FLAGS,
  P_HEAP_END,
  P_HEAP_START,
  P_ID,
  P_MAILBOX_COUNT,
  P_NAME,
  P_PC,
  P_STACK_TOP,
  P_STATE,
} from './gen/layout';
import { functionAt, locationAt, locationLine } from './modules';
import { debugNumber, debugText } from './panic';
import { printTerm } from './print_term';
import { processAtSlot, processSlots } from './process_table';

/** Return addresses shown of each process. */
const DEPTH: u32 = 6;

function printPlace(address: usize): void {
  const info = functionAt(address);
  if (!info) {
    debugText(' ?');
    return;
  }
  debugText(' ');
  printTerm(load<u32>(info, 4) as u64);
  debugText(':');
  printTerm(load<u32>(info, 8) as u64);
  debugText('/');
  debugNumber(load<u32>(info, 12));
  if (locationAt(address)) {
    debugText(' line ');
    debugNumber(locationLine);
  }
}

function dumpProcess(process: usize): void {
  printTerm(load<u64>(process, P_ID));
  debugText(' ');
  if (load<u64>(process, P_NAME)) printTerm(load<u64>(process, P_NAME));
  debugText(' state ');
  debugNumber(load<u32>(process, P_STATE));
  debugText(' flags ');
  debugNumber(load<u32>(process, P_FLAGS));
  debugText(' messages ');
  debugNumber(load<u32>(process, P_MAILBOX_COUNT));
  debugText(' heap words ');
  debugNumber((load<u32>(process, P_HEAP_END) - load<u32>(process, P_HEAP_START)) >> 3);
  debugText('\n  ');
  printPlace(load<u32>(process, P_PC));
  if (load<u64>(process, P_CP)) printPlace((load<u64>(process, P_CP) as usize) - 4);
  const end = load<u32>(process, P_HEAP_END) as usize;
  let shown: u32 = 0;
  for (let at = load<u32>(process, P_STACK_TOP) as usize; at < end && shown < DEPTH; at += 8) {
    const word = load<u64>(at);
    if ((word & 3) != 0 || word == 0) continue;
    debugText(' <-');
    printPlace((word as usize) - 4);
    shown++;
  }
  debugText('\n');
}

/** All processes, in table order. */
export function dumpProcesses(): void {
  for (let i: u32 = 0; i < processSlots(); i++) {
    const process = processAtSlot(i);
    if (process) dumpProcess(process);
  }
}
