/**
 * BIFs of module maps, the map BIFs of erlang, and what maps.erl calls in erts_internal. The maps
 * themselves: vm/maps.ts.
 */
import { allocate, release } from '../alloc';
import { badarg, badkey, badmap, outOfMemory, trapTo } from '../errors';
import { am_error, am_false, am_iterator, am_none, am_ok, am_true } from '../gen/atoms';
import {
  BIF_listsReverse2,
  BIF_mapsFromKeysMore,
  BIF_mapsFromListMore,
  BIF_mapsListMore,
  BIF_mapsMergeMore,
} from '../gen/bifs';
import { firstChild } from '../hamt';
import { hAlloc, memoryExhausted } from '../heap';
import {
  nextPair,
  pairIterator,
  pairKey,
  pairValue,
  positionAfter,
  seekPairs,
  startPairs,
} from '../map_iterator';
import {
  emptyMap,
  flatKeys,
  flatValue,
  isFlatMap,
  mapFromPairs,
  mapGet,
  mapHas,
  mapProbe,
  mapPut,
  mapRemove,
  mapSize,
} from '../maps';
import { setX } from '../registers';
import { budget, chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedHeader,
  boxedOf,
  boxedWord,
  head,
  headerOf,
  headerWords,
  isImmediate,
  isList,
  isMap,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { allowSeveral, dropHeld, holdWalks, leaveWalk } from '../walk';

/**
 * Pairs gathered into an array before a map is made of them, all in one go; more are put into that
 * map one by one.
 */
const GATHERED_MAX: u32 = 48;
/** Keys or values of one slice of a list. */
const LISTED_MAX: u32 = 4096;

function boolean(value: bool): u64 {
  return value ? am_true : am_false;
}
function pairOf(first: u64, second: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, first, 8);
  store<u64>(at, second, 16);
  return boxedOf(at);
}
function orOutOfMemory(map: u64): u64 {
  return map == NONE ? outOfMemory() : map;
}

// ---- one key

/**
 * The walks that a key needs that is no immediate: true when they were left, then the BIF returns
 * `leaveWalk()`. Else dropHeld comes behind what it does with the key.
 */
function probeLeft(map: u64, key: u64): bool {
  if (isImmediate(key)) return false;
  allowSeveral();
  mapProbe(map, key);
  return holdWalks();
}
/** What a BIF returns that has looked for its key. */
function done(result: u64): u64 {
  dropHeld();
  return result;
}

// bif: maps:get/2
// bif: erlang:map_get/2
export function mapsGet2(key: u64, map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  if (probeLeft(map, key)) return leaveWalk();
  const value = done(mapGet(map, key));
  return value == NONE ? badkey(key) : value;
}

// bif: maps:find/2
export function mapsFind2(key: u64, map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  if (probeLeft(map, key)) return leaveWalk();
  const value = done(mapGet(map, key));
  return value == NONE ? am_error : pairOf(am_ok, value);
}

// bif: maps:is_key/2
// bif: erlang:is_map_key/2
export function mapsIsKey2(key: u64, map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  if (probeLeft(map, key)) return leaveWalk();
  return boolean(done(mapGet(map, key)) != NONE);
}

// bif: erlang:map_size/1
export function erlangMapSize1(map: u64): u64 {
  return isMap(map) ? smallOf(mapSize(map)) : badmap(map);
}

// bif: maps:put/3
export function mapsPut3(key: u64, value: u64, map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  if (probeLeft(map, key)) return leaveWalk();
  return orOutOfMemory(done(mapPut(map, key, value)));
}

// bif: maps:update/3
export function mapsUpdate3(key: u64, value: u64, map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  if (probeLeft(map, key)) return leaveWalk();
  const updated = mapHas(map, key) ? orOutOfMemory(mapPut(map, key, value)) : badkey(key);
  return done(updated);
}

// bif: maps:remove/2
export function mapsRemove2(key: u64, map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  if (probeLeft(map, key)) return leaveWalk();
  return orOutOfMemory(done(mapRemove(map, key)));
}

// bif: maps:take/2
export function mapsTake2(key: u64, map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  if (probeLeft(map, key)) return leaveWalk();
  const value = mapGet(map, key);
  const rest = done(value == NONE ? map : mapRemove(map, key));
  if (value == NONE) return am_error;
  return rest == NONE ? outOfMemory() : pairOf(value, rest);
}

// ---- all keys

/**
 * A list of keys or values: in one go when it is short, else slice by slice. As in OTP, those of a
 * large map come last ones first.
 */
