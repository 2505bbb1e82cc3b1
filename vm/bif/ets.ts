/**
 * BIFs of module ets: making tables, objects in and out, walking from key to key. Tables: vm/ets/.
 */
import { allocate, release } from '../alloc';
import { copyAllToFragment } from '../copy';
import { outOfMemory, trapTo } from '../errors';
import { badEtsArgument, badEtsArgumentBecause, badTable } from '../ets/errors';
import {
  am_auto,
  am_bag,
  am_compressed,
  am_decentralized_counters,
  am_dollar_end_of_table,
  am_duplicate_bag,
  am_false,
  am_heir,
  am_debug_hash_fixed_number_of_locks,
  am_keypos,
  am_not_owner,
  am_protection,
  am_named_table,
  am_none,
  am_ordered_set,
  am_private,
  am_protected,
  am_public,
  am_read_concurrency,
  am_set,
  am_true,
  am_undefined,
  am_write_concurrency,
  am_already_exists,
  am_badkey,
  am_owner,
} from '../gen/atoms';
import { BIF_etsFree0 } from '../gen/bifs';
import { hAlloc, memoryExhausted } from '../heap';
import { processOf } from '../process';
import { P_SERIAL } from '../gen/layout';
import { livingProcess, tuple2 } from '../signals';
import { budget, chargeReductions, current } from '../state';
import {
  NIL,
  NONE,
  head,
  isAtom,
  isList,
  isLocalPid,
  isSmall,
  isTuple,
  makeCons,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { fixTable, unfixTable } from '../ets/fixation';
import {
  bucketCount,
  bucketLink,
  findLink,
  hashDelete,
  hashDeleteObject,
  hashFind,
  hashFindNext,
  hashFirstFrom,
  hashInsert,
  hashNextKey,
  keyHashOf,
} from '../ets/hash_table';
import { INSERTED, NO_MEMORY, NO_OBJECTS, insertList } from '../ets/insertion';
import {
  ACCESS_PRIVATE,
  ACCESS_PROTECTED,
  ACCESS_PUBLIC,
  FLAG_COMPRESSED,
  FLAG_DECENTRALIZED,
  FLAG_NAMED,
  FLAG_READ_CONCURRENCY,
  FLAG_WRITE_AUTO,
  FLAG_WRITE_CONCURRENCY,
  TYPE_BAG,
  TYPE_DUPLICATE_BAG,
  TYPE_ORDERED_SET,
  TYPE_SET,
  T_FIXES,
  T_FLAGS,
  T_HEIR,
  T_HEIR_SERIAL,
  T_ACCESS,
  T_HEIR_DATA,
  T_LOCKS,
  T_KEYPOS,
  T_NUMBER,
  T_OWNER,
  T_TYPE,
} from '../ets/layout';
import {
  copyObject,
  copyObjectInSlices,
  copyOut,
  isGone,
  newObjectInSlices,
  objectKey,
  objectTerm,
  objectWords,
} from '../ets/object';
import {
  treeAbove,
  treeBelow,
  treeDelete,
  treeFind,
  treeFirst,
  treeInsert,
  treeLast,
} from '../ets/ordered_table';
import {
  deleteTable,
  dropHeirData,
  freeDoomed,
  findTable,
  namedTable,
  newTable,
  ownsTable,
  readableTable,
  renameTable,
  tableReference,
  tableTerm,
  writableTable,
} from '../ets/registry';
import { giveAway } from '../ets/tables';
import { identical } from '../compare';
import {
  allowLeaving,
  endWalk,
  leaveWalk,
  putBlockAside,
  shouldLeave,
  takeUpBlock,
  walkA,
  walkB,
  walkC,
  walkLeft,
} from '../walk';
import { WALK_BYTES, WALK_LOOKUP } from '../walk_layout';

function isOrdered(table: usize): bool {
  return load<u32>(table, T_TYPE) == TYPE_ORDERED_SET;
}
/** The term can be an object of the table. */
function fitsTable(table: usize, t: u64): bool {
  return isTuple(t) && tupleArity(t) >= load<u32>(table, T_KEYPOS);
}
function keyOf(table: usize, tuple: u64): u64 {
  return tupleElement(tuple, load<u32>(table, T_KEYPOS));
}
/** The first object with `key`, or 0. */
export function find(table: usize, key: u64): usize {
  return isOrdered(table) ? treeFind(table, key) : hashFind(table, key);
}

// ---- options of ets:new/2

let optionType: u32 = 0;
let optionAccess: u32 = 0;
let optionFlags: u32 = 0;
let optionKeyPosition: u32 = 0;
let optionHeir: u64 = 0;
let optionHeirData: u64 = 0;

function readOption(option: u64): bool {
  if (option == am_set) optionType = TYPE_SET;
  else if (option == am_bag) optionType = TYPE_BAG;
  else if (option == am_duplicate_bag) optionType = TYPE_DUPLICATE_BAG;
  else if (option == am_ordered_set) optionType = TYPE_ORDERED_SET;
  else if (option == am_private) optionAccess = ACCESS_PRIVATE;
  else if (option == am_protected) optionAccess = ACCESS_PROTECTED;
  else if (option == am_public) optionAccess = ACCESS_PUBLIC;
  else if (option == am_named_table) optionFlags |= FLAG_NAMED;
  else if (option == am_compressed) optionFlags |= FLAG_COMPRESSED;
  else return isTuple(option) && readTupleOption(option);
  return true;
}

function readTupleOption(option: u64): bool {
  const arity = tupleArity(option);
  if (arity < 2) return false;
  const name = tupleElement(option, 1);
  const value = tupleElement(option, 2);
  if (name == am_heir) return readHeir(option);
  if (arity != 2) return false;
  if (name == am_keypos) {
    if (!isSmall(value) || smallValue(value) < 1 || smallValue(value) > 0x7fff_ffff) return false;
    optionKeyPosition = smallValue(value) as u32;
    return true;
  }
  if (name == am_write_concurrency && value == am_auto) {
    optionFlags |= FLAG_WRITE_AUTO | FLAG_WRITE_CONCURRENCY | FLAG_DECENTRALIZED;
    optionLocks = 0;
    return true;
  }
  if (name == am_write_concurrency && isTuple(value)) return readLocks(value);
  if (value != am_true && value != am_false) return false;
  let flag: u32 = 0;
  if (name == am_write_concurrency) flag = FLAG_WRITE_CONCURRENCY;
  else if (name == am_read_concurrency) flag = FLAG_READ_CONCURRENCY;
  else if (name == am_decentralized_counters) flag = FLAG_DECENTRALIZED;
  else return false;
  if (flag == FLAG_WRITE_CONCURRENCY) {
    optionFlags &= ~FLAG_WRITE_AUTO;
    optionLocks = 0;
  }
  optionFlags = value == am_true ? optionFlags | flag : optionFlags & ~flag;
  return true;
}

/** {debug_hash_fixed_number_of_locks, Number}: a power of two, as OTP makes one of it. */
function readLocks(value: u64): bool {
  if (tupleArity(value) != 2) return false;
  if (tupleElement(value, 1) != am_debug_hash_fixed_number_of_locks) return false;
  const number = tupleElement(value, 2);
  if (!isSmall(number) || smallValue(number) < 1 || smallValue(number) > LOCKS_MAX) return false;
  optionFlags = (optionFlags & ~FLAG_WRITE_AUTO) | FLAG_WRITE_CONCURRENCY | FLAG_DECENTRALIZED;
  optionLocks = max(LOCKS_MIN, 1 << (31 - clz(smallValue(number) as u32)));
  return true;
}
const LOCKS_MIN: u32 = 64;
const LOCKS_MAX: i64 = 32768;
let optionLocks: u32 = 0;

/** {heir, none} or {heir, Pid, Data} */
function readHeir(option: u64): bool {
  optionHeir = 0;
  if (tupleArity(option) == 2) return tupleElement(option, 2) == am_none;
  if (tupleArity(option) != 3 || !isLocalPid(tupleElement(option, 2))) return false;
  optionHeir = tupleElement(option, 2);
  optionHeirData = tupleElement(option, 3);
  return true;
}

/** Make the heir read last, if it is alive, the table's; false when memory is exhausted. */
function setHeir(table: usize): bool {
  let data: usize = 0;
  const heir = livingProcess(optionHeir);
  if (heir) {
    data = copyAllToFragment(optionHeirData);
    if (!data) return false;
  }
  dropHeirData(table);
  store<u64>(table, heir ? optionHeir : 0, T_HEIR);
  if (heir) store<u32>(table, load<u32>(heir, P_SERIAL), T_HEIR_SERIAL);
  store<u32>(table, data as u32, T_HEIR_DATA);
  return true;
}

// bif: ets:new/2
export function etsNew2(name: u64, options: u64): u64 {
  optionType = TYPE_SET;
  optionAccess = ACCESS_PROTECTED;
  optionFlags = 0;
  optionLocks = 0;
  optionKeyPosition = 1;
  optionHeir = 0;
  if (!isAtom(name)) return badEtsArgument();
  let rest = options;
  for (; isList(rest); rest = tail(rest)) if (!readOption(head(rest))) return badEtsArgument();
  if (rest != NIL) return badEtsArgument();
  if (optionFlags & FLAG_NAMED && namedTable(name)) return badEtsArgumentBecause(am_already_exists);
  freeDoomed(256);
  const table = newTable(name, optionType, optionAccess, optionFlags, optionKeyPosition);
  if (!table) return outOfMemory();
  if (optionType != TYPE_ORDERED_SET) store<u32>(table, optionLocks, T_LOCKS);
  if (!setHeir(table)) {
    deleteTable(table, current);
    return outOfMemory();
  }
  return tableTerm(table);
}

// ---- whole tables

// bif: ets:delete/1
export function etsDelete1(tab: u64): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  deleteTable(table, processOf(load<u64>(table, T_OWNER)));
  return etsFree0();
}

