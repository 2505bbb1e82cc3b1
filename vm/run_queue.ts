/**
 * Run queues, one per priority: doubly linked lists through the control blocks, first in first out.
 * A process stands in the queue of its priority, or of a more urgent one when others wait for what
 * it has to do besides running: a collection, system tasks (vm/system_tasks.ts). It does such work
 * also while it waits or is suspended, and then stands in a queue without being runnable.
 */
import {
  FLAG_COLLECTING,
  FLAG_QUEUED,
  FLAG_TASKS,
  PRIORITY_HIGH,
  PRIORITY_LOW,
  PRIORITY_MAX,
  PRIORITY_NORMAL,
  STATE_EXITING,
  STATE_RUNNABLE,
} from './process';
import {
  P_FLAGS,
  P_NEXT_RUN,
  P_PREVIOUS_RUN,
  P_PRIORITY,
  P_QUEUE,
  P_STATE,
  P_SUSPENDED,
  P_URGENCY,
} from './gen/layout';

/** A low-priority process runs at least once for this many scheduled normal ones (OTP: 8). */
const LOW_RATIO: u32 = 8;
/** P_URGENCY is this less a priority: the more, the more urgent. */
const URGENCY_NONE: u32 = 4;

const firsts: usize = memory.data(16, 8);
const lasts: usize = memory.data(16, 8);
let skipped: u32 = 0;
export let queuedCount: u32 = 0;

/** It has something to do that does not depend on whether it may run. */
function hasOtherWork(process: usize): bool {
  return (load<u32>(process, P_FLAGS) & (FLAG_COLLECTING | FLAG_TASKS)) != 0;
}
/** It goes on as soon as it gets the processor. */
export function mayRun(process: usize): bool {
  return load<u32>(process, P_STATE) != 0 && !load<u32>(process, P_SUSPENDED);
}
/** The queue in which a process has to stand. */
function queueOf(process: usize): u32 {
  const own = load<u32>(process, P_PRIORITY);
  const urgency = load<u8>(process, P_URGENCY) as u32;
  if (!urgency) return own;
  return mayRun(process) ? min(own, URGENCY_NONE - urgency) : URGENCY_NONE - urgency;
}

/** A process may run: into its queue. Suspended ones wait outside. */
export function enqueueRun(process: usize): void {
  // Exiting ones stay so, and cannot be suspended.
  if (load<u32>(process, P_STATE) != STATE_EXITING) store<u32>(process, STATE_RUNNABLE, P_STATE);
  else store<u32>(process, 0, P_SUSPENDED);
  enqueueWork(process);
}
/** Into its queue, as far as there is something to do; its state stays as it is. */
export function enqueueWork(process: usize): void {
  const flags = load<u32>(process, P_FLAGS);
  if (flags & FLAG_QUEUED) {
    if (load<u8>(process, P_QUEUE) == (queueOf(process) as u8)) return;
    dequeueRun(process);
  }
  if (!mayRun(process) && !hasOtherWork(process)) return;
  store<u32>(process, flags | FLAG_QUEUED, P_FLAGS);
  const queue = queueOf(process);
  store<u8>(process, queue as u8, P_QUEUE);
  const slot = queue << 2;
  const last = load<u32>(lasts + slot) as usize;
  store<u32>(process, 0, P_NEXT_RUN);
  store<u32>(process, last as u32, P_PREVIOUS_RUN);
  if (last) store<u32>(last, process as u32, P_NEXT_RUN);
  else store<u32>(firsts + slot, process as u32);
  store<u32>(lasts + slot, process as u32);
  queuedCount++;
}

/** Take a process out of its queue (priority change, exit). */
export function dequeueRun(process: usize): void {
  const flags = load<u32>(process, P_FLAGS);
  if (!(flags & FLAG_QUEUED)) return;
  store<u32>(process, flags & ~FLAG_QUEUED, P_FLAGS);
  const slot = (load<u8>(process, P_QUEUE) as u32) << 2;
  const next = load<u32>(process, P_NEXT_RUN) as usize;
  const previous = load<u32>(process, P_PREVIOUS_RUN) as usize;
  if (next) store<u32>(next, previous as u32, P_PREVIOUS_RUN);
  else store<u32>(lasts + slot, previous as u32);
  if (previous) store<u32>(previous, next as u32, P_NEXT_RUN);
  else store<u32>(firsts + slot, next as u32);
  queuedCount--;
}
/** It is suspended: what others wait for it does nevertheless. */
export function dequeueSuspended(process: usize): void {
  dequeueRun(process);
  enqueueWork(process);
}
/** Others with `priority` wait for what it does: it is at least as urgent, until `calm`. */
export function hurry(process: usize, priority: u32): void {
  const urgency = (URGENCY_NONE - priority) as u8;
  if (load<u8>(process, P_URGENCY) < urgency) store<u8>(process, urgency, P_URGENCY);
}
export function calm(process: usize): void {
  store<u8>(process, 0, P_URGENCY);
}

function firstOf(priority: u32): usize {
  return load<u32>(firsts + (priority << 2));
}

/** The process that runs next, taken out of its queue; 0 when none is runnable. */
export function nextRunnable(): usize {
  let process = firstOf(PRIORITY_MAX);
  if (!process) process = firstOf(PRIORITY_HIGH);
  if (!process) {
    const normal = firstOf(PRIORITY_NORMAL);
    const low = firstOf(PRIORITY_LOW);
    if (normal && low) {
      skipped = (skipped + 1) % LOW_RATIO;
      process = skipped ? normal : low;
    } else process = normal ? normal : low;
  }
  if (process) dequeueRun(process);
  return process;
}

/** Change the priority of a process, wherever it stands. */
export function setPriority(process: usize, priority: u32): void {
  store<u32>(process, priority, P_PRIORITY);
  if (load<u32>(process, P_FLAGS) & FLAG_QUEUED) enqueueWork(process);
}
