/**
 * Builds a hash map (vm/hamt.ts) from an array of pairs: sort by the way the hashes lead through
 * the trie, then close nodes from the leaves up. No garbage is made, unlike by putting one pair
 * after the other. It goes on in steps, a record each, so that a large map can be built in slices:
 * all of its state is in one block, {state, records, room for as many}.
 *
 * record: +------+-----+-------+   The way: nibbles of the hash, level 0 highest; the second hash below, only where the first
 *         | way  | key | value |   is shared, else 0.
 *         +------+-----+-------+
 */
import { allocate } from './alloc';
import { compareKeys } from './compare';
import { COLLISION_LEVEL, keyHash, keyRehash, nodeHeader, rootHeader } from './hamt';
import { hAlloc } from './heap';
import { NONE, boxedOf, makeCons, smallOf } from './term';

export const RECORD_BYTES: u32 = 24;
const RECORD_KEY: u32 = 8;
const RECORD_VALUE: u32 = 16;
/** Records that are copied as one step. */
const COPIED_AT_ONCE: u32 = 8;

const PHASE_HASH: u32 = 0;
const PHASE_SORT: u32 = 1;
const PHASE_EXTEND: u32 = 2;
const PHASE_SORT_KEYS: u32 = 3;
const PHASE_DISTINCT: u32 = 4;
const PHASE_SORTED: u32 = 5;
const PHASE_MEASURE: u32 = 6;
const PHASE_NODES: u32 = 7;
const PHASE_BUILT: u32 = 8;

/**
 * The state, u32 each, and behind it nodes under construction by level: up to 16 children each,
 * their number, the bitmap.
 */
const B_PHASE: u32 = 0;
const B_PAIRS: u32 = 4;
/** Records, the room for as many, their number, and how many are distinct so far. */
const B_FROM: u32 = 8;
const B_OTHER: u32 = 12;
const B_COUNT: u32 = 16;
const B_KEPT: u32 = 20;
/** The record to go on with. */
const B_INDEX: u32 = 24;
/** The two runs that are merged: so many records each, from here, to there. */
const B_WIDTH: u32 = 28;
const B_START: u32 = 32;
const B_LEFT: u32 = 36;
const B_LEFT_END: u32 = 40;
const B_RIGHT: u32 = 44;
const B_RIGHT_END: u32 = 48;
const B_TO: u32 = 52;
/** Some records share the first hash. */
const B_SHARED: u32 = 56;
/** Levels that the record before shares, words of the map, and where the next node goes. */
const B_BEFORE: u32 = 60;
const B_WORDS: u32 = 64;
const B_FREE: u32 = 68;
const OPEN_CHILDREN: u32 = 72;
const OPEN_COUNTS: u32 = OPEN_CHILDREN + 16 * 16 * 8;
const OPEN_BITMAPS: u32 = OPEN_COUNTS + 64;
const BUILD_BYTES: u32 = OPEN_BITMAPS + 64;

/** The state of the build under way. */
let state: usize = 0;
/** Steps that may still be done. */
let steps: u32 = 0;

function get(at: u32): u32 {
  return load<u32>(state + at);
}
function set(at: u32, word: u32): void {
  store<u32>(state + at, word);
}

/** Nibbles in reverse order, so that the way that the lowest nibble leads is the highest. */
export function wayOf(hash: u32): u32 {
  const swapped = bswap<u32>(hash);
  return ((swapped >> 4) & 0x0f0f_0f0f) | ((swapped & 0x0f0f_0f0f) << 4);
}
/** Levels that two ways share: 0 to 16. */
function sharedLevels(a: u64, b: u64): u32 {
  return a == b ? COLLISION_LEVEL : (clz(a ^ b) as u32) >> 2;
}
function recordOrder(a: usize, b: usize, byKey: bool): i32 {
  const wayA = load<u64>(a);
  const wayB = load<u64>(b);
  if (wayA != wayB) return wayA < wayB ? -1 : 1;
  return byKey ? compareKeys(load<u64>(a, RECORD_KEY), load<u64>(b, RECORD_KEY)) : 0;
}

// ---- sorting

