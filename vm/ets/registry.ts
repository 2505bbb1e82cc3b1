/**
 * All ETS tables: made, found by reference or name, and taken away. A table that is deleted
 * disappears at once; its objects are freed later, some with every table operation, so that
 * deleting a large table delays nobody.
 *
 * The reference of a table is a magic one, whose resource holds the table's address, 0 once it is
 * deleted.
 */
import { release } from '../alloc';
import { AREA_TABLES, allocateZeroedFor, releaseFor } from '../memory_areas';
import { releaseMessage } from '../copy';
import { P_FLAGS, P_ID, P_TABLES } from '../gen/layout';
import { FLAG_SUPER_USER } from '../process';
import { retainObject, releaseResource } from '../off_heap';
import {
  chainOf,
  initTable,
  isLocalReference,
  referenceNumber,
  tableInsert,
  tableRemove,
} from '../refs';
import { RESOURCE_HEADER, newResource, resourceOf, resourceTerm } from '../resource';
import { current } from '../state';
import { isAtom } from '../term';
import { dropFixations } from './fixation';
import { freeHashTable, initHashTable } from './hash_table';
import {
  ACCESS_PRIVATE,
  ACCESS_PUBLIC,
  FLAG_NAMED,
  TABLE_BYTES,
  TYPE_ORDERED_SET,
  T_ACCESS,
  T_COUNT,
  T_FLAGS,
  T_GONE,
  T_HEIR_DATA,
  T_INSERTION,
  T_KEYPOS,
  T_NAME,
  T_NEXT,
  T_NEXT_NAME,
  T_NEXT_NUMBER,
  T_NEXT_OWNED,
  T_NUMBER,
  T_OWNER,
  T_PREVIOUS,
  T_PREVIOUS_OWNED,
  T_RESOURCE,
  T_ROOT,
  T_TYPE,
  T_WORDS,
} from './layout';
import { endInsertion, tableReady } from './insertion';
import { freeObject } from './object';
import { freeTree } from './ordered_table';

const numbers: usize = memory.data(12, 4);
const names: usize = memory.data(12, 4);
/** First of all tables, linked by T_NEXT and T_PREVIOUS. */
let all: usize = 0;
export let tableCount: u32 = 0;
/** First of the deleted tables whose objects are not all freed, linked by T_NEXT. */
let doomed: usize = 0;
/** Objects of deleted tables freed by one table operation of anybody. */
const FREED_ALONG: u32 = 32;
/** The same of a table when it is doomed, empty buckets included. */
const FREED_AT_ONCE: u32 = 384;

/** Called once, after the allocator. */
export function initEts(): void {
  initTable(numbers);
  initTable(names);
  all = 0;
  doomed = 0;
  tableCount = 0;
}

/** The type of the resources behind table references. */
export function destroyTableResource(resource: usize): void {}

// ---- making

/**
 * A table of the running process; 0 when memory is exhausted. The caller checked that the name is
 * free if it is `named`.
 */
export function newTable(name: u64, type: u32, access: u32, flags: u32, keyPosition: u32): usize {
  const table = allocateZeroedFor(AREA_TABLES, TABLE_BYTES);
  const resource = newResource(destroyTableResource.index, 8);
  if (!table || !resource || (type != TYPE_ORDERED_SET && !initHashTable(table))) {
    releaseFor(AREA_TABLES, table);
    release(resource);
    return 0;
  }
  store<u32>(resource, table as u32, RESOURCE_HEADER);
  retainObject(resource);
  store<u32>(table, resource as u32, T_RESOURCE);
  store<u64>(table, load<u64>(resource, 8), T_NUMBER);
  store<u64>(table, name, T_NAME);
  store<u32>(table, type, T_TYPE);
  store<u32>(table, access, T_ACCESS);
  store<u32>(table, flags, T_FLAGS);
  store<u32>(table, keyPosition, T_KEYPOS);
  store<u64>(table, load<u64>(table, T_WORDS) + (TABLE_BYTES >> 3), T_WORDS);
  tableInsert(numbers, table, T_NUMBER, T_NEXT_NUMBER);
  if (flags & FLAG_NAMED) tableInsert(names, table, T_NAME, T_NEXT_NAME);
  if (all) store<u32>(all, table as u32, T_PREVIOUS);
  store<u32>(table, all as u32, T_NEXT);
  all = table;
  tableCount++;
  giveTo(table, current);
  return table;
}

