/**
 * Scans: a compiled match specification is run on the objects of a table, and what it says is
 * collected, counted, or done to them.
 *
 * A scan that is not finished within its slice traps to itself with its state in X registers, all
 * of it terms:
 *
 *   0 table   1 program   2 position   3 flags   4 result so far (list or number)   5 matches
 *             wanted, or number found
 *
 * Position: in a hash table the bucket to go on with; the table is fixed from the first trap on, so
 * buckets stay what they are. In an ordered set the key to go on with, or, in the continuation of a
 * chunk, the last key seen. A bucket is always scanned to its end.
 */
import { compare, identical } from '../compare';
import { badarg, outOfMemory, trapTo } from '../errors';
import { am_dollar_end_of_table, am_true, am_underscore } from '../gen/atoms';
import { BIF_etsScan6 } from '../gen/bifs';
import { binaryRows } from '../bif/process_binaries';
import { hAlloc, memoryExhausted } from '../heap';
import { setX } from '../registers';
import { resourceOf, resourceTerm } from '../resource';
import { budget, chargeReductions, current } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isList,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { fixTable, unfixTable } from './fixation';
import {
  bucketCount,
  bucketLink,
  deleteAt,
  hashSettle,
  findLink,
  keyHashOf,
  replaceAt,
} from './hash_table';
import { TYPE_ORDERED_SET, TYPE_SET, T_KEYPOS, T_TYPE } from './layout';
import { hasVariables, variableNumber } from './match_compile';
import { M_COUNT, clausePattern, destroyProgram, nextClause } from './match_program';
import { prepareRun, runExhausted, runProgram } from './match_run';
import { copyOut, isGone, newObject, objectKey, objectOffHeap, objectTerm } from './object';
import {
  treeDelete,
  treeFind,
  treeInsert,
  walkFirst,
  walkFrom,
  walkNext,
  walkRange,
} from './ordered_table';
import { rangeOrder, rangePattern } from './key_range';
import { findTable, tableReference } from './registry';

// Flags: what is done with matches ...
export const SCAN_COLLECT: u32 = 0;
export const SCAN_COUNT: u32 = 1;
export const SCAN_DELETE: u32 = 2;
export const SCAN_REPLACE: u32 = 3;
const ACTION: u32 = 3;
/** ... the result comes in chunks of a wanted size, with a continuation ... */
export const SCAN_CHUNKS: u32 = 4;
/** ... an ordered set is shown in descending order ... */
export const SCAN_REVERSE: u32 = 8;
/** ... objects show their binaries instead ... */
export const SCAN_BINARIES: u32 = 128;
/** ... those that are only marked as deleted, too ... */
export const SCAN_GONE: u32 = 256;
// ... and how far it is.
const STARTED: u32 = 16;
const FIXED: u32 = 32;
/** In an ordered set: the position is the last key seen. */
const AFTER_KEY: u32 = 64;

// The scan in progress.
let table: usize = 0;
let program: usize = 0;
let flags: u32 = 0;
let list: u64 = NIL;
let count: i64 = 0;
let wanted: i64 = 0;
/** A replacement was no tuple with the key of what it replaces. */
let badReplacement: bool = false;
let exhausted: bool = false;

function action(): u32 {
  return flags & ACTION;
}

/**
 * What the match says about one object: collect or count it. True when it is to be deleted or
 * replaced, by `verdict`.
 */
let verdict: u64 = 0;
function judge(object: usize): bool {
  if (flags & SCAN_BINARIES) {
    list = binaryRows(objectOffHeap(object), list);
    if (memoryExhausted) outOfMemory();
    exhausted = memoryExhausted;
    return false;
  }
  verdict = runProgram(program, objectTerm(object), true);
  if (runExhausted || memoryExhausted) {
    outOfMemory();
    exhausted = true;
    return false;
  }
  if (verdict == NONE) return false;
  if (action() == SCAN_COLLECT) {
    list = makeCons(hAlloc(2), verdict, list);
    count++;
    return false;
  }
  if (action() == SCAN_REPLACE) return true;
  if (verdict != am_true) return false;
  count++;
  return action() == SCAN_DELETE;
}

/** A new object of the replacement in `verdict`, or 0. */
function replacementFor(object: usize): usize {
  const position = load<u32>(table, T_KEYPOS);
  const key = objectKey(object, position);
  if (
    !isTuple(verdict) ||
    tupleArity(verdict) < position ||
    !identical(tupleElement(verdict, position), key)
  ) {
    badReplacement = true;
    return 0;
  }
  const fresh = newObject(verdict);
  if (!fresh) {
    outOfMemory();
    exhausted = true;
  } else count++;
  return fresh;
}

/**
 * Scan the chain from `link` on, all of it or as far as objects have `key` (NONE: all). Returns the
 * number of objects.
 */
