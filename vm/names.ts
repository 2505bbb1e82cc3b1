/** Registered names: a table from atom to process or port, and this node's name. */
import { am_nonode_at_nohost, am_undefined } from './gen/atoms';
import { P_ID, P_NAME } from './gen/layout';
import { allocate, release } from './alloc';
import { livingProcess } from './signals';
import { TABLE_BYTES, chainOf, initTable, tableInsert, tableRemove } from './refs';
import {
  SUB_EXTERNAL_PID,
  SUB_EXTERNAL_PORT,
  SUB_EXTERNAL_REF,
  boxedWord,
  isKind,
  isLocalPort,
  isPort,
} from './term';

/** Record of a name: u64 atom, u64 pid or port, u32 chain. */
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

/** A pid, port or reference of a former life of this node: its name, another creation. */
export function isEarlier(term: u64): bool {
  const foreign =
    isKind(term, SUB_EXTERNAL_PID) ||
    isKind(term, SUB_EXTERNAL_PORT) ||
    isKind(term, SUB_EXTERNAL_REF);
  return foreign && boxedWord(term, 1) == nodeName();
}
/** A port of this node or of a former life of it. */
export function isPortHere(term: u64): bool {
  return isLocalPort(term) || (isPort(term) && isEarlier(term));
}

function find(name: u64): usize {
  let record = chainOf(table, name);
  while (record) {
    if (load<u64>(record, N_ATOM) == name) return record;
    record = load<u32>(record, N_CHAIN);
  }
  return 0;
}

/** The pid or port registered as `name`, or 0. */
export function registeredHolder(name: u64): u64 {
  const record = find(name);
  return record ? load<u64>(record, N_PID) : 0;
}

/** The control block of the living process registered as `name`, or 0. */
export function registeredProcess(name: u64): usize {
  const record = find(name);
  return record ? livingProcess(load<u64>(record, N_PID)) : 0;
}

/**
 * Register a process or port whose own record of its name is the u64 at `slot`; false when the name
 * or the holder is taken, or there is no memory.
 */
export function registerHolder(holder: u64, slot: usize, name: u64): bool {
  if (name == am_undefined || load<u64>(slot) || find(name)) return false;
  const record = allocate(NAME_BYTES);
  if (!record) return false;
  store<u64>(record, name, N_ATOM);
  store<u64>(record, holder, N_PID);
  tableInsert(table, record, N_ATOM, N_CHAIN);
  store<u64>(slot, name);
  nameCount++;
  return true;
}
export function registerProcess(process: usize, name: u64): bool {
  return registerHolder(load<u64>(process, P_ID), process + P_NAME, name);
}

/** Take the name of a holder away. */
export function unregisterHolder(holder: u64, slot: usize): void {
  const record = find(load<u64>(slot));
  store<u64>(slot, 0);
  if (!record || load<u64>(record, N_PID) != holder) return;
  tableRemove(table, record, N_ATOM, N_CHAIN);
  release(record);
  nameCount--;
}
export function unregisterProcess(process: usize): void {
  unregisterHolder(load<u64>(process, P_ID), process + P_NAME);
}
