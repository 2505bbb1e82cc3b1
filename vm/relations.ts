/**
 * Links, monitors and aliases. A link or monitor is one record that stands in the lists of both
 * processes and in a table by key, so that every operation is constant time and an exiting process
 * walks only its own lists.
 *
 *   +-----+------+------+--------+--------+-------------+-------------+------+-------+
 *   | key | kind | next | origin | target | list links of both sides  | name | tag   |
 *   +-----+------+------+--------+--------+-------------+-------------+------+-------+
 *
 * kind LINK: origin and target are the two pids (or port and pid) in rising order, key mixes both.
 * kind MONITOR: key is the reference's number. kind ALIAS: the same, without a target.
 * kind NODES: a subscription to news of nodes, of which there are none. It stands among the
 * aliases; its key says whose it is and with which options, target how often it was made.
 */
import { allocateZeroed, release } from './alloc';
import { releaseMessage } from './copy';
import { P_ALIASES, P_LINKS, P_LINK_COUNT, P_MONITORED_BY, P_MONITORS } from './gen/layout';
import { PORT_LINKS, PORT_MONITORED_BY, portRecord } from './ports';
import { processOf } from './process';
import { TABLE_BYTES, chainOf, initTable, tableInsert, tableRemove } from './refs';

export const R_KEY: u32 = 0;
export const R_KIND: u32 = 8;
const R_CHAIN: u32 = 12;
export const R_ORIGIN: u32 = 16;
export const R_TARGET: u32 = 24;
/** Links of the origin's list {next, previous}, then of the target's. */
export const R_ORIGIN_NEXT: u32 = 32;
export const R_TARGET_NEXT: u32 = 40;
/** Registered name through which the target was named (monitor), or 0. */
export const R_NAME: u32 = 48;
/** Alias mode (ALIAS_), for monitors and aliases. */
export const R_ALIAS: u32 = 56;
/**
 * Fragment that holds the tag of DOWN messages when it is no immediate, and the tag itself (0 =
 * 'DOWN').
 */
export const R_TAG_FRAGMENT: u32 = 60;
export const R_TAG: u32 = 64;
const RECORD_BYTES: u32 = 72;

export const KIND_LINK: u32 = 1;
export const KIND_MONITOR: u32 = 2;
export const KIND_ALIAS: u32 = 3;
export const KIND_NODES: u32 = 4;

export const ALIAS_NONE: u32 = 0;
export const ALIAS_EXPLICIT: u32 = 1;
export const ALIAS_DEMONITOR: u32 = 2;
export const ALIAS_REPLY: u32 = 3;

const table: usize = memory.data(TABLE_BYTES, 8);

export function initRelations(): void {
  initTable(table);
}

function linkKey(low: u64, high: u64): u64 {
  return ((low << 32) ^ high) | (1 << 63);
}

/** Where the list of links of a process or port starts, 0 when it is gone. */
function linksSlot(holder: u64): usize {
  const process = processOf(holder);
  if (process) return process + P_LINKS;
  const port = portRecord(holder);
  return port ? port + PORT_LINKS : 0;
}
/** The same for the monitors that others hold on it. */
function monitoredSlot(holder: u64): usize {
  const process = processOf(holder);
  if (process) return process + P_MONITORED_BY;
  const port = portRecord(holder);
  return port ? port + PORT_MONITORED_BY : 0;
}

/**
 * Put `record` at the front of a list; `links` is the offset of its {next, previous} for this list.
 */
function listInsert(headSlot: usize, record: usize, links: u32): void {
  const first = load<u32>(headSlot) as usize;
  store<u32>(record + links, first as u32);
  store<u32>(record + links, 0, 4);
  // The neighbour may hang in this list by either side: previous is found through `sideOf`.
  if (first) store<u32>(first + sideOf(first, headSlot), record as u32, 4);
  store<u32>(headSlot, record as u32);
}
function listRemove(headSlot: usize, record: usize, links: u32): void {
  const next = load<u32>(record + links) as usize;
  const previous = load<u32>(record + links, 4) as usize;
  if (next) store<u32>(next + sideOf(next, headSlot), previous as u32, 4);
  if (previous) store<u32>(previous + sideOf(previous, headSlot), next as u32);
  else store<u32>(headSlot, next as u32);
}
/** Which of a record's two list links belongs to the list that starts at `headSlot`. */
function sideOf(record: usize, headSlot: usize): u32 {
  if (load<u32>(record, R_KIND) != KIND_LINK) {
    const origin = processOf(load<u64>(record, R_ORIGIN));
    return origin && (headSlot == origin + P_MONITORS || headSlot == origin + P_ALIASES)
      ? R_ORIGIN_NEXT
      : R_TARGET_NEXT;
  }
  return headSlot == linksSlot(load<u64>(record, R_ORIGIN)) ? R_ORIGIN_NEXT : R_TARGET_NEXT;
}

function find(key: u64, kind: u32): usize {
  let record = chainOf(table, key);
  while (record) {
    if (load<u64>(record, R_KEY) == key && load<u32>(record, R_KIND) == kind) return record;
    record = load<u32>(record, R_CHAIN);
  }
  return 0;
}