// bif: vbeam_internal:ets_free/0
export function etsFree0(): u64 {
  const limit = budget();
  if (freeDoomed(limit as u32)) return am_true;
  chargeReductions(limit);
  return trapTo(BIF_etsFree0, 0);
}

// bif: ets:whereis/1
export function etsWhereis1(name: u64): u64 {
  if (!isAtom(name)) return badEtsArgument();
  const table = namedTable(name);
  return table ? tableReference(table) : am_undefined;
}

// bif: ets:rename/2
export function etsRename2(tab: u64, name: u64): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  if (!isAtom(name)) return badEtsArgument();
  const holder = namedTable(name);
  if (holder && load<u32>(table, T_FLAGS) & FLAG_NAMED) return badEtsArgument();
  renameTable(table, name);
  return tableTerm(table);
}

// bif: ets:give_away/3
export function etsGiveAway3(tab: u64, pid: u64, data: u64): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  const process = isLocalPid(pid) ? livingProcess(pid) : 0;
  if (!process) return badEtsArgument();
  if (!ownsTable(table)) return badEtsArgumentBecause(am_not_owner);
  if (process == current) return badEtsArgumentBecause(am_owner);
  return giveAway(table, current, process, data) ? am_true : outOfMemory();
}

// bif: ets:setopts/2
export function etsSetopts2(tab: u64, options: u64): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  optionAccess = NO_ACCESS;
  newHeir = false;
  if (isTuple(options)) {
    if (!readChange(options)) return badEtsArgument();
  } else {
    let rest = options;
    for (; isList(rest); rest = tail(rest)) if (!readChange(head(rest))) return badEtsArgument();
    if (rest != NIL) return badEtsArgument();
  }
  if (!ownsTable(table)) return badEtsArgument();
  if (newHeir && !setHeir(table)) return outOfMemory();
  if (optionAccess != NO_ACCESS) store<u32>(table, optionAccess, T_ACCESS);
  return am_true;
}
const NO_ACCESS: u32 = 0xff;
let newHeir: bool = false;
/** An option of setopts/2: each may be given once. */
function readChange(option: u64): bool {
  if (!isTuple(option) || tupleArity(option) < 2) return false;
  if (tupleElement(option, 1) == am_heir) {
    if (newHeir || !readHeir(option)) return false;
    newHeir = true;
    return true;
  }
  if (tupleElement(option, 1) != am_protection || tupleArity(option) != 2) return false;
  const access = tupleElement(option, 2);
  if (optionAccess != NO_ACCESS) return false;
  return (
    (access == am_private || access == am_protected || access == am_public) && readOption(access)
  );
}

