/**
 * Instructions on maps (vm/maps.ts): making, updating and matching them. is_map is with the other
 * type tests.
 */
import { allocate, release } from '../alloc';
import { compareKeys } from '../compare';
import { badkey, badmap, outOfMemory } from '../errors';
import { hAlloc } from '../heap';
import {
  flatFind,
  flatKeys,
  flatValue,
  flatWords,
  isFlatMap,
  mapFromPairs,
  mapGet,
  mapHas,
  mapProbe,
  mapPut,
  mapSize,
  writeFlat,
} from '../maps';
import { operand, readSource, writeDestination } from '../operands';
import { raiseAt } from './exceptions';
import { NONE, isImmediate, isMap, tupleElement } from '../term';
import { allowSeveral, dropHeld, holdWalks, walkLeft } from '../walk';
import { leaveAt } from './arithmetic';

/**
 * Address of the instruction after one with a list of `count` words as its operand `index` (its
 * count word).
 */
function afterList(pc: usize, index: u32, count: u32): usize {
  return pc + 4 + ((index + 1 + count) << 2);
}

/** The label when there is one, else the exception that was recorded. */
function failAt(pc: usize): usize {
  const label = operand(pc, 0) as usize;
  return label ? label : raiseAt(pc);
}

const PAIRS_MAX: u32 = 64;
const pairs: usize = memory.data(64 * 16, 8);

/** Key and value of source operands `index` and `index` + 1 into pair `at`. */
function readPair(pc: usize, index: u32, at: usize): void {
  store<u64>(at, readSource(operand(pc, index)));
  store<u64>(at, readSource(operand(pc, index + 1)), 8);
}

/**
 * A flat map with `count` pairs of the instruction put in: all pairs, old ones first, make the new
 * map in one step.
 */
function putIntoFlat(pc: usize, map: u64, count: u32): u64 {
  const size = mapSize(map);
  const total = size + count;
  const block = total <= PAIRS_MAX ? pairs : allocate(total << 4);
  if (!block) return NONE;
  for (let i: u32 = 0; i < size; i++) {
    store<u64>(block + (i << 4), tupleElement(flatKeys(map), i + 1));
    store<u64>(block + (i << 4), flatValue(map, i), 8);
  }
  for (let i: u32 = 0; i < count; i++) readPair(pc, 5 + (i << 1), block + ((size + i) << 4));
  const result = mapFromPairs(block, total);
  if (block != pairs) release(block);
  return result;
}

/** True when all keys of the instruction are in the flat map. */
function flatHasAll(pc: usize, map: u64, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (flatFind(map, readSource(operand(pc, 5 + (i << 1)))) < 0) return false;
  }
  return true;
}

/** A flat map with new values for keys that are all there; it shares the tuple of keys. */
function replaceInFlat(pc: usize, map: u64, count: u32): u64 {
  const size = mapSize(map);
  const at = hAlloc(flatWords(size));
  for (let i: u32 = 0; i < size; i++) store<u64>(at + (i << 3), flatValue(map, i), 24);
  for (let i: u32 = 0; i < count; i++) {
    const index = flatFind(map, readSource(operand(pc, 5 + (i << 1)))) as usize;
    store<u64>(at + (index << 3), readSource(operand(pc, 6 + (i << 1))), 24);
  }
  return writeFlat(at, size, flatKeys(map));
}

/** `map` with the pairs of the instruction; NONE when memory is exhausted. */
function putPairs(pc: usize, map: u64, count: u32): u64 {
  if (isFlatMap(map)) {
    if (count == 1) return mapPut(map, readSource(operand(pc, 5)), readSource(operand(pc, 6)));
    return flatHasAll(pc, map, count) ? replaceInFlat(pc, map, count) : putIntoFlat(pc, map, count);
  }
  let result = map;
  for (let i: u32 = 0; i < count && result != NONE; i++) {
    const key = readSource(operand(pc, 5 + (i << 1)));
    result = mapPut(result, key, readSource(operand(pc, 6 + (i << 1))));
  }
  return result;
}

