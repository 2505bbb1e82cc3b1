/**
 * Walks over the pairs of a map: in key order for flat maps, in the order of the trie for hash
 * maps. An iterator is an area of ITERATOR_BYTES bytes; it holds terms of the map, so it lives no
 * longer than a BIF. A walk is carried on later from a position: a number that says which pair of
 * that very map comes next.
 *
 * iterator: +-------+-------+-----+-------+---------------------------+
 *           | depth | count | key | value | {node, next word, end} ... |   one frame a level
 *           +-------+-------+-----+-------+---------------------------+
 *
 * Position in a hash map: way of the hash (vm/hamt_build.ts) << 26 | number of the pair among those
 * below level 8 that share it; in a flat map: index of the pair.
 */
import { MAP_FLAT, firstChild, keyHash, nodeBitmap, nodeType } from './hamt';
import { wayOf } from './hamt_build';
import { boxedHeader, boxedWord, head, headerWords, isList, tail, tupleElement } from './term';

const FRAMES: u32 = 24;
const FRAME_BYTES: u32 = 16;
export const ITERATOR_BYTES: u32 = 24 + 17 * 16;
const ORDINAL_BITS: i64 = 26;

/** An iterator for whoever uses it up at once. */
export const pairIterator: usize = memory.data(24 + 17 * 16, 8);

function enter(it: usize, node: u64): void {
  const depth = load<u32>(it);
  const frame = it + FRAMES + depth * FRAME_BYTES;
  const header = boxedHeader(node);
  store<u64>(frame, node);
  store<u32>(frame, nodeType(header) == MAP_FLAT ? 3 : firstChild(header), 8);
  store<u32>(frame, headerWords(header) + 1, 12);
  store<u32>(it, depth + 1);
}

/** Begin with the first pair of `map`. */
export function startPairs(it: usize, map: u64): void {
  store<u32>(it, 0);
  store<u32>(it, 0, 4);
  enter(it, map);
}

/** Go on to the next pair; false when there is none. */
export function nextPair(it: usize): bool {
  while (load<u32>(it)) {
    const frame = it + FRAMES + (load<u32>(it) - 1) * FRAME_BYTES;
    const index = load<u32>(frame, 8);
    if (index == load<u32>(frame, 12)) {
      store<u32>(it, load<u32>(it) - 1);
      continue;
    }
    store<u32>(frame, index + 1, 8);
    const node = load<u64>(frame);
    const word = boxedWord(node, index);
    if (load<u32>(it) == 1 && nodeType(boxedHeader(node)) == MAP_FLAT) {
      store<u64>(it, tupleElement(boxedWord(node, 2), index - 2), 8);
      store<u64>(it, word, 16);
      return true;
    }
    if (isList(word)) {
      store<u32>(it, load<u32>(it) > 8 ? load<u32>(it, 4) + 1 : 0, 4);
      store<u64>(it, head(word), 8);
      store<u64>(it, tail(word), 16);
      return true;
    }
    if (load<u32>(it) == 8) store<u32>(it, 0, 4);
    enter(it, word);
  }
  return false;
}
export function pairKey(it: usize): u64 {
  return load<u64>(it, 8);
}
export function pairValue(it: usize): u64 {
  return load<u64>(it, 16);
}

/** The position after the pair last returned by nextPair. */
export function positionAfter(it: usize): i64 {
  const frame = it + FRAMES;
  if (nodeType(boxedHeader(load<u64>(frame))) == MAP_FLAT) return (load<u32>(frame, 8) as i64) - 3;
  const way = wayOf(keyHash(pairKey(it))) as i64;
  const ordinal = load<u32>(it, 4);
  return (way << ORDINAL_BITS) + (ordinal ? (ordinal as i64) : 1);
}

/**
 * Begin with the pair at `position` of `map`: 0, or what positionAfter said; any other number is
 * harmless.
 */
export function seekPairs(it: usize, map: u64, position: i64): void {
  startPairs(it, map);
  if (position <= 0) return;
  if (nodeType(boxedHeader(map)) == MAP_FLAT) {
    const frame = it + FRAMES;
    const end = load<u32>(frame, 12);
    store<u32>(frame, position < (end as i64) - 3 ? 3 + (position as u32) : end, 8);
    return;
  }
  if (position >> ORDINAL_BITS > 0xffff_ffff) {
    store<u32>(it, 0);
    return;
  }
  seekWay(it, (position >> ORDINAL_BITS) as u32, (position as u32) & ((1 << 26) - 1));
}

function seekWay(it: usize, way: u32, ordinal: u32): void {
  for (let level: u32 = 0; level < 8; level++) {
    const frame = it + FRAMES + level * FRAME_BYTES;
    const node = load<u64>(frame);
    const nibble = (way >> (28 - (level << 2))) & 15;
    const bitmap = nodeBitmap(boxedHeader(node));
    const index = load<u32>(frame, 8) + popcnt(bitmap & (((1 as u32) << nibble) - 1));
    store<u32>(frame, index, 8);
    if (!(bitmap & ((1 as u32) << nibble))) return;
    const child = boxedWord(node, index);
    if (isList(child)) {
      const leafWay = wayOf(keyHash(head(child)));
      if (leafWay < way || (leafWay == way && ordinal > 0)) store<u32>(frame, index + 1, 8);
      return;
    }
    store<u32>(frame, index + 1, 8);
    enter(it, child);
  }
  store<u32>(it, 0, 4);
  for (let skipped: u32 = 0; skipped < ordinal; skipped++) {
    if (load<u32>(it) <= 8 || !nextPair(it)) return;
  }
}