// bif: ets:safe_fixtable/2
export function etsSafeFixtable2(tab: u64, fix: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  if (fix == am_true) return fixTable(table, current) ? am_true : outOfMemory();
  if (fix != am_false) return badEtsArgument();
  unfixTable(table, current);
  return am_true;
}

// ---- objects in

function insertObject(table: usize, object: usize): void {
  if (isOrdered(table)) treeInsert(table, object);
  else hashInsert(table, object);
}

/** What insert/2 and insert_new/2 answer: with a list in slices, and so all of it is done again. */
function insertAll(tab: u64, objects: u64, onlyNew: bool): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  if (objects == NIL) return am_true;
  if (isList(objects)) return insertedList(table, objects, onlyNew);
  if (!fitsTable(table, objects)) return badEtsArgument();
  if (onlyNew && find(table, keyOf(table, objects))) return am_false;
  const object = newObjectInSlices(objects);
  if (!object) return walkLeft ? NONE : outOfMemory();
  insertObject(table, object);
  return am_true;
}
function insertedList(table: usize, objects: u64, onlyNew: bool): u64 {
  const outcome = insertList(table, objects, onlyNew);
  if (outcome == NO_OBJECTS) return badEtsArgument();
  if (outcome == NO_MEMORY) return outOfMemory();
  return outcome == INSERTED ? am_true : am_false;
}