function finishPut(pc: usize, map: u64, words: u32): usize {
  const result = putPairs(pc, map, words >> 1);
  if (result == NONE) {
    outOfMemory();
    return raiseAt(pc);
  }
  writeDestination(operand(pc, 2), result);
  return afterList(pc, 4, words);
}

// ---- keys that are large: what their hashes and comparisons need is done first, and can be left

/** Large keys have been looked at: dropHeld comes behind the instruction. */
let holding: bool = false;
/**
 * Look for the keys that are every `step` operands from `first` on, if there are some that need a
 * walk; true when that was left.
 */
function probeLeft(pc: usize, map: u64, first: u32, step: u32, words: u32): bool {
  let i: u32 = 0;
  while (i < words && isImmediate(readSource(operand(pc, first + i)))) i += step;
  if (i >= words) return false;
  allowSeveral();
  for (; i < words && !walkLeft; i += step) {
    const key = readSource(operand(pc, first + i));
    if (!isImmediate(key)) mapProbe(map, key);
  }
  holding = true;
  return holdWalks();
}
/** The instruction is over and goes on at `next`. */
function done(next: usize): usize {
  if (holding) {
    holding = false;
    dropHeld();
  }
  return next;
}

/** put_map_assoc Fail Source Destination Live [Key, Value ...] */
export function op_put_map_assoc(pc: usize): usize {
  const map = readSource(operand(pc, 1));
  if (!isMap(map)) {
    badmap(map);
    return failAt(pc);
  }
  if (probeLeft(pc, map, 5, 2, operand(pc, 4))) return leaveAt(pc);
  return done(finishPut(pc, map, operand(pc, 4)));
}

/** put_map_exact Fail Source Destination Live [Key, Value ...] */
export function op_put_map_exact(pc: usize): usize {
  const map = readSource(operand(pc, 1));
  const words = operand(pc, 4);
  if (!isMap(map)) {
    badmap(map);
    return failAt(pc);
  }
  if (probeLeft(pc, map, 5, 2, words)) return leaveAt(pc);
  return done(putExact(pc, map, words));
}
function putExact(pc: usize, map: u64, words: u32): usize {
  let missing: u64 = NONE;
  for (let i: u32 = 0; i < words; i += 2) {
    const key = readSource(operand(pc, 5 + i));
    // Of several that are missing, the first one in the order of keys is told, as in OTP.
    if (!mapHas(map, key) && (missing == NONE || compareKeys(key, missing) < 0)) missing = key;
  }
  if (missing != NONE) {
    badkey(missing);
    return failAt(pc);
  }
  return finishPut(pc, map, words);
}

/** has_map_fields Fail Source [Key ...] */
export function op_has_map_fields(pc: usize): usize {
  const map = readSource(operand(pc, 1));
  const count = operand(pc, 2);
  if (probeLeft(pc, map, 3, 1, count)) return leaveAt(pc);
  for (let i: u32 = 0; i < count; i++) {
    if (!mapHas(map, readSource(operand(pc, 3 + i)))) return done(operand(pc, 0) as usize);
  }
  return done(afterList(pc, 2, count));
}

/** get_map_elements Fail Source [Key, Destination ...] */
export function op_get_map_elements(pc: usize): usize {
  const map = readSource(operand(pc, 1));
  const words = operand(pc, 2);
  // One key that is an atom or a small integer is what most of them have.
  if (words == 2 && isImmediate(readSource(operand(pc, 3)))) {
    const value = mapGet(map, readSource(operand(pc, 3)));
    if (value == NONE) return operand(pc, 0) as usize;
    writeDestination(operand(pc, 4), value);
    return pc + 24;
  }
  if (probeLeft(pc, map, 3, 2, words)) return leaveAt(pc);
  for (let i: u32 = 0; i < words; i += 2) {
    const value = mapGet(map, readSource(operand(pc, 3 + i)));
    if (value == NONE) return done(operand(pc, 0) as usize);
    writeDestination(operand(pc, 4 + i), value);
  }
  return done(afterList(pc, 2, words));
}
