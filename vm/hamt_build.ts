/**
 * Builds a hash map (vm/hamt.ts) from an array of pairs in one pass: sort by the way the hashes
 * lead through the trie, then close nodes from the leaves up. No garbage is made, unlike by putting
 * one pair after the other.
 *
 * record: +------+-----+-------+   The way: nibbles of the hash, level 0 highest; the second hash below, only where the first
 *         | way  | key | value |   is shared, else 0.
 *         +------+-----+-------+
 */
import { allocate, release } from './alloc';
import { compareKeys } from './compare';
import { COLLISION_LEVEL, keyHash, keyRehash, nodeHeader, rootHeader } from './hamt';
import { hAlloc } from './heap';
import { NONE, boxedOf, makeCons, smallOf } from './term';

export const RECORD_BYTES: u32 = 24;
const RECORD_KEY: u32 = 8;
const RECORD_VALUE: u32 = 16;

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

/**
 * Stable merge sort of `count` records at `from`, with room for as many at `other`; the result is
 * where they are then.
 */
function sortRecords(from: usize, other: usize, count: u32, byKey: bool): usize {
  let source = from;
  let target = other;
  for (let width: u32 = 1; width < count; width <<= 1) {
    for (let start: u32 = 0; start < count; start += width << 1) {
      mergeRuns(
        source,
        target,
        start,
        min(start + width, count),
        min(start + width * 2, count),
        byKey,
      );
    }
    const swap = source;
    source = target;
    target = swap;
  }
  return source;
}

function mergeRuns(
  source: usize,
  target: usize,
  start: u32,
  middle: u32,
  end: u32,
  byKey: bool,
): void {
  let left = source + start * RECORD_BYTES;
  let right = source + middle * RECORD_BYTES;
  const leftEnd = right;
  const rightEnd = source + end * RECORD_BYTES;
  let to = target + start * RECORD_BYTES;
  while (left < leftEnd && right < rightEnd) {
    const takeLeft = recordOrder(left, right, byKey) <= 0;
    memory.copy(to, takeLeft ? left : right, RECORD_BYTES);
    if (takeLeft) left += RECORD_BYTES;
    else right += RECORD_BYTES;
    to += RECORD_BYTES;
  }
  memory.copy(to, left, leftEnd - left);
  memory.copy(to + (leftEnd - left), right, rightEnd - right);
}

/** Extend the ways of records that share the first hash by the second; whether there are any. */
function extendWays(records: usize, count: u32): bool {
  let any = false;
  let at = records;
  const end = records + count * RECORD_BYTES;
  while (at < end) {
    const way = load<u64>(at);
    let next = at + RECORD_BYTES;
    while (next < end && load<u64>(next) == way) next += RECORD_BYTES;
    if (next - at > RECORD_BYTES) {
      any = true;
      for (let record = at; record < next; record += RECORD_BYTES) {
        store<u64>(record, way | (wayOf(keyRehash(load<u64>(record, RECORD_KEY))) as u64));
      }
    }
    at = next;
  }
  return any;
}

/** Drop all but the last of adjacent records with the same key; the number left. */
function dropDuplicates(records: usize, count: u32): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const record = records + i * RECORD_BYTES;
    if (i + 1 < count && recordOrder(record, record + RECORD_BYTES, true) == 0) continue;
    memory.copy(records + kept * RECORD_BYTES, record, RECORD_BYTES);
    kept++;
  }
  return kept;
}

/**
 * Scratch memory with the records of `count` pairs {key, value} at `pairs`, in the order of the
 * trie, without duplicates (of equal keys the last pair stays). `sortedRecords` is where they are,
 * `sortedCount` how many. Returns the block to release, 0 when memory is exhausted.
 */
export let sortedRecords: usize = 0;
export let sortedCount: u32 = 0;
export function sortPairs(pairs: usize, count: u32): usize {
  if (count > 0x0200_0000) return 0;
  const block = allocate(count * RECORD_BYTES * 2);
  if (!block) return 0;
  for (let i: u32 = 0; i < count; i++) {
    const record = block + i * RECORD_BYTES;
    const key = load<u64>(pairs + (i << 4));
    store<u64>(record, (wayOf(keyHash(key)) as u64) << 32);
    store<u64>(record, key, RECORD_KEY);
    store<u64>(record, load<u64>(pairs + (i << 4), 8), RECORD_VALUE);
  }
  const other = block + count * RECORD_BYTES;
  sortedRecords = sortRecords(block, other, count, false);
  sortedCount = count;
  if (extendWays(sortedRecords, count)) {
    const rest = sortedRecords == block ? other : block;
    sortedRecords = sortRecords(sortedRecords, rest, count, true);
    sortedCount = dropDuplicates(sortedRecords, count);
  }
  return block;
}