// bif: ets:insert/2
export function etsInsert2(tab: u64, objects: u64): u64 {
  allowLeaving();
  const result = insertAll(tab, objects, false);
  return endWalk() ? leaveWalk() : result;
}

// bif: ets:insert_new/2
export function etsInsertNew2(tab: u64, objects: u64): u64 {
  allowLeaving();
  const result = insertAll(tab, objects, true);
  return endWalk() ? leaveWalk() : result;
}

// ---- objects out

/** The objects with the key of `first` as a list, oldest first; NONE when memory is exhausted. */
function objectsFrom(table: usize, first: usize): u64 {
  let list = NIL;
  let object = first;
  let count = 0;
  while (object) {
    const cell = hAlloc(2);
    store<u64>(cell, NIL);
    store<u64>(cell, NIL, 8);
    const tuple = copyObject(object);
    if (!tuple) return NONE;
    list = makeCons(cell, tuple, list);
    if (memoryExhausted) return outOfMemory();
    count++;
    object = isOrdered(table) ? 0 : hashFindNext(table, object);
  }
  chargeReductions(count >> 2);
  return list;
}

/** Words of objects, with some more for each, between two looks at the doorbell. */
const LOOKED_UP_WORDS: i32 = 384;
const OBJECT_WORK: i32 = 24;

/**
 * objectsFrom for a caller that can be left: meanwhile the table is fixed, so that the next object
 * stays where it is.
 */