/** The term that stands for the table: its reference. */
export function tableReference(table: usize): u64 {
  return resourceTerm(load<u32>(table, T_RESOURCE));
}
/**
 * What ets:new/2 returns and messages about the table name: its name if it is named, else its
 * reference.
 */
export function tableTerm(table: usize): u64 {
  return load<u32>(table, T_FLAGS) & FLAG_NAMED ? load<u64>(table, T_NAME) : tableReference(table);
}

// ---- finding

export function namedTable(name: u64): usize {
  let table = chainOf(names, name);
  while (table && load<u64>(table, T_NAME) != name) table = load<u32>(table, T_NEXT_NAME);
  return table;
}
/** The table that a name or reference means, or 0. Any term will do. */
export function findTable(t: u64): usize {
  if (isAtom(t)) return namedTable(t);
  const resource = resourceOf(t, destroyTableResource.index);
  if (resource) return load<u32>(resource, RESOURCE_HEADER);
  if (!isLocalReference(t)) return 0;
  // A reference that came back from text or external format.
  const number = referenceNumber(t);
  let table = chainOf(numbers, number);
  while (table && load<u64>(table, T_NUMBER) != number) table = load<u32>(table, T_NEXT_NUMBER);
  return table;
}
/** The term is an atom or the reference of a table, perhaps of a deleted one. */
export function isTableTerm(t: u64): bool {
  return isAtom(t) || resourceOf(t, destroyTableResource.index) != 0 || findTable(t) != 0;
}
/** The first table (0) or the one after `table` in the list of all. */
export function tableAfter(table: usize): usize {
  return table ? (load<u32>(table, T_NEXT) as usize) : all;
}

/** The running process owns the table. */
export function ownsTable(table: usize): bool {
  return load<u64>(table, T_OWNER) == load<u64>(current, P_ID);
}
/**
 * The table if the running process may read it, else 0. Frees a little of deleted tables, as all
 * table operations do.
 */
export function readableTable(t: u64): usize {
  if (doomed) freeDoomed(FREED_ALONG);
  const table = findTable(t);
  if (!table || load<u32>(table, T_ACCESS) != ACCESS_PRIVATE) return ready(table);
  const superUser = (load<u32>(current, P_FLAGS) & FLAG_SUPER_USER) != 0;
  return superUser || ownsTable(table) ? ready(table) : 0;
}
/** The table that a name or reference means, whoever may use it, or 0 (see tableBusy). */
export function settledTable(t: u64): usize {
  return ready(findTable(t));
}
/** The last table asked for must be waited for: the BIF is to be left and run again. */
export let tableBusy: bool = false;
/** `table`, or 0 when something in it must be finished first. */
function ready(table: usize): usize {
  tableBusy = table != 0 && load<u32>(table, T_INSERTION) != 0 && !tableReady(table);
  return tableBusy ? 0 : table;
}
/** The table if the running process may write to it, else 0. */
export function writableTable(t: u64): usize {
  if (doomed) freeDoomed(FREED_ALONG);
  const table = findTable(t);
  if (!table || (load<u32>(table, T_ACCESS) != ACCESS_PUBLIC && !ownsTable(table))) return 0;
  return ready(table);
}

// ---- owners

/** `process` becomes the owner of a table that has none. */
export function giveTo(table: usize, process: usize): void {
  store<u64>(table, load<u64>(process, P_ID), T_OWNER);
  const first = load<u32>(process, P_TABLES) as usize;
  store<u32>(table, first as u32, T_NEXT_OWNED);
  store<u32>(table, 0, T_PREVIOUS_OWNED);
  if (first) store<u32>(first, table as u32, T_PREVIOUS_OWNED);
  store<u32>(process, table as u32, P_TABLES);
}
/** The table leaves the list of its owner, the process at `process`. */
export function takeFrom(table: usize, process: usize): void {
  const next = load<u32>(table, T_NEXT_OWNED) as usize;
  const previous = load<u32>(table, T_PREVIOUS_OWNED) as usize;
  if (next) store<u32>(next, previous as u32, T_PREVIOUS_OWNED);
  if (previous) store<u32>(previous, next as u32, T_NEXT_OWNED);
  else store<u32>(process, next as u32, P_TABLES);
}
/** Change the name; the caller checked that the new one is free. */
export function renameTable(table: usize, name: u64): void {
  const named = load<u32>(table, T_FLAGS) & FLAG_NAMED;
  if (named) tableRemove(names, table, T_NAME, T_NEXT_NAME);
  store<u64>(table, name, T_NAME);
  if (named) tableInsert(names, table, T_NAME, T_NEXT_NAME);
}
/** Forget the heir's data. */
export function dropHeirData(table: usize): void {
  const data = load<u32>(table, T_HEIR_DATA) as usize;
  if (data) releaseMessage(data);
  store<u32>(table, 0, T_HEIR_DATA);
}

