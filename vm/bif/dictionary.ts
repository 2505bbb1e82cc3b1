/**
 * The process dictionary. Its table is allocated outside the heap; the pairs lie together at its
 * front, in the order of insertion (the last moves into the place of one that is erased), so that a
 * collector scans them as one range of roots.
 *
 * P_DICTIONARY -> +----------+-------+------+-----+--------------------+----------------------+
 *                 | capacity | count | mask | -   | {key, value} ...   | {hash, pair + 1} ... |   index: open addressing
 *                 +----------+-------+------+-----+--------------------+----------------------+
 *
 * The index has twice as many slots as there is room for pairs. Small tables are searched without
 * it.
 */
import { allocate, release } from '../alloc';
import { identical } from '../compare';
import { outOfMemory } from '../errors';
import { am_undefined } from '../gen/atoms';
import { P_DICTIONARY } from '../gen/layout';
import { internalHash } from '../hash';
import { hAlloc, memoryExhausted } from '../heap';
import { chargeReductions, current } from '../state';
import { NIL, SUB_TUPLE, boxedOf, headerOf, makeCons } from '../term';

const HEADER: u32 = 16;
const PAIR: u32 = 16;
const SLOT: u32 = 8;
const CAPACITY_MIN: u32 = 8;
/** Up to this many pairs all keys are compared. */
const SCANNED_MAX: u32 = 8;

function tableOf(process: usize): usize {
  return load<u32>(process, P_DICTIONARY);
}
function countOf(table: usize): u32 {
  return table ? load<u32>(table, 4) : 0;
}
function pairAt(table: usize, index: u32): usize {
  return table + HEADER + index * PAIR;
}
function slotAt(table: usize, slot: u32): usize {
  return table + HEADER + load<u32>(table) * PAIR + slot * SLOT;
}

/** First root word of a process's dictionary; meaningful when dictionaryRootWords is not 0. */
export function dictionaryRoots(process: usize): usize {
  return tableOf(process) + HEADER;
}
/** Number of root words there. */
export function dictionaryRootWords(process: usize): u32 {
  return countOf(tableOf(process)) << 1;
}
/** Free the dictionary of a process that exits. */
export function freeDictionary(process: usize): void {
  release(tableOf(process));
  store<u32>(process, 0, P_DICTIONARY);
}
/**
 * The value of `key` in the dictionary of `process`, or am_undefined. For process_info and the
 * like.
 */
export function dictionaryGet(process: usize, key: u64): u64 {
  const table = tableOf(process);
  const index = find(table, key);
  return index < 0 ? am_undefined : load<u64>(pairAt(table, index), 8);
}
/**
 * The dictionary of `process` as a list of pairs on the running process's heap; its terms are those
 * of `process`.
 */
export function dictionaryList(process: usize): u64 {
  const table = tableOf(process);
  const count = countOf(table);
  if (count == 0) return NIL;
  const at = hAlloc(count * 5);
  if (!at) return outOfMemory();
  let list = NIL;
  for (let i = count; i > 0; i--) {
    const to = at + (i - 1) * 40;
    const pair = pairAt(table, i - 1);
    store<u64>(to, headerOf(SUB_TUPLE, 2));
    store<u64>(to, load<u64>(pair), 8);
    store<u64>(to, load<u64>(pair, 8), 16);
    list = makeCons(to + 24, boxedOf(to), list);
  }
  chargeReductions((count >> 3) as i32);
  return list;
}

// ---- the table

/** Slot of the index in which `key` stands, or the free one where it would. */
function findSlot(table: usize, key: u64, hash: u32): usize {
  const mask = load<u32>(table, 8);
  let slot = hash & mask;
  while (true) {
    const at = slotAt(table, slot);
    const held = load<u32>(at, 4);
    if (!held) return at;
    if (load<u32>(at) == hash && identical(load<u64>(pairAt(table, held - 1)), key)) return at;
    slot = (slot + 1) & mask;
  }
}

/** Index of the pair of `key`, or -1. */
function find(table: usize, key: u64): i32 {
  const count = countOf(table);
  if (count > SCANNED_MAX)
    return (load<u32>(findSlot(table, key, internalHash(key)), 4) as i32) - 1;
  for (let i: u32 = 0; i < count; i++) {
    const held = load<u64>(pairAt(table, i));
    if (held == key || identical(held, key)) return i as i32;
  }
  return -1;
}

