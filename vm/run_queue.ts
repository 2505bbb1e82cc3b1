/**
 * Run queues, one per priority: doubly linked lists through the control blocks, first in first out.
 */
import {
  FLAG_QUEUED,
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
  P_STATE,
  P_SUSPENDED,
} from './gen/layout';

/** A low-priority process runs at least once for this many scheduled normal ones (OTP: 8). */
const LOW_RATIO: u32 = 8;

const firsts: usize = memory.data(16, 8);
const lasts: usize = memory.data(16, 8);
let skipped: u32 = 0;
export let queuedCount: u32 = 0;

/** Append a runnable process to the queue of its priority. Suspended ones wait outside. */
export function enqueueRun(process: usize): void {
  const flags = load<u32>(process, P_FLAGS);
  if (flags & FLAG_QUEUED) return;
  // Exiting ones stay so, and cannot be suspended.
  if (load<u32>(process, P_STATE) != STATE_EXITING) store<u32>(process, STATE_RUNNABLE, P_STATE);
  else store<u32>(process, 0, P_SUSPENDED);
  if (load<u32>(process, P_SUSPENDED)) return;
  store<u32>(process, flags | FLAG_QUEUED, P_FLAGS);
  const slot = load<u32>(process, P_PRIORITY) << 2;
  const last = load<u32>(lasts + slot) as usize;
  store<u32>(process, 0, P_NEXT_RUN);
  store<u32>(process, last as u32, P_PREVIOUS_RUN);
  if (last) store<u32>(last, process as u32, P_NEXT_RUN);
  else store<u32>(firsts + slot, process as u32);
  store<u32>(lasts + slot, process as u32);
  queuedCount++;
}

/** Take a process out of its queue (priority change, suspend, exit). */
export function dequeueRun(process: usize): void {
  const flags = load<u32>(process, P_FLAGS);
  if (!(flags & FLAG_QUEUED)) return;
  store<u32>(process, flags & ~FLAG_QUEUED, P_FLAGS);
  const slot = load<u32>(process, P_PRIORITY) << 2;
  const next = load<u32>(process, P_NEXT_RUN) as usize;
  const previous = load<u32>(process, P_PREVIOUS_RUN) as usize;
  if (next) store<u32>(next, previous as u32, P_PREVIOUS_RUN);
  else store<u32>(lasts + slot, previous as u32);
  if (previous) store<u32>(previous, next as u32, P_NEXT_RUN);
  else store<u32>(firsts + slot, next as u32);
  queuedCount--;
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
  const queued = load<u32>(process, P_FLAGS) & FLAG_QUEUED;
  if (queued) dequeueRun(process);
  store<u32>(process, priority, P_PRIORITY);
  if (queued) enqueueRun(process);
}