function scanChain(start: usize, key: u64): i32 {
  const position = load<u32>(table, T_KEYPOS);
  let link = start;
  let seen = 0;
  while (load<u32>(link) && !exhausted && !badReplacement) {
    const object = load<u32>(link) as usize;
    if (key != NONE && !identical(objectKey(object, position), key)) break;
    seen++;
    const hidden = isGone(object) && !(flags & SCAN_GONE);
    if (hidden || !judge(object)) {
      link = object;
    } else if (action() == SCAN_DELETE) link = deleteAt(table, link);
    else {
      const fresh = replacementFor(object);
      if (fresh) replaceAt(table, link, fresh);
      link = load<u32>(link);
    }
  }
  return seen;
}

// ---- hash tables

/**
 * Scan buckets from `index` on until the slice is used up or enough was found; the bucket to go on
 * with.
 */
function scanBuckets(index: u32): u32 {
  const buckets = bucketCount(table);
  let left = budget();
  let i = index;
  while (i < buckets && left > 0 && !exhausted && !badReplacement) {
    left -= 1 + scanChain(bucketLink(table, i), NONE) * 4;
    i++;
    if (flags & SCAN_CHUNKS && count >= wanted) break;
  }
  chargeReductions(budget() - left);
  return i;
}

// ---- ordered sets

/**
 * Towards greater keys? All results of a descending walk, each put before the last, come out
 * ascending.
 */
function ascending(): bool {
  const reverse = (flags & SCAN_REVERSE) != 0;
  return flags & SCAN_CHUNKS ? !reverse : reverse;
}

/** The pattern of the keys of the only clause, when it limits them; else NONE. */
let range: u64 = NONE;
function findRange(): void {
  range = NONE;
  if (nextClause(program, 0) < load<u32>(program, M_COUNT)) return;
  const pattern = clausePattern(program, 0);
  const position = load<u32>(table, T_KEYPOS);
  if (isTuple(pattern) && tupleArity(pattern) >= position) {
    range = rangePattern(tupleElement(pattern, position));
  }
}

/** Enough was found: what scanTree returned is the last object seen. */
let chunkFull: bool = false;

/**
 * Scan the objects of the walk begun until the slice is used up or enough was found. Returns the
 * one to go on with, 0 at the end.
 */
function scanTree(): usize {
  const position = load<u32>(table, T_KEYPOS);
  let left = budget();
  let object = walkNext();
  while (object && left > 0 && !exhausted && !badReplacement) {
    left -= 5;
    if (range && rangeOrder(range, objectKey(object, position)) != 0) {
      object = 0;
      break;
    }
    const changes = judge(object);
    if (flags & SCAN_CHUNKS && count >= wanted) {
      chunkFull = true;
      break;
    }
    const next = walkNext();
    if (changes && action() == SCAN_DELETE) {
      treeDelete(table, objectKey(object, position));
      // The tree may have turned: find the way again.
      if (next) {
        walkFrom(table, objectKey(next, position), true, ascending());
        walkNext();
      }
    } else if (changes) {
      // It takes the very place of the old object, which the walk has left.
      const fresh = replacementFor(object);
      if (fresh) treeInsert(table, fresh);
    }
    object = next;
  }
  chargeReductions(budget() - left);
  return object;
}

// ---- keys that the patterns name: only their objects need to be looked at

/** More clauses than these are not compared with each other. */
const NAMED_KEYS_MAX: u32 = 16;
const namedKeys: usize = memory.data(16 * 8, 8);
let namedCount: u32 = 0;

/**
 * The key that a pattern names: NONE when it may match any key, am_underscore when it can match no
 * object of the table.
 */
function keyOfPattern(pattern: u64): u64 {
  if (pattern == am_underscore || variableNumber(pattern) >= 0) return NONE;
  const position = load<u32>(table, T_KEYPOS);
  if (!isTuple(pattern) || tupleArity(pattern) < position) return am_underscore;
  const key = tupleElement(pattern, position);
  // As in OTP: a map without variables stands for itself here, though elsewhere it matches larger
  // maps.
  return hasVariables(key) ? NONE : key;
}

/** All clauses name keys: they are in `namedKeys` then, each once. */
function collectNamedKeys(): bool {
  namedCount = 0;
  const end = load<u32>(program, M_COUNT);
  for (let clause: u32 = 0; clause < end; clause = nextClause(program, clause)) {
    const key = keyOfPattern(clausePattern(program, clause));
    if (key == NONE) return false;
    if (key == am_underscore) continue;
    let known = false;
    for (let i: u32 = 0; i < namedCount && !known; i++) {
      known = compare(load<u64>(namedKeys + (i << 3)), key) == 0;
    }
    if (known) continue;
    if (namedCount == NAMED_KEYS_MAX) return false;
    store<u64>(namedKeys + (namedCount << 3), key);
    namedCount++;
  }
  return true;
}

