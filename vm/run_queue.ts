/**
 * Run queues: for each partition (vm/partitions.ts) one per priority, and one per priority for
 * processes that may use its critical budget. They are doubly linked lists through the control
 * blocks, first in first out. A process stands in the queue of its priority, or of a more urgent
 * one when others wait for what it has to do besides running: a collection, system tasks
 * (vm/system_tasks.ts). It does such work also while it waits or is suspended, and then stands in a
 * queue without being runnable.
 *
 *   number of a queue:  | partition | critical | priority |
 *                        4 bits      1 bit      2 bits
 */
import {
  FLAG_COLLECTING,
  FLAG_CRITICAL,
  FLAG_QUEUED,
  FLAG_TASKS,
  PRIORITY_LOW,
  PRIORITY_NORMAL,
  STATE_EXITING,
  STATE_RUNNABLE,
} from './process';
import {
  P_FLAGS,
  P_NEXT_RUN,
  P_PARTITION,
  P_PREVIOUS_RUN,
  P_PRIORITY,
  P_QUEUE,
  P_STATE,
  P_SUSPENDED,
  P_URGENCY,
} from './gen/layout';
import { PARTITIONS_MAX } from './partition_rows';

/** A low-priority process runs at least once for this many scheduled normal ones (OTP: 8). */
const LOW_RATIO: u32 = 8;
/** P_URGENCY is this less a priority: the more, the more urgent. */
const URGENCY_NONE: u32 = 4;

const PARTITION_SHIFT: u32 = 3;
const CRITICAL: u32 = 4;
const QUEUES: u32 = PARTITIONS_MAX << PARTITION_SHIFT;
/** Queues of a partition as bits, those for critical processes in the upper half. */
export const ALL_QUEUES: u32 = 0xff;
export const CRITICAL_QUEUES: u32 = 0xf0;
const PRIORITIES: u32 = 0xf;
const LOW_QUEUES: u32 = 0x11 << PRIORITY_LOW;

const firsts: usize = memory.data(QUEUES << 2, 8);
const lasts: usize = memory.data(QUEUES << 2, 8);
/** By partition: the queues that are not empty, one bit each. */
const filled: usize = memory.data(PARTITIONS_MAX, 8);
/** By partition: normal ones that ran since a low one did; whether it is critical ones' turn. */
const skipped: usize = memory.data(PARTITIONS_MAX, 8);
const turns: usize = memory.data(PARTITIONS_MAX, 8);
/** By partition: processes in its queues. */
const queued: usize = memory.data(PARTITIONS_MAX << 2, 8);

/** It has something to do that does not depend on whether it may run. */
function hasOtherWork(process: usize): bool {
  return (load<u32>(process, P_FLAGS) & (FLAG_COLLECTING | FLAG_TASKS)) != 0;
}
/** It goes on as soon as it gets the processor. */
export function mayRun(process: usize): bool {
  return load<u32>(process, P_STATE) != 0 && !load<u32>(process, P_SUSPENDED);
}
/** The queue in which a process with these flags has to stand. */
function queueOf(process: usize, flags: u32): u32 {
  const own = load<u32>(process, P_PRIORITY);
  const urgency = load<u8>(process, P_URGENCY) as u32;
  let priority = own;
  if (urgency) {
    priority = URGENCY_NONE - urgency;
    if (mayRun(process)) priority = min(own, priority);
  }
  const row = (load<u8>(process, P_PARTITION) as u32) << PARTITION_SHIFT;
  return row | (flags & FLAG_CRITICAL ? CRITICAL : 0) | priority;
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
  const queue = queueOf(process, flags);
  if (flags & FLAG_QUEUED) {
    if (load<u8>(process, P_QUEUE) == (queue as u8)) return;
    dequeueRun(process);
  }
  if (!mayRun(process) && !hasOtherWork(process)) return;
  store<u32>(process, flags | FLAG_QUEUED, P_FLAGS);
  store<u8>(process, queue as u8, P_QUEUE);
  const slot = queue << 2;
  const last = load<u32>(lasts + slot) as usize;
  store<u32>(process, 0, P_NEXT_RUN);
  store<u32>(process, last as u32, P_PREVIOUS_RUN);
  const partition = queue >> PARTITION_SHIFT;
  if (last) store<u32>(last, process as u32, P_NEXT_RUN);
  else {
    store<u32>(firsts + slot, process as u32);
    fill(partition, load<u8>(filled + partition) | bitOf(queue));
  }
  store<u32>(lasts + slot, process as u32);
  countQueued(partition, 1);
}
function bitOf(queue: u32): u32 {
  return 1 << (queue & ((1 << PARTITION_SHIFT) - 1));
}
function fill(partition: u32, queues: u32): void {
  store<u8>(filled + partition, queues as u8);
}
function countQueued(partition: u32, by: i32): void {
  const at = queued + (partition << 2);
  store<i32>(at, load<i32>(at) + by);
}

