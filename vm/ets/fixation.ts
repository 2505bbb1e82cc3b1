/**
 * Fixations: while a table is fixed by some process, a walk over it from key to key meets every
 * object that is there all the time exactly once (ets:safe_fixtable/2). One record for each pair of
 * table and process.
 *
 * +---------------+------------------+-------+---------+-------+---+
 * | next of table | next of process  | table | process | count | - |   u32 each
 * +---------------+------------------+-------+---------+-------+---+
 */
import { allocate, release } from '../alloc';
import { P_FIXATIONS } from '../gen/layout';
import { now } from '../host';
import { T_FIXATIONS, T_FIXED_AT, T_FIXES } from './layout';

const NEXT: u32 = 0;
const NEXT_OWN: u32 = 4;
const TABLE: u32 = 8;
const PROCESS: u32 = 12;
const COUNT: u32 = 16;
const RECORD_BYTES: u32 = 24;

function findFixation(table: usize, process: usize): usize {
  let record = load<u32>(table, T_FIXATIONS) as usize;
  while (record && load<u32>(record, PROCESS) != process) record = load<u32>(record, NEXT);
  return record;
}

/** `process` fixes the table once more; false when memory is exhausted. */
export function fixTable(table: usize, process: usize): bool {
  let record = findFixation(table, process);
  if (!record) {
    record = allocate(RECORD_BYTES);
    if (!record) return false;
    store<u32>(record, load<u32>(table, T_FIXATIONS));
    store<u32>(table, record as u32, T_FIXATIONS);
    store<u32>(record, load<u32>(process, P_FIXATIONS), NEXT_OWN);
    store<u32>(process, record as u32, P_FIXATIONS);
    store<u32>(record, table as u32, TABLE);
    store<u32>(record, process as u32, PROCESS);
    store<u32>(record, 0, COUNT);
  }
  if (!load<u32>(table, T_FIXES)) store<i64>(table, now(), T_FIXED_AT);
  store<u32>(record, load<u32>(record, COUNT) + 1, COUNT);
  store<u32>(table, load<u32>(table, T_FIXES) + 1, T_FIXES);
  return true;
}

/** `process` takes one of its fixations back, if it has any. */
export function unfixTable(table: usize, process: usize): void {
  const record = findFixation(table, process);
  if (!record) return;
  const count = load<u32>(record, COUNT) - 1;
  store<u32>(table, load<u32>(table, T_FIXES) - 1, T_FIXES);
  store<u32>(record, count, COUNT);
  if (count) return;
  unlink(table + T_FIXATIONS, record, NEXT);
  unlink(process + P_FIXATIONS, record, NEXT_OWN);
  release(record);
}

function unlink(head: usize, record: usize, offset: u32): void {
  let link = head;
  while (load<u32>(link) != record) link = (load<u32>(link) as usize) + offset;
  store<u32>(link, load<u32>(record + offset));
}

/** The process exits: its fixations end. */
export function endFixations(process: usize): void {
  while (load<u32>(process, P_FIXATIONS)) {
    const record = load<u32>(process, P_FIXATIONS) as usize;
    store<u32>(process, load<u32>(record, NEXT_OWN), P_FIXATIONS);
    const table = load<u32>(record, TABLE) as usize;
    store<u32>(table, load<u32>(table, T_FIXES) - load<u32>(record, COUNT), T_FIXES);
    unlink(table + T_FIXATIONS, record, NEXT);
    release(record);
  }
}
/** The table is deleted: nobody fixes it any more. */
export function dropFixations(table: usize): void {
  while (load<u32>(table, T_FIXATIONS)) {
    const record = load<u32>(table, T_FIXATIONS) as usize;
    store<u32>(table, load<u32>(record, NEXT), T_FIXATIONS);
    unlink((load<u32>(record, PROCESS) as usize) + P_FIXATIONS, record, NEXT_OWN);
    release(record);
  }
  store<u32>(table, 0, T_FIXES);
}

/** For walks over a table's fixations: the first (0) or next record, its process and count. */
export function fixationAfter(table: usize, record: usize): usize {
  return record ? load<u32>(record, NEXT) : load<u32>(table, T_FIXATIONS);
}
export function fixationProcess(record: usize): usize {
  return load<u32>(record, PROCESS);
}
export function fixationCount(record: usize): u32 {
  return load<u32>(record, COUNT);
}
