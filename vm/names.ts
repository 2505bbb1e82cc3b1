/** Registered names: a table from atom to process, and this node's name. */
import { am_nonode_at_nohost, am_undefined } from './gen/atoms';
import { P_ID, P_NAME } from './gen/layout';
import { allocate, release } from './alloc';
import { processOf } from './process';
import { TABLE_BYTES, chainOf, initTable, tableInsert, tableRemove } from './refs';

/** Record of a name: u64 atom, u64 pid, u32 chain. */
const N_ATOM: u32 = 0;
const N_PID: u32 = 8;
const N_CHAIN: u32 = 16;
const NAME_BYTES: u32 = 24;

const table: usize = memory.data(TABLE_BYTES, 8);
export let nameCount: u32 = 0;

export function initNames(): void {
  initTable(table);
}
export function nodeName(): u64 {
  return am_nonode_at_nohost;
}

function find(name: u64): usize {
  let record = chainOf(table, name);
  while (record) {
    if (load<u64>(record, N_ATOM) == name) return record;
    record = load<u32>(record, N_CHAIN);
  }
  return 0;
}

/** The control block of the process registered as `name`, or 0. */
export function registeredProcess(name: u64): usize {
  const record = find(name);
  return record ? processOf(load<u64>(record, N_PID)) : 0;
}

/** Register a process; false when the name or the process is taken, or there is no memory. */
export function registerProcess(process: usize, name: u64): bool {
  if (name == am_undefined || load<u64>(process, P_NAME) || find(name)) return false;
  const record = allocate(NAME_BYTES);
  if (!record) return false;
  store<u64>(record, name, N_ATOM);
  store<u64>(record, load<u64>(process, P_ID), N_PID);
  tableInsert(table, record, N_ATOM, N_CHAIN);
  store<u64>(process, name, P_NAME);
  nameCount++;
  return true;
}

/** Take the name of a process away. */
export function unregisterProcess(process: usize): void {
  const record = find(load<u64>(process, P_NAME));
  store<u64>(process, 0, P_NAME);
  if (!record) return;
  tableRemove(table, record, N_ATOM, N_CHAIN);
  release(record);
  nameCount--;
}