// ---- taking away

/** Delete the table, owned by the process at `owner`. Its objects are freed by and by. */
export function deleteTable(table: usize, owner: usize): void {
  takeFrom(table, owner);
  endInsertion(table);
  dropFixations(table);
  dropHeirData(table);
  tableRemove(numbers, table, T_NUMBER, T_NEXT_NUMBER);
  if (load<u32>(table, T_FLAGS) & FLAG_NAMED) tableRemove(names, table, T_NAME, T_NEXT_NAME);
  const next = load<u32>(table, T_NEXT) as usize;
  const previous = load<u32>(table, T_PREVIOUS) as usize;
  if (next) store<u32>(next, previous as u32, T_PREVIOUS);
  if (previous) store<u32>(previous, next as u32, T_NEXT);
  else all = next;
  tableCount--;
  const resource = load<u32>(table, T_RESOURCE) as usize;
  store<u32>(resource, 0, RESOURCE_HEADER);
  releaseResource(resource);
  doom(table);
}
/** A table that nobody finds any more: what is small is freed at once, the rest by and by. */
function doom(table: usize): void {
  store<u32>(table, doomed as u32, T_NEXT);
  doomed = table;
  freeDoomed(FREED_AT_ONCE);
}

/**
 * Take all objects out of a table that is not fixed; they are freed by and by. False when memory is
 * exhausted.
 */
export function clearTable(table: usize): bool {
  const ghost = allocateZeroedFor(AREA_TABLES, TABLE_BYTES);
  if (!ghost) return false;
  memory.copy(ghost, table, TABLE_BYTES);
  if (load<u32>(table, T_TYPE) == TYPE_ORDERED_SET) {
    store<u32>(table, 0, T_ROOT);
    store<u64>(table, 0, T_WORDS);
  } else if (!initHashTable(table)) {
    releaseFor(AREA_TABLES, ghost);
    return false;
  }
  store<u64>(table, load<u64>(table, T_WORDS) + (TABLE_BYTES >> 3), T_WORDS);
  store<u32>(table, 0, T_GONE);
  store<u32>(table, 0, T_COUNT);
  doom(ghost);
  return true;
}

/** Objects that are in no table any more, chained by their first word. */
let doomedObjects: usize = 0;
/** Free the chain of objects from `first` to `last` by and by. */
export function doomObjects(first: usize, last: usize): void {
  store<u32>(last, doomedObjects as u32);
  doomedObjects = first;
}
/** Free up to `limit` of them; true when none is left. */
function freeDoomedObjects(limit: u32): bool {
  for (let i: u32 = 0; i < limit && doomedObjects; i++) {
    const object = doomedObjects;
    doomedObjects = load<u32>(object);
    freeObject(object);
  }
  return doomedObjects == 0;
}

/** Memory is short: free all that is left of deleted tables now. False when there was nothing. */
export function reclaimTables(): bool {
  if (!doomed && !doomedObjects) return false;
  while (!freeDoomed(0x0010_0000)) {}
  return true;
}

/** Free about `limit` objects of deleted tables; true when none is left. */
export function freeDoomed(limit: u32): bool {
  if (doomedObjects && !freeDoomedObjects(limit)) return false;
  if (!doomed) return true;
  const table = doomed;
  const empty =
    load<u32>(table, T_TYPE) == TYPE_ORDERED_SET
      ? freeTree(table, limit)
      : freeHashTable(table, limit);
  if (!empty) return false;
  doomed = load<u32>(table, T_NEXT);
  releaseFor(AREA_TABLES, table);
  return doomed == 0;
}
