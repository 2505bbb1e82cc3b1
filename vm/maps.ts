/**
 * Maps: what the rest of the VM may ask of them. Up to 32 keys a map is flat, above it is a hash
 * map (vm/hamt.ts), as in OTP.
 *
 *   flat   +--------+------+------+-----------+        +--------+---------+
 *          | header | size | keys | value ... |  keys: | header | key ... |  a tuple, ascending in compareKeys
 *          +--------+------+------+-----------+        +--------+---------+
 *
 * Maps that differ only in values share the tuple of keys. Results are new terms on the running
 * process's heap. Functions that return a term return NONE when memory is exhausted, which concerns
 * maps above 32 keys only; `mapGet` and the like return NONE for a key that is not there. Arguments
 * named `map` must be maps.
 */
import { release } from './alloc';
import { compareKeys, identical } from './compare';
import { MAP_FLAT, hamtGet, hamtLeaf, hamtProbe, hamtPut, hamtRemove, nodeType } from './hamt';
import {
  RECORD_BYTES,
  beginBuild,
  buildSorted,
  sortRecords,
  sortedCount,
  sortedRecords,
} from './hamt_build';
import { hAlloc } from './heap';
import { walkLeft } from './walk';
import { nextPair, pairIterator, pairKey, pairValue, startPairs } from './map_iterator';
import {
  LITERAL_BIT,
  NONE,
  SUB_MAP,
  SUB_TUPLE,
  boxedAddress,
  boxedHeader,
  boxedOf,
  boxedWord,
  head,
  headerOf,
  isImmediate,
  smallOf,
  tupleElement,
} from './term';

/** Most keys of a flat map. */
export const FLAT_KEYS_MAX: u32 = 32;

/**
 * The header of the empty tuple: one object for all, as a literal, so that it has no size of its
 * own.
 */
const emptyTupleWord: usize = memory.data<u64>([0]);
export function emptyTuple(): u64 {
  return boxedOf(emptyTupleWord) | LITERAL_BIT;
}

export function isFlatMap(map: u64): bool {
  return nodeType(boxedHeader(map)) == MAP_FLAT;
}
export function mapSize(map: u64): u32 {
  return (boxedWord(map, 1) >> 4) as u32;
}
/** The tuple of keys of a flat map. */
export function flatKeys(map: u64): u64 {
  return boxedWord(map, 2);
}
/** Value `index` (from 0) of a flat map. */
export function flatValue(map: u64, index: u32): u64 {
  return boxedWord(map, index + 3);
}
export function flatWords(size: u32): u32 {
  return size + 3;
}
/** Header, size and keys of a flat map at `at`; the caller writes the values from `at` + 24 on. */
export function writeFlat(at: usize, size: u32, keys: u64): u64 {
  store<u64>(at, headerOf(SUB_MAP, size + 2));
  store<u64>(at, smallOf(size), 8);
  store<u64>(at, keys, 16);
  return boxedOf(at);
}
export function emptyMap(): u64 {
  return writeFlat(hAlloc(3), 0, emptyTuple());
}

/** Index (from 0) of `key` in a flat map, or -1. */
export function flatFind(map: u64, key: u64): i32 {
  const size = mapSize(map) as i32;
  const keys = flatKeys(map);
  for (let i = 1; i <= size; i++) if (tupleElement(keys, i) == key) return i - 1;
  // Equal words are equal terms; an immediate has no other equal.
  if (isImmediate(key)) return -1;
  for (let i = 1; i <= size; i++) {
    const held = tupleElement(keys, i);
    if (!isImmediate(held) && identical(held, key)) return i - 1;
    if (walkLeft) break;
  }
  return -1;
}
/** All the walks that finding `key` needs: they may be left (walk.ts, allowSeveral). */
export function mapProbe(map: u64, key: u64): void {
  if (isFlatMap(map)) flatFind(map, key);
  else hamtProbe(map, key);
}