function listOfMap(map: u64, values: bool): u64 {
  const size = mapSize(map);
  if (size == 0) return NIL;
  if ((size as i32) > budget() || size > LISTED_MAX) {
    setX(0, map);
    setX(1, smallOf(0));
    setX(2, NIL);
    setX(3, boolean(values));
    return trapTo(BIF_mapsListMore, 4);
  }
  chargeReductions((size >> 3) as i32);
  const at = hAlloc(size << 1);
  let cell = at;
  let list = NIL;
  startPairs(pairIterator, map);
  while (nextPair(pairIterator)) {
    list = makeCons(cell, values ? pairValue(pairIterator) : pairKey(pairIterator), list);
    cell += 16;
  }
  return isFlatMap(map) ? turned(list, at) : list;
}
/** The list of cells that lie in a row from `at` on, each in front of the one before, turned. */
function turned(list: u64, at: usize): u64 {
  const last = (list as u32) - 1;
  for (let cell = at; cell < last; cell += 16) store<u64>(cell, ((cell + 16) as u64) | 1, 8);
  store<u64>(last, NIL, 8);
  return (at as u64) | 1;
}

// bif: vbeam_internal:maps_list/4
export function mapsListMore(map: u64, position: u64, sofar: u64, values: u64): u64 {
  const limit = min(budget(), LISTED_MAX as i32);
  const at = hAlloc((limit as u32) << 1);
  let cell = at;
  let list = sofar;
  let count = 0;
  seekPairs(pairIterator, map, smallValue(position));
  while (count < limit && nextPair(pairIterator)) {
    list = makeCons(
      cell,
      values == am_true ? pairValue(pairIterator) : pairKey(pairIterator),
      list,
    );
    cell += 16;
    count++;
  }
  chargeReductions(count);
  if (count < limit) {
    fillCells(cell, limit - count);
    if (!isFlatMap(map)) return list;
    setX(0, list);
    setX(1, NIL);
    return trapTo(BIF_listsReverse2, 2);
  }
  setX(0, map);
  setX(1, smallOf(positionAfter(pairIterator)));
  setX(2, list);
  setX(3, values);
  return trapTo(BIF_mapsListMore, 4);
}

/** Cells asked for and not needed must still be terms. */
function fillCells(at: usize, count: i32): void {
  for (let i = 0; i < count << 1; i++) store<u64>(at + (i << 3), NIL);
}

// bif: maps:keys/1
export function mapsKeys1(map: u64): u64 {
  return isMap(map) ? listOfMap(map, false) : badmap(map);
}

// bif: maps:values/1
export function mapsValues1(map: u64): u64 {
  return isMap(map) ? listOfMap(map, true) : badmap(map);
}

// ---- making maps

/** The pair of a two-tuple into `at`; false when it is none. */
function readPair(term: u64, at: usize): bool {
  if (!isTuple(term) || tupleArity(term) != 2) return false;
  store<u64>(at, tupleElement(term, 1));
  store<u64>(at, tupleElement(term, 2), 8);
  return true;
}

/**
 * Gather up to GATHERED_MAX pairs from `list` and make a map; with `value` NONE the elements are
 * pairs, else keys. Then trap to `more` with the rest of the list, if any.
 */
function mapOfList(list: u64, value: u64, more: u32): u64 {
  if (list == NIL) return emptyMap();
  if (!isList(list)) return badarg();
  let count: u32 = 0;
  let rest = list;
  while (isList(rest) && count < GATHERED_MAX) {
    rest = tail(rest);
    count++;
  }
  const pairs = allocate(count << 4);
  if (!pairs) return outOfMemory();
  rest = list;
  for (let i: u32 = 0; i < count; i++) {
    const at = pairs + (i << 4);
    if (value != NONE) {
      store<u64>(at, head(rest));
      store<u64>(at, value, 8);
    } else if (!readPair(head(rest), at)) {
      release(pairs);
      return badarg();
    }
    rest = tail(rest);
  }
  const map = rest == NIL || isList(rest) ? mapFromPairs(pairs, count) : NONE;
  release(pairs);
  if (rest != NIL && !isList(rest)) return badarg();
  if (map == NONE) return outOfMemory();
  chargeReductions((count >> 2) as i32);
  if (rest == NIL) return map;
  setX(0, rest);
  setX(1, map);
  setX(2, value);
  return trapTo(more, value == NONE ? 2 : 3);
}

// bif: maps:from_list/1
export function mapsFromList1(list: u64): u64 {
  return mapOfList(list, NONE, BIF_mapsFromListMore);
}

// bif: maps:from_keys/2
export function mapsFromKeys2(keys: u64, value: u64): u64 {
  return mapOfList(keys, value, BIF_mapsFromKeysMore);
}

