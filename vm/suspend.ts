/** erlang:suspend_process: a list of {next, count, pid} records at the suspending process. */
import { allocate, release } from './alloc';
import { P_SUSPENDED, P_SUSPENDERS, P_STATE } from './gen/layout';
import { STATE_RUNNABLE, processOf } from './process';
import { dequeueSuspended, enqueueRun } from './run_queue';

const S_NEXT: u32 = 0;
const S_COUNT: u32 = 4;
const S_PID: u32 = 8;
const RECORD_BYTES: u32 = 16;

function find(suspender: usize, pid: u64): usize {
  let record = load<u32>(suspender, P_SUSPENDERS) as usize;
  while (record) {
    if (load<u64>(record, S_PID) == pid) return record;
    record = load<u32>(record, S_NEXT);
  }
  return 0;
}

/** Drop the records of processes that are gone. */
function forgetEnded(suspender: usize): void {
  let slot: usize = suspender + P_SUSPENDERS;
  while (load<u32>(slot)) {
    const record = load<u32>(slot) as usize;
    if (processOf(load<u64>(record, S_PID))) {
      slot = record;
      continue;
    }
    store<u32>(slot, load<u32>(record));
    release(record);
  }
}
/** Suspend `target` once more on behalf of `suspender`; false when there is no memory. */
export function suspend(suspender: usize, target: usize, pid: u64): bool {
  let record = find(suspender, pid);
  if (!record) {
    forgetEnded(suspender);
    record = allocate(RECORD_BYTES);
    if (!record) return false;
    store<u64>(record, pid, S_PID);
    store<u32>(record, 0, S_COUNT);
    store<u32>(record, load<u32>(suspender, P_SUSPENDERS), S_NEXT);
    store<u32>(suspender, record as u32, P_SUSPENDERS);
  }
  store<u32>(record, load<u32>(record, S_COUNT) + 1, S_COUNT);
  store<u32>(target, load<u32>(target, P_SUSPENDED) + 1, P_SUSPENDED);
  dequeueSuspended(target);
  return true;
}
export function suspendedBy(suspender: usize, pid: u64): u32 {
  const record = find(suspender, pid);
  return record ? load<u32>(record, S_COUNT) : 0;
}

/** Undo a suspension that no process asked for: a busy port has room again. */
export function resumeOnce(pid: u64): void {
  release1(pid, 1);
}

/** The record after `record` (0 = the first) of what `suspender` suspends, 0 at the end. */
export function nextSuspended(suspender: usize, record: usize): usize {
  let next = record ? load<u32>(record, S_NEXT) : load<u32>(suspender, P_SUSPENDERS);
  while (next && !load<u32>(next, S_COUNT)) next = load<u32>(next, S_NEXT);
  return next;
}
export function suspendedPid(record: usize): u64 {
  return load<u64>(record, S_PID);
}

function release1(pid: u64, count: u32): void {
  const target = processOf(pid);
  if (!target) return;
  const left = load<u32>(target, P_SUSPENDED);
  store<u32>(target, left > count ? left - count : 0, P_SUSPENDED);
  if (left <= count && load<u32>(target, P_STATE) == STATE_RUNNABLE) enqueueRun(target);
}

/** Undo one suspend; false when `suspender` does not suspend `pid`. */
export function resume(suspender: usize, pid: u64): bool {
  const record = find(suspender, pid);
  if (!record || !load<u32>(record, S_COUNT)) return false;
  store<u32>(record, load<u32>(record, S_COUNT) - 1, S_COUNT);
  release1(pid, 1);
  return true;
}

/** The suspender exits: all that it suspended go on. */
export function resumeSuspended(suspender: usize): void {
  let record = load<u32>(suspender, P_SUSPENDERS) as usize;
  while (record) {
    const next = load<u32>(record, S_NEXT) as usize;
    if (load<u32>(record, S_COUNT)) release1(load<u64>(record, S_PID), load<u32>(record, S_COUNT));
    release(record);
    record = next;
  }
  store<u32>(suspender, 0, P_SUSPENDERS);
}