/** Scan the objects with one key. */
function scanKey(key: u64): void {
  if (load<u32>(table, T_TYPE) != TYPE_ORDERED_SET) {
    scanChain(findLink(table, key, keyHashOf(key)), key);
    return;
  }
  const object = treeFind(table, key);
  if (!object || !judge(object)) return;
  if (action() == SCAN_DELETE) treeDelete(table, key);
  else {
    const fresh = replacementFor(object);
    if (fresh) treeInsert(table, fresh);
  }
}

/**
 * Scan the objects with the named keys; in an ordered set keys in the order in which results must
 * be found.
 */
function scanNamedKeys(): void {
  if (load<u32>(table, T_TYPE) == TYPE_ORDERED_SET) {
    for (let i: u32 = 1; i < namedCount; i++) {
      const key = load<u64>(namedKeys + (i << 3));
      let place = i;
      while (place > 0) {
        const order = compare(load<u64>(namedKeys + ((place - 1) << 3)), key);
        if (ascending() ? order < 0 : order > 0) break;
        store<u64>(namedKeys + (place << 3), load<u64>(namedKeys + ((place - 1) << 3)));
        place--;
      }
      store<u64>(namedKeys + (place << 3), key);
    }
  }
  for (let i: u32 = 0; i < namedCount && !exhausted && !badReplacement; i++) {
    scanKey(load<u64>(namedKeys + (i << 3)));
  }
  chargeReductions((namedCount << 2) as i32);
}

// ---- the whole scan

/**
 * Scan `at` with `compiled`, a program that the caller keeps; how: SCAN_ flags. `chunk`: matches
 * wanted, with SCAN_CHUNKS.
 */
export function startScan(at: usize, compiled: usize, how: u32, chunk: i64): u64 {
  return scan(at, compiled, how, NIL, 0, chunk, smallOf(0));
}

/**
 * Go on with a scan in chunks: `sofar` are the results left over from the last one, `position`
 * where it stopped.
 */
export function resumeScan(
  at: usize,
  compiled: usize,
  reverse: bool,
  chunk: i64,
  sofar: u64,
  position: u64,
): u64 {
  let found: i64 = 0;
  for (let rest = sofar; isList(rest); rest = tail(rest)) found++;
  const how = SCAN_CHUNKS | STARTED | AFTER_KEY | (reverse ? SCAN_REVERSE : 0);
  return scan(at, compiled, how, sofar, found, chunk, position);
}

/** The next slice of a scan that trapped: its state, see above. */
export function continueScan(
  tableTerm: u64,
  programTerm: u64,
  position: u64,
  how: u64,
  sofar: u64,
  number: u64,
): u64 {
  const at = findTable(tableTerm);
  const compiled = resourceOf(programTerm, destroyProgram.index);
  if (!at || !compiled) return badarg();
  const mode = smallValue(how) as u32;
  if (!(mode & SCAN_CHUNKS))
    return scan(at, compiled, mode, sofar, smallValue(number), 0, position);
  if (smallValue(number) < 1) return badarg();
  let found: i64 = 0;
  for (let rest = sofar; isList(rest); rest = tail(rest)) found++;
  return scan(at, compiled, mode, sofar, found, smallValue(number), position);
}

/** One slice: the result, or a trap to the next slice. */
function scan(
  at: usize,
  compiled: usize,
  how: u32,
  sofar: u64,
  found: i64,
  chunk: i64,
  position: u64,
): u64 {
  table = at;
  program = compiled;
  flags = how;
  list = sofar;
  count = found;
  wanted = chunk;
  badReplacement = false;
  exhausted = false;
  chunkFull = false;
  if (!prepareRun(program)) return finish(outOfMemory());
  let next: u64 = NONE;
  if (!(flags & STARTED) && collectNamedKeys() && keysSuffice()) scanNamedKeys();
  else if (!(flags & SCAN_CHUNKS) || count < wanted) {
    next = load<u32>(table, T_TYPE) == TYPE_ORDERED_SET ? treeSlice(position) : hashSlice(position);
  } else next = position;
  flags |= STARTED;
  if (badReplacement) return finish(badarg());
  if (exhausted) return finish(NONE);
  if (flags & SCAN_CHUNKS) {
    if (next == NONE || count >= wanted) return finish(chunkResult(next));
  } else if (next == NONE) {
    return finish(action() == SCAN_COLLECT ? list : smallOf(count));
  }
  return yieldScan(next);
}

/**
 * Looking at the named keys only gives the right result: in chunks it must not give more than is
 * wanted.
 */
function keysSuffice(): bool {
  if (!(flags & SCAN_CHUNKS)) return true;
  const type = load<u32>(table, T_TYPE);
  return (type == TYPE_SET || type == TYPE_ORDERED_SET) && (namedCount as i64) <= wanted;
}

