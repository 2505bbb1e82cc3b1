/**
 * Tables and the processes that own them: giving away, inheriting, and what happens when an owner
 * exits.
 */
import { fragmentRoot } from '../copy';
import { am_ets_transfer } from '../gen/atoms';
import { P_ID, P_SERIAL, P_TABLES } from '../gen/layout';
import { hAlloc } from '../heap';
import { deliver, livingProcess } from '../signals';
import { NIL, SUB_TUPLE, boxedOf, headerOf } from '../term';
import { copyOut } from './object';
import { T_HEIR, T_HEIR_DATA, T_HEIR_SERIAL } from './layout';
import { deleteTable, giveTo, tableTerm, takeFrom } from './registry';

/**
 * Tell `process` that it owns the table now: {'ETS-TRANSFER', Table, FromPid, Data}. False when
 * memory is exhausted.
 */
function announce(table: usize, process: usize, from: u64, data: u64): bool {
  const reference = tableTerm(table);
  const at = hAlloc(5);
  store<u64>(at, headerOf(SUB_TUPLE, 4));
  store<u64>(at, am_ets_transfer, 8);
  store<u64>(at, reference, 16);
  store<u64>(at, from, 24);
  store<u64>(at, data, 32);
  return deliver(process, boxedOf(at));
}

/**
 * The running process `owner` gives its table to another one; false when memory is exhausted and
 * nothing happened.
 */
export function giveAway(table: usize, owner: usize, process: usize, data: u64): bool {
  if (!announce(table, process, load<u64>(owner, P_ID), data)) return false;
  takeFrom(table, owner);
  giveTo(table, process);
  return true;
}

/** The table goes to its heir, if that is another living process; else false. */
function inherit(table: usize, owner: usize): bool {
  const heir = load<u64>(table, T_HEIR);
  if (!heir || heir == load<u64>(owner, P_ID)) return false;
  const process = livingProcess(heir);
  if (!process || load<u32>(process, P_SERIAL) != load<u32>(table, T_HEIR_SERIAL)) return false;
  const fragment = load<u32>(table, T_HEIR_DATA) as usize;
  let data: u64 = NIL;
  if (fragment) {
    data = copyOut(fragmentRoot(fragment));
    if (!data) return false;
  }
  return giveAway(table, owner, process, data);
}

/**
 * The running process, which owns tables, exits: the first of them goes to its heir or is deleted.
 */
export function passOnTable(process: usize): void {
  const table = load<u32>(process, P_TABLES) as usize;
  if (!inherit(table, process)) deleteTable(table, process);
}