/**
 * Begin with `count` pairs {key, value} at `pairs`, which stay there. The block of the build, which
 * the caller releases; 0 when memory is exhausted.
 */
export function beginBuild(pairs: usize, count: u32): usize {
  if (count > RECORDS_MAX) return 0;
  const build = allocate(BUILD_BYTES + count * RECORD_BYTES * 2);
  if (!build) return 0;
  memory.fill(build, 0, BUILD_BYTES);
  const records = build + BUILD_BYTES;
  store<u32>(build, pairs as u32, B_PAIRS);
  store<u32>(build, count, B_COUNT);
  store<u32>(build, records as u32, B_FROM);
  store<u32>(build, (records + count * RECORD_BYTES) as u32, B_OTHER);
  return build;
}
const RECORDS_MAX: u32 = 0x0200_0000;
function hashOne(index: u32): void {
  const pair = get(B_PAIRS) + (index << 4);
  const record = get(B_FROM) + index * RECORD_BYTES;
  const key = load<u64>(pair);
  store<u64>(record, (wayOf(keyHash(key)) as u64) << 32);
  store<u64>(record, key, RECORD_KEY);
  store<u64>(record, load<u64>(pair, 8), RECORD_VALUE);
}

/** Stable merge sort: begin with runs of one record. */
function beginSort(): void {
  set(B_WIDTH, 1);
  set(B_START, 0);
  setRuns();
}
function setRuns(): void {
  const from = get(B_FROM);
  const start = get(B_START);
  const count = get(B_COUNT);
  const middle = min(start + get(B_WIDTH), count);
  const end = min(middle + get(B_WIDTH), count);
  set(B_LEFT, from + start * RECORD_BYTES);
  set(B_LEFT_END, from + middle * RECORD_BYTES);
  set(B_RIGHT, from + middle * RECORD_BYTES);
  set(B_RIGHT_END, from + end * RECORD_BYTES);
  set(B_TO, get(B_OTHER) + start * RECORD_BYTES);
}
/** Merge the two runs as far as the steps go; true when they are merged. */
function mergeSome(byKey: bool): bool {
  let left = get(B_LEFT) as usize;
  let right = get(B_RIGHT) as usize;
  let to = get(B_TO) as usize;
  const leftEnd = get(B_LEFT_END) as usize;
  const rightEnd = get(B_RIGHT_END) as usize;
  while (steps && left < leftEnd && right < rightEnd) {
    const takeLeft = recordOrder(left, right, byKey) <= 0;
    const from = takeLeft ? left : right;
    store<u64>(to, load<u64>(from));
    store<u64>(to, load<u64>(from, RECORD_KEY), RECORD_KEY);
    store<u64>(to, load<u64>(from, RECORD_VALUE), RECORD_VALUE);
    if (takeLeft) left += RECORD_BYTES;
    else right += RECORD_BYTES;
    to += RECORD_BYTES;
    steps--;
  }
  while (steps && (left < leftEnd || right < rightEnd)) {
    const isLeft = left < leftEnd;
    const rest = (isLeft ? leftEnd - left : rightEnd - right) as u32;
    const bytes = min(rest, COPIED_AT_ONCE * RECORD_BYTES);
    memory.copy(to, isLeft ? left : right, bytes);
    if (isLeft) left += bytes;
    else right += bytes;
    to += bytes;
    steps--;
  }
  set(B_LEFT, left as u32);
  set(B_RIGHT, right as u32);
  set(B_TO, to as u32);
  return left == leftEnd && right == rightEnd;
}
/** Go on sorting; true when all records are sorted, at B_FROM. */
function sortSome(byKey: bool): bool {
  while (get(B_WIDTH) < get(B_COUNT)) {
    if (!mergeSome(byKey)) return false;
    set(B_START, get(B_START) + (get(B_WIDTH) << 1));
    if (get(B_START) >= get(B_COUNT)) {
      const other = get(B_OTHER);
      set(B_OTHER, get(B_FROM));
      set(B_FROM, other);
      set(B_WIDTH, get(B_WIDTH) << 1);
      set(B_START, 0);
    }
    setRuns();
  }
  return true;
}