/** A slice of buckets: the next bucket as a small, NONE at the end. */
function hashSlice(position: u64): u64 {
  const index = scanBuckets(smallValue(position) as u32);
  return index < bucketCount(table) ? smallOf(index as i64) : NONE;
}

/** A slice of an ordered set: the next key, NONE at the end (or when memory is exhausted). */
function treeSlice(position: u64): u64 {
  findRange();
  if (flags & STARTED) {
    walkFrom(table, position, (flags & AFTER_KEY) == 0, ascending());
    flags &= ~AFTER_KEY;
  } else if (range) walkRange(table, range, ascending());
  else walkFirst(table, ascending());
  const object = scanTree();
  if (!object) return NONE;
  const key = copyOut(objectKey(object, load<u32>(table, T_KEYPOS)));
  if (!key) exhausted = true;
  return key;
}

/** The scan is over, with `result`: nothing of it is kept. */
function finish(result: u64): u64 {
  if (flags & FIXED) unfixTable(table, current);
  if (load<u32>(table, T_TYPE) != TYPE_ORDERED_SET && action() >= SCAN_DELETE) hashSettle(table);
  return result;
}

function yieldScan(next: u64): u64 {
  if (!(flags & FIXED) && load<u32>(table, T_TYPE) != TYPE_ORDERED_SET) {
    if (!fixTable(table, current)) return finish(outOfMemory());
    flags |= FIXED;
  }
  setX(0, tableReference(table));
  setX(1, resourceTerm(program));
  setX(2, next);
  setX(3, smallOf(flags as i64));
  setX(4, list);
  setX(5, smallOf(flags & SCAN_CHUNKS ? wanted : count));
  return trapTo(BIF_etsScan6, 6);
}

// ---- chunks: {Results, Continuation}

/** A copy of the first `length` elements of a list, in reverse or not; NONE without memory. */
function copyOfList(from: u64, length: u32, inReverse: bool): u64 {
  if (!length) return NIL;
  const at = hAlloc(length << 1);
  if (!at) return NONE;
  let rest = from;
  for (let i: u32 = 0; i < length; i++) {
    const place = inReverse ? length - 1 - i : i;
    const cell = at + (place << 4);
    makeCons(cell, head(rest), place + 1 == length ? NIL : (cell + 16) | 1);
    rest = tail(rest);
  }
  return (at as u64) | 1;
}

function tupleAt(arity: u32): usize {
  const at = hAlloc(arity + 1);
  store<u64>(at, headerOf(SUB_TUPLE, arity));
  return at;
}

/** What a chunked scan returns when enough was found or the table ends (`next` NONE). */
function chunkResult(next: u64): u64 {
  if (count == 0) return am_dollar_end_of_table;
  // Results were put in front of each other: the wanted ones, which were found first, are the end
  // of the list.
  const extra = max(count - wanted, 0) as u32;
  const leftover = copyOfList(list, extra, false);
  let results = list;
  for (let i: u32 = 0; i < extra; i++) results = tail(results);
  if (load<u32>(table, T_TYPE) == TYPE_ORDERED_SET) {
    results = copyOfList(results, (count as u32) - extra, true);
  }
  if (!leftover || !results) return outOfMemory();
  const pair = tupleAt(2);
  store<u64>(pair, results, 8);
  const atEnd = next == NONE && leftover == NIL;
  store<u64>(pair, atEnd ? am_dollar_end_of_table : continuationOf(next, leftover), 16);
  return boxedOf(pair);
}

/**
 * {Table, Bucket, Chunk, Program, Leftover, 0} or {Table, LastKey, [], Chunk, Program, Leftover,
 * Reverse, 0}: the forms that ets:repair_continuation/2 knows.
 */
function continuationOf(next: u64, leftover: u64): u64 {
  const reference = tableReference(table);
  const compiled = resourceTerm(program);
  if (load<u32>(table, T_TYPE) != TYPE_ORDERED_SET) {
    const at = tupleAt(6);
    store<u64>(at, reference, 8);
    store<u64>(at, next == NONE ? smallOf(bucketCount(table) as i64) : next, 16);
    store<u64>(at, smallOf(wanted), 24);
    store<u64>(at, compiled, 32);
    store<u64>(at, leftover, 40);
    store<u64>(at, smallOf(0), 48);
    return boxedOf(at);
  }
  const at = tupleAt(8);
  store<u64>(at, reference, 8);
  store<u64>(at, next, 16);
  store<u64>(at, NIL, 24);
  store<u64>(at, smallOf(wanted), 32);
  store<u64>(at, compiled, 40);
  store<u64>(at, leftover, 48);
  store<u64>(at, smallOf(flags & SCAN_REVERSE ? 1 : 0), 56);
  store<u64>(at, smallOf(0), 64);
  return boxedOf(at);
}
