/**
 * Hash tables of ETS: set, bag and duplicate_bag. Linear hashing (W. Litwin, 1980): the table grows
 * and shrinks by a few buckets at a time, so that no operation pays for all. Buckets lie in
 * segments of 64. Hashes, the number of buckets, and the order in chains are those of OTP
 * (erts/emulator/beam/erl_db_hash.c), so that tables are walked in its order.
 *
 * Objects with the same key lie next to each other in their bucket's chain, the newest first: a
 * list built while walking along comes out oldest first. While the table is fixed
 * (vm/ets/fixation.ts), buckets neither split nor merge, and an object that is deleted stays in its
 * chain, marked, so that walks can go on from it; the marked ones are freed later, a few with every
 * operation.
 */
import { AREA_TABLES, allocateZeroedFor, releaseFor } from '../memory_areas';
import { identical } from '../compare';
import { atomPortableHash } from '../atoms';
import { internalHash } from '../hash';
import { isAtom, isImmediate } from '../term';
import {
  O_HASH,
  O_NEXT,
  freeObject,
  goneNext,
  gonePrevious,
  isGone,
  markGone,
  objectKey,
  objectMemory,
  objectTerm,
  setGoneNext,
  setGonePrevious,
} from './object';
import {
  T_ACTIVE,
  T_COUNT,
  T_DIRECTORY,
  T_DIRECTORY_SIZE,
  T_FIXES,
  T_GONE,
  T_KEYPOS,
  T_MASK,
  T_TYPE,
  T_WORDS,
  TYPE_BAG,
  TYPE_SET,
} from './layout';

const SEGMENT: u32 = 64;
const SEGMENT_SHIFT: u32 = 6;
const DIRECTORY_MIN: u32 = 4;
/** Buckets of an empty table. */
const BUCKETS_MIN: u32 = 256;
/** Buckets by which OTP's memory grows; below two of these a table does not shrink. */
const EXTENSION: u32 = 2048;
/** Buckets split or merged by one operation. */
const RESIZED_AT_ONCE: u32 = 5;
/** Marked objects freed by one operation. */
const PURGED_AT_ONCE: u32 = 8;

/** The hash of a key: OTP's for terms without funs and identities. */
export function keyHashOf(key: u64): u32 {
  return isAtom(key) ? atomPortableHash(key) : internalHash(key);
}

export function initHashTable(table: usize): bool {
  const directory = allocateZeroedFor(AREA_TABLES, DIRECTORY_MIN << 2);
  if (!directory) return false;
  store<u32>(table, directory as u32, T_DIRECTORY);
  store<u32>(table, DIRECTORY_MIN, T_DIRECTORY_SIZE);
  store<u64>(table, 2, T_WORDS);
  for (let index: u32 = 0; index < BUCKETS_MIN; index += SEGMENT) {
    if (reserveBucket(table, index)) continue;
    for (let i: u32 = 0; i < DIRECTORY_MIN; i++)
      releaseFor(AREA_TABLES, load<u32>(directory + (i << 2)));
    releaseFor(AREA_TABLES, directory);
    return false;
  }
  store<u32>(table, BUCKETS_MIN, T_ACTIVE);
  store<u32>(table, BUCKETS_MIN - 1, T_MASK);
  return true;
}

// ---- buckets

export function bucketCount(table: usize): u32 {
  return load<u32>(table, T_ACTIVE);
}
/** Address of the link to the first object of bucket `index`. */
export function bucketLink(table: usize, index: u32): usize {
  const directory = load<u32>(table, T_DIRECTORY) as usize;
  const segment = load<u32>(directory + ((index >> SEGMENT_SHIFT) << 2)) as usize;
  return segment + ((index & (SEGMENT - 1)) << 2);
}
export function bucketOf(table: usize, hash: u32): u32 {
  const mask = load<u32>(table, T_MASK);
  const index = hash & mask;
  return index < load<u32>(table, T_ACTIVE) ? index : hash & (mask >> 1);
}

/** Objects of the last chain looked at that are deleted already. */
export let chainGone: u32 = 0;
/** Objects in the chain of bucket `index`, those too that were deleted while the table is fixed. */
export function chainLength(table: usize, index: u32): u32 {
  let length: u32 = 0;
  chainGone = 0;
  for (let at = load<u32>(bucketLink(table, index)) as usize; at; at = load<u32>(at, O_NEXT)) {
    length++;
    if (isGone(at)) chainGone++;
  }
  return length;
}

