/**
 * From the interrupt ring to messages (architecture section 6): every entry becomes
 * `{interrupt, Vector, Data}` for the process that claimed the vector. The timer's own vector only
 * rings the doorbell.
 */
import { am_interrupt } from './gen/atoms';
import { LINEAR_INTERRUPT_ENTRY, VECTOR_LAPIC_TIMER } from './gen/layout';
import { vectorOwner } from './hardware';
import { allocate } from './alloc';
import { nextInterrupt } from './host';
import { enqueue } from './mailbox';
import { workDone } from './scheduler';
import { livingProcess, wake } from './signals';
import { SUB_TUPLE, boxedOf, headerOf, smallOf } from './term';

/** Entries taken in one go, so that a storm of interrupts cannot keep processes from running. */
const BATCH_MAX: u32 = 64;
const RING_FULL: u32 = 0xffff_ffff;

let scratch: usize = 0;
export let interruptsDelivered: u64 = 0;
/** Interrupts that nobody had claimed. */
export let interruptsUnclaimed: u64 = 0;
export let interruptsDropped: u64 = 0;

export function initInterrupts(): void {
  scratch = allocate(32);
}

export function deliverInterrupts(): void {
  const work = workDone();
  for (let i: u32 = 0; i < BATCH_MAX; i++) {
    if (!nextInterrupt(LINEAR_INTERRUPT_ENTRY, work)) return;
    const vector = load<u32>(LINEAR_INTERRUPT_ENTRY);
    if (vector == VECTOR_LAPIC_TIMER) continue;
    const data = load<u32>(LINEAR_INTERRUPT_ENTRY, 4);
    if (vector == RING_FULL) interruptsDropped += data;
    else deliverOne(vector, data);
  }
}

function deliverOne(vector: u32, data: u32): void {
  const process = livingProcess(vectorOwner(vector));
  if (!process) {
    interruptsUnclaimed++;
    return;
  }
  // The message is built outside any heap: enqueue copies it into a fragment of the receiver.
  store<u64>(scratch, headerOf(SUB_TUPLE, 3));
  store<u64>(scratch, am_interrupt, 8);
  store<u64>(scratch, smallOf(vector as i64), 16);
  store<u64>(scratch, smallOf(data as i64), 24);
  if (enqueue(process, boxedOf(scratch))) {
    interruptsDelivered++;
    wake(process);
  }
}