/** The value of `key`, or NONE. */
export function mapGet(map: u64, key: u64): u64 {
  if (!isFlatMap(map)) return hamtGet(map, key);
  const index = flatFind(map, key);
  return index < 0 ? NONE : flatValue(map, index);
}
export function mapHas(map: u64, key: u64): bool {
  return mapGet(map, key) != NONE;
}
/** The key of the map that equals `key`, or NONE: the stored term itself. */
export function mapKey(map: u64, key: u64): u64 {
  if (!isFlatMap(map)) {
    const leaf = hamtLeaf(map, key);
    return leaf == NONE ? NONE : head(leaf);
  }
  const index = flatFind(map, key);
  return index < 0 ? NONE : tupleElement(flatKeys(map), index + 1);
}

/** A flat map as `map` with another value at `index`. */
function flatReplaced(map: u64, index: u32, value: u64): u64 {
  if (flatValue(map, index) == value) return map;
  const words = flatWords(mapSize(map));
  const at = hAlloc(words);
  memory.copy(at, boxedAddress(map), words << 3);
  store<u64>(at + ((index + 3) << 3), value);
  return boxedOf(at);
}

/** `map` with `key` associated with `value`. */
export function mapPut(map: u64, key: u64, value: u64): u64 {
  if (!isFlatMap(map)) return hamtPut(map, key, value);
  const index = flatFind(map, key);
  if (index >= 0) return flatReplaced(map, index, value);
  const size = mapSize(map);
  if (size >= FLAT_KEYS_MAX) return grown(map, key, value);
  const keys = flatKeys(map);
  let place: u32 = 0;
  while (place < size && compareKeys(tupleElement(keys, place + 1), key) < 0) place++;
  const at = hAlloc(size + 2 + flatWords(size + 1));
  store<u64>(at, headerOf(SUB_TUPLE, size + 1));
  copyWith(at + 8, boxedAddress(keys) + 8, size, place, key);
  const flat = at + ((size + 2) << 3);
  copyWith(flat + 24, boxedAddress(map) + 24, size, place, value);
  return writeFlat(flat, size + 1, boxedOf(at));
}

/** Copy `size` words with `word` inserted before word `place`. */
function copyWith(to: usize, from: usize, size: u32, place: u32, word: u64): void {
  memory.copy(to, from, place << 3);
  store<u64>(to + (place << 3), word);
  memory.copy(to + ((place + 1) << 3), from + (place << 3), (size - place) << 3);
}

const flatPairs: usize = memory.data((32 + 1) * 16, 8);

/** A full flat map becomes a hash map with `key` added. */
function grown(map: u64, key: u64, value: u64): u64 {
  const keys = flatKeys(map);
  for (let i: u32 = 0; i < FLAT_KEYS_MAX; i++) {
    store<u64>(flatPairs + (i << 4), tupleElement(keys, i + 1));
    store<u64>(flatPairs + (i << 4), flatValue(map, i), 8);
  }
  store<u64>(flatPairs + (FLAT_KEYS_MAX << 4), key);
  store<u64>(flatPairs + (FLAT_KEYS_MAX << 4), value, 8);
  return mapFromPairs(flatPairs, FLAT_KEYS_MAX + 1);
}

/**
 * `map` with another value for `key`, which must be there; NONE when it is not (or memory is
 * exhausted: see mapHas).
 */
export function mapUpdate(map: u64, key: u64, value: u64): u64 {
  if (!isFlatMap(map)) return hamtGet(map, key) == NONE ? NONE : hamtPut(map, key, value);
  const index = flatFind(map, key);
  return index < 0 ? NONE : flatReplaced(map, index, value);
}

