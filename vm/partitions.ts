/**
 * Adaptive partitions: each has a guaranteed share of the processor's time over a sliding window.
 *
 *   - As long as a partition has used less than its share of the window, it has budget. Of those
 *     with budget that have work, the one with the most urgent process runs; of equally urgent ones
 *     that which has used the least of its share.
 *   - When none of those has work, the time is lent to the others, by the same two rules.
 *   - A critical process of a partition without budget runs as if it had some, as long as the
 *     partition's critical budget lasts. That a critical process wanted more is a bankruptcy.
 *   - Time is billed to the partition of who had the processor, whatever it did with it.
 *
 * With one partition there is nothing to choose: the scheduler then looks at no clock between two
 * processes, and what was used is what was not idle.
 *
 * The rules are those of QNX's adaptive partitioning scheduler.
 */
import { allocate } from './alloc';
import { am_partition_bankrupt, am_system } from './gen/atoms';
import { P_PARTITION } from './gen/layout';
import { now } from './host';
import { enqueue } from './mailbox';
import {
  PARTITIONS_MAX,
  SYSTEM_PARTITION,
  S_BANKRUPTCIES,
  S_BANKRUPT_UNTIL,
  S_BUDGET,
  S_CLOSING,
  S_CRITICAL,
  S_HEIRS,
  S_MEMBERS,
  S_NAME,
  S_SHARE,
  movePartition,
  partitionNamed,
  partitionRow,
  setHeirPartition,
} from './partition_rows';
import {
  ALL_QUEUES,
  CRITICAL_QUEUES,
  filledQueues,
  mostUrgent,
  requeue,
  takeFrom,
} from './run_queue';
import { totalReductions } from './scheduler';
import { livingProcess, wake } from './signals';
import { current } from './state';
import { SUB_TUPLE, boxedOf, headerOf } from './term';
import {
  NOBODY,
  OVER_WINDOW,
  accounted,
  criticalOver,
  forgetUsage,
  initUsage,
  passTime,
  setWindow,
  usedOver,
  windowNs,
} from './usage';

/** What a reduction counts as when the clock stands still. */
const REDUCTION_NS: i64 = 25;
/** Drivers below `system` answer their devices also when it has used its share. */
const SYSTEM_CRITICAL_NS: i64 = 10_000_000;
const PER_CENT: u32 = 100;

/** Whose time it is, and of which budget. */
let running: i32 = SYSTEM_PARTITION as i32;
let runningCritical: bool = false;
/** The clock when that was last settled. */
let settledNs: i64 = 0;
let settledReductions: u64 = 0;
/** Rows in use: with one, nothing is chosen. */
let rowsUsed: u32 = 1;

/** Who may change partitions, 0 = nobody; whether bankruptcies are told to it. */
export let partitionOwner: u64 = 0;
export let bankruptciesTold: bool = false;
let scratch: usize = 0;

export function initPartitions(): void {
  initUsage();
  const system = partitionRow(SYSTEM_PARTITION);
  store<u64>(system, am_system, S_NAME);
  store<i64>(system, SYSTEM_CRITICAL_NS, S_CRITICAL);
  shareRest();
  scratch = allocate(24);
  settledNs = now();
}
/** `system` has what is left of the shares, and all have budgets accordingly. */
function shareRest(): void {
  let rest = PER_CENT;
  for (let i: u32 = 1; i < PARTITIONS_MAX; i++) rest -= load<u32>(partitionRow(i), S_SHARE);
  store<u32>(partitionRow(SYSTEM_PARTITION), rest, S_SHARE);
  for (let i: u32 = 0; i < PARTITIONS_MAX; i++) {
    const row = partitionRow(i);
    // Those who are ending in a partition that goes come to their end.
    const share = max(load<u32>(row, S_SHARE), load<u32>(row, S_CLOSING)) as i64;
    store<i64>(row, (windowNs * share) / (PER_CENT as i64), S_BUDGET);
  }
}

// ---- time

/** The time since this was last called was used by who had the processor; the clock. */
export function settleUsed(): i64 {
  return settle(running, runningCritical);
}
/** The same when there was nothing to run. */
export function settleIdle(): i64 {
  return settle(NOBODY, false);
}
function settle(partition: i32, critical: bool): i64 {
  const time = now();
  let ns = time - settledNs;
  if (ns <= 0) ns = ((totalReductions - settledReductions) as i64) * REDUCTION_NS;
  settledNs = time;
  settledReductions = totalReductions;
  passTime(ns, partition, critical);
  return time;
}

// ---- who is next