/** Words of memory of the table, changed by `words`. */
function addWords(table: usize, words: i64): void {
  store<u64>(table, load<u64>(table, T_WORDS) + (words as u64), T_WORDS);
}

/** Room in the directory for one more bucket; false when memory is exhausted. */
function reserveBucket(table: usize, index: u32): bool {
  const segmentIndex = index >> SEGMENT_SHIFT;
  let directory = load<u32>(table, T_DIRECTORY) as usize;
  const size = load<u32>(table, T_DIRECTORY_SIZE);
  if (segmentIndex == size) {
    const fresh = allocateZeroedFor(AREA_TABLES, size << 3);
    if (!fresh) return false;
    memory.copy(fresh, directory, size << 2);
    releaseFor(AREA_TABLES, directory);
    directory = fresh;
    store<u32>(table, fresh as u32, T_DIRECTORY);
    store<u32>(table, size << 1, T_DIRECTORY_SIZE);
    addWords(table, (size >> 1) as i64);
  }
  const slot = directory + (segmentIndex << 2);
  if (load<u32>(slot)) return true;
  const segment = allocateZeroedFor(AREA_TABLES, SEGMENT << 2);
  if (!segment) return false;
  store<u32>(slot, segment as u32);
  addWords(table, (SEGMENT >> 1) as i64);
  return true;
}

/** Split one bucket; its chain is dealt out in order. */
function growBucket(table: usize): void {
  const index = load<u32>(table, T_ACTIVE);
  if (index >= 0x0800_0000 || !reserveBucket(table, index)) return;
  let mask = load<u32>(table, T_MASK);
  if (index > mask) {
    mask = (mask << 1) | 1;
    store<u32>(table, mask, T_MASK);
  }
  store<u32>(table, index + 1, T_ACTIVE);
  let stay = bucketLink(table, index & (mask >> 1));
  let leave = bucketLink(table, index);
  let object = load<u32>(stay) as usize;
  while (object) {
    if ((load<u32>(object, O_HASH) & mask) == index) {
      store<u32>(leave, object as u32);
      leave = object;
    } else {
      store<u32>(stay, object as u32);
      stay = object;
    }
    object = load<u32>(object, O_NEXT);
  }
  store<u32>(stay, 0);
  store<u32>(leave, 0);
}

/** Put the last bucket in front of the one it was split from. */
function shrinkBucket(table: usize): void {
  const index = load<u32>(table, T_ACTIVE) - 1;
  const half = load<u32>(table, T_MASK) >> 1;
  const from = bucketLink(table, index);
  const onto = bucketLink(table, index & half);
  let end = from;
  while (load<u32>(end)) end = load<u32>(end);
  if (end != from) {
    store<u32>(end, load<u32>(onto));
    store<u32>(onto, load<u32>(from));
    store<u32>(from, 0);
  }
  store<u32>(table, index, T_ACTIVE);
  if (index == half + 1) store<u32>(table, half, T_MASK);
  if ((index & (SEGMENT - 1)) == 0) {
    const slot = (load<u32>(table, T_DIRECTORY) as usize) + ((index >> SEGMENT_SHIFT) << 2);
    releaseFor(AREA_TABLES, load<u32>(slot));
    store<u32>(slot, 0);
    addWords(table, -((SEGMENT >> 1) as i64));
  }
}

/** Free a few marked objects that no walk needs any more. */
function purgeMarked(table: usize): void {
  if (load<u32>(table, T_FIXES)) return;
  for (let i: u32 = 0; i < PURGED_AT_ONCE && load<u32>(table, T_GONE); i++) {
    const object = load<u32>(table, T_GONE) as usize;
    unlinkGone(table, object);
    let link = bucketLink(table, bucketOf(table, load<u32>(object, O_HASH)));
    while (load<u32>(link) != object) link = load<u32>(link);
    store<u32>(link, load<u32>(object));
    freeObject(object);
  }
}
/** After a change: a step towards one object a bucket, and towards no marked objects. */
function settle(table: usize): void {
  purgeMarked(table);
  if (load<u32>(table, T_FIXES)) return;
  const count = load<u32>(table, T_COUNT);
  for (let i: u32 = 0; i < RESIZED_AT_ONCE; i++) {
    if (count > load<u32>(table, T_ACTIVE)) growBucket(table);
    else if (count < shrinkLimit(load<u32>(table, T_ACTIVE))) shrinkBucket(table);
    else break;
  }
}
/**
 * Below so many objects a table of `active` buckets shrinks: half a load with one extension less.
 */
