/**
 * BIFs of module persistent_term: a table of pairs, each in a literal area of its own, so that
 * get/1 copies nothing and no collector ever looks at the values.
 *
 * entry: +------+------+------+-------+   area: literal area (vm/copy.ts) whose root is the tuple {Key, Value}
 *        | next | hash | area | words |   u32 each
 *        +------+------+------+-------+
 *
 * A value that is replaced or erased may still be referred to by any process: its area is retired
 * (vm/literal_areas.ts).
 */
import { AREA_SYSTEM, allocateFor, allocateZeroedFor, releaseFor } from '../memory_areas';
import { identical } from '../compare';
import { COPY_LITERALS, MAKE_LITERALS, fragmentRoot } from '../copy';
import { badarg, outOfMemory, trapTo } from '../errors';
import { am_count, am_false, am_memory, am_ok, am_true } from '../gen/atoms';
import { BIF_persistentTermPutPair } from '../gen/bifs';
import { internalHash } from '../hash';
import { hAlloc } from '../heap';
import { RETIRED_TERM, retireArea } from '../literal_areas';
import { tellLiteralCollector } from '../literal_collector';
import { emptyMap, mapPut } from '../maps';
import { setX } from '../registers';
import { sharedInSlices } from '../shared_copy';
import { chargeReductions } from '../state';
import { NIL, SUB_TUPLE, boxedOf, headerOf, makeCons, smallOf, tupleElement } from '../term';
import { allowLeaving, endWalk, leaveWalk } from '../walk';

const ENTRY_BYTES: u32 = 16;
const BUCKETS_MIN: u32 = 256;

let buckets: usize = 0;
let bucketMask: u32 = 0;
let entryCount: u32 = 0;
let areaWords: u32 = 0;

function bucketOf(hash: u32): usize {
  return buckets + ((hash & bucketMask) << 2);
}

/** Address of the link that leads to the entry of `key`; what it holds is 0 when there is none. */
function findLink(key: u64, hash: u32): usize {
  let link = bucketOf(hash);
  while (load<u32>(link)) {
    const entry = load<u32>(link) as usize;
    if (load<u32>(entry, 4) == hash && identical(tupleElement(pairOf(entry), 1), key)) return link;
    link = entry;
  }
  return link;
}
/** The tuple {Key, Value} of an entry, a literal. */
function pairOf(entry: usize): u64 {
  return fragmentRoot(load<u32>(entry, 8));
}

function retire(area: usize): void {
  retireArea(area, RETIRED_TERM);
  tellLiteralCollector();
}

/**
 * So many buckets; false when memory is exhausted, which does no harm once there is a table. The
 * work is paid by the changes that made it necessary.
 */
function resize(size: u32): bool {
  const fresh = allocateZeroedFor(AREA_SYSTEM, size << 2);
  if (!fresh) return false;
  const old = buckets;
  const oldSize = buckets ? bucketMask + 1 : 0;
  buckets = fresh;
  bucketMask = size - 1;
  for (let i: u32 = 0; i < oldSize; i++) {
    let entry = load<u32>(old + (i << 2)) as usize;
    while (entry) {
      const next = load<u32>(entry) as usize;
      const bucket = bucketOf(load<u32>(entry, 4));
      store<u32>(entry, load<u32>(bucket));
      store<u32>(bucket, entry as u32);
      entry = next;
    }
  }
  releaseFor(AREA_SYSTEM, old);
  chargeReductions((oldSize >> 5) as i32);
  return true;
}
/** As full as OTP's, whose buckets are words, in bytes: its tests of info/0 calculate that. */
function growWhenFull(): void {
  if ((entryCount + 1) << 2 > bucketMask + 1) resize((bucketMask + 1) << 1);
}
/** OTP's erase/1 halves a table of which no more than a quarter is used, before it erases. */
function shrinkWhenEmpty(): void {
  if (entryCount << 3 <= bucketMask + 1 && bucketMask + 1 > BUCKETS_MIN)
    resize((bucketMask + 1) >> 1);
}