/** The process that runs next, taken out of its queue; 0 when none is runnable. */
export function nextProcess(): usize {
  if (rowsUsed == 1) return takeFrom(SYSTEM_PARTITION, ALL_QUEUES);
  settleUsed();
  return chooseProcess();
}
function chooseProcess(): usize {
  let best: i32 = -1;
  let bestQueues: u32 = 0;
  let bestFunded = false;
  let bestPriority: u32 = 0;
  let bestCritical = false;
  for (let i: u32 = 0; i < rowsUsed; i++) {
    let queues = filledQueues(i);
    if (!queues) continue;
    let funded = usedOver(OVER_WINDOW, i) < load<i64>(partitionRow(i), S_BUDGET);
    const critical = !funded && (queues & CRITICAL_QUEUES) != 0 && hasCriticalBudget(i);
    if (critical) {
      queues &= CRITICAL_QUEUES;
      funded = true;
    }
    const priority = mostUrgent(queues);
    if (best >= 0) {
      if (funded != bestFunded) {
        if (bestFunded) continue;
      } else if (priority != bestPriority) {
        if (priority > bestPriority) continue;
      } else if (!usedLess(i, best as u32)) continue;
    }
    best = i as i32;
    bestQueues = queues;
    bestFunded = funded;
    bestPriority = priority;
    bestCritical = critical;
  }
  if (best < 0) return 0;
  running = best;
  runningCritical = bestCritical;
  return takeFrom(best as u32, bestQueues);
}
/** A has used less of its share than B. */
function usedLess(a: u32, b: u32): bool {
  const shareA = max(load<u32>(partitionRow(a), S_SHARE), 1) as i64;
  const shareB = max(load<u32>(partitionRow(b), S_SHARE), 1) as i64;
  return usedOver(OVER_WINDOW, a) * shareB < usedOver(OVER_WINDOW, b) * shareA;
}
/** A critical process of a partition without budget wants to run. */
function hasCriticalBudget(partition: u32): bool {
  const row = partitionRow(partition);
  const budget = load<i64>(row, S_CRITICAL);
  if (criticalOver(OVER_WINDOW, partition) < budget) return true;
  if (budget && accounted >= load<i64>(row, S_BANKRUPT_UNTIL)) bankrupt(row);
  return false;
}
/** Once a window at most. */
function bankrupt(row: usize): void {
  store<i64>(row, accounted + windowNs, S_BANKRUPT_UNTIL);
  store<u64>(row, load<u64>(row, S_BANKRUPTCIES) + 1, S_BANKRUPTCIES);
  const owner = bankruptciesTold ? livingProcess(partitionOwner) : 0;
  if (!owner) return;
  store<u64>(scratch, headerOf(SUB_TUPLE, 2));
  store<u64>(scratch, am_partition_bankrupt, 8);
  store<u64>(scratch, load<u64>(row, S_NAME), 16);
  if (enqueue(owner, boxedOf(scratch))) wake(owner);
}

// ---- changes: time up to now is settled before

/** The owner may change partitions until it ends, or gives that back. */
export function ownPartitions(pid: u64): void {
  partitionOwner = pid;
  bankruptciesTold = false;
}
export function tellBankruptcies(told: bool): void {
  bankruptciesTold = told;
}
/** Per cent that a partition of this name can have at most. */
export function shareAvailable(partition: i32): u32 {
  const rest = load<u32>(partitionRow(SYSTEM_PARTITION), S_SHARE) - 1;
  return partition > 0 ? rest + load<u32>(partitionRow(partition as u32), S_SHARE) : rest;
}
/** A new partition, -1 when there are too many. Share and critical budget follow. */
export function newPartition(name: u64): i32 {
  const partition = partitionNamed(0);
  if (partition < 0) return -1;
  settleUsed();
  const row = partitionRow(partition as u32);
  store<u64>(row, name, S_NAME);
  store<u64>(row, 0, S_BANKRUPTCIES);
  store<i64>(row, 0, S_BANKRUPT_UNTIL);
  forgetUsage(partition as u32);
  countRows();
  return partition;
}
export function setShare(partition: u32, share: u32, criticalNs: i64): void {
  settleUsed();
  const row = partitionRow(partition);
  if (partition != SYSTEM_PARTITION) store<u32>(row, share, S_SHARE);
  store<i64>(row, criticalNs, S_CRITICAL);
  shareRest();
}
/**
 * A partition is to go: its share is free, and nobody starts in it any more. True when nobody is
 * left in it, and it is gone.
 */
export function closePartition(partition: u32): bool {
  settleUsed();
  const row = partitionRow(partition);
  store<u32>(row, 0, S_SHARE);
  store<i64>(row, 0, S_CRITICAL);
  store<u32>(row, 1, S_CLOSING); // also the per cent that it still has
  const gone = !load<u32>(row, S_MEMBERS) && !load<u32>(row, S_HEIRS);
  if (gone) {
    store<u64>(row, 0, S_NAME);
    store<u32>(row, 0, S_CLOSING);
    countRows();
  }
  shareRest();
  return gone;
}
function countRows(): void {
  rowsUsed = PARTITIONS_MAX;
  while (!load<u64>(partitionRow(rowsUsed - 1), S_NAME)) rowsUsed--;
  if (current) running = load<u8>(current, P_PARTITION) as i32;
  runningCritical = false;
}
export function changeWindow(ns: i64): void {
  settleUsed();
  setWindow(ns);
  shareRest();
}
/** A process belongs to a partition from now on, and so will those that it starts. */
export function joinPartition(process: usize, partition: u32): void {
  settleUsed();
  movePartition(process, partition);
  setHeirPartition(process, partition);
  if (process == current) {
    running = partition as i32;
    runningCritical = false;
  } else requeue(process);
}