/** The first hash of a record, as the half of a way. */
function firstHalf(index: u32): u32 {
  return load<u32>(get(B_FROM) + index * RECORD_BYTES, 4);
}
/** Extend the way of a record that shares the first hash with a neighbour by the second. */
function extendOne(index: u32): void {
  const way = firstHalf(index);
  const before = index > 0 && firstHalf(index - 1) == way;
  if (!before && (index + 1 == get(B_COUNT) || firstHalf(index + 1) != way)) return;
  const record = get(B_FROM) + index * RECORD_BYTES;
  store<u32>(record, wayOf(keyRehash(load<u64>(record, RECORD_KEY))));
  set(B_SHARED, 1);
}
/** Of adjacent records with the same key only the last stays. */
function distinctOne(index: u32): void {
  const record = get(B_FROM) + index * RECORD_BYTES;
  if (index + 1 < get(B_COUNT) && recordOrder(record, record + RECORD_BYTES, true) == 0) return;
  memory.copy(get(B_FROM) + get(B_KEPT) * RECORD_BYTES, record, RECORD_BYTES);
  set(B_KEPT, get(B_KEPT) + 1);
}

/** One step of a phase that goes through the records. */
function doOne(phase: u32, index: u32): void {
  if (phase == PHASE_HASH) hashOne(index);
  else if (phase == PHASE_EXTEND) extendOne(index);
  else if (phase == PHASE_DISTINCT) distinctOne(index);
  else measureOne(index);
}
/** Go through the records; true at the end. */
function goThrough(phase: u32): bool {
  const count = get(B_COUNT);
  let index = get(B_INDEX);
  for (; steps && index < count; steps--) doOne(phase, index++);
  set(B_INDEX, index);
  return index == count;
}
function nextPhase(phase: u32): void {
  let next = phase + 1;
  if (next == PHASE_SORT_KEYS && !get(B_SHARED)) next = PHASE_SORTED;
  if (next == PHASE_SORT || next == PHASE_SORT_KEYS) beginSort();
  if (phase == PHASE_DISTINCT) set(B_COUNT, get(B_KEPT));
  set(B_INDEX, 0);
  set(B_PHASE, next);
}

/**
 * Sort the records of `build` in the order of the trie, in up to `limit` steps; of equal keys the
 * last pair stays. True when that is done: sortedRecords and sortedCount say where they are.
 */
export function sortRecords(build: usize, limit: u32): bool {
  state = build;
  steps = limit;
  let phase = get(B_PHASE);
  while (phase < PHASE_SORTED) {
    const sorts = phase == PHASE_SORT || phase == PHASE_SORT_KEYS;
    if (!(sorts ? sortSome(phase == PHASE_SORT_KEYS) : goThrough(phase))) return false;
    nextPhase(phase);
    phase = get(B_PHASE);
  }
  return true;
}
export function sortedRecords(build: usize): usize {
  return load<u32>(build, B_FROM);
}
export function sortedCount(build: usize): u32 {
  return load<u32>(build, B_COUNT);
}

// ---- building

function addChild(level: u32, way: u64, child: u64): void {
  const nibble = ((way >> (60 - ((level as u64) << 2))) & 15) as u32;
  const count = get(OPEN_COUNTS + (level << 2));
  store<u64>(state + OPEN_CHILDREN + (((level << 4) + count) << 3), child);
  set(OPEN_COUNTS + (level << 2), count + 1);
  const bits = OPEN_BITMAPS + (level << 2);
  set(bits, get(bits) | ((1 as u32) << nibble));
}

/** Write the node of `level` with the children collected and begin a new one. */
function closeNode(level: u32): u64 {
  const count = get(OPEN_COUNTS + (level << 2));
  const bitmap = get(OPEN_BITMAPS + (level << 2));
  const at = get(B_FREE) as usize;
  store<u64>(at, nodeHeader(bitmap, count));
  memory.copy(at + 8, state + OPEN_CHILDREN + (level << 7), count << 3);
  set(OPEN_COUNTS + (level << 2), 0);
  set(OPEN_BITMAPS + (level << 2), 0);
  set(B_FREE, (at as u32) + ((count + 1) << 3));
  return boxedOf(at);
}