/** `map` without `key`; `map` itself when the key is not there. */
export function mapRemove(map: u64, key: u64): u64 {
  const size = mapSize(map);
  if (!isFlatMap(map)) {
    if (size > FLAT_KEYS_MAX + 1) return hamtRemove(map, key);
    return hamtGet(map, key) == NONE ? map : flattened(map, key);
  }
  const index = flatFind(map, key);
  if (index < 0) return map;
  if (size == 1) return emptyMap();
  const keys = flatKeys(map);
  const at = hAlloc(size + flatWords(size - 1));
  store<u64>(at, headerOf(SUB_TUPLE, size - 1));
  copyWithout(at + 8, boxedAddress(keys) + 8, size, index);
  const flat = at + (size << 3);
  copyWithout(flat + 24, boxedAddress(map) + 24, size, index);
  return writeFlat(flat, size - 1, boxedOf(at));
}

function copyWithout(to: usize, from: usize, size: u32, place: u32): void {
  memory.copy(to, from, place << 3);
  memory.copy(to + (place << 3), from + ((place + 1) << 3), (size - place - 1) << 3);
}

/** The flat map of a hash map of 33 keys without `key`. */
function flattened(map: u64, key: u64): u64 {
  let count: u32 = 0;
  startPairs(pairIterator, map);
  while (nextPair(pairIterator)) {
    if (identical(pairKey(pairIterator), key)) continue;
    store<u64>(flatPairs + (count << 4), pairKey(pairIterator));
    store<u64>(flatPairs + (count << 4), pairValue(pairIterator), 8);
    count++;
  }
  return flatFromPairs(flatPairs, count);
}

// ---- from pairs

const sorted: usize = memory.data((32 + 1) * 16, 8);

/**
 * The flat map of up to 32 pairs; of equal keys the last counts. Insertion sort: the arrays are
 * small and often sorted.
 */
function flatFromPairs(pairs: usize, count: u32): u64 {
  let size: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(pairs + (i << 4));
    let place = size;
    let order: i32 = -1;
    while (place > 0) {
      order = compareKeys(load<u64>(sorted + ((place - 1) << 4)), key);
      if (order <= 0) break;
      place--;
    }
    if (place > 0 && order == 0) place--;
    else {
      memory.copy(sorted + ((place + 1) << 4), sorted + (place << 4), (size - place) << 4);
      size++;
      store<u64>(sorted + (place << 4), key);
    }
    store<u64>(sorted + (place << 4), load<u64>(pairs + (i << 4), 8), 8);
  }
  if (size == 0) return emptyMap();
  const at = hAlloc(size + 1 + flatWords(size));
  const flat = at + ((size + 1) << 3);
  store<u64>(at, headerOf(SUB_TUPLE, size));
  for (let i: u32 = 0; i < size; i++) {
    store<u64>(at + (i << 3), load<u64>(sorted + (i << 4)), 8);
    store<u64>(flat + (i << 3), load<u64>(sorted + (i << 4), 8), 24);
  }
  return writeFlat(flat, size, boxedOf(at));
}

/**
 * The map of `count` pairs {key, value} of two words each at `pairs`, which stay as they are; of
 * equal keys the last pair counts. A caller that allows no equal keys compares mapSize of the
 * result with `count`.
 */
export function mapFromPairs(pairs: usize, count: u32): u64 {
  if (count <= FLAT_KEYS_MAX) return flatFromPairs(pairs, count);
  const build = beginBuild(pairs, count);
  if (!build) return NONE;
  sortRecords(build, AT_ONCE);
  const map = mapOfSorted(build, AT_ONCE);
  release(build);
  return map;
}
const AT_ONCE: u32 = 0xffff_ffff;
/** The map of records that are sorted; NONE also when `limit` steps do not suffice. */
export function mapOfSorted(build: usize, limit: u32): u64 {
  const count = sortedCount(build);
  if (count > FLAT_KEYS_MAX) return buildSorted(build, limit);
  for (let i: u32 = 0; i < count; i++) {
    const record = sortedRecords(build) + i * RECORD_BYTES;
    store<u64>(flatPairs + (i << 4), load<u64>(record, 8));
    store<u64>(flatPairs + (i << 4), load<u64>(record, 16), 8);
  }
  return flatFromPairs(flatPairs, count);
}