/** A table of the given capacity with the pairs of `old`; 0 when memory is exhausted. */
function resized(old: usize, capacity: u32): usize {
  const slots = capacity << 1;
  const table = allocate(HEADER + capacity * PAIR + slots * SLOT);
  if (!table) return 0;
  const count = countOf(old);
  store<u32>(table, capacity);
  store<u32>(table, count, 4);
  store<u32>(table, slots - 1, 8);
  if (count) memory.copy(table + HEADER, old + HEADER, count * PAIR);
  memory.fill(slotAt(table, 0), 0, slots * SLOT);
  for (let i: u32 = 0; i < count; i++) enterIndex(table, load<u64>(pairAt(table, i)), i);
  return table;
}
function enterIndex(table: usize, key: u64, index: u32): void {
  const hash = internalHash(key);
  const slot = findSlot(table, key, hash);
  store<u32>(slot, hash);
  store<u32>(slot, index + 1, 4);
}

/** Free an index slot, moving later ones of its run up so that none becomes unreachable. */
function freeSlot(table: usize, from: usize): void {
  const mask = load<u32>(table, 8);
  const base = slotAt(table, 0);
  let hole = ((from - base) as u32) / SLOT;
  let slot = hole;
  while (true) {
    slot = (slot + 1) & mask;
    const at = base + slot * SLOT;
    if (!load<u32>(at, 4)) break;
    const home = load<u32>(at) & mask;
    // It may fill the hole when its home does not lie between the hole and where it is.
    if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
    store<u64>(base + hole * SLOT, load<u64>(at));
    hole = slot;
  }
  store<u64>(base + hole * SLOT, 0);
}

/** Take pair `index` out: the last pair moves into its place. */
function removePair(table: usize, index: u32): void {
  const last = countOf(table) - 1;
  const pair = pairAt(table, index);
  freeSlot(table, findSlot(table, load<u64>(pair), internalHash(load<u64>(pair))));
  if (index != last) {
    const moved = pairAt(table, last);
    const key = load<u64>(moved);
    store<u32>(findSlot(table, key, internalHash(key)), index + 1, 4);
    memory.copy(pair, moved, PAIR);
  }
  store<u32>(table, last, 4);
}

// ---- BIFs

// bif: erlang:put/2
export function erlangPut2(key: u64, value: u64): u64 {
  let table = tableOf(current);
  const index = find(table, key);
  if (index >= 0) {
    const pair = pairAt(table, index);
    const old = load<u64>(pair, 8);
    store<u64>(pair, value, 8);
    return old;
  }
  const count = countOf(table);
  if (!table || count == load<u32>(table)) {
    const capacity = table ? load<u32>(table) << 1 : CAPACITY_MIN;
    const grown = capacity > 0x0400_0000 ? (0 as usize) : resized(table, capacity);
    if (!grown) return outOfMemory();
    release(table);
    table = grown;
    store<u32>(current, table as u32, P_DICTIONARY);
    chargeReductions((capacity >> 4) as i32);
  }
  const pair = pairAt(table, count);
  store<u64>(pair, key);
  store<u64>(pair, value, 8);
  enterIndex(table, key, count);
  store<u32>(table, count + 1, 4);
  return am_undefined;
}

// bif: erlang:get/1
export function erlangGet1(key: u64): u64 {
  return dictionaryGet(current, key);
}

// bif: erlang:get/0
export function erlangGet0(): u64 {
  return dictionaryList(current);
}

// bif: erlang:erase/1
export function erlangErase1(key: u64): u64 {
  const table = tableOf(current);
  const index = find(table, key);
  if (index < 0) return am_undefined;
  const value = load<u64>(pairAt(table, index), 8);
  removePair(table, index);
  const capacity = load<u32>(table);
  if (countOf(table) == 0) freeDictionary(current);
  else if (capacity > CAPACITY_MIN && countOf(table) << 3 < capacity) {
    // Shrinking is a courtesy: without memory for it the table stays as it is.
    const smaller = resized(table, capacity >> 2);
    if (smaller) {
      release(table);
      store<u32>(current, smaller as u32, P_DICTIONARY);
    }
  }
  return value;
}

// bif: erlang:erase/0
export function erlangErase0(): u64 {
  const list = dictionaryList(current);
  if (list) freeDictionary(current);
  return list;
}

/** The keys whose value is `value`, or all keys when `all`. */
function keysOf(value: u64, all: bool): u64 {
  const table = tableOf(current);
  let list = NIL;
  for (let i = countOf(table); i > 0 && !memoryExhausted; i--) {
    const pair = pairAt(table, i - 1);
    if (all || identical(load<u64>(pair, 8), value)) {
      const cell = hAlloc(2);
      list = makeCons(cell, load<u64>(pair), list);
    }
  }
  chargeReductions((countOf(table) >> 3) as i32);
  return list;
}

// bif: erlang:get_keys/0
export function erlangGetKeys0(): u64 {
  return keysOf(NIL, true);
}

// bif: erlang:get_keys/1
export function erlangGetKeys1(value: u64): u64 {
  return keysOf(value, false);
}