function objectsInSlices(table: usize, key: u64): u64 {
  const number = load<u64>(table, T_NUMBER);
  let list = NIL;
  let object: usize = 0;
  const walk = takeUpBlock(WALK_LOOKUP);
  if (walk) {
    release(walk);
    unfixTable(table, current);
  }
  if (walk && walkC == number) {
    list = walkA;
    object = walkB as usize;
    if (isGone(object)) object = hashFindNext(table, object);
  } else object = find(table, key);
  let left = LOOKED_UP_WORDS;
  while (object) {
    const mustLeave = left <= 0 && shouldLeave();
    if (left <= 0) left = LOOKED_UP_WORDS;
    const tuple = mustLeave ? NONE : copyObjectInSlices(object);
    if (!tuple && !mustLeave && !walkLeft) return NONE;
    if (!tuple && leaveLookup(table, list, object, number)) return NONE;
    if (!tuple && !mustLeave) return outOfMemory();
    if (!tuple) continue;
    left -= (objectWords(object) as i32) + OBJECT_WORK;
    list = makeCons(hAlloc(2), tuple, list);
    if (memoryExhausted) return outOfMemory();
    object = isOrdered(table) ? 0 : hashFindNext(table, object);
  }
  return list;
}
/** False when there is no memory for it. */
function leaveLookup(table: usize, list: u64, object: usize, number: u64): bool {
  const walk = allocate(WALK_BYTES);
  if (!walk) return false;
  if (!fixTable(table, current)) {
    release(walk);
    return false;
  }
  putBlockAside(walk, WALK_LOOKUP, list, object as u64, number);
  return true;
}

// bif: ets:lookup/2
export function etsLookup2(tab: u64, key: u64): u64 {
  allowLeaving();
  const table = readableTable(tab);
  const result = table ? objectsInSlices(table, key) : badTable(tab);
  return endWalk() ? leaveWalk() : result;
}

// bif: ets:member/2
export function etsMember2(tab: u64, key: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  return find(table, key) ? am_true : am_false;
}

/**
 * Element `position` of the objects with `key`: one in a set, a list in a bag; `missing` when there
 * is none.
 */
function lookupElement(table: usize, key: u64, position: u64, missing: u64): u64 {
  if (!isSmall(position) || smallValue(position) < 1) return badEtsArgument();
  let object = find(table, key);
  if (!object) return missing == NONE ? badEtsArgumentBecause(am_badkey) : missing;
  const bag =
    load<u32>(table, T_TYPE) == TYPE_BAG || load<u32>(table, T_TYPE) == TYPE_DUPLICATE_BAG;
  let list = NIL;
  while (object) {
    const tuple = objectTerm(object);
    if (smallValue(position) > (tupleArity(tuple) as i64)) return badEtsArgument();
    const element = copyOut(tupleElement(tuple, smallValue(position) as u32));
    if (!element || !bag) return element;
    list = makeCons(hAlloc(2), element, list);
    if (memoryExhausted) return outOfMemory();
    object = hashFindNext(table, object);
  }
  return list;
}

// bif: ets:lookup_element/3
export function etsLookupElement3(tab: u64, key: u64, position: u64): u64 {
  const table = readableTable(tab);
  return table ? lookupElement(table, key, position, NONE) : badTable(tab);
}

// bif: ets:lookup_element/4
export function etsLookupElement4(tab: u64, key: u64, position: u64, missing: u64): u64 {
  const table = readableTable(tab);
  return table ? lookupElement(table, key, position, missing) : badTable(tab);
}

// bif: ets:take/2
export function etsTake2(tab: u64, key: u64): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  const list = objectsFrom(table, find(table, key));
  if (list && list != NIL) {
    if (isOrdered(table)) treeDelete(table, key);
    else hashDelete(table, key);
  }
  return list;
}

// bif: ets:delete/2
export function etsDelete2(tab: u64, key: u64): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  if (isOrdered(table)) treeDelete(table, key);
  else hashDelete(table, key);
  return am_true;
}

// bif: ets:delete_object/2
export function etsDeleteObject2(tab: u64, tuple: u64): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  if (!fitsTable(table, tuple)) return badEtsArgument();
  const key = keyOf(table, tuple);
  if (!isOrdered(table)) hashDeleteObject(table, key, tuple);
  else {
    const object = treeFind(table, key);
    if (object && identical(objectTerm(object), tuple)) treeDelete(table, key);
  }
  return am_true;
}

// ---- walking

function keyOut(table: usize, object: usize): u64 {
  return object ? copyOut(objectKey(object, load<u32>(table, T_KEYPOS))) : am_dollar_end_of_table;
}

// bif: ets:first/1
export function etsFirst1(tab: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  return keyOut(table, isOrdered(table) ? treeFirst(table) : hashFirstFrom(table, 0));
}