function closeRoot(): u64 {
  const count = get(OPEN_COUNTS);
  const at = get(B_FREE) as usize;
  store<u64>(at, rootHeader(get(OPEN_BITMAPS), count));
  store<u64>(at, smallOf(get(B_COUNT)), 8);
  memory.copy(at + 16, state + OPEN_CHILDREN, count << 3);
  return boxedOf(at);
}

function wayAt(index: u32): u64 {
  return load<u64>(get(B_FROM) + index * RECORD_BYTES);
}
/** Levels that a record shares with the one behind it. */
function sharedBehind(index: u32): u32 {
  return index + 1 < get(B_COUNT) ? sharedLevels(wayAt(index), wayAt(index + 1)) : 0;
}
/**
 * Words of the map of the sorted records. A leaf is a cell and a child; a node a header and, but
 * for the root, a child.
 */
function measureOne(index: u32): void {
  const before = get(B_BEFORE);
  const after = sharedBehind(index);
  if (after > before) set(B_WORDS, get(B_WORDS) + ((after - before) << 1));
  set(B_BEFORE, after);
}

function leafOf(index: u32): u64 {
  const record = get(B_FROM) + index * RECORD_BYTES;
  const at = get(B_FREE);
  set(B_FREE, at + 16);
  return makeCons(at, load<u64>(record, RECORD_KEY), load<u64>(record, RECORD_VALUE));
}

/** The collision node of records `first` to `end` - 1, which share both hashes. */
function collisionNode(first: u32, end: u32): u64 {
  const count = end - first;
  const node = get(B_FREE) as usize;
  store<u64>(node, nodeHeader(0, count));
  set(B_FREE, (node as u32) + ((count + 1) << 3));
  for (let i: u32 = 0; i < count; i++) store<u64>(node + ((i + 1) << 3), leafOf(first + i));
  return boxedOf(node);
}

/** Nodes for the next record, or those that share both hashes with it. */
function nodesOfOne(): void {
  const index = get(B_INDEX);
  const count = get(B_COUNT);
  const way = wayAt(index);
  let end = index + 1;
  while (end < count && wayAt(end) == way) end++;
  const after = sharedBehind(end - 1);
  let level = max(get(B_BEFORE), after);
  if (end > index + 1) {
    level = COLLISION_LEVEL - 1;
    addChild(level, way, collisionNode(index, end));
  } else addChild(level, way, leafOf(index));
  while (level > after) {
    const node = closeNode(level);
    level--;
    addChild(level, way, node);
  }
  set(B_BEFORE, after);
  set(B_INDEX, end);
}

/** After buildSorted: memory is exhausted. */
export let buildFailed: bool = false;

/**
 * The hash map of the sorted records of `build`, more than 32 of them, in up to `limit` steps; NONE
 * when it is not complete, or memory is exhausted.
 */
export function buildSorted(build: usize, limit: u32): u64 {
  state = build;
  steps = limit;
  buildFailed = false;
  if (get(B_PHASE) == PHASE_SORTED) {
    set(B_WORDS, 2 + get(B_COUNT) * 3);
    set(B_BEFORE, 0);
    nextPhase(PHASE_SORTED);
  }
  if (get(B_PHASE) == PHASE_MEASURE) {
    if (!goThrough(PHASE_MEASURE)) return NONE;
    const room = hAlloc(get(B_WORDS));
    buildFailed = !room;
    if (buildFailed) return NONE;
    set(B_FREE, room as u32);
    set(B_BEFORE, 0);
    nextPhase(PHASE_MEASURE);
  }
  if (get(B_PHASE) != PHASE_NODES) return NONE;
  for (; steps && get(B_INDEX) < get(B_COUNT); steps--) nodesOfOne();
  if (get(B_INDEX) < get(B_COUNT)) return NONE;
  set(B_PHASE, PHASE_BUILT);
  return closeRoot();
}
/** Steps of the limit that were not needed. */
export function stepsUnused(): u32 {
  return steps;
}