/** Take a process out of its queue (priority change, exit). */
export function dequeueRun(process: usize): void {
  const flags = load<u32>(process, P_FLAGS);
  if (!(flags & FLAG_QUEUED)) return;
  store<u32>(process, flags & ~FLAG_QUEUED, P_FLAGS);
  const queue = load<u8>(process, P_QUEUE) as u32;
  const partition = queue >> PARTITION_SHIFT;
  const slot = queue << 2;
  const next = load<u32>(process, P_NEXT_RUN) as usize;
  const previous = load<u32>(process, P_PREVIOUS_RUN) as usize;
  if (next) store<u32>(next, previous as u32, P_PREVIOUS_RUN);
  else store<u32>(lasts + slot, previous as u32);
  if (previous) store<u32>(previous, next as u32, P_NEXT_RUN);
  else {
    store<u32>(firsts + slot, next as u32);
    if (!next) fill(partition, load<u8>(filled + partition) & ~bitOf(queue));
  }
  countQueued(partition, -1);
}
/** It is suspended: what others wait for it does nevertheless. */
export function dequeueSuspended(process: usize): void {
  dequeueRun(process);
  enqueueWork(process);
}
/** What its queue depends on has changed, wherever it stands. */
export function requeue(process: usize): void {
  if (load<u32>(process, P_FLAGS) & FLAG_QUEUED) enqueueWork(process);
}
/** Others with `priority` wait for what it does: it is at least as urgent, until `calm`. */
export function hurry(process: usize, priority: u32): void {
  const urgency = (URGENCY_NONE - priority) as u8;
  if (load<u8>(process, P_URGENCY) < urgency) store<u8>(process, urgency, P_URGENCY);
}
export function calm(process: usize): void {
  store<u8>(process, 0, P_URGENCY);
}

/** Processes in the queues of a partition. */
export function queuedIn(partition: u32): u32 {
  return load<u32>(queued + (partition << 2));
}
export function queuedCount(): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < PARTITIONS_MAX; i++) count += queuedIn(i);
  return count;
}
/** The queues of a partition that are not empty. */
export function filledQueues(partition: u32): u32 {
  return load<u8>(filled + partition);
}
/** The most urgent priority in `queues`, which are not empty. */
export function mostUrgent(queues: u32): u32 {
  return ctz((queues | (queues >> CRITICAL)) & PRIORITIES);
}

/**
 * The process of a partition that runs next, from those of its queues that `allowed` names, taken
 * out of its queue; 0 when they are empty. Of one priority, critical ones and others take turns.
 */
export function takeFrom(partition: u32, allowed: u32): usize {
  const queues = filledQueues(partition) & allowed;
  if (!queues) return 0;
  let priority = mostUrgent(queues);
  if (priority == PRIORITY_NORMAL && queues & LOW_QUEUES) {
    const count = ((load<u8>(skipped + partition) as u32) + 1) % LOW_RATIO;
    store<u8>(skipped + partition, count as u8);
    if (!count) priority = PRIORITY_LOW;
  }
  let queue = priority;
  if ((queues >> (priority | CRITICAL)) & 1) {
    const turn = load<u8>(turns + partition) ^ 1;
    store<u8>(turns + partition, turn);
    if (turn || !((queues >> priority) & 1)) queue |= CRITICAL;
  }
  const row = partition << PARTITION_SHIFT;
  const process = load<u32>(firsts + ((row | queue) << 2)) as usize;
  dequeueRun(process);
  return process;
}

/** Change the priority of a process, wherever it stands. */
export function setPriority(process: usize, priority: u32): void {
  store<u32>(process, priority, P_PRIORITY);
  requeue(process);
}