// bif: ets:last/1
export function etsLast1(tab: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  return keyOut(table, isOrdered(table) ? treeLast(table) : hashFirstFrom(table, 0));
}

/**
 * The object with `key` from which a walk goes on, or 0. A deleted one holds its place only while
 * the table is fixed: afterwards it waits for its turn to be freed.
 */
function placeOf(table: usize, key: u64): usize {
  if (!load<u32>(table, T_FIXES)) return hashFind(table, key);
  return load<u32>(findLink(table, key, keyHashOf(key))) as usize;
}
/**
 * The key after `key` in a hash table; badarg when `key` is not there, nor was deleted while the
 * table was fixed.
 */
function hashNext(table: usize, key: u64): u64 {
  const object = placeOf(table, key);
  return object ? keyOut(table, hashNextKey(table, object)) : badEtsArgument();
}

// bif: ets:next/2
export function etsNext2(tab: u64, key: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  if (key == am_dollar_end_of_table) return badEtsArgument();
  return isOrdered(table) ? keyOut(table, treeAbove(table, key, false)) : hashNext(table, key);
}

// bif: ets:prev/2
export function etsPrev2(tab: u64, key: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  if (key == am_dollar_end_of_table) return badEtsArgument();
  return isOrdered(table) ? keyOut(table, treeBelow(table, key, false)) : hashNext(table, key);
}

/**
 * {Key, [Object ...]} of the objects with the key of `object`: OTP 27's walks that look up at once.
 */
function lookupOut(table: usize, object: usize): u64 {
  if (!object) return am_dollar_end_of_table;
  const key = keyOut(table, object);
  if (!key) return NONE;
  const objects = objectsFrom(table, object);
  return objects ? tuple2(key, objects) : NONE;
}
/** The first object with the key after `key` in a hash table, as hashNext finds it. */
function hashNextLookup(table: usize, key: u64): u64 {
  const object = placeOf(table, key);
  return object ? lookupOut(table, hashNextKey(table, object)) : badEtsArgument();
}

// bif: ets:first_lookup/1
export function etsFirstLookup1(tab: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  return lookupOut(table, isOrdered(table) ? treeFirst(table) : hashFirstFrom(table, 0));
}

// bif: ets:last_lookup/1
export function etsLastLookup1(tab: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  return lookupOut(table, isOrdered(table) ? treeLast(table) : hashFirstFrom(table, 0));
}

// bif: ets:next_lookup/2
export function etsNextLookup2(tab: u64, key: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  if (!isOrdered(table)) return hashNextLookup(table, key);
  return lookupOut(table, treeAbove(table, key, false));
}

// bif: ets:prev_lookup/2
export function etsPrevLookup2(tab: u64, key: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  if (!isOrdered(table)) return hashNextLookup(table, key);
  return lookupOut(table, treeBelow(table, key, false));
}

// bif: ets:slot/2
export function etsSlot2(tab: u64, index: u64): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  if (!isSmall(index) || smallValue(index) < 0) return badEtsArgument();
  const number = smallValue(index);
  if (isOrdered(table)) {
    let object = treeFirst(table);
    for (let i: i64 = 0; i < number && object; i++) {
      object = treeAbove(table, objectKey(object, load<u32>(table, T_KEYPOS)), false);
      if (!object && i + 1 < number) return badEtsArgument();
    }
    if (!object && number > 0 && !treeFirst(table)) return badEtsArgument();
    return object ? objectsFrom(table, object) : am_dollar_end_of_table;
  }
  if (number > (bucketCount(table) as i64)) return badEtsArgument();
  if (number == (bucketCount(table) as i64)) return am_dollar_end_of_table;
  let list = NIL;
  let object = load<u32>(bucketLink(table, number as u32)) as usize;
  while (object) {
    if (!isGone(object)) {
      const tuple = copyObject(object);
      if (!tuple) return NONE;
      list = makeCons(hAlloc(2), tuple, list);
      if (memoryExhausted) return outOfMemory();
    }
    object = load<u32>(object);
  }
  return list;
}