function newRecord(kind: u32, key: u64, origin: u64, target: u64): usize {
  const record = allocateZeroed(RECORD_BYTES);
  if (!record) return 0;
  store<u64>(record, key, R_KEY);
  store<u32>(record, kind, R_KIND);
  store<u64>(record, origin, R_ORIGIN);
  store<u64>(record, target, R_TARGET);
  tableInsert(table, record, R_KEY, R_CHAIN);
  return record;
}

function changeLinkCount(holder: u64, by: i32): void {
  const process = processOf(holder);
  if (process) store<u32>(process, load<u32>(process, P_LINK_COUNT) + by, P_LINK_COUNT);
}

/** The link between two pids, or 0. */
export function findLink(a: u64, b: u64): usize {
  return a < b ? find(linkKey(a, b), KIND_LINK) : find(linkKey(b, a), KIND_LINK);
}

/**
 * Link two different living processes, or a process and a port; false when there is no memory.
 * Linking twice changes nothing.
 */
export function addLink(a: u64, b: u64): bool {
  const low = a < b ? a : b;
  const high = a < b ? b : a;
  if (find(linkKey(low, high), KIND_LINK)) return true;
  const record = newRecord(KIND_LINK, linkKey(low, high), low, high);
  if (!record) return false;
  listInsert(linksSlot(low), record, R_ORIGIN_NEXT);
  listInsert(linksSlot(high), record, R_TARGET_NEXT);
  changeLinkCount(low, 1);
  changeLinkCount(high, 1);
  return true;
}

/**
 * Remove a link record from both lists (sides that are gone from the process table keep none) and
 * free it.
 */
export function removeLink(record: usize): void {
  const low = load<u64>(record, R_ORIGIN);
  const high = load<u64>(record, R_TARGET);
  const one = linksSlot(low);
  const two = linksSlot(high);
  if (one) listRemove(one, record, R_ORIGIN_NEXT);
  if (two) listRemove(two, record, R_TARGET_NEXT);
  changeLinkCount(low, -1);
  changeLinkCount(high, -1);
  tableRemove(table, record, R_KEY, R_CHAIN);
  release(record);
}

/** The other end of a link as seen from `self`. */
export function linkPeer(record: usize, self: u64): u64 {
  const origin = load<u64>(record, R_ORIGIN);
  return origin == self ? load<u64>(record, R_TARGET) : origin;
}
/** The link after `record` in the list of `self`. */
export function nextLink(record: usize, self: u64): usize {
  return load<u32>(record + (load<u64>(record, R_ORIGIN) == self ? R_ORIGIN_NEXT : R_TARGET_NEXT));
}

/**
 * A monitor of `target`, a living process or port, held by `origin` under reference `number`; 0
 * when there is no memory.
 */
export function addMonitor(number: u64, origin: usize, originPid: u64, target: u64): usize {
  const record = newRecord(KIND_MONITOR, number, originPid, target);
  if (!record) return 0;
  listInsert(origin + P_MONITORS, record, R_ORIGIN_NEXT);
  listInsert(monitoredSlot(target), record, R_TARGET_NEXT);
  return record;
}
export function findMonitor(number: u64): usize {
  return find(number, KIND_MONITOR);
}
/** Remove a monitor from both lists and free it. */
export function removeMonitor(record: usize): void {
  const origin = processOf(load<u64>(record, R_ORIGIN));
  const target = monitoredSlot(load<u64>(record, R_TARGET));
  if (origin) listRemove(origin + P_MONITORS, record, R_ORIGIN_NEXT);
  if (target) listRemove(target, record, R_TARGET_NEXT);
  tableRemove(table, record, R_KEY, R_CHAIN);
  const fragment = load<u32>(record, R_TAG_FRAGMENT) as usize;
  if (fragment) releaseMessage(fragment);
  release(record);
}

/** Make reference `number` an alias of `process`; false when there is no memory. */
export function addAlias(number: u64, process: usize, pid: u64, mode: u32): bool {
  const record = newRecord(KIND_ALIAS, number, pid, 0);
  if (!record) return false;
  store<u32>(record, mode, R_ALIAS);
  listInsert(process + P_ALIASES, record, R_ORIGIN_NEXT);
  return true;
}
export function findAlias(number: u64): usize {
  return find(number, KIND_ALIAS);
}
export function removeAlias(record: usize): void {
  const process = processOf(load<u64>(record, R_ORIGIN));
  if (process) listRemove(process + P_ALIASES, record, R_ORIGIN_NEXT);
  tableRemove(table, record, R_KEY, R_CHAIN);
  release(record);
}

/**
 * Subscribe once more to news of nodes, with a set of options, or no more; how often it was before,
 * -1 when there is no memory.
 */
export function monitorNodes(process: usize, pid: u64, options: u32, on: bool): i64 {
  const key = (pid << 5) | (options as u64);
  let record = find(key, KIND_NODES);
  if (!record) {
    if (!on) return 0;
    record = newRecord(KIND_NODES, key, pid, 0);
    if (!record) return -1;
    listInsert(process + P_ALIASES, record, R_ORIGIN_NEXT);
  }
  const before = load<u64>(record, R_TARGET) as i64;
  if (on) store<u64>(record, before + 1, R_TARGET);
  else removeAlias(record);
  return before;
}