const pairScratch: usize = memory.data(16, 8);

/** A slice of the puts that mapOfList left over. A put costs about as much as four calls. */
function putMore(list: u64, sofar: u64, value: u64, more: u32): u64 {
  const limit = min((budget() >> 2) + 1, 1024);
  let map = sofar;
  let rest = list;
  let count = 0;
  for (; count < limit && isList(rest); count++) {
    store<u64>(pairScratch, head(rest));
    store<u64>(pairScratch, value, 8);
    if (value == NONE && !readPair(head(rest), pairScratch)) return badarg();
    // A large key is gone on with in another turn.
    if (probeLeft(map, load<u64>(pairScratch))) return putLater(rest, map, value, more);
    map = done(mapPut(map, load<u64>(pairScratch), load<u64>(pairScratch, 8)));
    if (map == NONE || memoryExhausted) return outOfMemory();
    rest = tail(rest);
  }
  chargeReductions(count << 2);
  if (rest == NIL) return map;
  return isList(rest) ? putLater(rest, map, value, more) : badarg();
}
function putLater(rest: u64, map: u64, value: u64, more: u32): u64 {
  setX(0, rest);
  setX(1, map);
  setX(2, value);
  return trapTo(more, value == NONE ? 2 : 3);
}

// bif: vbeam_internal:maps_from_list/2
export function mapsFromListMore(list: u64, map: u64): u64 {
  return putMore(list, map, NONE, BIF_mapsFromListMore);
}

// bif: vbeam_internal:maps_from_keys/3
export function mapsFromKeysMore(keys: u64, map: u64, value: u64): u64 {
  return putMore(keys, map, value, BIF_mapsFromKeysMore);
}

const mergePairs: usize = memory.data(64 * 16, 8);

function mergeFlat(left: u64, right: u64): u64 {
  let at = mergePairs;
  for (let side = 0; side < 2; side++) {
    const map = side ? right : left;
    const size = mapSize(map);
    for (let i: u32 = 0; i < size; i++) {
      store<u64>(at, tupleElement(flatKeys(map), i + 1));
      store<u64>(at, flatValue(map, i), 8);
      at += 16;
    }
  }
  chargeReductions(4);
  return orOutOfMemory(mapFromPairs(mergePairs, mapSize(left) + mapSize(right)));
}

// bif: maps:merge/2
export function mapsMerge2(left: u64, right: u64): u64 {
  if (!isMap(left)) return badmap(left);
  if (!isMap(right)) return badmap(right);
  if (left == right || mapSize(right) == 0) return left;
  if (mapSize(left) == 0) return right;
  if (isFlatMap(left) && isFlatMap(right)) return mergeFlat(left, right);
  // The pairs of the smaller go into the larger; those of `right` win.
  const rightWins = mapSize(left) >= mapSize(right);
  return mapsMergeMore(
    rightWins ? left : right,
    rightWins ? right : left,
    smallOf(0),
    boolean(rightWins),
  );
}

// bif: vbeam_internal:maps_merge/4
export function mapsMergeMore(into: u64, from: u64, position: u64, replace: u64): u64 {
  const limit = min((budget() >> 2) + 1, 1024);
  let map = into;
  let count = 0;
  seekPairs(pairIterator, from, smallValue(position));
  while (nextPair(pairIterator)) {
    const key = pairKey(pairIterator);
    if (replace == am_true || !mapHas(map, key)) map = mapPut(map, key, pairValue(pairIterator));
    if (map == NONE || memoryExhausted) return outOfMemory();
    if (++count == limit) {
      chargeReductions(count << 2);
      setX(0, map);
      setX(1, from);
      setX(2, smallOf(positionAfter(pairIterator)));
      setX(3, replace);
      return trapTo(BIF_mapsMergeMore, 4);
    }
  }
  chargeReductions(count << 2);
  return map;
}

// ---- iteration: maps:iterator/1, next/1 and to_list/1 are Erlang over map_next/3

/** Pairs that one call hands out as nested {Key, Value, Next}. */
const ITERATOR_CHUNK: u32 = 32;
const LIST_CHUNK: u32 = 512;