// ---- building

/** Nodes under construction by level: up to 16 children each, their number, the bitmap. */
const openChildren: usize = memory.data(16 * 16 * 8, 8);
const openCounts: usize = memory.data(16 * 4, 4);
const openBitmaps: usize = memory.data(16 * 4, 4);
let freeWord: usize = 0;

function addChild(level: u32, way: u64, child: u64): void {
  const nibble = ((way >> (60 - ((level as u64) << 2))) & 15) as u32;
  const count = load<u32>(openCounts + (level << 2));
  store<u64>(openChildren + (((level << 4) + count) << 3), child);
  store<u32>(openCounts + (level << 2), count + 1);
  const bits = openBitmaps + (level << 2);
  store<u32>(bits, load<u32>(bits) | ((1 as u32) << nibble));
}

/** Write the node of `level` with the children collected and begin a new one. */
function closeNode(level: u32): u64 {
  const count = load<u32>(openCounts + (level << 2));
  const bitmap = load<u32>(openBitmaps + (level << 2));
  const at = freeWord;
  store<u64>(at, nodeHeader(bitmap, count));
  memory.copy(at + 8, openChildren + (level << 7), count << 3);
  store<u32>(openCounts + (level << 2), 0);
  store<u32>(openBitmaps + (level << 2), 0);
  freeWord = at + ((count + 1) << 3);
  return boxedOf(at);
}

function closeRoot(size: u32): u64 {
  const count = load<u32>(openCounts);
  const at = freeWord;
  store<u64>(at, rootHeader(load<u32>(openBitmaps), count));
  store<u64>(at, smallOf(size), 8);
  memory.copy(at + 16, openChildren, count << 3);
  freeWord = at + ((count + 2) << 3);
  return boxedOf(at);
}

function wayAt(records: usize, index: u32): u64 {
  return load<u64>(records + index * RECORD_BYTES);
}

/**
 * Words of the map of these sorted records. A leaf is a cell and a child; a node a header and, but
 * for the root, a child.
 */
function wordsNeeded(records: usize, count: u32): u32 {
  let words: u32 = 2 + count * 3;
  let before: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const after = i + 1 < count ? sharedLevels(wayAt(records, i), wayAt(records, i + 1)) : 0;
    if (after > before) words += (after - before) << 1;
    before = after;
  }
  return words;
}

function leafOf(record: usize): u64 {
  const cell = makeCons(freeWord, load<u64>(record, RECORD_KEY), load<u64>(record, RECORD_VALUE));
  freeWord += 16;
  return cell;
}

/** The collision node of records `first` to `end` - 1, which share both hashes. */
function collisionNode(records: usize, first: u32, end: u32): u64 {
  const count = end - first;
  const node = freeWord;
  store<u64>(node, nodeHeader(0, count));
  freeWord = node + ((count + 1) << 3);
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(node + ((i + 1) << 3), leafOf(records + (first + i) * RECORD_BYTES));
  }
  return boxedOf(node);
}

/**
 * The hash map of `count` sorted, distinct records (more than 32 of them); NONE when memory is
 * exhausted.
 */
export function hamtFromSorted(records: usize, count: u32): u64 {
  const words = wordsNeeded(records, count);
  freeWord = hAlloc(words);
  if (!freeWord) return NONE;
  memory.fill(openCounts, 0, 64);
  memory.fill(openBitmaps, 0, 64);
  let before: u32 = 0;
  let i: u32 = 0;
  while (i < count) {
    const way = wayAt(records, i);
    let end = i + 1;
    while (end < count && wayAt(records, end) == way) end++;
    const after = end < count ? sharedLevels(way, wayAt(records, end)) : 0;
    let level = max(before, after);
    if (end > i + 1) {
      level = COLLISION_LEVEL - 1;
      addChild(level, way, collisionNode(records, i, end));
    } else {
      addChild(level, way, leafOf(records + i * RECORD_BYTES));
    }
    while (level > after) {
      const node = closeNode(level);
      level--;
      addChild(level, way, node);
    }
    before = after;
    i = end;
  }
  return closeRoot(count);
}