/** The value is compared with the one that is there, then copied: both may take long. */
// bif: persistent_term:put/2
export function persistentTermPut2(key: u64, value: u64): u64 {
  if (!buckets && !resize(BUCKETS_MIN)) return outOfMemory();
  const held = load<u32>(findLink(key, internalHash(key))) as usize;
  if (held) {
    allowLeaving();
    const same = identical(tupleElement(pairOf(held), 2), value);
    if (endWalk()) return leaveWalk();
    if (same) return am_ok;
  }
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, key, 8);
  store<u64>(at, value, 16);
  setX(0, boxedOf(at));
  return trapTo(BIF_persistentTermPutPair, 1);
}
// bif: vbeam_internal:persistent_put/1
export function persistentTermPutPair(pair: u64): u64 {
  allowLeaving();
  const area = sharedInSlices(pair, COPY_LITERALS | MAKE_LITERALS);
  if (endWalk()) return leaveWalk();
  if (!area) return outOfMemory();
  return putArea(tupleElement(pair, 1), area) ? am_ok : outOfMemory();
}
/** The table may have changed while the pair was copied. */
function putArea(key: u64, area: usize): bool {
  const words = load<u32>(area, 4);
  chargeReductions((words >> 6) as i32);
  const hash = internalHash(key);
  const held = load<u32>(findLink(key, hash)) as usize;
  areaWords += words;
  if (held) {
    areaWords -= load<u32>(held, 12);
    retire(load<u32>(held, 8));
    store<u32>(held, area as u32, 8);
    store<u32>(held, words, 12);
    return true;
  }
  const entry = allocateFor(AREA_SYSTEM, ENTRY_BYTES);
  if (!entry) {
    areaWords -= words;
    retire(area);
    return false;
  }
  growWhenFull();
  const bucket = bucketOf(hash);
  store<u32>(entry, load<u32>(bucket));
  store<u32>(entry, hash, 4);
  store<u32>(entry, area as u32, 8);
  store<u32>(entry, words, 12);
  store<u32>(bucket, entry as u32);
  entryCount++;
  return true;
}

// bif: persistent_term:put_new/2
export function persistentTermPutNew2(key: u64, value: u64): u64 {
  const held = valueOf(key, 0);
  if (!held) return persistentTermPut2(key, value);
  allowLeaving();
  const same = identical(held, value);
  if (endWalk()) return leaveWalk();
  return same ? am_ok : badarg();
}

/** The value of `key`, or `missing`. */
function valueOf(key: u64, missing: u64): u64 {
  if (!buckets) return missing;
  const entry = load<u32>(findLink(key, internalHash(key))) as usize;
  return entry ? tupleElement(pairOf(entry), 2) : missing;
}

// bif: persistent_term:get/1
export function persistentTermGet1(key: u64): u64 {
  const value = valueOf(key, 0);
  return value ? value : badarg();
}

// bif: persistent_term:get/2
export function persistentTermGet2(key: u64, missing: u64): u64 {
  return valueOf(key, missing);
}

// bif: persistent_term:get/0
export function persistentTermGet0(): u64 {
  if (entryCount == 0) return NIL;
  let cell = hAlloc(entryCount << 1);
  if (!cell) return outOfMemory();
  let list = NIL;
  for (let i: u32 = 0; i <= bucketMask; i++) {
    let entry = load<u32>(buckets + (i << 2)) as usize;
    while (entry) {
      list = makeCons(cell, pairOf(entry), list);
      cell += 16;
      entry = load<u32>(entry);
    }
  }
  chargeReductions((bucketMask >> 5) as i32);
  return list;
}

/** Take the entry that `link` leads to out of the table. */
function eraseAt(link: usize): void {
  const entry = load<u32>(link) as usize;
  store<u32>(link, load<u32>(entry));
  areaWords -= load<u32>(entry, 12);
  retire(load<u32>(entry, 8));
  releaseFor(AREA_SYSTEM, entry);
  entryCount--;
}

// bif: persistent_term:erase/1
export function persistentTermErase1(key: u64): u64 {
  if (!buckets) return am_false;
  const hash = internalHash(key);
  if (!load<u32>(findLink(key, hash))) return am_false;
  shrinkWhenEmpty();
  eraseAt(findLink(key, hash));
  return am_true;
}

// bif: erts_internal:erase_persistent_terms/0
export function ertsInternalErasePersistentTerms0(): u64 {
  if (!buckets) return am_ok;
  for (let i: u32 = 0; i <= bucketMask; i++) {
    const link = buckets + (i << 2);
    while (load<u32>(link)) eraseAt(link);
  }
  if (bucketMask + 1 > BUCKETS_MIN) resize(BUCKETS_MIN);
  return am_ok;
}

/** Words of the table of buckets. */
export function tableWords(): u32 {
  return buckets ? (bucketMask + 1) >> 1 : 0;
}
// bif: persistent_term:info/0
export function persistentTermInfo0(): u64 {
  const bytes = ((areaWords + tableWords()) as i64) << 3;
  const map = mapPut(emptyMap(), am_count, smallOf(entryCount as i64));
  return mapPut(map, am_memory, smallOf(bytes));
}