function shrinkLimit(active: u32): u32 {
  const extensions = (active - BUCKETS_MIN + EXTENSION - 1) / EXTENSION;
  return extensions < 2 ? 0 : (BUCKETS_MIN + (extensions - 1) * EXTENSION) / 2;
}

// ---- finding

/**
 * Address of the link to the first object with `key`, marked ones included; it holds 0 when there
 * is none.
 */
export function findLink(table: usize, key: u64, hash: u32): usize {
  const position = load<u32>(table, T_KEYPOS);
  const simple = isImmediate(key);
  let link = bucketLink(table, bucketOf(table, hash));
  while (load<u32>(link)) {
    const object = load<u32>(link) as usize;
    if (load<u32>(object, O_HASH) == hash) {
      const held = objectKey(object, position);
      if (held == key || (!simple && identical(held, key))) return link;
    }
    link = object;
  }
  return link;
}
function sameKey(table: usize, object: usize, key: u64, hash: u32): bool {
  if (!object || load<u32>(object, O_HASH) != hash) return false;
  const held = objectKey(object, load<u32>(table, T_KEYPOS));
  return held == key || identical(held, key);
}
/** The first object with `key` that is not marked, or 0. */
export function hashFind(table: usize, key: u64): usize {
  const hash = keyHashOf(key);
  const object = load<u32>(findLink(table, key, hash)) as usize;
  return object && isGone(object) ? hashFindNext(table, object) : object;
}
/** The next object with the key of `object` that is not marked, or 0. */
export function hashFindNext(table: usize, object: usize): usize {
  const key = objectKey(object, load<u32>(table, T_KEYPOS));
  const hash = load<u32>(object, O_HASH);
  let next = load<u32>(object) as usize;
  while (sameKey(table, next, key, hash)) {
    if (!isGone(next)) return next;
    next = load<u32>(next);
  }
  return 0;
}

// ---- changing

function unlinkGone(table: usize, object: usize): void {
  const next = goneNext(object);
  const previous = gonePrevious(object);
  if (next) setGonePrevious(next, previous);
  if (previous) setGoneNext(previous, next);
  else store<u32>(table, next as u32, T_GONE);
}

function insertAt(table: usize, link: usize, object: usize): void {
  store<u32>(object, load<u32>(link));
  store<u32>(link, object as u32);
  addWords(table, objectMemory(object) as i64);
}
/** The object at `link` leaves its chain and is freed. */
function removeAt(table: usize, link: usize): void {
  const object = load<u32>(link) as usize;
  store<u32>(link, load<u32>(object));
  addWords(table, -(objectMemory(object) as i64));
  if (isGone(object)) unlinkGone(table, object);
  else store<u32>(table, load<u32>(table, T_COUNT) - 1, T_COUNT);
  freeObject(object);
}
/**
 * Delete the object at `link`: at once, or by a mark while the table is fixed. Returns the link at
 * which a walk goes on.
 */
export function deleteAt(table: usize, link: usize): usize {
  const object = load<u32>(link) as usize;
  if (!load<u32>(table, T_FIXES)) {
    removeAt(table, link);
    return link;
  }
  if (isGone(object)) return object;
  markGone(object);
  store<u32>(table, load<u32>(table, T_COUNT) - 1, T_COUNT);
  const first = load<u32>(table, T_GONE) as usize;
  setGoneNext(object, first);
  setGonePrevious(object, 0);
  if (first) setGonePrevious(first, object);
  store<u32>(table, object as u32, T_GONE);
  return object;
}

/**
 * Put `object` into the table by the rules of its type. In a bag an equal object may be there: then
 * the new one is freed.
 */