function nestedPairs(map: u64, position: i64): u64 {
  const at = hAlloc(ITERATOR_CHUNK * 4 + 2);
  let to = at;
  let count: u32 = 0;
  seekPairs(pairIterator, map, position);
  while (count < ITERATOR_CHUNK && nextPair(pairIterator)) {
    store<u64>(to, headerOf(SUB_TUPLE, 3));
    store<u64>(to, pairKey(pairIterator), 8);
    store<u64>(to, pairValue(pairIterator), 16);
    store<u64>(to, boxedOf(to + 32), 24);
    to += 32;
    count++;
  }
  let rest: u64 = am_none;
  const done = count < ITERATOR_CHUNK || mapSize(map) == ITERATOR_CHUNK;
  if (!done) rest = makeCons(at + ITERATOR_CHUNK * 32, smallOf(positionAfter(pairIterator)), map);
  const first = count ? boxedOf(at) : rest;
  if (count) store<u64>(to - 8, rest);
  const unused = (at + (ITERATOR_CHUNK * 4 + 2) * 8 - to) >> 3;
  if (done) for (let i: usize = 0; i < unused; i++) store<u64>(to + (i << 3), NIL);
  return first;
}

/**
 * {Key1, Value1, {Key2, Value2, ... none}} for the given keys: an iterator with an order (OTP 26).
 */
function nestedOf(keys: u64, map: u64): u64 {
  let count: u32 = 0;
  let rest = keys;
  while (isList(rest) && count < ITERATOR_CHUNK) {
    if (!mapHas(map, head(rest))) return badarg();
    rest = tail(rest);
    count++;
  }
  if (!isList(rest) && rest != NIL) return badarg();
  if (count == 0) return am_none;
  const at = hAlloc(count * 4 + (rest == NIL ? 0 : 2));
  const end = rest == NIL ? am_none : makeCons(at + count * 32, rest, map);
  rest = keys;
  for (let i: u32 = 0; i < count; i++) {
    const to = at + i * 32;
    store<u64>(to, headerOf(SUB_TUPLE, 3));
    store<u64>(to, head(rest), 8);
    store<u64>(to, mapGet(map, head(rest)), 16);
    store<u64>(to, i + 1 == count ? end : boxedOf(to + 32), 24);
    rest = tail(rest);
  }
  return boxedOf(at);
}

/**
 * The next pairs in front of `list`; before them, when there are more, the position and the map.
 */
function listedPairs(map: u64, position: i64, list: u64): u64 {
  const limit = min(LIST_CHUNK, mapSize(map));
  const at = hAlloc(limit * 5);
  let to = at;
  let result = list;
  let count: u32 = 0;
  if (isFlatMap(map)) {
    // All pairs, first key first.
    for (let i = mapSize(map); i > 0; i--) {
      result = listPair(to, tupleElement(flatKeys(map), i), flatValue(map, i - 1), result);
      to += 40;
    }
    return result;
  }
  seekPairs(pairIterator, map, position);
  while (count < limit && nextPair(pairIterator)) {
    result = listPair(to, pairKey(pairIterator), pairValue(pairIterator), result);
    to += 40;
    count++;
  }
  chargeReductions((count >> 2) as i32);
  if (count == limit && !(position == 0 && count == mapSize(map))) {
    const more = hAlloc(4);
    result = makeCons(more, map, result);
    return makeCons(more + 16, smallOf(positionAfter(pairIterator)), result);
  }
  for (; to < at + limit * 40; to += 8) store<u64>(to, NIL);
  return result;
}

function listPair(at: usize, key: u64, value: u64, list: u64): u64 {
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, key, 8);
  store<u64>(at, value, 16);
  return makeCons(at + 24, boxedOf(at), list);
}

// bif: erts_internal:map_next/3
export function ertsInternalMapNext3(position: u64, map: u64, kind: u64): u64 {
  if (!isMap(map)) return badarg();
  if (kind == am_iterator && (isList(position) || position == NIL)) return nestedOf(position, map);
  if (!isSmall(position) || smallValue(position) < 0) return badarg();
  if (isFlatMap(map) && position != smallOf(0)) return badarg();
  if (kind == am_iterator) return nestedPairs(map, smallValue(position));
  if (isList(kind) || kind == NIL) return listedPairs(map, smallValue(position), kind);
  return badarg();
}

// bif: erts_internal:map_to_tuple_keys/1
export function ertsInternalMapToTupleKeys1(map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  return isFlatMap(map) ? flatKeys(map) : badarg();
}

// bif: erts_internal:map_hashmap_children/1
export function ertsInternalMapHashmapChildren1(map: u64): u64 {
  if (!isMap(map)) return badmap(map);
  if (isFlatMap(map)) return badarg();
  const header = boxedHeader(map);
  const first = firstChild(header);
  const count = headerWords(header) + 1 - first;
  const at = hAlloc(count << 1);
  let list = NIL;
  for (let i = count; i > 0; i--) {
    list = makeCons(at + ((i - 1) << 4), boxedWord(map, first + i - 1), list);
  }
  return list;
}