export function hashInsert(table: usize, object: usize): void {
  const key = objectKey(object, load<u32>(table, T_KEYPOS));
  const hash = keyHashOf(key);
  const type = load<u32>(table, T_TYPE);
  store<u32>(object, hash, O_HASH);
  const link = findLink(table, key, hash);
  if (type == TYPE_SET) {
    // A marked object of this key has no more to tell: its place is taken.
    if (load<u32>(link)) removeAt(table, link);
  } else if (type == TYPE_BAG) {
    let held = load<u32>(link) as usize;
    while (sameKey(table, held, key, hash)) {
      if (!isGone(held) && identical(objectTerm(held), objectTerm(object))) {
        freeObject(object);
        return;
      }
      held = load<u32>(held);
    }
  }
  insertAt(table, link, object);
  store<u32>(table, load<u32>(table, T_COUNT) + 1, T_COUNT);
  settle(table);
}

/** Replace the object at `link` of a set by another with the same key. */
export function replaceAt(table: usize, link: usize, object: usize): void {
  const old = load<u32>(link) as usize;
  store<u32>(object, load<u32>(old, O_HASH), O_HASH);
  store<u32>(object, load<u32>(old));
  store<u32>(link, object as u32);
  addWords(table, (objectMemory(object) as i64) - (objectMemory(old) as i64));
  freeObject(old);
}

/** Delete all objects with `key`. */
export function hashDelete(table: usize, key: u64): void {
  const hash = keyHashOf(key);
  const before = load<u32>(table, T_COUNT);
  let link = findLink(table, key, hash);
  while (sameKey(table, load<u32>(link), key, hash)) link = deleteAt(table, link);
  if (load<u32>(table, T_COUNT) != before) settle(table);
  else purgeMarked(table);
}
/** Delete all objects that equal `tuple`. */
export function hashDeleteObject(table: usize, key: u64, tuple: u64): void {
  const hash = keyHashOf(key);
  const before = load<u32>(table, T_COUNT);
  let link = findLink(table, key, hash);
  while (sameKey(table, load<u32>(link), key, hash)) {
    const object = load<u32>(link) as usize;
    if (!isGone(object) && identical(objectTerm(object), tuple)) link = deleteAt(table, link);
    else link = object;
  }
  if (load<u32>(table, T_COUNT) != before) settle(table);
  else purgeMarked(table);
}
/** After deletions by deleteAt. */
export function hashSettle(table: usize): void {
  settle(table);
}

// ---- walking

/** The first unmarked object of bucket `index` or a later one, or 0. */
export function hashFirstFrom(table: usize, index: u32): usize {
  const count = bucketCount(table);
  for (let i = index; i < count; i++) {
    let object = load<u32>(bucketLink(table, i)) as usize;
    while (object) {
      if (!isGone(object)) return object;
      object = load<u32>(object);
    }
  }
  return 0;
}
/** The first object with the key after that of `object` (marked or not), or 0. */
export function hashNextKey(table: usize, object: usize): usize {
  const key = objectKey(object, load<u32>(table, T_KEYPOS));
  const hash = load<u32>(object, O_HASH);
  let next = load<u32>(object) as usize;
  while (next) {
    if (!isGone(next) && !sameKey(table, next, key, hash)) return next;
    next = load<u32>(next);
  }
  return hashFirstFrom(table, bucketOf(table, hash) + 1);
}

/**
 * Free about `limit` objects and buckets of a table that nobody can reach any more; true when
 * nothing of it is left but its record.
 */
export function freeHashTable(table: usize, limit: u32): bool {
  const directory = load<u32>(table, T_DIRECTORY) as usize;
  let left = limit;
  let index = load<u32>(table, T_ACTIVE);
  while (index > 0) {
    const link = bucketLink(table, index - 1);
    let object = load<u32>(link) as usize;
    while (object && left) {
      const next = load<u32>(object) as usize;
      freeObject(object);
      object = next;
      left--;
    }
    store<u32>(link, object as u32);
    if (!left) {
      store<u32>(table, index, T_ACTIVE);
      return false;
    }
    left--;
    index--;
    if ((index & (SEGMENT - 1)) == 0) {
      releaseFor(AREA_TABLES, load<u32>(directory + ((index >> SEGMENT_SHIFT) << 2)));
    }
  }
  releaseFor(AREA_TABLES, directory);
  return true;
}
